"""binance_sockets through its public SocketManager.

Variant: the view (``dict``, ``typed`` or ``raw``); followed by ``,profile`` to profile the connection's thread, by
``,thread`` or ``,isolated`` to have TLS undone there. Without, it is where ``"auto"`` comes to: in the helper process
beside a thread that computes, else in the thread. A move in the middle cannot be measured, as the server sends each
connection messages of its own.
"""

from __future__ import annotations

import cProfile
from types import SimpleNamespace

from harness import Meter, main, profiled_functions, shape_of

from binance_sockets import Options, SocketManager

_ISOLATE = {"thread": False, "isolated": True}


def run(task: SimpleNamespace, meter: Meter) -> None:
    view, *how = task.variant.split(",")
    if "profile" in how:
        _profile(meter)
    isolate = next((value for word, value in _ISOLATE.items() if word in how), bool(task.busy))
    scheme = "https" if task.tls else "http"
    options = Options(ca_file=task.ca_file if task.tls else None, isolate=isolate)
    manager = SocketManager(environment=f"{scheme}://127.0.0.1:{task.port}", options=options)
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


def _profile(meter: Meter) -> None:
    """Profile between the markers, which arrive on the connection's thread."""
    profile = cProfile.Profile()
    begin, end = meter.begin, meter.end

    def profiled_begin() -> None:
        begin()
        profile.enable()

    def profiled_end(count: int) -> None:
        profile.disable()
        meter.extra["profile"] = profiled_functions(profile)
        end(count)

    meter.begin, meter.end = profiled_begin, profiled_end  # type: ignore[method-assign]


main(run)
