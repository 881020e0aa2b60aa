"""The regions of Upbit: separate exchanges with listings, accounts and keys of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["HOSTS", "PLACES", "REGIONS", "Region", "located"]

PLACES = ("public", "private", "info")
"""The WebSocket endpoints of a region, which are the routes of its product."""


@dataclass(frozen=True, slots=True)
class Region:
    """One of them.

    Args:
        product: first part of its paths here.
        code: what SDKs call it.
        host: of the real exchange.
        quotes: what its markets are priced in, the local currency first.
        korean: whether its errors speak Korean.
    """

    product: str
    code: str
    host: str
    quotes: tuple[str, ...]
    korean: bool = False

    @property
    def local(self) -> str:
        """The local currency."""
        return self.quotes[0]


REGIONS: Mapping[str, Region] = {
    region.product: region
    for region in (
        Region("upbit", "kr", "api.upbit.com", ("KRW", "BTC", "USDT"), korean=True),
        Region("upbit-sg", "sg", "sg-api.upbit.com", ("SGD", "BTC", "USDT")),
        Region("upbit-id", "id", "id-api.upbit.com", ("IDR", "BTC", "USDT")),
        Region("upbit-th", "th", "th-api.upbit.com", ("THB", "BTC", "USDT")),
    )
}
HOSTS: Mapping[str, str] = {region.host: region.product for region in REGIONS.values()}
"""Host of the real exchange to the region's product."""

_OWN = ("websocket", "v1")  # first parts of Upbit's paths, which no other venue has


def located(host: str, path: str) -> str:
    """The path below its region, of a request for a host of Upbit, or without a region in its path; others as they are.

    Args:
        host: as the header has it, with or without a port.
        path: as requested.
    """
    first = path[1:].partition("/")[0] if path.startswith("/") else ""
    if first not in _OWN:
        return path
    return f"/{HOSTS.get(host.partition(':')[0].lower(), 'upbit')}{path}"
