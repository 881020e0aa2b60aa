"""``binance-sockets streams``."""

from __future__ import annotations

import json

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
