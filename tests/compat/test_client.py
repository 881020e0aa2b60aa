"""The REST client that scripts of python-binance find: what it sends, what it returns, what it raises."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from binance_keys import DOC_KEY, DOC_SECRET
from exchanges.rest_server import RestServer

from binance_sockets.compat import enums
from binance_sockets.compat.client import Client
from binance_sockets.compat.client_calls import CALLS
from binance_sockets.compat.exceptions import BinanceAPIException, BinanceRequestException
from binance_sockets.exchanges.binance.keys import ApiKey
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator


@pytest.fixture
def server() -> Iterator[RestServer]:
    found = RestServer()
    found.answer(body={})
    yield found
    found.close()


class Pointed(Client):
    """A subclass, as scripts make them to reach another host."""


@pytest.fixture
def client(server: RestServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    for name in ("API_URL", "MARGIN_API_URL", "FUTURES_URL", "FUTURES_COIN_URL"):
        monkeypatch.setattr(Pointed, name, f"{server.url}/{name}")
    found = Pointed(DOC_KEY, DOC_SECRET)
    yield found
    found.session.close()


def last(server: RestServer) -> tuple[str, str, dict[str, str]]:
    parts = urlsplit(server.requests[-1][0])
    return server.methods[-1].lower(), parts.path, dict(parse_qsl(parts.query))


# -- against the embedded exchange --


@pytest.mark.parametrize("arguments", [(), (None, None), ("", ""), (None, None, {"timeout": 5})])
def test_a_client_without_keys_asks_what_is_public(simulator: Simulator, arguments: tuple[Any, ...]) -> None:
    """Candles, exchange info, tickers, books and times come without a key, under the names of 0.7."""
    client = Client(*arguments)
    assert client.get_server_time()["serverTime"] > 0
    assert [len(row) for row in client.get_klines(symbol="BTCUSDT", interval=Client.KLINE_INTERVAL_1MINUTE, limit=3)]
    assert client.get_symbol_info("btcusdt")["symbol"] == "BTCUSDT"
    assert client.get_symbol_info("NOSUCH") is None
    assert {"bids", "asks"} <= set(client.get_order_book(symbol="BTCUSDT"))
    assert client.get_orderbook_ticker(symbol="BTCUSDT")["symbol"] == "BTCUSDT"
    assert len(client.get_all_tickers()) > 1
    assert len(client.get_orderbook_tickers()) > 1
    assert len(client.get_ticker()) > 1
    assert client.get_symbol_ticker(symbol="BTCUSDT")["symbol"] == "BTCUSDT"
    assert client.get_system_status()["status"] == 0
    assert client.get_avg_price(symbol="BTCUSDT")["price"]
    assert client.get_recent_trades(symbol="BTCUSDT", limit=2)
    assert client.futures_exchange_info()["symbols"]
    assert client.futures_klines(symbol="BTCUSDT", interval="1m", limit=2)
    client.session.close()


def test_an_account_trades(simulator: Simulator) -> None:
    """Account, balance, orders of each helper, their state, cancelling and trades, signed with the HMAC secret."""
    client = Client(DEMO_API_KEY, DEMO_API_SECRET)
    assert any(row["asset"] == "USDT" for row in client.get_account(recvWindow=5000)["balances"])
    assert float(client.get_asset_balance(asset="usdt")["free"]) > 0
    assert client.get_asset_balance("NOSUCH") is None
    bought = client.order_market_buy(symbol="BTCUSDT", quantity=0.01)
    assert (bought["side"], bought["type"], bought["status"]) == ("BUY", "MARKET", "FILLED")
    price = float(client.get_symbol_ticker(symbol="BTCUSDT")["price"])
    low, high, higher = (f"{round(price * part)}.00" for part in (0.9, 1.1, 1.2))
    order = client.order_limit_buy(symbol="BTCUSDT", quantity="0.01", price=low)
    assert order["timeInForce"] == "GTC"
    assert client.get_order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "NEW"
    assert [row["orderId"] for row in client.get_open_orders(symbol="BTCUSDT")] == [order["orderId"]]
    assert client.cancel_order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "CANCELED"
    assert client.create_test_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01) == {}
    assert client.get_all_orders(symbol="BTCUSDT")
    assert client.get_my_trades(symbol="BTCUSDT")
    pair = client.order_oco_sell(symbol="BTCUSDT", quantity=0.01, price=high, stopPrice=low)
    assert pair["contingencyType"] == "OCO"
    under = client.create_oco_order(
        symbol="BTCUSDT", side="BUY", quantity=0.01, price=low, stopPrice=high, stopLimitPrice=higher,
        stopLimitTimeInForce="GTC",
    )  # fmt: skip
    kinds = {row["type"] for row in under["orderReports"]}
    assert kinds == {"LIMIT_MAKER", "STOP_LOSS_LIMIT"}
    assert client.get_margin_account()["userAssets"]
    key = client.futures_stream_get_listen_key()
    assert client.futures_stream_keepalive(key) == {"listenKey": key}
    assert client.futures_stream_close(listenKey=key) == {}
    client.session.close()


def test_refusals_have_code_message_and_status(simulator: Simulator) -> None:
    """What the exchange refuses raises with what scripts read; nothing of a key is in its text."""
    client = Client(DEMO_API_KEY, DEMO_API_SECRET)
    with pytest.raises(BinanceAPIException) as caught:
        client.get_klines(symbol="NOSUCH", interval="1m")
    assert (caught.value.code, caught.value.status_code) == (-1121, 400)
    assert "symbol" in caught.value.message
    assert str(caught.value).startswith("APIError(code=-1121)")
    client.timestamp_offset = -60_000
    with pytest.raises(BinanceAPIException) as late:
        client.get_account()
    assert late.value.code == -1021
    client.session.close()


def test_historical_candles_and_trades_span_many_calls(simulator: Simulator) -> None:
    """A list and a generator of the same candles, each once and in order; trades begin behind the last known."""
    client = Client()
    newest = client.get_klines(symbol="BTCUSDT", interval="1m", limit=5)
    since, until = newest[0][0], newest[3][0]
    found = client.get_historical_klines("BTCUSDT", "1m", since, until, limit=2)
    assert [row[0] for row in found] == [row[0] for row in newest[:4]]
    assert [row[0] for row in client.get_historical_klines_generator("BTCUSDT", "1m", since, until)] == [
        row[0] for row in found
    ]
    assert client.get_historical_klines("BTCUSDT", "1m", "5 minutes ago UTC")
    assert client.futures_historical_klines("BTCUSDT", "1m", "5 minutes ago UTC")
    known = client.get_aggregate_trades(symbol="BTCUSDT", limit=3)
    later = client.aggregate_trade_iter("BTCUSDT", last_id=known[0]["a"])
    assert next(later)["a"] == known[1]["a"]
    with pytest.raises(ValueError, match="interval is '7q'"):
        client.get_historical_klines("BTCUSDT", "7q", since)
    client.session.close()


# -- against a scripted server --


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_call_of_the_table_is_sent_as_it_stands(name: str, client: Client, server: RestServer) -> None:
    """Verb, URL, fixed parameters and signature are the table's."""
    call = CALLS[name]
    getattr(client, name)(symbol="BTCUSDT")
    verb, path, query = last(server)
    attribute = {"api": "API_URL", "margin": "MARGIN_API_URL", "futures": "FUTURES_URL"}[call.family]
    assert (verb, path) == (call.verb, f"/{attribute}{call.path}")
    if verb in ("get", "delete") or call.family == "futures":
        assert query["symbol"] == "BTCUSDT"
        assert ("signature" in query) == (call.security == "signed")


