"""The benchmarks run: every piece once with a handful of messages. Times are never asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")


def program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the programs to its end."""
    command = [sys.executable, str(BENCHMARKS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=dict(os.environ))


def test_measures_and_writes_the_report(tmp_path: Path) -> None:
    """A burst is measured for limit and ours with every message counted; the documentation is written from it."""
    kept = tmp_path / "results" / "full.json"
    done = program(
        "run.py", "--scenario", "burst", "--payload", "trade", "--tls", "tls", "--clients", "limit-msgspec,ours",
        "--messages", "300", "--repetitions", "1", "--output", str(kept),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    entries = json.loads(kept.read_text())["burst"]["entries"]
    assert [(entry["client"], entry["tls"], entry["messages"], entry["error"]) for entry in entries] == [
        ("limit-msgspec", True, 300, None),
        ("ours", True, 300, None),
    ]
    assert all(entry["us"][0] > 0 for entry in entries)
    assert "ours" in done.stdout
    script = "import sys, pathlib, report; print(*report.write(*map(pathlib.Path, sys.argv[1:])))"
    command = [sys.executable, "-c", script, str(kept.parent), str(tmp_path / "docs")]
    subprocess.run(command, check=True, cwd=BENCHMARKS, timeout=50, capture_output=True)
    page = (tmp_path / "docs" / "topics" / "benchmarks.inc").read_text()
    assert "limit-msgspec" in page
    assert "Repetitions: burst 1. Not in this run: limit, " in page
    assert "burst-trade-tls.svg" in page
    assert (tmp_path / "docs" / "_static" / "benchmarks" / "burst-trade-tls.svg").read_text().startswith("<svg ")


@pytest.mark.full
def test_ways_to_consume_are_measured() -> None:
    """Each gets every message, and has its row beside the callback."""
    done = program("consumers.py", "--messages", "300", "--repetitions", "1", "--ways", "service")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if ".." in line]
    assert [row[0] for row in rows[1:]] == ["callback", "service"]


@pytest.mark.full
@pytest.mark.timeout(300)
def test_all_ways_to_consume_are_measured() -> None:
    """As above."""
    done = program("consumers.py", "--messages", "300", "--repetitions", "1")
    assert done.returncode == 0, done.stderr


@pytest.mark.full
def test_orders_make_their_round() -> None:
    """Every order that is placed, one at a time and many in flight, is answered."""
    done = program("round_trip.py", "--clients", "ours", "--orders", "100", "--repetitions", "1")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("ours")]
    assert [row[:2] for row in rows] == [["ours", "1"], ["ours", "32"]]


@pytest.mark.full
def test_order_books_are_measured_and_end_with_the_same_levels() -> None:
    """Ours and the limit take the same changes; each has its row."""
    done = program(
        "books.py", "--made-up", "--changes", "2000", "--rounds", "1", "--books", "ours,ours-str,limit-bisect"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("ours", "limit"))]
    assert {row[0] for row in rows} == {"ours", "ours-str", "limit-bisect"}
    assert all(float(cell.replace(",", "")) >= 0 for row in rows for cell in row[1:])


def test_a_failing_client_is_reported() -> None:
    """A run that cannot succeed makes the program end with 1 and name the client; nothing is made up for it."""
    script = (
        "import dataclasses, measure, run, sys;"
        "measure.CLIENTS['ours'] = dataclasses.replace(measure.CLIENTS['ours'], variant='nonsense');"
        "sys.argv = ['run.py', '--scenario', 'burst', '--payload', 'trade', '--tls', 'plain', '--clients', 'ours',"
        " '--messages', '10', '--repetitions', '1'];"
        "sys.exit(run.main())"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, cwd=BENCHMARKS)
    assert done.returncode == 1
    assert "FAILED ours trade, plain: ConfigError" in done.stderr


