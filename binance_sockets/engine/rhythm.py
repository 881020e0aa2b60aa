"""How long each stream usually rests, learned from looks at its counters; and which one rests for much longer now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..exchange import Stream

if TYPE_CHECKING:
    from .router import StreamStats

__all__ = ["EVERY", "Rhythm"]

EVERY = 5.0  # seconds between two looks
_FACTOR = 10.0  # a rest this many times as long as the longest before is no rest any more
_KNOWN = 30  # messages,
_SPAN = 20.0  # and as many times the longest rest, after which a stream's rhythm is known


class _Rest:
    """What is known of one stream."""

    __slots__ = ("age", "began", "longest", "messages", "reported", "since")

    def __init__(self, messages: int, now: float) -> None:
        self.began = now
        self.since = messages  # how many it had brought then,
        self.messages = messages  # and at the last look,
        self.age = 0.0  # at which it had been resting for so long
        self.longest = EVERY
        self.reported = False


class Rhythm:
    """Learns by looking at counters every :data:`EVERY` seconds, so that a message costs nothing.

    A rest that ended is known to within one look, from below; that is what the factor and the deadline are for. On the
    connection's thread.
    """

    def __init__(self) -> None:
        self._rests: dict[str, _Rest] = {}

    def look(
        self,
        streams: Mapping[str, Stream],
        stats: Mapping[str, StreamStats],
        since: float,
        limit: float | None,
        now: float,
    ) -> Iterator[tuple[Stream, float, float | None]]:
        """Yield each stream that has brought messages and rests for too long, once per rest.

        Args:
            streams: those to look at, by name; what may rest for hours is passed over.
            stats: their counters.
            since: what was silent before this moment had no link.
            limit: seconds of rest that are too long; ``None``: what the rhythm of each tells, never less than the
                deadline of its first message.
            now: monotonic seconds.

        Yields:
            The stream, how long it has rested, and the longest rest before where that is the measure.
        """
        if self._rests.keys() - streams.keys():
            self._rests = {name: rest for name, rest in self._rests.items() if name in streams}
        for name, stream in streams.items():
            if stream.first_message is None:
                continue
            counters = stats[name]
            rest = self._rests.get(name)
            if rest is None:
                rest = self._rests[name] = _Rest(counters.messages, now)
            age = now - max(counters.last, since)
            if counters.messages != rest.messages:
                rest.messages, rest.reported = counters.messages, False
                rest.longest = max(rest.longest, rest.age)
            rest.age = age
            if rest.reported or counters.last < since:  # never came on this link: see first messages
                continue
            if limit is None:
                known = rest.messages - rest.since >= _KNOWN and now - rest.began >= _SPAN * rest.longest
                if not known or age < max(_FACTOR * rest.longest, stream.first_message):
                    continue
                yield stream, age, rest.longest
            elif age >= limit:
                yield stream, age, None
            else:
                continue
            rest.reported = True
