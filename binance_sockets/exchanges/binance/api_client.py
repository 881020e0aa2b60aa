"""What carries the requests of a WebSocket API client: one connection, its calls, its limits."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

from ...config import Options, check_number
from ...engine.clock import wait_event
from ...engine.connection import Connection, fresh
from ...engine.transport import Transport
from ...errors import ConfigError, ManagerClosed, WouldDeadlock
from ...manager import Manager
from .api_calls import Account, Call
from .api_limits import Budget, RateLimit
from .api_products import api_product
from .api_socket import ApiSocket
from .keys import ApiKey
from .methods import Method, method_of
from .rest import Security, SignedRest
from .server_time import ServerTime
from .urls import Environment, of_client

__all__ = ["ApiClient", "Number"]

Number = Decimal | str | int | float
"""A number in any form; a float is written out without an exponent."""

_GRACE = 0.25  # seconds beyond a time-out in which the connection's thread says what it knows
_SECURITY = ("none", "key", "signed")


class ApiClient(Manager):
    """One connection to the WebSocket API, as a :class:`~binance_sockets.manager.Manager` with a single socket.

    See :class:`~.ws_api.WebSocketAPI` for the arguments.
    """

    def __init__(
        self,
        client: object = None,
        *,
        api_key: str | None = None,
        api_secret: str | None = None,
        private_key: object = None,
        passphrase: str | bytes | None = None,
        product: str = "spot",
        environment: str | None = None,
        options: Options | None = None,
        timeout: float = 10.0,
        transport: Transport | None = None,
    ) -> None:
        check_number("timeout", timeout, zero=False, infinite=False)
        row = api_product(product)
        key = ApiKey.resolve(client, api_key, api_secret, private_key, passphrase)
        environment, tld = of_client(client, environment, "com")
        chosen = Environment.resolve(environment, tld, credentials=key is not None)
        endpoint = row.endpoint(chosen)
        if options is None:  # a client that is asked now and then shall be there when it is asked
            options = Options()
            options = dataclasses.replace(options, backoff=dataclasses.replace(options.backoff, max_reconnects=None))
        super().__init__(options=options, transport=transport, environment=chosen.name, hosts={row.name: endpoint.host})
        self.daemon = True
        clock = ServerTime(self._core.transport.clock.time)
        rest = SignedRest(endpoint.rest, options, key, row.time_path, clock, chosen.quota(row.name))
        socket = ApiSocket(row, endpoint.streams, key, rest, clock, rest.venue)
        account = Account(key, clock, Budget(clock), socket, self._core.transport.clock.monotonic)
        self._api = _Api(row.name, f"{row.name}:api", account, rest, timeout)
        self._register()

    def _register(self) -> None:
        self._open(self._api.conn_key, self._api.account.socket, [], _nobody)

    # -- lifecycle ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the connection, also again after :meth:`close` or after it has given up. Does not wait for it.

        Raises as :meth:`Manager.start` does. The first request does it, too.
        """
        api, core = self._api, self._core
        core.check_caller()
        api.closed = False
        before = core.open().get(api.conn_key)
        if before is not None and before.failure is not None and not before.waits_for_caller():
            before.join(core.options.timeouts.stop)  # it has given up, and is about to say so
        if api.conn_key not in core.open():
            self._register()
        super().start()

    def close(self, timeout: float = 10.0) -> None:
        """End the connection and join its threads; requests under way end with ``RequestLost``. Idempotent.

        Args and errors are those of :meth:`Manager.close`.
        """
        check_number("timeout", timeout)  # before anything has changed
        self._api.closed = True
        super().close(timeout)

    def wait_open(self, conn_key: str | bool | None = None, timeout: float = 10.0) -> None:
        """Block until the connection is open and logged on. See :meth:`Manager.wait_open`.

        Args:
            conn_key: needs not be given; there is one.
            timeout: seconds from 0. Default 10.
        """
        super().wait_open(self._api.conn_key if conn_key is None else conn_key, timeout)

    # -- requests ----------------------------------------------------------------------------------------------------

    @property
    def product(self) -> str:
        """What it trades: ``"spot"``, ``"usdm"`` or ``"coinm"``."""
        return self._api.product

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The exchange's limits and their use, as the last replies told them. Any thread."""
        return self._api.account.budget.limits

    def request(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        timeout: float | None = None,
        *,
        security: Security | None = None,
    ) -> Any:
        """Send a request and wait for its result. Any thread; many may wait at once.

        It is sent once, and never again by itself but for a clock that was wrong: such a request was refused.

        Args:
            method: on the wire, such as ``"order.place"``, or with a version: ``"v3/order.place"``.
            params: its own parameters, under the exchange's names; ``None`` counts as left out. Key, time and signature
                are added, and a client order id to whatever is created.
            timeout: seconds for connecting, sending and the reply; ``None`` (default) for the client's.
            security: ``"none"``, ``"key"`` or ``"signed"``, for a method that is not in the table; ``None`` (default)
                for all others.

        Returns:
            The reply's ``result``: a dict or a list, as the exchange documents it.

        Raises:
            ExchangeError: the exchange refused it: ``error_code``, ``message``, ``status``, ``data``; where
                ``outcome_unknown`` is set, it may have been carried out nevertheless.
            RateLimited: a limit is used up, also before anything is sent; ``retry_after`` seconds.
            AuthenticationError: key, signature or permissions were refused.
            RequestTimeout: no reply came in time. ``outcome_unknown`` tells whether it may have been carried out; if
                so, :meth:`WebSocketAPI.resolve` finds out about an order. ``unsent`` tells why it was not sent, where
                that is known; the last failure to connect is the ``__cause__``.
            RequestLost: the connection ended before the reply; whether it was carried out is unknown.
            ConnectError, ConnectionLost, CredentialError: it was not sent, as the connection has given up or was
                closed.
            ConfigError: the product has no such method, a value cannot be sent, or a key is missing.
            WouldDeadlock: on the connection's own thread: inside a listener, or a callback of a future.
            ManagerClosed: after :meth:`close`, or in a forked child process.
        """
        connection = self._connection()
        if connection.waits_for_caller():
            raise WouldDeadlock(f"{method} would wait for its reply on the thread that reads it; use submit()")
        call = self._call(method, params, timeout, security)
        call.start(connection)
        ended = threading.Event()
        call.future.add_done_callback(lambda _: ended.set())
        if not wait_event(ended, call.timeout + _GRACE):  # its thread is busy: in a listener, or connecting
            raise call.timed_out(connection.obstacle())
        return call.future.result()

    def submit(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        timeout: float | None = None,
        *,
        security: Security | None = None,
    ) -> Future[Any]:
        """Send a request and return at once. Any thread, also a listener's.

        Args:
            method, params, timeout, security: see :meth:`request`.

        Returns:
            The future of its result. It cannot be cancelled, and ends always: with what :meth:`request` would return or
            raise. Its callbacks run on the connection's thread, and must not wait there.

        Raises:
            RateLimited, ConfigError, ManagerClosed: at once, as :meth:`request` does.
        """
        connection = self._connection()
        call = self._call(method, params, timeout, security)
        call.start(connection)
        return call.future

    def _named(self, method: str, params: Mapping[str, object], timeout: float | None) -> Any:
        """A named method: checks the parameters against the product's row before :meth:`request`."""
        row = method_of(self._api.product, method)
        given = {name: value for name, value in params.items() if value is not None}
        for name in given:
            if name not in row.parameters:
                hint = f"{self._api.product} has no such parameter"
                raise ConfigError(name, "a value", f"nothing, for {method}", hint)
        for name in row.required:
            if name not in given:
                raise ConfigError(name, None, f"a value, for {method} of {self._api.product}")
        return self.request(method, given, timeout)

    def _call(
        self, method: str, params: Mapping[str, object] | None, timeout: float | None, security: Security | None
    ) -> Call:
        api = self._api
        if timeout is not None:
            check_number("timeout", timeout, zero=False, infinite=False)
        if security is not None and security not in _SECURITY:
            raise ConfigError("security", security, _SECURITY)
        if not isinstance(method, str) or not method:
            raise ConfigError("method", method, "the name of a method, such as 'order.place'")
        if params is not None and not isinstance(params, Mapping):
            raise ConfigError("params", f"a {type(params).__name__}", "a dict of parameters, or None")
        if method.startswith("userDataStream.subscribe"):
            raise ConfigError(
                "method", method, "a method whose reply is all", "SocketManager.start_user_socket keeps a stream alive"
            )
        if security is None:
            row = method_of(api.product, method)
        else:
            row = Method(name=method, does="", security=security)
        return Call(api.account, row, method, params or {}, api.timeout if timeout is None else timeout)

    def _connection(self) -> Connection:
        """The connection, opened if need be.

        Raises:
            BinanceSocketsError: it has given up, or was closed.
        """
        api, core = self._api, self._core
        core.check_caller()
        if api.closed:
            raise ManagerClosed("this client was closed; start() opens it again")
        if not core.was_started:
            self.start()
        with core.lock:  # together: a connection that gives up goes from one to the other
            found = core.connections.get(api.conn_key)
            failure = core.given_up.get(api.conn_key)
        connection = found if isinstance(found, Connection) else None
        if connection is None:
            raise ManagerClosed("this client was closed") if failure is None else fresh(failure)
        return connection


class _Api:
    """State of a client, behind one name."""

    def __init__(self, product: str, conn_key: str, account: Account, rest: SignedRest, timeout: float) -> None:
        self.product = product
        self.conn_key = conn_key
        self.account = account
        self.rest = rest
        self.timeout = timeout
        self.closed = False


def _nobody(message: object) -> None:
    """Takes the last word of a connection that gives up, which every request hears as an error."""
