"""The table of Binance's WebSocket APIs: one row for each product that has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import ConfigError
from ...exchange import Keepalive
from ..environment import LIVE, Endpoint
from .methods import API_PRODUCTS
from .products import ENVIRONMENTS, MARKETS
from .urls import Environment

__all__ = ["ALGO_ORDER", "API_ROWS", "ApiProduct", "api_product"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ApiProduct:
    """The WebSocket API of one product.

    Args:
        name: what users call the product.
        hosts: bases of the WebSocket and of REST, by environment.
        path: of the WebSocket.
        time_path: REST path that tells the exchange's time.
        keepalive: how a living connection shows itself.
        source: documents, with their dates.
    """

    name: str
    hosts: Mapping[str, Endpoint]
    path: str
    time_path: str
    keepalive: Keepalive
    source: str

    def endpoint(self, environment: Environment) -> Endpoint:
        """Where it is: the WebSocket's whole URL, and the base of REST.

        Raises:
            ConfigError: this environment has none.
        """
        if environment.tld != "com":
            raise ConfigError("tld", environment.tld, ("com",), "No other exchange's WebSocket API is known here")
        if environment.name not in ENVIRONMENTS:
            found = Endpoint.under(environment.name, self.name)
        elif environment.name in self.hosts:
            found = self.hosts[environment.name]
        else:
            hint = f"There is no WebSocket API in environment {environment.name!r}"
            raise ConfigError("environment", environment.name, (*self.hosts, "a base URL"), hint)
        return Endpoint(found.streams + self.path, found.rest, found.source)


ALGO_ORDER = "/fapi/v1/algoOrder"
"""Asks REST for a conditional order of USD-M, which the WebSocket API does not show."""

_SPOT_DOC = "web-socket-api.md (2026-07-21)"
_DERIVATIVES_DOC = "WebSocket API General Info, derivatives documentation (2026-10-23)"


def _hosts(product: str, source: str, **sockets: str) -> dict[str, Endpoint]:
    rest = MARKETS[product].hosts
    return {name: Endpoint(f"wss://{host}", rest[name].rest, source) for name, host in sockets.items()}


API_ROWS = (
    ApiProduct(
        name="spot",
        hosts=_hosts(
            "spot",
            _SPOT_DOC,
            live="ws-api.binance.com:443",
            testnet="ws-api.testnet.binance.vision",
            demo="demo-ws-api.binance.com",
        ),
        path="/ws-api/v3",
        time_path="/api/v3/time",
        keepalive=MARKETS["spot"].keepalive,
        source=_SPOT_DOC,
    ),
    # Testnet and demo are one back end; demo's own host has no WebSocket API.
    ApiProduct(
        name="usdm",
        hosts=_hosts(
            "usdm",
            _DERIVATIVES_DOC,
            live="ws-fapi.binance.com",
            testnet="testnet.binancefuture.com",
            demo="testnet.binancefuture.com",
        ),
        path="/ws-fapi/v1",
        time_path="/fapi/v1/time",
        keepalive=MARKETS["usdm"].keepalive,
        source=_DERIVATIVES_DOC,
    ),
    ApiProduct(
        name="coinm",
        hosts=_hosts(
            "coinm",
            _DERIVATIVES_DOC,
            live="ws-dapi.binance.com",
            testnet="testnet.binancefuture.com",
            demo="testnet.binancefuture.com",
        ),
        path="/ws-dapi/v1",
        time_path="/dapi/v1/time",
        keepalive=MARKETS["coinm"].keepalive,
        source=_DERIVATIVES_DOC,
    ),
)
_BY_NAME = {row.name: row for row in API_ROWS}
assert tuple(_BY_NAME) == API_PRODUCTS and all(LIVE in row.hosts for row in API_ROWS)


def api_product(name: object) -> ApiProduct:
    """The row of a product.

    Raises:
        ConfigError: for a product without a WebSocket API.
    """
    row = _BY_NAME.get(name) if isinstance(name, str) else None
    if row is None:
        raise ConfigError("product", name, API_PRODUCTS, "Options and portfolio margin have no WebSocket API")
    return row
