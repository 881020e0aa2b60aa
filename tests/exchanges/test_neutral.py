"""What exchanges share belongs to none of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "binance_sockets" / "exchanges"
SHARED = sorted(path for path in FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_shared_modules_name_no_exchange(path: Path) -> None:
    """Neither code nor comment of a shared module knows an exchange; the package's own name does not count."""
    text = re.sub(r"binance_?sockets", "", path.read_text(), flags=re.IGNORECASE)
    assert re.findall(r"binance|upbit|okx|bybit|spot|usdm|coinm|futures", text, re.IGNORECASE) == []


def test_shared_modules_are_few() -> None:
    """The folder's own modules are those that the exchanges share."""
    assert {path.name for path in SHARED} >= {"rest.py", "arguments.py", "environment.py"}
