"""What every error says, and what it is."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from binance_sockets import errors
from binance_sockets.errors import (
    AuthenticationError,
    BackfillFailed,
    BeyondKnownDepth,
    BinanceSocketsError,
    BookOutOfSync,
    CallbackBehind,
    CallbackError,
    CertificateRejected,
    ConfigError,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    CredentialError,
    DecodeError,
    ExchangeError,
    HandshakeRejected,
    LifecycleError,
    ManagerClosed,
    ProtocolError,
    ProxyRejected,
    RateLimited,
    ReceiveTimeout,
    RequestLost,
    RequestTimeout,
    ShutdownTimeout,
    SnapshotMissing,
    StaleConnection,
    StreamEnded,
    StreamRetired,
    StreamSilent,
    SubscriptionMismatch,
    SubscriptionRejected,
    UnknownConnection,
    WouldDeadlock,
)
from binance_sockets.events import ErrorReport, Gap, Reason, StreamGap

RAISED = CallbackError("mine", "btcusdt@trade")
RAISED.__cause__ = KeyError("p")

UNKNOWN = "whether it was carried out is unknown"

SAID: list[tuple[BinanceSocketsError, str]] = [
    (BinanceSocketsError("anything"), "anything"),
    (
        ConfigError("depth", "7", ("5", "10", "20"), "It was 5 in 2019."),
        "depth: expected one of '5', '10', '20'; got '7'. It was 5 in 2019.",
    ),
    (ConfigError("symbol", "", "a symbol"), "symbol: expected a symbol; got ''"),
    (
        StreamRetired("!bookTicker", "2023-01-02", "<symbol>@bookTicker"),
        "!bookTicker was retired by the exchange on 2023-01-02; use <symbol>@bookTicker",
    ),
    (ManagerClosed("forked"), "forked"),
    (UnknownConnection("x", []), "no connection 'x'; open are: none"),
    (UnknownConnection(10**5000, []), "no connection <int, too long to show>; open are: none"),
    (ConfigError("timeout", 10**5000, "a number"), "timeout: expected a number; got <int, too long to show>"),
    (ConfigError("timeout", [10**5000], "a number"), "timeout: expected a number; got <list, too long to show>"),
    (UnknownConnection("x", ["a", "b"]), "no connection 'x'; open are: a, b"),
    (
        UnknownConnection(False, [f"k{n}" for n in range(12)]),
        "no connection False (start_*_socket returns it where the socket is open already); open are: "
        "k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, ...",
    ),
    (
        UnknownConnection("streams=" + "/".join(["btcusdt@trade"] * 99), ["x-" * 50]),
        f"no connection 'streams=btcusdt@trade+98'; open are: {'x-' * 30}...",
    ),
    (
        ShutdownTimeout(10.0, ["binance_sockets:a", "binance_sockets:b"]),
        "after 10 s still alive: binance_sockets:a, binance_sockets:b",
    ),
    (
        ShutdownTimeout(1.5, ["binance_sockets:a", "m:main", "m:jobs"], ["in its callback", "", "waiting for REST"]),
        "after 1.5 s still alive: binance_sockets:a (in its callback), m:main, m:jobs (waiting for REST)",
    ),
    (WouldDeadlock("wait_open inside"), "wait_open inside"),
    (ConnectError("host:443", "refused"), "cannot connect to host:443: refused"),
    (
        ConnectTimeout("host:443", "no TCP connection within 10 s"),
        "cannot connect to host:443: no TCP connection within 10 s",
    ),
    (CertificateRejected("host:443", "expired"), "cannot connect to host:443: expired"),
    (
        ProxyRejected("host:443", "http://proxy:3128", "answered 407 Who Are You", 407, credentials=True),
        "cannot connect to host:443: the proxy http://proxy:3128 answered 407 Who Are You",
    ),
    (HandshakeRejected("host:443", 503), "cannot connect to host:443: handshake rejected with HTTP 503"),
    (
        HandshakeRejected("host:443", 451, body=b" restricted \xff" + b"x " * 300),
        "cannot connect to host:443: handshake rejected with HTTP 451 (restricted \ufffd" + "x " * 93 + "x)",
    ),
    (ConnectionLost("the connection broke"), "the connection broke"),
    (ConnectionLost("the server closed the connection", 1000), "the server closed the connection: code 1000"),
    (ConnectionLost("closed", 1008, "too fast"), "closed: code 1008 (too fast)"),
    (StaleConnection(45.04, 45.0), "no frame for 45.0 s (allowed: 45 s)"),
    (ProtocolError(1002, "masked frame from the server"), "masked frame from the server (closed with 1002)"),
    (DecodeError("no JSON", b"<html>"), "no JSON: b'<html>'"),
    (ExchangeError(-1121, "Invalid symbol."), "Invalid symbol. (code -1121)"),
    (ExchangeError(None, "odd"), "odd"),
    (AuthenticationError(-2015, "Invalid API-key."), "Invalid API-key. (code -2015)"),
    (ExchangeError(-1000, "unknown", 503, outcome_unknown=True), "unknown (code -1000); " + UNKNOWN),
    (RateLimited(429, 5.0), "HTTP 429, retry after 5 s (code 429)"),
    (RateLimited(418, None, -1003, "Way too many requests."), "Way too many requests. (code -1003)"),
    (CredentialError("the exchange has removed /path"), "the exchange has removed /path"),
    (CredentialError("removed", "the other one", 410), "removed; use the other one"),
    (
        RequestLost("order.place", ConnectionLost("closed", 1001)),
        f"no reply to order.place, {UNKNOWN}: closed: code 1001",
    ),
    (RequestTimeout("reply to order.place", 5, True), f"no reply to order.place within 5 s; {UNKNOWN}"),
    (SubscriptionRejected(2, "Invalid request", ["a", "b"]), "Invalid request (code 2) for a, b"),
    (SubscriptionRejected(2, "no", [*"abcdefg"]), "no (code 2) for a, b, c, d, e and 2 more"),
    (CredentialError("the listen key has ended", permanent=True), "the listen key has ended"),
    (CredentialError("HTTP 410 from /x", "the WebSocket API", 410), "HTTP 410 from /x; use the WebSocket API"),
    (RequestTimeout("answer to a SUBSCRIBE", 10.0), "no answer to a SUBSCRIBE within 10 s"),
    (
        RequestTimeout("reply to order.place", 1, unsent="host:443: refused"),
        "no reply to order.place: the request was not sent within 1 s: host:443: refused",
    ),
    (RAISED, "callback mine raised KeyError('p') on a message of btcusdt@trade"),
    (CallbackError("mine"), "callback mine raised None"),
    (ReceiveTimeout(1.5), "no message within 1.5 s"),
    (ReceiveTimeout(1.5, [1, 2]), "too few messages within 1.5 s"),
    (StreamEnded("it was closed", asked_for=True), "no more messages: it was closed"),
    (BookOutOfSync("BTCUSDT", "crossed"), "BTCUSDT is out of sync: crossed"),
    (BeyondKnownDepth("", "bids", 12.5, 3), "the order book knows 3 bids, which do not reach 12.5"),
    (
        StreamSilent("btcusdt@trade", 20.2, "The market is closed"),
        "btcusdt@trade: no message 20 s after it was subscribed. The market is closed",
    ),
    (
        SubscriptionMismatch(["btcusdt@trade"], ["ethusdt@trade"]),
        "the exchange has lost the subscription of btcusdt@trade, which is asked for again, and carries ethusdt@trade, "
        "which nobody wants and is unsubscribed",
    ),
    (SnapshotMissing(["ticker:KRW-XXX"], 5.0), "no snapshot of ticker:KRW-XXX within 5 s"),
    (CallbackBehind("mine", 5.2), "callback mine has been behind for 5 s"),
    (
        BackfillFailed("btcusdt@trade", "HTTP 500"),
        "btcusdt@trade: its missing messages could not be had: HTTP 500",
    ),
    (LifecycleError("OPEN", "DUE"), "event DUE is not possible in state OPEN"),
]


@pytest.mark.parametrize(("error", "text"), SAID, ids=lambda value: type(value).__name__)
def test_text(error: BinanceSocketsError, text: str) -> None:
    """The words a human reads in a log."""
    assert str(error) == text


def test_every_error_is_shown_here() -> None:
    """No class without a pinned text."""
    assert {type(error).__name__ for error, _ in SAID} == set(errors.__all__)


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        (ConfigError, ValueError),
        (StreamRetired, ConfigError),
        (ManagerClosed, RuntimeError),
        (UnknownConnection, KeyError),
        (ShutdownTimeout, TimeoutError),
        (WouldDeadlock, RuntimeError),
        (ConnectTimeout, TimeoutError),
        (ConnectTimeout, ConnectError),
        (CertificateRejected, ConnectError),
        (HandshakeRejected, ConnectError),
        (ProxyRejected, ConnectError),
        (StaleConnection, ConnectionLost),
        (RequestLost, ConnectionLost),
        (DecodeError, ProtocolError),
        (AuthenticationError, ExchangeError),
        (RateLimited, ExchangeError),
        (SubscriptionRejected, ExchangeError),
        (RequestTimeout, TimeoutError),
        (LifecycleError, AssertionError),
    ],
)
def test_family(kind: type, also: type) -> None:
    """Callers may catch by the package's tree or by the builtin of that meaning."""
    assert issubclass(kind, also)
    assert issubclass(kind, BinanceSocketsError)


