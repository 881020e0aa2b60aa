"""Recorded and made-up frames, served by the simulator, reach callbacks as they are."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.conftest import Tls
from e2e.playing import play
from golden import market_samples
from simulator.helpers import play_stream

from binance_sockets.errors import ConfigError
from binance_sockets.exchanges.binance.names import resolve
from binance_sockets.exchanges.binance.products import market_of
from binance_sockets.simulator import RecordedFrame, frame_of, read_frames

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PREFIX = 1000  # frames of each long sequence that the default run plays over TLS and in the dict view

# Where samples are filed -> the stream that carries them today.
STREAMS = {
    "spot": {
        "1hTicker": "btcusdt@ticker_1h", "24hrMiniTicker": "btcusdt@miniTicker", "24hrTicker": "btcusdt@ticker",
        "aggTrade": "btcusdt@aggTrade", "arr.1hTicker": "!ticker_1h@arr", "arr.24hrMiniTicker": "!miniTicker@arr",
        "arr.24hrTicker": "!ticker_1d@arr", "avgPrice": "btcusdt@avgPrice", "blockTrade": "btcusdt@blockTrade",
        "bookTicker": "btcusdt@bookTicker", "depthUpdate": "btcusdt@depth", "kline": "btcusdt@kline_1m",
        "partialDepth": "btcusdt@depth5", "referencePrice": "btcusdt@referencePrice", "trade": "btcusdt@trade",
    },
    "usdm": {
        "24hrMiniTicker": "btcusdt@miniTicker", "24hrTicker": "btcusdt@ticker", "EquityUpdate": "tradingSession",
        "aggTrade": "btcusdt@aggTrade", "arr.24hrMiniTicker": "!miniTicker@arr", "arr.24hrTicker": "!ticker@arr",
        "arr.assetIndexUpdate": "!assetIndex@arr", "arr.markPriceUpdate": "!markPrice@arr",
        "arr.ticker": "!ticker@arr", "assetIndexUpdate": "btcusd@assetIndex", "bookTicker": "btcusdt@bookTicker",
        "compositeIndex": "defiusdt@compositeIndex", "continuous_kline": "btcusdt_perpetual@continuousKline_1m",
        "contractInfo": "!contractInfo", "depthUpdate": "btcusdt@depth", "forceOrder": "btcusdt@forceOrder",
        "kline": "btcusdt@kline_1m", "markPriceUpdate": "btcusdt@markPrice", "partialDepth": "btcusdt@depth5",
        "rpiDepth": "btcusdt@rpiDepth@500ms", "trade": "btcusdt@trade",
    },
    "coinm": {
        "24hrMiniTicker": "btcusd_perp@miniTicker", "24hrTicker": "btcusd_perp@ticker",
        "IndexUpdate": "btcusd@indexPrice", "aggTrade": "btcusd_perp@aggTrade",
        "arr.24hrMiniTicker": "!miniTicker@arr", "arr.24hrTicker": "!ticker@arr",
        "arr.indexPriceUpdate": "btcusd@indexPrice", "arr.markPriceUpdate": "btcusd@markPrice",
        "bookTicker": "btcusd_perp@bookTicker", "continuous_kline": "btcusd_perpetual@continuousKline_1m",
        "contractInfo": "!contractInfo", "depthUpdate": "btcusd_perp@depth", "forceOrder": "btcusd_perp@forceOrder",
        "indexPriceUpdate": "btcusd@indexPrice", "indexPrice_kline": "btcusd@indexPriceKline_1m",
        "kline": "btcusd_perp@kline_1m", "markPriceUpdate": "btcusd_perp@markPrice",
        "markPrice_kline": "btcusd_perp@markPriceKline_1m", "partialDepth": "btcusd_perp@depth5",
        "trade": "btcusd_perp@trade",
    },
    "options": {
        "24hrTicker": "btc-251219-89000-c@optionTicker", "arr.indexPrice": "!index@arr",
        "arr.markPrice": "btcusdt@optionMarkPrice", "arr.openInterest": "btcusdt@openInterest@251219",
        "bookTicker": "eth-251218-3100-c@bookTicker", "depth(v1)": "btc-261030-85000-c@depth@500ms",
        "depthUpdate": "btc-261030-85000-c@depth@100ms", "index": "!index@arr", "kline": "btc-261030-85000-c@kline_1m",
        "optionSymbol": "!optionSymbol", "partialDepth": "eth-251219-3100-c@depth20@100ms",
        "ticker_all(v0-2021)": "btc-251219-89000-c@optionTicker", "trade": "btc-251219-89000-c@optionTrade",
        "trade_all(v0-2021)": "btc-251219-89000-c@optionTrade",
    },
}  # fmt: skip
NO_MARKET_DATA = {
    "ack", "serverShutdown", "listenKeyExpired", "eventStreamTerminated",  # of the link
    "balanceUpdate", "executionReport", "externalLockUpdate", "listStatus", "outboundAccountInfo",
    "outboundAccountPosition", "TRADE_LITE",  # of an account; as are all in capitals
}  # fmt: skip
SEQUENCES = {
    "hftbacktest spot 08": ("spot", "hftbacktest_spot_btcusdt_2024-08/spot_btcusdt_20240808.log.gz"),
    "hftbacktest spot 09": ("spot", "hftbacktest_spot_btcusdt_2024-08/spot_btcusdt_20240809.log.gz"),
    "hftbacktest usdm 08": ("usdm", "hftbacktest_usdm_btcusdt_2024-08/usdm_btcusdt_20240808.log.gz"),
    "hftbacktest coinm 08": ("coinm", "hftbacktest_coinm_btcusd_perp_2024-08/cm_btcusd_perp_20240808.log.gz"),
    "hftbacktest coinm 09": ("coinm", "hftbacktest_coinm_btcusd_perp_2024-08/cm_btcusd_perp_20240809.log.gz"),
    "cryptofeed spot": ("spot", "cryptofeed_spot_2021-08/BINANCE.ws.1.0"),
    "cryptofeed usdm": ("usdm", "cryptofeed_usdm_2021-07/BINANCE_FUTURES.ws.1.0"),
    "cryptofeed binanceus": ("spot", "cryptofeed_binanceus_2021-08/BINANCE_US.ws.1.0"),
    "cryptofeed binancetr": ("spot", "cryptofeed_binancetr_spot_2023-04/BINANCE_TR.ws.1.0"),
}
LONG = [name for name, (_, path) in SEQUENCES.items() if path.endswith(".gz")]

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no folder ../shared/data beside the project")
over = pytest.mark.parametrize(
    "secure", [pytest.param(False, id="plain"), pytest.param(True, id="tls", marks=pytest.mark.full)]
)
over_both = pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])

MADE_UP = {
    "spot": [
        ("btcusdt@trade", b'{"e":"trade","E":1790000000001,"s":"BTCUSDT","t":1,"p":"0.10","q":"1","T":1,"m":true}'),
        ("btcusdt@trade", b'{\n  "s": "BTCUSDT",\r\n\t"e": "trade",\n  "p": "1.0E-5", "t": 9007199254740993\n}'),
        ("btcusdt@trade", b'{"e":"trade","s":"BTCUSDT","x":"\xc3\xbcber \xf0\x9f\x9a\x80 \\u00e9\\ud83d\\ude80 \\/"}'),
        ("btcusdt@trade", b'{"e":"trade","s":"BTCUSDT","id":1,"result":null,"error":{"code":1,"msg":"no"}}'),
        ("btcusdt@bookTicker", b'{"u":4,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4"}'),
        ("btcusdt@bookTicker", b' {"A":"4","a":"3","u":4} '),
        ("btcusdt@depth5", b'{"lastUpdateId":1,"bids":[["1","2"]],"asks":[]}'),
        ("btcusdt@depth5", b'{ "asks" : [ ] , "bids" : [ ] , "lastUpdateId" : 2 }'),
        ("btcusdt@depth", b'{"e":"depthUpdate","b":[' + b'["1.5","0"],' * 3000 + b'["1","1"]],"a":[]}'),
        ("!miniTicker@arr", b"[]"),
        ("!miniTicker@arr", b'[{"e":"24hrMiniTicker","s":"A"},\n {"e":"24hrMiniTicker","s":"B"}]'),
    ],
    "usdm": [
        ("!ticker@arr", b"[]"),
        ("btcusdt@aggTrade", b'{"E":1,"nq":"0.1","e":"aggTrade","s":"BTCUSDT"}'),
        ("币usdt@aggTrade", '{"e":"aggTrade","s":"币USDT"}'.encode()),
        ("!bookTicker", b'{"e":"bookTicker","s":"X","u":1e3,"ps":-0.0}'),
        ("!contractInfo", b'{"e":"contractInfo","s":"X","bks":[{"bs":1,"mi":0.02}]}'),
        ("tradingSession", b'{"e":"EquityUpdate","S":"REGULAR"}'),
    ],
    "coinm": [
        ("btcusd@indexPrice", b'{"e":"indexPriceUpdate","i":"BTCUSD","p":"1.10"}'),
        ("btcusd@indexPrice", b'{"e":"IndexUpdate","s":"BTCUSD","p":"1.10"}'),
        ("btcusd@markPrice", b'[{"e":"markPriceUpdate","s":"BTCUSD_PERP"}]'),
    ],
    "options": [
        ("btc-261030-85000-c@optionTicker", b'{"e":"24hrTicker","s":"BTC-261030-85000-C"}'),
        ("btcusdt@optionMarkPrice", b'[{"s":"BTC-261030-85000-C","mp":"1","e":"markPrice"}]'),
        ("!index@arr", b'[{"e":"indexPrice","s":"BTCUSDT"}]'),
    ],
}  # fmt: skip


@over_both
@pytest.mark.parametrize("product", MADE_UP)
def test_made_up_payloads_arrive_as_they_were_sent(product: str, secure: bool, tls: Tls) -> None:
    """Odd but valid payloads reach single and multiplex sockets, byte for byte raw, value for value as dicts."""
    frames = [RecordedFrame(stream, payload, None, stream) for stream, payload in MADE_UP[product]]
    compared = play(
        frames, product, f"made up, {product}", views=["raw", "dict"], tls=tls if secure else None, singles=True
    )
    assert compared == 4 * len(frames)


@over
@pytest.mark.parametrize("market", ["spot", "us", "usdm", "coinm", "options"])
def test_golden_samples_arrive_as_they_were_sent(market: str, secure: bool, tls: Tls) -> None:
    """Every golden sample reaches single and multiplex sockets unchanged, sent bare and sent wrapped."""
    frames = [
        RecordedFrame(sample.stream, sample.raw, whole, sample.key)
        for sample in market_samples(market)
        for whole in (None, sample.combined)
    ]
    product, tld = ("spot", "us") if market == "us" else (market, "com")
    compared = play(
        frames, product, f"golden, {market}", views=["raw", "dict"], tls=tls if secure else None, singles=True, tld=tld
    )
    assert compared == 4 * len(frames) > 0


GENERATED = {
    "spot": ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker"],
    "usdm": ["btcusdt@aggTrade", "btcusdt@depth@100ms", "btcusdt@bookTicker"],
    "coinm": ["btcusd_perp@aggTrade", "btcusd_perp@depth@100ms", "btcusd_perp@bookTicker"],
    "options": ["btc-261225-90000-c@optionTrade", "btc-261225-90000-c@depth@100ms", "btcusdt@optionMarkPrice"],
}


@over
@pytest.mark.parametrize("product", GENERATED)
def test_generated_sequences_arrive_in_every_view(product: str, secure: bool, tls: Tls, tmp_path: Path) -> None:
    """Minutes of a simulated market, kept in a file of recorded lines, arrive in order as bytes and as values."""
    payloads = [[(name, payload) for payload in play_stream(product, name, 120.0)] for name in GENERATED[product]]
    mixed = [row for rows in itertools.zip_longest(*payloads) for row in rows if row is not None]
    lines = (
        f'{time} {{"stream":"{name}","data":{json.dumps(payload, separators=(",", ":"))}}}'
        for time, (name, payload) in enumerate(mixed, 1_790_000_000_000_000_000)
    )
    path = tmp_path / "generated.log.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    frames = [row for row in read_frames(path) if isinstance(row, RecordedFrame)]
    assert [(row.stream, row.payload, row.whole) for row in frames] == [
        (row.stream, row.payload, row.whole) for row in _lines(path)
    ]
    assert len(frames) > PREFIX
    compared = play(frames, product, f"generated, {product}", views=["raw", "dict"], tls=tls if secure else None)
    assert compared == 2 * len(frames)


def _samples(product: str) -> Iterator[RecordedFrame]:
    """The market samples of a product: each under today's stream, wrapped ones also as they were recorded."""
    market = market_of(product, "com")
    folder = DATA / "binance" / product
    for kind in sorted(entry.name for entry in folder.iterdir()):
        if kind in NO_MARKET_DATA or kind == kind.upper() or kind.startswith(("wsapi.", "rest.")):
            continue
        stream = STREAMS[product][kind]  # a KeyError asks for a new line there
        for path in sorted((folder / kind).iterdir()):
            text = path.read_bytes().decode().strip()
            frame = frame_of(text, stream)
            assert frame is not None
            yield RecordedFrame(stream, frame.payload, None, kind)
            if frame.whole is not None and _streamed_today(market, frame.stream):
                yield RecordedFrame(frame.stream, frame.payload, frame.whole, kind)


