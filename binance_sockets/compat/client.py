"""``Client`` as scripts of python-binance know it: REST by requests, for what they call beside their sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests

from ..engine.clock import Clock
from ..errors import ConfigError
from ..exchanges.binance.keys import ApiKey
from ..exchanges.binance.signing import rest_query
from ..exchanges.binance.urls import Environment
from ..exchanges.rest import SECRET, hide_secrets
from .client_calls import CALLS, Call
from .client_history import History
from .client_keys import ListenKeys
from .enums import CONSTANTS
from .exceptions import BinanceAPIException, BinanceRequestException

__all__ = ["Client"]

_clock = Clock()
_TIMEOUT = 10.0  # seconds of one call

_URLS = {
    "api": ("API_URL", "spot", "api"),
    "margin": ("MARGIN_API_URL", "spot", "sapi"),
    "futures": ("FUTURES_URL", "usdm", "fapi"),
    "coin": ("FUTURES_COIN_URL", "coinm", "dapi"),
}
"""Family of calls to the attribute that says where it is, the product that has it, and its path there."""

_DEFAULTS = {
    "API_URL": "https://api.binance.{}/api",
    "MARGIN_API_URL": "https://api.binance.{}/sapi",
    "FUTURES_URL": "https://fapi.binance.{}/fapi",
    "FUTURES_COIN_URL": "https://dapi.binance.{}/dapi",
}


class Client(History, ListenKeys):
    """python-binance's REST client, as far as scripts with sockets use it. Any thread; every call blocks.

    Methods take keyword arguments as the exchange names them, and return its JSON as it is. What this one does not have
    raises ``AttributeError``. As in 0.7, the constructor pings the exchange.

    Args:
        api_key: of the account; ``None`` or ``""`` for public calls alone.
        api_secret: of the key (HMAC).
        requests_params: for every call of requests, such as ``{"timeout": 20, "proxies": {...}}``.
        tld: ``"com"``, ``"us"``, or another end of the host's name.
        testnet: use the exchange's test network.

    Raises:
        BinanceAPIException: the exchange refuses the ping; a call raises it with ``code``, ``message``,
            ``status_code``.
        BinanceRequestException: an answer that is no JSON.
        requests.RequestException: the exchange cannot be reached.

    Attributes:
        API_URL, MARGIN_API_URL, FUTURES_URL, FUTURES_COIN_URL: where calls go; a class or an object may say another
            URL. ``BINANCE_SOCKETS_BASE_URL`` counts where they do not.
        timestamp_offset: milliseconds that the exchange's clock is ahead.
        session: of requests.
        response: what the last call was answered.
    """

    API_URL = _DEFAULTS["API_URL"]
    MARGIN_API_URL = _DEFAULTS["MARGIN_API_URL"]
    FUTURES_URL = _DEFAULTS["FUTURES_URL"]
    FUTURES_COIN_URL = _DEFAULTS["FUTURES_COIN_URL"]
    PUBLIC_API_VERSION = "v3"
    PRIVATE_API_VERSION = "v3"
    MARGIN_API_VERSION = "v1"
    FUTURES_API_VERSION = "v1"

    def __init__(
        self,
        api_key: str | None = None,
        api_secret: str | None = None,
        requests_params: Mapping[str, Any] | None = None,
        tld: str = "com",
        testnet: bool = False,
    ) -> None:
        hide_secrets()
        self.API_KEY = api_key
        self.API_SECRET = api_secret
        self.tld = tld
        self.testnet = testnet
        self.timestamp_offset: int = 0
        self.response: requests.Response | None = None
        self._requests_params = dict(requests_params or {})
        self._place()
        self.session = self._init_session()
        self.ping()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.API_URL}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("session", "tld", "_requests_params"):
            raise AttributeError(name)
        raise AttributeError(
            f"{name!r}: this Client serves what scripts with sockets call. The whole REST client is python-binance's: "
            "pip install python-binance; it is used once it is installed"
        )

    def _place(self) -> None:
        """Set the URLs that neither a class nor an object has set."""
        known = Environment.resolve(
            "testnet" if self.testnet else None,
            "us" if self.tld == "us" else "com",
            credentials=bool(self.API_KEY or self.API_SECRET),
        )
        for attribute, product, path in _URLS.values():
            url = str(getattr(self, attribute))
            if url == _DEFAULTS[attribute] and (known.name != "live" or self.tld in ("com", "us")):
                try:
                    url = f"{known.endpoint(product).rest}/{path}"
                except ConfigError:  # Binance.US has no futures; a call would say so
                    url = url.format(self.tld)
            setattr(self, attribute, url.format(self.tld))

    def _init_session(self) -> requests.Session:
        """The session of requests; a subclass may make another one."""
        session = requests.session()
        session.headers.update({"Accept": "application/json", "User-Agent": "binance/python"})
        if self.API_KEY:
            session.headers["X-MBX-APIKEY"] = self.API_KEY
        return session

    # -- how calls are made ------------------------------------------------------------------------------------------

    def _request(self, method: str, uri: str, signed: bool = False, force_params: bool = False, **kwargs: Any) -> Any:
        """One call.

        Args:
            method: ``"get"``, ``"post"``, ``"put"`` or ``"delete"``.
            uri: the whole URL.
            signed: with time and signature.
            force_params: parameters go into the query whatever the method.
            kwargs: ``data`` has the parameters, and ``requests_params`` among them what requests is given; others go to
                requests.
        """
        params = dict(kwargs.pop("data", None) or {})
        given = {"timeout": _TIMEOUT, **self._requests_params, **kwargs, **(params.pop("requests_params", None) or {})}
        if signed:
            params["timestamp"] = int(_clock.time() * 1000 + self.timestamp_offset)
        query = rest_query(params)
        if signed:
            query += f"&signature={self._generate_signature(query)}"
        if query and (method.lower() in ("get", "delete") or force_params):
            uri, query = f"{uri}?{query}", ""
        if query:
            given["data"] = query
            given["headers"] = {"Content-Type": "application/x-www-form-urlencoded", **given.get("headers", {})}
        try:
            response = self.session.request(method.upper(), uri, **given)
        except requests.RequestException as error:  # its text has the whole URL
            raise type(error)(SECRET.sub(r"\1...", str(error))) from None
        self.response = response
        return self._handle_response(response)

    def _generate_signature(self, data: str) -> str:
        """The signature of a query."""
        if not self.API_KEY or not self.API_SECRET:
            raise BinanceRequestException("This call is signed: Client(api_key, api_secret) takes a key and its secret")
        return ApiKey(self.API_KEY, self.API_SECRET).sign(data)

    def _handle_response(self, response: requests.Response) -> Any:
        if not 200 <= response.status_code < 300:
            raise BinanceAPIException(response)
        try:
            return response.json()
        except ValueError:
            raise BinanceRequestException(f"Invalid Response: {response.text[:200]}") from None

    def _create_api_uri(self, path: str, signed: bool = True, version: str = PUBLIC_API_VERSION) -> str:
        return f"{self.API_URL}/{version}/{path}"

    def _request_api(
        self, method: str, path: str, signed: bool = False, version: str = PUBLIC_API_VERSION, **kwargs: Any
    ) -> Any:
        """A call below ``API_URL``; ``path`` without its version."""
        return self._request(method, self._create_api_uri(path, signed, version), signed, **kwargs)

    def _request_margin_api(self, method: str, path: str, signed: bool = False, **kwargs: Any) -> Any:
        """A call below ``MARGIN_API_URL``; ``path`` without its version."""
        return self._request(method, f"{self.MARGIN_API_URL}/{self.MARGIN_API_VERSION}/{path}", signed, **kwargs)

    def _request_futures_api(
        self, method: str, path: str, signed: bool = False, version: object = 1, **kwargs: Any
    ) -> Any:
        """A call below ``FUTURES_URL``; ``path`` without its version."""
        number = str(version).removeprefix("v")
        return self._request(method, f"{self.FUTURES_URL}/v{number}/{path}", signed, True, **kwargs)

    def _get(self, path: str, signed: bool = False, version: str = PUBLIC_API_VERSION, **kwargs: Any) -> Any:
        return self._request_api("get", path, signed, version, **kwargs)

    def _post(self, path: str, signed: bool = False, version: str = PUBLIC_API_VERSION, **kwargs: Any) -> Any:
        return self._request_api("post", path, signed, version, **kwargs)

    def _put(self, path: str, signed: bool = False, version: str = PUBLIC_API_VERSION, **kwargs: Any) -> Any:
        return self._request_api("put", path, signed, version, **kwargs)

    def _delete(self, path: str, signed: bool = False, version: str = PUBLIC_API_VERSION, **kwargs: Any) -> Any:
        return self._request_api("delete", path, signed, version, **kwargs)

    def _ask(self, verb: str, family: str, path: str, security: str, params: dict[str, Any]) -> Any:
        url = f"{getattr(self, _URLS[family][0])}{path}"
        return self._request(verb, url, security == "signed", force_params=family in ("futures", "coin"), data=params)

    # -- calls that are more than a row of the table -----------------------------------------------------------------

    def create_oco_order(self, **params: Any) -> Any:
        """One order that cancels the other. ``price``, ``stopPrice`` and ``stopLimitPrice`` of 0.7 are understood, and
        so are today's ``aboveType``, ``belowType`` and their kin."""
        if "stopPrice" in params and "aboveType" not in params:
            params = _above_and_below(params)
        return self._ask("post", "api", "/v3/orderList/oco", "signed", params)

    def order_oco_buy(self, **params: Any) -> Any:
        """:meth:`create_oco_order` that buys."""
        return self.create_oco_order(**{**params, "side": "BUY"})

    def order_oco_sell(self, **params: Any) -> Any:
        """:meth:`create_oco_order` that sells."""
        return self.create_oco_order(**{**params, "side": "SELL"})