@pytest.mark.parametrize("error", [error for error, _ in SAID], ids=lambda value: type(value).__name__)
def test_can_be_shown_whatever_happens(error: BinanceSocketsError) -> None:
    """``repr`` names the class and never fails."""
    assert repr(error).startswith(type(error).__name__)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("error", [error for error, _ in SAID], ids=lambda value: type(value).__name__)
def test_travels(error: BinanceSocketsError, way: Callable[[Any], Any]) -> None:
    """A copy, also one in another process, has the same class and facts."""
    found = way(error)
    assert found is not error
    assert (type(found), found.args, vars(found)) == (type(error), error.args, vars(error))
    if error.__cause__ is None:  # which stays behind
        assert str(found) == str(error)


def test_facts_are_attributes() -> None:
    """A program reads what a human reads, without parsing text."""
    rejected = HandshakeRejected("h:1", 429, {"retry-after": "7"}, b"slow down", 7.0)
    assert (rejected.target, rejected.status, rejected.headers) == ("h:1", 429, {"retry-after": "7"})
    assert (rejected.body, rejected.retry_after) == (b"slow down", 7.0)
    refused = SubscriptionRejected(2, "no", ["a"])
    assert (refused.error_code, refused.message, refused.streams) == (2, "no", ("a",))
    config = ConfigError("depth", 7, iter([5, 10]))
    assert (config.name, config.value, config.allowed, config.hint) == ("depth", 7, (5, 10), "")
    retired = StreamRetired("s", "2023-01-02", "t")
    assert (retired.stream, retired.since, retired.replacement) == ("s", "2023-01-02", "t")
    stale = StaleConnection(50.0, 45.0)
    assert (stale.silence, stale.allowed, stale.code) == (50.0, 45.0, None)
    timeout = ShutdownTimeout(1.0, ["t"])
    assert (timeout.timeout, timeout.threads) == (1.0, ("t",))


