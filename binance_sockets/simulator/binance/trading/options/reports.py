"""Orders and positions of options in Binance's words: user events.

Source: options documentation (2026-08), "User Data Streams".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from binance_sockets.simulator.accounts import Position, Wallet, amount_text
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, OwnTrade
from binance_sockets.simulator.binance.trading.futures.reports import amount, price8
from binance_sockets.simulator.binance.trading.options.risk import OptionsRisk, listed_of

__all__ = ["account_update", "balance_position_update", "greek_update", "order_trade_update", "risk_level_change"]


def order_trade_update(
    order: FuturesOrder, kind: str, now: int, open_lots: tuple[int, int], trade: OwnTrade | None = None
) -> dict[str, Any]:
    """An ``ORDER_TRADE_UPDATE``.

    Args:
        order: as it is after the change.
        kind: ``x``: NEW, CANCELED, EXPIRED, TRADE.
        now: of the event, ms.
        open_lots: of the open orders of the symbol, those that buy and those that sell.
        trade: what was traded; only then there is a fee.
    """
    i, ticket = order.instrument, order.ticket
    paid = {"N": order.contract.asset, "n": amount_text(-trade.fee)} if trade else {}
    body = {
        "s": i.symbol, "c": order.client_id, "S": order.side_name, "o": ticket.type, "f": ticket.tif,
        "q": i.qty_text(order.qty), "p": i.price_text(order.price), "ap": price8(order.average8, i.price_places),
        "x": kind, "X": order.status, "i": order.id, "l": i.qty_text(trade.qty if trade else 0),
        "z": i.qty_text(order.filled), "L": i.price_text(trade.price if trade else 0), **paid, "T": order.updated,
        "t": trade.id if trade else 0, "b": i.qty_text(open_lots[0]), "a": i.qty_text(open_lots[1]),
        "m": trade is not None and trade.maker, "R": ticket.reduce_only, "ot": ticket.type,
        "rp": amount(trade.gain) if trade else "0", "V": ticket.stp,
    }  # fmt: skip
    return {"e": "ORDER_TRADE_UPDATE", "E": now, "T": order.updated, "o": body}


def balance_position_update(
    now: int, reason: str, wallet: Wallet, changes: dict[str, int], positions: Iterable[Position], risk: OptionsRisk
) -> dict[str, Any]:
    """A ``BALANCE_POSITION_UPDATE``.

    Args:
        now: ms.
        reason: DEPOSIT, WITHDRAW, ORDER and others.
        wallet: as it is after the change.
        changes: assets to what came or went beside premiums and fees.
        positions: that have changed.
        risk: of the account.
    """
    balances = [
        {"a": asset, "b": amount_text(wallet.total(asset)), "bc": amount(change)} for asset, change in changes.items()
    ]
    rows = [
        {
            "s": row.contract.symbol, "c": listed_of(row.contract).qty_text(row.qty),
            "p": amount_text(row.side * risk.worth(row)), "a": amount_text(row.entry8),
        }
        for row in positions
    ]  # fmt: skip
    return {"e": "BALANCE_POSITION_UPDATE", "E": now, "T": now, "m": reason, "B": balances, "P": rows}


def account_update(now: int, asset: str, risk: OptionsRisk) -> dict[str, Any]:
    """An ``ACCOUNT_UPDATE``."""
    row, value = risk.asset(asset), risk.value(asset)
    return {
        "e": "ACCOUNT_UPDATE", "E": now, "T": now, "eq": amount_text(row.wallet + value),
        "aeq": amount_text(row.wallet + risk.bought(asset)), "b": amount_text(row.wallet), "m": amount_text(value),
        "u": amount_text(row.profit), "i": amount_text(row.held + row.orders), "M": amount_text(row.kept),
    }  # fmt: skip


def greek_update(now: int, risk: OptionsRisk) -> dict[str, Any]:
    """A ``GREEK_UPDATE``."""
    rows = [
        {"u": row.underlying, "d": f"{row.delta:.8f}", "g": f"{row.gamma:.8f}", "t": f"{row.theta:.8f}",
         "v": f"{row.vega:.8f}"}
        for row in risk.greeks(now * 1000)
    ]  # fmt: skip
    return {"e": "GREEK_UPDATE", "E": now, "T": now, "G": rows}


def risk_level_change(now: int, level: str, balance: int, kept: int) -> dict[str, Any]:
    """A ``RISK_LEVEL_CHANGE`` to NORMAL or REDUCE_ONLY."""
    return {"e": "RISK_LEVEL_CHANGE", "E": now, "s": level, "mb": amount_text(balance), "mm": amount_text(kept)}
