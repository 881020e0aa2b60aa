"""From messages to the user's callback: decoded once, counted, timed, guarded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any

from ..errors import CallbackError, DecodeError, ProtocolError, one_line
from ..exchange import Ack, Decode, Exchange, Group, Misfits, Notice, Several
from .clock import Clock
from .delivery import Delivery, Stage
from .gate import Gate
from .websocket import WebSocket

__all__ = ["Handler", "Router", "StreamStats"]

log = logging.getLogger("binance_sockets.callback")

NOT_WANTED: Any = object()
_SLOW = 1.0  # seconds after which a callback is worth a warning
_LONG = 0.001  # seconds of a callback behind which it is asked whether the batch takes too long; a batch has thousands
_EXCERPT = 200


class StreamStats:
    """Counters of one stream. Written by the connection's thread only.

    Its last message is kept as it came: the payload belongs to the callback, which may have changed it since.

    Args:
        read: the payload of a message that is kept.
    """

    __slots__ = ("first", "kept", "last", "messages", "read")

    def __init__(self, read: Callable[[bytes], Any] = bytes) -> None:
        self.messages = 0
        self.last = float("-inf")
        """When its last message arrived (monotonic seconds)."""
        self.kept: Any = None
        """Its last message; a payload that did not come alone is kept itself, or a copy."""
        self.read = read
        self.first: Any = NOT_WANTED
        """The payload of the first message since this was set to ``None``."""

    @property
    def payload(self) -> Any:
        """Of its last message, for those who ask where that stood; ``None`` if there is none. Any thread."""
        kept = self.kept
        if not isinstance(kept, bytes):
            return kept
        try:
            return self.read(kept)
        except Exception:  # it was taken once, but alone it tells nothing
            return None

    @payload.setter
    def payload(self, payload: Any) -> None:
        self.kept = _own(payload)

    @property
    def came(self) -> bool:
        """A message has arrived, whether it was delivered or waits."""
        return self.last > float("-inf")


class Handler:
    """The user's callback of one connection, guarded: it cannot end the stream.

    Args:
        callback: called with exactly one argument, on the connection's thread.
        report: takes each CallbackError.
        stop: asks for the end of the connection.
        gate: what each call waits for; ``None`` (default) for nothing.
    """

    __slots__ = (
        "_entry", "_report", "_reported", "_stop", "callback", "entry", "errors", "name", "on_slow", "slowest",
        "stopping", "taps", "waited",
    )  # fmt: skip

    def __init__(
        self,
        callback: Callable[[Any], object],
        report: Callable[[CallbackError], None],
        stop: Callable[[], None],
        gate: Gate | None = None,
    ) -> None:
        self.callback = callback
        """As it was given: what keeps an order book or reconciles is known by it."""
        self.entry = self._entry = callback if gate is None else gate.through(callback, self)
        """What is called: it waits for its turn where there is a gate."""
        self.taps: tuple[Callable[[Any], object], ...] = ()
        """What else gets each payload, before the callback: quick functions that raise nothing."""
        self.name = getattr(callback, "__qualname__", None) or repr(callback)
        self._report = report
        self._stop = stop
        self._reported: set[tuple[type[BaseException], object]] = set()
        self.errors = 0
        self.slowest = 0.0
        self.stopping = False
        """No callback begins once this is set. Any thread may set it."""
        self.waited = 0.0
        """Seconds for which the last call waited at the gate."""
        self.on_slow: Callable[[], None] | None = None
        """Called between two messages of a batch where the first one needed long. On the connection's thread."""

    def tap(self, taps: Iterable[Callable[[Any], object]]) -> None:
        """Have these get each payload, too, from the next batch on. One thread at a time."""
        self.taps, callback = tuple(taps), self._entry
        chosen = self.taps

        def entry(payload: Any) -> object:
            for tap in chosen:
                tap(payload)
            return callback(payload)

        self.entry = entry if chosen else callback

    def call(self, payload: Any, stream: str = "") -> None:
        """Call back once, outside the hot path."""
        try:
            self.entry(payload)
        except BaseException as exc:
            self.failed(exc, stream, payload)

    def failed(self, exc: BaseException, stream: str, payload: object) -> None:
        """The callback raised ``exc``: log it with its traceback the first time, count and report it always."""
        if not isinstance(exc, Exception):  # KeyboardInterrupt, SystemExit: a request to stop, not a failure
            log.warning("callback %s raised %s: stopping its socket", self.name, type(exc).__name__)
            self._stop()
            return
        self.errors += 1
        error = CallbackError(self.name, stream)
        error.__cause__ = exc
        place = exc.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        key = (type(exc), place and (place.tb_frame.f_code, place.tb_lineno))
        if key not in self._reported and len(self._reported) < 100:
            self._reported.add(key)
            log.error("%s; the stream goes on, repeats are only counted%s", error, _hint(exc, payload), exc_info=exc)
        self._report(error)

    def took(self, seconds: float, stream: str) -> None:
        """A callback, and its wait for its turn, needed longer than any before it, for a message of ``stream``."""
        seconds -= self.waited
        if seconds <= self.slowest:
            return
        if seconds > _SLOW > self.slowest:
            log.warning(
                "callback %s took %.1f s for a message of %s; messages wait meanwhile (see Buffered)",
                self.name,
                seconds,
                one_line(stream),
            )
        self.slowest = seconds


