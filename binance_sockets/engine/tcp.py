"""From a host name to a connected TCP stream: addresses, proxies, one deadline."""

from __future__ import annotations

import base64
import errno
import itertools
import os
import socket
from typing import Any, NamedTuple

from ..errors import ConfigError, ConnectError, ConnectTimeout, ProxyRejected
from ..proxy import Proxy
from .clock import Cancel, Cancelled, Clock, wait_ready
from .lookup import look_up
from .pipes import Blocking, PlainStream
from .response import BadResponse, Response, read_response

__all__ = ["Target", "dial"]

_STAGGER = 0.25  # seconds before the next address is tried beside a slow one (RFC 8305)


class Target(NamedTuple):
    """Where one attempt connects to, and until when.

    Args:
        host: name or address.
        port: of the server.
        timeout: seconds of the whole attempt, for the texts of errors.
        deadline: of it (monotonic seconds).
        proxy: to go through; ``None`` (default) for none.
        turn: the address to begin with, see :class:`~binance_sockets.exchange.ConnectRequest`; not through a proxy.
    """

    host: str
    port: int
    timeout: float
    deadline: float
    proxy: Proxy | None = None
    turn: int | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def dial(target: Target, cancel: Cancel, clock: Clock) -> PlainStream:
    """Open a TCP connection. Blocks until the target's deadline at the latest.

    Raises:
        ConnectTimeout, ProxyRejected, ConnectError, Cancelled
    """
    host, port, timeout, deadline, proxy, _ = target
    if proxy is None:
        return PlainStream(_connect(target, cancel, clock))
    try:
        stream = PlainStream(_connect(Target(proxy.host, proxy.port, timeout, deadline), cancel, clock))
    except ConnectTimeout as exc:
        raise ConnectTimeout(f"{host}:{port}", f"the proxy {proxy} cannot be reached: {exc.detail}") from exc
    except ConnectError as exc:
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} cannot be reached: {exc.detail}") from exc
    try:
        wire = Blocking(stream, deadline, cancel, clock)
        if proxy.scheme == "http":
            _http_tunnel(wire, host, port, proxy)
        else:
            if proxy.scheme in ("socks4", "socks5"):  # the others leave the name to the proxy
                found = _addresses(target._replace(turn=None), cancel, clock)
                _socks_tunnel(wire, _first_for(proxy, found, host, port), host, port, proxy)
            else:
                _socks_tunnel(wire, host, host, port, proxy)
    except ConnectError:
        stream.close()
        raise
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


def _addresses(target: Target, cancel: Cancel, clock: Clock) -> list[tuple[int, Any]]:
    """All addresses of a host, the families taking turns, so that a dead family costs one try."""
    found = look_up(target.host, target.port, target.timeout, target.deadline, cancel, clock)
    families: dict[int, list[tuple[int, Any]]] = {}
    for family, _, _, _, address in found:
        families.setdefault(family, []).append((family, address))
    if (turn := target.turn) is not None:  # a name server may tell them in another order each time
        families = {family: _rotated(sorted(set(known)), turn) for family, known in families.items()}
    turns = itertools.zip_longest(*families.values())
    return list(dict.fromkeys(entry for each in turns for entry in each if entry is not None))


def _rotated(known: list[tuple[int, Any]], turn: int) -> list[tuple[int, Any]]:
    first = turn % len(known)
    return known[first:] + known[:first]


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


def _connect(target: Target, cancel: Cancel, clock: Clock) -> socket.socket:
    """Connect to the first address that answers; a slow one does not keep the next from being tried."""
    deadline, waiting = target.deadline, _addresses(target, cancel, clock)
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
        raise ConnectError(str(target), str(failure)) from failure
    except TimeoutError as exc:
        raise ConnectTimeout(str(target), f"no TCP connection within {target.timeout:g} s") from exc
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
    try:
        response, _ = read_response(lambda: wire.recv(1))  # not one byte more: what follows belongs to the tunnel
    except BadResponse as exc:
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} closed or sent no HTTP answer ({exc})") from exc
    if not 200 <= response.status < 300:
        raise _rejected(f"{host}:{port}", proxy, response)


def _rejected(target: str, proxy: Proxy, response: Response) -> ProxyRejected:
    answer = f"answered {response.status} {response.reason[:100]}".rstrip()
    credentials = response.status == 407
    if credentials:
        asked = ", ".join(dict.fromkeys(value.split(" ", 1)[0][:30] for value in response.all("proxy-authenticate")))
        given = "refuses user and password" if proxy.credentials else "wants user and password"
        answer += f": it {given}" + (f" ({asked}; only Basic is supported)" if asked else "")
    return ProxyRejected(target, str(proxy), answer, response.status, response.headers, credentials)


class _Connected:
    """Hands python-socks the connection that is already there."""

    def __init__(self, wire: Blocking) -> None:
        self._wire = wire

    def connect(self, *_: Any, **__: Any) -> Blocking:
        return self._wire


def _first_for(proxy: Proxy, found: list[tuple[int, Any]], host: str, port: int) -> str:
    """The address to ask a SOCKS proxy for; version 4 knows IPv4 alone."""
    usable = [address[0] for family, address in found if proxy.scheme != "socks4" or family == socket.AF_INET]
    if not usable:
        raise ConnectError(f"{host}:{port}", f"it has no IPv4 address, and the proxy {proxy} takes no other")
    return str(usable[0])


def _socks_tunnel(wire: Blocking, asked: str, host: str, port: int, proxy: Proxy) -> None:
    """SOCKS 4, 4a, 5 by python-socks, over our own connection and deadline; ``asked`` is the host or its address."""
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
        tunnel.connect(asked, port)
    except (Cancelled, TimeoutError):
        raise
    except ProxyError as exc:
        # python-socks gives a code to what the tunnel ends in, and none to what it says of user and password
        credentials = exc.error_code is None and "authentication" in str(exc).lower()
        raise ProxyRejected(f"{host}:{port}", str(proxy), f"refused: {exc}", credentials=credentials) from exc
    except OSError as exc:
        raise ConnectError(f"{host}:{port}", f"the proxy {proxy} refused: {exc}") from exc
