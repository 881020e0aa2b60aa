"""Exchange WebSocket streams for plain callback scripts: threads, no asyncio.

>>> from binance_sockets import SocketManager
>>> manager = SocketManager()
>>> conn_key = manager.start_trade_socket("BTCUSDT", print)
>>> manager.start()  # doctest: +SKIP
"""

from . import _early  # noqa: F401 - first, see there
from ._version import __version__
from .config import Backoff, Limits, Options, Timeouts, Verdict
from .errors import (
    AuthenticationError,
    BinanceSocketsError,
    CallbackError,
    CertificateRejected,
    ConfigError,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    DecodeError,
    ExchangeError,
    HandshakeRejected,
    LifecycleError,
    ManagerClosed,
    ProtocolError,
    ProxyRejected,
    RateLimited,
    RequestTimeout,
    ShutdownTimeout,
    StaleConnection,
    StreamRetired,
    StreamSilent,
    SubscriptionRejected,
    UnknownConnection,
    WouldDeadlock,
)
from .events import (
    ConnectionSnapshot,
    ErrorReport,
    Gap,
    LinkSnapshot,
    Reason,
    Snapshot,
    State,
    StateChange,
    StreamGap,
    StreamSnapshot,
)
from .exchange import View
from .exchanges.binance.manager import SocketManager
from .manager import is_error
from .report import Report
from .sinks import Buffered, BufferFull

__all__ = [
    "AuthenticationError",
    "Backoff",
    "BinanceSocketsError",
    "BufferFull",
    "Buffered",
    "CallbackError",
    "CertificateRejected",
    "ConfigError",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionLost",
    "ConnectionSnapshot",
    "DecodeError",
    "ErrorReport",
    "ExchangeError",
    "Gap",
    "HandshakeRejected",
    "LifecycleError",
    "Limits",
    "LinkSnapshot",
    "ManagerClosed",
    "Options",
    "ProtocolError",
    "ProxyRejected",
    "RateLimited",
    "Reason",
    "Report",
    "RequestTimeout",
    "ShutdownTimeout",
    "Snapshot",
    "SocketManager",
    "StaleConnection",
    "State",
    "StateChange",
    "StreamGap",
    "StreamRetired",
    "StreamSilent",
    "StreamSnapshot",
    "SubscriptionRejected",
    "Timeouts",
    "UnknownConnection",
    "Verdict",
    "View",
    "WouldDeadlock",
    "__version__",
    "is_error",
]
