"""The machine: versions, and how many descriptors and threads it gives."""

from __future__ import annotations

import os
import platform
import ssl

from .._version import __version__
from ..engine.threads import Worker
from .findings import Finding, Outcome

__all__ = ["examine_machine"]

_FEW = 256  # descriptors; a socket takes one or two, and the program has files of its own


def examine_machine() -> list[Finding]:
    """Versions, descriptors and threads. Does not block."""
    versions = f"binance_sockets {__version__}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}"
    system = Finding("machine", "versions", Outcome.OK, f"{versions}, {platform.system()} {platform.machine()}")
    return [system, _descriptors(), _threads()]


def _descriptors() -> Finding:
    try:
        import resource
    except ImportError:  # Windows
        return Finding("machine", "descriptors", Outcome.SKIPPED, "this system has no such limit")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = _open_descriptors()
    shown = "no limit" if soft == resource.RLIM_INFINITY else f"limit {soft}"
    fact = shown + ("" if used is None else f", {used} in use")
    if soft == resource.RLIM_INFINITY or soft - (used or 0) >= _FEW:
        return Finding("machine", "descriptors", Outcome.OK, fact)
    meaning = "Each socket takes one or two descriptors; without one it cannot connect"
    return Finding("machine", "descriptors", Outcome.WARNING, fact, meaning, "Raise the limit: ulimit -n 4096")


def _open_descriptors() -> int | None:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(os.listdir(folder))
        except OSError:
            continue
    return None


def _threads() -> Finding:
    worker = Worker(lambda: None, name="binance_sockets:doctor", daemon=True)
    try:
        worker.start()
    except RuntimeError as exc:
        meaning = "Each socket runs on a thread of its own, and the system gives none"
        advice = "Raise the limit of processes (ulimit -u, or pids of the container), or free memory"
        return Finding("machine", "threads", Outcome.FAILED, str(exc), meaning, advice)
    worker.join(1.0)
    return Finding("machine", "threads", Outcome.OK, "a thread starts")
