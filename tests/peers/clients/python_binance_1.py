"""python-binance 1.x: ``ThreadedWebsocketManager``, ``ThreadedDepthCacheManager`` and ``Client``."""

import asyncio

from binance import AsyncClient, Client, ThreadedDepthCacheManager, ThreadedWebsocketManager
from binance.base_client import BaseClient
from binance.ws.streams import BinanceSocketManager


def _point(exchange):
    BaseClient.API_URL = exchange.url + "/spot/api"
    BaseClient.WS_API_URL = exchange.ws + "/spot/ws-api/v3"
    BaseClient.FUTURES_URL = exchange.url + "/usdm/fapi"
    BaseClient.WS_FUTURES_URL = exchange.ws + "/usdm/ws-fapi/v1"
    BinanceSocketManager.STREAM_URL = exchange.ws + "/spot/"
    BinanceSocketManager.FSTREAM_URL = exchange.ws + "/usdm/"


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


async def orders(exchange):
    _point(exchange)
    client = await AsyncClient.create(exchange.api_key, exchange.api_secret)
    manager, spot = BinanceSocketManager(client), exchange.product == "spot"
    async with manager.user_socket() if spot else manager.futures_user_socket() as socket:
        trading = _trade_on_spot(exchange, client) if spot else _trade_on_futures(exchange, client)
        await asyncio.gather(_user_events(exchange, socket), trading)


async def _user_events(exchange, socket):
    while True:
        exchange.user_event(await socket.recv())


async def _trade_on_spot(exchange, client):
    price = float((await client.ws_get_symbol_ticker(symbol="BTCUSDT"))["price"])
    resting = await client.ws_order_limit_buy(symbol="BTCUSDT", quantity="0.01", price=f"{price * 0.95:.2f}")
    exchange.reply("place", resting["orderId"], resting["status"])
    named = {"symbol": "BTCUSDT", "orderId": resting["orderId"]}
    for call, answer in (
        ("status", await client.ws_get_order(**named)),
        ("cancel", await client.ws_cancel_order(**named)),
        ("place", await client.ws_create_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.01")),
    ):
        exchange.reply(call, answer["orderId"], answer["status"])


async def _trade_on_futures(exchange, client):
    price = float((await client.ws_futures_get_all_tickers(symbol="BTCUSDT"))["price"])
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": f"{price * 0.98:.1f}"}
    resting = await client.ws_futures_create_order(symbol="BTCUSDT", quantity="0.01", **limit)
    exchange.reply("place", resting["orderId"], resting["status"])
    named = {"symbol": "BTCUSDT", "orderId": resting["orderId"]}
    for call, answer in (
        ("status", await client.ws_futures_get_order(**named)),
        ("cancel", await client.ws_futures_cancel_order(**named)),
        ("place", await client.ws_futures_create_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.01")),
    ):
        exchange.reply(call, answer["orderId"], answer["status"])
