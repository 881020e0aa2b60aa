"""WebSocketAPI on the embedded exchange: real orders, threads, lost replies, resets and a wrong clock."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from patience import PATIENCE

from binance_sockets import (
    AuthenticationError,
    ConfigError,
    ConnectError,
    ConnectionLost,
    ExchangeError,
    ManagerClosed,
    Options,
    Outcome,
    RequestLost,
    RequestTimeout,
    State,
    StateChange,
    WebSocketAPI,
    WouldDeadlock,
)
from binance_sockets.config import Backoff
from binance_sockets.simulator import (
    DEMO_API_KEY,
    DEMO_API_SECRET,
    DEMO_LOGON_API_KEY,
    DEMO_PRIVATE_KEY,
    Fault,
    LimitOverrides,
    Simulator,
)

ROOT = Path(__file__).resolve().parents[2]
FAR = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": 60_000, "quantity": 0.01}
QUICK = Options(backoff=Backoff(initial=0.01, factor=1.0, max_reconnects=None))
LOGON: dict[str, Any] = {"api_key": DEMO_LOGON_API_KEY, "private_key": DEMO_PRIVATE_KEY}
HMAC: dict[str, Any] = {"api_key": DEMO_API_KEY, "api_secret": DEMO_API_SECRET}
RSA = rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    public = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with Simulator(symbols={"spot": ["BTCUSDT"]}, seed=3, limits=LimitOverrides(weight=1_000_000)) as simulator:
        simulator.accounts.add_key(DEMO_API_KEY, "rsaKey12" * 8, public_key=public.decode())
        yield simulator


@pytest.fixture(autouse=True)
def no_faults(exchange: Simulator) -> Iterator[None]:
    yield
    exchange.clear_faults()


def client(exchange: Simulator, **fields: Any) -> WebSocketAPI:
    return WebSocketAPI(**{"environment": exchange.url, "options": QUICK, **HMAC, **fields})


@pytest.fixture
def api(exchange: Simulator) -> Iterator[WebSocketAPI]:
    with client(exchange) as made:
        yield made
        if made.open_orders_status(symbol="BTCUSDT"):
            made.open_orders_cancel_all("BTCUSDT")


@pytest.mark.parametrize(
    "keys", [HMAC, LOGON, {"api_key": "rsaKey12" * 8, "private_key": RSA}], ids=["hmac", "ed25519", "rsa"]
)
def test_the_life_of_an_order(exchange: Simulator, keys: dict[str, Any]) -> None:
    """Placed, shown, cancelled, with each kind of key; a market order is filled."""
    fields = {"api_secret": None, **keys}
    with client(exchange, **fields) as api:
        order = api.order_place("BTCUSDT", "BUY", "LIMIT", timeInForce="GTC", quantity=Decimal("0.01"), price=60_000.0)
        assert len(order["clientOrderId"]) == 32
        shown = api.order_status("BTCUSDT", orderId=order["orderId"])
        assert (shown["status"], Decimal(shown["price"])) == ("NEW", 60_000)
        assert api.order_cancel("BTCUSDT", origClientOrderId=order["clientOrderId"])["status"] == "CANCELED"
        assert api.order_place("BTCUSDT", "SELL", "MARKET", quantity="0.01")["status"] == "FILLED"
        assert {limit.kind for limit in api.rate_limits} == {"REQUEST_WEIGHT", "ORDERS"}


def test_many_threads_each_get_their_own_reply(exchange: Simulator, api: WebSocketAPI) -> None:
    """Hundreds of requests over one connection; each gets the order that it asked for."""
    names = [f"mine-{number}" for number in range(8)]
    placed = [api.submit("order.place", {**FAR, "newClientOrderId": name}) for name in names]
    assert [future.result(PATIENCE)["clientOrderId"] for future in placed] == names

    def ask(number: int) -> str:
        return str(api.order_status("BTCUSDT", origClientOrderId=names[number % 8])["clientOrderId"])

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(240))) == names * 30
    assert len(exchange.connections) == 1


@pytest.mark.parametrize("keys", [HMAC, LOGON], ids=["hmac", "ed25519"])
@pytest.mark.parametrize("odd", ["ü&x=1\ny", "a b+c%20", "\N{GRINNING FACE}", "'\"\\"])
def test_what_is_odd_in_a_parameter_is_signed_right(exchange: Simulator, keys: dict[str, Any], odd: str) -> None:
    """The exchange judges the parameter itself, and not a signature over something else."""
    with client(exchange, **{"api_secret": None, **keys}) as api, pytest.raises(ExchangeError) as caught:
        api.order_test(**{**FAR, "newClientOrderId": odd})
    assert caught.value.error_code == -1100


@pytest.mark.full
def test_ten_thousand_requests_of_sixteen_threads(exchange: Simulator, api: WebSocketAPI) -> None:
    """Over one connection, and none is lost."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: api.time(), range(10_000)))
    assert len(answers) == 10_000 and all(answer["serverTime"] for answer in answers)
    assert len(exchange.connections) == 1


