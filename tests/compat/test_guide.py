"""The code of the migration guide runs, and is what ``binance-sockets migrate`` makes of the code before."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from e2e.harness import eventually
from parity.known import LEGACY, THREADS

from binance_sockets.migrate import examine
from binance_sockets.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "migration.rst").read_text(encoding="utf-8")
BLOCKS = {
    name: textwrap.dedent(body).strip("\n") + "\n"
    for name, body in re.findall(
        r"^\.\. code-block:: python\n   :name: ([\w-]+)\n\n((?:   .*\n|\n)+)", GUIDE, flags=re.MULTILINE
    )
}
AFTER = sorted(name for name in BLOCKS if name.startswith("after-"))


def test_every_part_of_the_guide_has_code() -> None:
    """Five packages, each before and after; no other Python in the guide goes untested."""
    ways = {"compat", "threads", "unicorn", "connector", "pybit"}
    assert {f"before-{way}" for way in ways} | {f"after-{way}" for way in ways} <= BLOCKS.keys()
    assert GUIDE.count(".. code-block:: python") == len(BLOCKS)


def test_every_known_difference_is_in_a_table() -> None:
    """What ``make parity`` lets pass is told to users, row by row; the beginnings are of cases that differ there."""
    drop_in = (ROOT / "docs" / "drop_in.rst").read_text(encoding="utf-8")
    assert [row for row in LEGACY.values() if f"   * - {row}\n" not in drop_in] == []
    assert [row for row in THREADS.values() if f"   * - {row}\n" not in GUIDE] == []


@pytest.mark.parametrize("name", AFTER)
def test_the_code_after_runs(name: str, exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Against the embedded exchange it prints a price, and leaves nothing open."""
    exec(compile(BLOCKS[name], name, "exec"), {"__name__": "__main__"})
    shown = ""

    def printed() -> bool:
        nonlocal shown
        shown += capsys.readouterr().out
        return "\n" in shown

    eventually(printed, "a line")
    assert re.match(r"price \d+\.\d+$", shown.splitlines()[0]), shown


@pytest.mark.full
@pytest.mark.parametrize("name", AFTER)
def test_the_code_after_runs_as_a_script(name: str, busy: Simulator, tmp_path: Path) -> None:
    """It prints a price, and its process ends by itself."""
    script = tmp_path / "script.py"
    script.write_text(BLOCKS[name], encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "BINANCE_SOCKETS_BASE_URL": busy.url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.match(r"price \d+\.\d+$", ran.stdout.splitlines()[0]), ran.stdout
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("way", ["compat", "threads"])
def test_the_code_after_is_what_migrate_makes(way: str) -> None:
    """Of python-binance's scripts nothing changes but imports."""
    report = examine(BLOCKS[f"before-{way}"])
    assert report.rewritten == BLOCKS[f"after-{way}"]
    assert not report.of("by hand")
    assert not report.of("gone")
