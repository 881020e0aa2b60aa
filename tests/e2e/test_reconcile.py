"""What happened while a spot account's stream was silent, told over REST: everything, in order, nothing twice."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest
from e2e.harness import Record, managed, options
from simulator.members import Member

from binance_sockets import ConfigError, SocketManager, UnknownConnection, WebSocketAPI
from binance_sockets.errors import DecodeError, ExchangeError
from binance_sockets.exchanges.binance import models as m
from binance_sockets.exchanges.binance.rest import SignedRest
from binance_sockets.simulator import Fault, LimitOverrides, Simulator

SECRET = "rSecret0" * 8
SUBSCRIBE = "userDataStream.subscribe.signature"
FAR = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "50000"}
NOW = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": "0.002"}
ROW = {
    "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "c", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
    "origQty": "1", "price": "1", "executedQty": "0", "cummulativeQuoteQty": "0", "status": "NEW", "time": 1,
    "updateTime": 1,
}  # fmt: skip
WRONG = [
    ("origQty", "NaN"), ("executedQty", "sNaN"), ("executedQty", "Infinity"), ("time", None), ("status", []),
    ("orderId", {}), ("updateTime", "late"),
]  # fmt: skip
names = itertools.count(1)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    limits = LimitOverrides(weight=1_000_000, connects=1_000_000)
    with Simulator(symbols={"spot": ["BTCUSDT"]}, seed=11, limits=limits) as simulator:
        yield simulator


@pytest.fixture
def key(exchange: Simulator) -> Iterator[str]:
    name = f"rKey{next(names):04}" * 8
    exchange.accounts.create(name, secret=SECRET, balances={"spot": {"USDT": "100000", "BTC": "2"}})
    yield name
    exchange.clear_faults()


def plain(event: Any) -> dict[str, Any]:
    """An event of any view as a dict."""
    if isinstance(event, bytes):
        event = msgspec.json.decode(event)
        return dict(event.get("event", event))
    if isinstance(event, dict):
        return event
    return {**msgspec.to_builtins(event), **event.extra}


class Book:
    """What a reader of the events knows."""

    def __init__(self, record: Record) -> None:
        events = [plain(event) for event in list(record.messages)]
        inner = {"executionReport": lambda event: {}, "ORDER_TRADE_UPDATE": lambda event: event["o"]}
        self.reports = [{**event, **inner[event["e"]](event)} for event in events if event["e"] in inner]
        self.reconciled = [event for event in self.reports if event.get("reconciled")]
        traded = [event for event in self.reports if event["x"] == "TRADE"]
        self.fills = Counter((event["s"], event["i"], event["t"]) for event in traded)
        self.lite = Counter((event["s"], event["i"], event["t"]) for event in events if event["e"] == "TRADE_LITE")
        self.steps = Counter((event["i"], event["x"], event["X"]) for event in self.reports if event["x"] != "TRADE")
        self.orders = {event["i"]: (event["X"], Decimal(event["z"])) for event in self.reports}
        self.sums: Counter[int] = Counter()
        for event in traded:
            self.sums[event["i"]] += Decimal(event["l"])  # type: ignore[assignment]
        self.balances: dict[str, tuple[Decimal, ...]] = {}
        for event in events:
            if event["e"] == "outboundAccountPosition":
                self.balances.update((row["a"], (Decimal(row["f"]), Decimal(row["l"]))) for row in event["B"])
            elif event["e"] == "ACCOUNT_UPDATE":
                balances, positions = event["a"].get("B", ()), event["a"].get("P", ())
                self.balances.update((row["a"], (Decimal(row["wb"]),)) for row in balances)
                self.balances.update((f"{row['s']} {row['ps']}", (Decimal(row["pa"]),)) for row in positions)

    def agrees(self, exchange: Simulator, key: str, api: WebSocketAPI) -> bool:
        """Orders, fills and balances are the exchange's, each told once."""
        return not self.faults(exchange, key, api)

    def faults(self, exchange: Simulator, key: str, api: WebSocketAPI) -> list[object]:
        """What does not agree with the ledger of a spot account."""
        held = {asset: tuple(map(Decimal, amounts)) for asset, amounts in exchange.accounts.balances(key).items()}
        return self.differs(api.all_orders("BTCUSDT"), api.my_trades("BTCUSDT"), held)

    def differs(
        self, orders: list[dict[str, Any]], trades: list[dict[str, Any]], held: dict[str, tuple[Decimal, ...]]
    ) -> list[object]:
        """What does not agree with these rows, was told twice, or does not add up."""
        rows = {row["orderId"]: (row["status"], Decimal(row["executedQty"])) for row in orders}
        fills = {(row["symbol"], row["orderId"], row["id"]): 1 for row in trades}
        twice = [step for counts in (self.steps, self.lite) for step, count in counts.items() if count > 1]
        wrong = [(asset, amounts) for asset, amounts in held.items() if self.balances.get(asset) != amounts]
        sums = [(number, filled) for number, (_, filled) in rows.items() if self.sums[number] != filled]
        return [
            *(set(self.orders.items()) ^ set(rows.items())), *(set(self.fills.items()) ^ set(fills.items())), *twice,
            *wrong, *sums,
        ]  # fmt: skip


