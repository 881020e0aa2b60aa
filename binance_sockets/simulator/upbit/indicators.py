"""Technical indicators of KRW markets, told at the close of each candle, and the signals that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

from msgspec import Raw

from binance_sockets.simulator.feed import Messages
from binance_sockets.simulator.market.candles import SECOND, Bar
from binance_sockets.simulator.market.instruments import power
from binance_sockets.simulator.market.market import Step
from binance_sockets.simulator.upbit.listing import CoinMarket
from binance_sockets.simulator.upbit.numbers import encode
from binance_sockets.simulator.upbit.payloads import Payload, moment

__all__ = ["TIMEFRAMES", "IndicatorSource", "Wanted", "checked"]

TIMEFRAMES = {"5m": "5m", "15m": "15m", "60m": "1h", "240m": "4h", "1d": "1d"}
"""How the markets call the candles that indicators are reckoned from."""

Values = dict[str, float]
_AVERAGES = ("SMA", "EMA")
_PAIRS = ((5, 20), (20, 60), (30, 90), (50, 200))
_MACDS = ((12, 26, 9), (8, 17, 9), (5, 35, 5))
_CROSSES = ("price_cross_above", "price_cross_below")
_TRIGGERS: Mapping[str, Mapping[str, tuple[str, tuple[float, ...]]]] = {
    "volume": {"volume_spike": ("multiplier", (2, 3, 5))},
    "rsi": {"overbought": ("threshold", (70, 80)), "oversold": ("threshold", (20, 30))},
    "moving_average": dict.fromkeys(_CROSSES, ("", ())),
    "ma_crossover": dict.fromkeys(("golden_cross", "dead_cross"), ("", ())),
    "bollinger_bands": dict.fromkeys(_CROSSES, ("", ())),
    "macd": dict.fromkeys(("golden_cross", "dead_cross", "zero_cross_above", "zero_cross_below"), ("", ())),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One indicator of one timeframe.

    Args:
        type: such as ``rsi``.
        timeframe: a key of :data:`TIMEFRAMES`.
        params: as they were asked for.
        trigger: of a signal; "" for the indicator itself.
        event_params: of a signal.
    """

    type: str
    timeframe: str
    params: tuple[tuple[str, Any], ...]
    trigger: str = ""
    event_params: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """``5m/rsi(14)``, ``5m/rsi(14).overbought(70)``."""
        name = f"{self.timeframe}/{self.type}({','.join(str(value) for _, value in sorted(self.params))})"
        if self.trigger:
            name += f".{self.trigger}({','.join(str(value) for _, value in self.event_params)})"
        return name


def checked(kind: str, timeframe: object, definition: object) -> Wanted:
    """What an object of a request's ``indicators`` asks for.

    Args:
        kind: ``indicator`` or ``indicator_signal``.
        timeframe: as sent.
        definition: as sent.

    Raises:
        ValueError: there is no such indicator.
    """
    if not isinstance(timeframe, str) or timeframe not in TIMEFRAMES or not isinstance(definition, dict):
        raise ValueError("timeframe")
    type_, params = definition.get("type"), definition.get("params")
    if not isinstance(type_, str) or type_ not in _TRIGGERS or not isinstance(params, dict):
        raise ValueError("type")
    if not _fits(type_, params, signal=kind == "indicator_signal"):
        raise ValueError("params")
    wanted = Wanted(type_, timeframe, tuple(params.items()))
    if kind == "indicator":
        return wanted
    trigger, event_params = definition.get("trigger"), definition.get("event_params") or {}
    if not isinstance(trigger, str) or trigger not in _TRIGGERS[type_] or not isinstance(event_params, dict):
        raise ValueError("trigger")
    name, allowed = _TRIGGERS[type_][trigger]
    if set(event_params) != ({name} if name else set()) or not all(
        _among(row, allowed) for row in event_params.values()
    ):
        raise ValueError("event_params")
    return Wanted(type_, timeframe, tuple(params.items()), trigger, tuple(event_params.items()))


