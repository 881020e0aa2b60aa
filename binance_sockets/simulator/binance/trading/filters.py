"""The trading rules of spot symbols, as exchangeInfo lists them, and the checks of orders against them."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import PLACES, amount_text
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.orders import Ticket, quote_units
from binance_sockets.simulator.market.candles import MINUTE
from binance_sockets.simulator.market.instruments import fixed, power

__all__ = [
    "ALLOWED_STP",
    "DEFAULT_STP",
    "MAX_AMENDS",
    "MAX_NUM_ALGO_ORDERS",
    "MAX_NUM_ICEBERG_ORDERS",
    "MAX_NUM_LISTS",
    "MAX_NUM_ORDERS",
    "average_price",
    "check",
    "failure",
    "symbol_filters",
    "whole_steps",
]

ALLOWED_STP = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT")
DEFAULT_STP = "EXPIRE_MAKER"
MAX_NUM_ORDERS = 200
MAX_NUM_ALGO_ORDERS = 5
MAX_NUM_ICEBERG_ORDERS = 10
MAX_NUM_LISTS = 20
MAX_AMENDS = 10
_MAX_PRICE = 1_000_000  # of the quote asset
_MAX_QTY = 9_000_000  # of the base asset
_MARKET_SHARE = 10  # a market order may have this part of the largest quantity
_ICEBERG_PARTS = 100
_DELTAS = (10, 2000)
_UP, _DOWN = 5, 5  # times, and divided by, the average price
_MINUTES = 5
_MIN_NOTIONAL = {"BTC": 10_000, "ETH": 100_000, "BNB": 1_000_000}  # in steps of 1e-8
_ELSE = 500_000_000
_MAX_NOTIONAL = 9_000_000 * 10**8


def _min_notional(i: Listed) -> int:
    return _MIN_NOTIONAL.get(i.quote, _ELSE)


def symbol_filters(i: Listed) -> list[dict[str, Any]]:
    """The filters of a spot symbol, as exchangeInfo shows them."""
    tick, lot = fixed(1, i.price_places, 8), fixed(1, i.qty_places, 8)
    low, high = _DELTAS
    up, down, ends = str(_UP), str(1 / _DOWN), fixed(_MAX_QTY, 0, 8)
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": fixed(_MAX_PRICE, 0, 8), "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": ends, "stepSize": lot},
        {"filterType": "ICEBERG_PARTS", "limit": _ICEBERG_PARTS},
        {
            "filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000",
            "maxQty": fixed(_MAX_QTY // _MARKET_SHARE, 0, 8), "stepSize": "0.00000000",
        },
        {
            "filterType": "TRAILING_DELTA", "minTrailingAboveDelta": low, "maxTrailingAboveDelta": high,
            "minTrailingBelowDelta": low, "maxTrailingBelowDelta": high,
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": up, "bidMultiplierDown": down,
            "askMultiplierUp": up, "askMultiplierDown": down, "avgPriceMins": _MINUTES,
        },
        {
            "filterType": "NOTIONAL", "minNotional": amount_text(_min_notional(i)), "applyMinToMarket": True,
            "maxNotional": amount_text(_MAX_NOTIONAL), "applyMaxToMarket": False, "avgPriceMins": _MINUTES,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MAX_NUM_ORDERS},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": MAX_NUM_LISTS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MAX_NUM_ALGO_ORDERS},
        {"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": MAX_NUM_ICEBERG_ORDERS},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": MAX_AMENDS},
    ]  # fmt: skip


def failure(name: str) -> Refused:
    """An order breaks the filter of this name."""
    return Refused(-1013, f"Filter failure: {name}")


def average_price(market: BinanceMarket) -> int:
    """Of the last minutes, in ticks; the last price where nothing was traded in them."""
    bar = market.ticker(market.now - _MINUTES * MINUTE)
    return bar.turnover // bar.volume if bar is not None and bar.volume else market.last_trade().price


def whole_steps(number: int, places: int, name: str) -> int:
    """A number of 1e-8 as steps of so many decimals.

    Raises:
        Refused: it is not a multiple of the step.
    """
    steps, rest = divmod(number, power(PLACES - places))
    if rest:
        raise failure(name)
    return steps


def check(market: BinanceMarket, ticket: Ticket) -> None:
    """Check an order against the filters that ask nothing of its account.

    Raises:
        Refused: -1013 with the first filter that it breaks.
    """
    i = market.instrument
    for price in (ticket.price, ticket.stop):
        if price is not None and not 0 < price <= _MAX_PRICE * power(i.price_places):
            raise failure("PRICE_FILTER")
    average = average_price(market)
    if ticket.price is not None and not average <= ticket.price * _DOWN <= average * _UP * _DOWN:
        raise failure("PERCENT_PRICE_BY_SIDE")
    if ticket.trailing is not None and not _DELTAS[0] <= ticket.trailing <= _DELTAS[1]:
        raise failure("TRAILING_DELTA")
    if ticket.qty is not None:
        _check_quantity(i, ticket, ticket.qty, average)
    elif ticket.quote_qty is not None and ticket.quote_qty < _min_notional(i):
        raise failure("NOTIONAL")


def _check_quantity(i: Listed, ticket: Ticket, qty: int, average: int) -> None:
    most = _MAX_QTY * power(i.qty_places)
    if not 0 < qty <= most or (ticket.iceberg and not 0 < ticket.iceberg <= most):
        raise failure("LOT_SIZE")
    if ticket.is_market and qty > most // _MARKET_SHARE:
        raise failure("MARKET_LOT_SIZE")
    if ticket.iceberg and -(-qty // ticket.iceberg) > _ICEBERG_PARTS:
        raise failure("ICEBERG_PARTS")
    notional = quote_units(i, ticket.price or ticket.stop or average, qty)
    if notional < _min_notional(i) or (not ticket.is_market and notional > _MAX_NOTIONAL):
        raise failure("NOTIONAL")
