"""What a message costs on its way through ours, part by part: system calls, frames, decoding, callback, bookkeeping.

    python benchmarks/hot_path.py [--payload trade] [--messages 200000] [--tls]

The callback switches ``cProfile`` on when the first marker arrives, on the connection's own thread, and off at the
second. A profiler charges every call a price of its own, partly to the function called and partly to the one that
calls; that price is measured too, and taken off. What is left is the order of cost; figures to quote are ``run.py``'s.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import sys
import time
from dataclasses import replace
from typing import Any

import tables
from clients.harness import profiled_functions
from environments import HERE
from measure import CLIENTS, Bench, Run
from payloads import PAYLOADS

PARTS = ("wait", "read", "frames", "decode", "callback", "bookkeeping")


def prices() -> dict[str, tuple[float, float]]:
    """Microseconds that the profiler adds to a call of a Python and of a built-in function: to callee and to caller."""

    def nothing() -> None:
        pass

    def calling(call: Any, count: int) -> float:
        before = time.perf_counter()
        for _ in range(count):
            call()
        return (time.perf_counter() - before) / count * 1e6

    found = {}
    count = 50_000
    for kind, call in (("python", nothing), ("builtin", {}.clear)):
        bare = min(calling(call, count) for _ in range(5))
        profile = cProfile.Profile()
        profile.enable()
        calling(call, count)
        profile.disable()
        own = {entry["function"]: entry["own"] / count * 1e6 for entry in profiled_functions(profile)}
        callee = own["nothing" if kind == "python" else "<method 'clear' of 'dict' objects>"]
        found[kind] = (callee, max(0.0, own["calling"] - bare))
    return found


def part_of(file: str, function: str, caller: str = "") -> str:
    """The part of the path that a profiled function belongs to; an unnamed built-in one belongs to its caller's."""
    if "poll" in function or "select" in function:
        return "wait"
    if any(word in function for word in ("recv_into", "'recv'", "'read'", "'write'", "MemoryBIO")):
        return "read"
    if file.endswith(("frames.py", "deflate.py")):
        return "frames"
    if file.endswith(("pipes.py", "ssl.py")):
        return "read"
    if (
        file.endswith(("codec.py", "typed.py", "unify.py", "forms.py"))
        or "msgspec" in function
        or "'decode'" in function
    ):
        return "decode"
    if file.endswith(("harness.py", "ours.py")):
        return "callback"
    return part_of(caller, "") if caller else "bookkeeping"


def costs(entries: list[dict[str, Any]], messages: int, price: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    """Profiled functions with their own time per message in microseconds, without the profiler's price."""
    found = []
    for entry in entries:
        as_callee = entry["calls"] * price["builtin" if entry["file"] == "~" else "python"][0]
        as_caller = sum(made * price[kind][1] for kind, made in entry["made"].items())
        own = max(0.0, entry["own"] * 1e6 - as_callee - as_caller) / messages
        part = part_of(entry["file"], entry["function"], entry["caller"])
        found.append({**entry, "calls": entry["calls"] / messages, "own": own, "part": part})
    return sorted(found, key=lambda entry: -entry["own"])


def report(found: list[dict[str, Any]], whole: float) -> list[tables.Table]:
    """By part and by function; ``whole`` is the CPU per message without a profiler."""
    sums = {part: sum(entry["own"] for entry in found if entry["part"] == part) for part in PARTS}
    total = sum(sums.values()) or 1.0
    parts = [
        [part, f"{own:.3f}", f"{own / total:.0%}"] for part, own in sorted(sums.items(), key=lambda item: -item[1])
    ]
    parts += [["sum", f"{total:.3f}", ""], ["process, without profiler", f"{whole:.3f}", ""]]
    functions = [[_named(entry), entry["part"], f"{entry['calls']:.3f}", f"{entry['own']:.3f}"] for entry in found[:14]]
    return [
        ("by part", ["part", "us/message", "share"], parts),
        ("by function", ["function", "part", "calls/message", "us/message"], functions),
    ]


def _named(entry: dict[str, Any]) -> str:
    if entry["file"] == "~":
        return str(entry["function"]).strip("<>")[:60]
    return f"{entry['file'].rpartition('/')[2]}:{entry['line']} {entry['function']}"


def profile(payload: str, messages: int, tls: bool, view: str = "dict") -> list[tables.Table]:
    """Measure ours with and without the profiler."""
    name = {"dict": "ours", "typed": "ours-typed", "raw": "ours-raw"}[view]
    CLIENTS["ours-profiled"] = replace(CLIENTS[name], name="ours-profiled", variant=f"{view},profile")
    with Bench() as bench:
        bare, watched = (bench.measure(Run(client, payload, messages, tls=tls)) for client in (name, "ours-profiled"))
    for row in (bare, watched):
        if "error" in row:
            raise RuntimeError(f"{row['error']}\n{row.get('stderr', '')}")
    return report(costs(watched["profile"], messages, prices()), bare["us"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payload", choices=PAYLOADS, default="trade")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--view", choices=("dict", "typed", "raw"), default="dict")
    parser.add_argument(
        "--keep", action="store_true", help="write benchmarks/results/hot_path.json for the documentation"
    )
    args = parser.parse_args()
    found = profile(args.payload, args.messages, args.tls, args.view)
    print(f"{args.payload}, {'TLS' if args.tls else 'plain'}, {args.view} view, {args.messages:,} messages")
    for table in found:
        print(tables.plain(table))
    if args.keep:
        (HERE / "results" / "hot_path.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
