"""The contract between the engine and an exchange.

The engine knows links, threads, frames and states. Everything it must ask about a particular exchange is a method of
:class:`Exchange`. One object is made per connection (per conn_key), so it may carry what that connection was started
with: product, wrapped or raw payloads, the view of a message. All methods are pure, fast and called on the
connection's thread, with exceptions that may block: :meth:`Exchange.connect_request` and :meth:`Credential.obtain` run
where the connect itself does (a dial thread, or the connection's own while it has nothing to read),
:meth:`Credential.renew`, :meth:`Exchange.explain_silence` and :meth:`Past.page` on the manager's job thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol

from .errors import BinanceSocketsError

__all__ = [
    "Ack",
    "ConnectLimits",
    "ConnectRequest",
    "Continuity",
    "ControlFrame",
    "Credential",
    "Decode",
    "Effect",
    "Exchange",
    "Group",
    "Keepalive",
    "Lease",
    "Misfits",
    "Notice",
    "NoticeKind",
    "Page",
    "Past",
    "Place",
    "Position",
    "Rate",
    "Several",
    "Since",
    "Stream",
    "View",
]


class View(str, Enum):
    """How a callback sees a message.

    In every view the last payload of a connection that gives up is the dict ``{"e": "error", "m": ...}``. Where other
    messages are no dicts, test ``isinstance(message, dict)`` first.
    """

    #: dict or list, as decoded from JSON
    DICT = "dict"
    #: an event of the exchange's ``models``; what fits none comes as DICT
    TYPED = "typed"
    #: an event of :mod:`binance_sockets.unified`, the same for every exchange; what fits none comes as DICT
    UNIFIED = "unified"
    #: the message's bytes, wrapper included
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a connection.

    Args:
        name: its name on the wire, as data messages carry it.
        first_message: seconds within which it should send a first message; ``None`` where silence is normal.
        route: which of the exchange's endpoints serves it; empty where there is one. The engine does not look at it.
    """

    name: str
    first_message: float | None = None
    route: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The streams that share one link.

    Args:
        streams: at most as many as the exchange allows per connection.
        endpoint: where they live; opaque to the engine.
        copy: number among the links that carry the same streams; 0 for the first, and as a rule the only one.
    """

    streams: tuple[Stream, ...]
    endpoint: Any = None
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Keepalive:
    """How an exchange shows that a link is alive.

    Args:
        stale_after: seconds without any frame after which the link counts as dead.
        ping_after: seconds without any frame after which the client pings; ``None`` where the server pings often.
        max_age: seconds after which the exchange cuts a link anyway; ``None`` where it does not.
    """

    stale_after: float
    ping_after: float | None = None
    max_age: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit of the exchange on what a client does: at most ``count`` times in ``seconds``.

    Of what it sends over one WebSocket control frames, pings and pongs count.
    """

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ConnectLimits:
    """What the exchange allows an address in attempts to connect, and where it counts them.

    Args:
        venue: host, and port if the URL has one, that stands for all that the exchange counts together, REST included.
        rates: at most so many attempts in such a time; empty where it does not say.
    """

    venue: str
    rates: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """One connect attempt, made anew for every attempt (credentials may have changed).

    Args:
        url: ``ws://`` or ``wss://``.
        headers: extra request headers.
        origin: value of the ``Origin`` header; ``None`` sends none.
        confirmed: names that the URL itself subscribes, so that no control frame is needed for them.
        turn: of the addresses of the host, in an order of their own, the one to begin with, counted round and round;
            ``None`` begins with what the system tells first.
    """

    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    origin: str | None = None
    confirmed: frozenset[str] = field(default=frozenset(), repr=False)
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class ControlFrame:
    """One outgoing control message.

    Args:
        payload: the text to send.
        streams: names it asks for.
        request_id: id that its answer carries; ``None`` where the exchange sends no answers. Then what it says it
            carries, asked behind the frame, is one, where it tells that (:meth:`Exchange.listing`); else none is
            waited for.
        removed: names it asks to end.
        note: what the exchange wants to know of it when it reads what comes (:meth:`Exchange.decoder`); ``None`` for
            nothing. The engine does not look at it.
    """

    payload: bytes = field(repr=False)
    streams: tuple[str, ...] = field(default=(), repr=False)
    request_id: int | None = None
    removed: tuple[str, ...] = field(default=(), repr=False)
    note: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to a control frame or a request.

    Args:
        request_id: the id that the answer carries, if any.
        error: ``(code, message)`` when it was refused. Without an id it is about the last frame of subscriptions where
            those have none. Neither id nor error: a message that asks for nothing.
        result: what it brings besides.
        passing: the refusal may be over in a while, as one for too many requests: the same is asked for again then.
    """

    request_id: int | None
    error: tuple[int | None, str] | None = None
    result: Any = None
    passing: bool = field(default=False, kw_only=True)

    @property
    def ban(self) -> tuple[int, float]:
        """The HTTP status with which the exchange asks to be left alone, and for how many seconds; 0 where it does not.

        It holds for all of this process, for calls and connects alike.
        """
        return 0, 0.0


class NoticeKind(Enum):
    """What the server announces about the link itself."""

    #: the server is about to end the link
    SERVER_SHUTDOWN = "server_shutdown"
    #: the credential has ended: a listen key expired, a subscription was terminated, a key was revoked
    CREDENTIAL = "credential"


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement of the server that asks for a new link."""

    kind: NoticeKind
    detail: str = ""


