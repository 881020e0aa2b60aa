"""Positions, their margin, and that money neither comes from nowhere nor goes there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.simulator.accounts import (
    LONG,
    NET,
    SHORT,
    Contract,
    Insufficient,
    MarginAccount,
    Position,
    Wallet,
    margin_needed,
)
from binance_sockets.simulator.binance.products import instrument

LINEAR = Contract(instrument("usdm", "BTCUSDT"))
INVERSE = Contract(instrument("coinm", "BTCUSD_PERP"))
CONTRACTS = {"linear": LINEAR, "inverse": INVERSE, "nine decimals": Contract(instrument("usdm", "SIM1000USDT"))}
TRADES = st.lists(
    st.tuples(st.sampled_from((1, -1)), st.integers(1, 10**6), st.integers(500, 10**8), st.integers(-50, 500)),
    max_size=30,
)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("hedge", [False, True])
@given(trades=TRADES, marks=st.integers(500, 10**8))
def test_money_is_conserved(
    contract: Contract, isolated: bool, hedge: bool, trades: list[tuple[int, int, int, int]], marks: int
) -> None:
    """Wallets, unrealised profit and fees of the two sides of all trades add up to what they began with."""
    asset, fees = contract.asset, 0
    sides = [MarginAccount(Wallet({asset: "1000"})) for _ in range(2)]
    for account in sides:
        account.hedge = hedge
        account.terms_of(contract.symbol).isolated = isolated
    start = sum(account.wallet.total(asset) for account in sides)
    for number, (side, qty, price, rate) in enumerate(trades):
        value = contract.value(price, qty)
        for account, own in zip(sides, (side, -side), strict=True):
            fee = value * rate // 10**6
            leg = (NET, LONG, SHORT)[number % 2 + 1] if hedge else NET
            account.trade(account.position(contract, leg), own, qty, value, fee)
            fees += fee
    costs = sum(row.side * contract.sense * row.cost for account in sides for row in account)
    assert sum(account.wallet.total(asset) for account in sides) - costs + fees == start
    mark8 = contract.instrument.price8(marks)
    profits = sum(row.profit8(mark8) for account in sides for row in account)
    assert abs(sum(account.wallet.total(asset) for account in sides) + profits + fees - start) <= 4  # rounding
    assert sum(row.qty for account in sides for row in account) == 0
    for account in sides:
        assert all(row.isolated >= 0 and (row.isolated == 0 or isolated) for row in account)
        assert all(row.isolated == row.cost == row.fees == 0 for row in account if not row.qty)


def test_a_linear_position_gains_with_the_price() -> None:
    """Bought at 100 and 110, half sold at 120: the average price counts, and stays."""
    row = Position(LINEAR)
    assert row.trade(1, 1000, LINEAR.value(10_000, 1000)) == 0
    assert row.trade(1, 1000, LINEAR.value(11_000, 1000)) == 0
    assert row.entry8 == 105 * 10**8
    assert row.trade(-1, 1000, LINEAR.value(12_000, 1000)) == 15 * 10**8
    assert (row.qty, row.entry8, row.realised) == (1000, 105 * 10**8, 15 * 10**8)
    assert row.profit8(100 * 10**8) == -5 * 10**8


def test_an_inverse_position_is_paid_in_its_base() -> None:
    """One hundred dollars bought at 50000 and sold at 100000 leave 0.001 bitcoin for each contract."""
    row = Position(INVERSE)
    tick = INVERSE.instrument.price_places
    row.trade(1, 10, INVERSE.value(50_000 * 10**tick, 10))
    assert row.entry8 == 50_000 * 10**8
    assert row.profit8(100_000 * 10**8) == 10 * 100_000
    assert row.trade(-1, 10, INVERSE.value(100_000 * 10**tick, 10)) == 10 * 100_000
    assert (row.qty, row.cost, row.entry8) == (0, 0, 0)


def test_what_goes_beyond_zero_opens_the_other_side() -> None:
    """Three sold out of one bought: one is closed, two are opened at the price of the trade."""
    row = Position(LINEAR)
    row.trade(1, 1000, LINEAR.value(10_000, 1000))
    assert row.trade(-1, 3000, LINEAR.value(9_000, 3000)) == -10 * 10**8
    assert (row.qty, row.entry8) == (-2000, 90 * 10**8)


def test_the_break_even_price_counts_fees() -> None:
    """By 0.05 percent above what was bought, and below what was sold."""
    for contract in (LINEAR, INVERSE):
        for side in (1, -1):
            row, value = Position(contract), contract.value(9_173_990, 2000)
            row.trade(side, 2000, value, value * 5 // 10_000)
            wanted = row.entry8 * (10_000 + side * 5) // 10_000
            assert abs(row.even8 - wanted) <= row.entry8 // 10**6


def test_isolated_margin_is_set_aside_and_given_back() -> None:
    """A tenth of what was opened at a leverage of ten; half of it comes back with half of the position."""
    account = MarginAccount(Wallet({"USDT": "1000"}))
    terms = account.terms_of("BTCUSDT")
    terms.isolated, terms.leverage = True, 10
    row = account.position(LINEAR)
    account.trade(row, 1, 1000, LINEAR.value(10_000, 1000), 0)
    assert (row.isolated, account.cross("USDT")) == (10 * 10**8, 990 * 10**8)
    account.trade(row, -1, 500, LINEAR.value(10_000, 500), 0)
    assert (row.isolated, account.cross("USDT")) == (5 * 10**8, 995 * 10**8)
    account.change_isolated(row, 7 * 10**8)
    with pytest.raises(Insufficient):
        account.change_isolated(row, -13 * 10**8)
    account.trade(row, -1, 1500, LINEAR.value(10_000, 1500), 0)
    assert (row.qty, row.isolated) == (-1000, 10 * 10**8)


def test_orders_that_close_need_no_margin() -> None:
    """One-way: the larger of both directions counts. Hedge: what enlarges a leg counts."""
    assert margin_needed([(NET, 100, 50, 0)], 10) == 15
    assert margin_needed([(NET, 100, 0, 150)], 10) == 10
    assert margin_needed([(NET, 100, 0, 250)], 10) == 15
    assert margin_needed([(LONG, 100, 50, 70), (SHORT, -30, 20, 40)], 10) == 22


def test_a_loss_may_overdraw_the_wallet() -> None:
    """What was lost is lost; only somebody else can make good for it."""
    account = MarginAccount(Wallet({"USDT": "1"}))
    row = account.position(LINEAR)
    account.trade(row, 1, 1000, LINEAR.value(10_000, 1000), 0)
    assert account.trade(row, -1, 1000, LINEAR.value(9_000, 1000), 0) == -10 * 10**8
    assert account.wallet.total("USDT") == -9 * 10**8
