"""What the tests of trading share: an exchange without a network, accounts that listen, a ledger of their events."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from simulator.helpers import START

from binance_sockets.simulator.accounts import Account, Accounts, amount_text
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading import BY_METHOD, BY_REST, Refused
from binance_sockets.simulator.binance.trading.futures import FuturesCounter
from binance_sockets.simulator.binance.trading.options import OptionsDesk
from binance_sockets.simulator.binance.trading.spot import Desk
from binance_sockets.simulator.market.book import BUY, SELL, TimeInForce
from binance_sockets.simulator.market.world import World

SYMBOL = "BTCUSDT"
BALANCES = {"USDT": "100000", "BTC": "2", "BNB": "10"}


class Trader:
    """One account, what it was told, and what it may call."""

    def __init__(self, exchange: Exchange, account: Account, wallet: str = "spot") -> None:
        self.exchange, self.account, self.wallet = exchange, account, wallet
        self.events: list[dict[str, Any]] = []
        account.listen(wallet, self.events.append)

    def call(self, method: str, **params: Any) -> Any:
        """A method of the WebSocket API."""
        sent = {name: str(value) for name, value in params.items()}
        return BY_METHOD[self.exchange.desk.product, method](self.exchange.desk, self.account, sent)

    def rest(self, verb: str, path: str, **params: Any) -> Any:
        """A REST call."""
        sent = {name: str(value) for name, value in params.items()}
        return BY_REST[self.exchange.desk.product, verb, path](self.exchange.desk, self.account, sent)

    def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Code and text of a call that must be refused, and must change nothing."""
        before, told = self.holdings(), len(self.events)
        try:
            result = self.call(method, **params)
        except Refused as refused:
            assert refused.status == 400
            assert self.holdings() == before
            assert self.events[told:] == []
            return refused.code, refused.msg
        raise AssertionError(f"not refused: {result}")

    def limit(self, side: str, quantity: str, price: str, **more: Any) -> Any:
        """Place a limit order."""
        facts = {"timeInForce": "GTC", "symbol": SYMBOL, **more}
        return self.call("order.place", side=side, type="LIMIT", quantity=quantity, price=price, **facts)

    def take(self) -> list[dict[str, Any]]:
        """The events since the last call."""
        events, self.events[:] = self.events[:], []
        return events

    def holdings(self) -> dict[str, tuple[str, str]]:
        """Free and locked amounts by asset."""
        wallet = self.account.wallet(self.wallet)
        return {a: (amount_text(wallet.free(a)), amount_text(wallet.locked(a))) for a in wallet.assets}


