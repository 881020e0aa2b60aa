"""Market data over REST: shapes, parameters, and agreement with the streams."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import requests
import websocket
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulator.helpers import PATIENCE, client, get
from simulator.upbit.helpers import GENEROUS, PUBLIC, Member, ask, receive

from binance_sockets.simulator import Fault, Simulator
from binance_sockets.simulator.upbit.rest.quotation import ROWS
from binance_sockets.simulator.upbit.trading import CALLS

BTC = "KRW-BTC"


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(speed=50, seed=5, upbit=GENEROUS) as simulator:
        yield simulator


@pytest.fixture
def member(exchange: Simulator) -> Member:
    return Member(exchange)


def test_what_is_listed(member: Member) -> None:
    """Names in two languages; warnings where details are asked for, in either spelling."""
    rows = member.get("market/all")
    assert [row["market"] for row in rows] == list(member.sim.symbols["upbit"])
    assert rows[0] == {"market": BTC, "korean_name": "비트코인", "english_name": "Bitcoin"}
    for name in ("is_details", "isDetails"):
        event = member.get("market/all", **{name: "true"})[0]["market_event"]
        assert event["warning"] is False
        assert len(event["caution"]) == 5


def test_tickers_have_local_times_too(member: Member) -> None:
    """Of some markets, or of all of some quotes."""
    (row,) = member.get("ticker", markets=BTC)
    assert row["market"] == BTC
    assert {"trade_date_kst", "trade_time_kst", "acc_trade_price_24h"} < row.keys()
    assert [row["market"] for row in member.get("ticker", markets=f"{BTC},BTC-ETH")] == [BTC, "BTC-ETH"]
    assert {row["market"].partition("-")[0] for row in member.get("ticker/all", quote_currencies="BTC,USDT")} == {
        "BTC",
        "USDT",
    }
    assert len(member.get("ticker/all")) == len(member.sim.symbols["upbit"])


def test_books_have_counts_and_levels(member: Member) -> None:
    """The same units as the stream's; levels are those of the instruments."""
    (row,) = member.get("orderbook", markets=BTC, count=3)
    assert (row["market"], row["level"], len(row["orderbook_units"])) == (BTC, 0, 3)
    assert row["orderbook_units"][0].keys() == {"ask_price", "bid_price", "ask_size", "bid_size"}
    btc, eth = member.get("orderbook/instruments", markets=f"{BTC},BTC-ETH")
    assert (btc["tick_size"], btc["quote_currency"]) == ("1000", "KRW")
    assert btc["supported_levels"][:3] == ["0", "10000", "100000"]
    assert eth["supported_levels"] == ["0"]
    for level in btc["supported_levels"]:
        (row,) = member.get("orderbook", markets=BTC, level=level)
        assert row["level"] == int(level)
    with client(member.sim, PUBLIC) as connection:
        ask(connection, {"type": "orderbook", "codes": [BTC], "is_only_snapshot": True})
        assert receive(connection)["orderbook_units"][0].keys() == row["orderbook_units"][0].keys()


def test_trades_are_read_page_by_page(member: Member) -> None:
    """Newest first; a cursor goes on where a page has ended, and pages have no trade in common."""
    everything = member.get("trades/ticks", market=BTC, count=500)
    ids = [row["sequential_id"] for row in everything]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) > 10
    pages = [everything[:4]]
    while pages[-1] and len(pages) < 4:
        pages.append(member.get("trades/ticks", market=BTC, count=4, cursor=pages[-1][-1]["sequential_id"]))
    read = [row["sequential_id"] for page in pages for row in page]
    assert read == ids[: len(read)]
    assert everything[0].keys() == {
        "market", "trade_date_utc", "trade_time_utc", "timestamp", "trade_price", "trade_volume", "prev_closing_price",
        "change_price", "ask_bid", "sequential_id",
    }  # fmt: skip


def test_trades_of_days_before(member: Member) -> None:
    """days_ago chooses one day, ``to`` a time in it."""

    def yesterday() -> str:
        """The day before the latest trade's; it may change between two calls."""
        (latest,) = member.get("trades/ticks", market=BTC, count=1)
        return str(date.fromisoformat(latest["trade_date_utc"]) - timedelta(days=1))

    days = [yesterday()]
    before = {row["trade_date_utc"] for row in member.get("trades/ticks", market=BTC, count=500, days_ago=1)}
    days.append(yesterday())
    assert len(before) <= 1 and before <= set(days)
    for row in member.get("trades/ticks", market=BTC, count=500, days_ago=1, to="22:00:00"):
        assert row["trade_time_utc"] < "22:00:00"
    assert member.get("trades/ticks", market=BTC, days_ago=7) == []


