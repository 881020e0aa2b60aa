"""MessageStream: messages wait until they are asked for, and no wait outlives what could end it."""

from __future__ import annotations

import logging
import math
import os
import pickle
import queue
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from fake_exchange import START, FakeExchange, batch, calm, data, named, server
from loopback import PATIENCE, Peer, Server, Sockets, chatty, silent

from binance_sockets import (
    BufferFull,
    ConfigError,
    HandshakeRejected,
    ManagerClosed,
    MessageStream,
    Options,
    ReceiveTimeout,
    SocketManager,
    StreamEnded,
    WouldDeadlock,
)
from binance_sockets.consume.stream import message_stream
from binance_sockets.manager import Manager
from binance_sockets.testing import FakeClock, Refuse, Script, ScriptedTransport


class Socket:
    """What a stream sees of a socket."""

    def __init__(self, stream: MessageStream[Any], conn_key: str = "a") -> None:
        self.conn_key = conn_key
        self.handler = SimpleNamespace(stopping=False)
        self.failure: Any = None
        self.stopped = 0
        self.thread: object = None
        self.stream = stream
        stream._inbox.attach(self, self.stop)

    def stop(self) -> None:
        self.stopped += 1
        self.handler.stopping = True
        self.end()

    def end(self, failure: Any = None) -> None:
        self.stream._inbox.detach(self, failure)

    def is_own_thread(self) -> bool:
        return threading.current_thread() is self.thread

    waits_for_caller = is_own_thread


def opened(**options: Any) -> tuple[MessageStream[Any], Socket]:
    stream: MessageStream[Any] = MessageStream(**options)
    return stream, Socket(stream)


def in_thread(work: Callable[[], object]) -> queue.SimpleQueue[object]:
    """Run ``work`` on a thread; the queue gets what it returns or raises."""
    results: queue.SimpleQueue[object] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(work())
        except BaseException as error:
            results.put(error)

    threading.Thread(target=run, name="reader", daemon=True).start()
    return results


