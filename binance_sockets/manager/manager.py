"""Manager: starts, stops and watches connections by conn_key. Knows no exchange."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NoReturn, TypeVar

from ..config import Options, check_number
from ..engine.clock import wait_event
from ..engine.connection import Connection, fresh
from ..engine.dialler import Dialler
from ..engine.errands import Errands
from ..engine.metrics import connection_snapshot, member_snapshot
from ..engine.pool import Member
from ..engine.threads import park
from ..engine.transport import SocketTransport, Transport
from ..errors import ConfigError, ManagerClosed, ShutdownTimeout, UnknownConnection, one_line
from ..events import ConnectionSnapshot, CredentialChange, ErrorReport, Gap, Snapshot, StateChange
from ..report import Report
from .core import Core, Registration, log, named
from .opening import Opening
from .pulling import Pulling

__all__ = ["Manager"]

_Self = TypeVar("_Self", bound="Manager")


class Manager(Opening, Pulling):
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
        self._core = Core(options, transport or SocketTransport(options), environment, dict(hosts or {}))

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
        key = named(conn_key, [connection.conn_key for connection in known])
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
            helpers = [
                helper for helper in (core.jobs, core.watch, core.lag_watch, core.dialler, core.errands) if helper
            ]
            core.jobs = core.watch = core.lag_watch = core.dialler = core.errands = None
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

        With ``redundancy=`` the first of the links that carry the same streams is enough.

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
        if found := named(conn_key, connections):
            connections[found].wait_open(timeout)
        elif found := named(conn_key, given_up):
            raise fresh(given_up[found])
        else:
            raise UnknownConnection(conn_key, list(connections))

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
        connection = core.find(conn_key)
        if connection.handler.stopping:
            raise UnknownConnection(conn_key, list(core.open()))
        if not connection.changeable:
            changeable = [key for key, each in core.open().items() if each.changeable]
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
        self._core.check_caller()
        self._core.find(conn_key).reconnect()

    def snapshot(self) -> Snapshot:
        """Counters and gauges as plain values: ages and durations in seconds, sizes in bytes. Does not block.

        Returns:
            A dict with the keys of :class:`Snapshot`: the manager's ``name`` and ``environment``, whether it is
            ``alive``, ``budgets`` (connects, REST weight and bans by host), ``clock``, and ``connections``, one entry
            for each ``conn_key``. Of each, :class:`ConnectionSnapshot`: ``lag``, ``busy`` and ``slowest_callback`` tell
            whether the callback keeps up, ``last_frame_age`` and, of each of ``streams`` (:class:`StreamSnapshot`),
            ``last_message_age`` the silence, ``reconnects``, ``gaps`` and, of each of ``links``
            (:class:`LinkSnapshot`), ``departures`` what was lost and why. A socket that was stopped or has given up is
            not in it. In a forked child no connection is alive, and none is shown.
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
            ConfigError: ``listener`` cannot be called with one argument, or is ``async def``.
        """
        return self._core.states.add(listener)

    def add_gap_listener(self, listener: Callable[[Gap], object]) -> Registration:
        """Call ``listener(Gap)`` after every reconnect, on the connection's thread.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.gaps.add(listener)

    def add_error_listener(self, listener: Callable[[ErrorReport], object]) -> Registration:
        """Call ``listener(ErrorReport)`` on every error, on the connection's thread.

        :class:`~binance_sockets.errors.CallbackBehind` comes on another one, while a callback does not return.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.errors.add(listener)

    def add_credential_listener(self, listener: Callable[[CredentialChange], object]) -> Registration:
        """Call ``listener(CredentialChange)`` whenever a listen key, listen token or session of a private socket was
        obtained, renewed, changed, has failed or ended. On the connection's thread.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.credentials.add(listener)


def _snapshot(connection: Connection | Member, now: float) -> ConnectionSnapshot:
    return member_snapshot(connection, now) if isinstance(connection, Member) else connection_snapshot(connection, now)


def _where(core: Core) -> str:
    """The environment and its hosts, for texts."""
    unsaid = [host for host in dict.fromkeys(core.hosts.values()) if host not in core.environment]
    return one_line(f"{core.environment} ({', '.join(unsaid)})" if unsaid else core.environment)
