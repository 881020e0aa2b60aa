"""Recorded frames: read in every line format, sent byte for byte."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from golden import market_samples
from hypothesis import given
from hypothesis import strategies as st
from simulator.helpers import PATIENCE, ask, client, combined, get

from binance_sockets.simulator import Fault, Playback, RecordedFrame, Simulator, frame_of, read_frames
from binance_sockets.simulator.binance.families import route_of
from binance_sockets.simulator.playback import split_frame

DATA = Path(__file__).parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the recorded data is not beside the project")

TRADE = '{"e":"trade","E":1,"s":"AAAUSDT","t":1,"p":"1.50","q":"2.00"}'
ODD = '{ "E" :2, "s":"AAAUSDT","e": "trade" , "t":2,"p":1.50,"x":"\\u00e9 测"}'
WHOLE = [
    f'{{"stream":"aaausdt@trade","data":{TRADE}}}',
    f'{{ "data" : {ODD} , "stream" : "aaausdt@trade" }}',
    '{"stream":"aaausdt@depth5","data":{"lastUpdateId":7,"bids":[["1.0","2.0"]],"asks":[]}}',
    '{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker","s":"AAAUSDT"},{"e":"24hrMiniTicker","s":"BBB"}]}',
]
STREAMS = ["aaausdt@trade", "aaausdt@depth5", "!miniTicker@arr"]
EVENTS = {"trade": 2, "depth5": 1, "24hrMiniTicker": 1}


def received(sim: Simulator, path: str, count: int, **options: Any) -> list[str]:
    with client(sim, path, **options) as connection:
        return [str(connection.recv(timeout=PATIENCE)) for _ in range(count)]


FORMATS = {
    "lines.jsonl": "\n".join(WHOLE) + "\n",
    "hft.log": "\n".join(f"172316125{n}172216566 {line}" for n, line in enumerate(WHOLE)),
    "feed.ws.1.0": "wss://host/stream?streams=a/b <-> 1626992740.17\nconfiguration: {}\n"
    + "\n".join(f"162699274{n}.5: {line}" for n, line in enumerate(WHOLE)),
    "windows.jsonl": "\r\n".join(WHOLE),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
def test_wrapped_frames_keep_their_bytes(tmp_path: Path, name: str, packed: bool) -> None:
    """Every line format gives, on a combined connection, the line's bytes, and counts them by stream and event."""
    path = tmp_path / (name + ".gz" if packed else name)
    text = FORMATS[name].encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    playback = Playback(path)
    assert playback.expected == {"aaausdt@trade": 2, "aaausdt@depth5": 1, "!miniTicker@arr": 1}
    with Simulator(playback=playback) as sim:
        assert received(sim, combined("/spot", *STREAMS), 4) == WHOLE
        sim.wait_for(lambda: playback.finished)
        assert sim.sent.streams == {("spot", stream): count for stream, count in playback.expected.items()}
        assert sim.sent.events == {("spot", event): count for event, count in EVENTS.items()}


def test_raw_connections_get_the_payload_as_written(tmp_path: Path) -> None:
    """On a raw connection the payload's own characters are sent, spaces, escapes and numbers untouched."""
    path = tmp_path / "frames.jsonl"
    path.write_text("\n".join(WHOLE))
    with Simulator(playback=Playback(path)) as sim:
        got = received(sim, "/spot/ws/" + "/".join(STREAMS), 4)
    assert got[:2] == [TRADE, ODD]
    assert got[2] == '{"lastUpdateId":7,"bids":[["1.0","2.0"]],"asks":[]}'


def test_a_document_over_several_lines(tmp_path: Path) -> None:
    """A pretty-printed file is one message, with its line breaks; wrapped or named by the caller."""
    bare = json.dumps(json.loads(TRADE), indent=2)
    wrapped = '{\n  "stream": "b@trade",\n  "data": ' + bare + "\n}"
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    one.write_text(bare + "\n")
    two.write_text(wrapped + "\n\n")
    with Simulator(playback=Playback(one, two, stream="a@trade")) as sim:
        assert received(sim, "/spot/ws/a@trade/b@trade", 2) == [bare, bare]
    with Simulator(playback=Playback(one, two, stream="a@trade")) as sim:
        assert received(sim, combined("/spot", "a@trade", "b@trade"), 2) == [
            '{"stream":"a@trade","data":' + bare + "}",
            wrapped,
        ]


