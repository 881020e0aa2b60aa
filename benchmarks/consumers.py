"""What each way to consume costs beside a callback that gets dicts: microseconds of CPU per message, end to end.

    python benchmarks/consumers.py [--messages 100000] [--repetitions 3] [--ways stream,table,unified-stream]

The whole client process is measured, from the socket to the user's work, which is the same everywhere; ways with a
thread of their own include it, and the changes between the threads. Bars and windows include what makes them, but not
the user's work on them. ``bars`` also pays for an id that each trade is given here. ``unified-`` is the same way with
unified events, and ``service`` a handler of a stream service. What decoding alone costs in each view, with each type of
numbers, is told by ``views.py``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from statistics import median

import tables
from measure import CLIENTS, Bench, Run

_WAYS = ("stream", "receive_many", "listen", "buffered", "batched", "snapshots", "windowed", "bars", "table")
VARIANTS = {
    "callback": "dict",
    **{way: f"dict,{way}" for way in _WAYS},
    "unified-callback": "unified",
    **{f"unified-{way}": f"unified,{way}" for way in _WAYS},
    "service": "unified,service",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--ways", type=lambda text: text.split(","), default=list(VARIANTS))
    args = parser.parse_args()
    if unknown := [way for way in args.ways if way not in VARIANTS]:
        parser.error(f"unknown ways: {', '.join(unknown)}; there are {', '.join(VARIANTS)}")
    chosen = list(dict.fromkeys(["callback", *args.ways]))
    for way in chosen:
        CLIENTS[way] = replace(CLIENTS["ours"], name=way, variant=VARIANTS[way])
    costs: dict[str, list[float]] = {way: [] for way in chosen}
    with Bench() as bench:
        for _ in range(args.repetitions):
            for way in chosen:
                row = bench.measure(Run(way, "trade", args.messages))
                if "error" in row:
                    print(f"FAILED {way}: {row['error']}", file=sys.stderr)
                    return 1
                costs[way].append(row["us"])
    beside = [[one - base for one, base in zip(costs[way], costs["callback"], strict=True)] for way in chosen]
    rows = [
        [way, f"{median(costs[way]):.2f}", f"{median(more):+.2f}", f"{min(more):+.2f}..{max(more):+.2f}"]
        for way, more in zip(chosen, beside, strict=True)
    ]
    print(tables.plain(("trades, plain", ["way", "CPU us", "more than the callback", "lowest..highest"], rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
