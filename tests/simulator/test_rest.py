"""REST: the table of rows, parameters, weights and bans, times, and what only REST has."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
import websocket
from hypothesis import given
from hypothesis import strategies as st
from simulator.helpers import LISTED, PATIENCE, client, get, receive, ws_url

from binance_sockets.simulator import LimitOverrides, Simulator
from binance_sockets.simulator.binance import weights
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.rest import Backend, Query, Rest, RestError, Row
from binance_sockets.simulator.binance.rest.answering import PUBLIC
from binance_sockets.simulator.binance.upgrade import ROUTES
from binance_sockets.simulator.binance.weights import Connects, Weights
from binance_sockets.simulator.feed import Feed
from binance_sockets.simulator.injections import FaultBoard
from binance_sockets.simulator.ledger import Ledger
from binance_sockets.simulator.market.clock import SimClock
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.playback import NoPlayback
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.venue import RestRequest

SPOT, USDM, COINM, OPTIONS = "/spot/api/v3", "/usdm/fapi/v1", "/coinm/dapi/v1", "/options/eapi/v1"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(speed=50, seed=5, symbols=LISTED, limits=LimitOverrides(weight=1_000_000)) as simulator:
        yield simulator


def fetch(sim: Simulator, path: str, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers in lower case, and body."""
    request = urllib.request.Request(sim.url + path, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, {key.lower(): value for key, value in answer.headers.items()}, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {key.lower(): value for key, value in error.headers.items()}, json.load(error)


# parameters


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        (f"{SPOT}/depth", -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        (f"{USDM}/klines?symbol=BTCUSDT", -1102, "'interval'"),
        (f"{OPTIONS}/index", -1102, "'underlying'"),
        (f"{SPOT}/ticker", -1102, "'symbol'"),
        (f"{SPOT}/depth?symbol=", -1105, "Parameter 'symbol' was empty."),
        (f"{USDM}/depth?symbol=", -1105, "Parameter 'symbol' was empty."),
        (f"{SPOT}/depth?symbol=BTCUSDT&limit=", -1105, "Parameter 'limit' was empty."),
        (f"{SPOT}/depth?symbol=btcusdt", -1100, "legal range is '^[\\w\\-._&&[^a-z]]{1,50}$'."),
        (f"{SPOT}/depth?symbol=BTCUSDT&limit=-5", -1100, "legal range is '^[0-9]{1,20}$'."),
        (f"{USDM}/trades?symbol=BTCUSDT&limit=x", -1102, "'limit'"),
        (f"{USDM}/trades?symbol=BTCUSDT&limit=5000", -1130, "Data sent for parameter 'limit' is not valid."),
        (f"{USDM}/depth?symbol=BTCUSDT&limit=3", -4021, "3 is not valid depth limit"),
        (f"{COINM}/depth?symbol=BTCUSD_PERP&limit=1500", -1130, "Data sent for parameter 'limit' is not valid."),
        (f"{SPOT}/depth?symbol=BTCUSDT&symbol=ETHUSDT", -1101, "Duplicate values for parameter 'symbol'."),
        (f"{USDM}/depth?symbol=BTCUSDT&symbol=ETHUSDT", -1101, "Duplicate values for parameter 'symbol'."),
        (f"{SPOT}/depth?symbol=BTCUSDT&x=1", -1104, "read '1' parameter(s) but was sent '2'."),
        (f"{SPOT}/time?x=1", -1101, "Too many parameters; expected '0' and received '1'."),
        (f"{SPOT}/ticker/price?symbol=BTCUSDT&symbols=[%22ETHUSDT%22]", -1128, "Combination"),
        (f"{SPOT}/ticker/price?symbols=BTCUSDT", -1100, "parameter 'symbols'"),
        (f"{SPOT}/ticker/price?symbols=[%22ETHUSDT%22,%22ETHUSDT%22]", -1151, "multiple times"),
        (f"{SPOT}/ticker/price?symbols=[%22ETHUSDT%22,%22NOSUCH%22]", -1121, "Invalid symbol."),
        (f"{SPOT}/ticker/price?symbol=BTCUSDT&symbolStatus=HALT", -1220, "status"),
        (f"{SPOT}/ticker/price?symbolStatus=OPEN", -1122, "Invalid symbolStatus."),
        (f"{SPOT}/depth?symbol=BTCUSDT&symbolStatus=trading", -1122, "Invalid symbolStatus."),
        (f"{SPOT}/referencePrice/calculation?symbol=BTCUSDT&symbolStatus=OPEN", -1122, "Invalid symbolStatus."),
        (f"{SPOT}/aggTrades?symbol=BTCUSDT&fromId=5&startTime=7", -1128, "Combination"),
        (f"{COINM}/ticker/price?pair=NOSUCH", -1121, "Invalid symbol."),
        (f"{SPOT}/ticker?symbol=BTCUSDT&windowSize=90m", -1100, "'windowSize'"),
        (f"{SPOT}/ticker?symbol=BTCUSDT&windowSize=1h&type=SMALL", -1100, "'type'"),
        (f"{SPOT}/klines?symbol=BTCUSDT&interval=1d&timeZone=15", -1100, "'timeZone'"),
        (f"{USDM}/klines?symbol=BTCUSDT&interval=1m&startTime=9&endTime=8", -1023, "Start time is greater"),
        (f"{USDM}/klines?symbol=BTCUSDT&interval=1s", -1120, "Invalid interval."),
        (f"{SPOT}/exchangeInfo?symbol=BTCUSDT&permissions=SPOT", -1128, "Combination"),
        (f"{SPOT}/exchangeInfo?symbol=BTCUSDT&symbolStatus=TRADING", -1128, "Combination"),
        (f"{SPOT}/exchangeInfo?symbols=[%22BTCUSDT%22]&symbolStatus=HALT", -1128, "Combination"),
    ],
)
def test_wrong_parameters(sim: Simulator, path: str, code: int, words: str) -> None:
    """Missing, empty, malformed, repeated, unknown and clashing parameters have the exchange's codes and words."""
    status, body = get(sim, path)
    assert (status, body["code"]) == (400, code)
    assert words in body["msg"]


