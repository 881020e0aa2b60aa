"""Where Upbit is reached: four regions with hosts of their own, or a base URL.

Regions have listings, accounts and keys of their own. Under a base URL, that of the embedded exchange for example, the
first one is found under the path ``/upbit``, the others under ``/upbit-sg`` and so on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...errors import ConfigError
from ..environment import LIVE, Endpoint, choose

__all__ = ["REGIONS", "Place"]

_log = logging.getLogger("binance_sockets.upbit")

REGIONS: Mapping[str, str] = {
    "kr": "api.upbit.com",
    "sg": "sg-api.upbit.com",
    "id": "id-api.upbit.com",
    "th": "th-api.upbit.com",
}
"""Hosts by region. Source: docs.upbit.com and global-docs.upbit.com, ``websocket-guide`` (2026-08-31)."""

_FIRST = next(iter(REGIONS))
_PATHS = {"public": "", "private": "/private", "info": "/info"}


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an environment.

    Args:
        environment: ``"live"``, or a base URL without trailing slash.
        region: one of :data:`REGIONS`.
    """

    environment: str
    region: str

    @classmethod
    def resolve(cls, environment: str | None, region: str, *, credentials: bool) -> Place:
        """Choose: the argument, else the variable ``BINANCE_SOCKETS_BASE_URL``, else live.

        Args:
            environment: ``"live"``, a base URL, or ``None``.
            region: one of :data:`REGIONS`.
            credentials: whether API credentials are set; then a variable may only name this machine.

        Raises:
            ConfigError: for anything else, naming what is allowed.
        """
        if not isinstance(region, str) or region not in REGIONS:
            raise ConfigError("region", region, tuple(REGIONS))
        return cls(choose(environment, (LIVE,), credentials=credentials, log=_log), region)

    @property
    def endpoint(self) -> Endpoint:
        """The bases of its sockets and of its REST calls, without the version."""
        if self.environment != LIVE:
            return Endpoint.under(self.environment, "upbit" if self.region == _FIRST else f"upbit-{self.region}")
        host = REGIONS[self.region]
        return Endpoint(f"wss://{host}", f"https://{host}", "websocket-guide (2026-08-31)")

    def url(self, endpoint: str) -> str:
        """The URL of ``"public"``, ``"private"`` or ``"info"`` streams."""
        return f"{self.endpoint.streams}/websocket/v1{_PATHS[endpoint]}"

    @property
    def venue(self) -> str:
        """Host, and port where there is one, that stands for all that is counted together."""
        return urlsplit(self.endpoint.rest).netloc