class Router:
    """Delivers the messages of one group of streams. Runs on the connection's thread.

    Args:
        exchange: decodes.
        group: whose messages these are.
        handler: the guarded callback.
        clock: times callbacks.
        control: takes acks and notices, with the WebSocket that brought them.
        report: takes each DecodeError.
        misfits: told by the decoder of what its view cannot express.
        private: the messages are an account's: they are not quoted in errors, and whose one is may be known from others
            alone, so that it is not read again.
    """

    def __init__(
        self,
        exchange: Exchange,
        group: Group,
        handler: Handler,
        clock: Clock,
        control: Callable[[WebSocket, Ack | Notice], None],
        report: Callable[[DecodeError], None],
        misfits: Misfits,
        private: bool = False,
    ) -> None:
        self._exchange = exchange
        self._private = private
        self._excerpt = 0 if private else _EXCERPT
        self._misfits = misfits
        self._group = group
        self._handler = handler
        self._clock = clock
        self._control = control
        self._report = report
        self._given_up: set[str] = set()  # streams that were wanted once
        self._strangers: set[str] = set()
        self._reader: Decode | None = None
        self.stats = {stream.name: StreamStats(self._read) for stream in group.streams}
        self.delivery = Delivery()
        """What every message passes on its way to the callback; nothing as a rule."""
        self.decode_errors = 0
        self._counted = (0, self.stats)  # messages of streams that are not carried any more, and those that are

    @property
    def messages(self) -> int:
        """All that it has delivered. Any thread."""
        gone, carried = self._counted  # in one look, so that the sum never runs backwards
        return gone + sum(stats.messages for stats in carried.values())

    @property
    def stopping(self) -> bool:
        """A stop is asked for: nothing is delivered any more. Any thread."""
        return self._handler.stopping

    def last(self, stream: str) -> Any:
        """The payload of a stream that was delivered last, or one before it; ``None`` if there is none."""
        found = self.stats.get(stream)
        return None if found is None else found.payload

    def change(self, group: Group) -> None:
        """From now on the link carries ``group``. Counters of streams that stay go on; decoders are made anew."""
        self._group = group
        names = {stream.name for stream in group.streams}
        gone = self._counted[0] + sum(stats.messages for name, stats in self.stats.items() if name not in names)
        before = self.stats.keys()
        self._reader = None
        self.stats = {stream.name: self.stats.get(stream.name) or StreamStats(self._read) for stream in group.streams}
        self._given_up = (self._given_up | before) - self.stats.keys()
        self._counted = (gone, self.stats)

    def adopt(self, other: Router, names: Iterable[str]) -> None:
        """The streams of another link are this one's from now on, with what is known of them."""
        names, known = dict.fromkeys(names), other.stats
        other.stats = {name: stats for name, stats in known.items() if name not in names}  # others may be looking
        other._counted = (other._counted[0], other.stats)
        for name in names:
            theirs, mine = known[name], self.stats[name]
            theirs.read = self._read
            theirs.messages += mine.messages
            theirs.last = max(theirs.last, mine.last)
            self.stats[name] = theirs

    def deliver(self, socket: WebSocket, messages: Sequence[memoryview | bytes], now: float) -> None:
        """Call back with every message, in order, until a stop is asked for."""
        latest: dict[StreamStats, memoryview | bytes] = {}
        try:
            self._deliver(socket, messages, now, latest)
        finally:
            _keep(latest)

    def _deliver(
        self,
        socket: WebSocket,
        messages: Sequence[memoryview | bytes],
        now: float,
        latest: dict[StreamStats, memoryview | bytes],
    ) -> None:
        decode, stats, handler, stopwatch = self.decoder(socket), self.stats, self._handler, self._clock.stopwatch
        callback, stage, private = handler.entry, self._stage(socket), self._private
        longest, overlap = min(handler.slowest, _LONG), self.delivery.overlap
        current: str | None = None
        before = stopwatch()
        for message in messages:
            if handler.stopping:
                return
            try:
                name, payload = decode(message)
                # Counters are looked up once per run of messages of a stream, and by identity: decoders give the same
                # string for the same stream, and a comparison would cost on every message.
                if name is not current:
                    stream = stats[name]
                    stream.last = now
                    current = name
                    if stream.first is None and stage is None:
                        stream.first = _own(payload)
            except Exception as exc:
                if self._exchange.checks_text and isinstance(message, memoryview) and not _is_utf8(message):
                    socket.refuse(ProtocolError(1007, "text is not UTF-8"))
                    return  # nothing behind it is delivered
                _keep(latest)
                self._other(socket, bytes(message), exc)
                decode = self.decoder(socket)  # an answer may have changed what the next ones come by, and pass:
                if self.delivery.overlap is overlap:  # else it was let go: what it brings further is for nobody
                    stage = self._stage(socket)
                current = None  # and a loss may have begun, of which the next message is the first behind it
                before = stopwatch()
                continue
            if stage is not None:
                if not stage(socket, name, payload):
                    continue
                if stream.first is None:
                    stream.first = _own(payload)
            stream.messages += 1
            if private:
                stream.payload = payload
            else:
                latest[stream] = message
            try:
                callback(payload)
            except BaseException as exc:
                handler.failed(exc, name, payload)
            after = stopwatch()
            # The time until here is the decoder's and the callback's; one reading of the clock serves as the end of
            # this message and the begin of the next.
            if after - before > longest:
                handler.took(after - before, name)
                longest = min(handler.slowest, _LONG)
                if after - before > _LONG and handler.on_slow is not None and message is not messages[-1]:
                    handler.on_slow()
                    after = stopwatch()
            before = after

    def _stage(self, socket: WebSocket) -> Stage | None:
        """What the messages of ``socket`` pass now."""
        stage, ending = self.delivery.stage, socket.subscriptions.ending
        if not ending:
            return stage
        return lambda source, name, payload: name not in ending and (stage is None or stage(source, name, payload))

    def decoder(self, socket: WebSocket) -> Decode:
        """The decoder of one WebSocket, made at the first call."""
        if socket.decode is None:
            socket.decode = self._exchange.decoder(self._group, self._misfits, socket.subscriptions.notes)
        return socket.decode

    def _read(self, message: bytes) -> Any:
        """The payload of a message that was kept. Any thread."""
        reader = self._reader
        if reader is None:
            reader = self._reader = self._exchange.decoder(self._group, Misfits())
        return reader(memoryview(message))[1]

    def release(self, held: Iterable[tuple[str, Any]]) -> None:
        """Deliver what a stage held back: ``(stream, payload)``, in order, until a stop is asked for."""
        handler, stopwatch = self._handler, self._clock.stopwatch
        held = list(held)
        ends = {name: number for number, (name, _) in enumerate(held)}  # the last of each stream is kept
        for number, (name, payload) in enumerate(held):
            if handler.stopping:
                return
            if name in self._given_up:
                continue
            stream = self.stats.get(name)  # ``None`` if nobody has asked for it
            if stream is not None:
                stream.messages += 1
                if number == ends[name]:
                    stream.payload = payload
                if stream.first is None:
                    stream.first = _own(payload)
            before = stopwatch()
            handler.call(payload, name)
            if (took := stopwatch() - before) > handler.slowest:
                handler.took(took, name)
            if took > _LONG and handler.on_slow is not None and number + 1 < len(held):
                handler.on_slow()

    def _other(self, socket: WebSocket, message: bytes, cause: Exception) -> None:
        """A message that is not data of a stream of this group, or the data of several."""
        if isinstance(cause, Several):
            self._each(socket, cause.found)
            return
        control = self._exchange.control(message)
        if control is not None:
            self._control(socket, control)
            return
        try:
            name, payload = self.decoder(socket)(memoryview(message))
        except Exception:
            error = DecodeError(f"a message could not be decoded ({_why(cause)})", message[: self._excerpt])
            error.__cause__ = cause
            self._failed(error)
            return
        self._stranger(socket, name, payload, message)

    def _each(self, socket: WebSocket, found: Iterable[tuple[str, Any]]) -> None:
        """What one message has brought, piece by piece."""
        now = self._clock.monotonic()
        for name, payload in found:
            stream = self.stats.get(name)
            if stream is None:
                self._stranger(socket, name, payload, b"")
                continue
            stream.last = now
            stage = self._stage(socket)
            if stage is None or stage(socket, name, payload):
                self.release([(name, payload)])

    def _stranger(self, socket: WebSocket, name: str, payload: Any, message: bytes) -> None:
        """Data of a stream that this link does not carry."""
        if socket.subscriptions.leaving(name):
            return  # it was on its way when it was given up
        if name not in self._strangers and len(self._strangers) < 100:
            self._strangers.add(name)
            self._failed(DecodeError(f"data of {name}, which was not asked for; delivered", message[: self._excerpt]))
        stage = self.delivery.stage
        if stage is None or stage(socket, name, payload):
            self._handler.call(payload, name)

    def _failed(self, error: DecodeError) -> None:
        self.decode_errors += 1
        self._report(error)


