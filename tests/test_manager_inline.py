"""The manager without threads: registry, listeners, snapshot; its connections run on the thread of the test."""

from __future__ import annotations

import copy
import gc
import logging
import os
import pickle
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from fake_exchange import FINAL, START, FakeExchange, batch, calm, data, named, server

from binance_sockets import Buffered, SocketManager
from binance_sockets.engine.clock import Wakeup
from binance_sockets.engine.connection import Connection
from binance_sockets.errors import (
    ConfigError,
    HandshakeRejected,
    ManagerClosed,
    RequestTimeout,
    UnknownConnection,
    WouldDeadlock,
)
from binance_sockets.events import ErrorReport, Gap, StateChange
from binance_sockets.exchange import Stream
from binance_sockets.manager import Manager
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedTransport

INF = float("inf")


class Inline(Manager):
    """A manager whose connections are run by the test."""

    def __init__(self, *outcomes: Script | Refuse, **options: Any) -> None:
        self.clock = FakeClock(START)
        self.transport = ScriptedTransport(self.clock, outcomes)
        super().__init__(options=calm(**options), transport=self.transport)

    def open(
        self, callback: Callable[[Any], object], key: str = "a", streams: list[Stream] | None = None, per_link: int = 9
    ) -> object:
        return self._open(key, FakeExchange(per_link=per_link), streams or named("a"), callback)

    def run_inline(self, key: str = "a", stop_at: float | None = None) -> None:
        connection = self._core.connections[key]
        if stop_at is not None:
            self.clock.at(stop_at, connection.request_stop)
        connection.run()


# -- registry --


def test_keys() -> None:
    """A key is taken once; the second attempt gets ``False``; after a stop it is free."""
    manager = Inline()
    assert manager.open(print) == "a"
    assert manager.open(print) is False
    assert manager.open(print, "b") == "b"
    manager.stop_socket("a")
    assert manager.open(print) == "a"
    manager.close()
    assert manager.snapshot()["connections"] == {}


@pytest.mark.parametrize("key", [False, None, "", "unknown", True])
def test_stop_of_nothing(key: Any) -> None:
    """What ``start_*`` may return is taken by ``stop_socket``, silently."""
    manager = Inline()
    manager.open(print)
    manager.stop_socket(key)
    assert list(manager.snapshot()["connections"]) == ["a"]
    manager.close()


def test_key_without_prefix_where_unambiguous() -> None:
    """The part behind the colon will do, unless two have it or it is a key itself."""
    manager = Inline()
    for key in ("usdm:btc@trade", "spot:eth@trade", "usdm:eth@trade", "coinm:ltc@trade", "ltc@trade"):
        manager.open(print, key)
    manager.stop_socket("btc@trade")
    manager.stop_socket("eth@trade")
    manager.stop_socket("ltc@trade")
    assert sorted(manager.snapshot()["connections"]) == ["coinm:ltc@trade", "spot:eth@trade", "usdm:eth@trade"]
    manager.close()


def test_close_without_start() -> None:
    """Nothing ever ran; the keys are free; twice is fine."""
    manager = Inline()
    manager.open(print)
    manager.close()
    manager.close()
    assert manager.open(print) == "a"
    manager.close()


def test_key_is_free_before_the_final_payload() -> None:
    """The callback may start the same socket again from its last word, and nothing of the old one is left."""
    results: list[object] = []
    manager = Inline(Refuse(HandshakeRejected("fake:1", 404)))

    def restart(payload: object) -> None:
        results.append((payload, list(manager.snapshot()["connections"]), manager.open(print)))

    manager.open(restart)
    manager.run_inline()
    assert results == [(FINAL, [], "a")]
    assert len(manager._core.all()) == 1
    manager.close()
    assert manager._core.all() == []


def test_callbacks_of_a_key_never_overlap() -> None:
    """A socket started anew inside its own callback begins when the old one is over."""
    order: list[str] = []
    manager = Inline(server(batch(data("a", 1), data("a", 2))), server(data("a", 3)))

    def first(payload: object) -> None:
        order.append(f"first {payload}")
        manager.stop_socket("a")
        assert manager.open(lambda payload: order.append(f"second {payload}")) == "a"
        order.append("end of first")

    manager.open(first)
    old = manager._core.connections["a"]
    manager.run_inline()
    new = manager._core.connections["a"]
    assert new.after == (old,)
    manager.run_inline(stop_at=1)
    assert order == ["first 1", "end of first", "second 3"]
    manager.close()


