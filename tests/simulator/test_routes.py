"""Every route, read by third-party clients; what is silent; the REST calls."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import websocket
from simulator.helpers import PATIENCE, ask, client, combined, first_of_each, get, receive, ws_url

from binance_sockets.simulator import Simulator

ROUTES: dict[str, list[str]] = {
    "/spot": [
        "btcusdt@aggTrade",
        "btcusdt@trade",
        "btcusdt@blockTrade",
        "btcusdt@referencePrice",
        "btcusdt@kline_1s",
        "btcusdt@kline_1m",
        "btcusdt@kline_1h@+08:00",
        "btcusdt@miniTicker",
        "!miniTicker@arr",
        "btcusdt@ticker",
        "btcusdt@ticker_1h",
        "!ticker_4h@arr",
        "btcusdt@bookTicker",
        "btcusdt@avgPrice",
        "btcusdt@depth5",
        "btcusdt@depth20@100ms",
        "btcusdt@depth",
        "btcusdt@depth@100ms",
        "btcusdt@depth@1000ms",
        "btcusdt@depth5@1000ms",
        "!miniTicker@arr@1000ms",
        "测试usdt@trade",
    ],
    "/usdm/public": [
        "btcusdt@bookTicker",
        "!bookTicker",
        "btcusdt@depth",
        "btcusdt@depth@500ms",
        "btcusdt@depth@0ms",
        "btcusdt@depth5@100ms",
        "btcusdt@rpiDepth@500ms",
        "btc-261225-90000-c@bookTicker",
        "btc-261225-90000-c@depth@100ms",
        "btcusdt@optionTrade",
    ],
    "/usdm/market": [
        "btcusdt@aggTrade",
        "btcusdt@trade",
        "btcusdt@markPrice",
        "btcusdt@markPrice@1s",
        "!markPrice@arr@1s",
        "btcusdt@kline_1m",
        "btcusd_perp@kline_1m",
        "btcusdt_perpetual@continuousKline_1m",
        "tslausdt_tradifi_perpetual@continuousKline_1m",
        "btcusd@indexPriceKline_1m",
        "btcusd_perp@markPriceKline_1m",
        "btcusdt@miniTicker",
        "!miniTicker@arr",
        "btcusdt@ticker",
        "!ticker@arr",
        "btcusdt@forceOrder",
        "!forceOrder@arr",
        "defiusdt@compositeIndex",
        "!contractInfo",
        "!assetIndex@arr",
        "btcusd@assetIndex",
        "tradingSession",
        "btc-261225-90000-c@kline_1m",
        "btcusdt@optionMarkPrice",
        "!index@arr",
    ],
    "/coinm": [
        "btcusd_perp@aggTrade",
        "btcusd_perp@trade",
        "btcusd@indexPrice",
        "btcusd_perp@markPrice",
        "btcusd@markPrice@1s",
        "btcusd_perp@kline_1m",
        "btcusd_perpetual@continuousKline_1m",
        "btcusd_current_quarter@continuousKline_1m",
        "btcusd@indexPriceKline_1m",
        "btcusd_perp@markPriceKline_1m",
        "btcusd_perp@miniTicker",
        "btcusd_perp@ticker",
        "!ticker@arr",
        "!miniTicker@arr",
        "btcusd_perp@bookTicker",
        "!bookTicker",
        "btcusd_perp@forceOrder",
        "!forceOrder@arr",
        "!contractInfo",
        "btcusd_perp@depth5",
        "btcusd_perp@depth@100ms",
        "btcusd_perp@depth@0ms",
    ],
    "/options/public": [
        "btc-261225-90000-c@optionTrade",
        "btcusdt@optionTrade",
        "btc-261225-90000-c@optionTicker",
        "btcusdt@optionTicker@261225",
        "btc-261225-90000-c@bookTicker",
        "btc-261225-90000-c@depth@100ms",
        "btc-261225-90000-c@depth5@500ms",
    ],
    "/options/market": [
        "!index@arr",
        "btc-261225-90000-c@kline_1m",
        "btcusdt@optionMarkPrice",
        "btcusdt@openInterest@261225",
        "!optionSymbol",
    ],
}


@pytest.mark.parametrize("route", ROUTES)
def test_websockets_reads_every_stream(sim: Simulator, route: str) -> None:
    """The plain ``websockets`` client gets data of every stream of every route, on one combined connection."""
    names = ROUTES[route]
    with client(sim, combined(route, *names)) as connection:
        seen = first_of_each(connection, names)
    assert set(seen) == set(names)
    assert sim.connections == [] or sim.wait_for(lambda: not sim.connections)
    assert all(sim.sent.streams[route.split("/")[1], name] for name in names)


@pytest.mark.parametrize("route", ROUTES)
def test_websocket_client_reads_every_route(sim: Simulator, route: str) -> None:
    """The plain ``websocket-client`` gets bare payloads on a raw connection, after SUBSCRIBE."""
    connection = websocket.create_connection(ws_url(sim) + route + "/ws", timeout=PATIENCE)
    try:
        connection.send(json.dumps({"method": "SUBSCRIBE", "params": ROUTES[route][:1], "id": 9}))
        assert json.loads(connection.recv()) == {"result": None, "id": 9}
        payload = json.loads(connection.recv())
        assert "stream" not in payload
        assert isinstance(payload, list) or payload["e"]
    finally:
        connection.close()


def test_the_path_of_a_raw_connection_names_streams(sim: Simulator) -> None:
    """``/ws/<a>/<b>`` subscribes both and sends bare payloads; nothing is acknowledged."""
    with client(sim, "/spot/ws/btcusdt@trade/ethusdt@trade") as connection:
        seen = set()
        while len(seen) < 2:
            payload = receive(connection)
            assert payload["e"] == "trade"
            seen.add(payload["s"])
        assert sim.connections[0].streams == ("btcusdt@trade", "ethusdt@trade")
        assert not sim.connections[0].combined


@pytest.mark.parametrize(
    ("route", "silent", "alive"),
    [
        ("/usdm/public", "btcusdt@aggTrade", "btcusdt@bookTicker"),
        ("/usdm/market", "btcusdt@depth", "btcusdt@aggTrade"),
        ("/usdm", "btcusdt@kline_1m", "btcusdt@depth@100ms"),
        ("/usdm/market", "BTCUSDT@aggTrade", "btcusdt@trade"),
        ("/usdm/market", "nosuchusdt@aggTrade", "btcusdt@trade"),
        ("/usdm/public", "btcusdt@depth@250ms", "btcusdt@bookTicker"),
        ("/usdm/public", "btcusdt@trade", "btcusdt@bookTicker"),
        ("/usdm/public", "btcusdt@optionMarkPrice", "btcusdt@bookTicker"),
        ("/options", "btcusdt@optionMarkPrice", "btcusdt@optionTrade"),
        ("/spot", "!ticker@arr", "btcusdt@trade"),
        ("/spot", "!bookTicker", "btcusdt@trade"),
        ("/options/market", "btc-261225-90000-c@bookTicker", "!index@arr"),
    ],
)
def test_acknowledged_and_silent(sim: Simulator, route: str, silent: str, alive: str) -> None:
    """Names of another route, in upper case, unknown or retired are acknowledged, listed, and never sent."""
    with client(sim, route + "/stream") as connection:
        assert ask(connection, {"method": "SUBSCRIBE", "params": [silent, alive], "id": 1}) == {"result": None, "id": 1}
        for _ in range(5):
            assert receive(connection)["stream"] == alive
        assert ask(connection, {"method": "LIST_SUBSCRIPTIONS", "id": 2})["result"] == [silent, alive]
    product = route.split("/")[1]
    assert sim.sent.streams[product, silent] == 0


def test_the_private_route_accepts_anything_and_is_silent(sim: Simulator) -> None:
    """A made-up listen key is accepted, as on the real exchange."""
    with client(sim, "/usdm/private/ws?listenKey=nonsense&events=ORDER_TRADE_UPDATE") as connection:
        assert ask(connection, {"method": "SUBSCRIBE", "params": ["nonsense"], "id": 1}) == {"result": None, "id": 1}
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.05)


@pytest.mark.parametrize(
    "path",
    ["/ws", "/nosuch/ws", "/spot/public/ws", "/coinm/market/stream", "/spot/wss", "/spot/ws-api/v4"],
)
def test_paths_that_do_not_exist(sim: Simulator, path: str) -> None:
    """A wrong path is refused with 404 and still recorded."""
    connection = websocket.WebSocket()
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        connection.connect(ws_url(sim) + path, timeout=PATIENCE)
    connection.shutdown()
    assert caught.value.status_code == 404
    assert sim.history[-1].path == path


@pytest.mark.parametrize("unit", ["MICROSECOND", "microsecond"])
def test_microseconds(sim: Simulator, unit: str) -> None:
    """``timeUnit`` on spot turns every time into microseconds; on futures it is ignored."""
    with client(sim, f"/spot/ws/btcusdt@trade?timeUnit={unit}") as connection:
        assert receive(connection)["T"] > 10**15
    with client(sim, f"/usdm/market/ws/btcusdt@aggTrade?timeUnit={unit}") as connection:
        assert receive(connection)["T"] < 10**14


@pytest.mark.full
def test_a_thousand_names_in_a_url() -> None:
    """A URL with 1,000 streams of 1,000 symbols is accepted, and each stream has data."""
    with Simulator(symbols={"spot": 1000}) as sim:
        names = [f"{symbol.lower()}@bookTicker" for symbol in sim.symbols["spot"]]
        with client(sim, combined("/spot", *names)) as connection:
            assert len(first_of_each(connection, names)) == 1000


def test_times_run_with_the_wall_clock() -> None:
    """At speed 1 event times are those of the wall clock."""
    with Simulator() as sim:
        before = time.time()
        with client(sim, "/spot/ws/btcusdt@trade") as connection:
            assert before - 2 < receive(connection)["E"] / 1000 < time.time() + 2


REST = [
    ("/spot/api/v3/ping", {}),
    ("/usdm/fapi/v1/ping", {}),
    ("/coinm/dapi/v1/ping", {}),
    ("/options/eapi/v1/ping", {}),
]
ERRORS = [
    ("/spot/api/v3/depth?symbol=NOSUCH", 400, -1121),
    ("/spot/api/v3/exchangeInfo?symbol=NOSUCH", 400, -1121),
    ("/usdm/fapi/v1/depth?symbol=btcusdt", 400, -1121),
    ("/options/eapi/v1/depth?symbol=BTC-1", 400, -1121),
    ("/spot/api/v3/depth", 400, -1102),
    ("/spot/api/v3/depth?symbol=BTCUSDT&limit=x", 400, -1100),
    ("/usdm/fapi/v1/depth?symbol=BTCUSDT&limit=7", 400, -4021),
    ("/spot/api/v3/klines?symbol=BTCUSDT&interval=7m", 400, -1120),
]


@pytest.mark.parametrize(("path", "body"), REST)
def test_ping(sim: Simulator, path: str, body: Any) -> None:
    """Each product answers its ping."""
    assert get(sim, path) == (200, body)


@pytest.mark.parametrize(("path", "status", "code"), ERRORS)
def test_rest_errors(sim: Simulator, path: str, status: int, code: int) -> None:
    """Mistakes are answered with the exchange's codes."""
    answered, body = get(sim, path)
    assert (answered, body["code"]) == (status, code)


