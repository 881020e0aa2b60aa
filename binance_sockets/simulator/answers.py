"""What every part writes: compact JSON, and HTTP answers made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

__all__ = ["dumps", "json_answer", "without"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # json.dumps makes an encoder per call


def dumps(payload: object) -> bytes:
    """JSON as exchanges write it: no spaces, symbols in UTF-8. What a client sent that is no text comes back as "?"."""
    return _encode(payload).encode(errors="replace")


def json_answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An HTTP answer with a JSON body."""
    return web.Response(body=dumps(payload), status=status, content_type="application/json", headers=headers)


def without(payload: bytes, field: str | None) -> bytes:
    """A JSON object, or each in an array, without a field: the named one, or the first that is not its type ``e``.

    What is no such JSON, as somebody may have published it, or lacks the field, stays as it is.
    """
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return payload
    for row in document if isinstance(document, list) else [document]:
        if isinstance(row, dict):
            row.pop(next((name for name in row if name != "e"), None) if field is None else field, None)
    return dumps(document)
