"""From a host name to a connected TCP stream: addresses, proxies, one deadline."""

from __future__ import annotations

import base64
import errno
import ipaddress
import itertools
import os
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import ConfigError, ConnectError, ConnectTimeout
from .clock import Cancel, Cancelled, Clock, wait_ready
from .pipes import Blocking, PlainStream

__all__ = ["Proxy", "dial", "is_loopback", "proxy_for"]

_STAGGER = 0.25  # seconds before the next address is tried beside a slow one (RFC 8305)
_HEAD_LIMIT = 65536
_SCHEMES = ("http", "socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True)
class Proxy:
    """Where a connection goes first. The password never shows."""

    scheme: str
    host: str
    port: int
    username: str | None
    _password: str | None

    def __repr__(self) -> str:
        return f"Proxy({self})"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Proxy:
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            scheme, port = parts.scheme, parts.port
        except ValueError:  # it quotes the URL
            raise ConfigError("proxy", "a malformed one", "a URL such as http://user:password@host:port") from None
        if scheme not in _SCHEMES or not parts.hostname:
            raise ConfigError("proxy", f"{scheme}://{parts.hostname}", _SCHEMES)
        port = port or (1080 if scheme.startswith("socks") else 80)
        username = unquote(parts.username) if parts.username else None
        return cls(scheme, parts.hostname, port, username, unquote(parts.password) if parts.password else None)

    @property
    def credentials(self) -> tuple[str, str] | None:
        return (self.username, self._password or "") if self.username else None


def is_loopback(host: str) -> bool:
    """``localhost`` or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_for(host: str, secure: bool, configured: str | None) -> Proxy | None:
    """The proxy for ``host``: the option, else the environment, never for loopback."""
    if is_loopback(host) or configured == "":
        return None
    if configured is not None:
        return Proxy.parse(configured)
    if proxy_bypass(host):
        return None
    found = getproxies()
    url = found.get("https" if secure else "http") or found.get("all")
    return Proxy.parse(url) if url else None


def dial(
    host: str, port: int, proxy: Proxy | None, timeout: float, deadline: float, cancel: Cancel, clock: Clock
) -> PlainStream:
    """Open a TCP connection to ``host``, through ``proxy`` if there is one.

    Blocks until ``deadline`` (monotonic seconds) at the latest, except in the system's name look-up.

    Raises:
        ConnectTimeout, ConnectError, Cancelled
    """
    if proxy is None:
        return PlainStream(_connect(host, port, timeout, deadline, cancel, clock))
    try:
        stream = PlainStream(_connect(proxy.host, proxy.port, timeout, deadline, cancel, clock))
    except ConnectTimeout as exc:
        raise ConnectTimeout(f"{host}:{port}", f"the proxy {proxy} cannot be reached: {exc.detail}") from exc
    except ConnectError as exc:
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} cannot be reached: {exc.detail}") from exc
    try:
        wire = Blocking(stream, deadline, cancel, clock)
        if proxy.scheme == "http":
            _http_tunnel(wire, host, port, proxy)
        else:
            _socks_tunnel(wire, host, port, proxy)
    except TimeoutError as exc:
        stream.close()
        raise ConnectTimeout(f"{host}:{port}", f"the proxy {proxy} did not answer within {timeout:g} s") from exc
    except OSError as exc:
        stream.close()
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} broke the connection ({exc})") from exc
    except BaseException:
        stream.close()
        raise
    return stream


def _addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """All addresses of a host, the families taking turns, so that a dead family costs one try."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise ConnectError(f"{host}:{port}", f"name look-up failed ({exc})") from exc
    families: dict[int, list[tuple[int, Any]]] = {}
    for family, _, _, _, address in found:
        families.setdefault(family, []).append((family, address))
    turns = itertools.zip_longest(*families.values())
    return list(dict.fromkeys(entry for turn in turns for entry in turn if entry is not None))


def _begin(family: int, address: Any) -> socket.socket:
    """Start a non-blocking connect."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        code = sock.connect_ex(address)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN):
            raise OSError(code, os.strerror(code))
    except BaseException:
        sock.close()
        raise
    return sock


def _connect(host: str, port: int, timeout: float, deadline: float, cancel: Cancel, clock: Clock) -> socket.socket:
    """Connect to the first address that answers; a slow one does not keep the next from being tried."""
    target = f"{host}:{port}"
    waiting = _addresses(host, port)
    trying: dict[int, socket.socket] = {}
    failure: OSError | None = None
    try:
        while waiting or trying:
            if waiting:
                try:
                    sock = _begin(*waiting.pop(0))
                except OSError as exc:
                    failure = exc
                    continue
                trying[sock.fileno()] = sock
            limit = min(deadline, clock.monotonic() + _STAGGER) if waiting else deadline
            try:
                ready = wait_ready(list(trying), True, limit, cancel, clock)
            except TimeoutError:
                if limit == deadline:
                    raise
                continue
            for fileno in ready:
                sock = trying.pop(fileno)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if code == 0:
                    return sock
                failure = OSError(code, os.strerror(code))
                sock.close()
        raise ConnectError(target, str(failure)) from failure
    except TimeoutError as exc:
        raise ConnectTimeout(target, f"no TCP connection within {timeout:g} s") from exc
    finally:
        for sock in trying.values():
            sock.close()


def _http_tunnel(wire: Blocking, host: str, port: int, proxy: Proxy) -> None:
    """HTTP CONNECT."""
    shown = f"[{host}]" if ":" in host else host
    lines = [f"CONNECT {shown}:{port} HTTP/1.1", f"Host: {shown}:{port}"]
    if proxy.credentials:
        token = base64.b64encode(":".join(proxy.credentials).encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {token}")
    wire.sendall("\r\n".join([*lines, "", ""]).encode())
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = wire.recv(1)  # not one byte more: what follows belongs to the tunnel
        if not byte or len(head) > _HEAD_LIMIT:
            raise ConnectError(f"{host}:{port}", f"the proxy {proxy} closed or sent no HTTP answer")
        head += byte
    status = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    if len(status) < 2 or status[1] != "200":
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} answered {' '.join(status[1:]) or 'no HTTP'}")


class _Connected:
    """Hands python-socks the connection that is already there."""

    def __init__(self, wire: Blocking) -> None:
        self._wire = wire

    def connect(self, *_: Any, **__: Any) -> Blocking:
        return self._wire


def _socks_tunnel(wire: Blocking, host: str, port: int, proxy: Proxy) -> None:
    """SOCKS 4, 4a, 5 by python-socks, over our own connection and deadline."""
    try:
        from python_socks import ProxyError, ProxyType
        from python_socks.sync import Proxy as SocksProxy
    except ImportError as exc:
        hint = 'Install the extra socks: pip install ".[socks]" in the source folder'
        raise ConfigError("proxy", str(proxy), "an http proxy, as python-socks is not installed", hint) from exc
    kind = ProxyType.SOCKS4 if proxy.scheme.startswith("socks4") else ProxyType.SOCKS5
    username, password = proxy.credentials or (None, None)
    remote_dns = proxy.scheme in ("socks4a", "socks5h")
    forward: Any = _Connected(wire)
    tunnel = SocksProxy(kind, proxy.host, proxy.port, username, password, rdns=remote_dns, forward=forward)
    try:
        tunnel.connect(host, port)
    except (Cancelled, TimeoutError):
        raise
    except (ProxyError, OSError) as exc:
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} refused: {exc}") from exc
