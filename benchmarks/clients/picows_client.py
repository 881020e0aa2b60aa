"""picows, a compiled WebSocket client on asyncio, and orjson.

Variants, joined by commas: ``threads`` gives each connection a thread with an event loop of its own, which run in
parallel where there is no GIL; ``msgspec`` takes that instead of orjson.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from harness import Meter, json_decoder, main, shape_of, stream_url
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect


class _Listener(WSListener):
    def __init__(self, decode: Callable[[Any], Any], callback: Callable[[Any], None]) -> None:
        super().__init__()
        self._decode = decode
        self._callback = callback

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._callback(self._decode(frame.get_payload_as_memoryview()))


def run(task: SimpleNamespace, meter: Meter) -> None:
    callbacks = [meter.callback(shape_of(task.payload, task.wrapped)) for _ in range(task.connections)]
    if "threads" not in task.variant:
        asyncio.run(_run(task, callbacks))
        return
    for callback in callbacks:
        threading.Thread(target=lambda own: asyncio.run(_run(task, [own])), args=(callback,), daemon=True).start()


async def _run(task: SimpleNamespace, callbacks: list[Callable[[Any], None]]) -> None:
    context = ssl.create_default_context(cafile=task.ca_file) if task.tls else None
    transports = []
    for callback in callbacks:
        listener = _Listener(json_decoder(task.variant), callback)
        transport, _ = await ws_connect(lambda listener=listener: listener, stream_url(task), ssl_context=context)
        transports.append(transport)
    await asyncio.gather(*(transport.wait_disconnected() for transport in transports))


main(run)
