"""How an account proves itself for its user data: a listen key, a listen token, or a signature on the WebSocket API.

Each is a :class:`~binance_sockets.exchange.Credential`. No key, token or signature stands in a text of its errors.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from ...errors import BinanceSocketsError, CredentialError, ExchangeError
from ...exchange import Effect, Lease
from . import replies
from .keys import ApiKey
from .rest import AUTHENTICATION, UNKNOWN_SYMBOL

__all__ = ["KEY_LIFE", "TOKEN_LIFE", "Caller", "ListenKey", "ListenToken", "Signature"]

KEY_LIFE = 3600.0
"""Seconds that a listen key lives from its last POST or PUT."""

TOKEN_LIFE = 86_400.0
"""Seconds that a listen token may live; default and maximum of the exchange."""

_SHARE = 0.4  # of a life after which it is renewed: three more attempts find room before it ends
_SHORTEST = 60.0  # seconds between renewals, whatever python-binance 0.7's user_timeout says
_NO_SUCH_KEY = -1125
_BAD_TOKEN = -1209
_CLOCK = -1021
_HOPELESS = AUTHENTICATION | {UNKNOWN_SYMBOL}  # asking once more changes nothing
_MICROSECONDS = 10**14  # later than the year 5000 in ms


class Caller(Protocol):
    """The REST calls of one account, as :class:`~.rest.SignedRest` makes them."""

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        security: Any = "none",
        *,
        repeat: bool = False,
        weight: int = 0,
    ) -> Any:
        """The decoded body of one call."""

    def measure(self) -> None:
        """Measure the exchange's clock."""

    def close(self) -> None:
        """Close what is kept open."""


class ListenKey:
    """A listen key: it lives for 60 minutes, POST gives or extends it, PUT extends it.

    It is one for all programs of an account, so that nothing deletes it unless told to.

    Args:
        rest: calls with the account's API key.
        path: of the call.
        every: seconds between renewals, as the user wants them; at least 60 and at most 40 % of the key's life.
        names_key: PUT and DELETE take the key as a parameter.
        delete: delete it when the connection is over.

    Attributes:
        key: the key; empty before the first.

    Source: derivatives documentation (2026-10), "Start/Keepalive/Close User Data Stream".
    """

    proves_url = True

    def __init__(
        self, rest: Caller, path: str, *, every: float = KEY_LIFE, names_key: bool = False, delete: bool = False
    ) -> None:
        self._rest = rest
        self._path = path
        self._renew_after = max(_SHORTEST, min(every, KEY_LIFE * _SHARE))
        self._names_key = names_key
        self._delete = delete
        self.key = ""
        self._lock = threading.Lock()  # guards the key and the one below: an attempt and a renewal may be under way
        self._number = 0  # of the key, among those of this socket

    def __repr__(self) -> str:
        return f"<ListenKey of {self._path}>"

    def obtain(self) -> Lease:
        """POST: the living key and 60 more minutes for it, or a new one."""
        return self._given(self._call("POST", None))

    def renew(self) -> Lease:
        """PUT; where the exchange no longer knows the key, POST a new one."""
        try:
            answer = self._call("PUT", {"listenKey": self.key} if self._names_key else None)
        except _Unknown:
            return self._given(self._call("POST", None), dead=True)  # even an equal one was dead meanwhile
        return self._given({"listenKey": self.key, **answer} if isinstance(answer, dict) else answer)

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        return _refusal(code, message)

    def release(self) -> None:
        """DELETE it, if asked to."""
        if self._delete and self.key:
            self._call("DELETE", {"listenKey": self.key} if self._names_key else None)

    def _call(self, method: str, params: Mapping[str, object] | None) -> Any:
        with _errors(self._rest, f"{method} {self._path}"):
            return self._rest.call(method, self._path, params, "key", repeat=True)

    def _given(self, answer: Any, dead: bool = False) -> Lease:
        """What the answer brings; ``dead`` where the one before is known to be."""
        key = answer.get("listenKey") if isinstance(answer, dict) else None
        if not isinstance(key, str) or not key:
            raise CredentialError(f"the answer to {self._path} has no listenKey")
        with self._lock:
            changed = dead or self.key not in ("", key)
            if changed or not self._number:
                self._number += 1
            self.key = key
            return Lease(self._renew_after, KEY_LIFE, Effect.CHANGED if changed else Effect.KEPT, self._number)


