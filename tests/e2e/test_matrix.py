"""Every fault that the simulator knows, for three kinds of sockets: what was promised is what happens."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from e2e.conftest import Tls
from e2e.faults_table import (
    ASKS,
    AT_ONCE,
    CHANGES,
    DELIVERS,
    GIVES_UP,
    RECONNECTS,
    REPORTS,
    RETRIES,
    ROWS,
    SHAPES,
    UNTOUCHED,
    WAITS,
    Row,
    Shape,
)
from e2e.harness import FINAL, Record, event_of, eventually, managed, nothing_left, number_of, numbers, options, say
from e2e.tables import TABLES
from patience import PATIENCE

from binance_sockets import Options, SocketManager
from binance_sockets.engine import listing
from binance_sockets.errors import SubscriptionMismatch, SubscriptionRejected
from binance_sockets.events import Reason, State
from binance_sockets.faults import Fault
from binance_sockets.simulator import Injection, Simulator

pytestmark = pytest.mark.usefixtures("soon")
TITLE = "fault x outcome"
PADS = tuple(f"pad{number:07}usdt@bookTicker" for number in range(200))  # fill one control frame, and no URL
CONNECTING = (RETRIES, GIVES_UP, WAITS, AT_ONCE)
outcomes: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module", autouse=True)
def printed(shared_plain: Simulator, shared_tls: Simulator) -> Iterator[None]:
    """The table, with a cell for every row and shape."""
    yield
    width = max(len(row.name) for row in ROWS)
    head = "  ".join(f"{shape.name:<{_column(shape)}}" for shape in SHAPES)
    TABLES[TITLE] = [f"{'fault':<{width}}  {head}".rstrip()]
    for row in ROWS:
        cells = (f"{outcomes.get((row.name, shape.name), 'NOT RUN'):<{_column(shape)}}" for shape in SHAPES)
        TABLES[TITLE].append(f"{row.name:<{width}}  {'  '.join(cells)}".rstrip())


def _column(shape: Shape) -> int:
    return max(len(row.promise_for(shape)) for row in ROWS)


class Case:
    """One cell of the matrix."""

    def __init__(self, row: Row, shape: Shape, sim: Simulator, manager: SocketManager, record: Record) -> None:
        self.row, self.shape, self.sim, self.manager, self.record = row, shape, sim, manager, record
        self.pads = PADS if row.many and len(shape.streams) > 1 else ()
        self.key = ""

    def inject(self, count: int | None = None) -> Injection:
        """The fault, aimed at one link where it strikes an open one."""
        row, shape = self.row, self.shape
        aim: dict[str, Any] = {}
        if row.promise not in CONNECTING and row.fault is not Fault.STALE_SNAPSHOT:
            aim = {"product": shape.product, "route": shape.hit}
        return self.sim.inject(row.fault, count=count, **aim, **row.params)

    def start(self) -> None:
        shape, on_message = self.shape, self.record.on_message
        if len(shape.streams) == 1:
            key = self.manager.start_trade_socket(shape.target.partition("@")[0], on_message)
        elif shape.product == "spot":
            key = self.manager.start_multiplex_socket([*self.pads, *shape.streams], on_message)
        else:
            key = self.manager.start_futures_multiplex_socket([*self.pads, *shape.streams], on_message)
        assert key
        self.key = key
        self.manager.start()

    def say(self, number: int) -> None:
        """One message of every stream, which must arrive."""
        before = numbers(self.record).count(number)
        say(self.sim, self.shape.product, self.shape.streams, number)
        wanted = before + len(self.shape.streams)
        self.record.wait(lambda record: numbers(record).count(number) >= wanted, f"messages {number}")

    def messages_go_on(self) -> None:
        """The final state is OPEN, and one message of every stream arrives."""
        self.manager.wait_open(self.key)
        assert self.manager.snapshot()["connections"][self.key]["state"] == State.OPEN.value
        self.say(100)
        assert not self.record.finals

    def changed(self) -> list[Reason]:
        """Why links were changed, of those for which that is over."""
        links = self.manager.snapshot()["connections"][self.key]["links"]
        return [Reason(link["left"]) for link in links if link["left"] and not link["replacing"]]

    def sent_while_it_stands(self) -> None:
        """Messages 2, 3 and 4 of one stream, which arrive as the row says."""
        for number in (2, 3, 4):
            say(self.sim, self.shape.product, [self.shape.target], number)
        self.record.wait(lambda record: 4 in numbers(record), "message 4")
        assert tuple(number for number in numbers(self.record) if number in (2, 3, 4)) == self.row.arrives

    def ended(self, attempts: int, caplog: pytest.LogCaptureFixture) -> None:
        """One payload, one final report, one ERROR line with the reason, the key is free; and nothing follows."""
        row, record, sim = self.row, self.record, self.sim
        self.manager.join(PATIENCE)
        (report,) = record.errors
        assert report.final
        assert isinstance(report.error, row.error or ())
        assert len(record.into(State.BACKOFF)) >= attempts
        (closed, *_) = record.into(State.CLOSED)
        assert closed.reason is row.reason
        lines = [entry for entry in caplog.records if entry.levelno >= logging.ERROR and entry.name != SIM_LOG]
        assert [str(report.error) in entry.getMessage() for entry in lines] == [True], lines
        sim.clear_faults()
        for stream in self.shape.streams:  # an attempt that was under way may listen for a moment
            sim.publish(self.shape.product, stream, event_of(stream, 9))
        assert record.messages == [FINAL]
        assert self.key not in self.manager.snapshot()["connections"]

    def left_once(self) -> None:
        """One link was left for the promised reason and its gap is reported; the others have not noticed."""
        row, record = self.row, self.record
        record.wait(lambda record: record.gaps, "a gap")
        (change,) = record.into(State.BACKOFF)
        assert change.reason is row.reason
        assert isinstance(change.error, row.error or ())
        (gap,) = record.gaps
        assert set(gap.streams) == {*self.shape.struck}  # the others have not begun yet
        assert gap.reason is row.reason
        assert gap.last_received <= gap.resumed
        assert [type(report.error) for report in record.errors] == ([row.error] if row.reported else [])


SIM_LOG = "aiohttp.server"  # speaks up about clients that left in the middle of a handshake


def _options(row: Row, tls: Tls) -> Options:
    attempts = {GIVES_UP: 1, WAITS: 0}.get(row.promise, 20)  # a loaded machine may be late for a short deadline
    short = {"connect": 0.25} if row.fault in (Fault.SLOW_ACCEPT, Fault.DRIP) else {}
    if row.fault is Fault.SILENCE:
        short = {"stale": 1.0, "ping": 0.25}
    if row.fault is Fault.ACK_NEVER:
        short = {"ack": 0.8}
    chosen = options(attempts=attempts, **short)
    return replace(chosen, ssl_context=tls.client) if row.tls else chosen


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name.replace(" ", "-"))
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
def test_every_fault_ends_as_promised(
    row: Row, shape: Shape, tls: Tls, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    """What the client does about this fault is what its row says, and nothing is left behind."""
    sim: Simulator = request.getfixturevalue("tls_sim" if row.tls else "sim")
    promise = row.promise_for(shape)
    if row.promise == ASKS:  # soon, and again soon
        patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        patch.setattr(listing, "_SOON", 0.5)
        patch.setattr(listing, "_RARELY", 0.5)
    with nothing_left(sim), managed(sim, _options(row, tls)) as (manager, record):
        case = Case(row, shape, sim, manager, record)
        _CHECKS[promise](case, caplog)
    if promise in (GIVES_UP, AT_ONCE):
        assert record.messages == [FINAL]
    outcomes[row.name, shape.name] = promise


def _retries(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    injection = case.inject(count=case.shape.links)
    case.start()
    case.messages_go_on()
    failed = case.record.into(State.BACKOFF)
    assert injection.struck == case.shape.links
    assert len(failed) >= injection.struck
    assert {change.reason for change in failed} == {case.row.reason}
    assert all(isinstance(change.error, case.row.error or ()) and change.delay for change in failed)
    assert not case.record.gaps
    assert not case.record.errors


def _gives_up(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.inject()
    case.start()
    case.ended(1, caplog)


def _gives_up_at_once(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    before = len(case.sim.history)
    case.inject()
    case.start()
    case.ended(0, caplog)
    assert not case.record.into(State.BACKOFF)
    assert len(case.sim.history) - before <= case.shape.links


def _waits(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.inject(count=case.shape.links)
    case.start()
    case.messages_go_on()
    waits = case.record.into(State.BACKOFF)
    assert len(waits) == case.shape.links
    asked = case.row.params["retry_after"]
    for change in waits:
        assert change.attempt == 0
        assert change.delay is not None
        assert asked <= change.delay < asked + 0.2
        assert change.reason is Reason.REJECTED
    assert not case.record.errors


def _reconnects(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.row.many and case.inject(count=1)
    case.start()
    case.manager.wait_open(case.key)
    case.row.many or _strike(case)
    case.left_once()
    case.messages_go_on()
    case.left_once()


def _strike(case: Case) -> None:
    """An open link meets the fault."""
    case.say(1)
    if case.row.fault is Fault.SILENCE:
        _fall_silent(case)
        return
    standing = case.inject(count=1)
    if standing.active:
        say(case.sim, case.shape.product, [case.shape.target], 2)
    assert standing.struck == 1


def _changes(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.start()
    case.manager.wait_open(case.key)
    case.say(1)
    injection = case.inject(count=1)
    case.say(2)
    eventually(lambda: case.changed() == [case.row.reason], "the change of the link")
    case.say(3)
    assert injection.struck == 1
    wanted = len(case.shape.streams)
    assert [numbers(case.record).count(number) for number in (1, 2, 3)] == [wanted] * 3
    _goes_on_in_peace(case)


def _fall_silent(case: Case) -> None:
    """One link falls silent, and no other: the thread that leaves it ends the fault before it opens the next one."""
    standing = case.inject()
    listening = case.manager.add_state_listener(lambda change: change.state is State.BACKOFF and standing.remove())
    case.record.wait(lambda record: record.into(State.BACKOFF), "a reaction to silence")
    case.record.wait(lambda record: record.gaps, "the next link")
    listening.remove()
    assert (standing.struck, standing.active) == (1, False)


def _reports(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.row.many and case.inject(count=1)
    case.start()
    if case.row.many:
        with pytest.raises(SubscriptionRejected):
            case.manager.wait_open(case.key)
    else:
        case.manager.wait_open(case.key)
        case.say(1)
        case.inject(count=1)
        case.sent_while_it_stands()
    case.say(100)
    (report,) = case.record.errors
    assert isinstance(report.error, case.row.error or ())
    assert not report.final
    if isinstance(report.error, SubscriptionRejected):
        assert report.error.streams == case.pads
    assert not case.record.into(State.BACKOFF)
    assert not case.record.gaps


def _asks(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    row, record, target = case.row, case.record, case.shape.target
    case.start()
    case.manager.wait_open(case.key)
    case.say(1)
    injection = case.inject(count=1)
    say(case.sim, case.shape.product, [target], 2)
    record.wait(lambda record: record.gaps, "the gap of what was forgotten")
    assert injection.struck == 1
    (report,) = record.errors
    assert isinstance(report.error, SubscriptionMismatch)
    assert (report.error.lacking, report.error.surplus, report.final) == ((target,), (), False)
    (gap,) = record.gaps
    assert (gap.streams, gap.reason) == ((target,), row.reason)
    case.messages_go_on()
    links = case.manager.snapshot()["connections"][case.key]["links"]
    assert [link["forgotten"] for link in links].count(1) == sum(link["forgotten"] for link in links) == 1
    assert 2 not in numbers(record)
    assert not record.into(State.BACKOFF)


def _delivers(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.start()
    case.manager.wait_open(case.key)
    case.say(1)
    injection = case.inject(count=1)
    case.sent_while_it_stands()
    assert injection.struck == 1
    bodies = [payload.get("data", payload) for payload in case.record.messages]
    strange = [body for body in bodies if number_of(body) is None]
    assert [body["e"] for body in strange] == (["neverHeardOf"] if case.row.fault is Fault.UNKNOWN_EVENT else [])
    lacking = [body["n"] for body in bodies if "n" in body and "E" not in body]
    assert lacking == ([2] if case.row.fault is Fault.MISSING_FIELD else [])
    _goes_on_in_peace(case)


def _untouched(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    injection = case.inject()
    case.start()
    case.manager.wait_open(case.key)
    case.say(1)
    case.sent_while_it_stands()
    assert not injection.struck
    _goes_on_in_peace(case)


def _goes_on_in_peace(case: Case) -> None:
    case.messages_go_on()
    assert not case.record.errors
    assert not case.record.gaps
    assert not case.record.into(State.BACKOFF)


_CHECKS = {
    RETRIES: _retries,
    GIVES_UP: _gives_up,
    AT_ONCE: _gives_up_at_once,
    WAITS: _waits,
    RECONNECTS: _reconnects,
    CHANGES: _changes,
    REPORTS: _reports,
    ASKS: _asks,
    DELIVERS: _delivers,
    UNTOUCHED: _untouched,
}


def test_the_matrix_has_every_fault() -> None:
    """A fault that is added to the vocabulary must be added to the matrix."""
    assert {row.fault for row in ROWS} == set(Fault)
    assert len({row.name for row in ROWS}) == len(ROWS)
