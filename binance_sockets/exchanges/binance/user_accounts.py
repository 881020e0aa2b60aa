"""The user data of several spot accounts over one connection to the WebSocket API: a stream for each account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ...errors import DecodeError
from ...exchange import Continuity, ControlFrame, Decode, Group, Misfits, Stream, View
from . import models as m
from .credentials import Signature
from .user import UserStreams, data_tag
from .user_products import UserProduct

__all__ = ["MOST_ACCOUNTS", "AccountStreams"]

MOST_ACCOUNTS = 1000
"""Subscriptions that a connection to the WebSocket API may have at once."""

_AT_ONCE = 10  # signed and sent before the next: the exchange takes 5 s old signatures, and 5 messages a second


class _Message(msgspec.Struct, rename="camel"):
    """An event with the number of its subscription, or the answer to a request for one."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw()
    subscription_id: int | None = None
    event: msgspec.Raw = msgspec.Raw()


class _Result(msgspec.Struct, rename="camel"):
    subscription_id: int


class _Tag(msgspec.Struct):
    e: str


_decode_message = msgspec.json.Decoder(_Message).decode
_decode_result = msgspec.json.Decoder(_Result).decode
_decode_tag = msgspec.json.Decoder(_Tag).decode


class AccountStreams(UserStreams):
    """Several accounts over one connection: an :class:`~binance_sockets.exchange.Exchange`.

    The exchange numbers the subscriptions of each connection anew and tells only the number with an event. So each
    WebSocket's decoder learns from the answers that it sees whose number is whose.

    Args:
        product: the row of spot.
        base: of the WebSocket's URL.
        accounts: what each proves itself with, by the name that the user gave it.
        venue: where the exchange counts its connects.
        view: dict or typed.
        microseconds: ask for times in microseconds.
    """

    def __init__(
        self,
        product: UserProduct,
        base: str,
        accounts: Mapping[str, Signature],
        venue: str,
        *,
        view: View = View.DICT,
        microseconds: bool = False,
    ) -> None:
        first = next(iter(accounts.values()))  # they share the exchange's time, which is all that one has to obtain
        super().__init__(product, base, first, venue, view=view, microseconds=microseconds)
        self._accounts = dict(accounts)
        self._asked: dict[int, str] = {}

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        """A signed subscription for each account; a few at a time, so that no signature is too old when it leaves."""
        frames = []
        for name in added[:_AT_ONCE]:
            number = next_id()
            self._asked[number] = name
            frames.append(ControlFrame(self._accounts[name].request(number), (name,), number))
        while len(self._asked) > 4 * len(self._accounts):  # of connections that were lost before they answered
            del self._asked[next(iter(self._asked))]
        return frames

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Decode:
        """``{"account", "event"}``, or :class:`~.models.AccountEvent`."""
        read = self.reader(misfits)
        owners: dict[int, str] = {}
        wrap: Callable[[str, Any], Any] = _as_dict if self._view is View.DICT else m.AccountEvent

        def decode(message: Any) -> tuple[str, Any]:
            found = _decode_message(message)
            if not found.event:
                self._learn(found, owners)
                raise DecodeError("no event")
            tag = data_tag(_decode_tag(found.event).e)
            name = None if found.subscription_id is None else owners.get(found.subscription_id)
            if name is None:
                raise DecodeError("an event of a subscription that nobody asked for")
            return name, wrap(name, read(name, found.event, tag))

        return decode

    def _learn(self, answer: _Message, owners: dict[int, str]) -> None:
        """Whose subscription it is that the exchange has just numbered."""
        name = None if answer.id is None else self._asked.pop(answer.id, None)
        if name is not None and answer.result:
            owners[_decode_result(answer.result).subscription_id] = name

    def continuity(self, stream: Stream) -> Continuity | None:
        """Equal content makes two events copies of each other, as the name of the account is part of it."""
        return None


def _as_dict(account: str, event: Any) -> dict[str, Any]:
    return {"account": account, "event": event}