@pytest.mark.parametrize("path", [f"{USDM}/time?x=1", f"{COINM}/depth?symbol=BTCUSD_PERP&_=17", f"{OPTIONS}/ping?x=1"])
def test_futures_and_options_do_not_look_at_unknown_parameters(sim: Simulator, path: str) -> None:
    """There a parameter that nobody reads does no harm."""
    assert get(sim, path)[0] == 200


def test_old_trades_of_futures_want_a_key(sim: Simulator) -> None:
    """Any key will do; spot wants none."""
    path = f"{USDM}/historicalTrades?symbol=BTCUSDT&limit=3"
    assert get(sim, path) == (401, {"code": -2014, "msg": "API-key format invalid."})
    assert len(get(sim, path, **{"X-MBX-APIKEY": "some key"})[1]) == 3
    assert len(get(sim, f"{SPOT}/historicalTrades?symbol=BTCUSDT&limit=3")[1]) == 3


def test_unknown_paths_answer_json(sim: Simulator) -> None:
    """A path or method that does not exist has each product's own JSON."""
    status, body = get(sim, f"{SPOT}/nosuch")
    assert (status, body["status"], body["error"], body["path"]) == (404, 404, "Not Found", "/api/v3/nosuch")
    expected = {"code": -5000, "msg": "Path /fapi/v1/nosuch, Method GET is invalid"}
    assert get(sim, f"{USDM}/nosuch") == (404, expected)
    assert get(sim, f"{USDM}/ping", "POST") == (
        404,
        {"code": -5000, "msg": "Path /fapi/v1/ping, Method POST is invalid"},
    )


@pytest.mark.parametrize("path", ["/nosuch", "/api/v3/ping", "/fapi/v1/ping", "/"])
def test_a_path_without_a_product_is_named_as_it_was_asked_for(sim: Simulator, path: str) -> None:
    """Who forgot the product in an address sees the whole path."""
    assert get(sim, path) == (404, {"code": -5000, "msg": f"Path {path}, Method GET is invalid"})


# weights

