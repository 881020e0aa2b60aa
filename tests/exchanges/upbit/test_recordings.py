"""Recorded messages, in every view: each says the same, with every digit that was sent."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from binance_sockets.exchange import Ack, Group, Misfits, View
from binance_sockets.exchanges.upbit.messages import Message, Reading, messages_of
from binance_sockets.exchanges.upbit.portions import Portions
from binance_sockets.exchanges.upbit.regions import Place
from binance_sockets.exchanges.upbit.requests import named_by
from binance_sockets.exchanges.upbit.streams import UpbitStreams

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
SAMPLES = SHARED / "upbit"
if not SAMPLES.is_dir():
    pytest.skip("no folder ../shared/data beside the project", allow_module_level=True)

DATA = sorted(
    path for path in SAMPLES.glob("*/*.json") if path.parent.name not in ("error", "status", "subscriptionList")
)
EXACT = json.JSONDecoder(parse_float=Decimal)


def sequences() -> Iterator[bytes]:
    """The messages of the recorded sequences."""
    for path in sorted((SHARED / "sequences").glob("upbit_*/*.jsonl")):
        yield from path.read_bytes().splitlines()
    for path in sorted((SHARED / "sequences").glob("cryptofeed_upbit_*/UPBIT.ws.*")):
        for line in path.read_text().splitlines():
            _, _, message = line.partition(": ")
            if message.startswith("b'"):
                yield ast.literal_eval(message)


def restored(sent: Any, names: dict[str, str]) -> Any:
    if isinstance(sent, dict):
        return {names.get(key, key): restored(value, names) for key, value in sent.items()}
    return [restored(each, names) for each in sent] if isinstance(sent, list) else sent


def plain(value: Any) -> Any:
    """An event, and what is in it, as dicts and lists."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def check(wire: bytes) -> Message:
    """Every view of a message says what it says."""
    misfits = Misfits()
    (message,) = messages_of(wire, Reading(misfits, lambda: 1.0))
    sent = EXACT.decode(wire.decode())
    names = dict(message.kind.part.names) if "ty" in sent else {}
    for inner in message.kind.part.parts.values() if names else ():
        names |= inner.names
    fields = message.view(View.DICT, "decimal")
    assert fields == restored(sent, names)
    assert message.view(View.RAW, "decimal") == wire
    assert Decimal(str(fields.get("trade_price", 0))) == Decimal(message.view(View.DICT, "str").get("trade_price", 0))
    event = message.view(View.TYPED, "decimal")
    assert misfits.count == 0
    seen = {**plain(event), **event.extra}
    seen.pop("extra")
    assert {name: value for name, value in seen.items() if value not in (None, [])} == {
        name: value for name, value in fields.items() if value is not None
    }
    if message.kind.endpoint == "public":
        neutral = message.view(View.UNIFIED, "decimal")
        assert not isinstance(neutral, dict)
        assert neutral.symbol == fields["code"]
        price = getattr(neutral, "price", None)
        assert price is None or price == fields["trade_price"]
    return message


@pytest.mark.parametrize("path", DATA, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_samples(path: Path) -> None:
    """One of each."""
    message = check(path.read_bytes())
    assert message.kind.type == path.parent.name.partition("_")[0]


def test_sequences() -> None:
    """Half a minute of trades and books in short names, four seconds of tickers in full ones."""
    names = {check(wire).name for wire in sequences()}
    assert len(names) > 100


def control(path: Path) -> Any:
    streams = UpbitStreams(
        Place("live", "kr"), "public", Portions(lambda name: ()), key=None, format_="SIMPLE", clock=lambda: 1.0,
        past=lambda stream: None, explain=lambda name: "",
    )  # fmt: skip
    with pytest.raises(Exception):  # noqa: B017 - any will do
        streams.decoder(Group(()), Misfits())(path.read_bytes())
    return streams.control(path.read_bytes())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("error/*.json")), ids=lambda path: path.name)
def test_errors(path: Path) -> None:
    """By name and text."""
    ack = control(path)
    error = json.loads(path.read_bytes())["error"]
    assert isinstance(ack, Ack)
    assert (ack.request_id, ack.error) == (None, (None, f"{error['name']}: {error['message']}"))
    assert (ack.passing, ack.ban) == (False, (0, 0.0))


def test_status_and_list() -> None:
    """Signs of life ask for nothing; the list of subscriptions is read."""
    assert control(SAMPLES / "status" / "1.json") == Ack(None)
    ack = control(SAMPLES / "subscriptionList" / "1.json")
    assert named_by(ack.result) == {
        "ticker:KRW-BTC", "orderbook:KRW-BTC:1000.5", "orderbook:BTC-ETH:1000.5", "myAsset"
    }  # fmt: skip
