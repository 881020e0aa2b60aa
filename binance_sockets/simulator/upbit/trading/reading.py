"""What an order asks for, read from the parameters of a call."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from binance_sockets.simulator.accounts import PLACES
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.listing import Coin, CoinMarket
from binance_sockets.simulator.upbit.rest.query import Query
from binance_sockets.simulator.upbit.trading.orders import Ticket, funds_of

__all__ = ["MOST_TOTAL", "least_total", "ticket_of"]

_SIDES = {"bid": BUY, "ask": SELL}
_TYPES = ("limit", "price", "market", "best")
_TIFS = ("ioc", "fok", "post_only")
_SMPS = ("reduce", "cancel_maker", "cancel_taker")
_WHOLE = 100_000_000  # units of a currency
_LEAST = {"KRW": 5000 * _WHOLE, "BTC": 5000, "USDT": _WHOLE // 2, "IDR": 10_000 * _WHOLE}
MOST_TOTAL = 10**9 * _WHOLE
"""What an order in Korean won may be worth at most."""
_MOST_DIGITS = 40
_LONGEST_NAME = 100


def least_total(coin: Coin) -> int:
    """What an order must be worth at least, in units of 1e-8."""
    return _LEAST.get(coin.quote, _WHOLE)


def ticket_of(query: Query, market: CoinMarket, prefix: str = "") -> Ticket:
    """The order that a call asks for.

    Args:
        query: the call's parameters.
        market: where.
        prefix: before the names of the parameters, such as ``new_``.

    Raises:
        Refused: it makes no sense.
    """
    side = _SIDES[query.one_of("side", tuple(_SIDES))]
    return read(query, market.instrument, side, prefix)


def read(query: Query, coin: Coin, side: int, prefix: str, lots: int | None = None) -> Ticket:
    """The same, of a side that is known, and perhaps with a volume that is known."""
    word = "bid" if side == BUY else "ask"
    kind = query.one_of(f"{prefix}ord_type", _TYPES)
    tif = query.one_of(f"{prefix}time_in_force", _TIFS, "")
    smp = query.one_of(f"{prefix}smp_type", _SMPS, "")
    name = query.text(f"{prefix}identifier", "")
    _check_shape(kind, side, tif, smp, word)
    if len(name) > _LONGEST_NAME:
        raise Refused("invalid_parameter", "identifier")
    spends = kind == "price" or (kind == "best" and side == BUY)
    price = budget = None
    if spends:
        budget = _amount(query.text(f"{prefix}price", ""), PLACES, f"invalid_price_{word}")
    elif kind == "limit":
        price = _amount(query.text(f"{prefix}price", ""), coin.price_places, f"invalid_price_{word}")
    if not spends and lots is None:
        lots = _amount(query.text(f"{prefix}volume", ""), coin.qty_places, f"invalid_volume_{word}")
    if spends and query.has(f"{prefix}volume"):
        raise Refused(f"create_{word}_error", "volume")
    ticket = Ticket(
        side=side, type=kind, price=price, lots=None if spends else lots, budget=budget, tif=tif, smp=smp,
        identifier=name,
    )  # fmt: skip
    _check_total(coin, ticket, word)
    return ticket


def _check_shape(kind: str, side: int, tif: str, smp: str, word: str) -> None:
    """Whether a kind of order can have this side, this time in force and this prevention.

    Raises:
        Refused: it cannot.
    """
    if (kind == "price" and side == SELL) or (kind == "market" and side == BUY):
        raise Refused(f"create_{word}_error", "ord_type")
    if (kind == "best" and tif not in ("ioc", "fok")) or (kind in ("price", "market") and tif):
        raise Refused(f"create_{word}_error", "time_in_force")
    if tif == "post_only" and smp:
        raise Refused(f"create_{word}_error", "smp_type")


def _amount(word: str, places: int, error: str) -> int:
    """A number above zero in steps of ``10**-places``.

    Raises:
        Refused: it is none.
    """
    try:
        number = Decimal(word) if len(word) <= _MOST_DIGITS else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number <= 0 or not -20 < number.adjusted() < 14:
        raise Refused(error)
    steps = number.scaleb(places)
    if steps != steps.to_integral_value():
        raise Refused(error)
    return int(steps)


def _check_total(coin: Coin, ticket: Ticket, word: str) -> None:
    if ticket.budget is not None:
        total = ticket.budget
    elif ticket.price is not None and ticket.lots is not None:
        total = funds_of(coin, ticket.price, ticket.lots)
    else:
        return
    if total < least_total(coin):
        raise Refused(f"under_min_total_{word}")
    if total > MOST_TOTAL and coin.quote == "KRW":
        raise Refused("over_max_total")
