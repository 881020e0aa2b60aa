"""Opens links: address, proxy, TLS and the WebSocket handshake. The only importer of ``websocket``."""

from __future__ import annotations

import http.client
import io
import math
import os
import ssl
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import websocket

from ..config import Options
from ..errors import CertificateRejected, ConfigError, ConnectError, ConnectTimeout, HandshakeRejected
from ..exchange import ConnectRequest
from .clock import Cancel, Clock, Waiter, Wakeup, wait_event
from .deflate import offer
from .pipes import Blocking, ByteStream, PlainStream, TlsStream
from .tcp import Proxy, dial, proxy_for

__all__ = ["SocketTransport", "Transport"]

_HEAD_LIMIT = 65536
_BODY_LIMIT = 4096
_TEXT_LIMIT = 300  # characters of a message that quotes the server


class Transport(Protocol):
    """The doorway to the network; the tests have another one."""

    @property
    def clock(self) -> Clock:
        """The time of all its links."""

    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ByteStream:
        """Open a link; blocks at most ``timeout`` seconds.

        Raises:
            ConnectError, ConfigError, Cancelled
        """

    def waiter(self) -> Waiter:
        """A new waiter for one connection's thread."""

    def wakeup(self) -> Wakeup:
        """A new wake-up descriptor for one connection."""


class SocketTransport:
    """Real sockets. One per manager; all methods may be called from any thread.

    Args:
        options: proxy, TLS settings.
        clock: real time.

    Raises:
        ConfigError: the proxy's URL is malformed, or ``ca_file`` does not exist.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        if options.proxy:
            Proxy.parse(options.proxy)
        if options.ca_file is not None and not os.path.isfile(options.ca_file):
            raise ConfigError("ca_file", options.ca_file, "a file that exists")
        self.clock = clock or Clock()
        self._options = options
        self._context = _Once(lambda: options.ssl_context or _default_context(options.ca_file))
        self._sessions: dict[tuple[str, int], ssl.SSLSession] = {}

    def waiter(self) -> Waiter:
        return Waiter()

    def wakeup(self) -> Wakeup:
        return Wakeup()

    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ByteStream:
        secure, host, port = _target(request.url)
        deadline = self.clock.monotonic() + timeout
        stream: ByteStream = dial(
            host, port, proxy_for(host, secure, self._options.proxy), timeout, deadline, cancel, self.clock
        )
        try:
            if secure:
                stream = self._secured(stream, host, port, deadline, timeout, cancel)
            extensions = offer() if self._options.compression else None
            wire = Blocking(stream, deadline, cancel, self.clock)
            _upgrade(stream, wire, request, extensions, f"{host}:{port}", timeout, self.clock)
        except BaseException:
            stream.close()
            raise
        if isinstance(stream, TlsStream) and stream.session is not None:
            self._sessions[host, port] = stream.session
        return stream

    def _secured(
        self, plain: ByteStream, host: str, port: int, deadline: float, timeout: float, cancel: Cancel
    ) -> TlsStream:
        assert isinstance(plain, PlainStream)
        target = f"{host}:{port}"
        stream = TlsStream(plain, self._context.get(), host, self._sessions.get((host, port)))
        try:
            stream.handshake(Blocking(plain, deadline, cancel, self.clock))
        except TimeoutError as exc:
            raise ConnectTimeout(target, f"no TLS handshake within {timeout:g} s") from exc
        except ssl.SSLCertVerificationError as exc:
            detail = f"its certificate is not accepted: {exc.verify_message}"
            raise CertificateRejected(target, f"{detail} (check clock, host name, ca_file and proxies)") from exc
        except (ssl.SSLError, OSError) as exc:
            raise ConnectError(target, f"TLS handshake failed: {exc}") from exc
        return stream


def _target(url: str) -> tuple[bool, str, int]:
    """Whether it is secure, host and port."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:  # it quotes the URL
        raise ConfigError("url", "a malformed one", "a ws:// or wss:// URL") from None
    if scheme not in ("ws", "wss") or not host:
        raise ConfigError("url", f"{scheme}://{host}", "a ws:// or wss:// URL")
    return scheme == "wss", host, port or (443 if scheme == "wss" else 80)


