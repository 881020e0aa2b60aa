"""All timers of the engine by name, in one table.

Timers are lazy: a frame moves none of them, as that would cost on every frame. A timer that fires looks whether what it
waits for has really come, and is set anew where it came too early.

=========== ========================================================= ==================================================
Timer       set to                                                    when it fires
=========== ========================================================= ==================================================
RETRY       the end of a back-off                                     the link dials
SUCCEED     the end of a step of a planned change                     the next step begins
GAP         seconds after a gap is over                               it is told, whatever ids are still unknown
FILL        when the next part of a stream's past may be asked for    it is asked for
CLOSE       ``Timeouts.close`` after our close frame                  the socket is cut
COPIES      seconds behind the opening of a WebSocket after a loss    what it brings is taken for new
STALE       when a silent socket would count as dead                  it has ended, if it is still silent
PING        when a silent socket wants a ping                         the client pings, if it is still silent
MAX_AGE     some time before the exchange would cut the socket        the link asks for the next one
STABLE      ``Backoff.stable_after`` behind the opening               failures before it are forgotten
SHRINK      some seconds behind the last full read                    grown buffers are given back
SILENCE     the first deadline of a stream's first message            the silent streams are reported
ASK         the end of a wait behind a refused SUBSCRIBE              what was carried before is asked for again
LIST        behind a change of what is carried, in a silence, rarely  the exchange is asked what it carries
RHYTHM      seconds behind the last look at the streams               those silent for too long are reported
SEND        when the pacer lets the next control frame go             it is sent
ANSWER      the first deadline of an unanswered request               a caller's ends; a control frame's ends the socket
UNSENT      the first deadline of a caller's unsent request           the request ends
RENEW       when the credential should be renewed, or its life ends   the link asks for the renewal, or for another link
PROOF       a second after the socket was last found empty            it is read, to find it empty again
=========== ========================================================= ==================================================
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Timer", "Timers"]


class Timer(Enum):
    """What may be due."""

    RETRY = "retry"
    SUCCEED = "succeed"
    GAP = "gap"
    FILL = "fill"
    CLOSE = "close"
    COPIES = "copies"
    STALE = "stale"
    PING = "ping"
    MAX_AGE = "max_age"
    STABLE = "stable"
    SHRINK = "shrink"
    SILENCE = "silence"
    ASK = "ask"
    LIST = "list"
    RHYTHM = "rhythm"
    SEND = "send"
    ANSWER = "answer"
    UNSENT = "unsent"
    RENEW = "renew"
    PROOF = "proof"


class Timers:
    """When each timer of one owner is due (monotonic seconds). No clock of its own; one thread."""

    __slots__ = ("_due", "next")

    def __init__(self) -> None:
        self._due: dict[Timer, float] = {}
        self.next: float | None = None
        """When the first one is due."""

    def set(self, timer: Timer, due: float | None) -> None:
        """Set or, with ``None``, unset a timer."""
        if due is None:
            self._due.pop(timer, None)
        else:
            self._due[timer] = due
        self.next = min(self._due.values(), default=None)

    def at(self, timer: Timer) -> float | None:
        """When ``timer`` is due, if it is set."""
        return self._due.get(timer)

    def clear(self) -> None:
        """Unset all."""
        self._due.clear()
        self.next = None

    def expired(self, now: float) -> list[Timer]:
        """Unset and return those that are due, the earliest first."""
        found = sorted((due, timer.value) for timer, due in self._due.items() if due <= now)
        timers = [Timer(value) for _, value in found]
        for timer in timers:
            del self._due[timer]
        self.next = min(self._due.values(), default=None)
        return timers
