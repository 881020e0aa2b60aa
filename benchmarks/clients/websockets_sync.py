"""websockets' threaded client, and orjson."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
from harness import Meter, main, shape_of, stream_url
from websockets.sync.client import connect


def run(task: SimpleNamespace, meter: Meter) -> None:
    for _ in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        threading.Thread(target=_receive, args=(stream_url(task), callback), daemon=True).start()


def _receive(url: str, callback: Callable[[Any], None]) -> None:
    with connect(url, compression=None, proxy=None) as connection:
        while True:
            callback(orjson.loads(connection.recv(decode=False)))


main(run)