class ListenToken:
    """A listen token of margin: signed for over REST, renewed by subscribing again with a new one.

    Args:
        rest: signed calls.
        path: of the call.
        now: the exchange's time in ms.
        symbol: of the isolated account; ``None`` for the cross account.

    Attributes:
        token: the token; empty before the first.

    Source: margin documentation (2026), "Create Margin Account listenToken".
    """

    proves_url = False

    def __init__(self, rest: Caller, path: str, now: Callable[[], int], symbol: str | None = None) -> None:
        self._rest = rest
        self._path = path
        self._now = now
        self._params: dict[str, object] = {"isIsolated": symbol is not None}
        if symbol is not None:
            self._params["symbol"] = symbol
        self.token = ""

    def __repr__(self) -> str:
        return f"<ListenToken of {self._path}>"

    def obtain(self) -> Lease:
        """A new token for a new subscription."""
        return self._fetch(Effect.KEPT)

    def renew(self) -> Lease:
        """A new token for the same subscription."""
        return self._fetch(Effect.RESENT)

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        return _refusal(code, message)

    def release(self) -> None:
        """There is no call that ends a token."""

    def _fetch(self, effect: Effect) -> Lease:
        with _errors(self._rest, f"POST {self._path}"):
            answer = self._rest.call("POST", self._path, self._params, "signed", repeat=True)
        token, ends = (answer.get("token"), answer.get("expirationTime")) if isinstance(answer, dict) else (None, None)
        if not isinstance(token, str) or not token:
            raise CredentialError(f"the answer to {self._path} has no token")
        self.token = token
        life = TOKEN_LIFE
        if type(ends) is int:
            life = (ends // 1000 if ends > _MICROSECONDS else ends) / 1000 - self._now() / 1000
        life = life if 0 < life <= TOKEN_LIFE else TOKEN_LIFE  # else one of the clocks is wrong
        return Lease(life * _SHARE, life, effect)


class Signature:
    """A signature on the WebSocket API: made anew for each subscription, and good for as long as the connection.

    Args:
        key: signs.
        rest: tells the exchange's time when this machine's is too far from it.
        now: the exchange's time in ms, as far as it is known.
        logon: log the session on, which takes an Ed25519 key, instead of signing the subscription.

    Source: ``web-socket-api.md`` (2026-07-21), "Authentication requests", "User Data Stream requests".
    """

    proves_url = False

    def __init__(self, key: ApiKey, rest: Caller, now: Callable[[], int], *, logon: bool = False) -> None:
        self._key = key
        self._rest = rest
        self._now = now
        self._clock_is_wrong = False
        self.logon = logon

    def __repr__(self) -> str:
        return f"<Signature by {self._key!r}>"

    def obtain(self) -> Lease:
        """Nothing to have; a clock that was found wrong is measured."""
        if self._clock_is_wrong:
            with _errors(self._rest, "the exchange's time"):
                self._rest.measure()
            self._clock_is_wrong = False
        return Lease()

    def renew(self) -> Lease:
        """Never needed."""
        return Lease()

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        self._clock_is_wrong = code == _CLOCK
        return _refusal(code, message)

    def release(self) -> None:
        """The subscription ends with the connection."""

    def request(self, request_id: int) -> bytes:
        """The signed request: ``session.logon``, or the subscription itself."""
        method = "session.logon" if self.logon else "userDataStream.subscribe.signature"
        return replies.request(request_id, method, replies.signed({}, self._key, self._now()))


class _Unknown(CredentialError):
    """The exchange does not know the listen key."""


@contextlib.contextmanager
def _errors(rest: Caller, call: str) -> Iterator[None]:
    """Turn what a call raises into a credential's error, and close the connection, which the next call need not share.

    Errors of this package hide the URL, and with it the key.
    """
    try:
        yield
    except CredentialError as error:  # the exchange has removed the path
        raise CredentialError(error.detail, error.replacement, error.status, permanent=True) from None
    except ExchangeError as error:
        if error.error_code == _NO_SUCH_KEY:
            raise _Unknown(f"{call}: {error}") from None
        permanent = error.error_code in _HOPELESS
        wait = getattr(error, "retry_after", None)
        raise CredentialError(f"{call}: {error}", permanent=permanent, retry_after=wait) from None
    except BinanceSocketsError as error:
        raise CredentialError(f"{call}: {error}") from None
    finally:
        rest.close()


def _refusal(code: int | None, message: str) -> CredentialError:
    """What the WebSocket API says about a credential."""
    hint = " (the listen token is not valid)" if code == _BAD_TOKEN else ""
    return CredentialError(f"the exchange refused it: {message} (code {code}){hint}", permanent=code in _HOPELESS)
