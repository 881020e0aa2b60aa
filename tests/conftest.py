"""Gates for every test: no leaked thread, no warning, no open socket, no network beyond loopback, no stray settings.

Warnings, unclosed sockets included, are errors through ``filterwarnings`` in ``setup.cfg``.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import pathlib
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator

import hypothesis
import pytest
from patience import PATIENCE

pytest_plugins = ["e2e.tables", "kept_secrets"]

hypothesis.settings.register_profile("dev", max_examples=50, deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", max_examples=300, deadline=None, print_blob=True)
hypothesis.settings.register_profile("nightly", max_examples=5000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

SEED = int(os.environ.get("TEST_SEED") or random.SystemRandom().randrange(2**32))
os.environ["TEST_SEED"] = str(SEED)  # for worker processes and for tests that draw from it
THREAD_PREFIX = "binance_sockets"

# A developer's own settings must not reach a test, nor a process that a test starts.
for _name in ("BINANCE_SOCKETS_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.lower(), None)

# Tests and what they start are compiled once, not by every worker and in each of the hundreds of processes anew: with
# this variable set, as in many containers, that was a third of a run.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

HERE = pathlib.Path(__file__).parent
LONGEST = (
    "test_process_life.py", "simulation/test_sweep_0.py", "simulation/test_sweep_1.py", "simulation/test_sweep_2.py",
    "simulation/test_sweep_3.py", "test_benchmarks.py", "compat/test_install.py", "test_examples.py", "test_typing.py",
    "e2e/test_input.py", "cli/test_watch.py", "e2e/test_backfill.py", "engine/test_isolation.py", "e2e/test_scale.py",
    "e2e/test_matrix.py", "e2e/test_books.py", "e2e/test_rotations.py", "test_threads.py", "cli/test_app.py",
    "cli/test_simulate.py", "compat/test_manager.py", "cli/test_demo.py", "e2e/test_fault_proxy.py", "test_peers.py",
)  # fmt: skip
"""The files that take longest, longest first; what is not here takes a few seconds at most."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: at the end no worker is to be left alone with it."""
    rank = {HERE / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """The thousands of collected tests are looked through by no garbage collection, of which tests ask for many."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """Show the seed, so that a failure can be repeated."""
    return f"random seed: TEST_SEED={SEED}, hypothesis profile: {os.environ.get('HYPOTHESIS_PROFILE', 'dev')}"


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same, printed, seed."""
    random.seed(SEED)
    print(f"TEST_SEED={SEED}")


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves one of this package's threads behind."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE
    leaked = [t for t in threading.enumerate() if t not in before and t.name.startswith(THREAD_PREFIX)]
    for thread in leaked:
        thread.join(max(0.0, deadline - time.monotonic()))
    names = [thread.name for thread in leaked if thread.is_alive()]
    assert not names, f"threads left behind: {names}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@pytest.fixture(autouse=True)
def loopback_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse, and report, every connection and name look-up beyond this machine, except in tests marked ``live``.

    Names below ``.invalid`` are refused as a name server would, and not reported.
    """
    if request.node.get_closest_marker("live"):
        yield
        return
    strays: list[str] = []

    def refuse_strays(address: object) -> None:
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            strays.append(f"connect to {address[0]}:{address[1]}")
            raise PermissionError(f"tests stay on loopback: {address[0]}")

    real_connect, real_connect_ex, real_lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def connect(self: socket.socket, address: object) -> None:
        refuse_strays(address)
        real_connect(self, address)  # type: ignore[arg-type]

    def connect_ex(self: socket.socket, address: object) -> int:
        refuse_strays(address)
        return real_connect_ex(self, address)  # type: ignore[arg-type]

    def getaddrinfo(host: object, *args: object, **kwargs: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and name and not _is_loopback(name) and not _is_literal(name):
            if not name.endswith(".invalid"):
                strays.append(f"look up {name}")
            raise socket.gaierror(socket.EAI_NONAME, f"tests do not look up names: {name}")
        return real_lookup(host, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    assert not strays, f"network beyond loopback: {strays}"


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True
