"""What the simulated exchange speaks on each of its paths, once a WebSocket is open.

Market streams of spot and of USD-M's routes, USD-M's private route with a listen key, and the WebSocket API as far as
accounts subscribe there. A route acknowledges any name, and brings only its own; a listen key that is none is accepted,
and brings nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from binance_sockets.faults import Fault
from binance_sockets.simulator.wire import TEXT

if TYPE_CHECKING:
    from simulation.accounts import Account
    from simulation.visit import Visit

__all__ = ["ApiDesk", "Desk", "KeyDesk", "MarketDesk", "desk_at"]

_ASKED = (Fault.ACK_NEVER, Fault.ACK_ERROR)
_ROUTES = ("public", "market")
_PUBLIC = ("depth", "bookTicker")  # kinds that USD-M's route for order books brings; the other one has the rest
_ARRIVED = 30.0  # seconds after which an answer has surely been read, by a slow callback behind a cut network, too


def desk_at(visit: Visit, target: str) -> Desk:
    """What is served at the target of an upgrade."""
    parts = urlsplit(target)
    product, *path = parts.path.strip("/").split("/")
    if path[0] == "ws-api":
        return ApiDesk(visit)
    if path[0] == "private":
        key = path[2] if len(path) > 2 else parse_qs(parts.query).get("listenKey", [""])[0]
        return KeyDesk(visit, key, combined=path[1] == "stream")
    route = path.pop(0) if path[0] in _ROUTES else ""
    combined = path[0] == "stream"
    asked = parse_qs(parts.query).get("streams", [""])[0] if combined else "/".join(path[1:])
    names = [unquote(name) for name in asked.split("/") if name]
    return MarketDesk(visit, "" if product == "spot" else f"{product}:", route, combined, names)


class Desk:
    """One of them."""

    per_second = 5
    opcode = TEXT  # of messages

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._exchange = visit.exchange

    def opened(self) -> None:
        """The upgrade is accepted."""

    def left(self) -> None:
        """The connection is over."""

    def unheard(self) -> None:
        """Nothing reaches the client any more, and the connection may never end."""

    def asked(self, request: dict[str, Any]) -> None:
        """A text message has come."""
        raise NotImplementedError

    def wrapped(self, name: str, payload: bytes) -> bytes:
        """A message of a stream, with what stands around it here."""
        raise NotImplementedError

    def farewell(self) -> dict[str, Any]:
        """The notice of a shutdown."""
        return {"e": "serverShutdown", "E": 1}


class MarketDesk(Desk):
    """Streams of markets, in the URL and by SUBSCRIBE."""

    def __init__(self, visit: Visit, prefix: str, route: str, combined: bool, names: list[str]) -> None:
        super().__init__(visit)
        self.per_second = 10 if prefix else 5
        self._prefix = prefix
        self._route = route
        self._combined = combined
        self._names = names
        self._listed: dict[str, None] = {}
        self._forgotten: dict[str, float] = {}
        self._lost: set[str] = set()
        self._told: dict[str, float] = {}

    def opened(self) -> None:
        self._subscribe(self._names)

    def left(self) -> None:
        for name in list(self._forgotten):
            self._excuse(name)

    unheard = left

    def asked(self, request: dict[str, Any]) -> None:
        visit, exchange, world = self._visit, self._exchange, self._exchange.world
        fault = exchange.strikes(exchange.trouble[0], _ASKED)
        if fault is Fault.ACK_ERROR:
            visit.say({"error": {"code": 2, "msg": "Invalid request: invalid stream"}, "id": request["id"]})
            return
        result: object = None
        if request["method"] == "SUBSCRIBE":
            self._subscribe(request["params"])
        elif request["method"] == "LIST_SUBSCRIPTIONS":
            world.sometimes("asked what is carried")
            if exchange.forgetful and exchange.strikes(exchange.forgetful, (Fault.FORGET,)):
                self.forget()
            if fault is None:
                self._told = dict.fromkeys(self._forgotten, world.now)
            result = list(self._listed)
        else:
            for name in request["params"]:
                self._excuse(name)
                self._listed.pop(name, None)
                visit.streams.pop(self._prefix + name, None)
        if fault is None:
            visit.say({"result": result, "id": request["id"]})

    def _subscribe(self, names: list[str]) -> None:
        for name in names:
            stream = self._exchange.stream(self._prefix + name)
            self._excuse(name)
            self._listed[name] = None
            if not self._route or (stream.kind.partition("@")[0] in _PUBLIC) == (self._route == "public"):
                self._visit.streams[self._prefix + name] = None

    def forget(self) -> None:
        """One stream is not carried any more, and nobody is told; none twice, which looks like another spelling."""
        names = [name for name in self._listed if "nosuch" not in name and name not in self._lost]
        if names:
            name = self._exchange.world.rng.choice(names)
            self._lost.add(name)
            self._exchange.world.note(f"forgets {self._prefix}{name}")
            del self._listed[name]
            self._visit.streams.pop(self._prefix + name, None)
            self._forgotten[name] = self._exchange.world.now

    def _excuse(self, name: str) -> None:
        """What was forgotten is over; if the client had no way to know of it, it is not to blame."""
        since, now = self._forgotten.pop(name, None), self._exchange.world.now
        if since is not None and now - self._told.get(name, now) < _ARRIVED:
            self._exchange.excuse(self._prefix + name, since)

    def wrapped(self, name: str, payload: bytes) -> bytes:
        bare = name.removeprefix(self._prefix).encode()
        return b'{"stream":"%s","data":%s}' % (bare, payload) if self._combined else payload

    def farewell(self) -> dict[str, Any]:
        notice = super().farewell()
        return {"stream": "!serverShutdown", "data": notice} if self._combined else notice


class KeyDesk(Desk):
    """The events of USD-M accounts whose listen keys are told: in the URL, or by SUBSCRIBE."""

    per_second = 10

    def __init__(self, visit: Visit, key: str, combined: bool) -> None:
        super().__init__(visit)
        self._key = key
        self._combined = combined
        visit.exchange.accounts.listeners.append(self)

    def opened(self) -> None:
        self._listen(self._key)

    def left(self) -> None:
        self._exchange.accounts.listeners.remove(self)

    @property
    def listens(self) -> bool:
        """Somebody gets the account's events."""
        return bool(self._visit.streams) and not self._visit.wire.silent

    def _listen(self, key: str) -> None:
        account = self._exchange.accounts["usdm"]
        self._key = key
        if key and key == account.key:
            self._visit.streams[account.stream] = None

    def ended(self, key: str, notice: bool) -> None:
        """A key lives no longer. The connection goes on, and is silent."""
        if key == self._key:
            self._visit.streams.clear()
            if notice:
                event = {"e": "listenKeyExpired", "E": 1, "listenKey": key}
                self._visit.say({"stream": key, "data": event} if self._combined else event)

    def asked(self, request: dict[str, Any]) -> None:
        exchange = self._exchange
        fault = exchange.strikes(exchange.trouble[0], _ASKED)
        if fault is Fault.ACK_ERROR:
            self._visit.say({"error": {"code": 2, "msg": "Invalid request"}, "id": request["id"]})
            return
        self._listen(request["params"][0])
        if fault is None:
            self._visit.say({"result": None, "id": request["id"]})

    def wrapped(self, name: str, payload: bytes) -> bytes:
        return b'{"stream":"%s","data":%s}' % (self._key.encode(), payload) if self._combined else payload


