"""What the connections of a manager are up to, in a few lines."""

from __future__ import annotations

from datetime import datetime

from .. import BudgetSnapshot, ConnectionSnapshot, Gap, LinkSnapshot, State
from ..manager import Manager
from .words import counted

__all__ = ["Status"]


class Status:
    """The state of a manager's links, and the gaps so far. Any thread.

    Args:
        manager: whose. It tells of its gaps from now on.
    """

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._gaps: list[Gap] = []
        manager.add_gap_listener(self._gaps.append)

    @property
    def gaps(self) -> int:
        """How often messages may be missing."""
        return len(self._gaps)

    @property
    def reconnects(self) -> int:
        """How often a link was opened again."""
        return sum(row["reconnects"] for row in self._manager.snapshot()["connections"].values())

    def lines(self) -> list[str]:
        """A line per link, one for each connection, and one for each budget; none where all are over."""
        lines = []
        snapshot = self._manager.snapshot()
        offset = next((clock["offset"] for clock in snapshot["clock"].values()), None)
        for row in snapshot["connections"].values():
            lines += [f"link {number}: {_link(link)}" for number, link in enumerate(row["links"])]
            lines.append(", ".join([*_connection(row, offset), *self._last_gap()]))
        if lines:
            lines += filter(None, (_budget(venue, row) for venue, row in snapshot["budgets"].items()))
        return lines

    def _last_gap(self) -> list[str]:
        gaps = self._gaps[:]
        if not gaps:
            return [counted(0, "gap")]
        return [f"{counted(len(gaps), 'gap')} (the last {gaps[-1].duration:.1f} s, {gaps[-1].reason.value})"]


def _connection(row: ConnectionSnapshot, offset: float | None) -> list[str]:
    lag = "callback keeps up" if not row["lag"] else f"callback {row['lag']:.1f} s behind"
    parts = [lag, f"busy {row['busy'] * 100:.0f} %"]
    if delays := [each["delay"] for each in row["streams"].values() if each["delay"] is not None]:
        unsure = ", clocks not compared" if offset is None else ""
        parts.append(f"delay {(max(delays) - (offset or 0.0)) * 1000:.0f} ms{unsure}")
    return [*parts, f"slowest call {row['slowest_callback'] * 1000:.0f} ms", counted(row["reconnects"], "reconnect")]


def _budget(venue: str, row: BudgetSnapshot) -> str:
    parts = []
    if row["period"]:
        parts.append(f"{row['used']} of {row['used'] + row['left']} connects in {row['period']:g} s")
    if row["waiting"]:
        parts.append(f"{counted(row['waiting'], 'link')} held back")
    for name, weight in row["weights"].items():
        parts.append(f"{name} REST weight {weight['used']} in {weight['period']:g} s, {weight['left']} left")
        if weight["waiting"]:
            parts.append(f"{counted(weight['waiting'], 'call')} held back")
    if row["banned_until"] is not None:
        parts.append(f"banned until {_clock(row['banned_until'])}")
    return f"{venue}: {', '.join(parts)}" if parts else ""


def _clock(moment: float) -> str:
    """The time of day here, with the date where that is another one."""
    found, today = datetime.fromtimestamp(moment), datetime.now().date()
    return found.strftime("%H:%M:%S" if found.date() == today else "%Y-%m-%d %H:%M:%S")


def _link(link: LinkSnapshot) -> str:
    parts = [link["state"]]
    if link["last_frame_age"] is not None:
        parts.append(f"last frame {link['last_frame_age']:.1f} s ago")
    if link["failures"] and link["state"] != State.OPEN.value:  # they count until it has proved stable
        parts.append(f"{counted(link['failures'], 'failure')} in a row")
    if link["waiting_until"] is not None:
        parts.append(f"held back until {_clock(link['waiting_until'])}")
    if link["replacing"] is not None:
        parts.append(f"the next one opens ({link['replacing']})")
    if link["left"] is not None:
        parts.append(f"the one before left ({link['left']})")
    if link["isolated"]:
        parts.append("TLS in the helper")
    if link["gil_wait"]:
        parts.append(f"waited {link['gil_wait']:.1f} s for the GIL")
    return ", ".join(parts)
