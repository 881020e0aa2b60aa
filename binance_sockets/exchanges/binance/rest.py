"""Binance's REST calls: unsigned ones of one product, and those that carry an API key or a signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import requests

from ...config import Options
from ...engine.allowance import Quota
from ...errors import (
    AuthenticationError,
    ConfigError,
    ConnectError,
    ConnectionLost,
    CredentialError,
    ExchangeError,
    RequestLost,
    RequestTimeout,
)
from ..rest import Answer, RestClient, was_not_done
from . import signing
from .keys import ApiKey
from .products import Product
from .server_time import ServerTime

__all__ = ["AUTHENTICATION", "CLOCK_SKEW", "PublicRest", "UNKNOWN_SYMBOL", "Security", "SignedRest"]

Security = Literal["none", "key", "signed"]

UNKNOWN_SYMBOL = -1121
CLOCK_SKEW = -1021
"""The timestamp is outside of ``recvWindow``, or ahead of the exchange's clock."""

AUTHENTICATION = frozenset({-1002, -1022, -2008, -2014, -2015})
"""Codes that refuse the key, its signature, or its permissions."""

_SPOT_STREAM = "userDataStream.subscribe.signature of the WebSocket API (start_user_socket does)"
_MARGIN_STREAM = "POST /sapi/v1/userListenToken and userDataStream.subscribe.listenToken (start_margin_socket does)"
_RETIRED = {
    "/api/v1/userDataStream": _SPOT_STREAM,
    "/api/v3/userDataStream": _SPOT_STREAM,
    "/sapi/v1/userDataStream": _MARGIN_STREAM,
    "/sapi/v1/userDataStream/isolated": _MARGIN_STREAM,
}
_USED = ("x-mbx-used-weight", "x-mbx-order-count", "x-sapi-used")
_USED_WEIGHT = "x-mbx-used-weight-1m"


class _BinanceRest(RestClient):
    """The shapes that all of Binance's REST answers share."""

    def __init__(self, base: str, options: Options, *, keep: bool = False, quota: Quota | None = None) -> None:
        super().__init__(base, options, keep=keep, quota=quota)
        self._used: dict[str, int] = {}

    @property
    def used(self) -> Mapping[str, int]:
        """What the last answers said of weights and orders used, by header: ``{"x-mbx-used-weight-1m": 12}``."""
        return dict(self._used)

    def refusal(self, body: Any) -> tuple[int | None, str] | None:
        """``{"code", "msg"}``, as every product answers."""
        if isinstance(body, dict) and isinstance(body.get("code"), int):
            return body["code"], str(body.get("msg", ""))
        return None

    def noted(self, path: str, answer: Answer) -> None:
        """Keep the weights; refuse what is gone for good, which a web server answers in HTML."""
        for name, text in answer.headers.items():
            if name.lower().startswith(_USED) and text.isdecimal():
                self._used = {**self._used, name.lower(): int(text)}
                if name.lower() == _USED_WEIGHT:
                    self._told_used(int(text), answer.asked, self._quota)
        if answer.status == 410 or (path in _RETIRED and answer.body is None):
            detail = f"the exchange has removed {path} (HTTP {answer.status})"
            raise CredentialError(detail, _RETIRED.get(path, ""), answer.status, permanent=True)


class PublicRest(_BinanceRest):
    """Unsigned REST calls of one product. Every call blocks for a few seconds at most and opens its own session.

    Args:
        base: scheme, host and, for a base-URL environment, the product's path.
        product: the row of the product.
        options: proxy and TLS settings, the same as the sockets'.
        quota: the request weight that is allowed; ``None`` (default) for calls that are not counted.
    """

    def __init__(self, base: str, product: Product, options: Options, quota: Quota | None = None) -> None:
        super().__init__(base, options, quota=quota)
        self._product = product

    def lists(self, symbol: str) -> bool:
        """Whether the exchange lists ``symbol`` as a symbol, pair, contract or underlying.

        Raises:
            RateLimited: HTTP 429 or 418 that outlasted the patience of this call.
            ExchangeError: any other refusal.
            requests.RequestException: the exchange could not be reached.
        """
        wanted = symbol.upper()
        query = {"symbol": wanted} if self._product.info_takes_symbol else {}
        try:
            info = self.get(self._product.info_path, query, weight=self._product.info_weight)
        except ExchangeError as error:
            if error.error_code == UNKNOWN_SYMBOL:
                return False
            raise
        return wanted in set(_listed(info))

    def listed(self) -> frozenset[str]:
        """All symbols, pairs, contracts and underlyings that the exchange lists; raises as :meth:`lists` does."""
        product = self._product
        return frozenset(_listed(self.get(product.info_path, product.info_query, weight=product.info_weight)))


