"""What a spot account's stream has not told: orders, fills and balances over REST, compared with what was streamed.

The differences come as events of the stream's own kinds, in the order of their times, with ``"reconciled": true``. What
the stream brings of them later is dropped, so that none comes twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from ...exchange import View
from . import models as m
from .credentials import Caller
from .models.base import with_extra
from .user_products import ACCOUNT_PATH

__all__ = ["Facts", "Question", "Reconciler", "fetch"]

_OVER = frozenset(("FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"))
_PAGE = 1000  # rows of one call
_MOST = 20_000  # orders and fills that are remembered

_decode = msgspec.json.Decoder().decode
_to_event = msgspec.json.Decoder(m.ExecutionReport | m.AccountPosition).decode


@dataclass(frozen=True)
class Question:
    """What to ask about.

    Args:
        symbols: those whose orders and fills are looked at, beside those of open orders.
        since: ms; orders and fills before it were streamed.
        orders: open ones, by id, with their symbols: what has become of them?
        asked: how many events had told of balances by then.
    """

    symbols: frozenset[str]
    since: int
    orders: Mapping[int, str]
    asked: int


@dataclass(frozen=True)
class Facts:
    """What REST says: order rows by id, fills, and the account; ``asked`` is the question's."""

    orders: Mapping[int, Mapping[str, Any]]
    fills: list[Mapping[str, Any]]
    account: Mapping[str, Any]
    asked: int


def fetch(rest: Caller, question: Question) -> Facts:
    """Ask the exchange. Blocks for as long as the calls take; not for the connection's thread.

    Raises what :meth:`SignedRest.call <binance_sockets.exchanges.binance.rest.SignedRest.call>` raises.

    Source: ``rest-api.md`` (2026-07-21), "Account endpoints".
    """

    def get(path: str, **params: object) -> Any:
        return rest.call("GET", f"{ACCOUNT_PATH}/{path}", params, "signed")

    try:
        orders = {row["orderId"]: row for row in get("openOrders")}
        fills: list[Mapping[str, Any]] = []
        for symbol in sorted(question.symbols | {row["symbol"] for row in orders.values()}):
            since = {"symbol": symbol, "startTime": question.since, "limit": _PAGE}
            orders.update((row["orderId"], row) for row in _pages(get, "allOrders", "orderId", "orderId", since))
            fills += _pages(get, "myTrades", "id", "fromId", since)
        wanted = dict(question.orders) | {fill["orderId"]: fill["symbol"] for fill in fills}
        for number, symbol in wanted.items():
            if number not in orders:
                orders[number] = get("order", symbol=symbol, orderId=number)
        return Facts(orders, fills, get("account", omitZeroBalances=False), question.asked)
    finally:
        rest.close()


def _pages(
    get: Callable[..., Any], path: str, key: str, first: str, params: Mapping[str, object]
) -> Iterator[Mapping[str, Any]]:
    """All rows, page by page."""
    while True:
        rows = get(path, **params)
        yield from rows
        if len(rows) < _PAGE:
            return
        params = {"symbol": params["symbol"], "limit": _PAGE, first: rows[-1][key] + 1}


@dataclass
class _Order:
    """An order as far as it was told."""

    symbol: str
    filled: Decimal = Decimal(0)
    quote: Decimal = Decimal(0)
    over: bool = False


@dataclass(frozen=True)
class _Balance:
    """A balance as it was told: by the event of this number, as of ``at``."""

    free: Decimal
    locked: Decimal
    at: int
    number: int

    def same(self, free: Decimal, locked: Decimal) -> bool:
        return (self.free, self.locked) == (free, locked)


@dataclass
class _Told:
    """What the callback knows."""

    orders: dict[int, _Order] = field(default_factory=dict)
    fills: set[tuple[str, int]] = field(default_factory=set)
    balances: dict[str, _Balance] = field(default_factory=dict)
    positions: int = 0  # events that told of balances
    by_rest: set[object] = field(default_factory=set)  # fills and steps of orders that REST told before the stream
    order: deque[tuple[set[Any] | dict[Any, Any], Any]] = field(default_factory=deque)  # the oldest first

    def remember(self, store: set[Any] | dict[Any, Any], key: Any) -> None:
        """Forget the oldest beyond what is kept."""
        self.order.append((store, key))
        if len(self.order) > _MOST:
            oldest, gone = self.order.popleft()
            if isinstance(oldest, dict):
                oldest.pop(gone, None)
            else:
                oldest.discard(gone)


