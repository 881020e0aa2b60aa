"""Listen tokens: the right to the user stream of a margin account, cross or isolated. On the simulator's thread."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from binance_sockets.simulator.accounts import Account, Key
from binance_sockets.simulator.binance.trading.calls import Refused, missing
from binance_sockets.simulator.server_clock import ServerClock

__all__ = ["ListenToken", "ListenTokens"]

_DAY_MS = 86_400_000


@dataclass(slots=True, eq=False)
class ListenToken:
    """One token.

    Args:
        text: by which it is known.
        owner: the API key that made it.
        wallet: of which it tells: ``margin`` or ``isolated/SYMBOL``.
        expires: milliseconds since the epoch.
    """

    text: str = field(repr=False)
    owner: Key
    wallet: str
    expires: int

    @property
    def account(self) -> Account:
        return self.owner.account


class ListenTokens:
    """All listen tokens. Several may be valid for the same wallet.

    Args:
        clock: by which they expire.
    """

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._tokens: dict[str, ListenToken] = {}

    def create(self, owner: Key, params: Mapping[str, str]) -> ListenToken:
        """A new token.

        Args:
            owner: who asks.
            params: ``isIsolated``, ``symbol`` where isolated, ``validity`` in milliseconds.

        Raises:
            Refused: -1102 without a symbol, -1100 or -1130 for a validity that makes no sense.
        """
        isolated = params.get("isIsolated", "false").lower() == "true"
        symbol = params.get("symbol", "")
        if isolated and not symbol:
            raise missing("symbol")
        text = params.get("validity", str(_DAY_MS))
        if not re.fullmatch("[0-9]{1,18}", text):
            raise Refused(-1100, "Illegal characters found in parameter 'validity'; legal range is '^[0-9]{1,20}$'.")
        if not 0 < int(text) <= _DAY_MS:
            raise Refused(-1130, "Data sent for parameter 'validity' is not valid.")
        wallet = f"isolated/{symbol}" if isolated else "margin"
        token = ListenToken(secrets.token_urlsafe(48), owner, wallet, self._clock.milliseconds() + int(text))
        self._tokens = {row.text: row for row in (*self.live(), token)}
        return token

    def find(self, text: str) -> ListenToken:
        """A live token by its text.

        Raises:
            Refused: -1209.
        """
        token = next((row for row in self.live() if row.text == text), None)
        if token is None:
            raise Refused(-1209, "Invalid listen token.")
        return token

    def live(self) -> list[ListenToken]:
        """Those that have not expired."""
        now = self._clock.milliseconds()
        return [row for row in self._tokens.values() if row.expires > now and not row.owner.revoked]
