"""What one link may miss: each gap from its last safe moment on, until it is told, or filled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

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
        self._loss: Loss | None = None  # what may be missing, until it is told

    def began(self, streams: Iterable[Stream], *, moved: bool = False) -> None:
        """``streams`` are wanted from now on; with ``moved`` another link has brought them until now."""
        self._filling.began(streams, moved=moved)

    def forgotten(self, names: Iterable[str]) -> None:
        """They are not wanted any more: what they have missed is told, where something came behind it."""
        names = list(names)
        self._filling.forgotten(names)
        loss, gap = self._loss, self.so_far(names)
        if loss is None:
            return
        if gap is not None:
            self._link.do(GapSeen(gap))
        loss.leave(names)
        if not loss.names:
            self._loss = None
            self._link.timers.set(Timer.GAP, None)

    def so_far(self, names: Iterable[str]) -> Gap | None:
        """What can be told now of those of ``names`` that are back, or have brought something since."""
        loss, clock = self._loss, self._link.around.clock
        if loss is None:
            return None
        return loss.so_far(self._link.around.conn_key, names, clock.monotonic() - loss.safe_at, clock.time())

    def lose(self, reason: Reason, safe_at: float, names: Iterable[str]) -> None:
        """From ``safe_at`` on messages of ``names`` may be missing, unless another link has them."""
        twins, lost = self._link.twins, list[str]()
        if twins is not None:
            names = lost = twins.lost(self._link, names, safe_at)
        self._lose(reason, safe_at, names)
        if twins is not None and lost:
            twins.go_on(self._link, lost, self._link.around.clock.monotonic())

    def missed(self, reason: Reason, safe_at: float, names: Iterable[str], now: float) -> None:
        """From ``safe_at`` until now messages of ``names`` may be missing."""
        self._lose(reason, safe_at, names)
        self.resumed(now, now)

    def _lose(self, reason: Reason, safe_at: float, names: Iterable[str]) -> None:
        self.tell()
        names = self._filling.lost(names, reason, safe_at)
        if names and self._loss is None:
            self._loss = Loss(reason, safe_at, names, self._link.router.stats, self._link.rule)
        elif self._loss is not None:  # one that is not over yet: together they are one gap
            self._loss.widen(safe_at)
            self._loss.lose(names)

    def widen(self, safe_at: float) -> None:
        """What may be missing may have begun at ``safe_at`` already."""
        if self._loss is not None:
            self._loss.widen(safe_at)
        self._filling.widen(safe_at)

    def resumed(self, resumed: float, now: float) -> None:
        """What was lost is confirmed again since ``resumed``; told once the ids behind the gap are known."""
        self._filling.resumed(resumed, now)
        loss, clock = self._loss, self._link.around.clock
        if loss is None or loss.resumed:
            return
        ago = clock.monotonic() - resumed  # not by ``now``, since which callbacks may have taken long
        loss.resume(resumed - loss.safe_at, clock.time() - max(0.0, ago))
        if loss.known:
            self.tell()
        else:
            self._link.timers.set(Timer.GAP, now + _FIRST)

    def take_over(self, other: Losses) -> None:
        """What another link has lost, and not told, is over here: its streams go on over this one."""
        loss = other._loss
        if loss is None or loss.resumed:
            return
        other._loss = None
        self.tell()
        loss.move(self._link.router.stats)
        if self._loss is None:
            self._loss = loss
        else:
            self._loss.join(loss)

    @property
    def names(self) -> list[str]:
        """The streams of which something may be missing, and that are not back."""
        return [] if self._loss is None else self._loss.names

    @property
    def open(self) -> bool:
        """Something is not told yet, or not filled."""
        return self._loss is not None or self._filling.open

    def advance(self, now: float) -> None:
        """Something was read, or is due: the end of the gap may be known, or filled."""
        if self._loss is not None and self._loss.resumed and self._loss.known:
            self.tell()
        if self._filling.open:
            self._filling.advance(now)

    def tell(self) -> None:
        """Tell the gap that is over, if there is one."""
        loss, link = self._loss, self._link
        if loss is not None and loss.resumed:
            self._loss = None
            link.timers.set(Timer.GAP, None)
            gap = loss.gap(link.around.conn_key, link.wanted)
            if gap.streams:
                link.do(GapSeen(gap))

    def end(self, error: BinanceSocketsError) -> None:
        """The link ends: a gap in the midst of what was delivered is told although nothing was confirmed behind it."""
        self._filling.end(error)
        loss, clock = self._loss, self._link.around.clock
        # what another link has brought meanwhile is not counted here
        if loss is not None and not loss.resumed and (loss.inside or self._link.twins is not None):
            loss.resume(clock.monotonic() - loss.safe_at, clock.time())
        self.tell()
