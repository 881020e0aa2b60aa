"""The short keys of the formats SIMPLE and SIMPLE_LIST, by type of message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["shortened"]

_COMMON = {"type": "ty", "code": "cd", "timestamp": "tms", "stream_type": "st"}
_TYPES: Mapping[str, Mapping[str, str]] = {
    "ticker": {
        "opening_price": "op", "high_price": "hp", "low_price": "lp", "trade_price": "tp", "prev_closing_price": "pcp",
        "change": "c", "change_price": "cp", "signed_change_price": "scp", "change_rate": "cr",
        "signed_change_rate": "scr", "trade_volume": "tv", "acc_trade_volume": "atv",
        "acc_trade_volume_24h": "atv24h", "acc_trade_price": "atp", "acc_trade_price_24h": "atp24h",
        "trade_date": "tdt", "trade_time": "ttm", "trade_timestamp": "ttms", "ask_bid": "ab", "acc_ask_volume": "aav",
        "acc_bid_volume": "abv", "highest_52_week_price": "h52wp", "highest_52_week_date": "h52wdt",
        "lowest_52_week_price": "l52wp", "lowest_52_week_date": "l52wdt", "market_state": "ms",
        "is_trading_suspended": "its", "delisting_date": "dd", "market_warning": "mw",
    },
    "trade": {
        "trade_date": "td", "trade_time": "ttm", "trade_timestamp": "ttms", "trade_price": "tp", "trade_volume": "tv",
        "ask_bid": "ab", "prev_closing_price": "pcp", "change": "c", "change_price": "cp", "sequential_id": "sid",
        "best_ask_price": "bap", "best_ask_size": "bas", "best_bid_price": "bbp", "best_bid_size": "bbs",
    },
    "orderbook": {
        "total_ask_size": "tas", "total_bid_size": "tbs", "orderbook_units": "obu", "ask_price": "ap",
        "bid_price": "bp", "ask_size": "as", "bid_size": "bs", "level": "lv",
    },
    "candle": {
        "candle_date_time_utc": "cdttmu", "candle_date_time_kst": "cdttmk", "opening_price": "op", "high_price": "hp",
        "low_price": "lp", "trade_price": "tp", "candle_acc_trade_volume": "catv", "candle_acc_trade_price": "catp",
    },
    "myOrder": {
        "uuid": "uid", "ask_bid": "ab", "order_type": "ot", "state": "s", "trade_uuid": "tuid", "price": "p",
        "avg_price": "ap", "volume": "v", "remaining_volume": "rv", "executed_volume": "ev", "trades_count": "tc",
        "reserved_fee": "rsf", "remaining_fee": "rmf", "paid_fee": "pf", "locked": "l", "executed_funds": "ef",
        "time_in_force": "tif", "trade_fee": "tf", "is_maker": "im", "identifier": "id", "smp_type": "smpt",
        "prevented_volume": "pv", "prevented_locked": "pl", "trade_timestamp": "ttms", "order_timestamp": "otms",
    },
    "myAsset": {
        "asset_uuid": "astuid", "assets": "ast", "currency": "cu", "balance": "b", "locked": "l",
        "asset_timestamp": "asttms",
    },
    "announcement": {
        "event_type": "et", "category": "cat", "title": "tt", "uuid": "uid", "body": "bd", "listed_at": "lat",
        "first_listed_at": "flat",
    },
    "indicator": {
        "timeframe": "tf", "indicator": "ind", "candle_date_time_utc": "cdttmu", "params": "p", "value": "v",
        "trigger": "tr", "event_params": "ep",
    },
}  # fmt: skip
_PARAMS = {
    "period": "p", "type": "t", "multiplier": "m", "long_period": "lop", "short_period": "shp", "fast": "f",
    "slow": "s", "signal_period": "sgp",
}  # fmt: skip
_EVENT_PARAMS = {"multiplier": "mul", "threshold": "th"}
_VALUES = {
    "volume": "vol", "avg_volume": "av", "ratio": "rto", "ma_long": "mal", "ma_short": "mas", "bb_lower": "bbl",
    "bb_middle": "bbm", "bb_upper": "bbu", "macd": "macd", "macd_signal": "macds", "histogram": "hist",
}  # fmt: skip
_INNER = {"params": _PARAMS, "event_params": _EVENT_PARAMS, "value": _VALUES}
_LIST = {"method": "mthd", "result": "rslt", "ticket": "tckt", "type": "ty", "codes": "cds", "level": "lv"}


def shortened(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message with the short keys of its type; keys that have none stay."""
    kind = message.get("type")
    if kind is None:
        return {_LIST.get(key, key): _renamed(value, _LIST) for key, value in message.items()}
    family = "indicator" if kind in ("indicator", "indicator_signal") else kind.partition(".")[0]
    names = {**_COMMON, **_TYPES[family]}
    inner = _INNER if family == "indicator" else dict.fromkeys(message, names)
    return {names.get(key, key): _renamed(value, inner.get(key, {})) for key, value in message.items()}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {names.get(key, key): _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return value
