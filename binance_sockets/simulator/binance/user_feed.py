"""The listen keys that one stream connection follows. On the simulator's thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from binance_sockets.simulator.answers import dumps
from binance_sockets.simulator.binance.listen_keys import ListenKey, ListenKeys
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.session import Session

__all__ = ["UserFeed"]

_SYNONYMS = {"ALGO_ORDER_UPDATE": "ALGO_UPDATE"}


class UserFeed:
    """Sends user events to a connection. A key that nobody has issued is followed in silence.

    Args:
        session: the connection.
        listen_keys: those that were issued.
        clock: by which they expire.
        wallets: product of the keys that work here, to the wallet whose events they bring.
        events: listen key to the events that were asked for; all where it has none.
    """

    def __init__(
        self,
        session: Session,
        listen_keys: ListenKeys,
        clock: ServerClock,
        wallets: Mapping[str, str],
        events: Mapping[str, Collection[str]],
    ) -> None:
        self._session, self._listen_keys, self._clock = session, listen_keys, clock
        self._wallets = wallets
        self._events = {text: {_SYNONYMS.get(name, name) for name in names} for text, names in events.items()}
        self._followed: dict[str, ListenKey] = {}

    def follow(self, names: Collection[str]) -> None:
        """Follow the listen keys among these names, and no others."""
        for text in [text for text in self._followed if text not in names]:
            self._followed.pop(text).leave(self._send)
        for text in names:
            row = self._listen_keys.find(text) if text not in self._followed else None
            if row is not None and row.product in self._wallets:
                self._followed[text] = row
                row.follow(self._send, self._wallets[row.product])
                self._watch(row)

    def enveloped(self, name: str) -> bool:
        """Whether events of this key come in an envelope on every connection, as those of options do."""
        row = self._followed.get(name)
        return row is not None and row.product == "options"

    def close(self) -> None:
        """The connection has ended."""
        self.follow(())

    def _send(self, text: str, event: dict[str, Any]) -> None:
        wanted = self._events.get(text)
        if wanted is None or event["e"] in wanted:
            self._session.deliver(text, dumps(event), event["e"])

    def _watch(self, row: ListenKey) -> None:
        """Look at a key when it would expire; whoever extended it by then has moved that."""

        def look() -> None:
            if self._followed.get(row.text) is row and row in self._listen_keys.live():
                self._watch(row)

        self._session.later(max(0.0, row.expires - self._clock.seconds()) + 0.001, look)
