"""What a symbol is called elsewhere: the names that ccxt gives to markets.

A symbol does not tell where its base ends. That of a contract does by its product's rules; that of a spot market only
where it ends with a quote asset that no other quote asset ends with, and the table has those alone. The exchange's list
of symbols tells all of them. A name that is not known for sure is ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

__all__ = ["Instruments", "Place", "listed_instruments"]

_MOST = 20_000  # symbols that are remembered: the peer cannot fill the memory with names

# Quote assets that are no ending of another one, and endings that therefore tell nothing: BTCAEUR was BTC/AEUR, and
# ADAEUR is ADA/EUR; BNBUSD is BNB/USD, and BTCBUSD was BTC/BUSD.
_QUOTES: Mapping[str, tuple[str, ...]] = {
    "spot": (
        "USDT", "USDC", "FDUSD", "USD1", "BTC", "ETH", "BNB", "EUR", "TRY", "BRL", "JPY", "MXN", "PLN", "RON", "ARS",
        "ZAR", "UAH", "CZK", "COP",
    ),
    "us": ("USDT", "USDC", "USD", "BTC", "ETH", "BNB"),
    "usdm": ("USDT", "USDC"),
    "coinm": ("USD",),
}  # fmt: skip
_UNSURE: Mapping[str, tuple[str, ...]] = {"spot": ("AEUR",), "us": ("BUSD", "TUSD", "FDUSD")}
_CONTRACT = re.compile(r"(?P<pair>[^_]+)(?:_(?P<end>PERP|[0-9]{6}))?").fullmatch
_OPTION = re.compile(r"(?P<base>.+)-(?P<day>[0-9]{6})-(?P<strike>[0-9.]+)-(?P<side>[CP])").fullmatch


class Place(NamedTuple):
    """Where a symbol is traded.

    Args:
        product: the exchange's. Futures streams of all symbols bring those of both kinds of futures.
        instrument: as ccxt writes it; ``None`` where it is not known for sure.
    """

    product: str
    instrument: str | None


class _Known(dict[str, Place]):
    """What has been asked for, by symbol; the rest is made when it is."""

    def __init__(self, market: str, listed: Mapping[str, str]) -> None:
        super().__init__()
        self._market = market
        self._listed = listed

    def __missing__(self, symbol: str) -> Place:
        place = _place(self._market, symbol)
        if symbol in self._listed:
            place = place._replace(instrument=self._listed[symbol])
        if len(self) < _MOST:
            self[symbol] = place
        return place


class Instruments:
    """The names of the symbols of one market. Any thread.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.

    Attributes:
        known: ``known[symbol]`` is the symbol's :class:`Place`. Replaced by :meth:`load`, so keep no reference.
    """

    def __init__(self, market: str) -> None:
        self._market = market
        self.known: Mapping[str, Place] = _Known(market, {})

    def load(self, listed: Mapping[str, str]) -> None:
        """Believe the exchange's list, by symbol, and what a symbol tells only where it is not there."""
        self.known = _Known(self._market, dict(listed))


def _place(market: str, symbol: str) -> Place:
    if market == "options":
        found = _OPTION(symbol)
        if found is None:
            return Place("options", None)
        return Place("options", "{}/USDT:USDT-{}-{}-{}".format(*found.groups()))
    if market in ("spot", "us"):
        base, quote = _split(market, symbol)
        return Place("spot", f"{base}/{quote}" if base else None)
    found = _CONTRACT(symbol)
    if found is None:
        return Place(market, None)
    pair, end = found.groups()
    if not end and pair.endswith("USD"):
        return Place(market, None)  # a pair, or its index: no contract
    product = "coinm" if pair.endswith("USD") else "usdm"
    base, quote = _split(product, pair)
    if not base:
        return Place(product, None)
    name = f"{base}/{quote}:{base if product == 'coinm' else quote}"
    return Place(product, name if end in (None, "PERP") else f"{name}-{end}")


def _split(market: str, symbol: str) -> tuple[str, str]:
    """Base and quote; two empty texts where they are not known for sure."""
    if not symbol.endswith(_UNSURE.get(market, ())):
        for quote in _QUOTES[market]:
            if symbol.endswith(quote) and symbol != quote:
                return symbol.removesuffix(quote), quote
    return "", ""


def listed_instruments(info: Any) -> dict[str, str]:
    """The names of all symbols by an ``exchangeInfo`` of any product.

    Raises:
        KeyError, TypeError: it has another shape.
    """
    names = {}
    for row in info.get("symbols", ()):
        name = f"{row['baseAsset']}/{row['quoteAsset']}"
        if "marginAsset" in row:
            name += f":{row['marginAsset']}"
            if not row["contractType"].endswith("PERPETUAL"):
                day = datetime.fromtimestamp(row["deliveryDate"] / 1000, timezone.utc)
                name += f"-{day:%y%m%d}"
        names[row["symbol"]] = name
    for row in info.get("optionSymbols", ()):
        found = _OPTION(row["symbol"])
        if found is not None:
            quote = row["quoteAsset"]
            names[row["symbol"]] = "{}/{}:{}-{}-{}-{}".format(found["base"], quote, quote, *found.groups()[1:])
    return names
