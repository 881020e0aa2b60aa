"""The products of the exchange: their limits, their routes and their instruments."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["DEFAULT_SYMBOLS", "PRODUCTS", "Instrument", "Product", "instrument", "symbol_table"]


@dataclass(frozen=True, slots=True)
class Product:
    """What the exchange promises about one product. Times are seconds.

    Args:
        name: the path prefix.
        rest: where its REST calls live below the prefix.
        routes: path parts between the prefix and ``/ws``; ``""`` is the plain path.
        messages_per_second: inbound messages a connection may send, pings and pongs included.
        streams: streams per connection.
        ping_interval: between two pings of the server.
        pong_timeout: within which a ping must be answered.
        integer_ids: only integers are valid request ids.
    """

    name: str
    rest: str
    routes: tuple[str, ...]
    messages_per_second: int
    streams: int
    ping_interval: float
    pong_timeout: float
    integer_ids: bool = False


PRODUCTS: Mapping[str, Product] = {
    product.name: product
    for product in (
        Product("spot", "/api/v3", ("",), 5, 1024, 20.0, 60.0),
        Product("usdm", "/fapi/v1", ("public", "market", "private", ""), 10, 1024, 180.0, 600.0),
        Product("coinm", "/dapi/v1", ("",), 10, 1024, 180.0, 600.0),
        Product("options", "/eapi/v1", ("public", "market", "private"), 10, 200, 300.0, 900.0, integer_ids=True),
    )
}

DEFAULT_SYMBOLS: Mapping[str, tuple[str, ...]] = {
    "spot": (
        "BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "ADAUSDT", "LTCUSDT", "BNBBTC", "ETHBTC",
        "测试USDT",
    ),
    "usdm": (
        "BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "ADAUSDT", "BTCUSDT_261225",
        "TSLAUSDT", "XAUUSDT", "DEFIUSDT", "BTCDOMUSDT",
    ),
    "coinm": (
        "BTCUSD_PERP", "ETHUSD_PERP", "BNBUSD_PERP", "SOLUSD_PERP", "XRPUSD_PERP", "ADAUSD_PERP",
        "BTCUSD_261225", "BTCUSD_270326", "ETHUSD_261225",
    ),
    "options": tuple(
        f"{name}-{side}"
        for name in (
            "BTC-261225-80000", "BTC-261225-90000", "BTC-270326-90000", "ETH-261225-2500", "ETH-261225-3000",
        )
        for side in "CP"
    ),
}  # fmt: skip

_USD_PRICES = {
    "BTC": 86000.0, "ETH": 2700.0, "BNB": 640.0, "SOL": 150.0, "XRP": 2.2, "DOGE": 0.19, "ADA": 0.7, "LTC": 95.0,
    "TSLA": 410.0, "XAU": 3900.0, "DEFI": 700.0, "BTCDOM": 5200.0,
}  # fmt: skip
_TRADFI = frozenset({"TSLA", "XAU"})
_INDEXES = frozenset({"DEFI", "BTCDOM"})
_QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR", "USD")
_OPTION = re.compile(r"([^-]+)-(\d{6})-(\d+(?:\.\d+)?)-([CP])")
_NEAREST_QUARTER = "261225"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol: its names and how its numbers are written.

    Prices and quantities are whole numbers of the smallest step; ``price_text`` and ``qty_text`` write them as the
    exchange does.
    """

    product: str
    symbol: str
    pair: str
    base: str
    quote: str
    contract: str  # PERPETUAL, TRADIFI_PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER, CALL, PUT, or "" on spot
    start_price: int
    price_places: int
    qty_places: int
    padding: int  # decimals that spot always writes
    typical_qty: int
    contract_size: int  # quote currency per contract on coinm, 0 elsewhere
    delivery: str = ""  # yymmdd

    @property
    def symbol_type(self) -> int:
        """``st`` of the futures events: 1 for usdm, 2 for coinm."""
        return 2 if self.product == "coinm" else 1

    @property
    def tradfi(self) -> bool:
        return self.contract == "TRADIFI_PERPETUAL"

    @property
    def index(self) -> bool:
        return self.product == "usdm" and self.base in _INDEXES

    @property
    def strike(self) -> float:
        """Strike price of an option."""
        return float(self.symbol.split("-")[2])

    def price_text(self, price: int) -> str:
        return fixed(price, self.price_places, self.padding)

    def qty_text(self, qty: int) -> str:
        return fixed(qty, self.qty_places, self.padding)

    @property
    def turnover_places(self) -> int:
        """Decimals of the whole numbers that :meth:`turnover` returns."""
        return 8 if self.contract_size else self.price_places + self.qty_places

    def turnover(self, price: int, qty: int) -> int:
        """Value of a trade in quote currency (in the base currency for coinm)."""
        if self.contract_size:
            return qty * self.contract_size * _power(8 + self.price_places) // price
        return price * qty

    def turnover_text(self, turnover: int) -> str:
        return fixed(turnover, self.turnover_places, self.padding or self.turnover_places, cut=True)

    def price8(self, price: int) -> int:
        """``price`` in steps of 1e-8, as mark and index prices are written."""
        return price * _power(8 - self.price_places)


