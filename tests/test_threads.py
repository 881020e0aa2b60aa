"""The manager with real threads and real sockets: starting, stopping and closing from anywhere."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import queue
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from fake_exchange import FINAL
from idle import SIMULATOR, cpu_seconds
from loopback import PATIENCE, Inbox, LoopbackExchange, Peer, Server, Sockets, chatty, data, silent

from binance_sockets.config import Backoff, Options, Timeouts
from binance_sockets.engine import connection
from binance_sockets.engine.transport import SocketTransport
from binance_sockets.errors import (
    ConnectError,
    HandshakeRejected,
    ManagerClosed,
    RequestTimeout,
    ShutdownTimeout,
    StreamSilent,
    UnknownConnection,
    WouldDeadlock,
)
from binance_sockets.events import State
from binance_sockets.exchange import Group, Stream

QUICK = Backoff(initial=0.01, factor=1, max_reconnects=2)
REFUSED = "ws://127.0.0.1:1"  # nobody listens there
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def burst(peer: Peer) -> None:
    """Ten messages in the segment of the handshake response, then good manners."""
    peer.accept(b"".join(data("a", number) for number in range(10)))
    peer.behave()


def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact that nobody announces."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not fact():
        assert time.monotonic() < deadline, "the fact did not come"
        pause.wait(0.005)


def names(prefix: str = "binance_sockets") -> list[str]:
    """Names of the package's living threads."""
    living = (thread.name for thread in threading.enumerate())
    return sorted(name for name in living if name.startswith(prefix) and name != SIMULATOR)


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/dev/fd"))