def test_what_is_signed_is_what_is_sent(client: Client, server: RestServer) -> None:
    """The signature is that of the percent-encoded query; numbers are never in exponent form; None is left out."""
    client.timestamp_offset = 5000
    client.get_order(symbol="BTCUSDT", price=1e-7, origClientOrderId="ä", orderId=None)
    query = urlsplit(server.requests[-1][0]).query
    payload, _, signature = query.partition("&signature=")
    assert payload.startswith("symbol=BTCUSDT&price=0.0000001&origClientOrderId=%C3%A4&timestamp=")
    assert signature == ApiKey(DOC_KEY, DOC_SECRET).sign(payload)
    assert server.requests[-1][1]["X-MBX-APIKEY"] == DOC_KEY


def test_own_calls_reach_every_family(client: Client, server: RestServer) -> None:
    """The private methods that scripts call build the URLs that they built in 0.7."""
    client._request_futures_api("get", "positionRisk", True, data={"symbol": "BTCUSDT"})
    assert last(server)[1] == "/FUTURES_URL/v1/positionRisk"
    client._request_futures_api("get", "balance", True, version=2, data={})
    assert last(server)[1] == "/FUTURES_URL/v2/balance"
    client._request_margin_api("get", "asset/dribblet", True, data={})
    assert last(server)[1] == "/MARGIN_API_URL/v1/asset/dribblet"
    client._request_api("get", "klines", data={"symbol": "BTCUSDT"})
    assert last(server)[1] == "/API_URL/v3/klines"
    client._get("exchangeInfo", version="v1")
    assert last(server)[1] == "/API_URL/v1/exchangeInfo"
    client._request("get", f"{server.url}/else", False)
    assert last(server)[1] == "/else"


def test_urls_may_be_overwritten_at_any_time(client: Client, server: RestServer, simulator: Simulator) -> None:
    """On the class, on the object, and in the subclass; what is overwritten wins over the environment."""
    assert f"{server.url}/API_URL" == client.API_URL
    client.API_URL = f"{server.url}/later"
    client.get_server_time()
    assert last(server)[1] == "/later/v3/time"
    other = Client()
    assert f"{simulator.url}/spot/api" == other.API_URL
    other.session.close()


