"""The head of an HTTP response: read as RFC 7230 says, and checked against RFC 6455. No socket is touched."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

__all__ = ["BadResponse", "Response", "check_upgrade", "read_response", "wrong"]

LIMIT = 65536  # bytes of one or more heads
_LINES = 100
_SHOWN = 120  # characters of a value in an error
_STATUS_LINE = re.compile(rb"HTTP/[0-9]\.[0-9] ([0-9]{3})(?: ([^\r\n]*))?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class BadResponse(Exception):
    """It is no HTTP, or does not accept what was asked for."""


class Response:
    """Status, reason and headers. Text is Latin-1, as no byte is forbidden there.

    Args:
        head: the bytes before the empty line.

    Raises:
        BadResponse: it is no HTTP; the text quotes the line.
    """

    def __init__(self, head: bytes) -> None:
        line, _, rest = head.partition(b"\r\n")
        matched = _STATUS_LINE.fullmatch(line)
        if matched is None:
            raise BadResponse(f"no HTTP status line: {_cut(line)}")
        self.status = int(matched[1])
        self.reason = (matched[2] or b"").decode("latin-1").strip()
        self.fields = _fields(rest.decode("latin-1"))

    def all(self, name: str) -> list[str]:
        """Every value of a header that may be repeated; empty ones say nothing."""
        return [value for found, value in self.fields if found == name and value]

    @property
    def headers(self) -> dict[str, str]:
        """Names in lower case; repeated headers are one list, as RFC 7230, 3.2.2 says."""
        return {name: ", ".join(self.all(name)) for name, _ in self.fields}


def _fields(text: str) -> list[tuple[str, str]]:
    lines: list[str] = []
    for line in text.split("\r\n") if text else ():
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += " " + line.strip(" \t")  # a folded line (RFC 7230, 3.2.4)
        else:
            lines.append(line)
    if len(lines) > _LINES:
        raise BadResponse(f"more than {_LINES} headers")
    found = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not _NAME.fullmatch(name):
            raise BadResponse(f"no HTTP header: {_cut(line)}")
        found.append((name.lower(), value.strip(" \t")))
    return found


def read_response(recv: Callable[[], bytes]) -> tuple[Response, bytes]:
    """Read the head of the final response; ``100 Continue`` and its like before it say nothing (RFC 7231, 6.2).

    Args:
        recv: gives some more bytes; ``b""`` at the end.

    Returns:
        The response, and what came behind its head.
    """
    data, seen = bytearray(), 0
    while True:
        searched = 0  # a proxy's answer comes byte by byte: look at none of them again
        while data.find(b"\r\n\r\n", searched) < 0:
            searched = max(0, len(data) - 3)
            if seen + len(data) > LIMIT:
                raise BadResponse("the response head is longer than 64 KiB")
            chunk = recv()
            if not chunk:
                raise BadResponse(f"the connection ended in the handshake after {seen + len(data)} bytes")
            data += chunk
        head, _, rest = bytes(data).partition(b"\r\n\r\n")
        response = Response(head)
        if not 100 <= response.status < 200 or response.status == 101:
            return response, rest
        seen += len(head) + 4
        data = bytearray(rest)


def check_upgrade(request: dict[str, str], response: Response) -> None:
    """Whether a 101 accepts this WebSocket and no other (RFC 6455, 4.1).

    Args:
        request: headers of the request, names in lower case.

    Raises:
        BadResponse: names the header and its value.
    """
    upgrade = _tokens(response, "upgrade")
    if not upgrade or set(upgrade) != {"websocket"}:
        raise wrong("Upgrade", response, "is not websocket")
    if "upgrade" not in _tokens(response, "connection"):
        raise wrong("Connection", response, "does not say Upgrade")
    accepts = response.all("sec-websocket-accept")
    digest = hashlib.sha1((request["sec-websocket-key"] + _GUID).encode()).digest()
    if len(accepts) > 1:
        raise wrong("Sec-WebSocket-Accept", response, "is there more than once")
    if accepts != [base64.b64encode(digest).decode()]:
        raise wrong("Sec-WebSocket-Accept", response, "does not answer our key")
    protocols = response.all("sec-websocket-protocol")
    offered = [item.strip() for item in request.get("sec-websocket-protocol", "").split(",")]
    if len(protocols) > 1 or not set(protocols) <= set(offered):
        raise wrong("Sec-WebSocket-Protocol", response, "was not asked for")


def _tokens(response: Response, name: str) -> list[str]:
    return [token for value in response.all(name) for item in value.split(",") if (token := item.strip().lower())]


def wrong(name: str, response: Response, fault: str) -> BadResponse:
    """What is wrong with a header, with its value; ``fault`` goes on from there."""
    values = response.all(name.lower())
    if not values:
        return BadResponse(f"the response has no {name}")
    return BadResponse(f"{name}: {_cut(', '.join(values))} {fault}")


def _cut(text: str | bytes) -> str:
    return repr(text[:_SHOWN]) + ("..." if len(text) > _SHOWN else "")
