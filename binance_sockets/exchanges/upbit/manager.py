"""UpbitSocketManager: Upbit's streams for plain callbacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...config import Backoff, Options
from ...engine.transport import Transport
from ...errors import ConfigError
from ..arguments import check_callback
from .arguments import ORDERS_ORDER, codes_of, count_of, level_of, unit_of
from .books import BookSockets
from .messages import Message, Numbers, indicator_name
from .regions import Place
from .requests import FORMATS
from .rest import UpbitRest
from .sockets import Callback, History, Key, PreferenceName, Settings, ViewName, conn_key
from .tokens import UpbitKey

__all__ = ["UpbitSocketManager"]

_INDICATORS = ("volume", "rsi", "moving_average", "ma_crossover", "bollinger_bands", "macd")
_FRAMES = ("5m", "15m", "60m", "240m", "1d")


def default_options() -> Options:
    """Five attempts, after 1, 2, 4, 8 and 16 seconds."""
    return Options(backoff=Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.0))


class UpbitSocketManager(BookSockets):
    """Upbit's market streams and account data, each delivered to a plain callback.

    All sockets of market data share one connection and one thread, those of the account another one, and indicators a
    third: a callback that is slow holds up the others of its connection (see ``Buffered``).

    >>> manager = UpbitSocketManager()
    >>> key = manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], print)
    >>> manager.start()

    Args:
        access_key: API key; else the variable ``UPBIT_ACCESS_KEY``. Market data needs none.
        secret_key: its secret; else ``UPBIT_SECRET_KEY``.
        region: ``"kr"`` (default), ``"sg"``, ``"id"`` or ``"th"``: each has listings, accounts and keys of its own.
        environment: ``"live"`` or a base URL such as ``"http://127.0.0.1:9000"``; ``None`` (default) takes the variable
            ``BINANCE_SOCKETS_BASE_URL``, else live.
        options: deadlines, back-off, limits, proxy and TLS; ``None`` (default) for ``Options()`` with waits of 1, 2, 4,
            8 and 16 seconds between five attempts.
        format: of messages on the wire: ``"SIMPLE"`` (default, the fewest bytes), ``"DEFAULT"``, ``"SIMPLE_LIST"`` or
            ``"JSON_LIST"``. Callbacks see full names in any of them, but for ``view="raw"``.
        transport: what opens links; ``None`` (default) for real sockets.

    Raises:
        ConfigError: for a bad argument or a bad ``BINANCE_SOCKETS_BASE_URL``, naming the allowed values.
    """

    def __init__(
        self,
        access_key: str | None = None,
        secret_key: str | None = None,
        *,
        region: str = "kr",
        environment: str | None = None,
        options: Options | None = None,
        format: str = FORMATS[0],
        transport: Transport | None = None,
    ) -> None:
        options = default_options() if options is None else options
        if not isinstance(options, Options):
            raise ConfigError("options", options, "an Options object")
        if format not in FORMATS:
            raise ConfigError("format", format, FORMATS)
        given = access_key is not None or secret_key is not None
        if given:
            UpbitKey.resolve(access_key, secret_key)
        place = Place.resolve(environment, region, credentials=given)
        self._upbit = Settings(place, options, format, access_key, secret_key, environment is not None)
        self._rest = UpbitRest(place.endpoint.rest, options)
        super().__init__(
            options=options, transport=transport, environment=place.environment, hosts={region: place.endpoint.host}
        )

    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """The state of markets: a message whenever something was traded.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "ticker", "code", "trade_price", "change", "acc_trade_volume_24h", ...,
                "stream_type"}``; typed ``models.Ticker``. On the thread that market data shares.
            stream_preference: ``"both"`` (default): what there is first, then what changes; ``"snapshot_only"``: once,
                then the socket ends by itself; ``"realtime_only"``: what changes.
            view: ``"dict"`` (default), ``"typed"``, ``"unified"`` or ``"raw"`` (bytes).
            numbers: prices and quantities: ``"decimal"``, the dict view's default, and ``"str"`` are exact;
                ``"float"`` is the unified view's default, as of other exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries. Two sockets of the same need two.

        Returns:
            The conn key, such as ``"ticker=KRW-BTC/KRW-ETH"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-ticker (2026-11).
        """
        return self._start_codes(
            "ticker", codes, callback, name, preference=stream_preference, view=view, numbers=numbers
        )

    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """Every trade of markets; the snapshot is the last one. Two of one second may come in either order.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "trade", "code", "trade_price", "trade_volume", "ask_bid", "sequential_id",
                ...}``; typed ``models.Trade``. On the thread that market data shares.
            stream_preference: see :meth:`start_ticker_socket`.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it, marked by the
                field ``backfilled``. Default ``False``.
            history: how much of the past of each market comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing. Trades of seven days at
                most; no more than 10,000.
            view: ``"dict"`` (default), ``"typed"``, ``"unified"`` or ``"raw"`` (bytes).
            numbers: prices and quantities: ``"decimal"``, the dict view's default, and ``"str"`` are exact;
                ``"float"`` is the unified view's default, as of other exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns:
            The conn key, such as ``"trade=KRW-BTC"``; ``False`` while it is in use. Any thread may call; it does not
            block. Raises as :meth:`start_ticker_socket` does.

        Source: docs.upbit.com/kr/reference/websocket-trade (2026-11).
        """
        return self._start_codes(
            "trade",
            codes,
            callback,
            name,
            preference=stream_preference,
            backfill=_flag("backfill", backfill),
            history=history,
            view=view,
            numbers=numbers,
        )

    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """Order books: every message is the whole of it, or its best levels.

        Sockets that want different counts of a market share one subscription of the largest; each gets its own number
        of levels.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "orderbook", "code", "orderbook_units": [{"ask_price", "bid_price", "ask_size",
                "bid_size"}, ...], "level", ...}``, the best first; typed ``models.OrderBookEvent``. On the thread that
                market data shares.
            stream_preference: see :meth:`start_ticker_socket`.
            count: levels per side: 1, 5, 15 or 30 (default).
            level: price unit by which levels are grouped, a number or text; 0 (default) for the market's own. Korean
                won markets alone have others.
            view: ``"dict"`` (default), ``"typed"``, ``"unified"`` or ``"raw"`` (bytes).
            numbers: prices and quantities: ``"decimal"``, the dict view's default, and ``"str"`` are exact;
                ``"float"`` is the unified view's default, as of other exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns:
            The conn key, such as ``"orderbook=KRW-BTC&count=5"``; ``False`` while it is in use. Any thread may call; it
            does not block. Raises as :meth:`start_ticker_socket` does.

        Source: docs.upbit.com/kr/reference/websocket-orderbook (2026-09-09).
        """
        most, unit = count_of(count), level_of(level)
        said = [*([f"count={most}"] if most != 30 else []), *([f"level={unit}"] if unit else [])]
        return self._start_codes(
            "orderbook", codes, callback, name, said, unit, stream_preference,
            count=most, take=lambda message: message.cut(most), view=view, numbers=numbers,
        )  # fmt: skip

    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """Candles: a message at most once a second, where a trade has changed one. The next one's begin ends it.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "candle.1m", "code", "candle_date_time_utc", "opening_price", ...}``; typed
                ``models.Candle``. On the thread that market data shares.
            unit: ``"1s"``, ``"1m"`` (default), ``"3m"``, ``"5m"``, ``"10m"``, ``"15m"``, ``"30m"``, ``"60m"`` or
                ``"240m"``.
            stream_preference: see :meth:`start_ticker_socket`.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order, marked
                by the field ``backfilled``. Default ``False``.
            history: how much of the past of each market comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing. No more than 4,000.
            view: ``"dict"`` (default), ``"typed"``, ``"unified"`` or ``"raw"`` (bytes).
            numbers: prices and quantities: ``"decimal"``, the dict view's default, and ``"str"`` are exact;
                ``"float"`` is the unified view's default, as of other exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns:
            The conn key, such as ``"candle.1m=KRW-BTC"``; ``False`` while it is in use. Any thread may call; it does
            not block. Raises as :meth:`start_ticker_socket` does.

        Source: docs.upbit.com/kr/reference/websocket-candle (2026-11).
        """
        return self._start_codes(
            f"candle.{unit_of(unit)}", codes, callback, name, preference=stream_preference,
            backfill=_flag("backfill", backfill), history=history, view=view, numbers=numbers,
        )  # fmt: skip

    def start_my_order_socket(
        self,
        callback: Callback,
        codes: str | Iterable[str] | None = None,
        *,
        prime: bool = True,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """The account's own orders: placed, filled, cancelled. The API key needs the permission to view orders.

        Args:
            callback: gets ``{"type": "myOrder", "code", "uuid", "state", "price", "executed_volume", ...}``; typed
                ``models.MyOrder``. On the thread that account data shares.
            codes: orders of these markets alone; ``None`` (default) for all.
            prime: begin with the orders that are open by then, over REST, and so again behind a lost link; their
                ``stream_type`` is ``"SNAPSHOT"``. What comes meanwhile waits, and may repeat what they say. Default
                ``True``: the stream itself tells what changes alone.
            view: ``"dict"`` (default), ``"typed"`` or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns:
            The conn key, ``"myOrder"`` or one such as ``"myOrder=KRW-BTC"``; ``False`` while it is in use. Any thread
            may call; it does not block.

        Raises:
            ConfigError: for a bad argument; no API key; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed, RuntimeError, OSError: as :meth:`start_ticker_socket`.

        Source: docs.upbit.com/kr/reference/websocket-myorder (2026-11-06).
        """
        check_callback(callback, ORDERS_ORDER)
        chosen = None if codes is None else codes_of(codes)
        wanted = None if chosen is None else frozenset(chosen)

        def take(message: Message) -> Message | None:
            return message if wanted is None or message.code in wanted else None

        key = conn_key("myOrder", "/".join(chosen or ()), (), name)
        return self._start(
            "myOrder", ["myOrder"], key, callback, prime=_flag("prime", prime), take=take, view=view, numbers=numbers
        )

    def start_my_asset_socket(
        self,
        callback: Callback,
        *,
        prime: bool = True,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """The account's balances as they change. The API key needs the permission to view assets.

        Args:
            callback: gets ``{"type": "myAsset", "assets": [{"currency", "balance", "locked"}, ...], ...}``; typed
                ``models.MyAsset``. On the thread that account data shares.
            prime: begin with all balances, over REST, as with orders. Default ``True``.
            view: ``"dict"`` (default), ``"typed"`` or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for ``"myAsset"``.

        Returns and raises as :meth:`start_my_order_socket`.

        Source: docs.upbit.com/kr/v1.6.4/reference/websocket-myasset (2026-11).
        """
        return self._start(
            "myAsset",
            ["myAsset"],
            conn_key("myAsset", "", (), name),
            callback,
            prime=_flag("prime", prime),
            view=view,
            numbers=numbers,
        )

    def start_announcement_socket(
        self,
        callback: Callback,
        categories: str | Iterable[str] | None = None,
        *,
        include_body: bool = False,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """Notices of the exchange as they are published or changed. Any API key will do.

        Args:
            callback: gets ``{"type": "announcement", "event_type", "category", "title", "url", ...}``; typed
                ``models.Announcement``. On the thread that account data shares.
            categories: those of these categories alone; ``None`` (default) for all.
            include_body: with their texts, as Markdown. Default ``False``.
            view: ``"dict"`` (default), ``"typed"`` or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns and raises as :meth:`start_my_order_socket`.

        Source: docs.upbit.com/kr/reference/websocket-announcement (2026-11).
        """
        chosen = None if categories is None else _texts("categories", categories)
        bodies = _flag("include_body", include_body)

        def take(message: Message) -> Message | None:
            if chosen is not None and message.exact.get("category") not in chosen:
                return None
            return message if bodies else message.without("body")

        said = ["include_body"] if bodies else []
        key = conn_key("announcement", "/".join(chosen or ()), said, name)
        return self._start(
            "announcement", ["announcement"], key, callback, take=take, bodies=bodies, view=view, numbers=numbers
        )

    def start_indicator_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        indicator: str,
        timeframe: str = "5m",
        params: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        event_params: Mapping[str, Any] | None = None,
        view: ViewName = "dict",
        numbers: Numbers | None = None,
        name: str | None = None,
    ) -> Key:
        """A technical indicator of Korean won markets at the end of each candle, or the signal that it was crossed.

        A connection carries at most 100 indicators, those of all sockets together. Any API key will do.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "indicator", "code", "timeframe", "indicator", "params", "value", ...}``; typed
                ``models.Indicator``. On a thread that indicators share.
            indicator: ``"volume"``, ``"rsi"``, ``"moving_average"``, ``"ma_crossover"``, ``"bollinger_bands"`` or
                ``"macd"``.
            timeframe: ``"5m"`` (default), ``"15m"``, ``"60m"``, ``"240m"`` or ``"1d"``.
            params: of the indicator, as the exchange documents them, such as ``{"period": 14}``; ``None`` (default) for
                none.
            trigger: such as ``"overbought"``: messages of the type ``indicator_signal`` come when that becomes true,
                and no others. ``None`` (default) for the values.
            event_params: of the trigger, such as ``{"threshold": 70}``.
            view: ``"dict"`` (default), ``"typed"`` or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns and raises as :meth:`start_my_order_socket`.

        Source: docs.upbit.com/kr/reference/websocket-indicator (2026-09-23).
        """
        if indicator not in _INDICATORS:
            raise ConfigError("indicator", indicator, _INDICATORS)
        if timeframe not in _FRAMES:
            raise ConfigError("timeframe", timeframe, _FRAMES)
        if trigger is not None and not (isinstance(trigger, str) and trigger):
            raise ConfigError("trigger", trigger, "the exchange's name of a trigger, or None")
        for said, value in (("params", params), ("event_params", event_params)):
            if value is not None and not isinstance(value, Mapping):
                raise ConfigError(said, value, "a dict, or None")
        type_ = "indicator" if trigger is None else "indicator_signal"
        asked = {"type": type_, "timeframe": timeframe, "indicator": indicator, "params": params, "trigger": trigger,
                 "event_params": event_params}  # fmt: skip
        names = [indicator_name({**asked, "code": code}) for code in codes_of(codes)]
        key = conn_key(type_, "/".join(each.partition(":")[2] for each in names), (), name)
        return self._start(type_, names, key, callback, view=view, numbers=numbers)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(name, value, (True, False))
    return value


def _texts(name: str, value: object) -> Sequence[str]:
    given = [value] if isinstance(value, str) else value
    found = list(given) if isinstance(given, Iterable) else []
    if not found or not all(isinstance(each, str) and each for each in found):
        raise ConfigError(name, value, "texts, or None")
    return found
