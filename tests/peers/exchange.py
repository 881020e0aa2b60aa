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

from binance_sockets.simulator import DEMO_API_KEY, Simulator
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.venue import Venue

LEVELS = 5
_SYMBOL = "BTCUSDT"
_BOOKS = ("/spot/api/v3", "/usdm/fapi/v1")
_WALLETS = ("spot", "usdm")
_KEPT = 50_000

Side = tuple[tuple[float, float], ...]


class Exchange(Simulator):
    """A simulator that remembers the trades and the best levels of BTCUSDT, and what it told the demo account.

    For any thread.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._lock = threading.Lock()
        self._trades: dict[tuple[str, int], tuple[float, float]] = {}
        self._sides: dict[tuple[str, int], dict[Side, float]] = {}
        self._current: dict[tuple[str, int], Side] = {}
        self._told: dict[str, set[Fact]] = {wallet: set() for wallet in _WALLETS}
        self._awake = threading.Event()
        key = self._doors.accounts.key(DEMO_API_KEY)
        assert key is not None
        for wallet in _WALLETS:
            key.account.listen(wallet, partial(self._remember_event, wallet))

    def start(self) -> Exchange:
        """Start, and wake the markets, so that no state of them is missed."""
        super().start()
        for path in _BOOKS:
            address = f"{self.url}{path}/ticker/bookTicker?symbol={_SYMBOL}"
            with urllib.request.urlopen(address, timeout=10, context=ssl._create_unverified_context()):
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
        product = getattr(i, "product", "")
        if i.symbol != _SYMBOL:
            return
        with self._lock:
            for row in step.trades:
                self._trades[product, row.id] = (float(i.price_text(row.price)), float(i.qty_text(row.qty)))
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
