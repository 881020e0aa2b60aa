"""What threads of the package share, and the exploration that proves each of it; nothing new comes without its row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulation.interleavings import explore
from simulation.pairs import PAIRS, Pair

PACKAGE = Path(__file__).resolve().parent.parent.parent / "binance_sockets"
ROOM = {"threading": "Lock RLock Condition Event Semaphore BoundedSemaphore Barrier Timer", "asyncio": "Event Lock",
        "queue": "Queue SimpleQueue PriorityQueue LifoQueue", "socket": "socketpair", "os": "eventfd"}  # fmt: skip
MADE = {(module, name) for module, names in ROOM.items() for name in names.split()}
ALONE = {"deque", "Wakeup"}  # imported by name


def made_in(source: str, name: str) -> dict[str, int]:
    """Row and line of each lock, event and queue that a file makes; a row is ``file Scope.name``."""
    found: dict[str, int] = {}

    def look(node: ast.AST, scope: tuple[str, ...], target: str) -> None:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            scope = (*scope, node.name) if node.name != "__init__" else scope
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            first = node.targets[0] if isinstance(node, ast.Assign) else node.target
            target = ast.unparse(first).removeprefix("self.")
        if isinstance(node, ast.Call):
            call = node.func
            shared = isinstance(call, ast.Name) and call.id in ALONE
            if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
                shared = (call.value.id, call.attr) in MADE
            if shared:
                found[f"{name} {'.'.join([*scope, target]).rstrip('.')}"] = node.lineno
        for child in ast.iter_child_nodes(node):
            look(child, scope, target)

    look(ast.parse(source), (), "")
    return found


def rows() -> dict[str, str]:
    """Row and place (``file:line``) of everything that the package makes."""
    return {
        row: f"{path}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for row, line in made_in(path.read_text(), path.relative_to(PACKAGE).as_posix()).items()
    }


if __name__ == "__main__":
    print("\n".join(rows()))
