"""Whatever is started, stopped and lost in whatever order: what is wanted is carried, and each hears its own."""

from __future__ import annotations

import itertools
import os
import random
import sys
from typing import Any

import pytest
from fake_exchange import START
from fake_upbit import Inline, number_of
from hypothesis import given, settings
from hypothesis import strategies as st

from binance_sockets.testing import Drop

SEED = int(os.environ.get("TEST_SEED", "1"))
CODES = ["KRW-BTC", "KRW-ETH", "BTC-ETH"]
TYPES = ["ticker", "trade", "orderbook", "orderbook5", "candle.1m", "candle.5m"]
KEYS = ["k0", "k1", "k2", "k3"]
PREFERENCES = ["both", "both", "realtime_only", "snapshot_only"]

STEP = st.tuples(
    st.sampled_from(["start", "start", "start", "stop", "add", "remove", "drop", "tell", "tell", "tell"]),
    st.sampled_from(KEYS),
    st.sampled_from(TYPES),
    st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True),
    st.sampled_from(PREFERENCES),
    st.sampled_from([0.0, 0.01, 0.06, 0.3, 2.0]),
)


class Wanting:
    """What one conn key wants now, and what it has heard since it began to."""

    keeps = True
    """Messages are kept, not only counted."""

    def __init__(self, type_: str, preference: str, codes: list[str], heard: list[Any]) -> None:
        self.type = "orderbook" if type_ == "orderbook5" else type_
        self.count = 5 if type_ == "orderbook5" else 30
        self.preference = preference
        self.heard = heard
        self.first: dict[str, str | None] = dict.fromkeys(codes)
        self.live = set(codes)
        self.numbers: list[int] = []

    def __call__(self, message: dict[str, Any]) -> None:
        code, how = message["code"], message["stream_type"]
        if self.keeps:
            self.heard.append(message)
        assert message["type"] == self.type
        assert code in self.live, "nobody wants it"
        if self.first[code] is None:
            self.first[code] = how
        assert self.first[code] == "SNAPSHOT" or self.preference == "realtime_only"
        assert how == "REALTIME" or self.preference != "realtime_only"
        assert how == "SNAPSHOT" or self.preference != "snapshot_only"
        if self.type == "orderbook":
            assert len(message["orderbook_units"]) == self.count
        self.numbers.append(number_of(message))


class World:
    """A manager, and what is wanted of it."""

    def __init__(self, *markets: str) -> None:
        self.manager = Inline(*markets, backoff={"max_reconnects": None, "initial": 0.5, "maximum": 0.5})
        self.wanting: dict[str, Wanting] = {}
        self.all: list[Wanting] = []
        self.start("anchor", "ticker", CODES[:1], "both")

    def is_open(self, key: str) -> bool:
        found = self.manager._core.connections.get(key)
        return found is not None and not found.handler.stopping

    def start(self, key: str, type_: str, codes: list[str], preference: str) -> None:
        if self.is_open(key):
            return
        made = Wanting(type_, preference, codes, [])
        if type_.startswith("candle"):
            ways: dict[str, Any] = {"unit": type_.partition(".")[2]}
            type_ = "candle"
        else:
            ways = {"count": made.count} if made.type == "orderbook" else {}
        started = getattr(self.manager, f"start_{made.type.partition('.')[0]}_socket")(
            codes, made, stream_preference=preference, name=key, **ways
        )
        self.manager.begin(started)
        self.wanting[key] = made
        self.all.append(made)

    def step(self, what: str, key: str, type_: str, codes: list[str], preference: str) -> None:
        manager, found = self.manager, self.wanting.get(key)
        open_ = self.is_open(key)
        if what == "start":
            self.start(key, type_, codes, preference)
        elif what == "drop":
            if manager.exchange.links:
                manager.exchange.link.play([Drop()])
        elif what == "tell":
            if manager.exchange.links:
                manager.exchange.link.tell(type_.removesuffix("5") if type_ == "orderbook5" else type_, codes[0])
        elif open_ and found is not None:
            if what == "stop":
                manager.stop(key)
            elif what == "add":
                for code in codes:
                    if code not in found.live:
                        found.first[code] = None
                found.live.update(codes)
                manager.subscribe(key, codes)
            elif found.live - set(codes):
                going = [code for code in codes if code in found.live]
                if going:
                    manager.unsubscribe(key, going)
                    found.live.difference_update(going)


