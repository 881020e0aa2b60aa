"""listen: several sockets in one loop, in the order of arrival or of the exchange's time."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
from consume.test_stream import Inline, Socket, in_thread
from fake_exchange import batch, data, server
from loopback import PATIENCE, Server, Sockets, chatty

from binance_sockets import (
    ConfigError,
    ConnectionLost,
    MessageStream,
    ReceiveTimeout,
    StreamEnded,
    UnknownConnection,
    WouldDeadlock,
)
from binance_sockets.consume.listening import Heard, Listener
from binance_sockets.consume.stream import Signal


def listening(*keys: str, combine: bool = False, wait: float = 10.0) -> tuple[Listener, list[MessageStream[Any]]]:
    """A listener over streams of made-up sockets; a message is its own time."""
    streams = [MessageStream[Any]() for _ in keys]
    for stream, key in zip(streams, keys, strict=True):
        Socket(stream, key)
    heard = [Heard(key, stream, float, lambda: None) for key, stream in zip(keys, streams, strict=True)]
    return Listener(heard, combine, wait, Signal()), streams


def end(stream: MessageStream[Any], failure: Any = None) -> None:
    for source in list(stream._inbox.sources):
        stream._inbox.detach(source, failure)


def test_messages_come_as_they_arrived() -> None:
    """Whatever their socket, and until the last of these has ended."""
    listener, (a, b) = listening("a", "b")
    for stream, message in ((a, 1), (b, 2), (b, 3), (a, 4)):
        stream(message)
    end(a)
    end(b)
    assert list(listener) == [("a", 1), ("b", 2), ("b", 3), ("a", 4)]


def test_a_wait_ends_with_a_message_of_any() -> None:
    """And no later than its timeout."""
    listener, (_, b) = listening("a", "b")
    with pytest.raises(ReceiveTimeout):
        listener.receive(0.01)
    result = in_thread(listener.receive)
    b("m")
    assert result.get(timeout=PATIENCE) == ("b", "m")


def test_combined_messages_come_by_the_time_of_the_exchange() -> None:
    """Each waits until the other sockets have one, too; a socket that has ended is not waited for."""
    listener, (a, b) = listening("a", "b", combine=True)
    a(2.0)
    with pytest.raises(ReceiveTimeout):
        listener.receive(0.01)
    for message in (1.0, 3.0):
        b(message)
    a(2.5)
    end(a)
    end(b)
    assert list(listener) == [("b", 1.0), ("a", 2.0), ("a", 2.5), ("b", 3.0)]
    assert listener.late == 0


def test_combining_waits_no_longer_than_it_was_told() -> None:
    """A quiet socket holds back the others for ``wait`` seconds; what comes behind its time is counted."""
    listener, (a, b) = listening("a", "b", combine=True, wait=0.01)
    a(2.0)
    assert listener.receive(PATIENCE) == ("a", 2.0)
    b(1.0)
    assert listener.receive(PATIENCE) == ("b", 1.0)
    assert listener.late == 1


def test_a_message_without_a_time_does_not_wait() -> None:
    """It could be held back for nothing else than the bound."""
    listener, (a, _) = listening("a", "b", combine=True, wait=1000.0)
    a("no number")
    assert listener.receive(PATIENCE) == ("a", "no number")


def test_a_socket_that_gives_up_is_told_at_the_end() -> None:
    """The others go on until theirs."""
    listener, (a, b) = listening("a", "b")
    end(a, ConnectionLost("gone"))
    b(1)
    assert next(listener) == ("b", 1)
    end(b)
    with pytest.raises(StreamEnded, match="gone"):
        next(listener)


def test_close_ends_a_wait() -> None:
    """And nothing else: the sockets stay."""
    listener, (a, _) = listening("a", "b")
    result = in_thread(lambda: list(listener))
    with listener:
        pass
    listener.close()
    assert result.get(timeout=PATIENCE) == []
    a(1)
    assert a.receive() == 1
    with pytest.raises(StreamEnded, match="it was closed"):
        listener.receive()


def test_listeners_share_what_readers_share() -> None:
    """Four threads on one listener: each message goes to one of them."""
    listener, streams = listening("a", "b")
    results = [in_thread(lambda: list(listener)) for _ in range(4)]
    for number in range(400):
        streams[number % 2](number)
    for stream in streams:
        end(stream)
    shares: list[Any] = [result.get(timeout=PATIENCE) for result in results]
    assert sorted(message for share in shares for _, message in share) == list(range(400))


def test_a_wait_for_oneself_is_refused() -> None:
    """On the thread that alone could bring a message."""
    stream: MessageStream[Any] = MessageStream()
    Socket(stream).thread = threading.current_thread()
    with pytest.raises(WouldDeadlock):
        Listener([Heard("a", stream, float, lambda: None)], False, 1.0, Signal()).receive()


# -- with a manager --


def test_a_socket_with_a_callback_is_heard_beside_it() -> None:
    """Both get each message; when it ends, so does the listener."""
    manager, got = Inline(server(batch(data("a", 1), data("a", 2)))), []
    manager.start_socket("a", got.append)
    with manager.listen("a") as listener:
        manager.clock.at(30.0, manager._core.connections["a"].request_stop)
        manager._core.connections["a"].run()
        assert list(listener) == [("a", message) for message in got]
    assert len(got) == 2
    manager.close()


def test_streams_are_heard_by_their_key_or_themselves() -> None:
    """A stream's messages are taken from it."""
    manager = Inline()
    streams = [manager.stream(key) for key in "ab"]
    listener = manager.listen("a", streams[1])
    for stream, message in zip(streams, (1, 2), strict=True):
        stream(message)
    assert [listener.receive(), listener.receive()] == [("a", 1), ("b", 2)]
    assert [len(stream) for stream in streams] == [0, 0]
    manager.close()
    assert list(listener) == []


