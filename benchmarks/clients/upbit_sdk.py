"""upbit-sdk: the exchange's own client, models and all, by its iterator."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from harness import UPBIT_MARK, Meter, main, rest_base, websocket_base
from upbit import Upbit


def run(task: SimpleNamespace, meter: Meter) -> None:
    callback = meter.callback("code event")
    threading.Thread(target=_receive, args=(task, callback), daemon=True).start()


def _receive(task: SimpleNamespace, callback: object) -> None:
    client = Upbit(base_url=f"{rest_base(task)}/upbit", websocket_base_url=f"{websocket_base(task)}/upbit")
    codes = [*task.streams, UPBIT_MARK]
    with client.ws_stream.subscribe(ticker=codes, trade=codes, orderbook=codes) as stream:
        for event in stream:
            callback(event)


main(run)
