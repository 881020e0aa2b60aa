"""What listeners receive, what ``snapshot()`` returns, and the words it is said in. Exchange-neutral."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypedDict, TypeGuard, TypeVar

import msgspec

from ._html import html_table
from .errors import BinanceSocketsError, one_line

__all__ = [
    "BookSnapshot",
    "BudgetSnapshot",
    "ClockSnapshot",
    "ConnectionSnapshot",
    "CredentialChange",
    "CredentialSnapshot",
    "CredentialStep",
    "Departure",
    "ErrorReport",
    "Gap",
    "LinkSnapshot",
    "Reason",
    "Snapshot",
    "State",
    "StateChange",
    "StreamGap",
    "StreamSnapshot",
    "SymbolChange",
    "SymbolEvent",
    "WeightSnapshot",
    "is_error",
]


def is_error(message: object) -> TypeGuard[dict[str, str]]:
    """Whether a message is the last one of a connection that has given up, in any view and of any stream.

    It is the dict ``{"e": "error", "m": ...}`` also where other messages are events, bytes, lists or wrapped.

    Args:
        message: what a callback received.
    """
    return isinstance(message, dict) and message.get("e") == "error"


class State(Enum):
    """Where a link of a connection is, over all its reconnects."""

    #: made, not started
    IDLE = "idle"
    #: an attempt is under way
    CONNECTING = "connecting"
    #: frames may arrive
    OPEN = "open"
    #: waiting before the next attempt
    BACKOFF = "backoff"
    #: our close frame is out
    CLOSING = "closing"
    #: over
    CLOSED = "closed"


class Reason(Enum):
    """Why a link was left or given up."""

    #: a close frame of the server
    PEER_CLOSED = "peer_closed"
    #: refused, timed out, reset, end of stream, broken frames
    NETWORK = "network"
    #: silence beyond the limit, or no answer to a control frame
    STALE = "stale"
    #: older than the exchange allows
    MAX_AGE = "max_age"
    #: announced by the server
    SERVER_SHUTDOWN = "server_shutdown"
    #: the credential changed, ended or was refused
    CREDENTIAL = "credential"
    #: reading TLS waits for the GIL: the helper process does it from now on
    CONTENDED = "contended"
    #: asked for by ``manager.reconnect``
    REQUESTED = "requested"
    #: the handshake or the server's certificate was refused; of a gap: a stream was, though it was carried before
    REJECTED = "rejected"
    #: the user asked for the end, or the whole connection ends
    STOPPED = "stopped"
    #: of a gap alone: the exchange had dropped a subscription, by its own list
    FORGOTTEN = "forgotten"
    #: no attempt may begin yet: the limit on connects is used up, or the exchange has imposed a ban
    LIMITED = "limited"
    #: of a gap alone: the history that was asked for could not be had
    HISTORY = "history"


_Event = TypeVar("_Event", bound="_Report")


class _Report(msgspec.Struct, frozen=True):
    """What listeners receive. Its ``repr`` is one line, in which what looks like a listen key is hidden."""

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={one_line(repr(getattr(self, name)))}" for name in self.__struct_fields__)
        return f"{type(self).__name__}({values})"

    def _repr_html_(self) -> str:
        rows = [(name, one_line(repr(getattr(self, name)))) for name in self.__struct_fields__]
        return html_table((type(self).__name__, ""), rows)


def retold(event: _Event, **changes: Any) -> _Event:
    """The same event with other values in the fields that are given."""
    return msgspec.structs.replace(event, **changes)


class StateChange(_Report, frozen=True):
    """A link of a connection changed its state. For state listeners; called on the connection's thread.

    Args:
        conn_key: the connection.
        previous: state before.
        state: state now.
        reason: why, on every way into BACKOFF, CLOSING or CLOSED; else ``None``.
        error: the exception behind it, if any.
        attempt: failures in a row so far; they are forgotten once a link was open for ``Backoff.stable_after`` seconds.
            A planned change counts as one only where the link was open for less, a wait for ``Retry-After`` never.
        delay: seconds until the next attempt, in BACKOFF; ``None`` elsewhere, and where there is no next attempt.
        link: number of the link among the links of the connection, from 0.
        time: wall clock, seconds since the epoch.
    """

    conn_key: str
    previous: State
    state: State
    reason: Reason | None
    error: BaseException | None
    attempt: int
    delay: float | None
    link: int
    time: float


class StreamGap(_Report, frozen=True):
    """Which messages of one stream may be missing, where the exchange numbers them.

    Args:
        stream: its name.
        last_id: of the last message before. All up to it came: trade id, aggregate trade id, update id of a book, open
            time of a candle.
        first_id: of the first message after; ``None`` where none had come two seconds after the confirmation, or at
            the end of the socket, or when the stream was unsubscribed.
    """

    stream: str
    last_id: int
    first_id: int | None


class Gap(_Report, frozen=True):
    """Messages of ``streams`` may be missing. For gap listeners.

    Called when the new link is confirmed; where the exchange numbers messages, when each such stream has sent its first
    one since, but at most two seconds later. With ``backfill=True`` there is one per stream, and only for what could
    not be filled.

    Args:
        conn_key: the connection.
        streams: the streams of the link that was lost.
        last_received: up to then surely nothing is missing; wall clock, seconds since the epoch. A lower bound: a
            second or more before bytes last came and were all read, and before any silence of the network of which
            something may still have been kept back.
        resumed: when the new link was confirmed, or when the socket ended, or the streams were unsubscribed, before
            that; wall clock, seconds since the epoch.
        reason: why the link was lost.
        ids: the ids around the gap, of each stream that has some and had brought a message before.
        error: why it could not be filled; ``None`` where that was not asked for.
    """

    conn_key: str
    streams: tuple[str, ...]
    last_received: float
    resumed: float
    reason: Reason
    ids: tuple[StreamGap, ...] = ()
    error: BinanceSocketsError | None = None

    @property
    def duration(self) -> float:
        """Seconds between the last safe moment before and the confirmation after, sleep of the system included."""
        return self.resumed - self.last_received


class CredentialStep(Enum):
    """What became of the credential of a link."""

    #: a link is open with one that was obtained for it
    OBTAINED = "obtained"
    #: it lives longer; the link stays
    RENEWED = "renewed"
    #: it is another one now: the next link opens with it
    CHANGED = "changed"
    #: it could not be obtained or renewed; another attempt follows unless the connection gives up
    FAILED = "failed"
    #: the exchange ended it, or its life is over without a renewal: the next link opens with a new one
    ENDED = "ended"


class CredentialChange(_Report, frozen=True):
    """A listen key, listen token or session was obtained, renewed, or lost. For credential listeners; called on the
    connection's thread. It never carries the credential itself.

    Args:
        conn_key: the connection.
        step: what happened.
        error: the exception behind it, if any.
        renew_in: seconds until the next attempt to renew it; ``None`` where none is planned.
        link: number of the link among the links of the connection, from 0.
        time: wall clock, seconds since the epoch.
    """

    conn_key: str
    step: CredentialStep
    error: BaseException | None
    renew_in: float | None
    link: int
    time: float


class SymbolEvent(Enum):
    """What has become of a symbol; see :class:`SymbolChange`."""

    #: it is listed, and its streams have joined
    LISTED = "listed"
    #: it is no longer listed, or final, and its streams have left
    DELISTED = "delisted"
    #: it does not trade for now; its streams stay, and are silent
    HALTED = "halted"
    #: it trades again
    RESUMED = "resumed"


class SymbolChange(_Report, frozen=True):
    """A symbol that a pattern of a socket stands for has changed. For symbol listeners; not on a socket's thread.

    Args:
        conn_key: the socket.
        symbol: in upper case.
        event: what has happened.
        status: as the exchange says it; empty where it lists the symbol no more.
        time: wall clock, seconds since the epoch.
    """

    conn_key: str
    symbol: str
    event: SymbolEvent
    status: str
    time: float


class ErrorReport(_Report, frozen=True):
    """Something went wrong that a human should know. For error listeners; called on the connection's thread.

    Args:
        conn_key: the connection.
        error: what happened; its class tells the kind (see :mod:`binance_sockets.errors`).
        final: the connection has given up and is over.
        time: wall clock, seconds since the epoch.
    """

    conn_key: str
    error: BinanceSocketsError
    final: bool
    time: float


class StreamSnapshot(TypedDict):
    """One stream of a connection in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: how many came
    messages: int
    #: seconds since the last one; ``None`` until the first
    last_message_age: float | None
    #: the exchange has confirmed it on the open link
    confirmed: bool
    #: wall clock (seconds since the epoch) since which all that the exchange sends on it comes without a break;
    #: ``None`` before the first confirmation, and from a loss until it is confirmed again
    complete_since: float | None
    #: until when all that was sent since then is read, as a lower bound: about a second before something last came on
    #: its link; ``None`` where the other is
    complete_until: float | None
    #: seconds from the exchange's time in its last message until that arrived here, by this machine's clock (see
    #: ``clock``): a negative one tells that the clocks are apart; ``None`` where the message does not say
    delay: float | None
    #: typed view: fields that it sends and its events do not declare, nested ones with dots; see their ``extra``
    new_fields: list[str]


