"""The imports of a script that matter, and where they go."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .table import ALIASES, OLD, REST, THREADS

__all__ = ["REACTOR", "Imports"]

REACTOR = "binance_sockets.compat.reactor"

_SOCKETS = {
    "binance", "binance.websockets", "binance.depthcache", "binance.streams", "binance.threaded_stream",
    "binance.ws.streams", "binance.ws.depthcache", "binance.ws.threaded_stream",
}  # fmt: skip
_THREADED = {"ThreadedWebsocketManager", "ThreadedDepthCacheManager"}
_ASYNCHRONOUS = {"AsyncClient", "OptionsDepthCacheManager", "FuturesDepthCacheManager"}
_OF_PACKAGE = {
    "Client": "binance.client",
    "BinanceAPIException": "binance.exceptions",
    "BinanceOrderException": "binance.exceptions",
    "BinanceRequestException": "binance.exceptions",
}
"""What ``from binance import ...`` has of the REST client."""


_BESIDE = {
    "*": "binance_sockets.compat",
    "connectWS": "binance_sockets.compat.factories",
    "reactor": REACTOR,
    "ssl": "binance_sockets.compat.twisted",
}
"""What subclasses take from ``binance.websockets``, which imports it."""


class Imports:
    """What a script imports from python-binance and Twisted.

    Args:
        tree: the script.

    Attributes:
        dialect: what the script was written for; ``None`` where it uses no sockets of python-binance.
        reactor: whether it imports Twisted's reactor.
        rest: whether it imports the REST client or what belongs to it.
        asynchronous: ``(line, name)`` of what is written for asyncio.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
        self._wholes = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        names = {(node.module or "", alias.name) for node in self._froms for alias in node.names}
        flat = {name for module, name in names if module in _SOCKETS}
        self.asynchronous = [
            (node.lineno, alias.name)
            for node in self._froms
            if (node.module or "").partition(".")[0] == "binance"
            for alias in node.names
            if alias.name in _ASYNCHRONOUS
        ]
        self.dialect: str | None = None
        if flat & _THREADED:
            self.dialect = THREADS
        elif not self.asynchronous and (
            flat & set(ALIASES) or any(module == "binance.websockets" for module, _ in names)
        ):
            self.dialect = OLD
        self.reactor = ("twisted.internet", "reactor") in names
        self.rest = any(module in REST or name in _OF_PACKAGE for module, name in names if module.startswith("binance"))

    def moved(self, rest: bool) -> Iterator[tuple[ast.ImportFrom, dict[str, list[ast.alias]]]]:
        """Each import that changes, with what is imported from where then. ``rest``: the REST client goes over, too."""
        for node in self._froms:
            groups: dict[str, list[ast.alias]] = {}
            for alias in node.names:
                groups.setdefault(self._home(node, alias.name, rest), []).append(alias)
            if set(groups) != {node.module}:
                yield node, groups

    def left(self, rest: bool) -> Iterator[tuple[int, str]]:
        """``(line, name)`` of what stays where it is."""
        for node in self._froms:
            module = node.module or ""
            if module.split(".")[0] not in ("binance", "twisted", "autobahn"):
                continue
            if any(self._home(node, alias.name, rest) == module for alias in node.names):
                yield node.lineno, module
        for whole in self._wholes:
            for alias in whole.names:
                if alias.name.split(".")[0] in ("binance", "twisted"):
                    yield whole.lineno, alias.name

    def _home(self, node: ast.ImportFrom, name: str, rest: bool) -> str:
        module = node.module or ""
        if module == "twisted.internet" and name == "reactor":
            return REACTOR
        if module in _SOCKETS and name in ALIASES:
            return ALIASES[name]
        if module == "binance.websockets" and name in _BESIDE:
            return _BESIDE[name]
        origin = _OF_PACKAGE.get(name, module) if module in ("binance", "binance.websockets") else module
        return REST.get(origin, module) if rest else module
