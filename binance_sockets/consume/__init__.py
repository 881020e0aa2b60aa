"""Ways to consume messages that are not callbacks."""

from .message_store import MessageStore
from .stream import MessageStream

__all__ = ["MessageStore", "MessageStream"]
