"""A stream service: subscriptions by kind, handlers by kind, and events that are the same for every exchange."""

from .feed import Feed
from .pool import WebSocketPool
from .service import WebSocketService
from .streams import Freq

__all__ = ["Feed", "Freq", "WebSocketPool", "WebSocketService"]
