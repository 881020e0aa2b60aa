"""``start_*`` methods of user data: orders, fills, balances and positions of an account."""

# Written by scripts/generate_user.py from its table and user_products.py; edit the tables instead.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, Callback, Key, Payload, ViewName
from . import models as m
from .keys import ApiKey
from .sockets import TimeUnit
from .sockets_user import UserSockets
from .user_products import EVENTS, Form

__all__ = ["AccountSockets"]


class AccountSockets(UserSockets):
    """User data. Every method registers one connection for one account and returns its conn key, or ``False`` while
    that key is in use; it does not block. Any thread may call it.

    The account is the manager's, whose keys were arguments, a client's, or variables of the environment; ``account=``
    names another one, so that one manager serves several. The callback gets the bare events, as python-binance 0.7's
    did, in order, on the connection's thread; credentials are obtained, renewed and made anew by themselves.
    """

    @overload
    def start_user_socket(
        self,
        callback: Callable[[m.SpotUserEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        logon: bool = False,
        reconcile: bool = False,
        delete_listen_key: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_user_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        logon: bool = False,
        reconcile: bool = False,
        delete_listen_key: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_user_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        logon: bool = False,
        reconcile: bool = False,
        delete_listen_key: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: View,
        logon: bool = False,
        reconcile: bool = False,
        delete_listen_key: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
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
            view: ``"dict"`` (default), ``"typed"`` (``models.SpotUserEvent``) or ``"raw"`` (bytes, wrapper
                included).
            logon: log the session on, which takes an Ed25519 key, instead of signing the subscription. Default
                ``False``.
            reconcile: call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``.
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
            delete_listen_key=delete_listen_key,
            time_unit=time_unit,
        )

    @overload
    def start_margin_socket(
        self,
        callback: Callable[[m.SpotUserEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_margin_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_margin_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_margin_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: View,
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_margin_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Orders, fills and balances of the cross margin account.

        A listen token, renewed on the same subscription before it expires.

        Args:
            callback: gets each event: those of :meth:`start_user_socket`.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.SpotUserEvent``) or ``"raw"`` (bytes, wrapper
                included).
            reconcile: call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``.
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
        return self._start_user("margin", callback, account, view, reconcile=reconcile, time_unit=time_unit)

    @overload
    def start_isolated_margin_socket(
        self,
        symbol: str,
        callback: Callable[[m.SpotUserEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_isolated_margin_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_isolated_margin_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_isolated_margin_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: View,
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_isolated_margin_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        reconcile: bool = False,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Orders, fills and balances of one isolated margin account.

        A listen token, renewed on the same subscription before it expires.

        Args:
            symbol: of the isolated account, such as ``"BTCUSDT"``.
            callback: gets each event: those of :meth:`start_user_socket`.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.SpotUserEvent``) or ``"raw"`` (bytes, wrapper
                included).
            reconcile: call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``.
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
        return self._start_user(
            "isolated",
            callback,
            account,
            view,
            symbol=symbol,
            reconcile=reconcile,
            time_unit=time_unit,
        )

    @overload
    def start_futures_user_socket(
        self,
        callback: Callable[[m.FuturesUserEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        reconcile: bool = False,
        form: Form = "events",
        events: Sequence[str] = EVENTS,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_futures_user_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        reconcile: bool = False,
        form: Form = "events",
        events: Sequence[str] = EVENTS,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_futures_user_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        reconcile: bool = False,
        form: Form = "events",
        events: Sequence[str] = EVENTS,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_futures_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: View,
        reconcile: bool = False,
        form: Form = "events",
        events: Sequence[str] = EVENTS,
        delete_listen_key: bool = False,
    ) -> Key: ...
    def start_futures_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        reconcile: bool = False,
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
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesUserEvent``) or ``"raw"`` (bytes, wrapper
                included).
            reconcile: call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``.
            form: how the listen key is passed: ``"events"`` (default, ``/private/ws?listenKey=&events=``),
                ``"plain"`` (without ``events``), ``"path"`` (``/private/ws/<key>``) or ``"subscribe"``
                (``SUBSCRIBE`` on ``/private/stream``). Sources differ on what brings data; none reports the default
                as silent.
            events: names that the form ``"events"`` asks for. Default: all.
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"usdm:user"``, with ``@`` and a digest of the API key where ``account`` was given;
            ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: USD-M user data streams (2026-10); Important WebSocket Change Notice (2026-03-05).
        """
        return self._start_user(
            "usdm",
            callback,
            account,
            view,
            reconcile=reconcile,
            form=form,
            events=events,
            delete_listen_key=delete_listen_key,
        )

    @overload
    def start_coin_futures_user_socket(
        self,
        callback: Callable[[m.CoinFuturesUserEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_coin_futures_user_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_coin_futures_user_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_coin_futures_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: View,
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    def start_coin_futures_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key:
        """Orders, fills, balances and positions of COIN-M futures.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``MARGIN_CALL``,
                ``ACCOUNT_CONFIG_UPDATE`` and others.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.CoinFuturesUserEvent``) or ``"raw"`` (bytes, wrapper
                included).
            reconcile: call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``.
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
        return self._start_user(
            "coinm",
            callback,
            account,
            view,
            reconcile=reconcile,
            delete_listen_key=delete_listen_key,
        )

    @overload
    def start_options_user_socket(
        self,
        callback: Callable[[m.OptionsUserEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_options_user_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_options_user_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_options_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: View,
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key: ...
    def start_options_user_socket(
        self,
        callback: Callback,
        *,
        account: ApiKey | None = None,
        view: ViewName = "dict",
        reconcile: bool = False,
        delete_listen_key: bool = False,
    ) -> Key:
        """Orders, fills, balances, positions and greeks of options.

        A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key.

        Args:
            callback: gets each event: ``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``BALANCE_POSITION_UPDATE``,
                ``GREEK_UPDATE``, ``RISK_LEVEL_CHANGE``.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.OptionsUserEvent``) or ``"raw"`` (bytes, wrapper
                included).
            reconcile: call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``.
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
        return self._start_user(
            "options",
            callback,
            account,
            view,
            reconcile=reconcile,
            delete_listen_key=delete_listen_key,
        )

    @overload
    def start_portfolio_margin_socket(
        self,
        callback: Callable[[m.PortfolioMarginEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_portfolio_margin_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_portfolio_margin_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_portfolio_margin_socket(
        self, callback: Callback, *, account: ApiKey | None = None, view: View, delete_listen_key: bool = False
    ) -> Key: ...
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
            view: ``"dict"`` (default), ``"typed"`` (``models.PortfolioMarginEvent``) or ``"raw"`` (bytes, wrapper
                included).
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
        return self._start_user("portfolio", callback, account, view, delete_listen_key=delete_listen_key)

    @overload
    def start_portfolio_margin_pro_socket(
        self,
        callback: Callable[[m.PortfolioMarginProEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_portfolio_margin_pro_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_portfolio_margin_pro_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_portfolio_margin_pro_socket(
        self, callback: Callback, *, account: ApiKey | None = None, view: View, delete_listen_key: bool = False
    ) -> Key: ...
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
            callback: gets each event: ``PM_PRO_ACCOUNT_UPDATE`` every 5 s, ``riskLevelChange``, and ``uniMMRDrop``,
                which has no typed event, as its fields are not published.
            account: the API key of another account than the manager's; ``None`` (default) for that.
            view: ``"dict"`` (default), ``"typed"`` (``models.PortfolioMarginProEvent``) or ``"raw"`` (bytes, wrapper
                included).
            delete_listen_key: delete the listen key when the socket is over, which ends it for every program of the
                account. Default ``False``.

        Returns:
            The conn key, ``"portfolio_pro:user"``, with ``@`` and a digest of the API key where ``account`` was
            given; ``False`` while it is in use.

        Raises:
            ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this
                product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: portfolio margin Pro user data streams (2026-04-17).
        """
        return self._start_user("portfolio_pro", callback, account, view, delete_listen_key=delete_listen_key)

    @overload
    def start_margin_risk_socket(
        self,
        callback: Callable[[m.MarginRiskEvent], object],
        *,
        account: ApiKey | None = None,
        view: AsEvent,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_margin_risk_socket(
        self,
        callback: Callable[[bytes], object],
        *,
        account: ApiKey | None = None,
        view: AsRaw,
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_margin_risk_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        account: ApiKey | None = None,
        view: AsDict = "dict",
        delete_listen_key: bool = False,
    ) -> Key: ...
    @overload
    def start_margin_risk_socket(
        self, callback: Callback, *, account: ApiKey | None = None, view: View, delete_listen_key: bool = False
    ) -> Key: ...
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
            view: ``"dict"`` (default), ``"typed"`` (``models.MarginRiskEvent``) or ``"raw"`` (bytes, wrapper
                included).
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
        return self._start_user("margin_risk", callback, account, view, delete_listen_key=delete_listen_key)
