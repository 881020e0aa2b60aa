"""Delays, and the verdict on a failure."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.config import Backoff, Verdict
from binance_sockets.engine.backoff import Retries, classify, retry_after
from binance_sockets.errors import (
    BinanceSocketsError,
    CertificateRejected,
    ConfigError,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    HandshakeRejected,
    ProtocolError,
    ProxyRejected,
    RequestTimeout,
    StaleConnection,
)


def first(count: int, backoff: Backoff, seed: int = 1) -> list[float]:
    retries, rng = Retries(backoff, lambda: rng), random.Random(seed)
    return [retries.failed(OSError(), 0.0)[0] for _ in range(count)]


def test_default_sequence() -> None:
    """Without jitter the defaults are 0.5 s, growing 2.5-fold, capped at 30 s."""
    assert first(7, Backoff(jitter=0)) == [0.5, 1.25, 3.125, 7.8125, 19.53125, 30.0, 30.0]


def test_cap_holds_from_the_first() -> None:
    """An initial wait above the maximum is cut to it."""
    assert first(2, Backoff(initial=50, maximum=20, jitter=0)) == [20, 20]


def test_no_wait_stays_no_wait() -> None:
    """An initial wait of 0 never grows."""
    assert first(3, Backoff(initial=0)) == [0, 0, 0]


def test_delays_never_overflow() -> None:
    """Thousands of failures in a row still wait the maximum."""
    assert first(3000, Backoff(jitter=0))[-1] == 30.0


def test_seed_repeats_the_jitter() -> None:
    """The same seed gives the same waits, another seed others."""
    assert first(5, Backoff(), 7) == first(5, Backoff(), 7)
    assert first(5, Backoff(), 7) != first(5, Backoff(), 8)


@given(
    st.floats(0, 100),
    st.floats(1, 10),
    st.floats(0.001, 100),
    st.floats(0, 1),
    st.integers(0, 2**32),
    st.integers(1, 9),
)
def test_jitter_only_shortens(
    initial: float, factor: float, maximum: float, jitter: float, seed: int, count: int
) -> None:
    """Every wait lies between ``(1 - jitter)`` of the plain one and the plain one."""
    plain = first(count, Backoff(initial, factor, maximum, 0.0))
    for wait, full in zip(first(count, Backoff(initial, factor, maximum, jitter), seed), plain, strict=True):
        assert full * (1 - jitter) - 1e-9 <= wait <= full <= maximum


FATAL = {300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 404, 410, 451}


@pytest.mark.parametrize("status", [200, 202, *sorted(FATAL), 402, 403, 405, 408, 418, 429, 500, 502, 503, 504, 599])
def test_verdict_on_http_status(status: int) -> None:
    """Redirects, 400, 401, 404, 410 and 451 are final; everything else may pass."""
    expected = Verdict.FATAL if status in FATAL else Verdict.RETRY
    assert classify(HandshakeRejected("host:1", status)) is expected


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (CertificateRejected("host:1", "unknown CA"), Verdict.FATAL),
        (ProxyRejected("host:1", "http://p:1", "answered 407", 407, credentials=True), Verdict.FATAL),
        (ProxyRejected("host:1", "http://p:1", "answered 502", 502), Verdict.RETRY),
        (ConfigError("url", "x", "a URL"), Verdict.FATAL),
        (OSError("reset"), Verdict.RETRY),
        (ConnectError("host:1", "name look-up failed"), Verdict.RETRY),
        (ConnectTimeout("host:1", "late"), Verdict.RETRY),
        (StaleConnection(60, 45), Verdict.RETRY),
        (RequestTimeout("answer", 10), Verdict.RETRY),
        (ProtocolError(1002, "masked"), Verdict.RETRY),
        *((ConnectionLost("closed", code), Verdict.RETRY) for code in (None, 1000, 1001, 1006, 1008, 1011, 4001)),
    ],
)
def test_verdict_on_other_failures(error: BinanceSocketsError, verdict: Verdict) -> None:
    """Certificates and bad URLs are final; networks, time-outs and every close code are not."""
    assert classify(error) is verdict


@pytest.mark.parametrize(
    ("status", "asked", "wait"),
    [(429, 7.0, 7.0), (418, 120.0, 120.0), (418, None, 120.0), (429, None, None), (429, 0.0, None), (503, 5.0, None)],
)
def test_retry_after_counts_for_rate_limits(status: int, asked: float | None, wait: float | None) -> None:
    """Only 429 and 418 with the header ask for a wait; no time at all would make a storm and counts as no wait."""
    assert retry_after(HandshakeRejected("host:1", status, retry_after=asked)) == wait


def test_other_errors_ask_for_no_wait() -> None:
    """An error without HTTP status asks for no wait."""
    assert retry_after(OSError("reset")) is None
