"""Who trades on the embedded exchanges: accounts, their keys, and what they own. No exchange's words in here."""

from binance_sockets.simulator.accounts.accounts import PERMISSIONS, Account, Accounts, Fees, Key, Sink
from binance_sockets.simulator.accounts.wallets import PLACES, Insufficient, Wallet, amount_text, units

__all__ = [
    "PERMISSIONS",
    "PLACES",
    "Account",
    "Accounts",
    "Fees",
    "Insufficient",
    "Key",
    "Sink",
    "Wallet",
    "amount_text",
    "units",
]