NASTY = "down\r\nWARNING forged \x1b[31mred\x07\u202e\u2028 end"
ESCAPED = "down\\r\\nWARNING forged \\x1b[31mred\\x07\\u202e\\u2028 end"
KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"  # the documents' example of a listen key


def caused(error: BinanceSocketsError, cause: BaseException) -> BinanceSocketsError:
    error.__cause__ = cause
    return error


class Loud(Exception):
    """An exception of a user whose ``repr`` is no plain text."""

    def __repr__(self) -> str:
        return str(self)


@pytest.fixture(params=["text", "key", "flood"])
def foreign(request: pytest.FixtureRequest) -> str:
    """Text of somebody else: unprintable, a secret, or without end."""
    return {"text": NASTY, "key": f"no {KEY}!", "flood": "x " * 5_000_000}[request.param]


def test_foreign_text_is_one_harmless_line(foreign: str) -> None:
    """Whatever the peer, the exchange or a user wrote: one line, printable, bounded, without a secret, in any error."""
    raw = foreign.encode()
    errors_with_it = [
        ConfigError("streams", foreign, "a name", foreign),
        ConfigError("streams", [foreign], [foreign]),
        UnknownConnection(foreign, [foreign] * 12),
        ConnectError("host:443", foreign),
        HandshakeRejected("host:443", 503, {"server": foreign}, raw),
        ConnectionLost("the server closed the connection", 1008, foreign),
        ConnectionLost(foreign),
        ProtocolError(1002, foreign),
        DecodeError(foreign, raw[:200], foreign),
        ExchangeError(-1121, foreign),
        AuthenticationError(-2015, foreign),
        SubscriptionRejected(2, foreign, [foreign] * 7),
        StreamSilent(foreign, 60.0, foreign),
        SubscriptionMismatch([foreign], [foreign] * 7),
        CallbackBehind(foreign, 6.0),
        BackfillFailed(foreign, foreign),
        RequestTimeout(foreign, 1.0),
        RequestTimeout(foreign, 1.0, unsent=foreign),
        caused(CallbackError("mine", foreign), Loud(foreign)),
    ]
    for error in errors_with_it:
        for text in (str(error), repr(error)):
            assert text.isprintable()
            assert KEY not in text
            assert len(text) < 3000


