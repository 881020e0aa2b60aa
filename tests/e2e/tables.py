"""Lines that tests want printed at the end of a run, by title. A plugin of the run (see ``tests/conftest.py``)."""

from __future__ import annotations

from collections import defaultdict

import pytest

TABLES: defaultdict[str, list[str]] = defaultdict(list)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker process hands its lines to the process that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["tables"] = dict(TABLES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take the lines of a worker process."""
    for title, lines in getattr(node, "workeroutput", {}).get("tables", {}).items():
        known = TABLES[title]
        known.extend(line for line in lines if line not in known)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured and compared."""
    for title, lines in TABLES.items():
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)
