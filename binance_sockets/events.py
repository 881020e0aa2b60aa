"""What listeners receive, and the words it is said in. Exchange-neutral."""

from __future__ import annotations

from enum import Enum

import msgspec

from .errors import BinanceSocketsError, one_line

__all__ = ["ErrorReport", "Gap", "Reason", "State", "StateChange"]


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
    #: the credential changed or ended; reserved: nothing of this release causes it
    CREDENTIAL = "credential"
    #: the user asked for a new link; reserved: nothing of this release causes it
    REQUESTED = "requested"
    #: the handshake or the server's certificate was refused
    REJECTED = "rejected"
    #: the user asked for the end, or the whole connection ends
    STOPPED = "stopped"


class _Report(msgspec.Struct, frozen=True):
    """What listeners receive. Its ``repr`` is one line, in which what looks like a listen key is hidden."""

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={one_line(repr(getattr(self, name)))}" for name in self.__struct_fields__)
        return f"{type(self).__name__}({values})"


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


class Gap(_Report, frozen=True):
    """Messages of ``streams`` may be missing. For gap listeners; called when the new link is confirmed.

    Args:
        conn_key: the connection.
        streams: the streams of the link that was lost.
        last_received: up to then surely nothing is missing: the socket of the lost link was found empty; wall clock,
            seconds since the epoch. A lower bound: the last message may be some seconds younger.
        resumed: when the new link was confirmed; wall clock, seconds since the epoch.
        reason: why the link was lost.
    """

    conn_key: str
    streams: tuple[str, ...]
    last_received: float
    resumed: float
    reason: Reason

    @property
    def duration(self) -> float:
        """Seconds between the last safe moment before and the confirmation after, sleep of the system included."""
        return self.resumed - self.last_received


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
