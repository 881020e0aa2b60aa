"""Environments as any exchange may use them: names, base URLs, the variable, this machine."""

from __future__ import annotations

import logging

import pytest

from binance_sockets import ConfigError
from binance_sockets.exchanges.environment import BASE_URL_VARIABLE, Endpoint, choose, is_loopback

NAMES = ("live", "sandbox")
LOG = logging.getLogger("binance_sockets.test")


@pytest.mark.parametrize(
    ("given", "variable", "chosen"),
    [
        (None, None, "live"),
        (None, "", "live"),
        (None, "sandbox", "sandbox"),
        (None, "http://127.0.0.1:9/", "http://127.0.0.1:9"),
        ("sandbox", "http://127.0.0.1:9", "sandbox"),
        ("https://sim.example/x/", None, "https://sim.example/x"),
    ],
)
def test_argument_then_variable_then_live(
    given: str | None, variable: str | None, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The argument wins over the variable, which wins over live; a base URL loses its trailing slash."""
    monkeypatch.delenv(BASE_URL_VARIABLE, raising=False)
    if variable is not None:
        monkeypatch.setenv(BASE_URL_VARIABLE, variable)
    assert choose(given, NAMES) == chosen


def test_a_variable_that_decides_is_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One WARNING per process and value names both; silence where the argument decided, or the variable says live."""
    monkeypatch.setattr("binance_sockets.exchanges.environment._said", set())
    monkeypatch.setenv(BASE_URL_VARIABLE, "http://127.0.0.1:9")
    choose("live", NAMES, log=LOG)
    choose(None, NAMES)
    assert caplog.records == []
    for value in ("http://127.0.0.1:9", "http://127.0.0.1:9/", "sandbox", "http://127.0.0.1:9", "live"):
        monkeypatch.setenv(BASE_URL_VARIABLE, value)
        choose(None, NAMES, log=LOG)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    for record, value in zip(caplog.records, ("http://127.0.0.1:9,", "sandbox,"), strict=True):
        assert BASE_URL_VARIABLE in record.getMessage() and f"connects to {value}" in record.getMessage()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://127.0.0.1:9?key=SECRET", "got 'http://127.0.0.1:9?...'. It has a query"),
        ("http://127.0.0.1:9/?", "got 'http://127.0.0.1:9/?...'. It has a query"),
        ("http://127.0.0.1:9#SECRET", "got 'http://127.0.0.1:9#...'. It has a fragment"),
        ("127.0.0.1:9", "got '127.0.0.1:9'"),
        ("http://127.0.0.1:9 ", "got 'http://127.0.0.1:9 '"),
        ("http://127.0.0.1:99999", "got 'http://127.0.0.1:99999'"),
    ],
)
def test_an_error_shows_what_was_given(given: str, shown: str) -> None:
    """What is wrong with a base URL is in what is shown; what may be a secret is marked as left out."""
    with pytest.raises(ConfigError) as caught:
        choose(given, NAMES)
    assert shown in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("variable", ["sandbox", "live", "http://sim.example", "http://127.0.0.1.evil.example"])
def test_with_credentials_a_variable_may_only_name_this_machine(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten variable cannot send keys to another host; an argument can."""
    monkeypatch.setenv(BASE_URL_VARIABLE, variable)
    with pytest.raises(ConfigError, match=BASE_URL_VARIABLE):
        choose(None, NAMES, credentials=True)
    assert choose(variable, NAMES, credentials=True) == variable
    monkeypatch.setenv(BASE_URL_VARIABLE, "http://localhost:1")
    assert choose(None, NAMES, credentials=True) == "http://localhost:1"


@pytest.mark.parametrize("environment", ["", "prod", "ftp://x", "http://", "http://x?key=SECRET", "http://x#SECRET", 5])
def test_anything_else_is_refused_with_what_is_allowed(environment: object) -> None:
    """The error names the exchange's environments, and never what stood behind a URL."""
    with pytest.raises(ConfigError, match="'live', 'sandbox' or a base URL") as caught:
        choose(environment, NAMES)  # type: ignore[arg-type]
    assert "SECRET" not in str(caught.value)


def test_a_base_url_holds_sockets_and_rest() -> None:
    """What belongs to an exchange or product is found under its path, with the matching scheme."""
    plain = Endpoint.under("http://127.0.0.1:9000", "venue")
    assert (plain.streams, plain.rest) == ("ws://127.0.0.1:9000/venue", "http://127.0.0.1:9000/venue")
    assert Endpoint.under("https://sim.example/x", "venue").streams == "wss://sim.example/x/venue"


def test_loopback() -> None:
    """Addresses of this machine and names below localhost are loopback, nothing else is."""
    assert all(map(is_loopback, ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost", "sim.localhost"]))
    assert not any(map(is_loopback, [None, "", "10.0.0.1", "localhost.example", "127.0.0.1.example", "0.0.0.0"]))
