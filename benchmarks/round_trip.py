"""How long a signed order takes from the call to its reply, and how many a second one connection carries.

    python benchmarks/round_trip.py [--orders 5000] [--clients limit,ours,...] [--keep]

The exchange is ``order_server.py``, which answers at once; client and server have a core each, over loopback, without
TLS. With 1 in flight the next order is placed when the reply is there; with 32 there are always so many under way.
``limit`` is a blocking socket that signs, sends and reads, and does nothing else. Each client signs with an HMAC key,
as all of them can.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import Any

import tables
from environments import HERE, Environment, EnvironmentMissing

CLIENTS = {
    "limit": "",
    "ours": "",
    "ours-threads": "",
    "python-binance-1.0.37": "python-binance-1.0.37",
    "binance-sdk-spot": "binance-sdk-spot",
    "ccxt": "ccxt",
    "unicorn": "unicorn",
}
"""The environment that each needs."""

IN_FLIGHT = (1, 32)
HEAD = ["client", "in flight", "orders/s", "p50 us", "p99 us", "CPU us/order"]


def measure(client: str, in_flight: int, orders: int) -> dict[str, Any]:
    """One run of one client, as a process of its own."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    environment = Environment(CLIENTS[client])
    server = subprocess.Popen(
        [sys.executable, str(HERE / "order_server.py")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    try:
        task = {"port": int(server.stdout.readline()), "client": client, "in_flight": in_flight, "orders": orders}
        if len(cores) > 1:
            os.sched_setaffinity(server.pid, {cores[0]})
            task["core"] = cores[1]
        variables = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        variables["PYTHONPATH"] = str(HERE.parent) if client.startswith("ours") else ""
        done = subprocess.run(
            [str(environment.python), str(HERE / "clients" / "orders.py"), json.dumps(task)],
            capture_output=True, text=True, timeout=120, check=False, env=variables,
        )  # fmt: skip
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            result: dict[str, Any] = json.loads(line[7:])
            return result
    raise RuntimeError(f"{client}: {done.stderr[-800:]}")


def row(client: str, in_flight: int, results: list[dict[str, Any]]) -> list[str]:
    """The medians of some runs."""

    def median(name: str) -> float:
        return statistics.median(result[name] for result in results)

    return [
        client,
        str(in_flight),
        f"{median('per_second'):,.0f}",
        f"{median('p50'):,.0f}",
        f"{median('p99'):,.0f}",
        f"{median('cpu'):,.0f}",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--clients", type=lambda text: tuple(text.split(",")), default=tuple(CLIENTS))
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/round_trip.json")
    args = parser.parse_args()
    failures = []
    clients = []
    for client in args.clients:
        try:
            Environment(CLIENTS[client]).install()
            clients.append(client)
        except EnvironmentMissing as exc:
            failures.append(f"{client}: {exc}")
    rows = []
    for in_flight in IN_FLIGHT:
        results: dict[str, list[dict[str, Any]]] = {client: [] for client in clients}
        for _ in range(args.repetitions):
            for client in clients:
                results[client].append(measure(client, in_flight, args.orders))
        rows += [row(client, in_flight, found) for client, found in results.items()]
    table: tables.Table = ("", HEAD, rows)
    print(tables.plain(table))
    if args.keep:
        (HERE / "results" / "round_trip.json").write_text(json.dumps([table], indent=1) + "\n")
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
