"""Lines that tests want printed at the end of a run, by title."""

from __future__ import annotations

from collections import defaultdict

TABLES: defaultdict[str, list[str]] = defaultdict(list)
