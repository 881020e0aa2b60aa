"""The credential of one link: when it is renewed, what that means for its WebSockets, how private data is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..config import Backoff
from ..errors import BinanceSocketsError, CredentialError
from ..events import CredentialChange, CredentialStep, Reason, State
from ..exchange import Ack, ControlFrame, Credential, Effect, Lease
from .backoff import Retries
from .commands import CredentialSeen, Renew
from .timers import Timer
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Renewals"]

_JITTER = 0.2  # share of the time to a renewal that is random: many accounts of one process are not renewed at once
_RETRY = Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.5)


class Renewals:
    """The life of one link's credential. On the connection's thread.

    Args:
        link: whose credential it is.
        credential: the credential.

    Attributes:
        counts: how often each step was taken. Any thread may read it, and the two below.
        due: when it should be renewed (monotonic seconds); ``None`` while a renewal is under way or none is needed.
        ends_at: when its life is over; ``None`` for never, or while no WebSocket is open.
    """

    def __init__(self, link: Link, credential: Credential) -> None:
        self.credential = credential
        self.counts = dict.fromkeys(CredentialStep, 0)
        self.due: float | None = None
        self.ends_at: float | None = None
        self._link = link
        self._newest: WebSocket | None = None
        self._names: dict[WebSocket, object] = {}  # which one each was opened with
        self._good_at = float("-inf")  # when it was last known to be good
        self._retries = Retries(_RETRY, link.around.rng)

    @property
    def surely_private(self) -> float:
        """Up to when private data surely came: the credential was good then, or an event was sent since."""
        return self._good_at

    # -- what the link tells -----------------------------------------------------------------------------------------

    def opened(self, socket: WebSocket, lease: Lease, asked_at: float, now: float) -> None:
        """A WebSocket was opened with what was obtained for it, and asked for at ``asked_at``."""
        self._names = {each: name for each, name in self._names.items() if each in self._link.sockets}
        self._names[socket] = lease.name
        if self._is_news(lease):  # the one before may have been dead for long
            self._link.dead_since(self.surely_private, but=socket)
        self._newest = socket
        self._holds(lease, asked_at)
        if self.credential.proves_url:
            self.due = now
        self._step(CredentialStep.OBTAINED, now)

    def in_vain(self, lease: Lease) -> None:
        """It was obtained for an attempt that has failed since: what the exchange said of it counts all the same."""
        if self._is_news(lease):
            self._link.dead_since(self.surely_private)

    def _is_news(self, lease: Lease) -> bool:
        """It is another one than that of a WebSocket that is open."""
        return lease.effect is Effect.CHANGED or any(self._differs(each, lease) for each in self._link.sockets)

    def _differs(self, socket: WebSocket | None, lease: Lease) -> bool:
        """``socket`` was opened with another one."""
        name = None if socket is None else self._names.get(socket)
        return lease.name is not None and name is not None and name != lease.name

    def failed(self, error: BinanceSocketsError, now: float) -> None:
        """It could not be obtained, or was refused."""
        self._step(CredentialStep.FAILED, now, error)

    def refused(self, code: int | None, message: str, now: float) -> BinanceSocketsError:
        """The exchange has refused it on a WebSocket; returns the error that ends that."""
        error = self.credential.refused(code, message)
        self.failed(error, now)
        return error

    def terminated(self, error: BinanceSocketsError, safe_at: float, now: float) -> None:
        """The exchange says that it has ended, on a WebSocket of which all is read that was sent by ``safe_at``."""
        self._good_at = max(self._good_at, safe_at)
        self._step(CredentialStep.ENDED, now, error)

    def looked(self, socket: WebSocket, now: float) -> None:
        """``socket`` was read: a first message proves it, where there is no other that could have brought it."""
        link = self._link
        if len(link.sockets) == 1 and any(each.last >= socket.opened_at for each in link.router.stats.values()):
            self._prove(socket, "message", now)

    def heard(self, socket: WebSocket, now: float) -> None:
        """Messages of ``socket`` were delivered that were read at ``now``: an event among them was sent behind all that
        was read before, however long it waited."""
        if any(each.last == now for each in self._link.router.stats.values()):
            self._good_at = max(self._good_at, socket.safe_at)

    def answered(self, socket: WebSocket) -> None:
        """The exchange has answered that it sends what was asked for."""
        socket.proven = socket.proven or "answer"

    def left(self) -> None:
        """No WebSocket is open: the next one obtains its own."""
        self._newest = self.due = self.ends_at = None
        self._link.timers.set(Timer.RENEW, None)

    # -- renewing ----------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """It is due for renewal, or its life is over."""
        link = self._link
        socket = self._newest if self._newest in link.sockets else link.current
        if socket is None:
            return
        if self.ends_at is not None and now >= self.ends_at:
            error = CredentialError("the life of the credential is over, and no renewal has succeeded")
            self.due = self.ends_at = None
            self._step(CredentialStep.ENDED, now, error)
            link.restart(Reason.CREDENTIAL, error, now)
            return
        if self.due is not None and self.due <= now:
            self.due = None
            link.do(Renew(self, socket, self.credential))
        self._set_timer()

    def renewed(self, socket: WebSocket, result: Lease | CredentialError, asked_at: float, now: float) -> None:
        """What came of a renewal that was asked for at ``asked_at``, while ``socket`` was open."""
        link = self._link
        if link.state is not State.OPEN:
            return
        if socket not in link.sockets and self.due is None and link.current is not None:
            socket = link.current  # it was asked for a next one that has ended, and nobody else renews it
        left = socket not in link.sockets or socket.distrusted  # or about to be
        if isinstance(result, CredentialError):
            if not left:
                self.due = now + max(self._retries.failed(result, now)[0], result.retry_after or 0.0)
                self._step(CredentialStep.FAILED, now, result)
            return
        changed = result.effect is Effect.CHANGED
        trusted = [each for each in link.sockets if not each.distrusted]
        others = [each for each in trusted if self._differs(each, result) or (changed and each is socket)]
        if others:
            self._step(CredentialStep.CHANGED, now)
            for each in others:
                self._move(each, CredentialError("the exchange gave another credential"), now)
        elif left:
            return
        elif result.effect is Effect.RESENT:
            self._resend(socket, result, asked_at, now)
        else:
            self._renewed(socket, result, asked_at, now)

    def _move(self, socket: WebSocket, error: CredentialError, now: float) -> None:
        """Only another WebSocket can use what there is now."""
        link = self._link
        if socket is link.current:
            link.restart(Reason.CREDENTIAL, error, now)
        elif link.succession is not None and socket is link.succession.socket:
            link.dead_since(self.surely_private)  # the one before has the same
            link.succession.new_ended(error, now)

    def _resend(self, socket: WebSocket, lease: Lease, asked_at: float, now: float) -> None:
        """Ask for the same streams again, with the renewed credential."""
        frames = self._link.asking.again()

        def answered(frame: ControlFrame, answer: Ack | BinanceSocketsError) -> None:
            now = self._link.around.clock.monotonic()
            if isinstance(answer, Ack) and answer.error is not None:
                socket.ended = self.refused(*answer.error, now)
            elif isinstance(answer, Ack) and frame is frames[-1]:
                self._renewed(socket, lease, asked_at, now)

        socket.ask(frames, answered, now)

    def _renewed(self, socket: WebSocket, lease: Lease, asked_at: float, now: float) -> None:
        """It lives longer."""
        self._holds(lease, asked_at)
        self._step(CredentialStep.RENEWED, now)
        if socket.proven is None and not socket.subscriptions.under_way:  # else the answer will prove it
            self._prove(socket, "renewal", now)

    def _prove(self, socket: WebSocket, how: str, now: float) -> None:
        """Private data surely reaches this WebSocket."""
        socket.proven = how
        if self.credential.proves_url and not socket.subscriptions.settled:
            self._link.confirmed(socket, now)

    def _holds(self, lease: Lease, asked_at: float) -> None:
        """It is good since some moment behind the question, which may have been answered late."""
        self._retries.forget()
        self.due = None
        self._good_at = max(self._good_at, asked_at)
        if lease.renew_after is not None:
            self.due = asked_at + lease.renew_after * (1 - _JITTER * self._link.around.rng().random())
        self.ends_at = None if lease.life is None else asked_at + lease.life

    def _step(self, step: CredentialStep, now: float, error: BinanceSocketsError | None = None) -> None:
        """Count a step, tell of it, and look again when the next one is due."""
        around = self._link.around
        self.counts[step] += 1
        renew_in = None if self.due is None else max(0.0, self.due - now)
        change = CredentialChange(around.conn_key, step, error, renew_in, self._link.index, around.clock.time())
        self._link.do(CredentialSeen(change))
        self._set_timer()

    def _set_timer(self) -> None:
        moments = [moment for moment in (self.due, self.ends_at) if moment is not None]
        self._link.timers.set(Timer.RENEW, min(moments, default=None))
