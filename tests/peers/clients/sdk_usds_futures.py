"""binance-sdk-derivatives-trading-usds-futures: its streams on all three routes, and its REST client."""

import json
import re

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures

_KEPT = []


async def _connection(exchange, **address):
    client = DerivativesTradingUsdsFutures(config_ws_streams=ConfigurationWebSocketStreams(**address))
    connection = await client.websocket_streams.create_connection()
    _KEPT.append((client, connection))
    trades = await connection.aggregate_trade_streams(symbol="btcusdt")
    trades.on("message", lambda row: exchange.trade(row.f, row.p))
    return connection


async def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "miniTickers", "depth")
    connection = await _connection(exchange, stream_url=exchange.ws + "/usdm")
    for name, stream in (
        ("kline", await connection.kline_candlestick_streams(symbol="btcusdt", interval="1m")),
        ("bookTicker", await connection.individual_symbol_book_ticker_streams(symbol="btcusdt")),
        ("miniTickers", await connection.all_market_mini_tickers_stream()),
        ("depth", await connection.diff_book_depth_streams(symbol="btcusdt", update_speed="100ms")),
    ):
        stream.on("message", lambda _, name=name: exchange.event(name))
    await exchange.forever()


async def hosts(exchange):
    _rest(exchange)
    await _connection(exchange)
    await exchange.forever()


def rest(exchange):
    _rest(exchange, base_path=exchange.url + "/usdm")


def _rest(exchange, **address):
    client = DerivativesTradingUsdsFutures(config_rest_api=ConfigurationRestAPI(**address)).rest_api
    depth = client.order_book("BTCUSDT").data()
    exchange.rest(
        [row.symbol for row in client.exchange_information().data().symbols],
        time=client.check_server_time().data().server_time,
        bids=depth.bids,
        asks=depth.asks,
        klines=len(client.kline_candlestick_data("BTCUSDT", "1m").data()),
        last=float(client.symbol_price_ticker("BTCUSDT").data().actual_instance.price),
    )


async def orders(exchange):
    key = {"api_key": exchange.api_key, "api_secret": exchange.api_secret}
    client = DerivativesTradingUsdsFutures(
        config_ws_api=ConfigurationWebSocketAPI(stream_url=exchange.ws + "/usdm/ws-fapi/v1", **key),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=exchange.ws + "/usdm"),
    )
    api = await client.websocket_api.create_connection()
    streams = await client.websocket_streams.create_connection()
    user = await streams.user_data((await api.start_user_data_stream()).data().result.listen_key)
    user.on("message", lambda event: exchange.user_event(_as_sent(event)))
    price = float((await api.symbol_price_ticker(symbol="BTCUSDT")).data().actual_instance.result.price)
    limit = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "price": round(price * 0.98, 1)}
    placed = await _reply(exchange, "place", api.new_order(symbol="BTCUSDT", quantity=0.01, **limit))
    await _reply(exchange, "status", api.query_order(symbol="BTCUSDT", order_id=placed))
    await _reply(exchange, "cancel", api.cancel_order(symbol="BTCUSDT", order_id=placed))
    await _reply(exchange, "place", api.new_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity=0.01))
    await exchange.forever()


async def _reply(exchange, call, answer):
    result = (await answer).data().result
    exchange.reply(call, result.order_id, result.status)
    return result.order_id


def _as_sent(event):
    """Its models keep everything but the type, which is their own name."""
    model = event.actual_instance
    kind = re.sub("(?<=[a-z])(?=[A-Z])", "_", type(model).__name__).upper()
    return {**json.loads(model.to_json()), "e": kind}
