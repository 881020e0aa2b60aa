"""Upbit's streams behind the engine's contract: one object per shared connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..._version import __version__
from ...exchange import (
    Ack,
    ConnectLimits,
    ConnectRequest,
    Continuity,
    ControlFrame,
    Decode,
    Group,
    Keepalive,
    Misfits,
    Notice,
    Past,
    Position,
    Rate,
    Several,
    Stream,
)
from . import requests
from .kinds import COUNTS, kind_of
from .messages import Message, Reading, encode, like, messages_of
from .portions import Portions
from .refusals import Refusal, is_passing
from .regions import Place
from .tokens import Handshakes, UpbitKey

__all__ = ["UpbitStreams"]

_CONNECTS = (Rate(5, 1.0),)
_MESSAGES = (Rate(5, 1.0), Rate(100, 60.0))
_KEEPALIVE = Keepalive(stale_after=40.0, ping_after=30.0)  # idle links are cut after 120 s; the exchange's own samples
_USER_AGENT = ("User-Agent", f"binance_sockets/{__version__}")
_MICROSECONDS = 10**14  # times from here on are in microseconds


class UpbitStreams:
    """The streams of one endpoint on one connection: an :class:`~binance_sockets.exchange.Exchange`.

    Args:
        place: where to connect.
        endpoint: ``"public"``, ``"private"`` or ``"info"``.
        portions: who wants what.
        key: the account's; ``None`` for public streams.
        format_: one of :data:`~.requests.FORMATS`.
        clock: the wall clock, seconds since the epoch.
        past: tells what REST has of a stream.
        explain: the likely cause of a silence.
    """

    checks_text = True

    def __init__(
        self,
        place: Place,
        endpoint: str,
        portions: Portions,
        *,
        key: UpbitKey | None,
        format_: str,
        clock: Callable[[], float],
        past: Callable[[Stream], Past | None],
        explain: Callable[[str], str],
    ) -> None:
        self._url = place.url(endpoint)
        self._venue = place.venue
        self._endpoint = endpoint
        self._portions = portions
        self._key = key if endpoint != "public" else None
        self._format = format_
        self._clock = clock
        self._past = past
        self._explain = explain
        self._listed = 0  # the last question

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        """One connection for all: no most is published."""
        return [Group(tuple(streams), self._endpoint)]

    def keepalive(self, group: Group) -> Keepalive:
        """The exchange cuts what was idle for 120 s; it answers pings (websocket-guide, 2026-08-31)."""
        return _KEEPALIVE

    def limits(self, group: Group) -> tuple[Rate, ...]:
        """5 messages a second and 100 a minute on each connection (rate-limits, 2026-10-07)."""
        return _MESSAGES

    def connect_limits(self, group: Group) -> ConnectLimits:
        """5 attempts a second, by address; with a key by account (rate-limits, 2026-10-07)."""
        return ConnectLimits(self._venue, _CONNECTS)

    def connect_request(self, group: Group) -> ConnectRequest:
        """No ``Origin``, which would limit it to one in 10 seconds; a token of its own for each private attempt."""
        if self._key is None:
            return ConnectRequest(self._url, (_USER_AGENT,))
        return ConnectRequest(self._url, (_USER_AGENT, ("Authorization", self._key.bearer())))

    def credential(self, group: Group) -> Handshakes | None:
        return None if self._key is None else Handshakes()

    def credential_frames(self, group: Group, next_id: Callable[[], int]) -> tuple[ControlFrame, ...]:
        """None: the handshake has said who it is."""
        return ()

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        """The whole list again, without answer. Nothing can be said where nothing is wanted: closing would do that."""
        if not wanted:
            return []
        asked = self._portions.ask(wanted)
        payload = requests.subscription(asked.counts, added, self._portions, self._format)
        return [ControlFrame(payload, tuple(added), None, tuple(removed), note=asked)]

    def listing(self, group: Group, request_id: int) -> bytes:
        self._listed = request_id
        return requests.listing(request_id, self._format)

    def listed(self, group: Group, answer: Ack) -> frozenset[str] | None:
        return requests.named_by(answer.result)

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Decode:
        """``(stream name, Message)``."""
        reading = Reading(misfits, self._clock, tuple(notes))
        names = {stream.name: stream.name for stream in group.streams}  # the engine knows a stream by its very string

        def named(message: Message) -> str:
            name = names.get(message.name)
            if name is None:
                name = message.name
                if message.kind.endpoint == "info":
                    name = message.name = like(name, names)
            return name

        def decode(message: Any) -> tuple[str, Message]:
            found = messages_of(message, reading)
            if len(found) > 1:
                raise Several([(named(each), each) for each in found])
            first = found[0]
            return named(first), first

        return decode

    def control(self, message: bytes) -> Ack | Notice | None:
        """Errors, lists of subscriptions and signs of life; never raises."""
        try:
            found = msgspec.json.decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if not isinstance(found, dict):
            return None
        error = found.get("error")
        if isinstance(error, dict):
            name, text = str(error.get("name", "")), str(error.get("message", ""))
            error = (None, f"{name}: {text}" if text else name)
            return Refusal(None, error, passing=is_passing(name), name=name, text=text)
        if found.get("method", found.get("mthd")) == "LIST_SUBSCRIPTIONS":
            question = requests.asked_by(found.get("ticket", found.get("tckt")))
            return Ack(self._listed if question is None else question, result=found.get("result", found.get("rslt")))
        if "status" in found and "type" not in found:
            return Ack(None)
        return None

    def continuity(self, stream: Stream) -> Continuity | None:
        """Trades have ids that do not always rise; other messages of a market have a time that does."""
        kind = kind_of(stream.name)
        if kind.type == "trade":
            return Continuity(lambda message: Position(None, message.exact["sequential_id"]), snapshots=True)
        if kind.type == "orderbook":  # on another WebSocket it may have been asked for with other levels
            return Continuity(
                lambda message: Position(message.exact["timestamp"], _content(message.cut(COUNTS[0]))), snapshots=True
            )
        if kind.endpoint == "public":
            return Continuity(lambda message: Position(message.exact["timestamp"], _content(message)), snapshots=True)
        return Continuity(lambda message: Position(None, _content(message)))

    def moment(self, payload: Any) -> float | None:
        """By the time of the message, in milliseconds; some markets have it in microseconds."""
        time = payload.exact.get("timestamp")
        if not isinstance(time, int):
            return None
        return time / (1_000_000 if time >= _MICROSECONDS else 1_000)

    def past(self, stream: Stream) -> Past | None:
        return self._past(stream)

    def explain_silence(self, group: Group, name: str) -> str:
        return self._explain(name)


def _content(message: Message) -> int:
    """What tells messages of one moment apart: all but whether it is a snapshot."""
    fields = dict(message.exact)
    fields.pop("stream_type", None)
    return hash(encode(fields))
