"""Which proxy a connection goes through: the option, else the environment. No socket is touched."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from .errors import ConfigError

__all__ = ["SCHEMES", "Proxy", "is_loopback", "proxy_for"]

SCHEMES = ("http", "socks4", "socks4a", "socks5", "socks5h")

_EXPECTED = f"a URL with {', '.join(SCHEMES)}"
_PLAIN_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:/?#\[\]\s]+)(:[0-9]{1,5})?/?")


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
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"

    @classmethod
    def parse(cls, url: str, source: str = "proxy") -> Proxy:
        """Read a proxy's URL.

        Args:
            url: scheme, host, and if need be user, password (percent-encoded) and port.
            source: the option or variable that it stands in, for the error.

        Raises:
            ConfigError: names ``source``, shows the URL without its credentials, and says what to write.
        """
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:  # it quotes the URL
            raise _refused(url, source) from None
        # a path, query or fragment means that a password was not percent-encoded, or that it is no proxy's URL
        if scheme not in SCHEMES or not host or port == 0 or parts.path.strip("/") or parts.query or parts.fragment:
            raise _refused(url, source)
        port = port or (1080 if scheme.startswith("socks") else 80)
        username = unquote(parts.username) if parts.username else None
        return cls(scheme, host, port, username, unquote(parts.password) if parts.password else None)

    @property
    def parts(self) -> tuple[str, str, int, str | None, str | None]:
        """What makes an equal one, password included; to be handed on and never shown."""
        return self.scheme, self.host, self.port, self.username, self._password

    @property
    def credentials(self) -> tuple[str, str] | None:
        return (self.username, self._password or "") if self.username else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refused(url: str, source: str) -> ConfigError:
    """The error for a URL that cannot be used, with a line that could."""
    shown = _without_credentials(url)
    scheme, separator, rest = shown.rpartition("://")
    host = rest.rpartition("@")[2].rstrip("/")
    scheme = scheme.lower()
    wanted = "socks5h" if scheme.startswith("socks") else "http"
    port = re.search(r":([0-9]+)$", host)
    if not _PLAIN_HOST.fullmatch(host) or host.endswith("...") or (port and not 0 < int(port[1]) < 65536):
        host = "host:1080" if wanted == "socks5h" else "host:3128"
    if "@" in shown:
        host = f"user:password@{host}"
    name = source.rpartition(".")[2]
    hint = f'Write proxy="{wanted}://{host}"' if name == "proxy" else f"Write {name}={wanted}://{host}"
    if "@" in shown:
        hint += " with special characters percent-encoded (@ as %40, / as %2F)"
    if scheme == "socks":
        hint += "; GNOME's socks:// does not say which version of SOCKS the proxy speaks"
    elif scheme == "https":
        hint += "; TLS to the proxy itself is not supported"
    elif not separator:
        hint += "; the scheme is missing"
    return ConfigError(source, shown, _EXPECTED, hint)


def _without_credentials(url: str) -> str:
    """What was given, as far as it cannot be a password: the user, and all behind a doubtful place, are left out."""
    scheme, separator, rest = url.rpartition("://")
    _, at, rest = rest.rpartition("@")
    if rest and not _PLAIN_HOST.fullmatch(rest):
        rest = re.split(r"[:/?#\[\]\s]", rest, maxsplit=1)[0] + "..."
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        scheme = "..." if scheme else ""
    return scheme + separator + ("***@" if at else "") + rest


def is_loopback(host: str) -> bool:
    """``localhost`` or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_for(host: str, port: int, secure: bool, configured: str | None) -> Proxy | None:
    """The proxy for a connection to ``host`` and ``port``: the option, else the environment, never for loopback.

    Args:
        host: name or address, without brackets.
        port: of the server, which an entry of ``no_proxy`` may name.
        secure: TLS is spoken with the server; ``https_proxy`` counts then, else ``http_proxy``, and ``all_proxy`` after
            either. On macOS and Windows the system's settings count where no variable is set.
        configured: ``Options.proxy``.

    Raises:
        ConfigError: the variable's URL cannot be used.
    """
    if is_loopback(host) or configured == "":
        return None
    if configured is not None:
        return Proxy.parse(configured, "Options.proxy")
    if _is_excepted(host, port):
        return None
    from urllib.request import getproxies  # here, as the helper process never comes this way

    found = getproxies()
    for kind in ("https" if secure else "http", "all"):
        url = found.get(kind)
        if url:
            # curl and requests take a proxy without a scheme for an HTTP proxy
            return Proxy.parse(url if "://" in url else f"http://{url}", _variable(kind))
    return None


def _variable(kind: str) -> str:
    """The environment variable behind an entry of ``getproxies``, as it is spelt here."""
    name = f"{kind}_proxy"
    spelt = next((key for key in os.environ if key == name), None)
    return spelt or next((key for key in os.environ if key.lower() == name), "the system's proxy")


def _is_excepted(host: str, port: int) -> bool:
    """Whether ``no_proxy``, or the system's list where no variable is set, says to go without a proxy."""
    from urllib.request import getproxies_environment, proxy_bypass

    listed = getproxies_environment().get("no")
    if listed is None:
        return bool(proxy_bypass(host))
    return any(_covers(entry, host, port) for entry in re.split(r"[,\s]+", listed.lower()) if entry)


def _covers(entry: str, host: str, port: int) -> bool:
    """One entry of ``no_proxy``: ``*``, a domain (with its sub-domains), an address or a network; a port may follow."""
    if entry == "*":
        return True
    name, wanted = _split_port(entry)
    if wanted is not None and wanted != port:
        return False
    host = host.lower().rstrip(".").strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        domain = name.removeprefix("*").strip(".")
        return bool(domain) and (host == domain or host.endswith("." + domain))
    try:
        return address in ipaddress.ip_network(name.strip("[]"), strict=False)
    except ValueError:
        return False


def _split_port(entry: str) -> tuple[str, int | None]:
    """``host:port`` or ``[address]:port`` in two; an IPv6 address without brackets has no port."""
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and (":" not in name or name.endswith("]")):
        return name, int(number)
    return entry, None
