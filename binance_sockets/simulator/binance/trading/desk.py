"""Where accounts meet the markets of spot and margin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from binance_sockets.simulator.accounts import Account, Accounts, amount_text, units
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket

__all__ = ["Desk"]


class Desk:
    """What the handlers work on. Everything here runs on the simulator's thread.

    Args:
        listing: the instruments, and their markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.
    """

    def __init__(
        self, listing: Listing, accounts: Accounts, now: Callable[[], int], look: Callable[[BinanceMarket], None]
    ) -> None:
        self.listing, self.accounts, self.now = listing, accounts, now
        self._look = look

    @property
    def milliseconds(self) -> int:
        """The simulator's time as Binance writes it."""
        return self.now() // 1000

    # money from outside

    def deposit(self, account: Account, asset: str, amount: str, wallet: str = "spot") -> None:
        """Credit a wallet, as an arrived deposit does; ``amount`` is a decimal text, negative for a withdrawal.

        Raises:
            Insufficient: less is free.
            ValueError: not an amount.
        """
        change = units(amount)
        account.wallet(wallet).add(asset, change)
        self.accounts.deposited[asset] += change
        self.tell_balance(account, wallet, asset, change)

    def tell_balance(self, account: Account, wallet: str, asset: str, change: int) -> None:
        """Tell listeners of a change that no trade made."""
        now = self.milliseconds
        account.updated_at = self.now()
        account.tell(wallet, {"e": "balanceUpdate", "E": now, "a": asset, "d": amount_text(change), "T": now})
        self.tell_position(account, wallet, [asset])

    def tell_position(self, account: Account, wallet: str, assets: list[str]) -> None:
        """Tell listeners what a wallet holds of some assets."""
        now, held = self.milliseconds, account.wallet(wallet)
        account.updated_at = self.now()
        rows: list[dict[str, Any]] = [
            {"a": asset, "f": amount_text(held.free(asset)), "l": amount_text(held.locked(asset))} for asset in assets
        ]
        account.tell(wallet, {"e": "outboundAccountPosition", "E": now, "u": now, "B": rows})
