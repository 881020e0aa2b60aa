"""Where an exchange is reached: by the name of an environment, or under a base URL.

Every exchange has names of its own (``"live"``, ``"testnet"``, ...) with the hosts that belong to them. A base URL such
as ``http://127.0.0.1:9000``, the embedded exchange's for example, stands for any exchange: what belongs to it is found
under a path. An argument wins over the variable ``BINANCE_SOCKETS_BASE_URL``, which wins over live.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigError

__all__ = ["BASE_URL_VARIABLE", "LIVE", "Endpoint", "choose", "is_loopback"]

BASE_URL_VARIABLE = "BINANCE_SOCKETS_BASE_URL"
LIVE = "live"

_said: set[str] = set()  # values of the variable that were warned of


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one product lives in one environment.

    Args:
        streams: base of the stream URLs, ``ws://`` or ``wss://``, without trailing slash.
        rest: base of the public REST URLs, likewise.
        source: the document that names these URLs, with its date.
        others: further bases of the same streams, for those who want several links.
    """

    streams: str
    rest: str
    source: str
    others: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Where the streams are: host, and port where the URL has one."""
        return urlsplit(self.streams).netloc

    @classmethod
    def under(cls, base_url: str, path: str) -> Endpoint:
        """What a base URL, as :func:`choose` returns it, has under ``path``: sockets and REST side by side."""
        scheme, rest = base_url.split("://", 1)
        socket_scheme = {"http": "ws", "https": "wss"}[scheme]
        return cls(f"{socket_scheme}://{rest}/{path}", f"{base_url}/{path}", "base URL of the user")


def choose(
    environment: str | None, names: Sequence[str], *, credentials: bool = False, log: logging.Logger | None = None
) -> str:
    """Choose an environment: the argument, else the variable ``BINANCE_SOCKETS_BASE_URL``, else ``"live"``.

    Args:
        environment: one of ``names``, a base URL, or ``None``.
        names: the environments that the exchange has.
        credentials: whether API credentials are set; then a variable may only name this machine.
        log: where to warn that the variable has decided, once per process and value.

    Returns:
        One of ``names``, or a base URL without trailing slash.

    Raises:
        ConfigError: for anything else, naming what is allowed.
    """
    if environment is not None:
        return _checked(environment, "environment", names)
    variable = os.environ.get(BASE_URL_VARIABLE)
    if not variable:
        return LIVE
    name = _checked(variable, BASE_URL_VARIABLE, names)
    # a variable is easily forgotten: it must not be what sends keys to another machine
    if credentials and (name in names or not is_loopback(urlsplit(name).hostname)):
        hint = "Credentials are set: pass environment= to send them to another host"
        raise ConfigError(BASE_URL_VARIABLE, name, "a loopback URL", hint)
    if log is not None and name != LIVE and name not in _said:
        _said.add(name)
        log.warning(
            "the variable %s is set: what names no environment connects to %s, not to the live exchange",
            BASE_URL_VARIABLE,
            name,
        )
    return name


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` (a name or an address, without port) is this machine."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _checked(text: object, argument: str, names: Sequence[str]) -> str:
    """``text`` as a known name or a clean base URL."""
    allowed = ", ".join(map(repr, names)) + " or a base URL such as 'http://127.0.0.1:9000'"
    if not isinstance(text, str):
        raise ConfigError(argument, text, allowed)
    if text in names:
        return text
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
        parts = urlsplit("")
    if "@" in text:
        raise ConfigError(argument, "a URL with user name or password", allowed, "Credentials do not belong into it")
    for mark, part in (("?", "a query"), ("#", "a fragment")):
        if mark in text:  # what comes behind may be a secret
            raise ConfigError(
                argument, f"{text.partition(mark)[0]}{mark}...", allowed, f"It has {part}, which no base URL has"
            )
    if not usable or any(c.isspace() for c in text):
        raise ConfigError(argument, text, allowed)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
