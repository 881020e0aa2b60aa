"""The way to one host: names, proxy, TCP, TLS; each step is checked where the one before it succeeded."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..engine.clock import Clock
from ..engine.lookup import look_up
from ..engine.pipes import TlsStream
from ..engine.secure import TlsConnector
from ..engine.tcp import Target, dial
from ..engine.tls import client_context, lacks_authorities
from ..errors import CertificateRejected, ConfigError, ConnectError, ConnectTimeout
from ..proxy import Proxy, proxy_for
from .advice import explain, failed
from .bounds import Bounds, Uncancelled, uncancelled
from .findings import Finding, Outcome

__all__ = ["Host", "examine_host", "examine_trust"]

_STEPS = ("dns", "proxy", "tcp", "tls")
_STREAM_PORT = 9443
_SOON = 7 * 86_400.0  # seconds; the exchange renews its certificates weeks before


@dataclass(frozen=True, slots=True)
class Host:
    """Where something listens.

    Args:
        name: name or address, without brackets.
        port: of the server.
        secure: TLS is spoken.
    """

    name: str
    port: int
    secure: bool

    @classmethod
    def of(cls, url: str) -> Host:
        """The host of a ``ws``, ``wss``, ``http`` or ``https`` URL."""
        parts = urlsplit(url)
        secure = parts.scheme in ("wss", "https")
        return cls(parts.hostname or "", parts.port or (443 if secure else 80), secure)

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


def examine_trust(bounds: Bounds) -> Finding:
    """Whom TLS trusts here. Reads files."""
    options = bounds.options
    if options.ssl_context is not None:
        return Finding("trust", "", Outcome.OK, "an ssl_context of yours decides")
    try:
        context = client_context(options)
    except ConfigError as exc:
        return failed("trust", "", exc)
    paths = ssl.get_default_verify_paths()
    count = context.cert_store_stats()["x509_ca"]
    store = paths.cafile or paths.capath or "the system's store"
    if lacks_authorities(ssl.create_default_context()):
        store = "certifi, as the system has none"
    more = f", and {options.ca_file}" if options.ca_file is not None else ""
    return Finding("trust", "", Outcome.OK, f"{store}{more}: {count} authorities" + ("" if count else " on demand"))


def examine_host(host: Host, bounds: Bounds) -> list[Finding]:
    """The steps to ``host``, one finding each; those behind a failure are skipped. Blocks within the bounds."""
    found = []
    with uncancelled() as cancel:
        for finding in _Way(host, bounds, cancel).steps():
            found.append(finding)
            if finding.outcome is Outcome.FAILED:
                break
    done = len(found)
    reason = f"{found[-1].check} failed" if found[-1].outcome is Outcome.FAILED else ""
    found += [Finding(step, str(host), Outcome.SKIPPED, reason) for step in _STEPS[done:]]
    return found


class _Way:
    """One host, on the thread that examines it."""

    def __init__(self, host: Host, bounds: Bounds, cancel: Uncancelled) -> None:
        self._host = host
        self._bounds = bounds
        self._cancel = cancel
        self._clock: Clock = bounds.clock
        self._proxy: Proxy | None = None

    def steps(self) -> Iterator[Finding]:
        host = self._host
        try:
            self._proxy = proxy_for(host.name, host.port, host.secure, self._bounds.options.proxy)
        except ConfigError as exc:
            yield self._skipped("dns", "the proxy's setting cannot be used")
            yield failed("proxy", str(host), exc)
            return
        yield self._dns()
        yield self._by_proxy()
        yield self._tcp()
        yield self._tls()

    def _skipped(self, check: str, why: str) -> Finding:
        return Finding(check, str(self._host), Outcome.SKIPPED, why)

    def _timing(self) -> tuple[float, float]:
        """Seconds for a step, and its deadline."""
        left = self._bounds.left()
        return left, self._clock.monotonic() + left

    def _target(self, port: int) -> Target:
        return Target(self._host.name, port, *self._timing(), self._proxy)

    # -- names -------------------------------------------------------------------------------------------------------

    def _dns(self) -> Finding:
        host = self._host
        if _address(host.name) is not None:
            return self._skipped("dns", "it is an address")
        if self._proxy is not None and self._proxy.scheme not in ("socks4", "socks5"):
            return self._skipped("dns", f"the proxy {self._proxy} looks the name up")
        try:
            found = look_up(host.name, host.port, *self._timing(), self._cancel, self._clock)
        except ConnectError as exc:
            return failed("dns", str(host), exc, _dns_advice(exc))
        return _addresses(host, list(dict.fromkeys(str(row[4][0]) for row in found)))

    # -- proxy -------------------------------------------------------------------------------------------------------

    def _by_proxy(self) -> Finding:
        proxy, subject = self._proxy, str(self._host)
        if proxy is None:
            return Finding("proxy", subject, Outcome.OK, "none")
        source = "the environment" if self._bounds.options.proxy is None else "Options.proxy"
        try:
            dial(Target(proxy.host, proxy.port, *self._timing()), self._cancel, self._clock).close()
        except ConnectError as exc:
            advice = (
                f"The proxy that {source} names cannot be reached, and everything goes through it",
                "Start it, correct its URL (https_proxy, all_proxy), or go without it (proxy='', no_proxy)",
            )
            return failed("proxy", subject, exc, advice)
        return Finding("proxy", subject, Outcome.OK, f"{proxy} by {source}, reachable")

    # -- TCP ---------------------------------------------------------------------------------------------------------

    def _tcp(self) -> Finding:
        host, began = self._host, self._clock.monotonic()
        try:
            dial(self._target(host.port), self._cancel, self._clock).close()
        except (ConnectError, ConfigError) as exc:
            return failed("tcp", str(host), exc, self._port_advice(exc))
        way = "" if self._proxy is None else f" through {self._proxy}"
        return Finding("tcp", str(host), Outcome.OK, f"{(self._clock.monotonic() - began) * 1000:.0f} ms{way}")

    def _port_advice(self, error: BaseException) -> tuple[str, str] | None:
        """Many networks let nothing but 443 through."""
        if self._host.port != _STREAM_PORT:
            return None
        try:
            dial(self._target(443), self._cancel, self._clock).close()
        except (ConnectError, ConfigError):
            return None
        return (
            f"The host can be reached on port 443 and not on {_STREAM_PORT}: a firewall or proxy blocks that port",
            f"Allow outgoing TCP to {self._host}; for public spot data alone, environment='data' goes over port 443",
        )

    # -- TLS ---------------------------------------------------------------------------------------------------------

    def _tls(self) -> Finding:
        host = self._host
        if not host.secure:
            return self._skipped("tls", "it is not used with this URL")
        try:
            stream = self._secured(TlsConnector(lambda: client_context(self._bounds.options), self._clock))
        except CertificateRejected as exc:
            meaning, advice = explain(exc)
            issuer = self._issuer()
            return failed("tls", str(host), exc, (meaning + (f". It was issued by {issuer}" if issuer else ""), advice))
        except (ConnectError, ConfigError) as exc:
            return failed("tls", str(host), exc)
        with contextlib.closing(stream):
            return _certificate(str(host), stream, self._clock.time())

    def _secured(self, connector: TlsConnector) -> TlsStream:
        return connector.connect(self._target(self._host.port), self._cancel)

    def _issuer(self) -> str:
        """Who made the certificate that is refused; empty where that cannot be read. Nothing is sent to the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with contextlib.closing(self._secured(TlsConnector(lambda: context, self._clock))) as stream:
                return _issuer_of(stream.tls.getpeercert(True) or b"")
        except (ConnectError, ConfigError):
            return ""


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None


