"""websocket-client used as its documentation shows: ``recv()`` in a loop, and ``json``.

Variant ``lean``: the same loop without its check of UTF-8, which is written in Python, and with orjson.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
import websocket
from harness import Meter, main, shape_of, stream_url


def run(task: SimpleNamespace, meter: Meter) -> None:
    for _ in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        arguments = (stream_url(task), task.variant == "lean", callback)
        threading.Thread(target=_receive, args=arguments, daemon=True).start()


def _receive(url: str, lean: bool, callback: Callable[[Any], None]) -> None:
    connection = websocket.create_connection(url, skip_utf8_validation=lean)
    loads = orjson.loads if lean else json.loads
    while True:
        callback(loads(connection.recv()))


main(run)
