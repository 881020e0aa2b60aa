"""The faults of the vocabulary by where they strike in the simulated world."""

from __future__ import annotations

from binance_sockets.faults import Fault

__all__ = ["ASKING", "CONNECTING", "ENDING", "FORGETTING", "NOT_HERE", "PRIVATE", "RUBBISH", "TELLING", "UNRULY"]

#: faults that change what a stream says: of what they touch nothing is promised but that the stream goes on
UNRULY = (Fault.MISSING_FIELD, Fault.OUT_OF_ORDER, Fault.DUPLICATE, Fault.HOLE)
CONNECTING = (Fault.REFUSE, Fault.SLOW_ACCEPT, Fault.DRIP, Fault.HTTP_STATUS, Fault.GARBAGE_HANDSHAKE)
ENDING = (Fault.CLOSE, Fault.RESET, Fault.EOF, Fault.SILENCE, Fault.CUT, Fault.SERVER_SHUTDOWN, Fault.MAX_AGE)
RUBBISH = (Fault.FRAGMENT, Fault.OVERSIZE, Fault.INVALID_UTF8, Fault.INVALID_JSON, Fault.UNKNOWN_EVENT)
TELLING = (Fault.STALE_SNAPSHOT,)
ASKING = (Fault.ACK_NEVER, Fault.ACK_ERROR, Fault.REST_LATE, Fault.REPLY_NEVER, Fault.REPLY_LATE, Fault.REPLY_ERROR)
FORGETTING = (Fault.FORGET,)
PRIVATE = (
    Fault.LISTEN_KEY_EXPIRED, Fault.LISTEN_KEY_ROTATED, Fault.CREDENTIAL_REFUSED, Fault.TOKEN_EXPIRED,
    Fault.STREAM_TERMINATED,
)  # fmt: skip
NOT_HERE = {Fault.TLS_FAILURE: "links are not encrypted here"}
"""Faults of the vocabulary that this exchange does not have, with the reason."""
