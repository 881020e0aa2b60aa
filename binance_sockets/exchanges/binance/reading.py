"""Scripts of one line and notebooks: open, receive, close."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar, overload

from ...config import Options, check_number
from ...consume.stream import MessageStream
from ...errors import ConfigError, ReceiveTimeout, StreamEnded
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, NumbersName, ViewName
from .manager import SocketManager
from .names import close_names, resolve
from .products import market_of

__all__ = ["MarketStream", "collect"]

E = TypeVar("E")


@overload
def collect(  # type: ignore[overload-overlap] # a str is an Iterable[str], too; the first that fits counts
    streams: str,
    count: int,
    product: str = "spot",
    *,
    view: AsEvent | AsUnified,
    event: type[E],
    numbers: NumbersName | None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> list[E]: ...
@overload
def collect(
    streams: Iterable[str],
    count: int,
    product: str = "spot",
    *,
    view: AsEvent | AsUnified,
    event: type[E],
    numbers: NumbersName | None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> dict[str, list[E]]: ...
@overload
def collect(  # type: ignore[overload-overlap]
    streams: str,
    count: int,
    product: str = "spot",
    *,
    view: AsRaw,
    event: None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> list[bytes]: ...
@overload
def collect(
    streams: Iterable[str],
    count: int,
    product: str = "spot",
    *,
    view: AsRaw,
    event: None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> dict[str, list[bytes]]: ...
@overload
def collect(  # type: ignore[overload-overlap]
    streams: str,
    count: int,
    product: str = "spot",
    *,
    view: AsDict | AsEvent | AsUnified = "dict",
    event: None = None,
    numbers: NumbersName | None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> list[Any]: ...
@overload
def collect(
    streams: Iterable[str],
    count: int,
    product: str = "spot",
    *,
    view: AsDict | AsEvent | AsUnified = "dict",
    event: None = None,
    numbers: NumbersName | None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> dict[str, list[Any]]: ...
def collect(
    streams: str | Iterable[str],
    count: int,
    product: str = "spot",
    *,
    view: ViewName = "dict",
    event: Any = None,
    numbers: NumbersName | None = None,
    timeout: float | None = None,
    environment: str | None = None,
    tld: str = "com",
    options: Options | None = None,
) -> Any:
    """Connect, receive so many messages of each stream, and close.

    >>> trades = collect("btcusdt@trade", 2000, product="usdm", timeout=120)  # doctest: +SKIP

    Several streams share a connection. Blocks until all messages are there.

    Args:
        streams: one stream name, or an iterable of at least one.
        count: messages of each stream, above 0.
        product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.
        view, event, numbers: as for :meth:`SocketManager.stream`.
        timeout: seconds for all of it, from 0; ``None`` (default) until the messages are there, or the connection gives
            up.
        environment, tld, options: as for :class:`SocketManager`.

    Returns:
        A list of bare payloads, the oldest first; for several streams a dict of such lists, by the names given.

    Raises:
        ReceiveTimeout: too few came in time; ``messages`` are those that did, in the form of the result.
        StreamEnded: the connection has given up, with the reason; ``messages`` as before.
        ConfigError: for a bad argument, naming the allowed values.
        StreamRetired: for a stream that the exchange has switched off.
    """
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ConfigError("count", count, "a whole number above 0")
    check_number("timeout", timeout, none=True)
    names = [streams] if isinstance(streams, str) else list(streams)
    if not names:
        raise ConfigError("streams", names, "at least one stream name")
    chosen = options or Options()
    chosen = replace(chosen, pool=True) if isinstance(chosen, Options) and len(names) > 1 else chosen
    manager = SocketManager(environment=environment, tld=tld, options=chosen)
    manager.daemon = True
    messages: dict[str, list[Any]] = {name: [] for name in names}
    result: Any = messages[names[0]] if isinstance(streams, str) else messages
    try:
        opened: dict[str, MessageStream[Any]] = {}
        for name in messages:  # what comes behind the last one that is wanted is not kept
            stream: MessageStream[Any] = MessageStream(count, "drop_newest")
            stream._warned = True  # what is dropped is more than was asked for
            ways: dict[str, Any] = {
                "view": view,
                "numbers": manager._check_event(name, product, view, event, numbers),
            }
            manager.start_socket(name, stream, product, **ways)
            opened[name] = stream
        manager.start()
        deadline = None if timeout is None else time.monotonic() + timeout
        for name, stream in opened.items():
            _fill(messages[name], stream, count, deadline)
        if any(len(each) < count for each in messages.values()):
            raise ReceiveTimeout(timeout or 0.0)
    except (ReceiveTimeout, StreamEnded) as error:
        for name, stream in opened.items():
            messages[name] += stream.receive_many(count, 0) if len(stream) else []
        error.messages = result
        raise
    finally:
        manager.close()
    return result


def _fill(messages: list[Any], stream: MessageStream[Any], count: int, deadline: float | None) -> None:
    """Have ``count`` messages, or all that come until the deadline."""
    while len(messages) < count:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        found = stream.receive_many(count - len(messages), left)  # raises where it has ended
        messages += found
        if not found and left is not None:
            return


class MarketStream:
    """The streams of one type for a list of symbols, to be opened, received from and closed, as notebooks do it.

    >>> instance = MarketStream(["BTCUSDT"], product="usdm")
    >>> instance.open_stream_connection("ticker")  # doctest: +SKIP
    >>> message = instance.receive_message()  # doctest: +SKIP
    >>> instance.close_connection()

    No event loop is needed. The connection is opened again when it is lost; meanwhile :meth:`receive_message` waits.
    Any thread may call; several share the messages.

    Args:
        symbols: one symbol, or an iterable of at least one, in any case.
        product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.
        view, numbers: as for :meth:`SocketManager.stream`. Default ``"dict"``: ``{"stream": ..., "data": ...}``.
        maxsize, on_full, max_age: as for :class:`~binance_sockets.MessageStream`.
        environment, tld, options: as for :class:`SocketManager`.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
    """

    def __init__(
        self,
        symbols: str | Iterable[str],
        product: str = "spot",
        *,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        max_age: float | None = None,
        environment: str | None = None,
        tld: str = "com",
        options: Options | None = None,
    ) -> None:
        self.symbols = tuple([symbols] if isinstance(symbols, str) else symbols)
        if not self.symbols or not all(isinstance(symbol, str) and symbol.isalnum() for symbol in self.symbols):
            raise ConfigError("symbols", self.symbols, "at least one symbol such as 'BTCUSDT'")
        self.product = product
        self._market = market_of(product, tld)
        self._ways: dict[str, Any] = {"view": view, "numbers": numbers}
        self._buffer = maxsize, on_full, max_age
        self._new()  # which refuses bad arguments
        self._manager = SocketManager(environment=environment, tld=tld, options=options)
        self._manager.daemon = True  # a script that has ended reads nothing
        self._stream: MessageStream[Any] | None = None

    def _new(self) -> MessageStream[Any]:
        maxsize, on_full, max_age = self._buffer
        return MessageStream(maxsize, on_full, max_age=max_age)

    def open_stream_connection(self, stream_type: str, timeout: float = 10.0) -> None:
        """Open the streams of one type for all symbols. Blocks until they are subscribed.

        Args:
            stream_type: what stands behind the ``@`` of the name: ``"ticker"``, ``"trade"``, ``"miniTicker"``,
                ``"depth"``, ``"aggTrade"``, ``"kline_1m"``, ...
            timeout: seconds to wait at most, from 0. Default 10.

        Raises:
            ConfigError: there is no such stream, or a connection is open: close it first.
            StreamRetired: the exchange has switched it off.
            RequestTimeout: not open in time; it is closed again.
            ConnectError: why it cannot be.
        """
        self._open([stream_type], timeout)

    def open_kline_connection(self, intervals: str | Iterable[str], timeout: float = 10.0) -> None:
        """Open the candles of one interval or several, such as ``"1m"``, for all symbols; as
        :meth:`open_stream_connection`."""
        self._open([f"kline_{each}" for each in ([intervals] if isinstance(intervals, str) else intervals)], timeout)

    def _open(self, stream_types: list[str], timeout: float) -> None:
        if self._stream is not None:
            raise ConfigError(
                "stream_type", stream_types, "nothing while a connection is open", "close_connection() first"
            )
        check_number("timeout", timeout)
        names = [f"{symbol.lower()}@{kind}" for kind in stream_types for symbol in self.symbols]
        for name in names:
            if resolve(self._market, name).family is None:
                raise ConfigError("stream_type", name, "a stream that exists", close_names(self._market, name))
        stream = self._new()
        key = self._manager.start_socket(names, stream, self.product, **self._ways)
        self._stream = stream
        try:
            self._manager.start()
            self._manager.wait_open(key, timeout)
        except BaseException:
            self.close_connection()
            raise

    def receive_message(self, timeout: float | None = None) -> Any:
        """The next message. Blocks until there is one.

        Args:
            timeout: seconds to wait at most, from 0; ``None`` (default) until the connection ends.

        Raises:
            StreamEnded: no connection is open, or it has given up, with the reason.
            ReceiveTimeout: none came in time.
        """
        stream = self._stream
        if stream is None:
            raise StreamEnded("no connection is open: open_stream_connection() opens one")
        return stream.receive(timeout)

    @property
    def latest(self) -> Any:
        """The newest message of the open connection; ``None`` before the first. Never blocks."""
        stream = self._stream
        return None if stream is None else stream.latest

    def close_connection(self) -> None:
        """Close the connection; another one may be opened then. Idempotent; what another thread waits for ends."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        self._manager.close()

    def __iter__(self) -> Iterator[Any]:
        """The messages, until the connection is closed."""
        return iter(()) if self._stream is None else iter(self._stream)

    def __enter__(self) -> MarketStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_connection()

    def __repr__(self) -> str:
        return f"<MarketStream {self.product} {', '.join(self.symbols)}: {self._stream or 'closed'}>"
