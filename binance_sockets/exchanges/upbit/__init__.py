"""Upbit: its socket manager, named clients over one manager of the process, and its events."""

from . import models
from .clients import GlobalManager, HealthStatus, WebSocketClient, get_global_websocket_manager
from .manager import UpbitSocketManager

__all__ = [
    "GlobalManager",
    "HealthStatus",
    "UpbitSocketManager",
    "WebSocketClient",
    "get_global_websocket_manager",
    "models",
]
