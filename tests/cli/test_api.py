"""``binance-sockets api``."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from binance_sockets.cli import main
from binance_sockets.exchanges.binance.methods import METHODS
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Fault, Simulator


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols={"spot": ["BTCUSDT"]}, seed=3) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def keys(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BINANCE_API_KEY", DEMO_API_KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", DEMO_API_SECRET)
    monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", exchange.url)
    yield
    exchange.clear_faults()


def test_an_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Placed with the keys of the environment; the result is JSON on stdout, the use of the limits on stderr."""
    words = [
        "order.place",
        "symbol=BTCUSDT",
        "side=BUY",
        "type=MARKET",
        "quantity=0.010",
        "newClientOrderId=007",
        "--limits",
    ]
    assert main(["api", *words]) == 0
    said = capsys.readouterr()
    order = json.loads(said.out)
    assert (order["status"], order["clientOrderId"]) == ("FILLED", "007")
    assert " ORDERS per " in said.err and DEMO_API_SECRET not in said.err + said.out


def test_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    """Code and text of the exchange, and the exit code 1."""
    assert main(["api", "order.status", "symbol=BTCUSDT", "orderId=1"]) == 1
    assert "-2013" in capsys.readouterr().err


def test_no_reply(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """The id by which the order can be looked up is shown."""
    exchange.inject(Fault.REPLY_NEVER, method="order.place", count=1)
    words = ["order.place", "symbol=BTCUSDT", "side=BUY", "type=MARKET", "quantity=0.01", "--timeout", "0.2"]
    assert main(["api", *words]) == 1
    shown = capsys.readouterr().err
    assert "whether it was carried out is unknown" in shown and "newClientOrderId" in shown


@pytest.mark.parametrize("words", [["order.plaice"], ["order.place", "symbol"], ["order.place", "=x"]])
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown method, and what is no parameter."""
    assert main(["api", *words]) == 2
    assert "Error" in capsys.readouterr().err


@pytest.mark.parametrize("product", METHODS)
def test_lists_methods(product: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a method all that the product has."""
    assert main(["api", "--product", product]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(METHODS[product])
