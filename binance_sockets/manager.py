"""The neutral manager: a registry of connections by conn_key. Knows no exchange."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from types import FunctionType, TracebackType
from typing import Any, Literal, NoReturn, Protocol, TypeVar

from .config import Options, check_number
from .consume.listening import Heard, Listener
from .consume.pulling import Pulling
from .consume.stream import MessageStream, Signal, message_stream
from .engine.clock import wait_event
from .engine.connection import Connection, fresh
from .engine.dialler import Attempt, Dialler
from .engine.errands import Errand, Errands
from .engine.gate import Gate
from .engine.jobs import Jobs
from .engine.metrics import connection_snapshot, member_snapshot
from .engine.pool import Member, Pool
from .engine.process import MainWatch, guard
from .engine.tally import tally
from .engine.telling import Observer
from .engine.threads import check_stack, park
from .engine.transport import SocketTransport, Transport
from .errors import BinanceSocketsError, ConfigError, ManagerClosed, ShutdownTimeout, UnknownConnection, one_line
from .events import ClockSnapshot, ConnectionSnapshot, CredentialChange, ErrorReport, Gap, Snapshot, StateChange
from .exchange import Exchange, Stream
from .report import Report

__all__ = ["Manager", "Registration"]

log = logging.getLogger("binance_sockets.manager")

_LAST_WORDS = 1000  # keys whose last error is remembered
_SHORT = 1.0  # seconds in which a helper thread without work has ended

_counter = itertools.count(1)
_Self = TypeVar("_Self", bound="Manager")


def _final_payload() -> dict[str, str]:
    """What a callback receives last when its connection gives up; the form is python-binance 0.7's."""
    return {"e": "error", "m": "Max reconnect retries reached"}


class Registration(Protocol):
    """What adding a listener returns."""

    def remove(self) -> None:
        """No further calls begin for this listener. Any thread; may be called twice."""


