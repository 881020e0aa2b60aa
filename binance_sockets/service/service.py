"""A stream service on one connection: subscriptions and handlers by kind, before and after it connects."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar, get_args

from .._closing import Closing
from ..config import Backoff, Options, Timeouts, check_number
from ..errors import BinanceSocketsError, ConfigError, WouldDeadlock
from ..events import ErrorReport, Reason, State, StateChange, is_error
from ..exchanges.arguments import NumbersName
from ..exchanges.binance.manager import SocketManager
from ..unified import AnyEvent
from .decorators import Decorators
from .feed import Feed, Origin
from .streams import place_of
from .subscriptions import Subscriptions

__all__ = ["WebSocketService"]

log = logging.getLogger("binance_sockets.service")

_Self = TypeVar("_Self", bound="WebSocketService")

_KINDS = tuple(kind.type for kind in get_args(AnyEvent))
_MARGIN = 15.0  # seconds from a ping without an answer until the link counts as dead
_LEVEL = (
    "A client cannot choose it: RFC 7692 negotiates windows and context, never a level. The server compresses what it "
    "sends at its own; what this client sends are a few short requests, which stay uncompressed"
)


class WebSocketService(Closing, Subscriptions, Decorators):
    """Subscriptions by kind and symbol, over one connection, with handlers for each kind of event.

    >>> service = WebSocketService()
    >>> @service.on_ticker
    ... def show(ticker):
    ...     print(ticker.symbol, ticker.price)
    >>> service.subscribe_ticker("BTCUSDT")
    >>> service.connect()  # doctest: +SKIP

    Handlers and :meth:`listen` get the events of :mod:`binance_sockets.unified`. Handlers run on the connection's
    thread, one after the other; what one raises is told to ``on_error``, and the others go on. All methods may be
    called from any thread, also in a handler.

    Args:
        base_url: ``None`` (default) for the live exchange, or what ``BINANCE_SOCKETS_BASE_URL`` says; ``"testnet"``,
            ``"demo"``, ``"data"``; one of the exchange's stream URLs, such as ``"wss://stream.binance.com:9443/ws/"``,
            which also says the product; or the base URL of another server.
        auto_reconnect: ``False`` to give up when the connection is lost. Default ``True``.
        heartbeat_interval: seconds of silence after which a ping is sent; the connection counts as dead 15 seconds
            later. Default 30. 0 leaves both to the exchange's own rule.
        max_reconnect_attempts: how many in a row may fail; ``None`` for no limit. Default 5.
        reconnect_delay: seconds before the first attempt. Default 1. Each wait is a random time up to this.
        max_reconnect_delay: longest wait in seconds. Default 60.
        backoff_factor: growth of the wait per failure, from 1. Default 2.
        enable_compression: offer permessage-deflate to the server. Default ``False``.
        compression_level: ``None`` (default). Any other value is refused, as a client cannot choose it.
        product: ``"spot"``, ``"usdm"``, ``"coinm"`` or ``"options"``; ``None`` (default) for what the URL says, else
            spot.
        numbers: of the events: ``"float"`` (default), ``"decimal"`` or ``"str"``.
        options: everything else: proxy, TLS, sizes; its ``backoff``, ``compression`` and the two timeouts named above
            are replaced.

    Attributes:
        manager: the :class:`~binance_sockets.SocketManager` underneath, for listeners, gaps and ``snapshot()``.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
    """

    _connections = 1

    def __init__(
        self,
        base_url: str | None = None,
        auto_reconnect: bool = True,
        heartbeat_interval: float = 30,
        max_reconnect_attempts: int | None = 5,
        reconnect_delay: float = 1,
        max_reconnect_delay: float = 60,
        backoff_factor: float = 2.0,
        enable_compression: bool = False,
        compression_level: int | None = None,
        *,
        product: str | None = None,
        numbers: NumbersName = "float",
        options: Options | None = None,
    ) -> None:
        for name, value in (("auto_reconnect", auto_reconnect), ("enable_compression", enable_compression)):
            if not isinstance(value, bool):
                raise ConfigError(name, value, (True, False))
        if compression_level is not None:
            raise ConfigError("compression_level", compression_level, (None,), _LEVEL)
        check_number("heartbeat_interval", heartbeat_interval, infinite=False)
        environment, tld, product = place_of(base_url, product)
        options = options or Options()
        manager = SocketManager(
            environment=environment,
            tld=tld,
            options=replace(
                options,
                backoff=Backoff(
                    initial=reconnect_delay,
                    factor=backoff_factor,
                    maximum=max_reconnect_delay,
                    max_reconnects=max_reconnect_attempts if auto_reconnect else 0,
                ),
                timeouts=_with_heartbeat(options.timeouts, heartbeat_interval),
                compression=enable_compression,
            ),
        )
        Decorators.__init__(self)
        Subscriptions.__init__(self, manager, product, tld, self._connections, numbers)
        self._lock = threading.Lock()  # guards the three below; never held over a call of the manager or a handler
        self._feeds: tuple[weakref.ref[Feed], ...] = ()  # a forgotten one takes no more
        self._origin = Origin(self._waits_for_caller)
        self._over: dict[str, BinanceSocketsError | None] = {}  # connections that have ended, with why they gave up
        self._attempts: dict[str, int] = {}  # of those that give up
        self.manager.add_state_listener(self._on_state)
        self.manager.add_error_listener(self._on_error)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.subscriptions)} streams, {self.manager!r}>"

    # -- life --------------------------------------------------------------------------------------------------------

    def connect(self, timeout: float = 30.0) -> None:
        """Open the connection for what is subscribed so far, and wait until the exchange has confirmed it all.

        Without a subscription there is nothing to open yet: it opens with the first one. After :meth:`close`, or when
        it has given up, the connection is opened anew, with all its subscriptions. Inside a handler it does not wait.

        Args:
            timeout: seconds to wait at most, from 0. Default 30.

        Raises:
            RequestTimeout: it is not open by then; it goes on trying.
            ConnectError, ConnectionLost, SubscriptionRejected: why it will not open.
            ConfigError: ``timeout`` is no number from 0.
        """
        check_number("timeout", timeout)
        deadline = time.monotonic() + timeout
        self._begin()
        for place, names in enumerate(self._carried()):
            if names:
                with suppress(WouldDeadlock):  # the thread of the handler that calls is to open it
                    self.manager.wait_open(self._key(place), max(0.0, deadline - time.monotonic()))

    def _begin(self) -> None:
        for name in self._handlers.unbound():
            log.warning("%s is a method that is never called: service.register(instance) binds it", name)
        self.manager.start()
        for place, names in enumerate(self._carried()):
            if names:
                self._carry(place, names)

    def close(self, timeout: float = 10.0) -> None:
        """End the connection, and every :meth:`listen`. Waits for running handlers, at most ``timeout`` seconds.

        Raises:
            ShutdownTimeout: a handler has not returned by then.
        """
        with self._lock:
            feeds, self._feeds = self._feeds, ()
        for each in feeds:
            if (feed := each()) is not None:
                feed.end()
        self.manager.close(timeout)

    def __enter__(self: _Self) -> _Self:
        """Connect, and close at the block's end, or at once where that fails."""
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    @property
    def is_connected(self) -> bool:
        """Whether something is subscribed, and all links that carry it are open."""
        connections = self.manager.snapshot()["connections"].values()
        links = [link for each in connections for link in each["links"]]
        return bool(links) and all(link["state"] == State.OPEN.value for link in links)

    def listen(self, *kinds: str, maxsize: int = 10_000, max_age: float | None = None) -> Feed:
        """Events to read, from now on; opens the connection where it is not. Handlers are called, too.

        >>> for event in service.listen("ticker"):  # doctest: +SKIP
        ...     print(event.symbol, event.price)

        Args:
            kinds: types of events that are wanted, such as ``"ticker"``; none (default) for all.
            maxsize: events that may wait to be read; then the oldest are dropped, counted and told in the log.
            max_age: seconds after which an event that was not read is dropped; ``None`` (default) for never.

        Returns:
            A :class:`~binance_sockets.MessageStream`: iterate it, or call ``receive(timeout)`` and the like.

        Raises:
            ConfigError: for a bad argument, naming what is allowed.
        """
        if unknown := [kind for kind in kinds if kind not in _KINDS]:
            raise ConfigError("kinds", unknown[0], _KINDS)
        feed = Feed(frozenset(kinds), maxsize, max_age, self._origin, self._leave)
        if not self.subscriptions:
            log.warning("listen() without a subscription: nothing comes before one is made")
        with self._lock:
            self._feeds = (*(each for each in self._feeds if each() is not None), weakref.ref(feed))
        try:
            self._begin()
        except BaseException:
            self._leave(feed)
            raise
        return feed

    def _leave(self, feed: Feed) -> None:
        with self._lock:
            self._feeds = tuple(each for each in self._feeds if each() not in (None, feed))

    def _waits_for_caller(self) -> bool:
        connections = self.manager._core.all()
        return bool(connections) and all(each.waits_for_caller() for each in connections)

    # -- what the manager tells, on a connection's thread --------------------------------------------------------------

    def _take(self, message: Any) -> None:
        if is_error(message):
            return
        data = message.data
        first: Exception | None = None
        for event in data if isinstance(data, list) else (data,):
            if isinstance(event, dict):  # fits no event; the manager's error listeners were told
                continue
            for each in self._feeds:
                if (feed := each()) is not None:
                    feed(event)
            for kind in (event.type, "event"):
                try:
                    self._handlers.call(kind, event)
                except Exception as error:
                    first = first or error
        if first is not None:
            raise first  # the connection reports it, and goes on

    def _on_state(self, change: StateChange) -> None:
        if change.previous is State.OPEN:
            self._handlers.call("disconnect")
        if change.state is State.OPEN:
            self._handlers.call("connect")
        elif change.state is State.CONNECTING:
            with self._lock:
                self._over.pop(change.conn_key, None)
            if change.previous is State.BACKOFF:
                self._handlers.call("reconnect", max(1, change.attempt))
        elif change.state is State.CLOSED and change.reason is not Reason.STOPPED:
            with self._lock:
                self._attempts[change.conn_key] = max(0, change.attempt - 1)
        elif change.state is State.CLOSED and self._is_stopping(change.conn_key):
            self._ended(change.conn_key, None)

    def _is_stopping(self, conn_key: str) -> bool:
        """A connection was told to end, and not only one of its links."""
        found = [each for each in self.manager._core.all() if each.conn_key == conn_key]
        return bool(found) and all(each.handler.stopping for each in found)

    def _on_error(self, report: ErrorReport) -> None:
        if not report.final:
            self._handlers.call("error", report.error)
            return
        self._ended(report.conn_key, report.error)
        with self._lock:
            attempts = self._attempts.pop(report.conn_key, 0)
        try:
            self._handlers.call("error", report.error)
        finally:  # the key is free: a handler may connect again, or elsewhere
            self._handlers.call("reconnect_failed", attempts)

    def _ended(self, conn_key: str, error: BinanceSocketsError | None) -> None:
        """A connection has ended, as was asked for or because of ``error``; with the last one all loops end."""
        carrying = [self._key(place) for place, names in enumerate(self._carried()) if names]
        with self._lock:
            self._over[conn_key] = error
            if not all(key in self._over for key in carrying):
                return
            feeds, self._feeds = self._feeds, ()
            reason = next((found for found in self._over.values() if found is not None), None)
        for each in feeds:
            if (feed := each()) is not None:
                feed.end(reason)


def _with_heartbeat(timeouts: Timeouts, seconds: float) -> Timeouts:
    return replace(timeouts, ping=seconds, stale=seconds + _MARGIN) if seconds else timeouts
