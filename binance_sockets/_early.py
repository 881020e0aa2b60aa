"""What must be seen to before the package is imported, which takes time.

Ctrl-C while the command still imports is as quiet as later: nothing in the command itself could catch it, as the
package is imported before a line of it runs. And a frozen program that was started as its own helper process becomes
it. In a user's own process this module does nothing.
"""

from __future__ import annotations

import os
import sys
from types import TracebackType

__all__ = ["HELPER"]

HELPER = "--binance-sockets-helper"
"""The one argument of a frozen program that is to be a helper process; see ``engine/isolation.py``."""


def _is_command() -> bool:
    """Whether this process is ``binance-sockets`` or ``python -m binance_sockets``."""
    program = sys.argv[0] if sys.argv else ""
    if program == "-m":  # so it reads until Python has found the module
        return ("-m", __package__) in zip(sys.orig_argv, sys.orig_argv[1:], strict=False)
    return os.path.basename(program).partition(".")[0] in ("binance-sockets", "binance-sockets-script")


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        os._exit(130)  # returning would end the process by the signal itself, which is another code
    sys.__excepthook__(kind, error, trace)


if _is_command():
    sys.excepthook = _hook

if getattr(sys, "frozen", False) and sys.argv[1:] == [HELPER]:
    from .engine.helper import main

    main()
