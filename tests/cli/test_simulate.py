"""``binance-sockets simulate`` as a process of its own."""

from __future__ import annotations

import json
import signal
import ssl
import sys
import threading

import pytest
import requests
import trustme
from patience import PATIENCE
from websockets.sync.client import connect

from binance_sockets import Options, SocketManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


def receive_one(manager: SocketManager) -> dict:  # type: ignore[type-arg]
    """The first trade that arrives."""
    arrived: list[dict] = []  # type: ignore[type-arg]
    some = threading.Event()

    def on_trade(trade: dict) -> None:  # type: ignore[type-arg]
        arrived.append(trade)
        some.set()

    with manager:
        manager.start_trade_socket("BTCUSDT", on_trade)
        assert some.wait(30)
    return arrived[0]


def test_prints_its_url_and_serves(launch) -> None:  # type: ignore[no-untyped-def]
    """The first line on stdout is the URL; a client reaches it; Ctrl-C ends it quietly with 130."""
    process = launch("simulate", "--seed", "3")
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    assert receive_one(SocketManager(environment=url))["e"] == "trade"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_tells_where_upbit_is(launch) -> None:  # type: ignore[no-untyped-def]
    """The addresses of its WebSockets and of REST, each of which answers; codes go where they fit."""
    process = launch("simulate", "--symbols", "KRW-BTC,SGD-ETH,BTC-XRP")
    url = process.stdout.readline().strip()
    told = [process.stderr.readline() for _ in range(2)][1].replace(",", "").replace(";", "").split()
    streams, rest = told[1], told[-1]
    assert (streams, rest) == (f"{url.replace('http', 'ws')}/upbit/websocket/v1", f"{url}/upbit/v1")
    assert [row["market"] for row in requests.get(f"{rest}/market/all", timeout=10).json()] == ["KRW-BTC", "BTC-XRP"]
    other = requests.get(f"{url}/upbit-sg/v1/market/all", timeout=10).json()
    assert [row["market"] for row in other] == ["SGD-ETH", "BTC-XRP"]
    with connect(streams, proxy=None) as connection:
        connection.send(json.dumps([{"ticket": "t"}, {"type": "trade", "codes": ["KRW-BTC"]}]))
        assert json.loads(connection.recv(timeout=PATIENCE))["code"] == "KRW-BTC"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)


def test_serves_tls(launch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """``--tls CERT KEY`` serves https and wss; a client that trusts the authority reaches it."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    process = launch("simulate", "--tls", str(cert), str(key))
    url = process.stdout.readline().strip()
    assert url.startswith("https://")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    manager = SocketManager(environment=url, options=Options(ssl_context=context))
    assert receive_one(manager)["s"] == "BTCUSDT"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)


def test_symbols_go_where_they_fit(launch) -> None:  # type: ignore[no-untyped-def]
    """``--symbols`` lists a symbol in every product whose names look so, and nothing else."""
    process = launch("simulate", "--symbols", "btcusdt, FOOUSDT,BTCUSD_PERP")
    url = process.stdout.readline().strip()
    listed = {}
    for path in ("spot/api/v3", "usdm/fapi/v1", "coinm/dapi/v1"):
        rows = requests.get(f"{url}/{path}/exchangeInfo", timeout=10).json()["symbols"]
        listed[path[:4]] = [row["symbol"] for row in rows]
    assert listed == {"spot": ["BTCUSDT", "FOOUSDT"], "usdm": ["BTCUSDT", "FOOUSDT"], "coin": ["BTCUSD_PERP"]}
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)


@pytest.mark.full
def test_volatility_moves_prices(launch) -> None:  # type: ignore[no-untyped-def]
    """``--volatility`` reaches the markets: the same seed moves much further with more of it."""
    spans = []
    for volatility in ("0", "50"):
        process = launch("simulate", "--seed", "3", "--speed", "50", "--volatility", volatility)
        url = process.stdout.readline().strip()
        words = ["watch", "btcusdt@trade", "--json", "--count", "200", "--environment", url]
        out, _ = launch(*words).communicate(timeout=40)
        prices = [float(json.loads(line)["data"]["p"]) for line in out.splitlines()]
        assert len(prices) == 200
        spans.append(max(prices) - min(prices))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert spans[1] > 5 * spans[0]


def test_trades_of_usdm_on_the_other_route(launch) -> None:  # type: ignore[no-untyped-def]
    """``--usdm-trade-route public`` lets ``@trade`` flow there."""
    process = launch("simulate", "--usdm-trade-route", "public")
    address = process.stdout.readline().strip().replace("http", "ws", 1)
    with connect(f"{address}/usdm/public/ws/btcusdt@trade", proxy=None, close_timeout=1) as connection:
        assert json.loads(connection.recv(timeout=PATIENCE))["e"] == "trade"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
