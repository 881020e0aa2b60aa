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
