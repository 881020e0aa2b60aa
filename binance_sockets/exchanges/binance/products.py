"""The table of Binance's products: one row each, with its hosts, routes, limits, liveness and REST paths.

Nothing about a product stands anywhere else. The streams that it has are in :mod:`.families`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import ConfigError
from ...exchange import Keepalive, Rate
from ..environment import LIVE, Endpoint

__all__ = ["ENVIRONMENTS", "MARKETS", "PRODUCTS", "TLDS", "Product", "market_of", "product_of"]

ENVIRONMENTS = (LIVE, "testnet", "demo", "data")
TLDS = ("com", "us")

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Product:
    """One product of one of Binance's exchanges.

    Args:
        market: the row's name: the product's, or ``"us"`` for Binance.US, whose spot streams differ.
        name: what users call it (``product=``), and its path under a base URL.
        title: what a text calls it.
        tld: the exchange that has it: ``"com"`` or ``"us"``.
        document: the document that its streams are described in, with its date.
        hosts: where it lives, by environment.
        routes: the paths over which its streams are spread; empty where there are none.
        default_route: of a stream that is in no table.
        streams_per_link: how many streams one connection takes.
        messages_per_second: how many messages (pings, pongs and control frames) one connection may send in a second.
        keepalive: how a living connection shows itself.
        microseconds: whether ``time_unit="us"`` exists.
        info_path: REST path of its list of symbols.
        info_weight: what the list costs of the request weight.
        info_query: parameters that make it shorter.
        info_takes_symbol: whether that path can be asked about one symbol alone.
        weight_per_minute: REST request weight that one address may use in a minute, ``None`` where no document
            says.
        weight_of: the product at whose host that is counted, where that is another one.
        weight_name: what the limit is called in a snapshot.
        serves: another market of which some streams are served here too.
        foreign: characters that none of its symbols has, and those of other exchanges have.
        sources: documents behind the limits, with their dates.
    """

    market: str
    name: str
    title: str
    tld: str = "com"
    document: str
    hosts: Mapping[str, Endpoint]
    routes: tuple[str, ...] = ()
    default_route: str = ""
    streams_per_link: int
    messages_per_second: int
    keepalive: Keepalive
    microseconds: bool = False
    info_path: str
    info_weight: int = 1
    info_query: Mapping[str, str] = field(default_factory=dict)
    info_takes_symbol: bool = False
    weight_per_minute: int | None = None
    weight_of: str = ""
    weight_name: str
    serves: str | None = None
    foreign: str = ""
    sources: str


CONNECT_RATES = (Rate(300, 300.0),)
"""Attempts to connect of one address: documented for spot (``web-socket-streams.md``, 2026-07-21), kept everywhere."""

# Spot's server pings every 20 s: two missed pings are a dead link. The others ping every 3 or 5 minutes at most, so
# the client pings after a silence; one every 25 s is far below the messages a second that they accept.
_SERVER_PINGS = Keepalive(stale_after=45.0, ping_after=None, max_age=_DAY)
_CLIENT_PINGS = Keepalive(stale_after=40.0, ping_after=25.0, max_age=_DAY)

_SPOT_DOC = "binance-spot-api-docs, web-socket-streams.md (2026-07-21)"
_TESTNET_DOC = "binance-spot-api-docs, testnet (2026-09-09)"
_DEMO_DOC = "binance-spot-api-docs, demo-mode (2026-07-21)"
_USDM_DOC = "Important WebSocket Change Notice (2026-03-05), USD-M derivatives documentation (2026-10)"
_SDK_DOC = "binance-connector-python constants (2026-08-21)"
_COINM_DOC = "COIN-M derivatives documentation, connector constants (2026-08-21)"
_COINM_DEMO_DOC = "COIN-M machine-readable catalogue (2026-09-27)"
_OPTIONS_DOC = "European options connect page, SDK options v5.0.0 (2026-01-19)"
_US_DOC = "binance-us-api-docs (2024-06), checked 2026-07-26"
_DERIVATIVES = "derivatives documentation (2026-10-23)"

_ROWS = (
    Product(
        market="spot",
        name="spot",
        title="binance.com",
        document="``web-socket-streams.md`` (2026-07-21)",
        hosts={
            "live": Endpoint(
                "wss://stream.binance.com:9443", "https://api.binance.com", _SPOT_DOC, ("wss://stream.binance.com:443",)
            ),
            "data": Endpoint("wss://data-stream.binance.vision", "https://data-api.binance.vision", _SPOT_DOC),
            "testnet": Endpoint("wss://stream.testnet.binance.vision", "https://testnet.binance.vision", _TESTNET_DOC),
            "demo": Endpoint("wss://demo-stream.binance.com", "https://demo-api.binance.com", _DEMO_DOC),
        },
        streams_per_link=1024,
        messages_per_second=5,
        keepalive=_SERVER_PINGS,
        microseconds=True,
        info_path="/api/v3/exchangeInfo",
        info_weight=20,
        info_query={"showPermissionSets": "false"},
        info_takes_symbol=True,
        weight_per_minute=6000,
        weight_name="spot",
        foreign="-_",
        sources="web-socket-streams.md (2026-07-21), WebSocket Limits; changelog of 2025-01-28 (pings) and 2026-04-02",
    ),
    Product(
        market="us",
        name="spot",
        title="Binance.US",
        tld="us",
        document="binance-us-api-docs (2024-06)",
        hosts={"live": Endpoint("wss://stream.binance.us:9443", "https://api.binance.us", _US_DOC)},
        streams_per_link=1024,
        messages_per_second=5,
        keepalive=_CLIENT_PINGS,
        info_path="/api/v3/exchangeInfo",
        info_weight=20,
        info_takes_symbol=True,
        weight_name="spot",
        foreign="-_",
        sources="binance-us-api-docs (2023-09 and 2024-06): pings every 3 minutes",
    ),
    Product(
        market="usdm",
        name="usdm",
        title="USD-M",
        document=_DERIVATIVES,
        hosts={
            "live": Endpoint("wss://fstream.binance.com", "https://fapi.binance.com", _USDM_DOC),
            "testnet": Endpoint("wss://fstream.binancefuture.com", "https://testnet.binancefuture.com", _SDK_DOC),
            "demo": Endpoint("wss://demo-fstream.binance.com", "https://demo-fapi.binance.com", _USDM_DOC),
        },
        routes=("public", "market"),
        default_route="market",
        streams_per_link=1024,
        messages_per_second=10,
        keepalive=_CLIENT_PINGS,
        info_path="/fapi/v1/exchangeInfo",
        weight_per_minute=2400,
        weight_name="futures",
        serves="coinm",
        foreign="-",
        sources="change log of 2025-07-02 (1,024 streams) and 2026-06-30 (shared weight); pings every 3 minutes",
    ),
    Product(
        market="coinm",
        name="coinm",
        title="COIN-M",
        document=_DERIVATIVES,
        hosts={
            "live": Endpoint("wss://dstream.binance.com", "https://dapi.binance.com", _COINM_DOC),
            "testnet": Endpoint("wss://dstream.binancefuture.com", "https://testnet.binancefuture.com", _COINM_DOC),
            "demo": Endpoint("wss://demo-dstream.binance.com", "https://demo-dapi.binance.com", _COINM_DEMO_DOC),
        },
        streams_per_link=1024,
        messages_per_second=10,
        keepalive=_CLIENT_PINGS,
        info_path="/dapi/v1/exchangeInfo",
        weight_per_minute=2400,
        weight_of="usdm",
        weight_name="futures",
        serves="usdm",
        foreign="-",
        sources="COIN-M connect page (2026-10); change log of 2023-08-31 (pings every 3 minutes) and 2026-06-30",
    ),
    Product(
        market="options",
        name="options",
        title="options",
        document="options documentation (SDK 7.0.0, 2026-07-14)",
        hosts={
            "live": Endpoint("wss://fstream.binance.com", "https://eapi.binance.com", _OPTIONS_DOC),
            "testnet": Endpoint("wss://fstream.binancefuture.com", "https://testnet.binancefuture.com", _SDK_DOC),
            "demo": Endpoint("wss://demo-fstream.binance.com", "https://demo-fapi.binance.com", _OPTIONS_DOC),
        },
        routes=("public", "market"),
        default_route="market",
        streams_per_link=200,
        messages_per_second=10,
        keepalive=_CLIENT_PINGS,
        info_path="/eapi/v1/exchangeInfo",
        weight_name="options",
        sources="European options connect page (2026): 200 streams, pings every 5 minutes",
    ),
)

MARKETS: Mapping[str, Product] = {row.market: row for row in _ROWS}
"""All rows by market. Their order is that of every list of streams."""

PRODUCTS = tuple(row.name for row in _ROWS if row.tld == "com")
"""The values of ``product=``."""


def market_of(product: str, tld: str = "com") -> str:
    """The market whose row and streams apply: the product, or ``"us"`` for Binance.US."""
    return "us" if tld == "us" else product


def product_of(product: str, tld: str = "com") -> Product:
    """The row of a product.

    Raises:
        ConfigError: for an unknown product, or one that this exchange does not have.
    """
    row = MARKETS.get(market_of(product, tld)) if product in PRODUCTS else None
    if row is None or row.name != product:
        raise ConfigError("product", product, PRODUCTS if tld == "com" else ("spot",))
    return row
