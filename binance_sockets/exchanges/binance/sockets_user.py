"""``start_*`` methods of user data: orders, fills, balances and positions of an account."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from ...errors import ConfigError, UnknownConnection
from ...events import Gap
from ...exchange import Stream
from ..arguments import check_callback, check_symbol
from .credentials import ListenKey, ListenToken, Signature
from .keys import ApiKey
from .market import checked_view
from .names import FORBIDDEN, SYMBOL_FIRST
from .reconcile import Facts, Question, Reconciler, fetch
from .rest import SignedRest
from .sockets import Callback, Key, MarketSockets, TimeUnit, ViewName
from .urls import Environment
from .user import USER_STREAM, UserStreams
from .user_products import EVENTS, Form, UserProduct, user_product

__all__ = ["UserSockets"]

_LOOK_BACK = 3600.0  # seconds that are looked at when nobody says since when something may be missing
_MARGIN = 5.0  # seconds by which the exchange's clock may be behind ours
_ONE_ARGUMENT = "The callback is the first argument here"


class UserSockets(MarketSockets):
    """User data. Every method registers one connection for one account and returns its conn key, or ``False`` while
    that key is in use; it does not block. Any thread may call it.

    The account is the manager's, whose keys were arguments, a client's, or variables of the environment; ``account=``
    names another one, so that one manager serves several. The callback gets the bare events, as python-binance 0.7's
    did, in order, on the connection's thread; credentials are obtained, renewed and made anew by themselves.
    """

    def start_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        logon: bool = False,
        reconcile: bool = False,
        delete_listen_key: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Orders, fills and balances of the spot account.

        A signed subscription on the WebSocket API, by HMAC, RSA or Ed25519 key; on Binance.US a listen key.

        Args:
            callback: gets each event: ``executionReport``, ``outboundAccountPosition``, ``balanceUpdate``,
                ``listStatus``, ``externalLockUpdate``.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            logon: log the session on, which takes an Ed25519 key, instead of signing the subscription.
                Default ``False``.
            reconcile: call :meth:`reconcile` after every gap. Default ``False``.
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``; Binance.US only.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, ``"user"``, with ``@`` and a digest of the API key where ``account`` was given; ``False``
            while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``user-data-stream.md``, ``web-socket-api.md`` (2026-07-21).
        """
        return self._start_user(
            "spot",
            callback,
            account,
            view,
            logon=logon,
            reconcile=reconcile,
            delete=delete_listen_key,
            time_unit=time_unit,
        )

    def start_margin_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        time_unit: TimeUnit = None,
    ) -> Key:
        """Orders, fills and balances of the cross margin account.

        A listen token, renewed on the same subscription before it expires.

        Args:
            callback: gets each event: those of :meth:`start_user_socket`.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, ``"margin:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: margin documentation (2026), "Trade Data Stream".
        """
        return self._start_user("margin", callback, account, view, time_unit=time_unit)

    def start_isolated_margin_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        time_unit: TimeUnit = None,
    ) -> Key:
        """Orders, fills and balances of one isolated margin account.

        A listen token, renewed on the same subscription before it expires.

        Args:
            symbol: of the isolated account, such as ``"BTCUSDT"``.
            callback: gets each event: those of :meth:`start_user_socket`.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, ``"isolated:BTCUSDT"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: margin documentation (2026), "Trade Data Stream".
        """
        return self._start_user("isolated", callback, account, view, symbol=symbol, time_unit=time_unit)

    def start_futures_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        form: Form = "events",
        events: Sequence[str] = EVENTS,
        delete_listen_key: bool = False,
    ) -> Key:
        """Orders, fills, balances and positions of USD-M futures.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``TRADE_LITE``, ``ALGO_UPDATE``,
                ``MARGIN_CALL``, ``ACCOUNT_CONFIG_UPDATE`` and others.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            form: how the listen key is passed: ``"events"`` (default, ``/private/ws?listenKey=&events=``), ``"plain"``
                (without ``events``), ``"path"`` (``/private/ws/<key>``) or ``"subscribe"`` (``SUBSCRIBE`` on
                ``/private/stream``). Sources differ on what brings data; none reports the default as silent.
            events: names that the form ``"events"`` asks for. Default: all.
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"usdm:user"``, with ``@`` and a digest of the API key where ``account`` was given; ``False``
            while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: USD-M user data streams (2026-10); Important WebSocket Change Notice (2026-03-05).
        """
        return self._start_user("usdm", callback, account, view, form=form, events=events, delete=delete_listen_key)

    def start_coin_futures_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        delete_listen_key: bool = False,
    ) -> Key:
        """Orders, fills, balances and positions of COIN-M futures.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``MARGIN_CALL``,
                ``ACCOUNT_CONFIG_UPDATE`` and others.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"coinm:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: COIN-M user data streams (2026-10).
        """
        return self._start_user("coinm", callback, account, view, delete=delete_listen_key)

    def start_options_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        delete_listen_key: bool = False,
    ) -> Key:
        """Orders, fills, balances, positions and greeks of options.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``BALANCE_POSITION_UPDATE``,
                ``GREEK_UPDATE``, ``RISK_LEVEL_CHANGE``.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"options:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options user data streams (2026).
        """
        return self._start_user("options", callback, account, view, delete=delete_listen_key)

    def start_portfolio_margin_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        delete_listen_key: bool = False,
    ) -> Key:
        """Everything of a portfolio margin account.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: the events of USD-M, COIN-M (``fs`` tells which) and margin, and the account's
                own, such as ``riskLevelChange``.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"portfolio:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: portfolio margin user data streams (2026-10).
        """
        return self._start_user("portfolio", callback, account, view, delete=delete_listen_key)

    def start_portfolio_margin_pro_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        delete_listen_key: bool = False,
    ) -> Key:
        """Equity and risk of a portfolio margin Pro account.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``PM_PRO_ACCOUNT_UPDATE`` every 5 s, ``riskLevelChange``, and
                ``uniMMRDrop``, in every view a dict or bytes, as its fields are not published.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"portfolio_pro:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: portfolio margin Pro user data streams (2026-04-17).
        """
        return self._start_user("portfolio_pro", callback, account, view, delete=delete_listen_key)

    def start_margin_risk_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        delete_listen_key: bool = False,
    ) -> Key:
        """Margin level and liabilities of the cross margin account.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``MARGIN_LEVEL_STATUS_CHANGE``, ``USER_LIABILITY_CHANGE``.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (events of ``models``) or ``"raw"`` (bytes, wrapper included).
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"margin_risk:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: margin documentation (2026), "Risk Data Stream".
        """
        return self._start_user("margin_risk", callback, account, view, delete=delete_listen_key)

    def reconcile(self, conn_key: Key, symbols: Iterable[str] = ()) -> None:
        """Compare orders, fills and balances over REST with what a spot socket has streamed; tell the differences.

        They come to the socket's callback as ``executionReport`` and ``outboundAccountPosition``, in the order of their
        times and none twice, marked as reconciled: ``"reconciled": true``, in the typed view ``event.extra``. Fields
        that REST does not know are empty, such as the execution id. A failure is told to the error listeners. Any
        thread; it does not wait.

        Args:
            conn_key: what :meth:`start_user_socket` returned.
            symbols: whose orders and fills are looked at, beside all symbols of orders that are open or were streamed.

        Raises:
            UnknownConnection: no such socket of a spot account.
            ManagerClosed: in a forked child process.
        """
        core = self._core
        core.check_caller()
        connection = core.open().get(str(conn_key))
        if connection is None or not isinstance(connection.handler.callback, Reconciler):
            raise UnknownConnection(conn_key, list(core.open()))
        chosen = [check_symbol("symbols", each, example="BTCUSDT", forbidden=FORBIDDEN).upper() for each in symbols]
        connection.ask_elsewhere(*_reconciling(connection.handler.callback, None, chosen))

    def _after_gap(self, gap: Gap) -> None:
        connection = self._core.open().get(gap.conn_key)
        reconciler = None if connection is None else connection.handler.callback
        if connection is not None and isinstance(reconciler, Reconciler) and reconciler.automatic:
            connection.ask_elsewhere(*_reconciling(reconciler, gap.last_received, ()))

    def _start_user(
        self,
        name: str,
        callback: Callback,
        account: ApiKey | None,
        view: ViewName,
        *,
        symbol: str | None = None,
        logon: bool = False,
        reconcile: bool = False,
        form: Form | None = None,
        events: Sequence[str] = EVENTS,
        time_unit: TimeUnit = None,
        delete: bool = False,
    ) -> Key:
        """Start the user data of the row ``name``."""
        settings = self._binance
        environment = self._private_environment()
        product = user_product(name, environment.tld)
        endpoint = product.endpoint(environment)
        if symbol is not None:
            symbol = check_symbol("symbol", symbol, example="BTCUSDT", forbidden=FORBIDDEN, hint=SYMBOL_FIRST).upper()
        check_callback(callback, _ONE_ARGUMENT if symbol is None else SYMBOL_FIRST)
        if time_unit not in (None, "ms", "us"):
            raise ConfigError("time_unit", time_unit, (None, "ms", "us"))
        chosen = checked_view(view)
        wanted = _events(events)
        key = self._account(account)
        rest = SignedRest(endpoint.rest, settings.options, key, product.time_path)
        credential = _credential(product, rest, key, settings.user_timeout, symbol, logon, delete)
        exchange = UserStreams(
            product,
            endpoint.streams,
            credential,
            view=chosen,
            form=form,
            events=wanted,
            microseconds=time_unit == "us",
        )
        if name == "spot":
            micro = time_unit == "us"
            callback = Reconciler(callback, chosen, rest, micro=micro, automatic=reconcile and key.kind != "none")
        conn_key = _conn_key(name, symbol, account)
        return self._open(conn_key, exchange, [Stream(USER_STREAM)], callback)

    def _private_environment(self) -> Environment:
        """Where keys are sent; a variable may only name this machine.

        Raises:
            ConfigError: the variable names another one.
        """
        settings = self._binance
        if settings.environment_named:
            return settings.environment
        return Environment.resolve(None, settings.environment.tld, credentials=True)

    def _account(self, account: ApiKey | None) -> ApiKey:
        settings = self._binance
        if account is not None and not isinstance(account, ApiKey):
            raise ConfigError("account", f"a {type(account).__name__}", "an ApiKey or None")
        key = account or ApiKey.resolve(
            settings.client, settings.api_key, settings.api_secret, settings.private_key, settings.passphrase
        )
        if key is None:
            hint = "Pass api_key= and api_secret= or private_key=, or set BINANCE_API_KEY and BINANCE_API_SECRET"
            raise ConfigError("api_key", None, "the API key of the account", hint)
        return key


