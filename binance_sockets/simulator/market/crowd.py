"""The crowd: makers, takers and cancellers that keep a market alive, each by orders that anybody could send."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import islice
from typing import Protocol

from binance_sockets.simulator.market.book import BUY, SELL, Order, OrderBook, TimeInForce
from binance_sockets.simulator.market.instruments import Instrument
from binance_sockets.simulator.market.matching import Execution
from binance_sockets.simulator.market.prices import Prices

__all__ = ["CROWD", "Crowd", "Exchange"]

CROWD = "crowd"
_LEVELS = 26  # per side at the opening
_LEAST_LEVELS = 22
_MOST_ORDERS = 240
_OLDEST = 4 * _LEVELS  # cancellers choose among these
_RETAIL_ORDERS = 6
_MOST_TAKEN = 20  # typical quantities


class Exchange(Protocol):
    """What the crowd may do and see: what every other participant may."""

    @property
    def book(self) -> OrderBook:
        """Of all orders."""

    @property
    def retail_book(self) -> OrderBook:
        """Of orders that only retail takers meet."""

    def open_orders(self, owner: str, *, retail: bool = False) -> Mapping[int, Order]:
        """An owner's open orders, oldest first."""

    def submit(
        self, owner: str, side: int, qty: int, price: int | None = None, *, tif: TimeInForce = ..., retail: bool = ...
    ) -> Execution:
        """Send an order."""

    def liquidate(self, owner: str, side: int, qty: int, price: int) -> Execution:
        """Let the exchange close a position of this owner."""

    def block_trade(self, price: int, qty: int, *, buyer_maker: bool) -> None:
        """Report a trade agreed on off the book."""

    def cancel(self, owner: str, order_id: int, *, retail: bool = False) -> Order:
        """Cancel one's own order."""


class Crowd:
    """One owner that acts at random around the fair price. It sees and ends no order but its own.

    Args:
        exchange: where it trades.
        instrument: what it trades.
        prices: what it believes in.
        rng: decides.
    """

    def __init__(self, exchange: Exchange, instrument: Instrument, prices: Prices, rng: random.Random) -> None:
        self._exchange, self._instrument, self._prices, self._rng = exchange, instrument, prices, rng

    def open(self) -> None:
        """Fill an empty book."""
        spacing, fair = self._prices.spacing, self._prices.fair
        for n in range(_LEVELS):
            self._rest(BUY, fair - spacing * n - self._rng.randint(1, spacing))
            self._rest(SELL, fair + spacing * n + self._rng.randint(1, spacing))

    def act(self) -> None:
        """One action, and what keeps the book from running dry."""
        draw = self._rng.random()
        if draw < 0.27:
            self.take()
        elif draw < 0.55:
            self._cancel_one()
        elif draw < 0.60:
            self._make_retail()
        elif draw < 0.62:
            qty = 100 * self._qty()
            self._exchange.block_trade(self._prices.fair, qty, buyer_maker=self._rng.random() < 0.5)
        else:
            self._make()
        self.refill()

    def take(self) -> None:
        """Cross the book with one order."""
        rng, exchange, spacing = self._rng, self._exchange, self._prices.spacing
        side = rng.choice((BUY, SELL))
        price = exchange.book.best(-side)
        forced = self._instrument.liquidations and rng.random() < 0.15
        if price is None:
            return
        # Bounded: the order of somebody else may be of any size, and is met in the crowd's own.
        available = min(exchange.book.quantity(-side, price), _MOST_TAKEN * self._instrument.typical_qty)
        qty = min(self._qty(), available) if rng.random() < 0.75 else self._qty() + available
        limit = max(1, price + side * 3 * spacing)
        if forced:
            exchange.liquidate(CROWD, side, qty, limit)
        else:
            exchange.submit(CROWD, side, qty, limit, tif=TimeInForce.IOC)
        if exchange.retail_book.best(-side) == price:
            exchange.submit(CROWD, side, self._qty(), price, tif=TimeInForce.IOC, retail=True)

    def refill(self) -> None:
        """Bring the book back to its usual depth, and the crowd's own orders to their usual number."""
        book, prices = self._exchange.book, self._prices
        for side in (BUY, SELL):
            # Bounded: an order of somebody else far from the fair price may leave no room for new levels.
            for _ in range(4 * _LEVELS):
                if book.depth(side) >= _LEAST_LEVELS:
                    break
                opposite = book.best(-side)
                start = prices.fair if opposite is None else min(prices.fair * side, opposite * side) * side
                self._rest(side, start - side * self._rng.randint(1, _LEVELS * prices.spacing))
        while len(self._exchange.open_orders(CROWD)) > _MOST_ORDERS:
            self._cancel_one()

    def _qty(self) -> int:
        return 1 + int(self._instrument.typical_qty * self._rng.expovariate(1.0))

    def _rest(self, side: int, price: int) -> None:
        opposite = self._exchange.book.best(-side)
        if opposite is not None and price * side >= opposite * side:
            price = opposite - side
        if price > 0:
            self._exchange.submit(CROWD, side, self._qty(), price)

    def _make(self) -> None:
        rng, spacing = self._rng, self._prices.spacing
        side = rng.choice((BUY, SELL))
        away = int(rng.expovariate(0.7) * spacing) + rng.randint(0, spacing)
        self._rest(side, self._prices.fair - side * away)

    def _cancel_one(self) -> None:
        ids = list(islice(self._exchange.open_orders(CROWD), _OLDEST))
        if ids:
            self._exchange.cancel(CROWD, self._rng.choice(ids))

    def _make_retail(self) -> None:
        if not self._instrument.retail:
            return
        exchange = self._exchange
        for order_id in list(exchange.open_orders(CROWD, retail=True))[:-_RETAIL_ORDERS]:
            exchange.cancel(CROWD, order_id, retail=True)
        side = self._rng.choice((BUY, SELL))
        best = exchange.book.best(side)
        opposite = exchange.retail_book.best(-side)
        if best is not None and (opposite is None or best * side < opposite * side):
            exchange.submit(CROWD, side, self._qty(), best, retail=True)
