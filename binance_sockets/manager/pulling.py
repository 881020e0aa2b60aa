"""Messages that are read instead of calling back: of one socket, or of several in one loop."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, Literal

from ..config import check_number
from ..consume.listening import Heard, Listener
from ..consume.stream import MessageStream, Signal, message_stream
from ..engine.connection import Connection
from ..engine.pool import Member
from ..errors import ConfigError
from .core import Core

__all__ = ["Pulling"]


class Pulling:
    """What every exchange's manager can do with streams that are read; to be mixed into one."""

    _core: Core

    def start(self) -> None:
        raise NotImplementedError

    def listen(
        self,
        *conn_keys: str | bool | MessageStream[Any],
        combine: bool = False,
        wait: float = 0.5,
        maxsize: int = 10_000,
        max_age: float | None = None,
    ) -> Listener:
        """Several open sockets in one loop: ``for conn_key, message in manager.listen(key1, key2): ...``.

        Of a socket that is read as a stream the listener is one more reader, and takes messages from the others. A
        socket with a callback calls it as before, and the listener gets each message as well, from now on.

        Args:
            conn_keys: what ``start_*_socket`` returned, or a :class:`MessageStream` with one socket; at least one.
            combine: ``False`` (default) for the order in which they came, ``True`` for the order of the exchange's own
                times: a message then waits until every other socket has one, too. One without such a time does not
                wait for its turn.
            wait: seconds from its arrival for which ``combine`` holds back a message at most, from 0. Default 0.5.
            maxsize, max_age: as for :class:`MessageStream`; for sockets with a callback.

        Returns:
            The listener, to be iterated and closed. Any thread may call; it does not block.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: for a bad argument; for a socket whose callback gets what the library chooses of its messages,
                or makes of them, such as an order book or closed candles alone. Start such a socket with a
                :class:`MessageStream` in place of its callback.
            ManagerClosed: in a forked child process.
        """
        core = self._core
        core.check_caller()
        if not conn_keys:
            raise ConfigError("conn_keys", conn_keys, "at least one conn_key")
        if not isinstance(combine, bool):
            raise ConfigError("combine", combine, (True, False))
        check_number("wait", wait, infinite=False)
        chosen: dict[str, Connection | Member] = {}
        for each in conn_keys:
            key = next(iter(each.conn_keys), None) if isinstance(each, MessageStream) else each
            found = core.find(key)
            chosen[found.conn_key] = found
        heard: list[Heard] = []
        signal = Signal()
        try:
            heard.extend(_hear(core, connection, signal, maxsize, max_age) for connection in chosen.values())
            if len({id(each.stream) for each in heard}) < len(heard):
                hint = "Two of them share one MessageStream: start each with its own, or read that one by receive()"
                raise ConfigError("conn_keys", list(chosen), "sockets of which each has a stream of its own", hint)
        except BaseException:
            for each_heard in heard:
                each_heard.leave()
            raise
        return Listener(heard, combine, wait, signal)

    def _pull(
        self,
        open_with: Callable[[MessageStream[Any]], str | Literal[False]],
        streams: object,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Any = None,
        max_age: float | None = None,
    ) -> MessageStream[Any]:
        """A stream that ``open_with`` opens a socket for, in a manager that is started then.

        Args:
            open_with: a start method that lacks the callback alone.
            streams: what it opens, for texts.
            maxsize, on_full, key, max_age: as for :class:`MessageStream`.
        """
        stream: MessageStream[Any] = MessageStream(maxsize, on_full, key, max_age=max_age)
        if open_with(stream) is False:
            hint = "Close what has them open, let its readers share its messages, or use a second manager"
            raise ConfigError("streams", streams, "streams that are not open in this manager", hint)
        try:
            self.start()
        except BaseException:  # no thread is to be had, or Ctrl-C: nobody will get the stream
            stream.close()
            raise
        return stream


def _hear(core: Core, connection: Connection | Member, signal: Signal, maxsize: int, max_age: float | None) -> Heard:
    """What listens to a socket: its own stream, or one beside its callback."""
    callback = connection.handler.callback
    moment = connection.exchange.moment
    if (own := message_stream(callback)) is not None:
        return Heard(connection.conn_key, own, moment, lambda: None)
    if hasattr(callback, "__wrapped__") and not isinstance(callback, FunctionType):
        allowed = "a socket with a MessageStream, or whose callback gets each message as it comes"
        hint = (
            "What its callback gets is chosen or made of them first: start it with a MessageStream in place of the "
            "callback, and pass that stream, or the key, to listen()"
        )
        raise ConfigError("conn_key", connection.conn_key, allowed, hint)
    stream: MessageStream[Any] = MessageStream(maxsize, max_age=max_age)
    stream._inbox.attach(connection, lambda: None)
    stream._inbox.watch(signal)
    with core.lock:
        taps = [each for tap in connection.handler.taps if (each := message_stream(tap)) is not None]
        watched = [each for each in taps if each._inbox.is_watched()]  # others are of forgotten listeners
        connection.handler.tap([*watched, stream])
        over = connection not in core.ending and core.connections.get(connection.conn_key) is not connection
    if over:  # behind this look it is told of its end
        stream._inbox.detach(connection, connection.failure)

    def leave() -> None:
        with core.lock:
            connection.handler.tap([tap for tap in connection.handler.taps if tap is not stream])
        stream._inbox.detach(connection, None)

    return Heard(connection.conn_key, stream, moment, leave)
