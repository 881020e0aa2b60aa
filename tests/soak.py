"""Minutes to hours of faults over real sockets, and at the end every message accounted for.

``python -m soak --minutes 30`` from the folder ``tests``, or ``make soak MINUTES=30``. It prints its seed, which fixes
what is done and in which order, and what it counted; it ends with 1 where the records show an offence, a socket did not
come back, or threads, descriptors or memory are left.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

from e2e.harness import Held, eventually, managed, options
from soak_accounts import Account, Changing, FollowedBook, Tally

from binance_sockets import Limits, Recorder
from binance_sockets.cli import main as command
from binance_sockets.engine import listing
from binance_sockets.faults import Fault
from binance_sockets.simulator import LimitOverrides, Simulator

STREAMS = {
    "spot": (
        "btcusdt@trade",
        "btcusdt@aggTrade",
        "ethusdt@depth@100ms",
        "ethusdt@trade",
        "ethusdt@bookTicker",
        "btcusdt@kline_1s",
    ),
    "usdm": ("btcusdt@aggTrade", "ethusdt@depth@100ms", "ethusdt@aggTrade", "ethusdt@bookTicker"),
}
SOCKETS: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    *((product, names, {}) for product, names in STREAMS.items()),
    ("spot", ("btcusdt@trade", "ethusdt@trade", "btcusdt@kline_1s"), {"backfill": True}),
    ("usdm", ("btcusdt@aggTrade",), {"backfill": True}),
    ("spot", ("ethusdt@bookTicker",), {}),
    ("spot", ("btcusdt@trade", "btcusdt@aggTrade"), {"redundancy": 2}),
)
"""Product, streams and options of each socket."""
BOOK = "btcusdt@depth@100ms"
"""What order books follow, and no record: its messages may be spoilt."""
_SUBSCRIBE = "userDataStream.subscribe.signature"
POOLED = tuple(name for name in STREAMS["spot"] if name.endswith("@trade"))
"""Streams of spot that share links."""

_LARGEST = 2**20  # bytes of a message
FAULTS: tuple[tuple[Fault, dict[str, Any]], ...] = (
    (Fault.CLOSE, {"code": 1001}),
    (Fault.CLOSE, {"code": 1011}),
    (Fault.RESET, {}),
    (Fault.EOF, {}),
    (Fault.CUT, {"count": 1}),
    (Fault.FRAGMENT, {"count": 50}),
    (Fault.INVALID_UTF8, {"count": 1}),
    (Fault.SLOW_ACCEPT, {"count": 1, "delay": 0.3}),
    (Fault.DRIP, {"count": 1, "delay": 0.002}),
    (Fault.SILENCE, {"duration": 5.0}),
    (Fault.OVERSIZE, {"count": 1, "size": 2 * _LARGEST}),
    (Fault.INVALID_JSON, {"count": 3}),
    (Fault.FORGET, {"count": 1}),
    (Fault.ACK_NEVER, {"count": 1}),
    (Fault.ACK_ERROR, {"count": 1}),
    (Fault.HTTP_STATUS, {"count": 1, "status": 503}),
    (Fault.HTTP_STATUS, {"count": 1, "status": 503, "on": "rest"}),
    (Fault.HTTP_STATUS, {"count": 1, "status": 429, "retry_after": 1, "on": "any"}),
    (Fault.GARBAGE_HANDSHAKE, {"count": 1}),
    (Fault.REFUSE, {"count": 1}),
    (Fault.SERVER_SHUTDOWN, {}),
    (Fault.MAX_AGE, {}),
    (Fault.REST_LATE, {"count": 1, "delay": 0.5}),
    (Fault.REPLY_ERROR, {"count": 1, "method": _SUBSCRIBE, "status": 400}),
    (Fault.REPLY_NEVER, {"count": 1, "method": _SUBSCRIBE}),
    (Fault.REPLY_LATE, {"count": 1, "method": _SUBSCRIBE, "delay": 0.5}),
    (Fault.LISTEN_KEY_EXPIRED, {}),
    (Fault.LISTEN_KEY_ROTATED, {"count": 1}),
    (Fault.CREDENTIAL_REFUSED, {"count": 1, "status": 400, "code": -1000, "msg": "not now"}),
    (Fault.STREAM_TERMINATED, {}),
    (Fault.STALE_SNAPSHOT, {"count": 1}),
    *(
        (fault, {"count": 1, "stream": BOOK})
        for fault in (Fault.HOLE, Fault.DUPLICATE, Fault.OUT_OF_ORDER, Fault.MISSING_FIELD, Fault.UNKNOWN_EVENT)
    ),
)
"""What the exchange may do without spoiling what its own record says: a hole, a copy, a lie strike books alone, whose
proof is a snapshot. TLS and listen tokens are not in it."""

_CLIENT = tuple(f"binance_sockets.{name}" for name in ("engine", "exchanges", "books", "manager", "sinks", "errors"))
_SHARED = "binance_sockets.engine.allowance.Allowance"  # of the process, one for each limit of a host
_LISTED = 5.0  # seconds between two looks at what the exchange carries; as a rule minutes
_GROWTH = 1.5  # of the resident memory, beyond what the first tenth of the time has taken: the market keeps its history
_MORE = 300  # objects of the client above what there were after the first tenth of the time: a few links are opening


def resident() -> int:
    """Bytes of memory that are ours; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def objects() -> Counter[str]:
    """How many objects of the client's own classes there are, by class; enums, functions and the simulator excepted,
    and the orders of an account that are over, of which the latest 20,000 are kept."""
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    names = (f"{kind.__module__}.{kind.__name__}" for kind in kinds if not issubclass(kind, (type, Enum)))
    return Counter(name for name in names if name.startswith(_CLIENT) and not name.endswith(".KnownOrder"))


