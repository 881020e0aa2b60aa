"""What a server that breaks the protocol is told before the link is left: the code and the reason of our close frame.

The server sends what is wrong and then only reads, so that nothing can cut off the close frame on its way.
"""

from __future__ import annotations

import queue

import pytest
from e2e.harness import PATIENCE, managed, options
from loopback import CLOSE, PING, TEXT, Peer, Server, frame, good

from binance_sockets.errors import ProtocolError
from binance_sockets.events import Reason, State

LIMIT = 16 * 1024 * 1024
VIOLATIONS = {
    "text that is not UTF-8": (1007, frame(TEXT, b'{"e":"trade","s":"\xc3\x28"}')),
    "larger than allowed": (1009, b"\x81\x7f" + (LIMIT + 1).to_bytes(8, "big")),
    "larger than allowed, in fragments": (1009, frame(TEXT, b"x", fin=False) + b"\x80\x7f" + LIMIT.to_bytes(8, "big")),
    "reserved opcode": (1002, frame(0x3, b"{}")),
    "masked": (1002, b"\x81\x82\0\0\0\0{}"),
    "reserved bits": (1002, b"\xc1\x02{}"),
    "nothing to continue": (1002, frame(0x0, b"{}")),
    "long ping": (1002, frame(PING, b"x" * 126)),
    "close code that does not exist": (1002, frame(CLOSE, b"\x03\xed")),
}


@pytest.mark.parametrize("view", ["dict", "raw"])
@pytest.mark.parametrize("what", VIOLATIONS, ids=lambda what: what.replace(" ", "-"))
def test_the_server_is_told_what_was_wrong(what: str, view: str) -> None:
    """The close frame has the code of the violation and its reason, the report the same; then the next link opens."""
    code, violation = VIOLATIONS[what]
    told: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def breaks_it(peer: Peer) -> None:
        peer.accept()
        peer.write(violation)
        opcode, payload = peer.read_frame()
        assert opcode == CLOSE
        told.put(payload)
        assert peer.read(PATIENCE) == b"", "more behind a close frame"

    with (
        Server([breaks_it, good]) as server,
        managed(server.url.replace("ws:", "http:"), options()) as (manager, record),
    ):
        manager.start_trade_socket("AAAUSDT", record.on_message, view=view)
        manager.start()
        payload = told.get(timeout=PATIENCE)
        record.wait(lambda record: record.gaps, "the next link")
        (report,) = record.errors
        assert isinstance(report.error, ProtocolError)
        assert (int.from_bytes(payload[:2], "big"), payload[2:].decode()) == (report.error.code, report.error.detail)
        assert report.error.code == code
        assert [change.reason for change in record.into(State.BACKOFF)] == [Reason.NETWORK]
        assert not record.messages
