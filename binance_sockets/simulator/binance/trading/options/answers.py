"""Orders, trades and positions of options in Binance's words: the answers of calls.

Source: options documentation (2026-08), "Trade", "Account". The examples of ``historyOrders`` and ``userTrades`` have
quantities below zero for what was sold, the others have not.
"""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import PLACES, Position, amount_text
from binance_sockets.simulator.binance.payloads import delivery_ms
from binance_sockets.simulator.binance.products import Listed
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, OwnTrade
from binance_sockets.simulator.binance.trading.futures.reports import price8
from binance_sockets.simulator.binance.trading.options.risk import OptionsRisk, listed_of
from binance_sockets.simulator.market.instruments import power

__all__ = ["exercise_row", "history_row", "order_row", "placed", "position_row", "trade_row", "trade_row_id"]

_FIRST_ROW = 4_611_875_134_427_365_376


def _scales(i: Listed) -> dict[str, Any]:
    return {
        "priceScale": i.price_places, "quantityScale": i.qty_places, "optionSide": i.contract, "quoteAsset": i.quote,
    }  # fmt: skip


def _quantity8(i: Listed, qty: int) -> str:
    return amount_text(qty * power(PLACES - i.qty_places))


def order_row(order: FuturesOrder) -> dict[str, Any]:
    """One order, as the calls that ask for orders tell of it."""
    i, ticket = order.instrument, order.ticket
    return {
        "orderId": order.id, "symbol": i.symbol, "price": i.price_text(order.price),
        "quantity": i.qty_text(order.qty), "executedQty": i.qty_text(order.filled), "side": order.side_name,
        "type": ticket.type, "timeInForce": ticket.tif, "reduceOnly": ticket.reduce_only,
        "postOnly": ticket.tif == "GTX", "createTime": order.created, "updateTime": order.updated,
        "status": order.status, "avgPrice": price8(order.average8, i.price_places), "clientOrderId": order.client_id,
        **_scales(i), "mmp": False, "selfTradePreventionMode": ticket.stp,
    }  # fmt: skip


def placed(order: FuturesOrder, *, result: bool = True) -> dict[str, Any]:
    """The answer to a placed or cancelled order.

    Args:
        order: as it is.
        result: whether it tells what has become of it; otherwise only that it was taken.
    """
    fee = sum(trade.fee for trade in order.trades) if result else 0
    row = {**order_row(order), "fee": amount_text(fee), "source": "API"}
    return row if result else {**row, "executedQty": order.instrument.qty_text(0), "status": "NEW", "avgPrice": "0"}


def history_row(order: FuturesOrder) -> dict[str, Any]:
    """One row of ``historyOrders``."""
    i, side = order.instrument, order.side
    return {
        **order_row(order), "price": amount_text(i.price8(order.price)), "avgPrice": amount_text(order.average8),
        "quantity": _quantity8(i, side * order.qty), "executedQty": _quantity8(i, side * order.filled),
    }  # fmt: skip


def trade_row_id(trade: OwnTrade) -> int:
    """By which ``userTrades`` counts, while events tell the trade's own id."""
    return _FIRST_ROW + trade.id


def trade_row(order: FuturesOrder, trade: OwnTrade) -> dict[str, Any]:
    """One row of ``userTrades``."""
    i = order.instrument
    return {
        "id": trade_row_id(trade), "tradeId": trade.id, "orderId": order.id, "symbol": i.symbol,
        "price": amount_text(i.price8(trade.price)), "quantity": _quantity8(i, order.side * trade.qty),
        "fee": amount_text(trade.fee), "realizedProfit": amount_text(trade.gain), "side": order.side_name,
        "type": order.ticket.type, "liquidity": "MAKER" if trade.maker else "TAKER", "time": trade.time, **_scales(i),
    }  # fmt: skip


def position_row(position: Position, risk: OptionsRisk, now: int) -> dict[str, Any]:
    """One row of ``position``; ``now`` is in ms."""
    i = listed_of(position.contract)
    bids, asks = risk.quantities(position.contract)
    return {
        "entryPrice": amount_text(position.entry8), "symbol": i.symbol, "side": _leg(position.side),
        "quantity": i.qty_text(position.qty), "markValue": amount_text(risk.worth(position)),
        "unrealizedPNL": amount_text(risk.profit(position)), "markPrice": amount_text(risk.mark(position.contract)),
        "strikePrice": f"{i.strike:g}", "expiryDate": delivery_ms(i.delivery), **_scales(i), "time": now,
        "bidQuantity": i.qty_text(bids), "askQuantity": i.qty_text(asks),
    }  # fmt: skip


def exercise_row(number: int, position: Position, amount: int, price: int, time: int) -> dict[str, Any]:
    """One row of ``exerciseRecord``.

    Args:
        number: of the record.
        position: before it was settled.
        amount: what it has brought, below zero for what it has cost.
        price: that what is underlying was settled at, in steps of 1e-8.
        time: ms.
    """
    i = listed_of(position.contract)
    return {
        "id": str(number), "currency": i.quote, "symbol": i.symbol, "exercisePrice": amount_text(price),
        "quantity": _quantity8(i, position.size), "amount": amount_text(amount), "fee": amount_text(0),
        "createDate": time, **_scales(i), "positionSide": _leg(position.side),
    }  # fmt: skip


def _leg(side: int) -> str:
    return "LONG" if side > 0 else "SHORT"
