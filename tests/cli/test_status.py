"""What ``watch`` says of its connections."""

from __future__ import annotations

from datetime import datetime

import pytest

from binance_sockets import Backoff, BudgetSnapshot, Options, SocketManager, WeightSnapshot
from binance_sockets.cli import main
from binance_sockets.cli.status import Status, _budget, _link
from binance_sockets.simulator import Simulator

NOON = datetime(2026, 1, 2, 12).timestamp()


def test_state_reconnects_and_gaps() -> None:
    """Each link has a line with its state and why the one before was left; gaps and reconnects are counted."""
    options = Options(backoff=Backoff(initial=0.01))
    with Simulator(seed=1, speed=10) as exchange:
        with SocketManager(environment=exchange.environment, options=options) as manager:
            status = Status(manager)
            key = manager.start_socket(["btcusdt@trade", "btcusdt@bookTicker"], lambda message: None)
            manager.wait_open(key)
            link, connection = status.lines()[:2]  # budgets of the process come behind
            assert link.startswith("link 0: open, last frame 0.")
            assert connection.startswith("callback keeps up, busy ")
            assert ", slowest call " in connection
            assert connection.endswith(" 0 reconnects, 0 gaps")
            exchange.inject("reset")
            exchange.wait_for(lambda: status.gaps == 1)
            link, connection = status.lines()[:2]  # budgets of the process come behind
            assert "the one before left (network)" in link
            assert "1 reconnect, 1 gap (the last " in connection
            assert connection.endswith(" s, network)")
            assert status.reconnects == 1
        assert status.lines() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"state": "backoff", "last_frame_age": None, "failures": 2}, "backoff, 2 failures in a row"),
        (
            {"state": "backoff", "last_frame_age": None, "waiting_until": NOON},
            "backoff, held back until 2026-01-02 12:00:00",
        ),
        ({"failures": 1}, "open, last frame 1.0 s ago"),
        ({"replacing": "max_age"}, "open, last frame 1.0 s ago, the next one opens (max_age)"),
        ({"isolated": True}, "open, last frame 1.0 s ago, TLS in the helper"),
        ({"gil_wait": 1.25}, "open, last frame 1.0 s ago, waited 1.2 s for the GIL"),
    ],
)
def test_a_link_in_words(changed: dict[str, object], words: str) -> None:
    """What is special about a link is said, and nothing else."""
    usual = {
        "state": "open", "streams": 1, "failures": 0, "waiting_until": None, "age": 5.0, "last_frame_age": 1.0,
        "replacing": None, "left": None, "isolated": False, "gil_wait": None, "credential": None,
    }  # fmt: skip
    assert _link({**usual, **changed}) == words  # type: ignore[typeddict-item]


def test_a_budget_in_words() -> None:
    """How much of the limit on connects is used, who waits, and until when a ban lasts."""
    row = BudgetSnapshot(used=3, left=237, period=300.0, waiting=0, banned_until=None, weights={})
    assert _budget("api.binance.com", row) == "api.binance.com: 3 of 240 connects in 300 s"
    row = BudgetSnapshot(used=240, left=0, period=300.0, waiting=2, banned_until=NOON, weights={})
    shown = "x: 240 of 240 connects in 300 s, 2 links held back, banned until 2026-01-02 12:00:00"
    assert _budget("x", row) == shown
    weight = WeightSnapshot(used=3590, left=10, period=60.0, waiting=3)
    row = BudgetSnapshot(used=0, left=0, period=0.0, waiting=0, banned_until=None, weights={"spot": weight})
    assert _budget("x", row) == "x: spot REST weight 3590 in 60 s, 10 left, 3 calls held back"
    assert not _budget("x", BudgetSnapshot(used=0, left=0, period=0.0, waiting=0, banned_until=None, weights={}))


def test_watch_shows_it(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """It stands above the table, in a block of its own where that is plain lines."""
    assert main(["watch", "btcusdt@bookTicker", "--count", "20", "--environment", exchange.environment]) == 0
    status, table = capsys.readouterr().out.strip().split("\n\n")[-2:]
    assert status.splitlines()[0].startswith("link 0: open")
    assert "0 reconnects, 0 gaps" in status.splitlines()[1]
    assert table.startswith("stream")
