"""The engine's promises on every exchange: the one for tests, Binance and Upbit, through the manager of each.

A row that cannot hold on one of them says why.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from dialects import DIALECTS, Case, Dialect, on
from fake_exchange import FINAL, START

from binance_sockets import Buffered, MessageStream
from binance_sockets.errors import (
    CallbackError,
    DecodeError,
    HandshakeRejected,
    RequestTimeout,
    StreamEnded,
    SubscriptionRejected,
)
from binance_sockets.testing import Drop, Refuse, Script, Send, close, text

REFUSED = Refuse(OSError("nobody listens"))
VIEWS = [(dialect, view) for dialect in DIALECTS.values() for view in dialect.views]


def ticks(dialect: Dialect, first: int, count: int, every: float = 0.5) -> list[Send]:
    """Numbered messages, one every so many seconds."""
    return [dialect.message(number, every) for number in range(first, first + count)]


# -- reconnects --


@on()
def test_five_reconnects_then_the_last_payload(dialect: Dialect) -> None:
    """1, 2, 4, 8 and 16 seconds; the payload and the report come once, behind the gap of what was lost."""
    first = dialect.server(dialect.message(1, 1.0), Drop(after=1.0))
    case = Case(dialect, first, *[REFUSED] * 9).run(100)
    assert case.attempts == [0, 3, 5, 9, 17, 33]
    assert case.got == [1, FINAL]
    assert [report.final for report in case.errors] == [True]
    assert [(gap.streams, gap.reason.value) for gap in case.gaps] == [((dialect.stream,), "network")]
    assert case.states[-1] == "closed"
    assert case.manager.snapshot()["connections"] == {}


@on()
def test_what_cannot_help_is_not_tried_again(dialect: Dialect) -> None:
    """HTTP 404 ends the socket with the same payload."""
    case = Case(dialect, Refuse(HandshakeRejected("exchange:443", 404))).run(100)
    assert (case.attempts, case.got) == ([0], [FINAL])
    assert [report.final for report in case.errors] == [True]


@on()
def test_a_lost_link_is_made_anew_and_its_gap_is_told(dialect: Dialect) -> None:
    """Everything is asked for again; the gap has its streams, its reason and safe times."""
    first = dialect.server(dialect.message(1, 1.0), Drop(after=2.0))
    case = Case(dialect, first, REFUSED, dialect.server(dialect.message(9, 1.0))).run(20)
    assert case.attempts == [0, 4, 6]
    assert case.got == [1, 9]
    (gap,) = case.gaps
    assert (gap.conn_key, gap.streams, gap.reason.value) == (case.key, (dialect.stream,), "network")
    assert gap.last_received - START <= 1.0
    assert 6.0 <= gap.resumed - START <= 6.5


@on(upbit="ids of trades do not always rise, so that none says where a gap begins")
def test_a_gap_has_the_ids_at_both_ends(dialect: Dialect) -> None:
    """Of what came last before it and first behind it."""
    first = dialect.server(dialect.message(1, 1.0), Drop(after=2.0))
    case = Case(dialect, first, dialect.server(dialect.message(9, 1.0))).run(20)
    assert [(ids.last_id, ids.first_id) for gap in case.gaps for ids in gap.ids] == [(1, 9)]


@on()
def test_a_ban_is_waited_for_and_costs_no_attempt(dialect: Dialect) -> None:
    """As long as the exchange says, though there is one reconnect only."""
    banned = Refuse(HandshakeRejected("exchange:443", 429, {}, b"", 30.0))
    case = Case(dialect, banned, banned, dialect.server(dialect.message(1, 1.0)), max_reconnects=1).run(100)
    assert [round(at) for at in case.attempts] == [0, 30, 60]
    assert case.got == [1]


# -- planned changes --


@on()
def test_nothing_shows_of_a_planned_change(dialect: Dialect) -> None:
    """The next WebSocket receives before the old one ends: each message once, in order, no change of state, no gap."""
    old, new = dialect.server(*ticks(dialect, 0, 60)), dialect.server(*ticks(dialect, 20, 60))
    case = Case(dialect, old, new)
    case.at(10.0, lambda: case.manager.reconnect(case.key))
    case.run(25.2)
    assert case.got == list(range(50))
    assert case.attempts == [0, 10]
    assert case.states == ["connecting", "open", "closing", "closed"] or case.states == ["connecting", "open", "closed"]
    assert (case.gaps, case.errors) == ([], [])


@on()
def test_a_planned_change_that_fails_leaves_the_old_one(dialect: Dialect) -> None:
    """It is tried again while that goes on."""
    old, new = dialect.server(*ticks(dialect, 0, 60)), dialect.server(*ticks(dialect, 22, 60))
    case = Case(dialect, old, REFUSED, new)
    case.at(10.0, lambda: case.manager.reconnect(case.key))
    case.run(25.2)
    assert case.got == list(range(50))
    assert case.attempts == [0, 10, 11]
    assert case.gaps == []


# -- silence --


@on()
def test_a_dead_link_is_left(dialect: Dialect) -> None:
    """Nothing comes, and no answer to a ping."""
    dead = dialect.server(dialect.message(1, 1.0), pong=False)
    case = Case(dialect, dead, dialect.server(dialect.message(2, 1.0)), stale=10.0, ping=5.0).run(40)
    assert case.got == [1, 2]
    assert "stale" in case.reasons
    assert [gap.streams for gap in case.gaps] == [(dialect.stream,)]


@on()
def test_a_quiet_link_that_answers_is_kept(dialect: Dialect) -> None:
    """A ping that is answered is a sign of life."""
    case = Case(dialect, dialect.server(dialect.message(1, 90.0)), stale=10.0, ping=5.0, first_message=0.0).run(100)
    assert (case.attempts, case.got, case.gaps) == ([0], [1], [])


# -- subscriptions --


@on()
def test_a_stream_joins_an_open_socket(dialect: Dialect) -> None:
    """Beside the one that runs, which goes on."""
    steps = [dialect.message(1, 0.5), dialect.message(2, 2.5, other=True), dialect.message(3, 0.5)]
    case = Case(dialect, dialect.server(*steps))
    case.at(1.0, lambda: dialect.join(case.manager, case.key))
    case.run(10)
    assert case.got == [1, 2, 3]
    assert case.errors == []


@on()
def test_a_refused_stream_is_told_and_the_rest_goes_on(dialect: Dialect) -> None:
    """Under its name, and the link is kept."""
    case = Case(dialect, dialect.server(dialect.message(1, 0.5), dialect.message(2, 5.0), refuses=True))
    case.at(1.0, lambda: dialect.join(case.manager, case.key))
    case.run(10)
    assert [error.streams for error in case.told(SubscriptionRejected)] == [(dialect.other,)]
    assert (case.got, case.attempts) == ([1, 2], [0])


@on(upbit="it answers no list: a pong behind that serves where it does not tell what it carries")
def test_an_unanswered_subscription_ends_the_link(dialect: Dialect) -> None:
    """Who does not answer is not trusted, however alive."""
    case = Case(dialect, dialect.server(answers=False), dialect.server(), ack=4.0)
    case.at(1.0, lambda: dialect.join(case.manager, case.key))
    case.run(12)
    assert len(case.attempts) >= 2
    assert "network" in case.reasons or "stale" in case.reasons
    assert case.told(RequestTimeout) == []


# -- callbacks --


@on()
def test_a_callback_that_raises_goes_on(dialect: Dialect) -> None:
    """Its stream, and all of its messages; it is told."""

    def raising(number: Any) -> None:
        raise ValueError("the user's own")

    case = Case(dialect, dialect.server(*ticks(dialect, 0, 3)), callback=raising).run(5)
    assert case.got == [0, 1, 2]
    assert case.told(CallbackError)
    assert case.attempts == [0]


@on()
def test_no_callback_begins_behind_a_stop_from_within(dialect: Dialect) -> None:
    """Also not with what has come in the same read."""
    batch = Send(b"".join(dialect.message(number).data for number in range(5)), 1.0)

    def stopping(number: Any) -> None:
        if number == 2:
            case.manager.stop_socket(case.key)

    case = Case(dialect, dialect.server(batch), callback=stopping)
    case.run(10)
    assert case.got == [0, 1, 2]
    assert case.states[-1] == "closed"
    assert case.clock.now < START + 5  # not by the end of the test


@on()
def test_what_cannot_be_read_is_told_and_the_stream_goes_on(dialect: Dialect) -> None:
    """Over the same link."""
    rubbish = Send(text('{"nobody": "knows"}').data, 0.5)
    case = Case(dialect, dialect.server(dialect.message(1, 0.5), rubbish, dialect.message(2, 0.5))).run(5)
    assert (case.got, case.attempts) == ([1, 2], [0])
    assert len(case.told(DecodeError)) == 1


@pytest.mark.parametrize(("dialect", "view"), VIEWS, ids=lambda each: getattr(each, "name", each))
def test_views(dialect: Dialect, view: str) -> None:
    """In every view all messages, and the last payload as a dict. The exchange for tests has payloads of its own."""
    case = Case(
        dialect,
        dialect.server(*ticks(dialect, 0, 3), Drop()),
        ways={} if dialect.views == ("dict",) else {"view": view},
        max_reconnects=0,
    )
    case.run(10)
    assert case.got == [0, 1, 2, FINAL]
    assert case.told(DecodeError) == []


@on()
def test_a_buffered_callback(dialect: Dialect) -> None:
    """On a thread of its own, in order, with the last payload."""
    got: list[Any] = []
    threads: set[int] = set()

    def handler(payload: Any) -> None:
        threads.add(threading.get_ident())
        got.append(payload if payload == FINAL else dialect.number(payload))

    buffered: Buffered[Any] = Buffered(handler)
    Case(dialect, dialect.server(*ticks(dialect, 0, 20, 0.1), Drop()), into=buffered, max_reconnects=0).run(10)
    buffered.close()
    assert got == [*range(20), FINAL]
    assert threads.isdisjoint({threading.get_ident()})


@on()
def test_a_socket_that_is_read(dialect: Dialect) -> None:
    """All that came, then the end of its socket with the reason."""
    stream: MessageStream[Any] = MessageStream()
    Case(dialect, dialect.server(*ticks(dialect, 0, 3), Drop()), into=stream, max_reconnects=0).run(10)
    got = []
    with pytest.raises(StreamEnded) as caught:
        got.extend(dialect.number(payload) for payload in iter(stream.receive, None))
    assert caught.value.failure is not None
    assert got == [0, 1, 2]


# -- listeners --


@on()
def test_listeners(dialect: Dialect) -> None:
    """One that raises hinders neither the stream nor the next one; one that was removed hears nothing more."""
    first = dialect.server(dialect.message(1, 1.0), Drop(after=1.0))
    case = Case(dialect, first, dialect.server(dialect.message(2, 1.0), Drop(after=1.0)), dialect.server())
    heard: list[Any] = []

    def raising(event: Any) -> None:
        raise ValueError("the user's own")

    case.manager.add_gap_listener(raising)
    registration = case.manager.add_gap_listener(heard.append)
    case.at(6.0, registration.remove)
    case.manager.add_state_listener(raising)
    case.run(30)
    assert case.got == [1, 2]
    assert len(case.gaps) == 2
    assert heard == case.gaps[:1]


# -- ends --


@on()
@pytest.mark.parametrize("state", ["idle", "connecting", "open", "backoff", "closing"])
def test_close_in_every_state(dialect: Dialect, state: str) -> None:
    """The socket is over, without a last payload, and its key is free."""
    slow = Script(accept_after=50.0)
    deaf = dialect.server(*ticks(dialect, 0, 3))
    deaf.react = None if state != "closing" else (lambda opcode, payload: [])
    outcomes = {"connecting": [slow], "backoff": [REFUSED], "closing": [deaf]}.get(state, [dialect.server()])
    case = Case(dialect, *outcomes, close=5.0, stale=200.0, ping=0.0)
    seen: list[str] = []

    def end() -> None:
        connections = list(case.manager.snapshot()["connections"].values())
        seen.append(connections[0]["state"])
        case.manager.close()

    if state == "idle":
        end()
    else:
        connection = case.begin()
        if state == "closing":
            case.at(0.5, connection.request_stop)
            case.at(0.7, lambda: seen.append(connection.state.value))
            case.at(0.7, case.manager.close)
        else:
            case.at(0.5, end)
        connection.run()
    assert seen == [state]
    assert FINAL not in case.got
    assert case.manager.snapshot()["connections"] == {}
    assert case.errors == []
    assert all(link.closed for link in case.transport.links)
    assert dialect.start(case.manager, print) == case.key
    case.manager.close()


@on()
def test_a_stop_ends_with_the_close_handshake(dialect: Dialect) -> None:
    """The peer is told, and answers."""
    case = Case(dialect, dialect.server(dialect.message(1, 1.0))).run(3)
    assert (case.got, case.states[-1]) == ([1], "closed")
    assert [payload for _, opcode, payload in case.transport.links[0].sent if opcode == 8] == [b"\x03\xe8"]


@on()
def test_a_close_of_the_server_is_a_reconnect(dialect: Dialect) -> None:
    """Whatever its code."""
    first = dialect.server(dialect.message(1, 1.0), Send(close(1001, "away").data, 1.0), Drop())
    case = Case(dialect, first, dialect.server(dialect.message(2, 1.0))).run(20)
    assert case.got == [1, 2]
    assert "peer_closed" in case.reasons
