"""What is measured, as lists of runs; and the repetition of runs, interleaved so that drift meets all alike."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from measure import CLIENTS, Bench, Run
from payloads import PAYLOADS, UPBIT

LIMITS = ("limit", "limit-msgspec", "limit-frames", "limit-memory-bio")
OURS = ("ours", "ours-typed", "ours-raw")
WHERE = ("ours-thread", "ours-isolated")  # TLS is undone
UPBIT_CLIENTS = tuple(name for name, client in CLIENTS.items() if UPBIT in client.payloads)
PEERS = tuple(name for name in CLIENTS if name not in (*LIMITS, *OURS, *WHERE, *UPBIT_CLIENTS))
QUICK_PEERS = ("binance-connector", "python-binance-0.7.10")

_FIRST_GUESS = {"depth": 100, "miniTickerArr": 5}  # messages of the run that finds out how fast a client is
_MILLION = 1_000_000


@dataclass
class Choice:
    """What the command line narrows a scenario to; ``None`` leaves it to the scenario.

    Args:
        quick: the short form of each scenario.
        clients: names of ``measure.CLIENTS``.
        payloads: names of ``payloads.PAYLOADS``.
        tls: which of plain and TLS.
        repetitions: how often each run is done.
        seconds: how long a run in bursts should take.
        messages: messages per connection of a burst; replaces ``seconds``.
        rate: messages per second of paced runs, over all connections.
        connections: numbers of connections.
    """

    quick: bool = False
    clients: tuple[str, ...] | None = None
    payloads: tuple[str, ...] | None = None
    tls: tuple[bool, ...] | None = None
    repetitions: int | None = None
    seconds: float | None = None
    messages: int | None = None
    rate: float | None = None
    connections: tuple[int, ...] | None = None

    def runs(
        self,
        clients: Iterable[str],
        payloads: Iterable[str] = ("trade",),
        tls: Iterable[bool] = (False, True),
        connections: Iterable[int] = (1,),
        **fields: Any,
    ) -> list[Run]:
        """All combinations, narrowed; those that a client cannot do are left out."""
        return [
            Run(client, payload, 0, tls=secure, connections=count, **fields)
            for secure in self.tls or tls
            for payload in self.payloads or payloads
            for count in self.connections or connections
            for client in self.clients or clients
            if CLIENTS[client].takes(payload, secure)
        ]


@dataclass(frozen=True)
class Scenario:
    """One kind of measurement.

    Args:
        title: what it shows.
        runs: makes its runs; bursts with 0 messages are sized by a first run.
        repetitions: how often, in full and in quick form.
    """

    title: str
    runs: Callable[[Choice], list[Run]]
    repetitions: tuple[int, int] = (5, 3)


def _burst(choice: Choice) -> list[Run]:
    if not choice.quick:
        return choice.runs((*LIMITS, *OURS, *PEERS), PAYLOADS)
    runs = choice.runs(("limit", "ours", "ours-typed", *QUICK_PEERS), tls=(False,))
    runs += choice.runs(("limit", "ours", "ours-typed"), ("depth", "combined"), tls=(False,))
    return runs + choice.runs(("limit", "limit-memory-bio", "ours"), tls=(True,))


def _upbit(choice: Choice) -> list[Run]:
    """Tickers, trades and books of Upbit; pyupbit speaks TLS only."""
    return choice.runs(UPBIT_CLIENTS, (UPBIT,))


def _records(choice: Choice) -> list[Run]:
    return choice.runs(("limit", "limit-memory-bio", "ours"), tls=(True,), big_records=True)


def _paced(choice: Choice) -> list[Run]:
    rate = choice.rate or 2000
    clients = ("limit", "ours", *(QUICK_PEERS if choice.quick else ("limit-memory-bio", "ours-typed", *PEERS)))
    messages = choice.messages or int(rate * (1 if choice.quick else 4))
    runs = choice.runs(clients, tls=(False,) if choice.quick else (False, True), rate=rate)
    return [replace(run, messages=messages) for run in runs]


def _connections(choice: Choice) -> list[Run]:
    rate = choice.rate or 20_000
    clients = ("limit", "ours") if choice.quick else ("limit", "ours", *PEERS)
    counts = (1, 200) if choice.quick else (1, 10, 50, 100, 200)
    runs = choice.runs(clients, connections=counts, tls=(False,), rate=rate)
    if not choice.quick and choice.tls is None:
        runs += replace(choice, tls=(True,)).runs(("limit", "ours"), connections=counts, rate=rate)
    seconds = 1 if choice.quick else 3
    return [replace(run, messages=choice.messages or int(rate * seconds / run.connections)) for run in runs]


def _busy(choice: Choice) -> list[Run]:
    clients = (
        ("limit", "ours", "websocket-client", "websocket-client-lean") if choice.quick else ("limit", "ours", *PEERS)
    )
    return choice.runs(clients, tls=(False,) if choice.quick else (False, True), busy="python", pinned=False)


def _beside(choice: Choice) -> list[Run]:
    """Where TLS is undone, beside each kind of calculation and beside none, in bursts and paced."""
    rate = choice.rate or 2000
    runs = []
    for busy in ("", "python") if choice.quick else ("", "python", "numpy", "pandas", "python+python"):
        plain = replace(choice, clients=("ours",)).runs(("ours",), tls=(False,), busy=busy, pinned=False)
        secure = choice.runs(("ours", *WHERE), tls=(True,), busy=busy, pinned=False)
        paced = [replace(run, rate=rate, messages=choice.messages or int(rate * 4)) for run in plain + secure]
        runs += [*plain, *secure, *paced]
    return runs


def _memory(choice: Choice) -> list[Run]:
    clients = ("ours",) if choice.quick else ("ours", *PEERS)
    return choice.runs(clients, connections=(1, 200), warmup=0, pause=1.0, settle=1.0, pinned=False)


def _growth(choice: Choice) -> list[Run]:
    marks = (_MILLION // 10, _MILLION // 2, _MILLION) if choice.quick else (_MILLION, 5 * _MILLION, 10 * _MILLION)
    runs = choice.runs(("ours",), tls=(False,) if choice.quick else (False, True), checkpoints=marks, timeout=300.0)
    return [replace(run, messages=choice.messages or marks[-1]) for run in runs]


SCENARIOS: dict[str, Scenario] = {
    "burst": Scenario("Messages are always waiting", _burst),
    "upbit": Scenario("Messages of Upbit are always waiting", _upbit),
    "records": Scenario("Messages are always waiting, TLS records of 16 KiB", _records),
    "paced": Scenario("Messages arrive one by one", _paced, (3, 3)),
    "connections": Scenario("The same load over many connections", _connections, (3, 3)),
    "busy": Scenario("A CPU-bound thread beside", _busy, (3, 1)),
    "beside": Scenario("What computes beside, and where TLS is undone", _beside, (10, 2)),
    "memory": Scenario("Idle connections", _memory, (2, 1)),
    "growth": Scenario("Memory after many messages", _growth, (1, 1)),
}


def carry_out(bench: Bench, scenario: Scenario, choice: Choice) -> list[dict[str, Any]]:
    """Do all runs of a scenario and return one entry per run, with lists of figures, one per repetition."""
    seconds = choice.seconds or (0.4 if choice.quick else 0.8)
    repetitions = choice.repetitions or scenario.repetitions[choice.quick]
    entries: dict[Run, dict[str, Any]] = {}
    for run in scenario.runs(choice):
        sized, error = _sized(bench, run, choice, seconds)
        entries[sized] = _entry(run, sized, error)
    for repetition in range(repetitions):
        for run, entry in entries.items():
            if entry["error"] is None:
                row = bench.measure(run)
                _add(entry, row)
                _tell(f"{repetition + 1}/{repetitions}", run, row)
    return list(entries.values())


_FIGURES = ("us", "per_second", "seconds", "p50", "p99", "worst", "memory_before_kb", "memory_kb", "memory_peak_kb")
_FIGURES += ("threads", "switches", "user_seconds", "system_seconds")


def _sized(bench: Bench, run: Run, choice: Choice, seconds: float) -> tuple[Run, str | None]:
    """``run`` with a number of messages that takes about ``seconds``, found out by a short run; or why not."""
    if run.messages or run.pause:
        return run, None
    if choice.messages:
        return replace(run, messages=choice.messages), None
    row = bench.measure(replace(run, messages=_FIRST_GUESS.get(run.payload, 1000)))
    _tell("sizing", run, row)
    if "error" in row:
        return run, row["error"]
    return replace(run, messages=max(10, int(row["per_second"] * seconds))), None


def _entry(run: Run, sized: Run, error: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"client": run.client, "payload": run.payload, "tls": run.tls}
    entry.update(connections=run.connections, rate=run.rate, busy=run.busy, big_records=run.big_records)
    entry.update(messages=sized.messages, error=error)
    return entry


def _add(entry: dict[str, Any], row: dict[str, Any]) -> None:
    """A failed repetition fails the entry: a median of what went well would be dressed up."""
    if "error" in row:
        entry["error"] = row["error"]
        return
    for name in _FIGURES:
        if name in row:
            value = row[name]
            entry.setdefault(name, []).append(round(value, 4) if isinstance(value, float) else value)
    server = row.get("server") or {}
    if "latest_us" in server:
        entry.setdefault("sent_late_us", []).append(round(server["latest_us"]))
        entry.setdefault("sent_seconds", []).append(round(server["seconds"], 3))
    if row.get("checkpoints"):
        entry["checkpoints"] = row["checkpoints"]


def _tell(when: str, run: Run, row: dict[str, Any]) -> None:
    place = f"{run.client} {run.payload} {'TLS' if run.tls else 'plain'} x{run.connections}"
    result = f"{row['us']:.2f} us" if "us" in row else row.get("error", "done")
    print(f"[{when}] {place}: {result}", file=sys.stderr, flush=True)
    if "error" in row and row.get("stderr"):
        print(row["stderr"], file=sys.stderr, flush=True)
