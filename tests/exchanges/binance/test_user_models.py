"""Typed events of accounts: every sample of every product, field by field; who placed an order; what fits no event."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import golden
import msgspec
import pytest
from exchanges.binance.model_fields import same

from binance_sockets.exchange import Misfits, Stream, View
from binance_sockets.exchanges.binance import models as m
from binance_sockets.exchanges.binance.credentials import ListenKey, Signature
from binance_sockets.exchanges.binance.keys import ApiKey
from binance_sockets.exchanges.binance.user import USER_STREAM, UserStreams
from binance_sockets.exchanges.binance.user_products import USER_PRODUCTS

ROWS = {"margin": "margin_risk"}  # the folder has what spot does not
FILES = sorted(path.relative_to(golden.DATA / "user") for path in (golden.DATA / "user").glob("*/*.json"))
SAMPLES = [
    (path.parts[0], path.stem, number, row["payload"])
    for path in FILES
    for document in [json.loads((golden.DATA / "user" / path).read_text())]
    for number, row in enumerate(document["samples"])
]
NO_REST: Any = None
NOTICES = {kind.__struct_config__.tag: kind for kind in (m.ListenKeyExpired, m.EventStreamTerminated, m.ServerShutdown)}
TOLD = [(event, number, payload) for _, event, number, payload in SAMPLES if event in NOTICES]
SHUTDOWNS = [
    (message["e"], number, message)
    for number, row in enumerate(golden.read("control/server_shutdown")["samples"])
    for message in [row["message"].get("data") or row["message"].get("event") or row["message"]]
]


def decoder(product: str, misfits: Misfits | None = None) -> Callable[[Any], tuple[str, Any]]:
    """The typed decoder of an account."""
    row = USER_PRODUCTS[ROWS.get(product, product)]
    credential = ListenKey(NO_REST, "/x") if row.kind == "key" else Signature(ApiKey("k", "s"), NO_REST, lambda: 0)
    exchange = UserStreams(row, "ws://x", credential, "x", view=View.TYPED)
    (group,) = exchange.split([Stream(USER_STREAM)])
    return exchange.decoder(group, misfits or Misfits())


def framings(product: str, payload: Any) -> list[Any]:
    if USER_PRODUCTS[ROWS.get(product, product)].kind == "key":
        return [payload, {"stream": "a-key", "data": payload}]
    return [{"subscriptionId": 0, "event": payload}]


@pytest.mark.parametrize(("product", "event", "number", "payload"), SAMPLES)
def test_every_sample_has_the_values_of_its_message(product: str, event: str, number: int, payload: Any) -> None:
    """Bare, wrapped or numbered: the event equals the dict view, field by field, and nothing is left over."""
    told: list[str] = []
    decode = decoder(product, Misfits(lambda stream, text: told.append(text)))
    for message in framings(product, payload):
        if event in NOTICES:
            with pytest.raises(Exception, match="about the connection"):
                decode(golden.compact(message))
            continue
        stream, found = decode(memoryview(golden.compact(message)))
        assert stream == USER_STREAM
        same(found, payload)
    assert told == []


@pytest.mark.parametrize(("event", "number", "payload"), TOLD + SHUTDOWNS)
def test_what_is_about_the_connection_has_types_too(event: str, number: int, payload: Any) -> None:
    """No callback gets it, but who keeps the exchange's own messages can read it; a listen key does not show."""
    found = msgspec.json.decode(
        golden.compact(payload), type=m.ListenKeyExpired | m.EventStreamTerminated | m.ServerShutdown
    )
    assert type(found) is NOTICES[event] and found.event_type == event
    same(found, payload)
    assert payload.get("listenKey", "no key") not in repr(found)


@pytest.mark.parametrize(
    ("client_order_id", "origin"),
    [
        ("autoclose-1620000000", "liquidation"),
        ("adl_autoclose", "adl"),
        ("settlement_autoclose-BTCUSDT", "settlement"),
        ("my-autoclose-7", "user"),
        ("", "user"),
    ],
)
def test_who_placed_an_order(client_order_id: str, origin: str) -> None:
    """The exchange tells it by the client order id."""
    payload = next(row[3] for row in SAMPLES if row[:2] == ("usdm", "ORDER_TRADE_UPDATE"))
    payload = {**payload, "o": {**payload["o"], "c": client_order_id}}
    _, event = decoder("usdm")(golden.compact(payload))
    assert isinstance(event, m.FuturesOrderUpdate)
    assert event.order.origin is m.OrderOrigin(origin)
    lite = next(row[3] for row in SAMPLES if row[1] == "TRADE_LITE")
    _, event = decoder("usdm")(golden.compact({**lite, "c": client_order_id}))
    assert event.origin == origin


def test_what_fits_no_event_comes_as_a_dict() -> None:
    """A new event, a field of another type, a missing one: delivered, and told once; a new field is told, too."""
    told: list[str] = []
    misfits = Misfits(lambda stream, text: told.append(text))
    decode = decoder("portfolio_pro", misfits)
    good = next(row[3] for row in SAMPLES if row[0] == "portfolio_pro")
    for odd in ({"e": "uniMMRDrop", "E": 1}, {**good, "eq": 5}, {"e": good["e"]}):
        assert decode(golden.compact(odd)) == (USER_STREAM, odd)
    assert misfits.count == 3
    _, event = decode(golden.compact({**good, "brandNew": "1"}))
    assert isinstance(event, m.ProAccountUpdate)
    assert misfits.new_fields == {USER_STREAM: ("brandNew",)} and len(told) == 4


def test_no_two_events_of_a_product_share_a_name() -> None:
    """Else their union could not be decoded."""
    for row in USER_PRODUCTS.values():
        tags = [each.__struct_config__.tag for each in get_args(row.events)]
        assert len(tags) == len(set(tags)) and all(tags)
        msgspec.json.Decoder(row.events)
