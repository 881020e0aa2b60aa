"""Every script in ``examples`` runs, unmodified, against the embedded exchange."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from binance_sockets.simulator import Simulator

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
UNTIL_CTRL_C = {"listeners.py", "reconnect_forever.py", "trades.py"}
EXPECTED = {
    "depth.py": "bid ",
    "fake_links_test.py": "passed",
    "health.py": "'btcusdt@trade': {'messages':",
    "klines.py": "BTCUSDT 1m close ",
    "listeners.py": "btcusdt@trade: connecting -> open",
    "mark_price.py": "BTCUSDT mark ",
    "multiplex.py": "btcusdt@bookTicker ",
    "offline_test.py": "passed",
    "reconnect_forever.py": "BTCUSDT ",
    "slow_work.py": "stored ",
    "stop_from_callback.py": "mean of 10 trades: ",
    "trades.py": "BTCUSDT ",
}

# Every process of this folder's Python imports this first: it tells by a file that the main thread is over.
WATCH = """
import os, threading

def watch():
    while threading.main_thread().is_alive():
        threading.Event().wait(0.02)
    open(os.environ["MAIN_IS_OVER"], "w").close()

threading.Thread(target=watch, daemon=True).start()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends scripts by POSIX signals")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each script's watch tells of the main thread's end."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(WATCH)
    return folder


@pytest.fixture(scope="module")
def scripts(folder: Path) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """All examples, started together against one exchange, as most of their time is waiting."""
    with Simulator(seed=1, speed=5) as exchange:
        environment = {
            **os.environ,
            "BINANCE_SOCKETS_BASE_URL": exchange.url,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
        }
        running = {
            path.name: subprocess.Popen(
                [sys.executable, "-W", "error::ResourceWarning", str(path)],
                cwd=ROOT,
                env={**environment, "MAIN_IS_OVER": str(folder / path.name) + ".over"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for path in EXAMPLES
        }
        yield running
        for process in running.values():
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=10)


@pytest.mark.parametrize("name", [path.name for path in EXAMPLES])
def test_example_runs(name: str, scripts: dict[str, subprocess.Popen[str]], folder: Path) -> None:
    """The script prints what it is for and ends by itself with 0, or quietly on Ctrl-C with 130.

    Ctrl-C comes when its main thread is over, as it would for a reader of what is printed.
    """
    process = scripts[name]
    shown = ""
    if name in UNTIL_CTRL_C:
        assert process.stdout is not None
        while EXPECTED[name] not in shown:
            line = process.stdout.readline()
            assert line, process.communicate(timeout=10)
            shown += line
        deadline = time.monotonic() + 20
        while not (folder / f"{name}.over").exists():
            assert time.monotonic() < deadline, "the main thread does not end"
            threading.Event().wait(0.01)
        process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=40)
    assert EXPECTED[name] in shown + rest
    assert "Traceback" not in errors, errors
    assert process.returncode == (130 if name in UNTIL_CTRL_C else 0), errors
