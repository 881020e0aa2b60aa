"""Which stream a subscription by kind means, and where a base URL leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from urllib.parse import urlsplit

from ..errors import ConfigError
from ..exchanges.binance.names import symbol_of
from ..exchanges.binance.products import ENVIRONMENTS, MARKETS, PRODUCTS

__all__ = ["Freq", "place_of", "stream_name"]


class Freq(str, Enum):
    """Lengths of candles; the exchange's own text, such as ``"1m"``, may stand for each."""

    s1 = "1s"
    m1 = "1m"
    m3 = "3m"
    m5 = "5m"
    m15 = "15m"
    m30 = "30m"
    h1 = "1h"
    h2 = "2h"
    h4 = "4h"
    h6 = "6h"
    h8 = "8h"
    h12 = "12h"
    d1 = "1d"
    d3 = "3d"
    w1 = "1w"
    M1 = "1M"


_EVERYWHERE = ("spot", "usdm", "coinm", "options")
_FUTURES = ("usdm", "coinm")

# Futures have no documented stream of single trades. The speed of a book is the exchange's default where it has one.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "ticker": {**dict.fromkeys(_EVERYWHERE, "ticker"), "options": "optionTicker"},
    "kline": dict.fromkeys(_EVERYWHERE, "kline_{interval}"),
    "trade": {"spot": "trade", "usdm": "aggTrade", "coinm": "aggTrade", "options": "optionTrade"},
    "depth": {**dict.fromkeys(_EVERYWHERE, "depth{limit}"), "options": "depth{limit}@100ms"},
    "depth_diff": {**dict.fromkeys(_EVERYWHERE, "depth"), "options": "depth@100ms"},
    "book_ticker": dict.fromkeys(_EVERYWHERE, "bookTicker"),
    "mark_price": dict.fromkeys(_FUTURES, "markPrice@1s"),
    "liquidation": dict.fromkeys(_FUTURES, "forceOrder"),
}
_LIMITS = (5, 10, 20)


def stream_name(product: str, kind: str, symbol: object, *, interval: object = "", limit: object = 5) -> str:
    """The name on the wire of a subscription.

    Args:
        product: ``"spot"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        kind: of the subscription, such as ``"ticker"``.
        symbol: in any case.
        interval: of candles, a :class:`Freq` or its text.
        limit: levels of a book: 5, 10 or 20.

    Raises:
        ConfigError: the product has no such stream, or an argument is bad.
    """
    names = _NAMES[kind]
    if product not in names:
        raise ConfigError("product", product, tuple(names), f"{product} has no stream for subscribe_{kind}")
    symbol = symbol_of(product, "symbol", symbol)
    if limit not in _LIMITS or isinstance(limit, bool):
        raise ConfigError("limit", limit, _LIMITS)
    text = str(getattr(interval, "value", interval))
    if kind == "kline" and text not in {each.value for each in Freq}:
        raise ConfigError("interval", interval, tuple(each.value for each in Freq))
    return f"{symbol.lower()}@{names[product].format(interval=text, limit=limit)}"


def place_of(base_url: object, product: str | None) -> tuple[str | None, str, str]:
    """Where a base URL leads: environment, top-level domain, product.

    Args:
        base_url: ``None``, the name of an environment, one of the exchange's own stream URLs, such as
            ``"wss://stream.binance.com:9443/ws/"``, or the base URL of another server.
        product: as the user said it; ``None`` where the URL may say it.

    Raises:
        ConfigError: for anything else, and where product and URL disagree.
    """
    if product is not None and product not in PRODUCTS:
        raise ConfigError("product", product, PRODUCTS)
    if base_url is None or base_url in ENVIRONMENTS:
        return base_url and str(base_url), "com", product or "spot"
    allowed = f"None, {', '.join(map(repr, ENVIRONMENTS))}, or a URL such as 'wss://stream.binance.com:9443/ws/'"
    if not isinstance(base_url, str):
        raise ConfigError("base_url", base_url, allowed)
    parts = urlsplit(base_url)
    if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname:
        raise ConfigError("base_url", base_url, allowed)
    found = [
        (name, row.tld, row.name)
        for row in MARKETS.values()
        for name, endpoint in row.hosts.items()
        if parts.hostname in _hosts((endpoint.streams, *endpoint.others))
    ]
    for place in found:
        if product in (None, place[2]):
            return place
    if found:
        raise ConfigError("product", product, tuple(dict.fromkeys(place[2] for place in found)), f"{base_url} has it")
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    path = parts.path.rstrip("/")
    for ending in ("/ws", "/stream"):
        path = path.removesuffix(ending)
    return f"{scheme}://{parts.netloc}{path}", "com", product or "spot"


def _hosts(urls: Iterable[str]) -> set[str | None]:
    return {urlsplit(url).hostname for url in urls}
