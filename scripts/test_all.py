"""Run the tests on every supported Python, each in its own virtual environment ``.venv-3.X``.

Fails when one of the required versions is missing or its tests fail. Arguments go to pytest.
Interpreters are looked for as ``python3.X`` on the PATH and below ``~/.pyenv/versions``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REQUIRED = ("3.10", "3.11", "3.12", "3.13")
WHEN_FOUND = ("3.14", "3.14t")  # "t": free-threaded
ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def candidates(version: str) -> Iterator[str]:
    """Paths that may be an interpreter of ``version``, best first."""
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path
    number, free_threaded = version.rstrip("t"), version[4:]
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{number}.*{free_threaded}"), reverse=True):
        yield str(folder / "bin" / "python")


def works(python: str, version: str) -> bool:
    """Whether ``python`` runs and is what its name says (a pyenv shim need not be)."""
    question = (
        "import sys; gil = getattr(sys, '_is_gil_enabled', lambda: True)();"
        "print('%d.%d' % sys.version_info[:2] + ('' if gil else 't'))"
    )
    try:
        answer = subprocess.run([python, "-c", question], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version


def prepare(python: str, version: str) -> str:
    """Make or refresh the virtual environment; returns its interpreter."""
    venv = ROOT / f".venv-{version}"
    inside = str(venv / SCRIPTS / "python")
    ready = venv / ".ready-test"
    settings = max((ROOT / name).stat().st_mtime for name in ("setup.cfg", "setup.py"))
    if ready.exists() and ready.stat().st_mtime >= settings:
        return inside
    if not Path(inside).exists():
        subprocess.run([python, "-m", "venv", str(venv)], check=True)
    install = [inside, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-e", ".[test,docs]"]
    subprocess.run(install, check=True, cwd=ROOT)
    ready.touch()
    return inside


def run(version: str, arguments: list[str]) -> str:
    """Test one version; returns ``passed``, ``missing`` or what failed."""
    python = next((path for path in candidates(version) if works(path, version)), None)
    if python is None:
        return "missing"
    print(f"\n== Python {version}: {python}", flush=True)
    try:
        inside = prepare(python, version)
    except subprocess.CalledProcessError as error:
        return f"set-up failed ({error})"
    code = subprocess.run([inside, "-m", "pytest", *arguments], cwd=ROOT).returncode
    return "passed" if code == 0 else f"failed (pytest ended with {code})"


def main() -> int:
    results = {version: run(version, sys.argv[1:]) for version in (*REQUIRED, *WHEN_FOUND)}
    print()
    for version, result in results.items():
        print(f"Python {version:6} {result}")
    bad = [v for v, result in results.items() if result != "passed" and not (v in WHEN_FOUND and result == "missing")]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
