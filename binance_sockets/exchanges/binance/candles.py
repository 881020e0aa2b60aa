"""Candles that are final: the filter behind ``closed_only=True``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ...unified import Kline
from . import models as m

__all__ = ["ClosedOnly", "is_open"]


class _Part(msgspec.Struct):
    x: bool


class _Message(msgspec.Struct):
    """The bytes of a candle, bare or wrapped, as far as the filter needs them."""

    k: _Part | None = None
    data: _Message | None = None


_decode = msgspec.json.Decoder(_Message).decode


def is_open(message: Any) -> bool:
    """Whether a message is a candle that may still change, in any view, bare or wrapped.

    What is no candle, the payload of giving up for example, is not.
    """
    if isinstance(message, bytes):
        try:
            message = _decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        part = message.k or (message.data and message.data.k)
        return part is not None and not part.x
    if isinstance(message, m.Combined):
        message = message.data
    if isinstance(message, dict):
        inner = message.get("data")
        candle = (inner if isinstance(inner, dict) else message).get("k")
        return isinstance(candle, dict) and candle.get("x") is False
    candle = message if isinstance(message, Kline) else getattr(message, "candle", None)
    return candle is not None and not candle.is_closed


class ClosedOnly:
    """A callback that gets no candle that may still change; everything else as it comes.

    Args:
        callback: the user's.
    """

    def __init__(self, callback: Callable[[Any], object]) -> None:
        self._callback = callback
        self.__wrapped__ = callback
        self.__qualname__ = getattr(callback, "__qualname__", None) or repr(callback)  # for logs

    def __call__(self, message: Any) -> None:
        if not is_open(message):
            self._callback(message)
