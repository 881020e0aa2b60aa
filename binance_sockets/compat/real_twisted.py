"""An installed Twisted, beside sockets that need none: ``reactor.stop()`` closes them, and raises nothing for them."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from .reactor import reactor as ours

__all__ = ["RealTwisted", "teach"]

_NAME = "twisted.internet.reactor"


def teach(real: Any) -> None:
    """Have the ``stop`` of a real reactor close this process's socket managers first.

    It raises what it always did, unless there were managers to close and the real one does not run: then scripts mean
    these.
    """
    stop = real.stop
    if getattr(stop, "_binance_sockets", False):
        return

    def both() -> None:
        served = ours.stop()
        if real.running:
            real.callFromThread(stop)  # a callback is on another thread than the reactor
        elif not served:
            stop()

    both._binance_sockets = True  # type: ignore[attr-defined]
    real.stop = both


class RealTwisted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Teaches the real reactor once somebody imports it; nothing is imported for it before."""

    def __init__(self) -> None:
        self._busy = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _NAME or self._busy:
            return None
        self._busy = True
        try:
            found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        finally:
            self._busy = False
        if found is None or found.loader is None:
            return None
        self._real = found.loader
        found.loader = self
        return found

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._real.exec_module(module)  # which puts the reactor into the module's place
        with contextlib.suppress(AttributeError):  # a reactor that lets nothing be set
            teach(sys.modules[_NAME])
