"""unicorn-binance-local-depth-cache: it has the exchange's addresses built in, so that these are replaced."""

import threading

from unicorn_binance_local_depth_cache import BinanceLocalDepthCacheManager, DepthCacheOutOfSync
from unicorn_binance_rest_api import BinanceRestApiManager
from unicorn_binance_websocket_api.connection_settings import CONNECTION_SETTINGS, Exchanges

_QUIET = {"exchange": "binance.com", "warn_on_update": False, "disable_colorama": True}


def _client(exchange):
    class Rest(BinanceRestApiManager):
        def _init_session(self):
            self.API_URL = exchange.url + "/spot/api"
            return super()._init_session()

    return Rest(**_QUIET)


def book(exchange):
    streams, _, api = CONNECTION_SETTINGS[Exchanges.BINANCE]
    CONNECTION_SETTINGS[Exchanges.BINANCE] = (streams, exchange.ws + "/spot/", api)
    _watch(exchange, ubra_manager=_client(exchange))


def _watch(exchange, **options):
    manager = BinanceLocalDepthCacheManager(depth_cache_update_interval=100, **_QUIET, **options)
    manager.create_depth_cache(markets=["BTCUSDT"])
    pause = threading.Event()  # it has no callbacks
    while not pause.wait(0.2):
        try:
            exchange.book(manager.get_bids("BTCUSDT", limit_count=5), manager.get_asks("BTCUSDT", limit_count=5))
        except DepthCacheOutOfSync:
            continue  # not yet


def rest(exchange):
    _rest(exchange, _client(exchange))


def hosts(exchange):
    _rest(exchange, BinanceRestApiManager(**_QUIET))
    _watch(exchange)


def _rest(exchange, client):
    depth = client.get_order_book(symbol="BTCUSDT")
    exchange.rest(
        [row["symbol"] for row in client.get_exchange_info()["symbols"]],
        time=client.get_server_time()["serverTime"],
        bids=depth["bids"],
        asks=depth["asks"],
        klines=len(client.get_klines(symbol="BTCUSDT", interval="1m")),
        last=float(client.get_symbol_ticker(symbol="BTCUSDT")["price"]),
    )
