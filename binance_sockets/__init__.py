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
    BackfillFailed,
    BeyondKnownDepth,
    BinanceSocketsError,
    BookOutOfSync,
    CallbackError,
    CertificateRejected,
    ConfigError,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    CredentialError,
    DecodeError,
    ExchangeError,
    HandshakeRejected,
    LifecycleError,
    ManagerClosed,
    ProtocolError,
    ProxyRejected,
    RateLimited,
    RequestLost,
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
    BudgetSnapshot,
    ConnectionSnapshot,
    CredentialChange,
    CredentialSnapshot,
    CredentialStep,
    Departure,
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
from .exchanges.binance.api_limits import RateLimit
from .exchanges.binance.keys import ApiKey
from .exchanges.binance.manager import SocketManager
from .exchanges.binance.ws_api import Outcome, Resolution, WebSocketAPI
from .manager import is_error
from .report import Report
from .sinks import Buffered, BufferFull, Recorder

__all__ = [
    "ApiKey",
    "AuthenticationError",
    "BackfillFailed",
    "Backoff",
    "BeyondKnownDepth",
    "BinanceSocketsError",
    "BookOutOfSync",
    "BufferFull",
    "Buffered",
    "CallbackError",
    "CertificateRejected",
    "ConfigError",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionLost",
    "ConnectionSnapshot",
    "CredentialChange",
    "CredentialError",
    "CredentialSnapshot",
    "CredentialStep",
    "DecodeError",
    "Departure",
    "ErrorReport",
    "ExchangeError",
    "Gap",
    "HandshakeRejected",
    "LifecycleError",
    "Limits",
    "LinkSnapshot",
    "ManagerClosed",
    "Options",
    "Outcome",
    "ProtocolError",
    "ProxyRejected",
    "RateLimit",
    "RateLimited",
    "BudgetSnapshot",
    "Reason",
    "Recorder",
    "Report",
    "RequestLost",
    "RequestTimeout",
    "Resolution",
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
    "WebSocketAPI",
    "WouldDeadlock",
    "__version__",
    "is_error",
]
