"""The one table of states, events and transitions. Nothing else decides what may follow what."""

from __future__ import annotations

from enum import Enum

from ..errors import LifecycleError
from ..events import State

__all__ = ["TRANSITIONS", "Event", "Lifecycle"]


class Event(Enum):
    """What can happen to a lane (the link of one group of streams, over all its reconnects)."""

    START = "start"
    STOP = "stop"
    OPENED = "opened"
    FAILED = "failed"
    FATAL = "fatal"
    LOST = "lost"
    RESTART = "restart"
    DUE = "due"
    EXHAUSTED = "exhausted"
    TIMEOUT = "timeout"


TRANSITIONS: dict[State, dict[Event, State]] = {
    State.IDLE: {Event.START: State.CONNECTING, Event.STOP: State.CLOSED},
    State.CONNECTING: {
        Event.OPENED: State.OPEN,
        Event.FAILED: State.BACKOFF,
        Event.FATAL: State.CLOSED,
        Event.STOP: State.CLOSED,
    },
    State.OPEN: {
        Event.LOST: State.BACKOFF,
        Event.RESTART: State.BACKOFF,
        Event.FATAL: State.CLOSED,
        Event.STOP: State.CLOSING,
    },
    State.BACKOFF: {Event.DUE: State.CONNECTING, Event.EXHAUSTED: State.CLOSED, Event.STOP: State.CLOSED},
    State.CLOSING: {Event.LOST: State.CLOSED, Event.TIMEOUT: State.CLOSED, Event.STOP: State.CLOSED},
    State.CLOSED: {},
}


class Lifecycle:
    """The state of one lane. Owned and changed by one thread; others may read ``state``."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.IDLE

    def fire(self, event: Event) -> State:
        """Take the transition for ``event`` and return the new state.

        Raises:
            LifecycleError: the table has no such transition.
        """
        try:
            self.state = TRANSITIONS[self.state][event]
        except KeyError:
            raise LifecycleError(self.state.name, event.name) from None
        return self.state
