"""Descriptors and TCP as a program sees them: delays, partial reads and writes, full windows, ends out of order."""

from __future__ import annotations

import errno
import os
import select
import socket
from collections import deque
from typing import Any, Protocol

from simulation.world import Task, World

__all__ = ["Conversation", "Descriptor", "Network", "Peer", "Wire"]

_WINDOW = 16_384  # bytes that a client's socket holds unread
_SEGMENT = 4_096  # bytes that arrive together
_SLOW = 65_536  # unread bytes at which a server gives a reader up
_SENDING = 65_536  # bytes that a client's socket takes of what the other side does not


class Conversation(Protocol):
    """The server's end of a connection."""

    def heard(self, data: bytes) -> None:
        """Bytes have arrived, in order."""

    def ended(self) -> None:
        """The client has closed, or is gone."""


class Peer(Protocol):
    """Who answers behind an address."""

    def accepts(self, address: str) -> bool:
        """Whether a connection is accepted, or refused."""

    def accepted(self, wire: Wire) -> Conversation:
        """There is a connection."""


class Descriptor:
    """What ``poll`` can be asked about."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.watchers: list[Task] = []
        self.references = 1

    def ready(self) -> int:
        raise NotImplementedError

    def changed(self) -> None:
        """Whoever waits shall look again."""
        for task in self.watchers:
            self.world.unpark(task)

    def released(self) -> None:
        """Nobody refers to it any more."""


class _EventDescriptor(Descriptor):
    count = 0

    def ready(self) -> int:
        return select.POLLIN if self.count else 0


class Wire:
    """A TCP connection between the client's socket and a conversation.

    Bytes keep their order in each direction and take a drawn time. A reset overtakes them.

    Attributes:
        silent: half-open: nothing passes any more, and nobody is told.
        conversation: the server's end.
        written_at: when the client has written what the server hears now.
    """

    def __init__(self, world: World, network: Network, address: str) -> None:
        self.world = world
        self.address = address
        self.silent = False
        self.written_at = 0.0
        self.conversation: Conversation
        self._network = network
        network.wires.append(self)
        self._delay = world.rng.choice((0.001, 0.01, 0.05, 0.2)) if network.jitter else 0.02
        self._last = {True: 0.0, False: 0.0}  # arrival of the last bytes, by whether they go to the client
        self._inbox = bytearray()  # arrived, and not read
        self._held: deque[bytes] = deque()  # beyond the window
        self._end: OSError | bool | None = None  # what the client meets behind the inbox
        self._over = False  # for the server: nothing it sends arrives
        self._closed = False  # by the client
        self._unacknowledged = 0
        self.descriptor: _Socket

    def _arrival(self, to_client: bool) -> float:
        """When what is sent now arrives: behind all before, and not while the network is cut."""
        world = self.world
        due = max(world.now, self._network.cut_until) + self._delay * (1 + self._network.jitter * world.rng.random())
        self._last[to_client] = due = max(due, self._last[to_client])
        return due - world.now

    # -- the server's side ---------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Send bytes to the client."""
        if self.silent or self._over:
            return
        for at in range(0, len(data), _SEGMENT):
            piece = data[at : at + _SEGMENT]
            self.world.at(self._arrival(True), lambda piece=piece: self._arrived(piece))

    def finish(self) -> None:
        """Send the end of the stream."""
        if not self.silent and not self._over:
            self._over = True
            self.world.at(self._arrival(True), lambda: self._ended(True))

    def reset(self) -> None:
        """Send a reset, which overtakes what is on its way."""
        if not self.silent:
            self._over = True
            delay = self._delay * self.world.rng.random()
            self.world.at(delay, lambda: self._ended(ConnectionResetError(errno.ECONNRESET, "reset by peer")))

    @property
    def unread(self) -> int:
        """Bytes that have arrived beyond the client's window."""
        return sum(map(len, self._held))

    def _arrived(self, data: bytes) -> None:
        if self._closed or self.silent or self._end is not None:
            return
        if self._held or len(self._inbox) + len(data) > _WINDOW:
            self.world.sometimes("a reader whose window is full")
            self._held.append(data)
            if self.unread > _SLOW:
                self.conversation.ended()
                self._over = True
                self._ended(ConnectionResetError(errno.ECONNRESET, "reset by peer"))
            return
        self._inbox += data
        self.descriptor.changed()

    def _ended(self, end: OSError | bool) -> None:
        if self._closed or self.silent or isinstance(self._end, OSError):
            return
        if end is True and self._held:
            self._held.append(b"")
            return
        self._held.clear()
        self._end = end
        self.descriptor.changed()

    # -- the client's side ---------------------------------------------------------------------------------------------

    def readable(self) -> bool:
        return bool(self._inbox) or self._end is not None

    def read(self, size: int) -> bytes:
        if not self._inbox:
            if isinstance(self._end, OSError):
                raise ConnectionResetError(*self._end.args)
            if self._end:
                return b""
            raise BlockingIOError
        rng = self.world.rng
        if rng.random() < 0.1:
            size = rng.randint(1, size)
        data = bytes(self._inbox[:size])
        del self._inbox[:size]
        while self._held and len(self._inbox) + len(self._held[0]) <= _WINDOW:
            held = self._held.popleft()
            self._inbox += held
            if not held:
                self._end = True
        return data

    def write(self, data: bytes) -> None:
        """Bytes of the client."""
        self._unacknowledged += len(data)
        if self.silent:
            return
        at = self.world.now
        self.world.at(self._arrival(False), lambda: self._reached(data, at))

    @property
    def full(self) -> bool:
        """The client's socket takes no more."""
        return self._unacknowledged > _SENDING

    @property
    def broken(self) -> bool:
        return isinstance(self._end, OSError)

    def _reached(self, data: bytes, written_at: float) -> None:
        self._unacknowledged -= len(data)
        self.written_at = written_at
        if not self.silent and not self._over:
            self.conversation.heard(data)

    def hang_up(self) -> None:
        """The client has closed its socket."""
        self._closed = True
        self._network.wires.remove(self)
        if not self.silent:
            self.world.at(self._arrival(False), self._gone)

    def _gone(self) -> None:
        if not self.silent:
            self._over = True
            self.conversation.ended()