# -- options --


@pytest.mark.parametrize("wrong", [5, "fast", {"timeouts": 1}])
def test_options_are_checked(wrong: Any) -> None:
    """At once, naming the argument."""
    with pytest.raises(ConfigError, match=r"^options: expected an Options object or None"):
        Manager(options=wrong)


def test_names_and_repr() -> None:
    """Names differ, can be set, and show."""
    first, second = Inline(), Inline()
    assert first.name != second.name
    first.name = "mine"
    first.open(print)
    assert repr(first) == "<Inline mine: 1 sockets, idle>"
    assert not first.is_alive()
    first.close()
    assert repr(first) == "<Inline mine: 0 sockets, closed>"
    first.start()
    assert repr(first) == "<Inline mine: 0 sockets, running>"
    first.close()


def test_daemon() -> None:
    """Off by default; settable before the start."""
    manager = Inline()
    assert manager.daemon is False
    manager.daemon = True
    assert manager.daemon is True


def test_fork_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In another process than the one that started it every method that matters says so."""
    manager = Inline()
    manager.start()
    manager.close()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    for method in (manager.start, manager.close, lambda: manager.stop_socket("a"), lambda: manager.open(print)):
        with pytest.raises(ManagerClosed, match="started in another process"):
            method()


def test_join_before_start() -> None:
    """It would never return, so it raises, as a thread does."""
    manager = Inline()
    manager.join()
    manager.open(print)
    with pytest.raises(ManagerClosed, match="before start"):
        manager.join()
    manager.close()
    manager.join()


# -- wait_open --


def test_reconnect_of_nothing() -> None:
    """The error lists what is open."""
    manager = Inline()
    manager.open(print)
    with pytest.raises(UnknownConnection, match=r"^no connection 'x'; open are: a$"):
        manager.reconnect("x")


def test_reconnect_changes_the_link() -> None:
    """By its key, also inside the socket's own callback; the snapshot counts it and says why."""
    seen: list[Any] = []

    def callback(payload: object) -> None:
        seen.append(payload)
        if payload == 3:
            manager.reconnect("a")

    steps = [data("a", number, after=1.0) for number in range(20)]
    manager = Inline(server(*steps), server(*steps[5:]))
    manager._core.dial = lambda attempt: attempt.run(manager.transport.wakeup())  # type: ignore[method-assign]
    manager.add_state_listener(lambda change: seen.append(change.state.value))
    manager.open(callback)
    shots: list[Any] = []
    manager.clock.at(15.0, lambda: shots.append(manager.snapshot()["connections"]["a"]))
    manager.run_inline(stop_at=16.5)
    assert shots[0]["reconnects"] == 1
    assert shots[0]["links"][0]["left"] == "requested"
    assert [each for each in seen if isinstance(each, str)] == ["connecting", "open", "closing", "closed"]


def test_wait_open_of_nothing() -> None:
    """It names what is open."""
    manager = Inline()
    manager.open(print)
    with pytest.raises(UnknownConnection, match=r"^no connection 'x'; open are: a$"):
        manager.wait_open("x")
    with pytest.raises(RequestTimeout):
        manager.wait_open("a", timeout=0.01)
    manager.close()


def test_wait_open_in_own_callback() -> None:
    """Of another socket it waits; of its own it raises while there is something to wait for."""
    seen: list[str] = []
    manager = Inline(server(data("a", 1), answer=False))

    def waiting(payload: object) -> None:
        try:
            manager.wait_open("a")
        except WouldDeadlock as exc:
            seen.append(str(exc))

    manager.open(waiting)
    manager.run_inline(stop_at=1)
    assert seen == ["wait_open('a') inside a callback of the same connection"]


# -- listeners --


