"""unicorn-binance-websocket-api: ``BinanceWebSocketApiManager`` with a callback."""

import queue

from unicorn_binance_websocket_api import BinanceWebSocketApiManager


def _manager(**addresses):
    return BinanceWebSocketApiManager(
        exchange="binance.com", output_default="dict", warn_on_update=False, disable_colorama=True, **addresses
    )


def _pointed(exchange):
    return _manager(websocket_base_uri=exchange.ws + "/spot/", restful_base_uri=exchange.url + "/spot/")


def _trade(exchange):
    def callback(message):
        if "data" in message:
            exchange.trade(message["data"]["t"], message["data"]["p"], message["data"]["q"])

    return callback


def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "miniTickers")
    manager = _pointed(exchange)
    manager.create_stream(["trade"], ["btcusdt"], process_stream_data=_trade(exchange))
    for channel, market, name in (
        ("kline_1m", "btcusdt", "kline"),
        ("bookTicker", "btcusdt", "bookTicker"),
        ("arr", "!miniTicker", "miniTickers"),
    ):
        manager.create_stream([channel], [market], process_stream_data=lambda _, name=name: exchange.event(name))


def reconnect(exchange):
    _pointed(exchange).create_stream(["trade"], ["btcusdt"], process_stream_data=_trade(exchange))


def hosts(exchange):
    _manager().create_stream(["trade"], ["btcusdt"], process_stream_data=_trade(exchange))


def orders(exchange):
    manager = _manager(
        websocket_base_uri=exchange.ws + "/spot/",
        websocket_api_base_uri=exchange.ws + "/spot/ws-api/v3",
        restful_base_uri=exchange.url + "/spot/",
    )
    replies = queue.SimpleQueue()  # its return_response waits for ever for a reply that comes at once
    key = {"api_key": exchange.api_key, "api_secret": exchange.api_secret}
    user = manager.create_stream(
        "arr", "!userData", process_stream_data=lambda message: exchange.user_event(message["event"]), **key
    )
    api = manager.create_stream(api=True, process_stream_data=replies.put, **key)
    for stream in (user, api):
        manager.wait_till_stream_has_started(stream)

    def ask(method, **params):
        method(stream_id=api, symbol="BTCUSDT", **params)
        return replies.get()["result"]

    spot = manager.api.spot
    price = float(ask(spot.get_current_average_price)["price"])
    resting = {"side": "BUY", "order_type": "LIMIT", "time_in_force": "GTC", "price": round(price * 0.95, 2)}
    placed = ask(spot.create_order, quantity=0.01, **resting)
    exchange.reply("place", placed["orderId"], placed["status"])
    for call, answer in (
        ("status", ask(spot.get_order, order_id=placed["orderId"])),
        ("cancel", ask(spot.cancel_order, order_id=placed["orderId"])),
        ("place", ask(spot.create_order, side="SELL", order_type="MARKET", quantity=0.01)),
    ):
        exchange.reply(call, answer["orderId"], answer["status"])
