"""Random trading sessions with faults: what the stream has told, with ``reconcile``, is the exchange's ledger."""

from __future__ import annotations

import itertools
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from e2e.harness import Record, managed, options
from e2e.tables import TABLES
from e2e.test_reconcile import FAR, NOW, SUBSCRIBE, Book
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from simulator.members import Member, rest

from binance_sockets.engine import losses, succession
from binance_sockets.simulator import Fault, LimitOverrides, Simulator

SEED = int(os.environ["TEST_SEED"])
_LINK_FAULTS = (
    Fault.RESET, Fault.EOF, Fault.MAX_AGE, Fault.SERVER_SHUTDOWN, Fault.STREAM_TERMINATED, Fault.LISTEN_KEY_EXPIRED,
    Fault.TOKEN_EXPIRED,
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """A kind of account.

    Args:
        market: product of the exchange.
        wallet: what is traded from.
        base: before the calls for orders.
        method, arguments: of the manager; the callback comes behind them.
        params: of every call for orders.
        trades, cancel_all: names of calls.
        ticker: path that tells the best prices.
        balances: what the account begins with.
        assets: what is deposited.
    """

    market: str
    wallet: str
    base: str
    method: str
    arguments: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict, hash=False)
    trades: str = "myTrades"
    cancel_all: str = "openOrders"
    ticker: str = "/spot/api/v3/ticker/bookTicker"
    balances: Mapping[str, str] = field(default_factory=lambda: {"USDT": "1000000", "BTC": "10"}, hash=False)
    assets: tuple[str, ...] = ("USDT", "BNB", "ETH")


_MARGIN = "/spot/sapi/v1/margin"
PRODUCTS = {
    "spot": Product("spot", "spot", "/spot/api/v3", "start_user_socket"),
    "margin": Product("spot", "margin", _MARGIN, "start_margin_socket"),
    "isolated": Product(
        "spot", "isolated/BTCUSDT", _MARGIN, "start_isolated_margin_socket", ("BTCUSDT",), {"isIsolated": "TRUE"},
        assets=("USDT", "BTC"),
    ),
    "usdm": Product(
        "usdm", "usdm", "/usdm/fapi/v1", "start_futures_user_socket", trades="userTrades", cancel_all="allOpenOrders",
        ticker="/usdm/fapi/v1/ticker/bookTicker", balances={"USDT": "1000000"}, assets=("USDT",),
    ),
}  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(("BUY", "SELL"))),
    st.tuples(st.just("touch"), st.sampled_from((1, 3, 20))),
    st.tuples(st.just("trade"), st.sampled_from(("BUY", "SELL"))),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("cancel all"), st.none()),
    st.tuples(st.just("deposit"), st.integers(0, 2)),
    st.tuples(st.just("fault"), st.sampled_from(_LINK_FAULTS)),
    st.tuples(st.just("refused"), st.integers(1, 3)),
    st.tuples(st.just("reconcile"), st.none()),
)
SESSIONS = st.lists(STEPS, min_size=10, max_size=30)
names = itertools.count(1)
seen_in_all: defaultdict[str, Counter[str]] = defaultdict(Counter)


@pytest.fixture(scope="module", autouse=True)
def printed() -> Iterator[None]:
    """What the sessions were made of."""
    yield
    for wallet, counts in seen_in_all.items():
        facts = ", ".join(f"{name} {count}" for name, count in counts.items())
        TABLES["random trading sessions with faults"].append(f"TEST_SEED={SEED}, {wallet}: {facts}")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    limits = LimitOverrides(weight=10_000_000, connects=10_000_000)
    with Simulator(symbols={"spot": ["BTCUSDT"], "usdm": ["BTCUSDT"]}, seed=SEED, limits=limits) as simulator:
        yield simulator


