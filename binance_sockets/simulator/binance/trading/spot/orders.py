"""Orders of accounts in spot markets: what was asked for, and what has become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from binance_sockets.simulator.accounts import PLACES, Account, Wallet
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.instruments import power

__all__ = [
    "CONTINGENT",
    "TYPES",
    "Amendment",
    "Hold",
    "Match",
    "OrderList",
    "OwnTrade",
    "SpotOrder",
    "Ticket",
    "base_units",
    "quote_units",
]

CONTINGENT = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
TYPES = frozenset({"LIMIT", "MARKET", "LIMIT_MAKER"}) | CONTINGENT
_MARKETS = frozenset({"MARKET", "STOP_LOSS", "TAKE_PROFIT"})


def base_units(i: Listed, qty: int) -> int:
    """A quantity in whole units of the base asset."""
    return qty * power(PLACES - i.qty_places)


def quote_units(i: Listed, price: int, qty: int, *, up: bool = False) -> int:
    """A value in whole units of the quote asset, rounded down, or up on request."""
    value, places = price * qty, i.turnover_places
    if places <= PLACES:
        return value * power(PLACES - places)
    return -(-value // power(places - PLACES)) if up else value // power(places - PLACES)


@dataclass(slots=True, kw_only=True)
class Ticket:
    """An order as it was asked for. Prices are ticks, quantities lots.

    Args:
        side: ``BUY`` or ``SELL``.
        type: one of :data:`TYPES`.
        tif: GTC, IOC or FOK.
        qty: ``None`` where ``quote_qty`` decides, or what another order receives.
        quote_qty: what to spend or receive, in units of the quote asset.
        price: the limit.
        stop: where a contingent order is triggered.
        trailing: how far the price must turn, in 1/100 of a percent.
        iceberg: how much the book shows at a time; 0 for all.
        client_id: "" for one that the exchange makes.
        stp: self-trade prevention mode.
        strategy_id: the user's mark.
        strategy_type: the user's other mark.
        repays: whether what it receives pays back what is owed of it.
    """

    side: int
    type: str
    tif: str = "GTC"
    qty: int | None = None
    quote_qty: int | None = None
    price: int | None = None
    stop: int | None = None
    trailing: int | None = None
    iceberg: int = 0
    client_id: str = ""
    stp: str = "EXPIRE_MAKER"
    strategy_id: int | None = None
    strategy_type: int | None = None
    repays: bool = False

    @property
    def is_market(self) -> bool:
        """Whether it takes what the book offers, at once or when it is triggered."""
        return self.type in _MARKETS

    @property
    def contingent(self) -> bool:
        """Whether it waits for a price before it goes to the book."""
        return self.type in CONTINGENT


class OwnTrade(NamedTuple):
    """A trade as one of its two orders saw it; times in ms, amounts in units."""

    id: int
    price: int
    qty: int
    quote: int
    fee: int
    fee_asset: str
    time: int
    maker: bool


class Match(NamedTuple):
    """A trade with oneself that was prevented."""

    id: int
    taker: SpotOrder
    maker: SpotOrder
    mode: str
    price: int
    maker_qty: int
    taker_qty: int
    time: int


class Amendment(NamedTuple):
    """A change of an order's quantity."""

    execution_id: int
    old_client_id: str
    new_client_id: str
    old_qty: int
    new_qty: int
    time: int


class Hold:
    """What open orders have locked in a wallet. Orders of which only one can be filled share theirs: the largest
    need counts.

    Args:
        wallet: where.
        asset: of what.
    """

    def __init__(self, wallet: Wallet, asset: str) -> None:
        self.wallet, self.asset = wallet, asset
        self._needs: dict[int, int] = {}

    @property
    def amount(self) -> int:
        """What is locked."""
        return max(self._needs.values(), default=0)

    def need(self, order_id: int, amount: int) -> None:
        """An order needs this much from now on.

        Raises:
            Insufficient: that is not free; nothing has changed.
        """
        needs = {number: need for number, need in self._needs.items() if number != order_id}
        if amount:
            needs[order_id] = amount
        self.wallet.lock(self.asset, max(needs.values(), default=0) - self.amount)
        self._needs = needs

    def reduce(self, order_id: int, amount: int) -> None:
        """An order has become smaller, and needs no more than before, wherever the price is that it was reckoned at."""
        self.need(order_id, min(amount, self._needs.get(order_id, 0)))

    def only(self, order_id: int) -> None:
        """Of all that share it, only this order goes on."""
        for number in [number for number in self._needs if number != order_id]:
            self.need(number, 0)


