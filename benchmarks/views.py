"""What decoding a message costs in each view and with each type of numbers.

    python benchmarks/views.py [--messages 20000] [--repeat 5]

One process, no socket: the decoder of a stream and one call of a callback, as the connection's thread does it: that
thread's CPU time, best of ``--repeat`` passes. What reading and framing cost beside it is told by ``hot_path.py``, what
streams, handlers and services cost behind it by ``consumers.py``.
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

from binance_sockets.exchange import Misfits
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.urls import Environment

PAYLOADS = ("trade", "aggTrade", "bookTicker", "depth", "miniTickerArr")
VIEWS = (
    ("dict", None), ("raw", None), ("typed", "str"), ("typed", "decimal"), ("typed", "float"), ("unified", "str"),
    ("unified", "decimal"), ("unified", "float"),
)  # fmt: skip
Decode = Callable[[Any], "tuple[str, Any]"]
_HEADER = {126: 4, 127: 10}  # bytes before the payload of a frame, by its second byte


def messages(payload: str) -> list[memoryview]:
    """The messages of the other benchmarks, without their frames."""
    frames = payloads.pool(payload, wrapped=False).frames
    return [memoryview(frame)[_HEADER.get(frame[1], 2) :] for frame in frames]


def decoder(payload: str, view: str, numbers: str | None) -> Decode:
    """The decoder that a socket of this stream has."""
    made = MarketStreams(Environment("http://127.0.0.1:9"), wrapped=False, view=view, numbers=numbers)
    (group,) = made.split([parse("spot", name).stream() for name in payloads.streams(payload)])
    return made.decoder(group, Misfits())


def cost(decode: Decode, found: list[Any], repeat: int) -> float:
    """Microseconds per message."""
    best = float("inf")
    for _ in range(repeat):
        before = time.thread_time()
        for message in found:
            nothing(decode(message)[1])
        best = min(best, time.thread_time() - before)
    return best / len(found) * 1e6


def nothing(payload: Any) -> None:
    """A callback that does nothing."""


def by_view(payload: str, count: int, repeat: int) -> list[list[str]]:
    """One row per view and type of numbers."""
    found = list(itertools.islice(itertools.cycle(messages(payload)), count))
    rows, base = [], 0.0
    for view, numbers in VIEWS:
        took = cost(decoder(payload, view, numbers), found, repeat)
        base = base or took
        rows.append([view, numbers or "", f"{took:.2f}", f"{took / base:.2f}"])
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
