"""Measures what receiving costs: the public SocketManager beside a hand-made limit and other libraries.

    python benchmarks/run.py --quick          some minutes: the limit, ours and two peers
    python benchmarks/run.py                  everything with all peers, more than an hour
    python benchmarks/run.py --scenario burst --payload trade --clients limit,ours

The main figure is CPU per message: user and system time of the whole client process between the first and the last
message. Repetitions are interleaved, and every ratio is taken against the limit of the same repetition. The machine
should have nothing else to do.

Without --scenario the figures are kept in benchmarks/results/; with it, they are kept where --output says, beside what
other scenarios have left there. The full form fails if a peer cannot be installed or a run fails; the quick form
reports that.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import tables
from environments import HERE, PACKAGES, Environment, EnvironmentMissing
from measure import CLIENTS, Bench
from payloads import PAYLOADS, UPBIT
from scenarios import SCENARIOS, Choice, carry_out


def main() -> int:
    args = _arguments()
    choice = Choice(
        quick=args.quick,
        clients=args.clients,
        payloads=args.payload,
        tls=args.tls,
        repetitions=args.repetitions,
        seconds=args.seconds,
        messages=args.messages,
        rate=args.rate,
        connections=args.connections,
    )
    output = args.output or (
        None if args.scenario else HERE / "results" / ("quick.json" if args.quick else "full.json")
    )
    wanted = args.scenario or tuple(SCENARIOS)
    failures = _install({run.client for name in wanted for run in SCENARIOS[name].runs(choice)})
    results: dict[str, list[dict[str, Any]]] = {}
    with Bench() as bench:
        for name in wanted:
            results[name] = carry_out(bench, SCENARIOS[name], choice)
            print(f"\n== {name}: {SCENARIOS[name].title}")
            for table in tables.TABLES[name](results[name]):
                print(tables.plain(table), flush=True)
            if output is not None:
                _keep(output, name, results[name])
    aims = tables.aims(results)
    if aims:
        print(f"\n== aims\n{tables.plain(('', tables.AIMS_HEAD, aims))}")
    failures += [
        f"{e['client']} {tables.title(e)}: {e['error']}" for rows in results.values() for e in rows if e["error"]
    ]
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failures and not args.quick else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--quick", action="store_true", help="short forms with few clients")
    add("--scenario", type=_words(SCENARIOS), help=", ".join(SCENARIOS))
    add("--clients", type=_words(CLIENTS), help=", ".join(CLIENTS))
    add("--payload", type=_words((*PAYLOADS, UPBIT)), help=", ".join((*PAYLOADS, UPBIT)))
    add("--tls", type=_tls, help="plain, tls or plain,tls")
    add("--connections", type=lambda text: tuple(map(int, text.split(","))), help="such as 1,10,200")
    add("--repetitions", type=int, help="how often each run is done")
    add("--seconds", type=float, help="how long a run of the bursts should take")
    add("--messages", type=int, help="messages of each connection, instead of --seconds")
    add("--rate", type=float, help="messages per second of paced runs, over all connections")
    add("--output", type=Path, help="JSON file to keep the figures in")
    return parser.parse_args()


def _words(allowed: Any) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        words = tuple(text.split(","))
        for word in words:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(allowed)}")
        return words

    return parse


def _tls(text: str) -> tuple[bool, ...]:
    return tuple(word == "tls" for word in _words(("plain", "tls"))(text))


def _install(clients: set[str]) -> list[str]:
    """Install what the clients need; returns what could not be. Their runs will fail and say so."""
    failures = []
    for name in sorted({CLIENTS[client].environment for client in clients}):
        try:
            Environment(name).install()
        except EnvironmentMissing as exc:
            failures.append(str(exc))
    return failures


def _keep(path: Path, scenario: str, entries: list[dict[str, Any]]) -> None:
    """Write the entries of a scenario, beside those of others; one entry per line, so that changes can be read."""
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    kept[scenario] = {"about": _about(), "entries": entries}
    parts = []
    for name in sorted(kept):
        lines = ",\n".join("  " + json.dumps(entry) for entry in kept[name]["entries"])
        parts.append(f'{json.dumps(name)}: {{"about": {json.dumps(kept[name]["about"])}, "entries": [\n{lines}\n]}}')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def _about() -> dict[str, Any]:
    """Where and when the figures came about."""
    import ssl

    return {
        "date": datetime.date.today().isoformat(),
        "commit": _commit(),
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "system": f"{platform.system()} {platform.release().partition('-')[0]} {platform.machine()}",
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "packages": sorted({package for packages in PACKAGES.values() for package in packages}),
    }


def _commit() -> str:
    """What git calls the code that was measured; empty without git."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False, cwd=HERE)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
