"""Exit codes and missing extras."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from binance_sockets import __version__
from binance_sockets.cli import main

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(sys.executable).with_name("binance-sockets")


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
        (["watch", "btcusdt@trade", "--seconds", "nan"], "nan is not a finite number"),
        (["watch", "btcusdt@trade", "--seconds", "inf"], "inf is not a finite number"),
        (["demo", "--seconds", "NaN"], "NaN is not a finite number"),
        (["demo", "--seconds", "infinity"], "infinity is not a finite number"),
        (["demo", "--seconds", "1e999"], "1e999 is not a finite number"),
        (["simulate", "--speed", "nan"], "nan is not a finite number"),
        (["simulate", "--speed", "inf"], "inf is not a finite number"),
        (["simulate", "--volatility", "nan"], "nan is not a finite number"),
        (["simulate", "--volatility", "-1"], "-1.0 is not in the range"),
        (["simulate", "--symbols", "BTCUSDT,NOPE"], "'NOPE' is a symbol of no product"),
        (["simulate", "--symbols", " , "], "no symbol in it"),
    ],
)
def test_wrong_usage_is_code_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong word ends with 2, says on stderr what is wrong, and leaves stdout empty."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("during", "command"),
    [
        pytest.param(during, command, id=f"{during}-{name}", marks=[pytest.mark.full] * (number % 2 != other))
        for number, during in enumerate(("msgspec", "requests", "click", "aiohttp"))
        for other, (name, command) in enumerate({"module": ["-m", "binance_sockets"], "script": [str(SCRIPT)]}.items())
    ],
)
def test_ctrl_c_during_the_imports_is_quiet(during: str, command: list[str], tmp_path: Path) -> None:
    """An interrupt while the package, the command or the simulator still imports ends it with 130, without a word."""
    if not Path(command[-1]).exists() and command[0] != "-m":
        pytest.skip("the command is not installed beside this interpreter")
    (tmp_path / f"{during}.py").write_text("import signal; signal.raise_signal(signal.SIGINT)")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, *command, "simulate"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_hook_is_for_the_command_alone(tmp_path: Path) -> None:
    """A user's own program keeps Python's way to end, whatever its arguments."""
    script = tmp_path / "own.py"
    script.write_text("import sys, binance_sockets; print(sys.excepthook is sys.__excepthook__)")
    words = [sys.executable, str(script), "-m", "binance_sockets"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize(
    ("missing", "words", "hint"),
    [
        ("click", ["streams"], 'pip install ".[cli]"'),
        ("rich", ["streams"], 'pip install ".[cli]"'),
        pytest.param("aiohttp", ["demo"], 'pip install ".[sim]"', marks=pytest.mark.full),
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
