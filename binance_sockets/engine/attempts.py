"""The attempts of one link to have a WebSocket: when the next one begins, what a failure means, when it is enough."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from ..config import Verdict
from ..errors import BinanceSocketsError, CertificateRejected, ConnectError, CredentialError, HandshakeRejected
from ..events import Reason, State
from .backoff import Retries, judged, retry_after
from .budget import Budget, allowed
from .commands import Dial, GiveUp
from .lifecycle import Trigger
from .requests import Obstacle
from .succession import Step
from .timers import Timer

if TYPE_CHECKING:
    from .link import Link
    from .websocket import WebSocket

__all__ = ["Attempts"]


class Attempts:
    """Begins, counts and ends the attempts of a link. On the connection's thread.

    Args:
        link: whose attempts they are.

    Attributes:
        held_until: when the next one may begin, which is held back by a ban or the limit on connects (monotonic
            seconds); ``None`` as a rule. Any thread may read it.
    """

    _failure: BaseException | None = None  # why there was no WebSocket, or is none any more, the last time

    def __init__(self, link: Link) -> None:
        self.held_until: float | None = None
        self._link = link
        self._around = around = link.around
        self._backoff = around.options.backoff
        self._retries = Retries(self._backoff, around.rng)
        self._plans = Retries(self._backoff, around.rng)  # of planned changes, which cost no attempt

    @property
    def failures(self) -> int:
        """In a row so far."""
        return self._retries.failures

    def obstacle(self, until: float = float("inf")) -> Obstacle:
        """Why nothing could be sent ``until`` then (monotonic seconds). Any thread."""
        socket = self._link.current
        if self._link.state is State.OPEN and socket is not None and socket.opened_at <= until:
            return "its turn had not come: the connection was busy, or not logged in yet", None
        if self._failure is not None:
            return str(error := _known(self._around.label, self._failure)), error
        if self.held_until is not None:
            return "connects are held back, by a ban or by the limit on them", None
        return "the connection was not open yet", None

    # -- beginning ---------------------------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """The first one, as soon as it may begin."""
        link = self._link
        held = self.hold(now)
        if held is None:
            link.fire(Trigger.START)
            link.do(Dial(link))
        else:
            link.timers.set(Timer.RETRY, now + held)
            link.fire(Trigger.HOLD, Reason.LIMITED, None, held)

    def due(self, now: float) -> None:
        """The wait for the next one is over, unless it is held back."""
        link = self._link
        held = self.hold(now)
        if held is None:
            link.fire(Trigger.DUE)
            link.do(Dial(link))
        else:
            link.timers.set(Timer.RETRY, now + held)

    def hold(self, now: float) -> float | None:
        """Begin one, as far as others of this process leave room; else the seconds after which to ask again."""
        limits = self._around.exchange.connect_limits(self._link.group)
        budget = self._budget()
        rates = allowed(limits, self._around.options.connect_share)
        self.held_until = None if budget is None else budget.ask(self, rates, now)
        return None if self.held_until is None else self.held_until - now

    def leave(self) -> None:
        """There will be no further one."""
        if self.held_until is not None:
            self.held_until = None
            if (budget := self._budget()) is not None:
                budget.leave(self)

    def _budget(self) -> Budget | None:
        venue = self._around.exchange.connect_limits(self._link.group).venue
        return self._around.budgets().of(venue, self._around.options.limit_loopback)

    # -- failing -----------------------------------------------------------------------------------------------------

    def failed(self, error: BaseException, now: float) -> None:
        """The attempt to open a WebSocket failed."""
        link = self._link
        if isinstance(error, CredentialError) and link.renewals is not None:
            link.renewals.failed(error, now)
        self._note_ban(error, now)
        succession = link.succession
        if link.state is State.OPEN and succession is not None and succession.step is Step.DIALLING:
            succession.failed(error, now)
        if link.state is not State.CONNECTING:
            return
        rejected = isinstance(error, (HandshakeRejected, CertificateRejected))
        reason = Reason.REJECTED if rejected else Reason.NETWORK
        if isinstance(error, CredentialError):
            reason = Reason.CREDENTIAL
        if self.is_fatal(error):
            link.fire(Trigger.FATAL, reason, error)
            link.do(GiveUp(error, exhausted=False))
        else:
            self.back_off(Trigger.FAILED, reason, error, retry_after(error), now)

    def _note_ban(self, error: BaseException, now: float) -> None:
        """All of this process leave the exchange alone for as long as it asks one of them to."""
        seconds = retry_after(error)
        if isinstance(error, HandshakeRejected) and seconds is not None:
            self.banned(error.status, seconds, now)

    def banned(self, status: int, seconds: float, now: float) -> None:
        """The exchange has asked with an HTTP status to be left alone for so long."""
        if (budget := self._budget()) is not None:
            budget.ban(status, seconds, now)

    def ban(self, now: float) -> tuple[int, float]:
        """The status of a ban that holds, and the seconds that are left of it. Any thread."""
        budget = self._budget()
        return (0, 0.0) if budget is None else budget.banned(now)

    def back_off(
        self,
        trigger: Trigger,
        reason: Reason,
        error: BaseException,
        wait: float | None,
        now: float,
        dialling: bool = False,
    ) -> None:
        """Into BACKOFF. A ``wait`` that is given (Retry-After, an announced end) costs no attempt.

        With ``dialling`` there is an attempt under way, which need not be waited for.
        """
        link, self._failure = self._link, error
        exhausted = False
        if wait is None:
            wait, enough = self._retries.failed(error, now)
            exhausted = enough and link.alone
        else:
            wait += self.spread()
        if exhausted:
            link.fire(trigger, reason, error)
            link.fire(Trigger.EXHAUSTED, reason, error)
            link.do(GiveUp(error, exhausted=True))
        elif dialling:
            link.fire(trigger, reason, error, 0.0)
            link.fire(Trigger.DUE)
        else:
            link.timers.set(Timer.RETRY, now + wait)
            link.fire(trigger, reason, error, wait)

    def is_fatal(self, error: BaseException) -> bool:
        """Another one cannot help, and nobody else carries the link's streams."""
        return self.verdict(error) is Verdict.FATAL and self._link.alone

    def verdict(self, error: BaseException) -> Verdict:
        """Whether another attempt can help."""
        return judged(self._around.options.classify, error)

    # -- waiting -----------------------------------------------------------------------------------------------------

    def spread(self) -> float:
        """A short random wait, so that many links do not come at the same moment."""
        return self._backoff.initial * self._backoff.jitter * self._around.rng().random()

    def before_change(self, error: BaseException, at_once: bool, now: float) -> float:
        """Seconds to wait before a planned change; ``at_once`` where the WebSocket was open for long enough."""
        return self.spread() if at_once else self._plans.failed(error, now)[0]

    def stable(self, socket: WebSocket, now: float) -> bool:
        """Forget earlier failures if the WebSocket was open long enough; tells whether it was."""
        stable = now >= socket.opened_at + self._backoff.stable_after
        if stable:
            self._retries.forget()
            self._plans.forget()
        return stable


def _known(label: str, error: BaseException) -> BinanceSocketsError:
    """``error`` as one of this package, for one caller: raising an error writes to it."""
    known = copy(error) if isinstance(error, BinanceSocketsError) else ConnectError(label, repr(error))
    known.__cause__ = error.__cause__ if isinstance(error, BinanceSocketsError) else error
    return known
