"""What one link asks the exchange: logins, subscriptions, the requests of callers."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from ..config import Verdict
from ..errors import AuthenticationError, BinanceSocketsError, ConnectionLost, RequestTimeout, SubscriptionRejected
from ..events import Reason, State
from ..exchange import Ack, ControlFrame
from .backoff import Retries
from .commands import Report
from .requests import Request, Unsent
from .timers import Timer
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Asking"]

log = logging.getLogger("binance_sockets.connection")


class Asking:
    """Brings a WebSocket from open to settled, and sends what callers ask. On the connection's thread.

    Args:
        link: for whose streams it asks.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._unsent = Unsent()
        self._last_id = 0
        self._over: BinanceSocketsError | None = None  # why no request leaves any more
        self._carried: set[str] = set()  # names that were confirmed at some time
        self._proven: frozenset[str] = frozenset()  # those of them when the last question was made
        self._told: set[str] = set()  # names whose refusal was told, until one of them is taken
        self._lent: set[str] = set()  # names that another link brings until they have moved here
        self._retries: Retries | None = None  # of asking again for those of them that are refused

    def next_id(self) -> int:
        """A number that no frame of this link has had."""
        self._last_id += 1
        return self._last_id

    def began(self, names: Iterable[str], *, moved: bool) -> None:
        """``names`` are wanted from now on; with ``moved`` another link brings them until they have moved here."""
        names = set(names)
        self._told -= names
        self._lent = self._lent | names if moved else self._lent - names

    def moved(self) -> None:
        """What another link has brought until now comes over this one alone."""
        self._lent.clear()

    # -- from open to settled ----------------------------------------------------------------------------------------

    def opened(self, socket: WebSocket, now: float) -> None:
        """A WebSocket is open: log in where that is needed, then subscribe."""
        link = self._link
        logins = link.around.exchange.credential_frames(link.group, self.next_id)
        if logins:
            socket.logging_in = True
            socket.ask(logins, partial(self._logged_in, socket), now)
        else:
            self._usable(socket, now)

    def _logged_in(self, socket: WebSocket, frame: ControlFrame, answer: Ack | BinanceSocketsError) -> None:
        """The answer to a login frame."""
        if isinstance(answer, BinanceSocketsError):
            return
        if answer.error is not None:
            socket.ended = self._refused(*answer.error)
        elif not socket.requests and not socket.pacer.queue:
            socket.logging_in = False
            self._usable(socket, self._link.around.clock.monotonic())

    def _refused(self, code: int | None, message: str) -> BinanceSocketsError:
        """Why a WebSocket ends on which the exchange has refused the credential."""
        renewals = self._link.renewals
        if renewals is None:
            return AuthenticationError(code, message)
        return renewals.refused(code, message, self._link.around.clock.monotonic())

    def _usable(self, socket: WebSocket, now: float) -> None:
        """The WebSocket is open and logged in."""
        self.subscribe(socket, now)
        self.send(now)

    def subscribe(self, socket: WebSocket, now: float) -> None:
        """Ask for what is wanted and not carried, unless an earlier question is still open: its answer comes here."""
        link, subscriptions = self._link, socket.subscriptions
        self._carried = (self._carried | subscriptions.confirmed) & link.wanted.keys()
        if not subscriptions.under_way:
            added, removed = subscriptions.missing(), subscriptions.surplus()
            if added or removed:
                refused = subscriptions.rejected
                wanted = [name for name in link.wanted if name not in refused or name in added]
                frames = link.around.exchange.control_frames(link.group, wanted, added, removed, self.next_id)
                self._proven = frozenset(self._carried)
                subscriptions.planned(frames)
                self._noted(socket, frames)
                socket.ask(frames, partial(self._asked, socket), now)
                return  # without frames, to be proved by the credential or a first message
        if not subscriptions.rejected and socket is link.current and not socket.in_doubt(now):
            self._retries = None
        if subscriptions.settled:
            link.settled(socket, now)

    def _noted(self, socket: WebSocket, frames: Iterable[ControlFrame]) -> None:
        """``frames`` were planned or answered: what comes is read with the notes of others."""
        if any(frame.note is not None for frame in frames):
            socket.decode = None

    def _asked(self, socket: WebSocket, frame: ControlFrame, answer: Ack | BinanceSocketsError) -> None:
        """The answer to a control frame; or it has left, where the exchange answers none."""
        request_id = None
        if frame.request_id is None and isinstance(answer, Ack):
            request_id = self.next_id()
            text = self._link.around.exchange.listing(self._link.group, request_id)
        if request_id is None or text is None:  # sent is as good as confirmed
            self._subscribed(socket, frame, answer)
            return
        # An exchange takes messages in their order: what it carries, said behind the frame, proves that it counts.
        now, patience = self._link.around.clock.monotonic(), self._link.around.options.timeouts.ack
        proof = Request(lambda _: text, partial(self._proved, socket, frame, request_id), now + patience, patience)
        socket.ask_for_proof(proof, request_id, now)

    def _proved(
        self, socket: WebSocket, frame: ControlFrame, request_id: int, answer: Ack | BinanceSocketsError
    ) -> None:
        """What was asked behind ``frame`` is answered; or it is not, though the exchange has surely read the frame."""
        gone = socket.ended is not None or socket not in self._link.sockets
        if gone or not isinstance(answer, (Ack, RequestTimeout)) or not socket.proves(frame):  # or it was refused
            return
        if isinstance(answer, RequestTimeout) and not socket.reached(request_id):
            socket.ended = answer
        else:
            self._subscribed(socket, frame, Ack(None))

    def _subscribed(
        self, socket: WebSocket, frame: ControlFrame, answer: Ack | BinanceSocketsError, *, known: bool = False
    ) -> None:
        """The answer to a control frame. ``known``: the exchange knows who asks; what is asked is what it refuses."""
        if isinstance(answer, BinanceSocketsError):
            return
        link, rejection = self._link, socket.subscriptions.answered(frame, answer)
        self._noted(socket, [frame])
        if rejection is not None and link.renewals is not None and not known:
            error = self._refused(rejection.error_code, rejection.message)
            alone = all(name in socket.subscriptions.rejected for name in link.wanted)
            if alone or link.attempts.verdict(error) is not Verdict.FATAL:  # nothing else to see, or it may pass
                socket.ended = error
                return
        if rejection is None:
            self._told.difference_update(frame.streams)
        elif frame.streams and self._lent.issuperset(frame.streams):
            log.info("%s: %s, which stays with the link that brings it", link.around.label, rejection)
        else:
            if not self._told.issuperset(frame.streams):  # else it is a repeat
                self.rejected(rejection)
            self._told.update(frame.streams)
            self._ask_later(socket, frame, answer.passing)
        if not socket.subscriptions.under_way:
            self.subscribe(socket, link.around.clock.monotonic())

    def refused(self, socket: WebSocket, answer: Ack) -> None:
        """An error that says not what it is about: the last frame, where the exchange answers none, or nothing known.

        What it carried before the frame may have ended with it, and is asked for again: what it brings meanwhile may be
        missing. What was carried before has a right name and the right credential: beside something that was, what is
        new in the frame is what is refused.
        """
        assert answer.error is not None
        frame = socket.take_unanswered(self._link.around.clock.monotonic())
        if frame is None:
            self.rejected(SubscriptionRejected(*answer.error, ()))
            return
        self._carried -= set(frame.streams) - self._proven  # it counted as taken when it was sent
        known = not self._proven.isdisjoint(self._link.wanted) and not self._proven.issuperset(frame.streams)
        carried = [name for name in socket.subscriptions.confirmed if name not in frame.streams]
        socket.subscriptions.forgotten(carried)
        if answer.passing:
            frame = dataclasses.replace(frame, streams=(*frame.streams, *carried))
        elif carried and socket is self._link.current:
            self._link.losses.lose(Reason.REJECTED, socket.safe_at, carried)
        self._subscribed(socket, frame, answer, known=known)

    def _ask_later(self, socket: WebSocket, frame: ControlFrame, passing: bool) -> None:
        """What was carried before has a right name: that it is refused now may pass."""
        now = self._link.around.clock.monotonic()
        names = [name for name in frame.streams if passing or self._has_come(name) or self._in_doubt(socket, name)]
        since = socket.safe_at if passing else now  # what was carried may have ended before the error came
        socket.subscriptions.refused_at.update((name, since) for name in names)
        if socket is self._link.current:
            self.missed(socket, names)
        self.wait_to_ask(socket, now)

    def _has_come(self, name: str) -> bool:
        """It was carried before, or brought something."""
        stats = self._link.router.stats.get(name)
        return name in self._carried or (stats is not None and stats.came)

    def _in_doubt(self, socket: WebSocket, name: str) -> bool:
        """The WebSocket beside it, or another link that carries the same, was not refused it."""
        link = self._link
        beside = any(name not in other.subscriptions.rejected for other in link.sockets if other is not socket)
        return beside or (link.twins is not None and link.twins.wanted_elsewhere(link, name))

    def took_over(self, socket: WebSocket, since: float) -> None:
        """What ``socket`` was refused for good, and the one before has brought, has a right name: it may be missing
        ``since`` then, and is asked for again."""
        refused_at = socket.subscriptions.refused_at
        had = [name for name in socket.subscriptions.rejected if self._has_come(name)]
        refused_at.update((name, since) for name in had if name not in refused_at)

    def wait_to_ask(self, socket: WebSocket, now: float) -> None:
        """If something is to be asked for again, that is done after the next wait of the back-off, and behind a ban."""
        if socket.subscriptions.refused_at:
            around = self._link.around
            self._retries = self._retries or Retries(around.options.backoff, around.rng)
            refused = ConnectionLost("what was carried before is refused")
            wait = self._retries.failed(refused, now)[0]
            socket.timers.set(Timer.ASK, now + max(wait, self._link.attempts.ban(now)[1]))

    def ask_again(self, socket: WebSocket, now: float) -> None:
        """Ask once more for what was refused though it was carried before."""
        if socket is self._link.current:  # a successor waits until it is: the one before brings what there is
            socket.subscriptions.again(socket.subscriptions.refused_at)
            self.subscribe(socket, now)

    def missed(self, socket: WebSocket, refused: Iterable[str]) -> None:
        """What the link had until now, and is refused on ``socket``, the current one, is missing from then on."""
        link, refused_at, lost = self._link, socket.subscriptions.refused_at, self._link.losses.names
        had = [name for name in refused if name in link.since or self._has_come(name)]
        if names := [name for name in had if name not in lost]:
            link.losses.lose(Reason.REJECTED, min(refused_at[name] for name in names), names)

    def rejected(self, rejection: SubscriptionRejected) -> None:
        """The exchange refuses something that was asked for."""
        log.warning("%s: %s", self._link.around.label, rejection)
        self._link.do(Report(rejection))

    def again(self) -> list[ControlFrame]:
        """Frames that ask for all that is wanted once more."""
        link = self._link
        wanted = list(link.wanted)
        return link.around.exchange.control_frames(link.group, wanted, wanted, [], self.next_id)

    # -- the requests of callers -------------------------------------------------------------------------------------

    def request(self, request: Request, now: float) -> None:
        """Send it as soon as a WebSocket is open and logged in, if its time lasts."""
        if self._over is not None:
            request.end(self._over)
            return
        self._unsent.add(request)
        self.send(now)

    def send(self, now: float) -> None:
        """Send the requests of callers, if that is possible now: over the next WebSocket once that is ready."""
        link = self._link
        following = None if link.succession is None else link.succession.socket
        socket = link.current
        if following is not None and following.subscriptions.settled and following.usable:
            socket = following
        if socket is not None and link.state is State.OPEN and socket.usable:
            now = link.around.clock.monotonic()  # one whose time is over is never sent
            self._unsent.expire(now, link.attempts.obstacle)
            for request in self._unsent.take():
                try:
                    socket.ask_for(request, self.next_id(), now)
                except BinanceSocketsError as exc:
                    request.end(exc)
        link.timers.set(Timer.UNSENT, self._unsent.due)

    def expire(self, now: float) -> None:
        """End the requests whose time is over before they could leave."""
        self._unsent.expire(now, self._link.attempts.obstacle)
        self._link.timers.set(Timer.UNSENT, self._unsent.due)

    def over(self, error: BinanceSocketsError) -> BinanceSocketsError:
        """No WebSocket opens any more: no request leaves. Returns the first reason that was given."""
        self._over = self._over or error
        self._unsent.fail(self._over)
        return self._over
