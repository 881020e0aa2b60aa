"""Errors by their names. Docs spell some of them in several ways, so case, spaces and underscores do not count.

Source: docs.upbit.com/kr/reference, ``websocket-guide`` (2026-08-31), ``rest-api-guide`` (2026-10-06) and the pages of
the types (2026-09).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...engine.budget import ban_seconds, told_seconds
from ...exchange import Ack

__all__ = ["Refusal", "advice", "is_auth", "is_final", "is_passing"]

_PASSING = {"toomanyrequest": 429, "toomanyrequests": 429, "imateapot": 418}  # and what HTTP would say
_AUTH = {
    "invalidauth": "The token is not accepted: the key is wrong, one of another region, or lacks the permission",
    "jwtverification": "The secret key does not belong to the access key",
    "invalidaccesskey": "There is no such access key in this region",
    "nonexistaccesskey": "There is no such access key in this region",
    "nonceused": "The token was used before",
    "expiredaccesskey": "The API key has expired, as all do after a year",
    "noauthorizationip": "The address of this machine is not among those that the API key allows",
    "noauthorizationtoken": "No token was sent",
    "outofscope": "The API key lacks the permission, 'view orders' or 'view assets'",
}


_ANOTHER = frozenset(("invalidauth", "nonceused", "noauthorizationtoken"))


@dataclass(frozen=True, slots=True)
class Refusal(Ack):
    """An error that the exchange sends over a WebSocket.

    Args:
        name: of the error.
        text: what it says besides.
    """

    name: str = ""
    text: str = ""

    @property
    def ban(self) -> tuple[int, float]:
        """Too many messages are answered as HTTP answers too many calls; the time stands in the text."""
        status = _PASSING.get(_plain(self.name), 0)
        return (status, ban_seconds(status, told_seconds(self.text.encode()))) if status else (0, 0.0)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def is_passing(name: str) -> bool:
    """Whether the same may be asked for again later."""
    return _plain(name) in _PASSING


def is_auth(name: str) -> bool:
    """Whether the API key is what was refused."""
    return _plain(name) in _AUTH


def is_final(name: str) -> bool:
    """Whether another token of the same API key would be refused as well."""
    return is_auth(name) and _plain(name) not in _ANOTHER


def advice(name: str) -> str:
    """What an error about an API key means; empty where that is not known."""
    return _AUTH.get(_plain(name), "")