class Gate:
    """A callback that tells when it runs and returns when it may."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.free = threading.Event()
        self.calls = 0

    def __call__(self, payload: Any) -> None:
        self.calls += 1
        self.entered.release()
        assert self.free.wait(PATIENCE)

    def wait_entered(self) -> None:
        assert self.entered.acquire(timeout=PATIENCE)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(chatty) as server:
        yield server


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Sockets]]:
    """Makes managers that are closed at the end."""
    with contextlib.ExitStack() as stack:

        def factory(**options: Any) -> Sockets:
            manager = Sockets(options=Options(**options))
            stack.callback(manager.close)
            return manager

        yield factory


@pytest.fixture
def manager(make: Callable[..., Sockets]) -> Sockets:
    manager = make()
    manager.start()
    return manager


# -- starting --


def test_sockets_before_start(make: Callable[..., Sockets], server: Server) -> None:
    """A socket that is started before ``start()`` has no thread until then."""
    manager, inbox = make(), Inbox()
    assert manager.open(server.url, inbox) == "a"
    assert names() == []
    assert server.arrived.empty()
    manager.start()
    assert inbox.next() == 1


def test_sockets_after_start(manager: Sockets, server: Server) -> None:
    """A socket that is started after ``start()`` begins at once."""
    inbox = Inbox()
    manager.open(server.url, inbox)
    assert inbox.next() == 1


def test_start_is_idempotent(manager: Sockets, server: Server) -> None:
    """A second ``start()`` starts nothing again."""
    inbox = Inbox()
    manager.open(server.url, inbox)
    inbox.next()
    before = names()
    manager.start()
    assert names() == before
    assert len(server.peers) == 1


def test_names_of_threads(manager: Sockets, server: Server) -> None:
    """The thread of a socket carries its key, the helpers the name of their manager."""
    manager.open(server.url, print, "btc@trade", key="my key")
    parked = ["binance_sockets-spare"] * names().count("binance_sockets-spare")  # on some versions
    helpers = [f"{manager.name}:{what}" for what in ("jobs", "lag", "main")]
    assert names() == sorted([*parked, "binance_sockets:my key", *helpers])


def test_a_long_key_has_a_short_thread_name(manager: Sockets, server: Server) -> None:
    """1,024 streams would make a name of 14 kB."""
    key = "streams=" + "/".join(f"coin{number}@trade" for number in range(1024))
    manager.start()
    manager.open(server.url, Inbox(), "a", key=key)
    assert "binance_sockets:streams=coin0@trade+1023" in names()


def test_daemon_and_name(make: Callable[..., Sockets], server: Server) -> None:
    """``daemon`` and ``name`` reach the threads; ``daemon`` cannot be changed while started, but after ``close()``."""
    manager = make()
    manager.daemon = True
    manager.name = "mine"
    manager.open(server.url, print)
    manager.start()
    found = {thread.name: thread.daemon for thread in threading.enumerate()}
    assert found["mine:jobs"] and found["binance_sockets:a"]
    with pytest.raises(RuntimeError, match="daemon"):
        manager.daemon = False
    assert manager.is_alive()
    manager.close()
    assert not manager.is_alive()
    manager.daemon = False


# -- stopping --


def threads_of(key: str) -> list[str]:
    return names(f"binance_sockets:{key}")


def test_links_of_a_multiplex_open_side_by_side(manager: Sockets) -> None:
    """The server answers no handshake before four of them are there, and they are."""
    meeting = threading.Barrier(4)

    def together(peer: Peer) -> None:
        meeting.wait(PATIENCE)
        chatty(peer)

    with Server(together) as server:
        manager.start()
        key = manager.open(server.url, Inbox(), *"abcdefgh", per_link=1)
        manager.wait_open(key, PATIENCE)
        assert len([name for name in names() if ":dial-" in name]) == 4
        manager.close()


def test_a_silent_server_holds_up_no_link_that_is_open(manager: Sockets) -> None:
    """While every reconnect hangs in its handshake, what is open delivers."""
    inbox, opened = Inbox(), threading.Semaphore(1)

    def once(peer: Peer) -> None:
        if opened.acquire(blocking=False):
            chatty(peer)
        else:
            peer.read_head()
            peer.over.wait(PATIENCE)

    with Server(once) as server:
        manager.start()
        manager.open(server.url, inbox, *"abcdefgh", per_link=1)
        for _ in range(20):
            inbox.next()
        began = time.monotonic()
        manager.close()
        assert time.monotonic() - began < PATIENCE / 2


def test_stop_from_main(manager: Sockets, server: Server) -> None:
    """``stop_socket`` returns when the thread is over, so no callback can begin after it."""
    inbox = Inbox()
    key = manager.open(server.url, inbox)
    inbox.next()
    manager.stop_socket(key)
    assert threads_of("a") == []
    assert FINAL not in list(inbox.queue.queue)


def test_stop_from_another_thread(manager: Sockets, server: Server) -> None:
    """``stop_socket`` may be called by any thread of the user."""
    inbox = Inbox()
    key = manager.open(server.url, inbox)
    inbox.next()
    helper = threading.Thread(target=manager.stop_socket, args=(key,))
    helper.start()
    helper.join(PATIENCE)
    assert threads_of("a") == []


def test_stop_from_own_callback(manager: Sockets) -> None:
    """A callback that stops its own socket gets nothing more, although the same segment brought more messages."""
    seen = []

    def callback(payload: int) -> None:
        seen.append(payload)
        if payload == 3:
            manager.stop_socket("a")

    with Server(burst) as server:
        manager.open(server.url, callback)
        manager.join(PATIENCE)
    assert seen == [0, 1, 2, 3]


def test_stop_from_another_callback(manager: Sockets, server: Server) -> None:
    """A callback may stop another socket; afterwards that one's thread is over."""
    left: list[list[str]] = []
    done = threading.Event()
    first = Inbox()
    manager.open(server.url, first, "a")
    first.next()

    def callback(payload: int) -> None:
        if not done.is_set():
            manager.stop_socket("a")
            left.append(threads_of("a"))
            done.set()

    manager.open(server.url, callback, "b")
    assert done.wait(PATIENCE)
    assert left == [[]]


def test_two_callbacks_stop_each_other(make: Callable[..., Sockets], server: Server) -> None:
    """Two callbacks that stop each other at the same moment wait a bounded time, and both sockets end."""
    manager = make(timeouts=Timeouts(stop=0.2))
    manager.start()
    both = threading.Barrier(2)

    def stops(other: str) -> Callable[[Any], None]:
        def callback(payload: Any) -> None:
            both.wait(PATIENCE)
            manager.stop_socket(other)

        return callback

    manager.open(server.url, stops("b"), "a")
    manager.open(server.url, stops("a"), "b")
    manager.join(PATIENCE)
    assert threads_of("") == []