class Reconciler:
    """The callback of a spot account's connection: hands on what is new, and knows what was told. On its thread.

    Args:
        callback: the user's.
        view: how it sees an event.
        rest: signed calls of the account.
        micro: times are in microseconds.
        automatic: reconcile after every gap.
    """

    def __init__(
        self, callback: Callable[[Any], object], view: View, rest: Caller, *, micro: bool, automatic: bool
    ) -> None:
        self.rest = rest
        self.automatic = automatic
        self._callback = callback
        self._view = view
        self._scale = 1000 if micro else 1
        self._told = _Told()
        self.__qualname__ = getattr(callback, "__qualname__", repr(callback))  # for the texts about the callback

    def __call__(self, payload: Any) -> object:
        try:
            event = self._plain(payload)
            news = event is None or "reconciled" in event or self._is_news(event)
        except Exception:  # an event of another shape: nothing can be said about it
            news = True
        return self._callback(payload) if news else None

    def question(self, since: float, symbols: Iterable[str] = ()) -> Question:
        """What to ask when the stream may have been silent since that moment (seconds since the epoch)."""
        known = self._told.orders
        still_open = {number: order.symbol for number, order in known.items() if not order.over}
        chosen = frozenset(symbols) | {order.symbol for order in known.values()}
        return Question(chosen, int(since * 1000), still_open, self._told.positions)

    def differences(self, facts: Facts) -> list[Any]:
        """Events, in the view, that tell what ``facts`` has and the stream has not; from now on they count as told."""
        events = [event for number, row in facts.orders.items() for event in self._order(number, row, facts.fills)]
        events.sort(key=lambda event: int(event["T"]))  # the steps of an order stay in order
        events += self._balances(facts)
        return [self._in_view({**event, "reconciled": True}) for event in events]

    # -- what the stream tells ---------------------------------------------------------------------------------------

    def _plain(self, payload: Any) -> Mapping[str, Any] | None:
        """An event of those that are compared, as a dict."""
        if isinstance(payload, bytes):
            message = _decode(payload)
            payload = message.get("event", message.get("data", message))
        elif isinstance(payload, (m.ExecutionReport, m.AccountPosition)):
            payload = {**msgspec.to_builtins(payload), **payload.extra}
        if isinstance(payload, dict) and payload.get("e") in ("executionReport", "outboundAccountPosition"):
            return payload
        return None

    def _is_news(self, event: Mapping[str, Any]) -> bool:
        """Note what the stream tells; whether REST has not told it before."""
        told = self._told
        if event["e"] == "outboundAccountPosition":
            told.positions += 1
            rows = {row["a"]: (Decimal(row["f"]), Decimal(row["l"])) for row in event["B"]}
            news = False
            for asset, amounts in rows.items():
                known = told.balances.get(asset)
                if known is None or event["u"] > known.at or (event["u"] == known.at and not known.same(*amounts)):
                    told.balances[asset] = _Balance(*amounts, event["u"], told.positions)
                    news = True
            return news or not rows
        if _step(event) in told.by_rest:
            return False
        self._note(event)
        return True

    def _note(self, event: Mapping[str, Any]) -> None:
        told = self._told
        number = event["i"]
        order = told.orders.get(number)
        if order is None:
            order = told.orders[number] = _Order(event["s"])
            told.remember(told.orders, number)
        order.filled = max(order.filled, Decimal(event["z"]))
        order.quote = max(order.quote, Decimal(event["Z"]))
        order.over = order.over or event["X"] in _OVER
        if event["x"] == "TRADE":
            told.fills.add((event["s"], event["t"]))
            told.remember(told.fills, (event["s"], event["t"]))

    # -- what REST tells ---------------------------------------------------------------------------------------------

    def _order(
        self, number: int, row: Mapping[str, Any], fills: Iterable[Mapping[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """The steps of one order that were not told."""
        order, told = self._told.orders.get(number), self._told.fills
        own = [fill for fill in fills if fill["orderId"] == number and (row["symbol"], fill["id"]) not in told]
        own.sort(key=lambda fill: int(fill["id"]))
        if order is None:  # what was filled before those fills was told to nobody here
            while sum(Decimal(fill["qty"]) for fill in own) > Decimal(row["executedQty"]):
                own.pop()  # took place behind the row: the stream tells it, or the next time does
            filled = Decimal(row["executedQty"]) - sum(Decimal(fill["qty"]) for fill in own)
            quote = Decimal(row["cummulativeQuoteQty"]) - sum(Decimal(fill["quoteQty"]) for fill in own)
            first = min([row["time"], *(fill["time"] for fill in own)])  # clocks of one exchange, and yet
            steps = [self._report(row, first, x="NEW", X="NEW", z=str(filled), Z=str(quote))]
        else:
            filled, quote, steps = order.filled, order.quote, []
        for fill in own:
            filled += Decimal(fill["qty"])
            quote += Decimal(fill["quoteQty"])
            status = "FILLED" if filled >= Decimal(row["origQty"]) else "PARTIALLY_FILLED"
            steps.append(self._fill(row, fill, status, filled, quote))
        if row["status"] in _OVER - {"FILLED"} and not (order is not None and order.over):
            kind = "EXPIRED" if row["status"].startswith("EXPIRED") else row["status"]
            last = max([row["updateTime"], *(fill["time"] for fill in own)])
            amounts = {"z": row["executedQty"], "Z": row["cummulativeQuoteQty"]}
            steps.append(self._report(row, last, x=kind, X=row["status"], w=False, **amounts))
        for step in steps:
            self._note(step)
            self._told.by_rest.add(_step(step))
            self._told.remember(self._told.by_rest, _step(step))
            yield step

    def _report(self, row: Mapping[str, Any], time: int, **fields: Any) -> dict[str, Any]:
        """An ``executionReport`` as the stream would have sent it, as far as REST knows it."""
        at = time * self._scale
        working = row.get("workingTime", -1)
        return {
            "e": "executionReport", "E": at, "s": row["symbol"], "c": row["clientOrderId"], "S": row["side"],
            "o": row["type"], "f": row["timeInForce"], "q": row["origQty"], "p": row["price"],
            "P": row.get("stopPrice", "0"), "F": row.get("icebergQty", "0"), "g": row.get("orderListId", -1), "C": "",
            "r": "NONE", "i": row["orderId"], "l": "0", "z": "0", "L": "0", "n": "0", "N": None, "T": at, "t": -1,
            "I": -1, "w": bool(row.get("isWorking", True)), "m": False, "M": False, "O": row["time"] * self._scale,
            "Z": "0", "Y": "0", "Q": row.get("origQuoteOrderQty", "0"),
            "V": row.get("selfTradePreventionMode", "NONE"),
            **({"W": working * self._scale} if working > 0 else {}), **fields,
        }  # fmt: skip

    def _fill(
        self, row: Mapping[str, Any], fill: Mapping[str, Any], status: str, filled: Decimal, quote: Decimal
    ) -> dict[str, Any]:
        return self._report(
            row, fill["time"], x="TRADE", X=status, l=fill["qty"], L=fill["price"], Y=fill["quoteQty"], z=str(filled),
            Z=str(quote), t=fill["id"], n=fill["commission"], N=fill["commissionAsset"], m=fill["isMaker"],
            w=status != "FILLED",
        )  # fmt: skip

    def _balances(self, facts: Facts) -> list[dict[str, Any]]:
        """Those that are not what was told last, unless the stream is ahead."""
        told, at = self._told, facts.account["updateTime"] * self._scale
        changed = []
        for row in facts.account["balances"]:
            free, locked, known = Decimal(row["free"]), Decimal(row["locked"]), told.balances.get(row["asset"])
            if known is None and not free and not locked:
                continue
            # Of two changes in one ms the stream has told the later one if it has told anything since the question.
            ahead = known is not None and (known.at > at or (known.at == at and known.number > facts.asked))
            if known is None or not (ahead or known.same(free, locked)):
                told.balances[row["asset"]] = _Balance(free, locked, at, told.positions)
                changed.append({"a": row["asset"], "f": row["free"], "l": row["locked"]})
        return [{"e": "outboundAccountPosition", "E": at, "u": at, "B": changed}] if changed else []

    def _in_view(self, event: dict[str, Any]) -> Any:
        if self._view is View.DICT:
            return event
        data = msgspec.json.encode(event)
        return msgspec.json.encode({"event": event}) if self._view is View.RAW else with_extra(_to_event(data), event)


def _step(event: Mapping[str, Any]) -> object:
    """What tells a step of an order apart from its others."""
    if event["x"] == "TRADE":
        return event["s"], event["t"]
    return event["i"], event["x"], event["X"]
