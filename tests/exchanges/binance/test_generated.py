"""The start methods and the table: written from it, in step with it, and true to the models."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from generators import script

from binance_sockets import SocketManager
from binance_sockets.exchanges.binance import models
from binance_sockets.exchanges.binance.families import FAMILIES, ROWS, Family
from binance_sockets.exchanges.binance.models.base import structs_in
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.products import MARKETS
from binance_sockets.exchanges.binance.unify import unified_types
from binance_sockets.exchanges.binance.user_products import USER_PRODUCTS

ROOT = Path(__file__).resolve().parents[3]
NEW_SAMPLES = ROOT.parent / "shared" / "data" / "new_samples_2026"
METHODS = sorted({row.method for row in ROWS if row.method})
LIVING = [row for rows in FAMILIES.values() for row in rows if row.retired is None]


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    """``scripts/generate_sockets.py``."""
    with script("generate_sockets") as module:
        yield module


def test_the_methods_of_user_data_are_what_their_tables_say(generator: ModuleType) -> None:
    """To the letter; every product has its method."""
    with script("generate_user") as user:
        assert user.TARGET.read_text(encoding="utf-8") == user.source(), "run: make sockets"
        assert {method.product for method in user.METHODS} == USER_PRODUCTS.keys() - {"us"}


def test_the_methods_are_what_the_table_says(generator: ModuleType) -> None:
    """Each generated file is, to the letter, what the generator writes from the table today."""
    files = generator.files()
    assert {path.name for path in files} == {"sockets_spot.py", "sockets_futures.py", "sockets_options.py", "api.rst"}
    for path, text in files.items():
        assert path.read_text(encoding="utf-8") == text, "run: make sockets"
    written = {name for text in files.values() for name in re.findall(r"def (start_\w+)\(", text)}
    assert sorted(written) == METHODS


def test_a_new_row_is_all_that_a_stream_needs(generator: ModuleType) -> None:
    """A row alone gives a method with its types, text and call."""
    symbol = next(row for row in ROWS if row.key == "mini_ticker").arguments
    row = Family(
        key="funding", markets=("spot",), pattern="<symbol>@trade", method="start_funding_socket", arguments=symbol,
        says="Something new", model=models.Trade, speed="1 s", source='"Some Stream"',
    )  # fmt: skip
    text = generator.Method(generator.MODULES[0], (row,)).text()
    (parsed,) = ast.parse("class Sockets:\n" + text).body
    assert isinstance(parsed, ast.ClassDef)
    functions = [node for node in parsed.body if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions] == ["start_funding_socket"] * 10
    assert "Something new: ``<symbol>@trade``, every second." in text
    assert "callback: Callable[[m.Trade], object]" in text and "view: AsEvent" in text
    assert "redundancy: int = 1" in text
    assert 'given = {"symbol": symbol, "redundancy": redundancy}' in text or '{"symbol": symbol, "redundancy"' in text
    assert 'self._start_stream("spot", ("funding",), ' in text


# -- the table --


def test_rows_of_one_method_agree() -> None:
    """They take the same arguments and have the same framing, which the method's signature and text rest on."""
    for method in METHODS:
        rows = [row for row in ROWS if row.method == method]
        first = rows[0]
        for row in rows[1:]:
            assert [each.name for each in row.arguments] == [each.name for each in first.arguments]
            assert (row.wrapped, row.array, row.markets) == (first.wrapped, first.array, first.markets)


def test_keys_are_unique_and_differences_are_real() -> None:
    """A key names one row of a market; what another market has otherwise is a field of the row that differs."""
    for market, rows in FAMILIES.items():
        keys = [row.key for row in rows]
        assert len(set(keys)) == len(keys)
        assert all(row.market == market for row in rows)
    for row in ROWS:
        assert set(row.differs) <= set(row.markets[1:]) and set(row.markets) <= set(MARKETS)
        for changes in row.differs.values():
            assert all(getattr(row, name) != value for name, value in changes.items())


@pytest.mark.parametrize("row", LIVING, ids=lambda row: f"{row.market} {row.key}")
def test_arguments_fill_placeholders(row: Family) -> None:
    """Each placeholder has an argument, each argument a placeholder of the method or none on purpose."""
    siblings = [other for other in ROWS if other.method == row.method]
    patterns = " ".join(other.pattern for other in siblings)
    placeholders = {each.placeholder for each in row.arguments}
    assert set(re.findall(r"<(\w+)>", row.pattern)) <= placeholders
    assert all(f"<{name}>" in patterns for name in placeholders if name)
    assert set(row.default) <= set(row.allowed)
    assert all(value in row.allowed[name] for name, value in row.default.items())


