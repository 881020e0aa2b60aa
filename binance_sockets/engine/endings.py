"""How the WebSockets of one link end: why, what may be missing since, and what comes then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import AuthenticationError, BinanceSocketsError, ConnectionLost, ProtocolError, one_line
from ..events import Departure, Reason, State
from ..exchange import NoticeKind
from .backoff import reason_of
from .commands import Detach, GiveUp, Report
from .lifecycle import Trigger
from .succession import Step

if TYPE_CHECKING:
    from .link import Link
    from .websocket import WebSocket

__all__ = ["NOTICES", "Endings"]

NOTICES = {NoticeKind.SERVER_SHUTDOWN: Reason.SERVER_SHUTDOWN, NoticeKind.CREDENTIAL: Reason.CREDENTIAL}
"""Why a WebSocket is left of which the server has announced something."""

_ANNOUNCED = frozenset(NOTICES.values())
_DEPARTURES = 20  # that are remembered,
_QUOTED = 200  # with so many characters of their errors


class Endings:
    """Lets go of a link's WebSockets. On the connection's thread.

    Args:
        link: whose they are.

    Attributes:
        last: why the WebSocket before was left. Any thread may read it, and the next one.
        departures: when and why those before were left, the latest last. Replaced, never changed.
    """

    def __init__(self, link: Link) -> None:
        self.last: Reason | None = None
        self.departures: tuple[Departure, ...] = ()
        self._link = link
        self._carried: set[str] = set()  # names of which something has come, or surely would have

    def forgotten(self, names: Iterable[str]) -> None:
        """These are wanted no longer."""
        self._carried.difference_update(names)

    def ended(self, socket: WebSocket, error: BinanceSocketsError, now: float) -> None:
        """The WebSocket will bring nothing more."""
        link = self._link
        if link.state is State.CLOSING:
            link.timers.clear()
            self.drop()
            link.fire(Trigger.LOST, Reason.STOPPED)
            return
        if isinstance(error, ProtocolError):
            link.do(Report(error))
        succession = link.succession
        if succession is not None:
            if socket is not link.current:
                succession.new_ended(error, now)
                return
            if succession.old_ended(error, now):
                return
        dialling = succession is not None and succession.step is Step.DIALLING
        reason = self.reason_of(socket, error)
        if succession is not None and dialling:
            succession.old_ended_first(now)
        elif succession is not None:
            succession.end()
        stable = link.attempts.stable(socket, now)
        self.drop(reason)
        if link.attempts.is_fatal(error):
            link.fire(Trigger.FATAL, reason, error)
            link.do(GiveUp(error, exhausted=False))
            return
        announced = reason in _ANNOUNCED and not isinstance(error, AuthenticationError)
        wait = 0.0 if stable and announced else None
        link.attempts.back_off(Trigger.LOST, reason, error, wait, now, dialling)

    def reason_of(self, socket: WebSocket, error: BaseException | None) -> Reason:
        """Why ``socket`` is left, which ended with ``error``: what was announced explains the end best."""
        succession = self._link.succession
        if succession is not None and succession.step is not Step.TRAILING and succession.reason in _ANNOUNCED:
            return succession.reason
        if socket.leave is not None and socket.leave[0] in _ANNOUNCED:
            return socket.leave[0]
        return reason_of(error) if error is not None else Reason.NETWORK

    def drop(self, reason: Reason | None = None) -> None:
        """Let go of the current WebSocket. With a reason: the group is without data from the last safe moment on."""
        link = self._link
        socket = link.current
        if socket is None:
            return
        link.received = socket.received  # before it is gone, so that the sum never runs backwards
        link.current = None
        if reason is not None:
            self.note(reason, socket.ended)
            safe_at = socket.safe_at
            if socket.subscriptions.doubted:
                safe_at = min(safe_at, link.listing.carried_at(socket))
            if reason is Reason.CREDENTIAL and link.renewals is not None:  # it was open, and may have brought nothing
                safe_at = min(safe_at, link.renewals.surely_private)
            link.losses.lose(reason, safe_at, self.missed(socket, link.wanted))
        link.since.clear()
        if link.renewals is not None:
            link.renewals.left()
        left_for = socket.leave[1] if socket.leave else ConnectionLost("the connection ended")
        self.let_go(socket, socket.ended or left_for)

    def missed(self, socket: WebSocket, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that may be missing with ``socket``: one that has not begun yet misses nothing."""
        link = self._link
        if link.renewals is not None:  # an account's stream begins with its credential
            return list(names)
        self._carried.update(socket.subscriptions.confirmed)
        stats = link.router.stats
        return [name for name in names if name in self._carried or stats[name].came]  # delivered, or waiting

    def note(self, reason: Reason, error: BaseException | None) -> None:
        """Remember why the current WebSocket is left."""
        self.last = reason
        self.departed(reason, error)

    def departed(self, reason: Reason, error: BaseException | None) -> None:
        """Remember why a WebSocket has ended; the next one of a planned change may before it is the current one."""
        text = "" if error is None else one_line(error, _QUOTED)
        departure: Departure = {"time": self._link.around.clock.time(), "reason": reason.value, "error": text}
        self.departures = (*self.departures[1 - _DEPARTURES :], departure)

    def let_go(self, socket: WebSocket, error: BaseException) -> None:
        """``socket`` is no longer used."""
        link = self._link
        link.sockets = tuple(each for each in link.sockets if each is not socket)
        known = error if isinstance(error, BinanceSocketsError) else ConnectionLost(str(error))
        socket.lost(known)
        link.do(Detach(socket))
