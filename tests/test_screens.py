"""The recipes for windows and web pages, as they stand in the documentation, follow the newest message."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from patience import PATIENCE

import binance_sockets
from binance_sockets import SocketManager
from binance_sockets.simulator import Simulator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "howto" / "screens.rst"


def recipe(title: str) -> str:
    """The first block of Python below a title."""
    part = PAGE.read_text(encoding="utf-8").partition(f"\n{title}\n---")[2]
    block = part.partition(".. code-block:: python\n\n")[2]
    lines = block.splitlines()
    end = next((number for number, line in enumerate(lines) if line and not line.startswith("   ")), len(lines))
    return textwrap.dedent("\n".join(lines[:end]))


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """One that the recipes find, and whose sockets are closed at the end, as those of a server would be by its exit."""
    managers: list[SocketManager] = []

    class Noted(SocketManager):
        def __init__(self) -> None:
            super().__init__()
            managers.append(self)

    with Simulator(seed=4, speed=20.0) as found:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", found.url)
        monkeypatch.setattr(binance_sockets, "SocketManager", Noted)
        yield found
        for manager in managers:
            manager.close()


def until_a_price(look: Any) -> str:
    """Look again and again, as the page would, until there is one."""
    pause, found = threading.Event(), look()
    for _ in range(int(PATIENCE / 0.01)):
        if found != "connecting":
            break
        pause.wait(0.01)
        found = look()
    return str(found)


def test_streamlit_shows_the_newest(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its script runs twice, as for two users: one stream serves both. A stand-in has what the recipe uses of it."""
    made: dict[Any, Any] = {}
    shown: list[Any] = []
    module: Any = ModuleType("streamlit")
    module.cache_resource = lambda make: lambda: made.get(make.__name__) or made.setdefault(make.__name__, make())
    module.fragment = lambda run_every: lambda show: show
    module.metric = lambda name, value, delta: shown.append((name, value, delta))
    monkeypatch.setitem(sys.modules, "streamlit", module)
    names: dict[str, Any] = {}
    for _ in range(2):
        exec(recipe("Streamlit"), names)

    def look() -> str:
        names["show"]()
        return str(shown[-1][1])

    assert float(until_a_price(look)) > 0
    assert shown[0] == ("BTCUSDT", "connecting", None)
    assert shown[-1][2].endswith(" %")
    assert len(exchange.connections) == 1


def test_dash_shows_the_newest(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in has what the recipe uses of it; nothing is opened before the page is asked for."""
    module: Any = ModuleType("dash")
    part = lambda *arguments, **options: None  # noqa: E731
    module.html, module.dcc = SimpleNamespace(Div=part, H1=part), SimpleNamespace(Interval=part)
    module.Output = module.Input = part
    module.Dash = lambda name: SimpleNamespace(callback=lambda *ways: lambda function: function)
    monkeypatch.setitem(sys.modules, "dash", module)
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(recipe("Dash"), names)
    assert exchange.connections == []
    assert float(until_a_price(lambda: names["show"](1))) > 0


@pytest.mark.skipif(importlib.util.find_spec("tkinter") is None, reason="this Python has no tkinter")
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no Xvfb, which lends a window a screen")
def test_tkinter_shows_the_newest(exchange: Simulator, tmp_path: Path) -> None:
    """In a process of its own, on a screen that nobody sees: it shows a price, and closing its window ends it."""
    probe = """
def report():
    shown = price.get()
    if shown == "connecting":
        window.after(10, report)
    else:
        print(shown, flush=True)
        leave()
window.after(0, report)
window.mainloop()
"""
    code = recipe("tkinter")
    assert code.rstrip().endswith("window.mainloop()")
    script = tmp_path / "window.py"
    script.write_text(code.rstrip().removesuffix("window.mainloop()") + probe)
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            display = said.readline().strip()
        environment = {**os.environ, "DISPLAY": f":{display}"}
        done = subprocess.run(
            [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=40
        )
    finally:
        screen.terminate()
        screen.wait(PATIENCE)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0
    assert "Traceback" not in done.stderr


def test_several_symbols_are_kept_in_a_dict() -> None:
    """The last recipe is a callback; what is no data changes nothing."""
    started: list[Any] = []
    names: dict[str, Any] = {"manager": SimpleNamespace(start_multiplex_socket=lambda *given: started.append(given))}
    exec(recipe("Several symbols"), names)
    callback = started[0][1]
    callback(json.loads('{"stream": "btcusdt@ticker", "data": {"s": "BTCUSDT", "c": "1.5"}}'))
    callback({"e": "error", "m": "Max reconnect retries reached"})
    assert names["prices"] == {"BTCUSDT": "1.5"}
