"""The methods of the WebSocket APIs as one table for each product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.binance.doors import Doors
from binance_sockets.simulator.binance.order_door import perform
from binance_sockets.simulator.binance.payloads import microseconds, milliseconds
from binance_sockets.simulator.binance.rest import Query, Rest
from binance_sockets.simulator.binance.trading import BY_METHOD, Call, Desks, Office
from binance_sockets.simulator.binance.trading.calls import SIGNING, Params, missing
from binance_sockets.simulator.venue import RestRequest

if TYPE_CHECKING:
    from binance_sockets.simulator.binance.api_session import ApiSession

__all__ = ["ApiCall", "calls_of"]

Run = Callable[["ApiSession", Params, Key | None], Any]


def _one(params: Params) -> int:
    return 1


def _two(params: Params) -> int:
    return 2


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One method.

    Args:
        run: does it, for a session, with its parameters and the key that was checked.
        security: NONE, KEY (a key and no signature), or what is signed: TRADE, USER_DATA, USER_STREAM, MARGIN, LOGON.
        weight: of one request.
        free: whether success costs no weight.
        timed: whether the result is in the connection's time unit already.
        orders: the order limits of an account, where the method counts against them.
    """

    run: Run
    security: str = "NONE"
    weight: Callable[[Params], int] = _one
    free: bool = False
    timed: bool = False
    orders: Callable[[Key], list[dict[str, Any]]] | None = None


def calls_of(product: str, desks: Desks, doors: Doors, rest: Rest) -> Mapping[str, ApiCall]:
    """All methods of a product.

    Args:
        product: spot, usdm or coinm.
        desks: where trading calls are done.
        doors: keys and limits.
        rest: the market data.
    """
    rows = {
        **{method: _market(product, path, rest) for method, path in _MARKET[product].items()},
        "session.logon": ApiCall(_logon, "LOGON", _two),
        "session.status": ApiCall(lambda session, params, key: session.status(), "NONE", _two),
        "session.logout": ApiCall(_logout, "NONE", _two),
    }
    streams = _SUBSCRIPTIONS if product == "spot" else _listen_keys(product, doors)
    trading = {name: _trading(call, desks[product]) for (of, name), call in BY_METHOD.items() if of == product}
    return {**rows, **streams, **trading}


_MARKET: Mapping[str, Mapping[str, str]] = {
    "spot": {
        "ping": "/api/v3/ping",
        "time": "/api/v3/time",
        "exchangeInfo": "/api/v3/exchangeInfo",
        "depth": "/api/v3/depth",
        "trades.recent": "/api/v3/trades",
        "trades.historical": "/api/v3/historicalTrades",
        "trades.aggregate": "/api/v3/aggTrades",
        "klines": "/api/v3/klines",
        "uiKlines": "/api/v3/uiKlines",
        "avgPrice": "/api/v3/avgPrice",
        "ticker.24hr": "/api/v3/ticker/24hr",
        "ticker.tradingDay": "/api/v3/ticker/tradingDay",
        "ticker": "/api/v3/ticker",
        "ticker.price": "/api/v3/ticker/price",
        "ticker.book": "/api/v3/ticker/bookTicker",
    },
    "usdm": {
        "ping": "/fapi/v1/ping",
        "time": "/fapi/v1/time",
        "depth": "/fapi/v1/depth",
        "ticker.price": "/fapi/v1/ticker/price",
        "ticker.book": "/fapi/v1/ticker/bookTicker",
    },
    "coinm": {"ping": "/dapi/v1/ping", "time": "/dapi/v1/time"},
}
"""Methods that answer as a REST call does."""


def _market(product: str, path: str, rest: Rest) -> ApiCall:
    row = rest.row(product, path)

    def query(params: Params, *, micro: bool = False, address: str = "") -> Query:
        values = {name: value for name, value in params.items() if name not in SIGNING}
        request = RestRequest("GET", path, "", {}, b"", address)
        return Query(product, request, tuple(values.items()), values, microseconds if micro else milliseconds)

    def run(session: ApiSession, params: Params, key: Key | None) -> Any:
        return rest.call(product, path, query(params, micro=session.micro, address=session.address))

    return ApiCall(run, weight=lambda params: row.cost(query(params)), timed=True)


def _trading(call: Call, desk: Office) -> ApiCall:
    def run(session: ApiSession, params: Params, key: Key | None) -> Any:
        return perform(call, desk, _owner(key).account, params)

    def orders(key: Key) -> list[dict[str, Any]]:
        return desk.counts.rows(key.account, desk.now())

    return ApiCall(run, call.security, call.weight, call.free, orders=orders if call.orders else None)


def _owner(key: Key | None) -> Key:
    if key is None:
        raise missing("apiKey")
    return key


def _logon(session: ApiSession, params: Params, key: Key | None) -> Any:
    return session.log_on(_owner(key))


def _logout(session: ApiSession, params: Params, key: Key | None) -> Any:
    return session.log_out()


# user streams on spot


def _subscribe(session: ApiSession, params: Params, key: Key | None) -> Any:
    return {"subscriptionId": session.subscribe(_owner(session.key), logged_on=True)}


def _subscribe_signed(session: ApiSession, params: Params, key: Key | None) -> Any:
    return {"subscriptionId": session.subscribe(_owner(key))}


def _subscribe_token(session: ApiSession, params: Params, key: Key | None) -> Any:
    if not params.get("listenToken"):
        raise missing("listenToken")
    token = session.token(params["listenToken"])
    number = session.subscribe(token.owner, token=token)
    return {"subscriptionId": number, "expirationTime": token.expires}


def _subscriptions(session: ApiSession, params: Params, key: Key | None) -> Any:
    return [{"subscriptionId": number} for number in session.subscriptions.active]


def _unsubscribe(session: ApiSession, params: Params, key: Key | None) -> Any:
    session.unsubscribe(params.get("subscriptionId"))
    return {}


_SUBSCRIPTIONS: Mapping[str, ApiCall] = {
    "userDataStream.subscribe": ApiCall(_subscribe, "NONE", _two),
    "userDataStream.subscribe.signature": ApiCall(_subscribe_signed, "USER_STREAM", _two),
    "userDataStream.subscribe.listenToken": ApiCall(_subscribe_token, "NONE", _two),
    "userDataStream.unsubscribe": ApiCall(_unsubscribe, "NONE", _two),
    "session.subscriptions": ApiCall(_subscriptions, "NONE", _two),
}


# listen keys on futures


def _listen_keys(product: str, doors: Doors) -> Mapping[str, ApiCall]:
    def start(session: ApiSession, params: Params, key: Key | None) -> Any:
        return {"listenKey": doors.start_listen_key(_owner(key), product).text}

    def ping(session: ApiSession, params: Params, key: Key | None) -> Any:
        return {"listenKey": doors.extend_listen_key(_owner(key), product).text}

    def stop(session: ApiSession, params: Params, key: Key | None) -> Any:
        doors.listen_keys.delete(_owner(key), product)
        return {}

    return {
        "userDataStream.start": ApiCall(start, "KEY"),
        "userDataStream.ping": ApiCall(ping, "KEY"),
        "userDataStream.stop": ApiCall(stop, "KEY"),
    }
