"""Running a script as it is, with its old imports, in its own process and in those that it starts."""

from __future__ import annotations

import multiprocessing
import multiprocessing.spawn
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

from ..engine.process import launched

__all__ = ["run_script"]

_INSTALL = f"{__package__}.install"


def run_script(script: str, arguments: Sequence[str] = ()) -> int:
    """Run a file as the main program, as ``python script`` would.

    It stays the main program after its last line: callbacks may still start processes, and pickle what is in it.

    Args:
        script: path of the file.
        arguments: its ``sys.argv[1:]``.

    Returns:
        0; what the script raises, ``SystemExit`` among it, passes.

    Raises:
        SyntaxError: it is no Python 3.
    """
    _install()
    sys.argv = [script, *arguments]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=script, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    exec(code, main.__dict__)
    launched()
    return 0


def _install() -> None:
    """Have old imports found in this process, and in those that ``multiprocessing`` starts afresh from it.

    Such a process imports the script anew before anything else of it runs. What it is told before that has an object
    whose unpickling comes here.
    """
    from . import install  # noqa: F401 - its import is what counts

    spawn: Any = multiprocessing.spawn
    prepared = spawn.get_preparation_data
    if not getattr(prepared, "_binance_sockets", False):

        def get_preparation_data(name: str) -> dict[str, Any]:
            return {_INSTALL: _Installed(), **prepared(name)}

        get_preparation_data._binance_sockets = True  # type: ignore[attr-defined]
        spawn.get_preparation_data = get_preparation_data
        multiprocessing.set_forkserver_preload([_INSTALL])  # a server imports the script before it is told anything


class _Installed:
    """Comes to life in a child as a call of :func:`_install`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _install, ()