class CredentialSnapshot(TypedDict):
    """The credential of a link in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: how the open link has proved that private data reaches it: ``"message"``, ``"renewal"`` or ``"answer"`` (to the
    #: request that asked for it); ``None`` until it has
    proven: str | None
    #: how often one was obtained for a link
    obtained: int
    #: how often it was renewed
    renewed: int
    #: how often a renewal brought another one
    changed: int
    #: how often obtaining or renewing it failed
    failed: int
    #: how often the exchange ended it, or its life was over
    ended: int
    #: seconds until the next renewal; ``None`` where none is planned
    renew_in: float | None
    #: seconds until it is worth nothing unless renewed; ``None`` where it lives for ever or no link is open
    life: float | None


class Departure(TypedDict):
    """The end of one WebSocket of a link in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: wall clock, seconds since the epoch
    time: float
    #: value of the :class:`Reason` for which it was left
    reason: str
    #: text of the error behind it; empty where there is none
    error: str


class LinkSnapshot(TypedDict):
    """One link of a connection in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: value of its :class:`State`
    state: str
    #: how many it carries
    streams: int
    #: in a row so far; those before a link that is open count until it was open for ``Backoff.stable_after``
    failures: int
    #: wall clock (seconds since the epoch) from which its next attempt may begin, while a ban or the limit on connects
    #: holds it back; ``None`` as a rule
    waiting_until: float | None
    #: seconds since it opened; ``None`` while it is not open
    age: float | None
    #: seconds since its last frame; ``None`` while it is not open
    last_frame_age: float | None
    #: value of the :class:`Reason` for which the next one is being opened beside it; ``None`` as a rule
    replacing: str | None
    #: value of the :class:`Reason` for which the one before was left; ``None`` until then
    left: str | None
    #: the last twenty that were left, the latest last
    departures: list[Departure]
    #: subscriptions that the exchange had lost, by its own list, and that were asked for again
    forgotten: int
    #: streams that it carried although nobody wanted them, and that were unsubscribed
    surplus: int
    #: seconds from the last ping or request of the client (SUBSCRIBE, LIST_SUBSCRIPTIONS, yours) until its answer was
    #: read; ``None`` before the first
    round_trip: float | None
    #: whether TLS is undone in the helper process; see ``Options.isolate``
    isolated: bool
    #: seconds for which reading TLS has waited for the GIL; ``None`` where that is not measured
    gil_wait: float | None
    #: its credential; ``None`` where it carries public data
    credential: CredentialSnapshot | None


class BookSnapshot(TypedDict):
    """The order book of a socket in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: value of its :class:`~binance_sockets.books.BookState`
    state: str
    #: why it cannot be read; empty while it can
    why: str
    #: the exchange's update id that it is at
    id: int
    #: how many levels are known, on both sides together
    levels: int
    #: messages that changed it
    applied: int
    #: messages that were older than it
    ignored: int
    #: snapshots that were taken
    snapshots: int
    #: snapshots that did not join the stream, and were asked for again
    outdated: int
    #: how often it was out of sync since the first snapshot
    resyncs: int
    #: how often it was compared with a new snapshot
    audits: int
    #: percent of levels that the last of these found right; ``None`` before
    audit_percent: float | None
    #: levels that only the new snapshot had; ``None`` before
    audit_missing: int | None
    #: levels that only the book had; ``None`` before
    audit_orphaned: int | None
    #: levels with another quantity; ``None`` before
    audit_different: int | None


