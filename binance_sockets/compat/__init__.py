"""python-binance 0.7 and 1.x threads, as their scripts know them, on today's streams.

One changed line is enough::

    from binance_sockets.compat import BinanceSocketManager

or none: ``import binance_sockets.compat.install`` before a script's own imports, ``binance-sockets run script.py``,
or ``python -m binance_sockets.compat script.py``.
"""

from .depthcache import DepthCache, DepthCacheManager, ThreadedDepthCacheManager
from .manager import BinanceSocketManager
from .threaded import ThreadedWebsocketManager

__all__ = [
    "BinanceSocketManager",
    "DepthCache",
    "DepthCacheManager",
    "ThreadedDepthCacheManager",
    "ThreadedWebsocketManager",
]