def _power(places: int) -> int:
    return int(10**places)


def fixed(number: int, places: int, at_least: int = 0, *, cut: bool = False) -> str:
    """``number / 10**places`` as a decimal text, padded with zeros to ``at_least`` decimals (cut to them if asked)."""
    if cut and places > at_least:
        number, places = int(number / 10 ** (places - at_least)), at_least
    sign, number = ("-", -number) if number < 0 else ("", number)
    if not places and not at_least:
        return f"{sign}{number}"
    whole, part = divmod(number, 10**places)
    digits = f"{part:0{places}d}" if places else ""
    return f"{sign}{whole}.{digits.ljust(at_least, '0')}"


def _places_of(price: float) -> int:
    for limit, places in ((100.0, 2), (1.0, 4), (0.01, 5)):
        if price >= limit:
            return places
    return 8


def _made_up_price(name: str) -> float:
    """A price between 0.05 and 500 for a currency nobody listed, the same in every process."""
    share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32
    return float(f"{0.05 * 10 ** (4 * share):.4g}")


def _usd(currency: str) -> float:
    if currency in ("USDT", "USDC", "FDUSD", "USD"):
        return 1.0
    return _USD_PRICES.get(currency) or _made_up_price(currency)


def instrument(product: str, symbol: str) -> Instrument:
    """The instrument that a symbol's spelling describes; any well-formed name is possible.

    Raises:
        ValueError: the spelling does not fit the product.
    """
    if product == "options":
        return _option(symbol)
    pair, _, suffix = symbol.partition("_")
    quote = next((q for q in _QUOTES if pair.endswith(q) and pair != q), None)
    if quote is None or symbol != symbol.upper() or bool(suffix) != (product == "coinm" or suffix.isdigit()):
        raise ValueError(f"not a {product} symbol: {symbol!r}")
    base = pair[: -len(quote)]
    price = _usd(base) / _usd(quote)
    places = _places_of(price) if product != "coinm" else max(1, _places_of(price) - 1)
    usd_size = 1000.0 / _usd(base)
    if product == "coinm":
        size, qty_places, typical = (100 if base == "BTC" else 10), 0, 20
    else:
        size, qty_places = 0, 5 if usd_size < 0.1 else 3 if usd_size < 10 else 1
        qty_places = min(qty_places, 3) if product == "usdm" else qty_places
        typical = max(5, int(usd_size * 10**qty_places))
    return Instrument(
        product, symbol, pair, base, quote, _contract(product, base, suffix), max(500, round(price * 10**places)),
        places, qty_places, 8 if product == "spot" else 0, typical, size, suffix if suffix.isdigit() else "",
    )  # fmt: skip


def _contract(product: str, base: str, suffix: str) -> str:
    if product == "spot":
        return ""
    if suffix.isdigit():
        return "CURRENT_QUARTER" if suffix <= _NEAREST_QUARTER else "NEXT_QUARTER"
    return "TRADIFI_PERPETUAL" if base in _TRADFI else "PERPETUAL"


def _option(symbol: str) -> Instrument:
    match = _OPTION.fullmatch(symbol)
    if not match:
        raise ValueError(f"not an options symbol: {symbol!r}")
    base, delivery, strike, side = match.groups()
    spot = _usd(base)
    intrinsic = max(0.0, (spot - float(strike)) * (1 if side == "C" else -1))
    places = 3 if spot >= 10000 else 4
    price = max(500, round((intrinsic + spot * 0.03) * 10**places))
    contract = "CALL" if side == "C" else "PUT"
    return Instrument("options", symbol, f"{base}USDT", base, "USDT", contract, price, places, 2, 0, 150, 0, delivery)


def symbol_table(symbols: Mapping[str, Sequence[str] | int] | None) -> dict[str, tuple[str, ...]]:
    """The symbols of every product: the defaults, a list, or as many as a count says (the defaults first).

    Raises:
        ValueError: unknown product, or a name that does not fit it.
    """
    table = dict(DEFAULT_SYMBOLS)
    for product, wanted in (symbols or {}).items():
        if product not in PRODUCTS:
            raise ValueError(f"unknown product {product!r}; one of {', '.join(PRODUCTS)}")
        table[product] = _generated(product, wanted) if isinstance(wanted, int) else tuple(wanted)
        for symbol in table[product]:
            instrument(product, symbol)
    return table


def _generated(product: str, count: int) -> tuple[str, ...]:
    patterns = {"spot": "SIM{}USDT", "usdm": "SIM{}USDT", "coinm": "SIM{}USD_PERP", "options": "BTC-261225-{}-C"}
    more: Iterable[str] = (patterns[product].format(1000 + n) for n in range(count))
    return (*DEFAULT_SYMBOLS[product], *more)[:count]
