"""The matrix fault x outcome as data: what is asked of the simulator, and what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from binance_sockets.errors import (
    BinanceSocketsError,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    DecodeError,
    HandshakeRejected,
    ProtocolError,
    RequestTimeout,
    StaleConnection,
    SubscriptionMismatch,
    SubscriptionRejected,
)
from binance_sockets.events import Reason
from binance_sockets.faults import Fault

__all__ = ["ROWS", "SHAPES", "Row", "Shape"]


@dataclass(frozen=True)
class Shape:
    """A kind of socket that every row is run for.

    Args:
        name: in the printed table.
        product: of its streams.
        streams: what it carries.
        links: how many links that takes.
        hit: the route at which faults of one link are aimed; the others must not notice.
    """

    name: str
    product: str
    streams: tuple[str, ...]
    links: int = 1
    hit: str | None = None

    @property
    def target(self) -> str:
        """The stream whose messages are spoilt."""
        return self.streams[0]

    @property
    def struck(self) -> tuple[str, ...]:
        """The streams of the link that is struck."""
        return self.streams if self.hit is None else tuple(s for s in self.streams if "aggTrade" not in s)


SHAPES = (
    Shape("single socket", "spot", ("aaausdt@trade",)),
    Shape("multiplex", "spot", ("aaausdt@trade", "aaausdt@bookTicker", "bbbusdt@depth@100ms")),
    Shape(
        "two routes", "usdm", ("aaausdt@bookTicker", "bbbusdt@depth@100ms", "aaausdt@aggTrade"), links=2, hit="public"
    ),
)

# What is promised, in the words of the printed table.
RETRIES = "tries again and opens"
WAITS = "waits as asked, no attempt used"
GIVES_UP = "gives up: one payload"
AT_ONCE = "gives up at once: one payload"
RECONNECTS = "reconnects, gap reported"
CHANGES = "changes the link, nothing lost"
REPORTS = "reports it, goes on"
ASKS = "asks for it again, gap reported"
DELIVERS = "delivers what came, goes on"
UNTOUCHED = "not concerned, goes on"


@dataclass(frozen=True)
class Row:
    """One way to fail.

    Args:
        fault: what the simulator is asked for.
        promise: the outcome.
        label: what sets it apart from other rows of this fault.
        params: the fault's own.
        reason: why the link is left, in state changes and gaps.
        error: class of the error in the state change, or in the report.
        reported: whether an error report tells of it although the socket goes on.
        arrives: numbers that arrive of messages 2, 3, 4, sent while the fault stands.
        tls: needs a server with TLS.
        many: needs so many names that they are subscribed by control frames.
    """

    fault: Fault
    promise: str
    label: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    reason: Reason | None = None
    error: type[BinanceSocketsError] | None = None
    reported: bool = False
    arrives: tuple[int, ...] = (2, 3, 4)
    tls: bool = False
    many: bool = False

    @property
    def name(self) -> str:
        return f"{self.fault.value}, {self.label}" if self.label else self.fault.value

    def promise_for(self, shape: Shape) -> str:
        """The outcome for a kind of socket: one name always goes in the URL, so no control frame can fail."""
        return UNTOUCHED if self.many and len(shape.streams) == 1 else self.promise


def _connecting(
    fault: Fault, error: type[BinanceSocketsError], reason: Reason = Reason.NETWORK, *, tls: bool = False, **params: Any
) -> tuple[Row, Row]:
    """A fault that strikes while connecting: once, and for ever."""
    label = " ".join(str(value) for name, value in params.items() if name in ("status", "mode"))
    return (
        Row(fault, RETRIES, f"{label} once".strip(), params, reason, error, tls=tls),
        Row(fault, GIVES_UP, f"{label} for ever".strip(), params, reason, error, tls=tls),
    )


def _status(status: int, promise: str, **params: Any) -> Row:
    params = {"status": status, **params}
    label = f"{status}" + (" with Retry-After" if "retry_after" in params else "")
    return Row(Fault.HTTP_STATUS, promise, label, params, Reason.REJECTED, HandshakeRejected)


def _lost(
    fault: Fault,
    why: Reason,
    error: type[BinanceSocketsError],
    label: str = "",
    *,
    reported: bool = False,
    **params: Any,
) -> Row:
    return Row(fault, RECONNECTS, label, params, why, error, reported)


# What concerns credentials and requests, and no market stream.
OF_USER_STREAMS = (
    Fault.REST_LATE,
    Fault.REPLY_NEVER,
    Fault.REPLY_LATE,
    Fault.REPLY_ERROR,
    Fault.LISTEN_KEY_EXPIRED,
    Fault.LISTEN_KEY_ROTATED,
    Fault.CREDENTIAL_REFUSED,
    Fault.TOKEN_EXPIRED,
    Fault.STREAM_TERMINATED,
)

ROWS: tuple[Row, ...] = (
    *_connecting(Fault.REFUSE, ConnectError),
    *_connecting(Fault.SLOW_ACCEPT, ConnectTimeout, delay=1.0),
    *_connecting(Fault.DRIP, ConnectTimeout, delay=0.02),
    *_connecting(Fault.TLS_FAILURE, ConnectError, tls=True, mode="alert"),
    *_connecting(Fault.TLS_FAILURE, ConnectError, tls=True, mode="cut"),
    *_connecting(Fault.GARBAGE_HANDSHAKE, ConnectError),
    *_connecting(Fault.HTTP_STATUS, HandshakeRejected, Reason.REJECTED, status=503),
    *_connecting(Fault.HTTP_STATUS, HandshakeRejected, Reason.REJECTED, status=403),
    *_connecting(Fault.HTTP_STATUS, HandshakeRejected, Reason.REJECTED, status=429),
    _status(429, WAITS, retry_after=0.2),
    _status(418, WAITS, retry_after=0.2),
    _status(302, AT_ONCE, location="/spot/ws/elsewhere"),
    _status(400, AT_ONCE),
    _status(401, AT_ONCE),
    _status(404, AT_ONCE),
    _status(410, AT_ONCE),
    _status(451, AT_ONCE),
    _lost(Fault.CLOSE, Reason.PEER_CLOSED, ConnectionLost, "1000", code=1000),
    _lost(Fault.CLOSE, Reason.PEER_CLOSED, ConnectionLost, "1001", code=1001),
    _lost(Fault.CLOSE, Reason.PEER_CLOSED, ConnectionLost, "1008", code=1008, reason="Too many requests"),
    _lost(Fault.CLOSE, Reason.PEER_CLOSED, ConnectionLost, "1011", code=1011),
    _lost(Fault.RESET, Reason.NETWORK, ConnectionLost),
    _lost(Fault.EOF, Reason.NETWORK, ConnectionLost, "no close frame (1006)"),
    _lost(Fault.SILENCE, Reason.STALE, StaleConnection),
    _lost(Fault.CUT, Reason.NETWORK, ConnectionLost),
    Row(Fault.FRAGMENT, DELIVERS),
    _lost(Fault.OVERSIZE, Reason.NETWORK, ProtocolError, reported=True, size=17 * 1024 * 1024),
    _lost(Fault.INVALID_UTF8, Reason.NETWORK, ProtocolError, reported=True),
    Row(Fault.INVALID_JSON, REPORTS, error=DecodeError, reported=True),
    Row(Fault.UNKNOWN_EVENT, DELIVERS),
    Row(Fault.MISSING_FIELD, DELIVERS),
    Row(Fault.OUT_OF_ORDER, DELIVERS, arrives=(3, 2, 4)),
    Row(Fault.DUPLICATE, DELIVERS, arrives=(2, 2, 3, 4)),
    Row(Fault.HOLE, DELIVERS, arrives=(3, 4)),
    Row(Fault.FORGET, ASKS, reason=Reason.FORGOTTEN, error=SubscriptionMismatch, reported=True),
    Row(Fault.STALE_SNAPSHOT, UNTOUCHED),
    Row(Fault.ACK_NEVER, RECONNECTS, "many names", {}, Reason.STALE, RequestTimeout, many=True),
    Row(Fault.ACK_ERROR, REPORTS, "many names", {}, None, SubscriptionRejected, reported=True, many=True),
    Row(Fault.ACK_NEVER, UNTOUCHED, "names in the URL"),
    Row(Fault.ACK_ERROR, UNTOUCHED, "names in the URL"),
    *(Row(fault, UNTOUCHED, "market streams") for fault in OF_USER_STREAMS),
    Row(Fault.SERVER_SHUTDOWN, CHANGES, reason=Reason.SERVER_SHUTDOWN),
    _lost(Fault.MAX_AGE, Reason.NETWORK, ConnectionLost, "the 24 hour cut"),
)
