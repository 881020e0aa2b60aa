"""Counters and gauges of a connection as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..events import ConnectionSnapshot, CredentialSnapshot, CredentialStep, LinkSnapshot, State, StreamSnapshot
from .connection import Connection
from .link import Link
from .pool import Member
from .renewals import Renewals
from .router import StreamStats
from .succession import Step
from .websocket import WebSocket

__all__ = ["connection_snapshot", "member_snapshot"]


def connection_snapshot(connection: Connection, now: float) -> ConnectionSnapshot:
    """What a connection has done so far. Any thread; never blocks; numbers may be one message apart.

    Args:
        connection: the connection.
        now: monotonic seconds.
    """
    links = connection.links
    handler = connection.handler
    streams = _streams(links, now, connection.misfits.new_fields, None)
    rows = [_link(link, now) for link in links]
    totals = connection.roster.totals()
    ages = [row["last_frame_age"] for row in rows if row["last_frame_age"] is not None]
    return {
        "state": connection.state.value,
        "messages": totals.messages,
        "bytes": totals.received,
        "reconnects": totals.reconnects,
        "gaps": connection.gaps,
        "callback_errors": handler.errors,
        "decode_errors": totals.decode_errors,
        "misfits": connection.misfits.count,
        "slowest_callback": handler.slowest,
        "lag": connection.lag.seconds(now),
        "busy": connection.lag.busy(now),
        "last_frame_age": min(ages, default=None),
        "links": rows,
        "book": None if (describe := getattr(handler.callback, "book_snapshot", None)) is None else describe(),
        "streams": streams,
    }


def member_snapshot(member: Member, now: float) -> ConnectionSnapshot:
    """The same of one key of a pool; its links, ``bytes`` and ``lag`` are those that it shares with others."""
    connection, links, handler = member.connection, member.links, member.handler
    rows = [_link(link, now) for link in links]
    ages = [row["last_frame_age"] for row in rows if row["last_frame_age"] is not None]
    new_fields = {} if connection is None else connection.misfits.new_fields
    streams = _streams(links, now, new_fields, member.streams)
    messages, reconnects = member.counts()
    return {
        "state": member.state.value,
        "messages": messages,
        "bytes": sum(map(_received, links)),
        "reconnects": reconnects,
        "gaps": member.gaps,
        "callback_errors": handler.errors,
        "decode_errors": 0,
        "misfits": 0,
        "slowest_callback": handler.slowest,
        "lag": 0.0 if connection is None else connection.lag.seconds(now),
        "busy": 0.0 if connection is None else connection.lag.busy(now),
        "last_frame_age": min(ages, default=None),
        "links": rows,
        "book": None if (describe := getattr(handler.callback, "book_snapshot", None)) is None else describe(),
        "streams": streams,
    }


def _received(link: Link) -> int:
    socket = link.current
    return link.received if socket is None else socket.received


def _link(link: Link, now: float) -> LinkSnapshot:
    socket, succession, held_until = link.current, link.succession, link.attempts.held_until
    return {
        "state": link.state.value,
        "streams": len(link.wanted),
        "failures": link.attempts.failures,
        "waiting_until": None if held_until is None else link.around.clock.time() + held_until - now,
        "age": None if socket is None else max(0.0, now - socket.opened_at),
        "last_frame_age": None if socket is None else max(0.0, now - socket.last_frame),
        "replacing": None if succession is None or succession.step is Step.TRAILING else succession.reason.value,
        "left": None if link.endings.last is None else link.endings.last.value,
        "departures": [each.copy() for each in link.endings.departures],
        "forgotten": link.listing.forgotten,
        "surplus": link.listing.surplus,
        "round_trip": None if socket is None else socket.round_trip,
        "isolated": socket is not None and socket.isolated,
        "gil_wait": None if socket is None else socket.gil_wait,
        "credential": None if link.renewals is None else _credential(link.renewals, socket, now),
    }


def _delay(link: Link, stats: StreamStats, now: float) -> float | None:
    """How long the last message of a stream was under way, by two clocks."""
    if (payload := stats.payload) is None:
        return None
    try:
        sent = link.around.exchange.moment(payload)
    except Exception:  # of another shape
        return None
    return None if sent is None else link.around.clock.time() - (now - stats.last) - sent


def _credential(renewals: Renewals, socket: WebSocket | None, now: float) -> CredentialSnapshot:
    counts, due, ends_at = renewals.counts, renewals.due, renewals.ends_at
    return {
        "proven": None if socket is None else socket.proven,
        "obtained": counts[CredentialStep.OBTAINED],
        "renewed": counts[CredentialStep.RENEWED],
        "changed": counts[CredentialStep.CHANGED],
        "failed": counts[CredentialStep.FAILED],
        "ended": counts[CredentialStep.ENDED],
        "renew_in": None if due is None else max(0.0, due - now),
        "life": None if ends_at is None else max(0.0, ends_at - now),
    }


def _both(one: StreamSnapshot, other: StreamSnapshot) -> StreamSnapshot:
    """The row of a stream that comes over two links: by the one that brought something last."""
    ages = (one["last_message_age"], other["last_message_age"])
    first = ages[1] is None or (ages[0] is not None and ages[0] <= ages[1])
    return {
        **(one if first else other),
        "messages": one["messages"] + other["messages"],
        "confirmed": one["confirmed"] or other["confirmed"],
        "complete_since": _earlier(one["complete_since"], other["complete_since"]),
        # what one of the links has brought may wait for the other
        "complete_until": _earlier(one["complete_until"], other["complete_until"]),
    }


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _complete(link: Link, name: str, now: float) -> tuple[float | None, float | None]:
    """Between which moments (wall clock) all that was sent on a stream is read; of two ``None`` where it is broken."""
    since, socket, sockets = link.since.get(name), link.current, link.sockets
    if since is None or socket is None:
        return None, None
    # What it brings may wait for the one before, while that is read to its end. The next one brings nothing yet.
    led_by = sockets[: sockets.index(socket) + 1] if socket in sockets else (socket,)
    ahead, until = link.around.clock.time() - now, min(each.safe_at for each in led_by)
    return since + ahead, until + ahead


def _streams(
    links: Iterable[Link], now: float, new_fields: Mapping[str, Sequence[str]], names: Iterable[str] | None
) -> dict[str, StreamSnapshot]:
    """The rows of ``names``, or of all streams that the links carry."""
    found: dict[str, StreamSnapshot] = {}
    for link in links:
        for name, row in _streams_of(link, now, new_fields, names).items():
            found[name] = _both(found[name], row) if name in found else row
    return found


def _streams_of(
    link: Link, now: float, new_fields: Mapping[str, Sequence[str]], names: Iterable[str] | None
) -> dict[str, StreamSnapshot]:
    socket, known = link.current, link.router.stats
    confirmed = socket.subscriptions.confirmed if socket is not None and link.state is State.OPEN else ()
    chosen = known.items() if names is None else [(name, known[name]) for name in names if name in known]
    found: dict[str, StreamSnapshot] = {}
    for name, stats in chosen:
        since, until = _complete(link, name, now)
        found[name] = {
            "messages": stats.messages,
            "last_message_age": max(0.0, now - stats.last) if stats.messages else None,
            "confirmed": name in confirmed,
            "complete_since": since,
            "complete_until": until,
            "delay": _delay(link, stats, now),
            "new_fields": list(new_fields.get(name, ())),
        }
    return found
