"""websocket-rs' synchronous client, a thread for each connection, and orjson; with variant ``msgspec`` that instead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from harness import Meter, json_decoder, main, shape_of, stream_url
from websocket_rs.sync.client import connect


def run(task: SimpleNamespace, meter: Meter) -> None:
    for _ in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        arguments = (stream_url(task), json_decoder(task.variant), callback, task.timeout)
        threading.Thread(target=_receive, args=arguments, daemon=True).start()


def _receive(url: str, decode: Callable[[Any], Any], callback: Callable[[Any], None], timeout: float) -> None:
    with connect(url, receive_timeout=timeout) as connection:  # it trusts what SSL_CERT_FILE names
        while True:
            callback(decode(connection.recv()))


main(run)
