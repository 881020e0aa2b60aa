"""binance-sdk-derivatives-trading-usds-futures: its streams on all three routes, and its REST client."""

from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
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
