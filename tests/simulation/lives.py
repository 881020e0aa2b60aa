"""What a program keeps of its sockets: each of their lives from start to end, and an order book."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.session import Session

__all__ = ["USER", "Book", "Life", "Span"]

USER = "user"
"""The one stream of an account's socket."""

_LAST = {"e": "error", "m": "Max reconnect retries reached"}
_BOOK = "xrpusdt@depth@100ms"


class Span:
    """A time in which a stream was wanted.

    Attributes:
        asked: that was said, not only about to be.
        since, until: when that was said; ``until`` is ``None`` to the end of its socket.
        opened: when ``wait_open`` said that all is confirmed.
    """

    def __init__(self, since: float, asked: bool = True) -> None:
        self.since = since
        self.asked = asked
        self.opened: float | None = None
        self.until: float | None = None


class Life:
    """One socket from its start to its end, as its callback sees it.

    Attributes:
        got: ids and times of what came, by stream.
        spans: when each stream was wanted.
        live: streams of which something came that was no past.
        past: what came of the past, as ``(stream, id)``.
        changing: streams that a thread is about to have joined or left: which of two is later, nobody knows.
        ways: how it was started: ``backfill``, ``history``, ``redundancy``, and those of accounts.
        product: whose streams it has.
        ended: when it was over for its user.
        finals: how often its last payload came.
        started: the call that started it has returned.
    """

    def __init__(
        self,
        session: Session,
        key: str,
        names: tuple[str, ...],
        wrapped: bool,
        ways: dict[str, Any] | None = None,
        product: str = "spot",
    ) -> None:
        self.key = key
        self.product = product
        self.names = names
        self.ways = ways or {}
        self.spans = {name: [Span(session.world.now)] for name in names}
        self.got: dict[str, list[tuple[Any, float]]] = {name: [] for name in names}
        self.began = session.world.now
        self.ended: float | None = None
        self.finals = 0
        self.started = False
        self.live: set[str] = set()
        self.past: set[tuple[str, Any]] = set()
        self.changing: set[str] = set()
        self.strays: list[Any] = []
        self.calls = 0
        self.habit = session.world.rng.choice(("quick", "quick", "quick", "quick", "slow", "raising", "stopping"))
        self._session = session
        self.wrapped = wrapped

    def sent(self, name: str) -> str:
        """What the exchange calls one of its streams."""
        if name == USER:
            return f"{self.product}:user@account"
        return name if self.product == "spot" else f"{self.product}:{name}"

    @contextlib.contextmanager
    def change(self, name: str) -> Iterator[None]:
        """One of its streams joins or leaves."""
        self.changing.add(name)
        try:
            yield
        finally:
            self.changing.discard(name)

    def __call__(self, message: Any) -> None:
        session, world = self._session, self._session.world
        if session.busy.get(self.key):
            world.fail(f"two callbacks of {self.key} at once")
        if self.ended is not None:
            world.fail(f"a callback of {self.key} began after its end")
        if self.finals:
            world.fail(f"a callback of {self.key} began after its last payload")
        session.busy[self.key] = True
        began = world.now
        try:
            self._take(message)
            world.maybe_switch()
            self._behave()
        finally:
            session.busy[self.key] = False
            session.lost_at[self.key] = session.lost_at.get(self.key, began) + world.now - began

    def _take(self, message: Any) -> None:
        world = self._session.world
        if message == _LAST:
            self.finals += 1
            world.note(f"last {self.key}")
            return
        name = message["stream"] if self.wrapped else self.names[0]
        payload = message["data"] if self.wrapped else message
        id = self._session.id_of(name, payload)
        world.note(f"got {name} {id}")
        if id is None or name not in self.got:
            self.strays.append(message)
        else:
            if isinstance(payload, dict) and payload.get("backfilled"):
                world.sometimes("a message that was filled in")
                self.past.add((name, id))
            else:
                self.live.add(name)
            self.got[name].append((id, world.now))

    def _behave(self) -> None:
        self.calls += 1
        world, rng = self._session.world, self._session.world.rng
        if self.habit == "slow" and rng.random() < 0.2:
            world.park(rng.choice((0.01, 0.2, 0.7, 3.0)))
        elif self.habit == "raising" and rng.random() < 0.2:
            world.sometimes("a callback that raises")
            raise ValueError("the user's own")
        elif self.habit == "stopping" and self.calls > 20:
            self._session.stop_from_within(self)


class Book:
    """An order book as its callback sees it: whenever it is shown, it is the exchange's at that id."""

    def __init__(self, session: Session) -> None:
        self.stream = _BOOK if session.product == "spot" else f"{session.product}:{_BOOK}"
        self.key: Any = None
        self.calls = 0
        self.last = 0
        self.over = False
        self._session = session

    def __call__(self, book: Any) -> None:
        world = self._session.world
        if isinstance(book, dict):
            self.over = True
            world.note("the book gave up")
            return
        self.calls += 1
        stream = self._session.exchange.streams[self.stream]
        id = book.id
        if id < self.last:
            world.fail(f"the book went back from {self.last} to {id}")
        self.last = id
        if self.calls % 4 == 1 and not stream.unruly:
            bids, asks = stream.book(id)
            shown = [{int(float(price)): int(size) for price, size in side} for side in (book.bids, book.asks)]
            world.sometimes("a book is shown")
            if shown != [bids, asks]:
                world.fail(f"the book at {id} is not the exchange's")
