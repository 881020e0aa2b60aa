"""Many conn keys on one shared connection, whose streams they may have in common.

To a manager a :class:`Member` is what a connection is: it starts, stops, ends, and tells the same events under its own
key. One thread, that of the shared connection, calls the callbacks of all members.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from ..errors import BinanceSocketsError, ConfigError, RequestTimeout, WouldDeadlock, display_name
from ..events import CredentialChange, ErrorReport, Gap, Reason, State, StateChange, retold
from ..exchange import Exchange, Stream
from .clock import Clock, wait_event
from .connection import Connection, best_state, fixed
from .link import Link
from .router import Handler

__all__ = ["Member", "MemberObserver", "Pool"]

Unwrap = Callable[[Any], "tuple[str, Any]"]
"""``unwrap(payload) -> (stream name, bare payload)`` of a shared connection's message."""
Make = Callable[["_Shared", Sequence[Stream]], Connection]
_Left = tuple["Member", tuple[str, ...]]


class MemberObserver(Protocol):
    """Who is told what happens to a member. Called on the shared connection's thread."""

    def on_state(self, change: StateChange) -> None: ...

    def on_gap(self, gap: Gap) -> None: ...

    def on_error(self, report: ErrorReport) -> None: ...

    def on_credential(self, change: CredentialChange) -> None: ...

    def on_released(self, connection: Any) -> None: ...

    def on_ended(self, connection: Any) -> None: ...