@pytest.mark.parametrize(
    "path", ["/spot/api/v3/userDataStream", "/spot/api/v1/userDataStream", "/spot/sapi/v1/userDataStream/isolated"]
)
def test_spot_listen_keys_are_gone(sim: Simulator, path: str) -> None:
    """The retired calls answer 410 with a web page, whatever the method."""
    for method in ("POST", "PUT", "DELETE"):
        status, body = get(sim, path, method)
        assert status == 410
        assert "nginx" in body


def test_unknown_rest_paths(sim: Simulator) -> None:
    """Paths that do not exist answer 404, other methods than GET 405."""
    for path in ("/", "/spot", "/spot/api/v3/nosuch", "/usdm/api/v3/ping", "/coinm/dapi/v1/rpiDepth", "/%ff"):
        assert get(sim, path)[0] == 404
    assert get(sim, "/spot/api/v3/ping", "POST")[0] == 405


@pytest.mark.parametrize(
    ("prefix", "symbol"),
    [("/spot/api/v3", "BTCUSDT"), ("/usdm/fapi/v1", "BTCUSDT"), ("/coinm/dapi/v1", "BTCUSD_PERP")],
)
def test_rest_agrees_with_the_streams(sim: Simulator, prefix: str, symbol: str) -> None:
    """Trades, aggregate trades and candles of REST are those that the streams sent."""
    product = prefix.split("/")[1]
    route = "/usdm/market" if product == "usdm" else f"/{product}"
    low = symbol.lower()
    with client(sim, combined(route, f"{low}@trade", f"{low}@aggTrade", f"{low}@kline_1m")) as connection:
        seen: dict[str, dict[int, Any]] = {"trade": {}, "aggTrade": {}, "kline": {}}
        closed = 0
        while min(len(rows) for rows in seen.values()) < 5 or not closed:
            data = receive(connection)["data"]
            key = {"trade": "t", "aggTrade": "a"}.get(data["e"])
            if key:
                seen[data["e"]][data[key]] = data
            elif data["k"]["x"] or len(seen["kline"]) < 5:
                closed += data["k"]["x"]
                seen["kline"][data["k"]["t"] + data["k"]["n"]] = data["k"]
    trades = {row["id"]: row for row in get(sim, f"{prefix}/trades?symbol={symbol}&limit=1000")[1]}
    for number, row in seen["trade"].items():
        assert (trades[number]["price"], trades[number]["qty"], trades[number]["time"]) == (
            row["p"],
            row["q"],
            row["T"],
        )
    aggs = {row["a"]: row for row in get(sim, f"{prefix}/aggTrades?symbol={symbol}&limit=1000")[1]}
    for number, row in seen["aggTrade"].items():
        assert aggs[number] == {key: row[key] for key in aggs[number]}
    candles = {row[0]: row for row in get(sim, f"{prefix}/klines?symbol={symbol}&interval=1m&limit=1500")[1]}
    for row in [row for row in seen["kline"].values() if row["x"]]:
        keys = ("o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")
        assert candles[row["t"]][1:] == [row[key] for key in keys]