def test_paces_and_stamps() -> None:
    """A paced run over several connections delivers all messages, with delays taken from their stamps."""
    script = (
        "import json, measure\n"
        "with measure.Bench() as bench:\n"
        "    row = bench.measure(measure.Run('ours', 'trade', 50, connections=3, rate=5000.0))\n"
        "print(json.dumps(row))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True, cwd=BENCHMARKS)
    row = json.loads(done.stdout)
    assert row.get("error") is None, row
    assert row["messages"] == 150
    assert -1_000_000 < row["p50"] < 50_000_000


@pytest.mark.full  # makes a virtual environment
def test_a_missing_peer_is_a_failure(tmp_path: Path) -> None:
    """A peer that cannot be installed makes the full form end with 1, and is named with the reason."""
    script = (
        "import environments, measure, pathlib, run, sys;"
        f"environments.ENVIRONMENTS = pathlib.Path({str(tmp_path)!r});"
        "environments.PACKAGES['absent'] = ('no-package-of-this-name==1',);"
        "measure.CLIENTS['absent'] = measure.Client('absent', 'absent', 'limit.py', 'orjson');"
        "sys.argv = ['run.py', '--scenario', 'burst', '--payload', 'trade', '--tls', 'plain', '--clients', 'absent',"
        " '--messages', '10', '--repetitions', '1'];"
        "sys.exit(run.main())"
    )
    nowhere = " ".join(str(tmp_path / f"no-folder-{number}") for number in range(9))  # pip warns of each
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": nowhere}
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=280, check=False, cwd=BENCHMARKS, env=environment
    )
    assert done.returncode == 1, done.stderr
    assert "FAILED absent: " in done.stderr
    assert "no-package-of-this-name" in done.stderr
    assert "no-folder" not in done.stderr


def test_a_failed_run_stands_among_the_aims() -> None:
    """An aim whose run failed is not reached, and is not left out; one that was not run is."""
    entry = {"payload": "trade", "tls": False, "connections": 1, "rate": None, "busy": "python", "big_records": False}
    runs = {"ours": [250_000.0], "websocket-client": [10_000.0], "websocket-client-lean": None}
    entries = [
        {**entry, "client": client, "per_second": speed, "error": None if speed else "no result"}
        for client, speed in runs.items()
    ]
    script = "import json, sys, tables; print(json.dumps(tables.aims(json.loads(sys.argv[1]))))"
    command = [sys.executable, "-c", script, json.dumps({"busy": entries})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True, cwd=BENCHMARKS)
    assert json.loads(done.stdout) == [
        ["ours / websocket-client, busy thread, plain, messages/s", "25", ">= 50", "NO"],
        ["ours / websocket-client-lean, busy thread, plain, messages/s", "failed", ">= 50", "NO"],
    ]


def test_profiles_the_hot_path() -> None:
    """The table of costs names every part of the path."""
    done = program("hot_path.py", "--messages", "500")
    assert done.returncode == 0, done.stderr
    for part in ("wait", "read", "frames", "decode", "callback", "bookkeeping"):
        assert f"\n{part} " in done.stdout


@pytest.mark.full
def test_shows_what_views_cost() -> None:
    """One row for each view and type of numbers."""
    done = program("views.py", "--messages", "200", "--repeat", "1")
    assert done.returncode == 0, done.stderr
    for row in ("dict ", "typed        str", "unified    float"):
        assert f"\n{row}" in done.stdout


def test_shows_what_a_message_of_upbit_costs() -> None:
    """A row for each view, beside the plain decoding."""
    done = program("upbit.py", "--messages", "50")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "trade", "dict", "typed", "unified", "raw", "json.loads"
    ]  # fmt: skip


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="there is no GIL here")
def test_free_threaded_refuses_a_gil() -> None:
    """A run that asks for free threads fails where the GIL is on after all imports."""
    script = (
        "import measure\n"
        "with measure.Bench() as bench:\n"
        "    print(bench.measure(measure.Run('ours', 'trade', 10, free_threaded=True))['error'])"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True, cwd=BENCHMARKS)
    assert done.stdout.strip() == "the GIL is on after all imports"


def test_free_threaded_says_when_it_did_not_run() -> None:
    """Without an interpreter nothing is measured, and the program says so."""
    done = program("free_threaded.py")
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "NOT RUN")


