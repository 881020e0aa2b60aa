"""Orders in Binance's words: user events, and the answers of calls."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import amount_text
from binance_sockets.simulator.binance.trading.spot.orders import Amendment, Match, OrderList, OwnTrade, SpotOrder
from binance_sockets.simulator.market.book import BUY

__all__ = [
    "amended",
    "amendment_row",
    "cancelled",
    "execution_report",
    "list_placed",
    "list_row",
    "list_status",
    "match_row",
    "placed",
    "queried",
    "trade_row",
]

_ZERO = "0.00000000"


def execution_report(
    order: SpotOrder,
    kind: str,
    now: int,
    execution_id: int,
    *,
    trade: OwnTrade | None = None,
    match: Match | None = None,
    client_id: str = "",
    reason: str = "NONE",
) -> dict[str, Any]:
    """An ``executionReport``.

    Args:
        order: as it is after the change.
        kind: ``x``: NEW, CANCELED, REPLACED, TRADE, EXPIRED, TRADE_PREVENTION.
        now: of the event, ms.
        execution_id: ``I``.
        trade: what was traded.
        match: what was prevented.
        client_id: of the request that changed it; its own by default.
        reason: ``r``.
    """
    i, ticket = order.instrument, order.ticket
    event = {
        "e": "executionReport", "E": now, "s": i.symbol, "c": client_id or order.client_id,
        "S": _side(order), "o": ticket.type, "f": ticket.tif, "q": i.qty_text(order.qty), "p": _price(order),
        "P": i.price_text(ticket.stop) if ticket.stop else _ZERO, "F": i.qty_text(ticket.iceberg), "g": _list_id(order),
        "C": order.client_id if client_id and client_id != order.client_id else "", "x": kind, "X": order.status,
        "r": reason, "i": order.id, "l": i.qty_text(trade.qty) if trade else _ZERO, "z": i.qty_text(order.filled),
        "L": i.price_text(trade.price) if trade else _ZERO, "n": amount_text(trade.fee) if trade else "0",
        "N": trade.fee_asset if trade else None, "T": order.updated, "t": trade.id if trade else -1,
        "I": execution_id, "w": order.is_open and order.working, "m": trade is not None and trade.maker,
        "M": False, "O": order.created, "Z": amount_text(order.quote),
        "Y": amount_text(trade.quote) if trade else _ZERO, "Q": amount_text(ticket.quote_qty or 0), "V": ticket.stp,
    }  # fmt: skip
    if order.working:
        event["W"] = order.working_at
    if ticket.trailing is not None:
        event |= {"d": ticket.trailing, "D": order.trail_started}
    if ticket.strategy_id is not None:
        event["j"] = ticket.strategy_id
    if ticket.strategy_type is not None:
        event["J"] = ticket.strategy_type
    if match is not None:
        event |= _prevention(order, match)
    if order.expiry and kind == "EXPIRED":
        event["eR"] = order.expiry
    return event


def _prevention(order: SpotOrder, match: Match) -> dict[str, Any]:
    i = order.instrument
    counter = match.maker if order is match.taker else match.taker
    lost = match.taker_qty if order is match.taker else match.maker_qty
    quote = i.turnover_text(i.turnover(match.price, lost))
    return {
        "v": match.id, "A": i.qty_text(order.prevented), "B": i.qty_text(lost), "u": -1, "U": counter.id,
        "Cs": i.symbol, "pl": i.qty_text(lost), "pL": i.price_text(match.price), "pY": quote,
    }  # fmt: skip


def list_status(row: OrderList, now: int) -> dict[str, Any]:
    """A ``listStatus`` event."""
    return {
        "e": "listStatus", "E": now, "s": _symbol(row), "g": row.id, "c": row.contingency, "l": row.status,
        "L": row.order_status, "r": "NONE", "C": row.client_id, "T": row.time,
        "O": [{"s": _symbol(row), "i": order.id, "c": order.client_id} for order in row.orders],
    }  # fmt: skip


def _symbol(row: OrderList) -> str:
    return row.orders[0].instrument.symbol


def _side(order: SpotOrder) -> str:
    return "BUY" if order.side == BUY else "SELL"


def _price(order: SpotOrder) -> str:
    price = order.ticket.price
    return order.instrument.price_text(price) if price else _ZERO


def _list_id(order: SpotOrder) -> int:
    return order.order_list.id if order.order_list is not None else -1


# answers


def placed(order: SpotOrder, response: str) -> dict[str, Any]:
    """The answer to a placed order; ``response`` is ACK, RESULT or FULL."""
    answer: dict[str, Any] = {
        "symbol": order.instrument.symbol, "orderId": order.id, "orderListId": _list_id(order),
        "clientOrderId": order.client_id, "transactTime": order.updated,
    }  # fmt: skip
    if response == "ACK":
        return answer
    answer |= {**_facts(order), "workingTime": order.working_at}
    if response == "FULL":
        answer["fills"] = [_fill(order, trade) for trade in order.trades]
        taken = [match for match in order.matches if match.taker is order]
        if taken:
            answer["preventedMatches"] = [_short_match(match) for match in taken]
    return {**answer, **_conditional(order), "selfTradePreventionMode": order.ticket.stp}


def _facts(order: SpotOrder) -> dict[str, Any]:
    i = order.instrument
    return {
        "price": _price(order), "origQty": i.qty_text(order.qty), "executedQty": i.qty_text(order.filled),
        "origQuoteOrderQty": amount_text(order.ticket.quote_qty or 0),
        "cummulativeQuoteQty": amount_text(order.quote), "status": order.status, "timeInForce": order.ticket.tif,
        "type": order.ticket.type, "side": _side(order),
    }  # fmt: skip


def _conditional(order: SpotOrder) -> dict[str, Any]:
    """The fields that only some orders have."""
    i, ticket = order.instrument, order.ticket
    fields: dict[str, Any] = {}
    if ticket.contingent:
        fields["stopPrice"] = i.price_text(ticket.stop) if ticket.stop else _ZERO
    if ticket.iceberg:
        fields["icebergQty"] = i.qty_text(ticket.iceberg)
    if ticket.trailing is not None:
        fields |= {"trailingDelta": ticket.trailing, "trailingTime": order.trail_started}
    if ticket.strategy_id is not None:
        fields["strategyId"] = ticket.strategy_id
    if ticket.strategy_type is not None:
        fields["strategyType"] = ticket.strategy_type
    if order.prevented:
        fields |= {"preventedMatchId": order.matches[-1].id, "preventedQuantity": i.qty_text(order.prevented)}
    if order.expiry:
        fields["expiryReason"] = order.expiry
    return fields


def _fill(order: SpotOrder, trade: OwnTrade) -> dict[str, Any]:
    i = order.instrument
    return {
        "price": i.price_text(trade.price), "qty": i.qty_text(trade.qty), "commission": amount_text(trade.fee),
        "commissionAsset": trade.fee_asset, "tradeId": trade.id,
    }  # fmt: skip


def _short_match(match: Match) -> dict[str, Any]:
    i = match.taker.instrument
    row: dict[str, Any] = {
        "preventedMatchId": match.id, "makerOrderId": match.maker.id, "price": i.price_text(match.price),
    }  # fmt: skip
    if match.taker_qty:
        row["takerPreventedQuantity"] = i.qty_text(match.taker_qty)
    if match.maker_qty:
        row["makerPreventedQuantity"] = i.qty_text(match.maker_qty)
    return row


def match_row(match: Match) -> dict[str, Any]:
    """One row of ``myPreventedMatches``."""
    short = _short_match(match)
    symbol = match.taker.instrument.symbol
    return {
        "symbol": symbol, "preventedMatchId": match.id, "takerOrderId": match.taker.id, "makerSymbol": symbol,
        "makerOrderId": match.maker.id, "tradeGroupId": -1, "selfTradePreventionMode": match.mode, **short,
        "transactTime": match.time,
    }  # fmt: skip


def cancelled(order: SpotOrder, cancel_id: str) -> dict[str, Any]:
    """The answer to a cancel; ``cancel_id`` is the request's own client order id."""
    return {
        "symbol": order.instrument.symbol, "origClientOrderId": order.client_id, "orderId": order.id,
        "orderListId": _list_id(order), "clientOrderId": cancel_id, "transactTime": order.updated, **_facts(order),
        **_conditional(order), "selfTradePreventionMode": order.ticket.stp,
    }  # fmt: skip


