"""What calls over REST may use: never more than the limit in any window, and nobody waits for ever."""

from __future__ import annotations

import heapq
from collections import Counter

import pytest
from exchanges.rest_server import RestServer
from fake_exchange import START
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.config import Options
from binance_sockets.engine.allowance import Allowance, Claim, Quota
from binance_sockets.engine.budget import Budget, Budgets, shared
from binance_sockets.errors import RateLimited
from binance_sockets.exchanges.binance.products import MARKETS
from binance_sockets.exchanges.binance.rest import PublicRest, SignedRest
from binance_sockets.exchanges.binance.urls import Environment

QUOTA = Quota("venue.invalid", "spot", 75, 100, 180, 60.0)
SPOT = Environment("live").quota("spot")
PURPOSES = ("books", "past", "symbols")
CALLS = st.tuples(st.floats(0, 20), st.integers(0, 9), st.integers(1, 60), st.booleans())


class Exchange:
    """Counts as an exchange does, from whole minute to whole minute of a clock of its own, others' calls included."""

    def __init__(self, offset: float) -> None:
        self.offset = offset
        self.used = Counter[int]()

    def call(self, weight: int, now: float) -> int:
        """What it answers that is used."""
        minute = int((now + self.offset) // 60)
        self.used[minute] += weight
        return self.used[minute]


def windows(spent: list[tuple[float, int]]) -> list[int]:
    """What was spent in each minute that ends with a call; what is a minute old to within rounding counts no more."""
    return [sum(cost for at, cost in spent if end - 60.0 + 1e-6 < at <= end) for end, _ in spent]


@given(st.lists(CALLS, max_size=60), st.floats(0, 60))
def test_no_window_holds_more(calls: list[tuple[float, int, int, bool]], offset: float) -> None:
    """Whoever asks whenever, for whatever: what waits keeps to its part, and all together to the limit."""
    allowance, exchange, now = Allowance(QUOTA), Exchange(offset), START
    patient, everything = list[tuple[float, int]](), list[tuple[float, int]]()
    for after, owner, weight, waits in calls:
        now += after
        if waits:
            wait = allowance.take(owner, PURPOSES[owner % 3], weight, now)
        else:
            wait = allowance.pay(weight, now)
        assert wait >= 0.0
        if wait == 0.0:
            everything.append((now, weight))
            patient += [(now, weight)] if waits else []
            allowance.told(exchange.call(weight, now), now, now)
    assert max(windows(patient), default=0) <= QUOTA.most
    assert max(windows(everything), default=0) <= QUOTA.limit
    assert max(exchange.used.values(), default=0) <= QUOTA.limit


@given(
    st.dictionaries(st.sampled_from(PURPOSES), st.lists(st.integers(5, 75), min_size=1, max_size=5), min_size=1),
    st.floats(0, 60),
    st.floats(0.1, 2),
)
def test_nobody_starves(wishes: dict[str, list[int]], offset: float, takes: float) -> None:
    """Each asks for its next call when the last one is over: nobody waits longer than it takes that every purpose uses
    as much as one round of the own one, with windows that are half full, as two dear calls do not fit into one."""
    allowance, exchange = Allowance(QUOTA), Exchange(offset)
    asks = [(START, (purpose, n), weight) for purpose, row in wishes.items() for n, weight in enumerate(row)]
    rounds = {purpose: sum(row) for purpose, row in wishes.items()}
    since = {owner: START for _, owner, _ in asks}
    heapq.heapify(asks)
    while asks[0][0] < START + 600:
        now, owner, weight = asks[0]
        wait = allowance.take(owner, owner[0], weight, now)
        windows_ = 2 * len(wishes) * rounds[owner[0]] / QUOTA.most + 2
        assert now - since[owner] <= 60 * windows_
        if wait == 0.0:
            allowance.told(exchange.call(weight, now), now, now)
            wait = takes
            since[owner] = now + takes
        heapq.heapreplace(asks, (now + wait, owner, weight))


def test_what_others_use_up_leaves_a_part() -> None:
    """A hundred books at once take what is theirs; a history that is asked for behind them comes at once all the same,
    and so do books behind a long back-fill."""
    for first, other in (("books", "past"), ("past", "books")):
        allowance = Allowance(SPOT)
        waits = [allowance.take(n, first, 50, START + n / 10) for n in range(100)]
        assert waits.count(0.0) == 54
        assert [allowance.take(other, other, 50, START + 10) for _ in range(18)] == [0.0] * 18
        assert allowance.take(other, other, 50, START + 10) == 50.0
        assert allowance.take(54, first, 50, START + 60.0) == 0.0


def test_what_the_exchange_tells_counts_where_it_is_more() -> None:
    """Others behind the same address have used most of it: for a minute, or until it tells something else."""
    allowance = Allowance(QUOTA)
    assert allowance.take("a", "past", 10, START) == 0.0
    allowance.told(175, START, START + 1)
    assert allowance.take("a", "past", 10, START + 2) == 59.0
    assert allowance.pay(10, START + 2) == 59.0
    assert allowance.snapshot(START + 2) == {"used": 175, "left": 5, "period": 60.0, "waiting": 1}
    allowance.told(1, START - 5, START + 3)  # the answer to an earlier call comes late
    assert allowance.take("a", "past", 10, START + 4) == 57.0
    allowance.told(20, START + 4, START + 5)
    assert allowance.take("a", "past", 10, START + 5) == 0.0
    assert allowance.snapshot(START + 5) == {"used": 30, "left": 80, "period": 60.0, "waiting": 0}


def test_what_the_exchange_has_told_counts_for_its_period() -> None:
    """From the answer on; of two answers to calls of one moment the later one counts."""
    allowance = Allowance(QUOTA)
    allowance.told(100, START, START)
    allowance.told(175, START, START + 1)
    assert allowance.take("a", "past", 10, START + 1) == 60.0
    assert allowance.snapshot(START + 60.5)["left"] == 5
    assert allowance.snapshot(START + 61)["left"] == 100
    assert allowance.take("a", "past", 10, START + 61) == 0.0


def test_less_than_is_known_here_changes_nothing() -> None:
    """A window of the exchange has just begun: what was spent before counts here all the same."""
    allowance = Allowance(QUOTA)
    assert allowance.take("a", "past", 95, START) == 0.0
    allowance.told(5, START + 1, START + 1)
    assert allowance.take("a", "past", 10, START + 1) == 59.0


def test_a_refusal_closes_the_window() -> None:
    """An answer 429 says that nothing is left, whatever was counted."""
    allowance = Allowance(QUOTA)
    allowance.refused(0.0, START)
    assert (allowance.take("a", "past", 1, START), allowance.pay(1, START)) == (60.0, 60.0)
    assert allowance.snapshot(START)["left"] == 0
    assert allowance.snapshot(START + 60)["left"] == 100
    assert allowance.take("a", "past", 1, START + 60) == 0.0


def test_a_refusal_that_tells_its_time_closes_for_that() -> None:
    """Live messages wait behind what is asked for: not a minute where the exchange wants a second."""
    allowance = Allowance(QUOTA)
    allowance.refused(1.0, START)
    assert (allowance.take("a", "past", 1, START), allowance.take("a", "past", 1, START + 1)) == (1.0, 0.0)
    allowance.refused(9.0, START + 2)
    allowance.refused(1.0, START + 3)  # of another host that shares the limit
    assert allowance.pay(1, START + 3) == 8.0


def test_what_is_dearer_than_allowed_goes_alone() -> None:
    """It waits for an empty window, not for ever."""
    allowance = Allowance(QUOTA)
    assert allowance.take("a", "books", 1, START) == 0.0
    assert allowance.take("b", "books", 250, START + 10) == 50.0
    assert allowance.take("b", "books", 250, START + 60) == 0.0


def test_who_leaves_or_never_comes_makes_room() -> None:
    """A place is kept for a while, and what it needs with it."""
    allowance = Allowance(QUOTA)
    assert allowance.take("a", "past", 50, START) == 0.0
    assert allowance.take("b", "past", 50, START) == 60.0
    assert allowance.take("c", "past", 25, START) == 60.0
    allowance.leave("b")
    assert allowance.take("c", "past", 25, START) == 0.0
    assert allowance.take("b", "past", 50, START) == 60.0
    assert allowance.take("c", "past", 50, START + 60) == 60.0
    assert allowance.take("c", "past", 50, START + 75) == 0.0


def test_purposes_are_served_in_turn() -> None:
    """Ten books that stand in line already do not hold the past back, nor the other way."""
    allowance = Allowance(QUOTA)
    assert [allowance.take(n, "books", 25, START) for n in range(10)] == [0.0, 0.0, 0.0, *[60.0] * 7]
    assert [allowance.take(n, "symbols", 25, START) for n in "ab"] == [0.0, 60.0]
    assert allowance.take("trades", "past", 25, START + 1) == 59.0
    assert [allowance.take(n, "books", 25, START + 60) for n in (5, 4, 3)] == [60.0, 0.0, 0.0]
    assert [allowance.take(n, "symbols", 25, START + 60) for n in "cb"] == [60.0, 0.0]
    assert allowance.take("trades", "past", 25, START + 60) == 0.0


def test_a_ban_comes_first() -> None:
    """What is told of one holds back calls, too, until it is over."""
    budget, now = Budget(), [START]
    claim = Claim(lambda: budget, QUOTA, "past", 1, lambda: now[0])
    assert not claim.banned
    budget.ban(418, 90.0, START)
    assert claim.take() == 90.0
    assert claim.banned
    now[0] += 90.0
    assert not claim.banned
    assert claim.take() == 0.0


def test_a_claim_that_is_given_up_stands_in_no_line() -> None:
    """Those of one purpose and quota wait for each other; each has a place of its own."""
    budget = Budget()
    first, second, other = (Claim(lambda: budget, QUOTA, each, 75, lambda: START) for each in ("past", "past", "books"))
    assert first.line == second.line != other.line
    assert [claim.take() for claim in (first, second, second, other)] == [0.0, 60.0, 60.0, 60.0]
    allowance = budget.allowance(QUOTA)
    assert allowance.snapshot(START)["waiting"] == 2
    second.leave()
    second.leave()
    assert allowance.snapshot(START)["waiting"] == 1


def test_clients_of_one_limit_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """USD-M and COIN-M, signed or not: what one has used, or was told, the others wait for."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    exchange, options = RestServer(), Options(limit_loopback=True)
    try:
        environment = Environment(exchange.url)
        usdm, coinm = environment.quota("usdm"), environment.quota("coinm")
        assert usdm == coinm and (usdm.name, usdm.most, usdm.limit) == ("futures", 1440, 2160.0)
        one, other = (SignedRest(exchange.url, options, None, "/time", quota=quota) for quota in (usdm, coinm))
        exchange.answer(200, {"serverTime": 1}, X_MBX_USED_WEIGHT_1M="2150")
        one.measure()
        with pytest.raises(RateLimited, match="not sent, as the request weight that is allowed is used"):
            other.call("GET", "/account", weight=20)
        assert len(exchange.requests) == 1
        claim = other.claim("past", 20)
        assert claim is not None and 50 < claim.take() <= 60
        (found,) = shared().snapshot(one._clock.monotonic(), 0.0).values()
        assert found["weights"]["futures"] == {"used": 2150, "left": 10, "period": 60.0, "waiting": 1}
        one.close()
        other.close()
    finally:
        exchange.close()


def test_this_machine_shares_nothing_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """There each client keeps to the limit alone."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    environment = Environment("http://127.0.0.1:1")
    quota = environment.quota("spot")
    row = MARKETS["spot"]
    one, other = (PublicRest("http://127.0.0.1:1/spot", row, Options(), quota).claim("past", 2000) for _ in range(2))
    assert one is not None and other is not None
    assert (one.take(), other.take()) == (0.0, 0.0)
    assert one.take() > 0.0
    assert shared().snapshot(0.0, 0.0) == {}


def test_limits_of_the_environments() -> None:
    """By the host that counts, with a part for what waits and a limit for all; none that no document states."""
    live = Environment("live")
    assert live.quota("spot") == Quota("api.binance.com", "spot", 2700, 3600, 5400.0, 60.0)
    assert live.quota("coinm") == live.quota("usdm") == Quota("fapi.binance.com", "futures", 1080, 1440, 2160.0, 60.0)
    assert live.quota("options") == Quota("eapi.binance.com", "options", 180, 240, float("inf"), 60.0)
    assert Environment("live", "us").quota("spot") == Quota("api.binance.us", "spot", 180, 240, float("inf"), 60.0)


def test_calls_of_this_machine_are_not_limited() -> None:
    """What an embedded exchange tells of its weight refuses no call that somebody waits for, unless asked to."""
    exchange = RestServer()
    try:
        exchange.answer(200, {"serverTime": 1}, X_MBX_USED_WEIGHT_1M="2150")
        client = SignedRest(exchange.url, Options(), None, "/time", quota=Environment(exchange.url).quota("usdm"))
        client.measure()
        assert client.get("/account", {}, weight=500) == {"serverTime": 1}
        client.close()
    finally:
        exchange.close()
