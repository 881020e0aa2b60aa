"""binance_sockets through its public SocketManager.

Variant: the view (``dict``, ``typed``, ``unified`` or ``raw``); followed by ``,profile`` to profile the connection's
thread, by the name of a way to consume (``WAYS``, or ``service`` for a handler of a stream service) to have the user's
work done behind it, by ``,thread`` or ``,isolated`` to have TLS undone there. Without, it is where ``"auto"`` comes to:
in the helper process beside a thread that computes, else in the thread. A move in the middle cannot be measured, as the
server sends each connection messages of its own.
"""

from __future__ import annotations

import cProfile
import itertools
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
from harness import Meter, main, profiled_functions, shape_of

from binance_sockets import (
    Bars,
    Batched,
    Buffered,
    MessageStream,
    Options,
    Snapshots,
    SocketManager,
    Table,
    Windowed,
)
from binance_sockets.service import WebSocketService

_ISOLATE = {"thread": False, "isolated": True}


def run(task: SimpleNamespace, meter: Meter) -> None:
    view, *how = task.variant.split(",")
    if "profile" in how:
        _profile(meter)
    isolate = next((value for word, value in _ISOLATE.items() if word in how), bool(task.busy))
    environment = f"{'https' if task.tls else 'http'}://127.0.0.1:{task.port}"
    options = Options(ca_file=task.ca_file if task.tls else None, isolate=isolate)
    if "service" in how:
        task.manager = _serve(task, meter, environment, options)
        return
    manager = SocketManager(environment=environment, options=options)
    for index in range(task.connections):
        callback = meter.callback(_shape(task.payload, task.wrapped, view))
        if task.wrapped:
            manager.start_multiplex_socket(task.streams, callback, view=view)
        elif ways := [word for word in how if word in WAYS]:
            manager.start_socket(task.streams[0], WAYS[ways[0]](callback, manager), view=view)
        else:  # conn keys are unique, so further connections ask for further streams
            name = task.streams[0] if index == 0 else f"coin{index}{task.streams[0]}"
            manager.start_socket(name, callback, view=view)
    manager.start()
    task.manager = manager


def _serve(task: SimpleNamespace, meter: Meter, environment: str, options: Options) -> WebSocketService:
    """The user's work as a handler of each event."""
    service = WebSocketService(environment, options=options)
    service.on_event(meter.callback("event"))
    service.subscribe(task.streams)
    service.connect()
    return service


def _read(callback: Callable[[Any], None], read: Callable[[MessageStream[Any]], Any]) -> MessageStream[Any]:
    """A stream whose reader, a thread of its own, does the user's work."""
    stream: MessageStream[Any] = MessageStream(on_full="block")

    def work() -> None:
        while not stream.is_open:  # the socket is started with it next
            time.sleep(0.001)
        for message in read(stream):
            callback(message)

    threading.Thread(target=work, daemon=True).start()
    return stream


def _many(stream: MessageStream[Any]) -> Any:
    while True:
        yield from stream.receive_many(100, timeout=0.05)


def _beside(sink: Callable[[Any], Any], callback: Callable[[Any], None]) -> Callable[[Any], None]:
    """The user's work, and a handler that calls back too seldom to do it there."""

    def both(message: Any) -> None:
        sink(message)
        callback(message)

    return both


def _numbered(callback: Callable[[Any], None]) -> Callable[[Any], None]:
    """Trades of the pool come again and again; bars want ids that grow."""
    numbers = itertools.count()

    def numbered(message: Any) -> None:
        if isinstance(message, dict):
            message["t"] = next(numbers)
        else:
            message = msgspec.structs.replace(message, id=next(numbers))
        callback(message)

    return numbered


def _all(callback: Callable[[Any], None]) -> Callable[[Any], None]:
    def work(messages: Any) -> None:
        for message in messages:
            callback(message)

    return work


def nothing(message: Any) -> None:
    pass


WAYS: dict[str, Callable[[Callable[[Any], None], SocketManager], Callable[[Any], Any]]] = {
    "stream": lambda callback, manager: _read(callback, iter),
    "receive_many": lambda callback, manager: _read(callback, _many),
    "listen": lambda callback, manager: _read(
        callback, lambda stream: (message for _, message in manager.listen(stream))
    ),
    "buffered": lambda callback, manager: Buffered(callback),
    "batched": lambda callback, manager: Batched(_all(callback), 100, 0.05),
    "snapshots": lambda callback, manager: _beside(Snapshots(nothing, 1.0), callback),
    "windowed": lambda callback, manager: _beside(Windowed(nothing, 1.0, 0.5), callback),
    "bars": lambda callback, manager: _numbered(_beside(Bars(nothing, trades=1000), callback)),
    "table": lambda callback, manager: _beside(Table(), callback),
}


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
