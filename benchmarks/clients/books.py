"""One order book under measurement, in the environment of its library.

    python books.py NAME SEQUENCE.json

Prints one JSON object: level changes a second of CPU time, microseconds of the best ten levels after an update,
kilobytes of a book of 5,000 levels, and the best five levels at the end, which show that all have done the same.
Every book gets the texts of the exchange, as its library hands them to it, and makes of them what it keeps.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import statistics
import sys
import time
from bisect import bisect_left, insort
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

_TOP = 10
_BOOKS = 10  # of 5,000 levels, for the memory of one


class Ours:
    """``binance_sockets``' OrderBook behind BookSync, which checks every id."""

    def __init__(self, numbers: str) -> None:
        from binance_sockets.books import BookSync, Depth, OrderBook

        self.book = OrderBook(keep=None, numbers=numbers)
        self._sync, self._diff = BookSync(self.book, "spot", lambda: None, limit=100_000), Depth
        self._id = 0
        self.top = functools.partial(self.book.top, _TOP)  # itself: a function around it would be a twentieth of it

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self._sync.begin()
        self._sync.snapshot(0, bids, asks)

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        self._id += 1
        self._sync.diff(self._diff(self._id, self._id, None, bids, asks, 0))


class _Sided:
    """Two sides, each a function that takes one change."""

    bid: Callable[[str, str], None]
    ask: Callable[[str, str], None]

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self.apply(bids, asks)

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        bid, ask = self.bid, self.ask
        for price, quantity in bids:
            bid(price, quantity)
        for price, quantity in asks:
            ask(price, quantity)


class Bisect:
    """The limit: a dict and a sorted list in one function, without ids, locks or checks."""

    def __init__(self) -> None:
        self._keys: tuple[list[float], list[float]] = ([], [])
        self._sizes: tuple[dict[float, float], dict[float, float]] = ({}, {})

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self.apply(bids, asks)

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        for side, sign, changes in ((0, 1.0, bids), (1, -1.0, asks)):
            keys, sizes = self._keys[side], self._sizes[side]
            for price, quantity in changes:
                key, size = sign * float(price), float(quantity)
                if size:
                    if key not in sizes:
                        insort(keys, key)
                    sizes[key] = size
                elif sizes.pop(key, None) is not None:
                    del keys[bisect_left(keys, key)]

    def top(self) -> tuple[Any, Any]:
        (bids, asks), (bought, sold) = self._keys, self._sizes
        return (
            [(key, bought[key]) for key in bids[: -_TOP - 1 : -1]],
            [(-key, sold[key]) for key in asks[: -_TOP - 1 : -1]],
        )


class Sorted:
    """sortedcontainers' SortedDict, one for each side."""

    def __init__(self) -> None:
        from sortedcontainers import SortedDict

        self._sides = SortedDict(), SortedDict()

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self.apply(bids, asks)

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        for side, sign, changes in ((self._sides[0], -1.0, bids), (self._sides[1], 1.0, asks)):
            for price, quantity in changes:
                size = float(quantity)
                if size:
                    side[sign * float(price)] = size
                else:
                    side.pop(sign * float(price), None)

    def top(self) -> tuple[Any, Any]:
        bids, asks = (side.items()[:_TOP] for side in self._sides)
        return [(-key, size) for key, size in bids], asks


class Cryptofeed:
    """cryptofeed's C ``order_book``, fed as its Binance feed does it."""

    def __init__(self, number: Callable[[str], Any]) -> None:
        from order_book import OrderBook

        self._book, self._number = OrderBook(), number

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self.apply(bids, asks)

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        number = self._number
        for side, changes in ((self._book.bids, bids), (self._book.asks, asks)):
            for price, quantity in changes:
                key, size = number(price), number(quantity)
                if size:
                    side[key] = size
                else:
                    with contextlib.suppress(KeyError):
                        del side[key]

    def top(self) -> tuple[Any, Any]:
        bids, asks = self._book.bids, self._book.asks
        return [bids.index(n) for n in range(min(_TOP, len(bids)))], [
            asks.index(n) for n in range(min(_TOP, len(asks)))
        ]


