"""One WebSocket's life: bytes in, messages out; pings answered, requests awaited, silence noticed. Non-blocking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from ..config import Timeouts
from ..errors import (
    BinanceSocketsError,
    ConfigError,
    ConnectionLost,
    ProtocolError,
    RequestTimeout,
    StaleConnection,
)
from ..events import Reason
from ..exchange import Ack, ControlFrame, Decode, Keepalive, Rate, Stream
from . import frames
from .frames import FrameReader
from .pacing import Pacer
from .pipes import ByteStream
from .requests import Request, Requests
from .rhythm import EVERY
from .subscriptions import Subscriptions
from .timers import Timer, Timers

__all__ = ["Answered", "Liveness", "WebSocket"]

Answered = Callable[[ControlFrame, "Ack | BinanceSocketsError"], None]
"""Called once for every frame that was to be sent, with its answer or with the error that makes one impossible."""

_IDLE = 5.0  # seconds without a full read after which grown buffers are given back
_PROOF = 5.0  # seconds after which an idle socket is looked at again
_PROOF_BUSY = 1.0  # seconds after which one that brings messages is read once more, to find it empty
_AWAY = 7.5  # nobody has looked for longer than an idle socket is left alone: the process was suspended
_LONGEST_DOUBT = 60.0  # seconds
_SMALL_READ = 4096  # bytes at once for a callback that is slow: a large batch would only hide how far it is behind
_FAREWELL = b"end"  # what the ping before our close frame bears
_ON_ITS_WAY = 1.0  # seconds that a message may need from the exchange, if nothing is wrong
_KEPT_BACK = 4.0  # seconds in which a network that was cut has brought what it kept back
_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class Liveness:
    """How a silent WebSocket is judged, in seconds; made of the exchange's rules and the user's options.

    Args:
        stale_after: silence after which it counts as dead.
        ping_after: silence after which the client pings; ``None``: never.
        max_age: age at which the exchange would cut it.
        answer: how long the answer to a request may take.
    """

    stale_after: float = _FOR_EVER
    ping_after: float | None = None
    max_age: float | None = None
    answer: float = _FOR_EVER

    @classmethod
    def of(cls, keepalive: Keepalive, timeouts: Timeouts) -> Liveness:
        """The exchange's rules under the user's timeouts.

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
        if ping is not None and ping >= stale and timeouts.stale != _FOR_EVER:
            raise ConfigError("Timeouts.ping", ping, f"less than the silence after which a link is dead ({stale:g} s)")
        return cls(stale, ping, keepalive.max_age, timeouts.ack)