WEIGHTS = [
    (f"{SPOT}/ping", 1),
    (f"{SPOT}/exchangeInfo", 20),
    (f"{SPOT}/depth?symbol=BTCUSDT", 5),
    (f"{SPOT}/depth?symbol=BTCUSDT&limit=500", 25),
    (f"{SPOT}/depth?symbol=BTCUSDT&limit=1000", 50),
    (f"{SPOT}/depth?symbol=BTCUSDT&limit=5000", 250),
    (f"{SPOT}/depth?symbol=NOSUCH&limit=5000", 250),
    (f"{SPOT}/klines?symbol=BTCUSDT&interval=1m&limit=1000", 2),
    (f"{SPOT}/ticker/24hr?symbol=BTCUSDT", 2),
    (f"{SPOT}/ticker/24hr", 80),
    (f"{SPOT}/ticker/price", 4),
    (f"{SPOT}/ticker?symbols=[%22BTCUSDT%22,%22ETHUSDT%22]", 8),
    (f"{USDM}/depth?symbol=BTCUSDT&limit=50", 2),
    (f"{USDM}/depth?symbol=BTCUSDT&limit=1000", 20),
    (f"{USDM}/klines?symbol=BTCUSDT&interval=1m&limit=99", 1),
    (f"{USDM}/klines?symbol=BTCUSDT&interval=1m&limit=1500", 10),
    (f"{USDM}/ticker/24hr", 40),
    (f"{USDM}/premiumIndex", 10),
    (f"{COINM}/ticker/bookTicker", 5),
    (f"{OPTIONS}/mark", 5),
]


