"""binance-sdk-spot: its streams and its REST client, both with models."""

import json

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_spot.spot import Spot

_KEPT = []


async def _connection(exchange, **address):
    client = Spot(config_ws_streams=ConfigurationWebSocketStreams(**address))
    connection = await client.websocket_streams.create_connection()
    _KEPT.append((client, connection))
    trades = await connection.trade(symbol="btcusdt")
    trades.on("message", lambda row: exchange.trade(row.t, row.p, row.q))
    return connection


async def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "miniTickers", "depth5")
    connection = await _connection(exchange, stream_url=exchange.ws + "/spot")
    for name, stream in (
        ("kline", await connection.kline(symbol="btcusdt", interval="1m")),
        ("bookTicker", await connection.book_ticker(symbol="btcusdt")),
        ("miniTickers", await connection.all_mini_ticker()),
        ("depth5", await connection.partial_book_depth(symbol="btcusdt", levels=5, update_speed="1000ms")),
    ):
        stream.on("message", lambda _, name=name: exchange.event(name))
    await exchange.forever()


async def hosts(exchange):
    _rest(exchange)
    await _connection(exchange)
    await exchange.forever()


def rest(exchange):
    _rest(exchange, base_path=exchange.url + "/spot")


def _rest(exchange, **address):
    client = Spot(config_rest_api=ConfigurationRestAPI(**address)).rest_api
    depth = client.depth("BTCUSDT").data()
    exchange.rest(
        [row.symbol for row in client.exchange_info().data().symbols],
        time=client.time().data().server_time,
        bids=depth.bids,
        asks=depth.asks,
        klines=len(client.klines("BTCUSDT", "1m").data()),
        last=float(client.ticker_price("BTCUSDT").data().actual_instance.price),
    )


async def orders(exchange):
    configuration = ConfigurationWebSocketAPI(
        api_key=exchange.api_key, api_secret=exchange.api_secret, stream_url=exchange.ws + "/spot/ws-api/v3"
    )
    connection = await Spot(config_ws_api=configuration).websocket_api.create_connection()
    user = await connection.user_data_stream_subscribe_signature()
    user.stream.on("message", lambda event: exchange.user_event(_as_sent(event)))
    price = float((await connection.avg_price(symbol="BTCUSDT")).data().result.price)
    resting = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "price": round(price * 0.95, 2)}
    placed = await _reply(exchange, "place", connection.order_place(symbol="BTCUSDT", quantity=0.01, **resting))
    await _reply(exchange, "status", connection.order_status(symbol="BTCUSDT", order_id=placed))
    await _reply(exchange, "cancel", connection.order_cancel(symbol="BTCUSDT", order_id=placed))
    await _reply(exchange, "place", connection.order_place(symbol="BTCUSDT", side="SELL", type="MARKET", quantity=0.01))
    await exchange.forever()


async def _reply(exchange, call, answer):
    result = (await answer).data().result
    exchange.reply(call, result.order_id, result.status)
    return result.order_id


def _as_sent(event):
    """Its models keep everything but the type, which is their own name."""
    model = event.actual_instance
    name = type(model).__name__
    return {**json.loads(model.to_json()), "e": name[0].lower() + name[1:]}