def test_listeners_in_order_and_guarded(caplog: pytest.LogCaptureFixture) -> None:
    """Called in the order of adding; one that raises is logged and stays; the others are called."""
    calls: list[str] = []
    manager = Inline(server())

    def broken(change: StateChange) -> None:
        calls.append("broken")
        raise ValueError("listener")

    manager.add_state_listener(lambda change: calls.append("first"))
    manager.add_state_listener(broken)
    manager.add_state_listener(lambda change: calls.append("last"))
    manager.open(print)
    manager.run_inline(stop_at=1)
    assert calls == ["first", "broken", "last"] * 4
    lines = [record for record in caplog.records if "listener" in record.getMessage()]
    assert [line.getMessage() for line in lines] == ["a state listener raised; it stays registered"] * 4
    assert all(line.exc_info for line in lines)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_listener_that_exits_does_not_break_the_end(kind: type[BaseException]) -> None:
    """Not even ``sys.exit`` in a listener keeps the connection from ending as promised."""
    payloads: list[object] = []
    manager = Inline(*[Refuse(OSError("no"))] * 2, max_reconnects=1)

    def leave(event: object) -> None:
        raise kind

    manager.add_state_listener(leave)
    manager.add_error_listener(leave)
    manager.open(payloads.append)
    connection = manager._core.connections["a"]
    manager.run_inline()
    assert connection.ended.is_set()
    assert payloads == [FINAL]


def test_removed_listener_is_not_called() -> None:
    """Also when it is removed inside a call; twice is fine; a second registration of the same function stays."""
    calls: list[str] = []
    manager = Inline(server())

    def once(change: StateChange) -> None:
        calls.append(change.state.value)
        registration.remove()
        registration.remove()

    registration = manager.add_state_listener(once)
    manager.add_state_listener(once).remove()
    manager.open(print)
    manager.run_inline(stop_at=1)
    assert calls == ["connecting"]


@pytest.mark.parametrize("kind", ["state", "gap", "error"])
def test_listener_must_be_callable(kind: str) -> None:
    """Checked where it is added."""
    with pytest.raises(ConfigError, match=rf"^{kind} listener: expected a callable with one argument; got 5$"):
        getattr(Inline(), f"add_{kind}_listener")(5)


@pytest.mark.parametrize("kind", ["state", "gap", "error"])
def test_listener_must_take_one_argument(kind: str) -> None:
    """Else the first gap would only say that its listener cannot be called."""

    async def later(event: object) -> None:
        """Never awaited."""

    add = getattr(Inline(), f"add_{kind}_listener")
    for listener in (lambda: None, lambda one, two: None):
        with pytest.raises(ConfigError, match=rf"^{kind} listener: .* callable with one argument; .* It says: "):
            add(listener)
    with pytest.raises(ConfigError, match=rf"^{kind} listener: expected a plain function, not async def"):
        add(later)
    for listener in (print, lambda event, more=None: None, lambda *events: None, [].append):
        add(listener).remove()


def test_what_listeners_receive() -> None:
    """States, gaps and errors of every connection, each to its own kind."""
    events: list[Any] = []
    manager = Inline(server(Drop(after=2)), server(data("x", 1)))
    manager.add_state_listener(events.append)
    manager.add_gap_listener(events.append)
    manager.add_error_listener(events.append)
    manager.open(print)
    manager.run_inline(stop_at=5)
    kinds = [type(event) for event in events]
    assert (kinds.count(StateChange), kinds.count(Gap), kinds.count(ErrorReport)) == (7, 1, 1)
    assert {event.conn_key for event in events} == {"a"}


# -- snapshot --


