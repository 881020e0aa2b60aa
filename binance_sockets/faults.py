"""The vocabulary of faults, shared by the simulator and the scripted transport. Imports nothing of this package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from reprlib import repr as short
from typing import Any, NamedTuple

__all__ = ["PARAMETERS", "Fault", "Rule", "check", "choice", "named", "parameters", "seconds", "whole"]


class Fault(str, Enum):
    """What can go wrong on a link, by the moment at which it does."""

    # while connecting

    #: TCP connection refused, or reset before a byte was read
    REFUSE = "refuse"
    #: the handshake is answered late
    SLOW_ACCEPT = "slow_accept"
    #: the handshake is answered byte by byte
    DRIP = "drip"
    #: the TLS handshake ends in an alert or a cut
    TLS_FAILURE = "tls_failure"
    #: the upgrade is answered with another status, with or without Retry-After
    HTTP_STATUS = "http_status"
    #: the upgrade is answered with bytes that are not HTTP
    GARBAGE_HANDSHAKE = "garbage_handshake"

    # while open: the link

    #: a close frame with a code and a reason
    CLOSE = "close"
    #: TCP reset, no close frame
    RESET = "reset"
    #: TCP end of stream, no close frame (1006)
    EOF = "eof"
    #: half-open: nothing arrives any more, nothing is closed
    SILENCE = "silence"
    #: the connection ends in the middle of a frame
    CUT = "cut"

    # while open: frames

    #: messages arrive in several frames, with control frames between
    FRAGMENT = "fragment"
    #: a message larger than any client should accept
    OVERSIZE = "oversize"
    #: a text message that is not UTF-8
    INVALID_UTF8 = "invalid_utf8"

    # while open: messages

    #: a text message that is not JSON
    INVALID_JSON = "invalid_json"
    #: an event type nobody has documented
    UNKNOWN_EVENT = "unknown_event"
    #: an event without one of its fields
    MISSING_FIELD = "missing_field"
    #: two messages of a stream change places
    OUT_OF_ORDER = "out_of_order"
    #: a message arrives twice
    DUPLICATE = "duplicate"
    #: messages of a stream are left out
    HOLE = "hole"
    #: the exchange forgets a subscription: its stream goes silent, and its list lacks it
    FORGET = "forget"
    #: REST depth snapshots are older than the diffs
    STALE_SNAPSHOT = "stale_snapshot"

    # control messages

    #: a SUBSCRIBE is not answered
    ACK_NEVER = "ack_never"
    #: a SUBSCRIBE is refused
    ACK_ERROR = "ack_error"

    # requests over REST and of a WebSocket API

    #: a REST request is answered late
    REST_LATE = "rest_late"
    #: a request is not answered, whether it is carried out or not
    REPLY_NEVER = "reply_never"
    #: a request is answered late
    REPLY_LATE = "reply_late"
    #: a request is answered with an error, whether it is carried out or not
    REPLY_ERROR = "reply_error"

    # credentials of user streams

    #: listen keys end before their time
    LISTEN_KEY_EXPIRED = "listen_key_expired"
    #: a request for a listen key, or its renewal, is answered with another key, and the old one is dead
    LISTEN_KEY_ROTATED = "listen_key_rotated"
    #: a listen key, a token, a renewal, a logon or a subscription is refused
    CREDENTIAL_REFUSED = "credential_refused"
    #: listen tokens end before their time
    TOKEN_EXPIRED = "token_expired"
    #: the exchange ends user streams on open connections
    STREAM_TERMINATED = "stream_terminated"

    # planned ends

    #: the shutdown notice
    SERVER_SHUTDOWN = "server_shutdown"
    #: the 24 hour cut
    MAX_AGE = "max_age"


#: What each fault can be told, with the values it has otherwise.
PARAMETERS: Mapping[Fault, Mapping[str, Any]] = {
    Fault.REFUSE: {"mode": "reset"},
    Fault.SLOW_ACCEPT: {"delay": 1.0},
    Fault.DRIP: {"delay": 0.2},
    Fault.TLS_FAILURE: {"mode": "alert"},
    Fault.HTTP_STATUS: {"status": 503, "retry_after": None, "body": "", "location": None, "on": "ws"},
    Fault.GARBAGE_HANDSHAKE: {"body": "220 this is not a web server\r\n\r\n"},
    Fault.CLOSE: {"code": 1001, "reason": "", "delay": 0.0},
    Fault.RESET: {"delay": 0.0},
    Fault.EOF: {"delay": 0.0},
    Fault.SILENCE: {},
    Fault.CUT: {},
    Fault.FRAGMENT: {"frames": 3},
    Fault.OVERSIZE: {"size": 32 * 1024 * 1024},
    Fault.INVALID_UTF8: {},
    Fault.INVALID_JSON: {},
    Fault.UNKNOWN_EVENT: {},
    Fault.MISSING_FIELD: {"field": None},
    Fault.OUT_OF_ORDER: {},
    Fault.DUPLICATE: {},
    Fault.HOLE: {},
    Fault.FORGET: {},
    Fault.STALE_SNAPSHOT: {},
    Fault.ACK_NEVER: {},
    Fault.ACK_ERROR: {"code": 2, "msg": "Invalid request: invalid stream"},
    Fault.REST_LATE: {"path": None, "delay": 1.0},
    Fault.REPLY_NEVER: {"method": None, "performed": True},
    Fault.REPLY_LATE: {"method": None, "delay": 1.0},
    Fault.REPLY_ERROR: {
        "method": None, "performed": False, "status": 500, "code": -1000,
        "msg": "An unknown error occurred while processing the request.", "retry_after": None,
    },
    Fault.LISTEN_KEY_EXPIRED: {"notice": True},
    Fault.LISTEN_KEY_ROTATED: {},
    Fault.CREDENTIAL_REFUSED: {
        "on": "any", "status": 401, "code": -2015, "msg": "Invalid API-key, IP, or permissions for action.",
    },
    Fault.TOKEN_EXPIRED: {},
    Fault.STREAM_TERMINATED: {},
    Fault.SERVER_SHUTDOWN: {"delay": 0.0, "close_after": None},
    Fault.MAX_AGE: {"delay": 0.0},
}  # fmt: skip


class Rule(NamedTuple):
    """What a value must be, in words and as a test."""

    allowed: str
    fits: Callable[[Any], bool]


def check(name: str, value: object, rule: Rule) -> None:
    """Raises ValueError, with the allowed values, where ``value`` breaks ``rule``."""
    if not rule.fits(value):
        raise ValueError(f"{name} must be {rule.allowed}: {short(value)}")


def whole(first: int, last: int | None = None) -> Rule:
    """A whole number from ``first`` to ``last``, or without an upper end."""

    def fits(value: Any) -> bool:
        return _is_number(value, int) and first <= value and (last is None or value <= last)

    return Rule(f"a whole number from {first}" + ("" if last is None else f" to {last}"), fits)


def seconds(above: float | None = None) -> Rule:
    """A number of seconds: from 0, or ``above`` it."""
    words = "from 0" if above is None else f"above {above:g}"
    low = -1.0 if above is None else above

    def fits(value: Any) -> bool:
        return _is_number(value, int, float) and low < value <= _LONGEST and value >= 0

    return Rule(f"a number of seconds {words} to {_LONGEST}", fits)


def choice(values: Collection[str]) -> Rule:
    """One of some texts."""
    listed = ", ".join(value or "''" for value in values)
    return Rule(f"one of {listed}", lambda value: isinstance(value, str) and value in values)


def _one_line(value: Any) -> bool:
    return _is_text(value) and bool(value.isprintable())


def _or_none(rule: Rule) -> Rule:
    return Rule(f"{rule.allowed}, or None", lambda value: value is None or rule.fits(value))


def _is_number(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    """Text that can be sent: no half of a surrogate pair."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _is_wait(value: Any) -> bool:
    """A value of Retry-After: seconds, or a date."""
    return seconds().fits(value) or (_one_line(value) and value != "")


