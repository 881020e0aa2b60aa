"""The unified view: typed events, decoded with the numbers that were asked for, as the neutral ones of ``unified``.

One function per typed event makes the neutral one; an event without a function has no neutral form. Nothing is a dict
in between. Books are decoded into pairs at once, which saves a step per level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Generic

from msgspec import field

from ... import unified as u
from ...errors import ConfigError
from ...exchange import Decode, Misfits, Stream
from . import models as m
from .families import FAMILIES, Family, MarketStream
from .instruments import Instruments
from .models.base import N
from .typed import decoder_of_kinds, kind_of

__all__ = ["Unifier", "check_unified", "letters", "unified_decoder", "unified_rows", "unified_types"]

_MS = 1_000_000  # nanoseconds
_KINDS: Mapping[str | None, u.TradeKind] = {
    None: "trade", "MARKET": "trade", "INSURANCE_FUND": "insurance_fund", "ADL": "adl", "RPI": "rpi", "BLOCK": "block",
}  # fmt: skip
_OTHER_BOOK = "rpi_depth"  # a zero may mean a hidden level there, which no other book has


class _Depth(m.Depth[N], Generic[N], frozen=True, kw_only=True, tag="depthUpdate"):
    bids: list[tuple[N, N]] = field(name="b")  # type: ignore[assignment]
    asks: list[tuple[N, N]] = field(name="a")  # type: ignore[assignment]


class _PartialDepth(m.PartialDepth[N], Generic[N], frozen=True, kw_only=True):
    bids: list[tuple[N, N]]  # type: ignore[assignment]
    asks: list[tuple[N, N]]  # type: ignore[assignment]


class _FuturesDepth(m.FuturesDepth[N], Generic[N], frozen=True, kw_only=True, tag="depthUpdate"):
    bids: list[tuple[N, N]] = field(name="b")  # type: ignore[assignment]
    asks: list[tuple[N, N]] = field(name="a")  # type: ignore[assignment]


_WIRE: Mapping[Any, Any] = {m.Depth: _Depth, m.PartialDepth: _PartialDepth, m.FuturesDepth: _FuturesDepth}


def unified_rows(market: str) -> list[Family]:
    """The living streams of a market that have a neutral form."""
    return [row for row in FAMILIES[market] if row.retired is None and _has_form(row)]


def unified_types(row: Family) -> list[Any]:
    """The neutral events that a row carries; empty where it has no neutral form."""
    return list(dict.fromkeys(_FORMS[each][0] for each in row.models)) if _has_form(row) else []


def _has_form(row: Family) -> bool:
    return row.model is not None and row.key != _OTHER_BOOK and all(each in _FORMS for each in row.models)


def check_unified(market: str, streams: Iterable[Stream]) -> None:
    """Refuse streams that have no neutral form.

    Raises:
        ConfigError: naming those that have one.
    """
    for stream in streams:
        row = stream.family if isinstance(stream, MarketStream) else None
        if row is None or not _has_form(row):
            having = ", ".join(each.pattern for each in unified_rows(market))
            hint = f"{stream.name} has no unified form; on {market} these have one: {having}"
            raise ConfigError("view", "unified", ("dict", "typed", "raw"), hint)


def unified_decoder(
    market: str,
    streams: Mapping[str, Family | None],
    combined: bool,
    misfits: Misfits,
    numbers: Any,
    unify: Unifier,
) -> Decode:
    """As :func:`~.typed.typed_decoder`, for neutral events.

    What fits none is delivered as in the dict view, as there. ``m.Combined`` stays around what is combined.
    """
    kinds = {name: _wire(kind_of(row)) for name, row in streams.items()}
    decode_typed = decoder_of_kinds(market, kinds, combined, misfits, numbers, extra=False)
    if not combined:

        def decode(message: Any) -> tuple[str, Any]:
            name, payload = decode_typed(message)
            return name, unify(name, payload)

        return decode

    def decode_wrapped(message: Any) -> tuple[str, Any]:
        name, wrapper = decode_typed(message)
        return name, m.Combined(name, unify(name, wrapper.data))

    return decode_wrapped


def _wire(kind: Any) -> Any:
    """The type that a stream's payload is decoded to."""
    return _WIRE.get(kind, kind)


