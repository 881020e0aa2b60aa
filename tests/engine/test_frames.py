"""The frame reader and encoder, against what was sent, against wsproto, and against the rules of RFC 6455."""

from __future__ import annotations

import itertools
import random
import struct
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wsproto import events as wsevents
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.extensions import PerMessageDeflate

from binance_sockets.engine.deflate import negotiate, offer
from binance_sockets.engine.frames import (
    BINARY,
    BUSY_SIZE,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Close,
    FrameReader,
    Ping,
    Pong,
    Violation,
    encode,
    encode_close,
)

CONTINUATION = 0
FIN, RSV1 = 0x80, 0x40


def frame(first: int, payload: bytes = b"", width: int | None = None, masked: bool = False) -> bytes:
    """A frame as a server sends it; ``width`` forces the length into 0, 2 or 8 further bytes."""
    size = len(payload)
    if width is None:
        width = 0 if size < 126 else 2 if size < 65536 else 8
    field = size if width == 0 else 126 if width == 2 else 127
    head = bytes((first, field | (0x80 if masked else 0)))
    return head + (size.to_bytes(width, "big") if width else b"") + (b"\0\0\0\0" if masked else b"") + payload


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """``data``, cut at every one of ``cuts`` that lies inside it."""
    points = [0, *sorted({cut for cut in cuts if 0 < cut < len(data)}), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(points)]


def take(reader: FrameReader, data: bytes) -> list[str | bytes]:
    """Feed ``data`` as far as the space goes each time; copies of the messages, text as ``str``."""
    got: list[str | bytes] = []
    while data:
        space = reader.writable()
        assert len(space) > 0
        n = min(len(space), len(data))
        space[:n] = data[:n]
        messages = reader.feed(n)
        got += [str(m, "utf-8") if isinstance(m, memoryview) else m for m in messages]
        data = data[n:]
    return got


def read(chunks: Iterable[bytes], reader: FrameReader | None = None) -> tuple[list[str | bytes], list[object]]:
    """Messages and control events of a reader that receives these chunks; a violation stands as its code."""
    reader = reader or FrameReader(1 << 20)
    got = [message for chunk in chunks for message in take(reader, chunk)]
    return got, [event.error.code if isinstance(event, Violation) else event for event in reader.controls]


class Oracle:
    """A wsproto client that is fed the same bytes."""

    def __init__(self, deflate: PerMessageDeflate | None = None) -> None:
        self.connection = Connection(ConnectionType.CLIENT, [deflate] if deflate else [])
        self.messages: list[str | bytes] = []
        self.events: list[object] = []
        self._parts: list[str] | list[bytes] = []
        self.finished = False

    def feed(self, data: bytes) -> None:
        self.connection.receive_data(data)
        for event in self.connection.events():
            if isinstance(event, wsevents.Message):
                self._parts.append(event.data)
                if event.message_finished:
                    self.messages.append(type(event.data)().join(self._parts))
                    self._parts = []
            elif isinstance(event, wsevents.Ping):
                self.events.append(Ping(bytes(event.payload)))
            elif isinstance(event, wsevents.Pong):
                self.events.append(Pong(bytes(event.payload)))
            elif isinstance(event, wsevents.CloseConnection):
                self.finished = True
                if self.connection.state is not ConnectionState.REMOTE_CLOSING:
                    self.events.append(int(event.code))
                else:
                    code = None if event.code == 1005 else int(event.code)
                    self.events.append(Close(code, event.reason or ""))


