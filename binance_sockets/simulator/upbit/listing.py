"""What is listed on a region of Upbit, and its markets."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from binance_sockets.faults import Rule, check, whole
from binance_sockets.simulator.market.instruments import Instrument
from binance_sockets.simulator.market.market import Market
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.upbit.regions import REGIONS, Region

__all__ = ["Coin", "CoinMarket", "Listing", "codes_of", "instrument", "tables"]

_QTY_PLACES = 8
_USD_PER_TRADE = 700.0
_USD_PRICES = {
    "BTC": 84000.0, "ETH": 2750.0, "XRP": 2.1, "SOL": 140.0, "DOGE": 0.16, "ADA": 0.55, "AVAX": 15.0, "DOT": 2.6,
    "LINK": 13.0, "TRX": 0.28, "USDT": 1.0, "KRW": 1 / 1390, "SGD": 1 / 1.3, "IDR": 1 / 16_600, "THB": 1 / 33,
}  # fmt: skip
_NAMES = {
    "BTC": ("비트코인", "Bitcoin"), "ETH": ("이더리움", "Ethereum"), "XRP": ("엑스알피(리플)", "XRP"),
    "SOL": ("솔라나", "Solana"), "DOGE": ("도지코인", "Dogecoin"), "ADA": ("에이다", "Ada"),
    "AVAX": ("아발란체", "Avalanche"), "DOT": ("폴카닷", "Polkadot"), "LINK": ("체인링크", "Chainlink"),
    "TRX": ("트론", "TRON"), "USDT": ("테더", "Tether"),
}  # fmt: skip
_LOCAL = ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "USDT")
_OTHERS = {"BTC": ("ETH", "XRP", "SOL"), "USDT": ("BTC", "ETH", "XRP")}
_BASE = re.compile(r"[A-Z0-9]{1,20}")
_COARSEST = {"KRW": -3, "IDR": -3, "BTC": 8}  # decimals of the coarsest tick; 2 elsewhere
_MOST_LEVELS = 6
_SOME = Rule(
    "several codes, or how many",
    lambda value: (
        value is None
        or whole(0).fits(value)
        or (isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(one, str) for one in value))
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin(Instrument):
    """An instrument as Upbit lists it; ``symbol`` is its code, such as ``KRW-BTC``.

    Args:
        region: the product of its region.
        grouped: whether its book can be asked for with coarser prices.
    """

    region: str
    grouped: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """In Korean and in English."""
        return _NAMES.get(self.base, (self.base, self.base))

    @property
    def groups(self) -> tuple[int, ...]:
        """How many ticks a price of a coarser book may stand for; 0 for the tick itself."""
        if not self.grouped:
            return (0,)
        return (0, *(10**n for n in range(1, _MOST_LEVELS) if 10**n < self.start_price))


CoinMarket = Market[Coin]


def _usd(currency: str) -> float:
    """A price; for a currency nobody knows between 0.05 and 500, the same in every process."""
    share = int.from_bytes(hashlib.sha256(currency.encode()).digest()[:4], "big") / 2**32
    return _USD_PRICES.get(currency) or float(f"{0.05 * 10 ** (4 * share):.4g}")


def instrument(region: Region, code: str) -> Coin:
    """The instrument of a code; any well-formed one is possible.

    Raises:
        ValueError: the region has no market of this spelling.
    """
    quote, _, base = code.partition("-")
    if quote not in region.quotes or not _BASE.fullmatch(base) or base == quote:
        raise ValueError(f"not a code of {region.product}: {code!r}; such as {region.local}-BTC")
    price = _usd(base) / _usd(quote)
    places = min(8, max(_COARSEST.get(quote, 2), 3 - math.floor(math.log10(price))))
    return Coin(
        key=f"{region.product}/{code}", symbol=code, base=base, quote=quote, region=region.product,
        start_price=max(500, round(price * 10.0**places)), price_places=places, qty_places=_QTY_PLACES,
        typical_qty=max(10, int(_USD_PER_TRADE / _usd(base) * 10**_QTY_PLACES)), grouped=quote == "KRW",
    )  # fmt: skip


def codes_of(region: Region, wanted: Sequence[str] | int | None = None) -> tuple[str, ...]:
    """The codes of a region: the defaults, a list, or as many as a count says (the defaults first).

    Raises:
        ValueError: neither codes nor a count, or a code that the region cannot have.
    """
    check("symbols of " + region.product, wanted, _SOME)
    usual = [f"{region.local}-{base}" for base in _LOCAL]
    usual += [f"{quote}-{base}" for quote, bases in _OTHERS.items() for base in bases]
    if wanted is None:
        return tuple(usual)
    if isinstance(wanted, int):
        return tuple((usual + [f"{region.local}-SIM{1000 + n}" for n in range(wanted)])[:wanted])
    for code in wanted:
        instrument(region, code)
    return tuple(dict.fromkeys(wanted))


class Listing:
    """The instruments of a region.

    Args:
        world: holds their markets.
        region: which.
        codes: what is listed.
    """

    def __init__(self, world: World, region: Region, codes: Sequence[str]) -> None:
        self._world, self.region = world, region
        self.coins = {code: instrument(region, code) for code in codes}

    def market(self, coin: Coin, now: int) -> CoinMarket:
        """The market of an instrument; opened at ``now`` if nobody asked for it before."""
        return self._world.market(coin, now)

    def add(self, code: str, now: int) -> None:
        """List a code.

        Raises:
            ValueError: the region cannot have it.
        """
        coin = self.coins[code] = instrument(self.region, code)
        self.market(coin, now).halted = False

    def remove(self, code: str, now: int) -> None:
        """List a code no more: its market stands still.

        Raises:
            KeyError: it is not listed.
        """
        self.market(self.coins.pop(code), now).halted = True

    def set_status(self, code: str, status: str, now: int) -> None:
        """Have a market trade (``"TRADING"``) or stand still.

        Raises:
            KeyError: it is not listed.
        """
        self.market(self.coins[code], now).halted = status != "TRADING"


def tables(symbols: Mapping[str, Sequence[str] | int]) -> dict[str, tuple[str, ...]]:
    """The codes of every region, given some.

    Raises:
        ValueError: a code that its region cannot have.
    """
    return {product: codes_of(region, symbols.get(product)) for product, region in REGIONS.items()}
