"""Run the engine's WebSocket against the Autobahn|Testsuite: ``make autobahn``.

The test suite needs Python 2.7, which is looked for (``PYTHON2=/path/to/python2.7`` says where it is); everything
else is installed into ``.venv-autobahn``. A fuzzing server is started on loopback, and every case is run three times,
ten to thirty minutes in all: without compression, with it, and with it over TLS. The table counts what the server
found; its reports stay in ``.venv-autobahn/reports``. The exit code is 1 when a case failed.

``ARGS="--cases 6.* --runs plain"`` runs some cases only.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import trustme

from binance_sockets.config import Options
from binance_sockets.engine import frames
from binance_sockets.engine.clock import Cancel, Clock, Wakeup, wait_ready
from binance_sockets.engine.deflate import negotiate
from binance_sockets.engine.transport import SocketTransport
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.errors import BinanceSocketsError, ConnectError
from binance_sockets.exchange import ConnectRequest

SUITE = "autobahntestsuite==25.10.1"
VIRTUALENV = "virtualenv<20.22"  # the last that makes environments for Python 2.7
HOME = pathlib.Path(__file__).resolve().parent.parent / ".venv-autobahn"
AGENT = "binance_sockets"

MESSAGE_SIZE = 64 * 1024 * 1024  # bytes; the largest case sends 16 MiB
PIECE = 64 * 1024  # bytes of a frame that are written at once: the engine's write buffer is for small frames
CASE_TIMEOUT = 120.0  # seconds
START_TIMEOUT = 60.0  # seconds until the server listens
LINGER = 2.0  # seconds that the server gets to close the TCP connection first

# What ``wstest -m fuzzingserver`` does, but that listens on every address of the machine. Runs on Python 2.7.
SERVER = """
import json, sys
from autobahntestsuite import choosereactor, fuzzing
from twisted.internet import reactor
listen = fuzzing.listenWS
fuzzing.listenWS = lambda factory, context: listen(factory, context, interface="127.0.0.1")
fuzzing.startServer(json.load(open(sys.argv[1])), 0)
reactor.run()
"""

VERDICTS = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED")


@dataclass(frozen=True)
class Run:
    name: str
    compression: bool
    tls: bool


RUNS = (Run("plain", False, False), Run("compression", True, False), Run("tls", True, True))


# -- the client --


class Uncancelled:
    """A cancel that is never asked."""

    def __init__(self) -> None:
        self._wakeup = Wakeup()

    def fileno(self) -> int:
        return self._wakeup.fileno()

    def cancelled(self) -> bool:
        return False

    def close(self) -> None:
        self._wakeup.close()


class Conversation:
    """One WebSocket of the engine, from its handshake to its end. Nothing else here touches ``WebSocket``.

    Args:
        url: where it goes.
        transport: the engine's own.
        cancel: never asked, but needed for every wait.
        echo: send back every message.
    """

    def __init__(self, url: str, transport: SocketTransport, cancel: Cancel, echo: bool) -> None:
        self._clock: Clock = transport.clock
        self._cancel = cancel
        self._echo = echo
        self._deadline = self._clock.monotonic() + CASE_TIMEOUT
        self._stream = transport.connect(ConnectRequest(url), CASE_TIMEOUT, cancel)
        reader = frames.FrameReader(MESSAGE_SIZE, negotiate(self._stream.extensions))
        self._socket = WebSocket(self._stream, reader, self._clock.monotonic())

    def run(self) -> list[bytes]:
        """Talk until the server ends it; returns all messages where none is sent back."""
        kept: list[bytes] = []
        try:
            while self._socket.ended is None:
                if not self._socket.more:
                    wait_ready([self._stream.fileno()], False, self._deadline, self._cancel, self._clock)
                messages = self._socket.receive(self._clock.monotonic())
                if not self._echo:
                    kept += [bytes(message) for message in messages]
                elif self._socket.ended is None:  # nothing may follow our close frame
                    for message in messages:
                        self._send(frames.TEXT if isinstance(message, memoryview) else frames.BINARY, bytes(message))
                self._socket.conclude()
                self._flush()
            self._linger()
        finally:
            self._socket.close()
        return kept

    def _send(self, opcode: int, payload: bytes) -> None:
        """Send a frame whole before anything else is: a pong must not come into the middle of it."""
        self._flush()
        frame = frames.encode(opcode, payload)
        for start in range(0, len(frame), PIECE):
            self._stream.write(frame[start : start + PIECE])
            self._flush()

    def _flush(self) -> None:
        while self._socket.wants_write:
            wait_ready([self._stream.fileno()], True, self._deadline, self._cancel, self._clock)
            self._socket.flush()
            if self._socket.ended is not None and not self._socket.wants_write:
                return

    def _linger(self) -> None:
        """The server is to close the TCP connection first (RFC 6455, 7.1.1)."""
        room, limit = memoryview(bytearray(PIECE)), self._clock.monotonic() + LINGER
        with contextlib.suppress(OSError, BinanceSocketsError):
            while True:
                try:
                    if not self._stream.recv_into(room):
                        return
                except BlockingIOError:
                    wait_ready([self._stream.fileno()], False, limit, self._cancel, self._clock)


class Client:
    """Asks the fuzzing server for its cases and runs them, one after the other."""

    def __init__(self, base: str, run: Run, ca_file: str) -> None:
        self._base = base
        self._name = run.name
        options = Options(compression=run.compression, ca_file=ca_file if run.tls else None)
        self._transport = SocketTransport(options)

    def run(self) -> None:
        with contextlib.closing(Uncancelled()) as cancel:
            count = int(Conversation(f"{self._base}/getCaseCount", self._transport, cancel, False).run()[0])
            for number in range(1, count + 1):
                show_progress(self._name, number, count)
                url = f"{self._base}/runCase?case={number}&agent={AGENT}"
                try:
                    Conversation(url, self._transport, cancel, True).run()
                except (OSError, BinanceSocketsError) as exc:  # the server's verdict counts
                    print(f"\n{self._name}, number {number}: {exc!r}", file=sys.stderr)
            Conversation(f"{self._base}/updateReports?agent={AGENT}", self._transport, cancel, False).run()


def show_progress(name: str, number: int, count: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{name}: {number} of {count} ", end="\n" if number == count else "", file=sys.stderr, flush=True)


# -- the server --


def find_python2() -> str:
    """A Python 2.7: the variable ``PYTHON2``, else what is on the path, else one of pyenv's."""
    given = os.environ.get("PYTHON2")
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    candidates = [given] if given else ["python2.7", "python2", *map(str, pyenv.glob("versions/2.7*/bin/python2.7"))]
    for candidate in candidates:
        path = shutil.which(candidate)
        if path and is_python2(path):
            return path
    tried = f"{given} is no Python 2.7" if given else f"tried {', '.join(candidates)}"
    raise SystemExit(
        f"The Autobahn|Testsuite needs Python 2.7; {tried}.\n"
        "Install one (for example: pyenv install 2.7.18), or say where it is: make autobahn PYTHON2=/path/to/python2.7"
    )


