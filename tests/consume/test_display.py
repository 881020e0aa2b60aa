"""LiveDisplay: what a notebook shows is kept current in its place, and leaves no thread behind."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from consume.test_stream import Inline, opened
from loopback import PATIENCE

from binance_sockets import ConfigError, LiveDisplay, Table
from binance_sockets.events import Gap, Reason


class Notebook:
    """Stands for IPython: what was shown, in which place."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.updates = threading.Semaphore(0)
        self.fails = False

    def display(self, source: Any, *, display_id: bool) -> Notebook:
        assert display_id
        self.shown.append(source._repr_html_())
        return self

    def update(self, source: Any) -> None:
        if self.fails:
            self.updates.release()
            raise OSError("no kernel")
        self.shown[-1] = source._repr_html_()
        self.updates.release()

    def updated(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.updates.acquire(timeout=PATIENCE)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    found, module = Notebook(), ModuleType("IPython.display")
    module.display = found.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return found


def ends(display: LiveDisplay) -> None:
    assert display._worker.join(PATIENCE)
    assert not display.is_live


def test_it_shows_at_once_and_follows(notebook: Notebook) -> None:
    """In one place, until it is closed; twice is fine."""
    table = Table()
    with LiveDisplay(table, every=0.001) as display:
        assert len(notebook.shown) == 1
        table({"p": "1.5"})
        notebook.updated(3)
        assert "1.5" in notebook.shown[0]
        assert len(notebook.shown) == 1
        assert repr(display) == "<LiveDisplay of a Table>"
    display.close()
    ends(display)


def test_it_ends_with_what_it_shows(notebook: Notebook) -> None:
    """A stream without sockets is shown once more, and so is a closed manager; what is gone is not."""
    stream, socket = opened()
    display = LiveDisplay(stream, every=0.001)
    socket.end()
    ends(display)
    assert "ended: its socket was stopped" in notebook.shown[0]
    manager = Inline()
    ends(LiveDisplay(manager, every=0.001))
    table = Table()
    display = LiveDisplay(table, every=0.001)
    del table
    gc.collect()
    ends(display)


def test_the_cell_may_run_again(notebook: Notebook) -> None:
    """Of two that show the same thing the later one lives."""
    table = Table()
    first, second = LiveDisplay(table), LiveDisplay(table)
    assert (first.is_live, second.is_live) == (False, True)
    second.close()


def test_a_kernel_that_is_gone_ends_it(notebook: Notebook, caplog: pytest.LogCaptureFixture) -> None:
    """With one line in the log."""
    notebook.fails, table = True, Table()
    with caplog.at_level(logging.ERROR, "binance_sockets.consume"):
        ends(LiveDisplay(table, every=0.001))
    assert [record.message for record in caplog.records] == ["a live display cannot be updated any more"]


def test_wrong_arguments_and_no_notebook(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each says what is wrong; nothing is shown."""
    with pytest.raises(ConfigError, match=r"^every"):
        LiveDisplay(Table(), every=0)
    with pytest.raises(ConfigError, match=r"^source"):
        LiveDisplay("text")
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match="needs a notebook"):
        LiveDisplay(Table())
    assert notebook.shown == []


def test_streams_and_gaps_are_tables_in_a_notebook() -> None:
    """Well-formed and escaped."""
    stream, _ = opened()
    stream({"s": "<b>"})
    page = ElementTree.fromstring(stream._repr_html_())
    assert [cell.text for cell in page.iter("td")] == ["a", "open", "1", "1", "0", "0", "0", "{'s': '<b>'}"]
    gap = Gap("a", ("<b>@trade",), 1.0, 2.5, Reason.NETWORK)
    cells = [cell.text for cell in ElementTree.fromstring(gap._repr_html_()).iter("td")]
    assert cells[:4] == ["conn_key", "'a'", "streams", "('<b>@trade',)"]
