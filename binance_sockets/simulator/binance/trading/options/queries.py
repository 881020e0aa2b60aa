"""Calls that ask for orders, trades, positions, balances, and what has come and gone."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import PLACES, Account, amount_text
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.binance.trading.futures.queries import page
from binance_sockets.simulator.binance.trading.options import answers
from binance_sockets.simulator.binance.trading.options.desk import OptionsDesk
from binance_sockets.simulator.binance.trading.options.placing import find_order
from binance_sockets.simulator.binance.trading.reading import required, whole
from binance_sockets.simulator.market.instruments import fixed

__all__ = [
    "bill", "commission", "exercise_records", "history_orders", "margin_account", "open_orders", "order_status",
    "positions", "user_trades",
]  # fmt: skip

_PAGE = 100


def order_status(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """One order."""
    return answers.order_row(find_order(desk, account, params))


def open_orders(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """The open orders of a symbol, or of all."""
    symbol = desk.instrument(params["symbol"]).symbol if "symbol" in params else None
    first, (start, end) = whole(params, "orderId") or 0, _span(params)
    rows = [o for o in desk.orders(account).open(symbol) if o.id >= first and start <= o.created <= end]
    return [answers.order_row(order) for order in rows]


def history_orders(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """The orders of a symbol that have ended."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    first, (start, end) = whole(params, "orderId"), _span(params)
    rows = [
        order
        for order in desk.orders(account).all(symbol)
        if not order.is_open and order.id >= (first or 0) and start <= order.created <= end
    ]
    return [answers.history_row(row) for row in page(params, rows, first is not None or "startTime" in params, _PAGE)]


def user_trades(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """The account's trades in a symbol."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    first, (start, end) = whole(params, "fromId"), _span(params)
    rows = [
        (order, trade)
        for order in desk.orders(account).all(symbol)
        for trade in order.trades
        if answers.trade_row_id(trade) >= (first or 0) and start <= trade.time <= end
    ]
    rows.sort(key=lambda row: (row[1].id, row[0].id))
    return [answers.trade_row(*row) for row in page(params, rows, first is not None or "startTime" in params, _PAGE)]


def positions(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """The open positions, of a symbol or of all."""
    symbol = desk.instrument(params["symbol"]).symbol if "symbol" in params else None
    desk.refresh(account)
    risk = desk.risk(account)
    return [
        answers.position_row(row, risk, row.updated)
        for row in account.margin(desk.product)
        if row.qty and symbol in (None, row.contract.symbol)
    ]


def margin_account(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """Balances, margin and greeks."""
    desk.refresh(account)
    risk = desk.risk(account)
    assets = dict.fromkeys([*account.wallet(desk.product).assets, *(one.asset for one in risk.contracts())])
    rows = []
    for asset in assets:
        row = risk.asset(asset)
        rows.append(
            {
                "asset": asset, "marginBalance": amount_text(row.wallet),
                "equity": amount_text(row.wallet + risk.value(asset)), "available": amount_text(row.available),
                "initialMargin": amount_text(row.held + row.orders), "maintMargin": amount_text(row.kept),
                "unrealizedPNL": amount_text(row.profit),
                "adjustedEquity": amount_text(row.wallet + risk.bought(asset)),
            }
        )  # fmt: skip
    greeks = [
        {
            "underlying": row.underlying, "delta": f"{row.delta:.8f}", "theta": f"{row.theta:.8f}",
            "gamma": f"{row.gamma:.8f}", "vega": f"{row.vega:.8f}",
        }
        for row in risk.greeks(desk.now())
    ]  # fmt: skip
    return {
        "asset": rows, "greek": greeks, "time": desk.milliseconds, "canTrade": account.can_trade, "canDeposit": True,
        "canWithdraw": True, "reduceOnly": desk.reduce_only(account),
    }  # fmt: skip


def commission(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """The fees of each underlying, as shares of its index price."""
    rates = {
        "makerFee": fixed(desk.fees.maker // 100, PLACES - 2),
        "takerFee": fixed(desk.fees.taker // 100, PLACES - 2),
    }
    pairs = dict.fromkeys(row.pair for row in desk.listing.listed[desk.product].values())
    return {"commissions": [{"underlying": pair, **rates} for pair in pairs]}


def bill(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """What has come and gone: premiums, fees, transfers."""
    currency, first, (start, end) = required(params, "currency"), whole(params, "recordId") or 0, _span(params)
    rows = [
        {
            "id": row["tranId"], "asset": row["asset"], "amount": row["income"], "type": row["incomeType"],
            "createDate": row["time"],
        }
        for row in desk.incomes(account)
        if row["asset"] == currency and row["tranId"] >= first and start <= row["time"] <= end
    ]  # fmt: skip
    return page(params, rows, "recordId" in params or "startTime" in params, _PAGE)


def exercise_records(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """The positions that were settled when their options expired."""
    start, end = _span(params)
    rows = [
        row
        for row in desk.records(account)
        if params.get("symbol") in (None, row["symbol"]) and start <= row["createDate"] <= end
    ]
    return page(params, rows, "startTime" in params, 1000)


def _span(params: Params) -> tuple[int, int]:
    start, end = whole(params, "startTime") or 0, whole(params, "endTime")
    if end is not None and start > end:
        raise Refused(-1023, "Start time is greater than end time.")
    return start, 10**15 if end is None else end
