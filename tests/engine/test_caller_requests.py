"""Requests of callers: sent once, when the link can; each ends by its answer, in time, or by a loss."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fake_exchange import Bench, FakeExchange, calm, data, later, named, says, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine import frames
from binance_sockets.engine.requests import Request
from binance_sockets.errors import (
    BinanceSocketsError,
    ConfigError,
    ConnectError,
    ConnectionLost,
    CredentialError,
    HandshakeRejected,
    RequestTimeout,
)
from binance_sockets.events import State
from binance_sockets.exchange import Ack, Group, Rate
from binance_sockets.testing import Drop, Refuse, Script, Send, frame

QUIET = FakeExchange(stale_after=1e9, rates=())


class Asking:
    """A bench whose callers ask at given times."""

    def __init__(self, *outcomes: Script | Refuse, exchange: FakeExchange = QUIET, streams: Any = ("a",), **f: Any):
        self.bench = Bench(*outcomes, exchange=exchange, streams=streams, **f)
        self.got: dict[str, tuple[float, Any]] = {}
        self.requests: dict[str, Request] = {}

    def ask(self, at: float, name: str, timeout: float = 5.0, then: Callable[[Any], object] | None = None) -> Asking:
        def answered(answer: Ack | BinanceSocketsError) -> None:
            assert name not in self.got
            self.got[name] = (self.bench.now, answer)
            if then is not None:
                then(answer)

        def build(request_id: int) -> bytes:
            return json.dumps({"op": name, "ref": request_id, "list": []}).encode()

        def ask() -> None:
            self.requests[name] = self.bench.connection.request(build, answered, timeout)

        self.bench.clock.at(at, ask)
        return self

    def run(self, stop_at: float) -> Asking:
        self.bench.run(stop_at=stop_at)
        assert self.got.keys() == self.requests.keys()  # every waiter has ended
        return self

    def sent(self, link: int = 0) -> list[tuple[float, str]]:
        """``(seconds, op)`` of what the client sent on a link, without joins."""
        texts = [(at, json.loads(text)) for at, code, text in self.bench.transport.links[link].sent if code == 1]
        return [(round(at - 1000, 6), text["op"]) for at, text in texts if text["op"] != "join"]

    def times(self) -> dict[str, float]:
        return {name: at for name, (at, _) in self.got.items()}


def answering(delays: dict[str, float] | None = None, *steps: Send | Drop, refuses: str = "") -> Script:
    """A server that answers each op after its own delay (default 0.1 s), a negative one never."""

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode != frames.TEXT:
            return []
        asked = json.loads(payload)
        wait = {"join": 0.0, "login": 0.0, **(delays or {})}.get(asked["op"], 0.1)
        if wait < 0:
            return []
        if asked["op"] == refuses:
            return [says(wait, ref=asked["ref"], ok=False, why=[7, "no"])]
        return [says(wait, ref=asked["ref"], ok=True)]

    return Script(steps, react)


def test_many_in_flight_each_gets_its_own_answer() -> None:
    """In whatever order the answers come; a refusal is an answer, too."""
    asking = Asking(answering({"x": 2.0, "y": 0.5, "z": 1.0}, refuses="z"))
    for name in "xyz":
        asking.ask(1.0, name)
    asking.run(stop_at=9)
    assert asking.sent() == [(1.0, "x"), (1.0, "y"), (1.0, "z")]
    assert asking.times() == {"y": 1.5, "z": 2.0, "x": 3.0}
    refs = {
        name: json.loads(text)["ref"]
        for name, text in zip("xyz", asking.bench.transport.links[0].texts()[1:], strict=True)
    }
    assert asking.got["x"][1] == Ack(refs["x"])
    assert asking.got["z"][1] == Ack(refs["z"], (7, "no"))


def test_a_request_waits_for_the_link_and_its_login() -> None:
    """Asked before anything is open, it leaves when the login is answered, before any stream is asked for."""
    slow = answering({"login": 1.0})
    slow.accept_after = 2.0
    asking = Asking(slow, exchange=FakeExchange(password="word", rates=(), stale_after=1e9)).ask(0.5, "x")
    asking.run(stop_at=9)
    assert asking.sent() == [(2.0, "login"), (3.0, "x")]
    assert asking.times() == {"x": 3.1}


def test_a_link_without_streams_serves_requests() -> None:
    """Nothing is subscribed, and there is no gap to tell of."""

    class Bare(FakeExchange):
        def split(self, streams: Any) -> list[Group]:
            return [Group(())]

    asking = Asking(
        answering(None, Drop(after=3)),
        answering(),
        exchange=Bare(rates=(), stale_after=1e9),
        streams=(),
        options=calm(initial=1.0),
    )
    asking.ask(1.0, "x").ask(3.5, "y").run(stop_at=9)
    assert (asking.sent(0), asking.sent(1)) == ([(1.0, "x")], [(4.0, "y")])
    assert asking.bench.transport.links[0].texts()[0].startswith('{"op": "x"')
    assert asking.bench.gaps == []


def test_a_time_out_ends_the_request_alone() -> None:
    """The link goes on, and the answer that comes too late is nobody's and no error."""
    asking = (
        Asking(answering({"late": 3.0, "never": -1.0})).ask(1.0, "late", timeout=2.0).ask(1.5, "never", timeout=1.0)
    )
    asking.ask(5.0, "next").run(stop_at=9)
    for name in ("late", "never"):
        error = asking.got[name][1]
        assert isinstance(error, RequestTimeout) and error.outcome_unknown and asking.requests[name].sent
    assert asking.times() == {"never": 2.5, "late": 3.0, "next": 5.1}
    assert asking.bench.errors == [] and asking.bench.reasons == [("closing", "stopped"), ("closed", "stopped")]


