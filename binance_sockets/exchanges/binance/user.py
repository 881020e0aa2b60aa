"""Binance's user data behind the engine's contract: one account per connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from ..._version import __version__
from ...errors import ConfigError, DecodeError
from ...exchange import (
    Ack,
    ConnectLimits,
    ConnectRequest,
    Continuity,
    ControlFrame,
    Decode,
    Group,
    Keepalive,
    Misfits,
    Notice,
    NoticeKind,
    Past,
    Position,
    Rate,
    Stream,
    View,
)
from . import codec, replies
from . import models as m
from .continuity import moment
from .credentials import ListenKey, ListenToken, Signature
from .products import CONNECT_RATES
from .typed import fitted, has_new_fields
from .user_products import EVENTS, Form, UserProduct

__all__ = ["USER_STREAM", "UserStreams"]

USER_STREAM = "user"
"""The one stream of such a connection. A listen key never is a name, as names are shown."""

_HEADERS = (("User-Agent", f"binance_sockets/{__version__}"),)
_ENDS = {
    m.ListenKeyExpired.__struct_config__.tag: "the listen key has expired",
    m.EventStreamTerminated.__struct_config__.tag: "the exchange terminated the subscription",
}
_NO_EVENTS = {*_ENDS, m.ServerShutdown.__struct_config__.tag}

_Credential: TypeAlias = ListenKey | ListenToken | Signature


class _Frame(msgspec.Struct):
    """What stands around an event: nothing, the name of a stream, or the number of a subscription."""

    e: str = ""
    data: msgspec.Raw = msgspec.Raw()
    event: msgspec.Raw = msgspec.Raw()


class _Tag(msgspec.Struct):
    e: str


_decode_frame = msgspec.json.Decoder(_Frame).decode
_decode_tag = msgspec.json.Decoder(_Tag).decode
_decode_json = msgspec.json.Decoder().decode


class UserStreams:
    """The user data of one account over one connection: an :class:`~binance_sockets.exchange.Exchange`.

    Args:
        product: its row.
        base: of the WebSocket's URL.
        credential: what the account proves itself with, of the product's kind.
        venue: where the exchange counts its connects.
        view: how callbacks see an event.
        form: how the listen key is passed, where the product has several ways.
        events: what USD-M's form ``"events"`` asks for.
        microseconds: ask for times in microseconds; WebSocket API only.
    """

    checks_text = False

    def __init__(
        self,
        product: UserProduct,
        base: str,
        credential: _Credential,
        venue: str,
        *,
        view: View = View.DICT,
        form: Form | None = None,
        events: Sequence[str] = EVENTS,
        microseconds: bool = False,
    ) -> None:
        if form is not None and form not in product.forms:
            raise ConfigError("form", form, product.forms or (None,))
        self._product = product
        self._base = base
        self._venue = venue
        self._credential = credential
        self._view = view
        self._form = form or (product.forms[0] if product.forms else None)
        self._events = "/".join(events)
        self._query = "?timeUnit=MICROSECOND" if microseconds else ""

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        """One connection for each account."""
        return [Group(tuple(streams))]

    def keepalive(self, group: Group) -> Keepalive:
        return self._product.keepalive

    def limits(self, group: Group) -> tuple[Rate, ...]:
        return (Rate(self._product.messages_per_second, 1.0),)

    def connect_limits(self, group: Group) -> ConnectLimits:
        """Counted together with the market streams of the same address."""
        return ConnectLimits(self._venue, CONNECT_RATES)

    def credential(self, group: Group) -> _Credential:
        return self._credential

    def connect_request(self, group: Group) -> ConnectRequest:
        """The URL; the handshake of a listen key proves nothing, as the exchange accepts any."""
        return ConnectRequest(self._base + self._path(), _HEADERS)

    def _path(self) -> str:
        path, key = self._product.socket, getattr(self._credential, "key", "")
        if self._form is None:
            return path.format(key=key) + self._query
        return {
            "events": f"{path}/ws?listenKey={key}&events={self._events}",
            "plain": f"{path}/ws?listenKey={key}",
            "path": f"{path}/ws/{key}",
            "subscribe": f"{path}/stream",
        }[self._form]

    def credential_frames(self, group: Group, next_id: Callable[[], int]) -> list[ControlFrame]:
        """The session's logon, where the account subscribes by one."""
        if isinstance(self._credential, Signature) and self._credential.logon:
            number = next_id()
            return [ControlFrame(self._credential.request(number), (), number)]
        return []

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        """The subscription: a request of the WebSocket API, SUBSCRIBE with the listen key, or none at all."""
        if not added:
            return []
        number = 0 if self._form != "subscribe" and isinstance(self._credential, ListenKey) else next_id()
        return [ControlFrame(self._subscription(number), tuple(added), number)] if number else []

    def _subscription(self, number: int) -> bytes:
        credential = self._credential
        if isinstance(credential, ListenKey):
            return msgspec.json.encode({"method": "SUBSCRIBE", "params": [credential.key], "id": number})
        if isinstance(credential, ListenToken):
            token = {"listenToken": credential.token}
            return replies.request(number, "userDataStream.subscribe.listenToken", token)
        if credential.logon:
            return replies.request(number, "userDataStream.subscribe")
        return credential.request(number)

    def continuity(self, stream: Stream) -> Continuity | None:
        """Events have no common id; copies are equal, but for the number of the subscription around them."""
        if self._view is View.RAW:
            return Continuity(lambda message: Position(None, hash(bytes(_event(message)[0]))))
        return None

    def listing(self, group: Group, request_id: int) -> None:
        """None: what an account sends is not a list of names."""

    def listed(self, group: Group, answer: Ack) -> None:
        """Nothing is asked."""

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Decode:
        """Events without what stands around them; the raw view keeps it."""
        if self._view is View.RAW:
            return lambda message: (USER_STREAM, _whole(message))
        read = self.reader(misfits)
        return lambda message: (USER_STREAM, read(USER_STREAM, *_event(message)))

    def reader(self, misfits: Misfits) -> Callable[[str, Any, str], Any]:
        """What makes an event of the name of its stream, its bytes and its own name, in the dict and the typed view."""
        if self._view is View.DICT:
            return lambda stream, data, tag: _decode_json(data)
        kind = self._product.events
        seen = set[str]()

        def read(stream: str, data: Any, tag: str) -> Any:
            event = fitted(stream, data, _decode_json(data), kind, misfits)
            if tag not in seen and not isinstance(event, dict):
                seen.add(tag)
                has_new_fields(stream, kind, data, misfits)
            return event

        return read

    def control(self, message: bytes) -> Ack | Notice | None:
        """Acks of both kinds, the end of a credential, ``serverShutdown``; never raises."""
        ended = _ENDS.get(_tag(message))
        if ended is not None:
            return Notice(NoticeKind.CREDENTIAL, ended)
        if isinstance(self._credential, ListenKey):
            return codec.control(message)
        return replies.control(message)

    def moment(self, payload: Any) -> float | None:
        """By the event time."""
        return moment(payload, False)

    def past(self, stream: Stream) -> Past | None:
        """None: what an account has missed is asked for otherwise, see ``reconcile``."""
        return None

    def explain_silence(self, group: Group, stream: str) -> str:
        return "An account sends nothing until something happens to it"


def _event(message: Any) -> tuple[Any, str]:
    """The bytes of the event in a message, and its name.

    Raises:
        DecodeError, msgspec.DecodeError: it is none, or one about the connection.
    """
    frame = _decode_frame(message)
    event = message if frame.e else frame.event or frame.data
    return event, data_tag(frame.e or _decode_tag(event).e)


def data_tag(tag: str) -> str:
    """The name of an event.

    Raises:
        DecodeError: it is one about the connection.
    """
    if tag in _NO_EVENTS:
        raise DecodeError("an event about the connection")
    return tag


def _whole(message: Any) -> bytes:
    _event(message)
    return bytes(message)


def _tag(message: bytes) -> str:
    try:
        frame = _decode_frame(message)
        return frame.e or _decode_tag(frame.event or frame.data).e
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