def silent(before: dict[tuple[str, str], int], now: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    """The streams, by conn key and name, that have brought nothing since."""
    return [stream for stream, count in before.items() if now.get(stream, 0) <= count]


class Callbacks:
    """What callbacks do beside being recorded: now and then one is slow, or raises."""

    def __init__(self, rng: random.Random) -> None:
        self._rng, self._lock, self._pause = rng, threading.Lock(), threading.Event()
        self.counts: Counter[str] = Counter()

    def __call__(self, message: Any) -> None:
        with self._lock:
            drawn = self._rng.random()
            self.counts["messages"] += 1
            self.counts["slow"] += drawn < 0.0002
            self.counts["raised"] += 0.0002 <= drawn < 0.0005
        if drawn < 0.0002:
            self._pause.wait(0.5)
        elif drawn < 0.0005:
            raise ValueError("a bug of the user")


class Soak:
    """One run.

    Args:
        seed: of all choices.
        folder: for the records.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self._rng = random.Random(seed)
        self.sent, self.came = folder / "sent.jsonl", folder / "came.jsonl"
        self.callbacks = Callbacks(random.Random(seed + 1))
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self._keys: dict[int, str] = {}
        self._others: list[Any] = []
        self._accounts: list[Account] = []

    def run(self, seconds: float) -> None:
        """Do all that, and note what failed."""
        before, known = Held.now(), objects()
        limits = LimitOverrides(connects=1_000_000, weight=100_000_000)
        listed, listing._RARELY = listing._RARELY, _LISTED
        try:
            with Simulator(speed=5.0, seed=self._rng.randrange(1000), limits=limits) as sim:
                self._record(sim, seconds)
        finally:
            listing._RARELY = listed
        self._others, self._accounts = [], []
        left = objects() - known
        left.pop(_SHARED, None)
        print(f"objects of the client: {left.total()} left at the end")
        if left:
            self.failures.append(f"objects of the client are left: {dict(left.most_common(5))}")
        try:
            eventually(lambda: Held.now().within(before), "threads and descriptors as before")
        except AssertionError as error:
            self.failures.append(f"{error}: {before}, now {Held.now()}")

    def _record(self, sim: Simulator, seconds: float) -> None:
        records = []
        for product, names in STREAMS.items():
            path = self.sent.with_suffix(f".{product}")
            records.append((path, sim.record(path, product, names)))
        # A callback may be slow for half a second, and so may this machine.
        opts = options(attempts=None, initial=0.05, stale=4.0, ping=1.0)
        opts = replace(opts, limits=Limits(message_size=_LARGEST))
        with (
            Recorder(self.came) as recorder,
            managed(sim, opts) as (manager, heard),
            managed(sim, replace(opts, pool=True)) as (pool, others),
        ):
            gaps, errors = Tally(), Tally()
            for each in (heard, others):
                each.states, each.gaps, each.errors = Tally(), gaps, errors
            for used in (manager, pool):
                recorder.attach(used)
                used.start()
            pooled = [
                str(recorder.start(pool.start_trade_socket, name.partition("@")[0], then=self.callbacks))
                for name in POOLED
            ]
            self._accounts = [Account(sim, manager, product) for product in STREAMS]
            self._others = [
                *self._accounts,
                *(FollowedBook(manager, product) for product in STREAMS),
                *(Changing(manager, product, names) for product, names in STREAMS.items()),
            ]
            for number in range(len(SOCKETS)):
                self._start(recorder, manager, number)
            self._disturb(sim, recorder, manager, seconds)
            sim.clear_faults()
            self._come_back(manager, list(self._keys.values()))
            self._come_back(pool, pooled)
            for other in self._others:
                try:
                    manager.wait_open(other.key, 60.0)
                    other.settle()
                except Exception as error:
                    self.failures.append(f"{type(other).__name__}: {error!r}")
            self.done["gaps"], self.done["errors"] = gaps.told, errors.told
            own = sum(account.repeated for account in self._accounts)
            self.done["requests of the soak itself that were struck"] = own
            if own > self.done[Fault.REFUSE.value] + self.done[Fault.HTTP_STATUS.value]:
                self.failures.append(f"{own} requests of the soak itself were struck: more than faults explain")
        with self.sent.open("wb") as whole:
            for path, record in records:
                record.close()
                whole.write(path.read_bytes())

    def _come_back(self, manager: Any, keys: list[str]) -> None:
        """Once there are no more faults, each socket is open, and each of its streams sends."""

        def counts() -> dict[tuple[str, str], int]:
            rows = manager.snapshot()["connections"]
            streams = {key: rows[key]["streams"] if key in rows else {} for key in keys}
            return {(key, name): row["messages"] for key in keys for name, row in streams[key].items()}

        try:
            for key in keys:
                manager.wait_open(key, 60.0)
        except Exception as error:
            self.failures.append(f"a socket did not come back: {error!r}")
        before = counts()
        try:
            eventually(lambda: not silent(before, counts()), "a message on each stream after the last fault")
        except AssertionError as error:
            self.failures.append(f"{error}; silent: {silent(before, counts())}")

    def _start(self, recorder: Recorder, manager: Any, number: int) -> None:
        product, names, more = SOCKETS[number]
        key = recorder.start(
            manager.start_multiplex_socket,
            names,
            product=product,
            name=f"soak{number}",
            view=("dict", "raw")[number % 2],
            then=self.callbacks,
            **more,
        )
        if key:
            self._keys[number] = key
        else:
            self.failures.append(f"socket {number} could not be started: its key is in use")

    def _disturb(self, sim: Simulator, recorder: Recorder, manager: Any, seconds: float) -> None:
        """Something happens about twice a second."""
        rng, pause, end = self._rng, threading.Event(), time.monotonic() + seconds
        early, base, some, listed = time.monotonic() + seconds / 10, 0, 0, 0.0

        def fault() -> str:
            nonlocal listed
            what, parameters = rng.choice(FAULTS)
            if what is Fault.FORGET:
                listed = time.monotonic() + 3 * _LISTED
            if what is not Fault.REFUSE:
                parameters = {"product": rng.choice([None, *STREAMS]), **parameters}
            sim.inject(what, **parameters)
            return what.value

        def reconnect() -> str:
            manager.reconnect(rng.choice(list(self._keys.values())))
            return "reconnect"

        def restart() -> str:
            number = rng.randrange(len(SOCKETS))
            # what the exchange has forgotten shows in its list alone: of a socket that is stopped before, nobody knows
            pause.wait(max(0.0, listed - time.monotonic()))
            manager.stop_socket(self._keys[number])
            self._start(recorder, manager, number)
            return "stop and start"

        def act() -> str:
            return str(rng.choice([other for other in self._others if not isinstance(other, FollowedBook)]).act(rng))

        actions: list[Callable[[], str]] = [fault, fault, fault, reconnect, restart, act, act]
        while (now := time.monotonic()) < end:
            if not base and now > early:
                base, some = resident(), objects().total()
            self.done[rng.choice(actions)()] += 1
            pause.wait(rng.uniform(0.1, 0.9))
        after = resident()
        print(f"memory: {base / 2**20:.0f} MiB after a tenth of the time, {after / 2**20:.0f} MiB at the end")
        many = objects()
        print(f"objects of the client: {some:,} after a tenth of the time, {many.total():,} at the end")
        if some and many.total() > some + _MORE:
            self.failures.append(f"objects of the client grew from {some:,}: {dict(many.most_common(8))}")
        if base and after > base * _GROWTH + 32 * 2**20:
            self.failures.append(f"memory grew from {base:,} to {after:,} bytes")


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default 30)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of all choices")
    parser.add_argument("--keep", type=Path, help="folder for the records (default: a temporary one)")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = arguments.keep or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        soak = Soak(arguments.seed, kept)
        soak.run(60 * arguments.minutes)
        for name, count in sorted((soak.done + soak.callbacks.counts).items()):
            print(f"{count:10,}  {name}")
        code = command(["audit", str(soak.sent), str(soak.came)])
    for failure in soak.failures:
        print(f"FAILED: {failure}")
    return int(bool(code or soak.failures))


if __name__ == "__main__":
    sys.exit(main())
