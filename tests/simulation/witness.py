"""What listeners are told in a session, kept so that it can be compared with what there was."""

from __future__ import annotations

from typing import Any

from simulation.lives import USER
from simulation.world import World

from binance_sockets.errors import SubscriptionRejected
from binance_sockets.events import ErrorReport, Gap, Reason, State, StateChange

__all__ = ["Witness"]

_FIELDS = {"trade": "t", "aggTrade": "a", "depth": "u", "bookTicker": "u", USER: "i"}  # that have a message's id


class Witness:
    """Takes note of gaps, errors and changes of state.

    Args:
        world: tells time, and keeps the record.

    Attributes:
        gaps: that were told, with the time.
        reports: likewise, of errors.
        refused: streams of keys of which that was told.
        busy: keys whose callback runs.
        losses: links of keys that were lost since the last gap was told, and how often.
        lost_at: when a link of a key was last not open.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.gaps: list[tuple[Gap, float]] = []
        self.reports: list[ErrorReport] = []
        self.refused: set[tuple[str, str]] = set()
        self.busy: dict[str, bool] = {}
        self.losses: dict[tuple[str, int], int] = {}
        self.lost_at: dict[str, float] = {}

    def id_of(self, name: str, payload: Any) -> Any:
        """What the exchange numbers a message by."""
        field = _FIELDS.get(name.rpartition("@")[2], "E")
        return payload.get(field) if isinstance(payload, dict) else None

    def _gap(self, gap: Gap) -> None:
        self.world.note(f"gap {gap.conn_key} {gap.streams} {gap.reason.value} {gap.ids}")
        self.gaps.append((gap, self.world.now))
        if gap.reason is Reason.FORGOTTEN:
            self.world.sometimes("a gap of what was forgotten")
        if gap.reason is Reason.REJECTED:
            self.world.sometimes("a refused stream is asked for again")
        links = [count for (key, _), count in self.losses.items() if key == gap.conn_key]
        if max(links, default=0) > 1:
            self.world.sometimes("a gap across two losses")
        for row in [row for row in self.losses if row[0] == gap.conn_key]:
            self.losses[row] = 0

    def _report(self, report: ErrorReport) -> None:
        self.world.note(f"error {report.conn_key} {type(report.error).__name__}")
        self.reports.append(report)
        if isinstance(report.error, SubscriptionRejected):
            self.refused.update((report.conn_key, name) for name in report.error.streams)

    def _state(self, change: StateChange) -> None:
        self.world.note(f"{change.conn_key} {change.link} {change.previous.value} -> {change.state.value}")
        where = (change.conn_key, change.link)
        self.lost_at[change.conn_key] = self.world.now
        if change.previous is State.OPEN and change.state is State.BACKOFF:
            self.losses[where] = self.losses.get(where, 0) + 1
        if change.state is State.BACKOFF and change.reason is not None:
            if change.reason is not Reason.MAX_AGE:  # a change that the exchange was faster with: it leaves time enough
                self.world.sometimes(f"back-off: {change.reason.value}")
            wait = getattr(change.error, "retry_after", None)
            if wait and self.losses.get(where):
                self.world.sometimes("a ban during recovery")
