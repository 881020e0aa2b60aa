"""How long to wait before the next attempt, and whether there is one."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

from ..config import Backoff, RetryState, Verdict, is_wait
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
from .budget import ban_seconds

__all__ = ["Retries", "classify", "judged", "reason_of", "retry_after"]

log = logging.getLogger("binance_sockets.connection")

_FATAL_STATUS = frozenset({400, 401, 404, 410, 451})


class Retries:
    """The failures in a row of one thing, and the waits behind them. No clock of its own; one thread.

    Args:
        backoff: tells the waits, and how many there are.
        rng: draws the jitter.

    Attributes:
        failures: in a row so far.
    """

    def __init__(self, backoff: Backoff, rng: Callable[[], random.Random]) -> None:
        self.failures = 0
        self._backoff = backoff
        self._rng = rng
        self._began = 0.0
        self._waited = 0.0

    def forget(self) -> None:
        """The row is over."""
        self.failures, self._waited = 0, 0.0

    def failed(self, error: BaseException, now: float) -> tuple[float, bool]:
        """One more failure.

        Args:
            error: what failed.
            now: monotonic seconds.

        Returns:
            The wait before the next attempt in seconds, and whether the back-off allows none any more.
        """
        if not self.failures:
            self._began = now
        self.failures += 1
        state = RetryState(error, self.failures, self._began, now, self._waited)
        wait = state.upcoming_sleep = self._wait(state)
        self._waited += wait
        return wait, self._enough(state)

    def _wait(self, state: RetryState) -> float:
        """As the strategy says, or exponential, capped, and shortened by up to ``jitter``."""
        backoff = self._backoff
        if backoff.wait is not None:
            try:
                wait = backoff.wait(state)
            except BaseException:  # also SystemExit, which would end the thread with its work half done
                log.exception("Backoff.wait raised; the default wait is used")
            else:
                if is_wait(wait):
                    return float(wait)
                log.error("Backoff.wait returned %.100r; the default wait is used", wait)
        try:
            longest = backoff.initial * backoff.factor ** (state.attempt_number - 1)
        except OverflowError:
            longest = backoff.maximum if backoff.initial else 0.0
        return min(longest, backoff.maximum) * (1 - backoff.jitter * self._rng().random())

    def _enough(self, state: RetryState) -> bool:
        backoff = self._backoff
        if backoff.stop is None:
            return backoff.max_reconnects is not None and self.failures > backoff.max_reconnects
        try:
            return bool(backoff.stop(state))
        except BaseException:
            log.exception("Backoff.stop raised; it goes on")
            return False


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
    """Seconds that a 429 or 418 asks to wait, or ``None``. It costs no attempt, so one of 0 does not count."""
    if isinstance(error, CredentialError):
        return error.retry_after or None
    if isinstance(error, HandshakeRejected) and error.status in (418, 429):
        return ban_seconds(error.status, error.retry_after) or None
    return None
