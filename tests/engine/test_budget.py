"""The connect budget: no more attempts than allowed in any window, whoever asks, and one ban for all."""

from __future__ import annotations

import pytest
import tenacity
from exchanges.rest_server import RestServer
from fake_exchange import START, Bench, FakeExchange, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.config import Backoff, Options
from binance_sockets.engine.budget import Budget, Budgets, shared, told_seconds
from binance_sockets.engine.clock import Clock
from binance_sockets.errors import ConfigError, ConnectError, HandshakeRejected, RateLimited
from binance_sockets.exchange import Rate
from binance_sockets.exchanges.rest import RestClient
from binance_sockets.testing import Refuse

VENUE = "fake.invalid"
SLOW = FakeExchange(connects=(Rate(2, 60.0),))  # of which a process uses one


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 20)), max_size=80),
    st.integers(1, 5),
    st.floats(0.5, 30),
)
def test_no_window_holds_more(asks: list[tuple[int, float]], count: int, seconds: float) -> None:
    """Whoever asks whenever: never more than the rate allows; who waits is given a later moment."""
    budget, now, begun = Budget(), START, list[float]()
    for owner, after in asks:
        now += after
        due = budget.ask(owner, (Rate(count, seconds),), now)
        if due is None:
            begun.append(now)
        else:
            assert due > now
    for first, beyond in zip(begun, begun[count:], strict=False):
        assert first + seconds <= beyond


def test_many_at_once_come_spread_and_in_order() -> None:
    """Fifty that ask at one moment, and come when they were told to, begin at ten a second, each told twice at most."""
    budget, begun = Budget(), list[float]()
    waiting = [(START, owner) for owner in range(50)]
    asked = 0
    while waiting:
        now, owner = waiting.pop(0)
        due = budget.ask(owner, (Rate(240, 300.0),), now)
        asked += 1
        if due is None:
            begun.append(now - START)
        else:
            waiting = sorted([*waiting, (due, owner)])
    assert begun == [float(number // 10) for number in range(50)]
    assert asked == 90


def test_who_leaves_makes_room() -> None:
    """A moment of somebody who has ended is given to the next one."""
    budget, rates = Budget(), (Rate(1, 60.0),)
    assert [budget.ask(owner, rates, START) for owner in "abc"] == [None, START + 60, START + 120]
    budget.leave("b")
    budget.leave("c")
    assert budget.ask("d", rates, START) == START + 60
    shown = budget.snapshot(START, 5.0)
    assert shown == {"used": 1, "left": 0, "period": 60.0, "waiting": 1, "banned_until": None, "weights": {}}


def test_this_machine_has_none_unless_asked() -> None:
    """Loopback, by name or address, with or without port."""
    budgets = Budgets()
    for venue in ("127.0.0.1:9000", "localhost", "[::1]:80", "localhost:1"):
        assert budgets.of(venue, False) is None and budgets.of(venue, True) is not None
    assert budgets.of("a.invalid:9443", False) is budgets.of("a.invalid:9443", True)


def test_two_managers_share_one() -> None:
    """What one has used the other waits for: at its start already, visibly, and without an attempt of its own."""
    first = Bench(server(), exchange=SLOW).run(stop_at=1)
    second = Bench(server(), exchange=SLOW)
    second.transport.budgets = first.transport.budgets
    second.run(stop_at=70)
    assert (first.attempts, second.attempts) == ([0.0], [60.0])
    assert second.reasons[0] == ("backoff", "limited")
    assert second.changes[0][1].attempt == 0 and second.changes[0][1].delay == 60.0


def test_a_reconnect_beyond_the_budget_waits_without_spinning() -> None:
    """Attempts are one a minute; each failure costs one of the reconnects, and the waits between cost none."""
    bench = Bench(*[Refuse(ConnectError("x", "no"))] * 4, server(), exchange=SLOW).run(stop_at=250)
    assert bench.attempts == [0.0, 60.0, 120.0, 180.0, 240.0]
    assert [change.attempt for _, change in bench.changes if change.state.value == "backoff"] == [1, 2, 3, 4]


def test_a_ban_holds_connects_back() -> None:
    """One that somebody else of the process was told of, a REST call for example."""
    bench = Bench(server(), exchange=FakeExchange())
    budget = bench.transport.budgets.of(VENUE, False)
    assert budget is not None
    budget.ban(418, 90.0, START)
    bench.run(stop_at=100)
    assert bench.attempts == [90.0]


def test_a_refused_handshake_bans_for_all() -> None:
    """Its ``Retry-After`` is everybody's."""
    bench = Bench(Refuse(HandshakeRejected("x", 429, retry_after=30)), server()).run(stop_at=40)
    budget = bench.transport.budgets.of(VENUE, False)
    assert budget is not None and budget.banned(START) == (429, 30.0)
    assert bench.attempts == [0.0, 30.0]


def test_rest_and_connects_know_one_ban(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 418 of REST is in the shared budget, and a ban there keeps REST from asking, also another client."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    exchange, options = RestServer(), Options(limit_loopback=True)
    try:
        exchange.answer(418, b"", Retry_After="60")
        one, other = RestClient(exchange.url, options), RestClient(exchange.url, options)
        with pytest.raises(RateLimited):
            one.get("/path", {})
        with pytest.raises(RateLimited, match="not sent"):
            other.get("/path", {})
        budget = shared().of(one.venue, True)
        assert budget is not None and len(exchange.requests) == 1
        now = Clock().monotonic()
        due = budget.ask("a link", (Rate(300, 300.0),), now)
        assert due is not None and 50 < due - now <= 60
    finally:
        exchange.close()


def test_strategies_of_tenacity() -> None:
    """They tell the waits, and when it is enough."""
    from binance_sockets.engine.backoff import Retries

    backoff = Backoff(wait=tenacity.wait_incrementing(1, 2), stop=tenacity.stop_after_delay(10))
    retries = Retries(backoff, lambda: pytest.fail("no jitter of ours"))
    assert [retries.failed(OSError(), START + at) for at in (0, 5, 10)] == [(1.0, False), (3.0, False), (5.0, True)]
    retries.forget()
    assert retries.failed(OSError(), START + 20) == (1.0, False)
    assert Backoff(stop=tenacity.stop_any(tenacity.stop_after_attempt(3), tenacity.stop_before_delay(60)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"wait": 3},
        {"wait": tenacity.wait_fixed},
        {"wait": tenacity.stop_after_attempt(3)},
        {"stop": tenacity.wait_fixed(3)},
        {"stop": tenacity.stop_after_attempt},
        {"wait": tenacity.wait_fixed(3), "initial": 2},
        {"stop": tenacity.stop_after_attempt(3), "max_reconnects": None},
    ],
)
def test_what_is_no_strategy_is_refused(wrong: dict[str, object]) -> None:
    """A number, a class, one for the other, and both a strategy and what it replaces."""
    with pytest.raises(ConfigError, match=r"^Backoff\."):
        Backoff(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b"Too many API requests. Blocked for 37 seconds.", 37.0),
        (b'{"error":{"name":418,"message":"Blocked for 2.5 sec"}}', 2.5),
        ("37\ucd08 \ub3d9\uc548".encode(), 37.0),
        (b"1 s, or 60 s", 60.0),
        (b"at most 5 streams, error 418", None),
        (b"\xff\xfe", None),
        (b"9" * 5000 + b" seconds", None),
        (b"", None),
    ],
)
def test_seconds_in_the_text_of_a_refusal(body: bytes, seconds: float | None) -> None:
    """Some exchanges tell the time of a ban there alone."""
    assert told_seconds(body) == seconds
