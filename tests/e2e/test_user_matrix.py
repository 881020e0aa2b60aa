"""An order's life on every kind of user stream, with one thing going wrong in its middle: what was promised happens."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.faults_table import AT_ONCE, CHANGES, RECONNECTS, UNTOUCHED
from e2e.harness import FINAL, Record, eventually, managed, nothing_left, options
from e2e.tables import TABLES
from e2e.user_faults_table import KEEPS, KEY, PRODUCTS, ROWS, TOKEN, Product, Row
from simulator.members import Member, rest

from binance_sockets import ApiKey, SocketManager
from binance_sockets.events import State
from binance_sockets.exchanges.binance import credentials
from binance_sockets.faults import Fault
from binance_sockets.simulator import Injection, LimitOverrides, Simulator

pytestmark = pytest.mark.usefixtures("soon")
TITLE = "user data: what happens x product"
LIFE = ("NEW", "PARTIALLY_FILLED", "FILLED", "NEW", "CANCELED")
_QUANTITY = 2.0  # BTC; the other side sells a quarter of it at a time
_BALANCES = {name: {"USDT": "10000000", "BTC": "1000"} for name in ("spot", "margin", "isolated/BTCUSDT")}
_SECRET = "mSecret0" * 8
_LIMITS = LimitOverrides(weight=10_000_000, connects=1_000_000)
names = itertools.count(1)
outcomes: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with Simulator(symbols={"spot": ["BTCUSDT"]}, seed=5, limits=_LIMITS) as simulator:
        yield simulator


@pytest.fixture(scope="module", autouse=True)
def printed() -> Iterator[None]:
    """The table; cells of this run only."""
    yield
    cells = {row.name: [outcomes.get((row.name, each.name), "-") for each in PRODUCTS] for row in ROWS}
    widths = [max(map(len, column)) for column in zip([p.name for p in PRODUCTS], *cells.values(), strict=True)]
    first = max(len(row.name) for row in ROWS)
    for name, texts in (("", [each.name for each in PRODUCTS]), *cells.items()):
        line = "  ".join(f"{text:<{width}}" for text, width in zip(texts, widths, strict=True))
        TABLES[TITLE].append(f"{name:<{first}}  {line}".rstrip())


class Trader:
    """Lets orders live on an account, by an exchange that trades or by made-up events; knows what was to be told.

    Args:
        exchange: where the account is.
        product: whose stream is tested.
    """

    def __init__(self, exchange: Simulator, product: Product) -> None:
        self.exchange, self.product = exchange, product
        self.member, self._other = (Member(f"mKey{next(names):04}" * 8, _SECRET) for _ in range(2))
        for member in (self.member, self._other):
            exchange.accounts.create(member.api_key, secret=_SECRET, balances=_BALANCES)
        self._number = 0

    def place(self) -> None:
        """An order that waits in the book."""
        self._resting = self._order(self._touch())

    def fill(self, status: str) -> None:
        """Have it filled by another account until it has a status."""
        if self.product.orders is None:
            self._tell("TRADE", status)
            return
        limit = {"type": "LIMIT", "timeInForce": "IOC", "price": self._resting["price"], "quantity": _QUANTITY / 4}
        reached = ("FILLED",) if status == "FILLED" else ("PARTIALLY_FILLED", "FILLED")
        for _ in range(60):
            if self.status(self._resting) in reached:
                return
            self._call(self._other, "POST", side="SELL", **limit)
        raise AssertionError(f"never {status}")

    def cancel(self) -> None:
        """Place another order, far away, and take it back."""
        order = self._order(50_000.0)
        if self.product.orders is None:
            self._tell("CANCELED", "CANCELED")
        else:
            self._call(self.member, "DELETE", orderId=order["orderId"])

    def status(self, order: dict[str, Any]) -> str:
        """What the exchange itself says of it."""
        return str(self._call(self.member, "GET", orderId=order["orderId"])["status"])

    def told(self, record: Record) -> list[str]:
        """The statuses that the stream has told so far, a repeated partial fill once; fails where a step came twice."""
        if self.product.orders is None:
            return [event["o"]["X"] for event in record.messages if "o" in event]
        reports = [event for event in record.messages if event["e"] == "executionReport"]
        twice = [step for step, n in Counter((r["i"], r["O"], r["x"], r["t"]) for r in reports).items() if n > 1]
        assert not twice
        return [status for status, _ in itertools.groupby(report["X"] for report in reports)]

    def _touch(self) -> float:
        if self.product.orders is None:
            return 0.0
        best = rest(self.exchange, "GET", "/spot/api/v3/ticker/bookTicker?symbol=BTCUSDT").json()
        return float(best["askPrice"]) - 0.01

    def _order(self, price: float) -> dict[str, Any]:
        if self.product.orders is None:
            self._tell("NEW", "NEW")
            return {}
        return self._call(
            self.member, "POST", side="BUY", type="LIMIT", timeInForce="GTC", price=f"{price:.2f}", quantity=_QUANTITY
        )

    def _call(self, member: Member, verb: str, **params: Any) -> dict[str, Any]:
        path = self.product.orders
        assert path is not None
        answer = member.call(self.exchange, verb, path, symbol="BTCUSDT", **dict(self.product.params), **params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _tell(self, step: str, status: str) -> None:
        self._number += 1
        event = {"e": "ORDER_TRADE_UPDATE", "E": self._number, "T": self._number,
                 "o": {"s": "BTCUSDT", "x": step, "X": status, "i": self._number}}  # fmt: skip
        self.exchange.accounts.publish(self.member.api_key, self.product.wallet, event)


class Cell:
    """One cell of the matrix: a row on a product."""

    def __init__(self, row: Row, product: Product, exchange: Simulator, manager: SocketManager, record: Record) -> None:
        self.row, self.exchange, self.record = row, exchange, record
        self.trader = Trader(exchange, product)
        self.manager = manager
        self.key = ""

    def start(self, product: Product) -> None:
        """Follow the account."""
        key = getattr(self.manager, product.method)(
            *product.arguments, self.record.on_message, account=ApiKey(self.trader.member.api_key, _SECRET)
        )
        assert isinstance(key, str)
        self.key = key
        self.manager.wait_open(key)

    def strike(self) -> Injection | None:
        """Have it go wrong."""
        row, exchange = self.row, self.exchange
        if row.act == "revoke":
            exchange.accounts.revoke(self.trader.member.api_key)
        elif row.act == "restart":
            exchange.stop()
            exchange.start()
            if self.trader.product.orders is not None:  # the embedded exchange's orders do not outlive it
                self.record.wait(lambda seen: seen.gaps, "it is back")
                self.manager.wait_open(self.key)
                self.trader.place()
        elif row.fault is not None:
            params = dict(row.params)
            if row.fault is Fault.CREDENTIAL_REFUSED:
                params["on"] = "token" if self.trader.product.kind == TOKEN else "renewal"
            aim: dict[str, Any] = {"count": 1}
            if row.fault is Fault.LISTEN_KEY_EXPIRED and self.trader.product.kind == KEY:
                (aim["stream"],) = exchange.accounts.listen_keys(self.trader.member.api_key).values()
            elif row.fault in (Fault.TOKEN_EXPIRED, Fault.STREAM_TERMINATED):
                aim = {}  # the accounts of other tests have gone
            return exchange.inject(row.fault, **aim, **params)
        return None

    @property
    def link(self) -> dict[str, Any]:
        """Of ``snapshot()``."""
        return dict(self.manager.snapshot()["connections"][self.key]["links"][0])

    def told(self, count: int) -> None:
        """So many statuses of the life have arrived, and nothing else."""
        self.record.wait(lambda seen: len(self.trader.told(seen)) >= count, f"{LIFE[:count]}")
        assert tuple(self.trader.told(self.record)) == LIFE[:count]

    def rest_of_life(self) -> None:
        """Filled in part, filled, placed again, cancelled: each arrives."""
        for number, step in enumerate((self.partly, self.whole, self.trader.cancel), 2):
            step()
            self.told(number + (number == 4))

    def partly(self) -> None:
        self.trader.fill("PARTIALLY_FILLED")

    def whole(self) -> None:
        self.trader.fill("FILLED")


def _quick(row: Row, product: Product) -> Any:
    return pytest.param(
        row, product, marks=() if product.name in row.quick else pytest.mark.full,
        id=f"{row.name}-{product.name}".replace(" ", "-"),
    )  # fmt: skip


@pytest.mark.parametrize(("row", "product"), [_quick(row, product) for row in ROWS for product in PRODUCTS])
def test_an_order_lives_through_it(
    row: Row, product: Product, shared: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every event that the exchange sent while it was listened to has arrived, once, in order; a gap is told."""
    if row.renewals:  # after half a second instead of half an hour
        monkeypatch.setattr(credentials, "_SHORTEST", 0.5)
        monkeypatch.setattr(credentials, "_SHARE", 6e-6)
    promise = row.promises[product.kind]
    exchange = Simulator(symbols={"spot": ["BTCUSDT"]}, seed=5, limits=_LIMITS) if row.act == "restart" else shared
    with contextlib.ExitStack() as stack:
        if exchange is not shared:
            stack.enter_context(exchange)
        stack.callback(exchange.clear_faults)
        stack.enter_context(nothing_left(exchange))
        manager, record = stack.enter_context(managed(exchange, options(attempts=50)))
        cell = Cell(row, product, exchange, manager, record)
        manager.start()
        cell.start(product)
        cell.trader.place()
        cell.told(1)
        _CHECKS[promise](cell)
    outcomes[row.name, product.name] = promise


