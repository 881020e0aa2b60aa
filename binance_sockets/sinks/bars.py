"""Bars made from trades: by time, or by a number of trades, a volume or a notional."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from msgspec import Struct

from .. import unified
from .._closing import Closing
from ..config import check_handler, check_number
from ..errors import ConfigError
from ..events import is_error

__all__ = ["Bar", "Bars", "read_trade"]

_Market = tuple[str | None, str | None, str]
_REMEMBERED = 10_000  # ids of a symbol, where they only tell trades apart

_INTERVALS_MS = {
    "1s": 1_000, "1m": 60_000, "3m": 180_000, "5m": 300_000, "15m": 900_000, "30m": 1_800_000, "1h": 3_600_000,
    "2h": 7_200_000, "4h": 14_400_000, "6h": 21_600_000, "8h": 28_800_000, "12h": 43_200_000, "1d": 86_400_000,
}  # fmt: skip


class Bar(Struct, frozen=True, kw_only=True):
    """The trades of one symbol in one bar. Numbers are floats.

    Args:
        symbol: as the exchange spells it.
        exchange, product: of neutral trades; ``None`` for others, which do not say.
        open_time_ms: of bars by time the start of the interval, else of the first trade; milliseconds since 1970 UTC.
        close_time_ms: of bars by time the last millisecond of the interval, else that of the last trade.
        open_price, high_price, low_price, close_price: of its trades, in the quote asset.
        volume: in the base asset (COIN-M, options: in contracts).
        notional: sum of price times quantity.
        buy_volume: the part of ``volume`` in which the taker bought.
        trade_count: messages it is made of; an aggregate trade counts as one.
        missing: ids that were jumped over before a trade of this bar: what the bar may lack.
        is_closed: whether it was full; ``False`` for what :meth:`Bars.close` and the end of a connection hand over.
    """

    symbol: str
    exchange: str | None = None
    product: str | None = None
    open_time_ms: int
    close_time_ms: int
    open_price: float
    high_price: float
    low_price: float
    close_price: float
    volume: float
    notional: float
    buy_volume: float
    trade_count: int
    missing: int
    is_closed: bool


class _Trade(NamedTuple):
    symbol: str
    id: int
    time_ms: int
    price: float
    quantity: float
    bought: bool
    consecutive: bool = True
    exchange: str | None = None
    product: str | None = None

    @property
    def market(self) -> _Market:
        """Whose ids and prices follow each other."""
        return self.exchange, self.product, self.symbol


class _Numbered:
    """Ids that follow each other: one that is not above the last came before, and what is jumped over is missing."""

    def __init__(self) -> None:
        self._last: int | None = None

    def jumped(self, number: int) -> int | None:
        """How many ids are missing before this one; ``None`` where it is not new."""
        last = self._last
        if last is not None and number <= last:
            return None
        self._last = number
        return 0 if last is None else number - last - 1


class _Distinct:
    """Ids that only tell trades apart: the last ones are remembered, and nothing is known of missing ones."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, None] = OrderedDict()

    def jumped(self, number: int) -> int | None:
        if number in self._known:
            return None
        self._known[number] = None
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return 0


class _Open:
    """The bar of one symbol that is being made."""

    def __init__(self, trade: _Trade, start: int, end: int | None) -> None:
        self.start = start
        self.end = end  # of the interval; None where the last trade tells
        self.opened = self.high = self.low = trade.price
        self.volume = self.notional = self.bought = 0.0
        self.count = self.missing = 0

    def add(self, trade: _Trade, missing: int) -> None:
        self.last = trade
        self.high = max(self.high, trade.price)
        self.low = min(self.low, trade.price)
        self.volume += trade.quantity
        self.notional += trade.price * trade.quantity
        self.bought += trade.quantity if trade.bought else 0.0
        self.count += 1
        self.missing += missing

    def bar(self, closed: bool) -> Bar:
        return Bar(
            symbol=self.last.symbol,
            exchange=self.last.exchange,
            product=self.last.product,
            open_time_ms=self.start,
            close_time_ms=self.last.time_ms if self.end is None else self.end,
            open_price=self.opened,
            high_price=self.high,
            low_price=self.low,
            close_price=self.last.price,
            volume=self.volume,
            notional=self.notional,
            buy_volume=self.bought,
            trade_count=self.count,
            missing=self.missing,
            is_closed=closed,
        )


