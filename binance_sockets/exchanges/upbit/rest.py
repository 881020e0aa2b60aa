"""Upbit's REST interface, as far as streams need it: what is listed, what was missed, what an account has.

Source: docs.upbit.com/kr/reference, ``rest-api-guide`` (2026-10-06) and ``rate-limits`` (2026-10-07).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ...config import Options
from ...errors import ExchangeError
from ..rest import Answer, RestClient
from .messages import decoded
from .tokens import UpbitKey

__all__ = ["Pace", "UpbitRest"]

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


class Pace:
    """How many calls of each group may still be made in this second, as ``Remaining-Req`` tells. Any thread.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[int, float]] = {}  # calls, and until when that counts

    def take(self, group: str) -> float:
        """Make a call if one may be made now, and return 0; else the seconds until one may."""
        with self._lock:
            now = self._clock()
            left, until = self._left.get(group, (0, now))
            if until <= now:
                left, until = _ALLOWED.get(group, _ALLOWED_QUOTES), now + _SECOND
            if left <= _RESERVE:
                return until - now
            self._left[group] = (left - 1, until)
            return 0.0

    def told(self, header: str | None) -> None:
        """The exchange has told what is left."""
        found = _REMAINING.search(header or "")
        if found is not None:
            with self._lock:
                self._left[found[1]] = (int(found[2]), self._clock() + _SECOND)


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
        self.pace = Pace(self._clock.monotonic)
        self._markets: tuple[frozenset[str], float] = (frozenset(), float("-inf"))

    def ask(self, path: str, params: Mapping[str, str]) -> Any:
        """The decoded answer to a public question; raises as :meth:`RestClient.get` does."""
        return self.get(path, params)

    def paced(self, path: str, params: Mapping[str, str]) -> Any:
        """As :meth:`ask`, when the group of the call has room. For the job thread: it waits for a second as a rule."""
        group = group_of(path)
        while (wait := self.pace.take(group)) > 0.0:
            self.sleep(wait)
        return self.ask(path, params)

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
        self.pace.told(answer.headers.get("Remaining-Req"))