class _Socket(Descriptor):
    """A non-blocking TCP socket of the client."""

    def __init__(self, world: World, network: Network) -> None:
        super().__init__(world)
        self._network = network
        self._number = network.add(self)
        self._wire: Wire | None = None
        self._error: int | None = None  # of the connect, once that is known
        self._writable = False

    def setblocking(self, blocking: bool) -> None:
        assert not blocking

    def setsockopt(self, *options: int) -> None:
        """No option matters here."""

    def fileno(self) -> int:
        return self._number

    def connect_ex(self, address: tuple[str, int]) -> int:
        world, rng = self.world, self.world.rng
        world.maybe_switch()
        outcome = self._network.outcome(address[0])
        if outcome is not None:
            delay = rng.choice((0.001, 0.02, 0.2)) if self._network.jitter else 0.02
            world.at(delay * (1 + self._network.jitter * rng.random()), lambda: self._connected(address, outcome))
        return errno.EINPROGRESS

    def _connected(self, address: tuple[str, int], error: int) -> None:
        if self._number < 0:
            return
        self._error, self._writable = error, True
        if not error:
            self._wire = wire = Wire(self.world, self._network, address[0])
            wire.descriptor = self
            wire.conversation = self._network.peer.accepted(wire)
        self.changed()

    def getsockopt(self, level: int, option: int) -> int:
        assert option == socket.SO_ERROR and self._error is not None
        if ":dial-" in self.world.current.name:
            self.world.sometimes("a link that a dial thread has opened")
        return self._error

    def ready(self) -> int:
        wire = self._wire
        read = wire is not None and wire.readable()
        return (select.POLLIN if read else 0) | (select.POLLOUT if self._writable else 0)

    def recv_into(self, view: memoryview) -> int:
        data = self.recv(len(view))
        view[: len(data)] = data
        return len(data)

    def recv(self, size: int) -> bytes:
        self._network.descriptor(self._number)
        assert self._wire is not None
        return self._wire.read(size)

    def send(self, data: bytes | bytearray) -> int:
        world, wire = self.world, self._wire
        self._network.descriptor(self._number)
        assert wire is not None
        if wire.broken:
            raise BrokenPipeError(errno.EPIPE, "broken pipe")
        if not self._writable or wire.full:
            raise BlockingIOError
        count = len(data)
        if world.rng.random() < self._network.narrow:
            world.sometimes("a write that the socket takes in part")
            count = world.rng.randint(0, count - 1)
            self._writable = False
            world.at(world.rng.random() * 0.05, self._roomy)
            if not count:
                raise BlockingIOError
        wire.write(bytes(data[:count]))
        return count

    def _roomy(self) -> None:
        self._writable = True
        self.changed()

    def close(self) -> None:
        if self._number >= 0:
            number, self._number = self._number, -1
            self._network.close(number)

    def released(self) -> None:
        if self._wire is not None:
            self._wire.hang_up()


