"""How much 2 and 4 connection threads gain on a free-threaded interpreter, where they run in parallel.

    python benchmarks/free_threaded.py --python /path/to/python3.14t

Every connection gets the same burst; the speed-up is the ratio of messages per second over all connections to that of
one connection. The sending process needs a core of its own beside the connection threads; where cores are short, CPU
per message shows whether threads hinder each other. Each run checks, after all imports and at its end, that the GIL is
off. Without an interpreter it prints NOT RUN.

An interpreter can be built from Debian's source package::

    apt-get source python3.14 && cd python3.14-*/ && ./configure --disable-gil --prefix=$HOME/python3.14t
    make -j2 && make install
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import environments
import tables
from environments import HERE, Environment
from measure import CLIENTS, Bench, Run
from payloads import PAYLOADS

_NAME = "free-threaded"
_NEEDED = ("msgspec==0.22.0", "requests>=2.31", "tenacity>=8.2", "websocket-client==1.9.2")
_CHECK = "import sys; sys.exit(getattr(sys, '_is_gil_enabled', lambda: True)())"
CONNECTIONS = (1, 2, 4)


def prepare(python: Path) -> str:
    """Make an environment on ``python`` that holds what ours needs; returns its version. Raises ``SystemExit``."""
    version = subprocess.run([str(python), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if subprocess.run([str(python), "-c", _CHECK], check=False).returncode:
        raise SystemExit(f"{python} ({version}) has a GIL, or had it switched on")
    environments.PACKAGES[_NAME] = _NEEDED
    environment = Environment(_NAME, base=str(python))
    environment.install()
    return version


def measure(view: str, payload: str, messages: int, repetitions: int) -> list[tables.Row]:
    """Rows of connections, messages per second, speed-up and CPU per message.

    Raises ``SystemExit`` if a run fails, or if the GIL was on in it.
    """
    name = {"dict": "ours", "typed": "ours-typed", "raw": "ours-raw"}[view]
    client = replace(CLIENTS[name], name="ours-free-threaded", environment=_NAME, variant=view)
    CLIENTS[client.name] = client
    speeds: dict[int, list[float]] = {count: [] for count in CONNECTIONS}
    costs: dict[int, list[float]] = {count: [] for count in CONNECTIONS}
    with Bench() as bench:
        for _ in range(repetitions):
            for count in CONNECTIONS:
                row = bench.measure(
                    Run(client.name, payload, messages, connections=count, pinned=False, free_threaded=True)
                )
                if "error" in row:
                    raise SystemExit(f"{count} connections: {row['error']}\n{row.get('stderr', '')}")
                if row.get("gil", True):
                    raise SystemExit(f"{count} connections: the GIL was on")
                speeds[count].append(row["per_second"])
                costs[count].append(row["us"])
    speed, cost = ({n: statistics.median(values) for n, values in all_.items()} for all_ in (speeds, costs))
    return [[str(n), f"{speed[n]:,.0f}", f"{speed[n] / speed[1]:.2f}", f"{cost[n]:.2f}"] for n in CONNECTIONS]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="a free-threaded interpreter, 3.13 or newer")
    parser.add_argument("--payload", choices=PAYLOADS, action="append", help="default: trade and depth")
    parser.add_argument("--view", choices=("dict", "typed", "raw"), default="dict")
    parser.add_argument("--messages", type=int, help="per connection; default 300,000 trades, a tenth of anything else")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/free_threaded.json")
    args = parser.parse_args()
    if args.python is None:
        print("NOT RUN: no free-threaded interpreter was given (--python /path/to/python3.14t)")
        return 0
    version = prepare(args.python)
    print(f"{version}, free-threaded, GIL off; {os.cpu_count()} CPUs")
    found = []
    for payload in args.payload or ("trade", "depth"):
        messages = args.messages or (300_000 if payload == "trade" else 30_000)
        rows = measure(args.view, payload, messages, args.repetitions)
        head = ["connections", "messages/s", "speed-up", "CPU us/message"]
        found.append((f"{version}, {payload}, {args.view} view, {os.cpu_count()} CPUs", head, rows))
        print(tables.plain(found[-1]))
    if args.keep:
        (HERE / "results" / "free_threaded.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
