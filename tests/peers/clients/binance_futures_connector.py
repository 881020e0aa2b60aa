"""binance-futures-connector 4: ``UMFuturesWebsocketClient`` on both routes, and ``UMFutures``."""

import json

from binance.um_futures import UMFutures
from binance.websocket.um_futures.websocket_client import UMFuturesWebsocketClient


def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "markPrice", "miniTickers")

    def received(_, text):
        message = json.loads(text)
        if isinstance(message, list):
            exchange.event("miniTickers")
        elif message.get("e") == "aggTrade":
            exchange.trade(message["f"], message["p"])
        else:
            exchange.event({"markPriceUpdate": "markPrice"}.get(message.get("e"), message.get("e", "answer")))

    market = UMFuturesWebsocketClient(stream_url=exchange.ws + "/usdm/market", on_message=received)
    market.agg_trade("btcusdt")
    market.kline("btcusdt", "1m")
    market.mark_price("btcusdt", speed=1)
    market.mini_ticker()
    UMFuturesWebsocketClient(stream_url=exchange.ws + "/usdm/public", on_message=received).book_ticker("btcusdt")


def rest(exchange):
    client = UMFutures(base_url=exchange.url + "/usdm")
    depth = client.depth("BTCUSDT")
    exchange.rest(
        [row["symbol"] for row in client.exchange_info()["symbols"]],
        time=client.time()["serverTime"],
        bids=depth["bids"],
        asks=depth["asks"],
        klines=len(client.klines("BTCUSDT", "1m")),
        last=float(client.ticker_price("BTCUSDT")["price"]),
    )


def orders(exchange):
    client = UMFutures(exchange.api_key, exchange.api_secret, base_url=exchange.url + "/usdm")

    def received(_, text):
        message = json.loads(text)
        if "e" in message:  # the other one is the answer to its subscription
            exchange.user_event(message)

    user = UMFuturesWebsocketClient(stream_url=exchange.ws + "/usdm/private", on_message=received)
    user.user_data(client.new_listen_key()["listenKey"])
    price = float(client.ticker_price("BTCUSDT")["price"])
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": round(price * 0.98, 1)}
    resting = client.new_order("BTCUSDT", quantity=0.01, **limit)
    exchange.reply("place", resting["orderId"], resting["status"])
    for call, answer in (
        ("status", client.query_order("BTCUSDT", orderId=resting["orderId"])),
        ("cancel", client.cancel_order("BTCUSDT", orderId=resting["orderId"])),
        ("place", client.new_order("BTCUSDT", side="SELL", type="MARKET", quantity=0.01)),
    ):
        exchange.reply(call, answer["orderId"], answer["status"])
