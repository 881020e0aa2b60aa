"""binance_sockets through its public SocketManager. Variants: ``dict``, ``typed`` or ``raw``, the view."""

from __future__ import annotations

from types import SimpleNamespace

from harness import Meter, main, shape_of

from binance_sockets import Options, SocketManager


def run(task: SimpleNamespace, meter: Meter) -> None:
    scheme = "https" if task.tls else "http"
    manager = SocketManager(
        environment=f"{scheme}://127.0.0.1:{task.port}",
        options=Options(ca_file=task.ca_file if task.tls else None),
    )
    view = task.variant or "dict"
    for index in range(task.connections):
        callback = meter.callback(_shape(task.payload, task.wrapped, view))
        if task.wrapped:
            manager.start_multiplex_socket(task.streams, callback, view=view)
        else:  # conn keys are unique, so further connections ask for further streams
            name = task.streams[0] if index == 0 else f"coin{index}{task.streams[0]}"
            manager.start_socket(name, callback, view=view)
    manager.start()
    task.manager = manager


def _shape(payload: str, wrapped: bool, view: str) -> str:
    if view == "raw":
        return "bytes"
    shape = shape_of(payload, wrapped)
    if view == "dict":
        return shape
    return {"dict": "event", "list": "event list", "wrapped": "wrapped event"}[shape]


main(run)
