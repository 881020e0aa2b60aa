"""Where Binance's market streams live: every URL as data, and the choice of an environment.

Environments are ``"live"``, ``"testnet"``, ``"demo"``, ``"data"`` (the public-only spot host) or a base URL such as
``http://127.0.0.1:9000``, under which the products are found by the path prefixes ``/spot``, ``/usdm``, ``/coinm`` and
``/options``. An argument wins over the variable ``BINANCE_SOCKETS_BASE_URL``, which wins over live.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...errors import ConfigError

__all__ = ["BASE_URL_VARIABLE", "ENVIRONMENTS", "PRODUCTS", "TLDS", "URLS", "Endpoint", "Environment", "is_loopback"]

BASE_URL_VARIABLE = "BINANCE_SOCKETS_BASE_URL"
PRODUCTS = ("spot", "usdm", "coinm", "options")
ENVIRONMENTS = ("live", "testnet", "demo", "data")
TLDS = ("com", "us")

_log = logging.getLogger("binance_sockets.binance")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One product in one environment.

    Args:
        streams: base of the stream URLs; ``[/route]/ws`` or ``[/route]/stream`` is appended.
        rest: base of the public REST URLs, without path.
        source: the document that names these URLs, with its date.
    """

    streams: str
    rest: str
    source: str


_SPOT_DOC = "binance-spot-api-docs, web-socket-streams.md (2026-07-21)"
_TESTNET_DOC = "binance-spot-api-docs, testnet (2026-09-09)"
_DEMO_DOC = "binance-spot-api-docs, demo-mode (2026-07-21)"
_USDM_DOC = "Important WebSocket Change Notice (2026-03-05), USD-M derivatives documentation (2026-10)"
_SDK_DOC = "binance-connector-python constants (2026-08-21)"
_COINM_DOC = "COIN-M derivatives documentation, connector constants (2026-08-21)"
_COINM_DEMO_DOC = "COIN-M machine-readable catalogue (2026-09-27)"
_OPTIONS_DOC = "European options connect page, SDK options v5.0.0 (2026-01-19)"
_US_DOC = "binance-us-api-docs (2024-06), checked 2026-07-26"

