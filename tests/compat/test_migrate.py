"""``binance-sockets migrate``: scripts are read, and their imports rewritten; nothing of them runs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.cli import main
from binance_sockets.migrate import Report, examine

OLD = """\
# -*- coding: utf-8 -*-
import json, time
from binance.client import Client  # REST
from binance.websockets import (
    BinanceSocketManager,  # sockets
)
from binance.enums import *
from twisted.internet import reactor

client = Client("", "")
bm = BinanceSocketManager(client, user_timeout=60)


def process(msg):
    print(msg)


key = bm.start_trade_socket("BNBBTC", process)
bm.start_ticker_socket(process)
bm.start_multiplex_socket(["bnbbtc@trade", "!bookTicker"], process)
bm.start_user_socket(process)
client.get_klines(symbol="BNBBTC", interval=KLINE_INTERVAL_1MINUTE)
assert key in bm._conns
bm.start()
reactor.callLater(3, reactor.stop)
"""

THREADS = """\
from binance import ThreadedDepthCacheManager, ThreadedWebsocketManager

twm = ThreadedWebsocketManager()


def process(msg):
    print(msg)


"""

NEW = """\
# -*- coding: utf-8 -*-
import json, time
from binance_sockets.compat.client import Client  # REST
from binance_sockets.compat import (
    BinanceSocketManager,  # sockets
)
from binance_sockets.compat.enums import *
from binance_sockets.compat.reactor import reactor
"""


def named(report: Report, kind: str) -> dict[str, int]:
    """Names of findings, and their lines."""
    return {finding.name: finding.line for finding in report.findings if finding.kind == kind}


def test_a_script_for_07_is_understood() -> None:
    """What works, what differs and what is gone, each with its line."""
    report = examine(OLD)
    assert report.dialect == "python-binance 0.7"
    same = {"BinanceSocketManager": 11, "start_trade_socket": 18, "client.get_klines": 22, "_conns": 23}
    assert named(report, "same") == {**same, "reactor.callLater": 25}
    assert named(report, "differs") == {"start_multiplex_socket": 20, "start_user_socket": 21}
    assert named(report, "gone") == {"start_ticker_socket": 19, "!bookTicker": 20}
    assert named(report, "by hand") == {}
    assert "2022-12-07" in next(found.text for found in report.of("gone") if found.line == 20)


def test_imports_are_rewritten_and_nothing_else() -> None:
    """Comments, parentheses and everything below the imports stay; a second time there is nothing to do."""
    found = examine(OLD).rewritten
    assert found == NEW + OLD[OLD.index("\nclient = ") :]
    assert examine(found).rewritten == found


def test_a_rest_call_that_is_not_here_keeps_python_binance() -> None:
    """Client, enums and exceptions belong together: one call that is lacking keeps them all where they are."""
    report = examine(OLD + "client.get_sub_account_futures_transfer_history()\n")
    assert "from binance.client import Client" in report.rewritten
    assert "from binance.enums import *" in report.rewritten
    assert "from binance_sockets.compat import (" in report.rewritten
    assert {"client.get_sub_account_futures_transfer_history", "binance.client"} <= named(report, "by hand").keys()


def test_calls_that_the_exchange_ended_are_named() -> None:
    """0.7's calls under /wapi are gone."""
    assert named(examine(OLD + "client.withdraw(asset='BTC')\n"), "gone")["client.withdraw"] == 26


def test_a_script_for_1x_threads() -> None:
    """The sockets go over, the REST client stays; coroutines, swapped arguments and asyncio are for its author."""
    report = examine(
        "from binance import Client, ThreadedWebsocketManager  # both\n"
        "from binance.exceptions import BinanceAPIException\n"
        "async def later(message): ...\n"
        "twm = ThreadedWebsocketManager()\n"
        "twm.start_kline_socket(callback=later, symbol='BNBBTC')\n"
        "twm.start_trade_socket('BNBBTC', print)\n"
        "twm.start_user_socket(print)\n"
        "twm.start_aggtrade_futures_socket(print, 'BNBBTC')\n"
    )
    assert report.dialect == "python-binance 1.x, threads"
    assert report.rewritten.startswith(
        "from binance import Client\nfrom binance_sockets.compat import ThreadedWebsocketManager  # both\n"
        "from binance.exceptions import BinanceAPIException\n"
    )
    by_hand = {"start_kline_socket": 5, "start_trade_socket": 6, "binance": 1, "binance.exceptions": 2}
    assert named(report, "by hand") == by_hand
    assert named(report, "differs") == {"start_user_socket": 7}
    assert named(report, "same") == {"ThreadedWebsocketManager": 4, "start_aggtrade_futures_socket": 8}