def silence(exchange: Simulator, key: str, manager: SocketManager, record: Record, attempts: int = 4) -> None:
    """End the account's stream, and refuse its next subscriptions; returns when it is down."""
    lost = len([change for change in record.states if change.state.value == "backoff"])
    exchange.inject(Fault.REPLY_ERROR, method=SUBSCRIBE, count=attempts, code=-1000, msg="not now", status=400)
    exchange.accounts.end_streams(key)
    record.wait(lambda seen: sum(change.state.value == "backoff" for change in seen.states) > lost, "it is down")


@pytest.mark.parametrize("view", ["dict", "typed", "raw"])
def test_what_happened_in_a_gap_is_told(exchange: Simulator, key: str, view: Any) -> None:
    """Placed, filled and cancelled while the stream was down; an order that was open before is cancelled meanwhile."""
    with (
        managed(exchange, options(attempts=None, initial=0.05), api_key=key, api_secret=SECRET) as (manager, record),
        WebSocketAPI(environment=exchange.url, api_key=key, api_secret=SECRET) as api,
    ):
        manager.start()
        manager.wait_open(manager.start_user_socket(record.on_message, view=view, reconcile=True))
        before = api.order_place(**FAR)
        api.order_place(side="SELL", **NOW)
        record.wait(lambda seen: Book(seen).agrees(exchange, key, api), "the stream tells all")
        assert Book(record).reconciled == []
        silence(exchange, key, manager, record)
        api.order_cancel("BTCUSDT", orderId=before["orderId"])
        api.order_place(side="BUY", **NOW)
        gone = api.order_place(**FAR)
        api.order_cancel("BTCUSDT", orderId=gone["orderId"])
        left = api.order_place(**FAR)
        record.wait(lambda seen: Book(seen).agrees(exchange, key, api), "REST tells the rest")
        found = Book(record)
        assert found.reconciled, "else the stream was never down"
        times = [event["T"] for event in found.reconciled]
        assert times == sorted(times)
        assert found.orders[left["orderId"]] == ("NEW", 0)
        if view == "typed":
            assert not [event for event in record.messages if isinstance(event, dict)]
            marked = [each for each in record.messages if isinstance(each, m.ExecutionReport) and each.extra]
            assert len(marked) == len(found.reconciled)
        api.order_cancel("BTCUSDT", orderId=left["orderId"])
        record.wait(lambda seen: Book(seen).agrees(exchange, key, api), "the stream goes on")


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(3, 200))])
def test_the_events_are_the_ledger(exchange: Simulator, key: str, seed: int) -> None:
    """Random trading with gaps at random, and reconciling by hand in between: at the end all agrees, nothing twice."""
    rng = random.Random(seed)
    with (
        managed(exchange, options(attempts=None), api_key=key, api_secret=SECRET) as (manager, record),
        WebSocketAPI(environment=exchange.url, api_key=key, api_secret=SECRET) as api,
    ):
        manager.start()
        conn_key = manager.start_user_socket(record.on_message, reconcile=True)
        manager.wait_open(conn_key)
        mine: list[int] = []
        for _ in range(25):
            step = rng.random()
            if step < 0.35:
                mine.append(api.order_place(**FAR)["orderId"])
            elif step < 0.65:
                api.order_place(side=rng.choice(["BUY", "SELL"]), **NOW)
            elif step < 0.8 and mine:
                api.order_cancel("BTCUSDT", orderId=mine.pop(rng.randrange(len(mine))))
            elif step < 0.9:
                manager.reconcile(conn_key, ["BTCUSDT"])
            else:
                exchange.inject(Fault.REPLY_ERROR, method=SUBSCRIBE, count=rng.randint(1, 3), code=-1000, status=400)
                exchange.accounts.end_streams(key)
        exchange.clear_faults()
        manager.wait_open(conn_key)
        manager.reconcile(conn_key, ["BTCUSDT"])
        record.wait(lambda seen: Book(seen).agrees(exchange, key, api), f"all agrees (seed {seed})")


