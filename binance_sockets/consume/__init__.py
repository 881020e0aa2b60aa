"""Ways to consume messages that are not callbacks."""

from .display import LiveDisplay
from .listening import Listener
from .message_store import MessageStore
from .stream import MessageStream

__all__ = ["Listener", "LiveDisplay", "MessageStore", "MessageStream"]