def test_it_begins_when_all_streams_are_subscribed() -> None:
    """Nothing is sent before the last expected stream is subscribed, on whatever connection."""
    frames = [RecordedFrame(f"{name}@trade", b"{}", None, "trade") for name in ("a", "b", "a")]
    with Simulator(playback=Playback(frames=frames)) as sim, client(sim, "/spot/ws/a@trade") as first:
        with pytest.raises(TimeoutError):
            first.recv(timeout=0.1)
        with client(sim, "/spot/stream?streams=b@trade") as second:
            assert second.recv(timeout=PATIENCE) == '{"stream":"b@trade","data":{}}'
            assert [first.recv(timeout=PATIENCE) for _ in range(2)] == ["{}", "{}"]


def test_recorded_streams_come_from_the_recording_alone() -> None:
    """A stream in the recording is not simulated as well; all others are, and routes hold."""
    frames = [RecordedFrame("btcusdt@aggTrade", b'{"n":%d}' % n, None, "x") for n in range(3)]
    playback = Playback(frames=frames, product="usdm")
    with Simulator(playback=playback, speed=50) as sim:
        with client(sim, "/usdm/public/stream?streams=btcusdt@aggTrade/btcusdt@bookTicker") as wrong_route:
            assert json.loads(wrong_route.recv(timeout=PATIENCE))["stream"] == "btcusdt@bookTicker"
            assert not playback.finished
        with client(sim, "/usdm/market/ws/btcusdt@aggTrade") as right:
            assert [right.recv(timeout=PATIENCE) for _ in range(3)] == ['{"n":0}', '{"n":1}', '{"n":2}']
            with pytest.raises(TimeoutError):
                right.recv(timeout=0.2)


def test_recorded_pace() -> None:
    """In recorded time the pauses are those of the recording, divided by the speed."""
    frames = [RecordedFrame("a@trade", b"{}", None, "trade", time=when) for when in (100.0, 100.0, 104.0)]
    with Simulator(playback=Playback(frames=frames, pace="recorded", speed=20)) as sim:
        began = time.monotonic()
        received(sim, "/spot/ws/a@trade", 3)
        assert time.monotonic() - began >= 0.2


def test_many_frames_reach_a_slow_reader() -> None:
    """A reader that falls behind slows the playback down instead of losing frames."""
    count = 20_000
    frames = [RecordedFrame("a@trade", b'{"n":%d,"x":"%s"}' % (n, b"y" * 500), None, "trade") for n in range(count)]
    playback = Playback(frames=frames)
    with Simulator(playback=playback) as sim:
        with client(sim, "/spot/ws/a@trade", max_queue=4) as connection:
            assert connection.recv(timeout=PATIENCE)
            assert not playback.finished
            numbers = [json.loads(connection.recv(timeout=PATIENCE))["n"] for _ in range(count - 1)]
        assert numbers == list(range(1, count))


def test_it_plays_again_after_a_restart() -> None:
    """A stopped and started simulator plays from the beginning."""
    playback = Playback(frames=[RecordedFrame("a@trade", b"{}", None, "trade")])
    with Simulator(playback=playback) as sim:
        for _ in range(2):
            sim.start()
            assert received(sim, "/spot/ws/a@trade", 1) == ["{}"]
            sim.wait_for(lambda: playback.finished)
            sim.stop()


def test_faults_strike_recorded_frames() -> None:
    """Playback passes through the same faults."""
    frames = [RecordedFrame("a@trade", b'{"n":%d}' % n, None, "trade") for n in range(4)]
    sim = Simulator(playback=Playback(frames=frames))
    sim.inject(Fault.HOLE, count=2)
    with sim:
        assert received(sim, "/spot/ws/a@trade", 2) == ['{"n":2}', '{"n":3}']


def test_recorded_snapshots_are_served(tmp_path: Path) -> None:
    """Depth answers in the recording are served by REST as they are."""
    path = tmp_path / "feed.http"
    path.write_text(
        'https://host/api/v3/depth?symbol=AAAUSDT&limit=5000 -> 1.5: {"lastUpdateId":5,"bids":[],"asks":[]}\n'
        + WHOLE[0]
    )
    with Simulator(playback=Playback(path)) as sim:
        assert get(sim, "/spot/api/v3/depth?symbol=AAAUSDT")[1]["lastUpdateId"] == 5
        assert get(sim, "/spot/api/v3/depth?symbol=ETHUSDT")[1]["lastUpdateId"] != 5


def test_a_snapshot_without_a_symbol_is_served_for_all(tmp_path: Path) -> None:
    """A bare REST body among frames with times is the snapshot of whatever is asked for, and no frame."""
    path = tmp_path / "feed.log"
    path.write_text(f'1723161251172216566 {{"lastUpdateId":6,"bids":[],"asks":[]}}\n1723161252172216566 {WHOLE[0]}')
    playback = Playback(path)
    assert playback.expected == {"aaausdt@trade": 1}
    with Simulator(playback=playback) as sim:
        for symbol in ("AAAUSDT", "ETHUSDT"):
            assert get(sim, f"/spot/api/v3/depth?symbol={symbol}")[1]["lastUpdateId"] == 6


