"""What threads have used of the processor, whatever else the process and the machine do."""

from __future__ import annotations

import threading
import time

import pytest

SIMULATOR = "binance_sockets:simulator"  # other tests keep one for the whole run


def cpu_seconds(*prefixes: str) -> float:
    """Processor time used so far by the living threads whose names begin so, the simulator's excepted."""
    if not hasattr(time, "pthread_getcpuclockid"):
        pytest.skip("this system does not tell a thread's processor time")
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.ident and thread.name.startswith(prefixes) and thread.name != SIMULATOR
    )
