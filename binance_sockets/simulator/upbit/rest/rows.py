"""A row for each REST call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.upbit.backend import Backend
from binance_sockets.simulator.upbit.rest.query import Query

__all__ = ["Keyed", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """A call that needs no key.

    Args:
        path: below the region.
        group: whose limit it counts against.
        call: answers it.
    """

    path: str
    group: str
    call: Callable[[Backend, Query], Any]


@dataclass(frozen=True, slots=True)
class Keyed:
    """A call of an account.

    Args:
        method: of HTTP.
        path: below the region.
        call: answers it.
        scope: what its key must be allowed.
        group: whose limit it counts against.
        status: of the answer.
    """

    method: str
    path: str
    call: Callable[[Any, Key, Query], Any]
    scope: str
    group: str = "default"
    status: int = 200
