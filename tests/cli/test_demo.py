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


def test_every_stream_arrives_and_it_ends_cleanly(launch) -> None:  # type: ignore[no-untyped-def]
    """Trade, depth, kline and multiplex sockets all bring messages, with prices; the process ends with 0, silently."""
    process = launch("demo", "--seconds", "7")  # candles come every 2 s
    out, errors = process.communicate(timeout=40)
    assert process.returncode == 0, errors
    rows = [line.split() for line in out.strip().split("\n\n")[-1].splitlines()[1:]]
    assert [row[0] for row in rows] == WANTED
    for stream, messages, rate, price, age, _latency in rows:
        assert int(messages) > 0, stream
        assert float(rate) > 0, stream
        assert float(price) > 0, stream
        assert 0 <= float(age) < 10, stream
    assert [line.split(" ")[0] for line in errors.splitlines()] == ["embedded", "closed"]


def test_a_silent_stream_is_code_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """When a stream brings nothing, the demo names it and ends with 1."""
    monkeypatch.setattr("binance_sockets.cli.demo.MULTIPLEX", ("nosuchcoin@trade",))
    assert main(["demo", "--seconds", "2"]) == 1
    assert "nosuchcoin@trade" in capsys.readouterr().err.splitlines()[-1]