class _Once:
    """A value that is made once, at first need, by one thread; others wait for it outside any lock."""

    def __init__(self, make: Callable[[], ssl.SSLContext]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._claimed = False
        self._done = threading.Event()
        self._value: ssl.SSLContext | None = None
        self._failure: Exception | None = None

    def get(self) -> ssl.SSLContext:
        with self._lock:
            mine, self._claimed = not self._claimed, True
        if mine:
            try:
                self._value = self._make()
            except Exception as exc:
                self._failure = exc
            finally:
                self._done.set()
        wait_event(self._done, None)
        if self._value is None:
            raise ConfigError("ca_file", "unreadable", "a PEM file with CA certificates") from self._failure
        return self._value


def _default_context(ca_file: str | None) -> ssl.SSLContext:
    """A verifying context with the system's CAs (certifi's where the system has none) and ``ca_file``."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"] and not _has_ca_directory():
        import certifi

        context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _has_ca_directory() -> bool:
    """The system keeps CAs in a directory that OpenSSL reads on demand."""
    return ssl.get_default_verify_paths().capath is not None


class _HandshakeSocket:
    """What websocket-client reads and writes during the handshake.

    It sends the whole request, reads the whole response head within one deadline and one size, and keeps
    websocket-client's process-wide cookie jar out of both.
    """

    def __init__(self, wire: Blocking) -> None:
        self._wire = wire
        self._data = b""  # still to be handed out
        self.head = b""
        self.body = b""  # what came behind the head, as far as it was read

    def send(self, data: bytes) -> int:
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"cookie:")]
        self._wire.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + rest)
        return len(data)

    def recv(self, size: int) -> bytes:
        if not self.head:
            self._read_head()
        if not self._data:
            self._data = self._wire.recv(size)
            self.body += self._data
            if len(self.body) > _HEAD_LIMIT:
                raise http.client.HTTPException("the response body is longer than 64 KiB")
        data, self._data = self._data[:size], self._data[size:]
        return data

    def _read_head(self) -> None:
        data = bytearray()
        while b"\r\n\r\n" not in data:
            if len(data) > _HEAD_LIMIT:
                raise http.client.HTTPException("the response head is longer than 64 KiB")
            chunk = self._wire.recv(_HEAD_LIMIT)
            if not chunk:
                raise http.client.HTTPException(f"the connection ended in the handshake after {len(data)} bytes")
            data += chunk
        self.head, _, self.body = bytes(data).partition(b"\r\n\r\n")
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"set-cookie:")]
        self._data = b"\r\n".join(lines) + b"\r\n\r\n" + self.body

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
    except (websocket.WebSocketException, http.client.HTTPException, OSError, ValueError) as exc:
        _raise_rejection(sock, target, clock, exc)
        raise ConnectError(target, f"the WebSocket handshake failed: {str(exc)[:_TEXT_LIMIT]}") from exc
    if link.getstatus() != 101:
        _raise_rejection(sock, target, clock, None)
    headers = link.getheaders() or {}
    stream.extensions = headers.get("sec-websocket-extensions")
    stream.early = sock.body


def _raise_rejection(sock: _HandshakeSocket, target: str, clock: Clock, cause: BaseException | None) -> None:
    """Raise HandshakeRejected if the server answered with an HTTP status other than 101."""
    line, _, fields = sock.head.partition(b"\r\n")
    words = line.decode("latin-1").split(" ", 2)
    if not words[0].startswith("HTTP/") or len(words) < 2 or not words[1].isdecimal() or words[1] == "101":
        return
    try:
        parsed = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
    except http.client.HTTPException as exc:
        raise ConnectError(target, f"the WebSocket handshake failed: {exc}") from exc
    headers = {name.lower(): value for name, value in parsed.items()}
    retry_after = _retry_after(headers.get("retry-after"), clock)
    raise HandshakeRejected(target, int(words[1]), headers, sock.body[:_BODY_LIMIT], retry_after) from cause


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
