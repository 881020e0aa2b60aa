"""permessage-deflate (RFC 7692) of a client: what it offers, what it accepts, and the inflation of messages.

Only the server's messages are compressed. The client's own are a few hundred bytes now and then; they stay
uncompressed, which the RFC allows whatever was negotiated.
"""

from __future__ import annotations

import zlib

from ..errors import ProtocolError

__all__ = ["Inflater", "negotiate", "offer"]

NAME = "permessage-deflate"
MAX_WINDOW = 15
_SHOWN = 60  # characters of a parameter in an error
# What a sender cuts off each message, an empty stored block without its first byte, and the same block whole.
TAIL = b"\x00\x00\xff\xff"
EMPTY_BLOCK = b"\x00" + TAIL


class Inflater:
    """Inflates the messages of one link, one after the other.

    Args:
        context_takeover: whether a message may refer to the ones before it.
        window_bits: base-2 logarithm of the server's window in bytes, 8 to 15.
    """

    def __init__(self, context_takeover: bool = True, window_bits: int = MAX_WINDOW) -> None:
        self.context_takeover = context_takeover
        self.window_bits = window_bits
        self._reset()

    def _reset(self) -> None:
        # zlib itself turns a window of 8 bits into one of 9 when it compresses.
        self._zlib = zlib.decompressobj(-max(9, self.window_bits))

    def decompress(self, data: bytes | bytearray | memoryview, max_size: int) -> bytes:
        """The whole message whose compressed payload is ``data``.

        Raises:
            ProtocolError: 1009 if it is longer than ``max_size`` bytes (no more than that is ever inflated);
                1007 if ``data`` cannot be inflated: the content does not fit its type, while the framing is right.
        """
        if not data:
            raise ProtocolError(1007, "compressed message without a byte")
        try:
            message = self._zlib.decompress(b"".join((data, TAIL)), max_size + 1)
        except zlib.error as error:
            raise ProtocolError(1007, f"compressed message cannot be inflated: {error}") from None
        if len(message) > max_size:
            raise ProtocolError(1009, f"message larger than {max_size} bytes after inflation")
        ended = self._zlib.eof
        # A sender may end each message with a final block; only the empty block may follow (RFC 7692, 7.2.3.4).
        if ended and self._zlib.unused_data not in (TAIL, EMPTY_BLOCK):
            raise ProtocolError(1007, "compressed message goes on behind its final block")
        if ended or not self.context_takeover:
            self._reset()
        return message


def offer() -> str:
    """The value of ``Sec-WebSocket-Extensions`` in the request: the server may choose every parameter."""
    return f"{NAME}; client_max_window_bits"


def negotiate(header_value: str | None) -> Inflater | None:
    """Read ``Sec-WebSocket-Extensions`` of the response to :func:`offer`.

    Args:
        header_value: its value; ``None`` where there is no such header.

    Returns:
        The inflater for this link, or ``None`` if the server does without compression.

    Raises:
        ProtocolError: 1002; the server answered with what was not offered, or with invalid parameters. Its detail says
            what the header does wrong, and begins with a verb.
    """
    if header_value is None or not header_value.strip():
        return None
    name, *items = (item.strip() for item in header_value.split(";"))
    if name != NAME or "," in header_value:
        raise ProtocolError(1002, "was not offered")
    parameters: dict[str, str | None] = {}
    for item in items:
        key, equals, value = (part.strip() for part in item.partition("="))
        if key in parameters:
            raise ProtocolError(1002, f"has {key[:_SHOWN]} twice")
        parameters[key] = value if equals else None
    context_takeover, window_bits = True, MAX_WINDOW
    for key, text in parameters.items():
        if key in ("server_no_context_takeover", "client_no_context_takeover") and text is None:
            context_takeover = context_takeover and key != "server_no_context_takeover"
        elif key in ("server_max_window_bits", "client_max_window_bits") and text is not None:
            bits = _window_bits(key, text)
            window_bits = bits if key == "server_max_window_bits" else window_bits
        else:
            raise ProtocolError(1002, f"has an invalid parameter: {key[:_SHOWN]}")
    return Inflater(context_takeover, window_bits)


def _window_bits(key: str, text: str) -> int:
    if len(text) > 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if text not in map(str, range(8, MAX_WINDOW + 1)):
        raise ProtocolError(1002, f"has {key}={text[:_SHOWN]!r}, which is not from 8 to {MAX_WINDOW}")
    return int(text)