class _Listeners:
    """Listeners of one kind: called in the order they were added, each guarded."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._lock = threading.Lock()
        self._entries: tuple[_Entry, ...] = ()

    def add(self, listener: Callable[[Any], object]) -> Registration:
        if not callable(listener):
            raise ConfigError(f"{self._kind} listener", listener, "a callable with one argument")
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
    def __init__(self, owner: _Listeners, listener: Callable[[Any], object]) -> None:
        self._owner = owner
        self.listener = listener

    def remove(self) -> None:
        self._owner.remove(self)


class _Watched:
    """The observer of one connection whose changes of state somebody wants to know first."""

    def __init__(self, core: _Core, watch: Callable[[StateChange], None]) -> None:
        self._watch = watch
        self._states = core.on_state
        self.on_gap, self.on_error, self.on_credential = core.on_gap, core.on_error, core.on_credential
        self.on_released, self.on_ended = core.on_released, core.on_ended

    def on_state(self, change: StateChange) -> None:
        self._watch(change)
        self._states(change)


class _Core:
    """All state of a manager, behind one name, so that subclasses may use any attribute names of their own."""

    def __init__(self, options: Options, transport: Transport, environment: str, hosts: Mapping[str, str]) -> None:
        self.environment = environment
        self.hosts = hosts
        self.options = options
        self.transport = transport
        self.name = f"binance_sockets-{next(_counter)}"
        self.daemon = False
        self.lock = threading.Lock()  # guards the thirteen below; never held over I/O, waits or user code
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
        self.clocks: Mapping[str, ClockSnapshot] = {}  # replaced, never changed
        self.pools: dict[Hashable, Pool] = {}
        self.gate: Gate | None = None  # one callback at a time, where a subclass wants that
        self.pid: int | None = None  # of the process that started it
        self.states = _Listeners("state")
        self.gaps = _Listeners("gap")
        self.errors = _Listeners("error")
        self.credentials = _Listeners("credential")
        self.symbols = _Listeners("symbol")

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

    def open(self) -> dict[str, Connection | Member]:
        with self.lock:
            return dict(self.connections)

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
        try:
            guard(self)
            jobs.start()
            if watch is not None:
                watch.start()
                park.open(self)  # a daemon's sockets need no thread after the main thread's end
        except BaseException:  # no thread is to be had, or Ctrl-C: what runs already ends
            for helper in (jobs, watch):
                if helper is not None:
                    helper.stop()
                    helper.thread.abandon()  # what has not begun never begins, and need not be waited for
                    helper.join(_SHORT)  # here, as a later close() does not know it
            park.close(self)
            with self.lock:
                if self.jobs is jobs:
                    self.jobs, self.watch, self.running = None, None, False
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

    def hear(self, connection: Connection | Member, signal: Signal, maxsize: int, max_age: float | None) -> Heard:
        """What listens to a socket: its own stream, or one beside its callback."""
        callback = connection.handler.callback
        moment = connection.exchange.moment
        if (own := message_stream(callback)) is not None:
            return Heard(connection.conn_key, own, moment, lambda: None)
        if hasattr(callback, "__wrapped__") and not isinstance(callback, FunctionType):
            hint = "Give it a MessageStream as its callback"
            raise ConfigError("conn_key", connection.conn_key, "a socket whose callback gets all that comes", hint)
        stream: MessageStream[Any] = MessageStream(maxsize, max_age=max_age)
        stream._inbox.attach(connection, lambda: None)
        stream._inbox.watch(signal)
        with self.lock:
            taps = [each for tap in connection.handler.taps if (each := message_stream(tap)) is not None]
            watched = [each for each in taps if each._inbox.is_watched()]  # others are of forgotten listeners
            connection.handler.tap([*watched, stream])
            over = connection not in self.ending and self.connections.get(connection.conn_key) is not connection
        if over:  # behind this look it is told of its end
            stream._inbox.detach(connection, connection.failure)

        def leave() -> None:
            with self.lock:
                connection.handler.tap([tap for tap in connection.handler.taps if tap is not stream])
            stream._inbox.detach(connection, None)

        return Heard(connection.conn_key, stream, moment, leave)

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


class Manager(Pulling):
    """Starts, stops and watches connections. All methods may be called from any thread, also inside a callback.

    Args:
        options: deadlines, back-off, limits, proxy, TLS. Default: ``Options()``.
        transport: opens links; tests pass one of :mod:`binance_sockets.testing`.
        environment: what it connects to, for texts: the name of an environment or a base URL, without secrets.
        hosts: the hosts there, by product.
    """

    def __init__(
        self,
        *,
        options: Options | None = None,
        transport: Transport | None = None,
        environment: str = "",
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        options = Options() if options is None else options
        if not isinstance(options, Options):
            raise ConfigError("options", options, "an Options object or None")
        self._core = _Core(options, transport or SocketTransport(options), environment, dict(hosts or {}))

    def __repr__(self) -> str:
        core = self._core
        if core.elsewhere():
            return f"<{type(self).__name__} {core.name}: started in process {core.pid}, not alive in this one>"
        state = "running" if core.running else "closed" if core.closes else "idle"
        where = f"{_where(core)}, " if core.environment else ""
        return f"<{type(self).__name__} {core.name}: {where}{len(core.connections)} sockets, {state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be pickled or copied: its sockets and threads belong to this process. "
            "Make one in the other process; under multiprocessing, inside the function that the child runs"
        )

    # -- lifecycle ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin: sockets registered so far open now, later ones at once. Idempotent; does not block.

        Raises:
            ManagerClosed: in a forked child process.
            RuntimeError: a thread is needed and none can be started: the system allows no more, or the main thread has
                ended (CPython 3.12.0 to 3.12.2, once the threads kept for this are used up).
            OSError: the system gives no descriptor for a socket. That socket is over, and its key is free.
        """
        core = self._core
        core.check_caller()
        core.run_jobs()
        for connection in core.open().values():
            connection.start(core.daemon)

    def stop_socket(self, conn_key: str | bool | None) -> None:
        """End one socket. No callback of it begins after this has returned.

        Waits for a running callback and the close handshake, at most ``timeouts.stop`` seconds; inside a callback of
        the same socket it does not wait. An unknown key, ``False`` or ``None`` does nothing.

        Args:
            conn_key: what ``start_*_socket`` returned; without its product prefix where that is unambiguous: a bare
                key means the prefixed one once no socket has the bare one itself.

        Raises:
            ManagerClosed: in a forked child process.
        """
        core = self._core
        core.check_caller()
        known = core.all()
        key = _named(conn_key, [connection.conn_key for connection in known])
        core.stop([connection for connection in known if connection.conn_key == key])

    def close(self, timeout: float = 10.0) -> None:
        """End all sockets and join their threads. Idempotent; afterwards the manager can be used again.

        Inside a callback of one of its sockets it asks all to end and returns at once, as it would wait for itself.

        Args:
            timeout: one deadline for everything, in seconds from 0; ``math.inf`` waits for as long as it takes.
                Default 10.

        Raises:
            ConfigError: ``timeout`` is no number from 0; nothing was closed.
            ShutdownTimeout: threads are still alive; they end as soon as their callbacks return.
            ManagerClosed: in a forked child process.
        """
        check_number("timeout", timeout)
        core = self._core
        core.check_caller()
        with core.lock:  # all at once: a socket that begins meanwhile belongs wholly to the time before or after
            connections = [*core.connections.values(), *core.ending]
            helpers = [helper for helper in (core.jobs, core.watch, core.dialler, core.errands) if helper]
            core.jobs = core.watch = core.dialler = core.errands = None
            core.running = False
            core.closes += 1
        for connection in connections:
            connection.request_stop()
        for helper in helpers:
            helper.stop()
            if not isinstance(helper, (Dialler, Errands)):  # Ctrl-C may have come between its making and its start
                helper.thread.abandon()
        park.close(core)
        if any(connection.is_own_thread() for connection in connections):
            return
        deadline = time.monotonic() + timeout
        alive = {}
        for connection in connections:
            if not connection.join(max(0.0, deadline - time.monotonic())):
                alive[f"binance_sockets:{connection.label}"] = connection.doing
        for helper in helpers:
            if not helper.join(max(0.05, deadline - time.monotonic())):
                alive[helper.name] = helper.doing
        park.join(max(0.05, deadline - time.monotonic()))
        if alive:
            raise ShutdownTimeout(timeout, list(alive), list(alive.values()))
        core.transport.close()

    def join(self, timeout: float | None = None) -> None:
        """Block until no socket is left (stopped, closed or given up), at most ``timeout`` seconds.

        As with a thread, the result does not tell which; ask :meth:`is_alive`. Ctrl-C ends the wait. Inside a callback
        it does not wait for the callback's own socket.

        Args:
            timeout: seconds from 0; ``None`` (default) and ``math.inf`` wait for as long as it takes.

        Raises:
            ConfigError: ``timeout`` is neither.
            ManagerClosed: in a forked child process; not started yet, while sockets wait for :meth:`start`.
        """
        check_number("timeout", timeout, none=True)
        self._core.check_caller()
        if not self._core.was_started and self._core.open():
            raise ManagerClosed("cannot join before start(): the sockets of this manager have not begun")
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            waiting = [found for found in self._core.all() if not found.waits_for_caller()]
            if not waiting:
                return
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            wait_event(waiting[0].ended, left)

    def run(self) -> None:
        """Start, and block until no socket is left: the manager in the foreground."""
        self.start()
        self.join()

    def is_alive(self) -> bool:
        """Started, and not closed since. ``False`` in a forked child: what runs, runs in the parent."""
        return self._core.running and not self._core.elsewhere()

    @property
    def name(self) -> str:
        """Name of this manager, as it shows in its job thread's name and in logs."""
        return self._core.name

    @name.setter
    def name(self, value: str) -> None:
        self._core.name = str(value)

    @property
    def daemon(self) -> bool:
        """Whether the process may end while sockets are open. Default ``False``. Set it before :meth:`start`."""
        return self._core.daemon

    @daemon.setter
    def daemon(self, value: bool) -> None:
        if self._core.running:
            raise RuntimeError("cannot set daemon of a manager that has been started")
        self._core.daemon = bool(value)

    def __enter__(self: _Self) -> _Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except ShutdownTimeout as late:
            if error is None:
                raise
            log.error("%s: %s", self._core.name, late)  # what ended the block matters more

    # -- looking -----------------------------------------------------------------------------------------------------

    def wait_open(self, conn_key: str | bool | None, timeout: float = 10.0) -> None:
        """Block until all links of a socket are open and all its subscriptions are confirmed.

        Args:
            conn_key: what ``start_*_socket`` returned.
            timeout: seconds from 0; ``math.inf`` waits for as long as it takes. Default 10.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            RequestTimeout: not open within ``timeout``.
            ConnectError, SubscriptionRejected, ConnectionLost: why it will not open, or has given up. The last cause of
                each of the 1,000 keys that gave up most recently is kept until the key is used again.
            ConfigError: ``timeout`` is no number from 0.
            WouldDeadlock: called inside a callback or listener of this socket while it is not open.
            ManagerClosed: in a forked child process.
        """
        check_number("timeout", timeout)
        core = self._core
        core.check_caller()
        with core.lock:  # together: a socket that gives up goes from one to the other
            connections, given_up = dict(core.connections), dict(core.given_up)
        if found := _named(conn_key, connections):
            connections[found].wait_open(timeout)
        elif found := _named(conn_key, given_up):
            raise fresh(given_up[found])
        else:
            raise UnknownConnection(conn_key, list(connections))

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
            ConfigError: for a bad argument; for a socket whose callback gets what the library makes of its messages,
                such as an order book.
            ManagerClosed: in a forked child process.
        """
        core = self._core
        core.check_caller()
        if not conn_keys:
            raise ConfigError("conn_keys", conn_keys, "at least one conn_key")
        if not isinstance(combine, bool):
            raise ConfigError("combine", combine, (True, False))
        check_number("wait", wait, infinite=False)
        connections = core.open()
        chosen: dict[str, Connection | Member] = {}
        for each in conn_keys:
            key = next(iter(each.conn_keys), None) if isinstance(each, MessageStream) else each
            found = _named(key, connections)
            if found is None:
                raise UnknownConnection(key, list(connections))
            chosen[found] = connections[found]
        heard: list[Heard] = []
        signal = Signal()
        try:
            heard.extend(core.hear(connection, signal, maxsize, max_age) for connection in chosen.values())
            if len({id(each.stream) for each in heard}) < len(heard):
                raise ConfigError("conn_keys", list(chosen), "sockets of which each has a stream of its own")
        except BaseException:
            for each_heard in heard:
                each_heard.leave()
            raise
        return Listener(heard, combine, wait, signal)

    def subscribe(self, conn_key: str | bool | None, streams: object) -> None:
        """Have an open socket of several streams carry more of them. Any thread, also in a callback; does not block.

        Calls made close together (within 50 ms) become one control frame per link. Links with room are filled first,
        new ones are opened for what is left; what is carried already stays as it is. Whatever order answers, refusals
        and reconnects come in, what was wanted last is what is carried. A stream that was added has no gap before it
        was first confirmed, and the socket's ``backfill`` and ``history`` hold for it, too. :meth:`wait_open` waits
        until it is confirmed.

        Args:
            conn_key: what ``start_multiplex_socket``, or ``start_socket`` with a list, returned.
            streams: a stream name, or an iterable of names, as the socket was started with.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: for a name that cannot be one, and for a socket whose stream is fixed.
            StreamRetired: for a stream that the exchange has switched off, naming its replacement.
            ManagerClosed: in a forked child process.
        """
        connection = self._changeable(conn_key)
        if not connection.change(connection.named(streams), ()):
            raise UnknownConnection(conn_key, list(self._core.open()))

    def unsubscribe(self, conn_key: str | bool | None, streams: object) -> None:
        """Have an open socket of several streams carry fewer of them. Any thread, also in a callback; does not block.

        What still arrives of them after the change is dropped. A link that carries nothing any more is closed; the last
        one stays open, so that the socket lives on without any stream until it is stopped.

        Args:
            conn_key: what ``start_multiplex_socket``, or ``start_socket`` with a list, returned.
            streams: a stream name, or an iterable of names, in any spelling that starts the same streams.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: for a stream that it does not carry, naming those that it does; then nothing changes. For a
                socket whose stream is fixed.
            ManagerClosed: in a forked child process.
        """
        connection = self._changeable(conn_key)
        if not connection.change((), [stream.name for stream in connection.named(streams)]):
            raise UnknownConnection(conn_key, list(self._core.open()))

    def _changeable(self, conn_key: str | bool | None) -> Connection | Member:
        """The open connection of a key, whose streams may change."""
        core = self._core
        core.check_caller()
        connections = core.open()
        found = _named(conn_key, connections)
        if found is None or connections[found].handler.stopping:
            raise UnknownConnection(conn_key, list(connections))
        connection = connections[found]
        if not connection.changeable:
            changeable = [key for key, each in connections.items() if each.changeable]
            hint = "Its stream is fixed: start_multiplex_socket, or start_socket with a list, opens one that can change"
            raise ConfigError("conn_key", conn_key, changeable or "a socket of several streams", hint)
        return connection

    def reconnect(self, conn_key: str | bool | None) -> None:
        """Have a socket change its links as planned: nothing is lost, doubled or reordered. Does not wait for it.

        The next link is opened beside the open one, subscribed, and takes over when it receives; then the old one is
        closed. A link that is not open is being opened anyway and goes on with that. ``snapshot()`` shows the change
        under ``links`` (``replacing``, ``left``) and ``reconnects``.

        Args:
            conn_key: what ``start_*_socket`` returned.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ManagerClosed: in a forked child process.
        """
        core = self._core
        core.check_caller()
        connections = core.open()
        found = _named(conn_key, connections)
        if found is None:
            raise UnknownConnection(conn_key, list(connections))
        connections[found].reconnect()

    def snapshot(self) -> Snapshot:
        """Counters and gauges as plain values: ages and durations in seconds, sizes in bytes. Does not block.

        Returns:
            A dict with ``name``, ``alive`` and ``connections``, one entry for each ``conn_key``; all keys are those of
            :class:`Snapshot`, :class:`ConnectionSnapshot`, :class:`LinkSnapshot` and :class:`StreamSnapshot`. In a
            forked child no connection is alive, and none is shown.
        """
        core = self._core
        here = not core.elsewhere()
        now = core.transport.clock.monotonic()
        return {
            "name": core.name,
            "alive": core.running and here,
            "environment": core.environment,
            "hosts": dict(core.hosts),
            "clock": {key: row.copy() for key, row in core.clocks.items()},
            "budgets": core.transport.budgets.snapshot(now, core.transport.clock.time()) if here else {},
            "connections": {key: _snapshot(each, now) for key, each in core.open().items()} if here else {},
        }

    def report(self) -> Report:
        """What :meth:`snapshot` says, as a small table for people: one row per socket. Any thread; does not block.

        Returns:
            A value whose ``str`` and ``repr`` are the table as text, and which notebooks show as a table.
        """
        return Report(self.snapshot())

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    def add_state_listener(self, listener: Callable[[StateChange], object]) -> Registration:
        """Call ``listener(StateChange)`` on every change of state, on the connection's thread.

        Args:
            listener: a callable with one argument. What it raises is logged; it stays registered.

        Returns:
            A handle whose ``remove()`` ends the listening.

        Raises:
            ConfigError: ``listener`` cannot be called.
        """
        return self._core.states.add(listener)

    def add_gap_listener(self, listener: Callable[[Gap], object]) -> Registration:
        """Call ``listener(Gap)`` after every reconnect, on the connection's thread.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.gaps.add(listener)

    def add_error_listener(self, listener: Callable[[ErrorReport], object]) -> Registration:
        """Call ``listener(ErrorReport)`` on every error, on the connection's thread.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.errors.add(listener)

    def add_credential_listener(self, listener: Callable[[CredentialChange], object]) -> Registration:
        """Call ``listener(CredentialChange)`` whenever a listen key, listen token or session of a private socket was
        obtained, renewed, changed, has failed or ended. On the connection's thread.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.credentials.add(listener)

    # -- for subclasses ----------------------------------------------------------------------------------------------

    def _open(
        self,
        conn_key: str,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        watch: Callable[[StateChange], None] | None = None,
        named: Callable[[object], list[Stream]] | None = None,
        prepare: Callable[[Connection], object] = lambda connection: None,
    ) -> str | Literal[False]:
        """Register a socket, and open it if the manager has been started. ``watch`` sees changes of state first.
        ``named`` makes streams of names that are given later; ``None`` where the streams are fixed. ``prepare`` sees
        the connection before it begins.

        Returns and raises what :meth:`_enter` does.
        """
        observer = self._core if watch is None else _Watched(self._core, watch)

        def made() -> Connection:
            connection = self._make(conn_key, exchange, streams, callback, observer, named)
            prepare(connection)
            return connection

        return self._enter(conn_key, made)

    def _open_pooled(
        self,
        conn_key: str,
        pool_key: Hashable,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        unwrap: Callable[[Any], tuple[str, Any]],
        *,
        alone: Exchange | None = None,
        watch: Callable[[StateChange], None] | None = None,
        named: Callable[[object], list[Stream]] | None = None,
        anew: bool = False,
        settled: Callable[[Connection], object] | None = None,
    ) -> str | Literal[False]:
        """Like :meth:`_open`, for streams that share the links of all that have the same ``pool_key``.

        Args:
            exchange: of the first one is used: for several streams, whose messages carry their names.
            unwrap: ``unwrap(payload) -> (stream name, bare payload)``.
            alone: reads bare payloads, as the exchange of this stream alone would; ``None`` (default) for ``exchange``.
            anew, settled: see :class:`~.engine.pool.Member`.
        """
        core = self._core
        name = f"{core.name}:pool:{'.'.join(map(str, pool_key)) if isinstance(pool_key, tuple) else pool_key}"

        observer = core if watch is None else _Watched(core, watch)

        def shared(observer: Any, first: Sequence[Stream]) -> Connection:
            return self._make(name, exchange, first, observer, observer)

        with core.lock:
            pool = core.pools.setdefault(pool_key, Pool(shared, unwrap))

        def member() -> Member:
            clock = core.transport.clock
            return Member(
                conn_key,
                streams,
                callback,
                exchange=alone or exchange,
                final_payload=_final_payload,
                pool=pool,
                observer=observer,
                clock=clock,
                anew=anew,
                settled=settled,
                named=named,
            )

        return self._enter(conn_key, member)

    def _make(
        self,
        conn_key: str,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        observer: Observer,
        named: Callable[[object], list[Stream]] | None = None,
    ) -> Connection:
        core = self._core
        return Connection(
            conn_key,
            exchange,
            streams,
            callback,
            final_payload=_final_payload,
            options=core.options,
            transport=core.transport,
            submit=core.submit,
            dial=core.dial,
            observer=observer,
            named=named,
            gate=core.gate,
        )

    def _enter(self, conn_key: str, make: Callable[[], Connection | Member]) -> str | Literal[False]:
        """Register what ``make`` makes, and start it if the manager has been started.

        Returns:
            ``conn_key``, or ``False`` when it is in use. One that is stopping is not: the new socket begins when the
            old one's callback has returned.

        Raises:
            ManagerClosed: in a forked child.
            RuntimeError: no thread can be started.
        """
        core = self._core
        core.check_caller()
        with core.lock:
            previous = core.connections.get(conn_key)
        if previous is not None and not previous.handler.stopping:
            return core.refuse(previous)
        connection = make()
        stream = message_stream(connection.handler.callback)
        if stream is not None:  # before anybody can end the socket
            stream._inbox.attach(connection, lambda: core.stop([connection]))
        with core.lock:
            taken = core.connections.get(conn_key)
            free = taken is None or taken is previous
            if free:
                if taken is not None:
                    core.ending[taken] = None
                connection.after = tuple(found for found in core.ending if found.conn_key == conn_key)
                core.connections[conn_key] = connection
                core.given_up.pop(conn_key, None)
                tally.began(connection)
            begin, closes = core.was_started, core.closes
        if taken is not None and not free:
            if stream is not None:
                stream._inbox.withdraw(connection)
            return core.refuse(taken)
        if begin:
            self._begin(connection, closes)
        return conn_key

    def _begin(self, connection: Connection | Member, closes: int) -> None:
        core = self._core
        try:
            if core.run_jobs(closes):  # else another thread has closed the manager, and with it this socket
                connection.start(core.daemon)
        except BaseException as exc:  # also Ctrl-C: a key that its caller never gets must not stay
            connection.request_stop()
            if type(exc) is not RuntimeError:  # a RecursionError is one, and says nothing about threads
                raise
            raise RuntimeError(f"cannot start a thread for {connection.label}: {exc}") from exc


def _snapshot(connection: Connection | Member, now: float) -> ConnectionSnapshot:
    return member_snapshot(connection, now) if isinstance(connection, Member) else connection_snapshot(connection, now)


def _where(core: _Core) -> str:
    """The environment and its hosts, for texts."""
    unsaid = [host for host in dict.fromkeys(core.hosts.values()) if host not in core.environment]
    return one_line(f"{core.environment} ({', '.join(unsaid)})" if unsaid else core.environment)


def _unprefixed(conn_key: str) -> str | None:
    """The key behind its product prefix, if it has one; other colons belong to the name."""
    prefix, colon, name = conn_key.partition(":")
    return name if colon and prefix.isidentifier() else None


def _named(conn_key: object, known: Iterable[str]) -> str | None:
    """The key that is meant: itself, or the only one that is the same behind its product prefix."""
    known = list(known)
    if conn_key in known:
        return str(conn_key)
    found = {each for each in known if conn_key and _unprefixed(each) == conn_key}
    return found.pop() if len(found) == 1 else None
