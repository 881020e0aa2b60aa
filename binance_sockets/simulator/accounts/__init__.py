"""Who trades on the embedded exchanges: accounts, their keys, and what they own. No exchange's words in here."""

from binance_sockets.simulator.accounts.accounts import PERMISSIONS, Account, Accounts, Fees, Key, Sink
from binance_sockets.simulator.accounts.margin import MarginAccount, Terms, margin_needed
from binance_sockets.simulator.accounts.positions import LONG, NET, SHORT, Contract, Position
from binance_sockets.simulator.accounts.wallets import PLACES, Insufficient, Wallet, amount_text, units

__all__ = [
    "LONG",
    "NET",
    "PERMISSIONS",
    "PLACES",
    "SHORT",
    "Account",
    "Accounts",
    "Contract",
    "Fees",
    "Insufficient",
    "Key",
    "MarginAccount",
    "Position",
    "Sink",
    "Terms",
    "Wallet",
    "amount_text",
    "margin_needed",
    "units",
]
