"""Orders over REST are matched, tell of themselves on private streams, and lock, pay and receive what they should."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from patience import PATIENCE
from simulator.upbit.helpers import GENEROUS, Member, ask, receive, until

from binance_sockets.simulator import Simulator

FEE = Decimal("0.0005")


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    with Simulator(speed=5, seed=7, upbit=GENEROUS) as simulator:
        yield simulator


@pytest.fixture
def member(exchange: Simulator) -> Member:
    return Member(exchange)


def best(member: Member, code: str = "KRW-BTC") -> tuple[Decimal, Decimal]:
    """The best bid and ask."""
    unit = member.get("orderbook", markets=code)[0]["orderbook_units"][0]
    return Decimal(str(unit["bid_price"])), Decimal(str(unit["ask_price"]))


def amounts(member: Member) -> dict[str, tuple[Decimal, Decimal]]:
    return {row["currency"]: (Decimal(row["balance"]), Decimal(row["locked"])) for row in member.get("accounts")}


def test_a_resting_order_locks_its_price_and_fee_until_it_is_cancelled(member: Member) -> None:
    """wait, then cancel; each with the balance that changed; REST and the stream agree."""
    before = amounts(member)
    with member.stream() as stream:
        ask(stream, {"type": "myOrder"}, {"type": "myAsset"})
        stream.ping().wait(PATIENCE)
        price = best(member)[0] * Decimal("0.5") // 1000 * 1000
        row = member.place(
            market="KRW-BTC", side="bid", ord_type="limit", price=str(price), volume="0.01", identifier="mine"
        )
        told = until(stream, type="myOrder")
        assert (told["state"], told["uuid"], told["ask_bid"], told["identifier"]) == (
            "wait",
            row["uuid"],
            "BID",
            "mine",
        )
        cost = price * Decimal("0.01") * (1 + FEE)
        asset = until(stream, type="myAsset")
        assert asset["assets"][0]["currency"] == "KRW"
        assert Decimal(str(asset["assets"][0]["locked"])) == cost == Decimal(row["locked"])
        assert amounts(member)["KRW"] == (before["KRW"][0] - cost, cost)
        (listed,) = member.get("orders/open", market="KRW-BTC")
        assert listed["uuid"] == row["uuid"]
        assert member.get("order", identifier="mine")["state"] == "wait"
        assert member.call("DELETE", "order", uuid=row["uuid"]).status_code == 200
        assert until(stream, type="myOrder")["state"] == "cancel"
        assert until(stream, type="myAsset")["assets"][0]["locked"] == 0
    assert amounts(member) == before
    assert member.get("orders/open") == []
    assert [order["uuid"] for order in member.get("orders/closed", state="cancel")] == [row["uuid"]]


def test_a_taker_is_filled_and_pays_the_fee_in_the_quote(member: Member) -> None:
    """wait, a trade for each maker, done; the trades add up to what the balances say."""
    before = amounts(member)
    with member.stream() as stream:
        ask(stream, {"type": "myOrder", "codes": ["KRW-ETH"]}, {"type": "myAsset"})
        stream.ping().wait(PATIENCE)
        price = best(member, "KRW-ETH")[1] * 2 // 1000 * 1000
        row = member.place(market="KRW-ETH", side="bid", ord_type="limit", price=str(price), volume="0.5")
        events: list[Any] = []
        while not events or events[-1].get("state") != "done":
            message = receive(stream)
            if message["type"] == "myOrder":
                events.append(message)
    assert [event["state"] for event in events] == ["wait", *["trade"] * (len(events) - 2), "done"]
    trades = events[1:-1]
    funds = sum(Decimal(str(event["price"])) * Decimal(str(event["volume"])) for event in trades)
    fees = sum(Decimal(str(event["trade_fee"])) for event in trades)
    assert all(event["is_maker"] is False for event in trades)
    assert sum(Decimal(str(event["volume"])) for event in trades) == Decimal("0.5")
    after = amounts(member)
    assert after["ETH"][0] - before["ETH"][0] == Decimal("0.5")
    assert before["KRW"][0] - after["KRW"][0] == funds + fees
    assert after["KRW"][1] == 0
    order = member.get("order", uuid=row["uuid"])
    assert (order["state"], order["trades_count"], len(order["trades"])) == ("done", len(trades), len(trades))
    assert Decimal(order["paid_fee"]) == fees
    assert Decimal(order["executed_funds"]) == funds
    average = Decimal(next(r for r in member.get("accounts") if r["currency"] == "ETH")["avg_buy_price"])
    assert abs(average - funds / Decimal("0.5")) < 1


def test_a_market_order_spends_its_amount_or_sells_its_volume(member: Member) -> None:
    """A buy ends as cancelled with what was too little for another lot; a sale is done."""
    row = member.place(market="KRW-BTC", side="bid", ord_type="price", price="1000000")
    order = member.get("order", uuid=row["uuid"])
    assert order["state"] in ("cancel", "done")
    assert 0 <= Decimal("1000000") - Decimal(order["executed_funds"]) < 2
    row = member.place(market="KRW-BTC", side="ask", ord_type="market", volume=order["executed_volume"])
    sold = member.get("order", uuid=row["uuid"])
    assert (sold["state"], sold["executed_volume"], sold["price"]) == ("done", order["executed_volume"], None)


def test_a_resting_order_is_met_by_the_crowd(member: Member) -> None:
    """As a maker, at its own price, in its own time."""
    with member.stream() as stream:
        ask(stream, {"type": "myOrder"})
        stream.ping().wait(PATIENCE)
        bid, _ = best(member, "KRW-XRP")
        row = member.place(
            market="KRW-XRP", side="bid", ord_type="limit", price=str(bid), volume="5", time_in_force="post_only"
        )
        fill = until(stream, state="trade")
        assert (fill["uuid"], fill["is_maker"], Decimal(str(fill["price"]))) == (row["uuid"], True, bid)


@pytest.mark.parametrize(
    ("tif", "volume", "states"), [("ioc", "90000", {"cancel"}), ("fok", "90000", {"cancel"}), ("fok", "2", {"done"})]
)
def test_what_is_not_filled_at_once_ends(exchange: Simulator, tif: str, volume: str, states: set[str]) -> None:
    """ioc takes what there is, fok all or nothing."""
    exchange.upbit.create("rich", "secret", balances={"KRW": "900000000000"})
    member = Member(exchange, "rich", "secret")
    price = best(member, "KRW-XRP")[1] + 1
    params = {"market": "KRW-XRP", "side": "bid", "ord_type": "limit", "price": str(price), "volume": volume}
    order = member.place(**params, time_in_force=tif)
    assert order["state"] in states
    assert Decimal(order["locked"]) == 0
    assert (Decimal(order["executed_volume"]) > 0) == (volume == "2" or tif == "ioc")


def test_best_takes_the_best_price_and_no_other(member: Member) -> None:
    """With an amount to buy, with a volume to sell."""
    bought = member.place(market="KRW-BTC", side="bid", ord_type="best", price="5000", time_in_force="ioc")
    sold = member.place(market="KRW-BTC", side="ask", ord_type="best", volume="0.9", time_in_force="ioc")
    assert member.get("order", uuid=bought["uuid"])["trades_count"] >= 1
    assert {trade["price"] for trade in member.get("order", uuid=sold["uuid"])["trades"]} != set()
    assert len({trade["price"] for trade in member.get("order", uuid=sold["uuid"])["trades"]}) == 1


@pytest.mark.parametrize("smp", ["reduce", "cancel_maker", "cancel_taker"])
def test_orders_of_one_account_do_not_trade_where_that_is_prevented(member: Member, smp: str) -> None:
    """The maker, the taker or both lose what would have been traded; ``prevented`` tells it."""
    asked = best(member)[1]
    price, volume = str(asked * 105 // 100 // 1000 * 1000), "0.01"  # behind all that the crowd offers
    with member.stream() as stream:
        ask(stream, {"type": "myOrder"})
        stream.ping().wait(PATIENCE)
        maker = member.place(market="KRW-BTC", side="ask", ord_type="limit", price=price, volume=volume)
        taker = member.place(market="KRW-BTC", side="bid", ord_type="limit", price=price, volume="0.7", smp_type=smp)
        events = [until(stream, state="prevented")]
        if smp == "reduce":
            events.append(until(stream, state="prevented"))
    lost = {event["uuid"]: Decimal(str(event["prevented_volume"])) for event in events}
    expected = {maker["uuid"]} if smp == "cancel_maker" else {taker["uuid"]}
    assert lost.keys() == ({maker["uuid"], taker["uuid"]} if smp == "reduce" else expected)
    assert all(volume_ > 0 for volume_ in lost.values())
    member.call("DELETE", "orders/open")
    assert amounts(member)["KRW"][1] == amounts(member)["BTC"][1] == 0


def test_many_are_cancelled_at_once_and_orders_are_found_by_their_names(member: Member) -> None:
    """By side, by pair, by uuid."""
    prices = ["50000000", "51000000", "52000000"]
    rows = [
        member.place(
            market="KRW-BTC", side="bid", ord_type="limit", price=price, volume="0.001", identifier=f"n{price}"
        )
        for price in prices
    ]
    sell = member.place(market="KRW-ETH", side="ask", ord_type="limit", price="9000000", volume="0.01")
    assert {row["uuid"] for row in member.get("orders/uuids", **{"uuids[]": [rows[0]["uuid"], rows[1]["uuid"]]})} == {
        rows[0]["uuid"],
        rows[1]["uuid"],
    }
    answer = member.call("DELETE", "orders/uuids", **{"uuids[]": [rows[0]["uuid"], "no-such"]}).json()
    assert answer["success"] == {
        "count": 1,
        "orders": [{"uuid": rows[0]["uuid"], "market": "KRW-BTC", "identifier": "n50000000"}],
    }
    answer = member.call("DELETE", "orders/open", cancel_side="bid").json()
    assert answer["success"]["count"] == 2
    assert [row["uuid"] for row in member.get("orders/open")] == [sell["uuid"]]
    assert [row["uuid"] for row in member.get("orders", state="wait")] == [sell["uuid"]]


def test_an_order_is_replaced_by_another(member: Member) -> None:
    """The old one is cancelled, the new one has what was left of it."""
    row = member.place(market="KRW-BTC", side="bid", ord_type="limit", price="50000000", volume="0.001")
    answer = member.call(
        "POST", "orders/cancel_and_new", prev_order_uuid=row["uuid"], new_ord_type="limit", new_price="51000000",
        new_volume="remain_only",
    )  # fmt: skip
    assert answer.status_code == 201
    (left,) = member.get("orders/open")
    assert (left["uuid"], left["price"], left["volume"]) == (answer.json()["new_order_uuid"], "51000000", "0.001")


def test_a_trial_changes_nothing(member: Member) -> None:
    """orders/test answers like orders."""
    before = amounts(member)
    answer = member.call(
        "POST", "orders/test", market="KRW-BTC", side="bid", ord_type="limit", price="50000000", volume="0.01"
    )
    assert (answer.status_code, answer.json()["state"]) == (201, "wait")
    assert amounts(member) == before


LIMIT = {"market": "KRW-BTC", "side": "bid", "ord_type": "limit", "price": "50000000", "volume": "0.01"}


@pytest.mark.parametrize(
    ("change", "status", "name"),
    [
        ({"market": "KRW-NOPE"}, 404, "market_does_not_exist"),
        ({"side": "buy"}, 400, "validation_error"),
        ({"side": None}, 400, "validation_error"),
        ({"ord_type": "stop"}, 400, "validation_error"),
        ({"price": "50000001"}, 400, "invalid_price_bid"),
        ({"price": "-1"}, 400, "invalid_price_bid"),
        ({"price": "NaN"}, 400, "invalid_price_bid"),
        ({"price": "1e400"}, 400, "invalid_price_bid"),
        ({"price": ""}, 400, "invalid_price_bid"),
        ({"side": "ask", "price": "50000001"}, 400, "invalid_price_ask"),
        ({"volume": "0.000000001"}, 400, "invalid_volume_bid"),
        ({"volume": "0"}, 400, "invalid_volume_bid"),
        ({"side": "ask", "volume": "x"}, 400, "invalid_volume_ask"),
        ({"volume": "0.00001"}, 400, "under_min_total_bid"),
        ({"side": "ask", "volume": "0.00001"}, 400, "under_min_total_ask"),
        ({"volume": "100"}, 400, "over_max_total"),
        ({"volume": "10"}, 400, "insufficient_funds_bid"),
        ({"side": "ask", "volume": "2"}, 400, "insufficient_funds_ask"),
        ({"ord_type": "price", "side": "ask"}, 400, "create_ask_error"),
        ({"ord_type": "market"}, 400, "create_bid_error"),
        ({"ord_type": "best"}, 400, "create_bid_error"),
        ({"ord_type": "price", "price": "10000"}, 400, "create_bid_error"),
        ({"time_in_force": "gtc"}, 400, "validation_error"),
        ({"time_in_force": "post_only", "smp_type": "reduce"}, 400, "create_bid_error"),
        ({"smp_type": "x"}, 400, "validation_error"),
        ({"identifier": "x" * 101}, 400, "invalid_parameter"),
    ],
)  # fmt: skip
def test_what_is_no_order_is_refused_by_name(member: Member, change: dict[str, Any], status: int, name: str) -> None:
    """The names of the exchange; nothing is locked."""
    params = {key: value for key, value in {**LIMIT, **change}.items() if value is not None}
    answer = member.call("POST", "orders", **params)
    assert (answer.status_code, answer.json()["error"]["name"]) == (status, name)
    assert amounts(member)["KRW"][1] == 0


def test_names_are_used_once_and_unknown_orders_are_not_found(member: Member) -> None:
    """identifier_already_used, order_not_found, validation_error."""
    member.place(**LIMIT, identifier="one")
    assert member.call("POST", "orders", **LIMIT, identifier="one").json()["error"]["name"] == "identifier_already_used"
    for params, name in (({"uuid": "none"}, "order_not_found"), ({}, "validation_error")):
        for method in ("GET", "DELETE"):
            assert member.call(method, "order", **params).json()["error"]["name"] == name
    member.call("DELETE", "order", identifier="one")
    assert member.call("DELETE", "order", identifier="one").json()["error"]["name"] == "order_not_found"


def test_a_market_that_stands_still_takes_no_orders(exchange: Simulator, member: Member) -> None:
    """market_offline."""
    exchange.set_symbol_status("upbit", "KRW-BTC", "HALT")
    assert member.call("POST", "orders", **LIMIT).json()["error"]["name"] == "market_offline"


def test_a_deposit_is_told(exchange: Simulator, member: Member) -> None:
    """With the whole balance of the currency alone."""
    with member.stream() as stream:
        ask(stream, {"type": "myAsset"})
        stream.ping().wait(PATIENCE)
        exchange.upbit.deposit(member.access_key, "XRP", "12.5")
        assert until(stream, type="myAsset")["assets"] == [{"currency": "XRP", "balance": 12.5, "locked": 0}]
    assert exchange.upbit.balances(member.access_key)["XRP"] == ("12.50000000", "0.00000000")
    with pytest.raises(ValueError, match="not enough"):
        exchange.upbit.deposit(member.access_key, "XRP", "-13")


def test_accounts_and_chances(member: Member) -> None:
    """What REST says before somebody trades; numbers are texts."""
    rows = member.get("accounts")
    assert {row["currency"] for row in rows} == {"KRW", "BTC", "ETH", "USDT"}
    assert all(isinstance(row[name], str) for row in rows for name in ("balance", "locked", "avg_buy_price"))
    chance = member.get("orders/chance", market="KRW-BTC")
    assert (chance["bid_fee"], chance["market"]["bid"]["min_total"]) == ("0.0005", "5000")
    assert chance["ask_account"]["currency"] == "BTC"
