"""``binance-sockets audit`` on records of the embedded exchange and of a manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import inf
from pathlib import Path

import pytest
from e2e.harness import eventually, managed, options

from binance_sockets import ConfigError, Recorder, SocketManager
from binance_sockets.cli import main
from binance_sockets.events import State
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


def wait_complete(manager: SocketManager, key: str, seconds: float) -> None:
    """Wait until all is known to have come on each stream for so long."""

    def complete() -> bool:
        rows = manager.snapshot()["connections"][key]["streams"].values()
        moments = [(row["complete_since"], row["complete_until"]) for row in rows]
        return all(since and until and until - since > seconds for since, until in moments)

    eventually(complete, f"{seconds} seconds in which all came")


@pytest.fixture(scope="module")
def long(exchange: Simulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Records of a session of some seconds, in which all streams were carried."""
    before, after = (tmp_path_factory.mktemp("long") / name for name in ("sent", "came"))
    record = exchange.record(before, "spot", STREAMS["spot"])
    with Recorder(after) as recorder, managed(exchange) as (manager, _):
        recorder.attach(manager)
        key = recorder.start(manager.start_multiplex_socket, STREAMS["spot"])
        manager.start()

        wait_complete(manager, key, 6.0)
    record.close()
    return before, after


def test_a_whole_record_is_whole_to_its_ends(long: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """From the confirmation of each stream to the end of its socket nothing is missing."""
    assert main(["audit", *map(str, long)]) == 0, capsys.readouterr().out
    (line,) = [line for line in map(json.loads, long[1].read_text().splitlines()) if "carried" in line]
    assert sorted(name for name, _, _ in line["carried"]) == sorted(STREAMS["spot"])
    assert all(until - since > 2.0 for _, since, until in line["carried"])


@pytest.mark.parametrize("stream", STREAMS["spot"])
@pytest.mark.parametrize("cut", ["head", "tail", "whole"])
def test_what_is_cut_off_is_lost(
    cut: str, stream: str, long: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of a stream, or all of it, is missing at an end: each message is an offence that was sent more than a second
    after its confirmation, and more than a second before the moment up to which all had come."""
    lines = list(map(json.loads, long[1].read_text().splitlines()))
    (ends,) = [line["carried"] for line in lines if "carried" in line]
    (since, until) = next((since, until) for name, since, until in ends if name == stream)
    middle = (since + until) / 2
    times = {
        json.dumps(line["data"]): line["time"]
        for line in map(json.loads, long[0].read_text().splitlines())
        if line["stream"] == stream
    }
    moments = {
        number: times[json.dumps(line["data"]["data"])]
        for number, line in enumerate(lines)
        if "data" in line and line["data"]["stream"] == stream
    }
    begin, end = {"head": (0.0, middle), "tail": (middle, inf), "whole": (0.0, inf)}[cut]
    gone = {number: moment for number, moment in moments.items() if begin <= moment <= end}
    due = sum(since + 1.0 <= moment <= until - 1.0 for moment in gone.values())
    assert due > 0
    short = tmp_path / "came"
    short.write_text("".join(json.dumps(line) + "\n" for number, line in enumerate(lines) if number not in gone))
    assert main(["audit", str(long[0]), str(short)]) == 1
    told = capsys.readouterr().out
    for name in STREAMS["spot"]:
        (row,) = [line.split() for line in told.splitlines() if f" {name} " in line]
        _, _, lost, *others = map(int, row[3:])
        assert others == [0, 0, 0]
        assert lost == (due if name == stream else 0)
    assert f"{stream}: lost " in told


def test_what_a_socket_had_lost_at_its_end_is_told(
    exchange: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Closed while its link is down: the gap that is told then covers all to the end, and without it that is lost."""
    sent, came, untold = tmp_path / "sent", tmp_path / "came", tmp_path / "untold"
    record = exchange.record(sent, "spot", STREAMS["spot"])
    with Recorder(came) as recorder, managed(exchange, options(attempts=None)) as (manager, heard):
        recorder.attach(manager)
        key = recorder.start(manager.start_multiplex_socket, STREAMS["spot"], then=heard.on_message)
        manager.start()
        manager.wait_open(key)
        wait_complete(manager, key, 0.0)
        exchange.inject(Fault.HTTP_STATUS, product="spot", count=1_000_000)
        exchange.inject(Fault.RESET, product="spot", count=1)
        heard.wait(lambda all: (away := all.into(State.BACKOFF)) and away[-1].time > away[0].time + 2.0, "attempts")
    exchange.clear_faults()
    record.close()
    assert main(["audit", str(sent), str(came)]) == 0, capsys.readouterr().out
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert all(int(row[4]) > 0 for row in rows)
    untold.write_text("".join(line + "\n" for line in came.read_text().splitlines() if '"gap"' not in line))
    assert main(["audit", str(sent), str(untold)]) == 1
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1 : 1 + len(rows)]]
    assert all(int(row[4]) == 0 and int(row[5]) > 0 for row in rows)


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
