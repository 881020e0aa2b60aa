"""The job thread."""

from __future__ import annotations

import threading

import pytest
from patience import PATIENCE

from binance_sockets.engine.jobs import Jobs


def test_jobs_run_in_order_on_a_thread_of_that_name() -> None:
    """One after another, on the named daemon thread; the end comes behind all that were queued."""
    jobs = Jobs("binance_sockets-9:jobs")
    seen: list[object] = []
    jobs.submit(lambda: seen.append(threading.current_thread().name))  # before the start
    jobs.start()
    for number in range(100):
        jobs.submit(lambda number=number: seen.append(number))
    jobs.stop()
    assert jobs.join(PATIENCE)
    assert seen == [jobs.thread.name, *range(100)]
    assert (jobs.thread.name, jobs.thread.daemon) == ("binance_sockets-9:jobs", True)
    assert not jobs.thread.is_alive()


def test_failing_job_is_logged_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    """A job cannot end the thread."""
    jobs, done = Jobs("binance_sockets:jobs"), threading.Event()
    jobs.start()
    jobs.submit(lambda: [][0])
    jobs.submit(done.set)
    assert done.wait(PATIENCE)
    jobs.stop()
    assert jobs.join(PATIENCE)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("binance_sockets.jobs", "a job failed")
    ]
    assert caplog.records[0].exc_info


def test_join_is_bounded() -> None:
    """A job that does not return is told by the result."""
    jobs, release = Jobs("binance_sockets:jobs"), threading.Event()
    jobs.start()
    jobs.submit(lambda: release.wait(PATIENCE))
    jobs.stop()
    assert not jobs.join(0.01)
    release.set()
    assert jobs.join(PATIENCE)


def test_join_from_a_job_does_not_wait_for_itself() -> None:
    """A job may close the manager."""
    jobs, results = Jobs("binance_sockets:jobs"), list[bool]()
    jobs.start()
    jobs.submit(lambda: results.append(jobs.join(PATIENCE)))
    jobs.stop()
    assert jobs.join(PATIENCE)
    assert results == [True]


def test_urgent_jobs_come_first():
    """A connect does not wait behind the questions that were asked before it; the end waits for all."""
    jobs, order = Jobs("jobs"), []
    jobs.submit(lambda: order.append("question"))
    jobs.stop()
    jobs.submit(lambda: order.append("connect"), urgent=True)
    jobs.start()
    assert jobs.join(PATIENCE)
    assert order == ["connect", "question"]
