"""One vocabulary of faults: the rows that the simulator is held to over sockets, inline over scripts."""

from __future__ import annotations

import dataclasses
import json

import pytest
from e2e.faults_table import (
    AT_ONCE,
    CHANGES,
    DELIVERS,
    GIVES_UP,
    RECONNECTS,
    REPORTS,
    RETRIES,
    ROWS,
    UNTOUCHED,
    WAITS,
    Row,
)
from fake_exchange import FINAL, Bench, FakeExchange, calm, data, server

from binance_sockets.errors import ConnectError
from binance_sockets.faults import PARAMETERS, Fault
from binance_sockets.testing import (
    NOT_INLINE,
    FakeClock,
    Refuse,
    Script,
    ScriptedTransport,
    Speech,
    script_for,
)

MESSAGES = [json.dumps({"from": "a", "body": number}) for number in (2, 3, 4)]


class FakeSpeech(Speech):
    """How the fake exchange writes."""

    def acknowledged(self, request: bytes) -> bytes | None:
        return json.dumps({"ref": json.loads(request)["ref"], "ok": True}).encode()

    def refused(self, request: bytes, code: int, msg: str) -> bytes:
        return json.dumps({"ref": json.loads(request)["ref"], "ok": False, "why": [code, msg]}).encode()

    def shutdown(self) -> bytes:
        return b'{"bye": "maintenance"}'

    def unknown_event(self) -> bytes:
        return b'{"from": "a", "body": {"e": "neverHeardOf"}}'

    def without(self, message: bytes, field: str | None) -> bytes:
        return message  # a body of this exchange has no fields


def attempt(row: Row) -> Script | Refuse:
    made = script_for(row.fault, MESSAGES, speech=FakeSpeech(), **row.params)
    if row.promise == CHANGES and isinstance(made, Script):  # both WebSockets are sent what is new
        return dataclasses.replace(made, steps=[*made.steps, data("a", 100, after=1.0)])
    return made


def bench(row: Row) -> Bench:
    """A run through the row: the fault once, or for ever where the socket shall give up, then a good server."""
    retries = {GIVES_UP: 1, WAITS: 0}.get(row.promise, 5)
    outcomes = [attempt(row) for _ in range(2 if row.promise == GIVES_UP else 1)]
    made = Bench(
        *outcomes,
        server(data("a", 100, after=1.0)),
        exchange=FakeExchange(
            names_in_url=0 if row.many else 1, stale_after=5.0 if row.fault is Fault.SILENCE else 60.0
        ),
        options=calm(max_reconnects=retries, connect=0.4, ack=2.0),
    )
    return made.run(stop_at=9.0)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.fault not in NOT_INLINE], ids=lambda row: row.name.replace(" ", "-")
)
def test_scripts_keep_the_promises_of_the_table(row: Row) -> None:
    """Each row of the table of outcomes holds for the same fault, by the same name, over a script."""
    run = bench(row)
    backoffs = [change for _, change in run.changes if change.state.value == "backoff"]
    first_errors = [type(report.error) for report in run.reports]
    if row.promise in (GIVES_UP, AT_ONCE):
        assert run.payloads == [FINAL]
        assert len(backoffs) == (2 if row.promise == GIVES_UP else 0)
        (report,) = run.reports
        assert report.final
        assert isinstance(report.error, row.error or ())
    elif row.promise in (RETRIES, WAITS, RECONNECTS):
        (change,) = backoffs
        assert change.reason is row.reason
        assert isinstance(change.error, row.error or ())
        assert run.payloads[-1] == 100
        assert len(run.gaps) == (row.promise == RECONNECTS)
        assert first_errors == ([row.error] if row.reported else [])
    elif row.promise == CHANGES:  # the next link is open before the old one ends, and no state shows it
        assert not backoffs and not run.gaps and not first_errors
        assert run.payloads == [*row.arrives, 100] and len(run.attempts) == 2
        assert run.connection.links[0].endings.last is row.reason
    else:
        assert row.promise in (REPORTS, DELIVERS, UNTOUCHED)
        assert not backoffs
        numbers = tuple(body for body in run.payloads if isinstance(body, int))
        assert numbers == row.arrives
        assert first_errors == ([row.error] if row.reported else [])


def test_every_fault_is_in_both_or_has_a_reason() -> None:
    """The simulator takes every fault; scripts take all but those with a reason, and the table has a row for each."""
    assert set(PARAMETERS) == set(Fault)
    assert {row.fault for row in ROWS} == set(Fault)
    for fault in Fault:
        if fault in NOT_INLINE:
            with pytest.raises(ValueError, match=f"{fault.value} cannot be scripted: "):
                script_for(fault)
        else:
            assert isinstance(script_for(fault, MESSAGES, speech=FakeSpeech()), (Script, Refuse))


def test_scripts_refuse_what_the_simulator_refuses() -> None:
    """Unknown names and parameters raise alike; a fault that needs the exchange's words says so."""
    with pytest.raises(ValueError, match="unknown fault 'nonsense'; one of refuse"):
        script_for("nonsense")
    with pytest.raises(ValueError, match="close has no parameter colour; it has code, reason, delay"):
        script_for(Fault.CLOSE, colour=1)
    with pytest.raises(ValueError, match="reason of close must be text of at most 123 bytes: "):
        script_for(Fault.CLOSE, reason="x" * 124)
    with pytest.raises(ValueError, match="needs a Speech with shutdown"):
        script_for(Fault.SERVER_SHUTDOWN)


def test_a_transport_takes_faults_themselves() -> None:
    """A fault among the outcomes stands for its script."""
    run = Bench(Fault.REFUSE, server(data("a", 1)), exchange=FakeExchange(names_in_url=1)).run(stop_at=9.0)
    (change,) = [change for _, change in run.changes if change.state.value == "backoff"]
    assert isinstance(change.error, ConnectError)
    assert run.payloads == [1]
    assert ScriptedTransport(FakeClock(), [Fault.EOF]).links == []
