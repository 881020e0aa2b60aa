"""Writes down what happens on streams, whether a connection hears it or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from binance_sockets.simulator.answers import dumps
from binance_sockets.simulator.server_clock import ServerClock

__all__ = ["Recording", "StreamRecord"]


class StreamRecord:
    """Takes down the streams of one product. A :class:`~binance_sockets.simulator.feed.Subscriber`.

    Args:
        product: of the streams.
        file: open for writing.
        clock: the server's.
    """

    def __init__(self, product: str, file: BinaryIO, clock: ServerClock) -> None:
        self._product, self._file, self._clock = dumps(product), file, clock

    def deliver(self, name: str, payload: bytes, event: str) -> None:
        head = b'{"time":%.6f,"product":%s,"stream":%s,"data":' % (self._clock.seconds(), self._product, dumps(name))
        self._file.write(head + payload + b"}\n")


class Recording:
    """A running record; :meth:`close` ends it.

    Args:
        file: what is closed at the end.
        leave: ends the subscriptions, on the simulator's thread.
    """

    def __init__(self, file: BinaryIO, leave: Callable[[], object]) -> None:
        self._file, self._leave = file, leave

    def close(self) -> None:
        """Write the rest and close the file. Any thread may call, also when the simulator has stopped."""
        self._leave()
        self._file.close()
