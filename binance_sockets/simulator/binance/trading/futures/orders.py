"""Orders of accounts in futures markets: what was asked for, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from binance_sockets.simulator.accounts import NET, Account, Contract, MarginAccount, Position
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.market.book import BUY

__all__ = ["LEGS", "LEG_NAMES", "FuturesOrder", "OwnTrade", "Ticket"]

LEGS = {"BOTH": NET, "LONG": 1, "SHORT": -1}
LEG_NAMES = {leg: name for name, leg in LEGS.items()}
_OPEN = ("NEW", "PARTIALLY_FILLED")


@dataclass(slots=True, kw_only=True)
class Ticket:
    """An order as it was asked for. Prices are ticks, quantities lots.

    Args:
        side: ``BUY`` or ``SELL``.
        type: LIMIT or MARKET.
        qty: how much.
        tif: GTC, IOC, FOK, GTX or GTD.
        price: the limit.
        leg: which position it changes, one of :data:`LEGS`.
        reduce_only: whether it may only close.
        client_id: "" for one that the exchange makes.
        stp: self-trade prevention mode.
        price_match: which level of the book gave the price, or NONE.
        good_till: when a GTD order expires, ms; 0 for the others.
        origin: the type of the algo order that it came from; its own type otherwise.
        working: by which price that was triggered.
        stop: where that was triggered.
        protect: whether that was protected.
        close_all: whether it closes the whole position.
        activation: from where a trailing stop followed the price.
        callback: how far the price had to turn, in 1/100 of a percent.
    """

    side: int
    type: str
    qty: int
    tif: str = "GTC"
    price: int | None = None
    leg: int = NET
    reduce_only: bool = False
    client_id: str = ""
    stp: str = "EXPIRE_MAKER"
    price_match: str = "NONE"
    good_till: int = 0
    origin: str = ""
    working: str = "CONTRACT_PRICE"
    stop: int = 0
    protect: bool = False
    close_all: bool = False
    activation: int = 0
    callback: int = 0

    @property
    def closes(self) -> bool:
        """Whether it can only make a position smaller."""
        return self.reduce_only or self.close_all or self.leg == -self.side


class OwnTrade(NamedTuple):
    """A trade as one of its two orders saw it; time in ms, amounts in units of the margin asset."""

    id: int
    price: int
    qty: int
    value: int
    fee: int
    gain: int
    time: int
    maker: bool


@dataclass(slots=True, eq=False)
class FuturesOrder:
    """One order of an account. The desk changes it; others only read.

    Args:
        id: unique in its market.
        account: whose it is.
        market: where.
        contract: how that is settled.
        ticket: what was asked for.
        client_id: the user's name for it.
        created: ms.
        qty: in lots; modifications change it.
        price: in ticks, 0 for market orders; modifications change it.
        execution: TRADE, or CALCULATED for the orders of a liquidation.
        status: NEW, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, EXPIRED_IN_MATCH.
        updated: of its last change, ms.
        filled: lots.
        turnover: price times lots of its trades.
        value: of its trades, in units of the margin asset.
        expiry: why it expired, as ``er`` says it.
        changes: how often it was modified.
    """

    id: int
    account: Account
    market: BinanceMarket
    contract: Contract
    ticket: Ticket
    client_id: str
    created: int
    qty: int
    price: int
    execution: str = "TRADE"
    status: str = "NEW"
    updated: int = 0
    filled: int = 0
    turnover: int = 0
    value: int = 0
    expiry: str = "0"
    changes: int = 0
    trades: list[OwnTrade] = field(default_factory=list)

    @property
    def instrument(self) -> Listed:
        return self.market.instrument

    @property
    def margin(self) -> MarginAccount:
        """The positions of its account."""
        return self.account.margin(self.instrument.product)

    @property
    def position(self) -> Position:
        """What it changes."""
        return self.margin.position(self.contract, self.ticket.leg)

    @property
    def owner(self) -> str:
        """Under which name it stands in the matching engine."""
        return f"{self.account.uid}/{self.instrument.product}"

    @property
    def side(self) -> int:
        return self.ticket.side

    @property
    def side_name(self) -> str:
        return "BUY" if self.side == BUY else "SELL"

    @property
    def remaining(self) -> int:
        """Lots that can still be traded."""
        return self.qty - self.filled

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN

    @property
    def average8(self) -> int:
        """The average price of its trades, in steps of 1e-8."""
        return self.instrument.price8(self.turnover) // self.filled if self.filled else 0
