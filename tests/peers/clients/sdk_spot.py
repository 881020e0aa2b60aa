"""binance-sdk-spot: its streams and its REST client, both with models."""

from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
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
