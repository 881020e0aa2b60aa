"""Checks of orders against the trading rules that exchangeInfo lists, with the codes of futures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from binance_sockets.simulator.accounts import Contract, units
from binance_sockets.simulator.binance.filters import filters
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.futures.orders import Ticket
from binance_sockets.simulator.market.instruments import fixed, power

__all__ = ["check_limit", "check_price", "check_quantity", "check_trigger", "check_value", "most_algos", "most_orders"]

_MOST_ALGOS = 200  # of an account where the symbol's filters name no other


@lru_cache(maxsize=1024)
def _rules(i: Listed) -> dict[str, dict[str, Any]]:
    return {row["filterType"]: row for row in filters(i)}


def most_orders(i: Listed) -> int:
    """How many open orders an account may have in a symbol."""
    return int(_rules(i)["MAX_NUM_ORDERS"]["limit"])


def most_algos(i: Listed) -> int:
    """How many open algo orders an account may have in a symbol."""
    return int(_rules(i).get("MAX_NUM_ALGO_ORDERS", {"limit": _MOST_ALGOS})["limit"])


def check_price(market: BinanceMarket, side: int, price: int) -> None:
    """Check a limit against the price filters.

    Raises:
        Refused: it breaks one.
    """
    i = market.instrument
    check_limit(i, price)
    rule, mark, price8 = _rules(i)["PERCENT_PRICE"], market.prices.mark8, i.price8(price)
    cap, floor = (mark * units(rule[name]) // power(8) for name in ("multiplierUp", "multiplierDown"))
    if side > 0 and price8 > cap:
        raise Refused(-4016, f"Limit price can't be higher than {_text(i, cap)}.")
    if side < 0 and price8 < floor:
        raise Refused(-4024, f"Limit price can't be lower than {_text(i, floor)}.")


def check_limit(i: Listed, price: int) -> None:
    """Check a limit against what is possible at all.

    Raises:
        Refused: it is zero, or beyond that.
    """
    _check_range(i, price, (-4001, -4002, -4013), "Price")


def check_trigger(i: Listed, price: int) -> None:
    """Check the price that triggers an order.

    Raises:
        Refused: it is zero, or beyond what is possible.
    """
    _check_range(i, price, (-4006, -4007, -4006), "Stop price")


def _check_range(i: Listed, price: int, codes: tuple[int, int, int], name: str) -> None:
    rule, price8 = _rules(i)["PRICE_FILTER"], i.price8(price)
    if price <= 0:
        raise Refused(codes[0], f"{name} less than or equal to zero.")
    if price8 > units(rule["maxPrice"]):
        raise Refused(codes[1], f"{name} greater than max price.")
    if price8 < units(rule["minPrice"]):
        raise Refused(codes[2], f"{name} less than min price.")


def check_quantity(i: Listed, kind: str, qty: int) -> None:
    """Check lots against the filter of this type of order.

    Raises:
        Refused: -4003 or -4005.
    """
    rule, lots = _rules(i)["MARKET_LOT_SIZE" if kind.endswith("MARKET") else "LOT_SIZE"], power(8 - i.qty_places)
    if qty <= 0:
        raise Refused(-4003, "Quantity less than or equal to zero.")
    if qty * lots > units(rule["maxQty"]):
        raise Refused(-4005, "Quantity greater than max quantity.")


def check_value(contract: Contract, ticket: Ticket, value: int) -> None:
    """Check what an order is worth.

    Raises:
        Refused: -4164 where it is too little and the order opens something.
    """
    i = contract.instrument
    assert isinstance(i, Listed)
    least = _rules(i).get("MIN_NOTIONAL")
    if least is not None and not ticket.closes and value < units(least["notional"]):
        text = f"Order's notional must be no smaller than {least['notional']} (unless you choose reduce only)."
        raise Refused(-4164, text)


def _text(i: Listed, price8: int) -> str:
    return fixed(price8 // i.price8(1), i.price_places)