def _streamed_today(market: str, name: str) -> bool:
    try:
        found = resolve(market, name)
    except ConfigError:
        return False
    return found.family is not None and found.wire == name


@needs_data
@over
@pytest.mark.parametrize("product", STREAMS)
def test_recorded_samples_arrive_as_they_were_recorded(product: str, secure: bool, tls: Tls) -> None:
    """Every recorded market sample reaches single and multiplex sockets unchanged, also those over several lines."""
    frames = list(_samples(product))
    assert {frame.event for frame in frames} == set(STREAMS[product])
    compared = play(
        frames, product, f"samples, {product}", views=["raw", "dict"], tls=tls if secure else None, singles=True
    )
    assert compared == 4 * len(frames) > 0


def _lines(path: Path) -> Iterator[RecordedFrame]:
    """The frames of a file of ``<time in ns> <frame>`` lines, cut at fixed places: a second opinion on the reader."""
    for line in gzip.decompress(path.read_bytes()).splitlines():
        whole = line.partition(b" ")[2]
        if whole.startswith(b'{"stream":"'):
            name, _, data = whole[11:].partition(b'","data":')
            assert data
            stream = name.decode()
            yield RecordedFrame(stream, data[:-1], whole, stream.partition("@")[2])


def _sequence(name: str) -> tuple[str, Path, str]:
    product, path = SEQUENCES[name]
    return product, DATA / "sequences" / path, "us" if "binanceus" in name else "com"


