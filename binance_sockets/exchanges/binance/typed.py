"""The typed view: messages decoded straight from their bytes into the events of :mod:`.models`.

Which event a stream carries follows from its name, as the exchange leaves the type out of some payloads and gives one
type to several shapes. What fits no event is never lost: it is delivered as the dict view would, after one warning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Union

import msgspec

from ...errors import ConfigError, DecodeError
from ...exchange import Decode
from . import models as m
from .streams import parse

__all__ = ["EVENTS", "event_type", "typed_decoder"]

log = logging.getLogger("binance_sockets.binance")

_SPOT: dict[str, Any] = {
    "agg_trade": m.AggTrade,
    "trade": m.Trade,
    "kline": m.Kline,
    "mini_ticker": m.MiniTicker,
    "all_mini_tickers": m.MiniTicker,
    "ticker": m.Ticker,
    "rolling_ticker": m.Ticker1h | m.Ticker4h | m.Ticker1d,
    "all_rolling_tickers": m.Ticker1h | m.Ticker4h | m.Ticker1d,
    "book_ticker": m.BookTicker,
    "average_price": m.AveragePrice,
    "partial_depth": m.PartialDepth,
    "depth": m.Depth,
}
_FUTURES: dict[str, Any] = {
    "agg_trade": m.FuturesAggTrade,
    "mark_price": m.MarkPrice,
    "kline": m.Kline,
    "continuous_kline": m.ContinuousKline,
    "index_price_kline": m.IndexPriceKline,
    "mark_price_kline": m.MarkPriceKline,
    "mini_ticker": m.FuturesMiniTicker,
    "all_mini_tickers": m.FuturesMiniTicker,
    "ticker": m.FuturesTicker,
    "all_tickers": m.FuturesTicker,
    "book_ticker": m.FuturesBookTicker,
    "all_book_tickers": m.FuturesBookTicker,
    "partial_depth": m.FuturesDepth,
    "depth": m.FuturesDepth,
    "liquidation": m.Liquidation,
    "all_liquidations": m.Liquidation,
    "contract_info": m.ContractInfo,
}

EVENTS: Mapping[str, Mapping[str, Any]] = {
    "spot": {**_SPOT, "block_trade": m.BlockTrade, "reference_price": m.ReferencePrice},
    "us": {**_SPOT, "all_tickers": m.Ticker},
    "usdm": {
        **_FUTURES,
        "trade": m.FuturesTrade,
        "all_mark_prices": m.MarkPrice,
        "rpi_depth": m.FuturesDepth,
        "composite_index": m.CompositeIndex,
        "all_asset_indexes": m.AssetIndex,
        "asset_index": m.AssetIndex,
        "trading_session": m.TradingSession,
    },
    "coinm": {**_FUTURES, "pair_mark_price": m.MarkPrice, "index_price": m.IndexPrice},
    "options": {
        "trade": m.OptionTrade,
        "ticker": m.FuturesTicker,
        "ticker_by_expiration": m.FuturesTicker,
        "book_ticker": m.FuturesBookTicker,
        "partial_depth": m.FuturesDepth,
        "depth": m.FuturesDepth,
        "index_prices": m.OptionIndexPrice,
        "kline": m.Kline,
        "mark_price": m.OptionMarkPrice,
        "open_interest": m.OptionOpenInterest,
        "new_symbols": m.OptionSymbol,
    },
}
"""The event of each family of streams, by market and by the family's key."""

_CONTROL_EVENTS = ("serverShutdown", "listenKeyExpired", "eventStreamTerminated")
_MOST_WARNINGS = 2048  # twice the streams of a link, so that a peer cannot fill the memory with names
_PREFIX = len('{"stream":"')

_decode_json = msgspec.json.Decoder().decode


def event_type(market: str, name: str) -> Any:
    """The type that a stream's payload is decoded to: an event, a union of events, or a list of one of them.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        name: the stream's name.

    Returns:
        The type, or ``None`` for a stream that is not in the table of families.
    """
    family = parse(market, name).family or parse(market, name.rpartition("@")[0]).family  # an unlisted update speed
    kind = EVENTS[market].get(family.key) if family else None
    return list[kind] if kind is not None and family is not None and family.array else kind  # type: ignore[valid-type]


