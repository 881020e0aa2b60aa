"""REST calls that need an API key: how they are checked, and those that hand out credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance.doors import Doors, permissions
from binance_sockets.simulator.binance.trading import BY_REST, Call, Desk
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.venue import RestRequest

__all__ = ["SignedRest"]

_SPOT_PRODUCTS = ("spot", "margin")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Row:
    """One call.

    Args:
        product: of the call.
        security: KEY, or what is signed: TRADE, USER_DATA, USER_STREAM, MARGIN; NONE for none.
        weight: of one request.
        run: does it for the key that was checked.
        orders: by how much it raises the count of orders.
        free: whether success costs no weight.
    """

    product: str
    security: str
    weight: Callable[[Params], int]
    run: Callable[[Key, Params], Any]
    orders: int = 0
    free: bool = False


def _one(params: Params) -> int:
    return 1


class SignedRest:
    """Answers the calls that need a key.

    Args:
        doors: keys and limits.
        desk: where trading calls are done.
    """

    def __init__(self, doors: Doors, desk: Desk) -> None:
        self._doors = doors
        self._rows = {
            **_listen_key_rows(doors, "usdm", "/usdm/fapi/v1/listenKey"),
            **_listen_key_rows(doors, "coinm", "/coinm/dapi/v1/listenKey"),
            **_listen_key_rows(doors, "options", "/options/eapi/v1/listenKey"),
            **_listen_key_rows(doors, "portfolio", "/portfolio/papi/v1/listenKey"),
            **_listen_key_rows(doors, "margin-risk", "/spot/sapi/v1/margin/listen-key"),
            ("POST", "/spot/sapi/v1/userListenToken"): _Row("spot", "KEY", _one, self._token),
            **{(method, f"/spot{path}"): _trading(call, desk) for (method, path), call in BY_REST.items()},
        }
        self._paths = {path for _, path in self._rows}

    def answer(self, request: RestRequest) -> web.Response | None:
        """Answer a request, if it is one of these calls."""
        row = self._rows.get((request.method, request.path))
        if row is None:
            return None
        headers: dict[str, str] = {}
        try:
            return json_answer(self._done(row, request, headers), headers=headers)
        except Refused as refused:
            return json_answer(refused.body, refused.status, headers)

    def _done(self, row: _Row, request: RestRequest, headers: dict[str, str]) -> Any:
        params = _params(request)
        pool = "spot" if row.product == "margin-risk" else row.product
        weight = row.weight(params)
        spent = self._doors.weights.spend(pool, request.address, weight)
        headers["X-MBX-USED-WEIGHT-1M"] = str(spent.used)
        if spent.retry_after:
            headers["Retry-After"] = str(spent.retry_after)
            raise Refused(-1003, "Too many requests.", 418 if spent.banned_until else 429)
        key = self._authenticated(row, request, params)
        if row.orders:
            self._doors.orders.check(pool, key.account.uid, row.orders)
        result = row.run(key, params)
        if row.orders:
            self._doors.orders.count(pool, key.account.uid, row.orders)
            headers.update(self._doors.orders.headers(pool, key.account.uid))
        if row.free:
            headers["X-MBX-USED-WEIGHT-1M"] = str(self._doors.weights.spend(pool, request.address, -weight).used)
        return result

    def _authenticated(self, row: _Row, request: RestRequest, params: Params) -> Key:
        authority = self._doors.authority
        key = authority.key(
            request.headers.get("X-MBX-APIKEY"), request.address, *permissions(row.security, row.product)
        )
        if row.security != "KEY" or "signature" in params:
            authority.check_time(params, spot=row.product in _SPOT_PRODUCTS)
            authority.check_signature(key, _signed(request), params.get("signature"))
        return key

    def _token(self, key: Key, params: Params) -> Any:
        token = self._doors.create_token(key, params)
        return {"token": token.text, "expirationTime": token.expires}


def _trading(call: Call, desk: Desk) -> _Row:
    def run(key: Key, params: Params) -> Any:
        return call(desk, key.account, params)

    return _Row("spot", call.security, call.weight, run, call.orders, call.free)


def _listen_key_rows(doors: Doors, product: str, path: str) -> Mapping[tuple[str, str], _Row]:
    """POST, PUT and DELETE of a product's listen key."""

    def post(key: Key, params: Params) -> Any:
        row = doors.start_listen_key(key, product)
        expires = {"expiration": int(row.expires * 1000)} if product == "options" else {}
        return {"listenKey": row.text, **expires}

    def put(key: Key, params: Params) -> Any:
        text = doors.extend_listen_key(key, product, params.get("listenKey")).text
        return {"listenKey": text} if product in ("usdm", "coinm") else {}

    def delete(key: Key, params: Params) -> Any:
        doors.listen_keys.delete(key, product, params.get("listenKey"))
        return {}

    return {
        (method, path): _Row(product, "KEY", _one, run)
        for method, run in (("POST", post), ("PUT", put), ("DELETE", delete))
    }


def _form(request: RestRequest) -> str:
    is_form = request.headers.get("Content-Type", "").startswith(_FORM)
    return request.body.decode("utf-8", "replace") if is_form else ""


def _params(request: RestRequest) -> dict[str, str]:
    """Query and form together; the query wins."""
    return {
        **dict(parse_qsl(_form(request), keep_blank_values=True)),
        **dict(parse_qsl(request.query, keep_blank_values=True)),
    }


def _signed(request: RestRequest) -> bytes:
    """What a signature must have been made over: the percent-encoded text as sent, without the signature itself."""
    parts = (request.query, _form(request))
    kept = ("&".join(row for row in part.split("&") if not row.startswith("signature=")) for part in parts)
    return "".join(kept).encode()
