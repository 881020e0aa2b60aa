"""What REST calls look at: what is listed, its markets, and the time."""

from __future__ import annotations

from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.session import Services

__all__ = ["Backend"]


class Backend:
    """The markets that the streams show.

    Args:
        listing: what is listed.
        services: faults, clock and playback.
    """

    def __init__(self, listing: Listing, services: Services) -> None:
        self.listing, self.services = listing, services

    def now(self) -> int:
        """The markets' time in microseconds."""
        return self.services.feed.clock.advance()

    def look(self, instrument: Listed) -> BinanceMarket:
        """A market, brought up to now and awake for a while."""
        market = self.listing.market(instrument, self.now())
        self.services.feed.look(market)
        return market

    def find(self, product: str, symbol: str) -> Listed:
        """A listed instrument.

        Raises:
            RestError: it is not listed.
        """
        found = self.listing.find(product, symbol)
        if found is None:
            raise RestError(-1121, "Invalid symbol.")
        return found

    def instrument(self, query: Query) -> Listed:
        """The instrument of the parameter ``symbol``.

        Raises:
            RestError: it is not listed, or has another status than the one asked for.
        """
        found = self.find(query.product, query.text("symbol"))
        if query.text("symbolStatus", "TRADING") != "TRADING":
            raise RestError(-1220, "The symbol's status does not match the requested symbolStatus.")
        return found

    def market(self, query: Query) -> BinanceMarket:
        """The market of the parameter ``symbol``.

        Raises:
            RestError: as :meth:`instrument`.
        """
        return self.look(self.instrument(query))

    def selected(self, query: Query) -> list[Listed]:
        """The instruments of ``symbol``, ``symbols`` or ``pair``; all of the product where none is named.

        Raises:
            RestError: one of them is not listed, or two of the parameters stand together.
        """
        if sum(name in query for name in ("symbol", "symbols", "pair")) > 1:
            raise RestError(-1128, "Combination of optional parameters invalid.")
        if "symbol" in query:
            return [self.instrument(query)]
        names = query.names()
        rows = list(self.listing.listed[query.product].values())
        if names is not None:
            rows = [self.find(query.product, name) for name in names]
        if "pair" in query:
            rows = [row for row in rows if row.pair == query.text("pair")]
            if not rows:
                raise RestError(-1121, "Invalid symbol.")
        if query.text("symbolStatus", "TRADING") != "TRADING":
            return []
        return rows
