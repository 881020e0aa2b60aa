"""The products of the exchange: their limits, their routes and their instruments."""

from __future__ import annotations

import hashlib
import re
import time
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from binance_sockets.faults import Rule, check, whole
from binance_sockets.simulator.market import candles
from binance_sockets.simulator.market.instruments import Instrument
from binance_sockets.simulator.market.market import Market

__all__ = [
    "BY_PRODUCT",
    "INTERVALS",
    "PRODUCTS",
    "TRADE_ROUTES",
    "BinanceMarket",
    "Listed",
    "Product",
    "instrument",
    "default_symbols",
    "quarters",
    "symbol_table",
]


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
        binary: whether messages are binary frames.
        idle_timeout: of a connection on which nothing moves; ``None`` for none.
    """

    name: str
    rest: str
    routes: tuple[str, ...]
    messages_per_second: int
    streams: int
    ping_interval: float
    pong_timeout: float
    integer_ids: bool = False
    binary: bool = False
    idle_timeout: float | None = None


PRODUCTS: Mapping[str, Product] = {
    product.name: product
    for product in (
        Product("spot", "/api/v3", ("",), 5, 1024, 20.0, 60.0),
        Product("usdm", "/fapi/v1", ("public", "market", "private", ""), 10, 1024, 180.0, 600.0),
        Product("coinm", "/dapi/v1", ("",), 10, 1024, 180.0, 600.0),
        Product("options", "/eapi/v1", ("public", "market", "private", ""), 10, 200, 300.0, 900.0, integer_ids=True),
    )
}
INTERVALS = tuple(name for name in candles.INTERVALS if name != "10m")
"""Of its candles."""
TRADE_ROUTES = ("market", "public", "silent")
"""Where USD-M may serve ``@trade``, which is undocumented: observers have seen it on either route, and on none."""


def quarters(now: float | None = None) -> tuple[str, str]:
    """The next two quarterly deliveries as ``yymmdd``: 08:00 UTC on the last Friday of a quarter.

    Args:
        now: seconds since the epoch; the system's clock by default.
    """
    moment = datetime.fromtimestamp(time.time() if now is None else now, timezone.utc)
    found = []
    for year in (moment.year, moment.year + 1):
        for month in (3, 6, 9, 12):
            last = datetime(year, month, monthrange(year, month)[1], 8, tzinfo=timezone.utc)
            friday = last - timedelta(days=(last.weekday() - 4) % 7)
            if friday > moment:
                found.append(friday.strftime("%y%m%d"))
    return found[0], found[1]


def default_symbols(now: float | None = None) -> dict[str, tuple[str, ...]]:
    """What is listed unless somebody asks for something else; dated contracts expire in the next two quarters.

    Args:
        now: seconds since the epoch; the system's clock by default.
    """
    near, far = quarters(now)
    options = (f"BTC-{near}-80000", f"BTC-{near}-90000", f"BTC-{far}-90000", f"ETH-{near}-2500", f"ETH-{near}-3000")
    return {
        "spot": (
            "BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "ADAUSDT", "LTCUSDT", "BNBBTC",
            "ETHBTC", "测试USDT",
        ),
        "usdm": (
            "BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "ADAUSDT", f"BTCUSDT_{near}",
            "TSLAUSDT", "XAUUSDT", "DEFIUSDT", "BTCDOMUSDT",
        ),
        "coinm": (
            "BTCUSD_PERP", "ETHUSD_PERP", "BNBUSD_PERP", "SOLUSD_PERP", "XRPUSD_PERP", "ADAUSD_PERP",
            f"BTCUSD_{near}", f"BTCUSD_{far}", f"ETHUSD_{near}",
        ),
        "options": tuple(f"{name}-{side}" for name in options for side in "CP"),
    }  # fmt: skip


_USD_PRICES = {
    "BTC": 86000.0, "ETH": 2700.0, "BNB": 640.0, "SOL": 150.0, "XRP": 2.2, "DOGE": 0.19, "ADA": 0.7, "LTC": 95.0,
    "TSLA": 410.0, "XAU": 3900.0, "DEFI": 700.0, "BTCDOM": 5200.0, "EUR": 1.16, "AUD": 0.65, "BRL": 0.18, "TRY": 0.024,
}  # fmt: skip
_TRADFI = frozenset({"TSLA", "XAU"})
_INDEXES = frozenset({"DEFI", "BTCDOM"})
_QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "AUD", "BRL", "USD")
_OPTION = re.compile(r"([^-]+)-(\d{6})-(\d+(?:\.\d+)?)-([CP])")
_FUTURES_STRIDE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Instrument):
    """An instrument as Binance lists it.

    Args:
        product: ``spot``, ``usdm``, ``coinm`` or ``options``.
        pair: base and quote.
        contract: PERPETUAL, TRADIFI_PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER, CALL, PUT, or "" on spot.
        delivery: yymmdd, "" without one.
    """

    product: str
    pair: str
    contract: str
    delivery: str = ""

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


BinanceMarket = Market[Listed]


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


def instrument(product: str, symbol: str) -> Listed:
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
    return Listed(
        key=f"{product}/{symbol}", product=product, symbol=symbol, pair=pair, base=base, quote=quote,
        contract=_contract(product, base, suffix), start_price=max(500, round(price * 10**places)),
        price_places=places, qty_places=qty_places, padding=8 if product == "spot" else 0, typical_qty=typical,
        contract_size=size, delivery=suffix if suffix.isdigit() else "", **_habits(product),
    )  # fmt: skip


def _habits(product: str) -> dict[str, Any]:
    """How the markets of a product behave."""
    if product == "spot":
        return {}
    futures = product in ("usdm", "coinm")
    return {
        "id_stride": _FUTURES_STRIDE, "merge_window": 100_000, "retail": product == "usdm", "liquidations": futures,
    }  # fmt: skip


def _contract(product: str, base: str, suffix: str) -> str:
    if product == "spot":
        return ""
    if suffix.isdigit():
        return "CURRENT_QUARTER" if suffix <= quarters()[0] else "NEXT_QUARTER"
    return "TRADIFI_PERPETUAL" if base in _TRADFI else "PERPETUAL"


def _option(symbol: str) -> Listed:
    match = _OPTION.fullmatch(symbol)
    if not match:
        raise ValueError(f"not an options symbol: {symbol!r}")
    base, delivery, strike, side = match.groups()
    spot = _usd(base)
    intrinsic = max(0.0, (spot - float(strike)) * (1 if side == "C" else -1))
    places = 3 if spot >= 10000 else 4
    price = max(500, round((intrinsic + spot * 0.03) * 10**places))
    contract = "CALL" if side == "C" else "PUT"
    return Listed(
        key=f"options/{symbol}", product="options", symbol=symbol, pair=f"{base}USDT", base=base, quote="USDT",
        contract=contract, start_price=price, price_places=places, qty_places=2, typical_qty=150, delivery=delivery,
        **_habits("options"),
    )  # fmt: skip


def _are_names(value: Any) -> bool:
    names = isinstance(value, Collection) and not isinstance(value, (str, bytes))
    return names and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


BY_PRODUCT = Rule(
    "a mapping of products, such as {'spot': ['BTCUSDT']}", lambda value: value is None or isinstance(value, Mapping)
)
_SOME = Rule("several names, or how many", lambda value: whole(0).fits(value) or _are_names(value))


def symbol_table(symbols: Mapping[str, Sequence[str] | int] | None) -> dict[str, tuple[str, ...]]:
    """The symbols of every product: the defaults, a list, or as many as a count says (the defaults first).

    Raises:
        ValueError: no mapping, unknown product, neither names nor a count, or a name that does not fit its product.
    """
    table = default_symbols()
    check("symbols", symbols, BY_PRODUCT)
    for product, wanted in (symbols or {}).items():
        if product not in PRODUCTS:
            raise ValueError(f"unknown product {product!r}; one of {', '.join(PRODUCTS)}")
        check(f"symbols of {product}", wanted, _SOME)
        table[product] = _generated(product, wanted) if isinstance(wanted, int) else tuple(wanted)
        for symbol in table[product]:
            instrument(product, symbol)
    return table


def _generated(product: str, count: int) -> tuple[str, ...]:
    patterns = {
        "spot": "SIM{}USDT",
        "usdm": "SIM{}USDT",
        "coinm": "SIM{}USD_PERP",
        "options": f"BTC-{quarters()[0]}-{{}}-C",
    }
    more: Iterable[str] = (patterns[product].format(1000 + n) for n in range(count))
    return (*default_symbols()[product], *more)[:count]
