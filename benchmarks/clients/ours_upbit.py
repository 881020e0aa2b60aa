"""binance_sockets on Upbit, through its public UpbitSocketManager. Variant: the view (``dict`` or ``typed``)."""

from __future__ import annotations

from types import SimpleNamespace

from harness import UPBIT_MARK, Meter, main

from binance_sockets import Options, UpbitSocketManager


def run(task: SimpleNamespace, meter: Meter) -> None:
    scheme = "https" if task.tls else "http"
    options = Options(ca_file=task.ca_file if task.tls else None)
    manager = UpbitSocketManager(environment=f"{scheme}://127.0.0.1:{task.port}", options=options, format="DEFAULT")
    callback = meter.callback("code" if task.variant == "dict" else "code event")
    codes = [*task.streams, UPBIT_MARK]
    for start in (manager.start_ticker_socket, manager.start_trade_socket, manager.start_orderbook_socket):
        start(codes, callback, "realtime_only", view=task.variant)  # the server has no snapshots
    manager.start()
    task.manager = manager


main(run)
