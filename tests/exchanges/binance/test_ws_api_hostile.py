"""WebSocketAPI and an exchange whose replies come in any order, twice, late, never, for nobody, or make no sense."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from exchanges.binance.test_ws_api import Bench, no, ok, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets import ExchangeError, RequestLost, RequestTimeout
from binance_sockets.engine import frames
from binance_sockets.errors import BinanceSocketsError, DecodeError
from binance_sockets.testing import Drop, Script, Send, frame, text

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abe"), inner, max_size=3),
    max_leaves=4,
)
LIMIT = st.fixed_dictionaries(
    {},
    optional={
        "rateLimitType": st.sampled_from(["REQUEST_WEIGHT", "ORDERS"]) | JSON,
        "interval": st.sampled_from(["SECOND", "MINUTE", "DAY"]) | JSON,
        "intervalNum": st.integers(-1, 10) | JSON,
        "limit": st.integers(-1, 10**9) | JSON,
        "count": st.integers(-1, 5) | JSON,
    },
)
CODE = st.sampled_from([-1021, -1003, -2013]) | JSON
ERROR = st.fixed_dictionaries({}, optional={"code": CODE, "msg": JSON, "data": JSON})
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([200, 400, 401, 418, 429, 500]) | JSON,
        "result": JSON,
        "error": ERROR | JSON,
        "rateLimits": st.lists(LIMIT | JSON, max_size=2) | JSON,
    },
)


def says(message: Any, after: float) -> Send:
    return Send(text(json.dumps(message)).data, after)


def scripted(plan: list[list[tuple[float, dict[str, Any]]]], *steps: Drop) -> Script:
    """The n-th request gets the n-th list of replies: after so many seconds, with these fields beside its id."""
    rest = iter(plan)

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode != frames.TEXT:
            return []
        number = json.loads(payload)["id"]
        return [says({"id": number, **fields}, after) for after, fields in next(rest, [])]

    return Script(steps, react)


@pytest.mark.timeout(300)  # with many examples
@given(
    st.lists(st.lists(st.tuples(st.floats(0.0, 8.0), FIELDS), max_size=2), min_size=1, max_size=6),
    st.floats(0.5, 20.0) | st.none(),
)
def test_every_future_ends_whatever_is_replied(
    plan: list[list[tuple[float, dict[str, Any]]]], cut: float | None
) -> None:
    """Replies of any shape, in any order, late or twice, and a cut among them: a result, or an error of ours."""
    bench = Bench(scripted(plan, *([Drop(after=cut)] if cut else [])), server())
    for _ in plan:
        bench.at(1, "order.place", {"symbol": "X"}, timeout=5)
    bench.run()
    assert len(bench.futures) + len(bench.raised) == len(plan)
    for future in bench.futures:
        error = future.exception()
        assert error is None or isinstance(error, BinanceSocketsError)


def test_replies_out_of_order_twice_and_for_nobody() -> None:
    """32 requests in flight, answered from the last to the first, each twice: each gets its own, nothing else moves."""
    plan = [[(40 - number, ok(number)), (41.0, ok("again"))] for number in range(32)]
    bench = Bench(scripted(plan))
    for _ in plan:
        bench.at(1, "ping", timeout=50)
    bench.run(100)
    assert [future.result() for future in bench.futures] == list(range(32))


def test_a_loss_in_the_middle_of_many() -> None:
    """What was answered before it has its result; all others are unknown, and none is sent again."""
    plan = [[(0.1 * number, ok(number))] for number in range(32)]
    bench = Bench(scripted(plan, Drop(after=2.65)), server())
    for _ in plan:
        bench.at(1, "order.place", {"symbol": "X"}, timeout=30)
    bench.run()
    errors = [future.exception() for future in bench.futures]
    answered = [error is None for error in errors]
    assert answered == sorted(answered, reverse=True) and 0 < sum(answered) < 32
    assert all(isinstance(error, RequestLost) and error.outcome_unknown for error in errors if error)
    assert len(bench.transport.links) == 1 or bench.sent(1) == []


def test_an_error_without_an_id_is_nobodys_when_several_wait() -> None:
    """To tell the wrong caller that an order was refused would hide one that lives: the time-out says unknown."""
    refusal = {"id": None, **no(400, -1000)}
    bench = Bench(scripted([[], [(2.0, refusal)]]))
    reports: list[Any] = []
    bench.api.add_error_listener(reports.append)
    for _ in range(2):
        bench.at(1, "order.place", {"symbol": "X"}, timeout=5)
    bench.run()
    assert all(isinstance(bench.error(each), RequestTimeout) and bench.error(each).outcome_unknown for each in (0, 1))
    assert any("-1000" in str(report.error) for report in reports)


def test_an_error_without_an_id_belongs_to_the_only_one() -> None:
    """There is nobody else whom it could be about."""
    bench = Bench(scripted([[(2.0, {"id": None, **no(400, -1000)})]])).at(1, "order.place", timeout=5).run()
    assert isinstance(bench.error(), ExchangeError) and bench.error().error_code == -1000


@pytest.mark.parametrize("result", [[], "x", 5, {"serverTime": "x"}, {}])
def test_the_exchanges_time_that_makes_no_sense(result: Any) -> None:
    """Asked for after -1021: the refusal stands, as nothing was done."""
    replies = iter([no(400, -1021), ok(result)])
    bench = Bench(server(lambda asked: next(replies))).at(1, "order.place").run()
    assert isinstance(bench.error(), ExchangeError) and bench.error().error_code == -1021


@pytest.mark.parametrize("order", [[], "x", None, {}, {"status": "BRAND_NEW"}, {"status": 5}, {"status": []}])
def test_a_status_that_nobody_knows_is_no_outcome(order: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """To call such an order refused could hide one that lives."""
    bench = Bench(server())
    monkeypatch.setattr(bench.api, "request", lambda *asked: order)
    with pytest.raises(DecodeError, match="unknown status"):
        bench.api.resolve({"symbol": "X", "newClientOrderId": "y"})
    bench.api.close()
