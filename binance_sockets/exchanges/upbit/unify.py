"""The unified view: Upbit's messages as the neutral events of ``binance_sockets.unified``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache
from operator import index
from typing import Any

from ... import unified as u

__all__ = ["UNIFIED", "open_ms", "unified_of", "unit_ms"]

_MS = 1_000_000  # nanoseconds
_MICROSECONDS = 10**14  # times from here on are in microseconds
_MINUTE = 60_000  # milliseconds
_INFINITE = (float("inf"), float("-inf"))
_INTERVALS = {"60m": "1h", "240m": "4h"}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

Fields = Mapping[str, Any]
Common = dict[str, Any]
Number = Callable[[Any], Any]
"""Makes of an exact number what was asked for, and raises for what is none."""

_SIDES: Mapping[str, u.Side] = {"BID": "buy", "ASK": "sell"}


@lru_cache(maxsize=1024)
def _instrument(code: str) -> str:
    """``BTC/KRW`` for ``KRW-BTC``."""
    quote, _, base = code.partition("-")
    return f"{base}/{quote}"


def _ns(time: int) -> int:
    return time * (1_000 if time >= _MICROSECONDS else _MS)


def _trade(fields: Fields, common: Common, number: Number) -> u.Trade[Any]:
    return u.Trade(
        **common,
        time_ns=_ns(fields.get("trade_timestamp", fields["timestamp"])),
        id=index(fields["sequential_id"]),
        price=number(fields["trade_price"]),
        quantity=number(fields["trade_volume"]),
        side=_SIDES[fields["ask_bid"]],
        consecutive=False,
        backfilled=bool(fields.get("backfilled")),
    )


def _ticker(fields: Fields, common: Common, number: Number) -> u.Ticker[Any]:
    return u.Ticker(
        **common,
        time_ns=_ns(fields.get("trade_timestamp", fields["timestamp"])),
        window="1d",  # from midnight UTC
        price=number(fields["trade_price"]),
        price_change=number(fields["signed_change_price"]),
        price_change_percent=number(fields["signed_change_rate"] * 100),
        open_price=number(fields["opening_price"]),
        high_price=number(fields["high_price"]),
        low_price=number(fields["low_price"]),
        volume=number(fields["acc_trade_volume"]),
        quote_volume=number(fields["acc_trade_price"]),
        previous_close_price=number(fields["prev_closing_price"]),
        last_quantity=number(fields["trade_volume"]),
    )


def _orderbook(fields: Fields, common: Common, number: Number) -> u.Depth[Any]:
    levels = [
        (number(each["bid_price"]), number(each["bid_size"]), number(each["ask_price"]), number(each["ask_size"]))
        for each in fields["orderbook_units"]
    ]
    return u.Depth(
        **common,
        time_ns=common["sent_ns"],
        bids=[(price, size) for price, size, _, _ in levels if float(price)],
        asks=[(price, size) for _, _, price, size in levels if float(price)],
        is_diff=False,
    )


def _candle(fields: Fields, common: Common, number: Number) -> u.Kline[Any]:
    unit = fields["type"].partition(".")[2]
    begin = open_ms(fields["candle_date_time_utc"]) * _MS
    return u.Kline(
        **common,
        time_ns=common["sent_ns"],
        interval=_INTERVALS.get(unit, unit),
        open_time_ns=begin,
        close_time_ns=begin + (unit_ms(unit) - 1) * _MS,
        open_price=number(fields["opening_price"]),
        high_price=number(fields["high_price"]),
        low_price=number(fields["low_price"]),
        close_price=number(fields["trade_price"]),
        volume=number(fields["candle_acc_trade_volume"]),
        quote_volume=number(fields["candle_acc_trade_price"]),
        is_closed=False,
        backfilled=bool(fields.get("backfilled")),
    )


UNIFIED: Mapping[str, Callable[[Fields, Common, Number], u.Event]] = {
    "trade": _trade,
    "ticker": _ticker,
    "orderbook": _orderbook,
    "candle": _candle,
}
"""What makes the neutral event of a kind."""


def unified_of(kind: str, fields: Fields, received_ns: int, numbers: Callable[[Decimal], Any]) -> u.Event:
    """The neutral event of a message.

    Args:
        kind: the type of its row, one of :data:`UNIFIED`.
        fields: by full names, with exact numbers.
        received_ns: when it was read.
        numbers: makes of each what is wanted.

    Raises:
        KeyError, TypeError, ValueError: something is missing in it, or is no number.
    """

    def number(value: Any) -> Any:
        if type(value) is not Decimal:
            raise TypeError(f"{value!r} is no number")
        made = numbers(value)
        if made in _INFINITE:
            raise ValueError(f"{value} is too large")
        return made

    code = fields["code"]
    common = {
        "exchange": "upbit",
        "product": "spot",
        "symbol": code,
        "instrument": _instrument(code),
        "sent_ns": _ns(fields["timestamp"]),
        "received_ns": received_ns,
    }
    return UNIFIED[kind](fields, common, number)


@lru_cache(maxsize=1024)
def open_ms(text: str) -> int:
    """Milliseconds since the epoch of a candle's begin, ``2026-11-27T00:00:00`` in UTC."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return round((moment - _EPOCH).total_seconds() * 1000)


def unit_ms(unit: str) -> int:
    """Length of a candle in milliseconds."""
    return 1000 if unit == "1s" else int(unit[:-1]) * _MINUTE
