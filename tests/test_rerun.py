"""``scripts/test.py``: what fails runs once more, and passes only if it does then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "test.py"
STEADY = "def test_steady(): pass\n"
ONCE = """
import os, pathlib

def test_once():
    seed = pathlib.Path("seed")
    first = not seed.exists()
    seed.write_text(os.environ["TEST_SEED"]) if first else None
    assert not first and seed.read_text() == os.environ["TEST_SEED"]
"""
TWICE = "def test_twice(): assert False\n"
BROKEN = "import no_such_module\n"
MANY = "import pytest\n\n@pytest.mark.parametrize('n', range(21))\ndef test_many(n): assert False\n"


@pytest.mark.parametrize(
    ("texts", "workers", "code", "runs", "unsteady"),
    [
        ([STEADY], 0, 0, 1, []),
        ([STEADY, ONCE], 0, 0, 2, ["test_1.py::test_once"]),
        ([STEADY, ONCE, TWICE], 1, 1, 2, ["test_1.py::test_once"]),
        ([STEADY, BROKEN], 1, 2, 2, []),
        ([MANY], 0, 1, 1, []),
    ],
    ids=["passes", "fails once", "fails twice", "collection fails", "fails everywhere"],
)
def test_what_fails_runs_again(
    tmp_path: Path, texts: list[str], workers: int, code: int, runs: int, unsteady: list[str]
) -> None:
    """With workers first, alone and with the same seed then; what failed and passed is named."""
    for number, text in enumerate(texts):
        (tmp_path / f"test_{number}.py").write_text(text)
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "TEST_SEED"))}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "-p", "xdist", f"-n{workers}", "-q"],
        cwd=tmp_path, env={**inherited, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert done.returncode == code, done.stdout + done.stderr
    assert 1 + said.count("Once more, one at a time, what failed:") == runs
    assert [line.split()[1] for line in said if line.startswith("unsteady: ")] == unsteady
