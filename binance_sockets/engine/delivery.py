"""Between decode and callback: nothing as a rule.

What must look at every message before it is delivered stands here: duplicates dropped while two sockets of a link
overlap, messages held back while a gap is filled, one gate for several connections. The router asks once per batch
whether there is such a stage, so that a connection without one pays nothing.
"""

from __future__ import annotations

from typing import Any, Protocol

from .websocket import WebSocket

__all__ = ["Delivery", "Stage"]


class Stage(Protocol):
    """A step that every message passes. Runs on the connection's thread."""

    def __call__(self, source: WebSocket, stream: str, payload: Any) -> bool:
        """Whether ``payload`` is delivered now. What is only held back goes to ``Router.release`` later.

        Args:
            source: the WebSocket that brought the message.
            stream: its stream.
            payload: what the callback would receive.
        """


class Delivery:
    """The stages of one link, in the order in which a message passes them. On the connection's thread.

    Attributes:
        overlap: drops copies while two WebSockets bring the same; ``None`` as a rule.
        trail: drops copies of what a WebSocket that was lost had brought; ``None`` as a rule.
        twins: drops copies that another link of the same streams has brought; ``None`` as a rule.
        merge: drops copies while the streams of one link move to another; ``None`` as a rule.
        backfill: holds messages back while a hole before them is filled; ``None`` as a rule.
    """

    __slots__ = ("backfill", "merge", "overlap", "trail", "twins")

    def __init__(self) -> None:
        self.overlap: Stage | None = None
        self.trail: Stage | None = None
        self.twins: Stage | None = None
        self.merge: Stage | None = None
        self.backfill: Stage | None = None

    @property
    def stage(self) -> Stage | None:
        """What every message passes now."""
        if self.overlap is None:
            return self.behind_overlap
        behind = self.behind_overlap
        return self.overlap if behind is None else _both(self.overlap, behind)

    @property
    def behind_overlap(self) -> Stage | None:
        """What the messages pass that an overlap has let go."""
        if self.trail is None:
            return self._behind_trail
        behind = self._behind_trail
        return self.trail if behind is None else _both(self.trail, behind)

    @property
    def _behind_trail(self) -> Stage | None:
        if self.merge is None:
            return self.behind_merge
        behind = self.behind_merge
        return self.merge if behind is None else _both(self.merge, behind)

    @property
    def behind_merge(self) -> Stage | None:
        """What the messages pass that a merge has let go: one of links without twins."""
        if self.backfill is None:
            return self.twins
        return self.backfill if self.twins is None else _both(self.twins, self.backfill)


def _both(first: Stage, second: Stage) -> Stage:
    return lambda source, stream, payload: first(source, stream, payload) and second(source, stream, payload)
