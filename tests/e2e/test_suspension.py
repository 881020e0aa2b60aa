"""Suspended, or blocked by its callback, and cut: what was never received lies in a gap that is told, by every id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from e2e.harness import Record, eventually, managed
from patience import PATIENCE

from binance_sockets.simulator import LimitOverrides, Simulator

CHILD = """
import json, sys
from binance_sockets import Backoff, Options, SocketManager

def say(**facts):
    print(json.dumps(facts), flush=True)

manager = SocketManager(environment=sys.argv[1], options=Options(backoff=Backoff(initial=0.02, max_reconnects=None)))
manager.add_gap_listener(lambda gap: say(
    gap=[[ids.last_id, ids.first_id] for ids in gap.ids], since=gap.last_received, until=gap.resumed))
manager.start_trade_socket("BTCUSDT", lambda trade: say(id=trade.get("t")))
manager.start()
manager.join()
"""


class Child:
    """A process that prints the number of each trade, and its gaps."""

    def __init__(self, sim: Simulator) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, sim.environment], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        self.ids: list[int] = []
        self.gaps: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            facts = json.loads(line)
            if "gap" in facts:
                self.gaps.append(facts)
            else:
                self.ids.append(facts["id"])

    def close(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def told(self, number: int) -> bool:
        """A gap has room for a trade."""
        rows = [ids for gap in self.gaps for ids in gap["gap"]]
        return any(last < number and (first is None or number < first) for last, first in rows)


@pytest.mark.parametrize(
    "seconds", [pytest.param(0.5, id="short"), pytest.param(15.0, id="15 s", marks=pytest.mark.full)]
)
def test_a_consumer_that_blocks_and_is_cut_is_told_of_every_trade_that_it_missed(seconds: float) -> None:
    """What waited in the socket is lost with it, though it was sent before the loss: the gap begins where it read."""
    free, blocked, ids = threading.Event(), threading.Event(), list[int]()
    free.set()

    def callback(trade: Any) -> None:
        ids.append(trade["t"])
        if not free.is_set():
            blocked.set()
            free.wait(60)

    limits = LimitOverrides(connects=100_000)
    with (
        Simulator(speed=50.0, seed=11, limits=limits) as sim,
        managed(sim) as (manager, witness),
        managed(sim) as (slow, heard),
    ):
        manager.start_trade_socket("BTCUSDT", witness.on_message)
        slow.start_trade_socket("BTCUSDT", callback)
        manager.start()
        slow.start()
        try:
            eventually(lambda: len(ids) > 20, "the first trades")
            free.clear()
            assert blocked.wait(PATIENCE)
            until, seen = time.monotonic() + seconds, len(witness.messages)
            eventually(lambda: time.monotonic() > until and len(witness.messages) > seen + 50, "trades meanwhile", 40.0)
            cut = _ids(witness)[-1]
            _cut(sim, witness)
        finally:
            free.set()
        heard.wait(lambda record: record.gaps, "the gap")
        first = heard.gaps[-1].ids[0].first_id or cut
        eventually(lambda: ids[-1] > max(first, cut + 20), "trades behind the gap")
        behind = ids[-1]
    rows = [(row.last_id, row.first_id) for gap in heard.gaps for row in gap.ids]
    missing = sorted(set(range(ids[0], behind + 1)) - set(ids))
    assert missing, "nothing was lost: the test shows nothing"
    told = [number for number in missing if any(last < number and (first or behind) >= number for last, first in rows)]
    assert told == missing
    assert ids == sorted(set(ids)), "twice, or out of order"
    print(f"blocked for {seconds:g} s: {len(missing)} trades missing, all in {len(heard.gaps)} gap(s)")


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
@pytest.mark.parametrize(
    "seconds", [pytest.param(0.5, id="short"), pytest.param(12.0, id="12 s", marks=pytest.mark.full)]
)
def test_a_suspended_process_reports_every_trade_that_it_missed(seconds: float) -> None:
    """It is stopped, cut meanwhile, and goes on: each trade that another one saw came to it, or lies in its gap."""
    limits = LimitOverrides(connects=100_000)
    with Simulator(speed=50.0, seed=11, limits=limits) as sim, managed(sim) as (manager, witness):
        manager.start_trade_socket("BTCUSDT", witness.on_message)
        manager.start()
        child = Child(sim)
        try:
            eventually(lambda: len(child.ids) > 20, "the first trades of the child")
            os.kill(child.process.pid, signal.SIGSTOP)
            until, seen = time.monotonic() + seconds, len(witness.messages)
            eventually(lambda: time.monotonic() > until and len(witness.messages) > seen + 50, "trades meanwhile", 40.0)
            cut = _ids(witness)[-1]
            _cut(sim, witness)
            os.kill(child.process.pid, signal.SIGCONT)
            eventually(lambda: child.gaps and child.ids[-1] > cut + 20, "what the child says when it goes on")
            behind = child.ids[-1]
        finally:
            child.close()
    got = set(child.ids)
    missing = [number for number in range(child.ids[0], behind + 1) if number not in got]
    assert missing, "nothing was lost: the test shows nothing"
    assert [number for number in missing if not child.told(number)] == []
    assert child.ids == sorted(got), "twice, or out of order"
    print(f"suspended for {seconds:g} s: {len(missing)} trades missing, all in {len(child.gaps)} gap(s)")


def _cut(sim: Simulator, witness: Record) -> None:
    """Reset both connections, and have trades follow; the witness is back soon, and has a gap of its own."""
    sim.inject("reset")
    witness.wait(lambda record: record.gaps, "the gap of the witness")
    behind = witness.gaps[-1].ids[0].first_id or _ids(witness)[-1]
    eventually(lambda: _ids(witness)[-1] > behind + 20, "trades behind the cut")


def _ids(witness: Record) -> list[int]:
    return [message["t"] for message in list(witness.messages)]
