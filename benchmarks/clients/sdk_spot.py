"""binance-sdk-spot, the exchange's modular connector: aiohttp and pydantic."""

from __future__ import annotations

import asyncio
import ssl
from types import SimpleNamespace

from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_spot.spot import Spot
from harness import Meter, main, websocket_base


def run(task: SimpleNamespace, meter: Meter) -> None:
    asyncio.run(_run(task, meter))


async def _run(task: SimpleNamespace, meter: Meter) -> None:
    kept = []
    shape = "short event list" if task.payload == "miniTickerArr" else "short event"
    context = ssl.create_default_context(cafile=task.ca_file) if task.tls else None
    for _ in range(task.connections):
        settings = ConfigurationWebSocketStreams(stream_url=websocket_base(task) + "/stream", https_agent=context)
        connection = await Spot(config_ws_streams=settings).websocket_streams.create_connection()
        callback = meter.callback(shape)
        if task.payload == "trade":
            streams = [await connection.trade(symbol="btcusdt")]
        elif task.payload == "aggTrade":
            streams = [await connection.agg_trade(symbol="btcusdt")]
        elif task.payload == "bookTicker":
            streams = [await connection.book_ticker(symbol="btcusdt")]
        elif task.payload == "depth":
            streams = [await connection.diff_book_depth(symbol="btcusdt", update_speed="100ms")]
        elif task.payload == "miniTickerArr":
            streams = [await connection.all_mini_ticker()]
        else:
            streams = [await connection.trade(symbol=name.partition("@")[0]) for name in task.streams]
        for stream in streams:
            stream.on("message", callback)
        kept.append((connection, streams))
    await asyncio.Event().wait()


main(run)
