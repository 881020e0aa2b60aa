"""What the exchange does of its own accord: funding, margin calls, liquidation, deleveraging, settlement."""

from __future__ import annotations

from decimal import Decimal

import pytest
from golden import differences, read, shape
from simulator.trading.helpers import CoinExchange, FuturesExchange, Trader
from simulator.trading.test_futures_orders import SYMBOL, buy, facts, position

from binance_sockets.simulator.accounts import Insufficient


@pytest.fixture
def exchange() -> FuturesExchange:
    return FuturesExchange()


@pytest.fixture
def ann(exchange: FuturesExchange) -> Trader:
    return exchange.trader("ann")


def test_funding_is_paid_by_who_has_bought(exchange: FuturesExchange, ann: Trader) -> None:
    """A share of what the position is worth, with the symbol; crossed positions are not listed."""
    bob = exchange.trader("bob")
    exchange.flat()
    buy(ann, "1.000")
    bob.call("order.place", symbol=SYMBOL, side="SELL", type="MARKET", quantity="1.000")
    for trader in (ann, bob):
        trader.take()
    assert exchange.desk.force.fund(SYMBOL, 10_000) == 2
    fee = Decimal(exchange.market.prices.mark8) / 10**12
    (paid,), (got,) = ann.take(), bob.take()
    wanted = [shape(row["payload"]) for row in read("user/usdm/ACCOUNT_UPDATE")["samples"]]
    assert min((differences(shape(paid), one) for one in wanted), key=len) == []
    assert (paid["a"]["m"], paid["a"]["S"], paid["a"]["P"]) == ("FUNDING_FEE", SYMBOL, [])
    assert abs(Decimal(paid["a"]["B"][0]["bc"]) + fee) < Decimal("1e-7")
    assert abs(Decimal(got["a"]["B"][0]["bc"]) - fee) < Decimal("1e-7")
    assert ann.rest("GET", "/fapi/v1/income", incomeType="FUNDING_FEE")[0]["symbol"] == SYMBOL


def test_a_margin_call_lists_the_positions(exchange: FuturesExchange, ann: Trader) -> None:
    """In the shape of the sample; nothing is sent about nothing."""
    exchange.flat()
    assert exchange.desk.force.call(ann.account) == 0
    buy(ann, "1.000")
    ann.take()
    assert exchange.desk.force.call(ann.account) == 1
    (event,) = ann.take()
    assert differences(shape(event), shape(read("user/usdm/MARGIN_CALL")["samples"][0]["payload"])) == []


def test_a_liquidation_ends_orders_and_closes_the_position(exchange: FuturesExchange, ann: Trader) -> None:
    """Orders end with er 5, an order named autoclose- closes the position, and the liquidation is public."""
    price = exchange.flat()
    buy(ann, "1.000")
    ann.limit("BUY", "0.010", exchange.text(price - 50))
    ann.take()
    assert exchange.desk.force.liquidate(ann.account, SYMBOL) == 1
    events = ann.take()
    assert facts(events) == ["EXPIRED/EXPIRED", "LITE", "NEW/NEW", "ORDER", "CALCULATED/FILLED"]
    assert events[0]["o"]["er"] == "5"
    assert events[-1]["o"]["c"].startswith("autoclose-")
    assert position(ann)["positionAmt"] == "0.000"
    assert exchange.market.liquidations[-1].filled == 1000


def test_the_insurance_fund_takes_what_nobody_buys_and_pays_what_is_missing(
    exchange: FuturesExchange, ann: Trader
) -> None:
    """No wallet stays below zero."""
    poor = exchange.trader("poor", balances={"USDT": "900"})
    price = exchange.flat()
    poor.call("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.200")
    exchange.market.prices.fair -= price // 5
    exchange.flat()
    poor.take()
    exchange.desk.force.liquidate(poor.account, SYMBOL)
    events = poor.take()
    assert facts(events)[-1] == "INSURANCE_CLEAR"
    assert events[-1]["a"]["B"][0]["wb"] == "0"
    assert exchange.accounts.insurance["USDT"] < 0
    assert exchange.desk.force.liquidate(poor.account, SYMBOL) == 0


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_deleveraging_and_settlement(product: str) -> None:
    """At the mark price, under the names by which clients know them."""
    exchange = FuturesExchange() if product == "usdm" else CoinExchange()
    symbol, ann = exchange.market.instrument.symbol, exchange.trader("ann")
    exchange.flat()
    force, order = (
        exchange.desk.force,
        {"symbol": symbol, "type": "MARKET", "quantity": "10" if product == "coinm" else "1"},
    )
    ann.call("order.place", side="BUY", **order)
    ann.take()
    assert force.deleverage(ann.account, symbol) == 1
    assert [event["o"]["c"] for event in ann.take() if "o" in event] == ["adl_autoclose"] * 2
    ann.call("order.place", side="SELL", **order)
    ann.take()
    assert force.settle(ann.account, symbol) == 1
    events = ann.take()
    assert facts(events) == ["NEW/NEW", "ORDER", "TRADE/FILLED"]
    assert events[-1]["o"]["c"].startswith("settlement_autoclose-")


def test_deposits_and_withdrawals(exchange: FuturesExchange, ann: Trader) -> None:
    """Told with their change; more than is free cannot go."""
    exchange.desk.deposit(ann.account, "USDT", "50", "usdm")
    exchange.desk.deposit(ann.account, "USDT", "-20", "usdm")
    assert [(e["a"]["m"], e["a"]["B"][0]["bc"]) for e in ann.take()] == [
        ("DEPOSIT", "50.00000000"), ("WITHDRAW", "-20.00000000"),
    ]  # fmt: skip
    with pytest.raises(Insufficient):
        exchange.desk.deposit(ann.account, "USDT", "-100031", "usdm")
