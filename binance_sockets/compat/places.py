"""Old URLs, and what is found there today: host and path of a stream socket to product, names and shape of payloads."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..errors import ConfigError
from ..exchanges.binance.products import PRODUCTS
from ..exchanges.binance.urls import Environment
from ..exchanges.environment import is_loopback

__all__ = ["FSTREAM_URL", "STREAM_URL", "Place", "place_of"]

STREAM_URL = "wss://stream.binance.com:9443/"
FSTREAM_URL = "wss://fstream.binance.com/"

_HOSTS: dict[str, tuple[str, str, str]] = {
    "stream.binance.com": ("spot", "live", "com"),
    "stream1.binance.com": ("spot", "live", "com"),
    "stream2.binance.com": ("spot", "live", "com"),
    "stream.binance.cc": ("spot", "live", "com"),
    "stream.yshyqxx.com": ("spot", "live", "com"),
    "data-stream.binance.vision": ("spot", "data", "com"),
    "stream.binance.us": ("spot", "live", "us"),
    "testnet.binance.vision": ("spot", "testnet", "com"),
    "stream.testnet.binance.vision": ("spot", "testnet", "com"),
    "fstream.binance.com": ("usdm", "live", "com"),
    "fstream3.binance.com": ("usdm", "live", "com"),
    "fstream-auth.binance.com": ("usdm", "live", "com"),
    "stream.binancefuture.com": ("usdm", "testnet", "com"),
    "dstream.binance.com": ("coinm", "live", "com"),
    "dstream.binancefuture.com": ("coinm", "testnet", "com"),
}


class Place(NamedTuple):
    """Where the streams of a URL are.

    Args:
        environment: as :class:`~binance_sockets.SocketManager` has it.
        product: ``"spot"``, ``"usdm"`` or ``"coinm"``.
        names: the streams.
        wrapped: whether payloads come as ``{"stream", "data"}``.
    """

    environment: Environment
    product: str
    names: tuple[str, ...]
    wrapped: bool


def place_of(url: str, product: str, chosen: Environment) -> Place:
    """The streams of an old URL: ``wss://host/ws/a``, also ``/ws/a/b``, or ``wss://host/stream?streams=a/b``.

    Args:
        url: scheme, host, path and query, as a script has put it together.
        product: what an address that is no host of the exchange serves.
        chosen: the environment that stands for the exchange's ordinary hosts.

    Raises:
        ConfigError: for a URL that is neither, and a host that is not the exchange's.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    path, query = parts.path, unquote(parts.query)
    if query.startswith("streams="):
        names, wrapped = tuple(filter(None, query.removeprefix("streams=").split("/"))), True
    else:
        _, found, last = path.rpartition("/ws/")  # the last: a script's host may end in it already
        names, wrapped = tuple(filter(None, unquote(last).split("/"))) if found else (), False
    if not names:
        raise ConfigError("url", url, "a URL such as 'wss://stream.binance.com:9443/ws/bnbbtc@trade'")
    if host in _HOSTS:
        product, name, tld = _HOSTS[host]
        usual = (name, tld) == ("live", "com") and product in chosen.products()
        return Place(chosen if usual else Environment.resolve(name, tld), product, names, wrapped)
    if not is_loopback(host):
        hint = f"{host} is not, or no longer, a host of its streams"
        raise ConfigError("STREAM_URL", f"{parts.scheme}://{host}", sorted(_HOSTS), hint)
    base = f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"
    first = path.strip("/").partition("/")[0]
    return Place(Environment.resolve(base), first if first in PRODUCTS else product, names, wrapped)
