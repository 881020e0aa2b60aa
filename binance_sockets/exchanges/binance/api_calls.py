"""One request of the WebSocket API, from its parameters to its future."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ...engine.connection import Connection, fresh
from ...engine.requests import Obstacle
from ...errors import (
    AuthenticationError,
    BinanceSocketsError,
    ConfigError,
    ExchangeError,
    RateLimited,
    RequestLost,
    RequestTimeout,
)
from ...exchange import Ack
from . import replies, signing
from .api_limits import Budget
from .api_socket import ApiSocket
from .keys import ApiKey
from .methods import Method, kind_of, without_version
from .rest import AUTHENTICATION, CLOCK_SKEW
from .server_time import ServerTime

__all__ = ["Account", "Call"]

_THROTTLED = -1008
_NO_OUTCOME = frozenset({-1006, -1007})
_DONE_NOTHING = ("service unavailable", "internal error")  # of futures: the request failed (general info, 2026)
_SECRETS = frozenset({"apiKey", "signature", "timestamp"})


@dataclass(frozen=True, slots=True)
class Account:
    """What all calls of one client share.

    Args:
        key: signs; ``None`` for public data.
        clock: the exchange's time.
        budget: what the limits leave.
        socket: knows whether the session is logged on.
        monotonic: tells the time for deadlines.
    """

    key: ApiKey | None
    clock: ServerTime
    budget: Budget
    socket: ApiSocket
    monotonic: Callable[[], float]


class Call:
    """One request. Made in the caller's thread; the rest happens on the connection's.

    Args:
        account: the client's.
        method: the row of the method.
        name: as it goes out.
        params: what the caller gave.
        timeout: seconds.

    Raises:
        ConfigError: a parameter is none of the method's or cannot be sent, or the key is missing or cannot sign.

    Attributes:
        future: gets the result or the error.
        timeout: seconds.
        params: as they go out, without key, time and signature; with ids for what is created.
        sent: it may have reached the exchange; changes no more once its time is over.
    """

    def __init__(
        self, account: Account, method: Method, name: str, params: Mapping[str, object], timeout: float
    ) -> None:
        self._account = account
        self._method = method
        self._name = name
        self.timeout = timeout
        self._deadline = account.monotonic() + timeout
        self._clock_corrected = False
        self._stamp: int | None = None
        self.params = _outgoing(method, params)
        self.sent = False
        self.future: Future[Any] = Future()
        self.future.set_running_or_notify_cancel()  # what has left cannot be called back
        if method.security != "none":
            _check_key(account.key, method)

    def start(self, connection: Connection) -> None:
        """Send it, once.

        Raises:
            RateLimited: not now.
        """
        status, left = connection.ban()  # of which somebody else of this process may have been told
        if left > 0:
            raise RateLimited(status, left, message=f"not sent, as the exchange answered {status}")
        self._account.budget.take(self._method)
        self.future.add_done_callback(lambda _: self._account.budget.give_back(self._method))
        self._ask(connection)

    def timed_out(self, obstacle: Obstacle) -> RequestTimeout:
        """No reply has come in time. ``obstacle``: why the request was not sent, if it was not."""
        why, cause = ("", None) if self.sent else obstacle
        error = RequestTimeout(f"reply to {self._name}", self.timeout, self.sent, self.request, why)
        error.__cause__ = cause
        return error

    @property
    def request(self) -> dict[str, object]:
        """Its parameters, and when it left: what :meth:`WebSocketAPI.resolve` wants to know."""
        return self.params if self._stamp is None else {**self.params, "timestamp": self._stamp}

    # -- the connection's thread -------------------------------------------------------------------------------------

    def _ask(self, connection: Connection) -> None:
        left = max(0.0, self._deadline - self._account.monotonic())
        connection.request(self._build, lambda answer: self._answered(connection, answer), left)

    def _build(self, request_id: int) -> bytes:
        """The request as text, stamped and signed now."""
        account, params, name = self._account, self.params, self._name
        security = self._method.security
        if security == "signed":
            self._stamp = account.clock.now()
            if account.socket.logged_on:
                params = {**params, "timestamp": self._stamp}
            elif account.key is not None:
                params = replies.signed(params, account.key, self._stamp)
        elif security == "key" and account.key is not None:
            params = {**params, "apiKey": account.key.api_key}
        if without_version(name) == "session.logout":
            account.socket.logged_on = False
        self.sent = True
        return replies.request(request_id, name, params)

    def _answered(self, connection: Connection, answer: Ack | BinanceSocketsError) -> None:
        if isinstance(answer, RequestTimeout):
            self.sent = answer.outcome_unknown  # it may have been built, and still have had to wait
            cause = answer.__cause__
            known = cause if isinstance(cause, BinanceSocketsError) else None
            self.future.set_exception(self.timed_out((answer.unsent, known)))
        elif isinstance(answer, BinanceSocketsError):
            lost = RequestLost(self._name, answer, self.request) if self.sent else fresh(answer)
            self.future.set_exception(lost)
        elif isinstance(answer, replies.Reply):
            self._replied(connection, answer)

    def _replied(self, connection: Connection, reply: replies.Reply) -> None:
        self._account.budget.told(reply.rate_limits)
        if reply.error is None:
            self.future.set_result(reply.result)
        elif reply.error[0] == CLOCK_SKEW and not self._clock_corrected:
            self._clock_corrected = True
            self._correct_clock(connection, reply)
        else:
            self.future.set_exception(self._refusal(reply))

    def _correct_clock(self, connection: Connection, refusal: replies.Reply) -> None:
        """Nothing was done, as this machine's clock is wrong: ask for the exchange's time, and send it once more."""
        clock = self._account.clock
        asked = clock.now()

        def build(request_id: int) -> bytes:
            nonlocal asked
            asked = clock.now()
            return replies.request(request_id, "time")

        def answered(answer: Ack | BinanceSocketsError) -> None:
            result = answer.result if isinstance(answer, Ack) else None
            found = result.get("serverTime") if isinstance(result, dict) else None
            if type(found) is not int:
                self.future.set_exception(self._refusal(refusal))
                return
            clock.learn(found, asked)
            self.sent = False
            self._ask(connection)

        connection.request(build, answered, max(0.0, self._deadline - self._account.monotonic()))

    def _refusal(self, reply: replies.Reply) -> ExchangeError:
        """A reply that is an error, as one."""
        code, message = reply.error or (None, "")
        status = reply.status
        if status in replies.RATE_LIMITED:
            return RateLimited(status, self._account.budget.refused(status, reply.data), code, message)
        if code in AUTHENTICATION or status == 401:
            return AuthenticationError(code, message, status, reply.data)
        nothing = code == _THROTTLED or message.lower().startswith(_DONE_NOTHING)
        unknown = code in _NO_OUTCOME or (status >= 500 and not nothing)
        return ExchangeError(code, message, status, reply.data, outcome_unknown=unknown)


def _check_key(key: ApiKey | None, method: Method) -> None:
    if key is None:
        raise ConfigError("api_key", None, f"an API key, for {method.name}")
    if method.security == "signed" and key.kind == "none":
        raise ConfigError("api_secret", None, f"a secret or a private key, for {method.name}")


def _outgoing(method: Method, params: Mapping[str, object]) -> dict[str, object]:
    """The parameters as they go out, with an id for each thing that the request creates."""
    given = {name: value for name, value in params.items() if value is not None}
    reserved = _SECRETS & given.keys()
    if reserved:
        raise ConfigError("params", sorted(reserved)[0], "the method's own", "Key, time and signature are added here")
    for name in method.ids:
        given.setdefault(name, uuid.uuid4().hex)
    # a whole number of a decimal parameter is a decimal: futures take no JSON number there
    return {
        name: signing.text(value, name) if kind_of(name) == "decimal" else signing.wire(value, name)
        for name, value in given.items()
    }