def _fits(type_: str, params: Mapping[str, Any], *, signal: bool) -> bool:
    value = params.get
    if type_ == "volume":
        return set(params) == {"period"} and _among(value("period"), (10, 20, 50) if signal else range(5, 51, 5))
    if type_ == "rsi":
        periods = (7, 9, 14, 21, 25) if signal else (*range(2, 15), 21, 25)
        return set(params) == {"period"} and _among(value("period"), periods)
    if type_ == "moving_average":
        periods = (
            (5, 10, 20, 30, 60, 90, 120, 200)
            if signal
            else (3, 5, 7, 10, 15, 20, 25, 30, 50, 60, 90, 99, 100, 120, 200)
        )
        return set(params) == {"period", "type"} and _among(value("period"), periods) and value("type") in _AVERAGES
    if type_ == "ma_crossover":
        pair = value("short_period"), value("long_period")
        return set(params) == {"short_period", "long_period", "type"} and pair in _PAIRS and value("type") in _AVERAGES
    if type_ == "bollinger_bands":
        wide = value("multiplier")
        number = isinstance(wide, (int, float)) and not isinstance(wide, bool) and 0 < wide <= 10
        return (
            set(params) == {"period", "multiplier"}
            and number
            and _among(value("period"), (20,) if signal else (10, 20, 50))
        )
    triple = value("fast"), value("slow"), value("signal_period")
    return set(params) == {"fast", "slow", "signal_period"} and triple in _MACDS