@pytest.fixture(scope="module", autouse=True)
def soon() -> Iterator[None]:
    """Gaps and planned changes wait less for streams that bring nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses, "_FIRST", 0.1)
        patch.setattr(succession, "_GRACE", 0.2)
        yield


class Desk:
    """The account of one session, over REST, which the faults of streams do not concern."""

    def __init__(self, exchange: Simulator, product: Product) -> None:
        self.exchange, self.product = exchange, product
        self.member = Member(f"sKey{next(names):04}" * 8, "sSecret0" * 8)
        balances = {product.wallet: dict(product.balances)}
        exchange.accounts.create(self.member.api_key, **self.member.arguments, balances=balances)
        self.orders: list[int] = []

    def call(self, verb: str, name: str, **params: Any) -> Any:
        return self.asked(verb, f"{self.product.base}/{name}", **{"symbol": "BTCUSDT", **self.product.params, **params})

    def asked(self, verb: str, path: str, **params: Any) -> Any:
        return self.member.call(self.exchange, verb, path, **params).json()

    def faults(self, told: Book) -> list[object]:
        """What was told otherwise than the exchange has it."""
        rows, trades = (self.call("GET", name, limit=1000) for name in ("allOrders", self.product.trades))
        return told.differs(rows, trades, self._held())

    def _held(self) -> dict[str, tuple[Decimal, ...]]:
        if self.product.market == "spot":
            rows = self.exchange.accounts.balances(self.member.api_key, self.product.wallet)
            return {asset: tuple(map(Decimal, amounts)) for asset, amounts in rows.items()}
        balances = self.asked("GET", "/usdm/fapi/v3/balance")
        positions = self.asked("GET", "/usdm/fapi/v3/positionRisk")
        held = {row["asset"]: (Decimal(row["balance"]),) for row in balances}
        return held | {f"{row['symbol']} {row['positionSide']}": (Decimal(row["positionAmt"]),) for row in positions}

    def place(self, side: str) -> None:
        """Far from the market, so that it stays open."""
        price = "50000" if side == "BUY" else "150000"
        self._kept(**{**FAR, "side": side, "price": price})

    def touch(self, size: int) -> None:
        """A better bid than any, which the crowd fills when it likes, in part or whole."""
        best = rest(self.exchange, "GET", f"{self.product.ticker}?symbol=BTCUSDT").json()
        tick = 0.01 if self.product.market == "spot" else 0.1
        price = f"{float(best['askPrice']) - tick:.2f}"
        self._kept(**{**FAR, "price": price, "quantity": f"{size / 100}"})

    def trade(self, side: str) -> None:
        self.call("POST", "order", side=side, **NOW)

    def cancel(self, number: int) -> None:
        """One of the latest orders; it may be over."""
        if self.orders:
            self.call("DELETE", "order", orderId=self.orders[-1 - number % len(self.orders)])

    def cancel_all(self, _: None) -> None:
        self.call("DELETE", self.product.cancel_all)

    def deposit(self, number: int) -> None:
        assets, wallet = self.product.assets, self.product.wallet
        self.exchange.accounts.deposit(self.member.api_key, assets[number % len(assets)], "1.5", wallet)

    def fault(self, fault: Fault) -> None:
        self.exchange.inject(fault, **({"close_after": 0.1} if fault is Fault.SERVER_SHUTDOWN else {}))

    def refused(self, times: int) -> None:
        """The stream ends and stays away for some attempts."""
        if self.product.wallet == "spot":
            self.exchange.inject(Fault.REPLY_ERROR, method=SUBSCRIBE, count=times, code=-1000, status=400)
        else:
            self.exchange.inject(Fault.CREDENTIAL_REFUSED, status=400, code=-1000, msg="not now", count=times)
        self.exchange.accounts.end_streams(self.member.api_key)
        self.exchange.accounts.expire_listen_keys(self.member.api_key)

    def _kept(self, **params: Any) -> None:
        answer = self.call("POST", "order", **params)
        assert "orderId" in answer, answer
        self.orders.append(answer["orderId"])


def play(exchange: Simulator, session: list[tuple[str, Any]], product: Product, lossy: bool = False) -> None:
    """One session; at its end everything is known, once."""
    desk = Desk(exchange, product)
    keys = {"api_key": desk.member.api_key, "api_secret": "sSecret0" * 8}
    with managed(exchange, options(attempts=None), **keys) as (manager, record):
        manager.start()
        key = getattr(manager, product.method)(*product.arguments, record.on_message, reconcile=True)
        manager.wait_open(key)
        for name, argument in session:
            if name == "reconcile":
                manager.reconcile(key, ["BTCUSDT"])
            else:
                getattr(desk, name.replace(" ", "_"))(argument)
        if lossy:
            record.wait(lambda seen: seen.gaps, "a gap")
        exchange.clear_faults()
        desk.cancel_all(None)
        manager.wait_open(key)
        manager.reconcile(key, ["BTCUSDT"])
        differs: Any = ["?"]

        def agrees(seen: Record) -> bool:
            nonlocal differs
            differs = desk.faults(Book(seen))
            return not differs

        try:
            record.wait(agrees, "all agrees")
        except AssertionError as failure:
            raise AssertionError(f"the stream and the ledger differ: {differs}") from failure
        assert not record.finals
        told = Book(record)
        seen_in_all[product.wallet].update(
            sessions=1, orders=len(told.orders), fills=len(told.fills), gaps=len(record.gaps),
            reconciled=len(told.reconciled),
        )  # fmt: skip


_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_PHASES = [Phase.explicit, Phase.generate]  # markets move on: the same session is another one the second time
_SETTINGS = settings(deadline=None, database=None, phases=_PHASES, suppress_health_check=_CHECKS)


@pytest.mark.parametrize("name", PRODUCTS)
@seed(SEED)
@settings(_SETTINGS, max_examples=2)
@given(session=SESSIONS)
def test_sessions(exchange: Simulator, name: str, session: list[tuple[str, Any]]) -> None:
    """Orders, fills, balances and positions as told are the ledger's; none came twice. ``TEST_SEED`` repeats it."""
    play(exchange, session, PRODUCTS[name])


@pytest.mark.parametrize("name", PRODUCTS)
def test_sessions_had_something_to_prove(exchange: Simulator, name: str) -> None:
    """Orders were filled, streams were lost, and REST had something to tell."""
    session = [("trade", "BUY"), ("refused", 3), ("trade", "SELL"), ("fault", Fault.RESET), ("place", "BUY")]
    product = PRODUCTS[name]
    before = seen_in_all[product.wallet].copy()
    play(exchange, session, product, lossy=True)
    found = seen_in_all[product.wallet] - before
    assert min(found[name] for name in ("orders", "fills", "gaps", "reconciled")) >= 1, found


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", PRODUCTS)
@seed(SEED + 1)
@settings(_SETTINGS, max_examples=int(os.environ.get("TEST_SESSIONS", "200")))
@given(session=SESSIONS)
def test_two_hundred_sessions(exchange: Simulator, name: str, session: list[tuple[str, Any]]) -> None:
    """The same, more often; ``TEST_SESSIONS`` says how often."""
    play(exchange, session, PRODUCTS[name])