def typed_decoder(market: str, names: Sequence[str], combined: bool) -> Decode:
    """The function that decodes the messages of one link to typed events.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        names: the streams of the link, as spelled on the wire.
        combined: whether messages are wrapped with the name of their stream.

    Returns:
        ``decode(message) -> (stream name, payload)`` for a memoryview or bytes. The payload is an event, or a list of
        events for array streams; on a combined stream a :class:`~.models.Combined` with ``stream`` and ``data``. It is
        what the dict view gives where a stream is not in the table or a message fits no event; the first such message
        of each stream is logged as a warning to ``binance_sockets.binance``. ``decode`` raises for control messages
        and for what is not JSON. It is called by one thread.

    Raises:
        ConfigError: raw messages carry no stream name, so a link with more than one stream must be combined.
    """
    fallback = _Fallback(market)
    if combined:
        return _combined(market, names, fallback)
    if len(names) != 1:
        raise ConfigError("names", tuple(names), "exactly one stream where messages are not combined")
    return _raw(names[0], event_type(market, names[0]), fallback)


def _raw(name: str, kind: Any, fallback: _Fallback) -> Decode:
    def untyped(message: Any) -> tuple[str, Any]:
        payload = _decode_json(message)
        if not isinstance(payload, (dict, list)) or _is_control(payload):
            raise DecodeError("not data", bytes(message[:200]))
        return fallback.deliver(message, name, payload, kind)

    if kind is None:
        return untyped
    decode_event = _decoder(kind)

    def decode(message: Any) -> tuple[str, Any]:
        try:
            return name, decode_event(message)
        except msgspec.ValidationError:
            return untyped(message)

    return decode


def _combined(market: str, names: Sequence[str], fallback: _Fallback) -> Decode:
    def by_content(message: Any) -> tuple[str, Any]:
        payload = _decode_json(message)
        name = payload.get("stream") if isinstance(payload, dict) else None
        if not isinstance(name, str) or "data" not in payload or _is_control(payload["data"]):
            raise DecodeError("not data", bytes(message[:200]))
        kind = event_type(market, name)
        return fallback.deliver(message, name, payload, kind and _combined_type(kind))

    kinds = {name: event_type(market, name) for name in names}
    decode_any = _decoder_of_all(tuple(dict.fromkeys(kinds.values())))
    if decode_any is not None:

        def by_type(message: Any) -> tuple[str, Any]:
            try:
                event = decode_any(message)
            except msgspec.ValidationError:
                return by_content(message)
            return event.stream, event

        return by_type

    known = {name.encode(): (name, _decoder(_combined_type(kind))) for name, kind in kinds.items() if kind is not None}
    place = slice(_PREFIX, _PREFIX + max(map(len, known), default=0) + 1)

    def by_name(message: Any) -> tuple[str, Any]:
        head = bytes(message[place])
        try:
            name, decode_event = known[head[: head.find(b'"')]]
            return name, decode_event(message)
        except (KeyError, msgspec.ValidationError):  # another stream, spacing or order of keys, or no event
            return by_content(message)

    return by_name


class _Fallback:
    """Delivers as a dict what is no typed event. Used by one thread."""

    def __init__(self, market: str) -> None:
        self._market = market
        self._warned: set[str] = set()

    def deliver(self, message: Any, name: str, payload: Any, kind: Any) -> tuple[str, Any]:
        """``message`` as ``kind`` if it can be, else ``payload``, with a warning the first time."""
        reason = "the stream is not in the table"
        if kind is not None:
            try:
                return name, _decoder(kind)(message)
            except msgspec.ValidationError as error:
                reason = str(error)
        if name not in self._warned and len(self._warned) < _MOST_WARNINGS:
            self._warned.add(name)
            log.warning("%s %s: no typed event (%s); delivered as dict", self._market, _shown(name), reason)
        return name, payload


def _shown(name: str) -> str:
    """A name for a log: what looks like no market stream may be a listen key, which is a secret."""
    return repr(name[:100]) if "@" in name or name.startswith("!") else "stream (name hidden)"


def _is_control(payload: Any) -> bool:
    """Whether an unwrapped payload is an answer of the server, or an announcement about the link."""
    if not isinstance(payload, dict):
        return False
    is_answer = not payload.keys().isdisjoint(("result", "error", "event")) or ("code" in payload and "msg" in payload)
    return is_answer or payload.get("e") in _CONTROL_EVENTS


def _combined_type(kind: Any) -> Any:
    return m.Combined[kind]


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    """One decoder per type for the whole process: it keeps no state between calls, so threads may share it."""
    return msgspec.json.Decoder(kind).decode


def _decoder_of_all(kinds: tuple[Any, ...]) -> Callable[[Any], Any] | None:
    """One decoder for wrapped messages of all these types, where their ``e`` tells them apart."""
    if None in kinds or not kinds:
        return None
    try:
        return _decoder(_combined_type(Union[kinds]))  # noqa: UP007
    except TypeError:  # two types with one tag, or with none
        return None
