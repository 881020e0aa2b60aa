"""``binance-sockets watch`` against the embedded exchange."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cli.conftest import in_terminal
from patience import PATIENCE

from binance_sockets.cli import main
from binance_sockets.cli.symbols import unlisted
from binance_sockets.exchanges.binance import names
from binance_sockets.exchanges.binance.urls import Environment
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


def test_a_pattern_has_no_row_of_its_own(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Its streams have theirs."""
    assert main(["watch", "btc*@trade", "--count", "5", "--environment", exchange.environment]) == 0
    table = capsys.readouterr().out.strip().split("\n\n")[-1].splitlines()
    assert "btcusdt@trade" in {line.split()[0] for line in table[1:]}
    assert "*" not in "".join(table)


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


@pytest.mark.parametrize("form", [["--json"], []], ids=["json", "table"])
def test_unknown_streams_end_it(form: list[str], exchange: Simulator, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Names that nobody knows and that stay silent end it with 1, and a line that says so."""
    monkeypatch.setattr(names, "UNDOCUMENTED", 0.6)
    words = ["watch", "btcusdt@nosuch", "btcusdt@neither", *form, "--environment", exchange.environment]
    assert main(words) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "Error: no message within 1 s, and no such stream is known: btcusdt@nosuch, btcusdt@neither"


def test_an_unknown_stream_beside_a_known_one_ends_nothing(exchange: Simulator, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """What is known goes on."""
    monkeypatch.setattr(names, "UNDOCUMENTED", 0.1)
    words = ["watch", "btcusdt@nosuch", "btcusdt@bookTicker", "--json", "--seconds", "1"]
    assert main([*words, "--environment", exchange.environment]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 1


def test_seconds_limit(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """``--seconds`` ends it although nothing arrives."""
    assert main(["watch", "btcusdt@nosuch", "--seconds", "0.5", "--environment", exchange.environment]) == 0
    assert "btcusdt@nosuch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("product", "stream", "text"),
    [
        ("spot", "btcusdtt@trade", "spot lists no symbol BTCUSDTT; similar: BTCUSDT"),
        ("usdm", "nosuch@kline_1m", "usdm lists no symbol NOSUCH"),
        ("coinm", "btcusd_perb@aggTrade", "coinm lists no symbol BTCUSD_PERB; similar: BTCUSD_PERP"),
        ("options", "nosuch@optionTicker", "options lists no symbol NOSUCH"),
    ],
)
def test_an_unknown_symbol_ends_it(  # type: ignore[no-untyped-def]
    product: str, stream: str, text: str, exchange: Simulator, capsys
) -> None:
    """The exchange accepts the subscription and would send nothing for ever."""
    assert main(["watch", stream, "--product", product, "--environment", exchange.environment]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"Error: {text}")


def test_an_unknown_symbol_beside_a_known_one_is_said(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown, and the code tells in the end."""
    words = ["watch", "nosuchusdt@trade", "btcusdt@bookTicker", "--json", "--count", "2"]
    assert main([*words, "--environment", exchange.environment]) == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert captured.err.startswith("Error: spot lists no symbol NOSUCHUSDT")


def test_streams_of_another_product_that_are_served_here(exchange: Simulator) -> None:
    """USD-M's host has some streams of COIN-M."""
    listed = unlisted(Environment(exchange.environment), "usdm", ["BTCUSD_PERP", "NOSUCH"], served=True)
    assert [*listed] == ["NOSUCH"]
    assert [*unlisted(Environment(exchange.environment), "usdm", ["BTCUSD_PERP"], served=False)] == ["BTCUSD_PERP"]


def test_where_rest_does_not_answer_nothing_is_said() -> None:
    """Then it is seen whether something comes."""
    assert unlisted(Environment("http://127.0.0.1:1"), "spot", ["NOSUCHUSDT"], served=True) == {}


def test_giving_up_is_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A connection that is refused for good ends with 1 and the words of the payload."""
    with Simulator(seed=1) as exchange:
        elsewhere = exchange.url + "/nothing/here"
        assert main(["watch", "btcusdt@trade", "--environment", elsewhere]) == 1
    captured = capsys.readouterr()
    assert "Max reconnect retries reached" in captured.err


def test_closed_pipe_ends_quietly(exchange: Simulator, launch) -> None:  # type: ignore[no-untyped-def]
    """When the reader of a pipe leaves, the command ends with 0 and says nothing."""
    process = launch("watch", "btcusdt@bookTicker", "--json", "--environment", exchange.environment)
    assert json.loads(process.stdout.readline())["stream"] == "btcusdt@bookTicker"
    process.stdout.close()
    assert process.wait(timeout=PATIENCE) == 0
    assert process.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("form", [["--json"], []], ids=["json", "table"])
def test_ctrl_c_is_code_130_and_a_summary(exchange: Simulator, launch, form: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Ctrl-C ends it with 130; the last line on stderr counts messages, gaps and reconnects."""
    process = launch("watch", "btcusdt@bookTicker", *form, "--environment", exchange.environment)
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    *before, summary = errors.splitlines()
    assert before == ([] if form else [f"spot, base URL, {exchange.url.replace('http', 'ws')}/spot"])
    assert re.fullmatch(r"[1-9]\d* messages?, 0 gaps, 0 reconnects", summary)
    assert "messages" not in out or not form
    if form:
        taken = int(summary.split()[0]) - 1  # the first line was read above
        assert taken - len(out.splitlines()) in (0, 1)  # Ctrl-C may come between taking one and writing it


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_the_summary_counts_gaps_and_reconnects(launch) -> None:  # type: ignore[no-untyped-def]
    """A connection that was cut once has a gap and a reconnect in its summary."""
    with Simulator(seed=1, speed=10) as exchange:
        process = launch("watch", "btcusdt@bookTicker", "--json", "--environment", exchange.environment)
        assert process.stdout.readline()
        exchange.inject("reset")
        exchange.wait_for(lambda: len(exchange.history) == 2 and exchange.connections)
        last = exchange.sent.streams["spot", "btcusdt@bookTicker"]
        exchange.wait_for(lambda: exchange.sent.streams["spot", "btcusdt@bookTicker"] > last + 5)
        for _ in range(last + 1):  # what came before the cut, and more
            assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert errors.splitlines()[-1].endswith(" messages, 1 gap, 1 reconnect")


@pytest.mark.parametrize(
    ("words", "variable", "heading"),
    [
        (["--environment", "URL"], None, "spot, base URL, WS/spot"),
        (["--environment", "URL"], "http://127.0.0.1:1", "spot, base URL, WS/spot"),
        (["--environment", "URL", "--product", "usdm"], None, "usdm, base URL, WS/usdm"),
        ([], "URL", "spot, base URL from BINANCE_SOCKETS_BASE_URL, WS/spot"),
    ],
)
def test_heading_says_where_the_prices_come_from(  # type: ignore[no-untyped-def]
    words: list[str], variable: str | None, heading: str, exchange: Simulator, capfd, monkeypatch
) -> None:
    """Product, environment and host stand above the table, and whether a variable has chosen them."""
    monkeypatch.delenv("BINANCE_SOCKETS_BASE_URL", raising=False)
    if variable:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", variable.replace("URL", exchange.url))
    given = [word.replace("URL", exchange.url) for word in words]
    assert main(["watch", "btcusdt@bookTicker", "--count", "1", *given]) == 0
    wanted = heading.replace("WS", exchange.url.replace("http", "ws"))
    assert wanted in capfd.readouterr().err.splitlines()


def test_heading_of_a_named_environment() -> None:
    """A name of an environment stands beside its host."""
    from binance_sockets.cli.watch import _heading
    from binance_sockets.exchanges.binance.urls import Environment

    assert _heading(Environment("live"), "usdm", False) == "usdm, environment live, wss://fstream.binance.com"
    by_variable = _heading(Environment("testnet"), "spot", True)
    assert by_variable.startswith("spot, environment testnet from BINANCE_SOCKETS_BASE_URL, wss://stream.testnet.")


def test_an_unknown_stream_points_to_the_list(exchange: Simulator, capfd: pytest.CaptureFixture[str]) -> None:
    """A name that is in no table is watched all the same; stderr says which command lists what exists."""
    words = ["watch", "btcusdt@nonsense", "--product", "usdm", "--json", "--seconds", "0.1"]
    assert main([*words, "--environment", exchange.environment]) == 0
    assert "binance-sockets streams --product usdm lists the streams that exist" in capfd.readouterr().err.splitlines()


def test_prices_have_no_zeros_at_the_end(exchange: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Spot writes eight decimals; the table those that say something."""
    assert main(["watch", "btcusdt@trade", "--count", "3", "--environment", exchange.environment]) == 0
    price = capsys.readouterr().out.strip().splitlines()[-1].split()[3]
    assert re.fullmatch(r"8\d{4}(\.\d?[1-9])?", price), price


NARROW = [40, 60, 80, 100, 200]
DUMB = [60, 120]


@pytest.fixture(scope="module")
def shown(exchange: Simulator) -> Iterator[Callable[[str], tuple[int, str]]]:
    """``shown(name)``: exit code and output of a command on a terminal; all run together, as they mostly wait."""
    depth = ["watch", "btcusdt@depth20@100ms", "--environment", exchange.environment, "--seconds"]
    logs = ["-v", "watch", "btcusdt@trade", "--seconds", "1", "--environment", exchange.environment]
    with ThreadPoolExecutor(len(NARROW) + len(DUMB) + 1) as pool:
        running = {f"{columns}": pool.submit(in_terminal, *depth, "2", columns=columns) for columns in NARROW}
        for columns in DUMB:
            running[f"dumb {columns}"] = pool.submit(in_terminal, *depth, "3", columns=columns, TERM="dumb")
        running["logs"] = pool.submit(in_terminal, *logs, columns=200)
        yield lambda name: running[name].result(50)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("columns", NARROW)
def test_live_table_on_a_terminal(columns: int, shown: Callable[[str], tuple[int, str]]) -> None:
    """On a terminal the table is drawn and redrawn in place; no line is cut or too long, whatever the width."""
    code, text = shown(f"{columns}")
    assert code == 0, text
    assert "\x1b[" in text
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).split("spot, ")[-1].replace("\r", "").splitlines()
    assert max(map(len, last)) <= columns
    text = " ".join(" ".join(last).split())
    for wanted in ("base URL", "messages", "last", "latency", "age s"):
        assert wanted in text
    assert ("no room for" in text) == (columns == 40)
    stream = [line.split("  ")[0].strip() for line in last if line.startswith(("btcusdt", "@"))]
    assert "".join(stream) == "btcusdt@depth20@100ms"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("columns", DUMB)
def test_a_dumb_terminal_gets_lines(columns: int, shown: Callable[[str], tuple[int, str]]) -> None:
    """``TERM=dumb`` shows the table again and again, in the terminal's width and without an escape."""
    code, text = shown(f"dumb {columns}")
    assert code == 0, text
    assert "\x1b" not in text
    assert text.count("stream ") == 2
    assert max(map(len, text.splitlines())) <= columns


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_logs_stand_above_the_live_table(shown: Callable[[str], tuple[int, str]]) -> None:
    """What ``-v`` logs while the table stands does not break it: the last table is whole, and drawn once."""
    code, text = shown("logs")
    assert code == 0, text
    assert text.index("connecting -> open") < text.rindex("spot, base URL")
    log = next(line for line in text.splitlines() if "connecting -> open" in line)
    assert "messages" not in log


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_code_1(exchange: Simulator) -> None:
    """When stdout takes nothing more, the command says so in one line and ends with 1."""
    words = ["watch", "btcusdt@bookTicker", "--json", "--environment", exchange.environment]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "binance_sockets", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
        )
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Error"], done.stderr
