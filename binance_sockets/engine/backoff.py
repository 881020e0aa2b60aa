"""How long to wait before the next attempt, and whether there is one."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator

from ..config import Backoff, Verdict
from ..errors import (
    AuthenticationError,
    CertificateRejected,
    ConfigError,
    ConnectionLost,
    CredentialError,
    HandshakeRejected,
    ProxyRejected,
    RequestTimeout,
    StaleConnection,
    one_line,
)
from ..events import Reason

__all__ = ["classify", "delays", "judged", "reason_of", "retry_after"]

log = logging.getLogger("binance_sockets.connection")

_FATAL_STATUS = frozenset({400, 401, 404, 410, 451})


def delays(backoff: Backoff, rng: random.Random) -> Iterator[float]:
    """Yield the waits in seconds, without end: exponential, capped, each shortened by up to ``jitter``."""
    delay = min(backoff.initial, backoff.maximum)
    while True:
        yield delay * (1 - backoff.jitter * rng.random())
        delay = min(delay * backoff.factor, backoff.maximum)


def classify(error: BaseException) -> Verdict:
    """The default verdict on a failure.

    FATAL where another attempt cannot help: a redirect or HTTP 400, 401, 404, 410, 451, a rejected certificate, a bad
    URL, a credential that is refused for good, a proxy that asks for other ones (HTTP 407), as accounts lock after a
    few attempts. RETRY for all else: OS errors, timeouts, DNS, 202, 403, 408, 418, 429, 5xx, any close code.
    """
    if isinstance(error, HandshakeRejected):
        fatal = error.status in _FATAL_STATUS or 300 <= error.status < 400
        return Verdict.FATAL if fatal else Verdict.RETRY
    if isinstance(error, ProxyRejected):
        return Verdict.FATAL if error.credentials else Verdict.RETRY
    if isinstance(error, CredentialError):
        return Verdict.FATAL if error.permanent else Verdict.RETRY
    if isinstance(error, (AuthenticationError, CertificateRejected, ConfigError)):
        return Verdict.FATAL
    return Verdict.RETRY


def judged(custom: Callable[[BaseException], Verdict | None] | None, error: BaseException) -> Verdict:
    """The user's verdict on a failure, or the default one where there is none."""
    if custom is not None:
        try:
            verdict = custom(error)
        except BaseException:  # also SystemExit, which would end the thread with its work half done
            log.exception("classify() raised on %s; the default verdict is used", one_line(repr(error)))
        else:
            if isinstance(verdict, Verdict):
                return verdict
    return classify(error)


def reason_of(error: BaseException) -> Reason:
    """Why a WebSocket that ended with ``error`` was left."""
    if isinstance(error, (StaleConnection, RequestTimeout)):
        return Reason.STALE
    if isinstance(error, (AuthenticationError, CredentialError)):
        return Reason.CREDENTIAL
    closed = isinstance(error, ConnectionLost) and error.code is not None
    return Reason.PEER_CLOSED if closed else Reason.NETWORK


def retry_after(error: BaseException) -> float | None:
    """Seconds that a 429 or 418 asked to wait, or ``None``. It costs no attempt, so one of 0 does not count."""
    if isinstance(error, CredentialError) or (isinstance(error, HandshakeRejected) and error.status in (418, 429)):
        return error.retry_after or None
    return None
