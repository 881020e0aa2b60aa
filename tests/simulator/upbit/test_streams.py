"""What connections are sent: snapshots and what follows, each in the format that was asked for, and nothing else."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from patience import PATIENCE
from simulator.helpers import client
from simulator.upbit.helpers import GENEROUS, PUBLIC, ask, collected, listed, receive, types_of, until

from binance_sockets.simulator import Simulator, UpbitOptions
from binance_sockets.simulator.upbit.requests import PUBLIC as TYPES

BTC, ETH, XRP = "KRW-BTC", "KRW-ETH", "KRW-XRP"


@pytest.mark.parametrize("kind", TYPES)
def test_a_snapshot_comes_first_and_then_what_happens(exchange: Simulator, kind: str) -> None:
    """Of every public type, for each code of its own."""
    codes = [BTC, "BTC-ETH", "USDT-BTC"]
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "trade", "codes": codes, "is_only_realtime": True})
        for code in codes:  # a market that has just opened has no candle of a second yet
            until(connection, code=code)
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": kind, "codes": codes})
        first = collected(connection, 3)
        assert types_of(first) == {(kind, BTC), (kind, "BTC-ETH"), (kind, "USDT-BTC")}
        assert {row["stream_type"] for row in first} == {"SNAPSHOT"}
        assert until(connection, stream_type="REALTIME")["type"] == kind


@pytest.mark.parametrize("names", [("is_only_snapshot", "is_only_realtime"), ("isOnlySnapshot", "isOnlyRealtime")])
def test_flags_leave_out_the_one_or_the_other(exchange: Simulator, names: tuple[str, str]) -> None:
    """In their old spelling as well."""
    with client(exchange, PUBLIC) as connection:
        ask(
            connection,
            {"type": "orderbook", "codes": [BTC], names[0]: True},
            {"type": "orderbook", "codes": [ETH], names[1]: True},
        )
        seen = collected(connection, 40)
    told = [(row["code"], row["stream_type"]) for row in seen]
    assert told[0] == (BTC, "SNAPSHOT")
    assert set(told[1:]) == {(ETH, "REALTIME")}


def test_old_names_of_flags_can_be_unknown() -> None:
    """Whether the exchange still understands them is not written anywhere."""
    options = UpbitOptions(camel_case=False)
    with Simulator(speed=50, upbit=options) as sim, client(sim, PUBLIC) as connection:
        ask(connection, {"type": "ticker", "codes": [BTC], "isOnlyRealtime": True})
        assert receive(connection)["stream_type"] == "SNAPSHOT"


def test_both_flags_leave_nothing(exchange: Simulator) -> None:
    """Each excludes what the other wants."""
    with client(exchange, PUBLIC) as connection:
        ask(
            connection,
            {"type": "trade", "codes": [BTC], "is_only_snapshot": True, "is_only_realtime": True},
            {"type": "trade", "codes": [ETH]},
        )
        assert types_of(collected(connection, 10)) == {("trade", ETH)}


def test_a_request_replaces_the_one_before(exchange: Simulator) -> None:
    """What it does not name ends, what it names anew begins with a snapshot, what it keeps goes on."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "ticker", "codes": [BTC]}, {"type": "trade", "codes": [BTC, ETH]})
        collected(connection, 10)
        ask(
            connection,
            {"type": "trade", "codes": [ETH], "is_only_realtime": True},
            {"type": "trade", "codes": [XRP]},
        )
        until(connection, code=XRP, stream_type="SNAPSHOT")
        seen = collected(connection, 30)
        assert types_of(seen) == {("trade", ETH), ("trade", XRP)}
        assert {row["stream_type"] for row in seen} == {"REALTIME"}
        (info,) = [row for row in exchange.connections if row.product == "upbit"]
        assert (info.route, set(info.streams)) == ("public", {"trade/KRW-ETH", "trade/KRW-XRP"})


