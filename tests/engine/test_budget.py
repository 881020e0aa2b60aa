"""The connect budget: no more attempts than allowed in any window, whoever asks, and one ban for all."""

from __future__ import annotations

import os
import warnings

import pytest
import tenacity
from exchanges.rest_server import RestServer
from fake_exchange import START, Bench, FakeExchange, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.config import Backoff, Options
from binance_sockets.engine.budget import Budget, Budgets, allowed, ban_seconds, shared, told_seconds
from binance_sockets.engine.clock import Clock
from binance_sockets.errors import ConfigError, ConnectError, HandshakeRejected, RateLimited
from binance_sockets.exchange import ConnectLimits, Rate
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


def test_a_moment_is_kept_for_five_seconds_for_who_is_late() -> None:
    """Then it is the next one's."""
    for late, due in ((4.75, START + 122), (5.0, None)):
        budget, rates = Budget(), (Rate(1, 61.0),)
        assert [budget.ask(owner, rates, START) for owner in "ab"] == [None, START + 61]
        assert budget.ask("c", rates, START + 61 + late) == due


def test_who_asks_again_too_early_keeps_its_moment() -> None:
    """Also behind a ban, which all moments follow: whoever came later does not overtake."""
    budget, rates = Budget(), (Rate(1, 60.0),)
    budget.ban(429, 90.0, START)
    assert [budget.ask(owner, rates, START) for owner in "abc"] == [START + 90, START + 150, START + 210]
    assert [budget.ask(owner, rates, START + 1) for owner in "abc"] == [START + 90, START + 150, START + 210]
    assert budget.ask("d", rates, START + 2) == START + 270


def test_a_reading_of_the_clock_that_is_older_overtakes_nobody() -> None:
    """Two threads ask in another order than that in which they have looked at the clock."""
    budget, rates = Budget(), (Rate(2, 60.0),)
    assert budget.ask("a", rates, START + 0.5) is None
    assert budget.ask("b", rates, START) == START + 0.5
    assert budget.ask("b", rates, START + 0.5) is None
    assert budget.ask("c", rates, START + 1) == START + 60.5


def test_without_rates_nothing_waits_but_for_a_ban() -> None:
    """An exchange that has no limit on connects."""
    budget = Budget()
    assert [budget.ask(owner, (), START) for owner in range(30)] == [None] * 30
    budget.ban(418, 9.0, START)
    assert budget.ask("a", (), START + 1) == START + 9
    assert budget.ask("a", (), START + 9) is None


def test_a_ban_moves_all_who_wait_behind_its_end() -> None:
    """Each has to ask anew, and they follow each other from there on."""
    budget, rates = Budget(), (Rate(1, 60.0),)
    assert [budget.ask(owner, rates, START) for owner in "abc"] == [None, START + 60, START + 120]
    budget.ban(418, 90.0, START + 1)
    assert [budget.ask(owner, rates, START + 2) for owner in "cb"] == [START + 91, START + 151]


def test_a_ban_that_ends_no_later_than_a_known_one_changes_nothing() -> None:
    """Nor does one of no time at all."""
    budget, rates = Budget(), (Rate(1, 60.0),)
    budget.ban(429, 0.0, START)
    assert budget.banned(START) == (0, 0.0)
    budget.ban(418, 90.0, START)
    assert [budget.ask(owner, rates, START) for owner in "ab"] == [START + 90, START + 150]
    for seconds in (60.0, 20.0):
        budget.ban(429, seconds, START + 30)
    assert budget.banned(START + 30) == (418, 60.0)
    assert budget.ask("b", rates, START + 30) == START + 150


def test_a_ban_shows_until_it_is_over() -> None:
    """By the wall clock, as the reader of a snapshot has no other."""
    budget = Budget()
    budget.ban(418, 90.0, START)
    assert budget.snapshot(START + 30, 5000.0)["banned_until"] == 5060.0
    assert budget.snapshot(START + 90, 5060.0)["banned_until"] is None
    assert budget.banned(START + 91) == (418, 0.0)


def test_the_snapshot_shows_the_longest_window() -> None:
    """What was begun in it, and what is left of it, never less than nothing."""
    budget, rates = Budget(), (Rate(2, 10.0), Rate(3, 60.0))
    for at in (0, 1, 11):
        assert budget.ask("a", rates, START + at) is None
    shown = budget.snapshot(START + 59.0, 0.0)
    assert (shown["used"], shown["left"], shown["period"]) == (3, 0, 60.0)
    assert budget.ask("a", (Rate(2, 60.0),), START + 59.5) == START + 61
    assert budget.snapshot(START + 59.5, 0.0)["left"] == 0
    shown = budget.snapshot(START + 60.0, 0.0)
    assert (shown["used"], shown["left"]) == (2, 0)
    assert Budget().snapshot(START, 0.0) == {
        "used": 0, "left": 0, "period": 0.0, "waiting": 0, "banned_until": None, "weights": {}
    }  # fmt: skip


def test_a_process_uses_its_share_of_what_is_allowed() -> None:
    """Whole attempts, and one at least."""
    limits = ConnectLimits(VENUE, (Rate(300, 300.0), Rate(5, 1.0), Rate(1, 9.0)))
    assert allowed(limits, 0.5) == (Rate(150, 300.0), Rate(2, 1.0), Rate(1, 9.0))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_budgets_of_its_own() -> None:
    """Whoever held a lock has stayed behind, and the parent counts for itself."""
    parent = shared()
    parent._lock.acquire()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, as is the point here
            child = os.fork()
        if child == 0:
            os._exit(0 if shared() is not parent and shared().of(VENUE, False) is not None else 1)
    finally:
        parent._lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shared() is parent


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
        (b" " * 4093 + b"37s", 37.0),
        (b" " * 4094 + b"37s", None),  # four kilobytes of it are looked at
        (b"", None),
    ],
)
def test_seconds_in_the_text_of_a_refusal(body: bytes, seconds: float | None) -> None:
    """Some exchanges tell the time of a ban there alone."""
    assert told_seconds(body) == seconds


@pytest.mark.parametrize(
    ("status", "told", "seconds"),
    [
        (418, None, 120.0),
        (429, None, 0.0),
        (418, 5.0, 5.0),
        (429, 0.0, 0.0),
        (429, -1.0, 0.0),
        (418, 1e9, 259_200.0),  # three days
    ],
)
def test_how_long_an_exchange_wants_to_be_left_alone(status: int, told: float | None, seconds: float) -> None:
    """What it says, within reason; a ban that says nothing lasts two minutes."""
    assert ban_seconds(status, told) == seconds
