"""Local order books: levels in order, how deep they are known, and the join of a snapshot with diffs."""

from .book import Audit, Level, OrderBook, Top
from .sync import BookState, BookStatus, BookSync, Depth, Rule

__all__ = ["Audit", "BookState", "BookStatus", "BookSync", "Depth", "Level", "OrderBook", "Rule", "Top"]
