"""Fakes for tests, the package's own and yours: time that only moves when waited for, and links that follow a script.

::

    clock = FakeClock()
    transport = ScriptedTransport(clock, [
        Script([text('{"stream": "a", "data": 1}'), Drop()]),     # the first link: one message, then cut
        Refuse(OSError("refused")),                               # the second attempt fails
        Script([text('{"stream": "a", "data": 2}')]),
    ])

Faults have the same names as on the embedded exchange: ``script_for(Fault.CUT, messages)`` is a link that meets one;
where there is no more to say, the transport takes ``Fault.REFUSE`` itself.

A socket of ``SocketManager(transport=transport)`` then runs through it without a network and without real waiting.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .engine import frames
from .engine.budget import Budgets
from .engine.clock import Cancel, Cancelled, Clock, Waiter, Wakeup
from .errors import ConnectError, ConnectTimeout, HandshakeRejected
from .exchange import ConnectRequest
from .faults import Fault, named, parameters

__all__ = [
    "Drop",
    "NOT_INLINE",
    "FakeClock",
    "Reaction",
    "Refuse",
    "Script",
    "ScriptedStream",
    "ScriptedTransport",
    "Send",
    "Speech",
    "binary",
    "close",
    "frame",
    "ping",
    "script_for",
    "text",
]


class FakeClock(Clock):
    """Time that stands still until somebody waits.

    Args:
        start: first value of both clocks, in seconds.
    """

    def __init__(self, start: float = 1000.0) -> None:
        self.now = start
        self.monotonic = self.time = self.stopwatch = lambda: self.now
        self._actions: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def at(self, delay: float, action: Callable[[], object]) -> None:
        """Call ``action`` when the clock has moved ``delay`` seconds from now."""
        heapq.heappush(self._actions, (self.now + delay, next(self._order), action))

    def next_action(self) -> float:
        """When the next action is due; infinity when there is none."""
        return self._actions[0][0] if self._actions else float("inf")

    def advance(self, until: float) -> None:
        """Move to ``until`` and call what is due on the way, each at its time."""
        while self._actions and self._actions[0][0] <= until:
            due, _, action = heapq.heappop(self._actions)
            self.now = max(self.now, due)
            action()
        self.now = max(self.now, until)


def frame(opcode: int, payload: bytes, fin: bool = True) -> bytes:
    """A frame as servers send it: not masked."""
    head = bytes([(0x80 if fin else 0) | opcode])
    size = len(payload)
    if size < 126:
        return head + bytes([size]) + payload
    if size < 65536:
        return head + b"\x7e" + size.to_bytes(2, "big") + payload
    return head + b"\x7f" + size.to_bytes(8, "big") + payload


def text(payload: str | bytes) -> Send:
    """A text message."""
    return Send(frame(frames.TEXT, payload.encode() if isinstance(payload, str) else payload))


def binary(payload: bytes) -> Send:
    """A binary message."""
    return Send(frame(frames.BINARY, payload))


def ping(payload: bytes = b"") -> Send:
    """A ping."""
    return Send(frame(frames.PING, payload))


def close(code: int = 1000, reason: str = "") -> Send:
    """A close frame."""
    return Send(frame(frames.CLOSE, code.to_bytes(2, "big") + reason.encode()))


@dataclass(frozen=True)
class Send:
    """The server sends these bytes, ``after`` seconds behind the step before."""

    data: bytes
    after: float = 0.0


@dataclass(frozen=True)
class Drop:
    """The connection ends: by an end of stream, or by ``error``."""

    error: OSError | None = None
    after: float = 0.0


Reaction = Callable[[int, bytes], "Iterable[Send | Drop]"]
"""What the server does when a client frame ``(opcode, payload)`` arrives."""


@dataclass
class Script:
    """What one link does.

    Args:
        steps: in order; each waits its ``after`` seconds.
        react: called with every frame of the client; returns further steps, which begin at that moment. Without it
            the server answers pings and a close frame, and nothing else.
        accept_after: seconds until the handshake is answered.
    """

    steps: Sequence[Send | Drop] = ()
    react: Reaction | None = None
    accept_after: float = 0.0


@dataclass(frozen=True)
class Refuse:
    """An attempt that fails with ``error``, ``after`` seconds into it."""

    error: BaseException
    after: float = 0.0


class ScriptedStream:
    """One link of a :class:`ScriptedTransport`.

    Attributes:
        request: the connect request that opened it.
        sent: frames of the client as ``(time, opcode, payload)``.
        closed: the client has closed the socket.
    """

    def __init__(self, fileno: int, request: ConnectRequest, script: Script, clock: FakeClock) -> None:
        self.request = request
        self.sent: list[tuple[float, int, bytes]] = []
        self.closed = False
        self.early = b""
        self.pending = False
        self.extensions: str | None = None
        self.isolated = False
        self.wait = None
        self._fileno = fileno
        self._script = script
        self._clock = clock
        self._steps: deque[tuple[float, Send | Drop]] = deque()
        self._play(script.steps)

    def _play(self, steps: Iterable[Send | Drop]) -> None:
        """Add steps that begin now, among those that are still to come."""
        at = self._clock.now
        for step in steps:
            at += step.after
            later = sum(1 for due, _ in self._steps if due > at)
            self._steps.insert(len(self._steps) - later, (at, step))

    def next_step(self) -> float:
        """When the next step is due; infinity when the script is over, which means silence."""
        return self._steps[0][0] if self._steps else float("inf")

    def texts(self) -> list[str]:
        """The text messages that the client has sent."""
        return [payload.decode() for _, opcode, payload in self.sent if opcode == frames.TEXT]

    def fileno(self) -> int:
        return self._fileno

    def recv_into(self, view: memoryview) -> int:
        if self.next_step() > self._clock.now:
            raise BlockingIOError
        at, step = self._steps.popleft()
        if isinstance(step, Drop):
            self._steps.appendleft((at, step))  # the end stays the end
            if step.error is not None:
                raise step.error
            return 0
        count = min(len(view), len(step.data))
        view[:count] = step.data[:count]
        if count < len(step.data):
            self._steps.appendleft((at, Send(step.data[count:])))
        return count

    def write(self, data: bytes) -> None:
        """One frame of the client."""
        size, start = data[1] & 0x7F, 2
        if size > 125:
            start = 4 if size == 126 else 10
        mask = data[start : start + 4]
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data[start + 4 :]))
        opcode = data[0] & 0x0F
        self.sent.append((self._clock.now, opcode, payload))
        if self._script.react is not None:
            self._play(self._script.react(opcode, payload))
        elif opcode == frames.PING:
            self._play([Send(frame(frames.PONG, payload))])
        elif opcode == frames.CLOSE:
            self._play([Send(frame(frames.CLOSE, payload)), Drop()])

    def flush(self) -> None:
        """Nothing is ever kept."""

    @property
    def wants_write(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


class _FakeWakeup(Wakeup):
    """A wake-up without a descriptor."""

    __slots__ = ("_number", "_set")

    def __init__(self, number: int) -> None:
        self._number = number
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def fileno(self) -> int:
        return self._number

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def close(self) -> None:
        """Nothing to close."""


class _FakeWaiter(Waiter):
    """Waits by moving the clock to whatever happens next."""

    __slots__ = ("_registered", "_transport")

    def __init__(self, transport: ScriptedTransport) -> None:
        self._transport = transport
        self._registered: set[int] = set()

    def add(self, fileno: int) -> None:
        self._registered.add(fileno)

    def watch_write(self, fileno: int, on: bool) -> None:
        """Everything written is taken at once; who is not watched is an error, as to ``poll``."""
        if fileno not in self._registered:
            raise FileNotFoundError(f"{fileno} is not watched")

    def remove(self, fileno: int) -> None:
        self._registered.discard(fileno)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        clock = self._transport.clock
        limit = float("inf") if timeout is None else clock.now + timeout
        while True:
            due = {fileno: self._transport.ready_at(fileno) for fileno in self._registered}
            ready = [(fileno, 1) for fileno, at in sorted(due.items()) if at <= clock.now]
            if ready or clock.now >= limit:
                return ready
            moment = min([limit, clock.next_action(), *due.values()])
            if moment == float("inf"):
                raise AssertionError("nothing can happen any more: the connection would wait for ever")
            clock.advance(moment)

    def close(self) -> None:
        """Nothing to close."""


class ScriptedTransport:
    """Opens links that follow scripts. A :class:`~binance_sockets.engine.transport.Transport`.

    Args:
        clock: the time of all links.
        outcomes: what each connect attempt meets, in order; further attempts are refused. A fault stands for
            ``script_for(fault)``.

    Attributes:
        attempts: ``(time, request)`` of every attempt.
        links: the links that were opened.
        budgets: its own, as its time is; give it those of another one to share them.
    """

    stream = ScriptedStream
    """What a link is made of; a subclass may have another one."""

    def __init__(self, clock: FakeClock, outcomes: Iterable[Script | Refuse | Fault]) -> None:
        self.clock: FakeClock = clock
        self.budgets = Budgets()
        self.attempts: list[tuple[float, ConnectRequest]] = []
        self.links: list[ScriptedStream] = []
        self._outcomes = iter(outcomes)
        self._numbers = itertools.count(1_000_000)  # never a descriptor of the system
        self._wakeups: dict[int, _FakeWakeup] = {}

    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ScriptedStream:
        self.attempts.append((self.clock.now, request))
        outcome = next(self._outcomes, None) or Refuse(ConnectError("script", "the script has no further links"))
        if isinstance(outcome, Fault):
            outcome = script_for(outcome)
        if isinstance(outcome, Refuse):
            self._wait(outcome.after, timeout, cancel)
            raise outcome.error
        if outcome.accept_after:
            self._wait(outcome.accept_after, timeout, cancel)
        link = self.stream(next(self._numbers), request, outcome, self.clock)
        self.links.append(link)
        return link

    def _wait(self, after: float, timeout: float, cancel: Cancel) -> None:
        """Let an attempt take its time, or time out."""
        self.clock.advance(self.clock.now + min(after, timeout))
        if cancel.cancelled():
            raise Cancelled
        if after > timeout:
            raise ConnectTimeout("script", f"no answer within {timeout:g} s")

    def ready_at(self, fileno: int) -> float:
        """When a descriptor is readable."""
        if fileno in self._wakeups:
            return self.clock.now if self._wakeups[fileno].is_set() else float("inf")
        return next(link.next_step() for link in self.links if link.fileno() == fileno)

    def waiter(self) -> Waiter:
        return _FakeWaiter(self)

    def wakeup(self) -> Wakeup:
        wakeup = _FakeWakeup(next(self._numbers))
        self._wakeups[wakeup.fileno()] = wakeup
        return wakeup

    def close(self) -> None:
        """Nothing is kept beside the links."""


# -- faults by name --

NOT_INLINE: Mapping[Fault, str] = {
    Fault.FORGET: "the exchange keeps what it carries, and lists it",
    **dict.fromkeys((Fault.STALE_SNAPSHOT, Fault.REST_LATE), "REST has no part in a transport"),
    **dict.fromkeys(
        (Fault.REPLY_NEVER, Fault.REPLY_LATE, Fault.REPLY_ERROR), "the exchange answers requests, in its own words"
    ),
    **dict.fromkeys(
        (
            Fault.LISTEN_KEY_EXPIRED,
            Fault.LISTEN_KEY_ROTATED,
            Fault.CREDENTIAL_REFUSED,
            Fault.TOKEN_EXPIRED,
            Fault.STREAM_TERMINATED,
        ),
        "credentials are the exchange's affair, which has no part in a transport",
    ),
}
"""Faults that :func:`script_for` cannot make, with the reason."""


class Speech:
    """How the server of a script writes what depends on the exchange. Overridden where a fault needs it."""

    def acknowledged(self, request: bytes) -> bytes | None:
        """The answer to a message of the client; ``None`` for none."""
        return None

    def refused(self, request: bytes, code: int, msg: str) -> bytes:
        """The answer that refuses one."""
        raise ValueError("ack_error needs a Speech with refused()")

    def shutdown(self) -> bytes:
        """The notice before a planned end."""
        raise ValueError("server_shutdown needs a Speech with shutdown()")

    def unknown_event(self) -> bytes:
        """A message that no document knows."""
        return b'{"e": "neverHeardOf", "zz": [1, {"y": null}]}'

    def without(self, message: bytes, field: str | None) -> bytes:
        """A message without a field: the named one, or its last."""
        document = json.loads(message)
        document.pop(field if field is not None else list(document)[-1], None)
        return json.dumps(document).encode()


def script_for(
    fault: Fault | str, messages: Sequence[str | bytes] = (), *, speech: Speech | None = None, **params: Any
) -> Script | Refuse:
    """What one connect attempt meets when it meets a fault once; the same faults as on the embedded exchange.

    Args:
        fault: what goes wrong, or its name.
        messages: what the server sends. Faults of messages strike the first, faults of the link come after the last.
        speech: how the server writes acknowledgements, refusals and notices.
        params: the fault's own, as :data:`~binance_sockets.faults.PARAMETERS` lists them.

    Raises:
        ValueError: unknown fault or parameter, one of :data:`NOT_INLINE`, or the speech lacks what it needs.
    """
    fault = named(fault)
    if fault in NOT_INLINE:
        raise ValueError(f"{fault.value} cannot be scripted: {NOT_INLINE[fault]}")
    given = parameters(fault, params)
    refusal = _refusal(fault, given)
    if refusal is not None:
        return refusal
    speech = speech or Speech()
    raw = [message.encode() if isinstance(message, str) else message for message in messages]
    late = given["delay"] if fault is Fault.SLOW_ACCEPT else 0.0
    return Script(_steps(fault, given, raw, speech), _reaction(fault, given, speech), late)


def _refusal(fault: Fault, given: Mapping[str, Any]) -> Refuse | None:
    """Faults that let no link open."""
    if fault is Fault.REFUSE:
        return Refuse(ConnectError("script", "connection refused"))
    if fault is Fault.TLS_FAILURE:
        return Refuse(ConnectError("script", f"TLS handshake failed: {given['mode']}"))
    if fault is Fault.GARBAGE_HANDSHAKE:
        return Refuse(ConnectError("script", "the answer is not HTTP"))
    if fault is Fault.DRIP:
        return Refuse(ConnectError("script", "the answer never ends"), after=float("inf"))
    if fault is Fault.HTTP_STATUS:
        headers = {} if given["location"] is None else {"location": str(given["location"])}
        body = str(given["body"]).encode()
        return Refuse(HandshakeRejected("script", given["status"], headers, body, given["retry_after"]))
    return None


def _steps(fault: Fault, given: Mapping[str, Any], raw: list[bytes], speech: Speech) -> list[Send | Drop]:
    first, rest = raw[:1], raw[1:]
    good: list[Send | Drop] = [text(message) for message in raw]
    others: list[Send | Drop] = [text(message) for message in rest]
    if fault is Fault.CLOSE:
        code = given["code"]
        payload = b"" if code is None else code.to_bytes(2, "big") + given["reason"].encode()
        return [*good, Send(frame(frames.CLOSE, payload), given["delay"]), Drop()]
    if fault is Fault.RESET:
        return [*good, Drop(ConnectionResetError("reset by the script"), given["delay"])]
    if fault in (Fault.EOF, Fault.MAX_AGE):
        return [*good, Drop(after=given["delay"])]
    if fault is Fault.SERVER_SHUTDOWN:
        notice: list[Send | Drop] = [Send(text(speech.shutdown()).data, given["delay"])]
        end = [] if given["close_after"] is None else [Drop(after=given["close_after"])]
        return [*good, *notice, *end]
    if fault is Fault.CUT:
        whole = b"".join(text(message).data for message in first)
        return [Send(whole[: len(whole) // 2 + 1]), Drop()]
    if fault is Fault.FRAGMENT:
        return [*(Send(_in_pieces(message, given["frames"])) for message in first), *others]
    rubbish: dict[Fault, Callable[[], bytes]] = {
        Fault.INVALID_JSON: lambda: b"".join(first)[: max(1, len(b"".join(first)) * 2 // 3)] or b"{",
        Fault.INVALID_UTF8: lambda: b'{"e":"\xc3\x28\xff"}',
        Fault.UNKNOWN_EVENT: speech.unknown_event,
        Fault.OVERSIZE: lambda: b'{"x":"' + b"x" * int(given["size"]) + b'"}',
    }
    if fault in rubbish:
        return [text(rubbish[fault]()), *good]
    if fault is Fault.MISSING_FIELD:
        return [*(text(speech.without(message, given["field"])) for message in first), *others]
    if fault is Fault.OUT_OF_ORDER:
        return [*others[:1], *good[:1], *others[1:]]
    if fault is Fault.DUPLICATE:
        return [*good[:1], *good]
    return others if fault is Fault.HOLE else good  # the rest strikes elsewhere: silence, answers, a late accept


def _reaction(fault: Fault, given: Mapping[str, Any], speech: Speech) -> Reaction:
    def react(opcode: int, payload: bytes) -> list[Send | Drop]:
        if fault is Fault.SILENCE:
            return []
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode == frames.PING:
            return [Send(frame(frames.PONG, payload))]
        if opcode != frames.TEXT or fault is Fault.ACK_NEVER:
            return []
        if fault is Fault.ACK_ERROR:
            return [text(speech.refused(payload, given["code"], given["msg"]))]
        answer = speech.acknowledged(payload)
        return [] if answer is None else [text(answer)]

    return react


def _in_pieces(message: bytes, count: int) -> bytes:
    """One message as several frames, with pings between."""
    size = max(1, -(-len(message) // max(2, count)))
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    sent = b""
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        sent += frame(frames.CONTINUATION if number else frames.TEXT, piece, fin=last)
        sent += b"" if last else frame(frames.PING, b"between")
    return sent
