"""Beginnings of cases that differ, and the row of the documentation's table that tells of it."""

from __future__ import annotations

__all__ = ["LEGACY", "THREADS"]

_KEEPS_RUNNING = "the process goes on after ``sys.exit(1)``, a crash of the main program and Ctrl-C"
_REACTOR = "the process goes on until ``reactor.stop()``"
_THREAD = "one thread, the manager's, calls back"

LEGACY = {
    "signature __init__": "``client`` must be given",
    "dropped fields": "``a`` and ``b`` of trades",
    "start_ticker_socket": "``!ticker@arr`` (``start_ticker_socket``)",
    "start_book_ticker_socket": "``!bookTicker`` of spot (``start_book_ticker_socket``)",
    "start_miniticker_socket(callback, 3000)": "``update_time=3000``",
    "wrong arguments:": "a wrong callback, and 1.x's order of arguments, fail late or say little",
    "threads of callbacks": _THREAD,
    "foreground: message": _THREAD,
    "keys of accounts": "an account's conn key is its listen key",
    "gives up: keys": "a socket that has given up keeps its key",
    "end of Ctrl-C": _KEEPS_RUNNING,
    "Ctrl-C: later": _KEEPS_RUNNING,
    "sys.exit(3): later": _KEEPS_RUNNING,
    "raises: later": _KEEPS_RUNNING,
    "end of close": _REACTOR,
    "end of stop_socket": _REACTOR,
    "second start:": "a second ``start()`` raises",
    "start first:": "a manager that is started before its first socket gets nothing",
    "two managers: two managers alive": "of several managers only the first is alive",
}
"""Those of 0.7.10, in ``docs/drop_in.rst``."""

THREADS = {
    "account key": "account sockets return ``None``",
    "account end": "a manager that had an account socket may not end after ``stop()``",
}
"""Those of 1.0.37, in ``docs/migration.rst``."""