def _dns_advice(error: ConnectError) -> tuple[str, str]:
    cause = error.__cause__
    if isinstance(error, ConnectTimeout) or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN):
        return (
            "The name server does not answer: the network is down, or it lets no look-ups through",
            "Check the network and its name server (/etc/resolv.conf), or let a socks5h:// proxy look names up",
        )
    return (
        "The name server knows no such name: it is wrong, or this network's name server blocks the exchange",
        "Check the name; try another name server (1.1.1.1, 8.8.8.8), or let a socks5h:// proxy look names up",
    )


def _addresses(host: Host, found: list[str]) -> Finding:
    """A public name that leads into the own network was answered by somebody else than its owner."""
    six = sum(":" in address for address in found)
    shown = ", ".join(found[:4]) + (", ..." if len(found) > 4 else "")
    fact = f"{shown} ({len(found) - six} IPv4, {six} IPv6)"
    known = [address for text in found if (address := _address(text)) is not None]
    if "localhost" in host.name.lower() or not known or any(address.is_global for address in known):
        return Finding("dns", str(host), Outcome.OK, fact)
    meaning = "The name leads to no public address: a filter, a captive portal or the hosts file answers instead"
    advice = "Unless you run a server under that name yourself, check /etc/hosts and try another name server"
    return Finding("dns", str(host), Outcome.WARNING, fact, meaning, advice)


def _certificate(subject: str, stream: TlsStream, now: float) -> Finding:
    given: dict[str, Any] = stream.tls.getpeercert() or {}
    version = stream.tls.version() or "TLS"
    if not given:  # a context of the user's that does not verify
        meaning = "Anybody between here and the exchange can read and change what is sent"
        fact = f"{version}, the certificate is not verified"
        return Finding("tls", subject, Outcome.WARNING, fact, meaning, "Pass a verifying ssl_context, or none")
    issuer = {name: text for part in given.get("issuer", ()) for name, text in part}
    left = ssl.cert_time_to_seconds(given["notAfter"]) - now
    who = issuer.get("organizationName") or issuer.get("commonName", "?")
    fact = f"{version}, certificate by {who}, valid for {left / 86_400:.0f} days"
    if left > _SOON:
        return Finding("tls", subject, Outcome.OK, fact)
    return Finding(
        "tls", subject, Outcome.WARNING, fact, "It ends soon, and nothing connects then", "Tell who runs the server"
    )


def _issuer_of(der: bytes) -> str:
    """Organisation or name of the issuer; needs ``cryptography``."""
    try:
        from cryptography import x509
    except ImportError:
        return ""
    try:
        return x509.load_der_x509_certificate(der).issuer.rfc4514_string()
    except ValueError:
        return ""