class Effect(Enum):
    """What a renewed credential asks of the WebSocket that is open."""

    #: nothing: it is the same one, and lives longer
    KEPT = "kept"
    #: to ask for all streams again: the subscription goes on with the new one
    RESENT = "resent"
    #: to be left: only the next WebSocket can use the new one
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Lease:
    """For how long a credential is good.

    Args:
        renew_after: seconds from now after which it should be renewed, well before half of its life; the engine
            shortens it by a random share. ``None`` where it needs no renewal.
        life: seconds from now after which it is worth nothing unless it was renewed; ``None`` for ever.
        effect: what it asks of the open WebSocket; of a renewal only.
        name: which one it is, by something that is no secret: a WebSocket that was opened with another one is dead.
            ``None`` where the exchange does not tell them apart.
    """

    renew_after: float | None = None
    life: float | None = None
    effect: Effect = Effect.KEPT
    name: object = None


class Credential(Protocol):
    """What lets one link see private data. Outlives its WebSockets, whose requests and frames are made with it.

    Errors are :class:`~binance_sockets.errors.CredentialError`; any other exception counts as one that says no more
    than its class. No text that they carry may hold a secret.
    """

    proves_url: bool
    """A handshake proves nothing, as the exchange accepts any URL: the link counts as open once a first message came,
    or once the credential was renewed while the WebSocket was open, which is done at once."""

    def obtain(self) -> Lease:
        """Have a good one for the next attempt to connect. Called before each; may block as long as a connect."""

    def renew(self) -> Lease:
        """Let it live longer, or have another one. On the manager's job thread; blocks some seconds at most.

        It may run while another thread calls :meth:`obtain`.
        """

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        """The error that ends a WebSocket on which the exchange has refused it: a permanent one is not tried again."""

    def release(self) -> None:
        """The connection is over. Called once, on its thread; may block some seconds."""


_MOST_REPORTS = 2048  # twice the streams of a link, so that a peer cannot fill the memory with names
_MOST_FIELDS = 20  # of one stream: what an exchange adds is one or two
_QUOTED = re.compile(r"'.*?'")