def _python(script: str) -> str:
    """What a script in the folder of the benchmarks prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=50, check=False, cwd=BENCHMARKS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_free_threaded_peers_have_rows_or_reasons() -> None:
    """A speed-up is that over one connection; a peer that fails, or switches the GIL on, has that for its figures."""
    script = (
        "import json, free_threaded as f\n"
        "from measure import Client\n"
        "class Bench:\n"
        "    def measure(self, run):\n"
        "        assert run.free_threaded\n"
        "        return {'per_second': 1000.0 * run.connections, 'us': 2.0, 'gil': run.client.endswith('picows')}\n"
        "clients = [Client(f'free-threaded-{name}', '', '') for name in ('ours', 'picows')]\n"
        "print(json.dumps(f.measure(Bench(), clients, 'trade', 10, 2)))"
    )
    assert json.loads(_python(script)) == [
        ["ours", "1", "1,000", "1.00", "2.00"],
        ["ours", "2", "2,000", "2.00", "2.00"],
        ["ours", "4", "4,000", "4.00", "2.00"],
        ["picows", "failed: 1 connections: the GIL was on", "-", "-", "-"],
    ]


def test_a_peer_that_wants_a_newer_python_has_it_or_is_missing() -> None:
    """It is not made with one that is too old, and what is missing is named."""
    script = (
        "import environments, sys, test_all\n"
        "environments.LEAST['newer'] = (sys.version_info[0], sys.version_info[1] + 1)\n"
        "environments.PACKAGES['newer'] = ('nothing==1',)\n"
        "test_all.candidates = lambda version: iter([version])\n"
        "test_all.works = lambda python, version: version == f'3.{sys.version_info[1] + 2}'\n"
        "print(environments.Environment('newer')._commands()[0][0] == f'3.{sys.version_info[1] + 2}')\n"
        "test_all.works = lambda python, version: False\n"
        "try:\n"
        "    environments.Environment('newer').install()\n"
        "except environments.EnvironmentMissing as error:\n"
        "    print(error)"
    )
    wanted = f"newer: it wants Python 3.{sys.version_info[1] + 1} or later, and there is none"
    assert _python(script) == f"True\n{wanted}"


def test_aims_beside_a_thread_that_computes() -> None:
    """The worst repetition counts."""
    entry = {"client": "ours", "payload": "trade", "connections": 1, "busy": "python", "big_records": False}
    plain = {**entry, "tls": False, "rate": None, "error": None, "per_second": [200_000.0, 220_000.0]}
    secure = {**entry, "tls": True, "rate": None, "error": None, "per_second": [150_000.0, 99_000.0]}
    paced = {**entry, "tls": True, "rate": 2000, "error": None, "p99": [20_000, 24_000], "seconds": [4.0, 4.1]}
    entries = [plain, secure, {**paced, "messages": 8000}]
    script = f"import json, tables; print(json.dumps(tables.aims({{'beside': {entries!r}}})))"
    assert json.loads(_python(script)) == [
        ["ours, TLS burst beside a busy thread, messages/s at worst", "99000", ">= 100000", "NO"],
        ["ours, TLS burst beside a busy thread, x plain at worst", "0.45", ">= 0.5", "NO"],
        ["ours, TLS, 2,000/s beside a busy thread, p99 us at worst", "24000", "<= 25000", "yes"],
        ["ours, TLS, 2,000/s beside a busy thread, duration / planned at worst", "1.02", "<= 1.05", "yes"],
    ]


@pytest.mark.full
def test_upbit_is_measured(tmp_path: Path) -> None:
    """Every message of the mix is counted, for the limit and ours in both views."""
    kept = tmp_path / "upbit.json"
    done = program(
        "run.py", "--quick", "--scenario", "upbit", "--tls", "plain", "--messages", "300", "--repetitions", "1",
        "--clients", "ours-upbit,ours-upbit-typed", "--output", str(kept),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    entries = json.loads(kept.read_text())["upbit"]["entries"]
    assert [(entry["client"], entry["error"]) for entry in entries] == [
        ("ours-upbit", None),
        ("ours-upbit-typed", None),
    ]
