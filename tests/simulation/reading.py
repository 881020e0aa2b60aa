"""A socket whose messages are read besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulation.lives import Life

from binance_sockets import MessageStream, StreamEnded, is_error

if TYPE_CHECKING:
    from simulation.session import Session

__all__ = ["Reader"]


class Reader:
    """Stands before a socket's callback, and has a thread read all that comes besides.

    Attributes:
        given: what came, but for the last payload.
        got: what was read.
        ended: why it was over, where that was not asked for.
    """

    def __init__(self, session: Session, life: Life) -> None:
        self.life = life
        self.given: list[Any] = []
        self.got: list[Any] = []
        self.ended: StreamEnded | None = None
        self.__wrapped__ = self._stream = MessageStream[Any](maxsize=1_000_000)
        self._session = session

    def __call__(self, message: Any) -> None:
        if not is_error(message):
            self.given.append(message)
        self._stream(message)
        self.life(message)

    def read(self) -> None:
        """The thread."""
        try:
            for message in self._stream:
                self.got.append(message)
        except StreamEnded as ended:
            self._session.world.sometimes("a reader hears why its socket gave up")
            self.ended = ended
        self._session.world.note(f"read {self.life.key} to its end")
