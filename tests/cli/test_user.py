"""``binance-sockets user`` against the embedded exchange."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import golden
import pytest

from binance_sockets.cli import main, words
from binance_sockets.cli.words import as_words
from binance_sockets.simulator import Simulator
from binance_sockets.simulator.binance.registrar import DEMO_API_KEY, DEMO_API_SECRET

EVENT = {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "0.5", "T": 1}
SPOKEN = [path for path in sorted((golden.DATA / "user").glob("*/*.json")) if "margin" not in path.parts]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo account's, as a user sets them."""
    monkeypatch.setenv("BINANCE_API_KEY", DEMO_API_KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", DEMO_API_SECRET)


@pytest.fixture
def telling(exchange: Simulator) -> Iterator[Callable[..., None]]:
    """``telling(wallet, event)`` has the exchange send an event again and again, until the test is over."""
    over = threading.Event()
    threads = []

    def tell(wallet: str, event: dict[str, Any]) -> None:
        while not over.wait(0.02):
            exchange.accounts.publish(DEMO_API_KEY, wallet, event)

    def begin(*arguments: Any) -> None:
        threads.append(threading.Thread(target=tell, args=arguments))
        threads[-1].start()

    yield begin
    over.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("words", "wallet"),
    [
        ([], "spot"),
        (["isolated", "--symbol", "btcusdt"], "isolated/BTCUSDT"),
        (["usdm"], "usdm"),
        (["margin-risk"], "margin-risk"),
    ],
)
def test_json_lines(
    words: list[str], wallet: str, exchange: Simulator, telling: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--json`` prints one bare event per line, and nothing else."""
    event = {**EVENT, "e": "TRADE_LITE"} if wallet == "usdm" else EVENT  # what its events= does not name does not come
    telling(wallet, event)
    assert main(["user", *words, "--json", "--count", "2", "--environment", exchange.environment]) == 0
    captured = capsys.readouterr()
    assert [json.loads(line) for line in captured.out.splitlines()] == [event] * 2
    assert captured.err == ""


def test_words(exchange: Simulator, telling: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it an event is a line of words."""
    telling("spot", EVENT)
    assert main(["user", "--count", "1", "--environment", exchange.environment]) == 0
    assert capsys.readouterr().out.split() == ["balanceUpdate", "BTC", "0.5"]


def test_the_end_of_a_credential_is_said(
    exchange: Simulator, telling: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, with the gap behind it, before what the next listen key brings."""
    said: list[str] = []  # before each event

    def end_once(event: Any) -> str:
        """The first event is written: the key is good, and ends."""
        if not said:
            exchange.accounts.expire_listen_keys()
        said.append(capsys.readouterr().err)
        if any("gap: " in each for each in said):
            raise KeyboardInterrupt
        return "event"

    monkeypatch.setattr(words, "as_words", end_once)
    telling("usdm", {"e": "TRADE_LITE", "E": 1})
    assert main(["user", "usdm", "--environment", exchange.environment]) == 130
    lines = "".join([*said, capsys.readouterr().err]).splitlines()
    assert lines[0].startswith("credential ended") and lines[1].startswith("gap: ")


def test_a_refused_key_ends_it(exchange: Simulator, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """Exit code 1 and the exchange's word; 2 without any key, or with a symbol where none belongs."""
    monkeypatch.setenv("BINANCE_API_SECRET", "wrong")
    assert main(["user", "--environment", exchange.environment]) == 1
    assert "-1022" in capsys.readouterr().err
    monkeypatch.delenv("BINANCE_API_KEY")
    monkeypatch.delenv("BINANCE_API_SECRET")
    assert main(["user", "--environment", exchange.environment]) == 2
    assert "BINANCE_API_KEY" in capsys.readouterr().err
    assert main(["user", "usdm", "--symbol", "BTCUSDT"]) == 2


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_event_has_a_line(path: Any) -> None:
    """One line, with the event's name first; an odd one too."""
    for row in json.loads(path.read_text())["samples"]:
        line = as_words(row["payload"])
        assert line.split()[0] == row["payload"]["e"] and "\n" not in line and len(line) < 260
    assert as_words({"e": path.stem}).split() == [path.stem, "{}"]