def _credential(
    product: UserProduct,
    rest: SignedRest,
    key: ApiKey,
    every: float,
    symbol: str | None,
    logon: bool,
    delete: bool,
) -> ListenKey | ListenToken | Signature:
    """What the account proves itself with."""
    if product.kind == "key":
        return ListenKey(rest, product.rest, every=every, names_key=product.names_key, delete=delete)
    if key.kind == "none":
        raise ConfigError("api_secret", None, "a secret or a private key", f"{product.title} user data is signed for")
    if product.kind == "token":
        return ListenToken(rest, product.rest, rest.server_time.now, symbol)
    if logon and key.kind != "ed25519":
        raise ConfigError("logon", True, "False", f"Only an Ed25519 key can log on, and this is an {key.kind} key")
    return Signature(key, rest, rest.server_time.now, logon=logon)


def _reconciling(
    reconciler: Reconciler, since: float | None, symbols: Sequence[str]
) -> tuple[Callable[[float], Question], Callable[[Question], Facts], Callable[[Facts], list[object]]]:
    """What to ask, how, and what to make of the answer; see :meth:`Connection.ask_elsewhere`."""

    def question(now: float) -> Question:
        return reconciler.question((now - _LOOK_BACK if since is None else since) - _MARGIN, symbols)

    return question, partial(fetch, reconciler.rest), reconciler.differences


def _conn_key(name: str, symbol: str | None, account: ApiKey | None) -> str:
    """A key that is one per account and row, and says nothing secret."""
    bare = USER_STREAM if symbol is None else symbol
    whose = "" if account is None else "@" + hashlib.sha256(account.api_key.encode()).hexdigest()[:8]
    return f"{bare}{whose}" if name == "spot" else f"{name}:{bare}{whose}"


def _events(events: Sequence[str]) -> tuple[str, ...]:
    chosen = () if isinstance(events, str) else tuple(events)
    if not chosen or not all(isinstance(each, str) and each.isidentifier() for each in chosen):
        raise ConfigError("events", events, "a list of event names such as 'ORDER_TRADE_UPDATE'")
    return chosen