def test_snapshot_values() -> None:
    """Counters and ages as plain values."""
    shots: list[dict[str, Any]] = []
    manager = Inline(
        server(data("a", 1, after=1), Drop(after=1)),
        server(data("a", 2, after=1), data("b", 3, after=1), data("x", 4)),
    )

    def broken(payload: int) -> None:
        manager.clock.advance(manager.clock.now + 0.25)
        if payload == 3:
            raise ValueError(payload)

    manager.open(broken, streams=named("a", "b", "c"))
    manager.clock.at(10.0, lambda: shots.append(manager.snapshot()))
    before = manager.snapshot()["connections"]["a"]
    manager.run_inline(stop_at=11)
    assert before["state"] == "idle"
    assert before["streams"]["a"] == {
        "messages": 0,
        "last_message_age": None,
        "confirmed": False,
        "complete_since": None,
        "complete_until": None,
        "delay": None,
        "new_fields": [],
    }
    assert (before["last_frame_age"], before["links"][0]["age"]) == (None, None)
    shot = shots[0]["connections"]["a"]
    links = shot.pop("links")
    streams = shot.pop("streams")
    size = shot.pop("bytes")
    assert shots[0]["alive"] is False
    assert shot == {
        "state": "open",
        "messages": 3,
        "reconnects": 1,
        "gaps": 1,
        "callback_errors": 1,
        "decode_errors": 1,
        "misfits": 0,
        "slowest_callback": 0.25,
        "lag": 0.0,
        "busy": shot["busy"],
        "book": None,
        "last_frame_age": pytest.approx(5.25, abs=0.6),
    }
    assert size > 4 * len(data("a", 1).data)
    assert [(link["state"], link["streams"], link["failures"]) for link in links] == [("open", 3, 1)]
    assert links[0]["age"] == pytest.approx(7.25, abs=0.3)
    assert {name: (found["messages"], found["confirmed"]) for name, found in streams.items()} == {
        "a": (2, True),
        "b": (1, True),
        "c": (0, True),
    }
    assert streams["c"]["last_message_age"] is None
    assert streams["a"]["last_message_age"] == pytest.approx(6.25, abs=0.3)


def test_snapshot_of_several_links() -> None:
    """Sums over links; the age is the youngest's."""
    shots: list[dict[str, Any]] = []
    manager = Inline(server(data("a", 1, after=1)), server(data("b", 1, after=3)))
    manager._core.dial = lambda attempt: attempt.run(Wakeup())  # type: ignore[method-assign]
    manager.open(print, streams=named("a", "b"), per_link=1)
    manager.clock.at(5.0, lambda: shots.append(manager.snapshot()["connections"]["a"]))
    manager.run_inline(stop_at=6)
    assert (shots[0]["messages"], shots[0]["reconnects"], shots[0]["last_frame_age"]) == (2, 0, 2.0)
    assert [link["last_frame_age"] for link in shots[0]["links"]] == [4.0, 2.0]


def test_only_a_product_prefix_may_be_left_out() -> None:
    """A key is found without its prefix, but not by what stands behind any other colon."""
    manager = Manager(transport=ScriptedTransport(FakeClock(), []))
    for key in ("usdm:btcusdt@trade", "btcusdt@kline_1m@+08:00"):
        manager._open(key, FakeExchange(), [Stream("a")], print)
    manager.stop_socket("00")
    assert len(manager.snapshot()["connections"]) == 2
    manager.stop_socket("btcusdt@trade")
    assert list(manager.snapshot()["connections"]) == ["btcusdt@kline_1m@+08:00"]
    manager.close()


# -- what a user may do wrong --

WRONG_TIMES = [-1, -0.5, float("nan"), "5", "inf", True, [1], 10**400, 10**5000]


@pytest.mark.parametrize(
    "wrong", [*WRONG_TIMES, None], ids=lambda value: repr(value)[:9] if value != 10**5000 else "huge"
)
def test_one_rule_for_timeouts(wrong: Any) -> None:
    """``close``, ``join`` and ``wait_open`` refuse the same things by the same error, and have done nothing."""
    manager = Inline()
    manager.open(print)
    texts = []
    for wait in (manager.close, partial(manager.wait_open, "a"), manager.join):
        if wrong is None and wait == manager.join:
            continue
        with pytest.raises(ConfigError, match=r"^timeout: expected a number from 0") as caught:
            wait(timeout=wrong)
        texts.append(str(caught.value).replace(" or None", ""))
    assert len(set(texts)) == 1
    assert list(manager.snapshot()["connections"]) == ["a"]
    with pytest.raises(ConfigError, match=r"^timeout"):
        Buffered(print).close(wrong)
    manager.close()