class ApiDesk(Desk):
    """The WebSocket API: subscriptions to accounts, by a signature or by a token."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit)
        self._numbers: dict[str, int] = {}
        self._count = 0
        visit.exchange.accounts.subscribers.append(self)

    def left(self) -> None:
        self._exchange.accounts.subscribers.remove(self)

    def asked(self, request: dict[str, Any]) -> None:
        exchange, accounts = self._exchange, self._exchange.accounts
        fault = exchange.strikes(exchange.trouble[0], _ASKED)
        params = request.get("params", {})
        if fault is Fault.ACK_ERROR:
            refusal: dict[str, Any] | None = {"code": -1000, "msg": "An unknown error occurred."}
        elif request["method"] == "userDataStream.subscribe.signature":
            refusal = accounts["spot"].refuses_signature(params) or self._subscribe(accounts["spot"])
        else:
            refusal = accounts["margin"].refuses_token(params["listenToken"]) or self._subscribe(accounts["margin"])
        if refusal is not None:
            self._visit.say({"id": request["id"], "status": 400, "error": refusal})
        elif fault is None:
            result = {"subscriptionId": self._count - 1}
            self._visit.say({"id": request["id"], "status": 200, "result": result, "rateLimits": []})

    def _subscribe(self, account: Account) -> None:
        self._numbers[account.stream] = self._count
        self._count += 1
        self._visit.streams[account.stream] = None

    def terminate(self, stream: str) -> bool:
        """The subscription to an account ends; the client is told. Returns whether there was one."""
        if stream not in self._visit.streams:
            return False
        del self._visit.streams[stream]
        event = {"e": "eventStreamTerminated", "E": 1}
        self._visit.say({"subscriptionId": self._numbers[stream], "event": event})
        return True

    def wrapped(self, name: str, payload: bytes) -> bytes:
        return b'{"subscriptionId":%d,"event":%s}' % (self._numbers.get(name, 0), payload)

    def farewell(self) -> dict[str, Any]:
        return {"event": super().farewell()}
