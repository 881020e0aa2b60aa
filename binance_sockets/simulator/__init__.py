"""The embedded exchange: a local server that speaks Binance's and Upbit's protocols, with faults on demand.

::

    with Simulator(speed=20) as sim:
        manager = SocketManager(environment=sim.environment)

It needs aiohttp, the extra ``sim``: ``pip install ".[sim]"`` in the source folder.
"""

from __future__ import annotations

try:
    import aiohttp as _aiohttp
except ImportError as error:
    raise ImportError(
        'binance_sockets.simulator needs aiohttp; install the extra sim: pip install ".[sim]" in the source folder'
    ) from error

from binance_sockets.faults import Fault
from binance_sockets.simulator.binance.registrar import (
    DEMO_API_KEY,
    DEMO_API_SECRET,
    DEMO_LOGON_API_KEY,
    DEMO_PRIVATE_KEY,
    Registrar,
)
from binance_sockets.simulator.injections import Injection
from binance_sockets.simulator.ledger import Attempt, ConnectionInfo, Received, Sent
from binance_sockets.simulator.playback import Playback, RecordedFrame, frame_of, read_frames
from binance_sockets.simulator.server import Simulator
from binance_sockets.simulator.session import LimitOverrides
from binance_sockets.simulator.upbit.options import UpbitOptions
from binance_sockets.simulator.upbit.registrar import DEMO_ACCESS_KEY, DEMO_SECRET_KEY, UpbitRegistrar

__all__ = [
    "DEMO_ACCESS_KEY",
    "DEMO_API_KEY",
    "DEMO_API_SECRET",
    "DEMO_LOGON_API_KEY",
    "DEMO_PRIVATE_KEY",
    "DEMO_SECRET_KEY",
    "Attempt",
    "ConnectionInfo",
    "Fault",
    "Injection",
    "LimitOverrides",
    "Playback",
    "Received",
    "RecordedFrame",
    "Registrar",
    "Sent",
    "Simulator",
    "UpbitOptions",
    "UpbitRegistrar",
    "frame_of",
    "read_frames",
]

del _aiohttp
