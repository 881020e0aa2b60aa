"""Named clients over one manager of the process: whoever wants streams makes a client, and forgets it when it is done.

::

    client = WebSocketClient("my_app")
    client.subscribe_ticker(["KRW-BTC", "KRW-ETH"], lambda event: print(f"{event.symbol}: {event.trade_price:,}"))

All clients share the connections of :func:`get_global_websocket_manager`. Callbacks receive the events of
:mod:`~binance_sockets.exchanges.upbit.models`. A client is not kept alive by its subscriptions: when nobody refers to
it any more they end, and a warning says so.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, cast

from ...config import Backoff, Options, Timeouts, check_number
from ...consume.stream import message_stream
from ...engine.pool import Member
from ...engine.threads import Worker
from ...engine.transport import Transport
from ...errors import ConfigError, ManagerClosed
from ...events import Reason, State, StateChange
from ..arguments import Callback, check_callback
from . import models as m
from .arguments import ORDER, ORDERS_ORDER
from .manager import UpbitSocketManager
from .sockets import PreferenceName

__all__ = ["GlobalManager", "HealthStatus", "WebSocketClient", "get_global_websocket_manager"]

log = logging.getLogger("binance_sockets.upbit")

_BEHIND = 1.0  # seconds for which a callback may not keep up
_PONG = 10.0  # seconds in which a ping is answered
_numbers = itertools.count(1)

Strategy = Literal["balanced", "aggressive"]

STRATEGIES: dict[str, Backoff] = {
    "balanced": Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.0),
    "aggressive": Backoff(initial=0.2, factor=2.0, maximum=3.0, max_reconnects=None),
}
"""How lost links are opened again: after 1, 2, 4, 8 and 16 seconds, or soon and without end."""


@dataclass(frozen=True)
class HealthStatus:
    """How a client, or all of them, are.

    Args:
        status: ``"healthy"``; ``"degraded"``: something is being opened again or is refused, or a callback does not
            keep up; ``"unhealthy"``: something has given up, or nothing is open.
        reasons: why it is not healthy, one sentence each.
        sockets: state by conn key.
    """

    status: Literal["healthy", "degraded", "unhealthy"]
    reasons: tuple[str, ...] = ()
    sockets: dict[str, str] = field(default_factory=dict)


def options_of(heartbeat: float = 30.0, strategy: Strategy = "balanced") -> Options:
    """Options by two words.

    Args:
        heartbeat: seconds of silence after which the client pings, above 0 and below 110: the exchange cuts what was
            idle for 120. Default 30. An answer is waited for 10 seconds.
        strategy: one of :data:`STRATEGIES`.

    Raises:
        ConfigError: for anything else.
    """
    check_number("heartbeat", heartbeat, zero=False, infinite=False)
    if heartbeat >= 110:
        raise ConfigError("heartbeat", heartbeat, "seconds below 110", "The exchange cuts what was idle for 120 s")
    if strategy not in STRATEGIES:
        raise ConfigError("strategy", strategy, tuple(STRATEGIES))
    return Options(
        timeouts=Timeouts(ping=float(heartbeat), stale=float(heartbeat) + _PONG), backoff=STRATEGIES[strategy]
    )


class GlobalManager:
    """What all clients share: a manager that is started, and what can be asked about it. Any thread.

    Args:
        manager: has the connections.
    """

    def __init__(self, manager: UpbitSocketManager) -> None:
        self.manager = manager
        self._clients: weakref.WeakValueDictionary[str, WebSocketClient] = weakref.WeakValueDictionary()  # by conn key
        self._closed = False
        self._lost: queue.SimpleQueue[tuple[str, list[str]] | None] = queue.SimpleQueue()
        self._cleaner = Worker(self._clean, name="binance_sockets:forgotten-clients", daemon=True)
        self._cleaner.start()
        manager.add_state_listener(self._changed)
        manager.start()

    def get_health_status(self) -> HealthStatus:
        """How all sockets are. Does not block."""
        return _health(self.manager, None)

    def get_all_connection_metrics(self) -> dict[str, Any]:
        """Counters of all that is open now.

        Returns:
            ``total_processed`` (messages handed to callbacks), ``total_reconnects``, ``total_errors`` (of callbacks and
            of messages that could not be read) and ``connections``: by endpoint (``public``, ``private``, ``info``) the
            ``state``, ``subscriptions``, ``messages`` and ``bytes`` received, ``reconnects`` and ``last_frame_age`` in
            seconds.
        """
        rows = self.manager.snapshot()["connections"]
        found: dict[str, Any] = {}
        for endpoint, connection in self.manager._connections().items():
            messages, reconnects = connection.counts()
            totals = connection.roster.totals()
            socket = connection.links[0].current
            now = connection.transport.clock.monotonic()
            found[endpoint] = {
                "state": connection.state.value,
                "subscriptions": sum(len(link.wanted) for link in connection.links),
                "messages": messages,
                "bytes": totals.received,
                "reconnects": reconnects,
                "decode_errors": totals.decode_errors,
                "last_frame_age": None if socket is None else max(0.0, now - socket.last_frame),
            }
        return {
            "total_processed": sum(row["messages"] for row in rows.values()),
            "total_reconnects": sum(row["reconnects"] for row in found.values()),
            "total_errors": sum(row["callback_errors"] for row in rows.values())
            + sum(row["decode_errors"] for row in found.values()),
            "connections": found,
        }

    def close(self, timeout: float = 10.0) -> None:
        """End all sockets, and with them its clients. May be called twice.

        The next call of :func:`get_global_websocket_manager` makes another one.

        Args:
            timeout: seconds for all of it. Default 10.

        Raises:
            ShutdownTimeout: threads are still alive.
        """
        _forget(self)
        self._closed = True
        self._lost.put(None)
        self.manager.close(timeout)
        self._cleaner.join(timeout)

    def entered(self, key: str, client: WebSocketClient) -> None:
        """A client will have a socket.

        Raises:
            ManagerClosed: this was closed.
        """
        if self._closed:
            raise ManagerClosed("the manager of all clients was closed: make a new client, which has a new one")
        self._clients[key] = client

    def left(self, key: str) -> None:
        """A client has that socket no more."""
        self._clients.pop(key, None)

    def _changed(self, change: StateChange) -> None:
        """A socket that has got all it wanted is over for its client, too."""
        client = self._clients.get(change.conn_key)
        if client is not None and change.state is State.CLOSED and change.reason is Reason.STOPPED:
            client._drop(change.conn_key)

    def forgotten(self, name: str, keys: list[str]) -> None:
        """A client is gone. Called by the garbage collector, anywhere: whatever it interrupts may hold any lock."""
        self._lost.put((name, keys))

    def _clean(self) -> None:
        while (found := self._lost.get()) is not None:
            name, keys = found
            open_ = self.manager.snapshot()["connections"]
            left = [key for key in keys if key in open_]
            if left:
                log.warning("client %s was forgotten with %d subscription(s), which end: close() it", name, len(left))
            for key in keys:
                self.manager._let_go(key)


class WebSocketClient:
    """One user of the shared streams. Any thread; no call blocks, but that :meth:`close` waits for running callbacks.

    Callbacks get one event each, on the thread that market data, or account data, share; last, when a connection gives
    up, the dict that :func:`~binance_sockets.is_error` knows.

    Args:
        name: what logs and conn keys call it.
        manager: whose connections it uses; ``None`` (default) for :func:`get_global_websocket_manager`.

    Raises:
        ConfigError: the name is no printable text.
    """

    def __init__(self, name: str, *, manager: GlobalManager | None = None) -> None:
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise ConfigError("name", name, "printable text")
        self.name = name
        self._shared = get_global_websocket_manager() if manager is None else manager
        self._keys: list[str] = []
        self._lock = threading.Lock()
        # Here and not at the manager: so they live as long as the client, and the client no longer than its user wants.
        self._callbacks: dict[str, Callback] = {}
        self._closed = False
        self._finalizer = weakref.finalize(self, self._shared.forgotten, name, self._keys)
        self._finalizer.atexit = False

    def subscribe_ticker(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Ticker], object],
        stream_preference: PreferenceName = "both",
    ) -> str:
        """Tickers of markets; see :meth:`UpbitSocketManager.start_ticker_socket`.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets each ``models.Ticker``.
            stream_preference: ``"both"`` (default), ``"snapshot_only"`` or ``"realtime_only"``.

        Returns:
            A key for :meth:`unsubscribe`.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: the client was closed.
        """
        return self._start(self._manager.start_ticker_socket, codes, callback, stream_preference)

    def subscribe_orderbook(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.OrderBookEvent], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
    ) -> str:
        """Order books; see :meth:`UpbitSocketManager.start_orderbook_socket` and :meth:`subscribe_ticker`."""
        start = partial(self._manager.start_orderbook_socket, count=count, level=level)
        return self._start(start, codes, callback, stream_preference)

    def subscribe_trade(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Trade], object],
        stream_preference: PreferenceName = "both",
    ) -> str:
        """Trades of markets; see :meth:`UpbitSocketManager.start_trade_socket` and :meth:`subscribe_ticker`."""
        return self._start(self._manager.start_trade_socket, codes, callback, stream_preference)

    def subscribe_candle(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Candle], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
    ) -> str:
        """Candles of markets; see :meth:`UpbitSocketManager.start_candle_socket` and :meth:`subscribe_ticker`."""
        return self._start(self._manager.start_candle_socket, codes, callback, unit, stream_preference)

    def subscribe_my_order(
        self, callback: Callable[[m.MyOrder], object], codes: str | Iterable[str] | None = None
    ) -> str:
        """The account's orders; see :meth:`UpbitSocketManager.start_my_order_socket`.

        Raises:
            ConfigError: no API key, or a bad argument.
            ManagerClosed: the client was closed.
        """
        return self._start_private(partial(self._manager.start_my_order_socket, codes=codes), callback, ORDERS_ORDER)

    def subscribe_my_asset(self, callback: Callable[[m.MyAsset], object]) -> str:
        """Balances; see :meth:`UpbitSocketManager.start_my_asset_socket` and :meth:`subscribe_my_order`."""
        return self._start_private(self._manager.start_my_asset_socket, callback)

    def unsubscribe(self, key: str) -> None:
        """End one of its subscriptions, by the key that it has got. One that is over, or of others, does nothing."""
        if self._drop(key):
            self._manager._let_go(key)

    def get_health_status(self) -> HealthStatus:
        """How its sockets are. Does not block."""
        return _health(self._manager, set(self._keys))

    def get_subscription_count(self) -> int:
        """How many streams it has: one for each market and type, and one for each kind of account data."""
        return sum(len(member.streams) for member in self._members())

    def get_subscribed_symbols(self) -> list[str]:
        """The markets of its streams, sorted."""
        names = [name for member in self._members() for name in member.streams]
        return sorted({name.split(":")[1] for name in names if ":" in name})

    def get_rate_limiter_status(self) -> dict[str, dict[str, Any]]:
        """What the exchange allows to send on each connection, and how much of it is used.

        Returns:
            By endpoint: ``limits``, a list of ``{"count", "seconds", "used"}``, where ``count`` leaves room for one
            answer to a ping, and ``waiting``, how many messages wait for their turn. Changes that wait become one.
        """
        found = {}
        for endpoint, connection in self._manager._connections().items():
            socket = connection.links[0].current
            if socket is not None:
                used = socket.pacer.used(connection.transport.clock.monotonic())
                limits = [{"count": most, "seconds": seconds, "used": count} for most, seconds, count in used]
                found[endpoint] = {"limits": limits, "waiting": len(socket.pacer.queue)}
        return found

    def close(self) -> None:
        """End its subscriptions; no callback of it begins afterwards. May be called twice."""
        with self._lock:
            self._closed = True
            keys = list(self._keys)
        for key in keys:
            self.unsubscribe(key)
        self._finalizer.detach()

    def __enter__(self) -> WebSocketClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _manager(self) -> UpbitSocketManager:
        return self._shared.manager

    def _members(self) -> list[Member]:
        open_ = self._manager._members()
        return [open_[key] for key in self._keys if key in open_]

    def _start(self, start: Callable[..., Any], codes: object, callback: Callback, *arguments: Any) -> str:
        check_callback(callback, ORDER)
        return self._open(callback, lambda entry, key: start(codes, entry, *arguments, view="typed", name=key))

    def _start_private(self, start: Callable[..., Any], callback: Callback, hint: str = "") -> str:
        check_callback(callback, hint)
        return self._open(callback, lambda entry, key: start(entry, view="typed", name=key))

    def _open(self, callback: Callback, start: Callable[[Callback, str], Any]) -> str:
        key = f"{self.name}#{next(_numbers)}"
        with self._lock:
            if self._closed:
                raise ManagerClosed(f"client {self.name} is closed")
            self._callbacks[key] = callback
            self._keys.append(key)
        try:
            self._shared.entered(key, self)
            return cast("str", start(_Delivery(weakref.ref(self), key, callback), key))
        except BaseException:
            self._drop(key)
            raise

    def _drop(self, key: str) -> bool:
        """It has a subscription no more; returns whether it had."""
        with self._lock:
            self._callbacks.pop(key, None)
            had = key in self._keys
            if had:
                self._keys.remove(key)
        self._shared.left(key)
        return had


class _Delivery:
    """Calls a client's callback, as long as there is a client."""

    def __init__(self, client: weakref.ref[WebSocketClient], key: str, callback: Callback) -> None:
        self._client = client
        self._key = key
        self.__qualname__ = getattr(callback, "__qualname__", None) or repr(callback)  # for texts about the callback
        stream = message_stream(callback)
        if stream is not None:  # it ends with its socket
            self.__wrapped__ = stream

    def __call__(self, event: Any) -> None:
        client = self._client()
        callback = None if client is None else client._callbacks.get(self._key)
        del client  # its last reference must not be this thread's for the time of the callback
        if callback is not None:
            callback(event)


