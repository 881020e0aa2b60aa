"""How long an examination may take, and how its checks run beside each other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ..config import Options
from ..engine.clock import Clock, Wakeup, wait_event
from ..engine.threads import Worker

__all__ = ["Bounds", "in_parallel"]

_T = TypeVar("_T")


class Bounds:
    """What all checks share.

    Args:
        options: of the sockets that are examined.
        timeout: seconds for everything together.
        clock: real time.
    """

    def __init__(self, options: Options, timeout: float, clock: Clock | None = None) -> None:
        self.options = options
        self.timeout = timeout
        self.clock = clock or Clock()
        self._end = self.clock.monotonic() + timeout

    def left(self, most: float | None = None) -> float:
        """Seconds for one step: the connect deadline of the options or ``most``, and no more than there are."""
        limit = self.options.timeouts.connect if most is None else most
        return max(0.0, min(limit, self._end - self.clock.monotonic()))

    @property
    def over(self) -> bool:
        return self.clock.monotonic() >= self._end


class Uncancelled:
    """A step that nobody stops: it has a deadline."""

    def __init__(self, wakeup: Wakeup) -> None:
        self.fileno = wakeup.fileno

    def cancelled(self) -> bool:
        return False


@contextlib.contextmanager
def uncancelled() -> Iterator[Uncancelled]:
    """What the engine's blocking steps ask for. For one thread."""
    with contextlib.closing(Wakeup()) as wakeup:
        yield Uncancelled(wakeup)


def in_parallel(tasks: Sequence[Callable[[], _T]], bounds: Bounds, late: Callable[[int], _T]) -> list[_T]:
    """The results of all tasks, in their order, each on a thread of its own. Blocks until the time is over at most.

    Args:
        tasks: what to run.
        bounds: the time.
        late: ``late(number)`` is the result of a task that has not ended by then; its thread ends by itself.

    Raises what a task raises.
    """
    results: dict[int, _T] = {}
    failures: list[BaseException] = []

    def runner(number: int, task: Callable[[], _T]) -> Callable[[], None]:
        def run() -> None:
            try:
                results[number] = task()
            except Exception as exc:
                failures.append(exc)

        return run

    workers = []
    for number, task in enumerate(tasks):
        worker = Worker(runner(number, task), name=f"binance_sockets:doctor-{number}", daemon=True)
        try:
            worker.start()
        except RuntimeError:  # no thread is to be had, which another check tells
            results[number] = task()
        else:
            workers.append(worker)
    for worker in workers:
        if wait_event(worker.ended, bounds.left(bounds.timeout)):
            worker.join(1.0)
    if failures:
        raise failures[0]
    found = dict(results)
    return [found[number] if number in found else late(number) for number in range(len(tasks))]
