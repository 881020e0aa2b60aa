"""Calls of the algo service: send, cancel and find orders that wait for a price."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.futures import reports
from binance_sockets.simulator.binance.trading.futures.algo import AlgoOrder
from binance_sockets.simulator.binance.trading.futures.counter import FuturesCounter
from binance_sockets.simulator.binance.trading.futures.orders import LEG_NAMES, Ticket
from binance_sockets.simulator.binance.trading.futures.queries import page, span
from binance_sockets.simulator.binance.trading.futures.tickets import (
    CONDITIONAL,
    choice,
    client_id,
    flag,
    matched_price,
    read_leg,
    read_lots,
    read_stp,
    read_ticks,
    read_tif,
    side_of,
)
from binance_sockets.simulator.binance.trading.reading import Reader, required, whole
from binance_sockets.simulator.market.book import BUY

__all__ = ["ALGO_NAMES", "all_orders", "cancel", "cancel_all", "open_orders", "place", "status"]

ALGO_NAMES = frozenset(
    {
        "algoType", "symbol", "side", "positionSide", "type", "timeInForce", "quantity", "price", "triggerPrice",
        "workingType", "priceMatch", "closePosition", "priceProtect", "reduceOnly", "activatePrice", "callbackRate",
        "clientAlgoId", "selfTradePreventionMode", "goodTillDate", "newOrderRespType",
    }
)  # fmt: skip
"""Parameters of one algo order."""

_WORKING = ("CONTRACT_PRICE", "MARK_PRICE")
_UNIT = 1_000_000  # of 1/100 of a percent, where percent have eight decimals
_LEAST_CALLBACK, _MOST_CALLBACK = 10, 2000


def place(desk: FuturesCounter, account: Account, params: Params) -> Any:
    """``algoOrder.place``: a new algo order."""
    bad = Refused(-1130, "Data sent for parameter 'algoType' is not valid.")
    choice(params, "algoType", ("CONDITIONAL",), bad)
    market = desk.market(required(params, "symbol"))
    i, margin = market.instrument, account.margin(desk.product)
    side, kind = side_of(params), choice(params, "type", CONDITIONAL, Refused(-1116, "Invalid orderType."))
    leg, limit = read_leg(params, margin), kind in ("STOP", "TAKE_PROFIT")
    if margin.hedge and "reduceOnly" in params:
        raise Refused(-1106, "Parameter 'reduceonly' sent when not required.")
    tif, end = read_tif(params, desk.milliseconds, default="GTC")
    bad = Refused(-1130, "Data sent for parameter 'workingType' is not valid.")
    working = choice(params, "workingType", _WORKING, bad, "CONTRACT_PRICE")
    close_all = _closes_all(params, kind)
    ticket = Ticket(
        side=side, type="LIMIT" if limit else "MARKET", qty=0 if close_all else read_lots(i, params), tif=tif, leg=leg,
        price=matched_price(market, params, side) if limit else None, reduce_only=flag(params, "reduceOnly"),
        client_id=client_id(params, "clientAlgoId"), stp=read_stp(params), good_till=end, origin=kind,
        price_match=params.get("priceMatch", "NONE") if limit else "NONE", working=working,
        protect=flag(params, "priceProtect"), close_all=close_all,
    )  # fmt: skip
    if kind == "TRAILING_STOP_MARKET":
        ticket.activation = read_ticks(i, params, "activatePrice") or 0
        ticket.callback = _callback(params)
    else:
        stop = read_ticks(i, params, "triggerPrice")
        if stop is None:
            raise missing("triggerPrice")
        ticket.stop = stop
    return _row(desk.algos.place(account, market, ticket))


def _closes_all(params: Params, kind: str) -> bool:
    if not flag(params, "closePosition"):
        return False
    if kind not in ("STOP_MARKET", "TAKE_PROFIT_MARKET"):
        raise Refused(-4136, f"Target strategy invalid for orderType {kind},closePosition true.")
    if "quantity" in params:
        raise Refused(-4137, "Quantity must be zero with closePosition equals true.")
    if "reduceOnly" in params:
        raise Refused(-1106, "Parameter 'reduceonly' sent when not required.")
    return True


def _callback(params: Params) -> int:
    required(params, "callbackRate")
    share, rest = divmod(Reader(params).decimal("callbackRate") or 0, _UNIT)
    if rest or not _LEAST_CALLBACK <= share <= _MOST_CALLBACK:
        raise Refused(-2007, "Invalid callBack rate.")
    return share


def _row(row: AlgoOrder) -> dict[str, Any]:
    i, ticket = row.instrument, row.ticket
    answer = {
        "algoId": row.id, "clientAlgoId": row.client_id, "algoType": "CONDITIONAL", "orderType": ticket.origin,
        "symbol": i.symbol, "side": "BUY" if ticket.side == BUY else "SELL", "positionSide": LEG_NAMES[ticket.leg],
        "timeInForce": ticket.tif, "quantity": i.qty_text(ticket.qty), "algoStatus": row.status,
        "triggerPrice": i.price_text(ticket.stop), "price": i.price_text(ticket.price or 0), "icebergQuantity": None,
        "selfTradePreventionMode": ticket.stp, "workingType": ticket.working, "priceMatch": ticket.price_match,
        "closePosition": ticket.close_all, "priceProtect": ticket.protect, "reduceOnly": ticket.reduce_only,
        "createTime": row.created, "updateTime": row.updated, "triggerTime": row.triggered,
        "goodTillDate": ticket.good_till,
    }  # fmt: skip
    if row.trailing:
        answer |= {
            "activatePrice": i.price_text(ticket.activation) if ticket.activation else "",
            "callbackRate": reports.percent(ticket.callback),
        }
    return answer


def _queried(row: AlgoOrder) -> dict[str, Any]:
    order = row.order
    average = reports.price8(order.average8, row.instrument.price_places) if order and order.filled else "0.00000"
    return {**_row(row), "actualOrderId": str(order.id) if order else "", "actualPrice": average}


def _find(desk: FuturesCounter, account: Account, params: Params) -> AlgoOrder | None:
    algo_id, name = whole(params, "algoId"), params.get("clientAlgoId")
    if algo_id is None and name is None:
        raise Refused(-1102, "Param 'algoid' or 'clientalgoid' must be sent, but both were empty/null!")
    return desk.algos.find(account, algo_id, name)


def cancel(desk: FuturesCounter, account: Account, params: Params) -> Any:
    """``algoOrder.cancel``: one that waits."""
    row = _find(desk, account, params)
    if row is None or not row.is_open:
        raise Refused(-2011, "Unknown order sent.")
    desk.algos.cancel(row)
    return {"algoId": row.id, "clientAlgoId": row.client_id, "code": "200", "msg": "success"}


def cancel_all(desk: FuturesCounter, account: Account, params: Params) -> Any:
    """All that wait in a symbol."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    for row in desk.algos.of(account).open(symbol):
        desk.algos.cancel(row)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def status(desk: FuturesCounter, account: Account, params: Params) -> Any:
    """One algo order."""
    row = _find(desk, account, params)
    if row is None:
        raise Refused(-2013, "Order does not exist.")
    return _queried(row)


def open_orders(desk: FuturesCounter, account: Account, params: Params) -> Any:
    """Those that wait, in a symbol or in all."""
    symbol = desk.instrument(params["symbol"]).symbol if "symbol" in params else None
    return [_queried(row) for row in desk.algos.of(account).open(symbol)]


def all_orders(desk: FuturesCounter, account: Account, params: Params) -> Any:
    """The algo orders of a symbol, waiting or not."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    first, (start, end) = whole(params, "algoId"), span(params)
    rows = [row for row in desk.algos.of(account).all(symbol) if row.id >= (first or 0) and start <= row.created <= end]
    return [_queried(row) for row in page(params, rows, first is not None or "startTime" in params)]
