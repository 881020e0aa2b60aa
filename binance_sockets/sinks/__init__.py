"""Handlers that stand between a stream and your code."""

from .bars import Bar, Bars
from .buffered import Buffered, BufferFull
from .parts import Batched, Snapshots
from .recorder import Recorder
from .table import Table
from .windowed import Windowed, WindowStatistics

__all__ = [
    "Bar",
    "Bars",
    "Batched",
    "BufferFull",
    "Buffered",
    "Recorder",
    "Snapshots",
    "Table",
    "WindowStatistics",
    "Windowed",
]
