"""Opens links: address, proxy, TLS and the WebSocket handshake. The only importer of ``websocket``."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import ssl
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import websocket

from ..config import Options
from ..errors import (
    ConfigError,
    ConnectError,
    ConnectTimeout,
    HandshakeRejected,
    ProtocolError,
)
from ..exchange import ConnectRequest
from ..proxy import proxy_for
from .budget import Budgets, shared, told_seconds
from .clock import Cancel, Clock, Waiter, Wakeup
from .deflate import negotiate, offer
from .gil import GilWait, WatchedTlsStream, has_gil
from .isolation import SUPPORTED, HelperFailed, helper
from .pipes import Blocking, ByteStream, PlainStream, TlsStream
from .response import LIMIT, BadResponse, Response, check_upgrade, read_response, wrong
from .secure import TlsConnector
from .talk import Order
from .tcp import Target, dial
from .tls import client_context

__all__ = ["SocketTransport", "Transport"]

log = logging.getLogger("binance_sockets.transport")

_BODY_LIMIT = 4096
_TEXT_LIMIT = 300  # characters of a message that quotes the server


class Transport(Protocol):
    """The doorway to the network; the tests have another one."""

    @property
    def clock(self) -> Clock:
        """The time of all its links."""

    @property
    def budgets(self) -> Budgets:
        """How often venues may be connected to, for all that connects through it."""

    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ByteStream:
        """Open a link; blocks at most ``timeout`` seconds.

        Raises:
            ConnectError, ConfigError, Cancelled
        """

    def waiter(self) -> Waiter:
        """A new waiter for one connection's thread."""

    def wakeup(self) -> Wakeup:
        """A new wake-up descriptor for one connection."""

    def close(self) -> None:
        """Give back what it keeps beside its links; they are over. It can be used again. Blocks for a short time."""


class SocketTransport:
    """Real sockets. One per manager; all methods may be called from any thread.

    Args:
        options: proxy, TLS settings.
        clock: real time.

    Raises:
        ConfigError: ``ca_file`` does not exist; this system cannot isolate.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        if options.ca_file is not None and not os.path.isfile(options.ca_file):
            raise ConfigError("ca_file", options.ca_file, "a file that exists")
        self.clock = clock or Clock()
        self._options = options
        if options.isolate is True and not SUPPORTED:
            raise ConfigError("Options.isolate", True, '"auto" or False on this system, which passes no descriptors on')
        self._tls = TlsConnector(lambda: client_context(options), self.clock)
        self._isolated = options.isolate is True
        self._proven = False  # the helper has opened a stream
        if options.isolate == "auto" and options.ssl_context is None and SUPPORTED and has_gil():
            self._tls.stream = self._watched

    @property
    def budgets(self) -> Budgets:
        return shared()

    def waiter(self) -> Waiter:
        return Waiter()

    def wakeup(self) -> Wakeup:
        return Wakeup()

    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ByteStream:
        with _own_descriptor(cancel) as own:
            return self._connect(request, timeout, own)

    def _connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ByteStream:
        secure, host, port = _server(request.url)
        proxy = proxy_for(host, port, secure, self._options.proxy)
        target = Target(host, port, timeout, self.clock.monotonic() + timeout, proxy, request.turn)
        stream: ByteStream = self._secured(target, cancel) if secure else dial(target, cancel, self.clock)
        try:
            extensions = offer() if self._options.compression else None
            wire = Blocking(stream, target.deadline, cancel, self.clock)
            _upgrade(stream, wire, request, extensions, str(target), timeout, self.clock)
        except BaseException:
            stream.close()
            raise
        if isinstance(stream, TlsStream):
            self._tls.keep_session(host, port, stream)
        return stream

    def _secured(self, target: Target, cancel: Cancel) -> ByteStream:
        """TLS, undone here or in the helper process."""
        if self._isolated:
            ca_file = None if self._options.ca_file is None else os.path.abspath(self._options.ca_file)
            try:
                stream = helper.connect(self, Order.to(target, ca_file), cancel, self.clock)
            except HelperFailed as exc:
                if self._options.isolate is True or self._proven:
                    raise
                log.warning("%s; TLS goes on in the threads of this process", exc)
                self._isolated, self._tls.stream = False, TlsStream
            else:
                self._proven = True
                return stream
        return self._tls.connect(target, cancel)

    def _watched(
        self, plain: PlainStream, context: ssl.SSLContext, host: str, session: ssl.SSLSession | None
    ) -> TlsStream:
        return WatchedTlsStream(plain, context, host, session, GilWait(self._isolate), self.clock)

    def _isolate(self) -> None:
        """Reading waits for the GIL: the next links go through the helper process."""
        self._isolated = True

    def close(self) -> None:
        helper.release(self)


class _Own:
    """A cancel with a descriptor of its own."""

    def __init__(self, fileno: int, cancelled: Callable[[], bool]) -> None:
        self._fileno = fileno
        self.cancelled = cancelled

    def fileno(self) -> int:
        return self._fileno


@contextlib.contextmanager
def _own_descriptor(cancel: Cancel) -> Iterator[Cancel]:
    """``cancel`` with another descriptor for the same wake-up.

    Connects may run beside the connection's own wait for it, and beside each other; eventlet lets one green thread
    alone wait for a descriptor. Elsewhere it costs two system calls per connect. Windows cannot duplicate a socket so.
    """
    if os.name != "posix":
        yield cancel
        return
    fileno = os.dup(cancel.fileno())
    try:
        yield _Own(fileno, cancel.cancelled)
    finally:
        os.close(fileno)


def _server(url: str) -> tuple[bool, str, int]:
    """Whether it is secure, host and port."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:  # it quotes the URL
        raise ConfigError("url", "a malformed one", "a ws:// or wss:// URL") from None
    if scheme not in ("ws", "wss") or not host:
        raise ConfigError("url", f"{scheme}://{host}", "a ws:// or wss:// URL")
    return scheme == "wss", host, port or (443 if scheme == "wss" else 80)


