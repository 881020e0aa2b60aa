"""Calls that tell about an account."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account, amount_text
from binance_sockets.simulator.binance.trading.calls import Params
from binance_sockets.simulator.binance.trading.desk import Desk

__all__ = ["status"]


def status(desk: Desk, account: Account, params: Params) -> Any:
    """``account.status``: rates, permissions and balances of the spot wallet."""
    wallet, fees = account.wallet("spot"), account.fees
    omit = params.get("omitZeroBalances") == "true"
    return {
        "makerCommission": fees.maker // 10_000, "takerCommission": fees.taker // 10_000, "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": amount_text(fees.maker), "taker": amount_text(fees.taker), "buyer": "0.00000000",
            "seller": "0.00000000",
        },
        "canTrade": account.can_trade, "canWithdraw": True, "canDeposit": True, "brokered": False,
        "requireSelfTradePrevention": False, "preventSor": False, "updateTime": account.updated_at // 1000,
        "accountType": "SPOT",
        "balances": [
            {"asset": a, "free": amount_text(wallet.free(a)), "locked": amount_text(wallet.locked(a))}
            for a in wallet.assets if wallet.total(a) or not omit
        ],
        "permissions": ["SPOT"], "uid": account.uid,
    }  # fmt: skip
