"""Requests to the WebSocket APIs, read from their frames."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from binance_sockets.simulator.binance.trading.calls import Refused

__all__ = ["Request", "read_request"]


class _Digits(str):
    """A number as it stands in the frame, for signatures are made over this text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Args:
        id: whole number, text or ``None``; only echoed.
        method: what is asked for.
        params: by name, as the texts that are signed.
        signed: what a signature must have been made over: all parameters but itself, sorted, as they are.
    """

    id: int | str | None
    method: str
    params: dict[str, str] = field(repr=False)
    signed: bytes = field(repr=False)


def read_request(message: bytes) -> Request:
    """Take a frame apart.

    Raises:
        Refused: it is no request; the answer has no id.
    """
    try:
        document = json.loads(message, parse_constant=_refuse_constant)
        texts = json.loads(message, parse_int=_Digits, parse_float=_Digits)
    except (ValueError, RecursionError):
        raise Refused(-1135, "Invalid JSON Request") from None
    if not isinstance(document, dict):
        raise Refused(-1135, "Invalid JSON Request")
    request_id, method, params = document.get("id"), document.get("method"), document.get("params", {})
    if isinstance(request_id, bool) or not isinstance(request_id, (int, str, type(None))):
        raise Refused(-1100, "Illegal characters found in parameter 'id'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.")
    if not isinstance(method, str) or not method:
        raise Refused(-1102, "Mandatory parameter 'method' was not sent, was empty/null, or malformed.")
    if not isinstance(params, dict):
        raise Refused(-1135, "JSON sent for parameter 'params' is not valid")
    read = {name: _text(value, params[name]) for name, value in (texts.get("params") or {}).items()}
    signed = "&".join(f"{name}={read[name]}" for name in sorted(read) if name != "signature")
    return Request(request_id, method, read, signed.encode("utf-8", "surrogatepass"))


def _text(value: Any, plain: Any) -> str:
    """A parameter as text: numbers as they were written, lists and objects as compact JSON."""
    if isinstance(value, str):
        return str(value)
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)  # true, false, null too


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
