"""Run the tests, and what failed once more.

Arguments go to pytest. Where tests fail, those alone run again, one at a time and with the same seed; what passes then
is named as unsteady, and only what fails twice fails the run (as ``regrtest --rerun`` of CPython does). A machine that
pauses for seconds is no reason to refuse a change; a test that is named here is to be mended all the same.

Nothing runs twice where collection fails or the run was interrupted, nor where so much failed that it is no accident.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

MOST = 20  # failures that may be an accident
FAILED = Path(".pytest_cache", "v", "cache", "lastfailed")  # what `--last-failed` reads
SOME_FAILED = 1  # pytest's exit code for that, and for nothing else


def failed() -> set[str]:
    """The tests that failed when they were last run."""
    try:
        return set(json.loads(FAILED.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return set()


def run(*arguments: str) -> int:
    """Run pytest; returns its exit code."""
    with subprocess.Popen([sys.executable, "-m", "pytest", *arguments]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # pytest has had it too, and ends with a summary
                continue


def main(arguments: list[str]) -> int:
    seed = os.environ.setdefault("TEST_SEED", str(random.SystemRandom().randrange(2**32)))
    code, first = run(*arguments), failed()
    if code != SOME_FAILED or len(first) > MOST:
        return code
    print("\nOnce more, one at a time, what failed:", flush=True)
    code = run(*arguments, "-n0", "--last-failed", "--last-failed-no-failures=none")
    for test in sorted(first - failed()):
        print(f"unsteady: {test} failed, and passed alone (TEST_SEED={seed})", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
