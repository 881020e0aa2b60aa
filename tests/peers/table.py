"""Who is tried, and what they cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent / "clients"

_RAW = "no client of the exchange: it opens one WebSocket, and what to do when that ends is up to the caller"


@dataclass(frozen=True)
class Client:
    """One client of others.

    Args:
        name: as its users call it, with the version.
        environment: a key of ``PACKAGES`` in ``benchmarks/environments.py``.
        script: in ``clients/``; it has one function for each scenario that is not in ``cannot``.
        cannot: scenario to the reason why the client has no such thing.
        product: on which it works.
    """

    name: str
    environment: str
    script: str
    cannot: Mapping[str, str] = field(default_factory=dict)
    product: str = "spot"

    @property
    def path(self) -> Path:
        """Its script."""
        return SCRIPTS / self.script


CLIENTS = (
    Client("python-binance 1.0.37", "python-binance-1.0.37", "python_binance_1.py"),
    Client("python-binance 0.7.10", "python-binance-0.7.10", "python_binance_07.py"),
    Client("websockets 17.4", "loops", "websockets_plain.py", {"book": _RAW, "rest": _RAW}),
    Client("aiohttp 3.14.5", "loops", "aiohttp_plain.py", {"book": _RAW, "reconnect": _RAW}),
    Client("picows 2.3.1", "loops", "picows_plain.py", {"book": _RAW, "rest": _RAW, "reconnect": _RAW}),
)