_LONGEST = 10**9  # seconds, some thirty years
_REASON = 123  # bytes that a close frame has for it beside its code (RFC 6455, 5.5)
_UNSENDABLE = (1005, 1006, 1015)  # RFC 6455, 7.4.1
_TEXT = Rule("text", _is_text)
_IN_FRAME = Rule(f"text of at most {_REASON} bytes", lambda value: _is_text(value) and len(value.encode()) <= _REASON)
_DELAY = seconds()
_ERROR_CODE = whole(-(2**31), 2**31 - 1)
_YES_OR_NO = Rule("True or False", lambda value: isinstance(value, bool))
_CODE = Rule(
    f"a whole number from 1000 to 4999 that may stand in a close frame (not {', '.join(map(str, _UNSENDABLE))}), or "
    "None for a frame without a code; see also eof",
    lambda value: value is None or (whole(1000, 4999).fits(value) and value not in _UNSENDABLE),
)

_RULES: Mapping[Fault, Mapping[str, Rule]] = {
    Fault.REFUSE: {"mode": choice(("reset", "closed"))},
    Fault.SLOW_ACCEPT: {"delay": _DELAY},
    Fault.DRIP: {"delay": _DELAY},
    Fault.TLS_FAILURE: {"mode": choice(("alert", "cut"))},
    Fault.HTTP_STATUS: {
        "status": whole(200, 599),
        "retry_after": _or_none(Rule("a number of seconds from 0, a date in one line", _is_wait)),
        "body": _TEXT,
        "location": _or_none(Rule("text in one line", _one_line)),
        "on": choice(("ws", "rest", "any")),
    },
    Fault.GARBAGE_HANDSHAKE: {"body": _TEXT},
    Fault.CLOSE: {"code": _CODE, "reason": _IN_FRAME, "delay": _DELAY},
    Fault.RESET: {"delay": _DELAY},
    Fault.EOF: {"delay": _DELAY},
    Fault.FRAGMENT: {"frames": whole(1, 1000)},
    Fault.OVERSIZE: {"size": whole(1, 2**30)},
    Fault.MISSING_FIELD: {"field": _or_none(_TEXT)},
    Fault.ACK_ERROR: {"code": _ERROR_CODE, "msg": _TEXT},
    Fault.REST_LATE: {"path": _or_none(_TEXT), "delay": _DELAY},
    Fault.REPLY_NEVER: {"method": _or_none(_TEXT), "performed": _YES_OR_NO},
    Fault.REPLY_LATE: {"method": _or_none(_TEXT), "delay": _DELAY},
    Fault.REPLY_ERROR: {
        "method": _or_none(_TEXT),
        "performed": _YES_OR_NO,
        "status": whole(400, 599),
        "code": _ERROR_CODE,
        "msg": _TEXT,
        "retry_after": _or_none(_DELAY),
    },
    Fault.LISTEN_KEY_EXPIRED: {"notice": _YES_OR_NO},
    Fault.CREDENTIAL_REFUSED: {
        "on": choice(("any", "listen_key", "renewal", "token", "logon", "subscribe")),
        "status": whole(400, 599),
        "code": _ERROR_CODE,
        "msg": _TEXT,
    },
    Fault.SERVER_SHUTDOWN: {"delay": _DELAY, "close_after": _or_none(_DELAY)},
    Fault.MAX_AGE: {"delay": _DELAY},
}


def named(fault: Fault | str) -> Fault:
    """A fault by itself or by its name.

    Raises:
        ValueError: no fault has this name; lists all.
    """
    try:
        return Fault(fault)
    except ValueError:
        raise ValueError(f"unknown fault {fault!r}; one of {', '.join(row.value for row in Fault)}") from None


def parameters(fault: Fault, given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a fault, the given ones among them.

    Raises:
        ValueError: it has no parameter of this name, or a value makes no sense; says what is allowed.
    """
    allowed = PARAMETERS[fault]
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        names = ", ".join(allowed) or "none of its own"
        raise ValueError(f"{fault.value} has no parameter {', '.join(unknown)}; it has {names}")
    for name, value in given.items():
        check(f"{name} of {fault.value}", value, _RULES[fault][name])
    if fault is Fault.CLOSE and given.get("code", 0) is None and given.get("reason"):
        raise ValueError("reason of close must be empty where the code is None: a close frame has it behind the code")
    return {**allowed, **given}