def test_a_callback_in_the_other_order_is_told() -> None:
    """1.x's order in a script for 0.7, and methods of the other one."""
    report = examine(OLD + "bm.start_kline_socket(process, '1m')\nbm.start_symbol_miniticker_socket('B', process)\n")
    found = {finding.line: finding.text for finding in report.of("by hand")}
    assert "1.x had the callback first" in found[26]
    assert "1.x" in found[27]


@pytest.mark.parametrize(
    ("source", "call"),
    [
        (OLD, "bm.start_kline_socket('BNBBTC', '1m', process)"),
        (OLD, "bm.start_kline_socket('BNBBTC', callback='1m')"),
        (OLD, "bm.start_depth_socket('BNBBTC', '5', process)"),
        (OLD, "bm.start_miniticker_socket(1000, process)"),
        (OLD, "bm.start_multiplex_socket(process, ['bnbbtc@trade'])"),
        (OLD, "bm.start_multiplex_socket(streams=lambda m: None, callback=['bnbbtc@trade'])"),
        (OLD, "bm.start_symbol_mark_price_socket(process, 'BTCUSDT')"),
        (THREADS, "twm.start_kline_socket('BNBBTC', process, '1m')"),
        (THREADS, "twm.start_multiplex_socket(['bnbbtc@trade'], process)"),
        (THREADS, "twm.start_depth_cache('BNBBTC', process)"),
    ],
)
def test_arguments_in_another_order_are_told(source: str, call: str) -> None:
    """Wherever the method has its callback: the text has the order of that method."""
    report = examine(source + call + "\n")
    (found,) = [each for each in report.of("by hand") if each.line == source.count("\n") + 1]
    assert found.name == call.partition(".")[2].partition("(")[0]
    assert "the order is (" in found.text and "callback" in found.text


@pytest.mark.parametrize(
    ("source", "call"),
    [
        (OLD, "bm.start_kline_socket('BNBBTC', process, '1m')"),
        (OLD, "bm.start_kline_socket(*arguments)"),
        (OLD, "bm.start_kline_socket('BNBBTC', *arguments)"),
        (OLD, "bm.start_depth_socket(symbol=name, **more)"),
        (OLD, "bm.start_trade_socket(symbol, self.handlers['trade'])"),
        (OLD, "bm.start_trade_socket('BNBBTC', make(process))"),
        (THREADS, "twm.start_kline_socket(process, symbol='BNBBTC')"),
    ],
)
def test_arguments_in_order_are_not_found_fault_with(source: str, call: str) -> None:
    """Nor those that only a run could tell."""
    assert named(examine(source + call + "\n"), "by hand") == named(examine(source), "by hand")


def test_what_subclasses_import_goes_over() -> None:
    """Factories, ``connectWS``, ``ssl`` and the reactor of ``binance.websockets``, which 1.x has not."""
    names = "BinanceClientFactory, BinanceClientProtocol, BinanceSocketManager, Client, connectWS, reactor, ssl"
    report = examine(f"from binance.websockets import {names}\n")
    assert named(report, "by hand") == {}
    found: dict[str, object] = {}
    exec(report.rewritten, found)
    assert found.keys() >= set(names.split(", "))
    left = examine("from binance.websockets import BinanceSocketManager, ujson\n")
    assert [each.text for each in left.of("by hand") if "no python-binance from 1.0" in each.text]


