"""``binance-sockets watch`` against the embedded exchange."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from binance_sockets.cli import main
from binance_sockets.simulator import Simulator

STREAMS = ["btcusdt@trade", "btcusdt@bookTicker"]


def test_json_lines(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` prints one wrapped payload per line, as many as were asked for, and nothing else."""
    assert main(["watch", *STREAMS, "--json", "--count", "12", "--environment", exchange.environment]) == 0
    captured = capsys.readouterr()
    messages = [json.loads(line) for line in captured.out.splitlines()]
    assert len(messages) == 12
    assert {message["stream"] for message in messages} <= set(STREAMS)
    assert all(message["data"]["s"] == "BTCUSDT" for message in messages)
    assert captured.err == ""


def test_table_as_plain_lines(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal the table is plain text, one line per stream."""
    assert main(["watch", *STREAMS, "--count", "20", "--environment", exchange.environment]) == 0
    out = capsys.readouterr().out
    table = out.strip().split("\n\n")[-1].splitlines()
    assert table[0].split() == ["stream", "messages", "per", "second", "last", "price", "age", "s", "latency", "ms"]
    assert [line.split()[0] for line in table[1:]] == STREAMS
    assert sum(int(line.split()[1]) for line in table[1:]) == 20
    assert "\x1b" not in out


def test_rows_have_the_names_that_the_exchange_sends(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """A name in another spelling has its row under the exchange's."""
    words = ["watch", "BTCUSDT@depth@1000ms", "BTCUSDT@BOOKTICKER", "--count", "20"]
    assert main([*words, "--environment", exchange.environment]) == 0
    table = capsys.readouterr().out.strip().split("\n\n")[-1].splitlines()
    assert [line.split()[0] for line in table[1:]] == ["btcusdt@depth", "btcusdt@bookTicker"]
    assert sum(int(line.split()[1]) for line in table[1:]) == 20


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_products(product: str, exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """``--product`` chooses the market."""
    stream = {"usdm": "btcusdt@markPrice@1s", "coinm": "btcusd_perp@markPrice@1s"}[product]
    words = ["watch", stream, "--product", product, "--json", "--count", "1", "--environment", exchange.environment]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["data"]["e"] == "markPriceUpdate"


def test_seconds_limit(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """``--seconds`` ends it although nothing arrives."""
    assert main(["watch", "nosuchcoin@trade", "--seconds", "0.5", "--environment", exchange.environment]) == 0
    assert "nosuchcoin@trade" in capsys.readouterr().out


def test_giving_up_is_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A connection that is refused for good ends with 1 and the words of the payload."""
    with Simulator(seed=1) as exchange:
        elsewhere = exchange.url + "/nothing/here"
        assert main(["watch", "btcusdt@trade", "--environment", elsewhere]) == 1
    captured = capsys.readouterr()
    assert "Max reconnect retries reached" in captured.err


def test_closed_pipe_ends_quietly(exchange: Simulator, launch) -> None:  # type: ignore[no-untyped-def]
    """When the reader of a pipe leaves, the command ends with 0 and says nothing."""
    process = launch("watch", "btcusdt@bookTicker", "--json", "--environment", exchange.url)
    assert json.loads(process.stdout.readline())["stream"] == "btcusdt@bookTicker"
    process.stdout.close()
    assert process.wait(timeout=20) == 0
    assert process.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_is_code_130(exchange: Simulator, launch) -> None:  # type: ignore[no-untyped-def]
    """Ctrl-C ends it quietly with 130."""
    process = launch("watch", "btcusdt@bookTicker", "--json", "--environment", exchange.url)
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_live_table_on_a_terminal(exchange: Simulator) -> None:
    """On a terminal the table is drawn with its columns and redrawn in place."""
    import pty

    words = ["watch", "btcusdt@trade", "--seconds", "2", "--environment", exchange.environment]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "binance_sockets", *words], stdout=theirs, stderr=subprocess.PIPE, text=True
    )
    with open(theirs, "wb", closefd=True):
        pass
    shown = b""
    with open(ours, "rb", buffering=0) as terminal:
        while True:
            try:
                chunk = terminal.read(65536)
            except OSError:  # Linux: the other end is closed
                break
            if not chunk:
                break
            shown += chunk
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert b"btcusdt@trade" in shown
    assert b"last price" in shown
    assert b"\x1b[" in shown


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_code_1(exchange: Simulator) -> None:
    """When stdout takes nothing more, the command says so in one line and ends with 1."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "binance_sockets",
                "watch",
                "btcusdt@bookTicker",
                "--json",
                "--environment",
                exchange.url,
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
        )
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Error"], done.stderr
