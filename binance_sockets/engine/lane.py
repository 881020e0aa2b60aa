"""What outlives a link: state, back-off, subscriptions and timers of one group of streams."""

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
from .lifecycle import Event, Lifecycle
from .link import Link
from .pacing import Pacer
from .router import Handler, Router
from .streams import ByteStream
from .subscriptions import Subscriptions
from .transport import Transport

__all__ = ["Lane", "LaneHost"]

log = logging.getLogger("binance_sockets.connection")

_ROUNDS = 16  # reads in a row before other links and timers get their turn
_IDLE = 5.0  # seconds without a full read after which grown buffers are given back
_NOTICES = {NoticeKind.SERVER_SHUTDOWN: Reason.SERVER_SHUTDOWN, NoticeKind.CREDENTIAL: Reason.CREDENTIAL}


class LaneHost(Protocol):
    """What a lane needs of its connection."""

    conn_key: str
    exchange: Exchange
    options: Options
    transport: Transport
    waiter: Waiter
    handler: Handler

    @property
    def rng(self) -> random.Random: ...

    def dial(self, lane: Lane) -> None:
        """Open a link; ends in ``lane.opened`` or ``lane.failed``, now or later, on this thread."""

    def attach(self, lane: Lane, fileno: int) -> None: ...

    def detach(self, fileno: int) -> None: ...

    def changed(
        self,
        lane: Lane,
        previous: State,
        reason: Reason | None,
        error: BaseException | None,
        delay: float | None,
    ) -> None: ...

    def settled(self) -> None: ...

    def gap(self, gap: Gap) -> None: ...

    def report(self, error: BinanceSocketsError) -> None: ...

    def explain(self, lane: Lane, stream: Stream, waited: float) -> None: ...

    def give_up(self, error: BaseException, exhausted: bool) -> None: ...


