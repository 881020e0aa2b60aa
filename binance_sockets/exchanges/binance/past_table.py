"""What REST gives of the streams: a table of rows, each turned into what the stream would have sent.

=========================== ===================================================================================
Field of the stream         What stands there
=========================== ===================================================================================
``E`` (event time)          trades: their trade time. Candles: the first instant behind them; of the one that is
                            still open, its begin
``f``, ``L`` of candles     -1: REST does not tell the ids of the trades
``X``, ``st`` of trades     missing (USD-M, COIN-M)
``B`` of candles            ``"0"``
=========================== ===================================================================================

Every message has the further field ``"backfilled": true``, within the payload: it is seen in each view, and stays with
the message wherever that is handed on to.

Sources: spot ``rest-api.md`` (2026-07-21), derivatives documentation (2026-10-23), options documentation (2026-07-14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .names import Name

__all__ = ["BACKFILLED", "Fields", "Params", "Source", "source_of"]

BACKFILLED = "backfilled"
"""The field that marks a message which came over REST."""

Params = dict[str, str]
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where REST has the past of a family of streams.

    Args:
        path: below the product's base.
        subject: the parameters that name the stream.
        page: most rows of one answer.
        weight: of a request of that many.
        row: what the stream would have sent for a row, given the values of its name.
        keyed: whether it wants an API key.
        candles: rows are candles, found by their time; else trades, found by their id.
        id: the field of the stream that numbers trades.
        lacks: intervals that the stream has and REST has not.
    """

    path: str
    subject: Callable[[Mapping[str, str]], Params]
    page: int
    weight: int
    row: Callable[[Any, Mapping[str, str]], Fields]
    keyed: bool = False
    candles: bool = False
    id: str = ""
    lacks: tuple[str, ...] = ()


# -- rows ------------------------------------------------------------------------------------------------------------


def _trade(row: Any, values: Mapping[str, str]) -> Fields:
    fields = {
        "e": "trade", "E": row["time"], "s": values["symbol"].upper(), "t": row["id"], "p": row["price"],
        "q": row["qty"], "T": row["time"], "m": row["isBuyerMaker"],
    }  # fmt: skip
    return {**fields, "M": row["isBestMatch"]} if "isBestMatch" in row else fields


def _agg_trade(row: Any, values: Mapping[str, str]) -> Fields:
    return {"e": "aggTrade", "E": row["T"], "s": values["symbol"].upper(), **row}


def _candle(row: Any, values: Mapping[str, str]) -> Fields:
    """The candle itself; whether it is final is known by what follows it."""
    start, opened, high, low, close, volume, end, quote, count, bought, bought_quote, ignored = row
    return {
        "t": start, "T": end, "i": values["interval"], "f": -1, "L": -1, "o": opened, "c": close, "h": high, "l": low,
        "v": volume, "n": count, "x": False, "q": quote, "V": bought, "Q": bought_quote, "B": ignored,
    }  # fmt: skip


def _kline(row: Any, values: Mapping[str, str]) -> Fields:
    symbol = values["symbol"].upper()
    return {"e": "kline", "s": symbol, "k": {"s": symbol, **_candle(row, values)}}


def _option_kline(row: Any, values: Mapping[str, str]) -> Fields:
    kline = _kline(row, values)
    del kline["k"]["B"]
    return kline


def _continuous(row: Any, values: Mapping[str, str]) -> Fields:
    pair, contract = values["symbol"].upper(), values["contract_type"].upper()
    return {"e": "continuous_kline", "ps": pair, "ct": contract, "k": _candle(row, values)}


def _index(row: Any, values: Mapping[str, str]) -> Fields:
    candle = {"s": "0", **_candle(row, values)}
    return {"e": "indexPrice_kline", "ps": values["pair"].upper(), "k": {**candle, "f": row[0], "L": row[0]}}


def _mark(row: Any, values: Mapping[str, str]) -> Fields:
    symbol = values["symbol"].upper()
    candle = {"s": symbol, **_candle(row, values), "f": row[0], "L": row[0]}
    return {"e": "markPrice_kline", "ps": symbol.partition("_")[0], "k": candle}


# -- the table -------------------------------------------------------------------------------------------------------


def _symbol(values: Mapping[str, str]) -> Params:
    return {"symbol": values["symbol"].upper()}


def _klines(values: Mapping[str, str]) -> Params:
    zone = values.get("timezone", "")
    return {**_symbol(values), "interval": values["interval"], **({"timeZone": zone.lstrip("+")} if zone else {})}


def _pair(values: Mapping[str, str]) -> Params:
    return {"pair": values["pair"].upper(), "interval": values["interval"]}


def _contract(values: Mapping[str, str]) -> Params:
    pair, contract = values["symbol"].upper(), values["contract_type"].upper()
    return {"pair": pair, "contractType": contract, "interval": values["interval"]}


def _futures(base: str) -> dict[str, Source]:
    def candles(path: str, subject: Callable[[Mapping[str, str]], Params], row: Any, **more: Any) -> Source:
        return Source(path=base + path, subject=subject, page=1000, weight=5, row=row, candles=True, **more)

    return {
        "trade": Source(
            path=base + "/historicalTrades", subject=_symbol, page=500, weight=20, row=_trade, keyed=True, id="t"
        ),
        "agg_trade": Source(path=base + "/aggTrades", subject=_symbol, page=1000, weight=20, row=_agg_trade, id="a"),
        "kline": candles("/klines", _klines, _kline),
        "continuous_kline": candles("/continuousKlines", _contract, _continuous, lacks=("1s",)),
    }


def _spot(keyed: bool) -> dict[str, Source]:
    base = "/api/v3"
    return {
        "trade": Source(
            path=base + "/historicalTrades", subject=_symbol, page=1000, weight=25, row=_trade, keyed=keyed, id="t"
        ),
        "agg_trade": Source(path=base + "/aggTrades", subject=_symbol, page=1000, weight=4, row=_agg_trade, id="a"),
        "kline": Source(path=base + "/klines", subject=_klines, page=1000, weight=2, row=_kline, candles=True),
    }


_COINM = "/dapi/v1"

SOURCES: Mapping[str, Mapping[str, Source]] = {
    "spot": _spot(keyed=False),
    "us": _spot(keyed=True),
    "usdm": _futures("/fapi/v1"),
    "coinm": {
        **_futures(_COINM),
        "index_price_kline": Source(
            path=_COINM + "/indexPriceKlines", subject=_pair, page=1000, weight=5, row=_index, candles=True
        ),
        "mark_price_kline": Source(
            path=_COINM + "/markPriceKlines", subject=_klines, page=1000, weight=5, row=_mark, candles=True
        ),
    },
    "options": {
        "kline": Source(path="/eapi/v1/klines", subject=_klines, page=1000, weight=1, row=_option_kline, candles=True),
    },
}
"""By market, and by the key of the family."""


def source_of(name: Name, api_key: str | None) -> Source | None:
    """Where the past of a stream is; ``None`` where REST has none, or wants a key that is not there."""
    source = None if name.family is None else SOURCES[name.market].get(name.family.key)
    if source is None or (source.keyed and not api_key) or name.values.get("interval") in source.lacks:
        return None
    return source
