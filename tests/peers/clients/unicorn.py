"""unicorn-binance-websocket-api: ``BinanceWebSocketApiManager`` with a callback."""

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
    key = {"api_key": exchange.api_key, "api_secret": exchange.api_secret}
    user = manager.create_stream(
        "arr", "!userData", process_stream_data=lambda message: exchange.user_event(message["event"]), **key
    )
    api = manager.create_stream(api=True, **key)
    for stream in (user, api):
        manager.wait_till_stream_has_started(stream)
    spot = manager.api.spot
    ask = {"stream_id": api, "symbol": "BTCUSDT", "return_response": True}
    price = float(spot.get_current_average_price(**ask)["result"]["price"])
    resting = {"side": "BUY", "order_type": "LIMIT", "time_in_force": "GTC", "price": round(price * 0.95, 2)}
    placed = _reply(exchange, "place", spot.create_order(quantity=0.01, **resting, **ask)[1])
    _reply(exchange, "status", spot.get_order(order_id=placed, **ask))
    _reply(exchange, "cancel", spot.cancel_order(order_id=placed, **ask))
    _reply(exchange, "place", spot.create_order(side="SELL", order_type="MARKET", quantity=0.01, **ask)[1])


def _reply(exchange, call, answer):
    exchange.reply(call, answer["result"]["orderId"], answer["result"]["status"])
    return answer["result"]["orderId"]
