"""permessage-deflate: negotiation, context takeover, windows, limits and bad data (RFC 7692)."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.extensions import PerMessageDeflate

from binance_sockets.engine.deflate import Inflater, negotiate, offer
from binance_sockets.errors import ProtocolError

LIMIT = 1 << 20


def compress(messages: list[bytes], context_takeover: bool = True, window_bits: int = 15) -> list[bytes]:
    """Messages as a server compresses them, each without its last four bytes."""
    compressed = []
    for index, message in enumerate(messages):
        if index == 0 or not context_takeover:
            zipper = zlib.compressobj(wbits=-window_bits)
        compressed.append((zipper.compress(message) + zipper.flush(zlib.Z_SYNC_FLUSH))[:-4])
    return compressed


@given(
    st.lists(st.binary(max_size=300) | st.integers(1, 9).map(lambda n: b"price" * 5000 * n), max_size=6),
    st.booleans(),
    st.integers(9, 15),
)
def test_messages_come_out_as_they_went_in(messages: list[bytes], takeover: bool, bits: int) -> None:
    """Every message is inflated whole, with each window and with or without context takeover."""
    inflater = Inflater(takeover, bits)
    assert [inflater.decompress(data, LIMIT) for data in compress(messages, takeover, bits)] == messages


def test_context_takeover_is_as_negotiated() -> None:
    """A message that refers to the one before it needs the context, and fails without."""
    first, second = compress([b"the very same text of a message"] * 2)
    assert len(second) < len(first) / 2
    keeping = Inflater(context_takeover=True)
    assert keeping.decompress(first, LIMIT) == keeping.decompress(second, LIMIT)
    forgetting = Inflater(context_takeover=False)
    forgetting.decompress(first, LIMIT)
    with pytest.raises(ProtocolError) as caught:
        forgetting.decompress(second, LIMIT)
    assert caught.value.code == 1007


@pytest.mark.parametrize("takeover", [True, False])
def test_the_limit_holds_after_inflation(takeover: bool) -> None:
    """A message of exactly the limit passes; one byte more is 1009, and a bomb is never inflated."""
    for size in (1, 100, 70_000):
        (data,) = compress([b"x" * size])
        assert Inflater(takeover).decompress(data, size) == b"x" * size
        with pytest.raises(ProtocolError) as caught:
            Inflater(takeover).decompress(data, size - 1)
        assert caught.value.code == 1009
    (bomb,) = compress([bytes(50_000_000)])
    with pytest.raises(ProtocolError) as caught:
        Inflater(takeover).decompress(bomb, 1000)
    assert caught.value.code == 1009


def test_forms_of_the_rfc_are_read() -> None:
    """The example payloads of RFC 7692 section 7.2.3, a final block and an empty message included, all inflate."""
    inflater = Inflater()
    for payload, message in (
        ("f248cdc9c90700", b"Hello"),
        ("f200110000", b"Hello"),
        ("000500faff48656c6c6f00", b"Hello"),
        ("f348cdc9c9070000", b"Hello"),
        ("f348cdc9c90700", b"Hello"),
        ("f248050000 00ffffcac9c90700", b"Hello"),
        ("00", b""),
    ):
        assert inflater.decompress(bytes.fromhex(payload), LIMIT) == message, payload


@pytest.mark.parametrize("payload", ["", "ff", "f348cdc9c907004142", "f348cdc9c90700f348cdc9c90700"])
def test_data_that_cannot_be_inflated_is_1007(payload: str) -> None:
    """Nothing, no deflate data, and data behind the final block end the link with 1007."""
    with pytest.raises(ProtocolError) as caught:
        Inflater().decompress(bytes.fromhex(payload), LIMIT)
    assert caught.value.code == 1007


@given(st.binary(max_size=200))
def test_senseless_data_never_raises_anything_else(data: bytes) -> None:
    """Any bytes are inflated or refused as a protocol error, within the limit."""
    inflater = Inflater()
    try:
        assert len(inflater.decompress(data, 1000)) <= 1000
    except ProtocolError as error:
        assert error.code in (1007, 1009)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_server_may_do_without(value: str | None) -> None:
    """No extension in the response means no compression."""
    assert negotiate(value) is None


@pytest.mark.parametrize(
    ("value", "takeover", "bits"),
    [
        ("permessage-deflate", True, 15),
        (" permessage-deflate ;server_no_context_takeover", False, 15),
        ("permessage-deflate; client_no_context_takeover; server_max_window_bits=8", True, 8),
        ('permessage-deflate; server_max_window_bits="12"; client_max_window_bits = 15', True, 12),
    ],
)
def test_the_servers_choice_is_followed(value: str, takeover: bool, bits: int) -> None:
    """Each parameter of a valid response is taken over."""
    inflater = negotiate(value)
    assert inflater is not None
    assert (inflater.context_takeover, inflater.window_bits) == (takeover, bits)


@pytest.mark.parametrize(
    "value",
    [
        "permessage-bzip2",
        "permessage-deflate, permessage-deflate",
        "permessage-deflate;",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=015",
        "permessage-deflate; client_max_window_bits=x",
        "permessage-deflate; colour=red",
    ],
)
def test_an_invalid_response_is_refused(value: str) -> None:
    """What was not offered, and parameters that are unknown, doubled or out of range, fail the connection with 1002."""
    with pytest.raises(ProtocolError) as caught:
        negotiate(value)
    assert caught.value.code == 1002


@given(st.booleans(), st.integers(9, 15))
def test_wsproto_accepts_the_offer(no_takeover: bool, bits: int) -> None:
    """A wsproto server accepts what is offered, and its answer is understood."""
    server = PerMessageDeflate(server_no_context_takeover=no_takeover, server_max_window_bits=bits)
    answer = server.accept(offer())
    inflater = negotiate(f"permessage-deflate; {answer}")
    assert inflater is not None
    assert inflater.context_takeover is not no_takeover
