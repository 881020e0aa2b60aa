"""Placeholder until the threads branch lands."""

from __future__ import annotations

import threading
from collections.abc import Callable


def spawn(target: Callable[[], None], *, name: str, daemon: bool, never: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, name=name, daemon=daemon)
    try:
        thread.start()
    except BaseException:
        if not thread.ident:
            never()
        raise
    return thread