def queried(order: SpotOrder) -> dict[str, Any]:
    """One row of the calls that ask for orders."""
    i = order.instrument
    return {
        "symbol": i.symbol, "orderId": order.id, "orderListId": _list_id(order), "clientOrderId": order.client_id,
        **_facts(order), "stopPrice": _ZERO, "icebergQty": i.qty_text(order.ticket.iceberg), "time": order.created,
        "updateTime": order.updated, "isWorking": order.working, "workingTime": order.working_at,
        **_conditional(order), "selfTradePreventionMode": order.ticket.stp,
    }  # fmt: skip


def amended(order: SpotOrder, old_client_id: str) -> dict[str, Any]:
    """The order in the answer to an amendment."""
    i = order.instrument
    row = {
        "symbol": i.symbol, "orderId": order.id, "orderListId": _list_id(order), "origClientOrderId": old_client_id,
        "clientOrderId": order.client_id, "price": _price(order), "qty": i.qty_text(order.qty),
        "executedQty": i.qty_text(order.filled), "preventedQty": i.qty_text(order.prevented),
        "quoteOrderQty": amount_text(order.ticket.quote_qty or 0), "cumulativeQuoteQty": amount_text(order.quote),
        "status": order.status, "timeInForce": order.ticket.tif, "type": order.ticket.type, "side": _side(order),
    }  # fmt: skip
    if order.working:
        row["workingTime"] = order.working_at
    return {**row, **_conditional(order), "selfTradePreventionMode": order.ticket.stp}


