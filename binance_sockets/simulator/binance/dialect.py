"""Binance's control messages and wrappers, on one connection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from typing import Any

from binance_sockets.faults import Fault
from binance_sockets.simulator.answers import dumps, without
from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.families import home_of, make_stream, parse, route_of
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import Product
from binance_sockets.simulator.binance.user_feed import UserFeed
from binance_sockets.simulator.feed import Source
from binance_sockets.simulator.session import Session

__all__ = ["BinanceDialect"]

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
_TEXT_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


class _Refused(Exception):
    """A control message that is answered with an error."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(code, msg)
        self.code, self.msg = code, msg


class BinanceDialect:
    """Speaks on one connection. A :class:`~binance_sockets.simulator.session.Dialect`.

    Args:
        session: the connection.
        product: its product.
        listing: what is listed.
        combined: whether it was opened on ``/stream``.
        micro: whether it asked for microseconds.
        usdm_trade_route: which route of USD-M serves ``@trade``, one of ``TRADE_ROUTES``.
        user: follows the listen keys among its names; ``None`` where the path serves none.
    """

    def __init__(
        self,
        session: Session,
        product: Product,
        listing: Listing,
        *,
        combined: bool,
        micro: bool,
        usdm_trade_route: str,
        user: UserFeed | None,
    ) -> None:
        self._session, self._product, self._listing = session, product, listing
        self._combined, self._micro, self._user = combined, micro, user
        self._usdm_trade_route = usdm_trade_route
        self._heads: dict[str, bytes] = {}  # how the wrapped messages of a stream begin

    # what every venue has

    def opened(self) -> None:
        names = self._session.names
        if len(names) > self._product.streams:
            self._session.close(1008, "Invalid request")
        else:
            self._session.subscribe(names)
            self._follow()

    def closed(self) -> None:
        if self._user is not None:
            self._user.close()

    def serves(self, name: str) -> bool:
        """Whether data of this stream flows on this route; the plain path of routed products counts as public."""
        product = home_of(self._product.name, name)
        stream = parse(product, name)
        if product == "usdm" and stream is not None and stream.family.kind == "trade":
            route = self._usdm_trade_route
        else:
            route = route_of(product, name)
        return route == self._session.route or (self._session.route == "" and route == "public")

    def forgettable(self, name: str) -> bool:
        return "@" in name

    def source(self, name: str) -> tuple[Hashable, Callable[[int], Source | None]]:
        product, micro = home_of(self._product.name, name), self._micro

        def make(now: int) -> Source | None:
            return make_stream(self._listing, product, name, now, micro=micro)

        return (product, name, micro), make

    def wrapped(self, name: str, payload: bytes, whole: bytes | None = None) -> bytes:
        if not self._combined and (self._user is None or not self._user.enveloped(name)):
            return payload
        if whole is not None:
            return whole
        head = self._heads.get(name)
        if head is None:
            head = self._heads[name] = b'{"stream":' + dumps(name) + b',"data":'
        return head + payload + b"}"

    def unknown_event(self) -> bytes:
        return dumps({"e": "neverHeardOf", "E": payloads.milliseconds(self._now()), "zz": [1, {"y": None}]})

    def without(self, payload: bytes, field: str | None) -> bytes:
        return without(payload, field)

    def shutdown_notice(self) -> bytes | None:
        ts = payloads.microseconds if self._micro else payloads.milliseconds
        return self.wrapped("!serverShutdown", dumps(payloads.server_shutdown(self._now(), ts)))

    def _now(self) -> int:
        return self._session.services.feed.clock.now

    # control messages

    def heard(self, message: bytes) -> None:
        request_id: object = None
        known_id = False
        session = self._session
        try:
            request = self._parsed(message)
            request_id, known_id = self._checked_id(request), True
            if session.spoiler.strike(Fault.ACK_NEVER):
                return
            refusal = session.spoiler.strike(Fault.ACK_ERROR)
            if refusal:
                raise _Refused(refusal.params["code"], refusal.params["msg"])
            result = self._perform(request.get("method"), request.get("params"))
            session.say(dumps({"result": result, "id": request_id}))
        except _Refused as error:
            answer: dict[str, object] = {"code": error.code, "msg": error.msg}
            if not session.services.limits.flat_errors:
                answer = {"error": answer}
            session.say(dumps({**answer, "id": request_id} if known_id else answer))
            if error.code == 4:
                session.close(1008, "Invalid request")

    def _parsed(self, text: bytes) -> dict[str, Any]:
        try:
            request = json.loads(text)
        except ValueError as error:
            raise _Refused(3, f"Invalid JSON: {error}") from None
        except RecursionError:
            raise _Refused(3, "Invalid JSON: recursion limit exceeded") from None
        if not isinstance(request, dict):
            raise _Refused(2, "Invalid request: request must be an object")
        return request

    def _checked_id(self, request: dict[str, Any]) -> object:
        value = request.get("id")
        spot = self._product.name == "spot"
        if isinstance(value, int) and not isinstance(value, bool):
            low, high = (-(2**63), 2**63 - 1) if spot else (0, 2**64 - 1)
            valid = low <= value <= high
        elif isinstance(value, str):
            valid = not self._product.integer_ids and _TEXT_ID.fullmatch(value) is not None
        else:
            valid = value is None and spot
        if not valid:
            raise _Refused(2, "Invalid request: request ID must be an integer or a short text")
        return value

    def _perform(self, method: object, params: Any) -> object:
        if method is None:
            raise _Refused(2, "Invalid request: missing field `method`")
        if method not in _METHODS:
            raise _Refused(2, f"Invalid request: unknown variant `{method}`, expected one of {', '.join(_METHODS)}")
        if method == "LIST_SUBSCRIPTIONS":
            return list(self._session.streams)
        if not isinstance(params, list):
            raise _Refused(2, "Invalid request: params must be an array")
        if method in ("SET_PROPERTY", "GET_PROPERTY"):
            return self._property(params, write=method == "SET_PROPERTY")
        if not all(isinstance(name, str) and name for name in params):
            raise _Refused(2, "Invalid request: invalid stream")
        if method == "UNSUBSCRIBE":
            self._session.unsubscribe(params)
        else:
            self._check_room(params)
            self._session.subscribe(params)
        self._follow()
        return None

    def _follow(self) -> None:
        if self._user is not None:
            self._user.follow(self._session.streams)

    def _property(self, params: list[Any], *, write: bool) -> object:
        if len(params) > 1 + write:
            raise _Refused(2, "Invalid request: too many parameters")
        if not params or not isinstance(params[0], str):
            raise _Refused(2, "Invalid request: property name must be a string")
        if params[0] != "combined":
            raise _Refused(0, "Unknown property")
        if not write:
            return self._combined
        if len(params) < 2 or not isinstance(params[1], bool):
            raise _Refused(1, "Invalid value type: expected Boolean")
        self._combined = params[1]
        self._session.note(combined=self._combined)
        return None

    def _check_room(self, names: list[str]) -> None:
        if len(self._session.streams.keys() | set(names)) > self._product.streams:
            raise _Refused(4, "Too many subscriptions")
