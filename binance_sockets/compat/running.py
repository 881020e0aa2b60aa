"""Running a script as it is, with its old imports."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence

from ..engine.process import launched

__all__ = ["run_script"]


def run_script(script: str, arguments: Sequence[str] = ()) -> int:
    """Run a file as the main program, as ``python script`` would.

    Args:
        script: path of the file.
        arguments: its ``sys.argv[1:]``.

    Returns:
        0; what the script raises, ``SystemExit`` among it, passes.
    """
    from . import install  # noqa: F401 - its import is what counts

    sys.argv = [script, *arguments]
    folder = os.path.dirname(os.path.realpath(script))
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder
    runpy.run_path(script, run_name="__main__")
    launched()
    return 0