def test_infinity_is_for_ever() -> None:
    """It is a number of seconds everywhere, large whole numbers too."""
    manager = Inline(server(), close=INF, stop=INF, connect=INF, ack=INF, stale=INF, first_message=INF)
    manager.open(print)
    manager.run_inline(stop_at=5.0)
    for timeout in (INF, 10**300, 0):
        manager.open(print)
        manager.close(timeout)
        Buffered(print).close(timeout)
    manager.start()
    manager.join(INF)
    manager.close(INF)


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("make", [Inline, SocketManager, lambda: Buffered(print)])
def test_travels_nowhere(make: Callable[[], object], way: Callable[[object], object]) -> None:
    """Neither a manager nor a buffer, nor what carries one along, can be pickled; the text says what to do."""
    found = make()
    for carried in (found, [found], found.close):  # type: ignore[attr-defined]
        with pytest.raises(TypeError, match=r"cannot be pickled or copied.*Make one in the other process"):
            way(carried) if way is not copy.copy else way(found)


def test_second_consumer_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The ``False`` for a key in use comes with one WARNING that names the way to share; a new socket, a new one."""
    manager = Inline()
    for _ in range(2):
        caplog.clear()
        manager.open(print)
        for _ in range(3):
            assert manager.open(print) is False
        (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert line.startswith("a is open already") and "one callback" in line
        manager.stop_socket("a")
    manager.close()


def test_last_words() -> None:
    """After a socket has given up, ``wait_open`` raises its cause, until the key is used again."""
    refusal = HandshakeRejected("host:443", 404, body=b"gone")
    manager = Inline(Refuse(refusal))
    manager.open(print, "usdm:a")
    manager.run_inline("usdm:a")
    raised = []
    for key in ("usdm:a", "a", "usdm:a"):
        with pytest.raises(HandshakeRejected, match="HTTP 404") as caught:
            manager.wait_open(key)
        raised.append(caught.value)
    assert len({id(error) for error in raised}) == 3  # one each: raising an error writes to it
    with pytest.raises(UnknownConnection):
        manager.wait_open("b")
    manager.open(print, "usdm:a")
    manager.stop_socket("usdm:a")
    with pytest.raises(UnknownConnection):
        manager.wait_open("usdm:a")
    manager.close()


def test_last_words_are_bounded() -> None:
    """A program that starts new keys for ever does not fill the memory; a socket that was stopped has none."""
    manager = Inline(*[Refuse(HandshakeRejected("host:443", 404))] * 1100, server())
    for number in range(1100):
        manager.open(print, f"key{number}")
        manager.run_inline(f"key{number}")
    assert len(manager._core.given_up) == 1000
    with pytest.raises(HandshakeRejected):
        manager.wait_open("key1099")
    with pytest.raises(UnknownConnection):
        manager.wait_open("key0")
    manager.open(print, "stopped")
    manager.run_inline("stopped", stop_at=1.0)
    with pytest.raises(UnknownConnection):
        manager.wait_open("stopped")
    manager.close()


def test_last_words_keep_nothing_alive() -> None:
    """The remembered error does not hold the callback."""

    class Callback:
        def __call__(self, payload: object) -> None: ...

    callback = Callback()
    gone = weakref.ref(callback)
    refusal = HandshakeRejected("host:443", 404)
    manager = Inline(Refuse(refusal))
    manager.open(callback)
    manager.run_inline()
    del callback
    refusal.__traceback__ = None  # the script's own
    gc.collect()
    assert gone() is None
    manager.close()


@pytest.mark.parametrize(
    ("raised", "kind", "text"),
    [
        (RuntimeError("can't start new thread"), RuntimeError, "cannot start a thread for a: can't start new thread"),
        (RecursionError("too deep"), RecursionError, "too deep"),
        (OSError(24, "Too many open files"), OSError, "Too many open files"),
        (KeyboardInterrupt("Ctrl-C"), KeyboardInterrupt, "Ctrl-C"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_start_that_fails(
    raised: BaseException, kind: type[BaseException], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What struck is what is raised, never that the manager is closed; the key is free."""
    manager = Inline()
    manager.start()

    def start(self: Connection, daemon: bool) -> None:
        raise raised

    monkeypatch.setattr(Connection, "start", start)
    with pytest.raises(kind, match=text) as caught:
        manager.open(print)
    assert type(caught.value) is kind
    assert manager.snapshot()["connections"] == {}
    manager.close()
