"""Calls that tell about an account."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account, Wallet, amount_text
from binance_sockets.simulator.binance.filters import filters
from binance_sockets.simulator.binance.trading.calls import Params
from binance_sockets.simulator.binance.trading.reading import required
from binance_sockets.simulator.binance.trading.spot.desk import Desk
from binance_sockets.simulator.binance.trading.spot.placing import commission_rates

__all__ = ["balances", "commission", "my_filters", "order_counts", "status", "trade_fees"]


def status(desk: Desk, account: Account, params: Params) -> Any:
    """``account.status``: rates, permissions and balances of the spot wallet."""
    fees = account.fees
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
        "balances": balances(account.wallet("spot"), omit_zeros=params.get("omitZeroBalances", "").lower() == "true"),
        "permissions": ["SPOT"], "uid": account.uid,
    }  # fmt: skip


def balances(wallet: Wallet, *, omit_zeros: bool = False) -> list[dict[str, str]]:
    """What a wallet holds, in order of arrival."""
    return [
        {"asset": asset, "free": amount_text(wallet.free(asset)), "locked": amount_text(wallet.locked(asset))}
        for asset in wallet.assets
        if wallet.total(asset) or not omit_zeros
    ]


def commission(desk: Desk, account: Account, params: Params) -> Any:
    """``account.commission``: what the account pays in a symbol."""
    return {"symbol": desk.instrument(required(params, "symbol")).symbol, **commission_rates(account)}


def trade_fees(desk: Desk, account: Account, params: Params) -> Any:
    """What the account pays in a symbol, or in all of them; REST alone has it, below ``/sapi``."""
    symbols = [desk.instrument(params["symbol"]).symbol] if "symbol" in params else desk.listing.listed["spot"]
    maker, taker = (amount_text(fee).rstrip("0") for fee in (account.fees.maker, account.fees.taker))
    return [{"symbol": symbol, "makerCommission": maker, "takerCommission": taker} for symbol in symbols]


def order_counts(desk: Desk, account: Account, params: Params) -> Any:
    """``account.rateLimits.orders``: how many unfilled orders count against the limits."""
    return desk.counts.rows(account, desk.now())


def my_filters(desk: Desk, account: Account, params: Params) -> Any:
    """``myFilters``: the rules that hold for the account in a symbol."""
    instrument = desk.instrument(required(params, "symbol"))
    return {"exchangeFilters": [], "symbolFilters": filters(instrument), "assetFilters": []}