class Network:
    """All descriptors of the process, and what is beyond them.

    Args:
        world: the time it lives in.
        peer: who answers.

    Attributes:
        narrow: share of writes that are taken in part.
        jitter: share of every delay that is drawn; without any, all take the same time, and more happens at once.
        troubled: names are found, and addresses answer, as they like.
        cut_until: nothing arrives before (monotonic seconds).
        wires: connections that the client has not closed.
    """

    def __init__(self, world: World, peer: Peer) -> None:
        self.world = world
        self.peer = peer
        self.narrow = 0.0
        self.jitter = world.rng.choice((1.0, 1.0, 0.0))
        self.troubled = False
        self.cut_until = 0.0
        self.wires: list[Wire] = []
        self._descriptors: dict[int, Descriptor] = {}
        self._next = 1_000

    # -- descriptors ---------------------------------------------------------------------------------------------------

    def add(self, descriptor: Descriptor) -> int:
        self._next += 1
        self._descriptors[self._next] = descriptor
        return self._next

    def descriptor(self, number: int) -> Descriptor:
        found = self._descriptors.get(number)
        if found is None:
            self.world.fail(f"descriptor {number} is used, and not open")
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return found

    def duplicate(self, number: int) -> int:
        found = self.descriptor(number)
        found.references += 1
        return self.add(found)

    def close(self, number: int) -> None:
        found = self.descriptor(number)
        del self._descriptors[number]
        found.references -= 1
        if not found.references:
            if found.watchers:
                self.world.fail(f"descriptor {number} is closed while somebody waits for it")
            found.released()

    @property
    def open(self) -> int:
        """How many descriptors are open."""
        return len(self._descriptors)

    def event_descriptor(self) -> int:
        return self.add(_EventDescriptor(self.world))

    def write_event(self, number: int, count: int) -> None:
        self.world.maybe_switch()
        found = self.descriptor(number)
        assert isinstance(found, _EventDescriptor)
        found.count += count
        found.changed()

    def read_event(self, number: int) -> int:
        self.world.maybe_switch()
        found = self.descriptor(number)
        assert isinstance(found, _EventDescriptor)
        count, found.count = found.count, 0
        if not count:
            raise BlockingIOError
        return count

    # -- names and addresses -------------------------------------------------------------------------------------------

    def socket(self, family: int, kind: int) -> _Socket:
        return _Socket(self.world, self)

    def look_up(self, host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        """``getaddrinfo``: blocks."""
        world, rng = self.world, self.world.rng
        delay = rng.choice((0.0, 0.01, 0.1)) if self.jitter else 0.01
        if self.troubled and rng.random() < 0.1:
            world.sometimes("a name look-up that hangs")
            delay = rng.choice((5.0, 15.0, 40.0))
        if delay:
            world.park(delay)
        if self.troubled and rng.random() < 0.03:
            raise socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution")
        addresses = [(socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "192.0.2.1"), (socket.AF_INET, "192.0.2.2")]
        return [
            (family, kind, 6, "", (address, port)) for family, address in addresses for kind in (socket.SOCK_STREAM,)
        ]

    def outcome(self, address: str) -> int | None:
        """How a connect ends: 0, an error, or not at all."""
        rng = self.world.rng
        if not self.peer.accepts(address):
            return errno.ECONNREFUSED
        if self.world.now < self.cut_until:
            return None
        if self.troubled and rng.random() < 0.15:
            self.world.sometimes("an address that does not answer")
            return rng.choice((None, None, errno.ECONNREFUSED, errno.ENETUNREACH))
        return 0

    def partition(self, seconds: float) -> None:
        """Nothing passes for a while; TCP sends it again afterwards."""
        if self.world.now >= self.cut_until:  # one after the other: what is under way has its time
            self.cut_until = self.world.now + seconds