class ConnectionSnapshot(TypedDict):
    """One socket in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: value of its :class:`State`
    state: str
    #: how many came, over all links
    messages: int
    #: how many bytes came, over all links; with ``Options(pool=True)`` those of the link that it shares
    bytes: int
    #: how often a link was opened again
    reconnects: int
    #: how many gaps were reported; each to the gap listeners, with what may be missing
    gaps: int
    #: exceptions of the callback
    callback_errors: int
    #: messages that could not be decoded
    decode_errors: int
    #: payloads, or elements of one, that came as with ``view="dict"`` in the typed view
    misfits: int
    #: seconds of the longest call of the callback
    slowest_callback: float
    #: seconds for which the callback has not caught up with what arrived; 0 while it keeps up
    lag: float
    #: share of its time, 0 to 1, in which its thread decodes and calls back, over some ten seconds
    busy: float
    #: seconds since the last frame of the freshest link; ``None`` while no link is open
    last_frame_age: float | None
    #: its links, in order
    links: list[LinkSnapshot]
    #: its order book; ``None`` where it keeps none
    book: BookSnapshot | None
    #: its streams by name, in the exchange's spelling
    streams: dict[str, StreamSnapshot]


class WeightSnapshot(TypedDict):
    """What one limit on REST calls leaves, in :class:`BudgetSnapshot`: of all managers of this process."""

    #: weight that calls of the last ``period`` have used; what the exchange has told of others, too, where that is more
    used: int
    #: how much more calls that can wait (order books, back-fill, history, lists of symbols) may use now
    left: int
    #: seconds in which it is counted
    period: float
    #: calls that wait for their turn
    waiting: int


class BudgetSnapshot(TypedDict):
    """What one venue allows this process, in :meth:`~binance_sockets.SocketManager.snapshot`."""

    #: attempts to connect within the last ``period``, of all managers of this process
    used: int
    #: how many more may begin now
    left: int
    #: seconds in which they are counted; 0 where the exchange does not limit them
    period: float
    #: links that wait for their turn
    waiting: int
    #: wall clock (seconds since the epoch) until which an HTTP 429 or 418 forbids calls and connects, if any
    banned_until: float | None
    #: limits on calls over REST, by name, such as ``"spot"``; what several hosts share stands at one of them
    weights: dict[str, WeightSnapshot]


class ClockSnapshot(TypedDict):
    """The last measurement of the exchange's clock by :meth:`~binance_sockets.SocketManager.measure_clock`."""

    #: seconds by which this machine's clock is ahead of the exchange's; to be taken off every ``delay``
    offset: float
    #: half of the round trip, in seconds: the offset is right within it
    error: float
    #: when it was measured; wall clock, seconds since the epoch
    time: float


class Snapshot(TypedDict):
    """Counters and gauges of a manager: ages and durations in seconds, sizes in bytes."""

    #: name of the manager
    name: str
    #: started and not closed since, in this process
    alive: bool
    #: name of the environment, or its base URL
    environment: str
    #: hosts of the streams, by product
    hosts: dict[str, str]
    #: the exchange's clock by product, where it was measured
    clock: dict[str, ClockSnapshot]
    #: attempts to connect, REST calls and bans, by the host that stands for a venue; shared by all managers of the
    #: process, so the same in each. This machine has none unless ``Options.limit_loopback`` asks for it
    budgets: dict[str, BudgetSnapshot]
    #: its sockets by conn_key
    connections: dict[str, ConnectionSnapshot]
