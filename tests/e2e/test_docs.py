"""The pages about faults and about user data say what the matrices test."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from e2e import books_table as books
from e2e import user_faults_table as user
from e2e import user_links_table as user_links
from e2e.faults_table import ROWS, SHAPES, Row

from binance_sockets.faults import Fault

TOPICS = Path(__file__).resolve().parents[2] / "docs" / "topics"
PAGE = TOPICS / "faults.rst"
USER_PAGE = TOPICS / "user_data.rst"
BOOK_PAGE = TOPICS / "books.rst"


def _cells(row: Row) -> tuple[str, str, str, str]:
    error = f":class:`~binance_sockets.errors.{row.error.__name__}`" if row.error else ""
    return (
        f"``{row.fault.value}``" + (f", {row.label}" if row.label else ""),
        row.promise,
        f"``{row.reason.name}``" if row.reason else "",
        error,
    )


def table_lines() -> list[str]:
    """The matrix as the lines of a reStructuredText table."""
    return _table([("Fault", "Outcome", "Reason", "Error"), *map(_cells, ROWS)])


def user_lines() -> list[str]:
    """The same of the matrix of user data, by how the account proves itself."""
    rows = [(row.name, *(row.promises[kind] for kind in user.KINDS)) for row in user.ROWS]
    return _table([("While an order is open", *user.KINDS), *rows])


def book_lines() -> list[str]:
    """The same of order books; what concerns the link as a whole comes first."""
    rows = ((f"``{row.fault.value}``" + (f", {row.label}" if row.label else ""), row.promise) for row in books.ROWS)
    return _table([("Fault", "The book"), *rows])


def user_link_lines() -> list[str]:
    """The same of links, messages and requests of user streams."""
    return _table([("Fault", "The user stream"), *((_cells(row)[:2]) for row in user_links.ROWS)])


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {' ' if number else '*'} - {cell}".rstrip() for number, cell in enumerate(row)]
    return lines


def test_the_page_about_faults_has_the_table_that_is_tested() -> None:
    """Every row of the matrix stands in the documentation, word for word."""
    text = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table_lines()) in text, "\n" + "\n".join(table_lines())
    for shape in SHAPES:
        assert shape.name in text


def test_the_page_about_user_data_has_the_table_that_is_tested() -> None:
    """Every row, word for word, and every product by name."""
    text = USER_PAGE.read_text(encoding="utf-8")
    assert "\n".join(user_lines()) in text, "\n" + "\n".join(user_lines())
    assert "\n".join(user_link_lines()) in text, "\n" + "\n".join(user_link_lines())
    for product in user.PRODUCTS:
        assert f"``{product.method}``" in text


def test_the_page_about_books_has_the_table_that_is_tested() -> None:
    """Every row, word for word."""
    text = BOOK_PAGE.read_text(encoding="utf-8")
    assert "\n".join(book_lines()) in text, "\n" + "\n".join(book_lines())


KINDS = {
    **{shape.name: {row.fault for row in ROWS if row.promise_for(shape)} for shape in SHAPES},
    "user stream": {row.fault for row in (*user.ROWS, *user_links.ROWS)},
    "book": {row.fault for row in books.ROWS},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_has_its_promise_for_every_kind(kind: str) -> None:
    """A fault that is added to the vocabulary must be promised something on each kind of socket."""
    assert len(KINDS) == 5
    assert set(Fault) - KINDS[kind] == set()
