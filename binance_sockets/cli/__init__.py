"""The command ``binance-sockets``. Needs the extra ``cli``; without it one line says so."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 ended by Ctrl-C.

    Args:
        arguments: the words after the command's name; ``None`` (default) takes those of the process.
    """
    try:
        from .app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich"):
            raise
        hint = 'install the extra cli: pip install ".[cli]" in the source folder'
        sys.stderr.write(f"binance-sockets: the command line needs {error.name}; {hint}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return run(arguments)
