"""Calls that change the terms of an account: leverage, margin type, position mode, isolated margin."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import PLACES, Account, Insufficient
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.futures import reports
from binance_sockets.simulator.binance.trading.futures.brackets import MOST_LEVERAGE, most_held
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.tickets import choice, read_leg
from binance_sockets.simulator.binance.trading.reading import Reader, required, whole
from binance_sockets.simulator.market.instruments import power

__all__ = ["leverage", "margin_type", "position_margin", "position_mode"]

_DONE = {"code": 200, "msg": "success"}


def leverage(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Another leverage for a symbol."""
    contract = desk.contract(desk.market(required(params, "symbol")).instrument)
    required(params, "leverage")
    number = whole(params, "leverage") or 0
    if not 1 <= number <= MOST_LEVERAGE:
        raise Refused(-4028, f"Leverage {number} is not valid")
    margin, risk = account.margin(desk.product), desk.risk(account)
    terms, most, found = margin.terms_of(contract.symbol), most_held(contract, number), risk.symbol(contract)
    if (found.held + found.orders) * terms.leverage > most * power(PLACES):
        raise Refused(-2027, "Exceeded the maximum allowable position at current leverage.")
    before, terms.leverage = terms.leverage, number
    needed = desk.risk(account).symbol(contract)
    if needed.held + needed.orders - found.held - found.orders > risk.asset(contract.asset).available:
        terms.leverage = before
        raise Refused(-2028, "Leverage is smaller than permitted: insufficient margin balance.")
    if number != before:
        desk.tell(account, reports.config_update(desk.head(account, "ACCOUNT_CONFIG_UPDATE"), contract.symbol, number))
    name = "maxQty" if contract.inverse else "maxNotionalValue"
    return {"leverage": number, name: str(most), "symbol": contract.symbol}


def margin_type(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Crossed or isolated margin for a symbol."""
    contract = desk.contract(desk.instrument(required(params, "symbol")))
    bad = Refused(-1130, "Data sent for parameter 'marginType' is not valid.")
    isolated = choice(params, "marginType", ("ISOLATED", "CROSSED"), bad) == "ISOLATED"
    margin = account.margin(desk.product)
    terms = margin.terms_of(contract.symbol)
    if terms.isolated == isolated:
        raise Refused(-4046, "No need to change margin type.")
    if desk.orders(account).open(contract.symbol):
        raise Refused(-4047, "Margin type cannot be changed if there exists open orders.")
    if any(row.qty for row in margin.legs(contract)):
        raise Refused(-4048, "Margin type cannot be changed if there exists position.")
    terms.isolated = isolated
    desk.tell_account(account, "MARGIN_TYPE_CHANGE", {}, margin.legs(contract))
    return _DONE


def position_mode(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """One position for a symbol, or one for each direction; for all symbols of the product."""
    bad = Refused(-1130, "Data sent for parameter 'dualSidePosition' is not valid.")
    wanted = {name: name.lower() for name in ("true", "false", "True", "False", "TRUE", "FALSE")}
    hedge = choice(params, "dualSidePosition", wanted, bad).lower() == "true"
    margin = account.margin(desk.product)
    if margin.hedge == hedge:
        raise Refused(-4059, "No need to change position side.")
    if desk.orders(account).open():
        raise Refused(-4067, "Position side cannot be changed if there exists open orders.")
    if any(row.qty for row in margin):
        raise Refused(-4068, "Position side cannot be changed if there exists position.")
    margin.hedge = hedge
    return _DONE


def position_margin(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """More margin for an isolated position (``type`` 1), or less of it (2)."""
    contract = desk.contract(desk.market(required(params, "symbol")).instrument)
    required(params, "amount")
    kind = choice(params, "type", ("1", "2"), Refused(-1130, "Data sent for parameter 'type' is not valid."))
    amount = Reader(params).decimal("amount") or 0
    if amount <= 0:
        raise Refused(-4055, "Amount must be positive.")
    margin = account.margin(desk.product)
    row = margin.position(contract, read_leg(params, margin))
    if not row.qty or not margin.terms_of(contract.symbol).isolated:
        raise Refused(-4054, "Cannot add position margin: position is 0.")
    if kind == "1" and desk.risk(account).asset(contract.asset).available < amount:
        raise Refused(-4050, "Cross balance insufficient.")
    change = amount if kind == "1" else -amount
    least = desk.risk(account).worth(row) // margin.terms_of(contract.symbol).leverage
    if kind == "2" and row.isolated + change + min(0, desk.risk(account).profit(row)) < least:
        raise Refused(-4051, "Isolated balance insufficient.")
    try:
        margin.change_isolated(row, change)
    except Insufficient:
        raise missing("amount") from None
    desk.tell_account(account, "MARGIN_TRANSFER", {contract.asset: 0}, [row])
    return {"amount": float(reports.short(amount)), "code": 200, "msg": "Successfully modify position margin.",
            "type": int(kind)}  # fmt: skip
