"""Indicators and announcements: asked for together, told apart by what they were asked with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_upbit import Inline

from binance_sockets import ConfigError, CredentialError
from binance_sockets.exchanges.upbit.clients import _health
from binance_sockets.testing import Drop, binary


@pytest.fixture
def manager() -> Inline:
    return Inline(access_key="access", secret_key="secret")


def sends(manager: Inline, **fields: Any) -> None:
    wire = json.dumps({"type": "indicator", "code": "KRW-BTC", "timeframe": "5m", "stream_type": "REALTIME", **fields})
    manager.exchange.link.play([binary(wire.encode())])


def test_indicators(manager: Inline) -> None:
    """Two of one kind with other parameters, a third with a trigger: one connection, each its own messages."""
    manager.begin(manager.start_indicator_socket("KRW-BTC", manager.into("14"), "rsi", params={"period": 14}))
    manager.begin(manager.start_indicator_socket("KRW-BTC", manager.into("7"), "rsi", params={"period": 7}))
    manager.begin(
        manager.start_indicator_socket(
            ["KRW-BTC", "KRW-ETH"], manager.into("over"), "rsi", params={"period": 7}, trigger="overbought",
            event_params={"threshold": 70},
        )
    )  # fmt: skip

    def tell() -> None:
        sends(manager, indicator="rsi", params={"period": 7}, value={"rsi": 61.25})
        sends(manager, indicator="rsi", params={"smoothing": "wilder", "period": 14}, value={"rsi": 50})
        sends(manager, type="indicator_signal", indicator="rsi", params={"period": 7}, trigger="overbought",
              event_params={"threshold": 70}, value={"rsi": 71})  # fmt: skip

    manager.at(1, tell)
    manager.run_until(2)
    assert manager.wire.attempts[0][1].url == "wss://api.upbit.com/websocket/v1/info"
    assert [float(message["value"]["rsi"]) for message in manager.got["7"]] == [61.25]
    assert [message["value"]["rsi"] for message in manager.got["14"]] == [50]
    assert [message["trigger"] for message in manager.got["over"]] == ["overbought"]
    assert manager.errors == []
    asked = manager.exchange.link.subscriptions
    assert {"type": "indicator", "timeframe": "5m", "indicators": [{"type": "rsi", "params": {"period": 14}}],
            "codes": ["KRW-BTC"]} in asked  # fmt: skip
    signal = next(each for each in asked if each["type"] == "indicator_signal")
    assert signal["codes"] == ["KRW-BTC", "KRW-ETH"]
    assert signal["indicators"] == [
        {"type": "rsi", "params": {"period": 7}, "trigger": "overbought", "event_params": {"threshold": 70}}
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"indicator": "x"}, {"timeframe": "1m"}, {"params": 5}, {"trigger": 5}, {"event_params": 1}, {"view": "unified"}],
)
def test_wrong_indicators(wrong: dict[str, Any], manager: Inline) -> None:
    """At once, with what is allowed."""
    with pytest.raises(ConfigError):
        manager.start_indicator_socket(**{"codes": "KRW-BTC", "callback": print, "indicator": "rsi", **wrong})


def test_more_indicators_than_a_connection_carries(manager: Inline) -> None:
    """Refused at once: the exchange would refuse the list of all, again and again. What two share counts once."""
    codes = [f"KRW-C{number}" for number in range(60)]
    manager.start_indicator_socket(codes, print, "rsi")
    manager.start_indicator_socket(codes, print, "rsi", name="again")
    manager.start_indicator_socket(codes[:40], print, "macd")
    with pytest.raises(ConfigError, match="100"):
        manager.start_indicator_socket(codes[:1], print, "volume")
    with pytest.raises(ConfigError, match="100"):
        manager.start_indicator_socket(codes, print, "rsi", timeframe="15m")


def test_announcements(manager: Inline) -> None:
    """Categories and texts are each socket's own; the exchange is asked for texts when somebody wants them."""
    manager.begin(manager.start_announcement_socket(manager.into("all")))
    manager.begin(manager.start_announcement_socket(manager.into("trade"), "trade", include_body=True))

    def tell() -> None:
        for number, category in enumerate(("trade", "notice")):
            sends(manager, type="announcement", category=category, title=f"t{number}", body="text")

    manager.at(1, tell)
    manager.run_until(2)
    assert manager.exchange.link.subscriptions == [{"type": "announcement", "include_body": True}]
    assert [(message["title"], "body" in message) for message in manager.got["all"]] == [("t0", False), ("t1", False)]
    assert [(message["title"], message["body"]) for message in manager.got["trade"]] == [("t0", "text")]


def test_a_key_without_the_permission(manager: Inline) -> None:
    """A missing scope is final, and said in words."""
    manager.exchange.refusals.append("OUT_OF_SCOPE")
    manager.begin(manager.start_my_order_socket(manager.into("a"), prime=False))
    manager.run_until(30)
    assert len(manager.wire.attempts) == 1
    error = manager.errors[-1]
    assert isinstance(error, CredentialError)
    assert error.permanent
    assert "view orders" in str(error)


@pytest.mark.parametrize("name", ["OUT_OF_SCOPE", "INVALID_AUTH"])
def test_who_lacks_the_permission_ends_nobody_else(manager: Inline, name: str) -> None:
    """Balances go on though orders are refused, on this link and on the next ones; the health says what is refused."""
    heard: list[str] = []
    manager.begin(manager.start_my_asset_socket(manager.into("assets"), prime=False))

    def orders() -> None:
        manager.exchange.refuses = lambda message: (  # type: ignore[method-assign]
            name if any(each.get("type") == "myOrder" for each in message) else None
        )
        manager.begin(manager.start_my_order_socket(manager.into("orders"), prime=False))

    manager.at(2, orders)
    manager.at(5, lambda: heard.extend(_health(manager, None).reasons))
    manager.at(20, lambda: manager.exchange.link.play([Drop()]))
    manager.at(40, lambda: manager.exchange.link.tell("myAsset", ""))
    manager.run_until(60)
    assert len(manager.got["assets"]) == 1
    assert manager.got["orders"] == []
    assert heard == ["myOrder: the exchange refuses myOrder"]
    assert manager.errors[0].streams == ("myOrder",)
    assert len(manager.exchange.links) == 2
