"""The page about faults says what the matrix tests."""

from __future__ import annotations

from pathlib import Path

from e2e.faults_table import ROWS, SHAPES, Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "topics" / "faults.rst"


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
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (("Fault", "Outcome", "Reason", "Error"), *map(_cells, ROWS)):
        lines += [f"   {' ' if number else '*'} - {cell}".rstrip() for number, cell in enumerate(row)]
    return lines


def test_the_page_about_faults_has_the_table_that_is_tested() -> None:
    """Every row of the matrix stands in the documentation, word for word."""
    text = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table_lines()) in text, "\n" + "\n".join(table_lines())
    for shape in SHAPES:
        assert shape.name in text
