"""Handlers by kind: functions, and methods that are bound once their object is registered."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from ..errors import ConfigError

__all__ = ["Handlers"]

log = logging.getLogger("binance_sockets.service")

_F = TypeVar("_F", bound=Callable[..., object])


class Handlers:
    """Who is called for what. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the rest; never held over a handler
        self._plain: dict[str, tuple[Callable[..., object], ...]] = {}
        self._methods: list[tuple[str, FunctionType]] = []  # of classes, still without an object
        self._bound: list[tuple[object, FunctionType]] = []

    def add(self, kind: str, handler: _F, count: int = 1) -> _F:
        """Call ``handler`` for ``kind``, with ``count`` arguments; returns it as it was given.

        A function that is defined in a class body is a method: it is called for each object that :meth:`bind` gets.

        Raises:
            ConfigError: it cannot be called so, or is ``async def``.
        """
        method = _is_method(handler)
        _check(kind, handler, count + method)
        with self._lock:
            if method and isinstance(handler, FunctionType):
                self._methods.append((kind, handler))
            else:
                self._plain[kind] = (*self._plain.get(kind, ()), handler)
        return handler

    def bind(self, instance: object) -> int:
        """Have all methods of an object's class, and of its bases, called on this object; returns how many.

        One that a subclass has replaced is called as the subclass has it. The same object twice counts once.
        """
        names = {
            value: name for cls in type(instance).__mro__ for name, value in vars(cls).items() if _is_method(value)
        }
        with self._lock:
            found = [(kind, function) for kind, function in self._methods if function in names]
            fresh = [each for each in found if not any(o is instance and f is each[1] for o, f in self._bound)]
            for kind, function in fresh:
                self._bound.append((instance, function))
                self._plain[kind] = (*self._plain.get(kind, ()), getattr(instance, names[function]))
        return len(found)

    def unbound(self) -> list[str]:
        """Names of the methods that no object has been registered for, so that nothing calls them."""
        with self._lock:
            bound = {function for _, function in self._bound}
            return [function.__qualname__ for _, function in self._methods if function not in bound]

    def call(self, kind: str, *arguments: Any) -> None:
        """Call all handlers of a kind, in the order in which they came.

        Raises:
            Exception: the first that a handler raised, after all were called.
        """
        first: Exception | None = None
        for handler in self._plain.get(kind, ()):
            try:
                handler(*arguments)
            except Exception as error:
                if first is not None:
                    log.exception("another handler of %s raised, too", kind)
                first = first or error
        if first is not None:
            raise first


def _is_method(handler: object) -> bool:
    """Whether a function was defined in a class body."""
    return isinstance(handler, FunctionType) and "." in handler.__qualname__.rpartition("<locals>.")[2]


def _check(kind: str, handler: Any, count: int) -> None:
    name = f"on_{kind}"
    if not callable(handler):
        raise ConfigError(name, handler, "a function, or a method in a class body")
    if inspect.iscoroutinefunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigError(name, handler, "a plain function, not async def", "It would never be awaited")
    try:
        inspect.signature(handler).bind(*(None,) * count)
    except TypeError as error:
        takes = "no argument" if not count else "one argument" if count == 1 else "self and one argument"
        raise ConfigError(name, handler, f"a callable that takes {takes}", f"It says: {error}") from None
    except ValueError:  # some builtins do not tell what they take
        return
