"""The REST side of Binance: a table of rows, each a call with its weight and its parameters.

``rows.py`` has the row, ``answering.py`` finds it, charges its weight, checks its parameters and writes the answer;
``market.py``, ``tickers.py``, ``futures.py``, ``options.py`` and ``info.py`` hold the rows of public market data.
"""

from __future__ import annotations

from binance_sockets.simulator.binance.rest.answering import Rest
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Row

__all__ = ["Backend", "Query", "Rest", "RestError", "Row"]
