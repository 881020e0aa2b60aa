"""Typed events about a connection and its credential. The library answers them by itself, and no callback gets them.

They serve where the exchange's own messages are read: in the raw view's recordings, or in logs of other programs.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from .base import Event, TimedEvent

__all__ = ["EventStreamTerminated", "ListenKeyExpired", "ServerShutdown"]


class ListenKeyExpired(Event, frozen=True, kw_only=True, tag_field="e", tag="listenKeyExpired"):
    """A listen key has expired: the socket stays open, and silent."""

    event_time: Annotated[int | str, "ms; a text in some of the documents"] = field(name="E")
    listen_key: Annotated[str | None, "which one, hidden in the repr; None where not sent"] = field(
        name="listenKey", default=None
    )

    def __repr__(self) -> str:
        key = None if self.listen_key is None else f"[{len(self.listen_key)} characters hidden]"
        return f"ListenKeyExpired(event_time={self.event_time!r}, listen_key={key!r})"


class EventStreamTerminated(TimedEvent, frozen=True, kw_only=True, tag="eventStreamTerminated"):
    """A subscription of the WebSocket API has ended: by request, by a logout, or with its listen token."""


class ServerShutdown(TimedEvent, frozen=True, kw_only=True, tag="serverShutdown"):
    """The server is about to end the connection."""