@pytest.mark.parametrize("key", ["unknown", False, None, "", 0, 17, b"a"])
def test_stop_of_nothing(make: Callable[..., Sockets], key: Any) -> None:
    """``stop_socket`` of a key that does not exist, or of ``False`` or ``None``, does nothing, also before start."""
    manager = make()
    manager.stop_socket(key)
    manager.start()
    manager.stop_socket(key)


def test_stop_before_start(make: Callable[..., Sockets], server: Server) -> None:
    """A socket that is stopped before ``start()`` never opens, and its key is free."""
    manager, inbox = make(), Inbox()
    manager.open(server.url, inbox)
    manager.stop_socket("a")
    manager.start()
    assert manager.open(server.url, inbox) == "a"
    inbox.next()
    assert len(server.peers) == 1


def test_duplicate(manager: Sockets, server: Server) -> None:
    """A key that is in use gives ``False``; after ``stop_socket`` it is free again."""
    inbox, other = Inbox(), Inbox()
    assert manager.open(server.url, inbox) == "a"
    assert manager.open(server.url, other) is False
    manager.stop_socket("a")
    assert manager.open(server.url, other) == "a"
    other.next()


def test_key_is_free_once_it_was_stopped(make: Callable[..., Sockets], server: Server) -> None:
    """``stop_socket`` frees a key at once; the new socket begins when the old one's callback has returned."""
    manager, gate, inbox = make(timeouts=Timeouts(stop=0.05)), Gate(), Inbox()
    manager.start()
    manager.open(server.url, gate)
    assert manager.open(server.url, inbox) is False
    gate.wait_entered()
    manager.stop_socket("a")
    assert manager.open(server.url, inbox) == "a"
    assert manager.open(server.url, inbox) is False
    assert inbox.empty()
    gate.free.set()
    inbox.next()
    assert gate.calls == 1


def test_key_that_was_stopped_twice_while_its_callback_ran(make: Callable[..., Sockets], server: Server) -> None:
    """Of several starts and stops meanwhile the last one counts."""
    manager, gate, never, inbox = make(timeouts=Timeouts(stop=0.05)), Gate(), Inbox(), Inbox()
    manager.start()
    manager.open(server.url, gate)
    gate.wait_entered()
    for _ in range(3):
        manager.stop_socket("a")
        assert manager.open(server.url, never) == "a"
    manager.stop_socket("a")
    assert manager.open(server.url, inbox) == "a"
    gate.free.set()
    inbox.next()
    assert never.empty()


def test_restart_inside_own_callback(manager: Sockets, server: Server) -> None:
    """A callback may stop and start its own key, several times in one call; calls for the key never overlap."""
    running = threading.Lock()
    overlaps: list[Any] = []
    restarts, went_on = [], threading.Event()

    def callback(payload: int) -> None:
        if not running.acquire(blocking=False):
            overlaps.append(payload)
            return
        try:
            if len(restarts) < 6:
                for _ in range(2):
                    manager.stop_socket("a")
                    assert manager.open(server.url, callback) == "a"
                    restarts.append(payload)
                until(lambda: len(server.peers) >= 1)
                threading.Event().wait(0.1)  # room for a call that must not come
            elif payload > 3:
                went_on.set()
        finally:
            running.release()

    manager.open(server.url, callback)
    assert went_on.wait(PATIENCE)
    assert overlaps == []
    assert len(restarts) == 6


def test_waiting_for_a_key_that_waits_for_the_caller(manager: Sockets, server: Server) -> None:
    """A callback that has reopened its own key waits for nothing there: the new socket waits for it to return."""
    said: queue.Queue[Any] = queue.Queue()
    inbox = Inbox()

    def callback(payload: int) -> None:
        manager.stop_socket("a")
        assert manager.open(server.url, inbox) == "a"
        began = time.monotonic()
        try:
            manager.wait_open("a", PATIENCE)
        except WouldDeadlock as exc:
            said.put(exc)
        manager.join(PATIENCE)
        said.put(time.monotonic() - began)

    manager.start()
    manager.open(server.url, callback)
    assert isinstance(said.get(timeout=PATIENCE), WouldDeadlock)
    assert said.get(timeout=PATIENCE) < PATIENCE / 2
    inbox.next()