def test_what_is_asked_for_again_without_a_flag_sends_its_snapshot_again(exchange: Simulator) -> None:
    """So that who adds a code has to say that the others run already."""
    with client(exchange, PUBLIC) as connection:
        for _ in range(2):
            ask(connection, {"type": "candle.1m", "codes": [BTC]})
            until(connection, stream_type="SNAPSHOT")


def test_depth_is_a_suffix_and_level_an_option(exchange: Simulator) -> None:
    """1, 5, 15 and 30 units, 30 for any other number; one code with several levels at once."""
    with client(exchange, PUBLIC) as connection:
        only = {"is_only_snapshot": True}
        for suffix, count in ((".1", 1), (".5", 5), (".15", 15), (".7", 22), (".999", 22), ("", 22)):
            ask(connection, {"type": "orderbook", "codes": [BTC + suffix], **only})
            row = receive(connection)
            assert row["code"] == BTC
            assert len(row["orderbook_units"]) == count if count < 22 else 22 <= len(row["orderbook_units"]) <= 30
        ask(
            connection,
            {"type": "orderbook", "codes": [BTC], "level": 10000, **only},
            {"type": "orderbook", "codes": [BTC], "level": "100000", **only},
            {"type": "orderbook", "codes": [BTC], "level": 0, **only},
        )
        rows = {row["level"]: row for row in collected(connection, 3)}
    assert rows.keys() == {0, 10000, 100000}
    for level in (10000, 100000):
        prices = [Decimal(str(unit["ask_price"])) for unit in rows[level]["orderbook_units"] if unit["ask_price"]]
        assert all(price % level == 0 for price in prices)
        assert prices == sorted(set(prices))
        assert rows[level]["total_ask_size"] == rows[0]["total_ask_size"]


@pytest.mark.parametrize(("code", "level"), [(BTC, 12345), ("BTC-ETH", 0.001), ("USDT-BTC", 10), (BTC, 0.5)])
def test_a_level_that_is_not_there_is_silence(exchange: Simulator, code: str, level: float) -> None:
    """No error, and no data; other streams of the request go on."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "orderbook", "codes": [code], "level": level}, {"type": "trade", "codes": [ETH]})
        assert {row["type"] for row in collected(connection, 15)} == {"trade"}
        assert [row["type"] for row in listed(connection)["result"]] == ["orderbook", "trade"]


def test_a_code_that_is_not_listed_is_silence(exchange: Simulator) -> None:
    """Neither is one in lower case, or with a depth where there is none."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "trade", "codes": ["KRW-NOPE", "krw-btc", "KRW-BTC.5", "BTC", "", ETH]})
        assert types_of(collected(connection, 15)) == {("trade", ETH)}


@pytest.mark.parametrize("format", ["DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"])
def test_formats(exchange: Simulator, format: str) -> None:
    """Short keys, and a list around each message, for all that is sent; numbers stay the same."""
    with client(exchange, PUBLIC) as connection:
        rows = [
            {"type": kind, "codes": [BTC], "is_only_snapshot": True}
            for kind in ("ticker", "trade", "orderbook", "candle.5m")
        ]
        ask(connection, *rows, format=format)
        seen = collected(connection, 4)
        ask(connection, *rows)
        long = collected(connection, 4)
        answer = listed(connection, format)
    if format.endswith("LIST"):
        assert all(isinstance(row, list) and len(row) == 1 for row in (*seen, answer))
        seen, answer = [row[0] for row in seen], answer[0]
    simple = format.startswith("SIMPLE")
    assert answer.keys() == ({"mthd", "rslt", "tckt"} if simple else {"method", "result", "ticket"})
    for short, whole in zip(seen, long, strict=True):
        assert len(short) == len(whole)
        assert list(short)[:2] == (["ty", "cd"] if simple else ["type", "code"])
        assert max(map(len, short)) <= 7 if simple else short.keys() == whole.keys()


def test_the_format_may_stand_anywhere(exchange: Simulator) -> None:
    """Clients of others put it second."""
    with client(exchange, PUBLIC) as connection:
        connection.send(json.dumps([{"ticket": "1"}, {"format": "SIMPLE"}, {"type": "trade", "codes": [BTC]}]))
        assert receive(connection)["ty"] == "trade"


