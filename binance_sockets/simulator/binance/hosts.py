"""The hosts of the real exchange: which product answers which of their paths.

Programs that have the exchange's hosts built in can be led to the simulator, by a hosts file or a resolver of their
own; what they ask for then has no product in its path, and the ``Host`` header tells it.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HOSTS", "located"]

_STREAMS = "ws stream"
_ROUTED = f"public market private {_STREAMS}"

# Hosts, the first parts of the paths that they answer, and the product.
_ROWS = (
    ("api.binance.com api-gcp.binance.com demo-api.binance.com testnet.binance.vision", "api sapi", "spot"),
    ("api1.binance.com api2.binance.com api3.binance.com api4.binance.com", "api sapi", "spot"),
    ("data-api.binance.vision", "api", "spot"),
    ("stream.binance.com data-stream.binance.vision", _STREAMS, "spot"),
    ("stream.testnet.binance.vision demo-stream.binance.com", _STREAMS, "spot"),
    ("ws-api.binance.com ws-api.testnet.binance.vision demo-ws-api.binance.com", "ws-api", "spot"),
    ("margin-stream.binance.com", _STREAMS, "margin"),
    ("api.binance.us", "api", "us"),
    ("stream.binance.us", _STREAMS, "us"),
    ("fapi.binance.com demo-fapi.binance.com testnet.binancefuture.com", "fapi futures", "usdm"),
    ("fstream.binance.com fstream-mm.binance.com fstream-auth.binance.com", _ROUTED, "usdm"),
    ("demo-fstream.binance.com fstream.binancefuture.com stream.binancefuture.com", _ROUTED, "usdm"),
    ("ws-fapi.binance.com ws-fapi-mm.binance.com testnet.binancefuture.com", "ws-fapi", "usdm"),
    ("dapi.binance.com demo-dapi.binance.com", "dapi futures", "coinm"),
    ("testnet.binancefuture.com", "dapi", "coinm"),
    ("dstream.binance.com dstream-mm.binance.com dstream-auth.binance.com", _STREAMS, "coinm"),
    ("demo-dstream.binance.com dstream.binancefuture.com", _STREAMS, "coinm"),
    ("ws-dapi.binance.com ws-dapi-mm.binance.com testnet.binancefuture.com", "ws-dapi", "coinm"),
    ("eapi.binance.com demo-fapi.binance.com testnet.binancefuture.com", "eapi", "options"),
    ("papi.binance.com", "papi", "portfolio"),
    ("fstream.binance.com", "pm pm-classic", "portfolio"),
)


def _by_host() -> Mapping[str, Mapping[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for hosts, parts, product in _ROWS:
        for host in hosts.split():
            table.setdefault(host, {}).update(dict.fromkeys(parts.split(), product))
    return table


HOSTS = _by_host()
"""Host to the first part of a path to the product."""


def located(host: str, path: str) -> str:
    """The path below its product, of a request to a host of the exchange; any other path as it is.

    Args:
        host: as the header has it, with or without a port.
        path: as requested.
    """
    product = HOSTS.get(host.partition(":")[0].lower(), {}).get(path[1:].partition("/")[0])
    return f"/{product}{path}" if product and path.startswith("/") else path
