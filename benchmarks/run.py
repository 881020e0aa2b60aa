"""Measures what receiving costs: the public SocketManager beside a hand-made limit and other libraries.

    python benchmarks/run.py --quick                                    a few minutes: limit, ours, two peers
    python benchmarks/run.py                                            everything, with all peers (about an hour)
    python benchmarks/run.py --scenario burst --payload trade --clients limit,ours

CPU per message (user and system time of the whole client process between the first and the last message) is the main
figure. Repetitions are interleaved, and every ratio is taken against the limit of the same repetition.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Any

from environments import Environment, EnvironmentMissing
from measure import CLIENTS, Bench, Run
from payloads import PAYLOADS


def burst(bench: Bench, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Messages are always waiting: every payload, plain and over TLS."""
    cells = [
        Run(client, payload, args.messages or 300, tls=tls)
        for payload in args.payload
        for tls in args.tls
        for client in args.clients
        if CLIENTS[client].takes(payload, tls)
    ]
    return repeat(bench, cells, args)


def repeat(bench: Bench, cells: list[Run], args: argparse.Namespace) -> list[dict[str, Any]]:
    """Run all cells in turn, ``args.repetitions`` times, each sized to take about ``args.seconds``."""
    from dataclasses import replace

    rows = []
    sized = {}
    if not args.messages:
        for cell in cells:
            row = bench.measure(cell)
            if "error" not in row:
                again = replace(cell, messages=int(cell.messages / row["seconds"] / 3) + 20)
                row = bench.measure(again)
                if "error" not in row:
                    sized[cell] = replace(cell, messages=int(row["per_second"] * args.seconds) + 1)
            if "error" in row:
                print(f"{cell.client} {cell.payload}: {row['error']}\n{row.get('stderr', '')}", file=sys.stderr)
    else:
        sized = {cell: cell for cell in cells}
    for repetition in range(args.repetitions):
        for run in sized.values():
            row = bench.measure(run)
            row["repetition"] = repetition
            rows.append(row)
            if "error" in row:
                print(f"{run.client} {run.payload}: {row['error']}\n{row.get('stderr', '')}", file=sys.stderr)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    lines = []
    for key in dict.fromkeys((row["payload"], row["tls"]) for row in rows):
        group = [row for row in rows if (row["payload"], row["tls"]) == key and "us" in row]
        base = {row["repetition"]: row["us"] for row in group if row["client"] == "limit"}
        lines.append(f"\n{key[0]}, {'TLS' if key[1] else 'plain'}, burst")
        lines.append(f"{'client':<24}{'us/message':>12}{'x limit':>9}{'messages/s':>12}{'threads':>9}")
        for client in dict.fromkeys(row["client"] for row in group):
            mine = [row for row in group if row["client"] == client]
            ratios = [row["us"] / base[row["repetition"]] for row in mine if row["repetition"] in base]
            ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
            us, speed = (statistics.median(row[name] for row in mine) for name in ("us", "per_second"))
            lines.append(f"{client:<24}{us:>12.2f}{ratio:>9}{speed:>12,.0f}{mine[0]['threads']:>9}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="burst", choices=["burst"])
    parser.add_argument("--payload", type=lambda text: text.split(","), default=["trade"])
    parser.add_argument("--clients", type=lambda text: text.split(","), default=["limit", "ours"])
    parser.add_argument("--tls", type=lambda text: [word == "tls" for word in text.split(",")], default=[False])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--messages", type=int, default=0)
    args = parser.parse_args()
    for name in args.clients:
        Environment(CLIENTS[name].environment).install()
    with Bench() as bench:
        print(table(burst(bench, args)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