class Unifier:
    """Makes neutral events of typed ones, for the streams of one market. Used by one thread.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        instruments: the names of its symbols.
        now: wall clock, seconds since the epoch.
        unit: nanoseconds of one unit of the exchange's times.
    """

    def __init__(self, market: str, instruments: Instruments, now: Callable[[], float], unit: int = _MS) -> None:
        self.instruments = instruments
        self.unit = unit
        self.market = market
        self.product = "spot" if market == "us" else market
        self._now = now

    def __call__(self, name: str, payload: Any, backfilled: bool = False) -> Any:
        """The payload of the stream ``name`` with all typed events in it as neutral ones, the rest as it is."""
        received = int(self._now() * 1e9)
        build = _BUILDERS.get(type(payload)) or _builder(type(payload))
        if build is not None:
            event = build(self, name, payload, received)
            return _marked(event) if backfilled else event
        return [self._element(name, each, received) for each in payload] if isinstance(payload, list) else payload

    def _element(self, name: str, event: Any, received: int) -> Any:
        build = _BUILDERS.get(type(event)) or _builder(type(event))
        return event if build is None else build(self, name, event, received)

    def head(self, symbol: str, received: int, sent: int | None, time: int | None = None) -> dict[str, Any]:
        """What all events have; times are the exchange's."""
        product, instrument = self.instruments.known[symbol]
        unit = self.unit
        sent_ns = None if sent is None else sent * unit
        return {
            "exchange": "binance",
            "product": product,
            "symbol": symbol,
            "instrument": instrument,
            "time_ns": sent_ns if time is None else time * unit,
            "received_ns": received,
            "sent_ns": sent_ns,
        }


def _marked(event: Any) -> Any:
    return type(event)(**{**_values(event), "backfilled": True})