def sized_text(text: str, size: int) -> bytes:
    """Exactly ``size`` bytes of UTF-8 that repeat ``text``."""
    repeated = (text.encode() * (size // len(text) + 1))[:size]
    return repeated.decode("utf-8", "ignore").encode().ljust(size, b"x")


# What a server may send: (opcode, payload cut into fragments, control frames before each further fragment)

sizes = st.sampled_from((0, 1, 124, 125, 126, 127, 65535, 65536, 65537))
texts = st.text(max_size=60).map(str.encode) | st.builds(sized_text, st.text(min_size=1), sizes)
controls = st.tuples(st.sampled_from((PING, PONG)), st.binary(max_size=125))


@st.composite
def sent_messages(draw: st.DrawFn) -> tuple[int, list[bytes], list[list[tuple[int, bytes]]]]:
    opcode = draw(st.sampled_from((TEXT, TEXT, BINARY)))
    payload = draw(texts)
    cuts = draw(st.lists(st.integers(0, len(payload)), max_size=3).map(sorted))
    fragments = [payload[a:b] for a, b in itertools.pairwise([0, *cuts, len(payload)])]
    between = [draw(st.lists(controls, max_size=2)) for _ in fragments]
    return opcode, fragments, between


closes = st.none() | st.tuples(
    st.sampled_from((1000, 1001, 1003, 1007, 1008, 1011, 1012, 1013, 3000, 4999)), st.text(max_size=30)
)
cuts = st.lists(st.integers(1, 3000), max_size=30)
Sent = Sequence[tuple[int, list[bytes], list[list[tuple[int, bytes]]]]]


@given(st.lists(sent_messages(), max_size=8), closes, cuts, st.integers(1, 300))
def test_valid_frames_arrive_as_sent_and_as_wsproto_reads_them(
    sent: Sent, close: tuple[int, str] | None, cuts: list[int], initial: int
) -> None:
    """Every valid sequence of frames, cut anywhere, gives the messages and control frames that were sent, in order."""
    wire, messages, events = bytearray(), [], []
    for opcode, fragments, between in sent:
        for index, (fragment, control) in enumerate(zip(fragments, between, strict=True)):
            for kind, payload in control:
                wire += frame(FIN | kind, payload)
                events.append(Ping(payload) if kind == PING else Pong(payload))
            final = FIN if index == len(fragments) - 1 else 0
            wire += frame(final | (CONTINUATION if index else opcode), fragment)
        whole = b"".join(fragments)
        messages.append(whole.decode() if opcode == TEXT else whole)
    if close is not None:
        wire += frame(FIN | CLOSE, struct.pack("!H", close[0]) + close[1].encode())
        events.append(Close(*close))
    oracle = Oracle()
    oracle.feed(bytes(wire))
    reader = FrameReader(1 << 20, initial=initial)
    assert read(pieces(bytes(wire), cuts), reader) == (messages, events) == (oracle.messages, oracle.events)
    assert reader.pending == 0


first_bytes = st.sampled_from((0x81, 0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0x88)) | st.integers(0, 255)
payloads = (
    st.sampled_from((b"", b"a", "é€😀".encode(), b"\xff", "€".encode()[:2], b"\xed\xa0\x80"))
    | st.sampled_from((0, 999, 1000, 1003, 1004, 1005, 1006, 1012, 1015, 1016, 2999, 3000, 4999, 5000, 65535)).map(
        lambda code: struct.pack("!H", code) + b"why"
    )
    | st.binary(max_size=200)
)


@st.composite
def any_frames(draw: st.DrawFn) -> bytes:
    payload = draw(payloads)
    shortest = 0 if len(payload) < 126 else 2
    width = draw(st.sampled_from((shortest, shortest, shortest, shortest, 2, 8)))
    return frame(draw(first_bytes), payload, width, masked=draw(st.integers(0, 9)) == 0)


@given(st.lists(any_frames(), min_size=1, max_size=8))
def test_every_violation_is_judged_as_wsproto_judges_it(frames: list[bytes]) -> None:
    """Valid, invalid and senseless frames in any order give wsproto's messages, control events and close code."""
    oracle, reader = Oracle(), FrameReader(1 << 20)
    messages: list[str | bytes] = []
    for data in frames:
        oracle.feed(data)
        got, events = read([data], reader)
        messages += got
        assert messages == oracle.messages
        if oracle.events[-1:] == [1007] and not data[0] & FIN:
            return  # wsproto checks text fragment by fragment, the reader whole messages
        assert events == oracle.events
        if oracle.finished:
            return


@given(st.lists(any_frames(), min_size=1, max_size=6).map(b"".join) | st.binary(max_size=300), cuts)
def test_the_way_the_bytes_are_cut_does_not_matter(data: bytes, cuts: list[int]) -> None:
    """One byte at a time, cut anywhere, or all at once: the same messages and events, even from senseless bytes."""
    at_once = read([data])
    assert read(pieces(data, cuts), FrameReader(1 << 20, initial=17)) == at_once
    assert read(pieces(data, range(len(data))), FrameReader(1 << 20, initial=1)) == at_once


# wsproto's window of 9 bits upwards, each side's context kept or not
deflates = st.builds(
    PerMessageDeflate, server_no_context_takeover=st.booleans(), server_max_window_bits=st.integers(9, 15)
)


@given(deflates, st.lists(sent_messages(), max_size=6), cuts)
def test_compressed_messages_arrive_as_sent(deflate: PerMessageDeflate, sent: Sent, cuts: list[int]) -> None:
    """What wsproto's server compresses, in fragments with control frames between, is inflated to what it was given."""
    answer = deflate.accept(offer() + f"; server_max_window_bits={deflate.server_max_window_bits}")
    server = Connection(ConnectionType.SERVER, [deflate])
    wire, messages, events = bytearray(), [], []
    for opcode, fragments, between in sent:
        data: list[str] | list[bytes] = fragments
        if opcode == TEXT:  # wsproto takes text in whole characters; fragments in bytes are tested uncompressed
            data = [fragment.decode("utf-8", "ignore") for fragment in fragments]
        for index, (fragment, control) in enumerate(zip(data, between, strict=True)):
            for kind, payload in control:
                wire += server.send(wsevents.Ping(payload) if kind == PING else wsevents.Pong(payload))
                events.append(Ping(payload) if kind == PING else Pong(payload))
            wire += server.send(wsevents.Message(fragment, message_finished=index == len(data) - 1))
        messages.append(type(data[0])().join(data))
    reader = FrameReader(1 << 20, negotiate(f"permessage-deflate; {answer}"), initial=64)
    assert read(pieces(bytes(wire), cuts), reader) == (messages, events)


@given(st.sampled_from((TEXT, BINARY, PING, PONG)), texts, st.none() | st.binary(min_size=4, max_size=4))
def test_a_server_reads_what_the_encoder_makes(opcode: int, payload: bytes, mask: bytes | None) -> None:
    """Frames of every kind and length are masked so that wsproto's server reads the payload that was given."""
    if opcode >= CLOSE:
        payload = payload[:125]
    server = Connection(ConnectionType.SERVER)
    server.receive_data(encode(opcode, payload, mask))
    events = list(server.events())
    kind = {TEXT: wsevents.TextMessage, BINARY: wsevents.BytesMessage, PING: wsevents.Ping, PONG: wsevents.Pong}[opcode]
    assert [type(event) for event in events] == [kind]
    assert (events[0].payload if opcode >= CLOSE else events[0].data) == (
        payload.decode() if opcode == TEXT else payload
    )


@given(st.sampled_from((1000, 1002, 1007, 1009, 1011, 3000)), st.text(max_size=200))
@example(1000, "x" * 122 + "é")
def test_a_server_reads_the_close_frame(code: int, reason: str) -> None:
    """A close frame carries its code and as much of the reason as fits, never half a character."""
    server = Connection(ConnectionType.SERVER)
    server.receive_data(encode_close(code, reason))
    (event,) = server.events()
    assert isinstance(event, wsevents.CloseConnection) and event.code == code
    received = event.reason or ""
    assert reason.startswith(received)
    assert received == reason or 120 <= len(received.encode()) <= 123


def test_the_example_of_the_rfc_is_encoded_bit_by_bit() -> None:
    """The masked "Hello" of RFC 6455 section 5.7 comes out exactly, and the mask is fresh for each frame."""
    assert encode(TEXT, b"Hello", bytes.fromhex("37fa213d")) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert encode(CLOSE, b"", b"abcd") == b"\x88\x80abcd"
    assert len({encode(TEXT, b"")[2:] for _ in range(20)}) > 1


def test_the_encoder_refuses_what_must_not_be_sent() -> None:
    """Over-long control frames, masks of another size and codes that are never sent are errors of the caller."""
    with pytest.raises(ValueError, match="at most 125 bytes; got 126"):
        encode(PING, b"x" * 126)
    with pytest.raises(ValueError, match="4 bytes; got 3"):
        encode(TEXT, b"", b"abc")
    for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000):
        with pytest.raises(ValueError, match=f"code {code}$"):
            encode_close(code)


ALL = range(200_000)  # every place to cut

VIOLATIONS = {
    "masked": (1002, frame(FIN | TEXT, b"a", masked=True)),
    "masked ping": (1002, frame(FIN | PING, masked=True)),
    "rsv1 without extension": (1002, frame(FIN | RSV1 | TEXT, b"a")),
    "rsv2": (1002, frame(FIN | 0x20 | TEXT, b"a")),
    "rsv3": (1002, frame(FIN | 0x10 | BINARY, b"a")),
    **{f"opcode {op:#x}": (1002, frame(FIN | op)) for op in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)},
    "fragmented ping": (1002, frame(PING)),
    "fragmented close": (1002, frame(CLOSE)),
    "long ping": (1002, frame(FIN | PING, b"x" * 126)),
    "long pong, first two bytes alone": (1002, frame(FIN | PONG, b"x" * 70000)[:2]),
    "long close": (1002, frame(FIN | CLOSE, b"\x03\xe8" + b"x" * 124)),
    "continuation without a start": (1002, frame(FIN | CONTINUATION, b"a")),
    "new message in a fragmented one": (1002, frame(TEXT, b"a") + frame(FIN | TEXT, b"b")),
    "half a close code": (1002, frame(FIN | CLOSE, b"\x03")),
    **{
        f"close code {code}": (1002, frame(FIN | CLOSE, struct.pack("!H", code)))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    "16 bits for 125": (1002, frame(FIN | TEXT, b"x" * 125, width=2)),
    "64 bits for 65535": (1002, frame(FIN | TEXT, b"x" * 65535, width=8)),
    "64 bits for 1": (1002, frame(FIN | BINARY, b"x", width=8)),
    "top bit of the length": (1002, b"\x81\x7f\x80" + bytes(7)),
    "text": (1007, frame(FIN | TEXT, b"a\xff")),
    "overlong form": (1007, frame(FIN | TEXT, b"\xc0\xaf")),
    "surrogate": (1007, frame(FIN | TEXT, b"\xed\xa0\x80")),
    "half a character": (1007, frame(FIN | TEXT, "é".encode()[:1])),
    "text over fragments": (1007, frame(TEXT, "€".encode()[:2]) + frame(FIN | CONTINUATION, b"a")),
    "two messages, one character": (1007, frame(FIN | TEXT, "é".encode()[:1]) + frame(FIN | TEXT, "é".encode()[1:])),
    "close reason": (1007, frame(FIN | CLOSE, b"\x03\xe8\xff")),
    "declared length": (1009, b"\x81\x7f" + (1 << 40).to_bytes(8, "big")),
    "declared binary length": (1009, b"\x82\x7e" + (1001).to_bytes(2, "big")),
    "complete, one byte more": (1009, frame(FIN | TEXT, b"x" * 1001)),
    "sum of fragments": (1009, frame(TEXT, b"x" * 600) + frame(CONTINUATION, b"x" * 400) + frame(FIN, b"x")),
    "sum of fragments, declared": (1009, frame(BINARY, b"x" * 600) + b"\x00\x7e" + (401).to_bytes(2, "big")),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_refused_with_its_code(name: str) -> None:
    """The first violation is the last event: messages before it are returned, nothing after it is read."""
    code, data = VIOLATIONS[name]
    limit = 1000 if code == 1009 else 100_000
    before, after = (
        frame(FIN | TEXT, b"before") + frame(FIN | PING, b"p"),
        frame(FIN | TEXT, b"after") + frame(FIN | PING),
    )
    whole = before + data + after
    # In a small buffer a frame is first seen incomplete, in a large one whole.
    for chunks, initial in (([whole], 1 << 18), ([whole], 64), ([before, data, after], 8192), (pieces(whole, ALL), 1)):
        reader = FrameReader(limit, initial=initial)
        assert read(chunks, reader) == (["before"], [Ping(b"p"), code])
        assert reader.pending == 0


def test_messages_of_the_limit_itself_pass() -> None:
    """``max_message`` bytes are allowed, in one frame and in fragments, below and above the inline path's limit."""
    for limit in (1, 1000, 65535, 65536):
        whole = frame(FIN | TEXT, b"x" * limit)
        split = frame(BINARY, b"x" * (limit - 1)) + frame(FIN, b"x")
        assert read([whole + split], FrameReader(limit)) == (["x" * limit, b"x" * limit], [])
        assert read([frame(FIN | TEXT, b"x" * (limit + 1))], FrameReader(limit)) == ([], [1009])


def test_a_close_frame_ends_the_reading() -> None:
    """Messages before a close frame are returned, whatever follows it is ignored, now and later."""
    for payload, expected in (
        (b"", Close(None, "")),
        (struct.pack("!H", 1014), Close(1014, "")),
        (struct.pack("!H", 4999) + "schön".encode(), Close(4999, "schön")),
    ):
        data = frame(FIN | TEXT, b"a") + frame(FIN | CLOSE, payload)
        reader = FrameReader(1000)
        assert read([data + frame(FIN | TEXT, b"b") + b"\xff\xff", frame(FIN | TEXT, b"c")], reader) == (
            ["a"],
            [expected],
        )


def test_compressed_messages_obey_the_rules_of_the_extension() -> None:
    """RSV1 stands on the first frame of a data message only, and plain messages may stand beside compressed ones."""
    hello = bytes.fromhex("f248cdc9c90700")  # "Hello", RFC 7692 section 7.2.3.1

    def inflating(data: bytes, limit: int = 1000) -> tuple[list[str | bytes], list[object]]:
        return read([data], FrameReader(limit, negotiate("permessage-deflate")))

    assert inflating(frame(FIN | RSV1 | TEXT, hello) + frame(FIN | TEXT, b"plain")) == (["Hello", "plain"], [])
    split = frame(RSV1 | BINARY, hello[:3]) + frame(FIN | PING) + frame(FIN | CONTINUATION, hello[3:])
    assert inflating(split) == ([b"Hello"], [Ping(b"")])
    assert inflating(frame(RSV1 | TEXT, hello[:3]) + frame(FIN | RSV1 | CONTINUATION, hello[3:])) == ([], [1002])
    assert inflating(frame(FIN | RSV1 | PING)) == ([], [1002])
    assert inflating(frame(FIN | RSV1 | 0x20 | TEXT, hello)) == ([], [1002])
    assert inflating(frame(FIN | RSV1 | TEXT, b"\xff\xff")) == ([], [1007])
    assert inflating(frame(FIN | RSV1 | TEXT, hello), 8) == (["Hello"], [])
    assert inflating(frame(FIN | RSV1 | TEXT, hello * 2), 9) == ([], [1009])


def test_views_stay_valid_until_the_next_call() -> None:
    """Views survive a shrink, and growth and compaction go on while somebody still holds older ones."""
    rng = random.Random(7)
    payloads = [b"%d:" % n + b"x" * rng.choice((10, 100, 3000)) for n in range(200)]
    wire = b"".join(frame(FIN | TEXT, payload) for payload in payloads)
    reader = FrameReader(1 << 20, initial=64)
    held: list[memoryview | bytes] = []
    position = moved = 0
    while position < len(wire):
        space = reader.writable()
        n = min(len(space), rng.randrange(1, 2000), len(wire) - position)
        space[:n] = wire[position : position + n]
        messages = reader.feed(n)
        if rng.random() < 0.5:
            reader.shrink()
            moved += bool(messages)
        assert [bytes(message) for message in messages] == payloads[len(held) : len(held) + len(messages)]
        held += messages
        position += n
    assert len(held) == len(payloads)
    assert moved > 10


def test_the_buffer_grows_when_filled_and_shrinks_when_idle() -> None:
    """A read that fills the buffer doubles it, up to the busy size; an idle reader holds the initial one again."""
    reader = FrameReader(1 << 20, initial=1024)
    sizes = []
    for _ in range(12):
        space = reader.writable()
        sizes.append(len(space))
        whole, rest = divmod(len(space), 64)
        assert rest == 0
        space[:] = frame(FIN | TEXT, b"x" * 62) * whole
        assert len(reader.feed(len(space))) == whole
    assert sizes == [min(1024 << n, BUSY_SIZE) for n in range(12)]
    reader.shrink()
    assert (len(reader.writable()), reader.pending) == (1024, 0)


def test_a_half_frame_survives_a_shrink() -> None:
    """A shrink keeps the bytes of an incomplete frame, and does nothing while they need the grown buffer."""
    reader = FrameReader(1 << 20, initial=64)
    big, small = frame(FIN | TEXT, b"b" * 500), frame(FIN | TEXT, b"s" * 20)
    assert take(reader, big[:300]) == []
    reader.shrink()
    assert reader.pending == 300
    assert take(reader, big[300:] + small[:10]) == ["b" * 500]
    reader.shrink()
    assert (reader.pending, len(reader.writable())) == (10, 54)
    assert take(reader, small[10:]) == ["s" * 20]


def test_a_declared_length_alone_takes_no_memory() -> None:
    """The buffer follows the bytes that arrive, at most twice as large, and ends at the size of the frame."""
    reader = FrameReader(10_000_000, initial=64)
    data = frame(FIN | TEXT, b"x" * 3_000_000)
    space = reader.writable()
    space[:20] = data[:20]
    reader.feed(20)
    assert len(reader.writable()) == 44
    fed = 20
    while fed < len(data):
        space = reader.writable()
        assert len(space) + reader.pending <= max(BUSY_SIZE, min(2 * fed, len(data)))
        n = min(len(space), len(data) - fed)
        space[:n] = data[fed : fed + n]
        messages = reader.feed(n)
        fed += n
    assert [len(message) for message in messages] == [3_000_000]
    reader.shrink()
    assert len(reader.writable()) == 64


@given(st.lists(st.binary(max_size=700), max_size=30), st.data())
def test_the_reader_never_loses_a_byte(payloads: list[bytes], data: st.DataObject) -> None:
    """Whatever is received, shrunk and asked for in between, delivered plus pending bytes equal those fed."""
    wire = b"".join(frame(FIN | BINARY, payload) for payload in payloads)
    reader = FrameReader(1000, initial=data.draw(st.integers(1, 100)))
    got: list[str | bytes] = []
    fed = 0
    while fed < len(wire):
        n = data.draw(st.integers(1, 500))
        got += take(reader, wire[fed : fed + n])
        fed = min(fed + n, len(wire))
        assert sum(len(frame(FIN | BINARY, bytes(m))) for m in got if isinstance(m, bytes)) + reader.pending == fed
        if data.draw(st.booleans()):
            reader.shrink()
    assert got == payloads
    assert reader.pending == 0


def test_the_reader_refuses_senseless_sizes() -> None:
    """Limits below one byte are errors of the caller."""
    for max_message, initial in ((0, 10), (10, 0)):
        with pytest.raises(ValueError, match="must be above 0"):
            FrameReader(max_message, initial=initial)


def test_a_violation_says_what_was_wrong() -> None:
    """In words, with the numbers of the frame."""
    said = {
        "rsv2": "reserved bits 0x20 in a frame with opcode 0x1",
        "opcode 0x3": "reserved opcode 0x3",
        "new message in a fragmented one": "new message inside a fragmented one",
        "continuation without a start": "continuation without a start",
        "text": "text is not UTF-8: invalid start byte at byte 1",
        "16 bits for 125": "length 125 not in its shortest form",
    }
    for name, text in said.items():
        reader = FrameReader(100_000)
        read([VIOLATIONS[name][1]], reader)
        (event,) = reader.controls
        assert isinstance(event, Violation) and text in str(event.error)


def test_control_frames_carry_up_to_125_bytes() -> None:
    """In both directions, also a close frame, and also beside a message that fills its limit."""
    longest = b"x" * 125
    close = struct.pack("!H", 1000) + b"x" * 123
    assert read([frame(FIN | PING, longest) + frame(FIN | PONG, longest) + frame(FIN | CLOSE, close)]) == (
        [],
        [Ping(longest), Pong(longest), Close(1000, "x" * 123)],
    )
    assert read([frame(TEXT, b"x" * 10) + frame(FIN | CLOSE, close)], FrameReader(10)) == ([], [Close(1000, "x" * 123)])
    server = Connection(ConnectionType.SERVER)
    server.receive_data(encode_close(1000, "x" * 200))
    assert [event.reason for event in server.events()] == ["x" * 123]
    assert len(encode(CLOSE, longest)) == len(encode(PING, longest)) == 2 + 4 + 125
    with pytest.raises(ValueError, match="at most 125 bytes"):
        encode(CLOSE, b"x" * 126)


def test_a_length_is_judged_when_it_is_declared() -> None:
    """Before a byte of the payload has come."""
    for name in ("declared length", "declared binary length", "top bit of the length"):
        code, data = VIOLATIONS[name]
        assert read([data], FrameReader(1000)) == ([], [code])


def test_the_buffer_grows_for_a_large_frame_no_further_than_it_needs() -> None:
    """Also where the frame begins in its midst; a large buffer is first cleared of what was read."""
    first, large = frame(FIN | TEXT, b"x" * 50_000), frame(FIN | TEXT, b"y" * 300_000)
    for initial, grown in ((200_000, len(large)), (BUSY_SIZE, BUSY_SIZE)):
        reader = FrameReader(1_000_000, initial=initial)
        wire = first + large
        assert take(reader, wire[:initial]) == ["x" * 50_000]
        assert len(reader.writable()) + reader.pending == grown
        assert take(reader, wire[initial:]) == ["y" * 300_000]


def test_a_shrink_leaves_room() -> None:
    """A grown buffer is kept while what it holds would fill the initial one."""
    reader = FrameReader(1000, initial=64)
    assert take(reader, frame(FIN | TEXT, b"b" * 500)) == ["b" * 500]
    take(reader, frame(FIN | TEXT, b"c" * 100)[:64])
    reader.shrink()
    assert len(reader.writable()) > 64


def test_how_much_of_a_fragmented_message_is_held() -> None:
    """Its payloads, until it is whole."""
    reader = FrameReader(1000)
    assert reader.joined == 0
    take(reader, frame(TEXT, b"abc") + frame(CONTINUATION, b"de"))
    assert reader.joined == 5
    assert take(reader, frame(FIN | CONTINUATION, b"f")) == ["abcdef"]
    assert reader.joined == 0


def test_text_that_its_decoder_checks_is_not_checked_here() -> None:
    """Neither in one frame nor in fragments."""
    reader = FrameReader(1 << 20, check_text=False)
    whole, split = frame(FIN | TEXT, b"a\xff"), frame(TEXT, b"b\xff") + frame(FIN | CONTINUATION, b"c")
    space = reader.writable()
    space[: len(whole + split)] = whole + split
    assert [bytes(message) for message in reader.feed(len(whole + split))] == [b"a\xff", b"b\xffc"]
    assert reader.controls == []


def test_the_encoder_uses_the_shortest_length() -> None:
    """As the standard asks: in the second byte, in 16 bits behind it, or in 64."""
    heads = {125: "82fd", 126: "82fe007e", 65535: "82feffff", 65536: "82ff0000000000010000"}
    for size, head in heads.items():
        assert encode(BINARY, bytes(size), bytes(4)) == bytes.fromhex(head) + bytes(4) + bytes(size)


def test_the_documented_sizes_of_the_buffer() -> None:
    """8 KiB at first, and 256 KiB for the sake of larger batches."""
    assert (len(FrameReader(10).writable()), BUSY_SIZE) == (8192, 262_144)
