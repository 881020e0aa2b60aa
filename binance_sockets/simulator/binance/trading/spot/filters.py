"""Checks of orders against the trading rules that exchangeInfo lists."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from binance_sockets.simulator.accounts import PLACES, units
from binance_sockets.simulator.binance.filters import filters
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.spot.orders import Ticket, base_units, quote_units
from binance_sockets.simulator.market.candles import MINUTE
from binance_sockets.simulator.market.instruments import power

__all__ = ["average_price", "check", "check_quantity", "failure", "most", "whole_steps"]


@lru_cache(maxsize=1024)
def _rules(i: Listed) -> dict[str, dict[str, Any]]:
    return {row["filterType"]: row for row in filters(i)}


def most(i: Listed, name: str) -> int:
    """The limit of a rule that counts, such as ``MAX_NUM_ORDERS``."""
    return int(next(value for key, value in _rules(i)[name].items() if key != "filterType"))


def failure(name: str) -> Refused:
    """An order breaks the filter of this name."""
    return Refused(-1013, f"Filter failure: {name}")


def average_price(market: BinanceMarket) -> int:
    """Of the minutes that the filters look at, in ticks; the last price where nothing was traded in them."""
    minutes = int(_rules(market.instrument)["NOTIONAL"]["avgPriceMins"])
    bar = market.ticker(market.now - minutes * MINUTE)
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
    i, average = market.instrument, average_price(market)
    for price in (ticket.price, ticket.stop):
        if price is not None and not _within(
            _rules(i)["PRICE_FILTER"], "Price", price * power(PLACES - i.price_places)
        ):
            raise failure("PRICE_FILTER")
    if ticket.price is not None and not _near(i, ticket, ticket.price, average):
        raise failure("PERCENT_PRICE_BY_SIDE")
    if ticket.trailing is not None and not _may_trail(i, ticket.trailing):
        raise failure("TRAILING_DELTA")
    if ticket.qty is not None:
        check_quantity(market, ticket, ticket.qty)
    elif ticket.quote_qty is not None and ticket.quote_qty < units(_rules(i)["NOTIONAL"]["minNotional"]):
        raise failure("NOTIONAL")


def _within(rule: dict[str, Any], name: str, number: int) -> bool:
    return units(rule[f"min{name}"]) <= number <= units(rule[f"max{name}"])


def _near(i: Listed, ticket: Ticket, price: int, average: int) -> bool:
    rule, side = _rules(i)["PERCENT_PRICE_BY_SIDE"], "bid" if ticket.side > 0 else "ask"
    low, high = units(rule[f"{side}MultiplierDown"]), units(rule[f"{side}MultiplierUp"])
    return average * low <= price * power(PLACES) <= average * high


def _may_trail(i: Listed, delta: int) -> bool:
    rule = _rules(i)["TRAILING_DELTA"]  # the same above and below
    return bool(rule["minTrailingAboveDelta"] <= delta <= rule["maxTrailingAboveDelta"])


def check_quantity(market: BinanceMarket, ticket: Ticket, qty: int) -> None:
    """Check so many lots of an order against the filters of quantities and values.

    Raises:
        Refused: -1013 with the first filter that they break.
    """
    i = market.instrument
    rules = _rules(i)
    for lots in (qty, ticket.iceberg or qty):
        if not _within(rules["LOT_SIZE"], "Qty", base_units(i, lots)):
            raise failure("LOT_SIZE")
    if ticket.is_market and not _within(rules["MARKET_LOT_SIZE"], "Qty", base_units(i, qty)):
        raise failure("MARKET_LOT_SIZE")
    if ticket.iceberg and -(-qty // ticket.iceberg) > most(i, "ICEBERG_PARTS"):
        raise failure("ICEBERG_PARTS")
    rule, notional = rules["NOTIONAL"], quote_units(i, ticket.price or ticket.stop or average_price(market), qty)
    if notional < units(rule["minNotional"]) or (not ticket.is_market and notional > units(rule["maxNotional"])):
        raise failure("NOTIONAL")
