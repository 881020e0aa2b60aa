"""BinanceSocketManager beside python-binance 0.7.10's, call by call: ``python tests/parity/legacy.py``.

Both run ``legacy_cases.py`` against one embedded exchange, the real one with the Twisted and autobahn of its time on a
Python of its time. The exit code is 1 when a case differs that is not in the table of ``docs/drop_in.rst``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / name) for name in ("", "benchmarks", "scripts", "tests", "tests/parity")]

import environments  # noqa: E402
from environments import Environment, EnvironmentMissing  # noqa: E402
from parity.comparison import cases, play, report  # noqa: E402
from parity.known import LEGACY  # noqa: E402
from parity.legacy_cases import LIVES  # noqa: E402
from test_all import candidates, works  # noqa: E402

from binance_sockets.simulator import LimitOverrides, Simulator  # noqa: E402

_CASES = Path(__file__).with_name("legacy_cases.py")
_LIFE = 12.0  # seconds for one that may hang
_LONG = 120.0
_VERSIONS = ("3.7", "3.8", "3.9")
_NAME = "python-binance-0.7.10-of-2021"
environments.PACKAGES[_NAME] = (
    "python-binance==0.7.10",
    "Twisted==21.2.0",
    "autobahn==21.3.1",
    "pyOpenSSL==20.0.1",
    "cryptography==3.4.8",
    "ujson==4.0.2",
)


def side(name: str, python: Path, exchange: Simulator) -> dict[str, Any]:
    """All cases of one side: its calls, and what processes said and how they ended."""
    found = cases(name, python, _CASES, exchange)
    for life in LIVES:
        done = play(name, python, _CASES, exchange, life, limit=_LONG if life == "gives up" else _LIFE)
        found |= {f"{life}: {case}": said for case, said in done.cases.items()}
        found[f"end of {life}"] = {"code": "killed" if done.code is None else done.code}
    return found


def python_of_its_time() -> str:
    """An interpreter for which the libraries of 2021 install: ``PYTHON07``, or the first of those that are known.

    Raises:
        EnvironmentMissing: there is none.
    """
    given = os.environ.get("PYTHON07")
    if given:
        return given
    for version in _VERSIONS:
        for path in candidates(version):
            if works(path, version):
                return path
    names = ", ".join(f"python{version}" for version in _VERSIONS)
    raise EnvironmentMissing(f"none of {names} is on the PATH or below ~/.pyenv/versions: PYTHON07=path names another")


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter that has python-binance 0.7.10")
    chosen = parser.parse_args().python
    try:
        if chosen is None:
            environment = Environment(_NAME, python_of_its_time())
            environment.install()
            chosen = environment.python
    except EnvironmentMissing as error:
        print(f"python-binance 0.7.10 cannot be installed: {error}", file=sys.stderr)
        return 1
    with Simulator(seed=7, speed=10, limits=LimitOverrides(connects=100_000)) as exchange:
        real, ours = side("real", chosen, exchange), side("ours", Path(sys.executable), exchange)
    return report("python-binance 0.7.10", real, ours, LEGACY)


if __name__ == "__main__":
    sys.exit(main())
