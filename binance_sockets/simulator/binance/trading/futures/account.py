"""Calls that tell about an account: balances, positions, and the terms that hold for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from binance_sockets.simulator.accounts import PLACES, Account, Contract, Position, amount_text
from binance_sockets.simulator.binance.trading.calls import Params
from binance_sockets.simulator.binance.trading.futures import reports
from binance_sockets.simulator.binance.trading.futures.brackets import bracket_rows, most_held
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.orders import LEG_NAMES
from binance_sockets.simulator.binance.trading.futures.risk import AssetRisk, Risk
from binance_sockets.simulator.binance.trading.reading import required
from binance_sockets.simulator.market.instruments import fixed

__all__ = [
    "account_config", "balances", "commission", "dual_side", "leverage_brackets", "multi_assets", "order_counts",
    "position_risk", "position_risk_v3", "status", "status_v3", "symbol_config",
]  # fmt: skip

_TOTAL = "USDT"


def _assets(desk: FuturesDesk, account: Account, risk: Risk) -> list[tuple[str, AssetRisk]]:
    held = account.margin(desk.product).wallet.assets
    return [(asset, risk.asset(asset)) for asset in dict.fromkeys([*held, *(one.asset for one in risk.contracts())])]


def balances(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``account.balance``: one row for each asset."""
    rows = []
    for asset, row in _assets(desk, account, desk.refresh(account)):
        free = amount_text(row.available)
        middle = {"withdrawAvailable": free} if desk.product == "coinm" else {}
        end = {} if desk.product == "coinm" else {"maxWithdrawAmount": free, "marginAvailable": True}
        rows.append(
            {
                "accountAlias": reports.account_alias(account.uid), "asset": asset, "balance": amount_text(row.wallet),
                **middle, "crossWalletBalance": amount_text(row.cross), "crossUnPnl": amount_text(row.cross_profit),
                "availableBalance": free, **end, "updateTime": account.updated_at // 1000,
            }
        )  # fmt: skip
    return rows


