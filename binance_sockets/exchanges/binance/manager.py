"""SocketManager: Binance's streams in the shape of python-binance 0.7's socket manager."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any, overload

from ...config import Options, check_number
from ...engine.transport import Transport
from ...errors import ConfigError
from ...events import ClockSnapshot
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, Callback, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .books import BookSockets
from .clock_offset import measured
from .rest import SignedRest
from .sockets import Settings, TimeUnit, Wish, futures_product
from .sockets_accounts import AccountSockets
from .sockets_futures import FuturesSockets
from .sockets_options import OptionsSockets
from .sockets_read import ReadSockets
from .sockets_spot import SpotSockets
from .urls import Environment, of_client
from .user_products import user_product

__all__ = ["SocketManager"]

_SAMPLES = 4  # the first pays for the connect


class SocketManager(ReadSockets, SpotSockets, FuturesSockets, OptionsSockets, AccountSockets, BookSockets):
    """Binance's market streams and user data, each delivered to a plain callback on a thread of its own.

    >>> manager = SocketManager()
    >>> key = manager.start_trade_socket("BNBBTC", print)
    >>> manager.start()

    Args:
        client: any object with ``API_KEY``, and ``API_SECRET`` or ``PRIVATE_KEY``, as every version of python-binance's
            REST client; ``None`` (default) for none. Its ``testnet``, ``demo`` and ``tld`` count where ``environment``
            and ``tld`` are left out. This and the next five are for user data, and have no effect on market streams but
            that ``BINANCE_SOCKETS_BASE_URL`` may be nothing but a loopback URL.
        user_timeout: seconds between renewals of listen keys, as in 0.7; never a socket timeout. Default 1800. It is
            kept between 60 seconds and 40 % of a key's life.
        api_key: API key, a string; wins over the client's, and that over the variable ``BINANCE_API_KEY``.
        api_secret: API secret, a string; wins over the client's, and that over ``BINANCE_API_SECRET``.
        private_key: PEM of an Ed25519 or RSA key, or the path of its file, instead of a secret; else the file that
            ``BINANCE_PRIVATE_KEY`` names.
        passphrase: of an encrypted private key; else ``BINANCE_PRIVATE_KEY_PASSPHRASE``.
        environment: ``"live"``, ``"testnet"``, ``"demo"``, ``"data"`` (the public-only spot host) or a base URL such as
            ``"http://127.0.0.1:9000"``; ``None`` takes the variable ``BINANCE_SOCKETS_BASE_URL``, else live.
        tld: ``"com"`` (default), or ``"us"`` for Binance.US (spot only, with its own streams).
        options: deadlines, back-off, limits, proxy and TLS; ``None`` (default) for ``Options()``.
        transport: what opens links; ``None`` (default) for real sockets. Tests pass a
            :class:`~binance_sockets.testing.ScriptedTransport`.

    Raises:
        ConfigError: for a bad argument or a bad ``BINANCE_SOCKETS_BASE_URL``, naming the allowed values.
    """

    DEFAULT_USER_TIMEOUT = 1800

    def __init__(
        self,
        client: object = None,
        user_timeout: float | str = DEFAULT_USER_TIMEOUT,
        *,
        api_key: str | None = None,
        api_secret: str | None = None,
        private_key: str | bytes | None = None,
        passphrase: str | bytes | None = None,
        environment: str | None = None,
        tld: str = "com",
        options: Options | None = None,
        transport: Transport | None = None,
    ) -> None:
        key = _secret("api_key", api_key or getattr(client, "API_KEY", None))
        secret = _secret("api_secret", api_secret or getattr(client, "API_SECRET", None))
        credentials = bool(key or secret or private_key)
        environment, tld = of_client(client, environment, tld)
        chosen = Environment.resolve(environment, tld, credentials=credentials)
        seconds = _seconds(user_timeout)
        hosts = {product: chosen.endpoint(product).host for product in chosen.products()}
        super().__init__(options=options, transport=transport, environment=chosen.name, hosts=hosts)
        self._binance = Settings(
            chosen,
            self._core.options,
            seconds,
            client,
            key,
            secret,
            private_key,
            passphrase,
            environment is not None,
        )
        self._core.gaps.add(self._after_gap)

    @overload
    def start_socket(
        self,
        streams: str,
        callback: Callback,
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent | AsUnified,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[m.Combined[Any]], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent | AsUnified,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_socket(
        self,
        streams: str | Iterable[str],
        callback: Callable[[bytes], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_socket(
        self,
        streams: str,
        callback: Callable[[Payload], object] | Callable[[list[Payload]], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[Payload], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_socket(
        self,
        streams: str | Iterable[str],
        callback: Callback,
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_socket(
        self,
        streams: str | Iterable[str],
        callback: Callback,
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Any stream by its name: a string gets the bare payload, a list ``{"stream", "data"}``.

        The case of names is corrected on the wire; the conn key keeps the caller's spelling. A name whose suffix is not
        documented passes unchanged, with a warning in the log.

        Args:
            streams: one stream name such as ``"btcusdt@trade"``, or an iterable of at least one.
            callback: gets each payload on the connection's thread: the bare one for a string, ``{"stream", "data"}``
                for all else.
            product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.
            route: ``"public"`` or ``"market"`` for all names; ``None`` (default) chooses by name. USD-M, options only.
            backfill: ``True`` to fetch over REST what trades, aggregate trades and candles miss with a link, and to
                call back with it in order, marked by the field ``backfilled``. Default ``False``.
            history: how much of the past of those streams comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the streams come at once, 1 (default) to 4: the first copy of each message
                is delivered, and a link that is lost is not noticed while another lives.
            view: ``"dict"`` (default), ``"typed"`` (events, in ``models.Combined`` for a list), ``"unified"`` (those of
                :mod:`binance_sockets.unified`, likewise) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None`` (default)
                for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds (spot only), ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"btcusdt@trade"``, ``"usdm:btcusdt@depth"`` or ``"streams=a/b"``; ``False`` while it
            is in use. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            StreamRetired: for a stream that the exchange has switched off, naming its replacement.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "General WSS information"; route notice of 2026-03-05.
        """
        past = Wish(backfill, history, redundancy, numbers)
        return self._start_names(streams, callback, product, view, time_unit, route, past=past)

    @overload
    def start_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[m.Combined[Any]], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsEvent | AsUnified,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[bytes], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[Payload], object],
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callback,
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callback,
        product: str = "spot",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Many streams behind one conn key, ``streams=a/b/c``; every message is ``{"stream", "data"}``.

        The streams are spread over as many links as routes and limits ask for (1,024 streams each, options 200); all
        of them call the callback on one thread.

        Args:
            streams: stream names, an iterable of at least one. A single string is refused.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being what the
                stream's own method documents.
            product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.
            route: ``"public"`` or ``"market"`` for all names; ``None`` (default) chooses by name. USD-M, options only.
            backfill: ``True`` to fetch over REST what trades, aggregate trades and candles miss with a link, and to
                call back with it in order, marked by the field ``backfilled``. Default ``False``.
            history: how much of the past of those streams comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the streams come at once, 1 (default) to 4: the first copy of each message
                is delivered, and a link that is lost is not noticed while another lives.
            name: what the conn key has in place of ``streams=a/b/c``; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of events), ``"unified"`` (the same of those of
                :mod:`binance_sockets.unified`) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None`` (default)
                for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds (spot only), ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"streams=btcusdt@trade/ethusdt@depth"``; ``False`` while it is in
            use. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            StreamRetired: for a stream that the exchange has switched off, naming its replacement.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "WebSocket Limits"; USD-M change log of 2025-07-02.
        """
        past = Wish(backfill, history, redundancy, numbers)
        return self._start_multiplex(streams, callback, product, route, view, name, past, time_unit)

    @overload
    def start_futures_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[m.Combined[Any]], object],
        futures_type: object = "usdm",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsEvent | AsUnified,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    @overload
    def start_futures_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_futures_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_futures_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callback,
        futures_type: object = "usdm",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_futures_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callback,
        futures_type: object = "usdm",
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """:meth:`start_multiplex_socket` for futures: many streams behind one conn key.

        Args:
            streams: stream names, an iterable of at least one. A single string is refused.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being what the
                stream's own method documents.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            route: ``"public"`` or ``"market"`` for all names; ``None`` (default) chooses by name. USD-M only.
            backfill: ``True`` to fetch over REST what trades, aggregate trades and candles miss with a link, and to
                call back with it in order, marked by the field ``backfilled``. Default ``False``.
            history: how much of the past of those streams comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the streams come at once, 1 (default) to 4: the first copy of each message
                is delivered, and a link that is lost is not noticed while another lives.
            name: what the conn key has in place of ``streams=a/b/c``; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of events), ``"unified"`` (the same of those of
                :mod:`binance_sockets.unified`) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None`` (default)
                for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:streams=btcusdt@aggTrade/ethusdt@depth"``; ``False`` while it is in
            use. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            StreamRetired: for a stream that the exchange has switched off, naming its replacement.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: USD-M change log of 2025-07-02 (1,024 streams); route notice of 2026-03-05.
        """
        product, past = futures_product(futures_type), Wish(backfill, history, redundancy, numbers)
        return self._start_multiplex(streams, callback, product, route, view, name, past)

    @overload
    def start_options_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[m.Combined[Any]], object],
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsEvent | AsUnified,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    @overload
    def start_options_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[bytes], object],
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_options_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callable[[Payload], object],
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_options_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callback,
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_options_multiplex_socket(
        self,
        streams: Iterable[str],
        callback: Callback,
        *,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        name: str | None = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """:meth:`start_multiplex_socket` for options: many streams behind one conn key, at most 200 for each link.

        Args:
            streams: stream names, an iterable of at least one. A single string is refused.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being what the
                stream's own method documents.
            route: ``"public"`` or ``"market"`` for all names; ``None`` (default) chooses by name.
            backfill: ``True`` to fetch over REST what trades, aggregate trades and candles miss with a link, and to
                call back with it in order, marked by the field ``backfilled``. Default ``False``.
            history: how much of the past of those streams comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the streams come at once, 1 (default) to 4: the first copy of each message
                is delivered, and a link that is lost is not noticed while another lives.
            name: what the conn key has in place of ``streams=a/b/c``; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of events), ``"unified"`` (the same of those of
                :mod:`binance_sockets.unified`) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None`` (default)
                for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:streams=btcusdt@optionTrade/!index@arr"``; ``False`` while it is in
            use. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without options.
            StreamRetired: for a stream that the exchange has switched off, naming its replacement.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), connect page.
        """
        past = Wish(backfill, history, redundancy, numbers)
        return self._start_multiplex(streams, callback, "options", route, view, name, past)

    def measure_clock(self, product: str = "spot") -> ClockSnapshot:
        """Ask the exchange for its time, and keep by how much this machine's clock is ahead of it. Any thread; blocks
        for a few seconds at most.

        :meth:`snapshot` shows it under ``clock``; it is to be taken off the ``delay`` of streams. Nothing is asked
        without this call.

        Args:
            product: whose clock: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.

        Returns:
            ``offset``, ``error`` and ``time`` in seconds: the best of four answers.

        Raises:
            ConfigError: there is no such product here.
            ConnectError, ExchangeError, RequestTimeout, ...: the exchange does not answer, or refuses.
        """
        settings, core = self._binance, self._core
        endpoint = settings.environment.endpoint(product)
        path = user_product(product, settings.environment.tld).time_path
        clock = core.transport.clock
        quota = settings.environment.quota(product)
        with contextlib.closing(SignedRest(endpoint.rest, settings.options, None, path, quota=quota)) as rest:
            samples = [measured(rest, path, endpoint.rest, clock) for _ in range(_SAMPLES)]
        best = min(samples, key=lambda sample: sample.error)
        found: ClockSnapshot = {"offset": best.offset, "error": best.error, "time": clock.time()}
        core.clocks = {**core.clocks, product: found}
        return found.copy()

    def _start_multiplex(
        self,
        streams: object,
        callback: Callback,
        product: str,
        route: str | None,
        view: ViewName,
        name: str | None,
        past: Wish,
        time_unit: TimeUnit = None,
    ) -> Key:
        if isinstance(streams, str):
            raise ConfigError("streams", streams, "a list of stream names", "start_socket takes a single name")
        return self._start_names(streams, callback, product, view, time_unit, route, name, past)


def _secret(name: str, value: object) -> str | None:
    """A credential, or ``None``; its value never reaches an error."""
    if value is not None and not isinstance(value, str):
        raise ConfigError(name, f"a {type(value).__name__}", "a string or None")
    return value or None


def _seconds(value: Any) -> float:
    """``user_timeout`` as 0.7 took it: a number, or its digits as a string. Another text may be a secret: not shown."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = "a text that is no number"
    check_number("user_timeout", value, zero=False, infinite=False)
    return float(value)
