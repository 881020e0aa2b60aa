"""Order books on recorded diffs, beside other libraries' and a hand-made limit.

    python benchmarks/books.py [--books ours,cryptofeed] [--changes 100000] [--keep]

Level changes a second of CPU time, the cost of the best ten levels after each update, and the memory of a book of 5,000
levels. The sequences are those of ``../shared/data``; where that folder is absent, ``--made-up`` runs on random ones.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tables
from environments import HERE, Environment, EnvironmentMissing

SEQUENCES = HERE.parents[1] / "shared" / "data" / "sequences"
FILES = {
    "spot 100 ms": "hftbacktest_spot_btcusdt_2024-08/spot_btcusdt_20240808.log.gz",
    "USD-M 0 ms": "hftbacktest_usdm_btcusdt_2024-08/usdm_btcusdt_20240808.log.gz",
    "COIN-M 0 ms": "hftbacktest_coinm_btcusd_perp_2024-08/cm_btcusd_perp_20240808.log.gz",
}
PEERS = {
    "ours": "",
    "ours-str": "",
    "ours-decimal": "",
    "limit-bisect": "",
    "limit-sortedcontainers": "books",
    "cryptofeed": "cryptofeed",
    "cryptofeed-float": "cryptofeed",
    "python-binance": "python-binance-1.0.37",
    "unicorn": "unicorn-depth-cache",
}
HEAD = ["book", "level changes/s", "top(10), us", "5,000 levels, kB"]

Sequence = dict[str, Any]


def recorded(name: str, most: int) -> Sequence:
    """The first snapshot of a recording, and the diffs that follow it."""
    last, changes = None, 0
    found: Sequence = {"bids": [], "asks": [], "diffs": []}
    held: list[dict[str, Any]] = []
    for message in _lines(SEQUENCES / FILES[name]):
        if "lastUpdateId" in message and last is None:
            last = message["lastUpdateId"]
            found["bids"], found["asks"] = message["bids"], message["asks"]
            held = [diff for diff in held if diff["u"] > last]
        elif "@depth" in message.get("stream", ""):
            held.append(message["data"])
        if last is not None:
            for diff in held:
                found["diffs"].append([diff["b"], diff["a"]])
                changes += len(diff["b"]) + len(diff["a"])
            held = []
            if changes >= most:
                break
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) as lines:
        for line in lines:
            yield json.loads(line.split(b" ", 1)[1])


def made_up(most: int) -> Sequence:
    """Random changes around a price that stands still."""
    rng = random.Random(1)

    def level(sign: int) -> list[str]:
        price = 60_000 + sign * (1 + rng.expovariate(0.01))
        return [f"{price:.1f}", f"{rng.choice((0, 1, 1)) * rng.random():.5f}"]

    def side(sign: int, count: int) -> list[list[str]]:
        return list(dict(level(sign) for _ in range(count)).items())  # type: ignore[misc,arg-type]

    diffs = [[side(-1, 10), side(1, 10)] for _ in range(most // 20)]
    return {"bids": side(-1, 1000), "asks": side(1, 1000), "diffs": diffs}


def measure(book: str, sequence: Path, rounds: int) -> dict[str, Any]:
    """Run one book in the environment of its library. A failure is in ``error``."""
    environment = Environment(PEERS[book])
    try:
        environment.install()
    except EnvironmentMissing as error:
        return {"error": str(error)}
    command = [str(environment.python), str(HERE / "clients" / "books.py"), book, str(sequence), str(rounds)]
    paths = {"PYTHONPATH": str(HERE.parent)} if not PEERS[book] else {}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, env={**os.environ, **paths}
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else "no output"}
    return {"error": None, **json.loads(done.stdout.strip().splitlines()[-1])}


def table(name: str, sequence: Sequence, found: dict[str, dict[str, Any]]) -> tables.Table:
    """One row for each book, the fastest first; one that ends with other levels than most is no result."""
    tops = [str(row["top"]) for row in found.values() if row["error"] is None]
    right = statistics.mode(tops) if tops else ""
    for row in found.values():
        if row["error"] is None and str(row["top"]) != right:
            row["error"] = "ends with other levels than the others"
    rows = [
        [
            book,
            f"{row['changes_per_second']:,.0f}",
            f"{row['top_us']:.1f}",
            f"{row['memory_kb']:,.0f}",
        ]
        for book, row in sorted(found.items(), key=lambda item: -(item[1].get("changes_per_second") or 0))
        if row["error"] is None
    ]
    rows += [[book, row["error"], "-", "-"] for book, row in found.items() if row["error"] is not None]
    count = sum(len(bids) + len(asks) for bids, asks in sequence["diffs"])
    return f"{name}: {len(sequence['diffs']):,} diffs, {count:,} level changes", HEAD, rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", default=",".join(PEERS), help="some of them, by comma")
    parser.add_argument("--changes", type=int, default=100_000, help="level changes of each sequence, at least")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--made-up", action="store_true", help="random changes instead of the recorded ones")
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/books.json for the documentation")
    args = parser.parse_args()
    unknown = set(args.books.split(",")) - set(PEERS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; one of {', '.join(PEERS)}")
    if not args.made_up and not SEQUENCES.is_dir():
        parser.error(f"there is no {SEQUENCES}; --made-up needs none")
    names = ["made up"] if args.made_up else list(FILES)
    printed, failed = [], False
    for name in names:
        sequence = made_up(args.changes) if args.made_up else recorded(name, args.changes)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "sequence.json"
            file.write_text(json.dumps(sequence))
            found = {book: measure(book, file, args.rounds) for book in args.books.split(",")}
        printed.append(table(name, sequence, found))
        failed = failed or any(row["error"] for row in found.values())
        print(tables.plain(printed[-1]), flush=True)
    if args.keep:
        (HERE / "results" / "books.json").write_text(json.dumps(printed, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
