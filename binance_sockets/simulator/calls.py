"""Calls that other threads have made on the simulator's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["made_there"]

_T = TypeVar("_T")


def made_there(on_loop: Callable[[Callable[[], None]], None], call: Callable[[], _T]) -> _T:
    """What ``call`` returns or raises on the simulator's thread, or here while there is none.

    Args:
        on_loop: runs a function on that thread and waits; does nothing while the simulator is stopped.
        call: is made once.
    """
    results: list[_T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:
            errors.append(error)

    on_loop(run)
    if not results and not errors:
        run()
    if errors:
        raise errors[0]
    return results[0]
