"""``binance-sockets streams``."""

from __future__ import annotations

import json
import sys

import pytest

from binance_sockets.cli import main


def test_lists_streams_of_every_product(capsys: pytest.CaptureFixture[str]) -> None:
    """Without arguments every product has streams in the list."""
    assert main(["streams", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"spot", "us", "usdm", "coinm", "options"} == {row["product"] for row in rows}
    assert {"product", "name", "method", "speed", "event", "route", "description", "note"} == set(rows[0])


def test_filters_by_product_and_every_word(capsys: pytest.CaptureFixture[str]) -> None:
    """Words narrow the list down, whatever their case."""
    assert main(["streams", "--product", "usdm", "MARK", "arr"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["product", "name"]
    assert lines[1:]
    assert all(line.startswith("usdm") and "mark" in line.lower() and "arr" in line.lower() for line in lines[1:])


def test_a_word_does_not_match_part_of_a_route(capsys: pytest.CaptureFixture[str]) -> None:
    """``mark`` finds mark prices, not every stream on ``/market``; the whole route finds its streams."""
    main(["streams", "--json", "--product", "usdm", "mark"])
    found = [json.loads(line)["method"] for line in capsys.readouterr().out.splitlines()]
    assert "start_symbol_mark_price_socket" in found and "start_aggtrade_futures_socket" not in found
    main(["streams", "--json", "--product", "usdm", "public"])
    found = [json.loads(line)["route"] for line in capsys.readouterr().out.splitlines()]
    assert set(found) == {"public"}


def test_nothing_found_is_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    """No match leaves stdout empty and ends with 1."""
    assert main(["streams", "unheard-of"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "no such stream\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("term", "columns", "shown"),
    [
        ("xterm", 60, 2),
        ("dumb", 100, 4),
        ("xterm", 200, 6),
        *(
            pytest.param(*each, marks=pytest.mark.full)
            for each in (("dumb", 60, 2), ("xterm", 80, 3), ("dumb", 80, 3), ("xterm", 100, 4), ("dumb", 200, 6))
        ),
    ],
)
def test_columns_on_a_terminal(term: str, columns: int, shown: int, terminal, capsys) -> None:  # type: ignore[no-untyped-def]
    """At every width whole columns with whole cells, and the others by name; in a pipe all."""
    assert main(["streams", "--product", "usdm", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    titles = list(rows[0])
    code, text = terminal("streams", "--product", "usdm", columns=columns, TERM=term)
    assert code == 0
    assert "\x1b" not in text
    table, _, foot = text.partition("no room for: ")
    lines = table.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].split()[:shown] == titles[:shown]
    head = len(lines[0].split())
    assert head >= shown
    letters = "".join("".join(row[title] for title in titles[:head]) for row in rows)
    assert sorted("".join(lines[1:]).replace(" ", "")) == sorted(letters.replace(" ", ""))
    assert [title in foot for title in titles] == [number >= head for number in range(len(titles))]


def test_a_pipe_gets_one_line_per_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal nothing is folded or left out, whatever ``COLUMNS`` says."""
    assert main(["streams", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["streams"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == list(rows[0])
    assert [line.split()[:3] for line in lines] == [[row["product"], row["name"], row["method"]] for row in rows]
