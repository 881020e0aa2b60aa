"""Other imports in the text of a script, and nothing else: comments, quotes, line ends and white space stay."""

from __future__ import annotations

import ast
import re

from .imports import Imports

__all__ = ["rewrite"]


def rewrite(source: str, imports: Imports, rest: bool) -> str:
    """The text with what it imports from python-binance and Twisted imported from here.

    Args:
        source: the script.
        imports: of it.
        rest: the REST client goes over, too.
    """
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = b"".join(lines)
    new_line = b"\r\n" if b"\r\n" in data else b"\n"
    for node, groups in sorted(imports.moved(rest), key=lambda found: -found[0].lineno):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        line = lines[node.lineno - 1]
        before, after = line[: node.col_offset], data[end : starts[node.end_lineno]]
        alone = not before.strip() and b";" not in after.split(b"#")[0]
        joint = new_line + before if alone else b"; "
        data = data[:begin] + _statement(node, groups, data[begin:end], joint) + data[end:]
    return data.decode()


def _statement(node: ast.ImportFrom, groups: dict[str, list[ast.alias]], text: bytes, joint: bytes) -> bytes:
    if len(groups) == 1:  # the module alone is another one: parentheses and comments stay
        (home,) = groups
        pattern = rb"\s*\.\s*".join(re.escape(part.encode()) for part in (node.module or "").split("."))
        return re.sub(rb"^from(\s+)" + pattern, rb"from\1" + home.encode(), text, count=1)
    return joint.join(
        f"from {home} import {', '.join(ast.unparse(alias) for alias in aliases)}".encode()
        for home, aliases in groups.items()
    )