def test_by_hand(exchange: Simulator, key: str) -> None:
    """What was open before the start is told, once; then there is nothing to tell."""
    with (
        WebSocketAPI(environment=exchange.url, api_key=key, api_secret=SECRET) as api,
        managed(exchange, api_key=key, api_secret=SECRET) as (manager, record),
    ):
        order = api.order_place(**FAR)
        manager.start()
        conn_key = manager.start_user_socket(record.on_message)
        manager.wait_open(conn_key)
        for _ in range(2):
            manager.reconcile(conn_key)
        record.wait(lambda seen: Book(seen).orders, "the order is told")
        api.order_cancel("BTCUSDT", orderId=order["orderId"])
        record.wait(lambda seen: Book(seen).orders.get(order["orderId"], ("",))[0] == "CANCELED", "it is cancelled")
        assert [(event["x"], event.get("reconciled")) for event in Book(record).reports][:1] == [("NEW", True)]
        assert set(Book(record).steps.values()) == {1}


def test_failures_are_told(exchange: Simulator, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that is none of a spot account, and a REST that refuses while the socket goes on."""
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        trades = manager.start_trade_socket("BTCUSDT", record.on_message)
        for wrong in ("nothing", False):
            with pytest.raises(UnknownConnection):
                manager.reconcile(wrong)
        with pytest.raises(ConfigError, match="user socket"):
            manager.reconcile(trades)
        conn_key = manager.start_user_socket(lambda event: None)
        manager.wait_open(conn_key)
        for wrong_symbols in ("BTCUSDT", ["BTC/USDT"], [None]):
            with pytest.raises(ConfigError, match="symbols"):
                manager.reconcile(conn_key, wrong_symbols)  # type: ignore[arg-type]
        monkeypatch.setattr(SignedRest, "call", Mock(side_effect=ExchangeError(-2015, "Invalid API-key", 401)))
        manager.reconcile(conn_key)
        record.wait(lambda seen: seen.errors, "the refusal")
        assert [(each.conn_key, type(each.error), each.final) for each in record.errors] == [
            (conn_key, ExchangeError, False)
        ]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        *(("openOrders", answer) for answer in (5, None, [5], [{}], [{"symbol": "BTCUSDT"}], "text")),
        *(("openOrders", [{**ROW, name: value}]) for name, value in WRONG),
        *(("account", answer) for answer in (5, None, {}, {"updateTime": 1, "balances": [{"asset": "BTC"}]})),
        ("allOrders", {"code": 0}), ("myTrades", [{"id": "x"}]),
    ],
    ids=str,
)  # fmt: skip
def test_answers_of_another_shape_are_told(
    exchange: Simulator, key: str, monkeypatch: pytest.MonkeyPatch, call: str, answer: Any
) -> None:
    """Whatever REST says: the error listeners hear of it, and the stream goes on."""
    answers = {"account": {"updateTime": 1, "balances": []}, call: answer}
    monkeypatch.setattr(SignedRest, "call", lambda rest, verb, path, *_: answers.get(path.rpartition("/")[2], []))
    with (
        WebSocketAPI(environment=exchange.url, api_key=key, api_secret=SECRET) as api,
        managed(exchange, api_key=key, api_secret=SECRET) as (manager, record),
    ):
        manager.start()
        conn_key = manager.start_user_socket(record.on_message)
        manager.wait_open(conn_key)
        manager.reconcile(conn_key, ["BTCUSDT"])
        record.wait(lambda seen: seen.errors, "an error")
        assert isinstance(record.errors[0].error, DecodeError) and not record.errors[0].final
        order = api.order_place(**FAR)
        record.wait(lambda seen: order["orderId"] in Book(seen).orders, "the stream goes on")


def test_coin_futures_by_hand() -> None:
    """What was done before the start is told by orders, fills, balances and positions, and once."""
    member = Member("cKey0001" * 8, SECRET)
    with Simulator(symbols={"coinm": ["BTCUSD_PERP"]}, seed=12) as exchange:
        exchange.accounts.create(member.api_key, **member.arguments, balances={"coinm": {"BTC": "10"}})

        def call(verb: str, name: str, **params: Any) -> Any:
            return member.call(exchange, verb, f"/coinm/dapi/v1/{name}", **params).json()

        order = {"symbol": "BTCUSD_PERP", "side": "BUY", "type": "MARKET", "quantity": "3"}
        filled = call("POST", "order", **order)
        left = call("POST", "order", **{**order, "type": "LIMIT", "timeInForce": "GTC", "price": "50000"})
        with managed(exchange, api_key=member.api_key, api_secret=SECRET) as (manager, record):
            manager.start()
            conn_key = manager.start_coin_futures_user_socket(record.on_message, view="typed")
            manager.wait_open(conn_key)
            manager.reconcile(conn_key)
            record.wait(lambda seen: [e for e in seen.messages if plain(e)["e"] == "ACCOUNT_UPDATE"], "what is held")
            manager.reconcile(conn_key)
            call("DELETE", "order", symbol="BTCUSD_PERP", orderId=left["orderId"])
            record.wait(lambda seen: Book(seen).orders.get(left["orderId"], ("",))[0] == "CANCELED", "the cancel")
            trades, rows = (call("GET", name, symbol="BTCUSD_PERP", limit=100) for name in ("userTrades", "allOrders"))
            held = {row["asset"]: (Decimal(row["balance"]),) for row in call("GET", "balance") if row["asset"] == "BTC"}
            book = Book(record)
            assert book.differs(rows, trades, {**held, "BTCUSD_PERP BOTH": (Decimal(3),)}) == []
            assert book.orders[filled["orderId"]] == ("FILLED", 3)
            assert not [event for event in record.messages if isinstance(event, dict)]


def test_where_it_cannot_be(exchange: Simulator, key: str) -> None:
    """An account without a table entry, and a key that does not sign, are refused with a reason."""
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        conn_key = manager.start_portfolio_margin_socket(record.on_message)
        with pytest.raises(ConfigError, match="spot, margin, USD-M, COIN-M or options"):
            manager.reconcile(conn_key)
    with managed(exchange, api_key=key) as (manager, record):
        with pytest.raises(ConfigError, match="private key"):
            manager.start_futures_user_socket(record.on_message, reconcile=True)
        with pytest.raises(ConfigError, match="key that signs"):
            manager.start()
            manager.reconcile(manager.start_futures_user_socket(record.on_message))