class Member:
    """One conn key on a shared connection. Methods of any thread; none but :meth:`join` and :meth:`wait_open` waits.

    Args:
        conn_key: its key.
        streams: those that it brings, at least one.
        callback: called with each bare payload, in order, on the shared connection's thread.
        final_payload: what the callback receives last when the shared connection gives up.
        pool: where it finds a shared connection when it is started.
        observer: is told what happens to it.
        clock: tells the time.
        exchange: reads its bare payloads.
        anew: its streams are asked for anew when it joins, also those that others have: the exchange then begins with
            what they are now.
        settled: called with the shared connection when all that it wants is asked for and answered; on its thread.
        fills: its callback hands on what was fetched of what a link has missed; else it is told the gap.
        named: makes streams of the names that a user gives; ``None`` (default) where its streams are fixed.
    """

    def __init__(
        self,
        conn_key: str,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        *,
        exchange: Exchange,
        final_payload: Callable[[], object],
        pool: Pool,
        observer: MemberObserver,
        clock: Clock,
        anew: bool = False,
        settled: Callable[[Connection], object] | None = None,
        fills: bool = True,
        named: Callable[[object], list[Stream]] | None = None,
    ) -> None:
        self.conn_key = conn_key
        self.label = display_name(conn_key)
        self.streams = {stream.name: stream for stream in streams}
        """By name. Replaced, never changed."""
        self.exchange = exchange
        self.anew = anew
        self.settled = settled
        self.fills = fills
        self.changeable = named is not None
        """Its streams may change."""
        self.named: Callable[[object], list[Stream]] = named or fixed
        self.final_payload = final_payload
        self.observer = observer
        self.handler = Handler(callback, self.report, self.request_stop)
        self.ended = threading.Event()
        self.joined = threading.Event()  # it has a shared connection
        self.after: tuple[object, ...] = ()  # of the manager's; callbacks of one thread never overlap
        self.failure: BinanceSocketsError | None = None
        self.messages = 0
        self.opened = self.gaps = 0
        self.state = State.IDLE
        self.shared: _Shared | None = None
        self.clock = clock
        self._pool = pool
        self._lock = threading.Lock()  # guards the two below
        self._begun = False
        self._over = False

    def start(self, daemon: bool) -> None:
        """Join a shared connection, once; the first member opens it.

        Raises:
            RuntimeError, OSError: as those of :meth:`Connection.start`.
        """
        with self._lock:
            if self._begun or self._over:
                return
            self._begun = True
        self._pool.add(self, daemon)
        if self.handler.stopping and self.shared is not None:  # meanwhile, when there was nothing to leave yet
            self.shared.leave(self)

    def change(self, added: Iterable[Stream], removed: Iterable[str]) -> bool:
        """Have other streams. Any thread; never blocks; returns ``False`` when it is over.

        Raises:
            ConfigError: one of ``removed`` is not carried, or nothing would be left; then nothing changes.
        """
        return self._pool.change(self, list(added), list(dict.fromkeys(removed)))

    def join_shared(self, shared: _Shared) -> None:
        self.shared = shared
        self.joined.set()

    def request_stop(self) -> None:
        """Ask for the end; no callback begins once the running one has returned."""
        self.handler.stopping = True
        with self._lock:
            begun, self._begun = self._begun, True
        if not begun:
            self.release(None)
            self.end()
        elif self.shared is not None:
            self.shared.leave(self)

    def finish(self) -> None:
        """It was stopped, and is over now."""
        if self.release(None):
            self.go(State.CLOSED, Reason.STOPPED)
            self.end()

    def release(self, failure: BinanceSocketsError | None) -> bool:
        """Give the key back; returns whether that was still to be done."""
        with self._lock:
            over, self._over = self._over, True
        if not over:
            self.failure = failure
            self.observer.on_released(self)
        return not over

    def end(self) -> None:
        self.observer.on_ended(self)
        self.ended.set()

    def go(self, state: State, reason: Reason | None = None) -> None:
        """Tell a change of its state, if it is one."""
        if state is not self.state:
            previous, self.state = self.state, state
            self.opened += state is State.OPEN
            now = self.clock.time()
            self.tell(
                self.observer.on_state, StateChange(self.conn_key, previous, state, reason, None, 0, None, 0, now)
            )

    def report(self, error: BinanceSocketsError, final: bool = False) -> None:
        self.tell(self.observer.on_error, ErrorReport(self.conn_key, error, final, self.clock.time()))

    def tell(self, call: Callable[[Any], object], event: object) -> None:
        """``call(event)``, which calls listeners, once no other one of the shared connection runs."""
        connection = self.connection
        if connection is None:
            call(event)
        else:
            connection.tell(call, event)

    # -- looking -----------------------------------------------------------------------------------------------------

    @property
    def connection(self) -> Connection | None:
        """The shared one, once it is started."""
        return None if self.shared is None else self.shared.connection

    @property
    def links(self) -> list[Link]:
        """The links that carry its streams by now."""
        links = () if self.connection is None else self.connection.links
        return [link for link in links if any(name in link.wanted for name in self.streams)]

    def refused(self) -> list[str]:
        """Streams that the exchange has refused, and that are not asked for again. Any thread."""
        sockets = [socket for link in self.links if (socket := link.current) is not None]
        return [name for name in self.streams if any(socket.subscriptions.final(name) for socket in sockets)]

    @property
    def doing(self) -> str:
        """What its thread is busy with when it does not end, for texts."""
        return "not started" if self.connection is None else self.connection.doing

    def counts(self) -> tuple[int, int]:
        """Messages and reconnects so far."""
        return self.messages, max(0, self.opened - 1)

    def is_own_thread(self) -> bool:
        return self.connection is not None and self.connection.is_own_thread()

    def waits_for_caller(self) -> bool:
        return self.connection is not None and self.connection.waits_for_caller()

    def join(self, timeout: float) -> bool:
        """Wait for its end, and for that of the shared thread where it was the last member."""
        deadline = self.clock.monotonic() + timeout
        if not wait_event(self.ended, timeout):
            return False
        shared = self.shared
        if shared is None or not shared.over:
            return True
        return shared.connection.join(max(0.0, deadline - self.clock.monotonic()))

    def wait_open(self, timeout: float) -> None:
        """Block until the shared connection is open, and all that it wants is answered."""
        if not wait_event(self.joined, timeout):
            raise RequestTimeout(f"open connection {self.label} (its manager has not been started)", timeout)
        connection = self.connection
        assert connection is not None
        if self.waits_for_caller() and not connection.roster.settled.is_set():
            raise WouldDeadlock(f"wait_open({self.label!r}) inside a callback of the same shared connection")
        connection.wait_open(timeout, self.streams)

    def reconnect(self) -> None:
        """Have the links that carry it, and others, change their WebSockets as planned."""
        if self.connection is not None:
            self.connection.reconnect(self.streams)