def test_a_list_of_subscriptions_tells_what_runs_and_sets_the_format(exchange: Simulator) -> None:
    """It interrupts nothing, and its format is that of the streams from then on."""
    with client(exchange, PUBLIC) as connection:
        assert listed(connection) == {"method": "LIST_SUBSCRIPTIONS", "result": [], "ticket": "ticket-1"}
        ask(
            connection,
            {"type": "ticker", "codes": [BTC]},
            {"type": "orderbook", "codes": [f"{BTC}.5", "BTC-ETH"], "level": 10000},
            format="SIMPLE",
        )
        assert until(connection, ty="ticker")
        result = [
            {"type": "ticker", "codes": [BTC]},
            {"type": "orderbook", "codes": [f"{BTC}.5", "BTC-ETH"], "level": 10000},
        ]
        assert listed(connection)["result"] == result
        assert "type" in until(connection, type="ticker")
        short = listed(connection, "SIMPLE_LIST")[0]["rslt"]
        assert short[1] == {"ty": "orderbook", "cds": [f"{BTC}.5", "BTC-ETH"], "lv": 10000}
        assert isinstance(until(connection, ty="ticker"), list)


def test_trades_are_those_of_rest(exchange: Simulator) -> None:
    """Number, price, volume and side; the numbers are unique."""
    from simulator.upbit.helpers import Member

    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "trade", "codes": [BTC], "is_only_realtime": True})
        seen = collected(connection, 25)
    rows = {row["sequential_id"]: row for row in Member(exchange).get("trades/ticks", market=BTC, count=500)}
    assert len({row["sequential_id"] for row in seen}) == 25
    for row in seen:
        there = rows[row["sequential_id"]]
        assert [row[name] for name in ("trade_price", "trade_volume", "ask_bid")] == [
            there[name] for name in ("trade_price", "trade_volume", "ask_bid")
        ]
        assert row["best_ask_price"] > row["best_bid_price"] > 0


def test_candles_are_those_of_rest(exchange: Simulator) -> None:
    """The last state of a minute that has ended is what REST says of it; candles without a trade do not exist."""
    from simulator.upbit.helpers import Member

    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "candle.1m", "codes": [BTC], "is_only_realtime": True})
        last: dict[str, Any] = {}
        while len(last) < 4:
            row = receive(connection)
            last[row["candle_date_time_utc"]] = row
    rows = {
        row["candle_date_time_utc"]: row for row in Member(exchange).get("candles/minutes/1", market=BTC, count=200)
    }
    names = (
        "opening_price",
        "high_price",
        "low_price",
        "trade_price",
        "candle_acc_trade_volume",
        "candle_acc_trade_price",
    )
    for time in sorted(last)[:-1]:
        assert [last[time][name] for name in names] == [rows[time][name] for name in names]


def test_numbers_are_exact_and_as_java_writes_them(exchange: Simulator) -> None:
    """Prices of books with exponents, sums with more digits than a double has."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "orderbook", "codes": [BTC]}, {"type": "ticker", "codes": ["BTC-ETH"]})
        texts = [connection.recv(timeout=PATIENCE).decode() for _ in range(40)]
    books = [text for text in texts if '"orderbook"' in text]
    assert all(re.search(r'"ask_price":1\.\d+E8,', text) for text in books)
    sums = [match[1] for text in texts if (match := re.search(r'"acc_trade_price":(\d+\.\d+)', text))]
    assert any(len(text) > 17 for text in sums)


def test_ticker_figures_agree(exchange: Simulator) -> None:
    """Bought and sold make the whole, and the change is that to the close before."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "ticker", "codes": [BTC], "is_only_realtime": True})
        connection.recv(timeout=PATIENCE)
        row = json.loads(connection.recv(timeout=PATIENCE), parse_float=Decimal)
    assert row["acc_ask_volume"] + row["acc_bid_volume"] == row["acc_trade_volume"]
    assert row["trade_price"] - row["prev_closing_price"] == row["signed_change_price"]
    assert abs(row["signed_change_price"]) == row["change_price"]
    assert row["change"] == (
        "RISE" if row["signed_change_price"] > 0 else "FALL" if row["signed_change_price"] < 0 else "EVEN"
    )
    assert abs(row["signed_change_price"] / row["prev_closing_price"] - row["signed_change_rate"]) < Decimal("1e-9")
    assert row["low_price"] <= row["trade_price"] <= row["high_price"]


