"""picows, a compiled WebSocket client on asyncio, and orjson."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
from harness import Meter, main, shape_of, stream_url
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect


class _Listener(WSListener):
    def __init__(self, callback: Callable[[Any], None]) -> None:
        super().__init__()
        self._callback = callback

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._callback(orjson.loads(frame.get_payload_as_memoryview()))


def run(task: SimpleNamespace, meter: Meter) -> None:
    asyncio.run(_run(task, meter))


async def _run(task: SimpleNamespace, meter: Meter) -> None:
    context = ssl.create_default_context(cafile=task.ca_file) if task.tls else None
    transports = []
    for _ in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        transport, _ = await ws_connect(
            lambda callback=callback: _Listener(callback), stream_url(task), ssl_context=context
        )
        transports.append(transport)
    await asyncio.gather(*(transport.wait_disconnected() for transport in transports))


main(run)