class Pool:
    """Finds each member a shared connection: the one that lives, or a new one.

    Args:
        make: makes a connection for a first stream, whose observer and callback the given object is.
        unwrap: takes the name of the stream from its messages.
        closes: counts how often the manager was closed. A connection takes nobody who comes later: the threads that do
            its slow work end with the manager, and what it waits for of them does not come.
    """

    def __init__(self, make: Make, unwrap: Unwrap, closes: Callable[[], int]) -> None:
        self._make = make
        self._unwrap = unwrap
        self._closes = closes
        self._lock = threading.Lock()  # guards the two below
        self._shared: _Shared | None = None
        self._made_at = 0  # closes, when it was made

    def add(self, member: Member, daemon: bool) -> None:
        with self._lock:
            shared, closes = self._shared, self._closes()
            if shared is None or closes != self._made_at or not shared.add(member):
                shared = self._shared = _Shared(self._make, self._unwrap, member, shared)
                self._made_at = closes
        shared.connection.start(daemon)  # only the first call does anything

    @property
    def connection(self) -> Connection | None:
        """The shared one that lives, if any. Any thread."""
        shared = self._shared
        return None if shared is None or shared.over else shared.connection

    def callbacks(self, name: str) -> list[Callable[[Any], object]]:
        """The callbacks of all members that want a stream. Any thread."""
        shared = self._shared
        return [] if shared is None else shared.callbacks(name)

    def change(self, member: Member, added: Sequence[Stream], removed: Sequence[str]) -> bool:
        """A member has other streams from now on; see :meth:`Member.change`."""
        with self._lock:
            for name in removed:
                if name not in member.streams:
                    raise ConfigError("streams", name, list(member.streams), "This socket does not carry it")
            kept = {name: stream for name, stream in member.streams.items() if name not in removed}
            fresh = [stream for stream in added if stream.name not in kept]
            if not kept and not fresh:
                raise ConfigError("streams", list(removed), "not all of them", "stop_socket ends the socket")
            member.streams = {**kept, **{stream.name: stream for stream in fresh}}
            shared = member.shared
        return not member.handler.stopping and (shared is None or shared.change(member, fresh, removed))


