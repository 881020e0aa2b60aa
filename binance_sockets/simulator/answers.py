"""What every part writes: compact JSON, and HTTP answers made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

__all__ = ["dumps", "json_answer"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # json.dumps makes an encoder per call


def dumps(payload: object) -> bytes:
    """JSON as exchanges write it: no spaces, symbols in UTF-8. What a client sent that is no text comes back as "?"."""
    return _encode(payload).encode(errors="replace")


def json_answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An HTTP answer with a JSON body."""
    return web.Response(body=dumps(payload), status=status, content_type="application/json", headers=headers)
