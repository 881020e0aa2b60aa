"""All interleavings of pairs of threads that share a lock or a queue."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from simulation.interleavings import Scheduled, explore, together
from simulation.system import System

from binance_sockets.engine.jobs import Jobs
from binance_sockets.sinks import Buffered, BufferFull

LONG = pytest.mark.full


@pytest.mark.parametrize("preemptions", [0, pytest.param(1, marks=LONG)])
@pytest.mark.parametrize("policy", ["block", "drop_oldest", "drop_newest", "raise", "conflate"])
def test_buffered_counts_every_message(policy: str, preemptions: int) -> None:
    """Two threads put and a third closes: all that was taken was delivered or counted as dropped; nobody waits on."""

    def scenario(world: Scheduled, system: System) -> None:
        got: list[int] = []
        key = {"key": lambda message: 0} if policy == "conflate" else {}
        buffered = Buffered(got.append, 1, policy, **key)  # type: ignore[arg-type]

        def put(numbers: Sequence[int]) -> None:
            for number in numbers:
                try:
                    buffered(number)
                except BufferFull:
                    assert policy == "raise"

        together(system, lambda: put([1, 2]), lambda: put([11]), buffered.close)
        buffered.close()
        assert buffered.received == 3
        assert buffered.delivered == len(got) == len(set(got))
        assert buffered.delivered + buffered.dropped == 3
        assert [number for number in got if number < 10] == sorted(number for number in got if number < 10)

    print(policy, explore(scenario, preemptions).count, "interleavings")


@pytest.mark.parametrize("preemptions", [0, pytest.param(2, marks=LONG)])
def test_jobs_run_once_and_in_their_order(preemptions: int) -> None:
    """Two threads submit, and the end is asked for behind them: every job ran once, and the thread is over."""

    def scenario(world: Scheduled, system: System) -> None:
        done: list[str] = []
        jobs = Jobs("jobs")
        jobs.start()

        def submit(name: str, urgent: bool) -> None:
            for number in range(2):
                jobs.submit(lambda number=number: done.append(f"{name}{number}"), urgent)  # type: ignore[misc]

        together(system, lambda: submit("a", False), lambda: submit("b", True))
        jobs.stop()
        assert jobs.join(10.0)
        assert sorted(done) == ["a0", "a1", "b0", "b1"]
        assert done.index("a0") < done.index("a1")
        assert done.index("b0") < done.index("b1")

    print(explore(scenario, preemptions).count, "interleavings")
