"""Ways to consume messages that are not callbacks."""

from .stream import MessageStream

__all__ = ["MessageStream"]
