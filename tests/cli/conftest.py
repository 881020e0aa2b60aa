"""The command as a process, and an exchange for it to talk to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from binance_sockets.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    """An embedded exchange in this process."""
    with Simulator(seed=1, speed=10) as running:
        yield running


@pytest.fixture
def launch() -> Iterator[Launch]:
    """``launch(*words, **environment)`` starts the command; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, command: tuple[str, ...] = ("-m", "binance_sockets"), **environment: str) -> object:
        process = subprocess.Popen(
            [sys.executable, "-W", "error::ResourceWarning", *command, *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
