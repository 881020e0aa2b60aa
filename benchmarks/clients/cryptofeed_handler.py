"""cryptofeed's Binance feed: normalised objects with Decimal. It speaks TLS only, and has two of the payloads."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import TICKER, TRADES
from cryptofeed.exchanges import Binance
from harness import Meter, main, rest_base, websocket_base


def run(task: SimpleNamespace, meter: Meter) -> None:
    routes = Routes("/api/v3/exchangeInfo", l2book="/api/v3/depth?symbol={}&limit={}")
    Binance.websocket_endpoints = [WebsocketEndpoint(websocket_base(task))]
    Binance.rest_endpoints = [RestEndpoint(rest_base(task), routes=routes)]
    callback = meter.callback("event", marker="END-USDT")

    async def received(event: Any, _: float) -> None:
        callback(event)

    channel = {"aggTrade": TRADES, "bookTicker": TICKER}[task.payload]
    handler = FeedHandler()
    asyncio.set_event_loop(asyncio.new_event_loop())
    handler.add_feed(Binance(symbols=["BTC-USDT"], channels=[channel], callbacks={channel: received}))
    handler.run(install_signal_handlers=False)


main(run)
