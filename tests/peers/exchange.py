"""The embedded exchange with a memory: what was true at any moment, for the scenarios to compare."""

from __future__ import annotations

import ssl
import threading
import time
import urllib.request
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from peers.facts import Fact, facts

from binance_sockets.simulator import DEMO_ACCESS_KEY, DEMO_API_KEY, Simulator
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.upbit.listing import Coin
from binance_sockets.simulator.upbit.payloads import sequential_id
from binance_sockets.simulator.venue import Venue

LEVELS = 5
_SYMBOLS = {"spot": "BTCUSDT", "usdm": "BTCUSDT", "upbit": "KRW-BTC"}
_BOOKS = {
    "spot": "/spot/api/v3/ticker/bookTicker?symbol=BTCUSDT",
    "usdm": "/usdm/fapi/v1/ticker/bookTicker?symbol=BTCUSDT",
    "upbit": "/upbit/v1/orderbook?markets=KRW-BTC",
}
_KEPT = 50_000

Side = tuple[tuple[float, float], ...]


class Exchange(Simulator):
    """A simulator that remembers the trades and the best levels of one symbol of each product, and what it told the
    demo accounts.

    For any thread.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._lock = threading.Lock()
        self._trades: dict[tuple[str, int], tuple[float, float]] = {}
        self._sides: dict[tuple[str, int], dict[Side, float]] = {}
        self._current: dict[tuple[str, int], Side] = {}
        self._told: dict[str, set[Fact]] = {product: set() for product in _SYMBOLS}
        self._awake = threading.Event()
        key, upbit = self._doors.accounts.key(DEMO_API_KEY), self._houses["upbit"].accounts.key(DEMO_ACCESS_KEY)
        assert key is not None
        assert upbit is not None
        for product in _SYMBOLS:  # each has a wallet of its name
            account = upbit.account if product == "upbit" else key.account
            account.listen(product, partial(self._remember_event, product))

    def start(self) -> Exchange:
        """Start, and wake the markets, so that no state of them is missed."""
        super().start()
        for path in _BOOKS.values():
            with urllib.request.urlopen(self.url + path, timeout=10, context=ssl._create_unverified_context()):
                pass
        if not self._awake.wait(10):
            raise TimeoutError("the markets do not move")
        return self

    def traded(self, product: str, number: int, price: float, qty: float | None) -> bool:
        """Whether there was a trade of this number, price and quantity; any quantity for ``None``."""
        with self._lock:
            found = self._trades.get((product, number))
        return found is not None and found[0] == price and qty in (None, found[1])

    def newest(self, product: str) -> int:
        """The number of the last trade; 0 before the first."""
        with self._lock:
            return max((number for where, number in self._trades if where == product), default=0)

    def told(self, product: str, fact: Fact) -> bool:
        """Whether an event of the account told this."""
        with self._lock:
            return fact in self._told[product]

    def age(self, product: str, bids: Sequence[Sequence[float]], asks: Sequence[Sequence[float]]) -> float | None:
        """For how many seconds the older of two sides has no longer been the book's; ``None`` if one never was."""
        now, ages = time.monotonic(), []
        with self._lock:
            for side, levels in ((BUY, bids), (SELL, asks)):
                key = (product, side)
                state = _state(levels)
                ended = now if state == self._current.get(key) else self._sides.get(key, {}).get(state)
                if ended is None:
                    return None
                ages.append(now - ended)
        return max(ages)

    def _open_venues(self, world: World, services: Services) -> Sequence[Venue]:
        world.observers.append(self._remember)
        return super()._open_venues(world, services)

    def _remember_event(self, wallet: str, event: dict[str, Any]) -> None:
        with self._lock:
            self._told[wallet].update(facts(event))

    def _remember(self, market: Market[Any], step: Step) -> None:
        i = market.instrument
        product = i.region if isinstance(i, Coin) else getattr(i, "product", "")
        if i.symbol != _SYMBOLS.get(product):
            return
        with self._lock:
            for row in step.trades:
                number = sequential_id(row) if product == "upbit" else row.id
                self._trades[product, number] = (float(i.price_text(row.price)), float(i.qty_text(row.qty)))
            for side in (BUY, SELL):
                rows = market.book.levels(side, LEVELS)
                state = _state((float(i.price_text(price)), float(i.qty_text(qty))) for price, qty in rows)
                key = (product, side)
                if self._current.get(key) != state:
                    kept = self._sides.setdefault(key, {})
                    if key in self._current:
                        kept[self._current[key]] = time.monotonic()
                    self._current[key] = state
                    while len(kept) > _KEPT:
                        del kept[next(iter(kept))]
        if len(self._current) == 2 * len(_BOOKS):
            self._awake.set()


def _state(levels: Iterable[Sequence[float]]) -> Side:
    return tuple((float(row[0]), float(row[1])) for row in list(levels)[:LEVELS])