class Lane:
    """One group of streams over all its links. Everything runs on the connection's thread.

    Args:
        index: its number among the lanes of the connection.
        group: its streams.
        host: the connection.
    """

    def __init__(self, index: int, group: Group, host: LaneHost) -> None:
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
        self.link: Link | None = None
        self.more = False  # there is more to read, although the descriptor may not say so
        self._writing = False  # the waiter looks for room to write
        self._delays: Iterator[float] | None = None
        self.failures = 0
        self.links_opened = 0
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
        self._fire(Event.START)
        self._host.dial(self)

    def stop(self, now: float) -> None:
        """Begin the end: the close handshake if a link is open."""
        if self.state in (State.CLOSED, State.CLOSING):
            return
        if self.link is None:
            self._fire(Event.STOP, Reason.STOPPED)
            return
        self.link.close_handshake()
        self._deadline = now + self._host.options.timeouts.close
        self._watch_write()
        self._fire(Event.STOP, Reason.STOPPED)
        self._schedule(now)

    def abort(self, error: BaseException) -> None:
        """The engine has failed: end at once."""
        self._drop_link()
        if self.state is not State.CLOSED:
            fatal = self.state in (State.CONNECTING, State.OPEN)
            self._fire(Event.FATAL if fatal else Event.STOP, Reason.STOPPED, error)

    def opened(self, stream: ByteStream, reader: FrameReader, confirmed: frozenset[str]) -> None:
        """A link is open; ``confirmed`` are the streams that its URL subscribed."""
        if self.state is not State.CONNECTING:
            stream.close()
            return
        now = self._clock.monotonic()
        self.link = Link(stream, reader, now, self.received)
        self.more = self.link.more
        self._writing = False
        self.links_opened += 1
        self._deadline = None
        self._host.attach(self, self.link.fileno())
        self._fire(Event.OPENED)
        missing = self.subscriptions.reset(confirmed)
        self._pacer = Pacer(self._host.options.limits.control_interval)  # limits count per link
        self._pacer.queue.extend(self._host.exchange.control_frames(self.group, missing, self._next_id))
        self._send_due()
        if self.subscriptions.settled:
            self._settled(now)
        self._schedule(now)

    def failed(self, error: BaseException) -> None:
        """The attempt to open a link failed."""
        if self.state is not State.CONNECTING:
            return
        rejected = isinstance(error, (HandshakeRejected, CertificateRejected))
        reason = Reason.REJECTED if rejected else Reason.NETWORK
        if self._verdict(error) is Verdict.FATAL:
            self._fire(Event.FATAL, reason, error)
            self._host.give_up(error, exhausted=False)
        else:
            self._back_off(Event.FAILED, reason, error, retry_after(error))

    # -- reading -----------------------------------------------------------------------------------------------------

    def service(self, now: float) -> None:
        """The descriptor is ready (or there is more): read, deliver, write what waits."""
        link = self.link
        if link is None:
            return
        if self._writing:
            link.flush()
            self._watch_write()
        deliver = self.router.deliver if self._lifecycle.state is State.OPEN else None
        rounds = _ROUNDS
        while True:
            messages = link.receive(now)
            if messages and deliver:
                deliver(messages, now)
            rounds -= 1
            if not link.more or not rounds or link.ended or self._notice or link is not self.link:
                break
            now = self._clock.monotonic()  # the callbacks since the last one may have taken long
        if link is self.link:
            self.more = link.more
            if link.control_sent:
                link.control_sent = False
                self._pacer.spent(now)
                self._watch_write()
            if self._notice is not None:
                detail = self._notice.detail or self._notice.kind.value
                self.restart(_NOTICES[self._notice.kind], ConnectionLost(detail))
            elif link.ended:
                self._ended(link.ended)

    def _control(self, message: Ack | Notice) -> None:
        """The server answered a control frame, or announces something about the link."""
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
        if self.link is not None:
            self.link.refuse(error)

    # -- timers ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """A timer is due. ``now`` was read when the last wait ended, so silence is not mistaken for a slow callback."""
        if self.state is State.BACKOFF and self._deadline is not None and now >= self._deadline:
            self._fire(Event.DUE)
            self._host.dial(self)
        elif self.state is State.CLOSING and self._deadline is not None and now >= self._deadline:
            self._drop_link()
            self._fire(Event.TIMEOUT, Reason.STOPPED)
        elif self.state is State.OPEN:
            self._tick_open(now)
        self._schedule(now)

    def _tick_open(self, now: float) -> None:
        link = self.link
        assert link is not None
        heard = link.last_frame  # deadlines are compared as _schedule adds them up, or rounding would make a busy loop
        self._send_due()
        overdue = self.subscriptions.overdue(now, self._host.options.timeouts.ack)
        max_age = self._keepalive.max_age
        if link.ended:
            self._ended(link.ended)
        elif now >= self._dead_at(link):
            self._lose(Reason.STALE, StaleConnection(now - heard, self._stale_after))
        elif overdue is not None and not link.more:  # else the answer may wait among what is not read yet
            self._lose(Reason.STALE, overdue)
        elif max_age is not None and now >= link.opened_at + max_age:
            self.restart(Reason.MAX_AGE, ConnectionLost(f"the link is {max_age:g} s old"))
        else:
            if self._ping_after is not None and now >= heard + self._ping_after and link.pinged_at is None:
                sent = self._clock.monotonic()
                link.ping(sent)
                self._pacer.spent(sent)
                self._watch_write()
            if now >= link.full_at + _IDLE:
                link.shrink()
            self._stable(link)
            if not link.more:
                self._check_silences(now)

    def _schedule(self, now: float) -> None:
        """Compute ``due``. Timers are lazy: a frame moves none of them, a tick that comes early sets the next one."""
        link = self.link
        if self.state is not State.OPEN or link is None:
            self.due = self._deadline if self.state in (State.BACKOFF, State.CLOSING) else None
            return
        times = [self._dead_at(link)]
        if self._ping_after is not None:
            asked = link.pinged_at
            if asked is None:
                times.append(link.last_frame + self._ping_after)
            elif asked + self._ping_after > now:  # by then it will be answered, and the next one may be due
                times.append(asked + self._ping_after)
        if self._keepalive.max_age is not None:
            times.append(link.opened_at + self._keepalive.max_age)
        stable_at = link.opened_at + self._host.options.backoff.stable_after
        times.extend(moment for moment in (link.full_at + _IDLE, stable_at) if moment > now)
        if self._silences:
            times.append(self._silences[0][0])
        for due in (self._pacer.due(), self.subscriptions.due()):
            if due is not None:
                times.append(due)
        self.due = min(times)

    def _dead_at(self, link: Link) -> float:
        """When a link that stays silent counts as dead. Where the client pings, only an unanswered ping tells that."""
        if self._ping_after is None:
            return link.last_frame + self._stale_after
        if link.pinged_at is None:
            return float("inf")
        return link.pinged_at + (self._stale_after - self._ping_after)

    def _send_due(self) -> None:
        """Send the next control frame if its time has come."""
        link = self.link
        now = self._clock.monotonic()  # callbacks of this turn may have taken long
        frame = self._pacer.take(now)
        if link is None or frame is None:
            return
        link.send_text(frame.payload)
        self.subscriptions.sent(frame, now + self._host.options.timeouts.ack)
        self._watch_write()

    def _watch_write(self) -> None:
        """Have the waiter look for room to write while something is kept, and only then."""
        link = self.link
        if link is not None and link.ended is None and link.wants_write != self._writing:
            self._writing = link.wants_write
            self._host.waiter.watch_write(link.fileno(), self._writing)

    # -- first messages ----------------------------------------------------------------------------------------------

    def _settled(self, now: float) -> None:
        """Everything wanted is confirmed on this link: report the gap before it, and wait for first messages."""
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
        link = self.link
        while link is not None and self._silences and self._silences[0][0] <= now:
            _, stream = self._silences.pop(0)
            name = stream.name
            silent = self.router.stats[name].last < link.opened_at
            if silent and name not in self._reported_silent and name not in self.subscriptions.rejected:
                self._reported_silent.add(name)
                self._host.explain(self, stream, now - link.opened_at)

    # -- ends --------------------------------------------------------------------------------------------------------

    def restart(self, reason: Reason, error: BaseException) -> None:
        """Leave an open link as planned and open the next one at once, unless it was open only for a moment."""
        link = self.link
        if self.state is not State.OPEN or link is None:
            return
        link.close_handshake()
        stable = self._stable(link)
        self._drop_link(reason)
        self._back_off(Event.RESTART, reason, error, 0.0 if stable else None)

    def _ended(self, error: BinanceSocketsError) -> None:
        """The link will bring nothing more."""
        if self.state is State.CLOSING:
            self._drop_link()
            self._fire(Event.LOST, Reason.STOPPED)
            return
        if isinstance(error, ProtocolError):
            self._host.report(error)
        closed = isinstance(error, ConnectionLost) and error.code is not None
        self._lose(Reason.PEER_CLOSED if closed else Reason.NETWORK, error)

    def _lose(self, reason: Reason, error: BinanceSocketsError) -> None:
        link = self.link
        assert link is not None
        self._stable(link)
        self._drop_link(reason)
        if self._verdict(error) is Verdict.FATAL:
            self._fire(Event.FATAL, reason, error)
            self._host.give_up(error, exhausted=False)
        else:
            self._back_off(Event.LOST, reason, error, None)

    def _stable(self, link: Link) -> bool:
        """Forget earlier failures if the link was open long enough; tells whether it was."""
        stable = self._clock.monotonic() >= link.opened_at + self._host.options.backoff.stable_after
        if stable:
            self.failures = 0
            self._delays = None
        return stable

    def _drop_link(self, reason: Reason | None = None) -> None:
        link, self.more = self.link, False
        if link is None:
            return
        self.received = link.received  # before the link is gone, so that the sum never runs backwards
        self.link = None
        if reason is not None and self._lost is None:
            age = self._clock.monotonic() - link.last_frame
            self._lost = (reason, self._clock.time() - age)
        self._silences = []
        self._notice = None
        self._host.detach(link.fileno())
        link.close()

    def _back_off(self, event: Event, reason: Reason, error: BaseException, wait: float | None) -> None:
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
            self._fire(Event.EXHAUSTED, reason, error)
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
        event: Event,
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
    """Seconds of silence until a link is dead, and until the client pings, if it does.

    Raises:
        ConfigError: the ping would come too late to be answered.
    """
    stale = timeouts.stale or keepalive.stale_after
    if timeouts.ping is not None:
        ping = timeouts.ping or None
    elif timeouts.stale is None:
        ping = keepalive.ping_after
    else:  # a quiet link must be able to show that it lives
        ping = min(keepalive.ping_after or stale, stale / 2)
    if ping is not None and ping >= stale and timeouts.stale != float("inf"):
        raise ConfigError("Timeouts.ping", ping, f"less than the silence after which a link is dead ({stale:g} s)")
    return stale, ping
