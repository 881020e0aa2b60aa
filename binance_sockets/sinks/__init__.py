"""Handlers that stand between a stream and your code."""

from .buffered import Buffered, BufferFull
from .recorder import Recorder

__all__ = ["BufferFull", "Buffered", "Recorder"]
