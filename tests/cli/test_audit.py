"""``binance-sockets audit`` on records of the embedded exchange and of a manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.harness import eventually, managed, options

from binance_sockets import ConfigError, Recorder
from binance_sockets.cli import main
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

STREAMS = {"spot": ["btcusdt@trade", "ethusdt@depth@100ms"], "usdm": ["btcusdt@aggTrade", "ethusdt@bookTicker"]}


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    """An exchange whose time runs fast, so that a hundred messages take no second."""
    with Simulator(seed=1, speed=40) as running:
        yield running


def session(folder: Path, sim: Simulator, product: str, fault: Fault | None, view: str) -> tuple[str, str]:
    """Record some seconds of a session in which a fault strikes; the files of what was sent and what came."""
    before, after = folder / f"{product}-sent", folder / f"{product}-came"
    record = sim.record(before, product, STREAMS[product])
    with Recorder(after) as recorder, managed(sim, options(attempts=None)) as (manager, heard):
        recorder.attach(manager)
        key = recorder.start(
            manager.start_multiplex_socket, STREAMS[product], product=product, view=view, then=heard.on_message
        )
        manager.start()
        manager.wait_open(key)
        heard.wait_messages(30)
        if fault is not None:
            if fault is Fault.RESET:  # long enough without a link that something is missed
                sim.inject(Fault.HTTP_STATUS, product=product, count=10)
            sim.inject(fault, product=product, count=1)
            if fault is Fault.RESET:
                eventually(lambda: manager.snapshot()["connections"][key]["reconnects"], "a reconnect")
                heard.wait(lambda all: all.gaps, "the gap")
        heard.wait_messages(len(heard.messages) + 100)
    record.close()
    return str(before), str(after)


@pytest.mark.parametrize("product", STREAMS)
@pytest.mark.parametrize(("fault", "view"), [(None, "raw"), (Fault.RESET, "dict")])
def test_an_honest_session_is_proven(
    product: str,
    fault: Fault | None,
    view: str,
    exchange: Simulator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a fault, and with a link that is lost and told, the command ends with 0; a row for each stream."""
    assert main(["audit", *session(tmp_path, exchange, product, fault, view)]) == 0, capsys.readouterr().out
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(STREAMS[product])
    for name in STREAMS[product]:
        (row,) = [line for line in lines if f" {name} " in line]
        assert int(row.split()[3]) > 0
        assert row.split()[5:] == ["0"] * 4
    missed = sum(int(line.split()[4]) for line in lines[1:])
    assert (missed > 0) is (fault is not None)


@pytest.mark.parametrize(("fault", "kind"), [(Fault.HOLE, "lost"), (Fault.DUPLICATE, "doubled")])
def test_what_the_exchange_spoils_is_found(
    fault: Fault, kind: str, exchange: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that the exchange itself leaves out or sends twice is named, with exit code 1."""
    assert main(["audit", *session(tmp_path, exchange, "spot", fault, "dict")]) == 1
    assert f": {kind} " in capsys.readouterr().out


def test_what_is_no_json_spoils_no_record(
    exchange: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The raw view hands it on as it came; the record keeps it as text, and what is missing would show beside it."""
    sent, came = session(tmp_path, exchange, "usdm", Fault.INVALID_JSON, "raw")
    assert main(["audit", sent, came]) == 0, capsys.readouterr().out
    texts = [line for line in map(json.loads, Path(came).read_text().splitlines()) if isinstance(line.get("data"), str)]
    assert len(texts) == 1 and texts[0]["data"].startswith('{"stream"')


def test_files_of_another_kind_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No JSON, or no record: exit code 2, and the line is named. Nothing at all is no proof either: 1."""
    good, bad, empty = tmp_path / "good", tmp_path / "bad", tmp_path / "empty"
    good.write_text(json.dumps({"life": 1, "conn_key": "a@trade", "time": 1.0}) + "\n")
    bad.write_text("{}\n[")
    empty.touch()
    assert main(["audit", str(bad), str(good)]) == 2
    assert "a line has no 'product'" in capsys.readouterr().err
    assert main(["audit", str(empty), str(bad)]) == 2
    assert "a line has no 'life'" in capsys.readouterr().err
    assert main(["audit", str(empty), str(good)]) == 1
    assert "no message came" in capsys.readouterr().err


def test_recorders_refuse_what_they_cannot_keep(exchange: Simulator, tmp_path: Path) -> None:
    """A typed view, an unknown stream, a stopped exchange."""
    with Recorder(tmp_path / "came") as recorder, managed(exchange) as (manager, _), pytest.raises(ConfigError):
        recorder.start(manager.start_trade_socket, "BTCUSDT", view="typed")
    with pytest.raises(ValueError, match="nothing is sent on nosuch@thing of spot"):
        exchange.record(tmp_path / "sent", "spot", ["nosuch@thing"])
    with pytest.raises(RuntimeError, match="running"):
        Simulator().record(tmp_path / "sent", "spot", ["btcusdt@trade"])
