"""What clients ask of ``/sapi`` before they trade: which pairs margin has, and which coins there are."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account, amount_text
from binance_sockets.simulator.binance.listing import Listing

__all__ = ["coins", "isolated_pairs", "margin_pairs"]


def margin_pairs(listing: Listing) -> list[dict[str, Any]]:
    """``/sapi/v1/margin/allPairs``."""
    return [{"id": number, **row} for number, row in enumerate(isolated_pairs(listing), 1)]


def isolated_pairs(listing: Listing) -> list[dict[str, Any]]:
    """``/sapi/v1/margin/isolated/allPairs``."""
    return [
        {
            "symbol": row.symbol, "base": row.base, "quote": row.quote, "isMarginTrade": True, "isBuyAllowed": True,
            "isSellAllowed": True,
        }
        for row in listing.listed["spot"].values()
    ]  # fmt: skip


def coins(listing: Listing, account: Account) -> list[dict[str, Any]]:
    """``/sapi/v1/capital/config/getall``: every coin, with what the account has of it."""
    wallet = account.wallet("spot")
    names = {name: None for row in listing.listed["spot"].values() for name in (row.base, row.quote)}
    return [
        {
            "coin": name, "name": name, "free": amount_text(wallet.free(name)), "freeze": "0",
            "locked": amount_text(wallet.locked(name)), "withdrawing": "0", "ipoable": "0", "ipoing": "0",
            "storage": "0", "isLegalMoney": False, "trading": True, "depositAllEnable": True,
            "withdrawAllEnable": True, "networkList": [_network(name)],
        }
        for name in names
    ]  # fmt: skip


def _network(coin: str) -> dict[str, Any]:
    return {
        "network": coin, "coin": coin, "name": coin, "isDefault": True, "depositEnable": True, "withdrawEnable": True,
        "depositDesc": "", "withdrawDesc": "", "specialTips": "", "resetAddressStatus": False, "addressRegex": "",
        "memoRegex": "", "withdrawFee": "0", "withdrawMin": "0", "withdrawMax": "9999999999",
        "withdrawIntegerMultiple": "0.00000001", "minConfirm": 1, "unLockConfirm": 1, "sameAddress": False,
        "estimatedArrivalTime": 1, "busy": False, "contractAddress": "", "contractAddressUrl": "",
    }  # fmt: skip