@pytest.mark.parametrize("row", LIVING, ids=lambda row: f"{row.market} {row.key}")
def test_models_fit_the_row(row: Family) -> None:
    """Events in ``e`` are the models' own, or given where a model has no fixed one; ``lacks`` are optional fields."""
    tags = {each.__struct_config__.tag for each in row.models}
    assert row.named == () or tags == {None}
    for name in row.lacks:
        for each in row.models:
            fields = {field.encode_name: field for field in msgspec.structs.fields(each)}
            assert not fields[name].required


# -- letters in texts --

_LETTERS = re.compile(r"with ``([^`]+)``")
_PARTS = re.compile(r"[(;] ?``(\w+)``: ``([^`]+)``")


def letters_of(method: str) -> tuple[set[str], dict[str, set[str]]]:
    """The letters that a method's text names: of the payload, and of the parts in it."""
    text = " ".join((inspect.getdoc(getattr(SocketManager, method)) or "").split())
    line = text.partition(" callback: ")[2].partition(" view: ")[0]
    found = {letter for listed in _LETTERS.findall(line) for letter in listed.split(", ")}
    return found, {name: set(listed.split(", ")) for name, listed in _PARTS.findall(line)}


def fields_of(struct: Any) -> set[str]:
    tag = {struct.__struct_config__.tag_field} if struct.__struct_config__.tag else set()
    return tag | {field.encode_name for field in msgspec.structs.fields(struct)}


@pytest.mark.parametrize("method", [name for name in METHODS if name != "start_book_ticker_socket"])
def test_letters_in_texts_are_the_fields_of_the_models(method: str) -> None:
    """The text of each method names exactly the fields of its events on the wire, those of their parts included."""
    rows = [row for row in ROWS if row.method == method]
    expected, parts = set(), {}
    for row in rows:
        for struct in row.models:
            expected |= fields_of(struct) - set(row.lacks)
            for field in msgspec.structs.fields(struct):
                for part in structs_in(field.type):
                    parts[field.encode_name] = fields_of(part)
    assert letters_of(method) == (expected, parts)


@pytest.mark.skipif(not NEW_SAMPLES.is_dir(), reason="the folder of recorded messages is not here")
def test_recorded_messages_have_the_letters_of_the_texts() -> None:
    """What the exchange sent in 2026 has no letter that the text of its method does not name."""
    seen, strange = set(), []
    for path in sorted(NEW_SAMPLES.glob("*.jsonl")):
        market = path.stem.partition("_")[2]
        for line in path.read_text().splitlines():
            message = json.loads(line) if line.strip() else {}
            row = parse(market, message.get("stream", "")).family
            if row is None or row.retired is not None or not isinstance(message["data"], (dict, list)):
                continue
            told, _ = letters_of(row.method)
            for payload in message["data"] if isinstance(message["data"], list) else [message["data"]]:
                left_out = {name for each in row.models for name in each.left_out}
                strange += [(row.method, name) for name in payload.keys() - told - left_out]
                seen.add(row.method)
    assert strange == []
    assert len(seen) > 20


# -- types --

VIEWS = ("AsEvent", "AsUnified", "AsRaw", "AsDict", "View")


@pytest.mark.parametrize("method", [name for name in METHODS if name != "start_book_ticker_socket"])
def test_every_view_has_its_own_callback(method: str) -> None:
    """Type checkers see an overload for each view and type of numbers, and one for a view held in a name."""
    function = getattr(SocketManager, method)
    owner = next(each for each in SocketManager.__mro__ if method in vars(each))
    tree = ast.parse(inspect.getsource(owner))
    overloads = [
        ast.unparse(node.args)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == method and node.decorator_list
    ]
    views = {view: [text for text in overloads if f"view: {view}" in text] for view in VIEWS}
    assert sum(map(len, views.values())) == len(overloads)
    assert [len(views[view]) for view in ("AsRaw", "AsDict", "View")] == [1, 1, 1]
    rows = [row for row in ROWS if row.method == method]
    for row in rows:
        numbered = {"[Decimal]", "[float]"} if any(hasattr(each, "__parameters__") for each in row.models) else set()
        for each in row.models:
            callbacks = "".join(views["AsEvent"])
            assert f"m.{each.__name__}]" in callbacks and all(
                f"m.{each.__name__}{kind}" in callbacks for kind in numbered
            )
        for each in unified_types(row):
            callbacks = "".join(views["AsUnified"])
            assert all(f"u.{each.__name__}{kind}" in callbacks for kind in ("]", "[Decimal]", "[str]"))
        for text in views["AsEvent"]:
            assert ("list[m." in text) == row.array and ("m.Combined[" in text) == row.wrapped
    assert bool(views["AsUnified"]) == any(map(unified_types, rows))
    assert "Callable[[bytes], object]" in views["AsRaw"][0]
    assert views["AsDict"][0].endswith(("view: AsDict='dict'", "view: AsDict='dict', time_unit: TimeUnit=None"))
    assert typing.get_type_hints(function, vars(sys.modules[owner.__module__]))
