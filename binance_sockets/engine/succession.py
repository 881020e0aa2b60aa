"""A planned change of a link's WebSocket: the next one is open and receives before the old one ends."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from ..config import Verdict
from ..errors import BinanceSocketsError, ConnectionLost, one_line
from ..events import Reason
from .backoff import Retries, reason_of, retry_after
from .commands import Attach, Dial, Report
from .continuity import LAG, Overlap
from .timers import Timer
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Step", "Succession"]

log = logging.getLogger("binance_sockets.connection")

_GRACE = 5.0  # seconds in which a lively stream should be seen on both WebSockets
_ANSWERS = 1.0  # seconds after which it is looked again whether callers still wait for answers on the old one
_LAST = 5.0  # seconds for which copies of what the old one brought may still come from the new one


class Step(Enum):
    """Where a planned change is."""

    #: the next attempt has its time
    WAITING = "waiting"
    #: an attempt is under way
    DIALLING = "dialling"
    #: another attempt cannot help: the old WebSocket is used to its end
    STAYING = "staying"
    #: both are open: the new one subscribes, and shows that it receives
    JOINING = "joining"
    #: the old one is asked to close, and read to its end
    DRAINING = "draining"
    #: the old one has ended; the new one may lag behind where that was
    TRAILING = "trailing"


class Succession:
    """One planned change, from the decision until no copy can come any more. On the connection's thread.

    The link's state stays OPEN meanwhile. An attempt that fails is repeated with the link's back-off while the old
    WebSocket goes on; when that ends before there is another one, the link is lost as ever.

    Args:
        link: whose WebSocket is changed.
        reason: why.
        error: the exception behind it.

    Attributes:
        error: what is behind it.
        step: where it is.
        socket: the new WebSocket, from JOINING on.
    """

    def __init__(self, link: Link, reason: Reason, error: BaseException) -> None:
        self.reason = reason
        self.error = error
        self.step = Step.WAITING
        self.socket: WebSocket | None = None
        self._link = link
        self._around = link.around
        self._retries = Retries(link.around.options.backoff, link.around.rng)
        self._overlap: Overlap | None = None
        self._until: float | None = None  # how long what should be seen on both is waited for, once it has settled
        self._settled_at: float | None = None  # since when the new one surely brings
        self._settled: frozenset[str] = frozenset()  # these
        self._was_refused = False
        self._unmet: list[str] = []  # when the old one was asked to close, and had been sent as much as the new one
        self._dead_since: float | None = None  # since when the old one may have brought nothing
        self._then: tuple[Reason, BaseException] | None = None  # the change behind this one
        log.info(
            "%s: the next WebSocket is opened beside this one (%s: %s)", self._label, reason.value, one_line(error)
        )

    @property
    def _label(self) -> str:
        return self._around.label

    def forgotten(self, names: Iterable[str]) -> None:
        """Nobody wants these any more."""
        if self._overlap is not None:
            self._overlap.forgotten(names)

    def old_is_dead(self, safe_at: float) -> None:
        """The old WebSocket is open, but its credential has ended: nothing surely came behind ``safe_at``."""
        if self.step in (Step.WAITING, Step.DIALLING, Step.STAYING, Step.JOINING):
            known = self._dead_since
            self._dead_since = safe_at if known is None else min(known, safe_at)

    def _go(self, step: Step, due: float | None) -> None:
        self.step = step
        self._link.timers.set(Timer.SUCCEED, due)

    def wait(self, now: float, seconds: float) -> None:
        """Dial in so many seconds."""
        self._go(Step.WAITING, now + seconds)

    def due(self, now: float) -> None:
        """The time of a step is over."""
        link = self._link
        if self.step is Step.WAITING:
            if (held := link.attempts.hold(now)) is not None:
                self.wait(now, held)
                return
            assert link.current is not None, "an old WebSocket that ends takes its succession along"
            self._go(Step.DIALLING, None)
            # From here on: the new one may bring what the exchange sends while it is still on its way to this thread.
            moment, waiting = self._around.exchange.moment, link.losses.waiting
            overlap = Overlap(link.current, link.router.stats, link.rule, now - _GRACE, moment, waiting)
            self._overlap = link.router.delivery.overlap = overlap
            link.do(Dial(link))
        elif self.step is Step.JOINING and self.socket is not None and not self.socket.subscriptions.settled:
            self._go(Step.JOINING, now + _ANSWERS)  # it was asked for more meanwhile
        elif self.step is Step.JOINING and self._until is not None and now < self._until and not self._joined:
            self._go(Step.JOINING, self._until)
        elif self.step is Step.JOINING:
            self._drain(now)
        elif self.step is Step.DRAINING:
            self._take_over(now, None)
        elif self.step is Step.TRAILING:
            self._finish(now)

    def asked_again(self, reason: Reason, error: BaseException, now: float) -> None:
        """Another change is asked for while this one is under way, which serves for it where it begins later."""
        urgent = reason in (Reason.REQUESTED, Reason.CREDENTIAL)
        if self.step in (Step.WAITING, Step.STAYING):
            if urgent:
                self.wait(now, 0.0)
            return
        later = self.step is Step.TRAILING or reason is Reason.CREDENTIAL  # it was dialled with the one before
        if later and (self._then is None or self._then[0] is not Reason.CREDENTIAL):  # nothing takes the place of that
            self._then = (reason, error)

    # -- the new one -------------------------------------------------------------------------------------------------

    def opened(self, socket: WebSocket) -> None:
        """The new WebSocket is open, and nothing of it is read yet."""
        self.socket = socket
        self._go(Step.JOINING, None)
        self._link.do(Attach(self._link, socket))

    def failed(self, error: BaseException, now: float) -> None:
        """The attempt failed, or the new WebSocket ended too early. The old one goes on."""
        log.warning("%s: the next WebSocket could not be had, the old one goes on: %s", self._label, one_line(error))
        if isinstance(error, BinanceSocketsError):
            self._link.do(Report(error))
        if self.socket is not None:
            self._link.endings.departed(reason_of(error), error)
        self._abandon(error)
        if self._dead_since is not None and self._link.current is not None:  # then it is as good as lost
            known = error if isinstance(error, BinanceSocketsError) else ConnectionLost(str(error))
            self._go(Step.WAITING, None)
            self._link.endings.ended(self._link.current, known, now)
            return
        if self._link.attempts.verdict(error) is Verdict.FATAL:
            self._go(Step.STAYING, None)
            return
        self.wait(now, retry_after(error) or self._retries.failed(error, now)[0])

    def settled(self, now: float) -> None:
        """The new one has all that is wanted."""
        if self.step is not Step.JOINING:
            return
        if refused := self._refused():
            error = ConnectionLost(f"the next WebSocket was refused what the old one brings: {', '.join(refused)}")
            self.failed(error, now)
            return
        if self._settled_at is None:
            self._until = now + (_GRACE if self._dead_since is None else 0.0)
            self._go(Step.JOINING, min(self._until, now + LAG))
        self._settled_at = now  # perhaps anew: what it was asked for meanwhile comes since now
        self._settled = frozenset() if self.socket is None else frozenset(self.socket.subscriptions.confirmed)

    def _refused(self) -> list[str]:
        """Streams that the new one was refused and the old one has; told once, as a stream may also have ended."""
        old, socket, before = self._link.current, self.socket, self._was_refused
        if old is None or socket is None or before or self._dead_since is not None:
            return []
        found = [name for name in socket.subscriptions.rejected if name in old.subscriptions.confirmed]
        self._was_refused = bool(found)
        return found

    def served(self, now: float) -> None:
        """One of the two was read, or something was due: look whether the next step may begin."""
        overlap, socket = self._overlap, self.socket
        if overlap is None or socket is None:
            return
        if self.step is Step.JOINING:
            if overlap.full:
                self.failed(ConnectionLost("the old WebSocket is too far behind"), now)
            elif self._settled_at is not None and socket.subscriptions.settled and self._level(now):
                self._drain(now)
        elif self.step is Step.TRAILING and overlap.over:
            self._finish(now)

    def _level(self, now: float) -> bool:
        """What the new one came too late for is not on its way over the old one any more, whose host may be behind."""
        overlap, settled_at = self._overlap, self._settled_at
        if overlap is None or settled_at is None or not overlap.joined:
            return False
        return now >= settled_at + LAG or not overlap.apart(self._link.wanted)

    @property
    def _joined(self) -> bool:
        """The new one has been seen to go on where the old one is."""
        return self._overlap is not None and self._overlap.joined

    # -- the old one -------------------------------------------------------------------------------------------------

    def _drain(self, now: float) -> None:
        """Nothing more is needed of the old one than what it has sent already."""
        old, overlap = self._link.current, self._overlap
        assert old is not None and overlap is not None, "both are open"
        if old.awaited and self.reason is not Reason.CREDENTIAL:
            # Those who wait for an answer have patience for a time.
            self._go(Step.JOINING, now + _ANSWERS)
            return
        self._unmet = overlap.unmet
        old.send_away(now)
        old.timers.clear()  # no control frame and no ping behind the close frame
        self._go(Step.DRAINING, now + self._around.options.timeouts.close)

    def old_ended(self, error: BinanceSocketsError, now: float) -> bool:
        """The old WebSocket will bring nothing more. Returns whether the new one takes its place."""
        if self.socket is None or self.step is Step.TRAILING:  # then it is the new one that has ended
            return False
        self._take_over(now, error)
        return True

    def old_ended_first(self, now: float) -> None:
        """The old one has ended while the next one is dialled, which becomes the link's next one as after any loss.

        The exchange may have counted it as subscribed before the old one ended, so that both were sent the same.
        """
        assert self._overlap is not None
        self._overlap.release()
        self._go(Step.TRAILING, now + self._around.options.timeouts.connect + _LAST)

    def _take_over(self, now: float, error: BinanceSocketsError | None) -> None:
        """The new one becomes the link's current one."""
        link, old, socket, overlap = self._link, self._link.current, self.socket, self._overlap
        assert old is not None and socket is not None and overlap is not None
        settled_at, confirmed = self._settled_at, socket.subscriptions.confirmed
        # the new one was asked for them meanwhile, or has lost them again
        late = [name for name in link.wanted if name not in self._settled or name not in confirmed]
        # Where it was there when it was sent away, everything has come that was sent until the new one brought it; else
        # up to its last safe moment: the exchange may have left before the new one was subscribed.
        if self.step is Step.DRAINING and old.was_there:
            names = overlap.apart(name for name in late if name not in confirmed)
        else:
            names = overlap.apart(link.wanted if settled_at is None or old.safe_at < settled_at else late)
        if settled_at is not None and (link.losses.names or not confirmed.isdisjoint(late)):
            # They come at the latest since now: what was lost before may have come late on the old one, behind what the
            # new one had brought of it.
            settled_at = now
        safe_at = old.safe_at
        if self._dead_since is not None:
            names, safe_at = list(link.wanted), min(safe_at, self._dead_since)
        if forgotten := self._forgotten(old, overlap):
            safe_at = min(safe_at, link.listing.carried_at(old))
            if names:  # together they are one gap
                names = list(dict.fromkeys([*names, *forgotten]))
            else:
                link.losses.lose(Reason.FORGOTTEN, safe_at, forgotten)
        held = overlap.release()
        planned = self.step is Step.DRAINING or error is None
        reason = self.reason if planned else link.endings.reason_of(old, error)
        if self._dead_since is not None:
            reason = Reason.CREDENTIAL
        self._go(Step.TRAILING, now + _LAST)
        link.replaced(socket, reason, names, safe_at, error, settled_at, now)
        stage = link.router.delivery.behind_overlap
        link.router.release(each for each in held if stage is None or stage(socket, *each))
        self.served(now)

    def _forgotten(self, old: WebSocket, overlap: Overlap) -> list[str]:
        """What the exchange has most likely ceased to bring over the old one: its silence tells, or its list."""
        found = {*self._unmet, *old.subscriptions.doubted}
        return overlap.apart(name for name in self._link.wanted if name in found)

    def new_ended(self, error: BinanceSocketsError, now: float) -> None:
        """The new WebSocket will bring nothing more, before it has taken over."""
        socket = self.socket
        if self.step is Step.DRAINING and socket is not None:  # the old one has been sent away: both are gone
            self._take_over(now, None)
            self._link.endings.ended(socket, error, now)
        else:
            self.failed(error, now)

    # -- the end -----------------------------------------------------------------------------------------------------

    def _finish(self, now: float) -> None:
        """No copy can come any more; the new one may want to be changed in its turn."""
        self.end()
        link, socket = self._link, self._link.current
        if socket is not None and socket.safe_at < socket.opened_at + LAG:  # what it was sent at first is held up
            link.drop_copies(now)
        if self._then is not None:
            self._link.restart(*self._then, now)
        else:
            self._link.follow(now)

    def end(self) -> None:
        """There is one WebSocket again, the link's current one; also when the link ends."""
        self._abandon(ConnectionLost("the link ends"))
        self._go(self.step, None)
        self._link.succession = None

    def _abandon(self, error: BaseException) -> None:
        """Let go of a new one that has not taken over."""
        socket, link = self.socket, self._link
        self.socket = self._overlap = self._settled_at = self._until = link.router.delivery.overlap = None
        if socket is not None and socket is not link.current:
            socket.close_handshake()
            link.endings.let_go(socket, error)