class Exchange:
    """Markets, accounts and a desk on a clock that stands until somebody moves it."""

    product = "spot"

    def __init__(self, seed: int = 1, symbols: dict[str, list[str]] | None = None) -> None:
        self.now = START
        self.world = World(seed)
        self.listing = Listing(self.world, symbols)
        self.accounts = Accounts()
        self.desk = self._desk()
        self.market = self.find(symbols[self.product][0] if symbols else next(iter(self.listing.listed[self.product])))

    def _desk(self) -> Any:
        return Desk(self.listing, self.world, self.accounts, lambda: self.now, lambda m: m.advance(self.now))

    def find(self, symbol: str) -> BinanceMarket:
        return self.desk.market(symbol)

    def trader(self, name: str, wallet: str = "spot", balances: dict[str, str] | None = None) -> Trader:
        account = self.accounts.create(name, balances={wallet: BALANCES if balances is None else balances})
        return Trader(self, account, wallet)

    def steps(self, count: int, market: BinanceMarket | None = None) -> None:
        """Let the crowd act."""
        market = market or self.market
        for _ in range(count):
            self.now = max(self.now, market.next_time)
            market.step()

    def trade_at(self, price: int, side: int = BUY) -> None:
        """Make somebody without an account trade one lot at a price, and clear what stands before it."""
        market = self.market
        while (best := market.book.best(-side)) is not None and best * side < price * side:
            market.submit("whale", side, market.book.quantity(-side, best), best)
        if market.book.best(-side) != price:
            market.submit("other", -side, 1, price)
        market.submit("whale", side, 1, price)

    def sweep(self, side: int, price: int, qty: int = 10**9) -> None:
        """Let somebody without an account take all that stands before a price and at it, or so many lots of it."""
        self.market.submit("whale", side, qty, price, tif=TimeInForce.IOC)

    def deepen(self) -> None:
        """Put large orders far from the price, so that nothing runs out of makers."""
        for side in (BUY, SELL):
            self.market.submit("deep", side, 10**7, self.last - side * self.last // 8)

    def price(self, side: int, away: int = 0) -> str:
        """A price so many ticks behind the best one of a side."""
        return self.market.instrument.price_text(self.market.best(side)[0] - side * away)

    @property
    def last(self) -> int:
        return self.market.last_trade().price

    def text(self, price: int) -> str:
        return self.market.instrument.price_text(price)


class FuturesExchange(Exchange):
    """The same for USD-M."""

    product = "usdm"

    def _desk(self) -> Any:
        look = lambda m: m.advance(self.now)  # noqa: E731
        return FuturesCounter(self.product, self.listing, self.world, self.accounts, lambda: self.now, look)

    def trader(self, name: str, wallet: str = "", balances: dict[str, str] | None = None) -> Trader:
        return super().trader(name, wallet or self.product, {"USDT": "100000"} if balances is None else balances)

    def flat(self, price: int = 0) -> int:
        """Take everybody else out of the book, and put large orders at a price and around it; returns the price."""
        market = self.market
        for side in (BUY, SELL):
            while market.book.best(side) is not None:
                market.submit("whale", -side, 10**12, tif=TimeInForce.IOC)
        price = price or market.prices.mark8 // market.instrument.price8(1)
        for side in (BUY, SELL):
            market.submit("deep", side, 10**6, price - side * 10)
        return price


class CoinExchange(FuturesExchange):
    """The same for COIN-M."""

    product = "coinm"

    def trader(self, name: str, wallet: str = "", balances: dict[str, str] | None = None) -> Trader:
        return super().trader(name, wallet, {"BTC": "10"} if balances is None else balances)


class OptionsExchange(FuturesExchange):
    """The same for options."""

    product = "options"

    def _desk(self) -> Any:
        look = lambda m: m.advance(self.now)  # noqa: E731
        return OptionsDesk(self.listing, self.world, self.accounts, lambda: self.now, look)

    def flat(self, price: int = 0) -> int:
        return super().flat(price or self.market.prices.fair)


def kinds(events: list[dict[str, Any]], *, partial: bool = True) -> list[str]:
    """Events in short: ``NEW/NEW``, ``position``, ``list EXEC_STARTED``, ``balance 1.00000000 BTC``.

    Args:
        events: as they were told.
        partial: also the trades that left something of an order.
    """
    short = [_short(event) for event in events]
    return [kind for kind in short if partial or kind != "TRADE/PARTIALLY_FILLED"]


def _short(event: dict[str, Any]) -> str:
    if event["e"] == "executionReport":
        return f"{event['x']}/{event['X']}"
    if event["e"] == "listStatus":
        return f"list {event['l']}"
    return "position" if event["e"] == "outboundAccountPosition" else f"balance {event['d']} {event['a']}"


_ENDS = {"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"}
_NEXT = {
    "": {"NEW", "PENDING_NEW"},
    "NEW": {"NEW", "PARTIALLY_FILLED", *_ENDS},
    "PENDING_NEW": {"NEW", "PENDING_NEW", "CANCELED", "EXPIRED"},
    "PARTIALLY_FILLED": {"PARTIALLY_FILLED", *_ENDS},
}  # fmt: skip
_KINDS = {"NEW": {"NEW", "PENDING_NEW"}, "TRADE": {"PARTIALLY_FILLED", "FILLED"}, "CANCELED": {"CANCELED"},
          "EXPIRED": {"EXPIRED"}, "REPLACED": {"NEW", "PENDING_NEW", "PARTIALLY_FILLED"},
          "TRADE_PREVENTION": {"EXPIRED_IN_MATCH", "NEW", "PARTIALLY_FILLED"}}  # fmt: skip


class EventLedger:
    """What an account would know from its events alone; complains about a sequence that is not legal."""

    def __init__(self, start: dict[str, str]) -> None:
        self.totals: defaultdict[str, Decimal] = defaultdict(Decimal, {a: Decimal(n) for a, n in start.items()})
        self.positions: dict[str, tuple[str, str]] = {}
        self.orders: dict[tuple[str, int], dict[str, Any]] = {}
        self.time = 0

    def read(self, event: dict[str, Any]) -> None:
        assert event["E"] >= self.time
        self.time = event["E"]
        if event["e"] == "outboundAccountPosition":
            self.positions.update({row["a"]: (row["f"], row["l"]) for row in event["B"]})
        elif event["e"] == "balanceUpdate":
            self.totals[event["a"]] += Decimal(event["d"])
        elif event["e"] == "executionReport":
            self._read_order(event)

    def _read_order(self, event: dict[str, Any]) -> None:
        key = event["s"], event["i"]
        before = self.orders.get(key, {})
        assert event["X"] in _NEXT[before.get("X", "")], (before, event)
        assert event["X"] in _KINDS[event["x"]]
        assert before == {} or event["I"] > before["I"]
        done, last = Decimal(event["z"]), Decimal(event["l"])
        assert done == Decimal(before.get("z", "0")) + last
        assert Decimal(event["Z"]) == Decimal(before.get("Z", "0")) + Decimal(event["Y"])
        assert (event["x"] == "TRADE") == (last > 0) == (event["t"] != -1)
        assert done + Decimal(event.get("A", "0")) <= Decimal(event["q"])
        assert event["w"] is False or event["X"] in ("NEW", "PARTIALLY_FILLED")
        assert ("eR" in event) <= (event["x"] == "EXPIRED")
        if event["X"] == "FILLED":
            assert done + Decimal(before.get("A", "0")) == Decimal(event["q"])
        if last:
            self._read_trade(event, last)
        self.orders[key] = {**before, **event}

    def _read_trade(self, event: dict[str, Any], qty: Decimal) -> None:
        quote = next(q for q in ("USDT", "BTC") if event["s"].endswith(q))
        sign = 1 if event["S"] == "BUY" else -1
        self.totals[event["s"].removesuffix(quote)] += sign * qty
        self.totals[quote] -= sign * Decimal(event["Y"])
        self.totals[event["N"]] -= Decimal(event["n"])
