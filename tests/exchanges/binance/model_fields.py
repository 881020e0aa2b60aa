"""Whether an event has exactly the values of its message."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from binance_sockets.exchanges.binance import models


def same(event: Any, payload: Any) -> None:
    """Fail unless ``event`` has exactly the values of ``payload``, the same message as a dict."""
    if isinstance(payload, list) and not isinstance(event, models.Level):
        assert isinstance(event, list) and len(event) == len(payload)
        for one, part in zip(event, payload, strict=True):
            same(one, part)
    elif isinstance(event, models.Level):
        assert list(event) == payload[:2]
        assert (event.price_decimal, event.quantity_decimal) == tuple(map(Decimal, payload[:2]))
    elif isinstance(event, msgspec.Struct):
        same_fields(event, payload)
    elif isinstance(event, Decimal):
        assert event == Decimal(repr(payload))
    else:
        assert event == payload and type(event) is type(payload)


def same_fields(event: msgspec.Struct, payload: dict[str, Any]) -> None:
    seen = set(getattr(event, "left_out", ()))
    if isinstance(event, models.Event):
        assert event.event_type == payload.get("e", "")
        seen.add("e")
    for item in msgspec.structs.fields(event):
        value = getattr(event, item.name)
        if item.encode_name in payload:
            same(value, payload[item.encode_name])
        else:
            assert value is None, f"{item.name} is not in the message"
        if hasattr(type(event), f"{item.name}_decimal"):
            assert getattr(event, f"{item.name}_decimal") == (Decimal(value) if value else None)
        seen.add(item.encode_name)
    assert payload.keys() - seen == set(), "fields that no event has"
