"""One script, read with ``ast``: what it uses, and what becomes of that. Nothing of it runs."""

from __future__ import annotations

import ast
import inspect
import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..compat.depthcache import ThreadedDepthCacheManager
from ..compat.manager import BinanceSocketManager
from ..compat.threaded import ThreadedWebsocketManager
from ..errors import ConfigError, StreamRetired
from ..exchanges.binance.names import parse
from .imports import Imports
from .rewriting import rewrite
from .table import ALIASES, CALLS_GONE, CLIENT, DIFFERS, HOOKS, OLD, STREAMS, THREADS

__all__ = ["Finding", "Kind", "Report", "examine"]

Kind = Literal["same", "differs", "gone", "by hand"]

_METHODS = {
    OLD: {name for name in vars(BinanceSocketManager) if name.startswith("start_")} | set(STREAMS),
    THREADS: {name for name in vars(ThreadedWebsocketManager) if name.startswith("start_")}
    | {"start_depth_cache", "start_options_depth_socket"},
}
_CLASSES: dict[str, tuple[type, ...]] = {
    OLD: (BinanceSocketManager,),
    THREADS: (ThreadedWebsocketManager, ThreadedDepthCacheManager),
}
_OTHERS = {OLD: "1.x had the callback first", THREADS: "0.7 had the callback behind symbol or streams"}
_DATA = (ast.Constant, ast.Dict, ast.JoinedStr, ast.List, ast.Set, ast.Tuple)  # what nobody can call
_REACTOR = {"addSystemEventTrigger", "callFromThread", "callInThread", "callLater", "callWhenRunning", "run", "stop"}
_REACTOR_VALUES = {"running", "_stopped"}


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a script uses.

    Args:
        line: where, from 1.
        name: what.
        kind: ``"same"`` for what works unchanged, ``"differs"``, ``"gone"`` at the exchange, ``"by hand"`` for what
            nobody but its author can change.
        text: why; empty for what is the same.
    """

    line: int
    name: str
    kind: Kind
    text: str = ""


@dataclass(frozen=True)
class Report:
    """What a script uses, and what it becomes.

    Args:
        dialect: what it was written for, ``"python-binance 0.7"`` for example; ``None`` where it uses no sockets of it.
        findings: by line.
        rewritten: its text with other imports; the same text where there is nothing to change.
    """

    dialect: str | None
    findings: tuple[Finding, ...]
    rewritten: str

    def of(self, kind: Kind) -> list[Finding]:
        """The findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]


def examine(source: str) -> Report:
    """Read a script.

    Args:
        source: its text.

    Raises:
        SyntaxError: it is no Python 3.
        ValueError: it has a null byte.
    """
    tree = _parse(source)
    imports = Imports(tree)
    if imports.dialect is None:
        return Report(None, tuple(sorted({*_asynchronous(imports)})), source)
    reading = _Reading(tree, imports)
    found = {*reading.calls(), *reading.attributes(), *reading.streams(), *_asynchronous(imports)}
    moves = imports.dialect == OLD and not reading.foreign
    for line, name in imports.left(moves):
        found.add(Finding(line, name, "by hand", _why_left(name)))
    return Report(imports.dialect, tuple(sorted(found)), rewrite(source, imports, moves))


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of another one's escapes and comparisons
        try:
            return ast.parse(source)
        except (MemoryError, RecursionError) as error:  # the parser's words for it
            raise SyntaxError("too deeply nested") from error


def _asynchronous(imports: Imports) -> Iterator[Finding]:
    for line, name in imports.asynchronous:
        yield Finding(
            line, name, "by hand", "written for asyncio: here are threads, see the guide's part on SocketManager"
        )


def _why_left(name: str) -> str:
    if name == "binance.websockets":
        return "no python-binance from 1.0 on has it, and not all that is imported is in binance_sockets.compat"
    if name.startswith("binance"):
        return "stays with python-binance, which must be installed beside this package"
    return "the file uses Twisted itself; reactor.stop() and its kin are in binance_sockets.compat.reactor"