def test_one_line() -> None:
    """What can be printed stays, what cannot is escaped, what is too long is cut, a key is hidden."""
    assert errors.one_line("Prix \u00e9lev\u00e9 \u4ef7\u683c 5 \u20ac") == "Prix \u00e9lev\u00e9 \u4ef7\u683c 5 \u20ac"
    assert errors.one_line(NASTY) == ESCAPED
    assert errors.one_line("\udc80") == "\\udc80"
    assert errors.one_line("abcdef", 3) == "abc..."
    assert errors.one_line(f"a/{KEY}/b") == "a/[64 characters hidden]/b"
    assert errors.one_line("btcusdt_perpetual@continuousKline_1m") == "btcusdt_perpetual@continuousKline_1m"
    assert str(ConnectionLost("gone", 1001, NASTY)) == f"gone: code 1001 ({ESCAPED})"
    assert ConnectionLost("gone", 1001, NASTY).close_reason == NASTY


def test_reports_hide_a_key() -> None:
    """What listeners print is as safe; the attributes are exact."""
    gap = Gap(KEY, (KEY, "a\nb"), 1.0, 2.0, Reason.STALE)
    assert KEY not in repr(gap)
    assert repr(gap).isprintable()
    assert gap.conn_key == KEY
    report = ErrorReport(KEY, StreamSilent(KEY, 60.0, "why"), False, 1.0)
    assert KEY not in repr(report)
    assert repr(Gap("a", ("b",), 1.0, 2.0, Reason.STALE)) == (
        "Gap(conn_key='a', streams=('b',), last_received=1.0, resumed=2.0, reason=<Reason.STALE: 'stale'>, ids=(), "
        "error=None)"
    )
    assert KEY not in repr(StreamGap(KEY, 1, None))
