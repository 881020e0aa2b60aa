"""binance-sdk-spot, the exchange's modular connector: aiohttp and pydantic."""

from __future__ import annotations

import asyncio
import ssl
from types import SimpleNamespace
from typing import Any

from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_spot.spot import Spot
from harness import Meter, main, websocket_base


def run(task: SimpleNamespace, meter: Meter) -> None:
    asyncio.run(_run(task, meter))


async def _run(task: SimpleNamespace, meter: Meter) -> None:
    kept = await asyncio.gather(*(_open(task, meter) for _ in range(task.connections)))
    await asyncio.Event().wait()
    del kept


async def _open(task: SimpleNamespace, meter: Meter) -> Any:
    context = ssl.create_default_context(cafile=task.ca_file) if task.tls else None
    settings = ConfigurationWebSocketStreams(stream_url=websocket_base(task) + "/stream", https_agent=context)
    client = Spot(config_ws_streams=settings)
    connection = await client.websocket_streams.create_connection()
    if task.payload == "trade":
        stream = await connection.trade(symbol="btcusdt")
    elif task.payload == "aggTrade":
        stream = await connection.agg_trade(symbol="btcusdt")
    elif task.payload == "bookTicker":
        stream = await connection.book_ticker(symbol="btcusdt")
    elif task.payload == "depth":
        stream = await connection.diff_book_depth(symbol="btcusdt", update_speed="100ms")
    else:
        stream = await connection.all_mini_ticker()
    stream.on("message", meter.callback("short event list" if task.payload == "miniTickerArr" else "short event"))
    return client, connection, stream


main(run)
