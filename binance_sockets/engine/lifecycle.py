"""The tables of what may follow what: the states of a link, and the phases of a connection. Nothing else decides."""

from __future__ import annotations

from enum import Enum

from ..errors import LifecycleError
from ..events import State

__all__ = ["TRANSITIONS", "Trigger", "Lifecycle"]


class Trigger(Enum):
    """What can happen to a link (one group of streams over all its sockets)."""

    START = "start"
    HOLD = "hold"
    STOP = "stop"
    OPENED = "opened"
    FAILED = "failed"
    FATAL = "fatal"
    LOST = "lost"
    DUE = "due"
    EXHAUSTED = "exhausted"
    TIMEOUT = "timeout"


TRANSITIONS: dict[State, dict[Trigger, State]] = {
    State.IDLE: {Trigger.START: State.CONNECTING, Trigger.HOLD: State.BACKOFF, Trigger.STOP: State.CLOSED},
    State.CONNECTING: {
        Trigger.OPENED: State.OPEN,
        Trigger.FAILED: State.BACKOFF,
        Trigger.FATAL: State.CLOSED,
        Trigger.STOP: State.CLOSED,
    },
    State.OPEN: {
        Trigger.LOST: State.BACKOFF,
        Trigger.FATAL: State.CLOSED,
        Trigger.STOP: State.CLOSING,
    },
    State.BACKOFF: {Trigger.DUE: State.CONNECTING, Trigger.EXHAUSTED: State.CLOSED, Trigger.STOP: State.CLOSED},
    State.CLOSING: {Trigger.LOST: State.CLOSED, Trigger.TIMEOUT: State.CLOSED, Trigger.STOP: State.CLOSED},
    State.CLOSED: {},
}


class Lifecycle:
    """The state of one link. Owned and changed by one thread; others may read ``state``."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.IDLE

    def fire(self, trigger: Trigger) -> State:
        """Take the transition for ``trigger`` and return the new state.

        Raises:
            LifecycleError: the table has no such transition.
        """
        try:
            self.state = TRANSITIONS[self.state][trigger]
        except KeyError:
            raise LifecycleError(self.state.name, trigger.name) from None
        return self.state


class Phase(Enum):
    """Where a connection is in its own life."""

    #: registered; no thread
    NEW = "new"
    #: its thread is started
    RUNNING = "running"
    #: asked to end; its links close
    STOPPING = "stopping"
    #: it makes no further calls
    OVER = "over"


PHASES: dict[Phase, frozenset[Phase]] = {
    Phase.NEW: frozenset({Phase.RUNNING, Phase.OVER}),
    Phase.RUNNING: frozenset({Phase.STOPPING, Phase.OVER}),
    Phase.STOPPING: frozenset({Phase.OVER}),
    Phase.OVER: frozenset(),
}