def test_ping_as_text_is_answered_for_ever(exchange: Simulator) -> None:
    """At once and at each interval; it is no JSON, and no request."""
    options = UpbitOptions(status_interval=0.05)
    with Simulator(upbit=options) as sim, client(sim, PUBLIC) as connection:
        connection.send("PING")
        connection.send("PING")
        assert collected(connection, 5) == [{"status": "UP"}] * 5


def test_frames_may_be_of_text() -> None:
    """Which kind the exchange uses is not written anywhere; binary ones by default."""
    with Simulator(upbit=UpbitOptions(text_frames=True)) as sim, client(sim, PUBLIC) as connection:
        connection.send("PING")
        assert connection.recv(timeout=PATIENCE) == '{"status":"UP"}'


def test_a_book_may_be_filled_up_with_zeros() -> None:
    """As old recordings show it."""
    with Simulator(upbit=UpbitOptions(zero_padding=True)) as sim, client(sim, PUBLIC) as connection:
        ask(connection, {"type": "orderbook", "codes": [BTC], "level": 100_000_000})
        units = receive(connection)["orderbook_units"]
    assert len(units) == 30
    assert units[-1] == {"ask_price": 0.0, "bid_price": 0.0, "ask_size": 0, "bid_size": 0}


def test_deprecated_fields_can_be_gone() -> None:
    """Their removal is announced, without a date."""
    with Simulator(upbit=UpbitOptions(deprecated_fields=False)) as sim, client(sim, PUBLIC) as connection:
        ask(connection, {"type": "ticker", "codes": [BTC]})
        assert not receive(connection).keys() & {"is_trading_suspended", "market_warning"}


def test_regions_are_exchanges_of_their_own() -> None:
    """Each with its own codes; the path or the host says which."""
    with Simulator(speed=50, upbit=GENEROUS) as sim:
        for product, code in (("upbit-sg", "SGD-BTC"), ("upbit-id", "IDR-BTC"), ("upbit-th", "THB-BTC")):
            with client(sim, f"/{product}/websocket/v1") as connection:
                ask(connection, {"type": "trade", "codes": [code, BTC]})
                assert {receive(connection)["code"] for _ in range(5)} == {code}


def test_symbols_are_listed_and_delisted(exchange: Simulator) -> None:
    """A list, or how many; one more while it runs."""
    from simulator.upbit.helpers import Member

    with Simulator(speed=50, symbols={"upbit": 20, "upbit-sg": ["SGD-BTC"]}, upbit=GENEROUS) as sim:
        assert len(sim.symbols["upbit"]) == 20
        assert len(Member(sim).get("market/all")) == 20
        assert sim.symbols["upbit-sg"] == ("SGD-BTC",)
        sim.list_symbol("upbit", "KRW-NEW")
        with client(sim, PUBLIC) as connection:
            ask(connection, {"type": "trade", "codes": ["KRW-NEW"]})
            assert receive(connection)["code"] == "KRW-NEW"
        sim.delist_symbol("upbit", "KRW-NEW")
        assert "KRW-NEW" not in {row["market"] for row in Member(sim).get("market/all")}
        with pytest.raises(KeyError):
            sim.delist_symbol("upbit", "KRW-NEW")
        with pytest.raises(ValueError, match="KRW-BTC"):
            sim.list_symbol("upbit", "EUR-BTC")
    for wrong in ("KRW-BTC", ["krw-btc"], -1, [1]):
        with pytest.raises(ValueError, match="upbit"):
            Simulator(symbols={"upbit": wrong})  # type: ignore[dict-item]