class PythonBinance(_Sided):
    """python-binance 1.x's DepthCache."""

    def __init__(self) -> None:
        from binance.ws.depthcache import DepthCache

        self._cache = DepthCache("BTCUSDT")

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        # it knows a removal by this very text, and cannot remove what it does not have but by this detour
        for bid in bids:
            self._cache.add_bid(bid if float(bid[1]) else [bid[0], "0.00000000"])
        for ask in asks:
            self._cache.add_ask(ask if float(ask[1]) else [ask[0], "0.00000000"])

    def top(self) -> tuple[Any, Any]:
        return self._cache.get_bids()[:_TOP], self._cache.get_asks()[:_TOP]


class Unicorn:
    """unicorn's local depth cache (compiled), without the manager's network."""

    def __init__(self) -> None:
        import threading

        from unicorn_binance_local_depth_cache import BinanceLocalDepthCacheManager as Manager

        self._manager = manager = Manager.__new__(Manager)
        manager.depth_caches, manager.default_refresh_interval = {}, None
        manager.threading_lock_ask, manager.threading_lock_bid = {}, {}
        manager.threading_lock_query, manager.stop_request = threading.Lock(), False
        manager._add_depthcache(market="btcusdt")
        manager.depth_caches["btcusdt"]["refresh_request"] = False

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self._manager._apply_updates(asks=asks, bids=bids, market="btcusdt")
        self._manager.depth_caches["btcusdt"]["is_synchronized"] = True

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        self._manager._apply_updates(asks=asks, bids=bids, market="btcusdt")

    def top(self) -> tuple[Any, Any]:
        return (
            self._manager.get_bids(market="btcusdt", limit_count=_TOP),
            self._manager.get_asks(market="btcusdt", limit_count=_TOP),
        )


BOOKS: dict[str, Callable[[], Any]] = {
    "ours": lambda: Ours("float"),
    "ours-str": lambda: Ours("str"),
    "ours-decimal": lambda: Ours("decimal"),
    "limit-bisect": Bisect,
    "limit-sortedcontainers": Sorted,
    "cryptofeed": lambda: Cryptofeed(Decimal),
    "cryptofeed-float": lambda: Cryptofeed(float),
    "python-binance": PythonBinance,
    "unicorn": Unicorn,
}


def run(make: Callable[[], Any], sequence: dict[str, Any], rounds: int) -> tuple[float, Any]:
    """The shortest CPU time for all diffs, and the book."""
    best = float("inf")
    for _ in range(rounds):
        book = make()
        book.load(sequence["bids"], sequence["asks"])
        apply = book.apply
        before = time.process_time()
        for bids, asks in sequence["diffs"]:
            apply(bids, asks)
        best = min(best, time.process_time() - before)
    return best, book


def reading(make: Callable[[], Any], sequence: dict[str, Any]) -> float:
    """Seconds of the best ten levels after an update: the median over all updates."""
    book, clock, times = make(), time.perf_counter, []
    book.load(sequence["bids"], sequence["asks"])
    for bids, asks in sequence["diffs"]:
        book.apply(bids, asks)
        before = clock()
        book.top()
        times.append(clock() - before)
    return statistics.median(times)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def memory(make: Callable[[], Any]) -> float:
    """Kilobytes of a book of 5,000 levels, of what the system has given for ten."""
    texts = [
        (
            [[f"{base - n / 100:.2f}", f"{n % 97 + 1}.{n:05d}"] for n in range(2500)],
            [[f"{base + 1 + n / 100:.2f}", f"{n % 89 + 1}.{n:05d}"] for n in range(2500)],
        )
        for base in range(60_000, 60_000 + 100 * (_BOOKS + 1), 100)
    ]
    kept = [make()]
    kept[0].load(*texts.pop())  # whatever the first one imports and fills
    gc.collect()
    before = _resident()
    for bids, asks in texts:
        kept.append(make())
        kept[-1].load(bids, asks)
    gc.collect()
    return (_resident() - before) / _BOOKS / 1024


def main(name: str, file: str, rounds: int) -> None:
    sequence = json.loads(Path(file).read_text())
    make = BOOKS[name]
    changes = sum(len(bids) + len(asks) for bids, asks in sequence["diffs"])
    kilobytes = memory(make)
    seconds, book = run(make, sequence, rounds)
    *_, bids, asks = book.top()
    top = [[[float(price), float(size)] for price, size in side[:5]] for side in (bids, asks)]
    found = {
        "changes_per_second": changes / seconds,
        "top_us": reading(make, sequence) * 1e6,
        "memory_kb": kilobytes,
        "top": top,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 3)
