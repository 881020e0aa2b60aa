"""Orders of accounts: what was asked for, and what has become of it. Amounts are whole units of 1e-8."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from binance_sockets.simulator.accounts import PLACES, Account
from binance_sockets.simulator.market.book import BUY
from binance_sockets.simulator.market.instruments import power
from binance_sockets.simulator.upbit.listing import Coin, CoinMarket

__all__ = ["OPEN", "Fill", "Ticket", "UpbitOrder", "fee_of", "funds_of", "rate_of"]

OPEN, DONE, CANCELLED = "wait", "done", "cancel"
_RATES = {"KRW": 50_000}  # shares of a trade's value in steps of 1e-8
_USUAL_RATE = 250_000


def rate_of(coin: Coin) -> int:
    """What a trade costs, in steps of 1e-8 of its value; makers and takers pay the same."""
    return _RATES.get(coin.quote, _USUAL_RATE)


def funds_of(coin: Coin, price: int, lots: int, *, up: bool = False) -> int:
    """What some lots are worth, rounded down, or up on request."""
    value, places = price * lots, coin.turnover_places
    if places <= PLACES:
        return value * power(PLACES - places)
    return -(-value // power(places - PLACES)) if up else value // power(places - PLACES)


def fee_of(coin: Coin, funds: int, *, up: bool = False) -> int:
    """What a trade of this value costs."""
    value = funds * rate_of(coin)
    return -(-value // power(8)) if up else value // power(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An order as it was asked for.

    Args:
        side: ``BUY`` or ``SELL``.
        type: ``limit``, ``price`` (a market order that spends an amount), ``market`` (one that sells a volume) or
            ``best`` (at the best price of the other side).
        price: the limit in ticks.
        lots: the volume.
        budget: what ``price`` and a ``best`` that buys may spend, without the fee.
        tif: ``ioc``, ``fok``, ``post_only`` or "".
        smp: ``reduce``, ``cancel_maker``, ``cancel_taker`` or "".
        identifier: the user's name for it, "" for none.
    """

    side: int
    type: str
    price: int | None = None
    lots: int | None = None
    budget: int | None = None
    tif: str = ""
    smp: str = ""
    identifier: str = ""


class Fill(NamedTuple):
    """A trade as one of its two orders saw it; time in µs."""

    uuid: str
    price: int
    lots: int
    funds: int
    fee: int
    time: int
    maker: bool


@dataclass(slots=True, eq=False)
class UpbitOrder:
    """One order. The desk changes it; others only read.

    Args:
        uuid: of the exchange.
        number: in its market.
        account: whose it is.
        market: where.
        ticket: what was asked for.
        created: µs.
        state: ``wait``, ``done`` or ``cancel``.
        limit: what the market was told, in ticks; ``None`` for any price.
        lots: what the market was told; 0 for nothing.
        locked: what is set aside for it.
        reserved_fee: what of that was for fees at first.
        prevented: lots that met orders of the same account.
        prevented_locked: what had been locked for those.
    """

    uuid: str
    number: int
    account: Account
    market: CoinMarket
    ticket: Ticket
    created: int
    state: str = OPEN
    limit: int | None = None
    lots: int = 0
    locked: int = 0
    reserved_fee: int = 0
    prevented: int = 0
    prevented_locked: int = 0
    fills: list[Fill] = field(default_factory=list)
    filled: int = 0
    funds: int = 0
    paid_fee: int = 0

    @property
    def coin(self) -> Coin:
        return self.market.instrument

    @property
    def remaining(self) -> int:
        """Lots that can still be traded; of an order that spends an amount those that it was sent with."""
        return max(0, self.lots - self.filled - self.prevented)

    @property
    def buys(self) -> bool:
        return self.ticket.side == BUY

    @property
    def paid_in(self) -> str:
        """The currency that is locked for it."""
        return self.coin.quote if self.buys else self.coin.base

    @property
    def remaining_fee(self) -> int:
        """What is still set aside for fees."""
        return fee_of(self.coin, self._open_funds, up=True) if self.buys else 0

    @property
    def needed(self) -> int:
        """What has to be locked for what can still be traded."""
        if self.state != OPEN:
            return 0
        return self._open_funds + self.remaining_fee if self.buys else self.remaining

    @property
    def _open_funds(self) -> int:
        """What may yet be spent, without fees."""
        if self.state != OPEN:
            return 0
        if self.ticket.budget is not None:
            return self.ticket.budget - self.funds
        return funds_of(self.coin, self.ticket.price or 0, self.remaining, up=True)