@pytest.mark.parametrize(
    "path",
    ["seconds", *(f"minutes/{unit}" for unit in (1, 3, 5, 10, 15, 30, 60, 240)), "days", "weeks", "months", "years"],
)
def test_candles(member: Member, path: str) -> None:
    """Newest first, none without a trade, each ends where ``to`` says."""
    rows = member.get(f"candles/{path}", market=BTC, count=200)
    starts = [row["candle_date_time_utc"] for row in rows]
    assert starts == sorted(set(starts), reverse=True)
    assert all(
        row["candle_acc_trade_volume"] > 0 and row["low_price"] <= row["opening_price"] <= row["high_price"]
        for row in rows
    )
    assert all(row["market"] == BTC for row in rows)
    if len(starts) > 1:
        for to in (starts[0], starts[0] + "Z", starts[0] + "+00:00", starts[0].replace("T", " ")):
            assert member.get(f"candles/{path}", market=BTC, to=to)[0]["candle_date_time_utc"] == starts[1]
    extra = {"minutes": "unit", "days": "prev_closing_price", "weeks": "first_day_of_period"}.get(
        path.partition("/")[0]
    )
    assert extra is None or extra in rows[0]


def test_days_in_local_currency(member: Member) -> None:
    """By the price of the quote."""
    row = member.get("candles/days", market="BTC-ETH", converting_price_unit="KRW")[0]
    bitcoin = member.get("ticker", markets=BTC)[0]["trade_price"]
    assert 0.9 < row["converted_trade_price"] / (row["trade_price"] * bitcoin) < 1.1


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("ticker", 400, 400), ("ticker?markets=", 400, 400), ("ticker?markets=KRW-NOPE", 404, 404),
        ("ticker?markets=KRW-BTC,x", 404, 404), ("orderbook?markets=KRW-BTC&level=7", 400, 400),
        ("orderbook?markets=KRW-BTC&level=x", 400, 400), ("orderbook?markets=KRW-BTC&level=1e999999999", 400, 400),
        ("orderbook?markets=KRW-BTC&level=NaN", 400, 400), ("orderbook?markets=KRW-BTC&count=x", 400, 400),
        ("orderbook?markets=BTC-ETH&level=10", 400, 400), ("orderbook?markets=KRW-BTC&count=0", 400, 400),
        ("trades/ticks?market=KRW-NOPE", 404, 404), ("trades/ticks?market=KRW-BTC&market=KRW-ETH", 400, 400),
        ("trades/ticks?market=KRW-BTC&days_ago=0", 400, 400), ("trades/ticks?market=KRW-BTC&to=25:00:00", 400, 400),
        ("trades/ticks?market=KRW-BTC&cursor=-1", 400, 400),
        ("trades/ticks?market=KRW-BTC&count=" + "9" * 90, 400, 400),
        ("candles/minutes/7?market=KRW-BTC", 404, 404), ("candles/days?market=KRW-BTC&to=yesterday", 400, 400),
        ("candles/days?market=KRW-BTC&to=99999-01-01", 400, 400), ("candles/days", 400, 400),
        ("nothing", 404, 404), ("orders/nothing", 404, 404),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_number(exchange: Simulator, path: str, status: int, name: int) -> None:
    """400 and 404, as calls without a key have them."""
    code, body = get(exchange, f"/upbit/v1/{path}")
    assert (code, body["error"]["name"]) == (status, name)


def test_other_methods_do_not_exist(exchange: Simulator) -> None:
    """405, and 404 for no path at all."""
    assert get(exchange, "/upbit/v1/ticker", "POST")[0] == 405
    assert get(exchange, "/upbit/v1/orders", "PUT")[0] == 405
    assert get(exchange, "/upbit", "GET")[0] == 404
    assert get(exchange, "/upbit/", "DELETE")[0] == 404