def _values(event: u.Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def letters(event: u.Event, unit: int) -> dict[str, Any]:
    """A neutral event as those of the exchange's own fields by which messages are told apart and put in order.

    Args:
        unit: nanoseconds of one unit of the exchange's times.
    """
    fields: dict[str, Any] = {"E": None if event.sent_ns is None else event.sent_ns // unit}
    if isinstance(event, u.Trade):
        return {**fields, "a": event.id, "t": event.id}
    if isinstance(event, (u.Depth, u.BookTicker)):
        number = event.last_update_id if isinstance(event, u.Depth) else event.update_id
        return {**fields, "u": number, "lastUpdateId": number}
    values = {name: value for name, value in _values(event).items() if name not in _NOT_SENT}
    if isinstance(event, u.Kline):  # when a candle was sent does not tell it from its copy
        values = {name: value for name, value in values.items() if name not in ("time_ns", "sent_ns")}
        order = {"t": event.open_time_ns // unit, "x": event.is_closed, "n": event.trade_count}
        return {**fields, "k": {**order, **values}}
    return {**fields, **values}


_NOT_SENT = ("received_ns", "backfilled")


# -- one function per typed event --

_Build = Callable[[Unifier, str, Any, int], u.Event]


def _trade(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Trade(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.trade_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        id=event.trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
    )


def _typed_trade(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    """Futures and options say what kind of trade it is."""
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Trade(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.trade_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        id=event.trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
        kind=_KINDS.get(event.trade_type, "na"),
    )


def _block_trade(to: Unifier, name: str, event: m.BlockTrade[Any], received: int) -> u.Event:
    return u.Trade(
        **to.head(event.symbol, received, event.event_time, event.trade_time),
        id=event.block_trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
        kind="block",
    )


def _agg_trade(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Trade(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.trade_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        id=event.agg_trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
        kind="aggregate",
        first_id=event.first_trade_id,
        last_id=event.last_trade_id,
    )


def _mini_ticker(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    change, percent = _changes(event.open, event.close)
    return u.Ticker(
        **to.head(event.symbol, received, event.event_time),
        window="24h",
        price=event.close,
        price_change=change,
        price_change_percent=percent,
        open_price=event.open,
        high_price=event.high,
        low_price=event.low,
        volume=event.volume,
        quote_volume=event.quote_volume,
    )


def _changes(opened: Any, closed: Any) -> tuple[Any, Any]:
    """Last price less first, and that in percent, by exact arithmetic, in the type of the prices."""
    first, last = Decimal(str(opened)), Decimal(str(closed))
    change = last - first
    percent = round(change / first * 100, 3) if first else Decimal(0)
    kind = type(opened)
    return (f"{change:f}", f"{percent:f}") if kind is str else (kind(change), kind(percent))


def _window(to: Unifier, event: m.WindowTicker[Any], received: int, window: str, **more: Any) -> u.Event:
    return u.Ticker(
        **to.head(event.symbol, received, event.event_time),
        window=window,
        price=event.close,
        price_change=event.price_change,
        price_change_percent=event.price_change_percent,
        open_price=event.open,
        high_price=event.high,
        low_price=event.low,
        volume=event.volume,
        quote_volume=event.quote_volume,
        open_time_ns=event.open_time * to.unit,
        close_time_ns=event.close_time * to.unit,
        weighted_average_price=event.weighted_average_price,
        trade_count=event.trade_count,
        **more,
    )


def _rolling_ticker(window: str) -> _Build:
    return lambda to, name, event, received: _window(to, event, received, window)


def _futures_ticker(to: Unifier, name: str, event: m.FuturesTicker[Any], received: int) -> u.Event:
    return _window(to, event, received, "24h", last_quantity=event.last_quantity)


def _ticker(to: Unifier, name: str, event: m.Ticker[Any], received: int) -> u.Event:
    return _window(
        to,
        event,
        received,
        "24h",
        previous_close_price=event.previous_close,
        last_quantity=event.last_quantity,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
    )


def _kline(to: Unifier, name: str, event: Any, received: int, symbol: str = "") -> u.Event:
    candle = event.candle
    unit = to.unit
    return u.Kline(
        **to.head(symbol or event.symbol, received, event.event_time),
        interval=candle.interval,
        open_time_ns=candle.open_time * unit,
        close_time_ns=candle.close_time * unit,
        open_price=candle.open,
        high_price=candle.high,
        low_price=candle.low,
        close_price=candle.close,
        volume=candle.volume,
        quote_volume=candle.quote_volume,
        is_closed=candle.is_closed,
        trade_count=candle.trade_count,
        taker_buy_volume=candle.taker_buy_volume,
        taker_buy_quote_volume=candle.taker_buy_quote_volume,
    )


def _continuous_kline(to: Unifier, name: str, event: m.ContinuousKline[Any], received: int) -> u.Event:
    """A pair has no contract of its own; the perpetual one of USD-M is named like it."""
    if to.market == "usdm" and event.contract_type.endswith("PERPETUAL"):
        return _kline(to, name, event, received, event.pair)
    made = _kline(to, name, event, received, event.pair)
    return type(made)(**{**_values(made), "instrument": None})


def _price_kline(kind: u.KlineKind) -> _Build:
    def build(to: Unifier, name: str, event: Any, received: int) -> u.Event:
        candle: m.PriceCandle[Any] = event.candle
        unit = to.unit
        number = type(candle.open)
        head = to.head(event.pair if kind == "index" else candle.symbol, received, event.event_time)
        if kind == "index":
            head.update(instrument=None, product=to.product)
        return u.Kline(
            **head,
            interval=candle.interval,
            open_time_ns=candle.open_time * unit,
            close_time_ns=candle.close_time * unit,
            open_price=candle.open,
            high_price=candle.high,
            low_price=candle.low,
            close_price=candle.close,
            volume=number("0"),
            quote_volume=number("0"),
            is_closed=candle.is_closed,
            kind=kind,
            trade_count=candle.sample_count,
        )

    return build


def _book_ticker(to: Unifier, name: str, event: m.BookTicker[Any], received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    return u.BookTicker(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=None,
        received_ns=received,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
        update_id=event.update_id,
    )


def _futures_book_ticker(to: Unifier, name: str, event: m.FuturesBookTicker[Any], received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.BookTicker(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.transaction_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
        update_id=event.update_id,
    )


def _depth(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Depth(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.event_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        bids=event.bids,
        asks=event.asks,
        is_diff=True,
        last_update_id=event.last_update_id,
        first_update_id=event.first_update_id,
    )


def _partial_depth(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    """The payload does not even tell its symbol."""
    return u.Depth(
        **to.head(name.partition("@")[0].upper(), received, None),
        bids=event.bids,
        asks=event.asks,
        is_diff=False,
        last_update_id=event.last_update_id,
    )


def _futures_depth(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    is_diff = not _is_partial(name)
    return u.Depth(
        exchange="binance",
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.transaction_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        bids=event.bids,
        asks=event.asks,
        is_diff=is_diff,
        last_update_id=event.last_update_id,
        first_update_id=event.first_update_id if is_diff else None,
        previous_update_id=event.previous_update_id if is_diff else None,
    )


@lru_cache(maxsize=4096)
def _is_partial(name: str) -> bool:
    """Whether a stream of a book brings its best levels: futures send both in one shape."""
    return name.partition("@depth")[2][:1].isdigit()


def _mark_price(to: Unifier, name: str, event: m.MarkPrice[Any], received: int) -> u.Event:
    funded = bool(event.next_funding_time) and event.funding_rate != ""
    return u.MarkPrice(
        **to.head(event.symbol, received, event.event_time),
        mark_price=event.mark_price,
        index_price=event.index_price,
        settle_price=event.settle_price,
        funding_rate=event.funding_rate if funded else None,
        next_funding_time_ns=event.next_funding_time * to.unit if funded else None,
    )


def _index_price(to: Unifier, name: str, event: Any, received: int) -> u.Event:
    head = to.head(event.symbol, received, event.event_time)
    head.update(instrument=None, product=to.product)
    return u.IndexPrice(**head, price=event.price)


def _liquidation(to: Unifier, name: str, event: m.Liquidation[Any], received: int) -> u.Event:
    order = event.order
    return u.Liquidation(
        **to.head(order.symbol, received, event.event_time, order.trade_time),
        side="buy" if order.side == "BUY" else "sell",
        price=order.price,
        average_price=order.average_price,
        quantity=order.quantity,
        filled_quantity=order.filled_quantity,
    )


def _open_interest(to: Unifier, name: str, event: m.OptionOpenInterest[Any], received: int) -> u.Event:
    return u.OpenInterest(
        **to.head(event.symbol, received, event.event_time),
        open_interest=event.open_interest,
        open_interest_value=event.open_interest_value,
    )


def _greeks(to: Unifier, name: str, event: m.OptionMarkPrice[Any], received: int) -> u.Event:
    return u.Greeks(
        **to.head(event.symbol, received, event.event_time),
        mark_price=event.mark_price,
        index_price=event.index_price,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
        bid_volatility=_implied(event.bid_volatility),
        ask_volatility=_implied(event.ask_volatility),
        mark_volatility=event.volatility,
        delta=event.delta,
        gamma=event.gamma,
        theta=event.theta,
        vega=event.vega,
    )


def _implied(volatility: Any) -> Any:
    """The exchange says -1 where there is no price."""
    return None if float(volatility) < 0 else volatility


_FORMS: Mapping[Any, tuple[Any, _Build]] = {
    m.Trade: (u.Trade, _trade),
    m.FuturesTrade: (u.Trade, _typed_trade),
    m.OptionTrade: (u.Trade, _typed_trade),
    m.BlockTrade: (u.Trade, _block_trade),
    m.AggTrade: (u.Trade, _agg_trade),
    m.FuturesAggTrade: (u.Trade, _agg_trade),
    m.MiniTicker: (u.Ticker, _mini_ticker),
    m.FuturesMiniTicker: (u.Ticker, _mini_ticker),
    m.Ticker: (u.Ticker, _ticker),
    m.Ticker1h: (u.Ticker, _rolling_ticker("1h")),
    m.Ticker4h: (u.Ticker, _rolling_ticker("4h")),
    m.Ticker1d: (u.Ticker, _rolling_ticker("1d")),
    m.FuturesTicker: (u.Ticker, _futures_ticker),
    m.Kline: (u.Kline, _kline),
    m.ContinuousKline: (u.Kline, _continuous_kline),
    m.MarkPriceKline: (u.Kline, _price_kline("mark")),
    m.IndexPriceKline: (u.Kline, _price_kline("index")),
    m.BookTicker: (u.BookTicker, _book_ticker),
    m.FuturesBookTicker: (u.BookTicker, _futures_book_ticker),
    m.Depth: (u.Depth, _depth),
    m.PartialDepth: (u.Depth, _partial_depth),
    m.FuturesDepth: (u.Depth, _futures_depth),
    m.MarkPrice: (u.MarkPrice, _mark_price),
    m.IndexPrice: (u.IndexPrice, _index_price),
    m.OptionIndexPrice: (u.IndexPrice, _index_price),
    m.CompositeIndex: (u.IndexPrice, _index_price),
    m.Liquidation: (u.Liquidation, _liquidation),
    m.OptionOpenInterest: (u.OpenInterest, _open_interest),
    m.OptionMarkPrice: (u.Greeks, _greeks),
}


_BUILDERS: Mapping[Any, _Build] = {
    kind: build for plain, (_, build) in _FORMS.items() for kind in (plain, _WIRE.get(plain, plain))
}


def _find(kind: Any) -> _Build | None:
    """The function for a typed event with further fields; ``None`` for what is no event."""
    return next((_BUILDERS[each] for each in kind.__mro__ if each in _BUILDERS), None)


_builder: Callable[[Any], _Build | None] = cache(_find)
