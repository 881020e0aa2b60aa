"""Every script in ``examples``, and the README's, runs unmodified against the embedded exchange."""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import PATIENCE

from binance_sockets import SocketManager
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = {path.name: path for path in sorted((ROOT / "examples").glob("*.py"))}
UNTIL_CTRL_C = {"listeners.py", "readme.py", "reconnect_forever.py", "trades.py"}
UNTIL_SIGTERM = {"service.py"}
UNTIL_INTERRUPTED = {"service_monitor.py"}  # by Ctrl-C in its loop
NEEDS = {"to_pandas.py": "pandas"}
EXPECTED = {
    "all_symbols.py": " pairs against USDT",
    "depth.py": "bid ",
    "fake_links_test.py": "passed",
    "health.py": "prices: open, ",
    "klines.py": "BTCUSDT 1m close ",
    "listeners.py": "btcusdt@trade: connecting -> open",
    "mark_price.py": "BTCUSDT mark ",
    "moving_average.py": "average of 20: ",
    "multiplex.py": "btcusdt@bookTicker ",
    "live_streams.py": "bnbusdt@trade 1",
    "notebook.py": "trades, last price ",
    "offline_test.py": "passed",
    "order_book.py": "best bid Level(price=",
    "order_book_by_hand.py": "best bid Level(price=",
    "read_stream.py": "5 more, the last one at ",
    "readme.py": "BTCUSDT ",
    "place_order.py": "FILLED, 0.00100000 BTC",
    "reconnect_forever.py": "BTCUSDT ",
    "service.py": "BTCUSDT ",
    "service_batches.py": "batch of 10, ",
    "service_compression.py": "compressed, if the server agreed: BTCUSDT",
    "service_connect.py": "connected: ('btcusdt@ticker',)",
    "service_errors.py": "ticker BTCUSDT",
    "service_filters.py": "looked at ",
    "service_monitor.py": "BTCUSDT candle: open ",
    "service_pool.py": "connections: 3",
    "service_quick_start.py": "price now: ",
    "service_reconnects.py": "disconnected",
    "service_subscriptions.py": "still subscribed: 6",
    "service_window.py": "BTCUSDT mean price of a minute: ",
    "slow_work.py": "stored ",
    "stop_from_callback.py": "mean of 10 trades: ",
    "to_csv.py": "stored 100 trades in trades.csv",
    "to_pandas.py": "volume",
    "trades.py": "BTCUSDT ",
    "two_markets.py": "basis ",
    "two_exchanges.py": " %",
    "upbit.py": "state: healthy",
    "typed_multiplex.py": "btcusdt@bookTicker quote ",
    "user_data.py": "CANCELED",
    "typed_trades.py": "10 trades, turnover ",
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


def first_script(page: str) -> str:
    """The first block of Python on a page."""
    text = (ROOT / page).read_text(encoding="utf-8").partition(".. code-block:: python\n\n")[2]
    lines = []
    for line in text.splitlines():
        if line and not line.startswith("   "):
            break
        lines.append(line[3:])
    return "\n".join(lines).strip() + "\n"


def test_the_first_script_is_one() -> None:
    """The README and the first page of the documentation show the same script."""
    assert first_script("README.rst") == first_script("docs/index.rst")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scripts run, and where each script's watch tells of the main thread's end."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(WATCH)
    (folder / "readme.py").write_text(first_script("README.rst"))
    return folder


def start(command: list[str], exchange: Simulator, folder: Path, name: str) -> subprocess.Popen[str]:
    """Run a script in ``folder`` against ``exchange``."""
    environment = {
        **os.environ,
        "BINANCE_SOCKETS_BASE_URL": exchange.url,
        "BINANCE_API_KEY": DEMO_API_KEY,
        "BINANCE_API_SECRET": DEMO_API_SECRET,
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "error::ResourceWarning",
        "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
        "MAIN_IS_OVER": str(folder / name) + ".over",
    }
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def read_until(process: subprocess.Popen[str], expected: str) -> str:
    """What a script prints up to and with a line that has ``expected``."""
    assert process.stdout is not None
    shown = ""
    while expected not in shown:
        line = process.stdout.readline()
        assert line, process.communicate(timeout=PATIENCE)
        shown += line
    return shown


@pytest.fixture(scope="module")
def scripts(folder: Path) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """All examples, started together against one exchange, as most of their time is waiting."""
    with Simulator(seed=1, speed=5) as exchange:
        running = {
            name: start([sys.executable, str(path)], exchange, folder, name)
            for name, path in {**EXAMPLES, "readme.py": folder / "readme.py"}.items()
            if name not in NEEDS or importlib.util.find_spec(NEEDS[name])
        }
        yield running
        for process in running.values():
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("name", [*EXAMPLES, "readme.py"])
def test_example_runs(name: str, scripts: dict[str, subprocess.Popen[str]], folder: Path) -> None:
    """The script prints what it is for and ends by itself with 0, or quietly on Ctrl-C with 130, on SIGTERM with 0.

    Ctrl-C comes when its main thread is over, as it would for a reader of what is printed.
    """
    if name not in scripts:
        pytest.skip(f"{NEEDS[name]} is not installed")
    process = scripts[name]
    shown = ""
    if name in UNTIL_CTRL_C | UNTIL_SIGTERM | UNTIL_INTERRUPTED:
        shown = read_until(process, EXPECTED[name])
    if name in UNTIL_CTRL_C:
        deadline = time.monotonic() + 20
        while not (folder / f"{name}.over").exists():
            assert time.monotonic() < deadline, "the main thread does not end"
            threading.Event().wait(0.01)
        process.send_signal(signal.SIGINT)
    if name in UNTIL_INTERRUPTED:
        process.send_signal(signal.SIGINT)
    if name in UNTIL_SIGTERM:
        process.terminate()
    rest, errors = process.communicate(timeout=40)
    assert EXPECTED[name] in shown + rest, errors
    assert "Traceback" not in errors, errors
    assert process.returncode == (130 if name in UNTIL_CTRL_C else 0), errors


def test_the_file_of_the_csv_example_is_whole(scripts: dict[str, subprocess.Popen[str]], folder: Path) -> None:
    """Every trade once, in order, in the exchange's own digits."""
    scripts["to_csv.py"].wait(timeout=40)
    with open(folder / "trades.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 100
    numbers = [int(row["id"]) for row in rows]
    assert numbers == list(range(numbers[0], numbers[0] + 100))
    assert {row["symbol"] for row in rows} == {"BTCUSDT"}


def test_a_notebook_cell_may_run_again() -> None:
    """The second run of the first cell closes the sockets of the first, so that no message comes twice."""
    cells = EXAMPLES["notebook.py"].read_text(encoding="utf-8").split("# %% ")
    assert len(cells) == 4
    with Simulator(seed=1, speed=5) as exchange, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BINANCE_SOCKETS_BASE_URL", exchange.url)
        names: dict[str, object] = {}
        exec("#" + cells[1], names)
        first = names["manager"]
        exec("#" + cells[1], names)
        second = names["manager"]
        try:
            assert isinstance(first, SocketManager) and isinstance(second, SocketManager)
            assert first is not second
            assert not first.is_alive() and second.is_alive()
            exec("#" + cells[2], names)
        finally:
            exec("#" + cells[3], names)
        assert not second.is_alive()


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare, to make a process with the number 1")
def test_sigterm_ends_the_service_as_process_1(folder: Path) -> None:
    """As in a container without an init process, where the system drops a SIGTERM that has no handler."""
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody make a process namespace")
    with Simulator(seed=1, speed=5) as exchange:
        process = start([*unshare, sys.executable, str(EXAMPLES["service.py"])], exchange, folder, "process_1")
        try:
            read_until(process, EXPECTED["service.py"])
            (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            (numbers,) = re.findall("NSpid:(.*)", Path(f"/proc/{child}/status").read_text())
            assert numbers.split()[-1] == "1"
            os.kill(int(child), signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert [line for line in errors.splitlines() if "BINANCE_SOCKETS_BASE_URL" not in line] == []
