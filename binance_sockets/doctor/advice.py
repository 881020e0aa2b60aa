"""What a failure means and what to do about it, in words: tables by kind of failure, HTTP status and code."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Mapping
from datetime import datetime, timezone

from ..engine.clock import Clock
from ..errors import (
    AuthenticationError,
    BinanceSocketsError,
    CertificateRejected,
    ConfigError,
    ConnectError,
    ConnectTimeout,
    ExchangeError,
    HandshakeRejected,
    ProxyRejected,
    RateLimited,
)
from .findings import Finding, Outcome

__all__ = ["explain", "failed", "known"]

Advice = tuple[str, str]
"""Meaning and what to do."""

_PORTAL = (
    "Something between here and the exchange answers in its place: a captive portal, a filter or an intercepting proxy",
    "Open any page in a browser and log in to the network; else ask its operator to let the host through",
)
_REGION = (
    "The exchange does not serve the region that this address belongs to",
    "Run where the exchange may be used, or use the exchange of this region (tld='us' for Binance.US)",
)
_TROUBLE = ("The exchange, or a server before it, has trouble or is in maintenance", "Try again later")
_STATUS: Mapping[int, Advice] = {
    202: (
        "A web application firewall before the exchange wants a browser to prove itself",
        "This host does not serve programs under this path: check environment and base URL, or use another address",
    ),
    400: ("The exchange does not accept the request as it is", "Check the environment or base URL"),
    401: ("The exchange accepts no unsigned call here, or refuses the key", "Check key and environment"),
    403: (
        "A web application firewall before the exchange has refused it, for its address, its rate or what it asks",
        "Stop for some minutes; check whether this address belongs to a data centre or VPN that is blocked",
    ),
    404: ("There is nothing of this exchange under this URL", "Check the environment or base URL, and its path"),
    407: ("The proxy wants user and password", "Write them into the proxy's URL"),
    418: (
        "This address is banned: requests went on after the limit was used up. Every further one makes it longer",
        "Stop every program behind this address until the ban ends, then send fewer requests",
    ),
    429: (
        "The request limit of this address is used up. Going on leads to a ban (HTTP 418)",
        "Wait as long as the exchange says; other programs behind this address count, too",
    ),
    451: _REGION,
    511: _PORTAL,
}  # fmt: skip
_CODES: Mapping[int, Advice] = {
    -1002: ("The key may not do this", "Give the key the permission on the exchange's page of API keys"),
    -1003: _STATUS[429],
    -1021: (
        "The time stamp of the request is too far from the exchange's clock",
        "Set this machine's clock: switch on NTP (timedatectl set-ntp true; on Windows: w32tm /resync)",
    ),
    -1022: (
        "The exchange knows the key, and the signature is not the one of its secret",
        "Check that secret or private key belong to this API key, and that nothing was cut off when copying",
    ),
    -1209: (
        "The exchange does not take the listen token that it has given",
        "Try again; if it stays, ask the exchange",
    ),
    -2008: ("The exchange does not know this API key", "Check the key; each environment has keys of its own"),
    -2014: ("This is no API key in form", "Check that the whole key was copied, without quotes and blanks"),
    -2015: (
        "The exchange refuses the key here: it does not exist (any more) in this environment, this address is not on"
        " its list of IPs, or it lacks the permission",
        "Check on the exchange's page of API keys: the environment, the list of IPs against this machine's public"
        " address, and the permissions (futures and options are switched on there)",
    ),
}
_CERTIFICATE: Mapping[int, Advice] = {
    9: (
        "The certificate is valid from a later time on: this machine's clock is most likely slow",
        "Set this machine's clock",
    ),
    10: (
        "A certificate has expired: the server's own, one in the store of trusted authorities here, or this machine's"
        " clock is fast",
        "Check this machine's clock, then update the store (package ca-certificates, or certifi)",
    ),
    62: (
        "The certificate is made out to another name: somebody answers in the exchange's place, or the URL is wrong",
        "Check the base URL; in a public network log in first",
    ),
}  # fmt: skip
_UNTRUSTED = (
    "No authority that is trusted here has signed the certificate: a company's proxy or a virus scanner may read the"
    " traffic, or the store of trusted authorities is old or empty",
    "If it is your company's proxy, pass its CA (ca_file=, --ca-file); else update the store (package ca-certificates,"
    " or certifi). If it is neither, do not send keys over this network",
)
_BY_CODE = {**dict.fromkeys((18, 19, 20, 21), _UNTRUSTED), **_CERTIFICATE, 64: _CERTIFICATE[62]}
_SYSTEM: Mapping[int, Advice] = {
    errno.ECONNREFUSED: ("Nothing listens there, or a firewall refuses", "Check host and port, and what listens there"),
    errno.ENETUNREACH: ("This machine has no way to that network", "Check the network, and VPN or IPv6 settings"),
    errno.EHOSTUNREACH: ("This machine has no way to that host", "Check the network, and VPN or firewall settings"),
    errno.ECONNRESET: ("Somebody cuts the connection: often a firewall that reads it", "Try another network or a VPN"),
}  # fmt: skip


def explain(error: BaseException) -> Advice:
    """What a failure means, and what to do."""
    if isinstance(error, CertificateRejected):
        return _BY_CODE.get(getattr(error.__cause__, "verify_code", 0), _UNTRUSTED)
    if isinstance(error, ProxyRejected):
        if error.credentials:
            return _STATUS[407]
        return (
            "The proxy does not connect to this host or port, or is no proxy at all",
            "Check its host and port; ask its operator to allow the connection, or use another proxy",
        )
    if isinstance(error, HandshakeRejected):
        return _of_status(error.status)
    if isinstance(error, ExchangeError):
        found = _CODES.get(error.error_code or 0)
        if found is None and error.status is not None:
            found = _of_status(error.status)
        return found or ("The exchange refuses it", "See the exchange's list of error codes")
    if isinstance(error, ConfigError):
        return "A setting cannot be used", error.hint or "Correct it"
    if isinstance(error, ConnectTimeout):
        return (
            "Nobody answers: a firewall drops the packets, the network is down, or the proxy is slow",
            "Allow outgoing connections to this host and port, or set a proxy",
        )
    if isinstance(error, ConnectError):
        return _of_cause(error.__cause__)
    return "The connection ended or no answer came", "Try again; if it stays, somebody between here and there cuts it"


def known(error: ExchangeError) -> bool:
    """Whether its code, or its HTTP status, has words of its own."""
    return error.error_code in _CODES or (error.status or 0) in _STATUS


def failed(check: str, subject: str, error: BinanceSocketsError, advice: Advice | None = None) -> Finding:
    """The finding for an error."""
    meaning, cure = advice or explain(error)
    return Finding(check, subject, Outcome.FAILED, _fact(error), meaning, cure)


def _fact(error: BinanceSocketsError) -> str:
    wait = getattr(error, "retry_after", None)
    if isinstance(error, AuthenticationError) or wait is None:
        return str(error)
    until = f"{datetime.fromtimestamp(Clock().time() + wait, timezone.utc):%H:%M:%S} UTC"
    name = "banned" if getattr(error, "status", None) == 418 else "no requests"
    return f"{error}; {name} until {until}" if isinstance(error, (RateLimited, HandshakeRejected)) else str(error)


def _of_status(status: int) -> Advice:
    if status in _STATUS:
        return _STATUS[status]
    if status < 400:  # a page in place of the answer, or a redirect to one
        return _PORTAL
    return _TROUBLE if status >= 500 else ("The exchange refuses the request", "Check environment and base URL")


def _of_cause(cause: BaseException | None) -> Advice:
    if isinstance(cause, ssl.SSLError):
        return (
            "Whoever answers does not speak TLS as the exchange does: another server, or a proxy that cuts in",
            "Check host and port, and whether a proxy or a firewall stands between",
        )
    code = cause.errno if isinstance(cause, OSError) else None
    return _SYSTEM.get(code or 0, ("What answers is not the exchange, or the way to it is cut", "Check host and port"))
