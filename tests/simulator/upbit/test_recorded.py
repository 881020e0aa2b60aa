"""Messages beside recorded ones: every key that was recorded is there, with its JSON type."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE
from simulator.helpers import client
from simulator.upbit.helpers import GENEROUS, PUBLIC, Member, ask, listed, receive, until

from binance_sockets.simulator import Simulator

_FOLDERS = [folder / "shared" / "data" for folder in Path(__file__).resolve().parents]
SHARED = next((folder for folder in _FOLDERS if folder.is_dir()), None)
pytestmark = pytest.mark.skipif(SHARED is None, reason="no folder shared/data beside the project")

CODE = "KRW-BTC"
_PUBLIC = {
    "ticker": {"type": "ticker", "codes": [CODE]},
    "trade": {"type": "trade", "codes": [CODE]},
    "orderbook": {"type": "orderbook", "codes": [CODE]},
    "candle": {"type": "candle.1m", "codes": [CODE]},
}


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(speed=20, seed=3, upbit=GENEROUS) as simulator:
        yield simulator


def recorded(kind: str) -> list[Any]:
    assert SHARED is not None
    return [json.loads(path.read_text()) for path in sorted((SHARED / "upbit" / kind).glob("*.json"))]


def lines(name: str) -> list[Any]:
    """The messages of a recorded session."""
    assert SHARED is not None
    (path,) = (SHARED / "sequences" / name).glob("*" if "ticker" in name else "UPBIT.ws*")
    rows = [line.partition(": ")[2] if ": b'" in line else line for line in path.read_text().splitlines()]
    found = []
    for row in rows:
        if row.startswith("b'"):
            found.append(json.loads(ast.literal_eval(row)))
        elif row.startswith("{"):
            found.append(json.loads(row))
    return found


def shape(value: Any) -> Any:
    """The JSON types of a message: a number is a number, whole or not."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def check(ours: Any, theirs: Any) -> None:
    """Every recorded key with its type; null where the exchange allows it."""
    ours_shape, theirs_shape = shape(ours), shape(theirs)
    assert theirs_shape.keys() <= ours_shape.keys()
    for key, kind in theirs_shape.items():
        assert ours_shape[key] == kind or "NoneType" in (ours_shape[key], kind), key


@pytest.mark.parametrize("kind", _PUBLIC)
def test_public_messages(exchange: Simulator, kind: str) -> None:
    """With long keys: snapshot and what follows, in the order that the exchange writes them in."""
    rows = recorded(kind)
    assert rows
    with client(exchange, PUBLIC) as connection:
        ask(connection, _PUBLIC[kind])
        ours = {row["stream_type"]: row for row in (receive(connection), until(connection, stream_type="REALTIME"))}
    for row in rows:
        check(ours[row["stream_type"]], row)
        common = [key for key in ours[row["stream_type"]] if key in row]
        assert common == list(row) or kind == "ticker"


@pytest.mark.parametrize("kind", ["trade", "orderbook"])
def test_public_messages_with_short_keys(exchange: Simulator, kind: str) -> None:
    """As single samples and as a whole session have them."""
    rows = recorded(f"{kind}_simple") + [
        row for row in lines("cryptofeed_upbit_simple_2021-04") if row.get("ty") == kind
    ]
    assert len(rows) > 100
    with client(exchange, PUBLIC) as connection:
        ask(connection, _PUBLIC[kind], format="SIMPLE")
        ours = receive(connection)
    for row in rows:
        check(ours, row)


def test_a_session_of_tickers(exchange: Simulator) -> None:
    """456 of them."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, _PUBLIC["ticker"])
        ours = receive(connection)
    rows = lines("upbit_ticker_default_2025-07")
    assert len(rows) == 456
    for row in rows:
        assert row.keys() == ours.keys()
        check(ours, row)


def test_lists_states_and_errors(exchange: Simulator) -> None:
    """What is no data."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, _PUBLIC["ticker"], {**_PUBLIC["orderbook"], "level": 10000})
        (theirs,) = recorded("subscriptionList")
        ours = listed(connection)
        assert ours.keys() == theirs.keys()
        assert [row.keys() for row in ours["result"]] == [row.keys() for row in theirs["result"][:2]]
        connection.send("PING")
        assert recorded("status") == [until(connection, status="UP")]
        errors = recorded("error")
        for text in ('[{"type":"ticker"}]', '[{"ticket":"t"},{"type":"nope"}]', "[1]"):
            connection.send(text)
            while "error" not in (message := receive(connection)):
                pass
            assert message in errors


def test_private_messages(exchange: Simulator) -> None:
    """Of an order that was filled in part, and of its money."""
    member = Member(exchange)
    with member.stream() as stream:
        ask(stream, {"type": "myOrder"}, {"type": "myAsset"})
        stream.ping().wait(PATIENCE)
        order = {"market": CODE, "side": "bid", "ord_type": "limit", "price": "200000000", "volume": "0.01"}
        member.place(**order, smp_type="cancel_maker", identifier="test-1")
        trade, asset = until(stream, state="trade"), until(stream, type="myAsset")
    for row in recorded("myOrder"):
        check(trade, row)
        assert list(trade) == list(row)
    for row in recorded("myAsset"):
        check(asset, row)
        assert list(asset) == list(row)