def amendment_row(order: SpotOrder, change: Amendment) -> dict[str, Any]:
    """One row of ``order.amendments``."""
    i = order.instrument
    return {
        "symbol": i.symbol, "orderId": order.id, "executionId": change.execution_id,
        "origClientOrderId": change.old_client_id, "newClientOrderId": change.new_client_id,
        "origQty": i.qty_text(change.old_qty), "newQty": i.qty_text(change.new_qty), "time": change.time,
    }  # fmt: skip


def trade_row(order: SpotOrder, trade: OwnTrade) -> dict[str, Any]:
    """One row of ``myTrades``."""
    return {
        "symbol": order.instrument.symbol, "id": trade.id, "orderId": order.id, "orderListId": _list_id(order),
        **{key: value for key, value in _fill(order, trade).items() if key != "tradeId"},
        "quoteQty": amount_text(trade.quote), "time": trade.time, "isBuyer": order.side == BUY,
        "isMaker": trade.maker, "isBestMatch": True,
    }  # fmt: skip


def list_row(row: OrderList) -> dict[str, Any]:
    """An order list as queries show it."""
    symbol = _symbol(row)
    return {
        "orderListId": row.id, "contingencyType": row.contingency, "listStatusType": row.status,
        "listOrderStatus": row.order_status, "listClientOrderId": row.client_id, "transactionTime": row.time,
        "symbol": symbol,
        "orders": [{"symbol": symbol, "orderId": order.id, "clientOrderId": order.client_id} for order in row.orders],
    }  # fmt: skip


def list_placed(row: OrderList, response: str) -> dict[str, Any]:
    """The answer to a placed order list."""
    return {**list_row(row), "orderReports": [placed(order, response) for order in row.orders]}