class SignedRest(_BinanceRest):
    """REST calls with an API key. Any thread; every call blocks for a few seconds at most.

    The connection is kept for the next call until :meth:`close`.

    Args:
        base: scheme, host and, for a base-URL environment, the product's path.
        options: proxy and TLS settings, the same as the sockets'.
        key: signs; ``None`` for unsigned calls alone.
        time_path: path that tells the exchange's time, such as ``/api/v3/time``.
        server_time: the clock that requests are stamped with; ``None`` (default) for one of its own.
        quota: the request weight that is allowed; ``None`` (default) for calls that are not counted.
    """

    def __init__(
        self,
        base: str,
        options: Options,
        key: ApiKey | None,
        time_path: str,
        server_time: ServerTime | None = None,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(base, options, keep=True, quota=quota)
        self._key = key
        self._time_path = time_path
        self.server_time = server_time or ServerTime()

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        security: Security = "none",
        *,
        repeat: bool = False,
        weight: int = 0,
    ) -> Any:
        """The decoded body of one call. A clock that is wrong is corrected, and the call made once more.

        Args:
            method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
            path: below the base, with its leading slash.
            params: numbers of every kind, texts, bools, lists; those that are ``None`` are left out.
            security: ``"none"``, ``"key"`` (header alone) or ``"signed"``.
            repeat: whether it may be made again although it may have been carried out. A GET always may.
            weight: what it costs of the request weight, which is not counted before it is sent where this is 0, the
                default.

        Raises:
            RateLimited: HTTP 429 or 418 that outlasted the patience of this call, or an earlier one forbids it; or the
                weight that is allowed is used.
            AuthenticationError: key, signature or permissions were refused.
            CredentialError: the exchange has removed this path; names the replacement where there is one.
            ExchangeError: any other refusal; ``outcome_unknown`` where it may have been carried out.
            ConnectError: the exchange could not be reached; nothing was sent.
            RequestTimeout, RequestLost: no answer came. They hide the URL, which has secrets.
            ConfigError: no key is set, a value cannot be sent, or the proxy cannot be used.
        """
        given = dict(params or {})
        headers = {}
        if security != "none":
            headers["X-MBX-APIKEY"] = self._required().api_key
        signing.rest_query(given)  # a wrong value is refused before anything is sent

        def query() -> str:
            return self._signed(given) if security == "signed" else signing.rest_query(given)

        again = repeat or method == "GET"
        try:
            try:
                return self.send(method, path, query, headers, repeat=again, weight=weight)
            except ExchangeError as error:
                if error.error_code != CLOCK_SKEW or security != "signed":
                    raise
            self.measure()
            return self.send(method, path, query, headers, repeat=again, weight=weight)
        except ExchangeError as error:
            if error.error_code in AUTHENTICATION:
                raise AuthenticationError(error.error_code, error.message, error.status) from None
            raise
        except requests.RequestException as error:
            raise self._hidden(f"{method} {path}", error, unknown=method != "GET") from None

    def measure(self) -> None:
        """Measure the exchange's clock. Raises as :meth:`call` does."""
        asked = self.server_time.now()
        answer = self.call("GET", self._time_path)
        found = answer.get("serverTime") if isinstance(answer, dict) else None
        if isinstance(found, int):
            self.server_time.learn(found, asked)

    def _required(self) -> ApiKey:
        if self._key is None:
            raise ConfigError("api_key", None, "an API key, for this call")
        return self._key

    def _signed(self, params: Mapping[str, object]) -> str:
        query = signing.rest_query({**params, "timestamp": self.server_time.now()})
        return f"{query}&{signing.rest_query({'signature': self._required().sign(query)})}"

    def _hidden(self, call: str, error: requests.RequestException, unknown: bool) -> Exception:
        """A failure of the network without its text, which quotes the URL."""
        name = type(error).__name__
        if was_not_done(error) or isinstance(error, requests.exceptions.SSLError):
            return ConnectError(urlsplit(self._base).netloc, f"{call} was not sent ({name})")
        if unknown:
            return RequestLost(call, ConnectionLost(name))
        if isinstance(error, requests.Timeout):
            return RequestTimeout(f"answer to {call}", self.patience)
        return ConnectionLost(f"no answer to {call} ({name})")


def _listed(info: Any) -> Iterator[str]:
    """All names in an exchangeInfo body."""
    for table in ("symbols", "optionSymbols", "optionContracts"):
        for entry in info.get(table, ()) if isinstance(info, dict) else ():
            for field in ("symbol", "pair", "underlying"):
                if isinstance(name := entry.get(field), str):
                    yield name.upper()