def test_a_request_whose_time_is_over_is_never_sent() -> None:
    """While nothing is open it waits at most for its time; the outcome is known then."""
    slow = answering()
    slow.accept_after = 6.0
    asking = Asking(Refuse(ConnectError("x", "y")), slow, options=calm(initial=1.0))
    asking.ask(0.0, "early", timeout=0.5).ask(2.0, "late", timeout=3.0).ask(3.0, "good", timeout=9.0)
    asking.run(stop_at=9)
    assert asking.sent() == [(7.0, "good")]
    assert asking.times()["early"] == 0.5 and asking.times()["late"] == 7.0  # this thread was connecting until then
    for name in ("early", "late"):
        error = asking.got[name][1]
        assert isinstance(error, RequestTimeout) and not error.outcome_unknown and not asking.requests[name].sent
        assert error.unsent == "cannot connect to x: y"
        assert isinstance(error.__cause__, ConnectError)


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (ConnectionRefusedError("refused"), "cannot connect to key: ConnectionRefusedError('refused')"),
        (CredentialError("the key is refused"), "the key is refused"),
        (HandshakeRejected("host", 418, {}, b"", 600.0), "cannot connect to host: handshake rejected with HTTP 418"),
        (None, "the connection was not open yet"),
    ],
    ids=["foreign", "credential", "ban", "slow"],
)
def test_a_request_that_never_left_says_why(failure: Exception | None, cause: str) -> None:
    """What keeps the connection from opening, as text and as the cause."""
    slow = answering()
    slow.accept_after = 9.0
    asking = Asking(slow if failure is None else Refuse(failure), options=calm(initial=50.0))
    asking.ask(0.0, "x", timeout=2.0).run(stop_at=12)
    error = asking.got["x"][1]
    assert isinstance(error, RequestTimeout)
    assert error.unsent.startswith(cause)
    assert (error.__cause__ is None) == (failure is None)


def test_a_request_that_waits_for_a_loss_to_be_mended_says_so() -> None:
    """It is asked while the link waits for its next attempt."""
    asking = Asking(answering({}, Drop(after=3.0)), Refuse(ConnectError("x", "y")), options=calm(initial=50.0))
    asking.ask(4.0, "x", timeout=2.0).run(stop_at=12)
    error = asking.got["x"][1]
    assert isinstance(error, RequestTimeout)
    assert isinstance(error.__cause__, ConnectionLost)
    assert error.unsent == str(error.__cause__)


def test_a_loss_ends_what_was_sent_and_keeps_what_was_not() -> None:
    """What may have been carried out is not sent again; what never left goes over the next link."""
    asking = Asking(answering({"x": 5.0}, Drop(after=2)), answering(), options=calm(initial=1.0))
    asking.ask(1.0, "x").ask(2.5, "y").run(stop_at=9)
    assert isinstance(asking.got["x"][1], ConnectionLost)
    assert (asking.sent(0), asking.sent(1)) == ([(1.0, "x")], [(3.0, "y")])
    assert asking.times() == {"x": 2.0, "y": 3.1}


