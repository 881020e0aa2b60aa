"""``make mutation``: its mutants, and that it tells a killed one from a survivor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from mutants import mutants  # noqa: E402
from mutation_table import EQUIVALENT, MODULES  # noqa: E402

sys.path.remove(str(ROOT / "scripts"))

MODULE = '''"""A module."""

LIMITS = {"small": 3}


class Gate:
    """A gate."""

    @property
    def wide(self) -> int | None:
        """How wide it is."""
        return 7


def open_for(number: int) -> bool:
    """Whether it opens."""
    if number < LIMITS["small"]:
        return True
    while number:
        number -= 1
    return False
'''
TESTS = '''"""Its tests."""

from package.module import open_for


def test_open() -> None:
    """Up to the limit."""
    assert open_for(2) is True
    assert not open_for(4)
    assert not open_for(3)
'''
EXAMINE = """
import pytest  # before the forks
from pathlib import Path
from mutation import Subject, examine, report
subject = Subject(Path.cwd(), "package/module.py", ("test_module.py",))
found = examine(subject, {"Gate.wide: return 8": "", "x": ""}, jobs=2, patience=1.0)
print(report("module", found))
"""


def test_each_mutant_is_the_module_with_one_mistake() -> None:
    """Properties and tables of the module have theirs; annotations, docstrings and decorators have none."""
    found = mutants(MODULE, "module.py")
    names = [each.name for each in found]
    assert names[:4] == [
        "module: LIMITS = {}",
        "module: LIMITS = {'XXsmall': 3}",
        "module: LIMITS = {'small': 4}",
        "Gate.wide: return None",
    ]
    assert "open_for: if number <= LIMITS['small']:" in names
    assert "open_for: without number -= 1" in names
    assert len(set(names)) == len(names)
    assert [each.line for each in found] == sorted(each.line for each in found)
    changed = next(each for each in found if each.name == "Gate.wide: return 8")
    assert changed.before == "return 7"
    namespace: dict[str, object] = {"__name__": "module"}
    exec(changed.code, namespace)
    assert namespace["Gate"]().wide == 8  # type: ignore[operator]
    assert namespace["LIMITS"] == {"small": 3}  # the other mistakes are gone again


@pytest.mark.full
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forked processes")
def test_the_runner_tells_killed_from_survived(tmp_path: Path) -> None:
    """What the tests look at is killed, also by never ending; the rest survives, and nothing is written.

    An equivalent one counts neither way, and one that is listed but does not survive is told.
    """
    (tmp_path / "package").mkdir()
    for name, text in (("package/__init__.py", ""), ("package/module.py", MODULE), ("test_module.py", TESTS)):
        (tmp_path / name).write_text(text, "utf-8")
    before = sorted(tmp_path.rglob("*"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer to load than the tests to run
    done = subprocess.run(
        [sys.executable, "-c", EXAMINE], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=55
    )
    assert done.returncode == 0, done.stderr
    survived = [line.strip() for line in done.stdout.splitlines() if line.startswith(" " * 14)]
    assert survived == [
        "Gate.wide: return None",
        "open_for: while not number:",
        "open_for: return None (2)",
    ]
    assert "open_for: if number <= LIMITS['small']:" not in done.stdout
    assert "1 equivalent" in done.stdout
    assert "no longer an equivalent survivor: x" in done.stdout
    assert sorted(tmp_path.rglob("*")) == before


def test_the_table_names_what_is_there() -> None:
    """Every module, test file and mutant of it exists, and each equivalent one has its reason."""
    for module, tests in MODULES.items():
        path = ROOT / "binance_sockets" / module
        assert path.is_file()
        assert all((ROOT / "tests" / test).is_file() for test in tests)
        if module in EQUIVALENT:
            names = {each.name for each in mutants(path.read_text("utf-8"), module)}
            assert set(EQUIVALENT[module]) <= names
    assert set(EQUIVALENT) <= set(MODULES)
    assert all(reason for reasons in EQUIVALENT.values() for reason in reasons.values())
