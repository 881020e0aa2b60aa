"""What ``make mutation`` mutates, by which tests, and the mutants that no test can tell from the original."""

from __future__ import annotations

__all__ = ["EQUIVALENT", "MODULES"]

#: the module, below ``binance_sockets``: the files, below ``tests``, that are run against each of its mutants.
MODULES: dict[str, tuple[str, ...]] = {
    "engine/frames.py": ("engine/test_frames.py",),
    "engine/lifecycle.py": ("engine/test_lifecycle.py",),
    "engine/timers.py": ("engine/test_timers.py",),
    "engine/subscriptions.py": ("engine/test_subscriptions.py",),
    "engine/continuity.py": ("engine/test_continuity.py",),
    "engine/roster.py": ("engine/test_roster.py",),
    "engine/backoff.py": ("engine/test_backoff.py",),
    "engine/pacing.py": ("engine/test_pacing.py",),
    "engine/requests.py": ("engine/test_requests.py", "engine/test_caller_requests.py"),
    "engine/redundancy.py": ("engine/test_redundancy.py",),
    "engine/rhythm.py": ("engine/test_rhythm.py",),
    "books/sync.py": ("books/test_sync.py",),
    "books/book.py": ("books/test_book.py",),
}

#: the module: the mutant, as the report names it: why nothing can tell it from the original.
EQUIVALENT: dict[str, dict[str, str]] = {}
