"""ThreadedWebsocketManager beside python-binance 1.0.37's, call by call: ``python tests/parity/threads.py``.

Both run ``threads_cases.py`` against one embedded exchange, the real one in its environment (``benchmarks/.envs``). The
exit code is 1 when a case differs that is not among those that the guide (``docs/migration.rst``) tells of.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

from environments import Environment, EnvironmentMissing  # noqa: E402
from parity.threads_cases import ACCOUNTS  # noqa: E402

from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator  # noqa: E402

_CASES = Path(__file__).with_name("threads_cases.py")
_LIMIT = 150.0  # seconds for one side

KNOWN: dict[str, str] = {
    "account key": "1.x returns None for sockets of accounts, here stop_socket takes what is returned",
    "account end": "1.0.37's manager may not end once it had an account",
    "loss type": "1.x gives the name of the exception of its WebSocket library, which varies",
}
"""Beginnings of cases that may differ, and why."""


def side(name: str, python: Path, exchange: Simulator) -> dict[str, Any]:
    """All cases of one side, those of accounts in processes of their own."""
    found = cases(name, python, exchange)
    for method in ACCOUNTS:
        found |= cases(name, python, exchange, method)
    return found


def cases(side: str, python: Path, exchange: Simulator, *methods: str) -> dict[str, Any]:
    """What one process did, by case.

    Raises:
        RuntimeError: it did not end as it should.
    """
    variables = {"PARITY_KEY": DEMO_API_KEY, "PARITY_SECRET": DEMO_API_SECRET}
    if side == "ours":
        variables |= {"BINANCE_SOCKETS_BASE_URL": exchange.url, "PYTHONPATH": str(ROOT)}
    found = {}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [str(python), str(_CASES), side, exchange.url, *methods],
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        limit = threading.Timer(_LIMIT, process.kill)
        limit.start()
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line) if line.startswith("{") else {}
            if "ask" in said:
                exchange.inject(said["ask"])
            elif "case" in said:
                found[said.pop("case")] = said
        code = process.wait()
        limit.cancel()
        errors.seek(0)
        if code:
            raise RuntimeError(f"{side}: ended with {code} after {list(found)[-1:]}\n{errors.read()[-3000:]}")
    return found


def differences(real: dict[str, Any], ours: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Cases that are not the same: name, theirs, ours."""
    names = [*real, *(name for name in ours if name not in real)]
    return [(name, real.get(name), ours.get(name)) for name in names if real.get(name) != ours.get(name)]


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter with python-binance 1.0.37")
    chosen = parser.parse_args().python
    try:
        if chosen is None:
            environment = Environment("python-binance-1.0.37")
            if not environment.installed:
                environment.install()
            chosen = environment.python
    except EnvironmentMissing as error:
        print(f"python-binance 1.0.37 cannot be installed: {error}", file=sys.stderr)
        return 1
    with Simulator(seed=7, speed=10) as exchange:
        real, ours = side("real", chosen, exchange), side("ours", Path(sys.executable), exchange)
    unknown = 0
    for name, theirs, own in differences(real, ours):
        why = next((text for start, text in KNOWN.items() if name.startswith(start)), None)
        unknown += why is None
        print(f"{'known' if why else 'DIFFERS'}: {name}" + (f": {why}" if why else ""))
        if why is None:
            print(f"  1.0.37: {json.dumps(theirs)}\n  ours:   {json.dumps(own)}")
    print(f"{len(real)} cases, {unknown} differ beyond those that are known")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