def status(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``account.status``: the account, with every symbol."""
    risk, coin = desk.refresh(account), desk.product == "coinm"
    assets = _assets(desk, account, risk)
    head: dict[str, Any] = {
        "feeTier": 0, "feeBurn": True, "canTrade": account.can_trade, "canDeposit": True, "canWithdraw": True,
        "updateTime": account.updated_at // 1000,
    }  # fmt: skip
    if not coin:
        head |= {"multiAssetsMargin": False, "tradeGroupId": -1, **_totals(assets)}
    symbols = desk.listing.listed[desk.product].values()
    rows = [row for i in symbols for row in account.margin(desk.product).legs(desk.contract(i))]
    return {
        **head, "assets": [_asset(account, asset, row, coin=coin) for asset, row in assets],
        "positions": [_status_row(desk, account, row, risk) for row in rows],
    }  # fmt: skip


def status_v3(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``v2/account.status``: the account, with the symbols it is active in."""
    risk = desk.refresh(account)
    assets = _assets(desk, account, risk)
    return {
        **_totals(assets), "assets": [_asset(account, asset, row, coin=False) for asset, row in assets],
        "positions": [_short_row(row, risk, account) for row in _active(desk, account, risk)],
    }  # fmt: skip


def _totals(assets: list[tuple[str, AssetRisk]]) -> dict[str, str]:
    row = dict(assets).get(_TOTAL, AssetRisk(0, 0, 0, 0, 0, 0, 0, 0))
    sums = {
        "totalInitialMargin": row.held + row.orders, "totalMaintMargin": row.kept, "totalWalletBalance": row.wallet,
        "totalUnrealizedProfit": row.profit, "totalMarginBalance": row.wallet + row.profit,
        "totalPositionInitialMargin": row.held, "totalOpenOrderInitialMargin": row.orders,
        "totalCrossWalletBalance": row.cross, "totalCrossUnPnl": row.cross_profit, "availableBalance": row.available,
        "maxWithdrawAmount": row.available,
    }  # fmt: skip
    return {name: amount_text(value) for name, value in sums.items()}


def _asset(account: Account, asset: str, row: AssetRisk, *, coin: bool) -> dict[str, Any]:
    sums = {
        "walletBalance": row.wallet, "unrealizedProfit": row.profit, "marginBalance": row.wallet + row.profit,
        "maintMargin": row.kept, "initialMargin": row.held + row.orders, "positionInitialMargin": row.held,
        "openOrderInitialMargin": row.orders, "maxWithdrawAmount": row.available, "crossWalletBalance": row.cross,
        "crossUnPnl": row.cross_profit, "availableBalance": row.available,
    }  # fmt: skip
    end = {} if coin else {"marginAvailable": True}
    texts = {name: amount_text(value) for name, value in sums.items()}
    return {"asset": asset, **texts, **end, "updateTime": account.updated_at // 1000}


# positions


def _active(desk: FuturesDesk, account: Account, risk: Risk) -> list[Position]:
    legs = [row for contract in risk.contracts() for row in account.margin(desk.product).legs(contract)]
    ordered = {order.contract for order in desk.orders(account).open()}
    return [row for row in legs if row.qty or row.contract in ordered]


def _margins(row: Position, risk: Risk, account: Account) -> Mapping[str, str]:
    """What its position and the orders of its symbol need; the orders are told with the first leg."""
    found = risk.symbol(row.contract)
    leverage = account.margin(_product(row)).terms_of(row.contract.symbol).leverage
    held = -(-risk.worth(row) // leverage)
    orders = found.orders if row.leg >= 0 else 0
    numbers = {
        "initialMargin": held + orders, "maintMargin": risk.kept(row), "positionInitialMargin": held,
        "openOrderInitialMargin": orders,
    }  # fmt: skip
    return {name: reports.amount(number) for name, number in numbers.items()}


def _product(row: Position) -> str:
    return "coinm" if row.contract.inverse else "usdm"


def _orders_worth(row: Position, risk: Risk) -> dict[str, str]:
    found, i = risk.symbol(row.contract), row.contract.instrument
    text = amount_text if i.contract_size else reports.short
    return {
        "bidNotional": text(found.bids) if found.bids else "0",
        "askNotional": text(found.asks) if found.asks else "0",
    }


def _worth(row: Position, risk: Risk) -> str:
    return reports.amount(row.side * risk.worth(row))


def _status_row(desk: FuturesDesk, account: Account, row: Position, risk: Risk) -> dict[str, Any]:
    i, terms = row.contract.instrument, account.margin(desk.product).terms_of(row.contract.symbol)
    coin, most = row.contract.inverse, most_held(row.contract, terms.leverage)
    return {
        "symbol": i.symbol, **_margins(row, risk, account), "unrealizedProfit": amount_text(risk.profit(row)),
        "leverage": str(terms.leverage), "isolated": terms.isolated, "positionSide": LEG_NAMES[row.leg],
        "entryPrice": _entry(row.entry8, coin=coin), "breakEvenPrice": _entry(row.even8, coin=coin),
        "maxQty" if coin else "maxNotional": str(most), "positionAmt": i.qty_text(row.qty),
        "notionalValue" if coin else "notional": _worth(row, risk), "isolatedWallet": reports.amount(row.isolated),
        "updateTime": row.updated, **({} if coin else _orders_worth(row, risk)),
    }  # fmt: skip


def _entry(price8: int, *, coin: bool) -> str:
    if coin:
        return fixed(price8, PLACES)
    return reports.price8(price8, 1) if price8 else "0.0"


def _isolated_margin(row: Position, risk: Risk) -> int:
    return row.isolated + risk.profit(row) if row.isolated else 0


def _short_row(row: Position, risk: Risk, account: Account) -> dict[str, Any]:
    margins = _margins(row, risk, account)
    return {
        "symbol": row.contract.symbol, "positionSide": LEG_NAMES[row.leg],
        "positionAmt": row.contract.instrument.qty_text(row.qty), "unrealizedProfit": amount_text(risk.profit(row)),
        "isolatedMargin": amount_text(_isolated_margin(row, risk)), "notional": _worth(row, risk),
        "isolatedWallet": reports.amount(row.isolated), "initialMargin": margins["initialMargin"],
        "maintMargin": margins["maintMargin"], "updateTime": row.updated,
    }  # fmt: skip


def position_risk(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``account.position``: the positions of a symbol, or of all."""
    if "symbol" in params:
        desk.market(params["symbol"])
    risk = desk.refresh(account)
    wanted = {"pair": params.get("pair"), "symbol": params.get("symbol")}
    listed = [
        i
        for i in desk.listing.listed[desk.product].values()
        if all(value in (None, getattr(i, name)) for name, value in wanted.items())
        and params.get("marginAsset") in (None, desk.contract(i).asset)
    ]
    margin = account.margin(desk.product)
    return [_risk_row(desk, account, row, risk) for i in listed for row in margin.legs(desk.contract(i))]


def _risk_row(desk: FuturesDesk, account: Account, row: Position, risk: Risk) -> dict[str, Any]:
    i, terms = row.contract.instrument, account.margin(desk.product).terms_of(row.contract.symbol)
    coin = row.contract.inverse
    return {
        "symbol": i.symbol, "positionAmt": i.qty_text(row.qty), "entryPrice": _entry(row.entry8, coin=coin),
        "breakEvenPrice": _entry(row.even8, coin=coin), "markPrice": fixed(risk.mark(row.contract), PLACES),
        "unRealizedProfit": amount_text(risk.profit(row)), "liquidationPrice": reports.price8(risk.liquidation8(row)),
        "leverage": str(terms.leverage),
        "maxQty" if coin else "maxNotionalValue": str(most_held(row.contract, terms.leverage)),
        "marginType": "isolated" if terms.isolated else "cross",
        "isolatedMargin": amount_text(_isolated_margin(row, risk)), "isAutoAddMargin": "false",
        "positionSide": LEG_NAMES[row.leg], "notionalValue" if coin else "notional": _worth(row, risk),
        "isolatedWallet": reports.amount(row.isolated), "updateTime": row.updated,
    }  # fmt: skip


def position_risk_v3(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``v2/account.position``: only positions and symbols with open orders."""
    if "symbol" in params:
        desk.market(params["symbol"])
    risk = desk.refresh(account)
    rows = [r for r in _active(desk, account, risk) if params.get("symbol") in (None, r.contract.symbol)]
    return [_risk_row_v3(row, risk, account) for row in rows]


def _risk_row_v3(row: Position, risk: Risk, account: Account) -> dict[str, Any]:
    i = row.contract.instrument
    return {
        "symbol": i.symbol, "positionSide": LEG_NAMES[row.leg], "positionAmt": i.qty_text(row.qty),
        "entryPrice": _entry(row.entry8, coin=False), "breakEvenPrice": _entry(row.even8, coin=False),
        "markPrice": fixed(risk.mark(row.contract), PLACES), "unRealizedProfit": amount_text(risk.profit(row)),
        "liquidationPrice": reports.price8(risk.liquidation8(row)),
        "isolatedMargin": reports.amount(_isolated_margin(row, risk)), "notional": _worth(row, risk),
        "marginAsset": row.contract.asset, "isolatedWallet": reports.amount(row.isolated),
        **_margins(row, risk, account), "adl": 0, **_orders_worth(row, risk), "updateTime": row.updated,
    }  # fmt: skip


# terms


def leverage_brackets(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """How large positions may be, and what they must keep."""
    if "symbol" in params:
        return [_brackets(desk.contract(desk.instrument(params["symbol"])))]
    return [_brackets(desk.contract(i)) for i in desk.listing.listed[desk.product].values()]


def _brackets(contract: Contract) -> dict[str, Any]:
    return {"symbol": contract.symbol, "notionalCoef": 1.0, "brackets": bracket_rows(contract)}


def commission(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """What the account pays in a symbol."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    maker, taker = (reports.short(rate) for rate in (desk.fees.maker, desk.fees.taker))
    return {"symbol": symbol, "makerCommissionRate": maker, "takerCommissionRate": taker}


def dual_side(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Whether bought and sold lots of a symbol are kept apart."""
    return {"dualSidePosition": account.margin(desk.product).hedge}


def multi_assets(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Never: each margin asset stands alone here."""
    return {"multiAssetsMargin": False}


def account_config(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """The terms of the account."""
    return {
        "feeTier": 0, "canTrade": account.can_trade, "canDeposit": True, "canWithdraw": True,
        "dualSidePosition": account.margin(desk.product).hedge, "updateTime": account.updated_at // 1000,
        "multiAssetsMargin": False, "tradeGroupId": -1,
    }  # fmt: skip


def symbol_config(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """The terms of a symbol, or of all."""
    listed = desk.listing.listed[desk.product]
    chosen = [desk.instrument(params["symbol"])] if "symbol" in params else list(listed.values())
    rows = []
    for contract in map(desk.contract, chosen):
        terms = account.margin(desk.product).terms_of(contract.symbol)
        rows.append(
            {
                "symbol": contract.symbol, "marginType": "ISOLATED" if terms.isolated else "CROSSED",
                "isAutoAddMargin": False, "leverage": terms.leverage,
                "maxNotionalValue": str(most_held(contract, terms.leverage)),
            }
        )  # fmt: skip
    return rows


def order_counts(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """How many orders count against the limits."""
    return desk.counts.rows(account, desk.now())
