"""Faults x order books as data: what is asked of the simulator, and what becomes of a book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e.faults_table import (
    AT_ONCE,
    CHANGES,
    GIVES_UP,
    OF_USER_STREAMS,
    RECONNECTS,
    RETRIES,
    WAITS,
)
from e2e.faults_table import ROWS as LINK_ROWS

from binance_sockets.errors import BinanceSocketsError, DecodeError, ExchangeError, RateLimited, SubscriptionMismatch
from binance_sockets.faults import Fault

__all__ = ["PRODUCTS", "ROWS", "Row"]

PRODUCTS = (("spot", "BTCUSDT"), ("usdm", "BTCUSDT"))

# What is promised, in the words of the printed table.
OPENS = "in sync once it is open"
NEVER = "never in sync, one last payload"
RESYNCS = "out of sync, then in sync again"
STAYS = "stays in sync"
ASKS = "out of sync until a snapshot joins"
UNTOUCHED = "not concerned, stays in sync"


@dataclass(frozen=True)
class Row:
    """One fault, and what a book does about it.

    Args:
        fault: what the simulator is asked for.
        promise: the outcome.
        label: what sets it apart from other rows of this fault.
        params: the fault's own.
        attempts: what ``max_reconnects`` is.
        reported: class of the error that listeners are told of; ``None`` where the fault is the link's, or none is.
        short: deadlines that the fault needs.
        long: takes several seconds.
        tls: needs a server with TLS.
    """

    fault: Fault
    promise: str
    label: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 5
    reported: type[BinanceSocketsError] | None = None
    short: Mapping[str, float] = field(default_factory=dict)
    long: bool = False
    tls: bool = False

    @property
    def name(self) -> str:
        return f"{self.fault.value}, {self.label}" if self.label else self.fault.value


_SHORT: Mapping[Fault, Mapping[str, float]] = {
    Fault.SLOW_ACCEPT: {"connect": 0.4},
    Fault.DRIP: {"connect": 0.4},
    Fault.SILENCE: {"stale": 1.0, "ping": 0.25},
}
_LINK = {RETRIES: OPENS, WAITS: OPENS, GIVES_UP: NEVER, AT_ONCE: NEVER, RECONNECTS: RESYNCS, CHANGES: STAYS}

# What spoils single messages, and the calls for snapshots.
_OF_BOOKS = (
    Row(Fault.FRAGMENT, STAYS),
    Row(Fault.INVALID_JSON, STAYS, reported=DecodeError),
    Row(Fault.UNKNOWN_EVENT, STAYS, reported=DecodeError),
    Row(Fault.DUPLICATE, STAYS),
    Row(Fault.MISSING_FIELD, RESYNCS, "last id", {"field": "u"}, reported=DecodeError),
    Row(Fault.OUT_OF_ORDER, RESYNCS),
    Row(Fault.HOLE, RESYNCS),
    Row(Fault.FORGET, RESYNCS, reported=SubscriptionMismatch),
    Row(Fault.STALE_SNAPSHOT, ASKS, "once"),
    Row(Fault.REST_LATE, ASKS, "once", {"delay": 0.5}),
    Row(Fault.HTTP_STATUS, ASKS, "404 over REST", {"on": "rest", "status": 404}, reported=ExchangeError),
    Row(
        Fault.HTTP_STATUS,
        ASKS,
        "429 over REST",
        {"on": "rest", "status": 429, "retry_after": 6},
        reported=RateLimited,
        long=True,
    ),
)
_THEIRS = {row.fault for row in _OF_BOOKS} - {Fault.HTTP_STATUS}

ROWS: tuple[Row, ...] = (
    *(
        Row(
            row.fault,
            _LINK[row.promise],
            row.label,
            row.params,
            1 if row.promise == GIVES_UP else 0 if row.promise == WAITS else 5,
            short=_SHORT.get(row.fault, {}),
            tls=row.tls,
        )
        for row in LINK_ROWS
        if row.promise in _LINK and not row.many and row.fault not in _THEIRS
    ),
    *_OF_BOOKS,
    *(Row(fault, UNTOUCHED) for fault in (Fault.ACK_NEVER, Fault.ACK_ERROR, *OF_USER_STREAMS) if fault not in _THEIRS),
)
