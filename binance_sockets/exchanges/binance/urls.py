"""The choice of one of Binance's environments, and where its products are found there.

Environments are ``"live"``, ``"testnet"``, ``"demo"``, ``"data"`` (the public-only spot host) or a base URL such as
``http://127.0.0.1:9000``, under which the products are found by the path prefixes ``/spot``, ``/usdm``, ``/coinm`` and
``/options``. The hosts stand in :mod:`.products`.
"""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...engine.allowance import Quota
from ...errors import ConfigError
from ..environment import BASE_URL_VARIABLE, LIVE, Endpoint, choose
from .products import ENVIRONMENTS, MARKETS, PRODUCTS, TLDS, product_of

__all__ = ["Environment", "of_client"]

_log = logging.getLogger("binance_sockets.binance")

_EACH = 0.45  # of the request weight: order books, back-fill and the like
_MOST = 0.6  # of it: all of them, which leaves the rest to the user's own calls
_LIMIT = 0.9  # of it, whoever uses it: what is counted here and there differs a little
_UNSAID = 400  # weight per minute where no document says


@dataclass(frozen=True, slots=True)
class Environment:
    """A chosen environment: a name of :data:`~.products.ENVIRONMENTS`, or a base URL.

    Args:
        name: the name, or the base URL without a trailing slash.
        tld: ``"com"`` or ``"us"``.
    """

    name: str = LIVE
    tld: str = "com"

    @classmethod
    def resolve(cls, environment: str | None = None, tld: str = "com", *, credentials: bool = False) -> Environment:
        """Choose the environment: the argument, else the variable ``BINANCE_SOCKETS_BASE_URL``, else live.

        Args:
            environment: a name, a base URL, or ``None``.
            tld: ``"com"`` or ``"us"``.
            credentials: whether API credentials are set; then a variable may only name this machine.

        Raises:
            ConfigError: for anything else, naming the allowed values.
        """
        if tld not in TLDS:
            raise ConfigError("tld", tld, TLDS)
        name = choose(environment, ENVIRONMENTS, credentials=credentials, log=_log)
        if tld == "us" and name in ENVIRONMENTS and name != LIVE:
            raise ConfigError("environment", name, "'live' or a base URL", "Binance.US has no other environment")
        return cls(name, tld)

    def endpoint(self, product: str) -> Endpoint:
        """The URLs of one product here.

        Raises:
            ConfigError: for an unknown product, or one that this environment does not have.
        """
        if product not in PRODUCTS:
            raise ConfigError("product", product, PRODUCTS)
        offered = self.products()
        if product not in offered:
            hint = f"Environment {self.name!r} (tld {self.tld!r}) has no {product}"
            raise ConfigError("product", product, offered, hint)
        if self.name in ENVIRONMENTS:
            return product_of(product, self.tld).hosts[self.name]
        return Endpoint.under(self.name, product)

    def quota(self, product: str) -> Quota:
        """What the REST calls of one product may use, of a limit that it may share with another one.

        Raises:
            ConfigError: for an unknown product, or one that this environment does not have.
        """
        row = product_of(product, self.tld)
        venue = urlsplit(self.endpoint(row.weight_of or product).rest).netloc
        said = row.weight_per_minute
        limit = math.inf if said is None else _LIMIT * said
        assumed = said or _UNSAID
        return Quota(venue, row.weight_name, int(_EACH * assumed), int(_MOST * assumed), limit, 60.0)

    def products(self) -> tuple[str, ...]:
        """The products that exist here."""
        rows = [row for row in MARKETS.values() if row.tld == self.tld]
        return tuple(row.name for row in rows if self.name not in ENVIRONMENTS or self.name in row.hosts)


def of_client(client: object, environment: str | None, tld: str) -> tuple[str | None, str]:
    """Environment and tld, which a client's own complete: what it trades on is what its user wants to see.

    Args:
        client: any object; ``testnet``, ``demo`` and ``tld`` count where it has them.
        environment: as the caller gave it; ``None`` where it did not.
        tld: likewise; ``"com"`` where it did not.

    Raises:
        ConfigError: ``client`` is a text, which is most likely a key; it is not shown.
    """
    if isinstance(client, (str, bytes)):
        hint = "A key is given as api_key= and api_secret="
        raise ConfigError("client", "a text", "an object with API_KEY, or None", hint)
    if environment is None and not os.environ.get(BASE_URL_VARIABLE):
        environment = next((name for name in ("testnet", "demo") if getattr(client, name, None) is True), None)
    if tld == "com" and environment is None and getattr(client, "tld", None) == "us":
        tld = "us"
    return environment, tld