def _among(value: object, allowed: Iterable[float]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in allowed


class IndicatorSource:
    """The messages of one indicator or signal of one market. A :class:`~binance_sockets.simulator.feed.Source`.

    Args:
        name: of the stream.
        market: whose.
        kind: ``indicator`` or ``indicator_signal``.
        wanted: which.
        keys: gives a message the keys of its format.
    """

    period = SECOND

    def __init__(
        self, name: str, market: CoinMarket, kind: str, wanted: Wanted, keys: Callable[[Payload], Payload]
    ) -> None:
        self.name, self.markets = name, (market,)
        self._kind, self._wanted, self._keys = kind, wanted, keys
        self._told = max((bar.start for bar in self._closed()), default=0)

    def on_step(self, market: CoinMarket, step: Step) -> Messages:
        return ()

    def on_tick(self, now: int) -> Messages:
        """A candle that has closed since the last look is told."""
        self.markets[0].advance(now)
        bars = self._closed()
        for length in range(1, len(bars) + 1):
            bar = bars[length - 1]
            if bar.start <= self._told:
                continue
            self._told = bar.start
            values = self._values(bars[:length])
            if values is None or (self._wanted.trigger and not self._fires(bars[:length], values)):
                continue
            yield encode(self._keys(self._message(bar, values, now))), self._kind

    def close(self) -> None:
        """Nothing to close."""

    def _closed(self) -> list[Bar]:
        return [bar for bar in self.markets[0].bars(TIMEFRAMES[self._wanted.timeframe]).closed if bar.count]

    def _fires(self, bars: Sequence[Bar], values: Values) -> bool:
        """A signal is told when its condition becomes true, not while it stays so."""
        before = self._values(bars[:-1])
        close = self._price(bars[-1].close)
        true = _holds(self._wanted, values, close)
        return true and not (before is not None and _holds(self._wanted, before, self._price(bars[-2].close)))

    def _price(self, ticks: int) -> float:
        places = self.markets[0].instrument.price_places
        return ticks / power(places) if places >= 0 else float(ticks * power(-places))

    def _values(self, bars: Sequence[Bar]) -> Values | None:
        volumes = [bar.volume / power(self.markets[0].instrument.qty_places) for bar in bars]
        return _reckoned(
            self._wanted.type, dict(self._wanted.params), [self._price(bar.close) for bar in bars], volumes
        )

    def _message(self, bar: Bar, values: Values, now: int) -> Payload:
        wanted = self._wanted
        return {
            "type": self._kind,
            "code": self.markets[0].instrument.symbol,
            "timeframe": wanted.timeframe,
            "indicator": wanted.type,
            **({"trigger": wanted.trigger} if wanted.trigger else {}),
            "candle_date_time_utc": moment(bar.start, "%Y-%m-%dT%H:%M:%S"),
            "params": dict(wanted.params),
            **({"event_params": dict(wanted.event_params)} if wanted.trigger else {}),
            "value": {name: Raw(f"{value:.8f}".encode()) for name, value in values.items()},
            "timestamp": now // 1000,
            "stream_type": "REALTIME",
        }


def _holds(wanted: Wanted, values: Values, close: float) -> bool:
    """Whether the condition of a signal is true."""
    limit = next((value for _, value in wanted.event_params), 0)
    lower, upper = values.get("bb_lower", values.get("value", 0)), values.get("bb_upper", values.get("value", 0))
    fast = values.get("ma_short", values.get("macd", 0))
    slow = values.get("ma_long", values.get("macd_signal", 0))
    return {
        "volume_spike": values.get("ratio", 0) >= limit,
        "overbought": values.get("rsi", 50) >= limit,
        "oversold": values.get("rsi", 50) <= limit,
        "price_cross_above": close > upper,
        "price_cross_below": close < lower,
        "golden_cross": fast > slow,
        "dead_cross": fast < slow,
        "zero_cross_above": values.get("macd", 0) > 0,
        "zero_cross_below": values.get("macd", 0) < 0,
    }[wanted.trigger]


def _reckoned(type_: str, params: Mapping[str, Any], closes: list[float], volumes: list[float]) -> Values | None:
    """The values at the last of some candles; ``None`` where there are too few."""
    if type_ == "volume":
        if len(volumes) < params["period"]:
            return None
        average = sum(volumes[-params["period"] :]) / params["period"]
        return {"volume": volumes[-1], "avg_volume": average, "ratio": volumes[-1] / average if average else 0.0}
    if type_ == "rsi":
        return _rsi(closes, params["period"])
    if type_ == "moving_average":
        value = _average(params["type"], closes, params["period"])
        return None if value is None else {"value": value}
    if type_ == "ma_crossover":
        short = _average(params["type"], closes, params["short_period"])
        long = _average(params["type"], closes, params["long_period"])
        return None if short is None or long is None else {"ma_short": short, "ma_long": long}
    if type_ == "bollinger_bands":
        period = params["period"]
        if len(closes) < period:
            return None
        middle = sum(closes[-period:]) / period
        width = params["multiplier"] * sqrt(sum((value - middle) ** 2 for value in closes[-period:]) / period)
        return {"bb_upper": middle + width, "bb_middle": middle, "bb_lower": middle - width}
    return _macd(closes, params["fast"], params["slow"], params["signal_period"])


def _rsi(closes: list[float], period: int) -> Values | None:
    """Wilder's index of relative strength."""
    if len(closes) <= period:
        return None
    moves = [after - before for before, after in pairwise(closes)]
    gain = sum(max(move, 0.0) for move in moves[:period]) / period
    loss = sum(max(-move, 0.0) for move in moves[:period]) / period
    for move in moves[period:]:
        gain, loss = (gain * (period - 1) + max(move, 0.0)) / period, (loss * (period - 1) + max(-move, 0.0)) / period
    if not gain and not loss:
        return {"rsi": 50.0}
    return {"rsi": 100.0 * gain / (gain + loss)}


def _average(kind: str, values: list[float], period: int) -> float | None:
    if len(values) < period:
        return None
    if kind == "SMA":
        return sum(values[-period:]) / period
    return _exponential(values, period)[-1]


def _exponential(values: list[float], period: int) -> list[float]:
    """Exponential averages, from the plain one of the first ``period`` values on."""
    row = [sum(values[:period]) / period]
    for value in values[period:]:
        row.append(row[-1] + (value - row[-1]) * 2 / (period + 1))
    return row


def _macd(closes: list[float], fast: int, slow: int, signal: int) -> Values | None:
    if len(closes) < slow + signal - 1:
        return None
    long = _exponential(closes, slow)
    short = _exponential(closes, fast)[-len(long) :]
    line = [a - b for a, b in zip(short, long, strict=True)]
    told = _exponential(line, signal)[-1]
    return {"macd": line[-1], "macd_signal": told, "histogram": line[-1] - told}
