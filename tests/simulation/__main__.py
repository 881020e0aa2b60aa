"""Runs seeds: ``python -m simulation --seeds 100000`` from the folder ``tests``, or ``make simulate SEEDS=100000``.

With ``--show SEED`` it prints all that happens in one; with ``--digest`` a fingerprint of each.
"""

from __future__ import annotations

import argparse
import sys
import time

from simulation.programs import KINDS, run
from simulation.sweep import digest, sweep

parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
parser.add_argument("--seeds", type=int, default=1000, help="how many (default 1000)")
parser.add_argument("--first", type=int, default=0, help="the first one (default 0)")
parser.add_argument("--kind", choices=KINDS, default="market", help="which program (default market)")
parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
parser.add_argument("--show", type=int, metavar="SEED", help="print what happens in one")
parser.add_argument("--digest", action="store_true", help="print a fingerprint of each")
parser.add_argument("others", type=int, nargs="*", metavar="SEED", help="further ones")


def main() -> int:
    arguments = parser.parse_args()
    seeds = [*range(arguments.first, arguments.first + arguments.seeds), *arguments.others]
    if arguments.show is not None:
        world = run(arguments.show, arguments.kind).world
        for at, thread, text in world.record:
            print(f"{at:12.6f}  {thread:32.32}  {text}")
        return bool(world.failures)
    if arguments.digest:
        for seed in seeds:
            print(seed, digest(run(seed, arguments.kind)))
        return 0
    began = time.perf_counter()
    found = sweep(
        seeds,
        arguments.jobs,
        lambda seed, failures: print(f"seed {seed}: {failures[0]}", flush=True),
        kind=arguments.kind,
    )
    took = time.perf_counter() - began
    print(f"{len(seeds)} seeds in {took:.0f} s, {1000 * took / len(seeds):.1f} ms each, {len(found.failures)} failed")
    for name, count in sorted(found.reached.items(), key=lambda row: row[1]):
        print(f"{count:8}  {name}")
    for name in sorted(found.never):
        print(f"never reached: {name}")
    return bool(found.failures or found.never)


if __name__ == "__main__":
    sys.exit(main())
