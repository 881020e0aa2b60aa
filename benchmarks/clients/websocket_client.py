"""websocket-client used as its documentation shows: ``recv()`` in a loop, and ``json``."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import websocket
from harness import Meter, main, shape_of, stream_url


def run(task: SimpleNamespace, meter: Meter) -> None:
    for _ in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        threading.Thread(target=_receive, args=(stream_url(task), callback), daemon=True).start()


def _receive(url: str, callback: Callable[[Any], None]) -> None:
    connection = websocket.create_connection(url)
    while True:
        callback(json.loads(connection.recv()))


main(run)
