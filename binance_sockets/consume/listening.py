"""Several streams as one: by arrival, or by the exchange's time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .._closing import Closing
from ..config import check_number
from ..errors import ReceiveTimeout, StreamEnded, WouldDeadlock
from .stream import MessageStream, Signal

__all__ = ["Heard", "Listener"]

_SLICE = 1.0  # seconds of one bounded wait


class Heard(NamedTuple):
    """One of the sockets that a listener hears.

    Args:
        conn_key: its key.
        stream: where its messages wait.
        moment: when the exchange says that a message happened, in seconds; ``None`` where it does not say.
        leave: ends the hearing, and nothing else.
    """

    conn_key: str
    stream: MessageStream[Any]
    moment: Callable[[Any], float | None]
    leave: Callable[[], object]


class Listener(Closing):
    """``(conn_key, message)`` of several sockets. What :meth:`~binance_sockets.SocketManager.listen` returns.

    Iterate it, or call :meth:`receive`; any thread, several share the messages. It ends when all its sockets have:
    loops end, or raise :class:`~binance_sockets.StreamEnded` if one of them has given up.

    Attributes:
        late: with ``combine=True``, messages that came too late for their place: one with a later time was handed out.
    """

    def __init__(self, heard: Sequence[Heard], combine: bool, wait: float, signal: Signal) -> None:
        self._heard = tuple(heard)
        self._combine = combine
        self._wait = wait
        self._signal = signal  # the streams know it, and not the listener, which may be forgotten
        self._last = float("-inf")  # time of the message that was handed out last
        self._moments: dict[str, tuple[Any, float | None]] = {}  # of the messages that come next
        self._closed = False
        self.late = 0
        for each in self._heard:
            each.stream._inbox.watch(signal)

    def receive(self, timeout: float | None = None) -> tuple[str, Any]:
        """The next ``(conn_key, message)``. Blocks until there is one.

        Args:
            timeout: seconds to wait at most, from 0; ``None`` (default) until all sockets have ended.

        Raises:
            ReceiveTimeout: none came in time.
            StreamEnded: none will come any more.
            WouldDeadlock: called on the thread that alone could bring one.
            ConfigError: ``timeout`` is no number from 0.
        """
        check_number("timeout", timeout, none=True)
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            seen = self._signal.count
            open_ones = [each for each in self._heard if each.stream.is_open]  # before the look: nothing comes between
            found, due = self._next(open_ones)
            if found is not None:
                return found
            if self._closed or not open_ones:
                raise self._ended()
            self._check_caller()
            now = time.monotonic()
            if deadline is not None and deadline <= now:
                raise ReceiveTimeout(timeout or 0.0)
            limits = [now + _SLICE, *(each for each in (deadline, due) if each is not None)]
            self._signal.wait(seen, max(0.0, min(limits) - now))

    def _next(self, open_ones: Sequence[Heard]) -> tuple[tuple[str, Any] | None, float | None]:
        """What comes next, or when something waiting will be due."""
        while True:
            heads = [(each, head) for each in self._heard if (head := each.stream._inbox.peek()) is not None]
            if not heads or self._closed:
                return None, None
            if not self._combine:
                each, head = min(heads, key=lambda found: found[1][0])
                moment = None
            else:
                moments = [self._moment(each, head) for each, head in heads]
                place = min(range(len(heads)), key=lambda number: (moments[number] or 0.0, heads[number][1][0]))
                (each, head), moment = heads[place], moments[place]
                left = min(head[0] for _, head in heads) + self._wait - each.stream._inbox.monotonic()
                with_message = {id(one) for one, _ in heads}
                if moment is not None and left > 0 and any(id(one) not in with_message for one in open_ones):
                    return None, time.monotonic() + left
            if each.stream._inbox.take_head(head):  # else another reader has taken it: look again
                if moment is not None:
                    self.late += moment < self._last
                    self._last = max(self._last, moment)
                return (each.conn_key, head[1]), None

    def _moment(self, heard: Heard, head: Any) -> float | None:
        """When the exchange says that the waiting message happened, asked once."""
        known = self._moments.get(heard.conn_key)
        if known is None or known[0] is not head:
            try:
                moment = heard.moment(head[1])
            except Exception:  # as the contract has it: no such time
                moment = None
            self._moments[heard.conn_key] = known = (head, moment)
        return known[1]

    def _check_caller(self) -> None:
        sources = [source for each in self._heard for source in each.stream._inbox.sources]
        if sources and all(source.waits_for_caller() for source in sources):
            raise WouldDeadlock("receive() inside a callback or listener of the sockets that bring the messages")

    def _ended(self) -> StreamEnded:
        if self._closed:
            return StreamEnded("it was closed", asked_for=True)
        ends = [end for each in self._heard if (end := each.stream._inbox.ended()) is not None]
        return next((end for end in ends if not end.asked_for), StreamEnded("its sockets were stopped", asked_for=True))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The messages, until all sockets have ended."""
        return self

    def __next__(self) -> tuple[str, Any]:
        try:
            return self.receive()
        except StreamEnded as ended:
            if ended.asked_for:
                raise StopIteration from None
            raise

    def close(self) -> None:
        """Hear no more, and end all waits; the sockets stay open. Any thread; idempotent; does not wait."""
        self._closed = True
        for each in self._heard:
            each.stream._inbox.unwatch(self._signal)
            each.leave()
        self._signal.tell()

    def __repr__(self) -> str:
        keys = ", ".join(each.conn_key for each in self._heard)
        return f"<Listener {keys}{': closed' if self._closed else ''}>"