def test_giving_up_ends_all_with_the_cause() -> None:
    """Nothing waits for a link that will never open."""
    why = ConnectError("host", "refused")
    asking = Asking(Refuse(why), Refuse(why), options=calm(max_reconnects=1, initial=3.0)).ask(1.0, "x", timeout=60.0)
    asking.run(stop_at=9)
    assert asking.got == {"x": (3.0, why)}


def test_the_end_of_the_connection_ends_all() -> None:
    """By a stop, and of those asked afterwards."""
    asking = Asking(answering({"x": 5.0})).ask(1.0, "x")
    asking.run(stop_at=2)
    assert isinstance(asking.got["x"][1], ConnectionLost)
    after: list[Any] = []
    asking.bench.connection.request(lambda number: b"", after.append, 1.0)
    assert len(after) == 1 and isinstance(after[0], ConnectionLost)


@pytest.mark.parametrize("wait, ends", [(3.0, 15.0), (-1.0, 17.0)], ids=["answered", "timed out"])
def test_a_planned_change_waits_for_answers(wait: float, ends: float) -> None:
    """The server announces its end: nothing is lost that is answered in time, and the next WebSocket takes what
    follows at once."""
    bye = later(12.0, says(bye="maintenance"))
    asking = Asking(answering({"x": wait}, bye), answering(), options=calm(initial=1.0))
    asking.ask(12.0, "x", timeout=5.0).ask(13.0, "y").run(stop_at=29)
    assert asking.times()["x"] == ends
    assert isinstance(asking.got["x"][1], Ack if wait > 0 else RequestTimeout)
    assert (asking.sent(0), asking.sent(1)) == ([(12.0, "x")], [(13.0, "y")])
    closed = [at for at, opcode in asking.bench.sent(0) if opcode == frames.CLOSE]
    assert len(closed) == 1 and ends <= closed[0] <= ends + 1
    assert State.BACKOFF.value not in [state for _, state in asking.bench.states]


def test_answers_that_a_planned_change_waits_for_are_looked_for_each_second() -> None:
    """Where a silent stream keeps it from going on when the answer comes."""
    first = answering({"x": 5.5}, *[data("a", number, after=0.5) for number in range(70)])
    asking = Asking(first, answering(), exchange=FakeExchange(ids=True, rates=(), stale_after=1e9))
    asking.ask(19.9, "x", timeout=9.0)
    asking.bench.clock.at(20.0, asking.bench.connection.reconnect)
    asking.run(stop_at=29)
    assert asking.times() == {"x": 25.4}
    assert asking.bench.sent(0)[-1] == (26.0, frames.CLOSE)


def test_a_planned_change_waits_for_what_has_still_to_leave() -> None:
    """A request whose turn has not come on the old WebSocket leaves and is answered there, as those before it."""
    exchange = FakeExchange(rates=(Rate(2, 5.0),), stale_after=1e9, names_in_url=1)
    asking = Asking(answering(), answering(), exchange=exchange)
    for name in "xyz":
        asking.ask(1.0, name, timeout=30.0)
    asking.bench.clock.at(2.0, asking.bench.connection.reconnect)
    asking.run(stop_at=29)
    assert asking.sent(0) == [(1.0, "x"), (6.0, "y"), (11.0, "z")]
    assert all(isinstance(answer, Ack) for _, answer in asking.got.values())


def test_nothing_is_asked_behind_the_close_frame_of_a_planned_change() -> None:
    """The next WebSocket is not settled, as a stream has just joined: the request waits until it has taken over."""
    ending = [Send(frame(frames.CLOSE, b"\x03\xe8"), 0.9), Drop()]
    first = Script((), lambda opcode, payload: ending if opcode == frames.CLOSE else [])
    exchange = FakeExchange(stale_after=1e9, rates=(), names_in_url=1)
    asking = Asking(first, answering({"join": 3.0}), exchange=exchange).ask(7.2, "x")
    asking.bench.clock.at(5.0, asking.bench.connection.reconnect)
    asking.bench.clock.at(7.1, lambda: asking.bench.connection.change(named("b"), ()))
    asking.run(stop_at=12.0)
    left = [(1007.0, frames.PING), (1007.0, frames.CLOSE)]
    assert [(at, code) for at, code, _ in asking.bench.transport.links[0].sent] == left
    assert asking.sent(1) == [(7.9, "x")]
    assert asking.times() == {"x": 8.0}


