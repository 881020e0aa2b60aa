"""Orders and trades of futures in Binance's words: the answers of calls."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import amount_text
from binance_sockets.simulator.binance.trading.futures import reports
from binance_sockets.simulator.binance.trading.futures.orders import LEG_NAMES, FuturesOrder, OwnTrade
from binance_sockets.simulator.market.book import BUY

__all__ = ["order_row", "placed", "trade_row"]


def placed(order: FuturesOrder, *, result: bool = True) -> dict[str, Any]:
    """The answer to a placed, changed or cancelled order.

    Args:
        order: as it is.
        result: whether it tells what has become of it; otherwise only that it was taken.
    """
    i, ticket = order.instrument, order.ticket
    coin = i.product == "coinm"
    filled = order.filled if result else 0
    row: dict[str, Any] = {
        "orderId": order.id, "symbol": i.symbol, **({"pair": i.pair} if coin else {}),
        "status": order.status if result else "NEW", "clientOrderId": order.client_id,
        "price": i.price_text(order.price) if order.price or not coin else "0", "origQty": i.qty_text(order.qty),
        "executedQty": i.qty_text(filled), "cumQty": i.qty_text(filled), "timeInForce": ticket.tif,
        "type": ticket.type, "reduceOnly": ticket.reduce_only or ticket.close_all, "closePosition": ticket.close_all,
        "side": order.side_name, "positionSide": LEG_NAMES[ticket.leg],
        "stopPrice": i.price_text(ticket.stop) if ticket.stop or not coin else "0", "workingType": ticket.working,
        "priceProtect": ticket.protect, "origType": ticket.origin or ticket.type,
    }  # fmt: skip
    if not coin:
        row |= {
            "priceMatch": ticket.price_match, "selfTradePreventionMode": ticket.stp, "goodTillDate": ticket.good_till,
        }  # fmt: skip
    return {**row, "updateTime": order.updated}


def order_row(order: FuturesOrder) -> dict[str, Any]:
    """One row of the calls that ask for orders."""
    i, ticket = order.instrument, order.ticket
    sums = {"cumBase" if i.product == "coinm" else "cumQuote": reports.notional(i, order.value)}
    return {
        **placed(order), "avgPrice": reports.price8(order.average8, i.price_places) if order.filled else "0.00000",
        **sums, "priceMatch": ticket.price_match, "selfTradePreventionMode": ticket.stp, "time": order.created,
    }  # fmt: skip


def trade_row(order: FuturesOrder, trade: OwnTrade) -> dict[str, Any]:
    """One row of ``userTrades``."""
    i = order.instrument
    coin = i.product == "coinm"
    value = {"baseQty": amount_text(trade.value)} if coin else {"quoteQty": reports.short(trade.value)}
    return {
        "symbol": i.symbol, **({"pair": i.pair, "marginAsset": order.contract.asset} if coin else {}), "id": trade.id,
        "orderId": order.id, "side": order.side_name, "price": i.price_text(trade.price),
        "qty": i.qty_text(trade.qty), "realizedPnl": amount_text(trade.gain), **value,
        "commission": amount_text(trade.fee), "commissionAsset": order.contract.asset, "time": trade.time,
        "positionSide": LEG_NAMES[order.ticket.leg], "buyer": order.side == BUY, "maker": trade.maker,
    }  # fmt: skip
