"""python-binance 0.7.10: ``BinanceSocketManager``, ``DepthCacheManager`` and ``Client``."""

from binance.client import Client
from binance.depthcache import DepthCacheManager
from binance.websockets import BinanceSocketManager


def _point(exchange):
    Client.API_URL = exchange.url + "/spot/api"
    BinanceSocketManager.STREAM_URL = exchange.ws + "/spot/"


def _manager(exchange):
    _point(exchange)
    return BinanceSocketManager(Client("", ""))


def _trade(exchange):
    def callback(message):
        if message["e"] == "trade":
            exchange.trade(message["t"], message["p"], message["q"])

    return callback


def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "miniTickers", "depth5")
    manager = _manager(exchange)
    manager.start_trade_socket("BTCUSDT", _trade(exchange))
    manager.start_kline_socket("BTCUSDT", lambda _: exchange.event("kline"))
    manager.start_symbol_book_ticker_socket("BTCUSDT", lambda _: exchange.event("bookTicker"))
    manager.start_miniticker_socket(lambda rows: rows[0] and exchange.event("miniTickers"))
    manager.start_depth_socket("BTCUSDT", lambda _: exchange.event("depth5"), depth="5")
    manager.start()


def book(exchange):
    manager = _manager(exchange)
    client = manager._client

    def changed(cache):
        if cache is not None:
            exchange.book(cache.get_bids(), cache.get_asks())

    DepthCacheManager(client, "BTCUSDT", callback=changed, refresh_interval=0, bm=manager, ws_interval=100)


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
    manager = _manager(exchange)
    manager.start_trade_socket("BTCUSDT", _trade(exchange))
    manager.start()


def hosts(exchange):
    _rest(exchange)
    manager = BinanceSocketManager(Client("", ""))
    manager.start_trade_socket("BTCUSDT", _trade(exchange))
    manager.start()
