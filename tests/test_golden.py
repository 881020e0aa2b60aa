"""Golden samples: one per event, made up in the real shape, decoded in every view."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import golden
import msgspec
import pytest
from golden import MARKETS, Sample, market_samples, parse, read, rows, shape

from binance_sockets.config import Options
from binance_sockets.errors import DecodeError
from binance_sockets.exchange import Ack, Notice, NoticeKind
from binance_sockets.exchanges.binance import codec, models, typed
from binance_sockets.exchanges.binance.products import product_of
from binance_sockets.exchanges.binance.rest import PublicRest
from binance_sockets.exchanges.binance.typed import event_type

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"
needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason="no folder ../shared/data beside the project")

every_sample = pytest.mark.parametrize("sample", market_samples(), ids=lambda sample: sample.id)

# What typed events leave out on purpose: what the exchange says to ignore, the fillers of candles without trades, and
# the order ids that Binance.US still sends.
LEFT_OUT = {
    "AggTrade": {".M"},
    "Trade": {".M", ".a", ".b"},
    "Kline": {".k.B"},
    "ContinuousKline": {".k.B"},
    "IndexPriceKline": {".k.v", ".k.q", ".k.V", ".k.Q", ".k.B"},
    "MarkPriceKline": {".k.v", ".k.q", ".k.V", ".k.Q", ".k.B"},
}

# User data events by product.
USER_EVENTS = {
    "spot": (
        "balanceUpdate", "eventStreamTerminated", "executionReport", "externalLockUpdate", "listStatus",
        "outboundAccountPosition",
    ),
    "margin": ("MARGIN_LEVEL_STATUS_CHANGE", "USER_LIABILITY_CHANGE"),  # orders and balances come as on spot
    "usdm": (
        "ACCOUNT_CONFIG_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "CONDITIONAL_ORDER_TRIGGER_REJECT", "GRID_UPDATE",
        "MARGIN_CALL", "ORDER_TRADE_UPDATE", "STRATEGY_UPDATE", "TRADE_LITE", "listenKeyExpired",
    ),
    "coinm": (
        "ACCOUNT_CONFIG_UPDATE", "ACCOUNT_UPDATE", "GRID_UPDATE", "MARGIN_CALL", "ORDER_TRADE_UPDATE",
        "STRATEGY_UPDATE", "listenKeyExpired",
    ),
    "options": (
        "ACCOUNT_UPDATE", "BALANCE_POSITION_UPDATE", "GREEK_UPDATE", "ORDER_TRADE_UPDATE", "RISK_LEVEL_CHANGE",
        "listenKeyExpired",
    ),
    "portfolio": (
        "ACCOUNT_CONFIG_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "CONDITIONAL_ORDER_TRADE_UPDATE",
        "ORDER_TRADE_UPDATE", "balanceUpdate", "executionReport", "liabilityChange", "listenKeyExpired",
        "openOrderLoss", "outboundAccountPosition", "riskLevelChange",
    ),
    "portfolio_pro": ("PM_PRO_ACCOUNT_UPDATE",),  # uniMMRDrop: its fields are published nowhere yet
}  # fmt: skip
USER_FILES = [(product, event) for product, events in USER_EVENTS.items() for event in events]


def typed_decoder(market: str, names: list[str], combined: bool) -> Any:
    """The typed view of streams by name."""
    return typed.typed_decoder(market, {name: parse(market, name).family for name in names}, combined)


# -- the files --


@pytest.mark.parametrize("market", MARKETS)
def test_every_row_of_the_table_has_a_sample(market: str) -> None:
    """A stream that is added to the table and not here fails, and so does a file without a stream."""
    assert set(golden.names(market)) == rows(market)


@every_sample
def test_a_sample_is_of_its_stream(sample: Sample) -> None:
    """The stream is spelled as on the wire and is of the row that the file is named after."""
    found = parse(sample.market, sample.stream)
    assert found.family is not None and found.family.key == sample.key
    assert found.wire == sample.stream
    assert isinstance(sample.payload, list) == found.family.array


def test_every_file_names_its_source_and_date() -> None:
    """A shape can be looked up: the document, and the newest day on which the shape was seen."""
    files = sorted(golden.DATA.rglob("*.json"))
    for path in files:
        document = json.loads(path.read_text(encoding="utf-8"))
        assert document["source"] and document["samples"], path
        assert datetime.date.fromisoformat(document["as_of"]) >= datetime.date(2022, 9, 30), path
    assert {path.relative_to(golden.DATA).parts[0] for path in files} == {
        *MARKETS, "control", "rest", "user", "ws_api",
    }  # fmt: skip


# -- market data --


@every_sample
@pytest.mark.parametrize("combined", [False, True], ids=["raw", "combined"])
def test_a_sample_is_decoded_to_its_event_and_back(sample: Sample, combined: bool, caplog: Any) -> None:
    """Every field reaches the typed event with its value, and the event encodes to the same keys."""
    message = sample.combined if combined else sample.raw
    stream, event = typed_decoder(sample.market, [sample.stream], combined)(memoryview(message))
    assert stream == sample.stream and not caplog.records
    if combined:
        assert isinstance(event, models.Combined) and event.stream == stream
        event = event.data
    kind = event_type(sample.market, sample.stream)
    event_kinds = get_args(kind) or (kind,)
    events = event if isinstance(event, list) else [event]
    assert {type(one) for one in events} <= {part for one in event_kinds for part in get_args(one) or (one,)}
    payloads = json.loads(sample.raw, parse_float=Decimal)
    for one, payload in zip(events, payloads if isinstance(payloads, list) else [payloads], strict=True):
        assert encoded(one, payload) == without(payload, LEFT_OUT.get(type(one).__name__, set()))


def encoded(event: msgspec.Struct, payload: Any) -> Any:
    """An event by its names on the wire, without the fields that are ``None`` as the message has none."""
    return without_absent(msgspec.to_builtins(event, builtin_types=(Decimal,)), payload)


def without_absent(value: Any, payload: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: row for key, row in value.items() if row is not None or key in payload}
        return {key: without_absent(row, payload.get(key, {})) for key, row in kept.items()}
    if isinstance(value, (list, tuple)):
        return [without_absent(row, part) for row, part in zip(value, payload, strict=True)]
    return value


def without(payload: Any, paths: set[str], path: str = "") -> Any:
    if isinstance(payload, dict):
        return {
            key: without(row, paths, f"{path}.{key}") for key, row in payload.items() if f"{path}.{key}" not in paths
        }
    return payload


def test_what_is_left_out_is_in_a_sample() -> None:
    """The list of exceptions above has no entry that no message needs."""
    needed: dict[str, set[str]] = {}
    for sample in market_samples():
        event = typed_decoder(sample.market, [sample.stream], False)(sample.raw)[1]
        if not isinstance(event, list):
            lacking = golden.differences(shape(encoded(event, sample.payload)), shape(sample.payload))
            needed.setdefault(type(event).__name__, set()).update(row for row in lacking if ":" not in row)
    assert {name: paths for name, paths in needed.items() if paths} == LEFT_OUT


@every_sample
def test_a_sample_is_delivered_as_dict_and_as_bytes(sample: Sample) -> None:
    """The dict view is what ``json`` says, the raw view the message's own bytes."""
    name = sample.stream
    for message, dicts, raws in (
        (sample.raw, codec.dict_single(name), codec.raw_single(name)),
        (sample.combined, codec.dict_wrapped([name]), codec.raw_wrapped([name])),
    ):
        assert dicts(memoryview(message)) == (name, json.loads(message))
        assert raws(memoryview(message)) == (name, message)
        assert codec.control(message) is None