URLS: Mapping[tuple[str, str, str], Endpoint] = {
    # (tld, environment, product)
    ("com", "live", "spot"): Endpoint("wss://stream.binance.com:9443", "https://api.binance.com", _SPOT_DOC),
    ("com", "data", "spot"): Endpoint("wss://data-stream.binance.vision", "https://data-api.binance.vision", _SPOT_DOC),
    ("com", "testnet", "spot"): Endpoint(
        "wss://stream.testnet.binance.vision", "https://testnet.binance.vision", _TESTNET_DOC
    ),
    ("com", "demo", "spot"): Endpoint("wss://demo-stream.binance.com", "https://demo-api.binance.com", _DEMO_DOC),
    ("com", "live", "usdm"): Endpoint("wss://fstream.binance.com", "https://fapi.binance.com", _USDM_DOC),
    ("com", "testnet", "usdm"): Endpoint(
        "wss://fstream.binancefuture.com", "https://testnet.binancefuture.com", _SDK_DOC
    ),
    ("com", "demo", "usdm"): Endpoint("wss://demo-fstream.binance.com", "https://demo-fapi.binance.com", _USDM_DOC),
    ("com", "live", "coinm"): Endpoint("wss://dstream.binance.com", "https://dapi.binance.com", _COINM_DOC),
    ("com", "testnet", "coinm"): Endpoint(
        "wss://dstream.binancefuture.com", "https://testnet.binancefuture.com", _COINM_DOC
    ),
    ("com", "demo", "coinm"): Endpoint(
        "wss://demo-dstream.binance.com", "https://demo-dapi.binance.com", _COINM_DEMO_DOC
    ),
    ("com", "live", "options"): Endpoint("wss://fstream.binance.com", "https://eapi.binance.com", _OPTIONS_DOC),
    ("com", "testnet", "options"): Endpoint(
        "wss://fstream.binancefuture.com", "https://testnet.binancefuture.com", _SDK_DOC
    ),
    ("com", "demo", "options"): Endpoint(
        "wss://demo-fstream.binance.com", "https://demo-fapi.binance.com", _OPTIONS_DOC
    ),
    ("us", "live", "spot"): Endpoint("wss://stream.binance.us:9443", "https://api.binance.us", _US_DOC),
}


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` (a name or an address, without port) is this machine."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Environment:
    """A chosen environment: a name of :data:`ENVIRONMENTS`, or a base URL.

    Args:
        name: the name, or the base URL without a trailing slash.
        tld: ``"com"`` or ``"us"``.
    """

    name: str = "live"
    tld: str = "com"

    @classmethod
    def resolve(cls, environment: str | None = None, tld: str = "com", *, credentials: bool = False) -> Environment:
        """Choose the environment: the argument, else the variable ``BINANCE_SOCKETS_BASE_URL``, else live.

        Args:
            environment: a name, a base URL, or ``None``.
            tld: ``"com"`` or ``"us"``.
            credentials: whether API credentials are set; then a variable may only name this machine.

        Raises:
            ConfigError: for anything else, naming the allowed values.
        """
        if tld not in TLDS:
            raise ConfigError("tld", tld, TLDS)
        if environment is not None:
            name = _checked(environment, "environment")
        elif variable := os.environ.get(BASE_URL_VARIABLE):
            name = _checked(variable, BASE_URL_VARIABLE)
            beyond = name in ENVIRONMENTS or not is_loopback(urlsplit(name).hostname)
            if credentials and beyond:
                hint = "Credentials are set: pass environment= to send them to another host"
                raise ConfigError(BASE_URL_VARIABLE, name, "a loopback URL", hint)
            _log.info("environment %s taken from the variable %s", name, BASE_URL_VARIABLE)
        else:
            name = "live"
        if tld == "us" and name in ENVIRONMENTS and name != "live":
            raise ConfigError("environment", name, "'live' or a base URL", "Binance.US has no other environment")
        return cls(name, tld)

    def endpoint(self, product: str) -> Endpoint:
        """The URLs of one product here.

        Raises:
            ConfigError: for an unknown product, or one that this environment does not have.
        """
        if product not in PRODUCTS:
            raise ConfigError("product", product, PRODUCTS)
        offered = self.products()
        if product not in offered:
            hint = f"Environment {self.name!r} (tld {self.tld!r}) has no {product}"
            raise ConfigError("product", product, offered, hint)
        if self.name in ENVIRONMENTS:
            return URLS[self.tld, self.name, product]
        scheme, rest = self.name.split("://", 1)
        socket_scheme = {"http": "ws", "https": "wss"}[scheme]
        return Endpoint(f"{socket_scheme}://{rest}/{product}", f"{self.name}/{product}", "base URL of the user")

    def products(self) -> tuple[str, ...]:
        """The products that exist here."""
        if self.name not in ENVIRONMENTS:
            return PRODUCTS if self.tld == "com" else ("spot",)
        return tuple(product for product in PRODUCTS if (self.tld, self.name, product) in URLS)


def _checked(text: object, argument: str) -> str:
    """``text`` as a known name or a clean base URL."""
    allowed = ", ".join(map(repr, ENVIRONMENTS)) + " or a base URL such as 'http://127.0.0.1:9000'"
    if not isinstance(text, str):
        raise ConfigError(argument, text, allowed)
    if text in ENVIRONMENTS:
        return text
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
        parts = urlsplit("")
    if "@" in text:
        raise ConfigError(argument, "a URL with user name or password", allowed, "Credentials do not belong into it")
    if not usable or parts.query or parts.fragment or any(c.isspace() for c in text):
        shown = text.partition("?")[0].partition("#")[0]  # what comes behind may be a secret
        raise ConfigError(argument, shown, allowed)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
