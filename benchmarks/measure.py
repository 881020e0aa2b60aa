"""One measured run: a server process, a client process, and the numbers that the client hands back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from environments import HERE, Environment
from payloads import PAYLOADS, UPBIT, streams
from server import Setup


@dataclass(frozen=True)
class Client:
    """A client program.

    Args:
        name: as shown in the tables.
        environment: a key of ``environments.PACKAGES``, or ``""`` for this interpreter.
        script: file in ``clients/``.
        variant: handed to the script.
        payloads: the payloads that it can take; empty means all of Binance.
        tls: ``True`` or ``False`` if it can take only that.
    """

    name: str
    environment: str
    script: str
    variant: str = ""
    payloads: tuple[str, ...] = ()
    tls: bool | None = None

    def takes(self, payload: str, tls: bool) -> bool:
        return payload in (self.payloads or PAYLOADS) and self.tls in (None, tls)


_SINGLE = tuple(payload for payload in PAYLOADS if payload != "combined")

CLIENTS: dict[str, Client] = {
    client.name: client
    for client in (
        Client("limit", "loops", "limit.py", "orjson"),
        Client("limit-msgspec", "", "limit.py", "msgspec"),
        Client("limit-frames", "loops", "limit.py", "none"),
        Client("limit-memory-bio", "loops", "limit.py", "orjson,memory-bio", tls=True),
        Client("ours", "", "ours.py", "dict"),
        Client("ours-thread", "", "ours.py", "dict,thread", tls=True),
        Client("ours-isolated", "", "ours.py", "dict,isolated", tls=True),
        Client("ours-typed", "", "ours.py", "typed"),
        Client("ours-raw", "", "ours.py", "raw"),
        Client("websocket-client", "loops", "websocket_client.py"),
        Client("websocket-client-lean", "loops", "websocket_client.py", "lean"),
        Client("binance-connector", "binance-connector", "binance_connector.py"),
        Client("python-binance-0.7.10", "python-binance-0.7.10", "python_binance_07.py"),
        Client("python-binance-1.0.37", "python-binance-1.0.37", "python_binance_1.py"),
        Client("unicorn", "unicorn", "unicorn.py", "websockets"),
        Client("unicorn-picows", "unicorn", "unicorn.py", "picows"),
        Client("binance-sdk-spot", "binance-sdk-spot", "sdk_spot.py", payloads=_SINGLE),
        Client("cryptofeed", "cryptofeed", "cryptofeed_handler.py", payloads=("aggTrade", "bookTicker"), tls=True),
        Client("websockets", "loops", "websockets_sync.py"),
        Client("websocket-rs", "websocket-rs", "websocket_rs_sync.py"),
        Client("aiohttp", "loops", "aiohttp_client.py"),
        Client("picows", "loops", "picows_client.py"),
        Client("limit-upbit", "loops", "limit.py", "orjson", payloads=(UPBIT,)),
        Client("ours-upbit", "", "ours_upbit.py", "dict", payloads=(UPBIT,)),
        Client("ours-upbit-typed", "", "ours_upbit.py", "typed", payloads=(UPBIT,)),
        Client("upbit-sdk", "upbit-sdk", "upbit_sdk.py", payloads=(UPBIT,)),
        Client("pyupbit", "pyupbit", "pyupbit_client.py", payloads=(UPBIT,), tls=True),
    )
}


@dataclass(frozen=True)
class Run:
    """What to measure. Fields not listed are those of :class:`server.Setup`.

    Args:
        client: a key of ``CLIENTS``.
        tls: ``wss`` instead of ``ws``.
        busy: what computes beside, in the client's process: ``python``, ``numpy``, ``pandas`` or several with ``+``
            between them, a thread for each.
        pinned: client and server each on a core of its own.
        checkpoints: numbers of messages at which memory is noted.
        settle: seconds between the end and the last look at memory.
        free_threaded: the GIL must be off.
        timeout: seconds for the client.
    """

    client: str
    payload: str
    messages: int
    tls: bool = False
    connections: int = 1
    rate: float | None = None
    warmup: int = 50
    pause: float = 0.0
    busy: str = ""
    big_records: bool = False
    pinned: bool = True
    checkpoints: tuple[int, ...] = ()
    settle: float = 0.0
    free_threaded: bool = False
    timeout: float = 60.0


class Bench:
    """Runs clients one at a time; holds the certificate that they trust. Use as a context manager."""

    def __enter__(self) -> Bench:
        self._folder = tempfile.TemporaryDirectory(prefix="binance-sockets-bench-")
        self._ca_file, self._certificate = _certificates(Path(self._folder.name))
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._cores: tuple[int | None, int | None] = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
        return self

    def __exit__(self, *exc: object) -> None:
        self._folder.cleanup()

    def measure(self, run: Run) -> dict[str, Any]:
        """Do ``run`` and return its row: the fields of the run, and the client's figures or an ``error``."""
        client = CLIENTS[run.client]
        server_core, client_core = self._cores if run.pinned else (None, None)
        setup = Setup(
            payload=run.payload,
            messages=run.messages,
            connections=run.connections,
            rate=run.rate,
            warmup=run.warmup,
            pause=run.pause,
            certificate=str(self._certificate) if run.tls else None,
            big_records=run.big_records,
            core=server_core,
        )
        row = asdict(run)
        command = [sys.executable, str(HERE / "server.py"), json.dumps(asdict(setup))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                _, port, rest_port = server.stdout.readline().split()
                task = {
                    "port": int(port),
                    "rest_port": int(rest_port),
                    "payload": run.payload,
                    "streams": streams(run.payload),
                    "wrapped": run.payload == "combined",
                    "messages": run.messages,
                    "warmup": run.warmup,
                    "connections": run.connections,
                    "latency": run.rate is not None,
                    "tls": run.tls,
                    "ca_file": str(self._ca_file),
                    "variant": client.variant,
                    "busy": run.busy,
                    "checkpoints": run.checkpoints,
                    "settle": run.settle,
                    "free_threaded": run.free_threaded,
                    "timeout": run.timeout,
                    "core": client_core,
                }
                row.update(self._client(client, task))
            finally:
                server.kill()
            row["server"] = _last_json(server.stdout.read())
        return row

    def _client(self, client: Client, task: dict[str, Any]) -> dict[str, Any]:
        environment = Environment(client.environment)
        if not environment.python.exists():
            return {"error": f"environment {client.environment} is not installed"}
        command = [str(environment.python), str(HERE / "clients" / client.script), json.dumps(task)]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                env=self._variables(client),
                timeout=task["timeout"] + 30,
                check=False,
                cwd=self._folder.name,
            )
        except subprocess.TimeoutExpired:
            return {"error": "the client process did not end"}
        for line in done.stdout.splitlines():
            if line.startswith("RESULT "):
                result: dict[str, Any] = json.loads(line[7:])
                if "error" in result:
                    result["stderr"] = done.stderr[-2000:]
                elif task["messages"] and result["messages"] != task["messages"] * task["connections"]:
                    result["error"] = f"{result['messages']} messages arrived"
                return result
        return {"error": "no result", "stderr": done.stderr[-2000:]}

    def _variables(self, client: Client) -> dict[str, str]:
        """The environment of a client: no proxy, and our certificate authority for whatever way it verifies."""
        source = {"PYTHONPATH": str(HERE.parent)} if client.script.startswith("ours") else {}
        variables = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        ca_file = str(self._ca_file)
        return {
            **variables,
            **source,
            "SSL_CERT_FILE": ca_file,
            "WEBSOCKET_CLIENT_CA_BUNDLE": ca_file,
            "REQUESTS_CA_BUNDLE": ca_file,
            "NO_PROXY": "*",
            "no_proxy": "*",
        }


_BUILT_IN = ("api.upbit.com",)  # addresses that a client knows no others beside


def _certificates(folder: Path) -> tuple[Path, Path]:
    """A throw-away certificate authority, and a certificate for this machine."""
    import trustme

    authority = trustme.CA()
    ca_file, certificate = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    authority.issue_cert("localhost", "127.0.0.1", *_BUILT_IN).private_key_and_cert_chain_pem.write_to_path(
        str(certificate)
    )
    return ca_file, certificate


def _last_json(text: str) -> Any:
    lines = text.strip().splitlines()
    return json.loads(lines[-1]) if lines else None
