"""Market streams by their names, of one type or of several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from ...consume.stream import MessageStream
from ...errors import ConfigError
from ..arguments import Callback, History, Key, NumbersName, ViewName, check_choice
from .arguments import codes_of, level_of, preference_of, unit_of
from .kinds import COUNTS, KINDS
from .portions import Preference
from .sockets import PreferenceName, UpbitSockets, conn_key, stream_of

__all__ = ["NamedSockets", "names_of"]

_TYPES = tuple(kind.type for kind in KINDS.values() if kind.endpoint == "public")
_PAST = ("trade", "candle")  # types that REST has the past of
_EXAMPLE = "names such as 'ticker:KRW-BTC', 'candle.5m:KRW-BTC' or 'orderbook:KRW-BTC:10000'"


class NamedSockets(UpbitSockets):
    """The one method for all market data."""

    def start_socket(
        self,
        streams: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """Market streams by their names, also of several types: all their messages in one callback, in order.

        Args:
            streams: a name, or an iterable of names, as gaps, errors and ``snapshot()`` have them:
                ``"ticker:KRW-BTC"``, ``"trade:KRW-BTC"``, ``"candle.5m:KRW-BTC"``, ``"orderbook:KRW-BTC"``,
                ``"orderbook:KRW-BTC:10000"`` (grouped by that price unit).
            callback: gets what the method of each type says, whose field ``type`` tells which it is. On the thread
                that market data shares.
            stream_preference: see :meth:`start_ticker_socket`.
            backfill, history: see :meth:`start_trade_socket`; where all streams are trades or candles.
            view, numbers, name: see :meth:`start_ticker_socket`.

        Returns:
            The conn key, such as ``"ticker:KRW-BTC/trade:KRW-BTC"``; ``False`` while it is in use. Any thread may call;
            it does not block. Raises as :meth:`start_ticker_socket` does.
        """
        names, wanted = names_of(streams), preference_of(stream_preference)
        bare = next((each for each in names if not each.startswith(_PAST)), None)
        for argument, value in (("backfill", backfill), ("history", history)):
            if value and bare is not None:
                raise ConfigError(argument, value, "trades and candles alone", f"REST has nothing of {bare}")
        said = [] if wanted is Preference.BOTH else [wanted.value]
        return self._start(
            names[0].partition(":")[0], names, conn_key("", "/".join(names), said, name), callback, preference=wanted,
            count=COUNTS[-1], backfill=backfill, history=history, view=view, numbers=numbers,
            named=lambda given: [stream_of(each, wanted) for each in names_of(given)],
        )  # fmt: skip

    def stream(
        self,
        streams: str | Iterable[str],
        stream_preference: PreferenceName = "both",
        *,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        backfill: bool = False,
        history: History = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> MessageStream[Any]:
        """The same, to be read instead of calling back. Starts the manager where that has not been done.

        >>> with manager.stream("ticker:KRW-BTC") as stream:  # doctest: +SKIP
        ...     print(stream.receive(timeout=10)["trade_price"])

        Args:
            streams, stream_preference, backfill, history, view, numbers, name: as for :meth:`start_socket`.
            maxsize, on_full, key, max_age: as for :class:`~binance_sockets.MessageStream`.

        Returns:
            The stream, while it connects. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values, and where these streams are open already.
            ManagerClosed, RuntimeError, OSError: as :meth:`start_socket`.
        """

        def opened(stream: MessageStream[Any]) -> Key:
            return self.start_socket(
                streams, stream, stream_preference,
                backfill=backfill, history=history, view=view, numbers=numbers, name=name,
            )  # fmt: skip

        return self._pull(opened, streams, maxsize, on_full, key, max_age)


def names_of(streams: object) -> list[str]:
    """Names of market streams in their one spelling, each once, in order.

    Raises:
        ConfigError: one cannot be a name, or there is none.
    """
    if not isinstance(streams, Iterable) or isinstance(streams, (bytes, bytearray)):
        raise ConfigError("streams", streams, _EXAMPLE)
    given = [streams] if isinstance(streams, str) else list(streams)
    if not given:
        raise ConfigError("streams", given, "at least one name of a stream")
    return list(dict.fromkeys(map(_name, given)))


def _name(given: object) -> str:
    type_, _, rest = given.partition(":") if isinstance(given, str) else ("", "", "")
    kind, dot, unit = type_.partition(".")
    code, colon, level = rest.partition(":")
    if not rest or bool(dot) != (kind == "candle") or (colon and kind != "orderbook"):
        raise ConfigError("streams", given, _EXAMPLE)
    check_choice("type", kind, _TYPES)
    if dot:
        unit_of(unit)
    spelled = level_of(level) if colon else ""
    return ":".join([type_, *codes_of(code), *([spelled] if spelled else [])])
