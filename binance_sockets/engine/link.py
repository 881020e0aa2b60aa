"""What outlives a socket: state, back-off, subscriptions and timers of one group of streams."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from typing import Protocol

from ..config import Options, Timeouts, Verdict
from ..errors import (
    BinanceSocketsError,
    CertificateRejected,
    ConfigError,
    ConnectionLost,
    DecodeError,
    HandshakeRejected,
    ProtocolError,
    StaleConnection,
)
from ..events import Gap, Reason, State
from ..exchange import Ack, Exchange, Group, Keepalive, Notice, NoticeKind, Stream
from .backoff import classify, delays, retry_after
from .clock import Waiter
from .frames import FrameReader
from .lifecycle import Lifecycle, Trigger
from .pacing import Pacer
from .pipes import ByteStream
from .router import Handler, Router
from .subscriptions import Subscriptions
from .transport import Transport
from .websocket import WebSocket

__all__ = ["Link", "LinkHost"]

log = logging.getLogger("binance_sockets.connection")

_ROUNDS = 16  # reads in a row before other links and timers get their turn
_IDLE = 5.0  # seconds without a full read after which grown buffers are given back
_NOTICES = {NoticeKind.SERVER_SHUTDOWN: Reason.SERVER_SHUTDOWN, NoticeKind.CREDENTIAL: Reason.CREDENTIAL}


class LinkHost(Protocol):
    """What a link needs of its connection."""

    conn_key: str
    exchange: Exchange
    options: Options
    transport: Transport
    waiter: Waiter
    handler: Handler

    @property
    def rng(self) -> random.Random: ...

    def dial(self, link: Link) -> None:
        """Open a socket; ends in ``link.opened`` or ``link.failed``, now or later, on this thread."""

    def attach(self, link: Link, fileno: int) -> None: ...

    def detach(self, fileno: int) -> None: ...

    def changed(
        self,
        link: Link,
        previous: State,
        reason: Reason | None,
        error: BaseException | None,
        delay: float | None,
    ) -> None: ...

    def settled(self) -> None: ...

    def gap(self, gap: Gap) -> None: ...

    def report(self, error: BinanceSocketsError) -> None: ...

    def explain(self, link: Link, stream: Stream, waited: float) -> None: ...

    def give_up(self, error: BaseException, exhausted: bool) -> None: ...


class Link:
    """One group of streams over all its links. Everything runs on the connection's thread.

    Args:
        index: its number among the links of the connection.
        group: its streams.
        host: the connection.
    """

    def __init__(self, index: int, group: Group, host: LinkHost) -> None:
        self.index = index
        self.group = group
        self._host = host
        self._clock = host.transport.clock
        self._lifecycle = Lifecycle()
        self._keepalive = host.exchange.keepalive(group)
        self._stale_after, self._ping_after = _liveness(self._keepalive, host.options.timeouts)
        self.router = Router(
            host.exchange, group, host.handler, self._clock, self._control, self._undecodable, self._violated
        )
        self.subscriptions = Subscriptions(stream.name for stream in group.streams)
        self._pacer = Pacer(host.options.limits.control_interval)
        self._last_id = 0
        self.socket: WebSocket | None = None
        self.more = False  # there is more to read, although the descriptor may not say so
        self._writing = False  # the waiter looks for room to write
        self._delays: Iterator[float] | None = None
        self.failures = 0
        self.sockets_opened = 0
        self.received = 0
        self._deadline: float | None = None  # of the present state: next attempt, or end of the close handshake
        self._lost: tuple[Reason, float] | None = None
        self._notice: Notice | None = None
        self._silences: list[tuple[float, Stream]] = []
        self._reported_silent: set[str] = set()
        self.due: float | None = None  # when tick() wants to be called next (monotonic seconds)

    @property
    def state(self) -> State:
        return self._lifecycle.state

    @property
    def ready(self) -> bool:
        """Open, and every subscription is confirmed or rejected."""
        return self.state is State.OPEN and self.subscriptions.settled

    # -- what the connection asks for --------------------------------------------------------------------------------

    def start(self) -> None:
        self._fire(Trigger.START)
        self._host.dial(self)

    def stop(self, now: float) -> None:
        """Begin the end: the close handshake if a socket is open."""
        if self.state in (State.CLOSED, State.CLOSING):
            return
        if self.socket is None:
            self._fire(Trigger.STOP, Reason.STOPPED)
            return
        self.socket.close_handshake()
        self._deadline = now + self._host.options.timeouts.close
        self._watch_write()
        self._fire(Trigger.STOP, Reason.STOPPED)
        self._schedule(now)

    def abort(self, error: BaseException) -> None:
        """The engine has failed: end at once."""
        self._drop_link()
        if self.state is not State.CLOSED:
            fatal = self.state in (State.CONNECTING, State.OPEN)
            self._fire(Trigger.FATAL if fatal else Trigger.STOP, Reason.STOPPED, error)

    def opened(self, stream: ByteStream, reader: FrameReader, confirmed: frozenset[str]) -> None:
        """A socket is open; ``confirmed`` are the streams that its URL subscribed."""
        if self.state is not State.CONNECTING:
            stream.close()
            return
        now = self._clock.monotonic()
        self.socket = WebSocket(stream, reader, now, self.received)
        self.more = self.socket.more
        self._writing = False
        self.sockets_opened += 1
        self._deadline = None
        self._host.attach(self, self.socket.fileno())
        self._fire(Trigger.OPENED)
        missing = self.subscriptions.reset(confirmed)
        self._pacer = Pacer(self._host.options.limits.control_interval)  # limits count per socket
        self._pacer.queue.extend(self._host.exchange.control_frames(self.group, missing, self._next_id))
        self._send_due()
        if self.subscriptions.settled:
            self._settled(now)
        self._schedule(now)

    def failed(self, error: BaseException) -> None:
        """The attempt to open a socket failed."""
        if self.state is not State.CONNECTING:
            return
        rejected = isinstance(error, (HandshakeRejected, CertificateRejected))
        reason = Reason.REJECTED if rejected else Reason.NETWORK
        if self._verdict(error) is Verdict.FATAL:
            self._fire(Trigger.FATAL, reason, error)
            self._host.give_up(error, exhausted=False)
        else:
            self._back_off(Trigger.FAILED, reason, error, retry_after(error))

    # -- reading -----------------------------------------------------------------------------------------------------

    def service(self, now: float) -> None:
        """The descriptor is ready (or there is more): read, deliver, write what waits."""
        socket = self.socket
        if socket is None:
            return
        if self._writing:
            socket.flush()
            self._watch_write()
        deliver = self.router.deliver if self._lifecycle.state is State.OPEN else None
        rounds = _ROUNDS
        while True:
            messages = socket.receive(now)
            if messages and deliver:
                deliver(messages, now)
            rounds -= 1
            if not socket.more or not rounds or socket.ended or self._notice or socket is not self.socket:
                break
            now = self._clock.monotonic()  # the callbacks since the last one may have taken long
        if socket is self.socket:
            self.more = socket.more
            if socket.control_sent:
                socket.control_sent = False
                self._pacer.spent(now)
                self._watch_write()
            if self._notice is not None:
                detail = self._notice.detail or self._notice.kind.value
                self.restart(_NOTICES[self._notice.kind], ConnectionLost(detail))
            elif socket.ended:
                self._ended(socket.ended)

    def _control(self, message: Ack | Notice) -> None:
        """The server answered a control frame, or announces something about the socket."""
        if isinstance(message, Notice):
            self._notice = message  # to be followed when the messages that came with it are delivered
            return
        before = self.subscriptions.settled
        rejection = self.subscriptions.acked(message)
        if rejection is not None:
            log.warning("%s: %s", self._host.conn_key, rejection)
            self._host.report(rejection)
        if self.subscriptions.settled and not before:
            self._settled(self._clock.monotonic())

    def _undecodable(self, error: DecodeError) -> None:
        if self.router.decode_errors == 1:  # a server that sends nothing else must not flood the log
            log.warning("%s: %s; the stream goes on, repeats are only counted", self._host.conn_key, error)
        self._host.report(error)

    def _violated(self, error: ProtocolError) -> None:
        """The decoder met text that is not UTF-8."""
        if self.socket is not None:
            self.socket.refuse(error)

    # -- timers ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """A timer is due. ``now`` was read when the last wait ended, so silence is not mistaken for a slow callback."""
        if self.state is State.BACKOFF and self._deadline is not None and now >= self._deadline:
            self._fire(Trigger.DUE)
            self._host.dial(self)
        elif self.state is State.CLOSING and self._deadline is not None and now >= self._deadline:
            self._drop_link()
            self._fire(Trigger.TIMEOUT, Reason.STOPPED)
        elif self.state is State.OPEN:
            self._tick_open(now)
        self._schedule(now)

    def _tick_open(self, now: float) -> None:
        socket = self.socket
        assert socket is not None
        heard = (
            socket.last_frame
        )  # deadlines are compared as _schedule adds them up, or rounding would make a busy loop
        self._send_due()
        overdue = self.subscriptions.overdue(now, self._host.options.timeouts.ack)
        max_age = self._keepalive.max_age
        if socket.ended:
            self._ended(socket.ended)
        elif now >= self._dead_at(socket):
            self._lose(Reason.STALE, StaleConnection(now - heard, self._stale_after))
        elif overdue is not None and not socket.more:  # else the answer may wait among what is not read yet
            self._lose(Reason.STALE, overdue)
        elif max_age is not None and now >= socket.opened_at + max_age:
            self.restart(Reason.MAX_AGE, ConnectionLost(f"the socket is {max_age:g} s old"))
        else:
            if self._ping_after is not None and now >= heard + self._ping_after and socket.pinged_at is None:
                sent = self._clock.monotonic()
                socket.ping(sent)
                self._pacer.spent(sent)
                self._watch_write()
            if now >= socket.full_at + _IDLE:
                socket.shrink()
            self._stable(socket)
            if not socket.more:
                self._check_silences(now)

    def _schedule(self, now: float) -> None:
        """Compute ``due``. Timers are lazy: a frame moves none of them, a tick that comes early sets the next one."""
        socket = self.socket
        if self.state is not State.OPEN or socket is None:
            self.due = self._deadline if self.state in (State.BACKOFF, State.CLOSING) else None
            return
        times = [self._dead_at(socket)]
        if self._ping_after is not None:
            asked = socket.pinged_at
            if asked is None:
                times.append(socket.last_frame + self._ping_after)
            elif asked + self._ping_after > now:  # by then it will be answered, and the next one may be due
                times.append(asked + self._ping_after)
        if self._keepalive.max_age is not None:
            times.append(socket.opened_at + self._keepalive.max_age)
        stable_at = socket.opened_at + self._host.options.backoff.stable_after
        times.extend(moment for moment in (socket.full_at + _IDLE, stable_at) if moment > now)
        if self._silences:
            times.append(self._silences[0][0])
        for due in (self._pacer.due(), self.subscriptions.due()):
            if due is not None:
                times.append(due)
        self.due = min(times)

    def _dead_at(self, socket: WebSocket) -> float:
        """When a silent socket counts as dead. Where the client pings, only an unanswered ping tells that."""
        if self._ping_after is None:
            return socket.last_frame + self._stale_after
        if socket.pinged_at is None:
            return float("inf")
        return socket.pinged_at + (self._stale_after - self._ping_after)

    def _send_due(self) -> None:
        """Send the next control frame if its time has come."""
        socket = self.socket
        now = self._clock.monotonic()  # callbacks of this turn may have taken long
        frame = self._pacer.take(now)
        if socket is None or frame is None:
            return
        socket.send_text(frame.payload)
        self.subscriptions.sent(frame, now + self._host.options.timeouts.ack)
        self._watch_write()

    def _watch_write(self) -> None:
        """Have the waiter look for room to write while something is kept, and only then."""
        socket = self.socket
        if socket is not None and socket.ended is None and socket.wants_write != self._writing:
            self._writing = socket.wants_write
            self._host.waiter.watch_write(socket.fileno(), self._writing)

    # -- first messages ----------------------------------------------------------------------------------------------

    def _settled(self, now: float) -> None:
        """Everything wanted is confirmed on this socket: report the gap before it, and wait for first messages."""
        if self._lost is not None:
            reason, last_received = self._lost
            self._lost = None
            names = tuple(stream.name for stream in self.group.streams)
            self._host.gap(Gap(self._host.conn_key, names, last_received, self._clock.time(), reason))
        allowed = self._host.options.timeouts.first_message
        self._silences = sorted(
            (
                (now + (stream.first_message if allowed is None else allowed), stream)
                for stream in self.group.streams
                if stream.first_message is not None and allowed != 0
            ),
            key=lambda entry: entry[0],
        )
        self._host.settled()
        self._schedule(now)

    def _check_silences(self, now: float) -> None:
        """Report, once per stream, those without a first message by their deadline."""
        socket = self.socket
        while socket is not None and self._silences and self._silences[0][0] <= now:
            _, stream = self._silences.pop(0)
            name = stream.name
            silent = self.router.stats[name].last < socket.opened_at
            if silent and name not in self._reported_silent and name not in self.subscriptions.rejected:
                self._reported_silent.add(name)
                self._host.explain(self, stream, now - socket.opened_at)

    # -- ends --------------------------------------------------------------------------------------------------------

    def restart(self, reason: Reason, error: BaseException) -> None:
        """Leave an open socket as planned and open the next one at once, unless it was open only for a moment."""
        socket = self.socket
        if self.state is not State.OPEN or socket is None:
            return
        socket.close_handshake()
        stable = self._stable(socket)
        self._drop_link(reason)
        self._back_off(Trigger.RESTART, reason, error, 0.0 if stable else None)

    def _ended(self, error: BinanceSocketsError) -> None:
        """The socket will bring nothing more."""
        if self.state is State.CLOSING:
            self._drop_link()
            self._fire(Trigger.LOST, Reason.STOPPED)
            return
        if isinstance(error, ProtocolError):
            self._host.report(error)
        closed = isinstance(error, ConnectionLost) and error.code is not None
        self._lose(Reason.PEER_CLOSED if closed else Reason.NETWORK, error)

    def _lose(self, reason: Reason, error: BinanceSocketsError) -> None:
        socket = self.socket
        assert socket is not None
        self._stable(socket)
        self._drop_link(reason)
        if self._verdict(error) is Verdict.FATAL:
            self._fire(Trigger.FATAL, reason, error)
            self._host.give_up(error, exhausted=False)
        else:
            self._back_off(Trigger.LOST, reason, error, None)

    def _stable(self, socket: WebSocket) -> bool:
        """Forget earlier failures if the socket was open long enough; tells whether it was."""
        stable = self._clock.monotonic() >= socket.opened_at + self._host.options.backoff.stable_after
        if stable:
            self.failures = 0
            self._delays = None
        return stable

    def _drop_link(self, reason: Reason | None = None) -> None:
        socket, self.more = self.socket, False
        if socket is None:
            return
        self.received = socket.received  # before the socket is gone, so that the sum never runs backwards
        self.socket = None
        if reason is not None and self._lost is None:
            age = self._clock.monotonic() - socket.last_frame
            self._lost = (reason, self._clock.time() - age)
        self._silences = []
        self._notice = None
        self._host.detach(socket.fileno())
        socket.close()

    def _back_off(self, event: Trigger, reason: Reason, error: BaseException, wait: float | None) -> None:
        """Into BACKOFF. A ``wait`` that is given (Retry-After, a planned restart) costs no attempt."""
        options = self._host.options.backoff
        exhausted = False
        if wait is None:
            self.failures += 1
            exhausted = options.max_reconnects is not None and self.failures > options.max_reconnects
            self._delays = self._delays or delays(options, self._host.rng)
            wait = next(self._delays)
        else:
            wait += options.initial * options.jitter * self._host.rng.random()
        now = self._clock.monotonic()
        self._deadline = now + wait
        self._fire(event, reason, error, None if exhausted else wait)
        if exhausted:
            self._deadline = None
            self._fire(Trigger.EXHAUSTED, reason, error)
            self._host.give_up(error, exhausted=True)
        self._schedule(now)

    def _verdict(self, error: BaseException) -> Verdict:
        custom = self._host.options.classify
        if custom is not None:
            try:
                verdict = custom(error)
            except Exception:
                log.exception("classify() raised on %r; the default verdict is used", error)
            else:
                if isinstance(verdict, Verdict):
                    return verdict
        return classify(error)

    def _fire(
        self,
        event: Trigger,
        reason: Reason | None = None,
        error: BaseException | None = None,
        delay: float | None = None,
    ) -> None:
        previous = self.state
        self._lifecycle.fire(event)
        self._host.changed(self, previous, reason, error, delay)

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _liveness(keepalive: Keepalive, timeouts: Timeouts) -> tuple[float, float | None]:
    """Seconds of silence until a socket is dead, and until the client pings, if it does.

    Raises:
        ConfigError: the ping would come too late to be answered.
    """
    stale = timeouts.stale or keepalive.stale_after
    if timeouts.ping is not None:
        ping = timeouts.ping or None
    elif timeouts.stale is None:
        ping = keepalive.ping_after
    else:  # a quiet socket must be able to show that it lives
        ping = min(keepalive.ping_after or stale, stale / 2)
    if ping is not None and ping >= stale and timeouts.stale != float("inf"):
        raise ConfigError("Timeouts.ping", ping, f"less than the silence after which a socket is dead ({stale:g} s)")
    return stale, ping
