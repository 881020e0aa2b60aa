"""All that a manager has: its connections by conn_key, its helper threads, its listeners. Knows no exchange."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Literal, Protocol

from ..config import Options, check_handler
from ..consume.stream import message_stream
from ..engine.connection import Connection
from ..engine.dialler import Attempt, Dialler
from ..engine.errands import Errand, Errands
from ..engine.gate import Gate
from ..engine.jobs import Jobs
from ..engine.pool import Member, Pool
from ..engine.process import MainWatch, guard
from ..engine.tally import tally
from ..engine.threads import check_stack, park
from ..engine.transport import Transport
from ..engine.watch import Alarm, LagWatch
from ..errors import BinanceSocketsError, ManagerClosed, UnknownConnection
from ..events import ClockSnapshot, CredentialChange, ErrorReport, Gap, StateChange

__all__ = ["Core", "Listeners", "Registration", "named"]

log = logging.getLogger("binance_sockets.manager")

_LAST_WORDS = 1000  # keys whose last error is remembered
_SHORT = 1.0  # seconds in which a helper thread without work has ended

_counter = itertools.count(1)


class Registration(Protocol):
    """What adding a listener returns."""

    def remove(self) -> None:
        """No further calls begin for this listener. Any thread; may be called twice."""


class Listeners:
    """Listeners of one kind: called in the order they were added, each guarded."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._lock = threading.Lock()
        self._entries: tuple[_Entry, ...] = ()

    def add(self, listener: Callable[[Any], object]) -> Registration:
        check_handler(f"{self._kind} listener", listener)
        entry = _Entry(self, listener)
        with self._lock:
            self._entries += (entry,)
        return entry

    def remove(self, entry: _Entry) -> None:
        with self._lock:
            self._entries = tuple(kept for kept in self._entries if kept is not entry)

    def call(self, event: object) -> None:
        for entry in self._entries:
            try:
                entry.listener(event)
            except BaseException:  # also SystemExit, which would end the thread with its work half done
                log.exception("a %s listener raised; it stays registered", self._kind)


class _Entry:
    def __init__(self, owner: Listeners, listener: Callable[[Any], object]) -> None:
        self._owner = owner
        self.listener = listener

    def remove(self) -> None:
        self._owner.remove(self)


