"""The messages that the benchmark serves: wire shapes of 2026 with made-up figures, framed in advance.

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
UPBIT, UPBIT_MARK = "upbit", "KRW-END"
"""Tickers, trades and order books of Upbit on one connection, in binary frames; and what ends them."""
PAYLOADS = ("trade", "aggTrade", "bookTicker", "depth", "miniTickerArr", "combined")
COMBINED_SYMBOLS = ("BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "TRX", "LINK", "AVAX")

_SUFFIXES = {"trade": "trade", "aggTrade": "aggTrade", "bookTicker": "bookTicker", "depth": "depth@100ms"}
_POOL = {"trade": 2000, "aggTrade": 2000, "bookTicker": 2000, "depth": 200, "miniTickerArr": 12, "combined": 2000}
_POOL[UPBIT] = 1000
_ROWS = 400
_NOW = 1_795_000_000_000  # November 2026, in milliseconds


def streams(payload: str) -> list[str]:
    """The stream names that a client subscribes to for ``payload``."""
    if payload == "combined":
        return [f"{base.lower()}usdt@trade" for base in COMBINED_SYMBOLS]
    if payload == UPBIT:
        return [f"KRW-{base}" for base in COMBINED_SYMBOLS]
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
    if payload == UPBIT:
        rows = [_upbit(rng, index, rng.choice(streams(payload))) for index in range(_POOL[payload])]
        return Pool([frame(row, binary=True) for row in rows], frame(_upbit(rng, 1, UPBIT_MARK), binary=True), [])
    make = _MAKERS[payload]
    names = streams(payload)
    bodies, marker = [], make(rng, 0, MARK)
    for index in range(_POOL[payload]):
        base = COMBINED_SYMBOLS[rng.randrange(len(names))]
        bodies.append((names[COMBINED_SYMBOLS.index(base)], make(rng, index, base + "USDT")))
    frames = [frame(_text(name, body, wrapped, stamped)) for name, body in bodies]
    stamps = [data.index(b'"E":') + 4 for data in frames] if stamped else []
    return Pool(frames, frame(_text(names[0], marker, wrapped, stamped)), stamps)


def frame(payload: bytes, *, binary: bool = False) -> bytes:
    """An unmasked, final frame."""
    size, first = len(payload), b"\x82" if binary else b"\x81"
    if size < 126:
        return first + bytes((size,)) + payload
    if size < 65536:
        return first + b"\x7e" + size.to_bytes(2, "big") + payload
    return first + b"\x7f" + size.to_bytes(8, "big") + payload


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


def _upbit(rng: random.Random, index: int, code: str) -> bytes:
    """A ticker, a trade or a book, with as many of each as a busy market has."""
    kind = ("ticker", "trade", "orderbook", "ticker", "orderbook")[index % 5]
    now, price = _NOW + index, float(rng.randrange(90_000, 120_000) * 1000)
    body: dict[str, Any] = {"type": kind, "code": code}
    if kind == "orderbook":
        units = [
            {
                "ask_price": price + 1000 * n, "bid_price": price - 1000 * n - 1000, "ask_size": _size(rng),
                "bid_size": _size(rng),
            }
            for n in range(15)
        ]  # fmt: skip
        body |= {"timestamp": now, "total_ask_size": _size(rng), "total_bid_size": _size(rng)}
        body |= {"orderbook_units": units, "stream_type": "REALTIME", "level": 0}
    elif kind == "trade":
        body |= {
            "timestamp": now, "trade_date": "2026-11-18", "trade_time": "11:06:40", "trade_timestamp": now - 1,
            "trade_price": price, "trade_volume": _size(rng), "ask_bid": rng.choice(("ASK", "BID")),
            "prev_closing_price": 108_000_000.0, "change": "RISE", "change_price": 1_000_000.0,
            "sequential_id": 10_000 * now, "best_ask_price": price, "best_ask_size": _size(rng),
            "best_bid_price": price - 1000, "best_bid_size": _size(rng), "stream_type": "REALTIME",
        }  # fmt: skip
    else:
        body |= {
            "opening_price": price, "high_price": price, "low_price": price, "trade_price": price,
            "prev_closing_price": 108_000_000.0, "acc_trade_price": 229_342_861_607.30978, "change": "RISE",
            "change_price": 1_000_000.0, "signed_change_price": 1_000_000.0, "change_rate": 0.0092592593,
            "signed_change_rate": 0.0092592593, "ask_bid": "BID", "trade_volume": _size(rng),
            "acc_trade_volume": 1399.45618806, "trade_date": "20261118", "trade_time": "110640",
            "trade_timestamp": now - 1, "acc_ask_volume": 611.90590443, "acc_bid_volume": 787.55028363,
            "highest_52_week_price": 179_000_000.0, "highest_52_week_date": "2026-08-13",
            "lowest_52_week_price": 88_000_000.0, "lowest_52_week_date": "2026-02-05", "market_state": "ACTIVE",
            "is_trading_suspended": False, "delisting_date": None, "market_warning": "NONE", "timestamp": now,
            "acc_trade_price_24h": 381_242_118_431.79364, "acc_trade_volume_24h": 2344.92052835,
            "stream_type": "REALTIME",
        }  # fmt: skip
    return json.dumps(body, separators=(",", ":")).encode()


def _size(rng: random.Random) -> float:
    return round(10 ** rng.uniform(-4, 0), 8)


_MAKERS: dict[str, Callable[[random.Random, int, str], Any]] = {
    "trade": _trade,
    "aggTrade": _agg_trade,
    "bookTicker": _book_ticker,
    "depth": _depth,
    "miniTickerArr": _mini_tickers,
    "combined": _trade,
}