class Misfits:
    """What the typed view of one connection could not express. Used by the connection's thread alone.

    A decoder tells of what it meets; each stream and reason goes to the listener once.

    Args:
        listener: called with the name of the stream and one sentence, while a message is being decoded; ``None``
            (default) for nobody.

    Attributes:
        count: payloads, or elements of one, that came as in the dict view. Any thread may read it.
        new_fields: fields, by stream, that no event declares. Replaced, never changed: any thread may read it.
    """

    def __init__(self, listener: Callable[[str, str], object] | None = None) -> None:
        self._listener = listener
        self._said: set[tuple[str, str]] = set()
        self.count = 0
        self.new_fields: Mapping[str, tuple[str, ...]] = {}

    def untyped(self, stream: str, reason: str) -> None:
        """A payload of ``stream``, or an element of one, fits no event and is delivered as in the dict view."""
        self.count += 1
        key = (stream, _QUOTED.sub("", reason))  # not once per value that the peer makes up
        if key not in self._said and len(self._said) < _MOST_REPORTS:
            self._said.add(key)
            self._tell(stream, f"no typed event ({reason}); delivered as in the dict view")

    def added(self, stream: str, fields: Sequence[str]) -> None:
        """``stream`` sends ``fields`` that its events do not declare; those not yet said are."""
        known = self.new_fields.get(stream, ())
        fresh = tuple(field for field in fields if field not in known)[:_MOST_FIELDS]
        if fresh and len(known) < _MOST_FIELDS and len(self.new_fields) < _MOST_REPORTS:
            self.new_fields = {**self.new_fields, stream: known + fresh}
            listed = ", ".join(field[:40] for field in fresh)
            self._tell(stream, f"new fields that the typed events do not declare: {listed}; they are in their extra")

    def _tell(self, stream: str, text: str) -> None:
        if self._listener is not None:
            self._listener(stream, text)


class Position(NamedTuple):
    """Where a message stands in its stream.

    Args:
        order: never falls from one message to the next: an id, or a time; ``None`` where nothing does.
        content: tells messages of one ``order`` apart; ``None`` where the order alone does.
        progress: never falls among messages of one ``order``: how far a candle has come.
    """

    order: int | None
    content: Hashable = None
    progress: int = 0


@dataclass(frozen=True, slots=True)
class Continuity:
    """How the messages of one stream follow each other, so that copies and gaps are known.

    Args:
        position: reads the position of a payload in the connection's view; what it raises means "no such position".
        ids: whether the order is an id by which messages can be named, and asked for.
        snapshots: whether each WebSocket may begin with what was there, which is wanted though it was brought before.
    """

    position: Callable[[Any], Position]
    ids: bool = False
    snapshots: bool = False


class Place(NamedTuple):
    """Where a message stands among those that can be asked for again. Places compare as the messages follow.

    Args:
        order: an id, or the open time of a candle.
        progress: among messages of one order: how far a candle has come.
    """

    order: int
    progress: int = 0


@dataclass(frozen=True, slots=True)
class Since:
    """How much of the past of a stream is wanted; one of the two is set.

    Args:
        count: that many of the latest messages.
        time: all from this moment on; wall clock, seconds since the epoch.
    """

    count: int | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a stream's past.

    Args:
        payloads: in order, in the connection's view, each marked as one that did not come over the stream.
        last: whether the exchange had nothing behind them when it was asked.
    """

    payloads: Sequence[Any]
    last: bool


class Past(Protocol):
    """What one stream has sent before, as the exchange tells it when asked.

    Attributes:
        fills: whether what was lost with a link is to be asked for.
        since: how much is to come before the first message of the stream; ``None`` for nothing.
        numbered: each order follows the one before by one, so that a hole in what the exchange tells is a loss.
        rises: no live message stands before one that came earlier; else its order still says which one it is.
    """

    @property
    def fills(self) -> bool: ...

    @property
    def since(self) -> Since | None: ...

    @property
    def numbered(self) -> bool: ...

    @property
    def rises(self) -> bool: ...

    def place(self, payload: Any) -> Place:
        """Where a payload of the stream or of a page stands. What it raises means that it stands nowhere."""

    def joins(self, before: Place, after: Place) -> bool:
        """Whether surely nothing is missing between two messages of which the second stands behind the first."""

    def repeats(self, payload: Any) -> bool:
        """Whether a live payload only tells what was there before, so that it fills no hole."""

    def pause(self) -> float:
        """Seconds to wait before the next page, so that the exchange's limits are kept. Any thread."""

    def leave(self) -> None:
        """No page is wanted any more: nobody is to wait behind one that :meth:`pause` has put off. Any thread."""

    def page(self, after: Place | None) -> Page:
        """The next part of what stands behind ``after``; with ``None`` the first one of :attr:`since`.

        What is not final yet is told again. On the manager's job thread; blocks some seconds at most. It raises any
        exception where the exchange does not tell.
        """


class Several(Exception):
    """Raised by a decoder: a message holds the data of several streams, or several of one.

    Args:
        found: ``(stream name, payload)`` of each, in order.
    """

    def __init__(self, found: Sequence[tuple[str, Any]]) -> None:
        super().__init__(f"a message of {len(found)}")
        self.found = found


