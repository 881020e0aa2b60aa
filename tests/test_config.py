"""Options: defaults, and what each field refuses."""

from __future__ import annotations

import dataclasses
import ssl
from typing import Any

import pytest
import tenacity

from binance_sockets.config import Backoff, Limits, Options, Timeouts
from binance_sockets.errors import ConfigError

NAN = float("nan")
INF = float("inf")
ABOVE = "a number above 0"
FROM = "a number from 0"
FINITE = "a finite number above 0"
FINITE_FROM = "a finite number from 0"


def test_defaults() -> None:
    """The documented ones."""
    assert dataclasses.asdict(Timeouts()) == {
        "connect": 10.0,
        "close": 1.0,
        "stop": 2.0,
        "ack": 10.0,
        "stale": None,
        "ping": None,
        "first_message": None,
        "silence": None,
        "listing": 60.0,
    }
    assert dataclasses.asdict(Backoff()) == {
        "initial": 0.5,
        "factor": 2.5,
        "maximum": 30.0,
        "jitter": 1.0,
        "max_reconnects": 5,
        "stable_after": 10.0,
        "wait": None,
        "stop": None,
    }
    assert dataclasses.asdict(Limits()) == {"message_size": 16 * 1024 * 1024}
    options = Options()
    assert (options.timeouts, options.backoff, options.limits) == (Timeouts(), Backoff(), Limits())
    assert (options.proxy, options.ssl_context, options.ca_file) == (None, None, None)
    assert (options.compression, options.classify, options.seed) == (False, None, None)


NUMBERS = [
    (Timeouts, "connect", ABOVE),
    (Timeouts, "close", ABOVE),
    (Timeouts, "stop", ABOVE),
    (Timeouts, "ack", ABOVE),
    (Timeouts, "stale", f"{ABOVE} or None"),
    (Timeouts, "silence", f"{ABOVE} or None"),
    (Timeouts, "listing", ABOVE),
    (Timeouts, "ping", f"{FROM} or None"),
    (Timeouts, "first_message", f"{FROM} or None"),
    (Backoff, "initial", FINITE_FROM),
    (Backoff, "factor", FINITE),
    (Backoff, "maximum", FINITE),
    (Backoff, "jitter", FINITE_FROM),
    (Backoff, "max_reconnects", f"{FROM} or None"),
    (Backoff, "stable_after", FROM),
    (Limits, "message_size", ABOVE),
]


@pytest.mark.parametrize(("kind", "field", "allowed"), NUMBERS)
@pytest.mark.parametrize("wrong", [-1, "1", NAN, True, [1]], ids=repr)
def test_numbers(kind: type, field: str, allowed: str, wrong: Any) -> None:
    """Negative, text, not a number, a bool, a list: refused, naming class, field, and what is allowed."""
    with pytest.raises(ConfigError) as caught:
        kind(**{field: wrong})
    assert str(caught.value) == f"{kind.__name__}.{field}: expected {allowed}; got {wrong!r}"


@pytest.mark.parametrize(("kind", "field", "allowed"), NUMBERS)
def test_zero_and_none(kind: type, field: str, allowed: str) -> None:
    """0 and ``None`` are taken exactly where the message says so."""
    for value, taken in ((0, "from 0" in allowed), (None, "or None" in allowed)):
        if taken:
            assert getattr(kind(**{field: value}), field) == value
        else:
            with pytest.raises(ConfigError):
                kind(**{field: value})


@pytest.mark.parametrize(("kind", "field", "allowed"), NUMBERS)
def test_infinity_and_beyond(kind: type, field: str, allowed: str) -> None:
    """Infinity is for ever where that can be; a whole number that no float holds is refused everywhere."""
    for value in (10**400, -(10**400), 10**5000):
        with pytest.raises(ConfigError, match=rf"^{kind.__name__}\.{field}: expected {allowed}; got ") as caught:
            kind(**{field: value})
        assert caught.value.value == value
    if "finite" in allowed or field in ("max_reconnects", "message_size"):  # counts are whole
        with pytest.raises(ConfigError):
            kind(**{field: INF})
    else:
        assert getattr(kind(**{field: INF}), field) == INF
    assert getattr(kind(**{field: 1}), field) == 1


