"""Other people's clients at the embedded exchange: ``make test-peers``.

    python tests/peers/run.py                                   all of them, some minutes; installs what is missing
    python tests/peers/run.py --clients ccxt --scenarios book   some of them

Each client runs in an environment of its own (``benchmarks/.envs``) against an exchange of its own, and is judged by
what the exchange knows. Clients are in ``table.py``, what they do in ``scenarios.py``, how they do it in ``clients/``.
The exit code is 1 when a client fails where it should not, or could not be installed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import trustme  # noqa: E402
from environments import Environment, EnvironmentMissing  # noqa: E402
from peers.exchange import Exchange  # noqa: E402
from peers.scenarios import HOSTS, SCENARIOS, Failed  # noqa: E402
from peers.table import CLIENTS, Client  # noqa: E402

from binance_sockets.simulator import (  # noqa: E402
    DEMO_ACCESS_KEY,
    DEMO_API_KEY,
    DEMO_API_SECRET,
    DEMO_SECRET_KEY,
)

_HARNESS = Path(__file__).resolve().parent
_INSTALLERS = 2


class Authority:
    """Vouches for the exchange where a client speaks TLS only."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._folder = tempfile.TemporaryDirectory()
        self.file = str(Path(self._folder.name) / "authority.pem")
        self._authority.cert_pem.write_to_path(self.file)

    def server(self) -> ssl.SSLContext:
        """For an exchange at 127.0.0.1, and at every name of the real one."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert("127.0.0.1", *HOSTS).configure_cert(context)
        return context


_AUTHORITY = Authority()


class Script:
    """A client's script, running one scenario. A context manager that ends it.

    Args:
        client: whose.
        scenario: which.
        exchange: a running one.
    """

    def __init__(self, client: Client, scenario: str, exchange: Exchange) -> None:
        self.product, self.passes_over = client.product, client.passes_over
        self._ends = time.monotonic() + SCENARIOS[scenario].seconds
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._folder = tempfile.TemporaryDirectory()  # some write files where they run
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        read, write = os.pipe()
        self._process = subprocess.Popen(
            [*_interpreter(client), str(client.path), scenario],
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=[write],
            cwd=self._folder.name,
            env={**os.environ, **_variables(client, scenario, exchange), "PEER_FD": str(write)},
            start_new_session=True,
        )
        os.close(write)
        self._reader = threading.Thread(target=self._read, args=(read,), daemon=True)
        self._reader.start()

    def next(self) -> Mapping[str, Any]:
        """What it says next.

        Raises:
            Failed: it has ended, or its time is over.
        """
        try:
            line = self._lines.get(timeout=max(0.0, self._ends - time.monotonic()))
        except queue.Empty:
            raise Failed("its time is over") from None
        if line is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)  # it may still say why
            raise Failed("it has ended")
        said: Mapping[str, Any] = json.loads(line)
        return said

    def last_words(self) -> str:
        """The end of what it printed."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()[-3000:]

    def __enter__(self) -> Script:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):  # with what it has started, which holds the pipe open
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        self._errors.close()
        self._folder.cleanup()

    def _read(self, read: int) -> None:
        with os.fdopen(read) as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)


def _interpreter(client: Client) -> list[str]:
    environment = Environment(client.environment)
    if environment.node:
        return ["node", str(_HARNESS / "harness.cjs")]
    return [str(environment.python), str(_HARNESS / "harness.py")]


def _variables(client: Client, scenario: str, exchange: Exchange) -> dict[str, str]:
    found = {"PEER_URL": exchange.url, "PEER_PRODUCT": client.product}
    upbit = client.product == "upbit"
    found["PEER_KEY"] = DEMO_ACCESS_KEY if upbit else DEMO_API_KEY
    found["PEER_SECRET"] = DEMO_SECRET_KEY if upbit else DEMO_API_SECRET
    environment = Environment(client.environment)
    if environment.node:
        found["NODE_PATH"] = str(environment.folder / "node_modules")
    if exchange.url.startswith("https"):
        found |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), _AUTHORITY.file)
    if SCENARIOS[scenario].led or client.led:
        found["PEER_LED"] = str(exchange.port)
    return found


def _exchange(client: Client, scenario: str) -> Exchange:
    tls = client.tls or client.led or SCENARIOS[scenario].led
    return Exchange(seed=11, ssl_context=_AUTHORITY.server() if tls else None, **client.simulator)


def try_out(client: Client, scenario: str) -> str:
    """Play one scenario. Returns "" when it went well, else what did not, with the client's last words."""
    with _exchange(client, scenario) as exchange, Script(client, scenario, exchange) as script:
        began = time.monotonic()
        try:
            SCENARIOS[scenario].play(exchange, script)
        except Failed as failure:
            failed = f"{failure}\n{script.last_words()}".rstrip()
        else:
            failed = ""
        seconds = time.monotonic() - began
    print(f"{client.name}, {scenario}: {failed or 'ok'} ({seconds:.1f} s)", file=sys.stderr, flush=True)
    return failed


def install(clients: Sequence[Client]) -> dict[str, str]:
    """Install the environments; returns those that could not be, with the reason."""

    def one(name: str) -> tuple[str, str]:
        try:
            Environment(name).install()
        except EnvironmentMissing as missing:
            return name, str(missing)
        return name, ""

    with ThreadPoolExecutor(_INSTALLERS) as pool:
        return {name: why for name, why in pool.map(one, sorted({row.environment for row in clients})) if why}


def matrix(clients: Sequence[Client], scenarios: Sequence[str], failures: Mapping[tuple[str, str], str]) -> str:
    """The table, with the reasons of what cannot work below it; cells without an entry are of clients not there."""
    width = max(len(client.name) for client in clients) + 2
    head = "".join(f"{SCENARIOS[name].title:<16}" for name in scenarios)
    rows, reasons = [" " * width + head.rstrip()], []
    for client in clients:
        cells = []
        for name in scenarios:
            if name in client.cannot:
                cells.append("-")
                reasons.append(f"{client.name}, {SCENARIOS[name].title}: {client.cannot[name]}")
            elif (client.name, name) not in failures:
                cells.append("MISSING")
            else:
                cells.append("FAILED" if failures[client.name, name] else "ok")
        rows.append(f"{client.name:<{width}}" + "".join(f"{cell:<16}" for cell in cells).rstrip())
        if client.note:
            reasons.append(f"{client.name}: {client.note}")
    return "\n".join([*rows, "", *reasons]).rstrip()


def main() -> int:
    args = _arguments()
    clients = [client for client in CLIENTS if not args.clients or any(word in client.name for word in args.clients)]
    if not clients:
        sys.exit(f"no client is called {' or '.join(args.clients)}")
    missing = install(clients)
    there = [client for client in clients if client.environment not in missing]
    wanted = [(client, name) for client in there for name in args.scenarios if name not in client.cannot]
    with ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda cell: try_out(*cell), wanted))
    failures = {(client.name, name): failed for (client, name), failed in zip(wanted, results, strict=True)}
    print(matrix(clients, args.scenarios, failures))
    for why in missing.values():
        print(f"MISSING {why}", file=sys.stderr)
    return 1 if missing or any(failures.values()) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", nargs="+", default=[], metavar="WORD", help="only those with it in their name")
    parser.add_argument("--scenarios", nargs="+", default=list(SCENARIOS), choices=list(SCENARIOS))
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
