"""Tables as notebooks show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["html_table"]


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "", empty: str = "") -> str:
    """A table in HTML. Every text is escaped.

    Args:
        columns: the heads.
        rows: as many cells each.
        caption: what stands above it, if anything.
        empty: what stands in it when there is no row.
    """
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    lines = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    if not lines and empty:
        lines = [f'<td colspan="{len(columns)}">{escape(empty)}</td>']
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
