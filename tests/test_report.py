"""The table of a manager, as text and in notebooks."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from fake_exchange import START, FakeExchange, calm, data, named, server

from binance_sockets import Report
from binance_sockets.manager import Manager
from binance_sockets.testing import FakeClock, ScriptedTransport

KEY = "a" * 64


def running() -> Manager:
    clock = FakeClock(START)
    transport = ScriptedTransport(clock, [server(data("a", 1), data("a", 2, after=1))])
    return Manager(options=calm(), transport=transport, environment="http://127.0.0.1:9", hosts={"spot": "127.0.0.1:9"})


def test_table() -> None:
    """One row per socket; columns line up; keys are shown safely and short."""
    manager = running()
    manager.name = "mine"
    assert str(manager.report()) == "mine http://127.0.0.1:9, not running: no sockets"
    shots: list[Report] = []
    for key in ("a", "<b>&\x1b[0m", KEY, "streams=" + "/".join(f"sym{number}@trade" for number in range(900))):
        manager._open(key, FakeExchange(), named("a", "b"), print)
    manager._core.transport.clock.at(5.0, lambda: shots.append(manager.report()))  # type: ignore[attr-defined]
    connection = manager._core.connections["a"]
    manager._core.transport.clock.at(6.0, connection.request_stop)  # type: ignore[attr-defined]
    connection.run()
    (report,) = shots
    assert repr(report) == str(report)
    title, head, *rows = str(report).splitlines()
    assert title == "mine http://127.0.0.1:9, not running"
    assert head.split() == ["socket", "state", "streams", "messages", "last", "message", "reconnects", "errors", "lag"]
    assert rows[0].split() == ["a", "open", "2", "2", "4.0", "s", "0", "0", "0.0", "s"]
    assert len(rows) == 4 and len({len(row) for row in [head, *rows]}) == 1
    assert len(head) < 160 and KEY not in str(report) and "\x1b" not in str(report)
    manager.close()


def test_html() -> None:
    """Well-formed, escaped, the same cells; the manager itself is shown so, too."""
    manager = running()
    assert "no sockets" in manager._repr_html_()
    manager._open("<b>&", FakeExchange(), named("a"), print)
    page = ElementTree.fromstring(manager._repr_html_())
    cells = [cell.text for cell in page.iter("td")]
    assert cells == ["<b>&", "idle", "1", "0", "never", "0", "0", "0.0 s"]
    assert len(list(page.iter("th"))) == len(cells)
    manager.close()


def test_what_came_long_ago() -> None:
    """Large counts and the freshest of several streams."""
    streams: dict[str, Any] = {name: {"last_message_age": age} for name, age in (("a", None), ("b", 70.0), ("c", 2.04))}
    row = {"state": "open", "streams": streams, "messages": 1234567, "reconnects": 3, "lag": 1.25}
    row |= {"callback_errors": 1, "decode_errors": 2, "misfits": 4}
    text = str(Report({"name": "m", "environment": "", "alive": True, "connections": {"k": row}}))
    assert text.splitlines()[0] == "m"
    assert text.splitlines()[2].split() == ["k", "open", "3", "1,234,567", "2.0", "s", "3", "7", "1.2", "s"]