class _HandshakeSocket:
    """What websocket-client reads and writes during the handshake.

    It sends the whole request, reads the whole response head within one deadline and one size, checks what
    websocket-client does not, hands it on in the plain form that websocket-client understands, and keeps its
    process-wide cookie jar out of both.
    """

    def __init__(self, wire: Blocking) -> None:
        self._wire = wire
        self._data = b""  # still to be handed out
        self._request: dict[str, str] = {}
        self.response: Response | None = None
        self.body = b""  # what came behind the head, as far as it was read

    def send(self, data: bytes) -> int:
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"cookie:")]
        fields = (line.decode("latin-1").partition(":") for line in lines[1:])
        self._request = {name.strip().lower(): value.strip() for name, _, value in fields}
        self._wire.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + rest)
        return len(data)

    def recv(self, size: int) -> bytes:
        if self.response is None:
            self._read_head()
        if not self._data:
            self._data = self._wire.recv(size)
            self.body += self._data
            if len(self.body) > LIMIT:
                raise BadResponse("the response body is longer than 64 KiB")
        data, self._data = self._data[:size], self._data[size:]
        return data

    def _read_head(self) -> None:
        response, self.body = read_response(lambda: self._wire.recv(LIMIT))
        self.response = response
        if response.status == 101:
            check_upgrade(self._request, response)
        # no Set-Cookie, one line per header, ASCII
        shown = {name: value for name, value in response.headers.items() if name != "set-cookie"}
        lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {shown[name]}" for name in shown), "", ""]
        self._data = "\r\n".join(lines).encode("ascii", "replace") + self.body

    def gettimeout(self) -> float:
        return 0.0

    def settimeout(self, value: float | None) -> None:
        """The deadline rules."""

    def shutdown(self, how: int) -> None:
        """The stream is closed by its owner."""

    def close(self) -> None:
        """The stream is closed by its owner."""


def _upgrade(
    stream: ByteStream,
    wire: Blocking,
    request: ConnectRequest,
    extensions: str | None,
    target: str,
    timeout: float,
    clock: Clock,
) -> None:
    """The WebSocket handshake, by websocket-client. What came behind the response is left in ``stream.early``."""
    sock = _HandshakeSocket(wire)
    header = [f"{name}: {value}" for name, value in request.headers]
    if extensions is not None:
        header.append(f"Sec-WebSocket-Extensions: {extensions}")
    try:
        link = websocket.create_connection(
            request.url,
            socket=sock,
            header=header,
            origin=request.origin,
            suppress_origin=request.origin is None,
            redirect_limit=0,
            skip_utf8_validation=True,
        )
    except (TimeoutError, websocket.WebSocketTimeoutException) as exc:
        _raise_rejection(sock, target, clock, exc)  # only its body did not come
        raise ConnectTimeout(target, f"no WebSocket handshake within {timeout:g} s") from exc
    except (websocket.WebSocketException, BadResponse, OSError, ValueError) as exc:
        _raise_rejection(sock, target, clock, exc)
        raise ConnectError(target, f"the WebSocket handshake failed: {str(exc)[:_TEXT_LIMIT]}") from exc
    if link.getstatus() != 101:
        _raise_rejection(sock, target, clock, None)
    assert sock.response is not None
    stream.extensions = ", ".join(sock.response.all("sec-websocket-extensions")) or None
    stream.early = sock.body
    _check_extensions(sock.response, stream.extensions, extensions, target)


def _check_extensions(response: Response, answered: str | None, offered: str | None, target: str) -> None:
    """Refuse what was not offered, or cannot be used, while it is still a handshake: no close frame is sent."""
    try:
        if answered is not None and offered is None:
            raise ProtocolError(1002, "was not offered")
        negotiate(answered)
    except ProtocolError as exc:
        text = wrong("Sec-WebSocket-Extensions", response, exc.detail)
        raise ConnectError(target, f"the WebSocket handshake failed: {text}") from exc


def _raise_rejection(sock: _HandshakeSocket, target: str, clock: Clock, cause: BaseException | None) -> None:
    """Raise HandshakeRejected if the server answered with an HTTP status other than 101."""
    response = sock.response
    if response is None or response.status == 101:
        return
    waits = [_retry_after(value, clock) for value in response.all("retry-after")]
    wait = max((wait for wait in waits if wait is not None), default=None)
    if wait is None and response.status in (418, 429):
        wait = told_seconds(sock.body)
    raise HandshakeRejected(target, response.status, response.headers, sock.body[:_BODY_LIMIT], wait) from cause


def _retry_after(value: str | None, clock: Clock) -> float | None:
    """Seconds, from a Retry-After header in either of its forms."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - clock.time())
    except ValueError:
        return None