def test_duplicate_inside_own_callback(manager: Sockets, server: Server) -> None:
    """Inside its own callback a key is in use, as anywhere else, until it is stopped."""
    inbox = Inbox()
    manager.open(server.url, lambda payload: inbox(manager.open(server.url, print)))
    assert inbox.next() is False


# -- closing --


def test_close_from_main(manager: Sockets, server: Server) -> None:
    """``close()`` ends all sockets and threads; a second one does nothing."""
    inbox = Inbox()
    for name in "abc":
        manager.open(server.url, inbox, name)
    inbox.next()
    manager.close()
    assert names() == []
    manager.close()
    assert not manager.is_alive()


def test_close_from_a_callback(manager: Sockets, server: Server) -> None:
    """``close()`` inside a callback returns without waiting for itself; everything ends then."""
    returned = threading.Event()

    def callback(payload: int) -> None:
        manager.close()
        returned.set()

    manager.open(server.url, callback, "a")
    manager.open(server.url, print, "b")
    assert returned.wait(PATIENCE)
    manager.join(PATIENCE)
    until(lambda: names() == [])


def test_close_with_a_blocked_callback(manager: Sockets, server: Server) -> None:
    """``close()`` names the thread of a callback that does not return; once it has, ``close()`` is content.

    The other threads end meanwhile, and are not named again.
    """
    gate, inbox = Gate(), Inbox()
    manager.open(server.url, gate, "a")
    manager.open(server.url, inbox, "b")
    gate.wait_entered()
    began = time.monotonic()
    alive: tuple[str, ...] = ()
    while alive != ("binance_sockets:a",):
        with pytest.raises(ShutdownTimeout, match="binance_sockets:a") as caught:
            manager.close(timeout=0.3)
        alive = caught.value.threads
        assert time.monotonic() - began < PATIENCE / 2
    gate.free.set()
    manager.close()
    assert names() == []
    assert gate.calls == 1


