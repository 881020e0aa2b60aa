"""What may be asked, and the table of all calls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from simulator.trading.helpers import SYMBOL, Exchange, Trader

from binance_sockets.simulator.binance.filters import filters
from binance_sockets.simulator.binance.trading import BY_METHOD, BY_REST, CALLS
from binance_sockets.simulator.market.book import SELL

SPOT = {method: call for (product, method), call in BY_METHOD.items() if product == "spot"}
WEIGHTS = {
    "order.place": 1, "order.test": 1, "order.cancel": 1, "order.cancelReplace": 1, "order.amend.keepPriority": 4,
    "openOrders.cancelAll": 1, "orderList.place": 1, "orderList.place.oco": 1, "orderList.place.oto": 1,
    "orderList.place.otoco": 1, "orderList.place.opo": 1, "orderList.place.opoco": 1, "orderList.cancel": 1,
    "sor.order.place": 1, "sor.order.test": 1, "account.status": 20, "order.status": 4, "openOrders.status": 80,
    "allOrders": 20, "orderList.status": 4, "openOrderLists.status": 6, "allOrderLists": 20, "myTrades": 20,
    "account.rateLimits.orders": 40, "myPreventedMatches": 2, "myAllocations": 20, "account.commission": 20,
    "order.amendments": 4, "myFilters": 40,
}  # fmt: skip
ORDERS = {
    "order.place": 1, "order.cancelReplace": 1, "sor.order.place": 1, "orderList.place": 2, "orderList.place.oco": 2,
    "orderList.place.oto": 2, "orderList.place.otoco": 3, "orderList.place.opo": 2, "orderList.place.opoco": 3,
}  # fmt: skip


def test_the_table_has_the_methods_of_the_sheet_at_their_weight() -> None:
    """All of spot, none made up."""
    assert {name: call.weight({}) for name, call in SPOT.items()} == WEIGHTS
    assert {name: call.orders for name, call in SPOT.items() if call.orders} == ORDERS
    assert SPOT["order.test"].weight({"computeCommissionRates": "true"}) == 20
    assert SPOT["openOrders.status"].weight({"symbol": SYMBOL}) == 6
    assert SPOT["myTrades"].weight({"orderId": "1"}) == 5
    assert SPOT["myPreventedMatches"].weight({"orderId": "1"}) == 20
    assert len(BY_REST) == len(CALLS)
    assert {call.security for call in CALLS} == {"TRADE", "USER_DATA", "MARGIN"}
    assert {name for name, call in SPOT.items() if call.free} == {
        name for name, call in SPOT.items() if call.security == "TRADE" and call.weight({}) == 1
        and not name.endswith(".test")
    }  # fmt: skip


def test_handlers_know_nothing_of_the_network() -> None:
    """They take values and return values."""
    folder = Path(__file__).parents[3] / "binance_sockets" / "simulator"
    for path in [*(folder / "accounts").glob("*.py"), *(folder / "binance" / "trading").glob("*.py")]:
        found = re.findall(
            r"^(?:from|import) (aiohttp|asyncio|random|time|threading)\b", path.read_text(), re.MULTILINE
        )
        assert found == [], path


@pytest.fixture(scope="module")
def ann() -> Trader:
    """Six rested orders, one a second; the third and fourth are cancelled; then two trades."""
    exchange = Exchange()
    ann = exchange.trader("ann")
    for n in range(6):
        ann.limit("BUY", "0.01", f"5000{n}")
        exchange.now += 1_000_000
    rows = ann.call("openOrders.status")
    for row in rows[2:4]:
        ann.call("order.cancel", symbol=SYMBOL, orderId=row["orderId"])
    for side in ("BUY", "SELL"):
        price = exchange.price(SELL) if side == "BUY" else exchange.price(1)
        ann.limit(side, "0.001", price)
        exchange.now += 1_000_000
    return ann


def test_orders_are_listed_from_the_oldest(ann: Trader) -> None:
    """Within the limits that were asked for."""
    rows = ann.call("allOrders", symbol=SYMBOL)
    assert [row["status"] for row in rows] == ["NEW", "NEW", "CANCELED", "CANCELED", "NEW", "NEW", "FILLED", "FILLED"]
    assert [row["orderId"] for row in rows] == sorted(row["orderId"] for row in rows)
    assert ann.call("allOrders", symbol=SYMBOL, limit=2) == rows[-2:]
    assert ann.call("allOrders", symbol=SYMBOL, orderId=rows[3]["orderId"], limit=2) == rows[3:5]
    assert ann.call("allOrders", symbol=SYMBOL, startTime=rows[2]["time"], endTime=rows[4]["time"]) == rows[2:5]
    assert ann.call("openOrders.status", symbol=SYMBOL) == [row for row in rows if row["status"] == "NEW"]
    assert ann.call("allOrders", symbol="BNBUSDT") == []
    day = {"startTime": 0, "endTime": 86_400_001}
    assert ann.refused("allOrders", symbol=SYMBOL, **day)[0] == -1127
    assert ann.refused("allOrders", symbol=SYMBOL, limit=1001)[0] == -1102


def test_trades_are_listed_with_their_fees(ann: Trader) -> None:
    """As the events told them."""
    bought, sold = ann.call("myTrades", symbol=SYMBOL)
    assert (bought["isBuyer"], bought["isMaker"], bought["commissionAsset"]) == (True, False, "BTC")
    assert (sold["isBuyer"], sold["commissionAsset"], sold["qty"]) == (False, "USDT", "0.00100000")
    assert float(sold["quoteQty"]) == pytest.approx(float(sold["price"]) * 0.001)
    assert ann.call("myTrades", symbol=SYMBOL, orderId=sold["orderId"]) == [sold]
    assert ann.call("myTrades", symbol=SYMBOL, fromId=bought["id"], limit=1) == [bought]
    assert ann.call("myTrades", symbol=SYMBOL, startTime=sold["time"]) == [sold]
    assert ann.refused("myTrades", symbol=SYMBOL, fromId=1, startTime=1)[0] == -1128


def test_the_account_tells_rates_and_balances(ann: Trader) -> None:
    """What is free and what is locked."""
    account = ann.call("account.status")
    held = {row["asset"]: (row["free"], row["locked"]) for row in account["balances"]}
    assert held == ann.holdings()
    assert account["commissionRates"]["maker"] == "0.00100000"
    empty = Exchange().trader("bob", balances={"USDT": "0", "BTC": "1"})
    assert [row["asset"] for row in empty.call("account.status", omitZeroBalances="true")["balances"]] == ["BTC"]


def test_commissions_and_filters_are_those_that_hold(ann: Trader) -> None:
    """The ones that orders are checked against."""
    rates = ann.call("account.commission", symbol=SYMBOL)
    assert rates["standardCommission"] == {
        "maker": "0.00100000", "taker": "0.00100000", "buyer": "0.00000000", "seller": "0.00000000",
    }  # fmt: skip
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert ann.call("order.test", **order) == {}
    tested = ann.call("order.test", **order, computeCommissionRates="true")
    assert tested["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00100000"}
    assert tested["discount"] == rates["discount"]
    instrument = ann.exchange.market.instrument
    assert ann.call("myFilters", symbol=SYMBOL)["symbolFilters"] == filters(instrument)


def test_unknown_matches_are_none(ann: Trader) -> None:
    """An empty list, no error."""
    assert ann.call("myPreventedMatches", symbol=SYMBOL, preventedMatchId=1) == []
    assert ann.refused("myPreventedMatches", symbol=SYMBOL)[0] == -1102
