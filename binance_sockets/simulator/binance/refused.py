"""Requests that the exchange refuses, over REST and the WebSocket API alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Refused", "missing"]


class Refused(Exception):
    """An answer with a code and a message.

    Args:
        code: the exchange's.
        msg: in its words.
        status: of HTTP, also in the WebSocket API.
        data: what goes with it.
    """

    def __init__(self, code: int, msg: str, status: int = 400, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, msg)
        self.code, self.msg, self.status, self.data = code, msg, status, data

    @property
    def body(self) -> dict[str, Any]:
        """As it is written."""
        return {"code": self.code, "msg": self.msg, **({"data": self.data} if self.data else {})}


def missing(name: str) -> Refused:
    """A parameter was not sent."""
    return Refused(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
