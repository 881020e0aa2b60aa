"""A stream service over a fixed number of connections."""

from __future__ import annotations

from dataclasses import replace

from ..config import Options, check_number
from ..errors import ConfigError
from ..exchanges.arguments import NumbersName
from .service import WebSocketService

__all__ = ["WebSocketPool"]

_MOST = 300  # attempts to connect that the exchange allows in five minutes


class WebSocketPool(WebSocketService):
    """A :class:`WebSocketService` that spreads its subscriptions over several connections.

    Each connection has a thread of its own, so that handlers may run on several at once: what they share needs a lock.
    A connection opens with its first subscription. ``connection_id=`` of ``subscribe_*`` says which one; without it the
    one that carries least takes it. Unsubscribing finds it by itself.

    Args:
        max_connections: how many, 1 to 300. Default 5.
        connection_timeout: seconds for one attempt to connect. Default 30.

    The others are those of :class:`WebSocketService`.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
    """

    def __init__(
        self,
        max_connections: int = 5,
        connection_timeout: float = 30,
        base_url: str | None = None,
        auto_reconnect: bool = True,
        heartbeat_interval: float = 30,
        max_reconnect_attempts: int | None = 5,
        reconnect_delay: float = 1,
        max_reconnect_delay: float = 60,
        backoff_factor: float = 2.0,
        enable_compression: bool = False,
        compression_level: int | None = None,
        *,
        product: str | None = None,
        numbers: NumbersName = "float",
        options: Options | None = None,
    ) -> None:
        if not isinstance(max_connections, int) or isinstance(max_connections, bool):
            raise ConfigError("max_connections", max_connections, f"a whole number from 1 to {_MOST}")
        if not 1 <= max_connections <= _MOST:
            raise ConfigError("max_connections", max_connections, f"a whole number from 1 to {_MOST}")
        check_number("connection_timeout", connection_timeout, zero=False)
        options = options or Options()
        self._connections = max_connections
        super().__init__(
            base_url,
            auto_reconnect,
            heartbeat_interval,
            max_reconnect_attempts,
            reconnect_delay,
            max_reconnect_delay,
            backoff_factor,
            enable_compression,
            compression_level,
            product=product,
            numbers=numbers,
            options=replace(options, timeouts=replace(options.timeouts, connect=connection_timeout)),
        )
