"""python-binance 1.x: ``ThreadedWebsocketManager``, ``ThreadedDepthCacheManager`` and ``Client``."""

from binance import Client, ThreadedDepthCacheManager, ThreadedWebsocketManager
from binance.base_client import BaseClient
from binance.ws.streams import BinanceSocketManager


def _point(exchange):
    BaseClient.API_URL = exchange.url + "/spot/api"
    BinanceSocketManager.STREAM_URL = exchange.ws + "/spot/"


def _manager():
    manager = ThreadedWebsocketManager()
    manager.start()
    return manager


def _trade(exchange):
    def callback(message):
        if message["e"] == "trade":  # it tells of lost connections by messages of a type of its own
            exchange.trade(message["t"], message["p"], message["q"])

    return callback


def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "miniTickers", "depth5")
    _point(exchange)
    manager = _manager()
    manager.start_trade_socket(_trade(exchange), "BTCUSDT")
    manager.start_kline_socket(lambda _: exchange.event("kline"), "BTCUSDT")
    manager.start_symbol_book_ticker_socket(lambda _: exchange.event("bookTicker"), "BTCUSDT")
    manager.start_miniticker_socket(lambda rows: rows[0] and exchange.event("miniTickers"))
    manager.start_depth_socket(lambda _: exchange.event("depth5"), "BTCUSDT", depth="5")


def book(exchange):
    _point(exchange)
    manager = ThreadedDepthCacheManager()
    manager.start()
    manager.start_depth_cache(
        lambda cache: exchange.book(cache.get_bids(), cache.get_asks()), "BTCUSDT", ws_interval=100
    )


def rest(exchange):
    _point(exchange)
    _rest(exchange)


def _rest(exchange):
    client = Client("", "")
    depth = client.get_order_book(symbol="BTCUSDT")
    exchange.rest(
        [row["symbol"] for row in client.get_exchange_info()["symbols"]],
        time=client.get_server_time()["serverTime"],
        bids=depth["bids"],
        asks=depth["asks"],
        klines=len(client.get_klines(symbol="BTCUSDT", interval="1m")),
        last=float(client.get_symbol_ticker(symbol="BTCUSDT")["price"]),
    )


def reconnect(exchange):
    _point(exchange)
    _manager().start_trade_socket(_trade(exchange), "BTCUSDT")


def hosts(exchange):
    _rest(exchange)
    _manager().start_trade_socket(_trade(exchange), "BTCUSDT")
