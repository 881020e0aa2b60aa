"""From the callbacks to the main thread, which alone prints."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import Any

__all__ = ["Feed", "Message"]

_PATIENCE = 0.1


@dataclass(frozen=True)
class Message:
    """A payload, the stream it came from, and its arrival (wall clock, seconds since the epoch)."""

    stream: str
    payload: Any
    received: float


class Feed:
    """A bounded queue: a reader that falls behind slows the connections down instead of filling the memory."""

    def __init__(self, size: int = 10_000) -> None:
        self._queue: queue.Queue[Message] = queue.Queue(size)
        self._stopped = threading.Event()
        self.failure: str | None = None
        self.taken = 0  # messages handed to the reader

    def put(self, stream: str, payload: Any) -> None:
        """Called on the connections' threads. Blocks while the queue is full and the reader still reads."""
        message = Message(stream, payload, time.time())
        while not self._stopped.is_set():
            try:
                return self._queue.put(message, timeout=_PATIENCE)
            except queue.Full:
                continue

    def multiplexed(self, message: Any) -> None:
        """The callback of a multiplex socket: unwrap, or take note that the connection has given up."""
        if "stream" in message:
            self.put(message["stream"], message["data"])
        else:
            self.failure = message["m"]

    def get(self, timeout: float) -> Message | None:
        """The next message, or ``None`` when none came within ``timeout`` seconds."""
        try:
            message = self._queue.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None
        self.taken += 1
        return message

    def stop(self) -> None:
        """Nobody reads any more: no callback waits for room again."""
        self._stopped.set()
