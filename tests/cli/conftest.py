"""The command as a process, and an exchange for it to talk to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from patience import PATIENCE

from binance_sockets.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    """An embedded exchange in this process."""
    with Simulator(seed=1, speed=10) as running:
        yield running


@pytest.fixture
def terminal() -> Callable[..., tuple[int, str]]:
    """``terminal(*words, columns=80, lines=24, **environment)``: exit code and all that a terminal was sent."""
    return in_terminal


def in_terminal(*words: str, columns: int = 80, lines: int = 24, **environment: str) -> tuple[int, str]:
    """Run the command with a pseudo-terminal of this size as stdout and stderr, until it ends."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "binance_sockets", *words],
        cwd=ROOT,
        env={**inherited, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with open(ours, "rb", buffering=0) as screen:
        while True:
            try:
                chunk = screen.read(65536)
            except OSError:  # Linux: the other end is closed
                break
            if not chunk:
                break
            shown += chunk
    return process.wait(timeout=PATIENCE), shown.decode().replace("\r\n", "\n")


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
        process.communicate(timeout=PATIENCE)
