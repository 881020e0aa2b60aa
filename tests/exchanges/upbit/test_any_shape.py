"""Messages of any shape, alone and in lists: fields missing, null, or of another type; and all that looks into them."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from exchanges.upbit.test_past import Rest, candle, trade
from fake_upbit import Inline

from binance_sockets.testing import Drop, binary

SEED = int(os.environ.get("TEST_SEED", "1"))
ODD: list[Any] = [None, "", 0, -1, "x", [], {}, [1], {"a": 1}, True, 1e308, 0.5, "NaN", "2026-99-99T99:99:99"]
NOW = 1_700_000_000_000
NUMBERS: dict[str, list[str]] = {
    "ticker": ["trade_price", "trade_volume", "signed_change_rate", "opening_price", "acc_trade_volume"],
    "trade": ["trade_price", "trade_volume", "sequential_id", "trade_timestamp"],
    "orderbook": ["total_ask_size", "total_bid_size", "level"],
    "candle.1m": ["opening_price", "trade_price", "candle_acc_trade_volume", "candle_acc_trade_price"],
}


def message(rng: random.Random) -> dict[str, Any]:
    """One of any type, with one or two fields spoilt."""
    type_ = rng.choice([*NUMBERS])
    made: dict[str, Any] = {"type": type_, "code": "KRW-BTC", "timestamp": NOW, "stream_type": "REALTIME"}
    made |= dict.fromkeys(NUMBERS[type_], 5)
    if type_ == "trade":
        made["ask_bid"] = "BID"
    elif type_ == "orderbook":
        made["orderbook_units"] = [{key: rng.choice([1, *ODD]) for key in ("ask_price", "bid_price", "ask_size")}]
    elif type_ == "candle.1m":
        made["candle_date_time_utc"] = "2026-11-27T00:00:00"
    for _ in range(rng.randint(1, 2)):
        field = rng.choice([*made])
        made[field] = rng.choice(ODD)
        if rng.random() < 0.4:
            del made[field]
    return made


@pytest.mark.parametrize("number", [0, 1, *(pytest.param(each, marks=pytest.mark.full) for each in range(2, 60))])
def test_messages_of_any_shape_end_nothing(number: int) -> None:
    """Every socket lives on, and gets the next good message: in every view, as a book, with the past and without."""
    rng = random.Random(f"{SEED}-{number}")
    manager = Inline()
    manager._rest = Rest([trade(each) for each in range(1, 9)], [candle(each, 9) for each in range(4)])  # type: ignore[assignment]
    for view in ("dict", "typed", "unified", "raw"):
        wanted: dict[str, Any] = {"stream_preference": rng.choice(["both", "realtime_only"]), "view": view}
        past = {"backfill": rng.random() < 0.5, "history": rng.choice([None, 3])}
        for type_, further in (("ticker", {}), ("trade", past), ("orderbook", {"count": 5}), ("candle", past)):
            start = getattr(manager, f"start_{type_}_socket")
            manager.begin(
                start("KRW-BTC", manager.into(f"{type_} {view}"), name=f"{type_} {view}", **wanted, **further)
            )
    manager.begin(manager.start_order_book("KRW-BTC", manager.into("book")))
    at = 0.0
    for _ in range(40):
        at += rng.choice([0.001, 0.1, 0.7])
        made = [message(rng) for _ in range(rng.randint(1, 3))]
        wire = json.dumps(made[0] if len(made) == 1 else made).encode()
        manager.at(at, lambda wire=wire: manager.exchange.link.play([binary(wire)]))
        if rng.random() < 0.06:
            manager.at(at + 0.01, lambda: manager.exchange.link.play([Drop()]))
    before: dict[str, int] = {}

    def good() -> None:
        before.update({key: len(messages) for key, messages in manager.got.items()})
        tell = manager.exchange.link.tell
        tell("ticker", "KRW-BTC")
        tell("orderbook", "KRW-BTC")
        tell("trade", "KRW-BTC", sequential_id=10**9)
        tell("candle.1m", "KRW-BTC", candle_date_time_utc="2026-11-28T00:00:00")

    manager.at(at + 60, good)
    manager.run_until(at + 140)  # what REST does not tell is waited for
    assert [key for key, messages in manager.got.items() if len(messages) <= before[key]] == []
    assert {type(error).__name__ for error in manager.errors} <= {
        "DecodeError", "BackfillFailed", "SnapshotMissing", "SubscriptionMismatch"
    }  # fmt: skip