# -- control messages --


@pytest.mark.parametrize("name", golden.names("control"))
def test_a_control_message_is_understood_and_no_data(name: str) -> None:
    """Acks by their id, errors in both shapes with code and text, the shutdown notice in its three framings."""
    for row in read(f"control/{name}")["samples"]:
        message, meaning = golden.compact(row["message"]), codec.control(golden.compact(row["message"]))
        ((kind, value),) = row["means"].items()
        if kind == "notice":
            assert isinstance(meaning, Notice) and meaning.kind is NoticeKind[value]
        else:
            assert isinstance(meaning, Ack)
            request_id, *error = value if kind == "error" else [value]
            assert meaning.request_id == request_id
            assert meaning.error == (tuple(error) or None)
        assert_no_market_data(message)


def assert_no_market_data(message: bytes) -> None:
    """Fail if any view takes the message for data of a stream; a wrapped one comes on combined connections alone."""
    name = "btcusdt@trade"
    decoders = [codec.dict_wrapped([name]), codec.raw_wrapped([name]), typed_decoder("spot", [name], True)]
    if not message.startswith(b'{"stream"'):
        decoders += [codec.dict_single(name), codec.raw_single(name), typed_decoder("spot", [name], False)]
    for decode in decoders:
        with pytest.raises((DecodeError, KeyError, msgspec.ValidationError)):
            decode(memoryview(message))


# -- user data and the WebSocket API --


def test_every_user_data_event_has_a_sample() -> None:
    """The list above and the files agree."""
    found = {(path.parent.name, path.stem) for path in (golden.DATA / "user").glob("*/*.json")}
    assert found == set(USER_FILES)


@pytest.mark.parametrize(("product", "event"), USER_FILES)
def test_a_user_data_event_is_well_formed(product: str, event: str) -> None:
    """It carries its own name, exact numbers as texts, times in ms, no real key; and spot's are no market data."""
    document = read(f"user/{product}/{event}")
    model = getattr(models, document["model"])
    assert model.__struct_config__.tag == event
    for row in document["samples"]:
        payload = row["payload"]
        assert payload["e"] == event
        assert 1.79e12 < int(payload["E"]) < 1.8e12
        assert not [value for value in golden.leaves(payload) if isinstance(value, float)]
        assert payload.get("listenKey", "made0up").startswith("made0up")
        if document["framing"] == "subscription":
            message = golden.compact({"subscriptionId": 0, "event": payload})
            assert_no_market_data(message)
            assert codec.control(message) is None
        else:
            assert document["framing"] == "stream"