class _Reading:
    def __init__(self, tree: ast.Module, imports: Imports) -> None:
        self._tree = tree
        self._imports = imports
        assert imports.dialect is not None
        self._dialect = imports.dialect
        self._functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._coroutines = {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
        self._clients = {"client", "_client", *_assigned(tree, "Client")}
        self.foreign: list[str] = []
        """REST calls that the client here lacks."""

    def calls(self) -> Iterator[Finding]:
        """What is called: methods of managers and clients, classes, the reactor."""
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            if isinstance(function, ast.Name) and function.id in ALIASES:
                yield self._judge(node, function.id)
            elif isinstance(function, ast.Attribute):
                yield from self._method(node, function)

    def _method(self, node: ast.Call, function: ast.Attribute) -> Iterator[Finding]:
        name, owner = function.attr, _last(function.value)
        if name in _METHODS[self._dialect]:
            yield self._judge(node, name)
        elif name.startswith("start_") and any(name in names for names in _METHODS.values()):
            other = next(dialect for dialect, names in _METHODS.items() if name in names)
            yield Finding(node.lineno, name, "by hand", f"is a method of {other}")
        elif owner == "reactor" and self._imports.reactor:
            same = name in _REACTOR
            text = "" if same else "is not in binance_sockets.compat.reactor"
            yield Finding(node.lineno, f"reactor.{name}", "same" if same else "by hand", text)
        elif self._dialect == OLD and self._imports.rest and owner in self._clients and not name.startswith("_"):
            yield self._rest(node, name)

    def _judge(self, node: ast.Call, name: str) -> Finding:
        if wrong := self._wrong_callback(node, name):
            return Finding(node.lineno, name, "by hand", wrong)
        if name in STREAMS:
            text = f"{_retired('spot', STREAMS[name])}. The method still delivers, out of the streams of single symbols"
            return Finding(node.lineno, name, "gone", text)
        text = DIFFERS[self._dialect].get(name, "")
        return Finding(node.lineno, name, "differs" if text else "same", text)

    def _wrong_callback(self, node: ast.Call, name: str) -> str:
        """What is wrong with the arguments of a ``start_*`` call: what is told apart without running anything."""
        if not name.startswith("start_"):
            return ""
        order = _parameters(self._dialect, name)
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        given |= dict(
            zip(order, itertools.takewhile(lambda each: not isinstance(each, ast.Starred), node.args), strict=False)
        )
        callback = given.pop("callback", None)
        if isinstance(callback, _DATA) or any(self._callable(each) for each in given.values()):
            return f"the order is ({', '.join(order)}): {_OTHERS[self._dialect]}"
        if callback is not None and _last(callback) in self._coroutines:
            return "the callback is a coroutine function, and there is no event loop that would run it"
        return ""

    def _callable(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Lambda) or (isinstance(node, ast.Name) and node.id in self._functions)

    def _rest(self, node: ast.Call, name: str) -> Finding:
        label = f"client.{name}"
        if name in CALLS_GONE:
            self.foreign.append(name)
            return Finding(node.lineno, label, "gone", CALLS_GONE[name])
        if name in CLIENT:
            text = DIFFERS[OLD].get(name, "")
            return Finding(node.lineno, label, "differs" if text else "same", text)
        self.foreign.append(name)
        return Finding(
            node.lineno, label, "by hand", "the client here lacks it: python-binance must be installed beside"
        )

    def attributes(self) -> Iterator[Finding]:
        """Private names of 0.7's manager, and values of the reactor."""
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Attribute):
                continue
            if self._dialect == OLD and node.attr in HOOKS and not node.attr.startswith(("_client", "_user")):
                yield Finding(node.lineno, node.attr, "same")
            elif self._imports.reactor and _last(node.value) == "reactor" and node.attr in _REACTOR_VALUES:
                yield Finding(node.lineno, f"reactor.{node.attr}", "same")

    def streams(self) -> Iterator[Finding]:
        """Names of streams in the text that the exchange has retired."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _like_a_stream(node.value):
                for name in node.value.split("/"):
                    if text := _retired("spot", name):
                        yield Finding(node.lineno, name, "gone", text)


def _parameters(dialect: str, name: str) -> list[str]:
    """Those of a method, in their order."""
    method = next(getattr(each, name) for each in _CLASSES[dialect] if hasattr(each, name))
    return list(inspect.signature(method).parameters)[1:]


def _retired(market: str, name: str) -> str:
    """Since when the exchange no longer has a stream, and what to use; empty where it has it."""
    try:
        row = parse(market, name).family
    except ConfigError:
        return ""
    if row is None or row.retired is None:
        return ""
    return str(StreamRetired(name, row.retired.since, row.retired.replacement))


def _like_a_stream(text: str) -> bool:
    return len(text) < 2000 and not any(c.isspace() for c in text) and ("@" in text or text.startswith("!"))


def _last(node: ast.expr) -> str:
    """The last name of ``a``, ``a.b`` or ``a.b()``."""
    if isinstance(node, ast.Call):
        return _last(node.func)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _assigned(tree: ast.Module, name: str) -> set[str]:
    """What a call of ``name`` is assigned to."""
    return {
        _last(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _last(node.value) == name
        for target in node.targets
    }