@dataclass(slots=True, eq=False)
class SpotOrder:
    """One order of an account. The desk changes it; others only read.

    Args:
        id: unique in its market.
        account: whose it is.
        wallet: the name of the wallet that pays.
        market: where.
        ticket: what was asked for; ``ticket.qty`` is set once it is known.
        client_id: the user's name for it.
        hold: what it has locked; market orders that are sent at once lock nothing.
        created: ms.
        qty: in lots; amendments make it smaller.
        status: NEW, PENDING_NEW, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, EXPIRED_IN_MATCH.
        working_at: since when it is on the book, ms; -1 before.
        updated: of its last change, ms.
        filled: lots.
        quote: units of the quote asset that were traded.
        prevented: lots.
        trail_started: since when its trailing stop follows the price, ms; -1 before.
        extreme: the best price since then.
        expiry: why it expired, "" for not at all.
    """

    id: int
    account: Account
    wallet: str
    market: BinanceMarket
    ticket: Ticket
    client_id: str
    hold: Hold
    created: int
    qty: int
    status: str = "NEW"
    order_list: OrderList | None = None
    working_at: int = -1
    updated: int = 0
    filled: int = 0
    quote: int = 0
    prevented: int = 0
    trail_started: int = -1
    extreme: int | None = None
    expiry: str = ""
    trades: list[OwnTrade] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)

    @property
    def instrument(self) -> Listed:
        return self.market.instrument

    @property
    def owner(self) -> str:
        """Under which name it stands in the matching engine."""
        return f"{self.account.uid}/{self.wallet}"

    @property
    def side(self) -> int:
        return self.ticket.side

    @property
    def remaining(self) -> int:
        """Lots that can still be traded."""
        return self.qty - self.gone

    @property
    def gone(self) -> int:
        """Lots that can no longer be traded."""
        return self.filled + self.prevented

    @property
    def is_open(self) -> bool:
        return self.status in ("NEW", "PENDING_NEW", "PARTIALLY_FILLED")

    @property
    def working(self) -> bool:
        """Whether it is on the book, or was."""
        return self.working_at >= 0

    @property
    def pending(self) -> bool:
        """Whether it waits for another order to be filled."""
        return self.status == "PENDING_NEW"

    @property
    def waiting(self) -> bool:
        """Whether it waits outside of the book, for another order or for a price."""
        return self.pending or (self.ticket.contingent and not self.working)

    @property
    def needed(self) -> int:
        """What it has to lock: all that it could pay. Nothing, for market orders that the book answers at once."""
        i, ticket = self.instrument, self.ticket
        if not self.is_open or (ticket.is_market and not self.waiting):
            return 0
        if self.side == SELL:
            return base_units(i, self.remaining)
        price = ticket.price or ticket.stop or self.market.last_trade().price
        return quote_units(i, price, self.remaining, up=True)

    @property
    def paid_asset(self) -> str:
        return self.instrument.quote if self.side == BUY else self.instrument.base


@dataclass(slots=True, eq=False)
class OrderList:
    """Orders that depend on each other.

    Args:
        id: unique on the exchange.
        client_id: the user's name for it.
        contingency: OCO, or OTO (where the first order's fill places the others).
        orders: its members; of an OTO the working order first.
        time: of its last change, ms.
        pays: whether what the first order receives is the quantity of the others.
        status: EXEC_STARTED, UPDATED or ALL_DONE.
    """

    id: int
    client_id: str
    contingency: str
    orders: list[SpotOrder]
    time: int
    pays: bool = False
    status: str = "EXEC_STARTED"

    @property
    def is_open(self) -> bool:
        return self.status != "ALL_DONE"

    @property
    def order_status(self) -> str:
        """``listOrderStatus``."""
        return "EXECUTING" if self.is_open else "ALL_DONE"

    def rivals(self, order: SpotOrder) -> Iterator[SpotOrder]:
        """The open orders that end when this one begins to be filled, or is triggered."""
        pair = self.orders if self.contingency == "OCO" else self.orders[1:]
        return (other for other in pair if order in pair and other is not order and other.is_open)
