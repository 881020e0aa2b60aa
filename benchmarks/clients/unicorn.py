"""unicorn-binance-websocket-api with a callback and dicts. Variant: its ``websocket_library``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harness import Meter, main, rest_base, shape_of, symbol, websocket_base
from unicorn_binance_websocket_api import BinanceWebSocketApiManager

_CHANNELS = {"depth": "depth@100ms", "miniTickerArr": "arr", "combined": "trade"}


def run(task: SimpleNamespace, meter: Meter) -> None:
    manager = BinanceWebSocketApiManager(
        exchange="binance.com",
        websocket_base_uri=websocket_base(task) + "/",
        restful_base_uri=rest_base(task) + "/",
        output_default="dict",
        high_performance=True,
        warn_on_update=False,
        disable_colorama=True,
        websocket_library=task.variant,
    )
    channel = _CHANNELS.get(task.payload, task.payload)
    for index in range(task.connections):
        if task.payload == "miniTickerArr":
            markets = ["!miniTicker"]
        elif task.payload == "combined":
            markets = [name.partition("@")[0] for name in task.streams]
        else:
            markets = [symbol(index).lower()]
        manager.create_stream([channel], markets, process_stream_data=_callback(task, meter), output="dict")
    task.manager = manager


def _callback(task: SimpleNamespace, meter: Meter) -> Any:
    return meter.callback(shape_of(task.payload, wrapped=task.payload != "miniTickerArr"))  # as its URLs ask for


main(run)