_LIMIT_PARTS = {"price": "Price", "limitClientOrderId": "ClientOrderId", "limitIcebergQty": "IcebergQty"}
_STOP_PARTS = {
    "stopPrice": "StopPrice",
    "stopLimitPrice": "Price",
    "stopLimitTimeInForce": "TimeInForce",
    "stopClientOrderId": "ClientOrderId",
    "stopIcebergQty": "IcebergQty",
}


def _above_and_below(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of the OCO that 0.7 knew, as today's names them: which leg is above depends on the side."""
    sells = str(params.get("side", "")).upper() == "SELL"
    limit, stop = ("above", "below") if sells else ("below", "above")
    names = {old: limit + new for old, new in _LIMIT_PARTS.items()}
    names |= {old: stop + new for old, new in _STOP_PARTS.items()}
    found = {names.get(name, name): value for name, value in params.items()}
    kind = "STOP_LOSS_LIMIT" if "stopLimitPrice" in params else "STOP_LOSS"
    return {f"{limit}Type": "LIMIT_MAKER", f"{stop}Type": kind, **found}


def _method(name: str, call: Call) -> Callable[..., Any]:
    fixed = dict(call.fixed)
    always = {key: value for key, value in fixed.items() if key != "timeInForce"}

    def method(self: Client, **params: Any) -> Any:
        return self._ask(call.verb, call.family, call.path, call.security, {**fixed, **params, **always})

    method.__name__ = name
    method.__qualname__ = f"Client.{name}"
    method.__doc__ = f"``{call.verb.upper()} {call.path}``, with the exchange's parameters as keyword arguments."
    return method


for _name, _call in CALLS.items():
    if _name not in vars(Client):
        setattr(Client, _name, _method(_name, _call))
for _name, _value in CONSTANTS.items():
    setattr(Client, _name, _value)
