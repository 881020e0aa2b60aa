"""The names of all faults, shared by the simulator and the scripted transport. Imports nothing of this package."""

from enum import Enum

__all__ = ["Fault"]


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
    #: REST depth snapshots are older than the diffs
    STALE_SNAPSHOT = "stale_snapshot"

    # control messages

    #: a SUBSCRIBE is not answered
    ACK_NEVER = "ack_never"
    #: a SUBSCRIBE is refused
    ACK_ERROR = "ack_error"

    # planned ends

    #: the shutdown notice
    SERVER_SHUTDOWN = "server_shutdown"
    #: the 24 hour cut
    MAX_AGE = "max_age"
