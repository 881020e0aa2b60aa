"""unicorn-binance-websocket-api: ``BinanceWebSocketApiManager`` with a callback."""

import queue

from unicorn_binance_websocket_api import BinanceWebSocketApiManager


def _manager(exchange="binance.com", **addresses):
    return BinanceWebSocketApiManager(
        exchange=exchange, output_default="dict", warn_on_update=False, disable_colorama=True, **addresses
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
    spot = exchange.product == "spot"
    manager = _manager(
        "binance.com" if spot else "binance.com-futures",
        websocket_base_uri=f"{exchange.ws}/{exchange.product}/",
        websocket_api_base_uri=exchange.ws + ("/spot/ws-api/v3" if spot else "/usdm/ws-fapi/v1"),
    )
    replies = queue.SimpleQueue()  # its return_response waits for ever for a reply that comes at once
    key = {"api_key": exchange.api_key, "api_secret": exchange.api_secret}
    stream = manager.create_stream(api=True, process_stream_data=replies.put, **key)
    manager.wait_till_stream_has_started(stream)

    def ask(method, **params):
        method(stream_id=stream, **params)
        return replies.get()["result"]

    api = manager.api.spot if spot else manager.api.futures
    if not spot:  # what asks for it over REST has its addresses built in
        key["listen_key"] = ask(api.get_listen_key)["listenKey"]
    user = manager.create_stream(
        "arr",
        "!userData",
        process_stream_data=lambda message: exchange.user_event(message.get("event", message)),
        **key,
    )
    manager.wait_till_stream_has_started(user)
    market = {"symbol": "BTCUSDT"}
    price = float(ask(api.get_current_average_price if spot else api.get_ticker_price, **market)["price"])
    resting = {"side": "BUY", "order_type": "LIMIT", "time_in_force": "GTC", "price": round(price * 0.98, 1)}
    placed = ask(api.create_order, quantity=0.01, **resting, **market)
    exchange.reply("place", placed["orderId"], placed["status"])
    for call, answer in (
        ("status", ask(api.get_order, order_id=placed["orderId"], **market)),
        ("cancel", ask(api.cancel_order, order_id=placed["orderId"], **market)),
        ("place", ask(api.create_order, side="SELL", order_type="MARKET", quantity=0.01, **market)),
    ):
        exchange.reply(call, answer["orderId"], answer["status"])
