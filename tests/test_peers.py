"""The table of other people's clients is complete and well-formed. ``make test-peers`` runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from peers.scenarios import SCENARIOS
from peers.table import CLIENTS, SCRIPTS, Client

ROOT = Path(__file__).resolve().parent.parent
FUNCTION = re.compile(
    r"^(?:async )?def (\w+)\(|^  (?:async )?(\w+)(?:\(exchange\) {|: (?:async )?\(exchange\) =>)|^(\w+) = \w+$", re.M
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts report through an inherited pipe")


def run(clients: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the runner's program on other clients: those of an expression."""
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests' / 'peers')!r})\n"
        "import run\n"
        "from run import Client\n"
        f"run.CLIENTS = {clients}\n"
        "sys.exit(run.main())"
    )
    command = [sys.executable, "-c", script, *arguments]
    environment = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env=environment)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_client_has_a_script_for_each_scenario_or_a_reason(client: Client) -> None:
    """Each cell of the matrix is tried, or says why not."""
    defined = {name for names in FUNCTION.findall(client.path.read_text()) for name in names if name}
    assert client.cannot.keys() <= SCENARIOS.keys()
    assert all(reason for reason in client.cannot.values())
    assert SCENARIOS.keys() - defined <= client.cannot.keys()


def test_every_client_is_in_the_table_once() -> None:
    """Names are unique, each script belongs to a client, and each environment exists with the version of the name."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from environments import PACKAGES
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    assert len({client.name for client in CLIENTS}) == len(CLIENTS)
    assert {client.script for client in CLIENTS} == {path.name for path in SCRIPTS.iterdir() if path.is_file()}
    for client in CLIENTS:
        version = re.search(r"\d+(?:\.\d+)+", client.name)
        assert version is not None
        assert any(package.endswith(version[0]) for package in PACKAGES[client.environment]), client.name


def test_a_client_is_judged_by_what_the_exchange_knows(tmp_path: Path) -> None:
    """A client that reads the streams is fine; one that makes up trades, a book and symbols is not, and is named."""
    liar = tmp_path / "liar.py"
    liar.write_text(
        "def streams(exchange):\n"
        "    exchange.asked('trade', 'kline', 'bookTicker')\n"
        "    exchange.trade(1, '86000.00', '0.1')\n"
        "def book(exchange):\n"
        "    exchange.book([['86000', '1']] * 5, [['86001', '1']] * 5)\n"
        "def rest(exchange):\n"
        "    exchange.rest(['NOSUCHUSDT'])\n"
        "def reconnect(exchange):\n"
        "    raise SystemExit('gave up')\n"
        "def orders(exchange):\n"
        "    exchange.reply('place', 1, 'NEW')\n"
        "def hosts(exchange):\n"
        "    exchange.trade(1, '86000.00', '0.1')\n"
    )
    lacking = dict.fromkeys(("book", "rest", "reconnect", "orders", "hosts"), "not tried")
    honest = f"Client('honest', '', 'websockets_plain.py', {lacking})"
    done = run(f"[{honest}, Client('liar', '', {str(liar)!r})]", "--jobs", "4")
    assert done.returncode == 1, done.stderr
    cells = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:3]}
    assert cells == {"honest": ["ok", *"-" * 5], "liar": ["FAILED"] * 6}
    assert "honest, local book: not tried" in done.stdout
    for text in ("no such trade", "never was the book", "NOSUCHUSDT", "knows nothing of this", "gave up"):
        assert text in done.stderr


def test_a_missing_client_fails_the_run() -> None:
    """A client that cannot be installed makes the runner end with 1, and is named."""
    clients = "[Client('absent', 'node-absent', 'binance_node.cjs')]"
    done = run(f"{clients}; import environments; environments.PACKAGES['node-absent'] = ('absent',)", PATH="")
    assert (done.returncode, "absent" in done.stderr and "no npm" in done.stderr) == (1, True), done.stderr
    assert done.stdout.splitlines()[1].split() == ["absent", *["MISSING"] * 6]
