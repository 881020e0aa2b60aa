"""The choice of one of Binance's environments, and the URLs of its products there."""

from __future__ import annotations

import logging

import pytest

from binance_sockets import ConfigError
from binance_sockets.exchanges.binance.products import PRODUCTS
from binance_sockets.exchanges.binance.urls import Environment
from binance_sockets.exchanges.environment import BASE_URL_VARIABLE


@pytest.mark.parametrize(
    ("environment", "tld", "product", "streams", "rest"),
    [
        (None, "com", "spot", "wss://stream.binance.com:9443", "https://api.binance.com"),
        ("data", "com", "spot", "wss://data-stream.binance.vision", "https://data-api.binance.vision"),
        ("testnet", "com", "spot", "wss://stream.testnet.binance.vision", "https://testnet.binance.vision"),
        ("demo", "com", "coinm", "wss://demo-dstream.binance.com", "https://demo-dapi.binance.com"),
        ("live", "com", "options", "wss://fstream.binance.com", "https://eapi.binance.com"),
        ("live", "us", "spot", "wss://stream.binance.us:9443", "https://api.binance.us"),
        ("http://127.0.0.1:9000", "com", "usdm", "ws://127.0.0.1:9000/usdm", "http://127.0.0.1:9000/usdm"),
        ("https://sim.example:1/x/", "com", "spot", "wss://sim.example:1/x/spot", "https://sim.example:1/x/spot"),
        ("http://[::1]:9000", "us", "spot", "ws://[::1]:9000/spot", "http://[::1]:9000/spot"),
    ],
)
def test_environment_and_product_give_the_urls(
    environment: str | None, tld: str, product: str, streams: str, rest: str
) -> None:
    """Names look the table up; a base URL gets the product as path prefix and the matching scheme."""
    endpoint = Environment.resolve(environment, tld).endpoint(product)
    assert (endpoint.streams, endpoint.rest) == (streams, rest)


@pytest.mark.parametrize(
    ("environment", "tld", "product", "offered"),
    [
        ("data", "com", "usdm", ("spot",)),
        ("live", "us", "usdm", ("spot",)),
        ("http://127.0.0.1:1", "us", "options", ("spot",)),
        ("live", "com", "margin", PRODUCTS),
    ],
)
def test_a_product_that_is_not_there_is_refused(
    environment: str, tld: str, product: str, offered: tuple[str, ...]
) -> None:
    """The error names the products that the environment has."""
    with pytest.raises(ConfigError) as caught:
        Environment.resolve(environment, tld).endpoint(product)
    assert caught.value.allowed == offered


@pytest.mark.parametrize(
    "environment", ["", "prod", "ftp://x", "http://", "http://x?y=1", "http://x#y", "http://a b", "http://x:99999", 5]
)
def test_other_environments_are_refused(environment: object) -> None:
    """What is neither a name nor a plain base URL raises and names what is allowed."""
    with pytest.raises(ConfigError, match="'live', 'testnet', 'demo', 'data' or a base URL"):
        Environment.resolve(environment)  # type: ignore[arg-type]


def test_credentials_in_a_url_are_refused_and_not_shown() -> None:
    """A password in a base URL raises without appearing in the error."""
    with pytest.raises(ConfigError) as caught:
        Environment.resolve("http://user:hunter2@127.0.0.1:1")
    assert "hunter2" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(("tld", "environment"), [("de", None), ("us", "testnet"), ("us", "data"), (None, None)])
def test_tlds(tld: str, environment: str | None) -> None:
    """Only com and us exist, and us has the live environment alone."""
    with pytest.raises(ConfigError):
        Environment.resolve(environment, tld)


def test_the_variable_counts_after_the_argument(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Argument, then variable, then live; a variable that is used is logged."""
    monkeypatch.setenv(BASE_URL_VARIABLE, "http://127.0.0.1:9000")
    with caplog.at_level(logging.INFO, logger="binance_sockets"):
        assert Environment.resolve("testnet").name == "testnet"
        assert not caplog.records
        assert Environment.resolve().name == "http://127.0.0.1:9000"
    assert BASE_URL_VARIABLE in caplog.text and "http://127.0.0.1:9000" in caplog.text
    monkeypatch.setenv(BASE_URL_VARIABLE, "")
    assert Environment.resolve().name == "live"


@pytest.mark.parametrize("host", ["http://sim.example", "testnet", "http://127.0.0.1.evil.example"])
def test_a_variable_does_not_send_credentials_away(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """With credentials the variable may only name this machine; without it may name any host."""
    monkeypatch.setenv(BASE_URL_VARIABLE, host)
    assert Environment.resolve().name == host
    with pytest.raises(ConfigError, match=BASE_URL_VARIABLE):
        Environment.resolve(credentials=True)
    monkeypatch.setenv(BASE_URL_VARIABLE, "http://localhost:1")
    assert Environment.resolve(credentials=True).name == "http://localhost:1"


def test_what_stands_behind_a_url_is_not_shown() -> None:
    """A base URL with a query is refused without repeating the query, which may be a secret."""
    with pytest.raises(ConfigError) as caught:
        Environment.resolve("https://example.com/?listenKey=SECRET")
    assert "SECRET" not in str(caught.value)
    assert "https://example.com/" in str(caught.value)
