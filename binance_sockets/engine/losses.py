"""What one link may miss: each gap from its last safe moment on, until it is told, or filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import BinanceSocketsError
from ..events import Gap, Reason
from ..exchange import Stream
from .commands import GapSeen
from .continuity import Loss
from .filling import Filling
from .timers import Timer

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Losses"]

_FIRST = 2.0  # seconds after a gap in which the first message of each stream should come, to tell its id


class Losses:
    """Tells each gap once, when it is over and the ids at its end are known; what can be filled is left to that.

    On the connection's thread.

    Args:
        link: whose streams may miss something.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._filling = Filling(link)
        self._loss: Loss | None = None  # what may be missing, and is not back
        self._over: Loss | None = None  # what is back, until the ids behind it are known

    def began(self, streams: Iterable[Stream], *, moved: bool = False) -> None:
        """``streams`` are wanted from now on; with ``moved`` another link has brought them until now."""
        self._filling.began(streams, moved=moved)

    def forgotten(self, names: Iterable[str], elsewhere: bool = False) -> None:
        """They are not wanted any more: what they have missed is told, unless they go on ``elsewhere``."""
        names = list(names)
        for gap in () if elsewhere else self.so_far(names):
            self._link.do(GapSeen(gap))
        self._filling.forgotten(names)
        for loss in (self._over, self._loss):
            if loss is not None:
                loss.leave(names)
        self._loss = self._loss if self.names else None
        if self._over is not None and not self._over.names:
            self.tell()

    def so_far(self, names: Iterable[str], fills: bool = True) -> list[Gap]:
        """What can be told now of those of ``names`` that are lost, or are back.

        Args:
            names: streams.
            fills: what was fetched is no gap (default); with ``False`` it is one.
        """
        names, clock = list(names), self._link.around.clock
        found = self._filling.so_far(names, fills)
        for loss in (self._over, self._loss):
            if loss is not None:
                elapsed = clock.monotonic() - loss.safe_at
                gap = loss.so_far(self._link.around.conn_key, names, elapsed, clock.time())
                found += [] if gap is None else [gap]
        return found

    def lose(self, reason: Reason, safe_at: float, names: Iterable[str]) -> None:
        """From ``safe_at`` on messages of ``names`` may be missing, unless another link has them."""
        link, names = self._link, list(names)
        begun = {name: link.since.pop(name) for name in names if name in link.since}
        if link.twins is not None:
            names = link.twins.lost(link, names, safe_at)
        self._lose(reason, safe_at, names, begun)
        if link.twins is not None and names:
            link.twins.go_on(link, link.around.clock.monotonic())

    def missed(self, reason: Reason, safe_at: float, names: Iterable[str], now: float) -> None:
        """From ``safe_at`` until now messages of ``names`` may be missing."""
        self._lose(reason, safe_at, names, self._link.since)
        self.resumed(now, now)

    def _lose(self, reason: Reason, safe_at: float, names: Iterable[str], begun: Mapping[str, float]) -> None:
        self.tell()
        names = self._filling.lost(names, reason, safe_at, begun)
        if names and self._loss is None:
            self._loss = Loss(reason, safe_at, names, self._link.router, self._link.rule)
        elif names and self._loss is not None:  # one that is not over yet: together they are one gap
            self._loss.widen(safe_at)
            self._loss.lose(names)

    def widen(self, safe_at: float) -> None:
        """What may be missing may have begun at ``safe_at`` already."""
        if self._loss is not None:
            self._loss.widen(safe_at)
        self._filling.widen(safe_at)

    def resumed(self, resumed: float, now: float) -> None:
        """What the link has again is over since ``resumed``; told once the ids behind the gap are known."""
        link, clock = self._link, self._link.around.clock
        self._filling.resumed(resumed, now)
        loss = self._part([name for name in self.names if not link.lacks(name)])
        if self._loss is not None and link.ready:  # all is answered
            self._loss.reason = Reason.REJECTED
        if loss is None:
            return
        self.tell()
        ago = clock.monotonic() - resumed  # not by ``now``, since which callbacks may have taken long
        loss.resume(resumed - loss.safe_at, clock.time() - max(0.0, ago))
        self._over = loss
        if loss.known:
            self.tell()
        else:
            link.timers.set(Timer.GAP, now + _FIRST)

    def _part(self, names: list[str]) -> Loss | None:
        """What is missing of these, which goes another way than the rest."""
        loss = self._loss
        if loss is None or not names:
            return None
        self._loss = loss.part([name for name in loss.names if name not in names])
        return loss

    def take_over(self, other: Losses, names: list[str]) -> None:
        """What another link has lost of these is over here: they go on over this one."""
        loss = other._part(names)
        if loss is None:
            return
        self.tell()
        loss.move(self._link.router)
        if self._loss is None:
            self._loss = loss
        else:
            self._loss.join(loss)

    @property
    def names(self) -> list[str]:
        """The streams of which something may be missing, and that are not back."""
        return [] if self._loss is None else self._loss.names

    @property
    def waiting(self) -> list[tuple[str, Any]]:
        """What was received and waits until what is missing before it is filled, ``(stream, payload)``."""
        return self._filling.waiting

    def awaits(self, name: str) -> bool:
        """Something may be missing of the stream, and is not told yet."""
        return any(loss is not None and name in loss.names for loss in (self._loss, self._over))

    @property
    def open(self) -> bool:
        """Something is not told yet, or not filled."""
        return self._loss is not None or self._over is not None or self._filling.open

    def advance(self, now: float) -> None:
        """Something was read, or is due: the end of the gap may be known, or filled."""
        if self._over is not None and self._over.known:
            self.tell()
        if self._filling.open:
            self._filling.advance(now)

    def tell(self) -> None:
        """Tell the gap that is over, if there is one."""
        loss, link = self._over, self._link
        if loss is not None:
            self._over = None
            link.timers.set(Timer.GAP, None)
            gap = loss.gap(link.around.conn_key, link.wanted)
            if gap.streams:
                link.do(GapSeen(gap))

    def end(self, error: BinanceSocketsError) -> None:
        """The link ends: what it has lost is told, although nothing was confirmed, nor perhaps came, behind it."""
        self._filling.end(error)
        loss, clock = self._loss, self._link.around.clock
        self.tell()
        if loss is not None:
            loss.resume(clock.monotonic() - loss.safe_at, clock.time())
            self._loss, self._over = None, loss
            self.tell()
