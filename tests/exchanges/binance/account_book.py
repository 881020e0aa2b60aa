"""An account without an exchange: orders and fills, and how each product writes them in events and REST answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

ZERO = Decimal(0)
PRICE = Decimal(5)
_OFFSET = 4_611_875_134_427_365_376


@dataclass
class Trade:
    """One fill."""

    number: int
    quantity: Decimal
    time: int
    filled: Decimal  # with it


@dataclass
class Order:
    """One order."""

    symbol: str
    number: int
    quantity: Decimal
    opened: int
    updated: int
    status: str = "NEW"
    fills: list[Trade] = field(default_factory=list)

    @property
    def filled(self) -> Decimal:
        return sum((trade.quantity for trade in self.fills), ZERO)

    @property
    def is_open(self) -> bool:
        return self.status in ("NEW", "PARTIALLY_FILLED")


class Account:
    """What happens to an account, on a clock that moves by one for each change."""

    def __init__(self) -> None:
        self.now = 1_000_000
        self.changed = 0
        self.orders: list[Order] = []
        self.position: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._trades: Counter[str] = Counter()

    def place(self, quantity: int, symbol: str = "BTCUSDT") -> Order:
        number = 1 + sum(order.symbol == symbol for order in self.orders)
        self.orders.append(Order(symbol, number, Decimal(quantity), self._tick(), self.now))
        return self.orders[-1]

    def fill(self, number: int, quantity: int, symbol: str = "BTCUSDT", trade: int | None = None) -> Order:
        order = self.find(number, symbol)
        if trade is None:
            self._trades[symbol] += 1
        order.updated = self._tick()
        filled = order.filled + quantity
        order.fills.append(Trade(trade or self._trades[symbol], Decimal(quantity), self.now, filled))
        order.status = "FILLED" if filled >= order.quantity else "PARTIALLY_FILLED"
        self.position[symbol] += quantity
        return order

    def cancel(self, number: int) -> Order:
        order = self.find(number)
        order.updated, order.status = self._tick(), "CANCELED"
        return order

    def amend(self, number: int, quantity: Decimal | int) -> Order:
        order = self.find(number)
        order.updated, order.quantity = self._tick(), Decimal(quantity)
        return order

    def find(self, number: int, symbol: str = "BTCUSDT") -> Order:
        return next(order for order in self.orders if (order.number, order.symbol) == (number, symbol))

    def _tick(self) -> int:
        self.now += 1
        self.changed = self.now
        return self.now


class AccountBook:
    """REST of the account, as a caller of signed calls, and its events."""

    amendment: ClassVar[str]
    """Kind of the event that tells of one; empty where there are none."""
    has_positions: ClassVar[bool]
    page: ClassVar[int] = 1000
    span: ClassVar[int] = 86_400_000
    """From when to when a call may ask at most."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.between: dict[str, Callable[[], object]] = {}
        """What happens behind a call of a name, once."""
        self.calls: list[tuple[str, dict[str, Any]]] = []

    # -- REST ---------------------------------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        security: Any = "none",
        *,
        repeat: bool = False,
        weight: int = 0,
    ) -> Any:
        assert (method, security) == ("GET", "signed")
        self.calls.append((path, dict(params or {})))
        answer = list(self._answer(path, path.rpartition("/")[2], dict(params or {})))
        self.between.pop(path.rpartition("/")[2], lambda: None)()
        return answer[0] if path.endswith(("/order", "/account", "/marginAccount")) else answer

    def measure(self) -> None:
        """Its clock is right."""

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, path: str, name: str, params: dict[str, Any]) -> Iterator[Any]:
        symbol, start = params.get("symbol"), params.get("startTime", 0)
        end = params.get("endTime", start + self.span if "startTime" in params else self.account.now)
        assert "startTime" not in params or (end - start <= self.span and "fromId" not in params)
        orders = [order for order in self.account.orders if symbol in (None, order.symbol)]
        if name == "openOrders":
            yield from (self.row(order) for order in orders if order.is_open)
        elif name == "order":
            yield from (self.row(order) for order in orders if order.number == params["orderId"])
        elif name in ("allOrders", "historyOrders"):
            assert symbol is not None
            first = params.get("orderId", 0)
            orders = [order for order in orders if name == "allOrders" or not order.is_open]
            rows = [self.row(order) for order in orders if start <= order.opened <= end and order.number >= first]
            yield from rows[: params["limit"]]
        elif name in ("myTrades", "userTrades"):
            assert symbol is not None
            trades = [
                (trade.number, order.number, self.trade(order, trade))
                for order in orders
                if params.get("orderId") in (None, order.number)
                for trade in order.fills
                if start <= trade.time <= end and trade.number >= params.get("fromId", 0)
            ]
            yield from [row for _, _, row in sorted(trades, key=lambda row: row[:2])][: params["limit"]]
        else:
            yield from self.held(path)

    def row(self, order: Order) -> dict[str, Any]:
        """An order."""
        return {
            "symbol": order.symbol, "orderId": order.number, "clientOrderId": "c", "side": "BUY", "type": "LIMIT",
            "timeInForce": "GTC", "origQty": str(order.quantity), "price": str(PRICE), "executedQty": str(order.filled),
            "status": order.status, "time": order.opened, "updateTime": order.updated,
        }  # fmt: skip

    def trade(self, order: Order, trade: Trade) -> dict[str, Any]:
        """A fill."""
        return {
            "id": trade.number, "symbol": order.symbol, "orderId": order.number, "qty": str(trade.quantity),
            "price": str(PRICE), "time": trade.time, "commission": "0", "commissionAsset": "BNB",
        }  # fmt: skip

    def held(self, path: str) -> Iterator[Any]:
        """Balances or positions."""
        raise NotImplementedError

    # -- events -------------------------------------------------------------------------------------------------------

    def events(self, kind: str, order: Order) -> list[dict[str, Any]]:
        """What the stream sends of what happened to an order last."""
        raise NotImplementedError

    def holdings(self) -> dict[str, Any]:
        """What the stream sends of balances and positions."""
        raise NotImplementedError

    def positions(self, event: Mapping[str, Any]) -> dict[str, Decimal]:
        """What an event tells of positions."""
        return {}

    def is_order(self, event: Mapping[str, Any]) -> bool:
        """Whether an event tells of an order."""
        raise NotImplementedError

    def step(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The part of an event that tells of an order."""
        return event

    def facts(self, kind: str, order: Order) -> dict[str, Any]:
        """What both products call the same."""
        trade = order.fills[-1] if kind == "TRADE" else None
        return {
            "s": order.symbol, "i": order.number, "x": kind, "X": order.status, "q": str(order.quantity),
            "p": str(PRICE), "z": str(order.filled), "l": str(trade.quantity if trade else 0),
            "t": trade.number if trade else 0, "T": order.updated,
        }  # fmt: skip

    @property
    def balance(self) -> Decimal:
        """What is left of a fortune after all that was bought."""
        return 1000 - PRICE * sum(self.account.position.values())


class SpotBook(AccountBook):
    """Spot."""

    amendment = "REPLACED"
    has_positions = False

    def row(self, order: Order) -> dict[str, Any]:
        return {**super().row(order), "cummulativeQuoteQty": str(order.filled * PRICE)}

    def trade(self, order: Order, trade: Trade) -> dict[str, Any]:
        return {**super().trade(order, trade), "quoteQty": str(trade.quantity * PRICE), "isMaker": True}

    def held(self, path: str) -> Iterator[Any]:
        rows = [{"asset": "USDT", "free": str(self.balance), "locked": "0"}]
        yield {"updateTime": self.account.changed, "balances": rows}

    def events(self, kind: str, order: Order) -> list[dict[str, Any]]:
        quote = Decimal(order.fills[-1].quantity if kind == "TRADE" else 0) * PRICE
        more = {"e": "executionReport", "Y": str(quote), "Z": str(order.filled * PRICE)}
        return [{**self.facts(kind, order), **more}]

    def holdings(self) -> dict[str, Any]:
        rows = [{"a": "USDT", "f": str(self.balance), "l": "0"}]
        return {"e": "outboundAccountPosition", "u": self.account.changed, "B": rows}

    def is_order(self, event: Mapping[str, Any]) -> bool:
        return bool(event["e"] == "executionReport")


class MarginBook(SpotBook):
    """Cross margin: fills without their worth, balances without their time."""

    def trade(self, order: Order, trade: Trade) -> dict[str, Any]:
        return {name: value for name, value in super().trade(order, trade).items() if name != "quoteQty"}

    def held(self, path: str) -> Iterator[Any]:
        yield {"userAssets": next(super().held(path))["balances"]}


class FuturesBook(AccountBook):
    """USD-M: positions that are flat are left out."""

    amendment = "AMENDMENT"
    has_positions = True
    span = 7 * 86_400_000

    def trade(self, order: Order, trade: Trade) -> dict[str, Any]:
        return {**super().trade(order, trade), "realizedPnl": "0", "maker": True}

    def held(self, path: str) -> Iterator[Any]:
        if path.endswith("balance"):
            yield {
                "asset": "USDT", "balance": str(self.balance), "crossWalletBalance": str(self.balance),
                "updateTime": self.account.changed,
            }  # fmt: skip
            return
        for symbol, amount in self.account.position.items():
            if amount:
                yield {
                    "symbol": symbol, "positionAmt": str(amount), "entryPrice": "5", "unRealizedProfit": "0",
                    "positionSide": "BOTH", "isolatedWallet": "0", "updateTime": self.account.changed,
                }  # fmt: skip

    def events(self, kind: str, order: Order) -> list[dict[str, Any]]:
        facts = self.facts(kind, order)
        event = {"e": "ORDER_TRADE_UPDATE", "T": order.updated, "o": facts}
        lite = {"e": "TRADE_LITE", "s": order.symbol, "i": order.number, "t": facts["t"]}
        return [lite, event] if kind == "TRADE" else [event]

    def holdings(self) -> dict[str, Any]:
        text = str(self.balance)
        rows = [
            {"s": symbol, "pa": str(amount), "ep": "5" if amount else "0", "iw": "0", "ps": "BOTH"}
            for symbol, amount in self.account.position.items()
        ]
        balances = [{"a": "USDT", "wb": text, "cw": text, "bc": "0"}]
        return {"e": "ACCOUNT_UPDATE", "T": self.account.changed, "a": {"B": balances, "P": rows}}

    def positions(self, event: Mapping[str, Any]) -> dict[str, Decimal]:
        rows = event["a"]["P"] if event["e"] == "ACCOUNT_UPDATE" else ()
        return {row["s"]: Decimal(row["pa"]) for row in rows}

    def is_order(self, event: Mapping[str, Any]) -> bool:
        return bool(event["e"] == "ORDER_TRADE_UPDATE")

    def step(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        order: Mapping[str, Any] = event["o"]
        return order


class OptionsBook(FuturesBook):
    """Options: open and ended orders in two calls, fills by numbers of their own, quantities with a sign."""

    amendment = ""
    span = 5 * 86_400_000

    def row(self, order: Order) -> dict[str, Any]:
        row = super().row(order)
        sign = 1 if order.is_open else -1  # of the calls for what has ended
        return {
            **row, "quantity": str(sign * order.quantity), "executedQty": str(sign * order.filled),
            "createTime": row["time"], "origQty": "of no use",
        }  # fmt: skip

    def trade(self, order: Order, trade: Trade) -> dict[str, Any]:
        return {
            **super().trade(order, trade), "tradeId": trade.number, "id": _OFFSET + trade.number,
            "quantity": str(-trade.quantity), "fee": "0.1", "quoteAsset": "USDT", "realizedProfit": "0",
            "liquidity": "MAKER",
        }  # fmt: skip

    def _answer(self, path: str, name: str, params: dict[str, Any]) -> Iterator[Any]:
        assert name != "userTrades" or "orderId" not in params
        first = {"fromId": params["fromId"] - _OFFSET} if "fromId" in params else {}
        return super()._answer(path, name, {**params, **first})

    def held(self, path: str) -> Iterator[Any]:
        if path.endswith("marginAccount"):
            yield {"asset": [{"asset": "USDT", "marginBalance": str(self.balance)}]}
            return
        for symbol, amount in self.account.position.items():
            if amount:
                yield {"symbol": symbol, "quantity": str(amount), "entryPrice": "5", "markValue": "7"}

    def events(self, kind: str, order: Order) -> list[dict[str, Any]]:
        return super().events(kind, order)[-1:]

    def holdings(self) -> dict[str, Any]:
        rows = [
            {"s": symbol, "c": str(amount), "p": "7", "a": "5" if amount else "0"}
            for symbol, amount in self.account.position.items()
        ]
        balances = [{"a": "USDT", "b": str(self.balance), "bc": "0"}]
        return {"e": "BALANCE_POSITION_UPDATE", "T": self.account.changed, "B": balances, "P": rows}

    def positions(self, event: Mapping[str, Any]) -> dict[str, Decimal]:
        rows = event["P"] if event["e"] == "BALANCE_POSITION_UPDATE" else ()
        return {row["s"]: Decimal(row["c"]) for row in rows}


BOOKS: Mapping[str, type[AccountBook]] = {
    "spot": SpotBook, "margin": MarginBook, "usdm": FuturesBook, "coinm": FuturesBook, "options": OptionsBook,
}  # fmt: skip


class Reader:
    """The callback, and what somebody knows who reads it."""

    def __init__(self, book: AccountBook) -> None:
        self.__qualname__ = "reader"
        self._book = book
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)

    def steps(self) -> list[Mapping[str, Any]]:
        """What was told of orders."""
        return [self._book.step(event) for event in self.events if self._book.is_order(event)]

    def quantity(self, number: int) -> Decimal:
        """What was told last."""
        return Decimal([step["q"] for step in self.steps() if step["i"] == number][-1])

    def positions(self) -> dict[str, Decimal]:
        """Those that are told."""
        told: dict[str, Decimal] = {}
        for event in self.events:
            told |= self._book.positions(event)
        return told

    def excess(self) -> list[object]:
        """Fills that came twice, and orders that were filled more than they are."""
        orders = {(order.symbol, order.number): order for order in self._book.account.orders}
        fills = Counter((step["s"], step["i"], step["t"]) for step in self.steps() if step["x"] == "TRADE")
        lite = Counter((event["s"], event["i"], event["t"]) for event in self.events if event["e"] == "TRADE_LITE")
        twice = [fill for counts in (fills, lite) for fill, count in counts.items() if count > 1]
        more = [step for step in self.steps() if Decimal(step["z"]) > orders[step["s"], step["i"]].filled]
        return [*twice, *more]

    def faults(self) -> list[object]:
        """What is not as the account has it."""
        account, steps = self._book.account, self.steps()
        told = {(step["s"], step["i"], step["t"]): Decimal(step["l"]) for step in steps if step["x"] == "TRADE"}
        traded = {
            (order.symbol, order.number, trade.number): trade.quantity
            for order in account.orders
            for trade in order.fills
        }
        last = {(step["s"], step["i"]): (step["X"], Decimal(step["z"])) for step in steps}
        orders = {(order.symbol, order.number): (order.status, order.filled) for order in account.orders}
        sums: dict[object, Decimal] = {}
        back = []
        for step in steps:
            if Decimal(step["z"]) < sums.get((step["s"], step["i"]), ZERO):
                back.append(step)
            sums[step["s"], step["i"]] = Decimal(step["z"])
        wrong = (set(told.items()) ^ set(traded.items())) | (set(last.items()) ^ set(orders.items()))
        return [*self.excess(), *wrong, *back]
