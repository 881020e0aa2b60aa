"""What the end-to-end tests share: short options, a record of what a manager says, and a count of what is open."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from patience import PATIENCE

from binance_sockets import Backoff, Options, SocketManager, Timeouts
from binance_sockets.errors import CallbackBehind
from binance_sockets.events import ErrorReport, Gap, State, StateChange
from binance_sockets.simulator import Simulator

FINAL = {"e": "error", "m": "Max reconnect retries reached"}
"""What a callback receives once when its socket gives up."""

_T = TypeVar("_T")


def options(
    *, attempts: int | None = 5, initial: float = 0.02, first_message: float = 0.0, **timeouts: float
) -> Options:
    """Options under which everything happens soon, and what may fail by its deadline waits with patience."""
    waits = {"connect": PATIENCE, "close": 0.3, "stop": PATIENCE, "ack": PATIENCE, **timeouts}
    return Options(
        timeouts=Timeouts(first_message=first_message, **waits),
        backoff=Backoff(initial=initial, factor=1.5, maximum=0.1, max_reconnects=attempts),
        seed=1,
    )


def eventually(predicate: Callable[[], _T], what: str, timeout: float = PATIENCE) -> _T:
    """Wait for a fact that nobody announces, such as a count of descriptors."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (result := predicate()):
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        pause.wait(0.005)
    return result


@dataclass
class Record:
    """Everything that a manager says, in order; :meth:`on_message` is a callback.

    That a callback is late stands apart, in ``late``: on a machine that pauses for seconds that is true of any of them,
    and says nothing about the data. So ``errors`` are what went wrong, and a test may demand that there are none.
    """

    messages: list[Any] = field(default_factory=list)
    states: list[StateChange] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    errors: list[ErrorReport] = field(default_factory=list)
    late: list[ErrorReport] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def attach(self, manager: SocketManager) -> None:
        manager.add_state_listener(lambda change: self._add(self.states, change))
        manager.add_gap_listener(lambda gap: self._add(self.gaps, gap))
        manager.add_error_listener(self._on_error)

    def on_message(self, payload: Any) -> None:
        self._add(self.messages, payload)

    def _on_error(self, report: ErrorReport) -> None:
        self._add(self.late if isinstance(report.error, CallbackBehind) else self.errors, report)

    def _add(self, rows: list[Any], row: Any) -> None:
        with self.changed:
            rows.append(row)
            self.changed.notify_all()

    def wait(self, predicate: Callable[[Record], object], what: str, timeout: float = PATIENCE) -> None:
        """Block until ``predicate(self)`` is true."""
        with self.changed:
            assert self.changed.wait_for(lambda: predicate(self), timeout), f"not within {timeout} s: {what}\n{self}"

    def wait_messages(self, count: int) -> None:
        self.wait(lambda record: len(record.messages) >= count, f"{count} messages")

    def into(self, state: State) -> list[StateChange]:
        """The changes that led into a state."""
        return [change for change in self.states if change.state is state]

    @property
    def finals(self) -> int:
        """How often the last payload came."""
        return self.messages.count(FINAL)

    def __str__(self) -> str:
        return (
            f"{len(self.messages)} messages, last {self.messages[-3:]!r}\ngaps {self.gaps}\nerrors {self.errors}\n"
            f"late {self.late}\n" + "\n".join(map(str, self.states))
        )


@contextlib.contextmanager
def managed(
    sim: Simulator | str, opts: Options | None = None, **arguments: Any
) -> Iterator[tuple[SocketManager, Record]]:
    """A manager at a simulator with its record; closed at the end."""
    environment = sim if isinstance(sim, str) else sim.environment
    manager = SocketManager(environment=environment, options=opts or options(), **arguments)
    record = Record()
    record.attach(manager)
    try:
        yield manager, record
    finally:
        manager.close()


# -- what is open ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """Threads, descriptors and sockets of this process."""

    threads: frozenset[str]
    descriptors: int
    sockets: int

    @classmethod
    def now(cls) -> Held:
        descriptors = sockets = 0
        for name in os.listdir("/dev/fd"):
            with contextlib.suppress(OSError):
                sockets += stat.S_ISSOCK(os.fstat(int(name)).st_mode)
                descriptors += 1
        names = (thread.name for thread in threading.enumerate())
        return cls(frozenset(name for name in names if name.startswith("binance_sockets")), descriptors, sockets)

    def within(self, before: Held) -> bool:
        """Whether nothing is held that was not held before."""
        return (
            self.threads <= before.threads and self.descriptors <= before.descriptors and self.sockets <= before.sockets
        )


@contextlib.contextmanager
def nothing_left(sim: Simulator | None = None) -> Iterator[None]:
    """Fail unless threads, descriptors and sockets are afterwards what they were before."""
    before = Held.now()
    yield
    if sim is not None:
        sim.wait_for(lambda: not sim.connections)
    eventually(lambda: Held.now().within(before), f"as few as before: {before}, now {Held.now()}")


# -- made-up messages ------------------------------------------------------------------------------------------------


def event_of(stream: str, number: int) -> bytes:
    """A payload with a number in it, for a stream of no listed symbol."""
    symbol = stream.partition("@")[0].upper()
    return b'{"e":"madeUp","E":%d,"s":"%s","n":%d,"p":"1.50"}' % (1_790_000_000_000 + number, symbol.encode(), number)


def number_of(payload: Any) -> int | None:
    """The number in a payload of :func:`event_of`, wrapped or bare."""
    body = payload.get("data", payload) if isinstance(payload, dict) else {}
    number = body.get("n") if isinstance(body, dict) else None
    return number if isinstance(number, int) else None


def numbers(record: Record) -> list[int]:
    """The numbers received so far, in order."""
    return [number for payload in list(record.messages) if (number := number_of(payload)) is not None]


def say(sim: Simulator, product: str, streams: Sequence[str], number: int) -> None:
    """Publish one numbered message on each stream, once it has a listener."""
    for stream in streams:
        eventually(lambda name=stream: sim.publish(product, name, event_of(name, number)), f"a listener of {stream}")
