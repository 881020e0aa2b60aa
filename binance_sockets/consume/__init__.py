"""Ways to consume messages that are not callbacks."""

from .display import LiveDisplay
from .message_store import MessageStore
from .stream import MessageStream

__all__ = ["LiveDisplay", "MessageStore", "MessageStream"]
