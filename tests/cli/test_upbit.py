"""``--exchange upbit`` of ``watch`` and ``demo``."""

from __future__ import annotations

import json

import pytest

from binance_sockets.cli import main
from binance_sockets.simulator import Simulator

STREAMS = ["KRW-BTC", "krw-eth@trade", "KRW-BTC@orderbook", "KRW-BTC@candle.1s"]
NAMES = ["KRW-BTC@ticker", "KRW-ETH@trade", "KRW-BTC@orderbook", "KRW-BTC@candle.1s"]


def watch(exchange: Simulator, *words: str) -> int:
    return main(["watch", "--exchange", "upbit", *words, "--environment", exchange.environment])


def test_json_lines(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """One wrapped message per line, with full names and exact numbers."""
    assert watch(exchange, *STREAMS, "--json", "--count", "12") == 0
    captured = capsys.readouterr()
    messages = [json.loads(line) for line in captured.out.splitlines()]
    assert len(messages) == 12
    assert {message["stream"] for message in messages} <= set(NAMES)
    first = next(message["data"] for message in messages if message["stream"] == NAMES[0])
    assert isinstance(first["trade_price"], str)
    assert captured.err == ""


def test_table(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each stream, with its last price; the heading says where they come from."""
    assert watch(exchange, *STREAMS, "--count", "20") == 0
    captured = capsys.readouterr()
    table = captured.out.strip().split("\n\n")[-1].splitlines()
    rows = [line.split() for line in table[-4:]]
    assert [row[0] for row in rows] == NAMES
    assert all(float(row[3]) > 0 for row in rows if int(row[1]))
    assert captured.err.startswith(f"upbit kr, {exchange.environment}")


@pytest.mark.parametrize("wrong", ["BTC", "KRW-BTC@depth", "KRW-BTC@trade.1m", "KRW-BTC@candle.2m"])
def test_wrong_streams(wrong: str, exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Code 2, and what is allowed."""
    assert watch(exchange, wrong) == 2
    assert "Error" in capsys.readouterr().err


def test_options_of_the_other_exchange(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """They are refused, not left out of account."""
    assert watch(exchange, "KRW-BTC", "--product", "usdm") == 2
    assert "--product" in capsys.readouterr().err
    assert main(["watch", "btcusdt@trade", "--region", "th", "--environment", exchange.environment]) == 2
    assert "--region" in capsys.readouterr().err


def test_an_unknown_market_ends_it(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with similar ones; beside a known one the code tells in the end."""
    assert watch(exchange, "KRW-BTCC@candle.1m", "KRW-NOSUCH") == 1
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("Error: Upbit kr lists no symbol KRW-BTCC; similar: KRW-BTC")
    assert last.startswith("Error: Upbit kr lists no symbol KRW-NOSUCH")
    assert watch(exchange, "KRW-NOSUCH", "KRW-BTC", "--json", "--count", "1") == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """Every stream arrives, and it ends cleanly."""
    assert main(["demo", "--exchange", "upbit", "--seconds", "2"]) == 0
    captured = capsys.readouterr()
    assert all(name in captured.out for name in ("KRW-BTC@ticker", "KRW-BTC@candle.1s"))
    assert captured.err.endswith("closed cleanly\n")
    assert main(["demo", "--exchange", "upbit", "--user"]) == 2