@pytest.mark.parametrize("text", ['{"e":"trade"}\nnonsense', "no json at all", '{"a":1}\n{"b":2}', "{} {}"])
def test_unreadable_lines_are_named(tmp_path: Path, text: str) -> None:
    """A line that is no frame raises with file and line."""
    path = tmp_path / "broken.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"broken\.txt, line \d"):
        Playback(path)


def test_arguments() -> None:
    """An unknown pace and an empty recording are refused."""
    with pytest.raises(ValueError, match="nothing to play"):
        Playback()
    with pytest.raises(ValueError, match="pace"):
        Playback(frames=[RecordedFrame("a", b"", None, "")], pace="slow")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    data=JSON, stream=st.text(min_size=1, max_size=10), indent=st.sampled_from([None, 0, 2]), ascii_only=st.booleans()
)
def test_the_slice_is_exact(data: Any, stream: str, indent: int | None, ascii_only: bool) -> None:
    """Whatever the spelling, the payload is the very text between the wrapper's parts."""
    inner = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    text = f' {{ "x": [1, {{"data": 2}}], "stream" :{json.dumps(stream)}, "data":\t{inner}\n}} '
    assert split_frame(text) == (stream, inner)


def golden_samples(product: str) -> list[RecordedFrame]:
    """Every golden sample, every other one wrapped already."""
    frames = []
    for number, sample in enumerate(market_samples(product)):
        frame = frame_of(
            (sample.combined if number % 2 else sample.raw).decode(), None if number % 2 else sample.stream
        )
        assert frame is not None
        frames.append(frame)
    return frames


def recorded_samples(product: str) -> list[RecordedFrame]:
    """Every recorded message of a stream; answers to requests are not such messages."""
    frames = []
    for path in sorted((DATA / "binance" / product).glob("*/*.json")):
        kind = path.parent.name
        if not kind.startswith(("ack", "wsapi.", "rest.")):
            text = path.read_text(encoding="utf-8").strip()
            frame = frame_of(text, None if split_frame(text) else f"{kind}@sample{path.stem}")
            assert frame is not None
            frames.append(frame)
    return frames


ROUTES = [
    ("spot", ""),
    ("coinm", ""),
    *((name, route) for name in ("usdm", "options") for route in ("public", "market")),
]


@pytest.mark.parametrize("source", [golden_samples, pytest.param(recorded_samples, marks=needs_data)])
@pytest.mark.parametrize("path", ["/ws", "/stream"])
@pytest.mark.parametrize(("product", "route"), ROUTES)
def test_every_sample(product: str, route: str, path: str, source: Callable[[str], list[RecordedFrame]]) -> None:
    """Each golden and each recorded sample arrives byte for byte on its route, on combined and on raw connections."""
    frames = [frame for frame in source(product) if route_of(product, frame.stream) == route]
    streams = list(dict.fromkeys(frame.stream for frame in frames))
    if path == "/ws":
        expected = [frame.payload for frame in frames]
    else:
        expected = [
            frame.whole or b'{"stream":"%s","data":%s}' % (frame.stream.encode(), frame.payload) for frame in frames
        ]
    with (
        Simulator(playback=Playback(frames=frames, product=product)) as sim,
        client(sim, f"/{product}/{route}{path}".replace("//", "/")) as connection,
    ):
        assert ask(connection, {"method": "SUBSCRIBE", "params": streams, "id": 1}) == {"result": None, "id": 1}
        got = [connection.recv(timeout=PATIENCE, decode=False) for _ in frames]
    assert got == expected
    kinds = Counter(frame.event for frame in frames)
    assert sim.sent.events == {(product, kind): count for kind, count in kinds.items()}
    assert len(frames) >= 5
    print(f"{product} {route}: {len(frames)} samples, {dict(kinds)}")


@needs_data
def test_recorded_sequences_are_readable() -> None:
    """Every market sequence can be read; the number of frames per stream is not zero, and snapshots are found."""
    folder = DATA / "sequences"
    files = [*folder.glob("cryptofeed_*/BINANCE*ws*"), *folder.glob("hftbacktest_coinm*/*0808*")]
    assert files
    for path in files:
        streams: Counter[str] = Counter()
        snapshots = 0
        for row in read_frames(path):
            if isinstance(row, RecordedFrame):
                streams[row.stream] += 1
                assert row.whole is not None
                assert row.time is not None
            else:
                snapshots += 1
        assert sum(streams.values()) > 100
        assert snapshots == ("hft" in str(path))
        print(path.name, dict(streams))