def test_hosts_by_tld_and_testnet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an own URL the host is that of the exchange, its test network, or the tld."""
    monkeypatch.setattr(Client, "ping", lambda self: {})
    found = {
        options: Client("k", "s", **dict(options))
        for options in ((), (("tld", "us"),), (("tld", "je"),), (("testnet", True),))
    }
    assert [client.API_URL for client in found.values()] == [
        "https://api.binance.com/api",
        "https://api.binance.us/api",
        "https://api.binance.je/api",
        "https://testnet.binance.vision/api",
    ]
    assert found[()].FUTURES_URL == "https://fapi.binance.com/fapi"
    assert found[(("testnet", True),)].FUTURES_URL == "https://testnet.binancefuture.com/fapi"


def test_keys_of_accounts_are_kept_alive_harmlessly(client: Client, server: RestServer) -> None:
    """What a manager returned for an account may be given to every method of listen keys; nothing is sent for it."""
    before = len(server.requests)
    for key in (client.stream_get_listen_key(), client.margin_stream_get_listen_key(), "user", False, None):
        for name in ("stream_keepalive", "stream_close", "margin_stream_keepalive", "futures_stream_keepalive"):
            assert getattr(client, name)(key) == {}
    isolated = client.isolated_margin_stream_get_listen_key("BTCUSDT")
    assert client.isolated_margin_stream_keepalive("BTCUSDT", isolated) == {}
    assert client.isolated_margin_stream_close(symbol="BTCUSDT", listenKey=isolated) == {}
    assert len(server.requests) == before


def test_constants_are_attributes() -> None:
    """Every constant of the enums is one of the class and of its objects."""
    assert {name: getattr(Client, name) for name in enums.CONSTANTS} == enums.CONSTANTS


def test_what_is_missing_names_the_package(client: Client) -> None:
    """A method that is not served raises, with what to install; ``hasattr`` and copies see nothing strange."""
    with pytest.raises(AttributeError, match=r"withdraw.*pip install python-binance"):
        client.withdraw(asset="BTC")
    assert not hasattr(client, "get_deposit_history")


def test_a_signed_call_without_a_key_says_so(server: RestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is sent."""
    monkeypatch.setattr(Pointed, "API_URL", server.url)
    client = Pointed()
    sent = len(server.requests)
    with pytest.raises(BinanceRequestException, match="Client\\(api_key, api_secret\\)"):
        client.get_account()
    assert len(server.requests) == sent
    client.session.close()


def test_bad_answers_raise(client: Client, server: RestServer) -> None:
    """No JSON, and an error page, raise what scripts catch."""
    server.answers[:] = [(200, {}, b"<html>")]
    with pytest.raises(BinanceRequestException, match="Invalid Response"):
        client.get_server_time()
    server.answers[:] = [(502, {}, b"<html>bad gateway</html>")]
    with pytest.raises(BinanceAPIException) as caught:
        client.get_server_time()
    assert (caught.value.code, caught.value.status_code) == (0, 502)
    assert "Invalid JSON error message" in caught.value.message


@pytest.mark.parametrize(
    "body", [b'{"status":404,"message":"No message available"}', b'["refused"]', b'"refused"', b"{}"]
)
def test_refusals_in_another_shape_tell_what_came(client: Client, server: RestServer, body: bytes) -> None:
    """Gateways in front of some products have no ``code`` and ``msg``: the exception is the same, with their text."""
    server.answers[:] = [(404, {}, body)]
    with pytest.raises(BinanceAPIException) as caught:
        client.get_server_time()
    assert (caught.value.code, caught.value.status_code, caught.value.message) == (0, 404, body.decode())


def test_no_secret_shows(client: Client, server: RestServer, caplog: pytest.LogCaptureFixture) -> None:
    """Neither repr, log nor error has key, secret or signature."""
    with caplog.at_level(logging.DEBUG):
        client.get_account()
    query = parse_qs(urlsplit(server.requests[-1][0]).query)
    client.API_URL = "http://127.0.0.1:1/api"
    with pytest.raises(requests.ConnectionError) as caught:
        client.get_account()
    shown = repr(client) + caplog.text + str(caught.value)
    assert "signature=..." in shown
    for secret in (DOC_KEY, DOC_SECRET, query["signature"][0]):
        assert secret not in shown


def test_requests_params_reach_requests(client: Client, server: RestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the constructor, and those of one call, which win; none of them is sent."""
    given: list[dict[str, Any]] = []
    real = client.session.request
    monkeypatch.setattr(
        client.session, "request", lambda *args, **kwargs: (given.append(kwargs), real(*args, **kwargs))[1]
    )
    client._requests_params = {"timeout": 7}
    client.get_server_time()
    client.get_klines(symbol="BTCUSDT", requests_params={"timeout": 3})
    assert [each["timeout"] for each in given] == [7, 3]
    assert "requests_params" not in last(server)[2]
