"""The table of products: each fact stands once, is plausible, and names its document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from binance_sockets import ConfigError
from binance_sockets.exchanges.binance.families import FAMILIES
from binance_sockets.exchanges.binance.products import ENVIRONMENTS, MARKETS, PRODUCTS, TLDS, market_of, product_of

PACKAGE = Path(__file__).resolve().parents[3] / "binance_sockets" / "exchanges" / "binance"


@pytest.mark.parametrize("market", MARKETS)
def test_every_row_has_secure_hosts_and_sources(market: str) -> None:
    """Each host has wss and https bases without trailing slash, and names a dated document, as do the limits."""
    row = MARKETS[market]
    assert row.tld in TLDS and row.name in PRODUCTS and row.market == market
    assert "live" in row.hosts and set(row.hosts) <= set(ENVIRONMENTS)
    for endpoint in row.hosts.values():
        assert endpoint.streams.startswith("wss://") and not endpoint.streams.endswith("/")
        assert endpoint.rest.startswith("https://") and not endpoint.rest.endswith("/")
        assert "202" in endpoint.source
    assert "202" in row.sources and "202" in row.document


@pytest.mark.parametrize(
    ("market", "streams", "messages", "weight"),
    [
        ("spot", 1024, 5, 6000),
        ("us", 1024, 5, None),
        ("usdm", 1024, 10, 2400),
        ("coinm", 1024, 10, 2400),
        ("options", 200, 10, None),
    ],
)
def test_limits(market: str, streams: int, messages: int, weight: int | None) -> None:
    """Streams per link, messages per second and REST weight are those of the documents, written down a second time."""
    row = MARKETS[market]
    assert (row.streams_per_link, row.messages_per_second, row.weight_per_minute) == (streams, messages, weight)


@pytest.mark.parametrize("market", MARKETS)
def test_pings_leave_room_for_control_frames(market: str) -> None:
    """A link is pinged before it counts as dead, and pings are far rarer than the messages that are allowed."""
    row = MARKETS[market]
    ping = row.keepalive.ping_after
    assert ping is None or 1 < ping < row.keepalive.stale_after
    assert row.keepalive.max_age == 86_400


@pytest.mark.parametrize("market", MARKETS)
def test_streams_are_on_routes_that_exist(market: str) -> None:
    """Each stream of a product with routes is on one of them, and no other stream has a route."""
    row = MARKETS[market]
    assert {family.route for family in FAMILIES[market] if family.retired is None} <= set(row.routes or ("",))
    assert row.default_route in (row.routes or ("",))


def test_a_product_is_found_by_name_and_exchange() -> None:
    """Binance.US has a row of its own, and spot alone; other names are refused."""
    assert product_of("spot") is MARKETS["spot"]
    assert product_of("spot", "us") is MARKETS["us"]
    assert product_of("options") is MARKETS["options"]
    assert (market_of("usdm"), market_of("spot", "us")) == ("usdm", "us")
    for product, tld in (("margin", "com"), ("us", "com"), ("usdm", "us")):
        with pytest.raises(ConfigError):
            product_of(product, tld)


def test_no_other_module_knows_a_host_or_a_path() -> None:
    """Hosts and REST paths of the exchange stand in the tables alone; those that are gone beside what replaces them."""
    told = re.compile(r"(?:wss|https)://[\w.-]*binance|/[a-z]*api/v[0-9]")
    found = {path.name for path in PACKAGE.rglob("*.py") if told.search(path.read_text())}
    tables = {"products.py", "user_products.py", "api_products.py", "book_table.py", "past_table.py", "accounts.py"}
    assert found == tables | {"rest.py"}
