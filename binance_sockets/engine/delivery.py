"""Between decode and callback: nothing as a rule.

What must look at every message before it is delivered stands here: duplicates dropped while two sockets of a link
overlap, messages held back while a gap is filled, one gate for several connections. The router asks once per batch
whether there is such a stage, so that a connection without one pays nothing.
"""

from __future__ import annotations

from typing import Any, Protocol

from .websocket import WebSocket

__all__ = ["Stage"]


class Stage(Protocol):
    """A step that every message passes. Runs on the connection's thread."""

    def __call__(self, source: WebSocket, stream: str, payload: Any) -> bool:
        """Whether ``payload`` is delivered now. What is only held back goes to ``Router.release`` later.

        Args:
            source: the WebSocket that brought the message.
            stream: its stream.
            payload: what the callback would receive.
        """
