"""aiohttp's WebSocket client on asyncio, and orjson."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import orjson
from harness import Meter, main, shape_of, stream_url


def run(task: SimpleNamespace, meter: Meter) -> None:
    asyncio.run(_run(task, meter))


async def _run(task: SimpleNamespace, meter: Meter) -> None:
    context = ssl.create_default_context(cafile=task.ca_file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=context)) as session:
        callbacks = [meter.callback(shape_of(task.payload, task.wrapped)) for _ in range(task.connections)]
        await asyncio.gather(*(_receive(session, stream_url(task), callback) for callback in callbacks))


async def _receive(session: aiohttp.ClientSession, url: str, callback: Callable[[Any], None]) -> None:
    async with session.ws_connect(url, max_msg_size=0) as connection:
        async for message in connection:
            callback(orjson.loads(message.data))


main(run)
