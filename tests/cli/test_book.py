"""``binance-sockets book`` against the embedded exchange."""

from __future__ import annotations

import json

import pytest

from binance_sockets.books import Level, Top
from binance_sockets.cli import main
from binance_sockets.cli.book import ladder
from binance_sockets.simulator import Simulator


def test_json_lines(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` prints one object per change, as many as were asked for, ids rising; states go to stderr."""
    words = ["book", "BTCUSDT", "--json", "--count", "4", "--levels", "3", "--environment", exchange.environment]
    assert main(words) == 0
    captured = capsys.readouterr()
    tops = [json.loads(line) for line in captured.out.splitlines()]
    assert len(tops) == 4
    assert [top["id"] for top in tops] == sorted({top["id"] for top in tops})
    assert all(len(top["bids"]) == len(top["asks"]) == 3 for top in tops)
    assert all(float(top["bids"][0][0]) < float(top["asks"][0][0]) for top in tops)
    assert captured.err.startswith("btcusdt@book: in sync at ")


@pytest.mark.parametrize(("product", "symbol"), [("usdm", "BTCUSDT"), ("coinm", "BTCUSD_PERP")])
def test_ladder_as_plain_lines(
    product: str, symbol: str, exchange: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal the ladder is plain text: asks, the spread, bids."""
    words = ["book", symbol, "--product", product, "--levels", "2", "--count", "3"]
    assert main([*words, "--environment", exchange.environment]) == 0
    lines = capsys.readouterr().out.strip().split("\n\n")[-1].splitlines()
    assert [line.split()[0] for line in lines] == ["ask", "ask", "---", "bid", "bid"]
    prices = [float(line.split()[1]) for line in lines if not line.startswith("---")]
    assert prices == sorted(prices, reverse=True)


def test_a_terminal_is_redrawn(exchange: Simulator, terminal) -> None:  # type: ignore[no-untyped-def]
    """On a terminal the ladder stands, with its heading."""
    words = ["book", "btcusdt", "--rpi", "--product", "usdm", "--count", "3"]
    code, shown = terminal(*words, "--environment", exchange.environment)
    assert code == 0
    assert "BTCUSDT, usdm, " in shown
    assert "bid " in shown
    assert "spread" in shown


def test_bars_are_in_proportion() -> None:
    """The largest quantity has the longest bar; every one has some."""
    top = Top(7, None, [Level("9.0", "10.0")], [Level("10.0", "5.0"), Level("11.00", "0.001")])
    assert [line.count("#") for line in ladder(top)] == [1, 10, 0, 20]
    assert ladder(top)[2] == "--- at 7, spread 1"
    assert ladder(Top(7, None, [], [])) == ["--- at 7"]


@pytest.mark.parametrize("product", ["spot", "usdm", "coinm", "options"])
def test_an_unknown_symbol_ends_it(product: str, exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Its snapshots would be refused for ever."""
    assert main(["book", "NOSUCHUSDT", "--product", product, "--environment", exchange.environment]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"Error: {product} lists no symbol NOSUCHUSDT")


def test_wrong_words_end_it(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """What the exchange does not have is named, with code 2."""
    assert main(["book", "BTCUSDT", "--rpi", "--environment", exchange.environment]) == 2
    assert "rpi" in capsys.readouterr().err
