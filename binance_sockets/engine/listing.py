"""What the exchange says it carries, compared with what it should."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Set
from typing import TYPE_CHECKING

from ..errors import BinanceSocketsError, SubscriptionMismatch
from ..events import Reason
from ..exchange import Ack
from .commands import Report
from .requests import Request
from .timers import Timer
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Listing"]

log = logging.getLogger("binance_sockets.connection")

_SOON = 5.0  # seconds behind the last answer to a control frame, so that changes made close together are one question
_RARELY = 300.0  # seconds between two questions where nothing changes
_PATIENCE = 60.0  # seconds for an answer, which a slow network may hold up; without one nothing is worse than before
_ON_ITS_WAY = 1.0  # seconds that a message may need from the exchange
_NEVER = float("inf")


class Listing:
    """Asks the exchange what a link's WebSocket carries, and puts right what differs. On the connection's thread.

    An answer counts only where nothing was asked for between question and answer: it tells then what should be carried
    by what was confirmed. So it never undoes what a user wants meanwhile; the next question tells.

    A name that the exchange does not list although it was asked for again, or goes on to bring messages, is spelled
    otherwise there. Nothing is compared on this link from then on, as putting that right would do harm. Messages that
    came just behind the question may have been on their way before, so that it is asked once more. An answer that is no
    list says nothing.

    Args:
        link: whose streams are compared.

    Attributes:
        forgotten: names that the exchange had lost, so far.
        surplus: names that it had too much, so far.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._useless = False
        self._agreed: tuple[WebSocket, float] | None = None  # when it last listed all that is wanted
        self._lacked: tuple[WebSocket, frozenset[str]] | None = None  # what was asked for again, until it is listed
        self.forgotten = self.surplus = 0

    def settled(self, socket: WebSocket, now: float) -> None:
        """Everything wanted is answered on the current WebSocket."""
        if not self._useless:
            socket.timers.set(Timer.LIST, now + _SOON)

    def doubt(self, socket: WebSocket, now: float) -> None:
        """A stream is silent: whether it is carried at all is asked at once, where it would be asked some day."""
        due = socket.timers.at(Timer.LIST)
        if due is not None and due > now:
            socket.timers.set(Timer.LIST, now)

    def ask(self, socket: WebSocket, now: float) -> None:
        """The timer is due."""
        link, subscriptions = self._link, socket.subscriptions
        if self._useless or socket is not link.current or socket.logging_in:
            return
        socket.timers.set(Timer.LIST, now + _RARELY)
        if subscriptions.under_way:  # its answer sets the timer
            return
        request_id = link.asking.next_id()
        text = link.around.exchange.listing(link.group, request_id)
        if text is None:
            self._useless = True
            socket.timers.set(Timer.LIST, None)
            return
        changes, carried = subscriptions.changes, frozenset(subscriptions.confirmed)
        asked_at = link.around.clock.monotonic()

        def answered(answer: Ack | BinanceSocketsError) -> None:
            if isinstance(answer, Ack) and socket is link.current and not socket.ended:
                self._answered(socket, answer, changes, carried, asked_at)

        socket.ask_for(Request(lambda _: text, answered, asked_at + _PATIENCE, _PATIENCE), request_id, now)

    def _answered(self, socket: WebSocket, answer: Ack, changes: int, carried: Set[str], asked_at: float) -> None:
        link, subscriptions = self._link, socket.subscriptions
        doubted, now = subscriptions.doubted, link.around.clock.monotonic()
        listed = link.around.exchange.listed(link.group, answer) if answer.error is None else None
        if listed is None:
            log.info("%s: the exchange does not tell what it carries", link.around.label)
            if doubted:
                socket.timers.set(Timer.LIST, now + _SOON)
            return
        lacking = [name for name in subscriptions.lacking(listed) if name in carried]
        for name in doubted.keys() - lacking:
            del doubted[name]
        # Where there are two WebSockets, the other one may have brought the last messages.
        if subscriptions.changes != changes or len(link.sockets) > 1:
            doubted.update(dict.fromkeys(lacking, _NEVER))
            socket.timers.set(Timer.LIST, now + _SOON)
            return
        before = self._lacked[1] if self._lacked is not None and self._lacked[0] is socket else frozenset()
        if any(name in before or self._goes_on(socket, name) for name in lacking):
            self._give_up(socket)
            return
        fresh = [name for name in lacking if doubted.get(name, _NEVER) == _NEVER and self._last(name) >= asked_at]
        if fresh:
            doubted.update(dict.fromkeys(fresh, now))
            socket.timers.set(Timer.LIST, now + _SOON)
            return
        found = listed - subscriptions.confirmed
        # What it lacks is put right first: until it is listed, a name too many may be another spelling of it.
        surplus = [] if lacking else sorted(name for name in found if name not in link.wanted)
        if lacking or surplus:
            self._tell(SubscriptionMismatch(lacking, surplus))
        self.forgotten += len(lacking)
        self.surplus += len(surplus)
        self._lacked = (socket, frozenset(lacking))
        if lacking:
            link.losses.lose(Reason.FORGOTTEN, self.safe_at(socket, lacking), lacking)
            subscriptions.forgotten(lacking)
        else:
            self._agreed = (socket, asked_at)
            subscriptions.found(found)
        if lacking or found:
            link.asking.subscribe(socket, now)

    def _last(self, name: str) -> float:
        return self._link.router.stats[name].last

    def _goes_on(self, socket: WebSocket, name: str) -> bool:
        """It brings messages that left the exchange after it had not listed the name."""
        return self._last(name) > socket.subscriptions.doubted.get(name, _NEVER) + _ON_ITS_WAY

    def carried_at(self, socket: WebSocket) -> float:
        """When the exchange surely carried all that is wanted: it listed it, or ``socket`` was opened."""
        return self._agreed[1] if self._agreed is not None and self._agreed[0] is socket else socket.opened_at

    def safe_at(self, socket: WebSocket, names: Iterable[str]) -> float:
        """Until when streams were surely carried: their last message came then, or the exchange listed them."""
        agreed = self.carried_at(socket)
        return min(socket.safe_at, *(max(agreed, self._last(name)) - _ON_ITS_WAY for name in names))

    def _tell(self, error: SubscriptionMismatch) -> None:
        log.warning("%s: %s", self._link.around.label, error)
        self._link.do(Report(error))

    def _give_up(self, socket: WebSocket) -> None:
        self._useless = True
        socket.subscriptions.doubted.clear()
        log.info(
            "%s: the exchange lists names that are spelled otherwise than they were asked for; its list is not "
            "compared with what is wanted",
            self._link.around.label,
        )