def test_block_that_raises_while_a_callback_is_blocked(
    manager: Sockets, server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ended the ``with`` block is raised; that ``close()`` ran out of time is logged. Without it, it is raised."""
    gate = Gate()
    monkeypatch.setattr(manager, "close", partial(manager.close, timeout=0.05))
    with pytest.raises(KeyError, match="user"), manager:
        manager.open(server.url, gate, "a")
        gate.wait_entered()
        raise KeyError("user")
    assert "still alive: binance_sockets:a" in caplog.text
    with pytest.raises(ShutdownTimeout), manager:
        pass
    gate.free.set()


def test_close_while_a_socket_starts(manager: Sockets, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ``close()`` of another thread that falls between registering and starting stays: nothing runs afterwards."""
    core, run_jobs = manager._core, manager._core.run_jobs

    def late(*arguments: int) -> bool:
        closing = threading.Thread(target=manager.close)
        closing.start()
        closing.join(PATIENCE)
        return run_jobs(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(core, "run_jobs", late)
        assert manager.open(server.url, print, "a") == "a"
    assert not manager.is_alive()
    assert names() == []
    inbox = Inbox()
    manager.open(server.url, inbox, "a")
    inbox.next()


def test_close_waits_for_a_replaced_socket(manager: Sockets, server: Server) -> None:
    """``close()`` also waits for a callback that has restarted its key and still runs."""
    gate, replaced = Gate(), threading.Event()

    def callback(payload: int) -> None:
        if not replaced.is_set():
            manager.stop_socket("a")
            manager.open(server.url, callback)
            replaced.set()
            gate(payload)

    manager.open(server.url, callback)
    assert replaced.wait(PATIENCE)
    with pytest.raises(ShutdownTimeout):
        manager.close(timeout=0.3)
    gate.free.set()
    manager.close()
    assert names() == []


def test_use_after_close(manager: Sockets, server: Server) -> None:
    """After ``close()`` the same manager can be used again, with and without ``start()``."""
    for _ in range(2):
        inbox = Inbox()
        manager.open(server.url, inbox)
        assert inbox.next() == 1
        manager.close()
        manager.start()
        other = Inbox()
        manager.open(server.url, other, "b")
        assert other.next() == 1
        manager.close()


def test_close_before_start(make: Callable[..., Sockets], server: Server) -> None:
    """``close()`` of a manager that was never started drops its sockets."""
    manager = make()
    manager.open(server.url, print)
    manager.close()
    manager.start()
    assert threads_of("") == []


def test_close_while_connecting(make: Callable[..., Sockets]) -> None:
    """``close()`` does not wait for a connect that stalls, on one link or on several."""
    manager = make(timeouts=Timeouts(connect=3600.0))
    manager.start()
    with Server(silent) as server:
        manager.open(server.url, print, "a")
        manager.open(server.url, print, "b", "c", "d", per_link=1)
        server.arrived.get(timeout=PATIENCE)
        server.arrived.get(timeout=PATIENCE)
        manager.close(timeout=PATIENCE / 2)  # else it raises
    assert names() == []


def test_context_manager(make: Callable[..., Sockets], server: Server) -> None:
    """A ``with`` block starts and closes."""
    inbox = Inbox()
    with make() as manager:
        manager.open(server.url, inbox)
        inbox.next()
        assert manager.is_alive()
    assert names() == []


# -- giving up --


def test_restart_inside_the_error_callback(make: Callable[..., Sockets], server: Server) -> None:
    """The error payload comes once, the key is free then, and the callback can start it again."""
    manager, inbox = make(backoff=QUICK), Inbox()
    manager.start()

    def callback(payload: Any) -> None:
        if payload == FINAL:
            inbox(manager.open(server.url, callback))
        else:
            inbox(payload)

    manager.open(REFUSED, callback)
    assert [inbox.next() for _ in range(3)] == ["a", 1, 2]


def test_stop_while_giving_up(make: Callable[..., Sockets]) -> None:
    """``stop_socket`` of a socket that is just giving up: the error payload comes before its return, or never."""
    manager, gate, inbox = make(backoff=QUICK, timeouts=Timeouts(stop=PATIENCE)), Gate(), Inbox()
    manager.start()
    manager.add_error_listener(lambda report: gate(report) if report.final else None)
    manager.open(REFUSED, inbox)
    gate.wait_entered()
    stopped = threading.Event()

    def stop() -> None:
        manager.stop_socket("a")
        stopped.set()

    helper = threading.Thread(target=stop)
    helper.start()
    assert not stopped.wait(0.1)  # the listener of that socket is still running
    gate.free.set()
    helper.join(PATIENCE)
    assert threads_of("a") == []
    assert inbox.empty()


def test_listeners_are_silent_after_the_end(make: Callable[..., Sockets]) -> None:
    """What the job thread finds out about a socket that was stopped meanwhile reaches no listener."""
    asked, answer, reports = threading.Event(), threading.Event(), []

    class Slow(LoopbackExchange):
        def explain_silence(self, group: Group, name: str) -> str:
            asked.set()
            assert answer.wait(PATIENCE)
            return "because"

    manager = make(timeouts=Timeouts(first_message=0.05))
    manager.add_error_listener(reports.append)
    with Server() as server:
        manager.start()
        manager._open("a", Slow(server.url), [Stream("a", first_message=1.0)], print)
        assert asked.wait(PATIENCE)
        manager.stop_socket("a")
        answer.set()
        manager.close()
    assert [report for report in reports if isinstance(report.error, StreamSilent)] == []


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_raising_listeners(
    manager: Sockets, server: Server, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    """A listener that raises, even ``SystemExit``, is logged and ends nothing; the next listener hears too."""
    inbox, changes = Inbox(), Inbox()

    def listener(change: Any) -> None:
        raise error("mine")

    manager.add_state_listener(listener)
    manager.add_state_listener(changes)
    manager.open(server.url, inbox)
    assert inbox.next() == 1
    assert changes.next().state.value == "connecting"
    assert "listener raised" in caplog.text


def test_idle_after_giving_up(make: Callable[..., Sockets], caplog: pytest.LogCaptureFixture) -> None:
    """A socket that has given up leaves one ERROR line and no thread, and the manager uses no processor time."""
    manager, inbox = make(backoff=QUICK), Inbox()
    manager.start()
    with caplog.at_level(logging.ERROR, "binance_sockets"):
        manager.open(REFUSED, inbox)
        assert inbox.next() == FINAL
        manager.join(PATIENCE)
    until(lambda: threads_of("") == [])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    used = cpu_seconds("binance_sockets")
    threading.Event().wait(0.5)
    assert cpu_seconds("binance_sockets") - used < 0.1
    assert inbox.empty()


def test_idle_while_open(manager: Sockets) -> None:
    """An open socket to a quiet server uses no processor time."""

    def late(peer: Peer) -> None:
        peer.accept(data("a", "first"))
        peer.over.wait(0.5)
        peer.write(data("a", "second"))
        peer.behave()

    inbox = Inbox()
    with Server(late) as server:
        manager.open(server.url, inbox)
        assert inbox.next() == "first"
        used = cpu_seconds("binance_sockets:a")
        assert inbox.next() == "second"
        assert cpu_seconds("binance_sockets:a") - used < 0.1


# -- waiting --


def test_join(manager: Sockets, server: Server) -> None:
    """``join`` returns after its timeout, or when the last socket is over; inside a callback it does not deadlock."""
    inbox, other = Inbox(), Inbox()
    manager.open(server.url, inbox)
    manager.join(0.05)
    assert threads_of("a")
    manager.open(server.url, lambda payload: (manager.stop_socket("a"), manager.join(), other(payload)), "b")
    other.next()
    assert not threads_of("a")
    manager.stop_socket("b")
    manager.join()
    manager.join(0)


def test_wait_open(manager: Sockets, server: Server) -> None:
    """``wait_open`` returns when every link is open and every name confirmed, also by several links."""
    manager.open(server.url, print, "a", "b", "c", per_link=1, names_in_url=0)
    manager.wait_open("a")
    assert manager.snapshot()["connections"]["a"]["state"] == "open"
    assert all(stream["confirmed"] for stream in manager.snapshot()["connections"]["a"]["streams"].values())


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Is set as soon as the test's own thread waits for a connection."""
    begun, real, mine = threading.Event(), connection.wait_event, threading.current_thread()

    def wait_event(event: threading.Event, timeout: float | None) -> bool:
        if threading.current_thread() is mine:
            begun.set()
        return real(event, timeout)

    monkeypatch.setattr(connection, "wait_event", wait_event)
    return begun


def test_wait_open_fails(make: Callable[..., Sockets], waiting: threading.Event) -> None:
    """``wait_open`` raises the reason: unknown, not in time, stopped, refused by the server, given up.

    What ends the socket comes when ``wait_open`` waits: before, the socket lives, and afterwards it would be unknown.
    """

    def stop_later() -> None:
        assert waiting.wait(PATIENCE)
        manager.stop_socket("quiet")

    def not_found_later(peer: Peer) -> None:
        peer.read_head()
        assert waiting.wait(PATIENCE)
        peer.write(NOT_FOUND)

    manager = make(backoff=QUICK)
    manager.start()
    with pytest.raises(UnknownConnection, match="nobody"):
        manager.wait_open("nobody")
    with Server(silent) as quiet:
        manager.open(quiet.url, print, "quiet")
        with pytest.raises(RequestTimeout):
            manager.wait_open("quiet", 0.1)
        waiting.clear()
        helper = threading.Thread(target=stop_later)
        helper.start()
        with pytest.raises(ConnectError, match="stopped"):
            manager.wait_open("quiet", PATIENCE)
        helper.join(PATIENCE)
    waiting.clear()
    with Server(not_found_later) as absent:
        manager.open(absent.url, print, "absent")
        with pytest.raises(HandshakeRejected):
            manager.wait_open("absent", PATIENCE)
    waiting.clear()
    manager.add_state_listener(lambda change: change.state is State.BACKOFF and waiting.wait(PATIENCE))
    manager.open(REFUSED, print, "gone")
    with pytest.raises(ConnectError, match="refused"):
        manager.wait_open("gone", PATIENCE)


def test_wait_open_in_own_callback(make: Callable[..., Sockets]) -> None:
    """``wait_open`` inside a callback of the same socket that is not open yet would wait for itself: it raises."""
    manager, inbox = make(timeouts=Timeouts(close=0.05)), Inbox()
    manager.start()

    def callback(payload: int) -> None:
        try:
            manager.wait_open("a")
        except WouldDeadlock as exc:
            inbox(exc)

    def never_answers(peer: Peer) -> None:
        peer.accept(data("a", 1))
        peer.over.wait()

    with Server(never_answers) as server:
        manager.open(server.url, callback, names_in_url=0)
        assert isinstance(inbox.next(), WouldDeadlock)
        manager.close()


# -- together --


def test_two_managers(make: Callable[..., Sockets], server: Server) -> None:
    """Two managers know nothing of each other; the same key works in both."""
    one, two, first, second = make(), make(), Inbox(), Inbox()
    assert one.open(server.url, first) == "a"
    assert two.open(server.url, second) == "a"
    one.start()
    two.start()
    first.next()
    second.next()
    one.close()
    while not second.empty():
        second.next()
    second.next()
    assert two.is_alive() and not one.is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_fork(manager: Sockets, server: Server) -> None:
    """In a forked child every use of a started manager raises ManagerClosed at once; the parent goes on."""
    inbox = Inbox()
    manager.open(server.url, inbox)
    inbox.next()
    uses = [
        manager.start,
        lambda: manager.stop_socket("a"),
        manager.close,
        manager.join,
        lambda: manager.wait_open("a"),
        lambda: manager.open(server.url, print, "b"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, as is the point here
        child = os.fork()
    if child == 0:
        refused = 0
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(PATIENCE))
        try:
            for use in uses:
                try:
                    use()
                except ManagerClosed:
                    refused += 1
        finally:
            os._exit(refused)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == len(uses)
    while not inbox.empty():
        inbox.next()
    inbox.next()


def test_no_descriptors_left(make: Callable[..., Sockets]) -> None:
    """Where the system gives no descriptor, starting raises its error at once and the key stays free."""

    class Exhausted(SocketTransport):
        left = 0

        def wakeup(self) -> Any:
            if not self.left:
                raise OSError(24, "Too many open files")
            return super().wakeup()

    transport = Exhausted(Options())
    manager = Sockets(transport=transport)
    manager.start()
    with Server(chatty) as server, contextlib.closing(manager):
        with pytest.raises(OSError, match="Too many open files"):
            manager.open(server.url, print)
        transport.left = 1
        inbox = Inbox()
        assert manager.open(server.url, inbox) == "a"
        inbox.next()


def outcome_plain(manager: Sockets, server: Server) -> None:
    inboxes = {name: Inbox() for name in "abcdef"}
    for name, inbox in inboxes.items():
        manager.open(server.url, inbox, name)
    for inbox in inboxes.values():
        inbox.next()
    manager.stop_socket("a")


def outcome_links(manager: Sockets, server: Server) -> None:
    inbox = Inbox()
    manager.open(server.url, inbox, *"abcdef", per_link=2, key="many")
    manager.wait_open("many")
    inbox.next()


def outcome_server_killed(manager: Sockets, server: Server) -> None:
    inbox, gap = Inbox(), Inbox()
    manager.add_gap_listener(gap)
    manager.open(server.url, inbox)
    inbox.next()
    server.drop()
    gap.next()


def outcome_given_up(manager: Sockets, server: Server) -> None:
    inbox = Inbox()
    manager.open(REFUSED, inbox, "a", "b", per_link=1)
    assert inbox.next() == FINAL


def outcome_stalled(manager: Sockets, server: Server) -> None:
    with Server(silent) as stalling:
        manager.open(stalling.url, print, "a")
        manager.open(stalling.url, print, "b", "c", per_link=1)
        stalling.arrived.get(timeout=PATIENCE)
        stalling.arrived.get(timeout=PATIENCE)


@pytest.mark.parametrize(
    "outcome", [outcome_plain, outcome_links, outcome_server_killed, outcome_given_up, outcome_stalled]
)
@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="needs /dev/fd to count descriptors")
def test_nothing_is_left(server: Server, outcome: Callable[[Sockets, Server], None]) -> None:
    """After ``close()`` there are as many threads, descriptors and sockets as before, three times over."""

    def once() -> tuple[int, int]:
        manager = Sockets(options=Options(backoff=QUICK))
        manager.start()
        outcome(manager, server)
        manager.close()
        assert names() == []
        until(lambda: threading.active_count() == quiet)  # the server's threads see the end a moment later
        return threading.active_count(), descriptors()

    quiet = threading.active_count()
    before = (quiet, descriptors())
    assert [once() for _ in range(3)] == [before] * 3


def test_hammer(make: Callable[..., Sockets], server: Server) -> None:
    """Many threads and callbacks that start, stop and close at random end with no thread and no overlap."""
    manager = make(backoff=QUICK)
    manager.start()
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    keys = [f"k{number}" for number in range(5)]
    running = {key: threading.Lock() for key in keys}
    overlaps: list[str] = []
    failures: list[BaseException] = []

    def callback_of(key: str, rng: random.Random) -> Callable[[Any], None]:
        def callback(payload: Any) -> None:
            if not running[key].acquire(blocking=False):
                overlaps.append(key)
                return
            try:
                act(rng, own=key)
            finally:
                running[key].release()

        return callback

    def act(rng: random.Random, own: str | None = None) -> None:
        key = rng.choice(keys)
        choice = rng.random()
        if choice < 0.45:
            url = REFUSED if rng.random() < 0.2 else server.url
            manager.open(url, callback_of(key, random.Random(rng.random())), key)
        elif choice < 0.9:
            manager.stop_socket(own if own and rng.random() < 0.3 else key)
        elif choice < 0.95:
            manager.snapshot()
        elif own is None:
            manager.close()

    def work(number: int) -> None:
        rng = random.Random(seed + number)
        try:
            for _ in range(25):
                act(rng)
        except BaseException as exc:
            failures.append(exc)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(40)
        assert not worker.is_alive()
    deadline = time.monotonic() + PATIENCE
    while names() and time.monotonic() < deadline:  # a callback may have started one more meanwhile
        manager.close()
    assert names() == []
    assert overlaps == []
    assert failures == []


def deeper(frames: int, call: Callable[[], object]) -> object:
    """Call it that many frames further down."""
    return deeper(frames - 1, call) if frames else call()


def deepest() -> int:
    """How many frames :func:`deeper` may go down from the caller of this."""
    frames = sys.getrecursionlimit()
    while True:
        with contextlib.suppress(RecursionError):
            deeper(frames, lambda: None)
            return frames
        frames -= 1


@pytest.mark.parametrize("begun", [True, False], ids=["started", "not started"])
@pytest.mark.parametrize("what", ["open", "start", "stop_socket", "close"])
def test_full_stack(server: Server, what: str, begun: bool) -> None:
    """However little room the stack has left, a call does all or nothing: no key stays taken, no thread is lost."""
    manager = Sockets(options=Options(timeouts=Timeouts(stop=0.1)))
    calls: dict[str, Callable[[], object]] = {
        "open": lambda: manager.open(server.url, print, "a"),
        "start": manager.start,
        "stop_socket": lambda: manager.stop_socket("a"),
        "close": lambda: manager.close(timeout=0.1),
    }
    bottom = deepest()
    refused = 0
    for left in range(60):
        if begun:
            manager.start()
        if what != "open":
            manager.open(server.url, lambda payload: None, "a")
        try:
            deeper(bottom - left, calls[what])
        except RecursionError:
            refused += 1
        manager.close(timeout=PATIENCE)
        assert names() == []
        assert manager.snapshot()["connections"] == {}
    assert refused
    manager.start()
    conn_key = manager.open(server.url, lambda payload: None, "a")
    manager.wait_open(conn_key, PATIENCE)
    manager.close()