def test_what_cannot_be_heard_is_refused() -> None:
    """Unknown keys, none at all, one stream of two sockets, and callbacks that get something else than messages."""
    manager, shared = Inline(), MessageStream[Any]()
    manager.start_socket("a", shared)
    manager.start_socket("b", shared)

    class Book:
        __wrapped__ = print

        def __call__(self, message: object) -> None: ...

    manager.start_socket("c", Book())
    with pytest.raises(UnknownConnection):
        manager.listen("a", "x")
    for arguments, options in (((), {}), (("a", "b"), {}), (("c",), {}), (("a",), {"combine": 1})):
        with pytest.raises(ConfigError):
            manager.listen(*arguments, **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        manager.listen("a", wait=-1.0)
    manager.close()


def test_a_listener_leaves_nothing_behind() -> None:
    """Its taps and watches are gone with it, and the callback is called as before."""
    manager, got = Inline(), []
    manager.start_socket("a", got.append)
    handler = manager._core.connections["a"].handler
    with manager.listen("a"), manager.listen("a"):
        assert len(handler.taps) == 2
    assert handler.taps == ()
    handler.call(1)
    assert got == [1]
    assert handler.entry == got.append
    manager.close()


def test_a_forgotten_listener_is_pruned() -> None:
    """A loop that was left without ``close`` costs its socket something until the next one listens, and no longer."""
    manager = Inline()
    manager.start_socket("a", print)
    for _ in range(5):
        manager.listen("a")
        gc.collect()
    assert len(manager._core.connections["a"].handler.taps) == 1
    stream = manager.stream("b")
    for _ in range(5):
        manager.listen(stream)
        gc.collect()
    assert len(stream._inbox.watchers) == 1
    manager.close()


def test_real_sockets_are_heard_until_the_manager_closes() -> None:
    """A wait without a limit ends with it."""
    with Server(chatty) as loopback:
        manager = Sockets()
        manager.start()
        for key in "ab":
            manager.open(loopback.url, lambda message: None, key)
        listener = manager.listen("a", "b")
        seen = set()
        while seen != {"a", "b"}:
            seen.add(listener.receive(PATIENCE)[0])
        rest = in_thread(lambda: [key for key, _ in listener][:0])
        manager.close()
        assert rest.get(timeout=PATIENCE) == []