def _keep(latest: dict[StreamStats, memoryview | bytes]) -> None:
    """Keep the last message of each stream: what they are views of is about to be written again."""
    for stream, message in latest.items():
        stream.kept = bytes(message)
    latest.clear()


def _own(payload: Any) -> Any:
    """A payload that no callback changes: events and bytes cannot be changed."""
    if not isinstance(payload, (dict, list)):
        return payload
    try:
        return deepcopy(payload)
    except RecursionError:  # deeper than any message of an exchange, though it could be decoded
        return payload


def _hint(exc: BaseException, payload: object) -> str:
    """What to know about the shape of ``payload``, where the callback fell over that and over nothing else."""
    if isinstance(exc, TypeError) and isinstance(payload, list) and str(exc).startswith("list indices"):
        return " (this message is a list)"
    key = exc.args[0] if isinstance(exc, KeyError) and exc.args else None
    if not isinstance(key, str) or not isinstance(payload, dict) or key in payload or key in payload.values():
        return ""  # not of the message: a look-up of something else, perhaps by what the message says
    where = next((name for name, inner in payload.items() if isinstance(inner, dict) and key in inner), None)
    if where is not None:
        return one_line(f" ({key!r} of this message is inside its {where!r})")
    return one_line(f" (this message has no {key!r}; it has {', '.join(map(str, payload)) or 'nothing'})", _EXCERPT)


def _why(cause: Exception) -> str:
    """Why a message could not be decoded, also where a look-up failed, whose own text is the bare key."""
    return f"it has no {cause}" if isinstance(cause, KeyError) else str(cause)


def _is_utf8(text: memoryview) -> bool:
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