def test_exchange_info(sim: Simulator) -> None:
    """exchangeInfo lists every symbol; on spot the one asked for, while the others do not look at the parameter."""
    for prefix, key in (
        ("/spot/api/v3", "symbols"),
        ("/usdm/fapi/v1", "symbols"),
        ("/coinm/dapi/v1", "symbols"),
        ("/options/eapi/v1", "optionSymbols"),
    ):
        product = prefix.split("/")[1]
        listed = [row["symbol"] for row in get(sim, f"{prefix}/exchangeInfo")[1][key]]
        assert listed == list(sim.symbols[product])
        status, body = get(sim, f"{prefix}/exchangeInfo?symbol={listed[0]}")
        wanted = listed[:1] if product == "spot" else listed
        assert (status, [row["symbol"] for row in body[key]]) == (200, wanted)


def test_other_rest_calls(sim: Simulator) -> None:
    """The remaining calls answer for their symbol."""
    for path in ("ticker/24hr", "ticker/price", "ticker/bookTicker"):
        assert get(sim, f"/spot/api/v3/{path}?symbol=ETHBTC")[1]["symbol"] == "ETHBTC"
    assert get(sim, "/spot/api/v3/avgPrice?symbol=ETHBTC")[1]["mins"] == 5
    assert get(sim, "/usdm/fapi/v1/premiumIndex?symbol=ETHUSDT")[1]["symbol"] == "ETHUSDT"
    assert abs(get(sim, "/spot/api/v3/time")[1]["serverTime"] / 1000 - time.time()) < 120
    rows = get(sim, "/spot/api/v3/historicalTrades?symbol=BTCUSDT&limit=3")[1]
    first = rows[0]["id"]
    assert [row["id"] for row in rows] == [first, first + 1, first + 2]
    again = get(sim, f"/spot/api/v3/historicalTrades?symbol=BTCUSDT&limit=2&fromId={first}")[1]
    assert again == rows[:2]
