"""Tables that fit a width without losing a letter."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from binance_sockets.cli.board import Board
from binance_sockets.cli.columns import fold, lay_out, printable, unseen
from binance_sockets.cli.feed import Message

TITLES = ("stream", "messages", "per second", "last price")
ROWS = [
    ("btcusdt@depth20@100ms", "12345", "12.5", "86000.01"),
    ("测试usdt@trade", "7", "0.1", "2.3"),
    ("!miniTicker@arr", "0", "0.0", "-"),
]


@pytest.mark.parametrize("width", [30, 40, 44, 60, 80, 100, 200, None])
def test_nothing_is_lost_and_nothing_too_wide(width: int | None) -> None:
    """Every cell of a shown column stands whole in its column; every line fits; hidden columns are named."""
    laid = lay_out(TITLES, ROWS, width, least=14, right=TITLES[1:])
    lines = [*laid.head, *laid.body, *unseen(laid.hidden, width)]
    assert width is None or max(map(cell_len, lines)) <= width
    shown = len(TITLES) - len(laid.hidden)
    letters = sorted("".join("".join(row[:shown]) for row in (TITLES, *ROWS)).replace(" ", ""))
    assert sorted("".join([*laid.head, *laid.body]).replace(" ", "")) == letters
    assert list(TITLES[shown:]) == laid.hidden
    assert all(title in " ".join(lines) for title in laid.hidden)


def test_numbers_stand_below_each_other() -> None:
    """Numbers end where their title ends, also beside letters of double width."""
    laid = lay_out(TITLES, ROWS, 80, least=14, right=TITLES[1:])
    ends = [{cell_len(line[: match.end()]) for match in re.finditer(r"\S(?=  |$)", line)} for line in laid.body]
    title_ends = {cell_len(laid.head[0][: match.end()]) for match in re.finditer(r"\S(?=  |$)", laid.head[0])}
    assert all(title_ends - {len("stream")} <= row for row in ends)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("btcusdt@trade", 20, ["btcusdt@trade"]),
        ("btcusdt@depth20@100ms", 16, ["btcusdt@depth20", "@100ms"]),
        ("btcusdt@kline_1m", 14, ["btcusdt", "@kline_1m"]),
        ("<symbol>@kline_<interval>[@<timezone>]", 30, ["<symbol>@kline_<interval>", "[@<timezone>]"]),
        ("start_symbol_mark_price_socket", 16, ["start_symbol_", "mark_price_", "socket"]),
        ("EquityUpdate, HK_EquityUpdate", 18, ["EquityUpdate,", "HK_EquityUpdate"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("", 3, [""]),
    ],
)
def test_breaks_where_a_reader_expects_them(text: str, width: int, lines: list[str]) -> None:
    """Between words, else between the parts of a name, else anywhere."""
    assert fold(text, width) == lines


def test_a_name_cannot_steer_the_terminal() -> None:
    """What the exchange calls a stream is written out where it is not printable."""
    assert printable("btc\x1b[2J\n测") == "btc\\x1b[2J\\n测"
    board = Board()
    board.add(Message("\x1b]0;x\x07", {"p": "\x1b[31m"}, 0.0))
    assert "\x1b" not in board.lines()


def test_a_board_higher_than_the_terminal_says_how_much_is_below() -> None:
    """The last line counts what found no room; without a height all stand there."""
    board = Board(tuple(f"s{number}@trade" for number in range(30)), "spot, environment live, wss://host")
    lines = board.text(80, 12).plain.splitlines()
    assert len(lines) == 12
    assert lines[0] == "spot, environment live, wss://host"
    assert lines[-1] == "and 21 more lines below"
    assert sum("@trade" in line for line in lines) == 9
    assert board.text(80).plain.count("@trade") == 30
