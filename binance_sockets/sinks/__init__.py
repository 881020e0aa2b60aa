"""Handlers that stand between a stream and your code."""

from .buffered import Buffered, BufferFull

__all__ = ["BufferFull", "Buffered"]