@settings(deadline=None, max_examples=150)
@given(st.lists(STEP, max_size=30))
def test_any_order(steps: list[Any]) -> None:
    """Snapshots first, nothing twice, nothing that is not wanted, within budget; and at the end all that is wanted."""
    world = World()
    manager = world.manager
    at = 0.5
    for *step, wait in steps:
        at += wait
        manager.at(at, lambda step=step: world.step(*step))
    end = at + 40
    before: dict[str, int] = {}
    types = {"orderbook" if type_ == "orderbook5" else type_ for type_ in TYPES}
    told = list(itertools.product(sorted(types), CODES))

    def look() -> None:
        before.update((key, len(found.heard)) for key, found in world.wanting.items())
        wanted = {
            (found.type, code)
            for key, found in world.wanting.items()
            if key in manager._core.connections
            for code in found.live
        }
        carried = {
            (each["type"], code.partition(".")[0])
            for each in manager.exchange.link.subscriptions
            for code in each["codes"]
        }
        assert carried == wanted
        for type_, code in told:
            manager.exchange.link.tell(type_, code)

    problems: list[BaseException] = []

    def guarded() -> None:
        try:
            look()
        except BaseException as exc:
            problems.append(exc)

    manager.at(end, guarded)
    after: dict[str, list[Any]] = {}
    manager.at(end + 1, lambda: after.update((key, list(found.heard)) for key, found in world.wanting.items()))
    open_at_end: set[str] = set()
    manager.at(end, lambda: open_at_end.update(manager._core.connections))
    manager.run_until(end + 2)
    assert not problems, problems
    assert [error for error in manager.errors if type(error).__name__ == "CallbackError"] == []
    for key, found in world.wanting.items():
        news = sorted((m["type"], m["code"]) for m in after[key][before[key] :])
        silent = key not in open_at_end or found.preference == "snapshot_only"
        assert news == ([] if silent else sorted((found.type, code) for code in found.live))
    for found in world.all:
        assert len(set(found.numbers)) == len(found.numbers)
    for link in manager.exchange.links:
        times = [moment for moment, _ in link.requests]
        assert all(later - first > 1.0 for first, later in zip(times, times[5:], strict=False))
        assert all(later - first > 60.0 for first, later in zip(times, times[100:], strict=False))
    assert START + end <= manager.clock.now


@pytest.mark.parametrize("kind", ["both", "snapshot_only"])
def test_a_socket_is_stopped_before_anything_came(kind: str) -> None:
    """The connection is over with its last socket, and another one begins anew."""
    manager = Inline()
    key = manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a"), kind))  # type: ignore[arg-type]
    manager.at(0.0, lambda: manager.stop(key))
    manager.made[-1].run()
    assert manager._core.connections == {}


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_hundred_thousand_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 markets, 100,000 messages, 1,000 changes of who wants what, and a lost link every few seconds: each callback
    gets exactly its own, snapshots first and nothing twice, and the exchange's limits are kept."""
    rng = random.Random(SEED)
    monkeypatch.setattr(Wanting, "keeps", False)
    monkeypatch.setattr(sys.modules[__name__], "CODES", [f"KRW-C{number:03}" for number in range(200)])
    world = World(*CODES)
    manager = world.manager
    keys = [f"k{number}" for number in range(40)]
    at, changes = 0.5, 0
    for _ in range(1000):
        at += rng.uniform(0.05, 1.2)
        what = rng.choice(["start", "start", "stop", "add", "remove"])
        step = (
            what,
            rng.choice(keys),
            rng.choice(TYPES),
            rng.sample(CODES, rng.randint(1, 60)),
            rng.choice(PREFERENCES),
        )
        manager.at(at, lambda step=step: world.step(*step))
        changes += 1
        if changes % 15 == 0:
            manager.at(at + 0.01, lambda: manager.exchange.link.play([Drop()]))
    told = 0

    def tell() -> None:
        nonlocal told
        link = manager.exchange.link
        asked = [(each["type"], code.partition(".")[0]) for each in link.subscriptions for code in each["codes"]]
        for type_, code in rng.sample(asked, min(len(asked), 45)):
            told += link.tell(type_, code)

    moment = 0.2
    while moment < at:
        manager.at(moment, tell)
        moment += 0.25
    end = at + 60
    manager.at(end, tell)
    manager.run_until(end + 5)
    print(f"{told} messages, {changes} changes, {len(manager.exchange.links)} links, seed {SEED}")
    assert told >= 100_000
    assert [error for error in manager.errors if type(error).__name__ == "CallbackError"] == []
    for found in world.all:
        assert len(set(found.numbers)) == len(found.numbers)
    heard = sum(len(found.numbers) for found in world.all)
    assert heard > told / 2
    for link in manager.exchange.links:
        times = [moment for moment, _ in link.requests]
        assert all(later - first > 1.0 for first, later in zip(times, times[5:], strict=False))
        assert all(later - first > 60.0 for first, later in zip(times, times[100:], strict=False))
