"""Messages to callbacks: decoded once, counted, guarded."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from fake_exchange import FakeExchange, data, named

from binance_sockets.engine.router import Handler, Router
from binance_sockets.engine.subscriptions import Subscriptions
from binance_sockets.errors import CallbackError, DecodeError, ProtocolError
from binance_sockets.exchange import Ack, Group, Misfits, Notice, NoticeKind
from binance_sockets.testing import FakeClock, Send


class Desk:
    """A router with lists behind it."""

    def __init__(
        self,
        callback: Callable[[Any], object] | None = None,
        exchange: FakeExchange | None = None,
        private: bool = False,
    ) -> None:
        self.got: list[Any] = []
        self.reports: list[Any] = []
        self.controls: list[Ack | Notice] = []
        self.socket: Any = self  # what a router does to a WebSocket
        self.decode: Any = None
        self.subscriptions = Subscriptions(["a", "b"])
        self.stops = 0
        self.clock = FakeClock()
        self.handler = Handler(callback or self.got.append, self.reports.append, self._stop)
        group = Group(tuple(named("a", "b")))
        self.violations: list[ProtocolError] = []
        self.router = Router(
            exchange or FakeExchange(),
            group,
            self.handler,
            self.clock,
            lambda socket, message: self.controls.append(message),
            self.reports.append,
            Misfits(),
            private,
        )

    def refuse(self, error: ProtocolError) -> None:
        self.violations.append(error)

    def _stop(self) -> None:
        self.stops += 1
        self.handler.stopping = True

    def deliver(self, *messages: Send | bytes, now: float = 5.0) -> None:
        bodies = [message.data[2:] if isinstance(message, Send) else message for message in messages]
        self.router.deliver(self.socket, [memoryview(body) for body in bodies], now)


def test_each_message_once_in_order_and_counted() -> None:
    """Payloads in order, and per stream how many and when the last came."""
    desk = Desk()
    desk.deliver(data("a", 1), data("b", 2), data("a", 3))
    desk.deliver(data("b", 4), now=6.0)
    assert desk.got == [1, 2, 3, 4]
    stats = {name: (found.messages, found.last) for name, found in desk.router.stats.items()}
    assert stats == {"a": (2, 5.0), "b": (2, 6.0)}


def test_nothing_begins_after_a_stop() -> None:
    """The flag is looked at before each message of a batch."""
    desk = Desk(lambda payload: desk.got.append(payload) or (payload == 2 and desk._stop()))
    desk.deliver(*(data("a", number) for number in range(5)))
    desk.deliver(data("a", 9))
    assert desk.got == [0, 1, 2]


def test_answers_and_notices_go_their_own_way() -> None:
    """They reach no callback and count as no message."""
    desk = Desk()
    desk.deliver(b'{"ref": 3, "ok": true}', b'{"bye": "soon"}')
    assert desk.controls == [Ack(3), Notice(NoticeKind.SERVER_SHUTDOWN, "soon")]
    assert (desk.got, desk.reports, desk.router.decode_errors) == ([], [], 0)


def test_undecodable_message() -> None:
    """Reported with its beginning and its cause, counted, and the next one is delivered."""
    desk = Desk()
    desk.deliver(b"{" * 5000, data("a", 1))
    assert desk.got == [1]
    assert desk.router.decode_errors == 1
    report = desk.reports[0]
    assert isinstance(report, DecodeError)
    assert len(report.excerpt) == 200
    assert isinstance(report.__cause__, ValueError)


def test_message_without_what_the_decoder_looks_up() -> None:
    """A failed look-up is told as a sentence, not as the bare key."""

    class Wrapped(FakeExchange):
        def decoder(self, group: Group, misfits: Misfits, notes: Any = ()) -> Callable[[Any], tuple[str, Any]]:
            def decode(message: Any) -> tuple[str, Any]:
                return "a", json.loads(bytes(message))["data"]

            return decode

    desk = Desk(exchange=Wrapped())
    desk.deliver(b'{"stream": "a"}')
    assert str(desk.reports[0]).startswith("a message could not be decoded (it has no 'data')")


def test_excerpt_outlives_the_buffer() -> None:
    """A report keeps bytes of its own."""
    desk, buffer = Desk(), bytearray(b"not json")
    desk.router.deliver(desk.socket, [memoryview(buffer)], 1.0)
    buffer[:] = b"xxxxxxxx"
    assert desk.reports[0].excerpt == b"not json"


def test_strangers_are_delivered_and_reported_once_each() -> None:
    """Data of a stream that was not asked for."""
    desk = Desk()
    desk.deliver(data("x", 1), data("y", 2), data("x", 3))
    assert desk.got == [1, 2, 3]
    assert [report.detail for report in desk.reports] == [
        "data of x, which was not asked for; delivered",
        "data of y, which was not asked for; delivered",
    ]


def test_reports_of_strangers_are_bounded() -> None:
    """A server that invents names fills neither memory nor log."""
    desk = Desk()
    desk.deliver(*(data(f"s{number}", number) for number in range(500)))
    assert len(desk.got) == 500
    assert len(desk.reports) == 100


def test_stranger_whose_callback_raises() -> None:
    """The guard holds there too."""
    desk = Desk(lambda payload: 1 / 0)
    desk.deliver(data("x", 1), data("a", 2))
    assert [type(report) for report in desk.reports] == [DecodeError, CallbackError, CallbackError]
    assert desk.reports[1].stream == "x"


def test_raising_callback(caplog: pytest.LogCaptureFixture) -> None:
    """Every failure is counted and reported with its cause; the log has the first, with traceback."""
    desk = Desk(lambda payload: payload["price"])
    desk.deliver(data("a", {}), data("b", {}), data("a", {"price": 1}))
    assert desk.handler.errors == 2
    assert [(report.stream, type(report.__cause__)) for report in desk.reports] == [("a", KeyError), ("b", KeyError)]
    assert len(caplog.records) == 1
    assert caplog.records[0].name == "binance_sockets.callback"
    assert "raised KeyError('price') on a message of a" in caplog.records[0].getMessage()
    assert caplog.records[0].exc_info


def test_same_line_with_another_exception_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What is new is logged: another class, or another place."""
    desk = Desk(lambda payload: [] [payload] if isinstance(payload, int) else {} [payload])  # fmt: skip
    desk.deliver(data("a", 1), data("a", "x"), data("a", 2))
    assert [type(record.exc_info[1]).__name__ for record in caplog.records if record.exc_info] == [
        "IndexError",
        "KeyError",
    ]


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_exit_asks_for_a_stop(kind: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    """It is no failure, but the log says why the socket ends; nothing begins afterwards."""

    def leave(payload: object) -> None:
        desk.got.append(payload)
        raise kind

    desk = Desk(leave)
    desk.deliver(data("a", 1), data("a", 2))
    assert (desk.got, desk.stops, desk.handler.errors, desk.reports) == ([1], 1, 0, [])
    assert [(row.levelname, "stopping its socket" in row.getMessage()) for row in caplog.records] == [("WARNING", True)]


def test_slow_callbacks(caplog: pytest.LogCaptureFixture) -> None:
    """The slowest is kept; the first above a second is warned about, whatever came before it in the batch."""
    caplog.set_level(logging.WARNING)
    desk = Desk(lambda seconds: desk.clock.advance(desk.clock.now + seconds))
    desk.deliver(*(data("a", 0.4) for _ in range(5)), b"junk", data("a", 0.9))
    assert desk.handler.slowest == pytest.approx(0.9)
    assert not caplog.records
    desk.deliver(data("a", 2.0), data("a", 3.0), data("a", 2.5))
    assert desk.handler.slowest == pytest.approx(3.0)
    assert [record.getMessage() for record in caplog.records] == [
        f"callback {desk.handler.name} took 2.0 s for a message of a; messages wait meanwhile (see Buffered)"
    ]


PRICES: dict[str, float] = {}
HINTS: list[tuple[Any, Callable[[Any], object], str]] = [
    ({"s": "A", "u": 1}, lambda message: message["e"], " (this message has no 'e'; it has s, u)"),
    ({"stream": "a", "data": {"p": "1"}}, lambda message: message["p"], " ('p' of this message is inside its 'data')"),
    ([{"s": "A"}], lambda message: message["s"], " (this message is a list)"),
    ({"s": "A"}, lambda message: PRICES[message["s"]], ""),
    ({"s": "A"}, lambda message: PRICES[5], ""),  # type: ignore[index]
    ({"s": "A"}, lambda message: int(None), ""),  # type: ignore[call-overload]
    ({"s": "A"}, lambda message: [][0], ""),
    ([1], lambda message: "x" + 5, ""),  # type: ignore[operator]
]


@pytest.mark.parametrize(("message", "callback", "hint"), HINTS)
def test_a_hint_at_the_shape_of_a_message_stands_where_it_fits(
    message: Any, callback: Callable[[Any], object], hint: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A callback that misread the message is told how it looks; one that failed otherwise is told nothing about it."""
    Desk(callback).deliver(data("a", message))
    (record,) = caplog.records
    assert record.getMessage().endswith(f"repeats are only counted{hint}")


def test_late_delivery_is_not_the_callbacks_time() -> None:
    """Time that passed before a batch is read counts for no callback."""
    desk = Desk()
    desk.clock.advance(desk.clock.now + 100)
    desk.deliver(data("a", 1), now=5.0)
    assert desk.handler.slowest == 0.0


class Callable_:
    def __call__(self, payload: object) -> None: ...

    def __repr__(self) -> str:
        return "<mine>"


@pytest.mark.parametrize(
    ("callback", "name"),
    [
        (len, "len"),
        (Callable_(), "<mine>"),
        (Callable_().__call__, "Callable_.__call__"),
        (partial(print, 1), repr(partial(print, 1))),
    ],
)
def test_names_of_callbacks(callback: Callable[[Any], object], name: str) -> None:
    """A name a human finds again."""
    assert Handler(callback, lambda error: None, lambda: None).name == name


def test_text_that_is_not_utf8_ends_the_delivery() -> None:
    """Where the decoder checks the text, invalid UTF-8 is a violation: nothing behind it is delivered."""
    exchange = FakeExchange()
    exchange.checks_text = True
    desk = Desk(exchange=exchange)
    desk.deliver(data("a", 1), b'{"from": "a", "body": "\xff"}', data("a", 2))
    assert desk.got == [1]
    assert [error.code for error in desk.violations] == [1007]
    assert not desk.reports


def test_bad_json_is_no_violation_where_the_decoder_checks_the_text() -> None:
    """Valid text that is not the expected JSON is reported, and the next message is delivered."""
    exchange = FakeExchange()
    exchange.checks_text = True
    desk = Desk(exchange=exchange)
    desk.deliver(b"{", data("a", 2))
    assert (desk.got, desk.violations) == ([2], [])
    assert [type(report) for report in desk.reports] == [DecodeError]


def test_stage_stands_before_the_callback() -> None:
    """What is set as stage gets every message with its WebSocket and stream, and decides what is delivered."""
    desk = Desk()
    seen: list[tuple[Any, str, Any]] = []

    def odd_only(source: Any, stream: str, payload: Any) -> bool:
        seen.append((source, stream, payload))
        return bool(payload % 2)

    desk.router.delivery.overlap = odd_only
    desk.deliver(data("a", 1), data("b", 2), data("a", 3))
    desk.router.delivery.overlap = None
    desk.deliver(data("a", 4))
    assert seen == [(desk.socket, "a", 1), (desk.socket, "b", 2), (desk.socket, "a", 3)]
    assert desk.got == [1, 3, 4]
    assert desk.router.stats["b"].messages == 0


def test_what_was_held_back_is_released() -> None:
    """In order, counted and guarded like the rest; nothing of it once a stop is asked for."""
    desk = Desk()
    desk.router.stats["b"].first = None
    desk.router.release([("a", 1), ("b", 2), ("gone", 3), ("b", 4)])
    assert desk.got == [1, 2, 3, 4]
    found = desk.router.stats["b"]
    assert (found.messages, found.payload, found.first) == (2, 4, 2)
    desk.router._handler.stopping = True
    desk.router.release([("a", 5)])
    assert desk.got == [1, 2, 3, 4]


def test_a_slow_callback_is_told_for_what_was_held_back(caplog: pytest.LogCaptureFixture) -> None:
    """With the stream, as for any other message; and what it raises is guarded."""

    def callback(payload: int) -> None:
        desk.clock.advance(desk.clock.now + payload)
        raise ValueError(payload)

    desk = Desk(callback)
    desk.router.release([("a", 2)])
    assert desk.handler.slowest == 2.0
    assert "took 2.0 s for a message of a" in caplog.text
    assert [type(report) for report in desk.reports] == [CallbackError]


def test_stage_passes_on_what_the_callback_raises() -> None:
    """The callback is guarded behind a stage as well."""
    desk = Desk(lambda payload: 1 / 0)
    desk.router.delivery.overlap = lambda source, stream, payload: True
    desk.deliver(data("a", 1), data("a", 2))
    assert [type(report) for report in desk.reports] == [CallbackError, CallbackError]


def test_changed_group_keeps_the_counters_of_what_stays() -> None:
    """Streams that join begin at zero, those that leave are forgotten."""
    desk = Desk()
    desk.deliver(data("a", 1), data("b", 2))
    desk.router.change(Group(tuple(named("b", "c"))))
    desk.deliver(data("b", 3), data("c", 4))
    assert {name: found.messages for name, found in desk.router.stats.items()} == {"b": 2, "c": 1}


def spoils(payload: Any) -> None:
    """A callback that rewrites what it was given, as scripts do with times."""
    payload["t"] = "changed"
    payload["in"]["it"].clear()


def test_what_a_callback_does_to_a_message_changes_nothing_that_is_known_of_it() -> None:
    """Ids before and behind a gap are those that the exchange has sent, however the messages came."""
    desk = Desk(spoils)
    stats = desk.router.stats
    stats["a"].first = stats["b"].first = None
    desk.deliver(*(data(name, {"t": number, "in": {"it": [number]}}) for number, name in enumerate("abbabb")))
    assert [stats[name].payload for name in "ab"] == [{"t": 3, "in": {"it": [3]}}, {"t": 5, "in": {"it": [5]}}]
    assert [stats[name].first for name in "ab"] == [{"t": 0, "in": {"it": [0]}}, {"t": 1, "in": {"it": [1]}}]
    stats["a"].first = None
    desk.router.release([(name, {"t": number, "in": {"it": []}}) for number, name in enumerate("abba", 6)])
    assert [stats[name].payload["t"] for name in "ab"] == [9, 8]
    assert stats["a"].first["t"] == 6


def test_a_message_that_is_too_deep_to_be_copied_ends_nothing() -> None:
    """It could be decoded, and is delivered."""
    deep: list[Any] = []
    for _ in range(600):
        deep = [deep]
    desk = Desk(private=True)
    desk.router.stats["b"].first = None
    desk.deliver(json.dumps({"from": "a", "body": deep}).encode())
    desk.router.delivery.twins = lambda source, stream, payload: True
    desk.deliver(json.dumps({"from": "b", "body": deep}).encode())
    desk.router.release([("b", deep)])
    assert (desk.reports, len(desk.got)) == ([], 3)


def test_what_came_last_is_known_to_whoever_is_called_in_the_midst_of_a_batch() -> None:
    """An answer between two messages may end a stream, whose last message is the one before."""
    desk = Desk()
    seen: list[Any] = []
    desk.router._control = lambda socket, message: seen.append(desk.router.stats["a"].payload)
    desk.deliver(data("a", 1), b'{"ref": 3, "ok": true}', data("a", 2), b'{"ref": 4, "ok": true}')
    assert seen == [1, 2]
    assert desk.router.stats["a"].payload == 2


def test_the_first_message_behind_a_loss_is_known_in_the_midst_of_a_batch() -> None:
    """An answer between two messages of one stream may begin a loss: the next message is the first behind it."""

    class Interned(FakeExchange):
        def decoder(self, *arguments: Any) -> Callable[[Any], tuple[str, Any]]:
            decode = super().decoder(*arguments)
            return lambda message: (lambda name, body: (sys.intern(name), body))(*decode(message))

    desk = Desk(exchange=Interned())

    def lose(socket: Any, message: Ack | Notice) -> None:
        desk.router.stats["a"].first = None

    desk.router._control = lose
    desk.deliver(data("a", 1), b'{"ref": 3, "ok": true}', data("a", 2), data("a", 3))
    desk.deliver(data("a", 4))
    assert desk.router.stats["a"].first == 2


def test_a_stream_that_moves_is_read_by_the_link_that_has_it() -> None:
    """Its last message is known there, too."""
    one, other = Desk(), Desk()
    one.deliver(data("a", 1))
    other.router.adopt(one.router, ["a"])
    assert other.router.stats["a"].read == other.router._read
    assert other.router.stats["a"].payload == 1


def test_counters_may_be_looked_at_while_a_stream_moves() -> None:
    """By a thread that asks for a snapshot; and each message counts once."""
    one, other = Desk(), Desk()
    one.deliver(data("a", 1), data("b", 2))
    looking = iter(one.router.stats.items())
    assert next(looking)[0] == "a"
    other.router.adopt(one.router, ["a"])
    assert [name for name, _ in looking] == ["b"]
    assert (one.router.messages, other.router.messages) == (1, 1)


def test_a_message_that_tells_nothing_alone_is_none() -> None:
    """A decoder may remember what it has seen; one that does not know what came before takes nothing by chance."""
    desk = Desk()
    desk.router.stats["a"].kept = b"what only others understand"
    assert desk.router.stats["a"].payload is None


def test_whose_event_it_is_may_be_known_from_another_message_alone() -> None:
    """A decoder of accounts remembers what it was told; the last event of each is known nevertheless, as it came."""

    class Numbered(FakeExchange):
        def decoder(self, group: Group, misfits: Misfits, notes: Any = ()) -> Callable[[Any], tuple[str, Any]]:
            owners: dict[int, str] = {}

            def decode(message: Any) -> tuple[str, Any]:
                found = json.loads(bytes(message))
                if "owner" in found:
                    owners[found["number"]] = found["owner"]
                return owners[found["number"]], found["event"]

            return decode

    desk = Desk(lambda event: event.clear(), Numbered(), private=True)
    desk.deliver(b'{"number": 7, "owner": "a", "event": {"n": 1}}')
    assert desk.router.stats["a"].payload == {"n": 1}
    desk.deliver(b'{"number": 7, "event": {"n": 2}}')
    assert desk.router.stats["a"].payload == {"n": 2}


def test_a_slow_call_is_told_while_messages_wait_behind_it() -> None:
    """Not behind the last of a batch, nor for a quick one."""
    told: list[float] = []

    def slow(payload: object) -> None:
        desk.clock.advance(desk.clock.now + (0.0 if payload == 2 else 2.0))

    desk = Desk(slow)
    desk.handler.on_slow = lambda: told.append(desk.clock.now)
    desk.deliver(data("a", 1), data("b", 2), data("a", 3), data("a", 4))
    began = told[0] - 2.0
    assert [at - began for at in told] == [2.0, 4.0]
    told.clear()
    desk.router.release([("a", 5), ("b", 2), ("a", 6)])
    assert [at - began for at in told] == [8.0]
