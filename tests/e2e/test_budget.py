"""Many sockets dropped, or refused, at once on the embedded exchange, with the connect budget asked for there."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from binance_sockets import Backoff, ConnectError, Options, SocketManager
from binance_sockets.engine.budget import shared
from binance_sockets.simulator import Simulator

SOCKETS = 50


@pytest.mark.full
def test_fifty_dropped_at_once_come_back_spread() -> None:
    """All come back, at most ten begin within a second, and no window of the exchange's is exceeded."""
    options = Options(limit_loopback=True, backoff=Backoff(max_reconnects=None))
    with (
        Simulator(seed=1, symbols={"spot": SOCKETS}) as exchange,
        SocketManager(environment=exchange.environment, options=options) as manager,
    ):
        keys = [manager.start_trade_socket(symbol, lambda message: None) for symbol in exchange.symbols["spot"]]
        assert len(set(keys)) == SOCKETS and all(keys)
        for key in keys:
            manager.wait_open(key, 30)
        budget = shared().of(exchange.url.partition("://")[2].partition("/")[0], True)
        assert budget is not None
        before = len(budget._begun)
        exchange.inject("reset", count=len(keys))

        def back() -> bool:
            rows = manager.snapshot()["connections"].values()
            return all(row["reconnects"] and row["state"] == "open" for row in rows)

        exchange.wait_for(back, timeout=40)
        begun = budget._begun[:]
        assert len(begun) - before >= len(keys)
        assert all(later - first >= 1.0 for first, later in zip(begun, begun[10:], strict=False))
        assert begun[-1] - begun[before] >= (len(keys) - 1) // 10
        print(f"{len(keys)} dropped, {len(begun) - before} attempts within {begun[-1] - begun[before]:.1f} s, all back")


@pytest.mark.full
def test_refused_for_ever_says_so_once() -> None:
    """Each of fifty sockets has one last payload."""
    last: list[Any] = []
    options = Options(limit_loopback=True, backoff=Backoff(initial=1.0, max_reconnects=2))
    with SocketManager(environment="http://127.0.0.1:9", options=options) as manager:
        keys = [manager.start_socket(f"s{number}@trade", last.append) for number in range(SOCKETS)]
        for key in keys:
            with pytest.raises(ConnectError):
                manager.wait_open(key, 60)
    assert last == [{"e": "error", "m": "Max reconnect retries reached"}] * SOCKETS


REFUSED = """
import json, resource, threading, time
from binance_sockets import Backoff, Options, SocketManager

def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime

failed, shares = [], []
options = Options(limit_loopback=True, backoff=Backoff(max_reconnects=None))
with SocketManager(environment="http://127.0.0.1:9", options=options) as manager:
    manager.add_state_listener(lambda change: failed.append(change) if change.error is not None else None)
    began, before = time.monotonic(), used()
    for number in range(SOCKETS):
        manager.start_socket(f"s{number}@trade", print)
    for _ in range(PARTS):
        threading.Event().wait(SECONDS)
        shares.append((used() - before) / (time.monotonic() - began))
    states = {row["state"] for row in manager.snapshot()["connections"].values()}
print(json.dumps({"shares": shares, "failed": len(failed), "states": sorted(states)}))
"""


@pytest.mark.full
@pytest.mark.timeout(240)
def test_refused_for_ever_costs_next_to_nothing() -> None:
    """A process with fifty sockets that nobody accepts and that never give up: all that it uses in two minutes, its
    start and the first attempts included, that come close upon one another."""
    program = REFUSED.replace("SOCKETS", str(SOCKETS)).replace("SECONDS", "30").replace("PARTS", "4")
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=180, check=True)
    told = json.loads(found.stdout)
    shares = ", ".join(f"{100 * share:.2f}" for share in told["shares"])
    print(f"after 30, 60, 90 and 120 s: {shares} % of a processor; {told['failed']} attempts failed")
    assert told["failed"] >= 3 * SOCKETS  # it did try
    assert set(told["states"]) <= {"backoff", "connecting"}
    assert told["shares"][-1] < 0.01