def _reconnects(cell: Cell) -> None:
    """The link is left once for the promised reason, and the gap says from when to when; then all goes on."""
    cell.strike()
    cell.record.wait(lambda seen: seen.gaps, "a gap")
    cell.manager.wait_open(cell.key)
    (gap,) = cell.record.gaps
    assert gap.reason is cell.row.reason
    assert gap.last_received <= gap.resumed
    assert gap.streams
    cell.rest_of_life()
    assert not cell.record.finals
    assert len(cell.record.gaps) == 1


def _changes(cell: Cell) -> None:
    """The order goes on living while one link follows the other: no gap, nothing lost, nothing twice."""
    cell.strike()
    cell.partly()
    cell.whole()
    eventually(lambda: cell.link["left"] == "server_shutdown" and not cell.link["replacing"], "the change")
    cell.told(3)
    cell.trader.cancel()
    cell.told(5)
    _in_peace(cell)


def _keeps(cell: Cell) -> None:
    """The failure is counted, the next try succeeds; the order's events arrive meanwhile."""
    injection = cell.strike()
    cell.partly()
    eventually(lambda: cell.link["credential"]["failed"] >= 1, "a failure")
    renewed = cell.link["credential"]["renewed"]
    cell.told(2)
    cell.whole()
    eventually(lambda: cell.link["credential"]["renewed"] > renewed, "a renewal")
    cell.told(3)
    cell.trader.cancel()
    cell.told(5)
    assert injection is not None and injection.struck == 1
    assert cell.link["credential"]["ended"] == 0
    _in_peace(cell)


