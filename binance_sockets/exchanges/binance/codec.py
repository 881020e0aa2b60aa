"""Messages of the stream sockets: data, acks in both error shapes, and the shutdown notice.

Payloads are handed on exactly as the exchange sent them. The decoders are the hot path: one JSON decode per message,
or none in the raw view, and everything that is not plain data leaves by an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from ...errors import DecodeError
from ...exchange import Ack, Decode, Notice, NoticeKind

__all__ = ["control", "dict_single", "dict_wrapped", "raw_single", "raw_wrapped", "unwrap"]

_decode = msgspec.json.Decoder().decode

_SHUTDOWN = "serverShutdown"
_SHUTDOWN_STREAM = "!serverShutdown"
_CONTROL_KEYS = frozenset(("id", "result", "error", "code", "event"))  # no untagged market payload has one of them
_CONTROL_MARK = re.compile(rb'"(?:id|result|error|code|event)"|serverShutdown').search
_CONTROL_SIZE = 1024  # every control message is shorter than this
_DATA = (b'{"e":"', b'{"u":', b'{"lastUpdateId":', b"[")  # how market payloads begin as a rule
_TAGGED_SHUTDOWN = b'{"e":"serverShutdown"'
_WRAPPED = b'{"stream":"'
_DATA_KEY = b'","data":'


def dict_wrapped(names: Iterable[str]) -> Decode:
    """``{"stream": name, "data": ...}`` to ``(name, that dict)``; ``names`` are the link's own.

    A wrapper without ``data`` is no data, in this view as in the others.
    """
    known = frozenset(names)

    def decode(message: Any, decode: Any = _decode) -> tuple[str, Any]:
        payload = decode(message)
        name = payload["stream"]
        payload["data"]
        if name not in known:
            _check_name(name)
        return name, payload

    return decode


def dict_single(name: str) -> Decode:
    """The bare payload of a link's only stream to ``(name, payload)``."""
    # one look-up that every message of the busy streams passes and no control message does
    key = "u" if name.endswith("@bookTicker") else "s"

    def decode(message: Any, decode: Any = _decode) -> tuple[str, Any]:
        payload = decode(message)
        try:
            payload[key]
        except (KeyError, TypeError):
            _check_data(payload)
        return name, payload

    return decode


def raw_wrapped(names: Iterable[str]) -> Decode:
    """Like :func:`dict_wrapped`, the payload being the message's bytes; the name is read from their beginning."""
    known = frozenset(names)
    by_bytes = {name.encode() + _DATA_KEY: name for name in known}  # one look-up finds the name and that there is data
    start, behind = len(_WRAPPED), len(_DATA_KEY)

    def decode(message: Any) -> tuple[str, Any]:
        data = bytes(message)
        if data.startswith(_WRAPPED):
            name = by_bytes.get(data[start : data.find(b'"', start) + behind])
            if name is not None:
                return name, data
        payload = _decode(data)
        found = payload["stream"]
        payload["data"]
        if found not in known:
            _check_name(found)
        return found, data

    return decode


def unwrap(payload: Any) -> tuple[str, Any]:
    """The name of the stream and the bare payload of a wrapped one, in any view.

    Raises:
        KeyError, TypeError, AttributeError: it is not wrapped.
    """
    if isinstance(payload, bytes):
        wrapper = _unwrap_raw(payload)
        return wrapper.stream, bytes(wrapper.data)
    if isinstance(payload, dict):
        return payload["stream"], payload["data"]
    return payload.stream, payload.data


class _RawWrapper(msgspec.Struct):
    stream: str
    data: msgspec.Raw


_unwrap_raw = msgspec.json.Decoder(_RawWrapper).decode


def raw_single(name: str) -> Decode:
    """Like :func:`dict_single`, the payload being the message's bytes, which need not be decoded as a rule."""

    def decode(message: Any) -> tuple[str, Any]:
        data = bytes(message)
        if data.startswith(_DATA):
            if data.startswith(_TAGGED_SHUTDOWN):
                raise DecodeError("a shutdown notice")
        elif data.lstrip()[:1] not in (b"{", b"["):
            raise DecodeError("neither an object nor an array", data[:100])
        elif len(data) < _CONTROL_SIZE and _CONTROL_MARK(data):
            _check_data(_decode(data))
        return name, data

    return decode


def control(message: bytes) -> Ack | Notice | None:
    """What a message that is not data means; ``None`` when it is nothing known. Never raises.

    Acks come as ``{"result": null, "id": n}``; errors as ``{"error": {"code", "msg"}, "id": n}`` on the wire and as
    ``{"code", "msg", "id"}`` in the spot documents; both are understood.
    """
    try:
        payload = _decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    if _announces_shutdown(payload):
        return Notice(NoticeKind.SERVER_SHUTDOWN, "the server announced its shutdown")
    number = payload.get("id")
    request_id = number if isinstance(number, int) and not isinstance(number, bool) else None
    error = payload.get("error", payload)
    if isinstance(error, dict) and "code" in error and "msg" in error:
        code = error["code"]
        return Ack(request_id, (code if isinstance(code, int) else None, str(error["msg"])))
    if "error" in payload and payload["error"] is not None:
        return Ack(request_id, (None, str(payload["error"])))
    if "result" in payload:
        return Ack(request_id, result=payload["result"])
    return None


def _check_data(payload: Any) -> None:
    """Raise unless a bare payload is market data."""
    if isinstance(payload, dict):
        tag = payload.get("e")
        if tag is None and not _CONTROL_KEYS.isdisjoint(payload):
            raise DecodeError("a control message")
        if tag == _SHUTDOWN:
            raise DecodeError("a shutdown notice")
    elif not isinstance(payload, list):
        raise DecodeError("neither an object nor an array")


def _announces_shutdown(payload: dict[str, Any]) -> bool:
    """Bare on raw sockets, wrapped on combined ones, under ``event`` on the WebSocket API."""
    inner = payload.get("data") if payload.get("stream") == _SHUTDOWN_STREAM else payload.get("event", payload)
    return isinstance(inner, dict) and inner.get("e") == _SHUTDOWN


def _check_name(name: object) -> None:
    """A name that was not asked for is still data, the shutdown notice is not."""
    if not isinstance(name, str) or name == _SHUTDOWN_STREAM:
        raise DecodeError("no data of a stream")
