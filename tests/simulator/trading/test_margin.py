"""Margin: the wallets of cross and isolated, what moves between them, and loans."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.trading.helpers import SYMBOL, Exchange, Trader, kinds

from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading import BY_REST, Refused
from binance_sockets.simulator.market.book import BUY, SELL

API = "/sapi/v1/margin"


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def ann(exchange: Exchange) -> Trader:
    return exchange.trader("ann")


def listener(trader: Trader, wallet: str) -> Trader:
    return Trader(trader.exchange, trader.account, wallet)


def refused(trader: Trader, verb: str, path: str, **params: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        trader.rest(verb, path, **params)
    return caught.value.code, caught.value.msg


def move(trader: Trader, kind: str, asset: str, amount: str, **more: str) -> None:
    trader.rest("POST", "/sapi/v1/asset/transfer", type=kind, asset=asset, amount=amount, **more)


def test_a_transfer_is_told_to_both_wallets(ann: Trader) -> None:
    """Each hears of its own balance."""
    cross = listener(ann, "margin")
    move(ann, "MAIN_MARGIN", "USDT", "1000")
    assert kinds(ann.events) == ["balance -1000.00000000 USDT", "position"]
    assert kinds(cross.events) == ["balance 1000.00000000 USDT", "position"]
    assert refused(ann, "POST", "/sapi/v1/asset/transfer", type="MARGIN_MAIN", asset="USDT", amount="1001") == (
        -3020, "Transfer out amount exceeds max amount.",
    )  # fmt: skip
    move(ann, "MARGIN_ISOLATEDMARGIN", "USDT", "400", toSymbol=SYMBOL)
    move(ann, "ISOLATEDMARGIN_ISOLATEDMARGIN", "USDT", "100", fromSymbol=SYMBOL, toSymbol="BNBUSDT")
    rows = ann.rest("GET", f"{API}/isolated/account")["assets"]
    assert {row["symbol"]: row["quoteAsset"]["free"] for row in rows} == {
        SYMBOL: "300.00000000", "BNBUSDT": "100.00000000",
    }  # fmt: skip
    assert refused(ann, "POST", "/sapi/v1/asset/transfer", type="MAIN_MOON", asset="USDT", amount="1")[0] == -1130


@pytest.mark.parametrize(("isolated", "wallet"), [("FALSE", "margin"), ("TRUE", f"isolated/{SYMBOL}")])
def test_orders_trade_from_their_own_wallet(exchange: Exchange, isolated: str, wallet: str) -> None:
    """Spot sees nothing of it; the events are those of spot."""
    ann = exchange.trader("ann", wallet)
    spot = listener(ann, "spot")
    which = {"symbol": SYMBOL, "isIsolated": isolated}
    order = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "50000"}
    placed = ann.rest("POST", f"{API}/order", **which, **order)
    assert placed["isIsolated"] is (isolated == "TRUE")
    assert [row["orderId"] for row in ann.rest("GET", f"{API}/openOrders", **which)] == [placed["orderId"]]
    assert ann.call("openOrders.status") == []
    assert ann.rest("DELETE", f"{API}/order", **which, orderId=placed["orderId"])["status"] == "CANCELED"
    taken = ann.rest("POST", f"{API}/order", **which, side="SELL", type="MARKET", quantity="0.01")
    assert [row["orderId"] for row in ann.rest("GET", f"{API}/allOrders", **which)] == [
        placed["orderId"], taken["orderId"],
    ]  # fmt: skip
    trades = ann.rest("GET", f"{API}/myTrades", **which)
    assert [trade["id"] for trade in trades] == [fill["tradeId"] for fill in taken["fills"]]
    assert kinds(ann.events, partial=False) == [
        "NEW/NEW", "position", "CANCELED/CANCELED", "position", "NEW/NEW", "TRADE/FILLED", "position",
    ]  # fmt: skip
    assert spot.events == []


def test_a_list_of_margin(exchange: Exchange) -> None:
    """A pair trades on the margin wallet."""
    ann = exchange.trader("ann", "margin")
    row = ann.rest(
        "POST", f"{API}/order/oco", symbol=SYMBOL, side="SELL", quantity="0.01", price="90000", stopPrice="80000"
    )
    assert [report["isIsolated"] for report in row["orderReports"]] == [False, False]
    assert ann.rest("GET", f"{API}/openOrderList")[0]["orderListId"] == row["orderListId"]
    ann.rest("DELETE", f"{API}/orderList", symbol=SYMBOL, orderListId=row["orderListId"])
    assert ann.rest("GET", f"{API}/openOrderList") == []
    assert ann.holdings()["BTC"][1] == "0.00000000"


def test_loans_are_owed_until_they_are_repaid(exchange: Exchange) -> None:
    """And count into what is owed."""
    ann = exchange.trader("ann", "margin", {"USDT": "100"})
    risk = listener(ann, "margin-risk")
    loan = {"asset": "BTC", "isIsolated": "FALSE"}
    ann.rest("POST", f"{API}/borrow-repay", **loan, type="BORROW", amount="0.5")
    assert kinds(ann.take()) == ["balance 0.50000000 BTC", "position"]
    account = ann.rest("GET", f"{API}/account")
    asset = next(row for row in account["userAssets"] if row["asset"] == "BTC")
    assert (asset["borrowed"], asset["free"], asset["netAsset"]) == ("0.50000000", "0.50000000", "0.00000000")
    assert 1 < float(account["marginLevel"]) < 1.01
    ann.rest("POST", f"{API}/order", symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.01")
    assert refused(ann, "POST", f"{API}/borrow-repay", **loan, type="REPAY", amount="0.5") == (
        -3041, "Balance is not enough",
    )  # fmt: skip
    assert refused(ann, "POST", f"{API}/borrow-repay", **loan, type="REPAY", amount="0.6") == (
        -3015, "Repay amount exceeds borrow amount.",
    )  # fmt: skip
    ann.rest("POST", f"{API}/borrow-repay", **loan, type="REPAY", amount="0.3")
    assert ann.account.debt("margin")["BTC"] == 20_000_000
    assert [(event["t"], event["a"], event["p"]) for event in risk.events] == [
        ("BORROW", "BTC", "0.50000000"), ("REPAY", "BTC", "0.30000000"),
    ]  # fmt: skip


@pytest.mark.parametrize("order", [
    {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "50000"},
    {"type": "MARKET", "quantity": "0.01"},
    {"type": "MARKET", "quoteOrderQty": "500"},
])  # fmt: skip
def test_margin_buy_borrows_what_is_missing(exchange: Exchange, order: dict[str, str]) -> None:
    """No more than that."""
    ann = exchange.trader("ann", "margin", {"USDT": "100"})
    params = {"symbol": SYMBOL, "side": "BUY", **order}
    assert refused(ann, "POST", f"{API}/order", **params)[0] == -2010
    assert ann.events == []
    placed = ann.rest("POST", f"{API}/order", **params, sideEffectType="MARGIN_BUY")
    assert placed["marginBuyBorrowAsset"] == "USDT"
    borrowed = float(placed["marginBuyBorrowAmount"])
    used = float(ann.holdings()["USDT"][1]) + float(placed["cummulativeQuoteQty"])
    assert borrowed == pytest.approx(used - 100, abs=1 if "quoteOrderQty" in order else 1e-6)
    assert kinds(ann.events)[0].startswith("balance 4") or kinds(ann.events)[0].startswith("balance 7")
    assert exchange.accounts.deposited["USDT"] == round((100 + borrowed) * 10**8)


@pytest.mark.parametrize("effect", ["AUTO_REPAY", "AUTO_BORROW_REPAY"])
def test_an_order_pays_back_by_what_it_receives(exchange: Exchange, effect: str) -> None:
    """As much as is owed of it, and the rest is free; each trade is told before what it pays back."""
    ann = exchange.trader("ann", "margin", {"BTC": "1"})
    risk = listener(ann, "margin-risk")
    ann.rest("POST", f"{API}/borrow-repay", asset="USDT", isIsolated="FALSE", type="BORROW", amount="500")
    ann.take()
    risk.take()
    params = {"symbol": SYMBOL, "side": "SELL", "type": "MARKET", "quantity": "0.01", "sideEffectType": effect}
    sold = ann.rest("POST", f"{API}/order", **params)
    received = sum(float(f["price"]) * float(f["qty"]) - float(f["commission"]) for f in sold["fills"])
    assert float(ann.holdings()["USDT"][0]) == pytest.approx(received, abs=1e-6)
    assert ann.account.debt("margin")["USDT"] == 0
    assert sum(float(event["p"]) for event in risk.events) == 500
    told = kinds(ann.events)
    assert told[1].startswith("TRADE/")
    assert told[2].startswith("balance -")


def test_an_order_borrows_and_pays_back(exchange: Exchange) -> None:
    """What was sold short by a loan is bought back, and owed no more."""
    ann = exchange.trader("ann", "margin", {"USDT": "5000"})
    params = {"symbol": SYMBOL, "type": "MARKET", "sideEffectType": "AUTO_BORROW_REPAY"}
    sold = ann.rest("POST", f"{API}/order", **params, side="SELL", quantity="0.01")
    assert (sold["marginBuyBorrowAsset"], sold["marginBuyBorrowAmount"]) == ("BTC", "0.01000000")
    ann.rest("POST", f"{API}/order", **params, side="BUY", quantity="0.011")
    assert ann.account.debt("margin")["BTC"] == 0
    assert ann.holdings()["BTC"] == ("0.00098900", "0.00000000")


def test_a_side_effect_that_does_not_exist_is_refused(exchange: Exchange) -> None:
    """Rather than taken and passed over."""
    ann = exchange.trader("ann", "margin")
    params = {"symbol": SYMBOL, "side": "SELL", "type": "MARKET", "quantity": "0.01", "sideEffectType": "MAYBE"}
    assert refused(ann, "POST", f"{API}/order", **params) == (-1020, "This operation is not supported.")


def test_margin_and_spot_of_one_account_may_trade_with_each_other(exchange: Exchange, ann: Trader) -> None:
    """The wallets keep their sums."""
    move(ann, "MAIN_MARGIN", "USDT", "2000")
    price = exchange.text(exchange.market.best(SELL)[0] - 1)
    ann.limit("SELL", "0.01", price)
    bought = ann.rest("POST", f"{API}/order", symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    assert [fill["price"] for fill in bought["fills"]] == [price]


def test_every_call_of_margin_needs_a_key_for_it() -> None:
    """A key for spot alone is refused."""
    paths = (f"{API}/", "/sapi/v1/asset/transfer")
    rows = [call for (_, _, path), call in BY_REST.items() if path.startswith(paths)]
    assert len(rows) == 16
    assert {call.security for call in rows} == {"MARGIN"}


def test_a_loan_and_its_order_meet_the_same_market(exchange: Exchange) -> None:
    """The crowd acts before or after both: no loan stays behind, and events come in the order of what happened."""
    ann = exchange.trader("ann", "margin", {"USDT": "10", "BTC": "1"})
    order = {"symbol": SYMBOL, "timeInForce": "GTC", "type": "LIMIT"}
    ann.rest("POST", f"{API}/order", **order, side="SELL", quantity="0.5", price=exchange.price(SELL))
    look, looks = exchange.desk._look, []

    def look_and_trade(market: BinanceMarket) -> None:
        look(market)
        looks.append(market)
        exchange.sweep(BUY, market.best(SELL)[0], 40_000)

    exchange.desk._look = look_and_trade  # type: ignore[method-assign]
    buy = {"side": "BUY", "quantity": "0.2", "price": exchange.price(SELL, 50), "sideEffectType": "MARGIN_BUY"}
    ann.take()
    ann.rest("POST", f"{API}/order", **order, **buy)
    assert len(looks) == 1
    told = [kind for kind in kinds(ann.events) if kind.startswith("TRADE")]
    assert told[:2] == ["TRADE/PARTIALLY_FILLED", "TRADE_PREVENTION/EXPIRED_IN_MATCH"]


def test_accounts_are_valued_at_nothing_where_bitcoin_has_no_price() -> None:
    """Symbols can be chosen so that there is none."""
    exchange = Exchange(symbols={"spot": ["ETHUSDT"]})
    ann = exchange.trader("ann", "margin", {"USDT": "100", "ETH": "1"})
    assert ann.rest("GET", f"{API}/account")["totalAssetOfBtc"] == "0.00000000"
    assert ann.rest("GET", f"{API}/isolated/account", symbols="ETHUSDT")["totalAssetOfBtc"] == "0.00000000"