class WebSocket:
    """An open WebSocket. Everything here runs on the thread of its connection and never blocks.

    Args:
        stream: the connected byte stream; closed by :meth:`close`.
        reader: cuts bytes into messages.
        now: monotonic seconds.
        liveness: how silence is judged; by default never.
        rates: what may be sent.
        wanted: the names it should carry: the link's own collection.
        confirmed: those that its URL subscribed.
        received: bytes that the link's sockets before it have received.
        asked_at: when it was begun to be opened; ``None`` for ``now``.

    Attributes:
        decode: turns its data into payloads; ``None`` until it is needed.
        received: bytes received, those of the sockets before included.
        ended: why no further frames will come, once that is known. Messages returned before still count.
        leave: why the next socket should be opened before this one ends, if so.
        logging_in: a login is not answered yet; no stream may be asked for.
        last_frame: when a frame was last completed (monotonic seconds). Bytes alone are no sign of life: a frame that
            never completes would keep a dead socket for ever.
        expected_since: since when first messages are waited for.
        full_at: when a read last filled the buffer.
        safe_at: everything that the exchange sent before this moment has been read (monotonic seconds).
        round_trip: seconds from the last ping or request of the client until its answer was read; ``None`` before.
        small_reads: read little at once, as the callback is slow.
        proven: how it has shown that private data reaches it, if it carries some: see ``CredentialSnapshot``.
        prove_at: from when on a read should be followed by another, to find the socket empty.
        write_changed: what :attr:`wants_write` says has changed; the waiter wants to know.
        timers: when :meth:`tick` wants to be called.
    """

    __slots__ = (
        "_arrived",
        "_asked",
        "_came",
        "_close_sent",
        "_doubt_until",
        "_ending",
        "_joined",
        "_liveness",
        "_looked",
        "_ping_sent",
        "_reached",
        "_reader",
        "_recv_into",
        "_silences",
        "_stream",
        "_unanswered",
        "_wait",
        "decode",
        "ended",
        "expected_since",
        "full_at",
        "last_frame",
        "leave",
        "logging_in",
        "more",
        "opened_at",
        "pacer",
        "pinged_at",
        "prove_at",
        "proven",
        "received",
        "requests",
        "round_trip",
        "safe_at",
        "small_reads",
        "subscriptions",
        "timers",
        "write_changed",
        "writing",
    )

    def __init__(
        self,
        stream: ByteStream,
        reader: FrameReader,
        now: float,
        *,
        liveness: Liveness = Liveness(),
        rates: Sequence[Rate] = (),
        wanted: Collection[str] = (),
        confirmed: Iterable[str] = (),
        received: int = 0,
        asked_at: float | None = None,
    ) -> None:
        self._stream = stream
        self._reader = reader
        self._wait = stream.wait  # until it says that it is long
        self._recv_into = self._take_early if stream.early else stream.recv_into
        self._liveness = liveness
        self._close_sent = False
        self._ending: frames.Close | frames.Violation | None = None  # read, and not yet answered
        self._joined = 0  # bytes of the fragmented message that is being read
        self._silences: list[tuple[float, Stream]] = []
        begun = now if asked_at is None else asked_at  # it may be open for long, if this thread was busy
        self._looked = begun  # when it was last found empty, whether or not that proved anything
        self._doubt_until = now
        self._came = begun  # when bytes were last read,
        self._arrived = begun  # and a moment at which those had surely not arrived yet
        self.small_reads = False
        self.opened_at = self.last_frame = self.full_at = self.expected_since = now
        self.safe_at = begun  # nothing was sent before
        self.prove_at = now + _PROOF_BUSY
        self.pinged_at: float | None = None
        self._ping_sent: float | None = None  # until its pong has come, whatever came before that
        self._asked: tuple[int | None, float] = (None, now)  # which question left last, and when
        self.round_trip: float | None = None
        self.received = received
        self.ended: BinanceSocketsError | None = None
        self.leave: tuple[Reason, BinanceSocketsError] | None = None
        self.logging_in = False
        self.decode: Decode | None = None
        self.proven: str | None = None
        self.more = bool(stream.early) or stream.pending
        self.writing = self.write_changed = False
        self.subscriptions = Subscriptions(wanted, confirmed)
        self.requests = Requests()
        self._reached = b""  # what the last pong has echoed
        self._unanswered: tuple[ControlFrame, float] | None = None  # until when an error may be about it
        self.pacer: Pacer[tuple[ControlFrame, Answered, Request | None]] = Pacer(rates)
        self.timers = Timers()
        self._set_timers(now)

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def isolated(self) -> bool:
        """TLS is undone in the helper process."""
        return self._stream.isolated

    @property
    def gil_wait(self) -> float | None:
        """Seconds that reading has waited for the GIL; ``None`` where that is not measured."""
        wait = self._stream.wait
        return None if wait is None else wait.seconds

    # -- reading -----------------------------------------------------------------------------------------------------

    def receive(self, now: float) -> list[memoryview | bytes]:
        """Read once and return the complete messages. ``more`` tells whether to come again without waiting.

        A ping is answered at once. What ends the socket, a close frame or a violation, waits for :meth:`conclude`, as
        the messages before it must be delivered first.
        """
        reader = self._reader
        room = reader.writable()
        if self.small_reads:
            room = room[:_SMALL_READ]
        try:
            count = self._recv_into(room)
        except BlockingIOError:
            self.more = False
            self._found_empty(now)
            return []
        except (OSError, ConnectionLost) as exc:
            return self._broke(exc)
        if not count:
            return self._broke(None)
        self.more = count == len(room) or self._stream.pending
        if self.more:
            self.full_at = now
            if self.timers.at(Timer.SHRINK) is None:
                self.timers.set(Timer.SHRINK, now + _IDLE)
        self.received += count
        if now - self._came > _ON_ITS_WAY:  # the network may have been cut: what it kept back comes from now on
            self.doubt(now, min(now - self._came, _KEPT_BACK))
        self._came, self._arrived = now, self._looked
        if self._wait is not None and self._wait.long:
            self._wait = None
            self.leave = self.leave or (Reason.CONTENDED, ConnectionLost("reading TLS waits for the GIL"))
        messages = reader.feed(count)
        if messages:
            self.last_frame = now
            self.pinged_at = None
        elif reader.joined != self._joined:  # a fragment: no message yet, but a frame
            self._joined = reader.joined
            self.last_frame = now
            self.pinged_at = None
        if reader.controls:
            self._control(now)
        return messages

    def _broke(self, error: OSError | ConnectionLost | None) -> list[memoryview | bytes]:
        """The stream has ended, by an error or without."""
        self.more = False
        how = "the connection ended without a close frame" if error is None else f"the connection broke ({error})"
        self.ended = ConnectionLost(how)
        self.ended.__cause__ = error
        return []

    def _take_early(self, room: memoryview) -> int:
        """Read what came with the handshake response; then the stream itself."""
        stream = self._stream
        count = min(len(room), len(stream.early))
        room[:count] = stream.early[:count]
        stream.early = stream.early[count:]
        if not stream.early:
            self._recv_into = stream.recv_into
        return count

    def _found_empty(self, now: float) -> None:
        """A read found nothing: all that had arrived is read.

        When the last bytes arrived the connection lived, and TCP keeps the order: but for what was on its way, all that
        the exchange had sent by then is read. They arrived after the socket had been found empty before.

        After a time in which nobody read, or nothing came, an empty socket proves little: the exchange, or the network,
        may still hold what did not get through meanwhile, and lose it when the connection ends. So it counts for
        nothing for as long again, and behind a silence of the network for some seconds at most.
        """
        if now - self._looked > _AWAY:
            self.doubt(now, now - self._looked)
        self._looked = now
        if now >= self._doubt_until:
            self.safe_at = max(self.safe_at, self._arrived - _ON_ITS_WAY)
        self.prove_at = now + _PROOF_BUSY
        self.timers.set(Timer.PROOF, now + _PROOF)

    def distrust(self, since: float) -> None:
        """Nothing surely comes since then, though it is open."""
        self.safe_at = min(self.safe_at, since)
        self._doubt_until = _FOR_EVER

    @property
    def distrusted(self) -> bool:
        """Nothing that comes proves anything."""
        return self._doubt_until == _FOR_EVER

    def doubt(self, now: float, seconds: float) -> None:
        """Nobody has read for ``seconds`` until ``now``."""
        self._doubt_until = max(self._doubt_until, now + min(seconds, _LONGEST_DOUBT))

    def _control(self, now: float) -> None:
        """See to the control frames of the last read."""
        controls, self._reader.controls = self._reader.controls, []
        self.last_frame = now
        self.pinged_at = None
        if pings := [control.payload for control in controls if isinstance(control, frames.Ping)]:
            self.pacer.pinged(pings)
            self._send_pongs(now)
        for control in controls:
            if isinstance(control, frames.Pong) and control.payload:
                self._reached = control.payload
            elif isinstance(control, frames.Pong) and self._ping_sent is not None:
                self.round_trip, self._ping_sent = max(0.0, now - self._ping_sent), None
            if isinstance(control, (frames.Close, frames.Violation)):
                self._ending = control

    def conclude(self) -> None:
        """The messages of the last read are delivered: answer the close frame or the violation behind them."""
        control, self._ending = self._ending, None
        if isinstance(control, frames.Close):
            self._send_close(control.code)
            self.ended = ConnectionLost("the server closed the connection", control.code or 1005, control.reason)
        elif control is not None:
            self.refuse(control.error)

    def refuse(self, error: ProtocolError) -> None:
        """The peer broke the protocol: tell it so; nothing further is read."""
        self._send_close(error.code, error.detail)
        self.ended = error

    # -- requests and subscriptions ----------------------------------------------------------------------------------

    def ask(self, asked: Iterable[ControlFrame], answered: Answered, now: float) -> None:
        """Send frames, each in its turn. ``answered`` is called once for each, with its answer or its error."""
        self.pacer.queue.extend((frame, answered, None) for frame in asked)
        self._send_due(now)

    def ask_for(self, request: Request, request_id: int, now: float) -> None:
        """Send the request of a caller, in its turn."""
        frame = ControlFrame(request.build(request_id), request_id=request_id)
        self.pacer.queue.append((frame, _to_caller(request), request))
        self._send_due(now)

    def _send_due(self, now: float) -> None:
        """Send the control frames whose time has come."""
        if self._close_sent:  # what follows that would be discarded (RFC 6455, 5.5.1)
            return
        requests = self.requests
        if self._stream.wants_write:  # what has left before is not gone yet
            return
        self._send_pongs(now)
        while (chosen := self.pacer.take(now)) is not None:
            frame, answered, request = chosen
            if request is not None and request.deadline <= now:
                request.expire()
                continue
            if frame.request_id is None:  # it has no answer: who asked sees to it that it counts
                self.send_text(frame.payload)
                self._unanswered = (frame, now + self._liveness.answer)
                answered(frame, Ack(None))
                continue
            deadline = now + self._liveness.answer if request is None else request.deadline
            if request is None:
                requests.expect(frame.request_id, partial(answered, frame), deadline)
            else:
                requests.asked(frame.request_id, request)
            self._asked = (frame.request_id, now)
            self.send_text(frame.payload)
            # Lazily, as others: an answer does not move the timer, which looks for the next deadline when it fires.
            set_to = self.timers.at(Timer.ANSWER)
            if set_to is None or deadline < set_to:
                self.timers.set(Timer.ANSWER, deadline)
        self.timers.set(Timer.SEND, self.pacer.due())

    def _send_pongs(self, now: float) -> None:
        """Answer the pings that may be answered by now; none once the close frame is out."""
        if self._close_sent:
            return
        for payload in self.pacer.take_pongs(now):
            self._write(frames.encode(frames.PONG, payload))
        self.timers.set(Timer.SEND, self.pacer.due())

    def ask_for_proof(self, request: Request, request_id: int, now: float) -> None:
        """Send a question whose answer proves that the last frame counts: until then an error is about that frame."""
        if self._unanswered is not None:
            self._unanswered = (self._unanswered[0], _FOR_EVER)
        self._write(frames.encode(frames.PING, b"%d" % request_id))
        self._spent(now)
        self.ask_for(request, request_id, now)

    def reached(self, request_id: int) -> bool:
        """The exchange has read the frame before this :meth:`ask_for_proof`, though it says nothing of it."""
        return self._reached == b"%d" % request_id

    def in_doubt(self, now: float) -> bool:
        """The last frame has no answer, and an error may still be about it."""
        return self._unanswered is not None and now <= self._unanswered[1]

    def proves(self, frame: ControlFrame) -> bool:
        """What was asked behind ``frame`` is answered; returns whether that has not been refused meanwhile."""
        proved = self._unanswered is not None and self._unanswered[0] is frame
        if proved:
            self._unanswered = None
        return proved

    def take_unanswered(self, now: float) -> ControlFrame | None:
        """The last frame, if it has no id and an error may be about it. Once."""
        found, self._unanswered = self._unanswered, None
        return found[0] if found is not None and now <= found[1] else None

    def answer(self, ack: Ack) -> bool:
        """Hand an answer to who asked; returns whether anybody did."""
        if ack.request_id is None and self._unanswered is not None:
            return False
        if ack.request_id is not None and ack.request_id == self._asked[0]:
            self.round_trip = max(0.0, self._came - self._asked[1])
        asked = self.requests.answered(ack)
        if not self.requests:
            self.timers.set(Timer.ANSWER, None)
        return asked

    def expect(self, streams: Iterable[Stream], allowed: float | None, now: float) -> None:
        """Wait for first messages of ``streams``, each for its own deadline or for ``allowed`` seconds."""
        waits = ((stream.first_message if allowed is None else allowed, stream) for stream in streams)
        found = [(now + wait, stream) for wait, stream in waits if wait and stream.first_message is not None]
        self._silences = sorted(found, key=lambda entry: entry[0])
        self.timers.set(Timer.SILENCE, self._silences[0][0] if self._silences else None)
        self.timers.set(Timer.RHYTHM, now + EVERY if found else None)

    def late(self, now: float) -> list[Stream]:
        """Those of the expected streams whose deadline has passed, once each."""
        found = [stream for due, stream in self._silences if due <= now]
        self._silences = self._silences[len(found) :]
        self.timers.set(Timer.SILENCE, self._silences[0][0] if self._silences else None)
        return found

    # -- timers ------------------------------------------------------------------------------------------------------

    def _set_timers(self, now: float) -> None:
        liveness, timers = self._liveness, self.timers
        timers.set(Timer.PROOF, now + _PROOF)
        if liveness.ping_after is not None:
            timers.set(Timer.PING, now + liveness.ping_after)
        elif liveness.stale_after != _FOR_EVER:
            timers.set(Timer.STALE, now + liveness.stale_after)
        if liveness.max_age is not None:
            timers.set(Timer.MAX_AGE, now + liveness.max_age)

    def tick(self, timer: Timer, now: float, clock: Callable[[], float]) -> None:
        """A timer is due.

        Args:
            timer: one of the socket's own; others are the link's.
            now: when the last wait ended, so that silence is not mistaken for a slow callback.
            clock: tells the time that it is now, as callbacks since then may have taken long.
        """
        if timer is Timer.SEND:
            self._send_due(clock())
        elif timer is Timer.ANSWER:
            self._overdue(now)
        elif timer is Timer.PING:
            self._silent(now, clock)
        elif timer is Timer.STALE:
            self._stale(now)
        elif timer is Timer.MAX_AGE and self.leave is None:
            age = self._liveness.max_age or 0.0
            self.leave = (Reason.MAX_AGE, ConnectionLost(f"the link is {age:g} s old"))
        elif timer is Timer.SHRINK:
            if now >= self.full_at + _IDLE:
                self._reader.shrink()
            else:
                self.timers.set(Timer.SHRINK, self.full_at + _IDLE)

    def _overdue(self, now: float) -> None:
        if not self.more and self.requests.overdue(now):
            self.ended = self.ended or RequestTimeout("answer to a control frame", self._liveness.answer)
        else:  # with more to read, the answer may wait there
            self.timers.set(Timer.ANSWER, self.requests.due)

    def _silent(self, now: float, clock: Callable[[], float]) -> None:
        """Ping a socket that has been silent for long enough."""
        ping_after = self._liveness.ping_after or 0.0
        due = self.last_frame + ping_after
        if self.pinged_at is not None:
            self.timers.set(Timer.PING, now + ping_after)  # by then it is answered, or the socket has ended
            return
        if now < due:
            self.timers.set(Timer.PING, due)
            return
        sent = clock()
        self.ping(sent)
        # Where the client pings, only an unanswered ping tells a dead socket from a quiet one.
        self.timers.set(Timer.STALE, sent + (self._liveness.stale_after - ping_after))
        self.timers.set(Timer.PING, sent + ping_after)

    def _stale(self, now: float) -> None:
        liveness = self._liveness
        if liveness.ping_after is None:
            due = self.last_frame + liveness.stale_after
        elif self.pinged_at is None:  # answered
            return
        else:
            due = self.pinged_at + (liveness.stale_after - liveness.ping_after)
        if now < due:
            self.timers.set(Timer.STALE, due)
        elif self.ended is None:
            self.ended = StaleConnection(now - self.last_frame, liveness.stale_after)

    # -- writing -----------------------------------------------------------------------------------------------------

    def send_text(self, payload: bytes) -> None:
        """Send a text message, or keep it until the socket takes it."""
        self._write(frames.encode(frames.TEXT, payload))

    def ping(self, now: float) -> None:
        """Ask for a sign of life."""
        self.pinged_at = self._ping_sent = now
        self._write(frames.encode(frames.PING, b""))
        self._spent(now)

    def _spent(self, now: float) -> None:
        self.pacer.spent(now)
        self.timers.set(Timer.SEND, self.pacer.due())

    @property
    def usable(self) -> bool:
        """What is asked may leave: it is logged in, and neither ended nor sent away."""
        return not (self.logging_in or self.ended or self._close_sent)

    @property
    def awaited(self) -> bool:
        """Callers wait for answers over it, also to what has not had its turn to leave."""
        return bool(self.requests.patient) or any(request is not None for _, _, request in self.pacer.queue)

    def close_handshake(self) -> None:
        """Begin the close handshake."""
        self._send_close(1000)

    def send_away(self, now: float) -> None:
        """Begin the close handshake behind a ping, whose answer tells that the peer had not left before, perhaps with
        the same code."""
        if not self._close_sent:
            self._write(frames.encode(frames.PING, _FAREWELL))
            self._spent(now)
        self.close_handshake()

    @property
    def was_there(self) -> bool:
        """The peer was still sending when it read :meth:`send_away`, and everything until then is read."""
        return self._reached == _FAREWELL

    def _send_close(self, code: int | None, reason: str = "") -> None:
        if not self._close_sent:
            self._close_sent = True
            echo = frames.encode(frames.CLOSE, b"") if code is None else frames.encode_close(code, reason)
            self._write(echo)

    def _write(self, data: bytes) -> None:
        self._sending(self._stream.write, data)

    def flush(self, now: float) -> None:
        """Send what was kept."""
        self._sending(self._stream.flush)
        if not self._stream.wants_write:  # it leaves only now
            self._spent(now)

    def _sending(self, step: Callable[..., None], *arguments: bytes) -> None:
        try:
            step(*arguments)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the peer has gone: reading meets the end, behind what it sent before
        except (OSError, ConnectionLost) as exc:
            self.ended = self.ended or ConnectionLost(f"the connection broke while sending ({exc})")
        self.write_changed = self._stream.wants_write != self.writing

    @property
    def wants_write(self) -> bool:
        return self._stream.wants_write

    # -- the end -----------------------------------------------------------------------------------------------------

    def lost(self, error: BinanceSocketsError) -> None:
        """No answer will come any more: tell everybody who waits for one."""
        queue, self.pacer.queue = self.pacer.queue, []
        self.requests.fail(error)
        for frame, answered, _ in queue:
            answered(frame, error)

    def close(self) -> None:
        """Close the socket, whatever state the handshake is in."""
        self._stream.close()


def _to_caller(request: Request) -> Answered:
    """The end of a request that could not leave."""
    return lambda frame, answer: request.end(answer)