def _gives_up(cell: Cell) -> None:
    """No attempt that cannot help: one payload, one final report with the exchange's code."""
    cell.strike()
    if cell.trader.product.kind == KEY:  # the exchange ends what the key has opened, or says nothing at all
        cell.exchange.inject(Fault.RESET, count=1)
    cell.record.wait(lambda seen: seen.finals, "it gives up")
    assert cell.record.messages[-1] == FINAL and cell.record.finals == 1
    (report,) = [each for each in cell.record.errors if each.final]
    assert "-201" in str(report.error)
    assert cell.key not in cell.manager.snapshot()["connections"]


def _untouched(cell: Cell) -> None:
    """What does not concern this kind of credential changes nothing."""
    cell.strike()
    cell.rest_of_life()
    assert cell.link["credential"]["ended"] == 0
    _in_peace(cell)


def _in_peace(cell: Cell) -> None:
    assert (cell.record.gaps, cell.record.finals, cell.record.into(State.BACKOFF)) == ([], 0, [])


_CHECKS = {RECONNECTS: _reconnects, CHANGES: _changes, KEEPS: _keeps, AT_ONCE: _gives_up, UNTOUCHED: _untouched}


def test_every_run_has_each_product_and_each_row() -> None:
    """The quick part of the matrix leaves nothing out, and what it runs is not a row that does not concern it."""
    chosen = {(row, product) for row in ROWS for product in PRODUCTS if product.name in row.quick}
    assert {row for row, _ in chosen} == set(ROWS) and {product for _, product in chosen} == set(PRODUCTS)
    assert all(row.promises[product.kind] != UNTOUCHED for row, product in chosen)
    assert {promise for row in ROWS for promise in row.promises.values()} == set(_CHECKS)