@pytest.mark.parametrize("product", golden.names("ws_api"))
def test_a_websocket_api_reply_is_well_formed(product: str) -> None:
    """Every reply has an id and a status, and either a result or an error with code and text; it is no market data."""
    for row in read(f"ws_api/{product}")["samples"]:
        message = row["message"]
        assert {"id", "status"} < message.keys() and len(message.keys() & {"result", "error"}) == 1
        assert (message["status"] == 200) == ("result" in message)
        if "error" in message:
            assert {"code", "msg"} <= message["error"].keys()
        with pytest.raises((DecodeError, msgspec.ValidationError)):
            codec.dict_single("btcusdt@trade")(golden.compact(message))


# -- REST --


@pytest.mark.parametrize("product", golden.names("rest"))
def test_a_listed_symbol_is_found_in_exchange_information(product: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of a real exchangeInfo body are listed: symbol and, where there is one, pair or underlying."""
    (body,) = [row["body"] for row in read(f"rest/{product}")["samples"] if "exchangeInfo" in row["path"]]
    rest = PublicRest("http://127.0.0.1:1", product_of(product), Options())
    monkeypatch.setattr(rest, "get", lambda path, params, weight: body)
    (symbol,) = body["optionSymbols" if product == "options" else "symbols"]
    for field in symbol.keys() & {"symbol", "pair", "underlying"}:
        assert rest.lists(symbol[field])
    assert not rest.lists("NOPEUSDT")


# -- against recordings, where they are --


def recorded() -> list[tuple[str, str, Any]]:
    """Market, stream and payload of the wrapped messages that were captured in September and October 2026."""
    found = []
    for path in sorted((SHARED / "new_samples_2026").glob("*.jsonl")):
        market = path.stem.partition("_")[2]
        for line in path.read_text(encoding="utf-8").splitlines():
            message = json.loads(line)
            found.append((market, message["stream"], message["data"]))
    line = re.compile(r"\| binance/((\w+)/\S+/\d+\.json) \| .* \| C \| .*2026-(?:09|10).* \|")
    for match in map(line.fullmatch, (SHARED / "INDEX.md").read_text(encoding="utf-8").splitlines()):
        if match and match[2] in MARKETS and (SHARED / "binance" / match[1]).exists():
            message = json.loads((SHARED / "binance" / match[1]).read_text(encoding="utf-8"))
            if isinstance(message, dict) and "stream" in message:
                found.append((match[2], message["stream"], message["data"]))
    return found


# Recorded messages that lack a field: what is not a sample's fault, and why.
OLDER = {
    ("usdm", "btcusdt@depth5@100ms"): "one of February, before st and ps",
    ("usdm", "btcusdt@depth@100ms"): "copied by hand without st",
    ("usdm", "btcusdt@depth@0ms"): "one of June, before st and ps",
    ("usdm", "kaiausdt@forceOrder"): "copied by hand without ps and st",
}


@needs_recordings
def test_samples_have_the_shape_of_what_was_recorded() -> None:
    """Every message of autumn 2026 has the fields and types of a golden sample of its row."""
    compared, differing = set(), {}
    for market, stream, payload in recorded():
        family = parse(market, stream).family
        if family is None or not payload:
            continue
        wanted = [shape(sample.payload) for sample in market_samples(market) if sample.key == family.key]
        found = golden.closest(shape(payload), wanted)
        compared.add((market, family.key))
        if found and (market, stream) not in OLDER:
            differing[market, stream] = found
    print(f"compared with recordings: {len(compared)} of {len({(s.market, s.key) for s in market_samples()})} rows")
    assert differing == {}
    assert len(compared) > 45


# Numbers that are the same for everybody: the delivery of a perpetual contract, limits, the ids of enumerations.
COMMON = {"4133404800000", "1000000", "1000002"}


@needs_recordings
def test_no_value_is_a_recorded_one() -> None:
    """Prices, ids and times of the samples are made up: no longer number of theirs is in a recording."""
    texts = [path.read_text(encoding="utf-8") for path in (SHARED / "binance").rglob("*.json")]
    texts += [path.read_text(encoding="utf-8") for path in (SHARED / "new_samples_2026").glob("*.jsonl")]
    known = set(re.findall(r"\d[\d.]{5,}", "\n".join(texts)))
    for path in golden.DATA.rglob("*.json"):
        mine = {
            str(leaf) for leaf in golden.leaves(json.loads(path.read_text(encoding="utf-8"))["samples"]) if leaf
        } & known
        assert {text for text in mine if len(text.replace(".", "").strip("0")) > 5} - COMMON == set(), path
