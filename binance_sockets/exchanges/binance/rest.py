"""The public REST call that streams need: does the exchange list a symbol?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config import Options
from ...errors import ExchangeError
from ..rest import RestClient
from .products import Product

__all__ = ["PublicRest"]

_UNKNOWN_SYMBOL = -1121


class PublicRest(RestClient):
    """Unsigned REST calls of one product. Every call blocks for a few seconds at most and opens its own session.

    Args:
        base: scheme, host and, for a base-URL environment, the product's path.
        product: the row of the product.
        options: proxy and TLS settings, the same as the sockets'.
    """

    def __init__(self, base: str, product: Product, options: Options) -> None:
        super().__init__(base, options)
        self._product = product

    def lists(self, symbol: str) -> bool:
        """Whether the exchange lists ``symbol`` as a symbol, pair, contract or underlying.

        Raises:
            RateLimited: HTTP 429 or 418 that outlasted the patience of this call.
            ExchangeError: any other refusal.
            requests.RequestException: the exchange could not be reached.
        """
        wanted = symbol.upper()
        try:
            info = self.get(self._product.info_path, {"symbol": wanted} if self._product.info_takes_symbol else {})
        except ExchangeError as error:
            if error.error_code == _UNKNOWN_SYMBOL:
                return False
            raise
        return wanted in set(_listed(info))

    def refusal(self, body: Any) -> tuple[int | None, str] | None:
        """``{"code", "msg"}``, as every product answers."""
        if isinstance(body, dict) and isinstance(body.get("code"), int):
            return body["code"], str(body.get("msg", ""))
        return None


def _listed(info: Any) -> Iterator[str]:
    """All names in an exchangeInfo body."""
    for table in ("symbols", "optionSymbols", "optionContracts"):
        for entry in info.get(table, ()) if isinstance(info, dict) else ():
            for field in ("symbol", "pair", "underlying"):
                if isinstance(name := entry.get(field), str):
                    yield name.upper()
