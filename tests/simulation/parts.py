"""The sweep of the default suite in parts, each a file of its own, so that several processes share it."""

from __future__ import annotations

import json
import os
import select
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from simulation.sweep import Swept, sweep

__all__ = ["PARTS", "part"]

SEEDS = {
    "market": 1000, "futures": 160, "changing": 20, "accounts": 160, "patient": 24, "seldom": 120, "months": 2,
    "markets": 100, "candles": 24, "upbit_past": 32,
}  # fmt: skip
PARTS = 4


def part(number: int, folder: Path) -> None:
    """Run one part; whichever of them is the last one sees what all have reached.

    Args:
        number: from 0; months of accounts, some seconds, are in the first two.
        folder: of the test run, the same for all of its processes.
    """
    if not hasattr(select, "poll"):
        pytest.skip("the simulated system is one with poll")
    found = [sweep(range(number, count, PARTS), kind=kind) for kind, count in SEEDS.items()]
    _leave(folder, number, found)
    assert {each.kind: each.failures for each in found if each.failures} == {}
    assert {each.kind: each.unknown for each in found if each.unknown} == {}
    reached = [json.loads(each.read_text()) for each in folder.glob("reached-*.json")]
    if len(reached) == PARTS:
        for kind in SEEDS:
            whole = Swept(kind, {}, Counter(name for names in reached for name in names[kind]))
            assert (kind, whole.never) == (kind, set())


def _leave(folder: Path, number: int, found: Sequence[Swept]) -> None:
    """Whole, or not at all: another process may be looking."""
    whole = folder / f"part-{number}.json"
    whole.write_text(json.dumps({each.kind: sorted(each.reached) for each in found}))
    os.replace(whole, folder / f"reached-{number}.json")
