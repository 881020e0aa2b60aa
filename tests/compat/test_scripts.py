"""Scripts in the patterns that people wrote for 0.7 run unmodified as processes, and end as they did."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from binance_sockets.exchanges.environment import BASE_URL_VARIABLE
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, LimitOverrides, Simulator

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = Path(__file__).parent / "scripts"
PATIENCE = 120.0  # seconds, for a machine that is busy


class Case(NamedTuple):
    """What a script does: what it prints (a pattern of all), its exit code, the line after which Ctrl-C comes, and line
    to what befalls an exchange of its own then: the arguments of ``inject``, or nothing any more."""

    output: str
    code: int = 0
    interrupt: str = ""
    arguments: tuple[str, ...] = ()
    errors: str = ""
    faults: Mapping[str, Sequence[dict[str, Any]]] = MappingProxyType({})


_DEAD = {"fault": "http_status", "status": 503, "on": "ws"}
CASES = {
    "asyncio_beside.py": Case(r"\['BTCUSDT', 'ETHUSDT'\]"),
    "bot_subclass.py": Case("books True"),
    "click_program.py": Case("BNBBTC 1\nBNBBTC 2\nBNBBTC 3", arguments=("--count", "3")),
    "conns_subclass.py": Case(r"\['btcusdt', 'ethusdt'\] 1 True\n\{\}"),
    "console_entry.py": Case("five"),
    "daemon.py": Case("leaving"),
    "depth_caches_sqlite.py": Case("BTCUSDT True\nETHUSDT True\n\\(1, 1\\)", arguments=("{folder}/best.db",)),
    "duck_client.py": Case("20,20,True"),
    "dynamic_symbols.py": Case(
        r"\['btcusdt@bookTicker', 'ethusdt@bookTicker'\]\n\['bnbusdt@bookTicker'\]\n"
        r"\['bnbusdt@bookTicker', 'btcusdt@bookTicker'\]"
    ),
    "error_restart.py": Case(
        "running\nerror\nrunning again btcusdt@trade",
        faults={"running": [_DEAD, {"fault": "reset"}], "error": []},
    ),
    "fails.py": Case("", code=1, errors="KeyError: 'a mistake of the script'"),
    "futures_subclass.py": Case("(BTCUSDT BUY\n)+True True"),
    "futures_wrapped.py": Case(r"True\n\['aggTrade', 'bookTicker', 'markPrice'\]"),
    "gui_loop.py": Case(r"\['BTCUSDT', 'ETHUSDT'\]"),
    "history_then_live.py": Case("True BTC 1h\n(live 1m\n)+"),
    "kiosk.py": Case("(prices True\n)+closed", interrupt="prices True"),
    "kiosk_days.py": Case(
        r"(day [1-5]\n){5}errors \[\]",
        faults={
            "day 1": [{"fault": "reset"}],
            "day 2": [{"fault": "server_shutdown"}],
            "day 3": [{"fault": "max_age"}],
            "day 4": [{"fault": "close", "code": 1008}],
        },
    ),
    "margin_keepalive.py": Case("True True\nTrue True\n0 None"),
    "multiplex_queue.py": Case(
        r"\['bnbusdt@bookTicker', 'btcusdt@bookTicker', 'btcusdt@depth5@100ms', 'ethusdt@bookTicker'\]"
    ),
    "own_api_url.py": Case("3 True", arguments=("{url}",)),
    "process_per_symbol.py": Case(r"\['BTCUSDT', 'ETHUSDT'\]"),
    "process_per_symbol_spawned.py": Case(
        r"(\[\('BTCUSDT', '1m'\), \('ETHUSDT', '1m'\)\]\n\[\('BTCUSDT', True\), \('ETHUSDT', True\)\]\n\[0, 0\]\n){2}",
        arguments=("spawn", "forkserver"),
    ),
    "reactor_run.py": Case("(trade\n)+reactor stopped False"),
    "reactor_teardown.py": Case(r"last [0-9.]+"),
    "restart_after_main.py": Case("(restarted btcusdt@bookTicker\n){3}"),
    "second_start.py": Case("revived"),
    "several_managers.py": Case("all feeds"),
    "slow_callback.py": Case("1 True"),
    "sqlite_trades.py": Case("True", arguments=("{folder}/trades.db",)),
    "stops_itself.py": Case("1\n2\n3\nstopped"),
    "sys_exit.py": Case("still here"),
    "trade_socket_subclass.py": Case(r"BTCUSDT btcusdt@trade trade 1\n\{\} False"),
    "trade_bot_subclass.py": Case("!miniTicker@arr@1000ms True"),
    "tutorial.py": Case(
        "(message type: trade\nBNBBTC [0-9.]+\n)+(message type: trade)?", code=130, interrupt="message type: trade"
    ),
    "user_keepalive.py": Case("alive\n(BTCUSDT BUY FILLED\n)+"),
    "wrapper_subclass.py": Case("BTCUSDT True True\nrun returned"),
    "watchdog.py": Case(r"\['btcusdt@trade', 'btcusdt@trade'\]"),
}


class Done(NamedTuple):
    """How a script went."""

    code: int
    output: str
    errors: str


def run(name: str, shared: Simulator, folder: Path, way: tuple[str, ...]) -> Done:
    """Run one script to its end, where it has faults against an exchange of its own."""
    with Simulator(seed=5) if CASES[name].faults else contextlib.nullcontext(shared) as simulator:
        return _run(name, simulator, folder, way)


def _run(name: str, simulator: Simulator, folder: Path, way: tuple[str, ...]) -> Done:
    case = CASES[name]
    words = [part.format(folder=folder, url=simulator.url) for part in case.arguments]
    env = {
        **os.environ, BASE_URL_VARIABLE: simulator.url, "PYTHONPATH": str(ROOT),
        "KEY": DEMO_API_KEY, "SECRET": DEMO_API_SECRET,
    }  # fmt: skip
    errors = folder / "stderr"
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-W", "error::ResourceWarning", *way, str(SCRIPTS / name), *words],
            env=env, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=folder,
        )  # fmt: skip
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    lines = []
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if case.interrupt and line.strip() == case.interrupt:
                process.send_signal(signal.SIGINT)
                case = case._replace(interrupt="")
            if line.strip() in case.faults:
                simulator.clear_faults()
            for fault in case.faults.get(line.strip(), ()):
                simulator.inject(**fault)
    timer.cancel()
    return Done(process.returncode, "".join(lines), errors.read_text())


def check(name: str, done: Done) -> None:
    """The script has said what it should, and nothing else."""
    case = CASES[name]
    said = f"{name}: {done}"
    assert done.code == case.code or (case.code == 130 and done.code == -signal.SIGINT), said
    assert re.fullmatch(f"({case.output})\\s*", done.output), said
    if case.errors:
        assert case.errors in done.errors, said
    else:
        assert "Traceback" not in done.errors and "Warning" not in done.errors, said


def run_all(names: list[str], folder: Path, way: tuple[str, ...], speed: float = 1) -> None:
    """Run scripts, several at once, against one exchange."""
    limits = LimitOverrides(connects=100_000, weight=10_000_000)
    with (
        Simulator(seed=5, limits=limits, speed=speed) as simulator,
        concurrent.futures.ThreadPoolExecutor(6) as pool,
    ):
        futures = {}
        for name in names:
            own = folder / name
            own.mkdir()
            futures[name] = pool.submit(run, name, simulator, own, way)
        results = {name: future.result() for name, future in futures.items()}
    for name, done in results.items():
        check(name, done)


RUN = ("-m", "binance_sockets", "run")
MODULE = ("-m", "binance_sockets.compat")
ENDS = ["console_entry.py", "fails.py", "restart_after_main.py", "tutorial.py"]


def test_every_script_is_in_the_table() -> None:
    """None is forgotten."""
    assert {path.name for path in SCRIPTS.glob("*.py")} == set(CASES)


@pytest.mark.timeout(180)  # a process each
def test_processes_of_scripts_end_as_they_did(tmp_path: Path) -> None:
    """What only a process can show: going on after ``sys.exit(main())``, a crash, work after the main program's end,
    ``close()``, Ctrl-C. The other files here show without processes what scripts do meanwhile; all of them run below.
    """
    run_all(ENDS, tmp_path, MODULE, speed=5)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", [RUN, MODULE], ids=["run", "module"])
def test_all_scripts_run_unmodified(way: tuple[str, ...], tmp_path: Path) -> None:
    """All of them, both ways."""
    run_all(sorted(CASES), tmp_path, way)