def waits(stream: MessageStream[Any], readers: int = 1) -> None:
    """Until so many threads wait for a message."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while stream._inbox._waiting < readers:
        assert time.monotonic() < deadline, "nobody waits"
        pause.wait(0.002)


# -- reading --


def test_messages_come_in_order_and_are_counted() -> None:
    """One by one, many at once, and by iteration; the newest is seen without being taken."""
    stream, socket = opened()
    assert stream.latest is None
    for number in range(10):
        stream(number)
    assert stream.latest == 9
    assert (stream.receive(), stream.receive_many(3), len(stream)) == (0, [1, 2, 3], 6)
    socket.end()
    assert list(stream) == [4, 5, 6, 7, 8, 9]
    assert (stream.received, stream.delivered, stream.dropped, stream.latest) == (10, 10, 0, 9)


def test_an_empty_stream_is_a_stream() -> None:
    """``if stream:`` asks whether there is one, not whether messages wait."""
    assert MessageStream()


def test_receive_waits_for_the_next_message() -> None:
    """And with a timeout no longer than that."""
    stream, _ = opened()
    result = in_thread(stream.receive)
    waits(stream)
    stream("m")
    assert result.get(timeout=PATIENCE) == "m"
    with pytest.raises(ReceiveTimeout, match=r"no message within 0.01 s"):
        stream.receive(0.01)
    with pytest.raises(TimeoutError):
        stream.receive(0)


def test_many_are_what_came_in_time() -> None:
    """Fewer than asked for when the time is over; all of them once they are there; the rest before an end."""
    stream, socket = opened()
    stream("a")
    assert stream.receive_many(3, timeout=0.01) == ["a"]
    assert stream.receive_many(3, timeout=0) == []
    result = in_thread(lambda: stream.receive_many(3, PATIENCE))
    for message in "bcd":
        waits(stream) if message == "b" else None
        stream(message)
    assert result.get(timeout=PATIENCE) == ["b", "c", "d"]
    stream("e")
    socket.end()
    assert stream.receive_many(2) == ["e"]
    with pytest.raises(StreamEnded):
        stream.receive_many(2)


def test_readers_share_the_messages() -> None:
    """Four threads iterate: each message goes to one of them, in order for each, and all end with the stream."""
    stream, socket = opened()
    results = [in_thread(lambda: list(stream)) for _ in range(4)]
    waits(stream, 4)
    for number in range(2_000):
        stream(number)
    socket.end()
    shares: list[Any] = [result.get(timeout=PATIENCE) for result in results]
    assert sorted(number for share in shares for number in share) == list(range(2_000))
    assert all(share == sorted(share) for share in shares)
    assert stream.delivered == 2_000


# -- what is too much, or too old --


def test_a_reader_that_stops_reading_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """By default the oldest make room, which is logged once; nobody who only looks at the newest is told."""
    stream, _ = opened(maxsize=3)
    with caplog.at_level(logging.WARNING, "binance_sockets.consume"):
        for number in range(10):
            stream(number)
        assert caplog.records == []
        assert stream.receive_many(3) == [7, 8, 9]
        for number in range(10):
            stream(number)
    assert [record.message for record in caplog.records if "do not keep up" in record.message][1:] == []
    assert len(caplog.records) == 1
    assert (stream.dropped, stream.latest) == (14, 9)


def test_policies_are_those_of_buffered() -> None:
    """What meets a full stream is kept, dropped, replaced or told."""
    for on_full, kept in (("drop_oldest", [2, 3]), ("drop_newest", [1, 2])):
        stream, socket = opened(maxsize=2, on_full=on_full)
        for number in (1, 2, 3):
            stream(number)
        socket.end()
        assert list(stream) == kept
    stream, socket = opened(maxsize=9, on_full="conflate", key=lambda message: message[0])
    for message in ("a1", "b1", "a2"):
        stream(message)
    socket.end()
    assert list(stream) == ["a2", "b1"]
    stream, _ = opened(maxsize=1, on_full="raise")
    stream(1)
    with pytest.raises(BufferFull):
        stream(2)


def test_a_full_stream_that_blocks_makes_its_socket_wait() -> None:
    """Until a reader takes one; nothing is lost."""
    stream, _ = opened(maxsize=1, on_full="block")
    done = in_thread(lambda: [stream(number) for number in range(5)])
    assert stream.receive_many(5, PATIENCE) == [0, 1, 2, 3, 4]
    done.get(timeout=PATIENCE)
    assert stream.dropped == 0


def test_a_socket_that_waits_for_room_can_be_stopped() -> None:
    """Nobody reads any more, and it ends all the same: the message that waited is counted as dropped."""
    stream, socket = opened(maxsize=1, on_full="block")

    def put() -> None:
        socket.thread = threading.current_thread()
        for number in range(2):
            stream(number)

    done = in_thread(put)
    while not stream._inbox._blocked:
        threading.Event().wait(0.002)
    socket.handler.stopping = True
    assert done.get(timeout=PATIENCE) is None
    assert (stream.dropped, len(stream)) == (1, 1)


def test_what_is_too_old_is_dropped_and_counted() -> None:
    """Messages older than ``max_age`` seconds are not received, whoever asks; the newest is still to be seen."""
    stream, socket = opened(max_age=5.0)
    now = [100.0]
    stream._inbox.monotonic = lambda: now[0]
    stream("old")
    now[0] += 4.0
    stream("fresh")
    now[0] += 2.0
    assert stream.receive() == "fresh"
    assert (stream.stale, stream.delivered, stream.dropped) == (1, 1, 0)
    stream("last")
    now[0] += 6.0
    socket.end()
    assert list(stream) == []
    assert (stream.stale, stream.latest) == (2, "last")


# -- the end --


def test_an_end_that_was_asked_for_ends_iteration() -> None:
    """And ``receive`` says so, with the reason."""
    stream, socket = opened()
    result = in_thread(lambda: list(stream))
    waits(stream)
    socket.end()
    assert result.get(timeout=PATIENCE) == []
    with pytest.raises(StreamEnded, match="no more messages: its socket was stopped") as caught:
        stream.receive()
    assert caught.value.asked_for
    assert caught.value.failure is None


def test_a_socket_that_gives_up_raises_its_reason() -> None:
    """Behind all messages that came before it; iteration too, as the end of a loop would hide it."""
    stream, socket = opened()
    stream("last")
    failure = HandshakeRejected("a:1", 404)
    socket.end(failure)
    messages = iter(stream)
    assert next(messages) == "last"
    for _ in range(2):
        with pytest.raises(StreamEnded, match=r"its socket has given up: .*404") as caught:
            next(messages)
        assert caught.value.__cause__ is caught.value.failure is failure
        assert not caught.value.asked_for


def test_close_ends_every_wait_and_stops_its_sockets() -> None:
    """Readers and a socket that waits for room; what waits is counted as dropped; twice is fine."""
    stream, socket = opened(maxsize=1, on_full="block")
    putting = in_thread(lambda: [stream(number) for number in range(2)])
    while not stream._inbox._blocked:
        threading.Event().wait(0.002)
    with stream:
        pass
    stream.close()
    assert putting.get(timeout=PATIENCE) == [None, None]
    assert (socket.stopped, stream.dropped, len(stream)) == (1, 2, 0)
    assert list(stream) == []
    stream("late")
    assert stream.dropped == 3
    stream, _ = opened()
    reading = in_thread(stream.receive)
    waits(stream)
    stream.close()
    error = reading.get(timeout=PATIENCE)
    assert isinstance(error, StreamEnded)
    assert "it was closed" in str(error)


def test_a_stream_ends_with_its_last_socket() -> None:
    """One of two may end; a new one behind both brings it back."""
    stream, first = opened()
    second = Socket(stream, "b")
    assert stream.conn_keys == ("a", "b")
    first.end()
    stream("still")
    assert stream.receive() == "still"
    second.end()
    assert not stream.is_open
    again = Socket(stream, "c")
    stream("again")
    assert stream.receive() == "again"
    again.end()
    assert list(stream) == []


def test_without_a_socket_nobody_waits() -> None:
    """A stream that was never given to a socket says so at once; so does the loop over it."""
    stream: MessageStream[Any] = MessageStream()
    with pytest.raises(StreamEnded, match="no socket has been started with it"):
        stream.receive()
    with pytest.raises(StreamEnded):
        list(stream)


def test_a_wait_for_oneself_is_refused() -> None:
    """On the thread that alone could bring a message."""
    stream, socket = opened()
    socket.thread = threading.current_thread()
    with pytest.raises(WouldDeadlock):
        stream.receive()
    stream("there")
    assert stream.receive() == "there"


def test_a_closed_stream_takes_no_socket() -> None:
    """It would run for nobody."""
    stream, _ = opened()
    stream.close()
    with pytest.raises(ConfigError, match="MessageStream that was closed"):
        Socket(stream)


def test_the_end_of_the_process_ends_it() -> None:
    """No thread brings anything from then on; a loop over it ends quietly."""
    stream, socket = opened()
    result = in_thread(lambda: list(stream))
    waits(stream)
    stream._inbox.shut()
    assert result.get(timeout=PATIENCE) == []
    socket.end()
    with pytest.raises(StreamEnded, match="the process ends"):
        stream.receive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_in_a_forked_child_it_has_ended() -> None:
    """The sockets are the parent's; also where its lock was held at the fork. The parent reads on."""
    stream, _ = opened()
    stream("parent's")
    with warnings.catch_warnings(), stream._inbox._lock:
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, as is the point here
        child = os.fork()
    if child == 0:
        code = 1
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        try:
            with pytest.raises(StreamEnded, match="belongs to the parent process"):
                next(stream)
            Socket(stream)
            stream("child's")
            assert stream.receive() == "child's"
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert stream.receive() == "parent's"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals between threads on this system")
def test_ctrl_c_ends_the_wait_of_the_main_thread() -> None:
    """Without a timeout; the next one goes on as if nothing had been."""
    stream, _ = opened()
    main = threading.main_thread().ident

    def interrupt() -> None:
        waits(stream)
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)

    done = in_thread(interrupt)
    with pytest.raises(KeyboardInterrupt):
        stream.receive()
    assert done.get(timeout=PATIENCE) is None
    stream("next")
    assert stream.receive() == "next"


