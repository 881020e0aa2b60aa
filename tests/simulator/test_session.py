"""What a session leaves behind: nothing, whatever was due when it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from binance_sockets.simulator.ledger import Ledger
from binance_sockets.simulator.session import Session


class HandLoop:
    """A loop whose time stands still between calls of :meth:`run`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[SimpleNamespace] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[..., object], *arguments: Any) -> SimpleNamespace:
        at = self.now + seconds
        timer = SimpleNamespace(when=lambda: at, run=lambda: call(*arguments))
        timer.cancel = lambda: self.timers.remove(timer) if timer in self.timers else None
        self.timers.append(timer)
        return timer

    def run(self, until: float) -> None:
        while due := [timer for timer in self.timers if timer.when() <= until]:
            timer = min(due, key=lambda timer: timer.when())
            self.timers.remove(timer)
            self.now = max(self.now, timer.when())
            timer.run()
        self.now = until


def test_no_timer_outlives_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated call that was due when the session ended neither happens nor arms itself again."""
    loop = HandLoop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    services: Any = SimpleNamespace(sessions=set(), ledger=Ledger(), faults=None)
    terms: Any = SimpleNamespace(name="spot", binary=False)
    session = Session(services, terms, lambda session: SimpleNamespace(closed=lambda: None), "/spot/ws")  # type: ignore[arg-type, return-value]
    session._transport = SimpleNamespace(close=lambda: None)  # type: ignore[assignment]
    calls: list[float] = []
    session._every(1.0, lambda: calls.append(loop.now))
    loop.run(until=2.5)
    assert calls == [1.0, 2.0]
    loop.now = 3.0  # the third call is due, and has not come yet
    session.later(1.0, lambda: calls.append(loop.now))
    session._end()
    loop.run(until=100.0)
    session.later(1.0, lambda: calls.append(loop.now))
    assert (calls, loop.timers) == ([1.0, 2.0], [])
