"""The names of all faults, shared by the simulator and the scripted transport. Imports nothing of this package."""

from enum import Enum

__all__ = ["Fault"]


class Fault(str, Enum):
    """What can go wrong on a link, by the moment at which it does."""

    # while connecting
    REFUSE = "refuse"  # TCP connection refused, or reset before a byte was read
    SLOW_ACCEPT = "slow_accept"  # the handshake is answered late
    DRIP = "drip"  # the handshake is answered byte by byte
    TLS_FAILURE = "tls_failure"  # the TLS handshake ends in an alert or a cut
    HTTP_STATUS = "http_status"  # the upgrade is answered with another status, with or without Retry-After
    GARBAGE_HANDSHAKE = "garbage_handshake"  # the upgrade is answered with bytes that are not HTTP
    # while open: the link
    CLOSE = "close"  # a close frame with a code and a reason
    RESET = "reset"  # TCP reset, no close frame
    EOF = "eof"  # TCP end of stream, no close frame (1006)
    SILENCE = "silence"  # half-open: nothing arrives any more, nothing is closed
    CUT = "cut"  # the connection ends in the middle of a frame
    # while open: frames
    FRAGMENT = "fragment"  # messages arrive in several frames, with control frames between
    OVERSIZE = "oversize"  # a message larger than any client should accept
    INVALID_UTF8 = "invalid_utf8"  # a text message that is not UTF-8
    # while open: messages
    INVALID_JSON = "invalid_json"  # a text message that is not JSON
    UNKNOWN_EVENT = "unknown_event"  # an event type nobody has documented
    MISSING_FIELD = "missing_field"  # an event without one of its fields
    OUT_OF_ORDER = "out_of_order"  # two messages of a stream change places
    DUPLICATE = "duplicate"  # a message arrives twice
    HOLE = "hole"  # messages of a stream are left out
    STALE_SNAPSHOT = "stale_snapshot"  # REST depth snapshots are older than the diffs
    # control messages
    ACK_NEVER = "ack_never"  # a SUBSCRIBE is not answered
    ACK_ERROR = "ack_error"  # a SUBSCRIBE is refused
    # planned ends
    SERVER_SHUTDOWN = "server_shutdown"  # the shutdown notice
    MAX_AGE = "max_age"  # the 24 hour cut