class Bars(Closing):
    """Give this to a socket of trades or aggregate trades, of one symbol or many, in the views dict, typed and unified
    (of exchanges other than Binance: unified), with times in milliseconds (unified: in any unit): ``callback`` gets a
    :class:`Bar` each time one is full.

    Exactly one of ``every``, ``trades``, ``volume`` and ``notional`` says when. The time is that of the exchange: a bar
    by time is full when a trade of a later interval comes, and an interval without trades has no bar. The trade that
    fills a bar belongs to it whole.

    The callback runs on the stream's thread, as any callback; :class:`~binance_sockets.Buffered` takes it elsewhere.
    Streams of several threads may share one, unless they bring the same symbol. Neutral trades tell their exchange and
    product, so that one symbol of two products has two bars; dicts and typed events do not: give each product its own.

    Args:
        callback: called with each bar.
        every: ``"1s"``, ``"1m"``, ``"3m"``, ``"5m"``, ``"15m"``, ``"30m"``, ``"1h"``, ``"2h"``, ``"4h"``, ``"6h"``,
            ``"8h"``, ``"12h"``, ``"1d"``.
        trades: messages of a bar, above 0.
        volume: in the base asset, above 0.
        notional: in the quote asset, above 0.

    Attributes:
        late: trades that came again, after one with a higher id, or after the bar of their interval; in no bar.
        missing: ids that were jumped over, of all bars. Where ids only tell trades apart
            (:class:`~binance_sockets.unified.Trade` says so in ``consecutive``), none is known to be missing.
        ignored: trades without price or quantity, as futures send them for what did not go through the book.
    """

    def __init__(
        self,
        callback: Callable[[Bar], object],
        every: str | None = None,
        *,
        trades: int | None = None,
        volume: float | None = None,
        notional: float | None = None,
    ) -> None:
        check_handler("callback", callback)
        sizes = {"trades": trades, "volume": volume, "notional": notional}
        given = [name for name, value in {"every": every, **sizes}.items() if value is not None]
        if len(given) != 1:
            raise ConfigError("every", given, "exactly one of every, trades, volume and notional")
        if every is not None and every not in _INTERVALS_MS:
            raise ConfigError("every", every, tuple(_INTERVALS_MS))
        for name, value in sizes.items():
            check_number(name, value, zero=False, none=True)
        self._callback = callback
        self._interval = None if every is None else _INTERVALS_MS[every]
        self._trades = trades or math.inf
        self._volume = volume or math.inf
        self._notional = notional or math.inf
        self._lock = threading.Lock()  # guards the rest; never held over the callback
        self._open: dict[_Market, _Open] = {}
        self._ids: dict[_Market, _Numbered | _Distinct] = {}
        self.late = self.missing = self.ignored = 0

    def __call__(self, message: Any) -> None:
        """Take a message. Runs on the stream's thread, where the callback runs too.

        Raises:
            ConfigError: it is no trade.
        """
        if is_error(message):
            self._finish()
            return
        trade = read_trade(message)
        with self._lock:
            full = list(self._take(trade))
        for bar in full:
            self._callback(bar)

    def _take(self, trade: _Trade) -> Iterable[Bar]:
        market = trade.market
        ids = self._ids.get(market)
        if ids is None:
            ids = self._ids[market] = _Numbered() if trade.consecutive else _Distinct()
        missing = ids.jumped(trade.id)
        current = self._open.get(market)
        self.missing += missing or 0
        # its last trade ends a bar of another size: only one by time has a start that others come before
        if missing is None or (current is not None and current.end is not None and trade.time_ms < current.start):
            self.late += 1
            return
        if not (trade.price and trade.quantity):
            self.ignored += 1
            return
        if current is not None and current.end is not None and trade.time_ms > current.end:
            yield current.bar(True)
            current = None
        if current is None:
            current = self._open[market] = self._begin(trade)
        current.add(trade, missing)
        if current.count >= self._trades or current.volume >= self._volume or current.notional >= self._notional:
            del self._open[market]
            yield current.bar(True)

    def _begin(self, trade: _Trade) -> _Open:
        if self._interval is None:
            return _Open(trade, trade.time_ms, None)
        start = trade.time_ms - trade.time_ms % self._interval
        return _Open(trade, start, start + self._interval - 1)

    def _finish(self) -> None:
        with self._lock:
            left, self._open = self._open, {}
        for current in left.values():
            self._callback(current.bar(False))

    def close(self) -> None:
        """Hand over what is open, with ``is_closed=False``, on the calling thread. Close the sockets first."""
        self._finish()

    def __repr__(self) -> str:
        return f"<Bars: {len(self._open)} open, {self.late} late, {self.missing} missing, {self.ignored} ignored>"


def read_trade(message: Any) -> _Trade:
    """A trade of any view, wrapped or bare."""
    try:
        if isinstance(message, dict):
            data = message.get("data", message)
            number = data["a"] if data["e"] == "aggTrade" else data["t"]
            return _Trade(data["s"], number, data["T"], float(data["p"]), float(data["q"]), not data["m"])
        data = getattr(message, "data", message)
        if isinstance(data, unified.Trade):
            time_ms = (data.received_ns if data.time_ns is None else data.time_ns) // 1_000_000
            price, quantity, bought = float(data.price), float(data.quantity), data.side == "buy"
            place = (data.exchange, data.product)
            return _Trade(data.symbol, data.id, time_ms, price, quantity, bought, data.consecutive, *place)
        number = data.agg_trade_id if hasattr(data, "agg_trade_id") else data.trade_id
        price, quantity = float(data.price), float(data.quantity)
        return _Trade(data.symbol, number, int(data.trade_time), price, quantity, not data.is_buyer_maker)
    except (KeyError, AttributeError, TypeError, ValueError):
        hint = "Trades of exchanges other than Binance are read with view='unified'"
        raise ConfigError("message", type(message).__name__, "a trade or an aggregate trade", hint) from None
