"""A local book kept by the exchange's rules equals the exchange's book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from simulator.helpers import client, get, receive

from binance_sockets.simulator import Fault, Simulator


def levels(rows: list[list[str]]) -> dict[Decimal, Decimal]:
    return {Decimal(price): Decimal(qty) for price, qty in rows}


class LocalBook:
    """The book as the exchange's documents say to keep it."""

    def __init__(self, snapshot: dict[str, Any], *, spot: bool) -> None:
        self.id = snapshot["lastUpdateId"]
        self.sides = {"b": levels(snapshot["bids"]), "a": levels(snapshot["asks"])}
        self.spot = spot
        self.applied = 0

    def apply(self, diff: dict[str, Any]) -> None:
        if diff["u"] <= self.id and (self.spot or diff["u"] < self.id):
            return
        if self.spot:
            assert diff["U"] == self.id + 1 if self.applied else diff["U"] <= self.id + 1 <= diff["u"]
        else:
            assert diff["pu"] == self.id if self.applied else diff["U"] <= self.id <= diff["u"]
        for side, book in self.sides.items():
            book.update(levels(diff[side]))
            self.sides[side] = {price: qty for price, qty in book.items() if qty}
        self.id = diff["u"]
        self.applied += 1


@pytest.mark.parametrize(
    ("stream", "rest"),
    [
        ("/spot/ws/btcusdt@depth@100ms", "/spot/api/v3/depth?symbol=BTCUSDT&limit=5000"),
        ("/usdm/public/ws/btcusdt@depth@100ms", "/usdm/fapi/v1/depth?symbol=BTCUSDT&limit=1000"),
        ("/usdm/public/ws/btcusdt@rpiDepth@500ms", "/usdm/fapi/v1/rpiDepth?symbol=BTCUSDT&limit=1000"),
        ("/coinm/ws/btcusd_perp@depth", "/coinm/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000"),
        (
            "/options/public/ws/btc-261225-90000-c@depth@500ms",
            "/options/eapi/v1/depth?symbol=BTC-261225-90000-C&limit=1000",
        ),
    ],
)
def test_snapshot_and_diffs_make_the_book(sim: Simulator, stream: str, rest: str) -> None:
    """A snapshot taken in mid-stream plus the diffs gives, later, exactly the book of a second snapshot."""
    with client(sim, stream) as connection:
        buffered = [receive(connection) for _ in range(3)]
        book = LocalBook(get(sim, rest)[1], spot="spot" in stream)
        while book.applied < 20:
            book.apply(buffered.pop(0) if buffered else receive(connection))
        target = get(sim, rest)[1]
        last: dict[str, Any] = {"b": [], "a": []}
        while book.id < target["lastUpdateId"]:
            last = receive(connection)
            book.apply(last)
        # When the snapshot was taken between two diffs, only what the second one touched may differ.
        inside = book.id != target["lastUpdateId"]
        assert not inside or last["U"] <= target["lastUpdateId"] < last["u"]
        for side, key in (("b", "bids"), ("a", "asks")):
            touched = levels(last[side]).keys() if inside else set()
            expected = {price: qty for price, qty in levels(target[key]).items() if price not in touched}
            assert {price: qty for price, qty in book.sides[side].items() if price not in touched} == expected
            assert len(expected) > 5


def test_partial_depth_is_the_top_of_the_book(sim: Simulator) -> None:
    """Partial depth has as many levels as its name says, best first, never crossed."""
    with client(sim, "/spot/ws/btcusdt@depth10@100ms") as connection:
        for _ in range(20):
            payload = receive(connection)
            bids, asks = list(levels(payload["bids"])), list(levels(payload["asks"]))
            assert len(bids) == len(asks) == 10
            assert bids == sorted(bids, reverse=True)
            assert asks == sorted(asks)
            assert bids[0] < asks[0]


def test_limits_cut_snapshots(sim: Simulator) -> None:
    """``limit`` is the number of levels per side."""
    assert len(get(sim, "/spot/api/v3/depth?symbol=BTCUSDT&limit=3")[1]["bids"]) == 3


def test_a_stale_snapshot_does_not_bridge(sim: Simulator) -> None:
    """With the fault, a snapshot is older than every diff; without it the next one bridges again."""
    with client(sim, "/spot/ws/btcusdt@depth@100ms") as connection:
        for _ in range(2):
            first = receive(connection)
        fault = sim.inject(Fault.STALE_SNAPSHOT, product="spot", count=1)
        path = "/spot/api/v3/depth?symbol=BTCUSDT&limit=5000"
        assert get(sim, path)[1]["lastUpdateId"] + 1 < first["U"]
        assert fault.struck == 1
        assert get(sim, path)[1]["lastUpdateId"] >= first["u"]


def test_levels_behind_those_that_are_told_change_without_a_word() -> None:
    """``told_levels``: no diff has a level of another rank, and snapshots have all of them."""
    with Simulator(told_levels=3, seed=2) as sim, client(sim, "/spot/ws/btcusdt@depth@100ms") as connection:
        for _ in range(20):
            diff = receive(connection)
            for side in ("b", "a"):
                assert sum(float(quantity) > 0 for _, quantity in diff[side]) <= 3
        assert len(get(sim, "/spot/api/v3/depth?symbol=BTCUSDT&limit=100")[1]["bids"]) > 10
    with pytest.raises(ValueError, match="told_levels"):
        Simulator(told_levels=0)
