"""Counters and gauges of a connection as plain values."""

from __future__ import annotations

from typing import Any

from ..events import State
from .connection import Connection
from .lane import Lane

__all__ = ["connection_snapshot"]


def connection_snapshot(connection: Connection, now: float) -> dict[str, Any]:
    """What a connection has done so far. Any thread; never blocks; numbers may be one message apart.

    Args:
        connection: the connection.
        now: monotonic seconds.
    """
    lanes = connection.lanes
    handler = connection.handler
    streams = {name: stats for lane in lanes for name, stats in _streams(lane, now).items()}
    links = [_link(lane, now) for lane in lanes]
    ages = [link["last_frame_age"] for link in links if link["last_frame_age"] is not None]
    return {
        "state": connection.state.value,
        "messages": sum(stream["messages"] for stream in streams.values()),
        "bytes": sum(_received(lane) for lane in lanes),
        "reconnects": sum(max(0, lane.links_opened - 1) for lane in lanes),
        "callback_errors": handler.errors,
        "decode_errors": sum(lane.router.decode_errors for lane in lanes),
        "slowest_callback": handler.slowest,
        "last_frame_age": min(ages, default=None),
        "links": links,
        "streams": streams,
    }


def _received(lane: Lane) -> int:
    link = lane.link
    return lane.received if link is None else link.received


def _link(lane: Lane, now: float) -> dict[str, Any]:
    link = lane.link
    return {
        "state": lane.state.value,
        "streams": len(lane.group.streams),
        "failures": lane.failures,
        "age": None if link is None else max(0.0, now - link.opened_at),
        "last_frame_age": None if link is None else max(0.0, now - link.last_frame),
    }


def _streams(lane: Lane, now: float) -> dict[str, dict[str, Any]]:
    confirmed = lane.subscriptions.confirmed if lane.state is State.OPEN else ()
    return {
        name: {
            "messages": stats.messages,
            "last_message_age": max(0.0, now - stats.last) if stats.messages else None,
            "confirmed": name in confirmed,
        }
        for name, stats in lane.router.stats.items()
    }
