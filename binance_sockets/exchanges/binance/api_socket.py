"""The WebSocket API behind the engine's contract: a link without streams, which logs on and carries requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..._version import __version__
from ...errors import AuthenticationError, BinanceSocketsError, DecodeError
from ...exchange import (
    Ack,
    ConnectLimits,
    ConnectRequest,
    ControlFrame,
    Decode,
    Group,
    Keepalive,
    Misfits,
    Notice,
    Past,
    Rate,
    Stream,
)
from . import replies
from .api_products import ApiProduct
from .credentials import Caller, Signature
from .keys import ApiKey
from .products import CONNECT_RATES
from .rest import AUTHENTICATION
from .server_time import ServerTime

__all__ = ["ApiSocket"]

_HEADERS = (("User-Agent", f"binance_sockets/{__version__}"),)


class ApiSocket:
    """One connection to the WebSocket API: an :class:`~binance_sockets.exchange.Exchange`.

    Args:
        row: of the product.
        url: of the WebSocket.
        key: an Ed25519 key logs the session on; others sign each request. ``None`` for public data.
        rest: tells the exchange's time when a logon is refused for it.
        clock: the exchange's time.
        venue: where the exchange counts its connects.

    Attributes:
        logged_on: the session has the key, so that requests need not be signed. Used by the connection's thread alone.
    """

    checks_text = False

    def __init__(
        self, row: ApiProduct, url: str, key: ApiKey | None, rest: Caller, clock: ServerTime, venue: str
    ) -> None:
        self._row = row
        self._url = url
        self._venue = venue
        self._logon: _Logon | None = None
        if key is not None and key.kind == "ed25519":
            self._logon = _Logon(key, rest, clock.now, logon=True)
        self.logged_on = False

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        return [Group(())]

    def keepalive(self, group: Group) -> Keepalive:
        return self._row.keepalive

    def limits(self, group: Group) -> Sequence[Rate]:
        """Weights alone."""
        return ()

    def connect_limits(self, group: Group) -> ConnectLimits:
        """Counted together with the market streams of the same address."""
        return ConnectLimits(self._venue, CONNECT_RATES)

    def connect_request(self, group: Group) -> ConnectRequest:
        return ConnectRequest(self._url, headers=_HEADERS)

    def credential(self, group: Group) -> Signature | None:
        return self._logon

    def credential_frames(self, group: Group, next_id: Callable[[], int]) -> Sequence[ControlFrame]:
        """``session.logon``, on every new WebSocket; nothing else leaves before it is answered."""
        if self._logon is None:
            return ()
        self.logged_on = True
        number = next_id()
        return (ControlFrame(self._logon.request(number), request_id=number),)

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        return []

    def continuity(self, stream: Stream) -> None:
        """None: it carries no streams."""

    def listing(self, group: Group, request_id: int) -> None:
        """None: it carries no streams."""

    def listed(self, group: Group, answer: Ack) -> None:
        """Nothing is asked."""

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Decode:
        def decode(message: Any) -> tuple[str, Any]:
            raise DecodeError("no reply")

        return decode

    def control(self, message: bytes) -> Ack | Notice | None:
        return replies.control(message)

    def moment(self, payload: Any) -> float | None:
        """None: there are no messages."""
        return None

    def past(self, stream: Stream) -> Past | None:
        """None: there are no streams."""
        return None

    def explain_silence(self, group: Group, name: str) -> str:
        return "Nobody has asked anything"


class _Logon(Signature):
    """The key of a session."""

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        error = super().refused(code, message)
        return AuthenticationError(code, message) if code in AUTHENTICATION else error
