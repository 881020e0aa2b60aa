"""cryptofeed: its feed handler with normalised objects. It accepts TLS only."""

import asyncio

from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import CANDLES, L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import Binance


def _point(exchange):
    routes = Routes("/api/v3/exchangeInfo", l2book="/api/v3/depth?symbol={}&limit={}")
    Binance.websocket_endpoints = [WebsocketEndpoint(exchange.ws + "/spot")]
    Binance.rest_endpoints = [RestEndpoint(exchange.url + "/spot", routes=routes)]


def _feed(callbacks):
    log = {"filename": "feedhandler.log", "level": "WARNING"}
    handler = FeedHandler({"uvloop": False, "log": log})  # uvloop resolves names without Python
    asyncio.set_event_loop(asyncio.new_event_loop())
    handler.add_feed(
        Binance(symbols=["BTC-USDT"], channels=list(callbacks), callbacks=callbacks, candle_closed_only=False)
    )
    handler.run(install_signal_handlers=False)


def _trade(exchange):
    async def callback(trade, _):
        exchange.trade(trade.raw["f"], trade.price)

    return callback


def streams(exchange):
    def event(name):
        async def callback(*_):
            exchange.event(name)

        return callback

    exchange.asked("trade", "kline", "bookTicker")
    _point(exchange)
    _feed({TRADES: _trade(exchange), CANDLES: event("kline"), TICKER: event("bookTicker")})


def book(exchange):
    async def callback(state, _):
        exchange.book(state.book.bids.to_list()[:5], state.book.asks.to_list()[:5])

    _point(exchange)
    _feed({L2_BOOK: callback})


def rest(exchange):
    _point(exchange)
    exchange.rest(list(Binance.symbol_mapping().values()))


def reconnect(exchange):
    _point(exchange)
    _feed({TRADES: _trade(exchange)})


def hosts(exchange):
    exchange.rest(list(Binance.symbol_mapping().values()))
    _feed({TRADES: _trade(exchange)})
