"""How much 2 and 4 connection threads gain on a free-threaded interpreter, where they run in parallel; beside peers.

    python benchmarks/free_threaded.py --python /path/to/python3.14t

The peers are picows, with a thread and an event loop for each connection, and websocket-rs, with a thread for each. One
that has no build for that interpreter has a row that says so. All decode with msgspec.

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
from pathlib import Path
from typing import Any

import environments
import tables
from environments import HERE, Environment, EnvironmentMissing
from measure import CLIENTS, Bench, Client, Run
from payloads import PAYLOADS

_MSGSPEC = "msgspec==0.22.0"
_CHECK = "import sys; sys.exit(getattr(sys, '_is_gil_enabled', lambda: True)())"
CONNECTIONS = (1, 2, 4)
HEAD = ["client", "connections", "messages/s", "speed-up", "CPU us/message"]
PEERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "ours": ((_MSGSPEC, "requests>=2.31", "tenacity>=8.2", "websocket-client==1.9.2"), "ours.py", "dict"),
    "picows": (("picows==2.3.1", _MSGSPEC), "picows_client.py", "threads,msgspec"),
    "websocket-rs": (("websocket-rs==0.7.10", _MSGSPEC), "websocket_rs_sync.py", "msgspec"),
}
"""What each client's environment holds, its script and its variant."""


def checked(python: Path) -> str:
    """The version of a free-threaded interpreter. Raises ``SystemExit`` for another one."""
    version = subprocess.run([str(python), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if subprocess.run([str(python), "-c", _CHECK], check=False).returncode:
        raise SystemExit(f"{python} ({version}) has a GIL, or had it switched on")
    return version


def prepare(python: Path, name: str, view: str) -> Client:
    """A client on ``python``, of the name that :func:`measure` takes.

    Raises:
        EnvironmentMissing: it cannot be installed there.
    """
    packages, script, variant = PEERS[name]
    place = f"free-threaded-{name}"
    environments.PACKAGES[place] = packages
    Environment(place, base=str(python)).install()
    client = Client(place, place, script, view if name == "ours" else variant)
    CLIENTS[client.name] = client
    return client


def measure(bench: Bench, clients: list[Client], payload: str, messages: int, repetitions: int) -> list[tables.Row]:
    """Rows of client, connections, messages per second, speed-up and CPU per message; or why there are none.

    Raises ``SystemExit`` if a run of ours fails; the GIL must be off in each.
    """
    rows = []
    found: dict[tuple[str, int], list[dict[str, Any]]] = {(c.name, n): [] for c in clients for n in CONNECTIONS}
    failed: dict[str, str] = {}
    for _ in range(repetitions):
        for name, count in found:
            if name not in failed:
                run = Run(name, payload, messages, connections=count, pinned=False, free_threaded=True)
                row = bench.measure(run)
                error = row.get("error") or ("the GIL was on" if row.get("gil", True) else None)
                if error is not None:
                    failed[name] = f"{count} connections: {error}"
                    print(f"{name}, {failed[name]}\n{row.get('stderr', '')}", file=sys.stderr)
                found[name, count].append(row)
    for client in clients:
        label = client.name.removeprefix("free-threaded-")
        if client.name in failed:
            if label == "ours":
                raise SystemExit(failed[client.name])
            rows.append([label, f"failed: {failed[client.name][:60]}", "-", "-", "-"])
            continue
        speed, cost = (
            {n: statistics.median(row[figure] for row in found[client.name, n]) for n in CONNECTIONS}
            for figure in ("per_second", "us")
        )
        rows += [
            [label, str(n), f"{speed[n]:,.0f}", f"{speed[n] / speed[1]:.2f}", f"{cost[n]:.2f}"] for n in CONNECTIONS
        ]
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="a free-threaded interpreter, 3.14 or newer")
    parser.add_argument("--clients", default=",".join(PEERS), help="some of them, by comma")
    parser.add_argument("--payload", choices=PAYLOADS, action="append", help="default: trade and depth")
    parser.add_argument("--view", choices=("dict", "typed", "raw"), default="dict", help="of ours")
    parser.add_argument("--messages", type=int, help="per connection; default 300,000 trades, a tenth of anything else")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/free_threaded.json")
    args = parser.parse_args()
    if unknown := set(args.clients.split(",")) - set(PEERS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; one of {', '.join(PEERS)}")
    if args.python is None:
        print("NOT RUN: no free-threaded interpreter was given (--python /path/to/python3.14t)")
        return 0
    version = checked(args.python)
    print(f"{version}, free-threaded, GIL off; {os.cpu_count()} CPUs")
    clients, missing = [], []
    for name in args.clients.split(","):
        try:
            clients.append(prepare(args.python, name, args.view))
        except EnvironmentMissing as exc:
            if name == "ours":
                raise SystemExit(str(exc)) from exc
            print(exc, file=sys.stderr)
            missing.append([name, "no build for this interpreter", "-", "-", "-"])
    found = []
    with Bench() as bench:
        for payload in args.payload or ("trade", "depth"):
            messages = args.messages or (300_000 if payload == "trade" else 30_000)
            rows = measure(bench, clients, payload, messages, args.repetitions) + missing
            found.append((f"{version}, {payload}, {args.view} view of ours, {os.cpu_count()} CPUs", HEAD, rows))
            print(tables.plain(found[-1]))
    if args.keep:
        (HERE / "results" / "free_threaded.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
