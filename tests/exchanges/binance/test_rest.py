"""The question whether a symbol is listed, against a small server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from exchanges.rest_server import RestServer

from binance_sockets import ExchangeError, Options
from binance_sockets.exchanges.binance.products import MARKETS
from binance_sockets.exchanges.binance.rest import PublicRest


@pytest.fixture
def exchange() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.close()


def client(exchange: RestServer, product: str = "spot", **options: Any) -> PublicRest:
    return PublicRest(exchange.url, MARKETS[product], Options(**options))


@pytest.mark.parametrize(
    ("product", "path", "info", "listed"),
    [
        ("spot", "/api/v3/exchangeInfo?symbol=", {"symbols": [{"symbol": "BTCUSDT"}]}, ["BTCUSDT"]),
        ("usdm", "/fapi/v1/exchangeInfo", {"symbols": [{"symbol": "BTCUSDT_261225", "pair": "BTCUSDT"}]},
         ["btcusdt", "btcusdt_261225"]),
        ("coinm", "/dapi/v1/exchangeInfo", {"symbols": [{"symbol": "BTCUSD_PERP", "pair": "BTCUSD"}]},
         ["btcusd_perp", "btcusd"]),
        ("options", "/eapi/v1/exchangeInfo",
         {"optionContracts": [{"underlying": "BTCUSDT"}], "optionSymbols": [{"symbol": "BTC-261225-1-C"}]},
         ["btcusdt", "btc-261225-1-c"]),
    ],
)  # fmt: skip
def test_listing(exchange: RestServer, product: str, path: str, info: object, listed: list[str]) -> None:
    """Symbols, pairs, contracts and underlyings count as listed, in any case; other names do not."""
    exchange.answer(body=info)
    rest = client(exchange, product)
    assert all(map(rest.lists, listed))
    assert not rest.lists("NOPE")
    assert exchange.requests[0][0].startswith(path)
    assert exchange.requests[0][1]["User-Agent"].startswith("binance_sockets/")


def test_unknown_symbol_is_an_answer(exchange: RestServer) -> None:
    """HTTP 400 with code -1121 means that the symbol is not listed, and is not tried again."""
    exchange.answer(400, {"code": -1121, "msg": "Invalid symbol."})
    assert client(exchange).lists("NOPE") is False
    assert len(exchange.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"code": -1100, "msg": "Illegal characters"}, -1100),
        (404, b"<html>", None),
        (451, {"code": 0, "msg": "restricted location"}, 0),
        (302, b"", None),
        (200, b"<html>not json", None),
        (200, b"\xff", None),
    ],
)
def test_refusals_are_errors_at_once(exchange: RestServer, status: int, body: Any, code: int | None) -> None:
    """Any other refusal, a redirect and a body that is no JSON raise after one attempt, with the exchange's code."""
    exchange.answer(status, body, Location="http://127.0.0.1:1/")
    with pytest.raises(ExchangeError) as caught:
        client(exchange).lists("BTCUSDT")
    assert caught.value.error_code == code
    assert len(exchange.requests) == 1
