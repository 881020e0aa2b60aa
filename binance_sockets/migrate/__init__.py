"""Scripts written for python-binance, read without running them: what works unchanged, what differs, what is gone.

>>> report = examine('from binance.websockets import BinanceSocketManager\\n')
>>> report.dialect
'python-binance 0.7'
>>> report.rewritten
'from binance_sockets.compat import BinanceSocketManager\\n'
"""

from __future__ import annotations

from .examination import Finding, Report, examine
from .files import read, scripts, write

__all__ = ["Finding", "Report", "examine", "read", "scripts", "write"]