class _Shared:
    """One shared connection with its members: its observer, and its callback."""

    def __init__(self, make: Make, unwrap: Unwrap, member: Member, before: _Shared | None) -> None:
        self._unwrap = unwrap
        self._lock = threading.Lock()  # guards the three below, and that the connection wants what members want
        self.over = False
        # who has given up which streams, and is told yet what they have missed
        self._leaving: tuple[_Left, ...] = ()
        self._members: dict[str, tuple[Member, ...]] = dict.fromkeys(member.streams, (member,))
        self._stopwatch = member.clock.stopwatch
        self.connection = make(self, list(member.streams.values()))
        member.join_shared(self)
        self.connection.handler.slowest = float("inf")  # the members' own handlers tell of slow callbacks
        self.connection.handler.name = "of a pool"
        self.connection.on_spread = self._spread
        self.connection.on_settled = self._settled
        self.connection.on_filled = self._filled
        if before is not None and not before.connection.ended.is_set():
            self.connection.after = (before.connection,)

    def add(self, member: Member) -> bool:
        """Take one more; ``False`` when it is too late for that."""
        with self._lock:
            if self.over:
                return False
            member.join_shared(self)
            self._carry(member, list(member.streams.values()), ())
        return True

    def change(self, member: Member, added: Sequence[Stream], removed: Sequence[str]) -> bool:
        """A member has other streams; ``False`` when it is too late for that."""
        with self._lock:
            # Looked at under the lock: what joined behind its leave would be carried for ever, for nobody.
            if self.over or member.handler.stopping:
                return False
            left = (member, tuple(removed))
            self._leaving += (left,)
            self._carry(member, added, removed)
        self._post(lambda: self._left(left))
        return True

    def leave(self, member: Member) -> None:
        """A member was stopped; the last one takes the connection along."""
        with self._lock:
            # By what it has here: a change that this overtakes does not come through.
            left = (member, tuple(name for name, members in self._members.items() if member in members))
            self._leaving += (left,)
            if not self.over:
                self._carry(member, (), left[1])
                self.over = not self._members
            over = self.over and not self._members
        self._post(lambda: self._finish(left))
        if over:
            self.connection.request_stop()

    def _post(self, message: Callable[[], None]) -> None:
        """Run ``message`` on the connection's thread, or here where that is over."""
        if not self.connection.post(message):
            message()

    def _finish(self, left: _Left) -> None:
        """A member was stopped."""
        self._left(left)
        left[0].finish()

    def _left(self, left: _Left) -> None:
        """Streams were given up. A gap in the midst of what came of them is told, though it may not be over."""
        member, stopped = left[0], left[0].handler.stopping
        # One that it has again by now is told when its gap is over.
        names = [name for name in left[1] if stopped or member not in self._members.get(name, ())]
        gaps = [gap for link in self.connection.links for gap in link.losses.so_far(names, fills=member.fills)]
        with self._lock:
            self._leaving = tuple(each for each in self._leaving if each is not left)
        for gap in gaps:
            _tell(member, gap, names)

    def _carry(self, member: Member, added: Sequence[Stream], removed: Sequence[str]) -> None:
        """Have the connection want what members want. The caller has the lock."""
        # All of them: one that nobody else has now may have been given up just before, and be carried still.
        anew = [stream.name for stream in added] if member.anew else []
        for stream in added:
            others = self._members.get(stream.name, ())
            self._members[stream.name] = others if member in others else (*others, member)
        unwanted = []
        for name in removed:
            self._members[name] = tuple(each for each in self._members.get(name, ()) if each is not member)
            if not self._members[name]:
                del self._members[name]
                unwanted.append(name)
        if added or unwanted:
            self.connection.change(added, unwanted, anew)

    def callbacks(self, name: str) -> list[Callable[[Any], object]]:
        """Of the members that want a stream and are not stopped. Any thread."""
        members = self._members.get(name, ())
        return [member.handler.callback for member in members if not member.handler.stopping]

    def _each(self) -> list[Member]:
        with self._lock:
            return list(dict.fromkeys(member for members in self._members.values() for member in members))

    # -- callback ----------------------------------------------------------------------------------------------------

    def __call__(self, payload: Any) -> None:
        try:
            name, bare = self._unwrap(payload)
        except (KeyError, TypeError, AttributeError):
            return self._last()
        for member in self._members.get(name, ()):
            handler = member.handler
            if not handler.stopping:
                member.messages += 1
                before = self._stopwatch()
                handler.call(bare, name)
                if (took := self._stopwatch() - before) > handler.slowest:
                    handler.took(took, name)
        return None

    def _last(self) -> None:
        """The shared connection has given up: the last message of each."""
        for member in self._each():
            if not member.handler.stopping:
                member.handler.call(member.final_payload())

    # -- observer ----------------------------------------------------------------------------------------------------

    def _spread(self) -> None:
        """What is wanted was spread over links: each member's state is that of its link, the best of those that carry
        the same."""
        for member in self._each():
            links = member.links
            if links and member.state is State.IDLE:
                member.go(State.CONNECTING)
                state = best_state(link.state for link in links)
                if state is not State.IDLE:
                    member.go(state)
        if self.connection.roster.settled.is_set():  # nothing had to be asked for who has joined
            self._settled()

    def _settled(self) -> None:
        for member in self._each():
            opened = any(link.state is State.OPEN for link in member.links)
            if opened and member.state is State.CONNECTING:
                member.go(State.OPEN)  # its streams were being spread when the link opened
            if member.settled is not None and not member.handler.stopping:
                member.settled(self.connection)

    def on_state(self, change: StateChange) -> None:
        links = [link for link in self.connection.links if link.index == change.link]
        if not links:
            return
        twins = next(same for same in self.connection.roster.sets if links[0] in same)
        state = best_state([change.state, *(link.state for link in twins if link is not links[0])])
        for member in self._each():
            if not member.streams.keys().isdisjoint(links[0].wanted) and state is not member.state:
                previous, member.state = member.state, state
                member.opened += state is State.OPEN
                told = retold(change, conn_key=member.conn_key, previous=previous, state=state)
                member.observer.on_state(told)

    def on_gap(self, gap: Gap) -> None:
        for member, having in self._concerned(gap):
            _tell(member, gap, having)

    def _filled(self, gap: Gap) -> None:
        """To those who do not get what was fetched it is a gap."""
        for member, having in self._concerned(gap):
            if not member.fills:
                _tell(member, gap, having)

    def _concerned(self, gap: Gap) -> list[tuple[Member, set[str]]]:
        """Who has streams of a gap, and which."""
        concerned: dict[Member, set[str]] = {}
        for name in gap.streams:
            for member in self._members.get(name, ()):
                concerned.setdefault(member, set()).add(name)
        for member, names in self._leaving:  # behind those: who gives something up comes here before it leaves there
            concerned.setdefault(member, set()).update(names)
        return list(concerned.items())

    def on_error(self, report: ErrorReport) -> None:
        error = report.error
        names = getattr(error, "streams", ()) or filter(None, [getattr(error, "stream", None)])
        found = dict.fromkeys(member for name in names for member in self._members.get(name, ()))
        for member in found or self._each():  # what names no stream concerns all of them
            member.report(error, report.final)

    def on_credential(self, change: CredentialChange) -> None:
        for member in self._each():
            member.observer.on_credential(retold(change, conn_key=member.conn_key))

    def on_released(self, connection: Connection) -> None:
        with self._lock:
            self.over = True
        for member in self._each():
            member.release(connection.failure)

    def on_ended(self, connection: Connection) -> None:
        for member in self._each():
            member.end()


def _tell(member: Member, gap: Gap, having: Collection[str]) -> None:
    """What of a gap concerns a member."""
    names = tuple(name for name in gap.streams if name in having)
    ids = tuple(each for each in gap.ids if each.stream in names)
    if names:
        member.gaps += 1
        member.tell(member.observer.on_gap, retold(gap, conn_key=member.conn_key, streams=names, ids=ids))
