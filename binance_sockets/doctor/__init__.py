"""What stands between this machine and the exchange, in words: see :func:`examine`.

>>> from binance_sockets.doctor import examine
>>> for finding in examine(products=["spot"]):  # doctest: +SKIP
...     print(finding)
"""

from .examination import examine
from .findings import Finding, Outcome

__all__ = ["Finding", "Outcome", "examine"]
