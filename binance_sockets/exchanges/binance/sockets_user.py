"""What all ``start_*`` methods of user data share: from their arguments to a connection, and what reconciles it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import overload

from ...errors import ConfigError, UnknownConnection
from ...events import Gap
from ...exchange import Stream, View
from ..arguments import AsDict, AsEvent, Callback, Key, Payload, ViewName, check_callback, check_symbol
from . import models as m
from .credentials import ListenKey, ListenToken, Signature
from .keys import ApiKey
from .market import checked_view
from .names import FORBIDDEN, SYMBOL_FIRST, symbol_of
from .products import PRODUCTS
from .reconciling.accounts import source_of
from .reconciling.facts import Facts, Question
from .reconciling.reconciler import Reconciler
from .rest import SignedRest
from .sockets import MarketSockets, TimeUnit
from .urls import Environment
from .user import USER_STREAM, UserStreams
from .user_accounts import MOST_ACCOUNTS, AccountStreams
from .user_products import EVENTS, Form, UserProduct, user_product

__all__ = ["UserSockets"]

_VIEWS = (View.DICT, View.TYPED, View.RAW)  # an account has no neutral form
_LOOK_BACK = 3600.0  # seconds that are looked at when nobody says since when something may be missing
_MARGIN = 5.0  # seconds by which the exchange's clock may be behind ours
_RECONCILED = "the user socket of a spot, margin, USD-M, COIN-M or options account, with a key that signs"
_ACCOUNTS_FIRST = "The order is (accounts, callback), the accounts being {name: ApiKey(...)}"
_ONE_ARGUMENT = "The callback is the first argument here"


class UserSockets(MarketSockets):
    """The one way from a start method of user data to a connection."""

    @overload
    def start_user_multiplex_socket(
        self,
        accounts: Mapping[str, ApiKey],
        callback: Callable[[m.AccountEvent[m.SpotUserEvent]], object],
        *,
        view: AsEvent,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_user_multiplex_socket(
        self,
        accounts: Mapping[str, ApiKey],
        callback: Callable[[Payload], object],
        *,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_user_multiplex_socket(
        self,
        accounts: Mapping[str, ApiKey],
        callback: Callback,
        *,
        view: ViewName = "dict",
        time_unit: TimeUnit = None,
    ) -> Key:
        """Several spot accounts over one connection, each with a signed subscription of its own.

        An account that the exchange refuses is told to the error listeners, by its name, and asked for again on the
        next connection; the others go on. Once all are refused, the socket gives up. ``snapshot()`` has each account
        among the ``streams``.

        Args:
            accounts: the API key of each account, with a secret or a private key, by a name of your choice; at most
                1,000. The socket keeps them: for others, start another one.
            callback: gets ``{"account": name, "event": ...}``, the events being those of :meth:`start_user_socket`.
            view: ``"dict"`` (default) or ``"typed"`` (``models.AccountEvent`` of ``models.SpotUserEvent``).
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"users=alice/bob"``; ``False`` while it is in use. Any thread may call; it does not
            block.

        Raises:
            ConfigError: for a bad argument; a key that cannot sign, or that two of them share; Binance.US, which has
                listen keys; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-api.md`` (2026-07-21), "User Data Stream requests".
        """
        environment = self._private_environment()
        product = user_product("spot", environment.tld)
        endpoint = product.endpoint(environment)
        if product.kind != "subscription":
            raise ConfigError("tld", environment.tld, ("com",), f"{product.title} has a listen key for each account")
        check_callback(callback, _ACCOUNTS_FIRST)
        keys = _accounts(accounts)
        if view == View.RAW:
            hint = "The exchange's own messages do not say whose they are"
            raise ConfigError("view", view, (View.DICT.value, View.TYPED.value), hint)
        rest = SignedRest(
            endpoint.rest, self._binance.options, None, product.time_path, quota=environment.quota("spot")
        )
        signers = {name: Signature(key, rest, rest.server_time.now) for name, key in keys.items()}
        exchange = AccountStreams(
            product,
            endpoint.streams,
            signers,
            rest.venue,
            view=checked_view(view, _VIEWS),
            microseconds=_microseconds(time_unit),
        )
        return self._open(f"users={'/'.join(keys)}", exchange, [Stream(name) for name in keys], callback)

    def reconcile(self, conn_key: Key, symbols: Iterable[str] = ()) -> None:
        """Compare what an account has over REST with what its socket has streamed; tell the differences.

        Compared are orders, fills, balances and, of futures and options, positions. The differences come to the
        socket's callback as ``executionReport`` and ``outboundAccountPosition``, of futures as ``ORDER_TRADE_UPDATE``
        and ``ACCOUNT_UPDATE``, of options as ``ORDER_TRADE_UPDATE`` and ``BALANCE_POSITION_UPDATE``, in the order of
        their times and none twice, marked as reconciled: ``"reconciled": true``, in the typed view ``event.extra``.
        Fields that REST does not know are empty, such as the execution id. A failure is told to the error listeners.
        Any thread; it does not wait.

        Args:
            conn_key: what :meth:`start_user_socket`, :meth:`start_margin_socket`,
                :meth:`start_isolated_margin_socket`, :meth:`start_futures_user_socket`,
                :meth:`start_coin_futures_user_socket` or :meth:`start_options_user_socket` returned.
            symbols: whose orders and fills are looked at, beside all symbols of orders that are open or were streamed,
                and of positions.

        Raises:
            UnknownConnection: no such socket.
            ConfigError: a socket of something else, or of an API key that cannot sign.
            ManagerClosed: in a forked child process.
        """
        core = self._core
        core.check_caller()
        connection = core.alone(str(conn_key))
        if connection is None and str(conn_key) not in core.open():
            raise UnknownConnection(conn_key, list(core.open()))
        if connection is None or not isinstance(connection.handler.callback, Reconciler):
            raise ConfigError("conn_key", conn_key, _RECONCILED, "Others cannot be compared over REST")
        if isinstance(symbols, str):
            raise ConfigError("symbols", symbols, "a list of symbols")
        chosen = [check_symbol("symbols", each, example="BTCUSDT", forbidden=FORBIDDEN).upper() for each in symbols]
        connection.elsewhere.question(*_reconciling(connection.handler.callback, None, chosen))

    def _after_gap(self, gap: Gap) -> None:
        connection = self._core.alone(gap.conn_key)
        reconciler = None if connection is None else connection.handler.callback
        if connection is not None and isinstance(reconciler, Reconciler) and reconciler.automatic:
            connection.elsewhere.question(*_reconciling(reconciler, gap.last_received, ()))

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
        delete_listen_key: bool = False,
    ) -> Key:
        """Start the user data of the row ``name``."""
        settings = self._binance
        environment = self._private_environment()
        product = user_product(name, environment.tld)
        endpoint = product.endpoint(environment)
        if product.takes_symbol:
            symbol = symbol_of("spot", "symbol", symbol, SYMBOL_FIRST).upper()
        check_callback(callback, _ONE_ARGUMENT if symbol is None else SYMBOL_FIRST)
        micro = _microseconds(time_unit)
        chosen = checked_view(view, _VIEWS)
        wanted = _events(events)
        key = self._account(account)
        quota = environment.quota(name) if name in PRODUCTS else None  # others are counted by other limits
        rest = SignedRest(endpoint.rest, settings.options, key, product.time_path, quota=quota)
        credential = _credential(product, rest, key, settings.user_timeout, symbol, logon, delete_listen_key)
        exchange = UserStreams(
            product,
            endpoint.streams,
            credential,
            rest.venue,
            view=chosen,
            form=form,
            events=wanted,
            microseconds=micro,
        )
        source = source_of(product.name, symbol, micro=micro)
        if reconcile and key.kind == "none":
            hint = "Calls that ask for orders are signed"
            raise ConfigError("api_secret", None, "a secret or a private key, for reconcile=True", hint)
        if source is not None and key.kind != "none":
            callback = Reconciler(
                callback,
                chosen,
                product.events,
                source,
                rest,
                wrapped=product.kind != "key",
                automatic=reconcile,
            )
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
    """What to ask, how, and what to make of the answer; see :meth:`Elsewhere.question`."""

    def question(now: float) -> Question:
        return reconciler.question(now, (now - _LOOK_BACK if since is None else since) - _MARGIN, symbols)

    return question, reconciler.fetch, reconciler.differences


def _conn_key(name: str, symbol: str | None, account: ApiKey | None) -> str:
    """A key that is one per account and row, and says nothing secret."""
    bare = USER_STREAM if symbol is None else symbol
    whose = "" if account is None else "@" + hashlib.sha256(account.api_key.encode()).hexdigest()[:8]
    return f"{bare}{whose}" if name == "spot" else f"{name}:{bare}{whose}"


def _accounts(accounts: object) -> dict[str, ApiKey]:
    """Named keys that can sign, each of another account."""
    allowed = "ApiKeys with a secret or a private key, each by a name of letters, digits and the like"
    if not isinstance(accounts, Mapping) or not accounts:
        raise ConfigError("accounts", f"a {type(accounts).__name__} without any", allowed, _ACCOUNTS_FIRST)
    if len(accounts) > MOST_ACCOUNTS:
        raise ConfigError("accounts", f"{len(accounts)} accounts", f"at most {MOST_ACCOUNTS}")
    found: dict[str, ApiKey] = {}
    for name, key in accounts.items():
        if not isinstance(name, str) or not name.isprintable() or not name.strip() or "/" in name:
            raise ConfigError("accounts", name, allowed)
        if not isinstance(key, ApiKey) or key.kind == "none":
            given = "a key that cannot sign" if isinstance(key, ApiKey) else f"a {type(key).__name__}"
            raise ConfigError("accounts", f"{given} for {name!r}", allowed)
        if any(key.api_key == other.api_key for other in found.values()):
            raise ConfigError("accounts", f"the API key of {name!r} twice", "one name for each account")
        found[name] = key
    return found


def _microseconds(time_unit: object) -> bool:
    if time_unit not in (None, "ms", "us"):
        raise ConfigError("time_unit", time_unit, (None, "ms", "us"))
    return time_unit == "us"


def _events(events: Sequence[str]) -> tuple[str, ...]:
    chosen = () if isinstance(events, str) else tuple(events)
    if not chosen or not all(isinstance(each, str) and each.isidentifier() for each in chosen):
        raise ConfigError("events", events, "a list of event names such as 'ORDER_TRADE_UPDATE'")
    return chosen
