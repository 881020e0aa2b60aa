"""Tables as text that fits a width. Nothing is cut: cells go on below, and columns without room are named."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

__all__ = ["Laid", "fold", "lay_out", "printable", "unseen"]

_GAP = "  "
# where a reader expects a break: between words, before the parts of a stream name, within one
_BREAKS = tuple(map(re.compile, (r"\S+\s*", r"\[?@?[^@\[]+|.", r"[^_,]+[_,]*|.")))


class Laid(NamedTuple):
    """A table laid out: the lines of its titles and of its rows, and the titles that found no room."""

    head: list[str]
    body: list[str]
    hidden: list[str]


def lay_out(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int | None,
    *,
    least: int,
    right: Collection[str] = (),
) -> Laid:
    """Lay a table out in columns as wide as their widest cell.

    Where that is too wide, texts and titles go on in further lines of their column; numbers stay whole. Where even that
    does not help, the last columns are left out.

    Args:
        titles: of the columns.
        rows: a text for every column.
        width: of the terminal in cells; ``None`` for as wide as it gets, one line per row.
        least: how narrow a column of text may become.
        right: titles of the columns of numbers, which stand on the right.
    """
    natural = [max(map(cell_len, column)) for column in zip(titles, *rows, strict=True)]
    if width is None:
        widths = natural
    else:
        lowest = [
            max([_longest_word(title), *(cell_len(row[at]) for row in rows)])
            if title in right
            else min(natural[at], least)
            for at, title in enumerate(titles)
        ]
        widths = _widths(natural, lowest, width)
    shown = [title in right for title in titles[: len(widths)]]
    head = _lines(titles, widths, shown)
    body = [line for row in rows for line in _lines(row, widths, shown)]
    return Laid(head, body, list(titles[len(widths) :]))


def unseen(hidden: Sequence[str], width: int | None, where: str = "") -> list[str]:
    """The lines below a table whose last columns found no room; none where all did."""
    if not hidden:
        return []
    text = f"no room for: {', '.join(hidden)}{where}"
    return [text] if width is None else fold(text, width)


def fold(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells: broken between words, or else parts of a name, or else anywhere."""
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    pieces = [text]
    for pattern in _BREAKS:
        pieces = [part for p in pieces for part in ([p] if cell_len(p.rstrip()) <= width else pattern.findall(p))]
    for piece in pieces:
        if cell_len(lines[-1] + piece.rstrip()) <= width:
            lines[-1] += piece
        else:
            lines += chop_cells(piece, width)
    return [line.rstrip() for line in lines if line.strip()]


def printable(text: str) -> str:
    """``text`` with what could steer a terminal written as an escape."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _longest_word(title: str) -> int:
    return max(map(cell_len, title.split()))


def _widths(natural: Sequence[int], lowest: Sequence[int], width: int) -> list[int]:
    """Of the columns that have room, as even as that goes: the widest give way first. At least one column."""
    count = len(natural)
    while count > 1 and _total(lowest[:count]) > width:
        count -= 1
    for cap in range(max(natural), 0, -1):
        widths = [max(low, min(wish, cap)) for wish, low in zip(natural[:count], lowest, strict=False)]
        if _total(widths) <= width:
            return widths
    return [min(lowest[0], max(1, width))]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _lines(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    """The lines of one row; columns beyond ``widths`` are left out."""
    cells = [fold(cell, width) for cell, width in zip(row, widths, strict=False)]
    lines = []
    for at in range(max(map(len, cells))):
        parts = [cell[at] if at < len(cell) else "" for cell in cells]
        texts = [
            " " * (width - cell_len(part)) + part if is_right else set_cell_size(part, width)
            for part, width, is_right in zip(parts, widths, right, strict=True)
        ]
        lines.append(_GAP.join(texts).rstrip())
    return lines
