"""Trading calls behind the limit of unfilled orders, the same for REST and the WebSocket API."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.trading import Call, Office
from binance_sockets.simulator.binance.trading.calls import Params, Refused

__all__ = ["order_headers", "perform"]


def perform(call: Call, desk: Office, account: Account, params: Params) -> Any:
    """Do a call of the trading interface, and count its orders.

    Raises:
        Refused: -1015 beyond the limits; or by the call.
    """
    limit = desk.counts.exceeded(account, call.orders, desk.now())
    if limit is not None:
        return call(desk, account, params, Refused(-1015, f"Too many new orders; current limit is {limit}.", 429))
    if not call.orders:
        return call(desk, account, params)
    desk.counts.add(account, call.orders, desk.now())  # before they are filled, which takes them back
    try:
        return call(desk, account, params)
    except Refused as refused:
        if (refused.data or {}).get("newOrderResult") != "SUCCESS":  # of a cancel-replace that half succeeded
            desk.counts.add(account, -call.orders, desk.now())
        raise


def order_headers(desk: Office, account: Account) -> dict[str, str]:
    """The counts of an account as REST tells them."""
    return {
        f"X-MBX-ORDER-COUNT-{row['intervalNum']}{row['interval'][0]}": str(row["count"])
        for row in desk.counts.rows(account, desk.now())
    }
