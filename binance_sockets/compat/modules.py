"""The modules that scripts import and nobody has installed, by name, and what is in each."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from .reactor import reactor

__all__ = ["MODULES", "Finder", "OldSockets"]

_COMPAT = __package__ or ""
_SOCKETS = (".factories", ".manager")
_ALL = (".manager", ".client", ".enums", ".exceptions")

MODULES: dict[str, tuple[str, ...]] = {
    "binance": _ALL,
    "binance.client": (".client", ".enums", ".exceptions", ".dates"),
    "binance.depthcache": (".depthcache",),
    "binance.enums": (".enums",),
    "binance.exceptions": (".exceptions",),
    "binance.helpers": (".dates",),
    "binance.streams": (".threaded",),
    "binance.threaded_stream": (".threaded",),
    "binance.websockets": (*_SOCKETS, ".client", ".twisted"),
    "autobahn": (),
    "autobahn.twisted": (),
    "autobahn.twisted.websocket": (".factories",),
    "twisted": (),
    "twisted.internet": (".twisted",),
    "twisted.internet.error": (".twisted",),
    "twisted.internet.protocol": (".factories",),
    "twisted.internet.reactor": (),
    "twisted.internet.ssl": (".twisted",),
}
"""Name to the modules of this package whose public names it has."""

_PACKAGES = {name for name in MODULES if any(other.startswith(f"{name}.") for other in MODULES)}
_LAZY = {
    "binance": {
        "DepthCacheManager": ".depthcache",
        "ThreadedDepthCacheManager": ".depthcache",
        "ThreadedWebsocketManager": ".threaded",
    }
}
"""Names that are made when they are asked for."""


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what nobody else finds: it stands last, so that what is installed wins, module by module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in MODULES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=fullname in _PACKAGES)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        for source in MODULES[name]:
            found = importlib.import_module(source, _COMPAT)
            for each in found.__all__:
                setattr(module, each, getattr(found, each))
        if name == "twisted.internet.reactor":  # the module is the reactor, there as here
            sys.modules[name] = reactor  # type: ignore[assignment]


class _Module(ModuleType):
    """One of these modules, which loads some of its names late."""

    def __getattr__(self, name: str) -> Any:
        source = _LAZY.get(self.__name__, {}).get(name)
        if source is None:
            raise AttributeError(f"module {self.__name__!r} of binance_sockets has no {name!r}")
        value = getattr(importlib.import_module(source, _COMPAT), name)
        setattr(self, name, value)
        return value


class OldSockets(importlib.abc.MetaPathFinder):
    """Puts today's sockets in place of an installed 0.7's, whose exchange is gone; all else of it stays.

    Args:
        finder: makes the module.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return self._finder.find_spec(fullname, path, target) if fullname == "binance.websockets" else None
