"""Two sides that make the same calls, each in processes of its own, and what differs between them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator

__all__ = ["Play", "cases", "play", "report"]

_ROOT = Path(__file__).resolve().parents[2]
_LIMIT = 240.0  # seconds for one process


class Play(NamedTuple):
    """What one process did.

    Args:
        code: its exit code; ``None`` where it had to be killed.
        cases: what it said, by case: each line that begins with ``{`` is one.
        errors: the end of its standard error.
    """

    code: int | None
    cases: dict[str, Any]
    errors: str


def play(side: str, python: Path, program: Path, exchange: Simulator, *arguments: str, limit: float = _LIMIT) -> Play:
    """Run a process of one side to its end.

    Args:
        side: ``"real"`` or ``"ours"``.
        python: interpreter that has what is under test.
        program: what it runs, with side, URL of the exchange and ``arguments`` as its own.
        exchange: a running one.
        arguments: of the program.
        limit: seconds until it is killed.
    """
    variables = {"PARITY_KEY": DEMO_API_KEY, "PARITY_SECRET": DEMO_API_SECRET}
    if side == "ours":
        variables |= {"BINANCE_SOCKETS_BASE_URL": exchange.url, "PYTHONPATH": str(_ROOT)}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        try:
            code: int | None = subprocess.run(
                [str(python), str(program), side, exchange.url, *arguments],
                env={**os.environ, **variables},
                stdout=output,
                stderr=errors,
                timeout=limit,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
        output.seek(0)
        errors.seek(0)
        said = [json.loads(line) for line in output if line.startswith("{")]
        return Play(code, {each.pop("case"): each for each in said}, errors.read()[-3000:])


def cases(side: str, python: Path, program: Path, exchange: Simulator, *arguments: str) -> dict[str, Any]:
    """What one process said; the arguments are those of :func:`play`.

    Raises:
        RuntimeError: it did not end as it should.
    """
    done = play(side, python, program, exchange, *arguments)
    if done.code != 0:
        raise RuntimeError(f"{side}: ended with {done.code} after {list(done.cases)[-1:]}\n{done.errors}")
    return done.cases


def report(name: str, real: Mapping[str, Any], ours: Mapping[str, Any], known: Mapping[str, str]) -> int:
    """Print what differs.

    Args:
        name: of the real one.
        real: what it did, by case.
        ours: what ours did.
        known: beginning of a case to the reason why it differs. One that does not is reported, too.

    Returns:
        The exit code: 1 where something differs that is not known.
    """
    wrong, met = 0, set()
    for case in [*real, *(each for each in ours if each not in real)]:
        theirs, own = real.get(case), ours.get(case)
        if theirs == own:
            continue
        start = next((each for each in known if case.startswith(each)), None)
        if start is None:
            wrong += 1
            print(f"DIFFERS: {case}\n  {name}: {json.dumps(theirs)}\n  ours: {json.dumps(own)}")
        else:
            met.add(start)
            print(f"known: {case}: {known[start]}")
    for start in known.keys() - met:
        wrong += 1
        print(f"DOES NOT DIFFER: {start}: {known[start]}")
    print(f"{name}: {len(real)} cases, {wrong} not as they are known", flush=True)
    return 1 if wrong else 0