def test_numbers_keep_their_digits(exchange: Simulator) -> None:
    """A sum of the day has all that its trades have."""
    with requests.Session() as session:
        session.trust_env = False
        text = session.get(f"{exchange.url}/upbit/v1/ticker?markets=BTC-ETH", timeout=PATIENCE).text
        trades = session.get(f"{exchange.url}/upbit/v1/candles/days?market=BTC-ETH", timeout=PATIENCE).text
    row = json.loads(text, parse_float=Decimal)[0]
    assert len(row["acc_trade_price"].as_tuple().digits) >= 9
    assert isinstance(json.loads(trades, parse_float=Decimal)[0]["candle_acc_trade_price"], Decimal)


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("api.upbit.com", BTC), ("API.UPBIT.COM:443", BTC), ("sg-api.upbit.com", "SGD-BTC"),
        ("id-api.upbit.com", "IDR-BTC"), ("th-api.upbit.com", "THB-BTC"), ("127.0.0.1", BTC), ("other.example", BTC),
    ],
)  # fmt: skip
def test_paths_without_a_region_are_found_by_host(exchange: Simulator, host: str, code: str) -> None:
    """As who has the addresses built in asks for them; any other host is Korea."""
    assert get(exchange, "/v1/market/all", Host=host)[1][0]["market"] == code
    url = f"{exchange.url.replace('http', 'ws', 1)}/websocket/v1"
    connection = websocket.create_connection(url, PATIENCE, host=host, suppress_origin=True, http_no_proxy=["*"])
    try:
        connection.send(json.dumps([{"ticket": "t"}, {"type": "trade", "codes": [code]}]))
        assert json.loads(connection.recv())["code"] == code
    finally:
        connection.shutdown()


def test_faults_of_rest(exchange: Simulator) -> None:
    """Another status, and a late answer; of this product alone."""
    fault = exchange.inject(Fault.HTTP_STATUS, product="upbit", status=503, on="rest", count=1)
    assert get(exchange, "/upbit/v1/market/all")[0] == 503
    late = exchange.inject(Fault.REST_LATE, product="upbit", path="/upbit/v1/market/all", delay=0.05, count=1)
    assert get(exchange, "/upbit/v1/market/all")[0] == 200
    assert (fault.struck, late.struck) == (1, 1)


PATHS = sorted({row.path for row in ROWS} | {row.path for row in CALLS})
NAMES = (
    "market", "markets", "count", "level", "to", "cursor", "days_ago", "quote_currencies", "converting_price_unit",
    "uuid", "uuids[]", "identifier", "state", "states[]", "page", "limit", "order_by", "start_time", "end_time", "side",
    "ord_type", "price", "volume", "time_in_force", "smp_type", "cancel_side", "pairs", "prev_order_uuid",
    "new_ord_type",
)  # fmt: skip
WORDS = (BTC, "BTC-ETH", "0", "1", "-1", "1e400", "NaN", "limit", "bid", "wait", "asc", "", "50000000")
PARAMS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WORDS) | st.text(max_size=8), max_size=6)
METHODS = st.sampled_from(["GET", "POST", "DELETE"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(PATHS), method=METHODS, params=PARAMS, tail=st.text(max_size=3))
def test_no_request_is_an_error_of_the_server(
    exchange: Simulator, member: Member, caplog: pytest.LogCaptureFixture, path: str, method: str,
    params: dict[str, str], tail: str,
) -> None:  # fmt: skip
    """Whatever the parameters, with a good token and without; nothing is logged."""
    caplog.set_level(logging.WARNING)
    status, _ = get(
        exchange, f"/upbit{path}{quote(tail, errors='replace')}?market=KRW-BTC", method, dict(params) or None
    )
    assert status < 500
    assert member.call(method, path[4:], **params).status_code < 500
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_bodies_that_are_none(exchange: Simulator) -> None:
    """Deep, broken, binary: 4xx."""
    bodies: list[Any] = [b"[" * 100_000, b"\xff\xfe", b'{"a":', b'"x"', b'{"a":{"b":[1,{"c":"\\ud800"}]}}']
    with requests.Session() as session:
        session.trust_env = False
        for body in bodies:
            for headers in (
                {},
                {"Content-Type": "application/json"},
                {"Content-Type": "application/x-www-form-urlencoded"},
            ):
                answer = session.post(f"{exchange.url}/upbit/v1/orders", data=body, headers=headers, timeout=PATIENCE)
                assert 400 <= answer.status_code < 500