def _health(manager: UpbitSocketManager, keys: set[str] | None) -> HealthStatus:
    """How the sockets with these keys are; ``None`` for all."""
    rows = {key: row for key, row in manager.snapshot()["connections"].items() if keys is None or key in keys}
    failed = {key: error for key, error in manager._failures().items() if keys is None or key in keys}
    open_ = State.OPEN.value
    reasons = [f"{key} has given up: {error}" for key, error in failed.items()]
    reasons += [f"{key} is {row['state']}" for key, row in rows.items() if row["state"] != open_]
    reasons += [
        f"the callback of {key} has been behind for {row['lag']:.0f} s"
        for key, row in rows.items()
        if row["lag"] > _BEHIND
    ]
    for key, member in manager._members().items():
        refused = member.refused() if key in rows else []
        reasons += [f"{key}: the exchange refuses {', '.join(refused)}"] if refused else []
    bad = bool(failed) or (bool(rows) and not any(row["state"] == open_ for row in rows.values()))
    states = {key: row["state"] for key, row in rows.items()}
    return HealthStatus("unhealthy" if bad else "degraded" if reasons else "healthy", tuple(reasons), states)


_lock = threading.Lock()
_global: tuple[GlobalManager, dict[str, Any]] | None = None


def get_global_websocket_manager(
    *, heartbeat: float = 30.0, strategy: Strategy = "balanced", transport: Transport | None = None, **settings: Any
) -> GlobalManager:
    """The manager that all clients of this process share; the first call makes and starts it.

    Args:
        heartbeat: seconds of silence after which the client pings. Default 30.
        strategy: ``"balanced"`` (default): lost links are opened again after 1, 2, 4, 8 and 16 seconds, then it gives
            up; ``"aggressive"``: within 3 seconds, without end.
        transport: for tests.
        settings: further arguments of :class:`UpbitSocketManager`: ``access_key``, ``secret_key``, ``region``,
            ``environment``, ``format``, or ``options`` in place of the first two.

    Returns:
        The one that there is; arguments may be left out then.

    Raises:
        ConfigError: for a bad argument, and for others than it was made with.
        RuntimeError: no thread can be started.
    """
    global _global
    given = {"heartbeat": heartbeat, "strategy": strategy, **settings}
    with _lock:
        if _global is not None:
            default = heartbeat == 30.0 and strategy == "balanced" and not settings
            if not default and given != _global[1]:
                raise ConfigError("settings", sorted(given), "those that it was made with, or none", "close() it first")
            return _global[0]
        options = settings.pop("options", None) or options_of(heartbeat, strategy)
        made = GlobalManager(UpbitSocketManager(options=options, transport=transport, **settings))
        _global = (made, given)
        return made


def _forget(manager: GlobalManager) -> None:
    global _global
    with _lock:
        if _global is not None and _global[0] is manager:
            _global = None


def _forget_parent() -> None:
    """In a forked child: the parent's has neither threads nor sockets here, and somebody may have held the lock."""
    global _global, _lock
    _global = None
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)
