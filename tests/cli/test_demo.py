"""``binance-sockets demo``."""

from __future__ import annotations

import importlib
from decimal import Decimal

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
    process = launch("demo", "--seconds", "4")  # candles come every 2 s
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


def test_a_trading_session_is_followed_by_user_data(launch) -> None:  # type: ignore[no-untyped-def]
    """Orders are placed, filled and cancelled; the balances that the stream told are the exchange's at the end."""
    process = launch("demo", "--user", "--seconds", "2")
    out, errors = process.communicate(timeout=40)
    assert process.returncode == 0, errors
    for step in ("BUY MARKET 0.01000000: FILLED", "BUY LIMIT", "SELL LIMIT", ": CANCELED", "SELL MARKET"):
        assert step in out
    table = out.partition("balance ")[2].splitlines()
    assert [line.split()[0] for line in table[1:]] == ["BTC", "USDT"]
    assert all(line.split()[2].strip("0.") == "" for line in table[1:]), "nothing stays locked"
    assert [line.split(" ")[0] for line in errors.splitlines()] == ["embedded", "closed"]


def test_a_session_whose_events_stay_out_is_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is placed, and the stream says nothing of it."""
    monkeypatch.setattr("binance_sockets.cli.session.PATIENCE", 1.0)
    monkeypatch.setattr("binance_sockets.cli.session.Session._follow", lambda self, event: None)
    assert main(["demo", "--user"]) == 1
    assert "no event for 1 s that was to come" in capsys.readouterr().err


def test_other_balances_than_the_exchange_has_are_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the stream told is compared, asset by asset."""
    session = importlib.import_module("binance_sockets.cli.session").Session
    monkeypatch.setattr(session, "run", lambda self, seconds: self._balances.update(BTC=(Decimal(-1), Decimal(0))))
    assert main(["demo", "--user"]) == 1
    assert "the stream and the exchange differ: BTC" in capsys.readouterr().err
