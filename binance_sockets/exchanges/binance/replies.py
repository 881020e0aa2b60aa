"""The wire of the WebSocket API: requests as frames; replies, events and notices from messages.

A reply is ``{"id", "status", "result" or "error", "rateLimits"}``, an event ``{"subscriptionId", "event"}``, and the
announcement of a shutdown ``{"event": {"e": "serverShutdown"}}``.

Source: ``web-socket-api.md`` (2026-07-21), "Request format", "Response format", "Event format".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ...engine.budget import ban_seconds
from ...exchange import Ack, Notice, NoticeKind
from . import signing
from .keys import ApiKey

__all__ = ["RATE_LIMITED", "Event", "Reply", "control", "decode", "request", "signed"]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

RATE_LIMITED = frozenset({418, 429})
"""Statuses of a reply from somebody who wants fewer requests, or none."""

_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Reply(Ack):
    """The answer to a request.

    Args:
        status: 200, or an HTTP status that says whose fault it was: 4xx ours, 5xx the exchange's.
        rate_limits: the limits and their use, as the exchange sent them; empty where it sent none.
        data: what an error brings besides code and text.
    """

    status: int = 200
    rate_limits: tuple[Mapping[str, Any], ...] = ()
    data: Any = None

    @property
    def ban(self) -> tuple[int, float]:
        """What 429 and 418 ask for: ``{"serverTime", "retryAfter"}``, both in ms. Too many orders are 429 without it.

        The two are compared with each other, as this machine's clock may be another.
        """
        if self.status not in RATE_LIMITED:
            return 0, 0.0
        told = self.data if isinstance(self.data, dict) else {}
        now, until = told.get("serverTime"), told.get("retryAfter")
        wait = (until - now) / 1000 if type(now) is int and type(until) is int else None
        return self.status, ban_seconds(self.status, wait)


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a user data subscription.

    Args:
        subscription_id: which one.
        event: the bare event.
    """

    subscription_id: int
    event: dict[str, Any]


def request(request_id: int, method: str, params: Mapping[str, object] | None = None) -> bytes:
    """A request as the text of a frame; ``params`` that are ``None`` are left out.

    Raises:
        ConfigError: a value cannot be sent.
    """
    frame: dict[str, Any] = {"id": request_id, "method": method}
    if params:
        frame["params"] = signing.websocket_params(params)
    return _encode(frame)


def signed(params: Mapping[str, object], key: ApiKey, timestamp: int) -> dict[str, Any]:
    """``params`` with ``apiKey``, ``timestamp`` and ``signature``.

    Args:
        params: what the method takes; a ``recvWindow`` among them counts.
        key: signs.
        timestamp: of the exchange's clock, in ms.
    """
    found = {**signing.websocket_params(params), "apiKey": key.api_key, "timestamp": timestamp}
    found["signature"] = key.sign(signing.websocket_payload(found))
    return found


def decode(message: bytes | memoryview) -> Reply | Event | Notice | None:
    """What a message is; ``None`` when it is nothing known. Never raises.

    A revoked key is answered without an id, whatever was asked, and the session is dropped: that is a notice.
    """
    try:
        payload = _decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    event = payload.get("event")
    if isinstance(event, dict):
        if event.get("e") == "serverShutdown":
            return Notice(NoticeKind.SERVER_SHUTDOWN, "the server announced its shutdown")
        number = payload.get("subscriptionId")
        return Event(number, event) if type(number) is int else None
    return _reply(payload)


def control(message: bytes | memoryview) -> Ack | Notice | None:
    """:func:`decode` without events: the engine's question about what is no data."""
    found = decode(message)
    return None if isinstance(found, Event) else found


def _reply(payload: dict[str, Any]) -> Reply | Notice | None:
    status = payload.get("status")
    if type(status) is not int:
        return None
    number = payload.get("id")
    request_id = number if type(number) is int else None
    listed = payload.get("rateLimits")
    limits = tuple(each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    error = payload.get("error")
    if error is None and status < 400:
        return Reply(request_id, None, payload.get("result"), status, limits)
    fields = error if isinstance(error, dict) else {}
    code = fields.get("code")
    refusal = (code if type(code) is int else None, str(fields.get("msg", error)))
    if request_id is None and status == _UNAUTHORIZED:
        return Notice(NoticeKind.CREDENTIAL, f"the exchange dropped the session: {refusal[1]} (code {refusal[0]})")
    return Reply(request_id, refusal, None, status, limits, fields.get("data"))
