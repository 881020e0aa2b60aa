"""The user streams of one connection to the WebSocket API. On the simulator's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.binance.listen_tokens import ListenToken
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.server_clock import ServerClock

__all__ = ["Subscription", "Subscriptions"]

_MOST_ACTIVE, _MOST_EVER = 1000, 65_535


@dataclass(slots=True, eq=False)
class Subscription:
    """One user stream.

    Args:
        number: ``subscriptionId``.
        key: the API key that opened it.
        wallet: whose events it carries.
        logged_on: whether it was opened by the session's own key, and ends with the logout.
        remove: ends it at its account.
        token: what it was opened with, where that expires.
    """

    number: int
    key: Key
    wallet: str
    logged_on: bool
    remove: Callable[[], None]
    token: ListenToken | None = None


class Subscriptions:
    """All user streams of a connection.

    Args:
        clock: by which tokens expire.
        send: sends an event of a stream.
        changed: told of the numbers that are active after each change.
        later: calls something after some seconds, unless the connection has ended by then.
    """

    def __init__(
        self,
        clock: ServerClock,
        send: Callable[[int, dict[str, Any]], None],
        changed: Callable[[list[int]], None],
        later: Callable[[float, Callable[[], object]], None],
    ) -> None:
        self._clock, self._send, self._changed, self._later = clock, send, changed, later
        self._rows: dict[int, Subscription] = {}
        self._next = 0

    @property
    def active(self) -> list[int]:
        """Their numbers."""
        return list(self._rows)

    @property
    def has_session(self) -> bool:
        """Whether one belongs to the key that is logged on."""
        return any(row.logged_on for row in self._rows.values())

    def add(self, key: Key, wallet: str, *, logged_on: bool = False, token: ListenToken | None = None) -> int:
        """Open a stream; a further token for the same wallet prolongs the one that is open.

        Returns:
            Its number.

        Raises:
            Refused: -2035 for a second stream of an account, -1191 and -2042 for too many.
        """
        found = next((r for r in self._rows.values() if r.key.account is key.account and r.wallet == wallet), None)
        if found is not None:
            if token is None or found.token is None:
                raise Refused(-2035, "User Data Stream subscription already active.")
            sooner, found.token = token.expires < found.token.expires, token
            if sooner:  # otherwise the timer that runs will find the new one
                self._watch(found, token)
            return found.number
        if len(self._rows) >= _MOST_ACTIVE:
            text = f"Too many subscriptions. Connection may create up to '{_MOST_ACTIVE}' subscriptions at a time."
            raise Refused(-1191, text)
        if self._next >= _MOST_EVER:
            raise Refused(-2042, "Subscription IDs of this connection are used up; please reconnect.")
        number, self._next = self._next, self._next + 1
        remove = key.account.listen(wallet, partial(self._send, number))
        self._rows[number] = Subscription(number, key, wallet, logged_on, remove, token)
        self._changed(self.active)
        if token is not None:
            self._watch(self._rows[number], token)
        return number

    def end(self, number: int) -> None:
        """End one stream.

        Raises:
            Refused: -2036 where there is none of this number.
        """
        if number not in self._rows:
            raise Refused(-2036, "User Data Stream subscription not active.")
        self.end_where(lambda row: row.number == number)

    def end_all(self) -> None:
        """End every stream."""
        self.end_where(lambda row: True)

    def end_session(self) -> None:
        """End the stream of the key that was logged on."""
        self.end_where(lambda row: row.logged_on)

    def end_expired(self) -> None:
        """End the streams whose token has expired."""
        now = self._clock.milliseconds()
        self.end_where(lambda row: row.token is not None and row.token.expires <= now)

    def end_where(self, chosen: Callable[[Subscription], bool]) -> int:
        """End some streams, each with its event; how many those were."""
        rows = [row for row in self._rows.values() if chosen(row)]
        for row in rows:
            row.remove()
            self._send(row.number, {"e": "eventStreamTerminated", "E": self._clock.milliseconds()})
            del self._rows[row.number]
        self._changed(self.active)
        return len(rows)

    def close(self) -> None:
        """The connection has ended."""
        for row in self._rows.values():
            row.remove()
        self._rows.clear()

    def _watch(self, row: Subscription, token: ListenToken) -> None:
        """Look at a stream when its token would expire; another token, or a clock that was set, has moved that."""

        def look() -> None:
            self.end_expired()
            if self._rows.get(row.number) is row and row.token is not None:
                self._watch(row, row.token)

        self._later(max(0.0, (token.expires - self._clock.milliseconds()) / 1000) + 0.001, look)
