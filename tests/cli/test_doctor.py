"""``binance-sockets doctor`` against the embedded exchange."""

from __future__ import annotations

import json
import os
import re

import pytest

from binance_sockets.cli import main
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo account's, as a user sets them."""
    monkeypatch.setenv("BINANCE_API_KEY", DEMO_API_KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", DEMO_API_SECRET)


def test_all_is_well(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per check, a count on stderr, the code 0, and no secret."""
    assert main(["doctor", "--environment", exchange.environment]) == 0
    out, errors = capsys.readouterr()
    assert {line.split()[0] for line in out.splitlines()} == {"ok", "skipped"}
    assert re.fullmatch(r"\d+ ok, 0 warning, 0 failed, \d+ skipped\n", errors)
    assert DEMO_API_KEY not in out
    assert DEMO_API_SECRET not in out


def test_what_is_wrong_in_words(exchange: Simulator, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """A failed check has what it means and what to do below it, and the code is 1."""
    monkeypatch.setenv("BINANCE_API_SECRET", "wrong" * 10)
    words = ["doctor", "--product", "spot", "--route", "private", "--environment", exchange.environment]
    assert main(words) == 1
    out, errors = capsys.readouterr()
    lines = out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("failed   signed spot: "))
    assert "not the one of its secret" in lines[at + 1]
    assert lines[at + 2].startswith("         -> Check that secret")
    assert "2 failed" in errors
    assert "wrong" * 10 not in out


def test_json(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` prints one object per check, with all its fields."""
    words = ["doctor", "--product", "coinm", "--compression", "--json", "--environment", exchange.environment]
    assert main(words) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(set(row) == {"check", "subject", "outcome", "fact", "meaning", "advice"} for row in rows)
    assert {"settings", "tcp", "rest", "route", "compression", "user"} <= {row["check"] for row in rows}


def test_nothing_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an exchange it ends with 1 and says what does not answer."""
    with Simulator(seed=1) as exchange:
        exchange.stop()
        assert main(["doctor", "--environment", exchange.environment]) == 1
    assert "Nothing listens there" in capsys.readouterr().out


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be used ends with 2."""
    assert main(["doctor", "--environment", "nowhere"]) == 2
    assert main(["doctor", "--proxy", "gopher://p", "--environment", "live"]) == 2
    assert "Options.proxy" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_on_a_terminal(exchange: Simulator, terminal) -> None:  # type: ignore[no-untyped-def]
    """Lines fit the terminal, and outcomes have colours."""
    code, shown = terminal("doctor", "--product", "spot", "--environment", exchange.environment, columns=50)
    assert code == 0, shown
    assert "\x1b[32mok" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, plain.splitlines())) <= 50