def test_requests_keep_to_the_rates_of_the_exchange() -> None:
    """Evenly paced among the control frames, not in a burst."""
    asking = Asking(answering(), exchange=FakeExchange(rates=(Rate(5, 1.0),), stale_after=1e9))
    for name in "xyz":
        asking.ask(1.0, name)
    asking.run(stop_at=9)
    assert asking.sent() == [(1.0, "x"), (1.25, "y"), (1.5, "z")]


def test_a_request_that_cannot_be_made_ends_alone() -> None:
    """What its maker raises is its answer."""
    bench = Bench(server(), exchange=QUIET)
    got: list[Any] = []

    def build(request_id: int) -> bytes:
        raise ConfigError("secret", None, "one")

    bench.clock.at(1.0, lambda: bench.connection.request(build, got.append, 5.0))
    bench.run(stop_at=3)
    assert len(got) == 1 and isinstance(got[0], ConfigError)


def test_a_waiter_that_raises_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Also SystemExit: it is logged, and the connection goes on."""

    def leave(answer: Any) -> None:
        raise SystemExit(3)

    asking = Asking(answering()).ask(1.0, "x", then=leave).ask(2.0, "y").run(stop_at=5)
    assert asking.times() == {"x": 1.1, "y": 2.1}
    assert "what waits for an answer raised" in caplog.text


def test_a_waiter_may_ask_again() -> None:
    """Also when a loss ended it: the next request waits for the next link."""
    asking = Asking(answering({"x": 5.0}, Drop(after=2)), answering(), options=calm(initial=1.0))
    asking.ask(1.0, "x", then=lambda answer: asking.ask(0.0, "again")).run(stop_at=9)
    assert asking.times() == {"x": 2.0, "again": 3.1}


DELAYS = st.floats(-1.0, 6.0, allow_nan=False)  # below zero: never
LINKS = st.lists(st.one_of(st.none(), st.floats(0.0, 20.0)), max_size=5)  # refused, or cut after so long


@given(
    asked=st.lists(st.tuples(st.floats(0.0, 30.0), st.floats(0.1, 10.0), DELAYS), min_size=1, max_size=12),
    links=LINKS,
    word=st.sampled_from([None, "word"]),
    stop=st.floats(0.0, 40.0),
)
def test_every_request_ends_once_and_leaves_at_most_once(
    asked: list[tuple[float, float, float]], links: list[float | None], word: str | None, stop: float
) -> None:
    """Whatever links do, and whenever the end comes: no waiter is left, nothing goes out twice, or too late."""
    delays = {f"op{number}": delay for number, (_, _, delay) in enumerate(asked)}
    outcomes: list[Script | Refuse] = [
        Refuse(ConnectError("x", "y")) if life is None else answering(delays, Drop(after=life)) for life in links
    ]
    exchange = FakeExchange(password=word, rates=(), stale_after=1e9)
    asking = Asking(*outcomes, answering(delays), exchange=exchange, options=calm(initial=0.5, max_reconnects=None))
    for number, (at, timeout, _) in enumerate(asked):
        asking.ask(at, f"op{number}", timeout)
    asking.run(stop)  # and asserts that all have ended, once each
    sent = [(op, at) for link in range(len(asking.bench.transport.links)) for at, op in asking.sent(link)]
    requests = [(op, at) for op, at in sent if op.startswith("op")]
    assert len({op for op, _ in requests}) == len(requests)
    left = dict(requests)
    for name, (at, answer) in asking.got.items():
        begin, timeout, _ = asked[int(name[2:])]
        assert at <= max(begin + timeout, stop) + 0.001
        assert asking.requests[name].sent == (name in left)
        if isinstance(answer, Ack):
            assert name in left and answer.error is None
        elif isinstance(answer, RequestTimeout):
            assert answer.outcome_unknown == (name in left)
        if name in left:
            assert begin <= left[name] + 0.001 and left[name] < begin + timeout + 0.001
