"""The part of a manager that hands out messages instead of calling back."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from ..errors import ConfigError
from .stream import MessageStream

__all__ = ["Pulling"]

T = TypeVar("T")


class Pulling:
    """What every manager can do with streams; to be mixed into one."""

    def start(self) -> None:
        raise NotImplementedError

    def start_socket(self, streams: Any, callback: Any, *arguments: Any, **options: Any) -> str | Literal[False]:
        """Streams by name, as the exchange's manager has it."""
        raise NotImplementedError

    def stream(self, *arguments: Any, **options: Any) -> MessageStream[Any]:
        """A stream that is read instead of calling back: ``stream(streams, *, maxsize, on_full, key, max_age, ...)``.

        Args:
            streams: a stream name, or an iterable of names.
            maxsize, on_full, key, max_age: as for :class:`~binance_sockets.MessageStream`.
            options: as ``start_socket`` of this manager takes them.
        """
        return self._pull(*arguments, **options)

    def _pull(
        self,
        streams: Any,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Any = None,
        max_age: float | None = None,
        **options: Any,
    ) -> MessageStream[Any]:
        stream: MessageStream[Any] = MessageStream(maxsize, on_full, key, max_age=max_age)
        if self.start_socket(streams, stream, **options) is False:
            hint = "Close what has them open, let its readers share its messages, or use a second manager"
            raise ConfigError("streams", streams, "streams that are not open in this manager", hint)
        try:
            self.start()
        except BaseException:  # no thread is to be had, or Ctrl-C: nobody will get the stream
            stream.close()
            raise
        return stream
