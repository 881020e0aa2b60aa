"""Upbit's REST interface, as far as streams need it: what is listed, what was missed, what an account has.

Source: docs.upbit.com/kr/reference, ``rest-api-guide`` (2026-10-06) and ``rate-limits`` (2026-10-07).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ...config import Options
from ...engine.allowance import Quota
from ...errors import ExchangeError
from ..rest import Answer, RestClient
from .messages import decoded
from .tokens import UpbitKey

__all__ = ["UpbitRest"]

_RESERVE = 3  # calls of a second that are left to the user's own
_SECOND = 1.0
_LISTED_FOR = 60.0  # seconds for which a list of markets counts
_REMAINING = re.compile(r"group=([\w-]+).*?sec=(\d+)")
_GROUPS = {
    "/v1/market/all": "market",
    "/v1/trades/ticks": "trade",
    "/v1/candles": "candle",
    "/v1/orderbook": "orderbook",
    "/v1/ticker": "ticker",
}
_ALLOWED = {"default": 30}
_ALLOWED_QUOTES = 10


def group_of(path: str) -> str:
    """The group in which the exchange counts calls to ``path``."""
    return next((group for prefix, group in _GROUPS.items() if path.startswith(prefix)), "default")


class UpbitRest(RestClient):
    """Calls to one region. Any thread; every call blocks for a few seconds at most.

    Args:
        base: scheme and host; under a base URL its path, too.
        options: proxy and TLS settings, the same as the sockets'.
        key: for what needs one.
    """

    def __init__(self, base: str, options: Options, key: UpbitKey | None = None) -> None:
        super().__init__(base, options)
        self._key = key
        self._markets: tuple[frozenset[str], float] = (frozenset(), float("-inf"))

    def ask(self, path: str, params: Mapping[str, str]) -> Any:
        """The decoded answer to a public question; raises as :meth:`RestClient.get` does."""
        return self.get(path, params)

    def paced(self, path: str, params: Mapping[str, str]) -> Any:
        """As :meth:`ask`, when the group of the call has room. For the job thread: it waits for a second as a rule, and
        through no ban."""
        claim = self._claim(self._group(group_of(path)), "past", 1)
        try:
            while (wait := claim.take()) > 0.0:
                self._refuse_while_banned()
                self.sleep(wait)
        finally:
            claim.leave()
        return self.ask(path, params)

    def _group(self, name: str) -> Quota:
        """What is allowed of a group of calls, but for what is left to the user's own."""
        most = _ALLOWED.get(name, _ALLOWED_QUOTES) - _RESERVE
        return Quota(self.venue, name, most, most, most, _SECOND)

    def ask_private(self, path: str, params: Mapping[str, str | Sequence[str]]) -> Any:
        """The decoded answer to a question about the account; raises as :meth:`RestClient.get` does."""
        assert self._key is not None
        key = self._key
        pairs = [
            (name, each) for name, value in params.items() for each in ([value] if isinstance(value, str) else value)
        ]
        query = "&".join(f"{name}={value}" for name, value in pairs)
        sent = "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs)
        return self.send("GET", path, lambda: sent, lambda: {"Authorization": key.bearer(query)}, repeat=True)

    def markets(self) -> frozenset[str]:
        """The codes of all markets, not older than a minute; raises as :meth:`RestClient.get` does."""
        found, at = self._markets
        if self._clock.monotonic() - at > _LISTED_FOR:
            rows = self.ask("/v1/market/all", {})
            if not isinstance(rows, list):
                raise ExchangeError(None, "the list of markets is no list")
            found = frozenset(str(row["market"]) for row in rows)
            self._markets = (found, self._clock.monotonic())
        return found

    def refusal(self, body: Any) -> tuple[int | None, str] | None:
        """Quotations have a number for a name, all else a text."""
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict) or "name" not in error:
            return None
        name, text = error["name"], str(error.get("message", ""))
        if isinstance(name, int):
            return name, text
        return None, f"{name}: {text}" if text else str(name)

    def decode(self, body: bytes) -> Any:
        """With exact numbers."""
        return decoded(body)

    def noted(self, path: str, answer: Answer) -> None:
        """Keep what is left of the group in this second."""
        found = _REMAINING.search(answer.headers.get("Remaining-Req") or "")
        if found is not None:
            used = _ALLOWED.get(found[1], _ALLOWED_QUOTES) - int(found[2])
            self._told_used(used, answer.asked, self._group(found[1]))
