"""What must be true after every session, whatever its seed."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from typing import Any

from simulation.exchange import Event
from simulation.lives import USER, Life, Span
from simulation.reading import Reader
from simulation.session import Session

from binance_sockets.errors import StreamSilent
from binance_sockets.events import Gap

__all__ = ["budget", "check", "end", "filled", "read", "required", "tells"]


def check(session: Session) -> None:
    """Note everything that breaks a promise as a failure of the session's world."""
    streams = session.exchange.streams
    for life in session.lives:
        for name in life.names:
            if (life.key, name) in session.refused and name not in life.live:
                continue  # nobody knows whether its name is right
            if "nosuch" in name:
                _silence(session, life, name)
            elif life.sent(name) in streams and not streams[life.sent(name)].unruly:
                _stream(session, life, name)
        end(session, life)
    for reader in session.readers:
        read(session, reader)
    budget(session)
    _credentials(session)


def read(session: Session, reader: Reader) -> None:
    """A stream hands out all that came, in order, and its end is that of its socket."""
    fail, key = session.world.fail, reader.life.key
    if reader.got != reader.given:
        fail(f"{key}: {len(reader.got)} of {len(reader.given)} messages were read, or in another order")
    if reader.got:
        session.world.sometimes("a stream that is read")
    if reader.ended is not None and not reader.life.finals:
        fail(f"{key}: its reader was told {reader.ended}, its callback nothing")


def budget(session: Session) -> None:
    """No window of the exchange's holds more attempts than it allows."""
    asked, rate = session.exchange.asked_at, session.connects
    for first, beyond in zip(asked, asked[rate.count :], strict=False):
        if beyond - first < rate.seconds:
            session.world.fail(f"more than {rate.count} attempts in {rate.seconds:g} s, from {first:.3f} on")


def _stream(session: Session, life: Life, name: str) -> None:
    """Once, in order, and nothing missing that no gap tells of."""
    fail, events = session.world.fail, session.exchange.streams[life.sent(name)].events
    numbers = {event.id: event.number for event in events}
    got = life.got[name]
    places = []
    for id, at in got:
        if id not in numbers:
            fail(f"{life.key}: {name} {id} was never sent")
            return
        if events[numbers[id]].time > at:
            fail(f"{life.key}: {name} {id} came before it happened")
        places.append(numbers[id])
    for before, after in itertools.pairwise(places):
        if name == USER and after < places[0]:
            continue  # sent before the WebSocket that began was subscribed, and brought by the one behind it
        if after <= before and not ("history" in life.ways and len(life.spans[name]) > 1):  # then the past comes again
            fail(f"{life.key}: {name} {events[after].id} came {'twice' if after == before else 'behind a later one'}")
    have = set(places)
    gaps = [gap for gap in session.gaps if gap[0].conn_key == life.key and name in gap[0].streams]
    past = {id for stream, id in life.past if stream == name}
    wanted = [required(session, life, span, events, got, numbers, past) for span in life.spans[name]]
    missing = [number for first, last in wanted for number in range(first, last + 1) if number not in have]
    untold = [number for number in missing if not any(tells(session, gap, name, events[number]) for gap, _ in gaps)]
    forgotten = [each for each in session.exchange.forgotten if each.stream == life.sent(name)]
    lost = [
        number for number in untold if not any(each.since <= events[number].time <= each.until for each in forgotten)
    ]
    if lost:
        event = events[lost[0]]
        fail(f"{life.key}: {len(lost)} of {name} lost without a report, the first {event.id} of {event.time:.3f}")
    if missing and not lost:
        session.world.sometimes("messages lost, and told")
    if name == session.filled and life.ways.get("backfill") and "history" not in life.ways:
        filled(session, life, name, [gap for gap, _ in gaps])
        if got and (name, got[0][0]) in life.past:
            session.world.sometimes("what a stream missed that had brought nothing")


def filled(session: Session, life: Life, name: str, gaps: list[Gap]) -> None:
    """What was missed of a stream that is filled was asked for, or it was told why it could not be had."""
    same = [each.ways for each in session.lives if each.key == life.key]  # a gap does not tell whose of these it was
    if not all(ways.get("backfill") and "history" not in ways for ways in same):
        return
    for gap in gaps:
        if gap.error is None:
            session.world.fail(f"{life.key}: a gap of {name}, which is filled, tells no cause: {gap}")


def required(
    session: Session,
    life: Life,
    span: Span,
    events: list[Event],
    got: list[Any],
    numbers: dict[Any, int],
    past: Collection[Any] = (),
) -> tuple[int, int]:
    """The first and the last place between which everything must have come, of one time in which it was wanted.

    Where the ``past`` came first, its begin is that of all: what came live meanwhile may lie before the so many
    messages that were asked for, as they are when they are told.
    """
    until = float("inf") if span.until is None else span.until
    ids = [id for id, at in got if span.since <= at <= until]
    places = [numbers[id] for id in ids]
    if span not in [spans[0] for spans in life.spans.values()]:  # what came before may still be on its way
        places = [number for number in places if events[number].time >= span.since]
    last = places[-1] if places else -1
    if life in session.alive and span.until is None:
        last = len(events) - 1
    first = places[0] if places else len(events)
    begins = bool(ids) and "history" in life.ways and ids[0] in past
    if span.opened is not None and not begins:
        since = [event.number for event in events if event.time > span.opened]
        first = min([first, *since[:1]])
    return first, last


def tells(session: Session, gap: Gap, name: str, event: Event) -> bool:
    """Whether the report of a gap has room for a message."""
    for ids in gap.ids:
        if ids.stream == name:
            if ids.first_id is not None:
                return ids.last_id < event.id < ids.first_id
            begun = ids.last_id < event.id
            return any(begun and event.time + session.base + offset <= gap.resumed for offset in session.offsets)
    return any(gap.last_received <= event.time + session.base + offset <= gap.resumed for offset in session.offsets)


def _silence(session: Session, life: Life, name: str) -> None:
    """A stream that never brings anything is reported."""
    reported = any(
        isinstance(report.error, StreamSilent) and report.conn_key == life.key and report.error.stream == name
        for report in session.reports
    )
    if life in session.alive and life.spans[name][-1].until is None and not reported:
        session.world.fail(f"{life.key}: the silence of {name} was not told")
    if reported:
        session.world.sometimes("a silent stream is explained")


def end(session: Session, life: Life) -> None:
    """A socket gives up with one last payload and one last report, and only where it may."""
    fail = session.world.fail
    if life.finals > 1:
        fail(f"{life.key}: {life.finals} last payloads")
    if life.finals:
        session.world.sometimes("a socket that gives up")
        if not session.may_give_up(life):
            fail(f"{life.key} gave up, and should not")
        if not any(report.final and report.conn_key == life.key for report in session.reports):
            fail(f"{life.key} gave up without a report")


def _credentials(session: Session) -> None:
    """None was left to end for its age, where nothing hindered its renewal; none lives on that was to be deleted."""
    accounts = session.exchange.accounts
    for product, when in accounts.aged:
        if session.renews and not accounts[product].barred:
            session.world.fail(f"the credential of {product} ended at {when:.0f} for its age")
    for life in session.alive:
        if life.ways.get("delete_listen_key") and accounts[life.product].key:
            session.world.fail(f"{life.key} has left its listen key behind")
