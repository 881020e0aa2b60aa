"""What the exchange says it carries, compared with what it should."""

from __future__ import annotations

import logging
from collections.abc import Mapping
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
_PATIENCE = 10.0  # seconds for an answer; without one the link is no worse than before
_ON_ITS_WAY = 1.0  # seconds that a message may need from the exchange


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
        # names that are lacking and had brought something meanwhile: since when, and the last of that
        self._doubted: dict[str, tuple[float, float]] = {}
        self.forgotten = self.surplus = 0

    def settled(self, socket: WebSocket, now: float) -> None:
        """Everything wanted is answered on the current WebSocket."""
        self._doubted.clear()
        if not self._useless:
            socket.timers.set(Timer.LIST, now + _SOON)

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
        changes, asked_at = subscriptions.changes, link.around.clock.monotonic()

        def answered(answer: Ack | BinanceSocketsError) -> None:
            if isinstance(answer, Ack) and socket is link.current and not socket.ended:
                self._answered(socket, answer, changes, asked_at)

        socket.ask_for(Request(lambda _: text, answered, asked_at + _PATIENCE, _PATIENCE), request_id, now)

    def _answered(self, socket: WebSocket, answer: Ack, changes: int, asked_at: float) -> None:
        link, subscriptions = self._link, socket.subscriptions
        listed = link.around.exchange.listed(link.group, answer) if answer.error is None else None
        if listed is None:
            log.info("%s: the exchange does not tell what it carries", link.around.label)
            return
        now = link.around.clock.monotonic()
        if subscriptions.changes == changes and link.succession is not None:  # which may have brought the last messages
            self._doubted.update((name, (now, float("-inf"))) for name in subscriptions.lacking(listed))
        if subscriptions.changes != changes or link.succession is not None:
            socket.timers.set(Timer.LIST, now + _SOON)
            return
        lacking = subscriptions.lacking(listed)
        self._doubted = {name: since for name, since in self._doubted.items() if name in lacking}
        before = self._lacked[1] if self._lacked is not None and self._lacked[0] is socket else frozenset()
        if any(name in before or self._goes_on(name) for name in lacking):
            self._give_up()
            return
        if doubted := [name for name in lacking if self._last(name) >= asked_at and name not in self._doubted]:
            self._doubted.update((name, (now, self._last(name))) for name in doubted)
            socket.timers.set(Timer.LIST, now + _SOON)
            return
        found = listed - subscriptions.confirmed
        # What it lacks is put right first: until it is listed, a name too many may be another spelling of it.
        surplus = [] if lacking else sorted(name for name in found if name not in link.wanted)
        if lacking or surplus:
            self._tell(SubscriptionMismatch(lacking, surplus))
        self.forgotten += len(lacking)
        self.surplus += len(surplus)
        self._lacked = (socket, frozenset(lacking)) if lacking else None
        if lacking:
            lasts = {name: self._last(name) for name in lacking}
            link.losses.lose(Reason.FORGOTTEN, self._safe_at(socket, lasts), lacking)
            subscriptions.forgotten(lacking)
        else:
            self._agreed = (socket, asked_at)
            subscriptions.found(found)
        if lacking or found:
            link.asking.subscribe(socket, now)

    def missed(self, socket: WebSocket) -> None:
        """``socket`` is left before it was asked once more: what was in doubt has most likely been lost."""
        doubted, self._doubted = self._doubted, {}
        lasts = {name: last for name, (_, last) in doubted.items() if name in self._link.wanted}
        if lasts:
            self._link.losses.lose(Reason.FORGOTTEN, self._safe_at(socket, lasts), list(lasts))

    def _last(self, name: str) -> float:
        return self._link.router.stats[name].last

    def _goes_on(self, name: str) -> bool:
        """It brings messages that left the exchange after it had not listed the name."""
        return name in self._doubted and self._last(name) > self._doubted[name][0] + _ON_ITS_WAY

    def carried_at(self, socket: WebSocket) -> float:
        """When the exchange surely carried all that is wanted: it listed it, or ``socket`` was opened."""
        return self._agreed[1] if self._agreed is not None and self._agreed[0] is socket else socket.opened_at

    def _safe_at(self, socket: WebSocket, lasts: Mapping[str, float]) -> float:
        """Until when streams were surely carried: their last message came then, or the exchange listed them."""
        agreed = self.carried_at(socket)
        return min(socket.safe_at, *(max(agreed, last) - _ON_ITS_WAY for last in lasts.values()))

    def _tell(self, error: SubscriptionMismatch) -> None:
        log.warning("%s: %s", self._link.around.label, error)
        self._link.do(Report(error))

    def _give_up(self) -> None:
        self._useless = True
        log.info(
            "%s: the exchange lists names that are spelled otherwise than they were asked for; its list is not "
            "compared with what is wanted",
            self._link.around.label,
        )
