"""The REST client that exchanges share, against a small server on loopback."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from exchanges.rest_server import RestServer

from binance_sockets import ExchangeError, Options, RateLimited
from binance_sockets.exchanges.rest import RestClient


@pytest.fixture
def exchange() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.close()


def client(exchange: RestServer, **options: Any) -> RestClient:
    return RestClient(exchange.url, Options(**options))


def test_the_decoded_body_of_one_get(exchange: RestServer) -> None:
    """Path and parameters reach the exchange, with a name for the client; JSON comes back as values."""
    exchange.answer(body={"ok": [1, "2"]})
    assert client(exchange).get("/path", {"code": "KRW-BTC"}) == {"ok": [1, "2"]}
    assert exchange.requests[0][0] == "/path?code=KRW-BTC"
    assert exchange.requests[0][1]["User-Agent"].startswith("binance_sockets/")


class Named(RestClient):
    """An exchange whose refusals have a shape of their own."""

    def refusal(self, body: Any) -> tuple[int | None, str] | None:
        error = body.get("error") if isinstance(body, dict) else None
        return (None, f"{error['name']}: {error['message']}") if error else None


def test_refusals_have_the_shape_of_the_exchange(exchange: RestServer) -> None:
    """A subclass reads code and text; where it finds none the status is told."""
    exchange.answer(400, {"error": {"name": "invalid_code", "message": "no such market"}})
    exchange.answer(404, b"<html>")
    rest = Named(exchange.url, Options())
    with pytest.raises(ExchangeError, match="invalid_code: no such market"):
        rest.get("/path", {})
    with pytest.raises(ExchangeError, match="HTTP 404 without a usable body"):
        rest.get("/path", {})
    assert len(exchange.requests) == 2


def test_a_short_retry_after_is_honoured(exchange: RestServer) -> None:
    """After 429 with a short wait, and after 503, the call is made again and succeeds."""
    exchange.answer(429, b"", Retry_After="0")
    exchange.answer(503, b"busy")
    exchange.answer(body={"ok": 1})
    assert client(exchange).get("/path", {})
    assert len(exchange.requests) == 3


@pytest.mark.parametrize("status", [429, 418])
def test_a_long_retry_after_ends_the_call(exchange: RestServer, status: int) -> None:
    """A wait beyond the call's patience is not waited for; the error tells it."""
    exchange.answer(status, b"", Retry_After="120")
    with pytest.raises(RateLimited) as caught:
        client(exchange).get("/path", {})
    assert (caught.value.status, caught.value.retry_after) == (status, 120.0)
    assert len(exchange.requests) == 1


