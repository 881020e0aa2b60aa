"""Comparing what was streamed with what REST says: pure, on rows and events of the documents' shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from binance_sockets.exchange import View
from binance_sockets.exchanges.binance import models as m
from binance_sockets.exchanges.binance.reconcile import Facts, Question, Reconciler, fetch

ROW = {
    "symbol": "BTCUSDT", "orderId": 7, "orderListId": -1, "clientOrderId": "mine", "price": "50000.00",
    "origQty": "1.00", "executedQty": "0.50", "origQuoteOrderQty": "0", "cummulativeQuoteQty": "25000.00",
    "status": "PARTIALLY_FILLED", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "stopPrice": "0",
    "icebergQty": "0", "time": 1000, "updateTime": 3000, "isWorking": True, "workingTime": 1000,
    "selfTradePreventionMode": "EXPIRE_MAKER",
}  # fmt: skip
FILL = {
    "symbol": "BTCUSDT", "id": 31, "orderId": 7, "price": "50000.00", "qty": "0.50", "quoteQty": "25000.00",
    "commission": "0.0005", "commissionAsset": "BTC", "time": 2000, "isBuyer": True, "isMaker": True,
}  # fmt: skip
ACCOUNT = {"updateTime": 3000, "balances": [{"asset": "BTC", "free": "0.5", "locked": "0"}]}


def facts(*rows: Any, fills: Any = (), account: Any = None, asked: int = 0) -> Facts:
    return Facts(
        {row["orderId"]: row for row in rows}, list(fills), account or {"updateTime": 0, "balances": []}, asked
    )


class Bench:
    """A reconciler with what its callback got."""

    def __init__(self, view: View = View.DICT, micro: bool = False) -> None:
        self.seen: list[Any] = []
        rest: Any = None
        self.reconciler = Reconciler(self.seen.append, view, rest, micro=micro, automatic=True)

    def tell(self, found: Facts) -> list[Any]:
        """What comes of an answer, delivered."""
        events = self.reconciler.differences(found)
        for event in events:
            self.reconciler(event)
        return events

    def stream(self, event: dict[str, Any]) -> bool:
        """Whether an event of the stream reaches the callback."""
        before = len(self.seen)
        self.reconciler(event)
        return len(self.seen) > before


def steps(events: list[Any]) -> list[tuple[Any, ...]]:
    return [(event["x"], event["X"], event["z"], event["T"]) for event in events if event["e"] == "executionReport"]


def streamed(**fields: Any) -> dict[str, Any]:
    """An order's event as the stream sends it."""
    fixed = {
        "e": "executionReport",
        "s": "BTCUSDT",
        "i": 7,
        "x": "NEW",
        "X": "NEW",
        "z": "0",
        "Z": "0",
        "t": -1,
        "T": 1,
    }
    return {**fixed, **fields}


def test_an_order_that_nobody_has_heard_of() -> None:
    """Its placing, each of its fills, and its end; asked again there is nothing to tell."""
    bench = Bench()
    cancelled = {**ROW, "status": "CANCELED"}
    assert steps(bench.tell(facts(cancelled, fills=[FILL]))) == [
        ("NEW", "NEW", "0.00", 1000),
        ("TRADE", "PARTIALLY_FILLED", "0.50", 2000),
        ("CANCELED", "CANCELED", "0.50", 3000),
    ]
    assert bench.tell(facts(cancelled, fills=[FILL])) == []
    assert len(bench.seen) == 3 and all(event["reconciled"] for event in bench.seen)


def test_only_what_is_missing() -> None:
    """Of an order whose placing and first fill were streamed."""
    bench = Bench()
    bench.stream(streamed())
    bench.stream(streamed(x="TRADE", X="PARTIALLY_FILLED", z="0.50", Z="25000.00", t=31))
    full = {**ROW, "status": "FILLED", "executedQty": "1.00", "cummulativeQuoteQty": "50000.00"}
    other = {**FILL, "id": 32, "time": 2500}
    assert steps(bench.tell(facts(full, fills=[FILL, other]))) == [("TRADE", "FILLED", "1.00", 2500)]


def test_the_stream_may_be_ahead() -> None:
    """What REST said before the stream told more is no news; what the stream tells after REST is none either."""
    bench = Bench()
    bench.stream(streamed())
    bench.stream(streamed(x="CANCELED", X="CANCELED"))
    assert bench.tell(facts({**ROW, "status": "NEW", "executedQty": "0", "cummulativeQuoteQty": "0"})) == []

    bench = Bench()
    bench.tell(facts(ROW, fills=[FILL]))
    assert not bench.stream(streamed())
    assert not bench.stream(streamed(x="TRADE", X="PARTIALLY_FILLED", z="0.50", Z="25000.00", t=31))
    assert bench.stream(streamed(x="TRADE", X="FILLED", z="1.00", Z="50000.00", t=32))


