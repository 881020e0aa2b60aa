"""ThreadedWebsocketManager beside python-binance 1.0.37's, call by call: ``python tests/parity/threads.py``.

Both run ``threads_cases.py`` against one embedded exchange, the real one in its environment (``benchmarks/.envs``). The
exit code is 1 when a case differs that is not among those that the guide (``docs/migration.rst``) tells of.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / name) for name in ("", "benchmarks", "tests", "tests/parity")]

from environments import Environment, EnvironmentMissing  # noqa: E402
from parity.comparison import cases, report  # noqa: E402
from parity.known import THREADS  # noqa: E402
from parity.threads_cases import ACCOUNTS  # noqa: E402

from binance_sockets.simulator import Simulator  # noqa: E402

_CASES = Path(__file__).with_name("threads_cases.py")


def side(name: str, python: Path, exchange: Simulator) -> dict[str, Any]:
    """All cases of one side, those of accounts in processes of their own."""
    found = cases(name, python, _CASES, exchange)
    for method in ACCOUNTS:
        found |= cases(name, python, _CASES, exchange, method)
    return found


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter that has python-binance 1.0.37")
    chosen = parser.parse_args().python
    try:
        if chosen is None:
            environment = Environment("python-binance-1.0.37")
            environment.install()
            chosen = environment.python
    except EnvironmentMissing as error:
        print(f"python-binance 1.0.37 cannot be installed: {error}", file=sys.stderr)
        return 1
    with Simulator(seed=7, speed=10) as exchange:
        real, ours = side("real", chosen, exchange), side("ours", Path(sys.executable), exchange)
    return report("python-binance 1.0.37", real, ours, THREADS)


if __name__ == "__main__":
    sys.exit(main())
