"""What scripts use of python-binance, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..compat.client_calls import CALLS

__all__ = ["ALIASES", "CALLS_GONE", "CLIENT", "DIFFERS", "HOOKS", "OLD", "REST", "STREAMS", "THREADS"]

OLD: Final = "python-binance 0.7"
THREADS: Final = "python-binance 1.x, threads"

ALIASES: Mapping[str, str] = {
    "BinanceSocketManager": "binance_sockets.compat",
    "DepthCache": "binance_sockets.compat",
    "DepthCacheManager": "binance_sockets.compat",
    "ThreadedDepthCacheManager": "binance_sockets.compat",
    "ThreadedWebsocketManager": "binance_sockets.compat",
    "BinanceClientFactory": "binance_sockets.compat.factories",
    "BinanceClientProtocol": "binance_sockets.compat.factories",
    "BinanceReconnectingClientFactory": "binance_sockets.compat.factories",
}
"""Names of sockets, and where they are found here."""

REST: Mapping[str, str] = {
    "binance.client": "binance_sockets.compat.client",
    "binance.enums": "binance_sockets.compat.enums",
    "binance.exceptions": "binance_sockets.compat.exceptions",
    "binance.helpers": "binance_sockets.compat.dates",
}
"""Modules around the REST client: all of a file go over together, or stay, as their classes belong together."""

_OWN_KEY = "returns a key of its own, as there is no listen key any more; nothing has to be kept alive by hand"
_BOOK = "while the book may be wrong it is empty, and the callback is not called; a hole costs one snapshot"
_NAMED = "returns a name where 1.x returned None"

DIFFERS: Mapping[str, Mapping[str, str]] = {
    OLD: {
        "start_user_socket": _OWN_KEY,
        "start_margin_socket": _OWN_KEY,
        "start_isolated_margin_socket": _OWN_KEY,
        "DepthCacheManager": _BOOK,
        "stream_keepalive": "does nothing where it gets the key of a socket: that is kept alive without it",
        "start_multiplex_socket": "names are corrected in case: 'stream' has the exchange's spelling",
    },
    THREADS: {
        "start_user_socket": _NAMED,
        "start_margin_socket": _NAMED,
        "start_isolated_margin_socket": _NAMED,
        "start_futures_socket": _NAMED,
        "start_futures_user_socket": _NAMED,
        "start_coin_futures_socket": _NAMED,
        "start_coin_futures_user_socket": _NAMED,
        "start_index_price_socket": "the exchange pushes it every second, fast or not",
        "ThreadedDepthCacheManager": _BOOK,
    },
}
"""Text for what works, and not quite as it did."""

STREAMS: Mapping[str, str] = {"start_ticker_socket": "!ticker@arr", "start_book_ticker_socket": "!bookTicker"}
"""Methods whose stream the exchange has retired."""

HOOKS = frozenset(
    {"_conns", "_listen_keys", "_timers", "_account_callbacks", "_client", "_user_timeout", "_start_socket"}
    | {"_start_futures_socket", "_start_socket_timer", "_keepalive_account_socket", "_check_account_socket_open"}
)
"""Private names of 0.7's manager that scripts use, and that are there."""

CLIENT = frozenset(CALLS) | frozenset(
    {"get_historical_klines", "get_historical_klines_generator", "get_asset_balance", "get_symbol_info"}
    | {"order_oco_buy", "order_oco_sell", "stream_get_listen_key", "stream_keepalive", "stream_close"}
    | {"margin_stream_get_listen_key", "margin_stream_keepalive", "margin_stream_close"}
    | {"isolated_margin_stream_get_listen_key", "isolated_margin_stream_keepalive", "isolated_margin_stream_close"}
    | {"futures_stream_get_listen_key", "futures_stream_keepalive", "futures_stream_close"}
)
"""REST calls that the client here has; others need python-binance beside it."""

_WAPI = "0.7 called an address under /wapi, which the exchange has switched off; python-binance 1.x calls another one"
_ENDED = (
    "withdraw get_deposit_history get_withdraw_history get_deposit_address get_account_status get_dust_log "
    "get_trade_fee get_account_api_trading_status get_asset_details get_sub_account_list"
)
CALLS_GONE: Mapping[str, str] = dict.fromkeys(_ENDED.split(), _WAPI)
"""REST calls of 0.7 that the exchange no longer answers."""
