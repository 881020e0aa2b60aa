"""The trading rules of an instrument, as exchangeInfo lists them."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.binance.products import Listed

__all__ = ["DEFAULT_STP", "MIN_NOTIONAL", "STP_MODES", "filters"]

STP_MODES = ("EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER")
DEFAULT_STP = "EXPIRE_MAKER"
"""Modes of self-trade prevention that spot symbols allow, and the one of orders that name none."""

MIN_NOTIONAL = {"BTC": "0.00010000", "ETH": "0.00100000", "BNB": "0.01000000", "TRY": "10.00000000"}
"""Smallest value of a spot order by quote; 5 of the others. Futures want 5, COIN-M and options have no such rule."""

_MOST = 9_000_000  # quote currency in one spot order
_LOTS = 10**9


def filters(i: Listed) -> list[dict[str, Any]]:
    """The filters of an instrument, in the exchange's order."""
    return _OF[i.product](i)


def _price(i: Listed) -> dict[str, Any]:
    tick, most = i.price_text(1), i.price_text(i.start_price * 100)
    return {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": most, "tickSize": tick}


def _lot(i: Listed, name: str, most: int, *, zero: bool = False) -> dict[str, Any]:
    step = i.qty_text(0 if zero else 1)
    return {"filterType": name, "minQty": step, "maxQty": i.qty_text(most), "stepSize": step}


def _spot(i: Listed) -> list[dict[str, Any]]:
    least = MIN_NOTIONAL.get(i.quote, "5.00000000")
    delta = {"minTrailingAboveDelta": 10, "maxTrailingAboveDelta": 2000}
    delta |= {"minTrailingBelowDelta": 10, "maxTrailingBelowDelta": 2000}
    return [
        _price(i),
        _lot(i, "LOT_SIZE", _LOTS),
        {"filterType": "ICEBERG_PARTS", "limit": 100},
        _lot(i, "MARKET_LOT_SIZE", i.typical_qty * 1000, zero=True),
        {"filterType": "TRAILING_DELTA", **delta},
        {
            "filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "5", "bidMultiplierDown": "0.2",
            "askMultiplierUp": "5", "askMultiplierDown": "0.2", "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL", "minNotional": least, "applyMinToMarket": True,
            "maxNotional": f"{_MOST}.00000000", "applyMaxToMarket": False, "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10},
    ]  # fmt: skip


def _futures(i: Listed) -> list[dict[str, Any]]:
    share = "0.02" if i.tradfi else "0.05"
    up, down = f"1.{share[2:]}00", f"0.{100 - int(share[2:])}00"
    return [
        _price(i),
        _lot(i, "LOT_SIZE", i.typical_qty * 100_000),
        _lot(i, "MARKET_LOT_SIZE", i.typical_qty * 10_000),
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "PERCENT_PRICE", "multiplierUp": up, "multiplierDown": down, "multiplierDecimal": "4"},
    ]


def _usdm(i: Listed) -> list[dict[str, Any]]:
    return [
        *_futures(i),
        {"filterType": "MIN_NOTIONAL", "notional": "5"},
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]


def _coinm(i: Listed) -> list[dict[str, Any]]:
    return [*_futures(i), {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 20}]


def _options(i: Listed) -> list[dict[str, Any]]:
    return [_price(i), _lot(i, "LOT_SIZE", 50_000)]


_OF = {"spot": _spot, "usdm": _usdm, "coinm": _coinm, "options": _options}