@pytest.mark.parametrize(("path", "weight"), WEIGHTS)
def test_weights(sim: Simulator, path: str, weight: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call costs what the exchange says, answered or refused, and every answer tells what the minute has cost."""
    monkeypatch.setattr(weights, "time", HeldTime())
    ping = "/".join(path.split("/")[:4]) + "/ping"
    before = int(fetch(sim, ping)[1]["x-mbx-used-weight-1m"])
    headers = fetch(sim, path)[1]
    assert int(headers["x-mbx-used-weight-1m"]) - before == weight
    assert headers.get("x-mbx-used-weight") == (headers["x-mbx-used-weight-1m"] if SPOT in path else None)


def test_usdm_and_coinm_share_their_weight(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pool for both, another for spot."""
    monkeypatch.setattr(weights, "time", HeldTime())
    used = [int(fetch(sim, f"{root}/ping")[1]["x-mbx-used-weight-1m"]) for root in (USDM, COINM, USDM)]
    assert used == [used[0], used[0] + 1, used[0] + 2]


class HeldTime:
    """Stands in for ``time`` where weights and connects are counted."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now // 60 * 60

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldTime:
    time = HeldTime()
    monkeypatch.setattr(weights, "time", time)
    return time


def test_a_spent_weight_is_429_then_a_ban(held: HeldTime) -> None:
    """Beyond the limit 429 says when the minute ends; who goes on is banned, and told until when."""
    with Simulator(symbols=LISTED, limits=LimitOverrides(weight=3)) as sim:
        held.now += 15
        assert [fetch(sim, f"{SPOT}/ping")[0] for _ in range(3)] == [200] * 3
        status, headers, body = fetch(sim, f"{SPOT}/ping")
        assert (status, headers["retry-after"], headers["x-mbx-used-weight-1m"]) == (429, "45", "4")
        assert body["code"] == -1003
        assert "current limit is 3 request weight per 1 MINUTE" in body["msg"]
        assert fetch(sim, f"{USDM}/ping")[0] == 200
        assert {fetch(sim, f"{SPOT}/ping")[0] for _ in range(9)} == {429}
        status, headers, body = fetch(sim, f"{SPOT}/ping")
        until_ms = int((held.now + 120) * 1000)
        assert (status, headers["retry-after"]) == (418, "120")
        assert body["msg"].startswith(f"Way too much request weight used; IP banned until {until_ms}.")
        held.now += 60
        assert fetch(sim, f"{SPOT}/ping")[1]["retry-after"] == "60"
        held.now += 60
        assert fetch(sim, f"{SPOT}/ping")[0] == 200


def test_bans_grow_and_minutes_forgive(held: HeldTime) -> None:
    """A new minute forgets; the second ban is twice as long as the first, and none is longer than three days."""
    spent = Weights(LimitOverrides(weight=10))
    assert spent.spend("usdm", "a", 11).retry_after == 60
    assert spent.spend("usdm", "b", 10).retry_after == 0
    held.now += 60
    assert spent.spend("usdm", "a", 10) == weights.Spent(10, 10)
    lengths = []
    for _ in range(14):
        while not (found := spent.spend("coinm", "a", 1)).banned_until:
            continue
        lengths.append(found.banned_until - held.now)
        held.now = found.banned_until
    assert lengths[:3] == [120, 240, 480]
    assert lengths[-1] == 3 * 86_400


def test_too_many_connects(held: HeldTime) -> None:
    """Upgrades beyond the limit of five minutes are answered 429, with the time to wait; REST goes on."""
    with Simulator(speed=50, symbols=LISTED, limits=LimitOverrides(connects=2)) as sim:
        for _ in range(2):
            with client(sim, "/spot/ws/btcusdt@trade") as connection:
                receive(connection)
        bare = websocket.WebSocket()
        with pytest.raises(websocket.WebSocketBadStatusException) as caught:
            bare.connect(ws_url(sim) + "/spot/ws", timeout=PATIENCE)
        bare.shutdown()
        assert caught.value.status_code == 429
        assert caught.value.resp_headers is not None
        assert caught.value.resp_headers["retry-after"] == "300"
        assert get(sim, f"{SPOT}/ping")[0] == 200
        held.now += 300
        with client(sim, "/spot/ws/btcusdt@trade") as connection:
            receive(connection)


def test_connects_are_counted_by_address_in_a_sliding_window(held: HeldTime) -> None:
    """Each address has its own; the oldest leaves first."""
    connects = Connects(2)
    assert (connects.admit("a"), connects.admit("b")) == (0, 0)
    held.now += 100
    assert [connects.admit("a"), connects.admit("a")] == [0, 200]
    held.now += 200
    assert [connects.admit("a"), connects.admit("a")] == [0, 100]


# times


def test_microseconds(sim: Simulator) -> None:
    """``X-MBX-TIME-UNIT`` on spot turns every time into microseconds; requests may use both; a wrong one is refused."""
    unit = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    assert fetch(sim, f"{SPOT}/time", **unit)[2]["serverTime"] > 10**15
    rows = fetch(sim, f"{SPOT}/klines?symbol=BTCUSDT&interval=1m", **unit)[2]
    assert rows[0][0] > 10**15
    assert rows[0][6] - rows[0][0] == 59_999_999
    first = rows[-1][0]
    for start in (first, first // 1000):
        found = fetch(sim, f"{SPOT}/klines?symbol=BTCUSDT&interval=1m&startTime={start}")[2]
        assert found[0][0] == first // 1000
    assert fetch(sim, f"{USDM}/time", **unit)[2]["serverTime"] < 10**14
    status, _, body = fetch(sim, f"{SPOT}/time", **{"X-MBX-TIME-UNIT": "SECOND"})
    assert (status, body["code"]) == (400, -1194)


def test_a_wrong_time_unit_of_a_stream_is_refused(sim: Simulator) -> None:
    """On spot only; futures do not look at it."""
    bare = websocket.WebSocket()
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        bare.connect(ws_url(sim) + "/spot/stream?timeUnit=second&streams=btcusdt@trade", timeout=PATIENCE)
    bare.shutdown()
    assert caught.value.status_code == 400
    assert caught.value.resp_body is not None
    assert json.loads(caught.value.resp_body)["code"] == -1194
    with client(sim, "/usdm/market/ws/btcusdt@aggTrade?timeUnit=second") as connection:
        assert receive(connection)["T"] < 10**14


def test_time_zones(sim: Simulator) -> None:
    """Days of candles and of the trading day begin at midnight of the zone."""
    day = 86_400_000
    for zone, hours in (("8", 8), ("-5:30", -5.5), ("%2B14:00", 14)):
        path = f"?symbol=BTCUSDT&timeZone={zone}"
        start = get(sim, f"{SPOT}/klines{path}&interval=1d")[1][-1][0]
        ticker = get(sim, f"{SPOT}/ticker/tradingDay{path}")[1]
        assert (start + hours * 3_600_000) % day == 0
        assert (ticker["openTime"], ticker["closeTime"]) == (start, start + day - 1)


def test_windows(sim: Simulator) -> None:
    """A window begins on a minute and is as long as asked for, but for that minute; all its trades are in it."""
    row = get(sim, f"{SPOT}/ticker?symbol=BTCUSDT&windowSize=4h")[1]
    assert row["openTime"] % 60_000 == 0
    assert 4 * 3_600_000 <= row["closeTime"] - row["openTime"] < 4 * 3_600_000 + 60_000
    assert row["count"] == row["lastId"] - row["firstId"] + 1


# what it says


def test_tickers_of_some_and_of_all(sim: Simulator) -> None:
    """Without a symbol every one is there; ``symbols`` chooses; one symbol alone is an object, but a list on COIN-M."""
    for root, product in ((SPOT, "spot"), (USDM, "usdm"), (COINM, "coinm")):
        for name in ("ticker/24hr", "ticker/price", "ticker/bookTicker"):
            assert [row["symbol"] for row in get(sim, f"{root}/{name}")[1]] == list(sim.symbols[product])
    chosen = get(sim, f"{SPOT}/ticker/24hr?symbols=[%22ETHUSDT%22,%22BTCUSDT%22]")[1]
    assert [row["symbol"] for row in chosen] == ["ETHUSDT", "BTCUSDT"]
    assert get(sim, f"{SPOT}/ticker/price?symbols=[%22ETHUSDT%22]")[1][0]["symbol"] == "ETHUSDT"
    assert [row["symbol"] for row in get(sim, f"{COINM}/ticker/price?symbol=BTCUSD_PERP")[1]] == ["BTCUSD_PERP"]
    pair = get(sim, f"{COINM}/premiumIndex?pair=BTCUSD")[1]
    assert {row["pair"] for row in pair} == {"BTCUSD"}
    assert len(pair) == 3


def test_exchange_info_of_some(sim: Simulator) -> None:
    """spot chooses by symbols, permissions and status."""
    info = f"{SPOT}/exchangeInfo"

    def listed(query: str) -> list[str]:
        return [row["symbol"] for row in get(sim, info + query)[1]["symbols"]]

    assert listed("?symbols=[%22ETHUSDT%22,%22BTCUSDT%22]") == ["ETHUSDT", "BTCUSDT"]
    assert listed("?permissions=MARGIN") == list(sim.symbols["spot"])
    assert listed("?permissions=[%22LEVERAGED%22,%22SPOT%22]") == list(sim.symbols["spot"])
    assert listed("?permissions=LEVERAGED") == []
    assert listed("?symbolStatus=BREAK") == []
    assert get(sim, f"{info}?symbol=BTCUSDT&showPermissionSets=false")[1]["symbols"][0]["permissionSets"] == []


@pytest.mark.parametrize(
    ("root", "key"), [(SPOT, "symbols"), (USDM, "symbols"), (COINM, "symbols"), (OPTIONS, "optionSymbols")]
)
def test_the_market_keeps_its_filters(sim: Simulator, root: str, key: str) -> None:
    """Every price in a book is a multiple of the tick and every quantity one of the step."""
    for row in get(sim, f"{root}/exchangeInfo")[1][key][:3]:
        rules = {rule["filterType"]: rule for rule in row["filters"]}
        tick, step = float(rules["PRICE_FILTER"]["tickSize"]), float(rules["LOT_SIZE"]["stepSize"])
        book = get(sim, f"{root}/depth?symbol={row['symbol']}&limit=20")[1]
        for price, qty in book["bids"] + book["asks"]:
            assert float(price) / tick == pytest.approx(round(float(price) / tick))
            assert float(qty) / step == pytest.approx(round(float(qty) / step))
            assert float(rules["PRICE_FILTER"]["minPrice"]) <= float(price) <= float(rules["PRICE_FILTER"]["maxPrice"])


def test_quotes() -> None:
    """Pairs against liras, Australian dollars and reals exist, at prices that fit."""
    names = ["USDTTRY", "BTCBRL", "ETHAUD", "AUDUSDT"]
    with Simulator(symbols={"spot": names}) as sim:
        rows = {row["symbol"]: row for row in get(sim, f"{SPOT}/exchangeInfo")[1]["symbols"]}
        assert [(row["baseAsset"], row["quoteAsset"]) for row in rows.values()] == [
            ("USDT", "TRY"), ("BTC", "BRL"), ("ETH", "AUD"), ("AUD", "USDT"),
        ]  # fmt: skip
        prices = {row["symbol"]: float(row["price"]) for row in get(sim, f"{SPOT}/ticker/price")[1]}
        assert 30 < prices["USDTTRY"] < 60
        assert prices["BTCBRL"] > 5 * prices["ETHAUD"]


def test_funding_rates(sim: Simulator) -> None:
    """Every eight hours, oldest first, the same whenever asked; none for contracts that are delivered."""
    rows = get(sim, f"{USDM}/fundingRate?symbol=BTCUSDT&limit=5")[1]
    times = [row["fundingTime"] for row in rows]
    assert [later - earlier for earlier, later in pairwise(times)] == [8 * 3_600_000] * 4
    assert times[0] % (8 * 3_600_000) == 0
    again = get(sim, f"{USDM}/fundingRate?symbol=BTCUSDT&startTime={times[1]}&endTime={times[3]}")[1]
    assert again == rows[1:4]
    assert len({row["fundingRate"] for row in rows}) > 1
    dated = next(name for name in sim.symbols["coinm"] if name.startswith("BTCUSD_2"))
    assert get(sim, f"{COINM}/fundingRate?symbol={dated}") == (200, [])
    everything = get(sim, f"{USDM}/fundingRate?limit=30")[1]
    assert len(everything) == 30
    assert everything == sorted(everything, key=lambda row: row["fundingTime"])


def test_candles_of_prices_follow_the_mark_price(sim: Simulator) -> None:
    """The open candles of mark and index price end at what premiumIndex says."""
    query = "interval=1m&limit=1"
    get(sim, f"{USDM}/markPriceKlines?symbol=ETHUSDT&{query}")
    row = get(sim, f"{USDM}/premiumIndex?symbol=ETHUSDT")[1]
    bar = get(sim, f"{USDM}/markPriceKlines?symbol=ETHUSDT&{query}")[1][-1]
    assert float(bar[3]) * 0.999 <= float(row["markPrice"]) <= float(bar[2]) * 1.001
    index = get(sim, f"{USDM}/indexPriceKlines?pair=ETHUSDT&{query}")[1][-1]
    assert float(index[4]) == pytest.approx(float(row["indexPrice"]), rel=0.01)
    hours = get(sim, f"{USDM}/markPriceKlines?symbol=ETHUSDT&interval=1h")[1]
    assert len(hours) >= 20
    assert all(abs(float(hour[4]) / float(bar[4]) - 1) < 0.05 for hour in hours)
    assert abs(float(get(sim, f"{USDM}/premiumIndexKlines?symbol=ETHUSDT&{query}")[1][-1][4])) < 0.01


def test_indexes_are_those_of_the_streams(sim: Simulator) -> None:
    """Asset indexes and the parts of composite indexes are what the streams of the same name carry."""
    with client(sim, "/usdm/market/stream?streams=!assetIndex@arr/defiusdt@compositeIndex") as connection:
        seen = {}
        while len(seen) < 2:
            message = receive(connection)
            seen[message["stream"]] = message["data"]
    assets = get(sim, f"{USDM}/assetIndex")[1]
    assert [row["symbol"] for row in assets] == [row["s"] for row in seen["!assetIndex@arr"]]
    assert get(sim, f"{USDM}/assetIndex?symbol=ETHUSD")[1]["symbol"] == "ETHUSD"
    assert get(sim, f"{USDM}/assetIndex?symbol=NOSUCH")[1]["code"] == -1121
    info = get(sim, f"{USDM}/indexInfo?symbol=DEFIUSDT")[1][0]
    parts = [part["baseAsset"] for part in info["baseAssetList"]]
    assert parts == [part["b"] for part in seen["defiusdt@compositeIndex"]["c"]]
    assert get(sim, f"{USDM}/indexInfo?symbol=BTCUSDT")[1]["code"] == -1121


def test_continuous_candles_are_those_of_the_contract(sim: Simulator) -> None:
    """By pair and kind of contract."""
    symbol = next(name for name in sim.symbols["coinm"] if name.startswith("BTCUSD_2"))
    query = "interval=1d&limit=2"
    plain = get(sim, f"{COINM}/klines?symbol={symbol}&{query}")[1]
    continuous = get(sim, f"{COINM}/continuousKlines?pair=BTCUSD&contractType=CURRENT_QUARTER&{query}")[1]
    assert continuous[0][:2] == plain[0][:2]
    assert get(sim, f"{COINM}/continuousKlines?pair=BTCUSD&contractType=NO&{query}")[1]["code"] == -1121


# rows of others


def offline(*more: Row) -> Rest:
    """The REST side without a network."""
    limits = LimitOverrides(weight=10**9)
    services = Services(
        Feed(World(1), SimClock(1.0)), FaultBoard(lambda: None, ROUTES), Ledger(), limits, set(), NoPlayback()
    )
    return Rest(Listing(World(1), LISTED), services, Weights(limits), more)


def test_rows_beside_the_public_ones() -> None:
    """A row is matched by product, method and path; it gets the parameters of query and form, and its errors answer."""

    def order(backend: Backend, query: Query) -> object:
        if query.text("side") != "BUY":
            raise RestError(-2010, "Account has insufficient balance for requested action.", 409)
        return {**query.values, "known": backend.instrument(query).symbol}

    row = Row("spot", "POST", "/api/v3/order", 7, order, "symbol! side!", free=True)
    rest = offline(row)
    bought = rest.answer(_form("symbol=BTCUSDT", "side=BUY"))
    assert (bought.status, bought.headers["X-MBX-USED-WEIGHT-1M"]) == (200, "0")
    assert json.loads(bought.body or b"") == {"symbol": "BTCUSDT", "side": "BUY", "known": "BTCUSDT"}  # type: ignore[arg-type]
    for body, status, code in (("side=SELL", 409, -2010), ("", 400, -1102)):
        refused = rest.answer(_form("symbol=BTCUSDT", body))
        assert (refused.status, json.loads(refused.body or b"")["code"]) == (status, code)  # type: ignore[arg-type]
    assert refused.headers["X-MBX-USED-WEIGHT-1M"] == "14"


def _form(query: str, body: str) -> RestRequest:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return RestRequest("POST", "/spot/api/v3/order", query, headers, body.encode(), "127.0.0.1")


def test_no_two_rows_answer_the_same() -> None:
    """Product, method and path are unique."""
    keys = [(row.product, row.method, row.path) for row in PUBLIC]
    assert len(set(keys)) == len(keys)


_OFFLINE = offline()
_VALUES = st.one_of(
    st.sampled_from(
        ["BTCUSDT", "BTCUSD_PERP", "BTC-261225-90000-C", "BTCUSD", "BTC", "1m", "1M", "5", "0", "1000", "FULL"]
    ),
    st.integers(-5, 10**20).map(str),
    st.text(max_size=8),
    st.sampled_from(
        ['["BTCUSDT"]', '["A",]', "[]", '[""]', '["a","a"]', "{}", "PERPETUAL", "261225", "-12:00", "99h", "HALT"]
    ),
)
_NAMES = sorted({name for row in PUBLIC for name in row.allowed} | {"x", ""})


@given(st.sampled_from(PUBLIC), st.data())
def test_no_request_is_an_error_of_the_server(row: Row, data: st.DataObject) -> None:
    """Whatever stands in the parameters, the answer is JSON: what was asked for, or a code and a text."""
    names = data.draw(st.lists(st.sampled_from([*sorted(row.allowed), *_NAMES][:12]), max_size=4))
    names += [name for name in row.mandatory if data.draw(st.booleans())]
    query = urlencode([(name, data.draw(_VALUES)) for name in names])
    request = RestRequest(row.method, f"/{row.product}{row.path}", query, {}, b"", "127.0.0.1")
    answer = _OFFLINE.answer(request)
    body = json.loads(answer.body or b"")  # type: ignore[arg-type]
    if answer.status != 200:
        assert answer.status in (400, 401)
        assert body.keys() == {"code", "msg"}
        assert body["code"] < -1000
