"""What one conn key needs besides its messages: time, REST, reports, and its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from ...engine.connection import Connection
from ...engine.pool import Member
from ...errors import BackfillFailed, SnapshotMissing
from ...events import State, StateChange
from .messages import Message, Reading
from .past import History
from .portions import PATIENCE, Portion

__all__ = ["Prime", "Steward"]

log = logging.getLogger("binance_sockets.upbit")

_AGAIN = (0.25, 0.5, 1.0, 2.0)  # seconds after which REST is asked again where it is behind the stream

Prime = Callable[[str, Reading], "tuple[History | None, Callable[[], list[Message]]]"]
"""The past of a stream, if it has one, and the call that asks REST, which blocks and raises as REST calls do."""


class Steward:
    """Sees to one conn key. All of it runs on the connection's thread.

    Args:
        conn_key: its key.
        find: its member, while it is open.
        prime: asks REST for what streams begin with.
        watch: is told every change of state; ``None`` for nobody.
        wall: the wall clock, seconds since the epoch.

    Attributes:
        portion: what belongs to it; set before it is started.
    """

    portion: Portion

    def __init__(
        self,
        conn_key: str,
        find: Callable[[Portion], Member | None],
        prime: Prime,
        watch: Callable[[StateChange], None] | None,
        wall: Callable[[], float],
    ) -> None:
        self._conn_key = conn_key
        self._find = find
        self._prime = prime
        self._watch = watch
        self._wall = wall

    def missing(self, streams: list[str]) -> None:
        """Their snapshots have not come."""
        error = SnapshotMissing(streams, PATIENCE)
        log.warning("%s: %s", self._conn_key, error)
        if (member := self._find(self.portion)) is not None:
            member.report(error)

    def over(self) -> None:
        """It has got all that it wanted."""
        if (member := self._find(self.portion)) is not None:
            member.request_stop()

    def changed(self, change: StateChange) -> None:
        """Its link has another state."""
        if change.previous is State.OPEN and change.state is not State.OPEN:
            self.portion.lost(self._release)
        if self._watch is not None:
            self._watch(change)

    def settled(self, connection: Connection) -> None:
        """All that the connection wants is asked for."""
        seconds = self.portion.settled()
        if seconds is not None:
            connection.later(seconds, partial(self.portion.expire, self._release))
        for name in self.portion.unprimed():
            self._begin(connection, name)

    def _begin(self, connection: Connection, name: str) -> None:
        """Ask REST what a stream begins with, until that reaches what the stream has brought."""
        history, ask = self._prime(name, Reading(connection.misfits, self._wall))
        portion, losses, waiting = self.portion, self.portion.losses, self.portion.waiting(name)
        pauses = iter(_AGAIN)

        def wanted() -> bool:
            """Else the link is lost, and it is asked again for the next one; or the stream has left."""
            return losses == portion.losses and waiting is not None and portion.waiting(name) is waiting

        def asked(_: None) -> list[Message] | Exception:
            try:
                return ask()
            except Exception as error:  # reported, and what waits goes on without
                return error

        def answered(found: list[Message] | Exception) -> tuple[()]:
            if not wanted():
                return ()
            error = None
            if isinstance(found, Exception):
                error, found = str(found) or type(found).__name__, [] if history is None else history.told
            elif history is not None and not history.reaches(waiting or ()):
                if (pause := next(pauses, None)) is not None:
                    connection.later(pause, again)
                    return ()
                error = "the exchange does not tell what was before the stream"
            if error is not None and (member := self._find(portion)) is not None:
                member.report(BackfillFailed(name, error))
            portion.primed(name, found, self._release)
            return ()

        def again() -> None:
            if wanted():
                connection.elsewhere.question(lambda now: None, asked, answered)

        again()

    def _release(self, message: Message) -> None:
        """Deliver what has waited."""
        member = self._find(self.portion)
        if member is not None and not member.handler.stopping:  # a callback may have stopped it meanwhile
            member.handler.call(message, message.name)
