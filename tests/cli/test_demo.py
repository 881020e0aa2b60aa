"""``binance-sockets demo``."""

from __future__ import annotations

import pytest

from binance_sockets.cli import main

WANTED = [
    "btcusdt@trade",
    "btcusdt@depth",
    "btcusdt@kline_1m",
    "ethusdt@trade",
    "ethusdt@bookTicker",
    "bnbusdt@miniTicker",
]


def test_every_stream_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    """Trade, depth, kline and multiplex sockets all bring messages, with prices; it ends cleanly with 0."""
    assert main(["demo", "--seconds", "5"]) == 0
    captured = capsys.readouterr()
    rows = [line.split() for line in captured.out.strip().split("\n\n")[-1].splitlines()[1:]]
    assert [row[0] for row in rows] == WANTED
    for stream, messages, rate, price, age, _latency in rows:
        assert int(messages) > 0, stream
        assert float(rate) > 0, stream
        assert float(price) > 0, stream
        assert 0 <= float(age) < 5, stream
    assert captured.err.splitlines()[-1] == "closed cleanly"


def test_ends_cleanly_as_a_process(launch) -> None:  # type: ignore[no-untyped-def]
    """As a process it ends with 0 and leaves no warning behind."""
    process = launch("demo", "--seconds", "3")
    out, errors = process.communicate(timeout=40)
    assert process.returncode == 0, errors
    assert "btcusdt@trade" in out
    assert [line.split(" ")[0] for line in errors.splitlines()] == ["embedded", "closed"]
