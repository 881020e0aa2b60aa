"""Exit codes and missing extras."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from binance_sockets import __version__
from binance_sockets.cli import main

ROOT = Path(__file__).resolve().parents[2]


def test_version_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` prints name and version and ends with 0."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"binance-sockets, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["watch"], "Missing argument 'STREAM...'"),
        (["watch", "btcusdt@trade", "--count", "0"], "0 is not in the range"),
        (["watch", "btcusdt@trade", "--environment", "mars"], "environment: expected 'live'"),
        (["watch", "!ticker@arr"], "retired"),
        (["streams", "--product", "forex"], "'forex' is not one of"),
        (["simulate", "--port", "70000"], "70000 is not in the range"),
    ],
)
def test_wrong_usage_is_code_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong word ends with 2, says on stderr what is wrong, and leaves stdout empty."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("missing", "words", "hint"),
    [
        ("click", ["streams"], 'pip install ".[cli]"'),
        ("rich", ["streams"], 'pip install ".[cli]"'),
        ("aiohttp", ["demo"], 'pip install ".[sim]"'),
        ("aiohttp", ["simulate"], 'pip install ".[sim]"'),
    ],
)
def test_missing_extra_is_named(missing: str, words: list[str], hint: str) -> None:
    """Without an extra the command ends with 2 and names what to install, without a traceback."""
    script = (
        f"import sys; sys.modules[{missing!r}] = None; from binance_sockets.cli import main; sys.exit(main({words}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
