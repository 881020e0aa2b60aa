"""Accounts, credentials and the clock over HTTP: what :class:`Registrar` does, below ``/control/``."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance.registrar import Registrar

__all__ = ["RegistrarControl"]

_ARGUMENTS = [name for name in inspect.signature(Registrar.create).parameters if name != "self"]
_PATH = re.compile(r"/control/accounts(?:/([^/]+)(?:/([a-z-]+))?)?")


class RegistrarControl:
    """Answers below ``/control/accounts``, ``funding``, ``exercises`` and ``clock``.

    ======  =======================================  ===============================================================
    POST    ``/control/accounts``                    ``{"api_key": ..., "secret": ...}``: the arguments of ``create``
    GET     ``/control/accounts/KEY?wallet=spot``    balances of a wallet
    DELETE  ``/control/accounts/KEY``                revoke the key
    POST    ``/control/accounts/KEY/events``         ``{"wallet": ..., "event": {...}}``: publish an event
    POST    ``/control/accounts/KEY/deposits``       ``{"asset": ..., "amount": ..., "wallet": ...}``
    POST    ``/control/accounts/KEY/margin-calls``   ``{"symbol": ..., "product": "usdm"}``, the symbol may be left out
    POST    ``/control/accounts/KEY/liquidations``   ``{"symbol": ..., "product": "usdm"}``
    POST    ``/control/accounts/KEY/deleveragings``  the same
    POST    ``/control/accounts/KEY/settlements``    the same
    POST    ``/control/funding``                     ``{"symbol": ..., "rate": "0.0001", "product": "usdm"}``
    POST    ``/control/exercises``                   ``{"symbol": ..., "price": "90000"}``, the price may be left out
    DELETE  ``/control/accounts/KEY/listen-keys``    expire them; ``?product=`` for one
    DELETE  ``/control/accounts/KEY/tokens``         expire listen tokens
    DELETE  ``/control/accounts/KEY/streams``        end user streams on the WebSocket API
    GET     ``/control/clock``                       ``{"skew": seconds}``; POST sets it
    ======  =======================================  ===============================================================

    Args:
        registrar: does it.
    """

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar
        self._markets: Mapping[str, Callable[..., int]] = {
            "/control/funding": registrar.fund,
            "/control/exercises": registrar.exercise,
        }
        self._calls: Mapping[tuple[str, str], Callable[[str, Mapping[str, str], dict[str, Any]], Any]] = {
            ("GET", ""): self._balances,
            ("DELETE", ""): self._revoke,
            ("POST", "events"): self._publish,
            ("POST", "deposits"): self._deposit,
            ("POST", "margin-calls"): lambda key, query, body: {"positions": registrar.margin_call(key, **body)},
            ("POST", "liquidations"): lambda key, query, body: {"positions": registrar.liquidate(key, **body)},
            ("POST", "deleveragings"): lambda key, query, body: {"positions": registrar.deleverage(key, **body)},
            ("POST", "settlements"): lambda key, query, body: {"positions": registrar.settle(key, **body)},
            ("DELETE", "listen-keys"): lambda key, query, body: {
                "ended": registrar.expire_listen_keys(key, query.get("product"))
            },
            ("DELETE", "tokens"): lambda key, query, body: {"ended": registrar.expire_tokens(key)},
            ("DELETE", "streams"): lambda key, query, body: {"ended": registrar.end_streams(key)},
        }

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> web.Response | None:
        """Answer one request; ``None`` for paths of others."""
        match = _PATH.fullmatch(path)
        if match is None and path not in ("/control/clock", *self._markets):
            return None
        try:
            given = json.loads(body or b"{}")
            if not isinstance(given, dict):
                raise ValueError("the body must be an object")
            if path in self._markets:
                return self._settle(method, self._markets[path], given)
            if match is None:
                return json_answer(self._clock(given) if method == "POST" else {"skew": self._registrar.clock_skew})
            if match[1] is None:
                return self._create(method, given)
            call = self._calls.get((method, match[2] or ""))
            if call is None:
                return json_answer({"msg": "no such path"}, 404)
            return json_answer(call(match[1], query, given))
        except KeyError as error:
            return json_answer({"msg": str(error.args[0])}, 404)
        except RecursionError:
            return json_answer({"msg": "the body is nested too deeply"}, 400)
        except (ValueError, TypeError) as error:
            return json_answer({"msg": str(error)}, 400)

    def _create(self, method: str, given: dict[str, Any]) -> web.Response:
        if method != "POST":
            return json_answer({"msg": "POST only"}, 405)
        if not isinstance(given.get("api_key"), str):
            raise ValueError("the body must have a text 'api_key'")
        if unknown := given.keys() - set(_ARGUMENTS):
            raise ValueError(f"no such argument: {', '.join(sorted(unknown))}; there are {', '.join(_ARGUMENTS)}")
        self._registrar.create(given.pop("api_key"), **given)
        return json_answer({}, 201)

    def _settle(self, method: str, call: Callable[..., int], given: dict[str, Any]) -> web.Response:
        if method != "POST":
            return json_answer({"msg": "POST only"}, 405)
        return json_answer({"positions": call(**given)})

    def _balances(self, key: str, query: Mapping[str, str], given: dict[str, Any]) -> Any:
        return {"balances": self._registrar.balances(key, query.get("wallet", "spot"))}

    def _revoke(self, key: str, query: Mapping[str, str], given: dict[str, Any]) -> Any:
        self._registrar.revoke(key)
        return {}

    def _publish(self, key: str, query: Mapping[str, str], given: dict[str, Any]) -> Any:
        if not isinstance(given.get("event"), dict):
            raise ValueError("the body must have an object 'event'")
        self._registrar.publish(key, given.get("wallet", "spot"), given["event"])
        return {}

    def _deposit(self, key: str, query: Mapping[str, str], given: dict[str, Any]) -> Any:
        self._registrar.deposit(key, **given)
        return {}

    def _clock(self, given: dict[str, Any]) -> Any:
        if "skew" not in given:
            raise ValueError("the body must have a number 'skew'")
        self._registrar.clock_skew = given["skew"]
        return {"skew": self._registrar.clock_skew}
