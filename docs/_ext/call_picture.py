"""The directive ``call-picture``: who calls whom, drawn from a real run of the code while this page is built.

``start`` shows a ``start_trade_socket`` until its link is open, ``frame`` one message from the socket to the callback.
A scripted link stands for the network. Calls within a room are left out, as are clocks, timers and threads.
"""

from __future__ import annotations

import logging
import sys
import threading
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import binance_sockets
from binance_sockets import SocketManager
from binance_sockets.testing import FakeClock, Script, ScriptedTransport, Send, text

ROOT = Path(binance_sockets.__file__).parent
TRADE = '{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"1.0","q":"1.0","T":1,"m":true,"M":true}'
ROOMS = {"testing": "transport", "deflate": "frames", "lifecycle": "link"}
ROOMS |= dict.fromkeys(("requests", "subscriptions", "pacing"), "websocket")
SHOWN = ("exchange", "manager", "connection", "link", "websocket", "dialler", "transport", "frames", "router")
LEFT_OUT = ("<lambda>", "_Fake", "Link.due", "Link.state", "fileno")
COLUMN, ROW, TOP = 132, 19, 34


class Call(NamedTuple):
    """One call from room to room."""

    caller: str
    callee: str
    function: str


class Recorder:
    """A profile function that notes calls from room to room, on every thread."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._modules: dict[CodeType, str | None] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        callee = self._module(frame)
        if callee is None:
            return
        back = frame.f_back
        while back is not None and self._module(back) is None:
            back = back.f_back
        outermost = "script" if threading.current_thread() is threading.main_thread() else "its thread"
        caller = self._module(back) if back is not None else outermost
        function = _qualified(frame)
        if caller != callee and caller is not None and not any(word in f"{callee}.{function}" for word in LEFT_OUT):
            self.calls.append(Call(caller, callee, function))

    def _module(self, frame: FrameType) -> str | None:
        code = frame.f_code
        if code not in self._modules:
            path = Path(code.co_filename)
            name = "exchange" if "exchanges" in path.parts else ROOMS.get(path.stem, path.stem)
            self._modules[code] = name if ROOT in path.parents and name in SHOWN else None
        return self._modules[code]


def _qualified(frame: FrameType) -> str:
    """``Class.method``; before Python 3.11 made of what ``self`` is."""
    name: str = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    if "." not in name and "self" in frame.f_locals:
        name = f"{type(frame.f_locals['self']).__name__}.{name}"
    return name.rpartition("<locals>.")[2]


@cache
def recorded() -> dict[str, list[Call]]:
    """The calls of one run: up to the open link, and those of one message."""
    recorder, called = Recorder(), threading.Event()
    transport = ScriptedTransport(FakeClock(), [Script([Send(text(TRADE).data, after=1.0)])])
    manager = SocketManager(transport=transport)

    def callback(message: object) -> None:
        recorder.calls.append(Call("router", "callback", "callback"))
        manager.stop_socket(key)
        called.set()

    logger = logging.getLogger("binance_sockets")
    level = logger.level
    logger.setLevel(logging.ERROR)  # or Sphinx prints the changes of state
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        key = manager.start_trade_socket("BTCUSDT", callback)
        manager.start()
        called.wait(10)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        manager.close()
        logger.setLevel(level)
    functions = [call.function for call in recorder.calls]
    service, delivered = functions.index("Link.service"), functions.index("callback")
    return {"start": recorder.calls[:service], "frame": recorder.calls[service : delivered + 1]}


def columns(calls: list[Call]) -> list[str]:
    """The rooms, from the user to the callback."""
    seen = {name for call in calls for name in (call.caller, call.callee)}
    return [name for name in ("script", "its thread", *SHOWN, "callback") if name in seen]


def svg(calls: list[Call]) -> str:
    """One column for each module, one arrow for each call."""
    names = columns(calls)
    middle = {name: COLUMN // 2 + COLUMN * place for place, name in enumerate(names)}
    width, height = COLUMN * len(names), TOP + ROW * (len(calls) + 1)
    parts = [
        f'<svg class="calls" viewBox="0 0 {width} {height}" role="img" aria-label="Who calls whom" '
        f'style="width:{width}px;font:11px sans-serif" fill="currentColor">',
        '<defs><marker id="call" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for name, x in middle.items():
        parts.append(
            f'<text x="{x}" y="14" text-anchor="middle" font-weight="bold">{name}</text>'
            f'<path d="M{x} 20V{height}" stroke="currentColor" opacity="0.25"/>'
        )
    for number, call in enumerate(calls):
        y, start, end = TOP + ROW * (number + 1), middle[call.caller], middle[call.callee]
        anchor = "start" if end > start else "end"
        parts.append(
            f'<path d="M{start} {y}H{end}" stroke="currentColor" opacity="0.7" marker-end="url(#call)"/>'
            f'<text x="{start + (5 if end > start else -5)}" y="{y - 3}" text-anchor="{anchor}">{call.function}</text>'
        )
    return "".join([*parts, "</svg>"])


class CallPicture(SphinxDirective):
    """The drawing, as wide as it needs to be."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        picture = svg(recorded()[self.arguments[0]])
        return [nodes.raw("", f'<div style="overflow-x:auto">{picture}</div>', format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("call-picture", CallPicture)
    return {"parallel_read_safe": True}