def test_loopback_goes_past_every_proxy(exchange: RestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the option nor the environment sends a loopback request through a proxy."""
    exchange.answer(body={"ok": 1})
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert client(exchange, proxy="http://127.0.0.1:1").get("/path", {})


def test_the_proxy_option_is_used_beyond_loopback(exchange: RestServer) -> None:
    """A request to another host goes to the proxy, which sees the whole URL."""
    exchange.answer(body={"ok": 1})
    rest = RestClient("http://exchange.invalid", Options(proxy=exchange.url))
    assert rest.get("/path", {})
    assert exchange.requests[0][0].startswith("http://exchange.invalid/path")


def test_an_unreachable_exchange_is_a_network_error() -> None:
    """A refused connection is tried again and then raised, within the call's patience."""
    server = RestServer()
    server.close()
    with pytest.raises(requests.ConnectionError):
        client(server).get("/path", {})


@pytest.fixture
def tls_exchange(tmp_path: Path) -> Iterator[tuple[RestServer, trustme.CA]]:
    """The same server behind a certificate of its own authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = RestServer(context)
    server.answer(body={"ok": 1})
    yield server, authority
    server.close()


def test_an_unknown_authority_is_refused(tls_exchange: tuple[RestServer, trustme.CA]) -> None:
    """By default TLS is verified, and a failure is not tried again."""
    server, _ = tls_exchange
    with pytest.raises(requests.exceptions.SSLError):
        client(server).get("/path", {})
    assert server.requests == []


def test_ca_file_is_trusted(tls_exchange: tuple[RestServer, trustme.CA], tmp_path: Path) -> None:
    """The sockets' further CAs count for REST too."""
    server, authority = tls_exchange
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    assert client(server, ca_file=str(tmp_path / "ca.pem")).get("/path", {})


def test_an_ssl_context_is_used_as_it_is(tls_exchange: tuple[RestServer, trustme.CA]) -> None:
    """The user's context decides, and is not changed: neither its authorities nor what it verifies."""
    server, authority = tls_exchange
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(requests.exceptions.SSLError):
        client(server, ssl_context=context).get("/path", {})
    authority.configure_trust(context)
    assert client(server, ssl_context=context).get("/path", {})
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


# -- other methods than GET --


def test_a_call_that_may_have_worked_is_not_repeated(exchange: RestServer) -> None:
    """A POST ends with the first 5xx, which says that the outcome is unknown; one that may be repeated goes on."""
    exchange.answer(503, {"oops": 1})
    exchange.answer(body={"ok": 1})
    with pytest.raises(ExchangeError, match="whether it was carried out is unknown") as caught:
        client(exchange).send("POST", "/order", lambda: "a=1")
    assert caught.value.outcome_unknown and caught.value.status == 503
    exchange.answers.insert(0, (503, {}, b""))
    assert client(exchange).send("POST", "/listenKey", lambda: "", repeat=True) == {"ok": 1}
    assert exchange.methods == ["POST"] * 3


def test_a_refused_post_is_made_again_with_a_new_query(exchange: RestServer) -> None:
    """HTTP 429 means that nothing was done; the query, which may have a time and a signature, is made anew."""
    exchange.answer(429, b"", Retry_After="0")
    exchange.answer(body={"ok": 1})
    stamps = iter("12")
    assert client(exchange).send("POST", "/order", lambda: f"timestamp={next(stamps)}")
    assert [path for path, _ in exchange.requests] == ["/order?timestamp=1", "/order?timestamp=2"]


def test_no_call_is_sent_during_a_ban(exchange: RestServer) -> None:
    """What the exchange asked to wait binds the next calls, too; a 418 that does not tell, two minutes."""
    exchange.answer(418)
    exchange.answer(body={"ok": 1})
    rest = client(exchange)
    with pytest.raises(RateLimited):
        rest.get("/path", {})
    with pytest.raises(RateLimited, match="not sent") as caught:
        rest.get("/path", {})
    assert caught.value.status == 418 and 0 < (caught.value.retry_after or 0) <= 120
    assert len(exchange.requests) == 1


@pytest.mark.parametrize("wait", ["1e9", "inf", "99999999999999999999"])
def test_no_ban_lasts_longer_than_an_exchange_imposes(exchange: RestServer, wait: str) -> None:
    """What asks for more than three days is a mistake, and must not silence a program for ever."""
    exchange.answer(418, b"", Retry_After=wait)
    with pytest.raises(RateLimited) as caught:
        client(exchange).get("/path", {})
    assert caught.value.retry_after == 3 * 86_400


def test_a_session_is_kept_on_request() -> None:
    """One connection for all calls, until ``close``; then the next call opens another one."""
    server = RestServer(keep_alive=True)
    server.answer(body={"ok": 1})
    rest = RestClient(server.url, Options(), keep=True)
    try:
        for _ in range(3):
            assert rest.get("/path", {})
        assert len(server.clients) == 1
        rest.close()
        assert rest.get("/path", {})
        assert len(server.clients) == 2
    finally:
        rest.close()
        server.close()


def test_no_cookie_and_no_netrc_goes_out(exchange: RestServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a server sets is not sent back, and no password of the user's files is."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    exchange.answer(body={"ok": 1}, Set_Cookie="a=b; Path=/")
    rest = RestClient(exchange.url, Options(), keep=True)
    rest.get("/path", {})
    rest.get("/path", {})
    rest.close()
    assert [headers.keys() & {"Cookie", "Authorization"} for _, headers in exchange.requests] == [set(), set()]


def test_the_environment_s_proxy_follows_the_sockets_rules(
    exchange: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy without a scheme is an HTTP proxy; user and password go to it alone; ``no_proxy`` may name a port."""
    exchange.answer(body={"ok": 1})
    monkeypatch.setenv("http_proxy", exchange.url.replace("http://", "me:p%40ss@"))
    monkeypatch.setenv("no_proxy", "exchange.invalid:81")
    assert RestClient("http://exchange.invalid", Options()).get("/path", {})
    assert exchange.requests[0][1]["Proxy-Authorization"] == "Basic bWU6cEBzcw=="
    monkeypatch.setenv("no_proxy", "exchange.invalid:80")
    monkeypatch.setattr("binance_sockets.exchanges.rest._wait", lambda _: 0)
    with pytest.raises(requests.ConnectionError):
        RestClient("http://exchange.invalid", Options()).get("/path", {})


def test_urllib3_logs_no_secret(exchange: RestServer, caplog: pytest.LogCaptureFixture) -> None:
    """Its DEBUG log shows whole URLs; signature and listen key are hidden there."""
    caplog.set_level("DEBUG")
    exchange.answer(body={"ok": 1})
    client(exchange).send("PUT", "/path", lambda: "listenKey=abcdef&x=1&signature=012345")
    assert "/path" in caplog.text and "x=1" in caplog.text
    assert "abcdef" not in caplog.text and "012345" not in caplog.text
