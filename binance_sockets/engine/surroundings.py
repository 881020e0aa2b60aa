"""What a link is given of the connection that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from ..config import Options
from ..exchange import Exchange, Misfits
from .budget import Budgets
from .clock import Clock
from .commands import Command
from .router import Handler

__all__ = ["Surroundings"]


@dataclass(frozen=True)
class Surroundings:
    """What the links of one connection share.

    Args:
        conn_key: of the connection.
        label: its name in logs.
        exchange: answers every question about the exchange.
        options: deadlines, back-off, limits.
        handler: the user's callback, guarded.
        clock: tells the time.
        rng: draws the jitter of the back-off; made when first needed.
        commands: takes a command; they are carried out, in order, after the call that gave them.
        misfits: what the view of the messages could not express.
        budgets: gives the connect budgets, as a fork may change them.
    """

    conn_key: str
    label: str
    exchange: Exchange
    options: Options
    handler: Handler
    clock: Clock
    rng: Callable[[], Random]
    commands: Callable[[Command], None]
    misfits: Misfits
    budgets: Callable[[], Budgets]
