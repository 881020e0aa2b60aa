"""UpbitSocketManager: Upbit's streams for plain callbacks."""

from __future__ import annotations

from ...config import Backoff, Options
from ...engine.transport import Transport
from ...errors import ConfigError
from .books import BookSockets
from .regions import Place
from .requests import FORMATS
from .rest import UpbitRest
from .sockets import Settings
from .sockets_streams import StreamSockets
from .tokens import UpbitKey

__all__ = ["UpbitSocketManager"]


def default_options() -> Options:
    """Five attempts, after 1, 2, 4, 8 and 16 seconds."""
    return Options(backoff=Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.0))


class UpbitSocketManager(StreamSockets, BookSockets):
    """Upbit's market streams and account data, each delivered to a plain callback.

    All sockets of market data share one connection and one thread, those of the account another one, and indicators a
    third: a callback that is slow holds up the others of its connection (see ``Buffered``).

    >>> manager = UpbitSocketManager()
    >>> key = manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], print)
    >>> manager.start()

    Args:
        access_key: API key; else the variable ``UPBIT_ACCESS_KEY``. Market data needs none.
        secret_key: its secret; else ``UPBIT_SECRET_KEY``.
        region: ``"kr"`` (default), ``"sg"``, ``"id"`` or ``"th"``: each has listings, accounts and keys of its own.
        environment: ``"live"`` or a base URL such as ``"http://127.0.0.1:9000"``; ``None`` (default) takes the variable
            ``BINANCE_SOCKETS_BASE_URL``, else live.
        options: deadlines, back-off, limits, proxy and TLS; ``None`` (default) for ``Options()`` with waits of 1, 2, 4,
            8 and 16 seconds between five attempts.
        format: of messages on the wire: ``"SIMPLE"`` (default, the fewest bytes), ``"DEFAULT"``, ``"SIMPLE_LIST"`` or
            ``"JSON_LIST"``. Callbacks see full names in any of them, but for ``view="raw"``.
        transport: what opens links; ``None`` (default) for real sockets.

    Raises:
        ConfigError: for a bad argument or a bad ``BINANCE_SOCKETS_BASE_URL``, naming the allowed values.
    """

    def __init__(
        self,
        access_key: str | None = None,
        secret_key: str | None = None,
        *,
        region: str = "kr",
        environment: str | None = None,
        options: Options | None = None,
        format: str = FORMATS[0],
        transport: Transport | None = None,
    ) -> None:
        if format not in FORMATS:
            raise ConfigError("format", format, FORMATS)
        given = access_key is not None or secret_key is not None
        if given:
            UpbitKey.resolve(access_key, secret_key)
        place = Place.resolve(environment, region, credentials=given)
        super().__init__(
            options=default_options() if options is None else options,
            transport=transport,
            environment=place.environment,
            hosts={region: place.endpoint.host},
        )
        options = self._core.options
        self._upbit = Settings(place, options, format, access_key, secret_key, environment is not None)
        self._rest = UpbitRest(place.endpoint.rest, options)
