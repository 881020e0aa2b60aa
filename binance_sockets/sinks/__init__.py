"""Handlers that stand between a stream and your code."""

from .buffered import Buffered, BufferFull
from .parts import Batched, Snapshots
from .recorder import Recorder

__all__ = ["Batched", "BufferFull", "Buffered", "Recorder", "Snapshots"]
