"""Importing this module makes old scripts' imports work: ``binance.websockets``, ``binance.client``, the reactor, ...

What is installed wins, module by module: with python-binance 1.x its REST client is used, and only what it lacks is
added. Of an installed 0.7 all is used but ``binance.websockets``. A real Twisted stays as it is, but that its
``reactor.stop()`` closes these sockets, too. What was imported before is not touched.
"""

from __future__ import annotations

import sys

from .modules import Finder, OldSockets
from .real_twisted import RealTwisted, teach

__all__ = ["install"]


def install() -> None:
    """Do it; once per process, however often it is called."""
    if any(isinstance(finder, Finder) for finder in sys.meta_path):
        return
    finder = Finder()
    sys.meta_path.append(finder)
    sys.meta_path.insert(0, OldSockets(finder))
    sys.meta_path.insert(0, RealTwisted())
    known = sys.modules.get("twisted.internet.reactor")
    if known is not None:
        teach(known)


install()
