"""Many seeds, and the rare paths that they must have reached between them."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from simulation.faults import FORGETTING, NOT_HERE, PRIVATE
from simulation.programs import run
from simulation.session import Session

from binance_sockets.faults import Fault

__all__ = ["RARE", "Swept", "digest", "sweep"]

_MARKET = frozenset(
    (
        *(f"fault {fault.value}" for fault in Fault if fault not in (*NOT_HERE, *FORGETTING, *PRIVATE)),
        "a ban",
        "a ban during recovery",
        "a book is shown",
        "a callback that raises",
        "a message that was filled in",
        "a past that is told",
        "a snapshot of a book",
        "a stream that is read",
        "a stream that joins",
        "a stream that joins while there is no link",
        "a stream that leaves",
        "a stream that leaves while there is no link",
        "a callback that stops itself",
        "a callback that stops itself and starts another",
        "a connection is cut for its age",
        "a gap across two losses",
        "a refused stream is asked for again",
        "a key that is taken anew",
        "a link that a dial thread has opened",
        "a manager that is closed and used again",
        "a name look-up that hangs",
        "a process that is suspended",
        "a reader hears why its socket gave up",
        "a reader whose window is full",
        "a silent stream is explained",
        "a socket that gives up",
        "a write that the socket takes in part",
        "asked what is carried",
        "an address that does not answer",
        "back-off: limited",
        "back-off: network",
        "back-off: peer_closed",
        "back-off: rejected",
        "back-off: server_shutdown",
        "back-off: stale",
        "banned once more",
        "messages lost, and told",
        "stopped while it connects",
        "stopped while it waits for its next attempt",
        "the same message on two links of a socket",
    )
)
_PRIVATE = frozenset(
    (
        *(f"fault {fault.value}" for fault in PRIVATE),
        "a signature whose time is wrong",
        "back-off: credential",
        "credential changed",
        "credential ended",
        "credential renewed",
    )
)
_LISTS = frozenset(
    (
        "a list that goes on without snapshots",
        "a list that is refused for now",
        "a list without what was in the last one",
        "a refused stream is asked for again",
        "a snapshot that has not come",
        "a socket of snapshots",
        "a stream that joins",
        "a stream that joins while there is no link",
        "a stream that leaves",
        "all preferences on one connection",
        "asked what is carried",
        "messages lost, and told",
    )
)
_PAST = frozenset(
    (
        "a message that was filled in",
        "a past of several pages",
        "a past that is behind",
        "a past that is joined across a loss",
        "a past that is told",
        "a past that what is live goes on with",
        "a stream that joins",
        "a stream that leaves",
    )
)
_CANDLES = _PAST | {
    "a candle that closed in a gap, and was filled in",
    "a candle that closed on two links",
    "a candle without trades",
    "a gap that spans a close",
    "the same message on two links of a socket",
}
_UPBIT_PAST = _PAST | {
    "a candle that was filled in behind a live one",
    "a past that cannot be had",
    "a trade that was filled in behind a live one",
    "messages lost, and told",
}

RARE = {
    "market": _MARKET,
    "futures": frozenset(("a book is shown", "a message that was filled in", "several sockets on shared links")),
    "changing": frozenset(("a stream that joins", "a stream that leaves", "messages lost, and told")),
    "patient": frozenset((f"fault {Fault.FORGET.value}", "a gap of what was forgotten")),
    "seldom": frozenset(("what a stream missed that had brought nothing", "messages lost, and told")),
    "accounts": _PRIVATE,
    "markets": _LISTS,
    "candles": _CANDLES,
    "upbit_past": _UPBIT_PAST,
    "months": frozenset(("credential changed", "credential renewed", "a connection is cut for its age")),
}
"""What a sweep reaches, by the kind of its program; one that does not tests less than it says."""

_KNOWN = frozenset().union(*RARE.values())

_CHUNK = 50  # seeds that a process takes at once


@dataclass
class Swept:
    """What came of a sweep.

    Attributes:
        kind: of the program.
        failures: what must not happen, by seed.
        reached: in how many seeds each rare path was reached.
    """

    kind: str
    failures: dict[int, list[str]] = field(default_factory=dict)
    reached: Counter[str] = field(default_factory=Counter)

    @property
    def never(self) -> set[str]:
        """Rare paths that no seed has reached."""
        return set(RARE[self.kind] - self.reached.keys())

    @property
    def unknown(self) -> set[str]:
        """Paths that are reached and not in the list: renamed, or added without a look at how rare they are."""
        return set(self.reached.keys() - _KNOWN)


def sweep(
    seeds: Sequence[int],
    jobs: int = 1,
    failed: Callable[[int, list[str]], object] = lambda seed, failures: None,
    kind: str = "market",
) -> Swept:
    """Run all seeds.

    Args:
        seeds: which ones.
        jobs: processes; 1 runs them here.
        failed: called with each seed that fails, when it does, and why.
        kind: of the program.
    """
    found = Swept(kind)
    work = partial(_run, kind)
    chunks = [seeds[at : at + _CHUNK] for at in range(0, len(seeds), _CHUNK)]
    if jobs == 1:
        results = map(work, chunks)
    else:
        pool = multiprocessing.get_context("spawn").Pool(jobs)
        results = pool.imap_unordered(work, chunks)
    for failures, reached in results:
        found.failures.update(failures)
        found.reached.update(reached)
        for seed, texts in failures.items():
            failed(seed, texts)
    if jobs != 1:
        pool.close()
        pool.join()
    return found


def _run(kind: str, seeds: Sequence[int]) -> tuple[dict[int, list[str]], Counter[str]]:
    failures, reached = {}, Counter[str]()
    gc.disable()  # the world of a session is one large cycle: they are collected together
    try:
        for seed in seeds:
            world = run(seed, kind).world
            reached.update(world.seen)
            if world.failures:
                failures[seed] = world.failures
    finally:
        gc.enable()
        gc.collect()
    return failures, reached


def digest(session: Session) -> str:
    """A fingerprint of all that happened."""
    return hashlib.sha256(repr(session.world.record).encode()).hexdigest()[:16]