class Core:
    """All state of a manager, behind one name, so that subclasses may use any attribute names of their own."""

    def __init__(self, options: Options, transport: Transport, environment: str, hosts: Mapping[str, str]) -> None:
        self.environment = environment
        self.hosts = hosts
        self.options = options
        self.transport = transport
        self.name = f"binance_sockets-{next(_counter)}"
        self.daemon = False
        self.lock = threading.Lock()  # guards the fourteen below; never held over I/O, waits or user code
        self.connections: dict[str, Connection | Member] = {}
        self.given_up: dict[str, BinanceSocketsError] = {}  # the last words of keys, the oldest first
        self.taken: weakref.WeakSet[Connection | Member] = weakref.WeakSet()  # said to be, when a second one asked
        # the key is free again, the thread is not over yet; a dict, as it keeps their order
        self.ending: dict[Connection | Member, None] = {}
        self.running = False
        self.was_started = False
        self.closes = 0  # how often it was closed
        self.jobs: Jobs | None = None
        self.dialler: Dialler | None = None
        self.errands: Errands | None = None
        self.watch: MainWatch | None = None
        self.lag_watch: LagWatch | None = None
        self.clocks: Mapping[str, ClockSnapshot] = {}  # replaced, never changed
        self.pools: dict[Hashable, Pool] = {}
        self.gate: Gate | None = None  # one callback at a time, where a subclass wants that
        self.alarm = Alarm()
        self.pid: int | None = None  # of the process that started it
        self.states = Listeners("state")
        self.gaps = Listeners("gap")
        self.errors = Listeners("error")
        self.credentials = Listeners("credential")
        self.symbols = Listeners("symbol")

    # -- observer of the connections ---------------------------------------------------------------------------------

    def on_state(self, change: StateChange) -> None:
        self.states.call(change)

    def on_gap(self, gap: Gap) -> None:
        tally.gap()
        self.gaps.call(gap)

    def on_error(self, report: ErrorReport) -> None:
        self.errors.call(report)

    def on_credential(self, change: CredentialChange) -> None:
        self.credentials.call(change)

    def on_released(self, connection: Connection | Member) -> None:
        with self.lock:
            if self.connections.get(connection.conn_key) is connection:
                del self.connections[connection.conn_key]
                self.ending[connection] = None
                if connection.failure is not None:
                    # without the cause: its traceback would keep the connection and the user's callback alive
                    self.given_up[connection.conn_key] = copy(connection.failure)
                    if len(self.given_up) > _LAST_WORDS:
                        del self.given_up[next(iter(self.given_up))]

    def on_ended(self, connection: Connection | Member) -> None:
        tally.ended(connection)
        with self.lock:
            self.ending.pop(connection, None)
        handler = connection.handler
        for callback in (handler.callback, *handler.taps):
            if (stream := message_stream(callback)) is not None:
                stream._inbox.detach(connection, connection.failure)

    def all(self) -> list[Connection | Member]:
        """Every connection whose thread may be alive."""
        with self.lock:
            return [*self.connections.values(), *self.ending]

    def connections_of_all(self) -> list[Connection]:
        """The same, those that sockets share once."""
        connections = [found if isinstance(found, Connection) else found.connection for found in self.all()]
        return [found for found in dict.fromkeys(connections) if found is not None]

    def open(self) -> dict[str, Connection | Member]:
        with self.lock:
            return dict(self.connections)

    def find(self, conn_key: object) -> Connection | Member:
        """The open connection that a key means.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
        """
        connections = self.open()
        found = named(conn_key, connections)
        if found is None:
            raise UnknownConnection(conn_key, list(connections))
        return connections[found]

    def alone(self, conn_key: str) -> Connection | None:
        """The open connection that serves this key and no other."""
        found = self.open().get(conn_key)
        return found if isinstance(found, Connection) else None

    def refuse(self, taken: Connection | Member) -> Literal[False]:
        """A second socket of a key that is in use was asked for: say so, once."""
        with self.lock:
            said = taken in self.taken
            self.taken.add(taken)
        if not said:
            log.warning(
                "%s is open already, so that starting it again returned False and changed nothing: let one callback "
                "hand each message on to all who want it, or use a second manager",
                taken.label,
            )
        return False

    # -- threads -----------------------------------------------------------------------------------------------------

    def submit(self, job: Callable[[], None]) -> None:
        with self.lock:
            jobs = self.jobs
        if jobs is not None:
            jobs.submit(job)

    def dial(self, attempt: Attempt) -> None:
        with self.lock:
            if self.dialler is None and self.running:
                self.dialler = Dialler(self.name, self.transport)
            dialler = self.dialler
        if dialler is not None:
            dialler.submit(attempt)

    def run_errand(self, errand: Errand) -> None:
        """Have a slow call made on the errands' thread, which is started once it is needed."""
        with self.lock:
            if self.errands is None and self.running:
                self.errands = Errands(f"{self.name}:errands", self.transport.clock)
            errands = self.errands
        if errands is not None:
            errands.submit(errand)

    def run_jobs(self, closes: int | None = None) -> bool:
        """Have the threads beside the connections', started once.

        Returns:
            ``False`` when the manager was closed since ``closes`` was read: then it stays so.
        """
        with self.lock:
            if closes not in (None, self.closes):
                return False
            self.running = self.was_started = True
            self.pid = os.getpid()
            if self.jobs is not None:
                return True
            self.jobs = jobs = Jobs(f"{self.name}:jobs")
            self.watch = watch = None if self.daemon else MainWatch(f"{self.name}:main", self)
            self.lag_watch = lag_watch = LagWatch(
                f"{self.name}:lag", self.transport.clock, self.connections_of_all, self.alarm
            )
        try:
            guard(self)
            jobs.start()
            lag_watch.start()
            if watch is not None:
                watch.start()
                park.open(self)  # a daemon's sockets need no thread after the main thread's end
        except BaseException:  # no thread is to be had, or Ctrl-C: what runs already ends
            for helper in (jobs, watch, lag_watch):
                if helper is not None:
                    helper.stop()
                    helper.thread.abandon()  # what has not begun never begins, and need not be waited for
                    helper.join(_SHORT)  # here, as a later close() does not know it
            park.close(self)
            with self.lock:
                if self.jobs is jobs:
                    self.jobs = self.watch = self.lag_watch = None
                    self.running = False
            raise
        return True

    def request_stop(self) -> None:
        """Ask all connections to end. Any thread, also a signal handler; never blocks."""
        if self.elsewhere():
            return
        for connection in self.all():
            connection.request_stop()

    def stop(self, connections: Sequence[Connection | Member]) -> None:
        """End these, and wait for them where that can be waited for, within the deadline of a stop."""
        for connection in connections:
            connection.request_stop()
        deadline = time.monotonic() + self.options.timeouts.stop
        for connection in connections:
            if not connection.waits_for_caller() and not connection.join(max(0.0, deadline - time.monotonic())):
                log.warning("%s is stopping, and still %s", connection.label, connection.doing)

    def is_open(self) -> bool:
        """A connection's thread may be alive."""
        return not self.elsewhere() and bool(self.all())

    def elsewhere(self) -> bool:
        """Started in another process, of which this one is a fork: its threads, and who holds its lock, are there."""
        return self.pid not in (None, os.getpid())

    def check_caller(self) -> None:
        """The caller is in the right process, and has stack enough for a call that must do all or nothing."""
        check_stack()
        if self.elsewhere():
            raise ManagerClosed(
                "this manager was started in another process; threads and sockets do not survive a fork: "
                "make a new manager in the child, or start the child by spawn"
            )


def _unprefixed(conn_key: str) -> str | None:
    """The key behind its product prefix, if it has one; other colons belong to the name."""
    prefix, colon, name = conn_key.partition(":")
    return name if colon and prefix.isidentifier() else None


def named(conn_key: object, known: Iterable[str]) -> str | None:
    """The key that is meant: itself, or the only one that is the same behind its product prefix."""
    known = list(known)
    if conn_key in known:
        return str(conn_key)
    found = {each for each in known if conn_key and _unprefixed(each) == conn_key}
    return found.pop() if len(found) == 1 else None
