"""binance-connector 3: ``SpotWebsocketStreamClient``; the user parses with ``json``, as its examples do."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from binance.websocket.spot.websocket_stream import SpotWebsocketStreamClient
from harness import Meter, main, shape_of, websocket_base


def run(task: SimpleNamespace, meter: Meter) -> None:
    clients = []
    for _ in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        client = SpotWebsocketStreamClient(
            stream_url=websocket_base(task), on_message=_parsing(callback), is_combined=task.wrapped
        )
        client.subscribe(stream=task.streams)
        clients.append(client)
    task.clients = clients


def _parsing(callback: Callable[[Any], None]) -> Callable[[Any, str], None]:
    def on_message(_: Any, message: str) -> None:
        callback(json.loads(message))

    return on_message


main(run)
