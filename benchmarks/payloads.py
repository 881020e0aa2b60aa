"""The messages that the benchmark serves: Binance's wire shapes of 2026 with made-up figures, framed in advance.

The last message of every run, and the one before the first counted message, is a marker: an ordinary message whose
symbol is ``MARK``. That is how every client, whatever its interface, knows where the measured part begins and ends.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MARK = "ENDUSDT"
PAYLOADS = ("trade", "aggTrade", "bookTicker", "depth", "miniTickerArr", "combined")
COMBINED_SYMBOLS = ("BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "TRX", "LINK", "AVAX")

_SUFFIXES = {"trade": "trade", "aggTrade": "aggTrade", "bookTicker": "bookTicker", "depth": "depth@100ms"}
_POOL = {"trade": 2000, "aggTrade": 2000, "bookTicker": 2000, "depth": 200, "miniTickerArr": 12, "combined": 2000}
_ROWS = 400
_NOW = 1_795_000_000_000  # November 2026, in milliseconds


def streams(payload: str) -> list[str]:
    """The stream names that a client subscribes to for ``payload``."""
    if payload == "combined":
        return [f"{base.lower()}usdt@trade" for base in COMBINED_SYMBOLS]
    if payload == "miniTickerArr":
        return ["!miniTicker@arr"]
    return [f"btcusdt@{_SUFFIXES[payload]}"]


@dataclass(frozen=True)
class Pool:
    """Framed messages of one payload.

    Args:
        frames: the messages as WebSocket frames; a run repeats them in order.
        marker: the marker as a frame.
        stamps: where the 16 digits of ``E`` begin in each frame; empty unless stamped.
    """

    frames: list[bytes]
    marker: bytes
    stamps: list[int]


def pool(payload: str, *, wrapped: bool, stamped: bool = False) -> Pool:
    """Make the messages of ``payload``, the same ones on every call.

    Args:
        payload: one of ``PAYLOADS``.
        wrapped: as ``{"stream": name, "data": ...}``, as combined streams send them.
        stamped: with room for a time in microseconds in ``E``, for paced runs.
    """
    rng = random.Random(2026)
    make = _MAKERS[payload]
    names = streams(payload)
    bodies, marker = [], make(rng, 0, MARK)
    for index in range(_POOL[payload]):
        base = COMBINED_SYMBOLS[rng.randrange(len(names))]
        bodies.append((names[COMBINED_SYMBOLS.index(base)], make(rng, index, base + "USDT")))
    frames = [frame(_text(name, body, wrapped, stamped)) for name, body in bodies]
    stamps = [data.index(b'"E":') + 4 for data in frames] if stamped else []
    return Pool(frames, frame(_text(names[0], marker, wrapped, stamped)), stamps)


def frame(payload: bytes) -> bytes:
    """An unmasked, final text frame."""
    size = len(payload)
    if size < 126:
        head = bytes((0x81, size))
    elif size < 65536:
        head = b"\x81\x7e" + size.to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + size.to_bytes(8, "big")
    return head + payload


def _text(name: str, body: Any, wrapped: bool, stamped: bool) -> bytes:
    first = body[0] if isinstance(body, list) else body
    if stamped:
        if "E" not in first:
            raise ValueError(f"{name} has no event time, so it cannot be stamped")
        first["E"] = first["E"] * 1000
    return json.dumps({"stream": name, "data": body} if wrapped else body, separators=(",", ":")).encode()


def _price(rng: random.Random) -> str:
    return f"{rng.uniform(84_000, 96_000):.2f}000000"


def _quantity(rng: random.Random) -> str:
    return f"{10 ** rng.uniform(-5, 1):.5f}000"


def _trade(rng: random.Random, index: int, symbol: str) -> dict[str, Any]:
    return {
        "e": "trade", "E": _NOW + index, "s": symbol, "t": 5_612_340_000 + index, "p": _price(rng),
        "q": _quantity(rng), "T": _NOW + index - 1, "m": rng.random() < 0.5, "M": True,
    }  # fmt: skip


def _agg_trade(rng: random.Random, index: int, symbol: str) -> dict[str, Any]:
    first = 5_612_340_000 + 3 * index
    return {
        "e": "aggTrade", "E": _NOW + index, "s": symbol, "a": 3_812_340_000 + index, "p": _price(rng),
        "q": _quantity(rng), "f": first, "l": first + rng.randrange(3), "T": _NOW + index - 1,
        "m": rng.random() < 0.5, "M": True,
    }  # fmt: skip


def _book_ticker(rng: random.Random, index: int, symbol: str) -> dict[str, Any]:
    return {
        "u": 81_234_560_000 + index, "s": symbol, "b": _price(rng), "B": _quantity(rng),
        "a": _price(rng), "A": _quantity(rng),
    }  # fmt: skip


def _depth(rng: random.Random, index: int, symbol: str) -> dict[str, Any]:
    first = 81_234_560_000 + 100 * index
    levels = [[[_price(rng), _quantity(rng)] for _ in range(50)] for _ in range(2)]
    return {
        "e": "depthUpdate", "E": _NOW + 100 * index, "s": symbol, "U": first, "u": first + 99,
        "b": levels[0], "a": levels[1],
    }  # fmt: skip


def _mini_tickers(rng: random.Random, index: int, symbol: str) -> list[dict[str, Any]]:
    symbols = [symbol, *(f"COIN{row}USDT" for row in range(1, _ROWS))]
    return [
        {
            "e": "24hrMiniTicker", "E": _NOW + 1000 * index, "s": name, "c": _price(rng), "o": _price(rng),
            "h": _price(rng), "l": _price(rng), "v": _quantity(rng), "q": _quantity(rng),
        }
        for name in symbols
    ]  # fmt: skip


_MAKERS: dict[str, Callable[[random.Random, int, str], Any]] = {
    "trade": _trade,
    "aggTrade": _agg_trade,
    "bookTicker": _book_ticker,
    "depth": _depth,
    "miniTickerArr": _mini_tickers,
    "combined": _trade,
}
