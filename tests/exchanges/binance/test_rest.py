"""The public REST client against a small server on loopback."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from binance_sockets import ExchangeError, Options, RateLimited
from binance_sockets.exchanges.binance.rest import PublicRest


class Exchange:
    """A scripted REST server: answers in turn, the last one for ever; remembers the requests."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                status, headers, body = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), name="rest-server")
        self.thread.start()

    def answer(self, status: int = 200, body: Any = b"", **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): text for name, text in headers.items()}, content))

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    server = Exchange()
    yield server
    server.close()


def client(exchange: Exchange, product: str = "spot", **options: Any) -> PublicRest:
    return PublicRest(exchange.url, product, Options(**options))


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
def test_listing(exchange: Exchange, product: str, path: str, info: object, listed: list[str]) -> None:
    """Symbols, pairs, contracts and underlyings count as listed, in any case; other names do not."""
    exchange.answer(body=info)
    rest = client(exchange, product)
    assert all(map(rest.lists, listed))
    assert not rest.lists("NOPE")
    assert exchange.requests[0][0].startswith(path)
    assert exchange.requests[0][1]["User-Agent"].startswith("binance_sockets/")


def test_unknown_symbol_is_an_answer(exchange: Exchange) -> None:
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
def test_refusals_are_errors_at_once(exchange: Exchange, status: int, body: Any, code: int | None) -> None:
    """Any other refusal, a redirect and a body that is no JSON raise after one attempt, with the exchange's code."""
    exchange.answer(status, body, Location="http://127.0.0.1:1/")
    with pytest.raises(ExchangeError) as caught:
        client(exchange).lists("BTCUSDT")
    assert caught.value.error_code == code
    assert len(exchange.requests) == 1


def test_a_short_retry_after_is_honoured(exchange: Exchange) -> None:
    """After 429 with a short wait, and after 503, the call is made again and succeeds."""
    exchange.answer(429, b"", Retry_After="0")
    exchange.answer(503, b"busy")
    exchange.answer(body={"symbols": [{"symbol": "BTCUSDT"}]})
    assert client(exchange).lists("BTCUSDT")
    assert len(exchange.requests) == 3


@pytest.mark.parametrize("status", [429, 418])
def test_a_long_retry_after_ends_the_call(exchange: Exchange, status: int) -> None:
    """A wait beyond the call's patience is not waited for; the error tells it."""
    exchange.answer(status, b"", Retry_After="120")
    with pytest.raises(RateLimited) as caught:
        client(exchange).lists("BTCUSDT")
    assert (caught.value.status, caught.value.retry_after) == (status, 120.0)
    assert len(exchange.requests) == 1


def test_loopback_goes_past_every_proxy(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the option nor the environment sends a loopback request through a proxy."""
    exchange.answer(body={"symbols": []})
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert not client(exchange, proxy="http://127.0.0.1:1").lists("BTCUSDT")


def test_the_proxy_option_is_used_beyond_loopback(exchange: Exchange) -> None:
    """A request to another host goes to the proxy, which sees the whole URL."""
    exchange.answer(body={"symbols": [{"symbol": "BTCUSDT"}]})
    rest = PublicRest("http://exchange.invalid", "spot", Options(proxy=exchange.url))
    assert rest.lists("BTCUSDT")
    assert exchange.requests[0][0].startswith("http://exchange.invalid/api/v3/exchangeInfo")


def test_an_unreachable_exchange_is_a_network_error() -> None:
    """A refused connection is tried again and then raised, within the call's patience."""
    server = Exchange()
    server.close()
    with pytest.raises(requests.ConnectionError):
        client(server).lists("BTCUSDT")


@pytest.fixture
def tls_exchange(tmp_path: Path) -> Iterator[tuple[Exchange, trustme.CA]]:
    """The same server behind a certificate of its own authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = Exchange(context)
    server.answer(body={"symbols": [{"symbol": "BTCUSDT"}]})
    yield server, authority
    server.close()


def test_an_unknown_authority_is_refused(tls_exchange: tuple[Exchange, trustme.CA]) -> None:
    """By default TLS is verified, and a failure is not tried again."""
    server, _ = tls_exchange
    with pytest.raises(requests.exceptions.SSLError):
        client(server).lists("BTCUSDT")
    assert server.requests == []


def test_ca_file_is_trusted(tls_exchange: tuple[Exchange, trustme.CA], tmp_path: Path) -> None:
    """The sockets' further CAs count for REST too."""
    server, authority = tls_exchange
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    assert client(server, ca_file=str(tmp_path / "ca.pem")).lists("BTCUSDT")


def test_an_ssl_context_is_used_as_it_is(tls_exchange: tuple[Exchange, trustme.CA]) -> None:
    """The user's context decides, and is not changed: neither its authorities nor what it verifies."""
    server, authority = tls_exchange
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(requests.exceptions.SSLError):
        client(server, ssl_context=context).lists("BTCUSDT")
    authority.configure_trust(context)
    assert client(server, ssl_context=context).lists("BTCUSDT")
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
