"""A recorder in the hands of who starts sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from binance_sockets import ConfigError, Recorder, SocketManager
from binance_sockets.testing import FakeClock


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda recorder, manager: recorder.start("btcusdt@trade"), "method: expected a start_"),
        (
            lambda recorder, manager: recorder.start(manager.start_trade_socket, "A", print),
            "It is then= of the recorder",
        ),
        (lambda recorder, manager: recorder.start(manager.start_trade_socket, "A", callback=print), "It is then="),
    ],
)
def test_what_it_cannot_start(call: Any, named: str, tmp_path: Path) -> None:
    """Said in words, before anything is started."""
    with Recorder(tmp_path / "got.jsonl") as recorder, SocketManager(environment="http://127.0.0.1:9") as manager:
        with pytest.raises(ConfigError, match=named):
            call(recorder, manager)
        assert not manager.snapshot()["connections"]


class Source:
    """What a recorder sees of a manager: its sockets' rows are set by the test."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.tell: Callable[[Any], object] = print
        self.during: Callable[[], object] = lambda: None

    def add_gap_listener(self, listener: Callable[[Any], object]) -> None:
        pass

    def add_state_listener(self, listener: Callable[[Any], object]) -> None:
        self.tell = listener

    def snapshot(self) -> Any:
        return {"connections": dict(self.rows)}

    def start(self, key: str, callback: Callable[[Any], object]) -> str:
        self.callback = callback
        self.during()
        return key

    def shows(self, key: str, since: float | None, until: float | None, state: str = "open") -> None:
        stream = {"complete_since": since, "complete_until": until}
        self.rows[key] = {"state": state, "streams": {"a@trade": stream}}


def lines_of(path: Path, name: str) -> list[Any]:
    return [line for line in map(json.loads, path.read_text().splitlines()) if name in line]


def recorded(path: Path, clock: FakeClock) -> Recorder:
    recorder = Recorder(path)
    recorder._clock = clock
    return recorder


def test_from_when_to_when_each_stream_was_carried(tmp_path: Path) -> None:
    """From its first confirmation to the last moment up to which all had come, also over losses; once, at its end."""
    source, clock, path = Source(), FakeClock(), tmp_path / "got"
    with recorded(path, clock) as recorder:
        recorder.attach(source)
        recorder.start(source.start, "key")
        begun = clock.time()
        for row in [(None, None), (3.0, 5.0), (3.0, 6.0), (8.0, 8.5), (8.0, 12.0)]:
            clock.advance(clock.now + 1.0)
            source.shows("key", *row)
            source.callback({"t": 1})
        clock.advance(clock.now + 1.0)
        source.rows.clear()
        source.tell(None)
    assert begun > 12.0
    assert lines_of(path, "carried") == [{"life": 1, "carried": [["a@trade", 3.0, 12.0]]}]
    assert len(lines_of(path, "data")) == 5


def test_an_open_loss_must_be_told(tmp_path: Path) -> None:
    """A stream that is lost is carried until the socket ends: what it misses has to lie in a gap."""
    source, clock, path = Source(), FakeClock(), tmp_path / "got"
    with recorded(path, clock) as recorder:
        recorder.attach(source)
        recorder.start(source.start, "key")
        for row in [(3.0, 5.0, "open"), (None, None, "backoff"), (None, None, "closed")]:
            clock.advance(clock.now + 1.0)
            source.shows("key", *row)
            source.tell(None)
        lost_at = clock.time() - 1.0
    assert lines_of(path, "carried") == [{"life": 1, "carried": [["a@trade", 3.0, lost_at]]}]


def test_looks_are_rare(tmp_path: Path) -> None:
    """One is enough for all sockets, however many change their state together; the last one is made by close()."""
    source, clock, path = Source(), FakeClock(), tmp_path / "got"
    with recorded(path, clock) as recorder:
        recorder.attach(source)
        recorder.start(source.start, "key")
        source.shows("key", 3.0, 5.0)
        source.tell(None)
        source.shows("key", 3.0, 6.0)
        source.tell(None)
        assert [life._carried for life in recorder._running.values()] == [{"a@trade": (3.0, 5.0)}]
    assert lines_of(path, "carried") == [{"life": 1, "carried": [["a@trade", 3.0, 6.0]]}]


def test_a_socket_that_is_started_again_is_another_life(tmp_path: Path) -> None:
    """What a look finds while a start goes on may be of either, and counts for none."""
    source, clock, path = Source(), FakeClock(), tmp_path / "got"

    def during() -> None:
        clock.advance(clock.now + 1.0)
        source.shows("key", 7.0, 9.0)
        source.tell(None)

    with recorded(path, clock) as recorder:
        recorder.attach(source)
        recorder.start(source.start, "key")
        source.shows("key", 3.0, 5.0)
        source.tell(None)
        source.during = during
        recorder.start(partial(source.start, "key"))
    first, second = lines_of(path, "carried")
    assert first == {"life": 1, "carried": [["a@trade", 3.0, 5.0]]}
    assert second == {"life": 2, "carried": [["a@trade", 7.0, 9.0]]}


def test_sockets_of_two_managers_are_told_apart(tmp_path: Path) -> None:
    """By the manager whose method started them; where that is not known, or not attached, nothing is told."""
    one, other, path = Source(), Source(), tmp_path / "got"
    with recorded(path, FakeClock()) as recorder:
        recorder.attach(one)
        recorder.attach(other)
        for number, source in enumerate((one, other)):
            recorder.start(source.start, "key")
            source.shows("key", 3.0 + number, 5.0)
        recorder.start(lambda callback: one.start("key", callback))
        recorder.start(Source().start, "key")
    assert [(line["life"], line["carried"][0][1]) for line in lines_of(path, "carried")] == [(1, 3.0), (2, 4.0)]