def is_python2(path: str) -> bool:
    asked = [path, "-c", "import sys; sys.exit(sys.version_info[:2] != (2, 7))"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install() -> pathlib.Path:
    """Make the environment of the test suite, once. Returns its Python."""
    ready, tools, environment = HOME / f"{SUITE}.ready", HOME / "tools", HOME / "python2"
    if not ready.exists():
        python2 = find_python2()
        print(f"installing {SUITE} into {environment} ...", file=sys.stderr)
        shutil.rmtree(HOME, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        step([*pip, "--target", str(tools), VIRTUALENV])
        with_tools = {**os.environ, "PYTHONPATH": str(tools)}
        step([sys.executable, "-m", "virtualenv", "--quiet", "--python", python2, str(environment)], with_tools)
        step([str(environment / "bin" / "pip"), "install", "--quiet", "--no-python-version-warning", SUITE])
        ready.touch()
    return environment / "bin" / "python"


def step(command: list[str], environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, env=environment, check=False).returncode:
        raise SystemExit(f"this failed: {' '.join(command)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def fuzzing_server(python: pathlib.Path, run: Run, cases: list[str], folder: pathlib.Path) -> Iterator[str]:
    """A fuzzing server on a free port of loopback; yields its base URL."""
    port = free_port()
    url = f"{'wss' if run.tls else 'ws'}://127.0.0.1:{port}"
    rules: dict[str, Any] = {"url": url, "outdir": str(folder), "cases": cases}
    rules |= {"exclude-cases": [], "exclude-agent-cases": {}}
    if run.tls:
        rules |= {"key": str(HOME / "key.pem"), "cert": str(HOME / "certificate.pem")}
    spec, log = folder / "spec.json", folder / "server.log"
    spec.write_text(json.dumps(rules), encoding="utf-8")
    command = [str(python), "-c", SERVER, str(spec)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        wait_for(port, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    """Until the server listens."""
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.1)
    raise SystemExit(f"the fuzzing server does not listen; it said:\n{log.read_text(errors='replace')[-2000:]}")


def make_certificate() -> str:
    """A CA of our own and a certificate for loopback; returns the file with the CA."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(HOME / "ca.pem"))
    issued.private_key_pem.write_to_path(str(HOME / "key.pem"))
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(HOME / "certificate.pem"), append=number > 0)
    return str(HOME / "ca.pem")


# -- what was found --


def verdicts(index: dict[str, Any]) -> dict[str, str]:
    """The verdict on each case of one run; one that failed in its close handshake alone has failed too."""
    found: dict[str, str] = {}
    for case, entry in index.get(AGENT, {}).items():
        failed = "FAILED" in (entry["behavior"], entry["behaviorClose"])
        found[case] = "FAILED" if failed else entry["behavior"]
    return found


def table(results: dict[str, dict[str, str]]) -> str:
    lines = [f"{'run':<14}{'cases':>7}" + "".join(f"{verdict:>15}" for verdict in VERDICTS)]
    for name, cases in results.items():
        counts = collections.Counter(cases.values())
        lines.append(f"{name:<14}{len(cases):>7}" + "".join(f"{counts.get(verdict, 0):>15}" for verdict in VERDICTS))
    return "\n".join(lines)


def failures(results: dict[str, dict[str, str]]) -> list[str]:
    """What did not pass. A verdict that is not known is no pass."""
    passed = set(VERDICTS) - {"FAILED"}
    return [
        f"{name}: case {case} {v}" for name, cases in results.items() for case, v in cases.items() if v not in passed
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the engine's WebSocket against the Autobahn|Testsuite.")
    parser.add_argument("--cases", nargs="+", default=["*"], help="patterns of cases, such as 6.*")
    parser.add_argument("--runs", nargs="+", default=[run.name for run in RUNS], choices=[run.name for run in RUNS])
    arguments = parser.parse_args()
    python = install()
    ca_file = make_certificate()
    results: dict[str, dict[str, str]] = {}
    for run in RUNS:
        if run.name not in arguments.runs:
            continue
        folder = HOME / "reports" / run.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with fuzzing_server(python, run, arguments.cases, folder) as url:
            try:
                Client(url, run, ca_file).run()
            except ConnectError as exc:
                raise SystemExit(f"{run.name}: {exc}") from exc
        results[run.name] = verdicts(json.loads((folder / "index.json").read_text(encoding="utf-8")))
    print(table(results))
    failed = failures(results)
    print("\n".join(failed) if failed else f"nothing failed; reports in {HOME / 'reports'}")
    return 1 if failed or not all(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