# -- arguments and texts --


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: MessageStream(0), "maxsize"),
        (lambda: MessageStream(on_full="drop"), "on_full"),
        (lambda: MessageStream(key=len), "key"),
        (lambda: MessageStream(max_age=0), "max_age"),
        (lambda: MessageStream().receive(-1), "timeout"),
        (lambda: MessageStream().receive(math.nan), "timeout"),
        (lambda: MessageStream().receive_many(0), "count"),
        (lambda: MessageStream().receive_many(True), "count"),
    ],
)
def test_wrong_arguments_raise_at_once(call: Callable[[], object], field: str) -> None:
    """Naming the argument and what is allowed."""
    with pytest.raises(ConfigError, match=f"^{field}: expected "):
        call()


def test_it_cannot_be_copied() -> None:
    """Its sockets belong to this process."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(MessageStream())


def test_its_repr_counts() -> None:
    """What it is fed by, and what has become of the messages."""
    stream, socket = opened()
    stream(1)
    assert repr(stream) == "<MessageStream a: 1 wait, 1 received, 0 delivered, 0 dropped, 0 stale>"
    socket.end()
    assert "ended: its socket was stopped" in repr(stream)


# -- with a manager --


class Inline(Manager):
    """A manager whose connections are run by the test."""

    def __init__(self, *outcomes: Script | Refuse) -> None:
        self.clock = FakeClock(START)
        super().__init__(options=calm(), transport=ScriptedTransport(self.clock, outcomes))

    def start(self) -> None:
        """The test runs what there is."""

    def start_socket(self, name: str, callback: Callable[[Any], object]) -> str | Literal[False]:
        return self._open(name, FakeExchange(), named(name), callback)

    def stream(self, name: str) -> MessageStream[Any]:
        return self._pull(lambda stream: self.start_socket(name, stream), name)


def test_a_connection_that_gives_up_ends_its_stream() -> None:
    """After the messages that came, with its reason; the last payload is none of them."""
    manager = Inline(Refuse(HandshakeRejected("fake:1", 404)))
    stream = manager.stream("a")
    manager._core.connections["a"].run()
    with pytest.raises(StreamEnded, match="404"):
        stream.receive()
    assert (stream.received, stream.conn_keys) == (0, ())
    manager.close()


def test_streams_that_are_open_are_refused() -> None:
    """With a second stream, and the first goes on; once it is closed they may be opened again."""
    manager = Inline(server(batch(data("a", 1))))
    first = manager.stream("a")
    with pytest.raises(ConfigError, match="not open in this manager"):
        manager.stream("a")
    assert first.is_open
    first.close()
    assert manager.stream("a").is_open
    manager.close()


def test_a_manager_that_closes_ends_its_streams() -> None:
    """Also sockets that never began."""
    manager = Inline()
    stream = manager.stream("a")
    manager.close()
    assert list(stream) == []


def test_the_stream_is_known_behind_what_the_library_puts_around_it() -> None:
    """Filters and reconcilers have it as ``__wrapped__``."""
    stream: MessageStream[Any] = MessageStream()
    assert message_stream(stream) is stream
    assert message_stream(SimpleNamespace(__wrapped__=SimpleNamespace(__wrapped__=stream))) is stream
    assert message_stream(print) is None


@pytest.fixture
def chat() -> Iterator[Server]:
    with Server(chatty) as server:
        yield server


def read_all(stream: MessageStream[Any]) -> object:
    """Until it ends."""
    for _ in stream:
        pass
    return []


def test_every_end_of_a_socket_ends_a_wait(chat: Server) -> None:
    """With real threads: stopped, closed, closed with its manager, each while a reader waits without limit."""
    ends: list[Callable[[Sockets, MessageStream[Any]], object]] = [
        lambda manager, stream: manager.stop_socket("a"),
        lambda manager, stream: stream.close(),
        lambda manager, stream: manager.close(),
    ]
    for end in ends:
        manager, stream = Sockets(), MessageStream[Any]()
        manager.open(chat.url, stream, "a")
        manager.start()
        assert stream.receive(PATIENCE) is not None
        reader = in_thread(partial(read_all, stream))
        end(manager, stream)
        assert reader.get(timeout=PATIENCE) == []
        manager.close()


def refused(peer: Peer) -> None:
    peer.read_head()
    peer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def test_a_wait_ends_when_its_socket_gives_up() -> None:
    """With real threads, and without a timeout."""
    with Server(refused) as server, Sockets() as manager:
        stream: MessageStream[Any] = MessageStream()
        manager.open(server.url, stream, "a")
        with pytest.raises(StreamEnded, match="404"):
            stream.receive()


def test_a_wait_ends_while_its_socket_connects() -> None:
    """To a server that never answers."""
    with Server(silent) as server:
        manager, stream = Sockets(), MessageStream[Any]()
        manager.open(server.url, stream, "a")
        manager.start()
        reader = in_thread(stream.receive)
        waits(stream)
        manager.close()
        assert isinstance(reader.get(timeout=PATIENCE), StreamEnded)


def test_a_pool_serves_streams() -> None:
    """Members of a shared link end alone, and all with it."""
    manager = SocketManager(
        options=Options(pool=True), environment="http://127.0.0.1:9", transport=ScriptedTransport(FakeClock(), [])
    )
    first, second = MessageStream[Any](), MessageStream[Any]()
    manager.start_trade_socket("BTCUSDT", first)
    manager.start_kline_socket("BTCUSDT", second, closed_only=True)
    assert (first.conn_keys, second.conn_keys) == (("btcusdt@trade",), ("btcusdt@kline_1m",))
    manager.stop_socket("btcusdt@trade")
    assert not first.is_open
    assert second.is_open
    manager.close()
    assert not second.is_open


def test_a_forked_manager_says_so() -> None:
    """The stream of a manager of another process cannot be opened."""
    manager = Inline()
    manager._core.pid = -1
    with pytest.raises(ManagerClosed):
        manager.stream("a")
