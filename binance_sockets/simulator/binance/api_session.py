"""The WebSocket APIs: requests, replies and events on one connection. On the simulator's thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from binance_sockets.faults import Fault
from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.answers import dumps, without
from binance_sockets.simulator.binance.api_calls import ApiCall
from binance_sockets.simulator.binance.auth import is_ed25519
from binance_sockets.simulator.binance.doors import Doors, permissions
from binance_sockets.simulator.binance.listen_tokens import ListenToken
from binance_sockets.simulator.binance.requests import Request, read_request
from binance_sockets.simulator.binance.rest.answering import refusal
from binance_sockets.simulator.binance.subscriptions import Subscriptions
from binance_sockets.simulator.binance.trading.calls import Refused, missing
from binance_sockets.simulator.binance.units import in_microseconds
from binance_sockets.simulator.feed import Source
from binance_sockets.simulator.injections import Injection
from binance_sockets.simulator.session import Session

__all__ = ["API_TERMS", "ApiSession", "ApiTerms"]

_VERSION = re.compile(r"^v\d+/")


@dataclass(frozen=True, slots=True)
class ApiTerms:
    """What the exchange promises about the WebSocket API of a product.

    Args:
        name: the product.
        weight: of a connect.
        ping_interval: seconds between two pings of the server.
        pong_timeout: seconds within which a ping must be answered.
        messages_per_second: ``None``: the limits are weights.
        binary: whether messages are binary frames.
        idle_timeout: of a connection on which nothing moves; ``None`` for none.
    """

    name: str
    weight: int
    ping_interval: float
    pong_timeout: float
    messages_per_second: int | None = None
    binary: bool = False
    idle_timeout: float | None = None


API_TERMS: Mapping[str, ApiTerms] = {
    "ws-api/v3": ApiTerms("spot", 2, 20.0, 60.0),
    "ws-fapi/v1": ApiTerms("usdm", 5, 180.0, 600.0),
    "ws-dapi/v1": ApiTerms("coinm", 5, 180.0, 600.0),
}
"""By what follows the product in the path."""


class ApiSession:
    """Speaks on one connection. A :class:`~binance_sockets.simulator.session.Dialect`.

    Args:
        session: the connection.
        terms: of its product.
        calls: the product's methods.
        doors: keys and limits.
        limits_shown: whether replies carry ``rateLimits`` unless a request says otherwise.
        micro: whether it asked for microseconds.
    """

    def __init__(
        self,
        session: Session,
        terms: ApiTerms,
        calls: Mapping[str, ApiCall],
        doors: Doors,
        *,
        limits_shown: bool,
        micro: bool,
    ) -> None:
        self._session, self._terms, self._calls, self._doors = session, terms, calls, doors
        self._limits_shown, self._micro = limits_shown, micro
        self._spot = terms.name == "spot"
        self._opened_at = 0
        self._authorized_at: int | None = None
        self.key: Key | None = None
        self.subscriptions = Subscriptions(doors.clock, self._send_event, self._streams_changed, session.later)

    # what every venue has

    def opened(self) -> None:
        self._opened_at = self._doors.clock.milliseconds()
        self._doors.subscriptions.add(self.subscriptions)
        self._doors.weights.spend(self._terms.name, self.address, self._terms.weight)

    def closed(self) -> None:
        self.subscriptions.close()
        self._doors.subscriptions.discard(self.subscriptions)

    def serves(self, name: str) -> bool:
        return False  # no feed has user events

    def forgettable(self, name: str) -> bool:
        return False

    def source(self, name: str) -> tuple[Hashable, Callable[[int], Source | None]]:
        return ("user", name), lambda now: None

    def wrapped(self, name: str, payload: bytes, whole: bytes | None = None) -> bytes:
        return b'{"subscriptionId":' + name.encode() + b',"event":' + payload + b"}"

    def unknown_event(self) -> bytes:
        return dumps({"e": "neverHeardOf", "E": self._doors.clock.milliseconds(), "zz": [1, {"y": None}]})

    def without(self, payload: bytes, field: str | None) -> bytes:
        return without(payload, field)

    def shutdown_notice(self) -> bytes | None:
        if not self._spot:
            return None
        return dumps({"event": self._timed({"e": "serverShutdown", "E": self._doors.clock.milliseconds()})})

    @property
    def address(self) -> str:
        """Where the client is."""
        return self._session.address

    @property
    def micro(self) -> bool:
        """Whether times are in microseconds here."""
        return self._micro

    def _send_event(self, number: int, event: dict[str, Any]) -> None:
        self._session.deliver(str(number), dumps(self._timed(event)), event["e"])

    def _streams_changed(self, numbers: list[int]) -> None:
        names = [str(number) for number in numbers]
        self._session.unsubscribe([name for name in self._session.streams if name not in names])
        self._session.subscribe(names)

    def _timed(self, payload: Any) -> Any:
        return in_microseconds(payload) if self._micro else payload

    # requests

    def heard(self, message: bytes) -> None:
        try:
            request = read_request(message)
        except Refused as refused:
            self._say(None, refused)
            return
        if self.key is not None and self.key.revoked:
            self._say(None, Refused(-2015, "Invalid API-key, IP, or permissions for action.", 401))
            self._session.cut()
            return
        never = self._strike(Fault.REPLY_NEVER, request)
        if never is not None and not never.params["performed"]:
            return
        result = self._answered(request)
        if never is not None:
            return
        late = self._strike(Fault.REPLY_LATE, request)
        say = partial(self._say, request, result)
        if late is not None:
            self._session.later(late.params["delay"], say)
        else:
            say()

    def _strike(self, fault: Fault, request: Request) -> Injection | None:
        return self._session.spoiler.strike_request(fault, request.method)

    def _answered(self, request: Request) -> Any:
        """The result, or the refusal; carried out."""
        error = self._strike(Fault.REPLY_ERROR, request)
        if error is not None and not error.params["performed"]:
            return self._asked_error(error)
        try:
            result = self._performed(request)
        except Refused as refused:
            result = refused
        return self._asked_error(error) if error is not None else result

    def _asked_error(self, error: Injection) -> Refused:
        params, data = error.params, None
        if params["retry_after"] is not None:
            now = self._doors.clock.milliseconds()
            data = {"serverTime": now, "retryAfter": now + int(params["retry_after"] * 1000)}
        return Refused(params["code"], params["msg"], params["status"], data)

    def _performed(self, request: Request) -> Any:
        call = self._call(request)
        if call is None:
            raise Refused(-1020, "This operation is not supported.")
        weight = call.weight(request.params)
        self._charge(0 if call.free else weight)
        try:
            result = call.run(self, request.params, self._authenticated(call, request))
            return result if call.timed else self._timed(result)
        except Refused:
            if call.free:  # what fails is charged
                self._doors.weights.spend(self._terms.name, self.address, weight)
            raise

    def _call(self, request: Request) -> ApiCall | None:
        return self._calls.get(request.method) or self._calls.get(_VERSION.sub("", request.method))

    def _charge(self, weight: int) -> None:
        spent = self._doors.weights.spend(self._terms.name, self.address, weight)
        if not spent.retry_after:
            return
        now = self._doors.clock.milliseconds()
        refused = refusal(self._terms.name, self.address, spent)
        data = {"serverTime": now, "retryAfter": now + spent.retry_after * 1000}
        raise Refused(refused.code, refused.msg, refused.status, data)

    def _authenticated(self, call: ApiCall, request: Request) -> Key | None:
        """The key for which a call is made; what it lacks is refused."""
        if call.security == "NONE":
            return None
        params, authority = request.params, self._doors.authority
        needed = permissions(call.security, self._terms.name)
        if "apiKey" in params:
            key = authority.key(params["apiKey"], self.address, *needed)
        elif self.key is not None:
            key = self.key
            authority.allow(key, self.address, *needed)
        else:
            raise missing("apiKey")
        if call.security == "KEY":
            return key
        authority.check_time(params, spot=self._spot)
        if "apiKey" in params or "signature" in params:
            authority.check_signature(key, request.signed, params.get("signature"))
        return key

    # replies

    def _say(self, request: Request | None, result: Any) -> None:
        reply: dict[str, Any] = {"id": None if request is None else request.id}
        if isinstance(result, Refused):
            reply |= {"status": result.status, "error": result.body}
        else:
            reply |= {"status": 200, "result": result}
        if self._shows_limits(request):
            reply["rateLimits"] = self._limits(request)
        self._session.say(dumps(reply))
        if isinstance(result, Refused) and result.status == 418:
            self._session.cut()

    def _shows_limits(self, request: Request | None) -> bool:
        wish = None if request is None else request.params.get("returnRateLimits")
        return self._limits_shown if wish is None else wish == "true"

    def _limits(self, request: Request | None) -> list[dict[str, Any]]:
        product = self._terms.name
        spent = self._doors.weights.used(product, self.address)
        weight = {
            "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": spent.limit,
            "count": spent.used,
        }  # fmt: skip
        call = None if request is None else self._call(request)
        if call is None or request is None or call.orders is None:
            return [weight]
        key = self._doors.accounts.key(request.params.get("apiKey", "")) or self.key
        return [weight] if key is None else [*call.orders(key), weight]

    # what the methods of a session do

    def status(self) -> dict[str, Any]:
        """``session.status``, and the answer to logon and logout."""
        answer = {
            "apiKey": None if self.key is None else self.key.api_key,
            "authorizedSince": self._authorized_at,
            "connectedSince": self._opened_at,
            "returnRateLimits": self._limits_shown,
            "serverTime": self._doors.clock.milliseconds(),
        }
        if self._spot:
            answer["userDataStream"] = None if self.key is None else self.subscriptions.has_session
        return answer

    def log_on(self, key: Key) -> dict[str, Any]:
        """Authorize this connection, or swap its key.

        Raises:
            Refused: -4056 for keys that are not Ed25519; by a fault.
        """
        self._doors.let_pass("logon", self._terms.name)
        if not is_ed25519(key):
            kind = "RSA" if key.public_key else "HMAC_SHA256"
            raise Refused(-4056, f"{kind} API key is not supported.")
        self.key, self._authorized_at = key, self._doors.clock.milliseconds()
        return self.status()

    def log_out(self) -> dict[str, Any]:
        """Forget the key, and end the stream that it opened."""
        self.key = self._authorized_at = None
        self.subscriptions.end_session()
        return self.status()

    def token(self, text: str) -> ListenToken:
        """A valid listen token.

        Raises:
            Refused: -1209.
        """
        return self._doors.tokens.find(text)

    def subscribe(self, key: Key, *, logged_on: bool = False, token: ListenToken | None = None) -> int:
        """Open a user stream; returns its number.

        Raises:
            Refused: -2035, -1191, -2042, or by a fault.
        """
        self._doors.let_pass("subscribe", self._terms.name)
        self._doors.authority.allow(key, self.address, "USER_STREAM")
        wallet = "spot" if token is None else token.wallet
        return self.subscriptions.add(key, wallet, logged_on=logged_on, token=token)

    def unsubscribe(self, number: str | None) -> None:
        """End one user stream, or all.

        Raises:
            Refused: -2036, or -1100 for what is no number.
        """
        if number is None:
            self.subscriptions.end_all()
        elif re.fullmatch("[0-9]{1,9}", number):
            self.subscriptions.end(int(number))
        else:
            text = "Illegal characters found in parameter 'subscriptionId'; legal range is '^[0-9]{1,20}$'."
            raise Refused(-1100, text)