@pytest.mark.parametrize("way", ["request", "submit"])
def test_a_request_that_never_left_says_why(way: str) -> None:
    """Nobody listens: the error names the refusal, keeps it as its cause, and quotes no secret."""
    key, secret = "k" * 64, "s" * 64
    api = WebSocketAPI(environment="http://127.0.0.1:1", api_key=key, api_secret=secret)
    with api, pytest.raises(RequestTimeout) as caught:
        if way == "request":
            api.order_place(**FAR, timeout=0.5)
        else:
            api.submit("order.place", FAR, timeout=0.5).result(PATIENCE)
    error = caught.value
    assert not error.outcome_unknown
    assert isinstance(error.__cause__, ConnectError)
    assert str(error).startswith("no reply to order.place: the request was not sent within 0.5 s: ")
    assert str(error.__cause__) in str(error)
    assert "refused" in str(error).lower()
    assert key not in repr(error) and secret not in repr(error)


def test_a_lost_reply_is_resolved(exchange: Simulator, api: WebSocketAPI) -> None:
    """The order was placed although no reply came; the error finds it."""
    exchange.inject(Fault.REPLY_NEVER, method="order.place", count=1)
    with pytest.raises(RequestTimeout) as caught:
        api.order_place(**FAR, timeout=0.3)
    assert caught.value.outcome_unknown
    found = api.resolve(caught.value)
    assert found.outcome is Outcome.OPEN
    assert found.order is not None and found.order["clientOrderId"] == caught.value.request["newClientOrderId"]
    api.order_cancel("BTCUSDT", orderId=found.order["orderId"])
    assert api.resolve(caught.value).outcome is Outcome.REJECTED


def test_an_order_that_never_arrived_is_absent_for_good(exchange: Simulator, api: WebSocketAPI) -> None:
    """Only once its ``recvWindow`` is over can it not arrive any more."""
    exchange.inject(Fault.REPLY_NEVER, method="order.place", count=1, performed=False)
    with pytest.raises(RequestTimeout) as caught:
        api.order_place(**FAR, timeout=0.3, recvWindow=400)
    stamp = caught.value.request["timestamp"]
    assert api.resolve(caught.value).outcome is Outcome.ABSENT
    assert isinstance(stamp, int) and api._api.account.clock.now() >= stamp + 1400


def test_outcomes_of_orders(api: WebSocketAPI) -> None:
    """A reply or the parameters name an order as well."""
    filled = api.order_place("BTCUSDT", "BUY", "MARKET", quantity="0.01")
    assert api.resolve(filled).outcome is Outcome.FILLED
    assert api.resolve({"symbol": "BTCUSDT", "newClientOrderId": "never-heard-of"}).outcome is Outcome.ABSENT
    ids = api.order_list_place_oto(
        "BTCUSDT", "LIMIT", "BUY", 60_000, 0.01, "LIMIT", "SELL", 0.01,
        workingTimeInForce="GTC", pendingPrice=100_000, pendingTimeInForce="GTC",
    )  # fmt: skip
    assert api.resolve(ids).outcome is Outcome.OPEN
    api.order_list_cancel("BTCUSDT", listClientOrderId=ids["listClientOrderId"])
    assert api.resolve(ids).outcome is Outcome.REJECTED
    for wrong in ({}, "x", {"symbol": "BTCUSDT"}, {"clientAlgoId": "x"}):
        with pytest.raises(ConfigError, match="order"):
            api.resolve(wrong)


def test_conditional_orders_are_resolved(exchange: Simulator) -> None:
    """Over REST, as the WebSocket API of USD-M does not show them: open, cancelled, absent, triggered and filled."""
    stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "BUY", "type": "STOP_MARKET", "quantity": "0.01"}
    with client(exchange, product="usdm") as api:
        exchange.inject(Fault.REPLY_NEVER, method="algoOrder.place", count=1)
        with pytest.raises(RequestTimeout) as caught:
            api.request("algoOrder.place", {**stop, "triggerPrice": "150000"}, 0.3)
        found = api.resolve(caught.value)
        assert found.outcome is Outcome.OPEN
        assert found.order is not None and found.order["clientAlgoId"] == caught.value.request["clientAlgoId"]
        api.request("algoOrder.cancel", {"clientAlgoId": found.order["clientAlgoId"]})
        assert api.resolve(caught.value).outcome is Outcome.REJECTED
        assert api.resolve({"clientAlgoId": "never-heard-of"}).outcome is Outcome.ABSENT
        price = float(api.request("ticker.book", {"symbol": "BTCUSDT"})["askPrice"])
        near = api.request("algoOrder.place", {**stop, "triggerPrice": f"{price * 1.0002:.1f}"})
        for _ in range(40):  # until the price is there
            api.order_place("BTCUSDT", "BUY", "MARKET", quantity="0.05")
            if (done := api.resolve(near)).outcome is Outcome.FILLED:
                break
        assert done.outcome is Outcome.FILLED and done.order is not None and done.order["actualOrderId"]
    with client(exchange) as spot, pytest.raises(ConfigError, match="USD-M"):
        spot.resolve(near)


