"""What is traded: the names of an instrument, how its numbers are written, and how its market behaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Instrument", "fixed", "power"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One symbol of one venue.

    Prices and quantities are whole numbers of the smallest step; ``price_text`` and ``qty_text`` write them.

    Args:
        key: unique among all venues; with the seed it fixes what happens in the market.
        symbol: as the venue spells it.
        base: what is bought.
        quote: what is paid with.
        start_price: in ticks.
        price_places: decimals of the tick; below zero where it is ten, a hundred, ... of the quote currency.
        qty_places: decimals of the lot.
        padding: decimals that are always written.
        typical_qty: of one order, in lots.
        contract_size: quote currency per contract where quantities are contracts, else 0.
        id_stride: by how much an update id rises at most.
        merge_window: microseconds within which takers at one price count as one aggregate trade; 0 for each its own.
        retail: whether there is a second book, of orders that only retail takers meet.
        liquidations: whether positions are closed by force.
    """

    key: str
    symbol: str
    base: str
    quote: str
    start_price: int
    price_places: int
    qty_places: int
    typical_qty: int
    padding: int = 0
    contract_size: int = 0
    id_stride: int = 1
    merge_window: int = 0
    retail: bool = False
    liquidations: bool = False

    def price_text(self, price: int) -> str:
        return fixed(price, self.price_places, self.padding)

    def qty_text(self, qty: int) -> str:
        return fixed(qty, self.qty_places, self.padding)

    @property
    def turnover_places(self) -> int:
        """Decimals of the whole numbers that :meth:`turnover` returns."""
        return 8 if self.contract_size else self.price_places + self.qty_places

    def turnover(self, price: int, qty: int) -> int:
        """Value of a trade in quote currency (in the base currency where quantities are contracts)."""
        if self.contract_size:
            return qty * self.contract_size * power(8 + self.price_places) // price
        return price * qty

    def turnover_text(self, turnover: int) -> str:
        return fixed(turnover, self.turnover_places, self.padding or self.turnover_places, cut=True)

    def price8(self, price: int) -> int:
        """``price`` in steps of 1e-8, as mark and index prices are written."""
        return price * power(8 - self.price_places)


def power(places: int) -> int:
    """Ten to this power."""
    return int(10**places)


@lru_cache(maxsize=65536)  # the same prices and quantities are written again and again
def fixed(number: int, places: int, at_least: int = 0, *, cut: bool = False) -> str:
    """``number / 10**places`` as a decimal text, padded with zeros to ``at_least`` decimals (cut to them if asked)."""
    if places < 0:
        number, places = number * power(-places), 0
    if cut and places > at_least:
        sign = -1 if number < 0 else 1
        number, places = sign * (abs(number) // power(places - at_least)), at_least
    sign_text, number = ("-", -number) if number < 0 else ("", number)
    if not places and not at_least:
        return f"{sign_text}{number}"
    whole, part = divmod(number, 10**places)
    digits = f"{part:0{places}d}" if places else ""
    return f"{sign_text}{whole}.{digits.ljust(at_least, '0')}"
