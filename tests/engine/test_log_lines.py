"""What the peer says reaches the log as one harmless line, and a listen key given as a name never does."""

from __future__ import annotations

import logging

import pytest
from fake_exchange import Bench, batch, calm, data, named, says, server

from binance_sockets.engine import frames
from binance_sockets.errors import HandshakeRejected
from binance_sockets.exchanges.binance.names import resolve
from binance_sockets.testing import Drop, Refuse, Send, frame

NASTY = "gone\r\nERROR forged \x1b[31mred\x07\u202e"
KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_close_reason_refusal_and_body(caplog: pytest.LogCaptureFixture) -> None:
    """The reason of a close frame, the text of a refused SUBSCRIBE, an undecodable message, a goodbye."""
    caplog.set_level(logging.DEBUG)
    closing = Send(frame(frames.CLOSE, (1008).to_bytes(2, "big") + NASTY.encode()))
    refused = says(ref=99, ok=False, why=[13, NASTY])
    bench = Bench(
        server(
            batch(
                says(nonsense=NASTY), says(**{"from": "a", "body": 1, "odd": NASTY}), refused, data(NASTY, 1), closing
            ),
            Drop(),
        ),
        server(says(bye=NASTY)),
        Refuse(HandshakeRejected("host:443", 503, body=NASTY.encode())),
        options=calm(max_reconnects=1),
    )
    bench.run(stop_at=60.0)
    assert any("ERROR forged" in line for line in lines(caplog))
    assert all(line.isprintable() for line in [*lines(caplog), *bench.errors])


def test_a_key_as_a_name(caplog: pytest.LogCaptureFixture) -> None:
    """Asked for, refused, silent, failing in the callback: no line and no text has it, the facts are exact."""
    caplog.set_level(logging.DEBUG)
    resolve("spot", KEY)

    def callback(payload: object) -> None:
        raise ValueError(payload)

    odd = says(**{"from": KEY, "body": 3, "odd": f"no type for {KEY}"})
    for steps in ((), (data(KEY, 1), data("b" + KEY, 2), odd)):
        bench = Bench(
            server(*steps, refuses=() if steps else [KEY]),
            streams=named(KEY, "a", first_message=5.0),
            callback=callback,
            conn_key=KEY,
        ).run(stop_at=30.0)
        assert {report.conn_key for report in bench.reports} == {KEY}
        assert not any(KEY in text for text in [*bench.errors, *map(repr, bench.reports), *map(repr, bench.changes)])
    assert len(lines(caplog)) > 10
    assert not any(KEY in line for line in lines(caplog))
    assert KEY not in bench.connection.label
