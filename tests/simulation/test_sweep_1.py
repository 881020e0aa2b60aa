"""A part of a thousand sessions, see ``parts.py``."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulation.parts import part


@pytest.mark.timeout(240)  # some 5 s of computing
def test_every_promise_holds(run_folder: Path) -> None:
    """Between them the parts reach every rare path that is listed, and none that is not."""
    part(1, run_folder)
