"""What exchangeInfo lists, whatever it looks like."""

from __future__ import annotations

from typing import Any

import pytest

from binance_sockets.errors import BinanceSocketsError, DecodeError, ExchangeError, RateLimited
from binance_sockets.exchanges.binance.symbol_sets import Look

INFO = {"symbols": [{"symbol": "AAAUSDT", "status": "BREAK"}], "optionSymbols": [{"symbol": "BBB-C"}]}


class Rest:
    """Answers with one body."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def get(self, path: str, query: Any) -> Any:
        return self._body


def look(body: Any) -> tuple[list[Any], list[BinanceSocketsError]]:
    """What is learned of one look, and reported."""
    learned: list[Any] = []
    reported: list[BinanceSocketsError] = []
    Look(Rest(body), "/exchangeInfo", {}, 60.0, learned.append, reported.append, "key")()  # type: ignore[arg-type]
    return learned, reported


def test_what_is_listed_has_its_status() -> None:
    """Options have none while they are traded."""
    assert look(INFO) == ([{"aaausdt": "BREAK", "bbb-c": "TRADING"}], [])


class Refuses:
    """Asks, and is refused."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get(self, path: str, query: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ExchangeError(None, "HTTP 503 without a usable body", 503), "HTTP 503 without a usable body"),
        (RateLimited(429, 7.0), "HTTP 429"),
        (OSError("of another kind"), "OSError"),
    ],
)
def test_the_log_says_why_nobody_could_be_asked(error: Exception, words: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whose symbols they are, and what the exchange said; of others' errors the kind."""
    Look(Refuses(error), "/exchangeInfo", {}, 60.0, print, lambda report: None, "prices")()  # type: ignore[arg-type]
    (text,) = caplog.messages
    assert text.startswith("prices: what is listed could not be asked, next attempt in 5 s: ") and words in text


@pytest.mark.parametrize("body", [{"symbols": []}, {"symbols": None}, {"symbols": [1]}, {"symbols": [{}]}, [], {}, "x"])
def test_a_list_that_is_none_changes_nothing(body: Any) -> None:
    """Nor one that is empty, though it has the right shape: every stream of every set would be given up."""
    learned, (error,) = look(body)
    assert not learned
    assert isinstance(error, DecodeError)
