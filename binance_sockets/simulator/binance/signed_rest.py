"""REST calls that need an API key, as rows: how they are checked, and those that hand out credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.binance import sapi
from binance_sockets.simulator.binance.doors import Doors, permissions
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.order_door import order_headers, perform
from binance_sockets.simulator.binance.payloads import microseconds
from binance_sockets.simulator.binance.rest import Backend, Query, Row
from binance_sockets.simulator.binance.rest.rows import Told
from binance_sockets.simulator.binance.trading import CALLS, Call, Desks
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.binance.units import in_microseconds
from binance_sockets.simulator.venue import RestRequest

__all__ = ["signed_rows", "signed_text"]

_LISTEN_KEYS = (
    ("usdm", "usdm", "/fapi/v1/listenKey"),
    ("coinm", "coinm", "/dapi/v1/listenKey"),
    ("options", "options", "/eapi/v1/listenKey"),
    ("portfolio", "portfolio", "/papi/v1/listenKey"),
    ("margin-risk", "spot", "/sapi/v1/margin/listen-key"),
    ("us", "us", "/api/v3/userDataStream"),  # Binance.US keeps what spot has lost
)
"""Product of the keys, product and path of their calls."""

_Run = Callable[[Key, Params], Any]


def signed_rows(doors: Doors, desks: Desks) -> Iterator[Row]:
    """All calls that need a key.

    Args:
        doors: keys and limits.
        desks: where trading calls are done.
    """
    for kind, product, path in _LISTEN_KEYS:
        yield from _listen_key(doors, kind, product, path)
    yield _row(doors, "spot", "POST", "/sapi/v1/userListenToken", _token(doors))
    yield from _wallet(doors, desks["spot"].listing)
    for call in CALLS:
        if call.rest is not None:
            yield _trading(doors, desks, call, *call.rest)


def _row(doors: Doors, product: str, method: str, path: str, run: _Run, weight: int = 1, security: str = "KEY") -> Row:
    """A call that needs a key, and no signature unless ``security`` says so."""

    def done(backend: Backend, query: Query) -> object:
        params = _params(query)
        return run(_authenticated(doors, security, product, query.request, params), params)

    return Row(product, method, path, weight, done, None)


def _wallet(doors: Doors, listing: Listing) -> Iterator[Row]:
    """What clients ask of ``/sapi`` before they trade."""
    margin = "/sapi/v1/margin"
    yield _row(doors, "spot", "GET", f"{margin}/allPairs", lambda key, params: sapi.margin_pairs(listing))
    yield _row(
        doors, "spot", "GET", f"{margin}/isolated/allPairs", lambda key, params: sapi.isolated_pairs(listing), 10
    )
    yield _row(
        doors, "spot", "GET", "/sapi/v1/capital/config/getall", lambda key, params: sapi.coins(listing, key.account),
        10, "USER_DATA",
    )  # fmt: skip


def _trading(doors: Doors, desks: Desks, call: Call, method: str, path: str) -> Row:
    """A call of the trading interface."""
    desk, product = desks[call.product], call.product

    def done(backend: Backend, query: Query) -> object:
        params = _params(query)
        key = _authenticated(doors, call.security, product, query.request, params)
        result = perform(call, desk, key.account, params)
        result = in_microseconds(result) if query.ts is microseconds else result
        return Told(result, order_headers(desk, key.account)) if call.orders else result

    return Row(product, method, path, lambda query: call.weight(query.values), done, None, free=call.free)


def _listen_key(doors: Doors, kind: str, product: str, path: str) -> Iterator[Row]:
    """POST, PUT and DELETE of a product's listen key."""

    def post(key: Key, params: Params) -> Any:
        row = doors.start_listen_key(key, kind)
        expires = {"expiration": int(row.expires * 1000)} if kind == "options" else {}
        return {"listenKey": row.text, **expires}

    def put(key: Key, params: Params) -> Any:
        text = doors.extend_listen_key(key, kind, params.get("listenKey")).text
        return {"listenKey": text} if kind in ("usdm", "coinm") else {}

    def delete(key: Key, params: Params) -> Any:
        doors.listen_keys.delete(key, kind, params.get("listenKey"))
        return {}

    yield _row(doors, product, "POST", path, post)
    yield _row(doors, product, "PUT", path, put)
    yield _row(doors, product, "DELETE", path, delete)


def _token(doors: Doors) -> _Run:
    def run(key: Key, params: Params) -> Any:
        token = doors.create_token(key, params)
        return {"token": token.text, "expirationTime": token.expires}

    return run


def _params(query: Query) -> dict[str, str]:
    """Query and form together; the query wins.

    Raises:
        Refused: -1101 for a name that stands twice in the query, or in the form.
    """
    for part in (query.request.query, query.request.form):
        names = [name for name, _ in parse_qsl(part, keep_blank_values=True)]
        if len(set(names)) < len(names):
            raise Refused(-1101, "Duplicate values for a parameter detected.")
    return dict(reversed(query.pairs))


def _authenticated(doors: Doors, security: str, product: str, request: RestRequest, params: Params) -> Key:
    """The key that made a request.

    Raises:
        Refused: it lacks something.
    """
    authority = doors.authority
    key = authority.key(request.headers.get("X-MBX-APIKEY"), request.address, *permissions(security, product))
    if security != "KEY" or "signature" in params:
        authority.check_time(params, spot=product == "spot")
        authority.check_signature(key, signed_text(request), params.get("signature"))
    return key


def signed_text(request: RestRequest) -> bytes:
    """What a signature must have been made over: the percent-encoded text as sent, without the signature itself."""
    kept = (
        "&".join(row for row in part.split("&") if not row.startswith("signature="))
        for part in (request.query, request.form)
    )
    return "".join(kept).encode()
