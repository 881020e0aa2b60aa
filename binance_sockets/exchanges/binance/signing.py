"""From parameters to the text that is signed. The WebSocket API signs raw UTF-8, REST what is percent-encoded."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, SupportsIndex
from urllib.parse import quote

import msgspec

from ...errors import ConfigError

__all__ = ["rest_query", "text", "websocket_params", "websocket_payload", "wire"]

_PLAIN = frozenset({str, int, bool})


def text(value: object, name: str = "value") -> str:
    """A parameter's value as the exchange reads it: never in exponent form, ``true`` and ``false`` for booleans.

    Args:
        value: text, a number (``Decimal``, ``int``, ``float``), a bool, an enum's member, or a list of them, which
            becomes JSON.
        name: of the parameter, for the error.

    Raises:
        ConfigError: anything else, and numbers that are not finite.
    """
    value = wire(value, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return msgspec.json.encode(value).decode()
    return str(value)


def wire(value: object, name: str = "value") -> str | int | bool | list[Any]:
    """A parameter's value as it stands in a request of the WebSocket API.

    Whole numbers stay JSON numbers, and all others become text, which no JSON reader can round. See :func:`text`.
    """
    if type(value) in _PLAIN:
        return value  # type: ignore[return-value]  # a str, int or bool
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [wire(each, name) for each in value]
    if isinstance(value, float):
        value = Decimal(float.__repr__(value)) if math.isfinite(value) else Decimal("nan")
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ConfigError(name, value, "a finite number")
        return format(value, "f")
    if isinstance(value, SupportsIndex):  # int, and the whole numbers of other libraries
        return operator.index(value)
    raise ConfigError(name, f"a {type(value).__name__}", "text, a number, a bool or a list")


def websocket_params(params: Mapping[str, object]) -> dict[str, Any]:
    """Parameters as they go into a request, without those that are ``None``."""
    return {name: wire(value, name) for name, value in params.items() if value is not None}


def websocket_payload(params: Mapping[str, object]) -> str:
    """What is signed for a request of the WebSocket API: all but ``signature``, by name, nothing encoded.

    Source: ``web-socket-api.md`` (2026-07-21), "SIGNED request example".
    """
    kept = sorted((name, value) for name, value in params.items() if name != "signature" and value is not None)
    return "&".join(f"{name}={text(value, name)}" for name, value in kept)


def rest_query(params: Mapping[str, object]) -> str:
    """The query of a REST call as it is sent and signed: percent-encoded UTF-8, in the order given.

    Source: change log of 2026-01-15: signatures are made over the percent-encoded payload.
    """
    return "&".join(
        f"{quote(name, safe='')}={quote(text(value, name), safe='')}"
        for name, value in params.items()
        if value is not None
    )
