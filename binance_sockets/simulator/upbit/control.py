"""Accounts of Upbit over HTTP: what :class:`UpbitRegistrar` does, below ``/control/upbit/``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.upbit.registrar import UpbitRegistrar

__all__ = ["UpbitControl"]

_PATH = re.compile(r"/control/upbit/(accounts|announcements)(?:/([^/]+)(?:/([a-z]+))?)?")


class UpbitControl:
    """Answers below ``/control/upbit/``.

    ======  ==========================================  ==============================================================
    POST    ``/control/upbit/accounts``                 ``{"access_key": ..., "secret_key": ...}``: as ``create``
    GET     ``/control/upbit/accounts/KEY``             balances
    DELETE  ``/control/upbit/accounts/KEY``             revoke the key
    POST    ``/control/upbit/accounts/KEY/deposits``    ``{"currency": ..., "amount": ...}``
    POST    ``/control/upbit/accounts/KEY/expirations`` let the key expire
    POST    ``/control/upbit/announcements``            ``{"title": ..., "category": ...}``: as ``announce``
    ======  ==========================================  ==============================================================

    Args:
        registrar: does it.
    """

    def __init__(self, registrar: UpbitRegistrar) -> None:
        self._calls: Mapping[tuple[str, str, bool, str], Callable[[str, dict[str, Any]], Any]] = {
            ("POST", "accounts", False, ""): lambda _, body: registrar.create(**body),
            ("GET", "accounts", True, ""): lambda key, _: {"balances": registrar.balances(key)},
            ("DELETE", "accounts", True, ""): lambda key, _: registrar.revoke(key),
            ("POST", "accounts", True, "deposits"): lambda key, body: registrar.deposit(key, **body),
            ("POST", "accounts", True, "expirations"): lambda key, _: registrar.expire(key),
            ("POST", "announcements", False, ""): lambda _, body: {"uuid": registrar.announce(**body)},
        }

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> web.Response | None:
        """Answer one request; ``None`` for paths of others."""
        match = _PATH.fullmatch(path)
        if match is None:
            return None
        kind, key, action = match[1], match[2] or "", match[3] or ""
        call = self._calls.get((method, kind, bool(key), action))
        if call is None:
            return json_answer({"msg": "no such path"}, 404)
        try:
            given = json.loads(body or b"{}")
            if not isinstance(given, dict):
                raise ValueError("the body must be an object")
            return json_answer(call(key, given) or {}, 200 if key else 201)
        except KeyError as error:
            return json_answer({"msg": str(error.args[0])}, 404)
        except RecursionError:
            return json_answer({"msg": "the body is nested too deeply"}, 400)
        except (ValueError, TypeError) as error:
            return json_answer({"msg": str(error)}, 400)
