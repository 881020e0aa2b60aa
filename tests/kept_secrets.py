"""No secret in any output of the suite: every key that comes into being while it runs is searched for in all it says.

A plugin of the run (see ``conftest.py``). Known are API keys, their secrets, private keys, signatures, listen keys and
tokens, as soon as the package has them. Searched are records of logging at every level that a test opens, captured
output, output of child processes, texts of this package's errors, ``repr`` and ``snapshot()`` of managers, and what a
simulator shows of its connections.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Generator, Iterator
from functools import wraps
from typing import Any

import pytest
from binance_keys import DOC_KEY, DOC_SECRET

from binance_sockets import ApiKey, errors
from binance_sockets.exchanges.binance import credentials
from binance_sockets.manager import Manager
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator

SHORTEST = 16
"""Characters of the shortest text that is taken for a secret: shorter ones are words."""

_PUBLIC = frozenset({DEMO_API_KEY, DEMO_API_SECRET})  # known to anyone, and printed for users
_RECORDS = 20  # of each kind, the latest
_VARIABLES = ("BINANCE_API_KEY", "BINANCE_API_SECRET", "BINANCE_PRIVATE_KEY_PASSPHRASE")


class Keeper(logging.Handler):
    """Knows the secrets, and notes where one was said."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self._secrets = {DOC_KEY, DOC_SECRET}
        self.said: list[str] = []

    def learn(self, *secrets: object) -> None:
        """Search for these from now on."""
        for secret in secrets:
            text = secret.decode(errors="replace") if isinstance(secret, bytes) else secret
            if isinstance(text, str) and len(text.strip()) >= SHORTEST and text.strip() not in _PUBLIC:
                self._secrets.add(text.strip())

    def search(self, where: str, text: object) -> None:
        """Note each secret in a text; of the secret itself no more than its start."""
        if isinstance(text, bytes):
            text = text.decode(errors="replace")
        if isinstance(text, str) and len(text) >= SHORTEST:
            self.said += [f"{secret[:4]}... in {where}" for secret in tuple(self._secrets) if secret in text]

    def emit(self, record: logging.LogRecord) -> None:
        self.search(f"log of {record.name}", record.getMessage())
        if record.exc_info:
            self.search(f"traceback in the log of {record.name}", logging.Formatter().formatException(record.exc_info))

    def told(self) -> list[str]:
        """What was said since the last call."""
        said, self.said = self.said, []
        return said


keeper = Keeper()


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the package and to what it says, until the run is over."""
    patch = pytest.MonkeyPatch()
    _after(patch, ApiKey, "__init__", lambda key, *given, **named: keeper.learn(*given, *named.values()))
    _after(patch, credentials.ListenKey, "_given", lambda held, *_, **__: keeper.learn(held.key))
    _after(patch, credentials.ListenToken, "_fetch", lambda held, *_: keeper.learn(held.token))
    _learn_results(patch, ApiKey, "sign")
    for name in errors.__all__:
        kind = getattr(errors, name)
        if isinstance(kind, type) and "__init__" in vars(kind):
            _after(patch, kind, "__init__", _search_error)
    _before(patch, Manager, "close", _search_manager)
    _before(patch, Simulator, "stop", _search_simulator)
    _before(patch, subprocess.Popen, "__init__", _learn_environment)
    _search_children(patch)
    logging.getLogger().addHandler(keeper)
    config.add_cleanup(patch.undo)
    config.add_cleanup(lambda: logging.getLogger().removeHandler(keeper))


@pytest.fixture(autouse=True)
def secrets_are_kept() -> Iterator[None]:
    """Fail a test during which a secret was said, or before it since the last one."""
    yield
    said = keeper.told()
    assert not said, f"secrets were said: {said}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a passed test has printed counts, too."""
    report = yield
    if report.passed and report.when == "teardown":
        for title, text in report.sections:
            keeper.search(title, text)
        if said := keeper.told():
            report.outcome, report.longrepr = "failed", f"secrets were said: {said}"
    return report


def _search_error(error: BaseException, *_: object, **__: object) -> None:
    try:
        text = f"{error} {error!r}"
    except AttributeError:  # an inner class's part of it; the outer one comes
        return
    keeper.search(type(error).__name__, text)


def _search_manager(manager: Any, *_: object, **__: object) -> None:
    keeper.search("repr of a manager", repr(manager))
    keeper.search("snapshot()", repr(manager.snapshot()))


def _search_simulator(simulator: Simulator, *_: object, **__: object) -> None:
    for rows in (simulator.connections, simulator.closed_connections, simulator.history):
        keeper.search("record of a simulator", repr(rows[-_RECORDS:]))


def _learn_environment(*_: object, **named: Any) -> None:
    keeper.learn(*((named.get("env") or {}).get(name) for name in _VARIABLES))


def _search_children(patch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen.communicate

    @wraps(real)
    def communicate(*args: Any, **named: Any) -> Any:
        outputs = real(*args, **named)
        for output in outputs:
            keeper.search("output of a child process", output)
        return outputs

    patch.setattr(subprocess.Popen, "communicate", communicate)


def _after(patch: pytest.MonkeyPatch, owner: type, name: str, look: Callable[..., object]) -> None:
    real = getattr(owner, name)

    @wraps(real)
    def call(*args: Any, **named: Any) -> Any:
        result = real(*args, **named)
        look(*args, **named)
        return result

    patch.setattr(owner, name, call)


def _before(patch: pytest.MonkeyPatch, owner: type, name: str, look: Callable[..., object]) -> None:
    real = getattr(owner, name)

    @wraps(real)
    def call(*args: Any, **named: Any) -> Any:
        look(*args, **named)
        return real(*args, **named)

    patch.setattr(owner, name, call)


def _learn_results(patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    real = getattr(owner, name)

    @wraps(real)
    def call(*args: Any, **named: Any) -> Any:
        result = real(*args, **named)
        keeper.learn(result)
        return result

    patch.setattr(owner, name, call)
