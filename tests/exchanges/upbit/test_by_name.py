"""Market streams by their names, of one type or of several, called back with or read."""

from __future__ import annotations

from typing import Any

import pytest
from fake_upbit import Inline

from binance_sockets import ConfigError
from binance_sockets.exchanges.upbit.by_name import names_of


def heard(messages: list[Any]) -> list[str]:
    return [f"{each['type']} {each['code']} {each['stream_type'][0]}" for each in messages]


def test_several_types_in_one_callback() -> None:
    """In the order of their arrival; types join and leave an open socket."""
    manager = Inline()
    key = manager.begin(manager.start_socket(["ticker:KRW-BTC", "trade:KRW-BTC"], manager.into("a")))
    assert key == "ticker:KRW-BTC/trade:KRW-BTC"
    manager.at(1, lambda: manager.subscribe(key, "candle.1s:KRW-ETH"))
    manager.at(2, lambda: manager.unsubscribe(key, "ticker:KRW-BTC"))

    def tell() -> None:
        for type_, code in (("candle.1s", "KRW-ETH"), ("ticker", "KRW-BTC"), ("trade", "KRW-BTC")):
            manager.exchange.link.tell(type_, code)

    manager.at(3, tell)
    manager.run_until(4)
    assert heard(manager.got["a"]) == [
        "ticker KRW-BTC S", "trade KRW-BTC S", "candle.1s KRW-ETH S", "candle.1s KRW-ETH R", "trade KRW-BTC R"
    ]  # fmt: skip
    assert manager.errors == []


def test_snapshots_alone_of_several_types() -> None:
    """One message of each stream, then it ends by itself."""
    manager = Inline()
    names = ["orderbook:KRW-BTC", "orderbook:KRW-BTC:1e4", "ticker:KRW-ETH"]
    manager.begin(manager.start_socket(names, manager.into("a"), "snapshot_only"))
    manager.run_until(4)
    assert sorted(heard(manager.got["a"])) == ["orderbook KRW-BTC S", "orderbook KRW-BTC S", "ticker KRW-ETH S"]
    assert sorted(each["level"] for each in manager.got["a"] if "level" in each) == [0, 10000]
    assert manager._core.connections == {}


def test_all_levels_beside_who_wants_few() -> None:
    """A book by its name has all 30, though the exchange sent fewer until then."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("few"), count=1))
    name = "orderbook:KRW-BTC"
    manager.at(1, lambda: manager.begin(manager.start_socket(name, manager.into("all"), "realtime_only")))
    manager.at(1.02, lambda: manager.exchange.link.tell("orderbook", "KRW-BTC"))
    manager.at(3, lambda: manager.exchange.link.tell("orderbook", "KRW-BTC"))
    manager.run_until(4)
    assert [len(each["orderbook_units"]) for each in manager.got["all"]] == [30]
    assert {len(each["orderbook_units"]) for each in manager.got["few"]} == {1}


def test_a_stream_is_read() -> None:
    """Instead of being called; it begins by itself, and ends with its socket."""
    manager = Inline()
    manager.start = lambda: None  # type: ignore[method-assign]
    stream = manager.stream("ticker:KRW-BTC", stream_preference="realtime_only", numbers="str")
    key = manager.begin(stream.conn_keys[0])
    with pytest.raises(ConfigError, match="not open"):
        manager.stream("ticker:KRW-BTC", stream_preference="realtime_only")
    manager.at(1, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.at(2, lambda: manager.stop(key))
    manager.run_until(3)
    assert [each["trade_price"] for each in stream] == ["1"]


def test_names() -> None:
    """In one spelling each, once."""
    assert names_of(" ticker:krw-btc".strip()) == ["ticker:KRW-BTC"]
    assert names_of(["candle.240m:KRW-BTC", "orderbook:KRW-BTC:1E4", "orderbook:KRW-BTC:10000"]) == [
        "candle.240m:KRW-BTC", "orderbook:KRW-BTC:10000"
    ]  # fmt: skip
    assert names_of(("orderbook:KRW-BTC:0",)) == ["orderbook:KRW-BTC"]


@pytest.mark.parametrize(
    "names",
    [
        "KRW-BTC", "ticker", "ticker:", "ticker:BTCUSDT", "ticker:KRW-BTC:5", "candle:KRW-BTC", "candle.7m:KRW-BTC",
        "ticker.1m:KRW-BTC", "orderbook.5:KRW-BTC", "orderbook:KRW-BTC:", "orderbook:KRW-BTC:x", "myOrder:KRW-BTC",
        "btcusdt@trade", "KRW-BTC@trade", "", None, 5, b"ticker:KRW-BTC", [None], print,
    ],
)  # fmt: skip
def test_what_is_no_name(names: Any) -> None:
    """It raises at once, and says what one looks like."""
    with pytest.raises(ConfigError, match="'"):
        Inline().start_socket(names, print)
    with pytest.raises(ConfigError, match="at least one"):
        Inline().start_socket([], print)


@pytest.mark.parametrize("past", [{"history": 5}, {"backfill": True}])
def test_the_past_of_what_has_none(past: dict[str, Any]) -> None:
    """REST has that of trades and candles."""
    with pytest.raises(ConfigError, match="nothing of ticker:KRW-BTC"):
        Inline().start_socket(["trade:KRW-BTC", "ticker:KRW-BTC"], print, **past)
    assert Inline().start_socket(["trade:KRW-BTC", "candle.1m:KRW-BTC"], print, **past)
