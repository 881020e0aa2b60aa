"""What one link should carry: wanted -> pending -> confirmed, with answers matched by request id."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import RequestTimeout, SubscriptionRejected
from ..exchange import Ack, ControlFrame

__all__ = ["Subscriptions"]


class Subscriptions:
    """The wanted streams of a group, and how far the present link is with them.

    Lives on the connection's thread. A new link starts with :meth:`reset`; everything wanted is replayed.
    """

    __slots__ = ("_pending", "_wanted", "confirmed", "rejected")

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = dict.fromkeys(wanted)
        self._pending: dict[int, tuple[tuple[str, ...], float]] = {}
        self.confirmed: set[str] = set()
        self.rejected: dict[str, SubscriptionRejected] = {}

    def reset(self, confirmed: Iterable[str]) -> list[str]:
        """A link has opened that carries ``confirmed`` by its URL; return the names still to ask for, in order."""
        self._pending.clear()
        self.rejected.clear()
        self.confirmed = {name for name in confirmed if name in self._wanted}
        return [name for name in self._wanted if name not in self.confirmed]

    def sent(self, frame: ControlFrame, deadline: float) -> None:
        """``frame`` has left; its answer is due by ``deadline``. Without answers (no id) it counts as confirmed."""
        if frame.request_id is None:
            self.confirmed.update(frame.streams)
        else:
            self._pending[frame.request_id] = (frame.streams, deadline)

    def acked(self, ack: Ack) -> SubscriptionRejected | None:
        """Match an answer. Returns the rejection to report, if it is one."""
        if ack.request_id is None:
            # an error without an id (the exchange could not read the request) can only belong to a pending request
            request_id = next(iter(self._pending), None) if ack.error else None
        else:
            request_id = ack.request_id
        streams, _ = self._pending.pop(request_id, ((), 0.0)) if request_id is not None else ((), 0.0)
        if ack.error is None:
            self.confirmed.update(streams)
            return None
        rejection = SubscriptionRejected(*ack.error, streams)
        self.rejected.update(dict.fromkeys(streams, rejection))
        return rejection

    def due(self) -> float | None:
        """When the oldest unanswered request times out, or ``None``."""
        return min((deadline for _, deadline in self._pending.values()), default=None)

    def overdue(self, now: float, timeout: float) -> RequestTimeout | None:
        """The error of a request that was not answered in time, if any."""
        due = self.due()
        return RequestTimeout("answer to a SUBSCRIBE", timeout) if due is not None and due <= now else None

    @property
    def settled(self) -> bool:
        """Every wanted stream is confirmed or rejected."""
        return len(self.confirmed) + len(self.rejected) >= len(self._wanted)
