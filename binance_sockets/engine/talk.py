"""What a process and its helper say to each other: one JSON object per line, errors among it."""

from __future__ import annotations

import builtins
import json
import socket
import ssl
from dataclasses import asdict, dataclass
from typing import Any

from .. import errors
from ..proxy import Proxy
from .tcp import Target

__all__ = ["OPENED", "Order", "ended", "failed", "raise_failure", "read_end"]

_LINE = b"\n"
_BASES = (OSError, errors.BinanceSocketsError)
_KINDS: dict[str, type[BaseException]] = {
    name: value
    for module in (builtins, socket, ssl, errors)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, _BASES)
}


@dataclass(frozen=True)
class Order:
    """What is to be opened.

    Args:
        host: name or address of the server.
        port: of the server.
        timeout: seconds of the whole attempt, for the texts of errors.
        deadline: of it, in monotonic seconds, which are the same in both processes.
        ca_file: an absolute path, or ``None``: see ``Options``.
        proxy: scheme, host, port, user and password, as :class:`~binance_sockets.proxy.Proxy` takes them.
        turn: the address to begin with, see :class:`~binance_sockets.exchange.ConnectRequest`.
    """

    host: str
    port: int
    timeout: float
    deadline: float
    ca_file: str | None
    proxy: tuple[str, str, int, str | None, str | None] | None
    turn: int | None = None

    def line(self) -> bytes:
        return _line(asdict(self))

    @classmethod
    def of(cls, line: bytes) -> Order:
        return cls(**json.loads(line))

    @classmethod
    def to(cls, target: Target, ca_file: str | None) -> Order:
        proxy = None if target.proxy is None else target.proxy.parts
        return cls(target.host, target.port, target.timeout, target.deadline, ca_file, proxy, target.turn)

    def target(self) -> Target:
        proxy = None if self.proxy is None else Proxy(*self.proxy)
        return Target(self.host, self.port, self.timeout, self.deadline, proxy, self.turn)


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode() + _LINE


OPENED = _line({"opened": True})


def failed(error: BaseException) -> bytes:
    """The answer to an order that could not be carried out."""
    if not isinstance(error, errors.BinanceSocketsError):  # a mistake of ours
        error = errors.ConnectError("the server", f"the helper process failed with {type(error).__name__}: {error}")
    return _line({"failed": _packed(error)})


def raise_failure(line: bytes) -> None:
    """Raise what :func:`failed` made a line of, as it was, with its cause where that is an ``OSError``.

    Raises:
        BinanceSocketsError: any of them.
    """
    found = json.loads(line).get("failed")
    if found is not None:
        raise _unpacked(found)


def ended(error: BaseException | None) -> bytes:
    """The last word on a stream: its end in order, or what broke it."""
    return _line({"ended": None if error is None else str(error)})


def read_end(line: bytes) -> str | None:
    """What broke the stream; ``None`` for its end in order."""
    found: str | None = json.loads(line)["ended"]
    return found


def _packed(error: BaseException) -> dict[str, Any]:
    cause = error.__cause__
    return {
        "kind": type(error).__name__,
        "args": error.args,
        "facts": vars(error),
        "cause": _packed(cause) if isinstance(cause, _BASES) and type(cause).__name__ in _KINDS else None,
    }


def _unpacked(found: dict[str, Any]) -> BaseException:
    kind, args = _KINDS[found["kind"]], tuple(map(_frozen, found["args"]))
    error = kind.__new__(kind, *args)  # some take other arguments than they keep
    error.args = args
    vars(error).update({name: _frozen(value) for name, value in found["facts"].items()})
    error.__cause__ = None if found["cause"] is None else _unpacked(found["cause"])
    return error


def _frozen(value: Any) -> Any:
    """JSON knows no tuples, and no error here keeps a list."""
    return tuple(value) if isinstance(value, list) else value
