"""How long to wait before the next attempt, and whether there is one."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ..config import Backoff, Verdict
from ..errors import (
    AuthenticationError,
    CertificateRejected,
    ConfigError,
    CredentialError,
    HandshakeRejected,
    ProxyRejected,
)

__all__ = ["classify", "delays", "retry_after"]

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


def retry_after(error: BaseException) -> float | None:
    """Seconds that a 429 or 418 asked to wait, or ``None``. It costs no attempt, so one of 0 does not count."""
    if isinstance(error, CredentialError) or (isinstance(error, HandshakeRejected) and error.status in (418, 429)):
        return error.retry_after or None
    return None
