"""The sweep of the default suite in parts, each a file of its own, so that several processes share it."""

from __future__ import annotations

import json
import os
import select
from collections import Counter
from pathlib import Path

import pytest
from simulation.sweep import Swept, sweep

__all__ = ["PARTS", "part"]

SEEDS = 1000
PARTS = 4


def part(number: int, folder: Path) -> None:
    """Run one part; whichever of them is the last one sees what all have reached.

    Args:
        number: from 0.
        folder: of the test run, the same for all of its processes.
    """
    if not hasattr(select, "poll"):
        pytest.skip("the simulated system is one with poll")
    found = sweep(range(number, SEEDS, PARTS))
    _leave(folder, number, found)
    assert found.failures == {}
    assert found.unknown == set()
    reached = [json.loads(each.read_text()) for each in folder.glob("reached-*.json")]
    if len(reached) == PARTS:
        assert Swept({}, Counter(name for names in reached for name in names)).never == set()


def _leave(folder: Path, number: int, found: Swept) -> None:
    """Whole, or not at all: another process may be looking."""
    whole = folder / f"part-{number}.json"
    whole.write_text(json.dumps(sorted(found.reached)))
    os.replace(whole, folder / f"reached-{number}.json")
