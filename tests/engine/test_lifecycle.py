"""The table of states and events."""

from __future__ import annotations

import pytest

from binance_sockets.engine.lifecycle import PHASES, TRANSITIONS, Lifecycle, Phase, Trigger
from binance_sockets.errors import LifecycleError
from binance_sockets.events import State

ARROWS = [
    ("IDLE", "START", "CONNECTING"),
    ("IDLE", "HOLD", "BACKOFF"),
    ("IDLE", "STOP", "CLOSED"),
    ("CONNECTING", "OPENED", "OPEN"),
    ("CONNECTING", "FAILED", "BACKOFF"),
    ("CONNECTING", "FATAL", "CLOSED"),
    ("CONNECTING", "STOP", "CLOSED"),
    ("OPEN", "LOST", "BACKOFF"),
    ("OPEN", "FATAL", "CLOSED"),
    ("OPEN", "STOP", "CLOSING"),
    ("BACKOFF", "DUE", "CONNECTING"),
    ("BACKOFF", "EXHAUSTED", "CLOSED"),
    ("BACKOFF", "STOP", "CLOSED"),
    ("CLOSING", "LOST", "CLOSED"),
    ("CLOSING", "TIMEOUT", "CLOSED"),
    ("CLOSING", "STOP", "CLOSED"),
]
IMPOSSIBLE = [
    (state, event)
    for state in State
    for event in Trigger
    if (state.name, event.name) not in {(source, name) for source, name, _ in ARROWS}
]


def at(state: State) -> Lifecycle:
    lifecycle = Lifecycle()
    lifecycle.state = state
    return lifecycle


@pytest.mark.parametrize(("source", "event", "target"), ARROWS)
def test_every_arrow(source: str, event: str, target: str) -> None:
    """Each documented arrow leads where the table of the architecture says."""
    lifecycle = at(State[source])
    assert lifecycle.fire(Trigger[event]) is State[target]
    assert lifecycle.state is State[target]


@pytest.mark.parametrize(("state", "event"), IMPOSSIBLE)
def test_every_other_arrow_is_refused(state: State, event: Trigger) -> None:
    """An event that the table does not have in a state raises, names both, and changes nothing."""
    lifecycle = at(state)
    with pytest.raises(LifecycleError) as caught:
        lifecycle.fire(event)
    assert str(caught.value) == f"event {event.name} is not possible in state {state.name}"
    assert lifecycle.state is state


def test_table_is_complete() -> None:
    """Every state has a row, and one starts in IDLE."""
    assert set(TRANSITIONS) == set(State)
    assert Lifecycle().state is State.IDLE
    assert len(ARROWS) == sum(len(row) for row in TRANSITIONS.values())


def test_every_state_but_the_last_can_be_stopped() -> None:
    """A stop is possible everywhere, and leads to CLOSED in at most two steps."""
    for state in State:
        if state is State.CLOSED:
            assert TRANSITIONS[state] == {}
            continue
        after = TRANSITIONS[state][Trigger.STOP]
        assert after is State.CLOSED or TRANSITIONS[after][Trigger.STOP] is State.CLOSED


def test_a_connection_goes_on_and_never_back() -> None:
    """Each phase has a row; every one but the last leads to the end, one step is skipped only towards it."""
    names = {phase.name: {after.name for after in PHASES[phase]} for phase in Phase}
    assert names == {
        "NEW": {"RUNNING", "OVER"},
        "RUNNING": {"STOPPING", "OVER"},
        "STOPPING": {"OVER"},
        "OVER": set(),
    }
