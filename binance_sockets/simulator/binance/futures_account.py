"""What USD-M tells about an account: its wallet. Nobody can trade there yet, so every position is empty."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account, amount_text
from binance_sockets.simulator.binance.listing import Listing

__all__ = ["usdm_account"]

_ZERO = amount_text(0)
_SUMS = (
    "totalInitialMargin", "totalMaintMargin", "totalUnrealizedProfit", "totalPositionInitialMargin",
    "totalOpenOrderInitialMargin", "totalCrossUnPnl",
)  # fmt: skip
_OWNED = (
    "totalWalletBalance",
    "totalMarginBalance",
    "totalCrossWalletBalance",
    "availableBalance",
    "maxWithdrawAmount",
)
_VALUE = "USDT"


def usdm_account(account: Account, listing: Listing) -> Any:
    """``/fapi/v2/account``: the balances, in the first fee tier, and a row for each symbol."""
    wallet = account.wallet("usdm")
    owned = amount_text(wallet.total(_VALUE))
    return {
        "feeTier": 0, "feeBurn": True, "canTrade": account.can_trade, "canDeposit": True, "canWithdraw": True,
        "updateTime": 0, "multiAssetsMargin": False, "tradeGroupId": -1,
        **dict.fromkeys(_SUMS, _ZERO), **dict.fromkeys(_OWNED, owned),
        "assets": [_asset(asset, amount_text(wallet.total(asset))) for asset in wallet.assets],
        "positions": [_position(symbol) for symbol in listing.listed["usdm"]],
    }  # fmt: skip


def _asset(asset: str, owned: str) -> dict[str, Any]:
    return {
        "asset": asset, "walletBalance": owned, "unrealizedProfit": _ZERO, "marginBalance": owned,
        "maintMargin": _ZERO, "initialMargin": _ZERO, "positionInitialMargin": _ZERO, "openOrderInitialMargin": _ZERO,
        "maxWithdrawAmount": owned, "crossWalletBalance": owned, "crossUnPnl": _ZERO, "availableBalance": owned,
        "marginAvailable": True, "updateTime": 0,
    }  # fmt: skip


def _position(symbol: str) -> dict[str, Any]:
    return {
        "symbol": symbol, "initialMargin": "0", "maintMargin": "0", "unrealizedProfit": _ZERO,
        "positionInitialMargin": "0", "openOrderInitialMargin": "0", "leverage": "20", "isolated": False,
        "entryPrice": "0.0", "breakEvenPrice": "0.0", "maxNotional": "250000", "positionSide": "BOTH",
        "positionAmt": "0", "notional": "0", "isolatedWallet": "0", "updateTime": 0, "bidNotional": "0",
        "askNotional": "0",
    }  # fmt: skip