def test_other_scripts_are_none_of_its_business() -> None:
    """No sockets of python-binance: no findings, the same text. asyncio is named."""
    for text in ("", "import json\n", "from httpx import AsyncClient\n", "from binance.client import Client\n"):
        report = examine(text)
        assert (report.dialect, report.findings, report.rewritten) == (None, (), text)
    report = examine("from binance import AsyncClient, BinanceSocketManager\n")
    assert report.dialect is None
    assert named(report, "by hand") == {"AsyncClient": 1}


def test_twisted_itself_stays() -> None:
    """Only the reactor has a stand-in."""
    report = examine(
        "from binance.websockets import BinanceSocketManager\nfrom twisted.internet import reactor, task\n"
        "reactor.listenTCP(80, None)\n"
    )
    assert report.rewritten.splitlines()[1:3] == [
        "from binance_sockets.compat.reactor import reactor",
        "from twisted.internet import task",
    ]
    assert named(report, "by hand") == {"twisted.internet": 2, "reactor.listenTCP": 3}


MODULES = [
    "from binance.websockets import BinanceSocketManager",
    "from binance.client import Client as C",
    "from binance import BinanceSocketManager as Bm, Client",
    "from   binance.depthcache   import (DepthCache,\n      DepthCacheManager)",
    "from twisted.internet import reactor",
    "from binance.enums import *",
    "import os",
    "x = 'ä'",
]
BEFORE = ["", "x = 1; ", "y = 'ü'; "]
AFTER = ["", "  # from binance.websockets import x", "; y = 2", "; y = 'from binance import Client'"]


@given(
    statements=st.lists(st.tuples(st.sampled_from(BEFORE), st.sampled_from(MODULES), st.sampled_from(AFTER))),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_what_is_rewritten_is_python_and_imports_the_same_names(
    statements: list[tuple[str, str, str]], end: str, last: bool
) -> None:
    """Whatever stands around imports: the result parses, binds the same names, keeps other statements, is final."""
    text = "\n".join("".join(statement) for statement in statements).replace("\n", end) + (end if last else "")
    found = examine(text).rewritten

    def meaning(source: str) -> tuple[list[str], list[str]]:
        names, others = [], []
        for node in ast.parse(source).body:
            if isinstance(node, ast.ImportFrom):
                names += [f"{alias.name} {alias.asname}" for alias in node.names]
            else:
                others.append(ast.unparse(node))
        return sorted(names), others

    assert meaning(found) == meaning(text)
    assert examine(found).rewritten == found
    assert found.count("\r\n") == (found.count("\n") if "\r\n" in text else 0)
    assert [line.partition("#")[2] for line in found.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in text.splitlines() if "#" in line
    ]


def test_the_command_lists_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --write nothing changes; with it the file keeps its encoding, its line ends and all else."""
    script = tmp_path / "bot.py"
    text = "# coding: latin-1\r\nfrom binance.websockets import BinanceSocketManager\r\nname = 'M\xfcller'\r\n"
    script.write_bytes(text.encode("latin-1"))
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "x.py").write_text("print 'not read'")
    (tmp_path / "other.py").write_text("import json\n")
    assert main(["migrate", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert f"{script}: python-binance 0.7" in shown.out
    assert "1 of 2 files" in shown.err
    assert script.read_bytes() == text.encode("latin-1")
    assert main(["migrate", "--diff", str(script)]) == 0
    assert "+from binance_sockets.compat import BinanceSocketManager" in capsys.readouterr().out
    assert main(["migrate", "--write", str(script)]) == 0
    assert script.read_bytes() == text.replace("binance.websockets", "binance_sockets.compat").encode("latin-1")


def test_the_command_goes_on_after_a_file_that_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python 2, foreign bytes and absurd nesting are told by name, and end with 1."""
    (tmp_path / "a.py").write_text("print 'x'\n")
    (tmp_path / "b.py").write_bytes(b"x = '\xff\xfe'\n")
    (tmp_path / "c.py").write_text("x = " + "-" * 100_000 + "1\n")
    (tmp_path / "d.py").write_text(OLD + "'\\d'\n")
    assert main(["migrate", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert all(f"{name}.py: cannot be read" in shown.err for name in "abc")
    assert "d.py: python-binance 0.7" in shown.out
    assert "1 of 4 files" in shown.err
