"""Local order books: levels in order, how deep they are known, and the join of a snapshot with diffs."""

from .book import Audit, Level, OrderBook, Top
from .feed import Touch
from .status import BookState, BookStatus
from .sync import BookSync, Depth, Rule, WholeBooks

__all__ = [
    "Audit",
    "BookState",
    "BookStatus",
    "BookSync",
    "Depth",
    "Level",
    "OrderBook",
    "Rule",
    "Top",
    "Touch",
    "WholeBooks",
]