@needs_data
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.full] * bool(at)) for at, name in enumerate(LONG)]
)
def test_long_sequences_arrive_byte_for_byte(name: str) -> None:
    """Every frame of the long recordings reaches a raw multiplex callback over a plain connection, in order."""
    product, path, _ = _sequence(name)
    frames = list(_lines(path))
    assert play(frames, product, name, views=["raw"]) == len(frames) > 40_000


@needs_data
@over
@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_arrive_in_every_view(name: str, secure: bool, tls: Tls) -> None:
    """Short recordings, and the beginnings of long ones, arrive plain and over TLS, as bytes and as values."""
    product, path, tld = _sequence(name)
    rows = (row for row in read_frames(path) if isinstance(row, RecordedFrame))
    frames = list(itertools.islice(rows, PREFIX))
    assert frames
    compared = play(frames, product, name, views=["raw", "dict"], tls=tls if secure else None, tld=tld)
    assert compared == 2 * len(frames)


@needs_data
@pytest.mark.full
@over
@pytest.mark.parametrize("name", LONG)
def test_long_sequences_arrive_in_every_view(name: str, secure: bool, tls: Tls) -> None:
    """The long recordings, whole, plain and over TLS, as bytes and as values; the two readers agree on the frames."""
    product, path, _ = _sequence(name)
    frames = [row for row in read_frames(path) if isinstance(row, RecordedFrame)]
    assert [(row.stream, row.payload, row.whole) for row in frames] == [
        (row.stream, row.payload, row.whole) for row in _lines(path)
    ]
    compared = play(frames, product, f"{name}, whole", views=["raw", "dict"], tls=tls if secure else None)
    assert compared == 2 * len(frames)
