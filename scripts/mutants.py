"""The mutants of a module: its syntax tree with one small mistake in it, each compiled and told in one line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

__all__ = ["Mutant", "mutants"]

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
# Texts for people, for type checkers and for the interpreter: no behaviour hangs on their wording.
UNTOUCHED_FIELDS = frozenset({"annotation", "returns", "decorator_list"})
UNTOUCHED_NAMES = frozenset({"__all__", "__slots__"})


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Attributes:
        line: where it is, from 1.
        name: ``Class.method: the statement with the mistake``, as :func:`ast.unparse` writes it; for a compound
            statement its head. A second mistake that reads the same has `` (2)`` behind it.
        before: the statement without the mistake.
        code: the whole module with the mistake in it.
    """

    line: int
    name: str
    before: str
    code: CodeType


def mutants(source: str, path: str) -> list[Mutant]:
    """Every mutant of ``source``, in the order of the text; ``path`` is what tracebacks show."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    times: dict[str, int] = {}
    for owner, statement, holder, field, index, node in _places(tree):
        for changed in _mistakes(node, field):
            before = _head(statement)
            _put(holder, field, index, ast.fix_missing_locations(ast.copy_location(changed, node)))
            after = f"without {before}" if isinstance(changed, ast.Pass) else _head(_now(statement, node, changed))
            code = compile(tree, path, "exec", dont_inherit=True)
            _put(holder, field, index, node)
            name = f"{owner}: {after}"
            times[name] = times.get(name, 0) + 1
            if times[name] > 1:
                name += f" ({times[name]})"
            found.append(Mutant(node.lineno, name, before, code))  # type: ignore[attr-defined]
    return found


Place = tuple[str, ast.stmt, ast.AST, str, "int | None", ast.AST]


def _places(tree: ast.Module) -> Iterator[Place]:
    """Each node that may be changed: its function, its statement, its parent, field and index there, and itself."""

    def below(parent: ast.AST, owner: str, statement: ast.stmt | None) -> Iterator[Place]:
        for field, value in ast.iter_fields(parent):
            if field in UNTOUCHED_FIELDS:
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(node, ast.AST) or _for_people(node, statement):
                    continue
                inner, within = owner, statement
                if isinstance(node, ast.stmt):
                    within = node
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    inner = node.name if owner == "module" else f"{owner}.{node.name}"
                if within is not None and isinstance(node, (ast.expr, ast.stmt)):
                    yield owner, within, parent, field, index, node
                yield from below(node, inner, within)

    return below(tree, "module", None)


def _for_people(node: ast.AST, statement: ast.stmt | None) -> bool:
    if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return isinstance(statement, (ast.Raise, ast.Assert, ast.Expr))  # of an error, or a docstring
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "Enum" for base in node.bases)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id in UNTOUCHED_NAMES
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _mistakes(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """What ``node`` may be replaced by."""
    if field == "test" or field == "ifs":
        yield ast.UnaryOp(ast.Not(), node)  # type: ignore[arg-type]
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            ops = [*node.ops[:index], COMPARED[type(operator)](), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Dict):
        for index in range(len(node.keys)):
            rest = [slice(0, index), slice(index + 1, None)]
            yield ast.Dict(*([each for part in rest for each in parts[part]] for parts in (node.keys, node.values)))
    elif isinstance(node, ast.Constant):
        yield from _other_values(node.value)
    elif isinstance(node, ast.AugAssign) and type(node.op) in COMPUTED:
        yield ast.AugAssign(node.target, COMPUTED[type(node.op)](), node.value)
        yield ast.Pass()
    elif isinstance(node, (ast.Delete, ast.Raise, ast.Expr)) or _sets_a_part(node):
        yield ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Break):
        yield ast.Continue()


def _sets_a_part(node: ast.AST) -> bool:
    """Whether it is an assignment to an attribute or an item: without one to a name, most code only breaks."""
    return isinstance(node, ast.Assign) and not isinstance(node.targets[0], (ast.Name, ast.Tuple))


def _other_values(value: object) -> Iterator[ast.Constant]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant(f"XX{value}")
    elif isinstance(value, bytes):
        yield ast.Constant(b"XX" + value)


def _now(statement: ast.stmt, node: ast.AST, changed: ast.AST) -> ast.stmt:
    return changed if node is statement else statement  # type: ignore[return-value]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _put(holder: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[index] = node


def _head(statement: ast.stmt) -> str:
    """The statement in one line; of a compound one only what stands before its body."""
    if not hasattr(statement, "body"):
        return ast.unparse(statement)
    return next(line for line in ast.unparse(statement).splitlines() if not line.startswith("@"))
