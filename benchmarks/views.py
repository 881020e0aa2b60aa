"""What a message costs in each view and with each type of numbers, and in the handlers between it and a callback.

    python benchmarks/views.py [--messages 20000] [--repeat 5]

One process, no socket: the decoder of a stream and one call of a callback, as the connection's thread does it: that
thread's CPU time, best of ``--repeat`` passes. What reading and framing cost beside it is told by ``hot_path.py``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

import payloads
import tables

from binance_sockets import Bars, Batched, Buffered, Snapshots, Table, Windowed
from binance_sockets.exchange import Misfits
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.urls import Environment
from binance_sockets.service import WebSocketService

PAYLOADS = ("trade", "aggTrade", "bookTicker", "depth", "miniTickerArr")
VIEWS = (
    ("dict", None), ("raw", None), ("typed", "str"), ("typed", "decimal"), ("typed", "float"), ("unified", "str"),
    ("unified", "decimal"), ("unified", "float"),
)  # fmt: skip
Decode = Callable[[Any], "tuple[str, Any]"]
_HEADER = {126: 4, 127: 10}  # bytes before the payload of a frame, by its second byte


def messages(payload: str, wrapped: bool = False) -> list[memoryview]:
    """The messages of the other benchmarks, without their frames."""
    frames = payloads.pool(payload, wrapped=wrapped).frames
    return [memoryview(frame)[_HEADER.get(frame[1], 2) :] for frame in frames]


def decoder(payload: str, view: str, numbers: str | None, wrapped: bool = False) -> Decode:
    """The decoder that a socket of this stream has."""
    made = MarketStreams(Environment("http://127.0.0.1:9"), wrapped=wrapped, view=view, numbers=numbers)
    (group,) = made.split([parse("spot", name).stream() for name in payloads.streams(payload)])
    return made.decoder(group, Misfits())


def cost(decode: Decode, callback: Callable[[Any], Any], found: list[Any], repeat: int) -> float:
    """Microseconds per message."""
    best = float("inf")
    for _ in range(repeat):
        before = time.thread_time()
        for message in found:
            callback(decode(message)[1])
        best = min(best, time.thread_time() - before)
    return best / len(found) * 1e6


def nothing(payload: Any) -> None:
    """A callback that does nothing."""


def by_view(payload: str, count: int, repeat: int) -> list[list[str]]:
    """One row per view and type of numbers."""
    found = list(itertools.islice(itertools.cycle(messages(payload)), count))
    rows, base = [], 0.0
    for view, numbers in VIEWS:
        took = cost(decoder(payload, view, numbers), nothing, found, repeat)
        base = base or took
        rows.append([view, numbers or "", f"{took:.2f}", f"{took / base:.2f}"])
    return rows


def by_handler(count: int, repeat: int) -> list[list[str]]:
    """Trades through what stands between the decoder and a callback."""
    service = WebSocketService("http://127.0.0.1:9")
    service.on_trade(nothing)
    handlers: list[tuple[str, str, bool, Callable[[Any], Any]]] = [
        ("a callback", "dict", False, nothing),
        ("Bars of a minute", "dict", False, Bars(nothing, "1m")),
        ("Table", "dict", False, Table()),
        ("Buffered", "dict", False, Buffered(nothing, maxsize=10_000_000)),
        ("Batched", "dict", False, Batched(nothing, 100)),
        ("Snapshots", "dict", False, Snapshots(nothing)),
        ("Windowed", "dict", False, Windowed(nothing)),
        ("a callback", "unified", False, nothing),
        ("Bars of a minute", "unified", False, Bars(nothing, "1m")),
        ("Table", "unified", False, Table()),
        ("WebSocketService, one handler", "unified", True, service._take),
    ]
    rows = []
    for name, view, wrapped, callback in handlers:
        found = list(itertools.islice(itertools.cycle(messages("trade", wrapped)), count))
        took = cost(decoder("trade", view, None, wrapped), callback, found, repeat)
        rows.append([name, view, f"{took:.2f}"])
        if isinstance(callback, (Buffered, Batched, Snapshots, Windowed)):
            callback.close()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    for payload in PAYLOADS:
        count = args.messages if payload != "miniTickerArr" else max(1, args.messages // 100)
        rows = by_view(payload, count, args.repeat)
        print(tables.plain((payload, ["view", "numbers", "us/message", "beside dict"], rows)))
    rows = by_handler(args.messages, args.repeat)
    print(tables.plain(("handlers, of trades", ["handler", "view", "us/message"], rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