def test_every_number_is_tested() -> None:
    """No field is left out above."""
    strategies = {(Backoff, "wait"), (Backoff, "stop")}
    fields = {(kind, field.name) for kind in (Timeouts, Backoff, Limits) for field in dataclasses.fields(kind)}
    fields -= strategies
    assert fields == {(kind, field) for kind, field, _ in NUMBERS}


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("jitter", 1.1, "a number from 0 to 1"),
        ("factor", 0.9, "a number from 1"),
        ("max_reconnects", 2.5, "a whole number from 0, or None"),
    ],
)
def test_backoff_ranges(field: str, value: float, allowed: str) -> None:
    """Shares, growth and counts have their own ranges."""
    with pytest.raises(ConfigError) as caught:
        Backoff(**{field: value})  # type: ignore[arg-type]
    assert str(caught.value) == f"Backoff.{field}: expected {allowed}; got {value!r}"


@pytest.mark.parametrize("size", [2.5, float("inf")])
def test_message_size_is_whole(size: float) -> None:
    """Bytes are counted in whole numbers."""
    with pytest.raises(ConfigError, match=r"^Limits\.message_size: expected a whole number"):
        Limits(message_size=size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("timeouts", 5, "Options.timeouts: expected a Timeouts; got 5"),
        ("backoff", None, "Options.backoff: expected a Backoff; got None"),
        ("limits", Timeouts, f"Options.limits: expected a Limits; got {Timeouts!r}"),
        ("ssl_context", True, "Options.ssl_context: expected an ssl.SSLContext; got True"),
        ("compression", 1, "Options.compression: expected one of True, False; got 1"),
        ("ca_file", 5, "Options.ca_file: expected a path; got 5"),
        ("seed", "7", "Options.seed: expected a whole number or None; got '7'"),
        (
            "proxy",
            5,
            "Options.proxy: expected a URL, an empty text or None; got <class 'int'>",
        ),
        (
            "proxy",
            "http://user:secret@host:99999",
            "Options.proxy: expected a URL with http, socks4, socks4a, socks5, socks5h; "
            "got 'http://***@host:99999'. Write proxy=\"http://user:password@host:3128\" "
            "with special characters percent-encoded (@ as %40, / as %2F)",
        ),
        ("classify", "retry", "Options.classify: expected a callable; got 'retry'"),
        (
            "proxy",
            "ftp://user:secret@host:1",
            "Options.proxy: expected a URL with http, socks4, socks4a, socks5, socks5h; got 'ftp://***@host:1'. "
            'Write proxy="http://user:password@host:1" '
            "with special characters percent-encoded (@ as %40, / as %2F)",
        ),
        (
            "proxy",
            "user:secret@host:1",
            "Options.proxy: expected a URL with http, socks4, socks4a, socks5, socks5h; got '***@host:1'. "
            'Write proxy="http://user:password@host:1" '
            "with special characters percent-encoded (@ as %40, / as %2F); the scheme is missing",
        ),
        (
            "proxy",
            "127.0.0.1:3128",
            "Options.proxy: expected a URL with http, socks4, socks4a, socks5, socks5h; got '127.0.0.1:3128'. "
            'Write proxy="http://127.0.0.1:3128"; the scheme is missing',
        ),
    ],
)
def test_options(field: str, value: Any, text: str) -> None:
    """A wrong option is refused at once, naming what is allowed, and never showing a password."""
    with pytest.raises(ConfigError) as caught:
        Options(**{field: value})
    assert str(caught.value) == text


def test_ca_file_belongs_to_the_default_context() -> None:
    """Two answers to one question are refused."""
    with pytest.raises(ConfigError, match=r"^Options\.ca_file: expected None when ssl_context is given; got 'x'$"):
        Options(ssl_context=ssl.create_default_context(), ca_file="x")


def test_a_whole_retrying_is_no_strategy() -> None:
    """It would call the sample it is asked with, and try for ever."""
    with pytest.raises(ConfigError, match="strategies of a Retrying, not itself"):
        Backoff(wait=tenacity.Retrying(stop=tenacity.stop_after_attempt(2)))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Timeouts, Backoff, Limits, Options])
def test_unknown_field(kind: type) -> None:
    """A field that does not exist is a TypeError, as with any function."""
    with pytest.raises(TypeError, match="retries"):
        kind(retries=3)


@pytest.mark.parametrize("kind", [Timeouts, Backoff, Limits, Options])
def test_values(kind: type) -> None:
    """Options are frozen and equal by value."""
    assert kind() == kind()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(kind(), dataclasses.fields(kind)[0].name, 1)


@pytest.mark.parametrize("proxy", ["http://u:hunter2@p:3128", "socks5h://u:hunter2@p:1080", "socks4://p", ""])
def test_proxies(proxy: str) -> None:
    """All documented schemes are taken, the empty one too; nothing of them shows in ``repr``."""
    options = Options(proxy=proxy)
    assert options.proxy == proxy
    assert "proxy" not in repr(options)
    assert "hunter2" not in repr(options) + str(options)
