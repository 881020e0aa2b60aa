"""The attempts to connect of one connection: on its own thread while nothing is readable, else on a dial thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .clock import Cancel, Cancelled, Clock
from .dialler import Attempt, Opened
from .lag import Lag

__all__ = ["Dials"]

_Owner = TypeVar("_Owner")


class Dials(Generic[_Owner]):
    """At most one attempt for each owner (a link). Everything but :attr:`connecting` runs on the connection's thread.

    Args:
        connect: opens a WebSocket for an owner; blocks.
        done: takes the result of an attempt that was not cancelled.
        elsewhere: runs an attempt on a dial thread; raises RuntimeError where there is none.
        post: runs something on the connection's thread; ``False`` when that is over.
        cancel: ends an attempt on this thread early.
        clock: tells the time.
        lag: of the connection's thread: while that connects its callback is not behind.

    Attributes:
        connecting: the connection's own thread connects.
        done_at: when it last did (monotonic seconds): no work of the callback.
    """

    def __init__(
        self,
        connect: Callable[[_Owner, Cancel], Opened],
        done: Callable[[_Owner, Opened | Exception], None],
        elsewhere: Callable[[Attempt], None],
        post: Callable[[Callable[[], None]], bool],
        cancel: Cancel,
        clock: Clock,
        lag: Lag,
    ) -> None:
        self.connecting = False
        self.done_at = float("-inf")
        self._connect = connect
        self._done = done
        self._elsewhere = elsewhere
        self._post = post
        self._cancel = cancel
        self._clock = clock
        self._lag = lag
        self._attempts: dict[_Owner, Attempt] = {}

    def dial(self, owner: _Owner, here: bool) -> None:
        """Begin an attempt, on this thread if ``here``."""
        if here:
            self._dial_here(owner)
            return
        attempt = Attempt(lambda cancel: self._connect(owner, cancel), lambda result: self.hand_over(owner, result))
        self._attempts[owner] = attempt
        try:
            self._elsewhere(attempt)
        except RuntimeError:  # no thread to be had: better late than never
            self._dial_here(owner)

    def _dial_here(self, owner: _Owner) -> None:
        self.connecting = True
        self._lag.pauses()
        try:
            result: Opened | Exception = self._connect(owner, self._cancel)
        except Cancelled:
            return
        except Exception as exc:
            result = exc
        finally:
            self.connecting = False
            self.done_at = self._clock.monotonic()
            self._lag.resumes(self.done_at)
        self._finish(owner, result)

    def hand_over(self, owner: _Owner, result: Opened | Exception) -> None:
        """The result of a dial thread, on that thread."""
        # The connection may end between the attempt's look at its cancel and here. Then nobody else knows the socket.
        if not self._post(lambda: self._finish(owner, result)) and isinstance(result, Opened):
            result.stream.close()  # the connection is over

    def _finish(self, owner: _Owner, result: Opened | Exception) -> None:
        self._attempts.pop(owner, None)
        self._done(owner, result)

    def cancel(self) -> None:
        """None of the results is wanted any longer."""
        for attempt in self._attempts.values():
            attempt.cancel()