def test_a_reset_loses_replies_and_nothing_else(exchange: Simulator) -> None:
    """What was under way is unknown, and found; the client logs on again, and goes on by itself."""
    with client(exchange, api_secret=None, **LOGON) as api:
        api.wait_open()
        exchange.inject(Fault.REPLY_LATE, method="order.place", delay=5.0, count=1)
        future = api.submit("order.place", FAR)
        api.request("ping")  # the order has reached the exchange, as messages keep their order
        exchange.inject(Fault.RESET, product="spot")
        error = future.exception(10)
        assert isinstance(error, RequestLost) and error.outcome_unknown
        assert api.resolve(error).outcome is Outcome.OPEN
        assert api.account_status()["accountType"] == "SPOT"
        assert api.open_orders_cancel_all("BTCUSDT")


def test_a_wrong_clock_is_corrected(exchange: Simulator) -> None:
    """Of requests that are signed one by one, and of a logon."""
    exchange.accounts.clock_skew = -30.0
    try:
        for keys in (HMAC, {"api_secret": None, **LOGON}):
            with client(exchange, **keys) as api:
                assert api.account_status()["accountType"] == "SPOT"
                assert -31_000 < api._api.account.clock.offset < -29_000
    finally:
        exchange.accounts.clock_skew = 0.0


def test_refusals_of_the_exchange(exchange: Simulator, api: WebSocketAPI) -> None:
    """With their codes; a wrong secret is one, and no loop of logons."""
    with pytest.raises(ExchangeError) as caught:
        api.order_place(**{**FAR, "quantity": 5})
    assert caught.value.error_code == -2010 and caught.value.status == 400
    with client(exchange, api_secret="wrong") as other, pytest.raises(AuthenticationError, match="-1022"):
        other.account_status()


def test_a_client_that_has_given_up_begins_again_with_start(exchange: Simulator) -> None:
    """Each request tells the cause, without another logon; ``start`` is another try."""
    exchange.inject(Fault.CREDENTIAL_REFUSED, on="logon", count=1)
    with client(exchange, api_secret=None, **LOGON) as api:
        for _ in range(3):
            with pytest.raises(AuthenticationError, match="-2015"):
                api.account_status()
        api.start()
        assert api.account_status()["accountType"] == "SPOT"


def test_a_listener_may_submit_but_not_wait(exchange: Simulator) -> None:
    """It runs on the thread that reads replies."""
    found: list[Any] = []
    done = threading.Event()
    api = client(exchange)

    def listener(change: StateChange) -> None:
        if change.state is State.OPEN:
            try:
                api.request("ping")
            except WouldDeadlock as error:
                found.append(error)
            api.submit("ping").add_done_callback(answered)

    def answered(future: Future[Any]) -> None:
        found.append(future.result())
        done.set()

    api.add_state_listener(listener)
    with api:
        assert done.wait(PATIENCE)
    assert isinstance(found[0], WouldDeadlock) and found[1] == {}


def test_the_first_request_connects_and_close_ends(exchange: Simulator) -> None:
    """No start is needed; afterwards requests are refused, until ``start``; what is under way ends."""
    api = client(exchange)
    assert api.ping() == {}
    exchange.inject(Fault.REPLY_NEVER, method="time", count=1)
    future = api.submit("time", timeout=60)
    api.ping()
    api.close()
    assert isinstance(future.exception(0), ConnectionLost)
    for _ in range(2):
        with pytest.raises(ManagerClosed):
            api.ping()
    api.start()
    assert api.ping() == {}
    api.close()


def test_a_script_that_forgets_to_close_ends_all_the_same(exchange: Simulator) -> None:
    """The client does not keep the process alive, nor complain at its end."""
    script = "from binance_sockets import WebSocketAPI; print(WebSocketAPI().account_status()['accountType'])"
    keys = {"BINANCE_API_KEY": DEMO_API_KEY, "BINANCE_API_SECRET": DEMO_API_SECRET}
    variables = {**os.environ, **keys, "BINANCE_SOCKETS_BASE_URL": exchange.url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "SPOT\n"), done.stderr
    assert [line for line in done.stderr.splitlines() if "BINANCE_SOCKETS_BASE_URL" not in line] == []


def test_many_clients_of_many_threads_can_close_at_any_time(exchange: Simulator) -> None:
    """Every waiter ends, whatever the order of things."""
    for _ in range(5):
        api = client(exchange)
        api.start()
        ends: list[BaseException | None] = []

        def ask(api: WebSocketAPI = api, ends: list[BaseException | None] = ends) -> None:
            try:
                for _ in range(1000):
                    api.ping()
            except (ConnectionLost, ManagerClosed) as error:
                ends.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        api.ping()
        api.close()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(ends) == 4


def test_futures_have_listen_keys_over_the_websocket_api(exchange: Simulator) -> None:
    """The key goes without a signature; USD-M and COIN-M have their own paths."""
    for product in ("usdm", "coinm"):
        with client(exchange, product=product) as api:
            assert api.user_data_stream_start()["listenKey"] == api.user_data_stream_ping()["listenKey"]
            assert api.user_data_stream_stop() == {}