Decode = Callable[[Any], "tuple[str, Any]"]
"""``decode(message) -> (stream name, payload)``.

``message`` is a memoryview of a text message or the bytes of a binary one; a view is only valid during the call.
It raises for everything that is not data of a known stream (any exception); the engine then asks ``control``.
:class:`Several` holds what one message has brought of more than one.
"""


class Exchange(Protocol):
    """What the engine asks about an exchange, for one connection."""

    checks_text: bool
    """``decoder`` refuses text that is not UTF-8, so that the engine need not look at every message twice."""

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        """Spread streams over links: by endpoint and by the exchange's limit per link. Keeps their order.

        Where redundancy is asked for, each group comes as often as it shall be carried, its ``copy`` counting from 0.
        """

    def keepalive(self, group: Group) -> Keepalive:
        """The liveness rules of this group's endpoint."""

    def limits(self, group: Group) -> Sequence[Rate]:
        """What the exchange allows a client to send on this group's link, the shortest period first."""

    def connect_limits(self, group: Group) -> ConnectLimits:
        """How often this group's endpoint may be connected to, by all of the process together."""

    def connect_request(self, group: Group) -> ConnectRequest:
        """The request for the next attempt to open this group's link. Called on EVERY attempt; may block."""

    def credential(self, group: Group) -> Credential | None:
        """What this group's link proves itself with; ``None`` for public data. Called once for each link."""

    def credential_frames(self, group: Group, next_id: Callable[[], int]) -> Sequence[ControlFrame]:
        """Frames that log in on an open WebSocket. All must be answered before any stream is asked for."""

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        """Frames that bring an open WebSocket to carry ``wanted``; at least one, as there is a difference.

        None only where the URL asked for ``added`` and their credential ``proves_url``.

        Args:
            group: the link's streams.
            wanted: all names it shall carry then, for exchanges that take whole lists; without those that it was
                refused.
            added: those it does not carry yet, or that shall begin anew, in order.
            removed: names it carries and shall not any more.
            next_id: draws a request id.
        """

    def listing(self, group: Group, request_id: int) -> bytes | None:
        """The text that asks what the open WebSocket carries; ``None`` where the exchange does not tell.

        Its answer is an :class:`Ack` with this id, which :meth:`listed` reads.
        """

    def listed(self, group: Group, answer: Ack) -> frozenset[str] | None:
        """The names that an answer to :meth:`listing` tells, spelled as :class:`Stream` has them.

        ``None`` where it tells none that could be compared.
        """

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Decode:
        """The function that turns this group's data messages into ``(stream name, payload)``.

        Made for each WebSocket anew, and whenever its group or ``notes`` change; shown every message of it, answers to
        control frames among them: it may remember what it has seen. Of links without a credential another one reads the
        last message of a stream again, alone, when somebody asks where it stood.

        Args:
            group: the link's streams.
            misfits: the connection's; to be told of what the view that was asked for cannot express.
            notes: those of the control frames of this WebSocket by which its messages come: of the last one that was
                confirmed, and behind that of those that are under way; by which of them one comes nobody knows.
        """

    def control(self, message: bytes) -> Ack | Notice | None:
        """What a message is that ``decoder`` did not take; ``None`` when it is not a control message either."""

    def continuity(self, stream: Stream) -> Continuity | None:
        """How the messages of ``stream`` follow each other; ``None``: only equal content makes two of them copies.

        Asked when a link is changed or lost, never per message.
        """

    def moment(self, payload: Any) -> float | None:
        """When the exchange says that a payload of the connection's view happened: seconds since the epoch by its
        clock; ``None`` where it does not say. Asked for the last message of a stream when somebody looks; any thread.
        What it raises means ``None``.
        """

    def past(self, stream: Stream) -> Past | None:
        """What ``stream`` has sent before; ``None`` where nobody wants it, or the exchange does not tell.

        Asked once per stream and link, never per message.
        """

    def explain_silence(self, group: Group, name: str) -> str:
        """The likely cause, in one sentence, why the stream ``name`` has sent nothing although it is confirmed.

        May ask the exchange over REST. Runs on the manager's job thread; blocks at most a few seconds.
        """
