"""What the threaded managers of python-binance 1.x share: a thread by their face, names, and errors in 1.x's shape."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from ..config import Options
from ..engine.clock import wait_event
from ..errors import ConfigError, ShutdownTimeout
from ..events import Reason, State, StateChange, is_error
from ..exchanges.binance.products import TLDS
from .arguments import Callback
from .carrier import Carrier, is_inside

__all__ = ["Listeners", "ThreadedApiManager"]

log = logging.getLogger("binance_sockets.compat")

_PATIENCE = 0.5  # seconds that stop() waits for callbacks
_USER_TIMEOUT = 300.0  # seconds between renewals of listen keys, as 1.x had it
_LOST = {"e": "error", "type": "BinanceWebsocketClosed", "m": "Connection closed. Reconnecting..."}
_OVER = "BinanceWebsocketUnableToConnect"
_LOSSES = frozenset({Reason.PEER_CLOSED, Reason.NETWORK, Reason.STALE})


class _Account:
    """Whose account, and where; has no repr that would tell."""

    def __init__(self, api_key: str | None, api_secret: str | None, testnet: bool, tld: str) -> None:
        self.API_KEY = api_key
        self.API_SECRET = api_secret
        self.testnet = bool(testnet)
        self.tld = tld


class Listeners:
    """The callbacks of one socket: each gets every message, errors in 1.x's shape."""

    def __init__(self, callback: Callback) -> None:
        self._callbacks: tuple[Callback, ...] = (callback,)
        self.__qualname__ = getattr(callback, "__qualname__", None) or repr(callback)  # for texts about the callback

    def add(self, callback: Callback) -> None:
        """Tell one more."""
        self._callbacks = (*self._callbacks, callback)

    def __call__(self, message: Any) -> None:
        if is_error(message) and "type" not in message:
            message = {"e": "error", "type": _OVER, "m": message["m"]}
        failure: Exception | None = None
        for callback in self._callbacks:
            try:
                callback(message)
            except Exception as error:  # the others are told first
                failure = failure or error
        if failure is not None:
            raise failure


class ThreadedApiManager(threading.Thread):
    """A ``threading.Thread`` by its face; its sockets have threads of their own, and their callbacks run one at a time.

    Sockets may be started before or after :meth:`start`, and :meth:`start` may be called again after :meth:`stop`. All
    methods may be called from any thread, also inside a callback.

    Args:
        api_key: for sockets of an account.
        api_secret: likewise.
        requests_params: has no effect here.
        tld: ``"com"`` (default), or ``"us"`` for Binance.US.
        testnet: the exchange's test environment. Default ``False``.
        session_params: has no effect here.
        https_proxy: URL of a proxy; ``None`` (default) takes that of the environment.
        _loop: has no effect here: there is no event loop.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
    """

    # The parameters of this class and of its subclasses repeat 1.0.37's on purpose: scripts pass them by position, and
    # inspect.signature shows them.

    def __init__(
        self,
        api_key: str | None = None,
        api_secret: str | None = None,
        requests_params: dict[str, Any] | None = None,
        tld: str = "com",
        testnet: bool = False,
        session_params: dict[str, Any] | None = None,
        https_proxy: str | None = None,
        _loop: object = None,
    ) -> None:
        super().__init__()
        if tld not in TLDS:
            raise ConfigError("tld", tld, TLDS)
        given = {"requests_params": requests_params, "session_params": session_params, "loop": _loop}
        if ignored := [name for name, value in given.items() if value]:
            log.warning("%s: %s have no effect here", type(self).__name__, ", ".join(ignored))
        account = _Account(api_key, api_secret, testnet, tld)
        self._sockets = Carrier(account, _USER_TIMEOUT, {}, Options(proxy=https_proxy))
        self._sockets.add_state_listener(self._on_state)
        self._entries = threading.Lock()  # guards the next: whom each socket tells, and the sockets of each name
        self._told: dict[str, Listeners] = {}
        self._names: dict[str, set[str]] = {}
        self._over = threading.Event()
        self._began = False

    # -- the face of a thread ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the sockets that were started so far; later ones open at once. May be called any number of times."""
        self._over.clear()
        self._began = True
        self._sockets.start()

    def run(self) -> None:
        """Start, and block until :meth:`stop`."""
        self.start()
        self.join()

    def stop(self) -> None:
        """End all sockets. No callback begins any more; one that runs goes on to its end. Returns soon."""
        with self._entries:
            self._told.clear()
            self._names.clear()
        try:
            self._sockets.close(_PATIENCE)
        except ShutdownTimeout as late:
            log.info("stop: %s", late)
        self._over.set()

    def join(self, timeout: float | None = None) -> None:
        """Block until :meth:`stop` was called and all callbacks have returned, at most ``timeout`` seconds.

        Raises:
            RuntimeError: before :meth:`start`, and inside a callback, as of any thread.
        """
        if not self._began:
            raise RuntimeError("cannot join thread before it is started")
        if is_inside(self._sockets):
            raise RuntimeError("cannot join current thread")
        now = self._sockets._core.transport.clock.monotonic
        deadline = None if timeout is None else now() + max(0.0, timeout)
        if wait_event(self._over, timeout):
            self._sockets.join(None if deadline is None else max(0.0, deadline - now()))

    def is_alive(self) -> bool:
        """Started, and not stopped since."""
        return self._sockets.is_alive()

    @property
    def daemon(self) -> bool:
        """Whether the process may end while sockets are open. Default ``False``. Set it before :meth:`start`."""
        return self._sockets.daemon

    @daemon.setter
    def daemon(self, value: bool) -> None:
        self._sockets.daemon = value

    def isDaemon(self) -> bool:
        return self.daemon

    def setDaemon(self, daemonic: bool) -> None:
        self.daemon = daemonic

    @property
    def ident(self) -> int | None:
        """A number once it is started, as of a thread."""
        return id(self) if self._began else None

    # -- sockets -----------------------------------------------------------------------------------------------------

    def stop_socket(self, socket_name: str) -> None:
        """End what was started under a name, with all its callbacks. An unknown name does nothing.

        No callback of it begins any more; one that runs goes on to its end.

        Args:
            socket_name: what a ``start_*`` method returned.
        """
        with self._entries:
            keys = self._names.pop(socket_name, set()) if isinstance(socket_name, str) else set()
            for key in keys:
                self._told.pop(key, None)
        for key in keys:
            self._sockets.stop(key)

    def _enter(self, name: str, key: str, callback: Callback, begin: Callable[[Listeners], object]) -> str:
        """Have ``begin(listeners)`` open the socket ``key``; where it is open, tell ``callback`` too. Returns ``name``.

        A name may stand for sockets of several products, as 1.x's names do.
        """
        with self._entries:
            told = self._told.get(key)
            if told is not None and not self._sockets.is_gone(key):
                told.add(callback)
                return name
            told = Listeners(callback)
            begin(told)
            self._told[key] = told
            self._names.setdefault(name, set()).add(key)
        return name

    def _on_state(self, change: StateChange) -> None:
        """1.x told callbacks of each link that was lost."""
        if change.previous is not State.OPEN or change.state is not State.BACKOFF or change.reason not in _LOSSES:
            return
        told, found = self._told.get(change.conn_key), self._sockets._core.open().get(change.conn_key)
        if told is not None and found is not None and self._sockets._core.gate is not None:
            self._sockets._core.gate.through(told, found.handler)(dict(_LOST))
