"""The kinds of streams, one row each: where they live, what they send first, and how their messages are spelled.

Source: docs.upbit.com/kr/reference, pages ``websocket-ticker``, ``-trade``, ``-orderbook``, ``-candle``, ``-myorder``,
``-myasset``, ``-announcement`` and ``-indicator`` (state of 2026-11). Short names are those of the format ``SIMPLE``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...errors import ConfigError

__all__ = ["COUNTS", "KINDS", "UNITS", "Kind", "Part", "kind_of"]

UNITS = ("1s", "1m", "3m", "5m", "10m", "15m", "30m", "60m", "240m")
"""Lengths of candles."""

COUNTS = (1, 5, 15, 30)
"""Levels per side of an order book; the last one is what comes without asking."""


@dataclass(frozen=True)
class Part:
    """One kind of objects on the wire.

    Args:
        names: full names by short ones.
        numbers: full names of the fields that are decimal numbers, however they are spelled.
        parts: what the lists in it hold, by their full names.
    """

    names: Mapping[str, str]
    numbers: frozenset[str] = frozenset()
    parts: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One kind of streams.

    Args:
        type: on the wire; of candles the part before the length.
        endpoint: ``"public"``, ``"private"`` or ``"info"``.
        part: its messages.
        snapshots: whether the exchange begins with what there is.
        takes_codes: whether it is asked for by codes.
    """

    type: str
    endpoint: str
    part: Part
    snapshots: bool = True
    takes_codes: bool = True


def _part(*numbers: str, **short: str) -> Part:
    """A row: fields that every message has, those given as ``short="full_name"``, and which are numbers."""
    common = {"ty": "type", "cd": "code", "tms": "timestamp", "st": "stream_type"}
    return Part({**common, **short}, frozenset(numbers))


_OHLC = {"op": "opening_price", "hp": "high_price", "lp": "low_price", "tp": "trade_price"}

_TICKER = _part(
    "opening_price", "high_price", "low_price", "trade_price", "prev_closing_price", "change_price",
    "signed_change_price", "change_rate", "signed_change_rate", "trade_volume", "acc_trade_volume",
    "acc_trade_volume_24h", "acc_trade_price", "acc_trade_price_24h", "acc_ask_volume", "acc_bid_volume",
    "highest_52_week_price", "lowest_52_week_price",
    **_OHLC,
    pcp="prev_closing_price", c="change", cp="change_price", scp="signed_change_price", cr="change_rate",
    scr="signed_change_rate", tv="trade_volume", atv="acc_trade_volume", atv24h="acc_trade_volume_24h",
    atp="acc_trade_price", atp24h="acc_trade_price_24h", tdt="trade_date", ttm="trade_time", ttms="trade_timestamp",
    ab="ask_bid", aav="acc_ask_volume", abv="acc_bid_volume", h52wp="highest_52_week_price",
    h52wdt="highest_52_week_date", l52wp="lowest_52_week_price", l52wdt="lowest_52_week_date", ms="market_state",
    dd="delisting_date", its="is_trading_suspended", mw="market_warning",
)  # fmt: skip

_TRADE = _part(
    "trade_price", "trade_volume", "prev_closing_price", "change_price",
    "best_ask_price", "best_ask_size", "best_bid_price", "best_bid_size",
    tp="trade_price", tv="trade_volume", ab="ask_bid", pcp="prev_closing_price", c="change", cp="change_price",
    td="trade_date", ttm="trade_time", ttms="trade_timestamp", sid="sequential_id", bap="best_ask_price",
    bas="best_ask_size", bbp="best_bid_price", bbs="best_bid_size",
)  # fmt: skip

_UNIT = Part(
    {"ap": "ask_price", "bp": "bid_price", "as": "ask_size", "bs": "bid_size"},
    frozenset(("ask_price", "bid_price", "ask_size", "bid_size")),
)

_ORDERBOOK = replace(_part(
    "total_ask_size", "total_bid_size", "level",
    tas="total_ask_size", tbs="total_bid_size", obu="orderbook_units", lv="level",
), parts={"orderbook_units": _UNIT})  # fmt: skip

_CANDLE = _part(
    "opening_price", "high_price", "low_price", "trade_price", "candle_acc_trade_volume", "candle_acc_trade_price",
    **_OHLC,
    cdttmu="candle_date_time_utc", cdttmk="candle_date_time_kst", catv="candle_acc_trade_volume",
    catp="candle_acc_trade_price",
)  # fmt: skip

_MY_ORDER = _part(
    "price", "avg_price", "volume", "remaining_volume", "executed_volume", "reserved_fee", "remaining_fee", "paid_fee",
    "locked", "executed_funds", "trade_fee", "prevented_volume", "prevented_locked",
    uid="uuid", ab="ask_bid", ot="order_type", s="state", tuid="trade_uuid", p="price", ap="avg_price", v="volume",
    rv="remaining_volume", ev="executed_volume", tc="trades_count", rsf="reserved_fee", rmf="remaining_fee",
    pf="paid_fee", l="locked", ef="executed_funds", tif="time_in_force", tf="trade_fee", im="is_maker",
    id="identifier", smpt="smp_type", pv="prevented_volume", pl="prevented_locked", ttms="trade_timestamp",
    otms="order_timestamp",
)  # fmt: skip

_ASSET = Part({"cu": "currency", "b": "balance", "l": "locked"}, frozenset(("balance", "locked")))

_MY_ASSET = replace(_part(astuid="asset_uuid", ast="assets", asttms="asset_timestamp"), parts={"assets": _ASSET})

_ANNOUNCEMENT = _part(
    et="event_type", cat="category", tt="title", uid="uuid", bd="body", lat="listed_at", flat="first_listed_at"
)  # fmt: skip

_INDICATOR = _part(
    tf="timeframe", ind="indicator", p="params", v="value", cdttmu="candle_date_time_utc", tr="trigger",
    ep="event_params",
)  # fmt: skip

KINDS: Mapping[str, Kind] = {
    kind.type: kind
    for kind in (
        Kind("ticker", "public", _TICKER),
        Kind("trade", "public", _TRADE),
        Kind("orderbook", "public", _ORDERBOOK),
        Kind("candle", "public", _CANDLE),
        Kind("myOrder", "private", _MY_ORDER, snapshots=False, takes_codes=False),
        Kind("myAsset", "private", _MY_ASSET, snapshots=False, takes_codes=False),
        Kind("announcement", "private", _ANNOUNCEMENT, snapshots=False, takes_codes=False),
        Kind("indicator", "info", _INDICATOR, snapshots=False),
        Kind("indicator_signal", "info", _INDICATOR, snapshots=False),
    )
}


def kind_of(type_: str) -> Kind:
    """The row of a type as it stands on the wire, such as ``"candle.1m"``, or of a stream.

    Raises:
        ConfigError: there is none.
    """
    found = KINDS.get(type_.partition(":")[0].partition(".")[0])
    if found is None:
        raise ConfigError("type", type_, tuple(KINDS))
    return found