def test_balances() -> None:
    """Those that differ; not where the stream knows a later moment; an older one of the stream is dropped."""
    bench = Bench()
    (event,) = bench.tell(facts(account=ACCOUNT))
    assert (event["B"], event["u"]) == ([{"a": "BTC", "f": "0.5", "l": "0"}], 3000)
    assert bench.tell(facts(account=ACCOUNT)) == []
    position = {"e": "outboundAccountPosition", "E": 1, "u": 2999, "B": [{"a": "BTC", "f": "0.4", "l": "0.1"}]}
    assert not bench.stream(position)
    assert bench.stream({**position, "u": 3001})
    assert bench.tell(facts(account=ACCOUNT)) == []
    assert not bench.stream({**position, "u": 3001}), "the same once more"


def test_of_two_changes_in_one_millisecond_the_stream_may_have_told_the_later() -> None:
    """REST counts where the stream has said nothing since the question."""
    position = {"e": "outboundAccountPosition", "E": 1, "u": 3000, "B": [{"a": "BTC", "f": "0.4", "l": "0.1"}]}
    bench = Bench()
    asked = bench.reconciler.question(0.0).asked
    bench.stream(position)
    assert bench.tell(facts(account=ACCOUNT, asked=asked)) == []
    later = bench.reconciler.question(0.0).asked
    assert len(bench.tell(facts(account=ACCOUNT, asked=later))) == 1


@pytest.mark.parametrize("view", list(View))
def test_views_and_units(view: View) -> None:
    """Events come in the view of the socket, times in its unit; the mark is in each."""
    bench = Bench(view, micro=True)
    found = bench.tell(facts(ROW, fills=[FILL], account=ACCOUNT))
    assert len(found) == 3
    for event in found:
        if view is View.TYPED:
            assert isinstance(event, (m.ExecutionReport, m.AccountPosition)) and event.extra == {"reconciled": True}
            assert event.event_time in (1_000_000, 2_000_000, 3_000_000)
        else:
            told = json.loads(event)["event"] if view is View.RAW else event
            assert told["reconciled"] is True and told["E"] in (1_000_000, 2_000_000, 3_000_000)


def test_what_is_no_such_event_passes() -> None:
    """Other events, the last payload, and events of another shape."""
    bench = Bench()
    for event in (
        {"e": "listStatus"},
        {"e": "error", "m": "x"},
        {"e": "executionReport"},
        {"e": "executionReport", "i": []},
    ):
        assert bench.stream(event)
    raw = Bench(View.RAW)
    assert raw.stream(b'{"event":{"e":"balanceUpdate"}}')  # type: ignore[arg-type]


class Rest:
    """Answers calls from a table; a page is full when it has 1,000 rows."""

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.closed = False

    def call(self, method: str, path: str, params: Any = None, security: Any = "none", **_: Any) -> Any:
        assert (method, security) == ("GET", "signed")
        name = path.rpartition("/")[2]
        self.calls.append((name, dict(params)))
        return self.answers[name].pop(0)

    def measure(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def test_what_is_asked() -> None:
    """Open orders, then each symbol from the moment on, page by page; orders that were open, or were filled, by id."""
    many = [{**ROW, "orderId": number} for number in range(100, 1100)]
    rest = Rest(
        {
            "openOrders": [[{**ROW, "symbol": "ETHUSDT"}]],
            "allOrders": [many, [], []],
            "myTrades": [[{**FILL, "orderId": 5}], []],
            "order": [{**ROW, "orderId": 5}, {**ROW, "orderId": 6}],
            "account": [ACCOUNT],
        }
    )
    found = fetch(rest, Question(frozenset(["BTCUSDT"]), 900, {6: "BTCUSDT", 7: "BTCUSDT"}, 3))
    assert sorted(found.orders) == [5, 6, 7, *range(100, 1100)] and found.asked == 3 and rest.closed
    assert [(name, params.get("symbol"), params.get("orderId")) for name, params in rest.calls] == [
        ("openOrders", None, None), ("allOrders", "BTCUSDT", None), ("allOrders", "BTCUSDT", 1100),
        ("myTrades", "BTCUSDT", None), ("allOrders", "ETHUSDT", None), ("myTrades", "ETHUSDT", None),
        ("order", "BTCUSDT", 6), ("order", "BTCUSDT", 5), ("account", None, None),
    ]  # fmt: skip
    assert rest.calls[1][1]["startTime"] == 900 and "startTime" not in rest.calls[2][1]
