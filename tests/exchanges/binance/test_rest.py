"""The question whether a symbol is listed, against a small server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from exchanges.rest_server import RestServer
from loopback import Peer, Server

from binance_sockets import ExchangeError, Options
from binance_sockets.exchanges import rest
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


@pytest.mark.parametrize("length", [b"Content-Length: 1000000\r\n", b"", b"Transfer-Encoding: chunked\r\n"])
def test_a_body_that_drips_ends_with_the_patience(length: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and all of them never would: who waits for the thread that asks must not, too."""
    monkeypatch.setattr(rest, "_PATIENCE", 0.2)

    def drip(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length + b"\r\n")
        peer.drip((b"1\r\n \r\n" if b"chunked" in length else b" ") * 1_000_000, 0.01)

    with Server(drip) as server, pytest.raises(requests.Timeout, match="did not end"):
        PublicRest(server.url.replace("ws", "http"), MARKETS["spot"], Options()).get("/slow", {})


def test_a_body_that_is_cut_is_asked_for_again() -> None:
    """It is no answer."""

    def cut(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1")

    def whole(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]")

    with Server([cut, whole]) as server:
        assert PublicRest(server.url.replace("ws", "http"), MARKETS["spot"], Options()).get("/cut", {}) == [1]
