"""The library's own client trades futures on the embedded exchange: requests on one socket, events on another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from e2e.harness import Record, managed

from binance_sockets import ExchangeError, SocketManager, WebSocketAPI
from binance_sockets.exchanges.binance import models as m
from binance_sockets.simulator import LimitOverrides, Simulator

SECRET = "fSecret0" * 8
START = {"usdm": "start_futures_user_socket", "coinm": "start_coin_futures_user_socket"}
SYMBOL = {"usdm": "BTCUSDT", "coinm": "BTCUSD_PERP"}
LOT = {"usdm": Decimal("0.001"), "coinm": Decimal(1)}
names = itertools.count(1)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols={"usdm": ["BTCUSDT"], "coinm": ["BTCUSD_PERP"]}, seed=5,
                   limits=LimitOverrides(weight=1_000_000)) as simulator:  # fmt: skip
        yield simulator


class Trader:
    """An account with a socket for requests."""

    def __init__(self, exchange: Simulator, product: str) -> None:
        self.exchange, self.product, self.symbol = exchange, product, SYMBOL[product]
        self.key = f"fKey{next(names):04}" * 8
        balances = {"usdm": {"USDT": "100000"}, "coinm": {"BTC": "1"}}
        exchange.accounts.create(self.key, secret=SECRET, balances=balances)
        self.api = WebSocketAPI(environment=exchange.url, api_key=self.key, api_secret=SECRET, product=product)

    def order(self, side: str, lots: int, price: Decimal | None = None, **more: Any) -> dict[str, Any]:
        kind: dict[str, Any] = {"type": "MARKET"} if price is None else {"type": "LIMIT", "price": price}
        answer = self.api.order_place(symbol=self.symbol, side=side, quantity=lots * LOT[self.product], **kind, **more)
        assert isinstance(answer, dict)
        return answer


@pytest.fixture(params=["usdm", "coinm"])
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def traders(exchange: Simulator, product: str) -> Iterator[tuple[Trader, Trader]]:
    pair = Trader(exchange, product), Trader(exchange, product)
    yield pair
    for trader in pair:
        trader.api.close()


def following(manager: SocketManager, record: Record, product: str, **more: Any) -> None:
    manager.start()
    manager.wait_open(getattr(manager, START[product])(record.on_message, **more))


def reports(record: Record, order_id: int) -> list[tuple[str, str]]:
    """What was told of an order: execution and status."""
    rows = [row["o"] for row in list(record.messages) if row["e"] == "ORDER_TRADE_UPDATE"]
    return [(row["x"], row["X"]) for row in rows if row["i"] == order_id]


def below(trader: Trader) -> Decimal:
    """A price at which nobody sells: the one below the last by a part in a thousand."""
    answer = trader.order("BUY", 1, newOrderRespType="RESULT")
    status = trader.api.order_status(symbol=trader.symbol, orderId=answer["orderId"])
    return Decimal(status["avgPrice"]).quantize(Decimal("0.1")) * 999 // 1000


def test_an_order_is_placed_partly_filled_and_filled(
    exchange: Simulator, product: str, traders: tuple[Trader, Trader]
) -> None:
    """The maker is told NEW, every part and the end; position and balance of the stream are those of the exchange."""
    maker, taker = traders
    with managed(exchange, api_key=maker.key, api_secret=SECRET) as (manager, record):
        following(manager, record, product)
        price = below(maker)
        number = maker.order("BUY", 5000, price, timeInForce="GTX")["orderId"]
        while ("TRADE", "FILLED") not in reports(record, number):
            taker.order("SELL", 1500, price, timeInForce="IOC")
            done = maker.api.order_status(symbol=maker.symbol, orderId=number)
            if done["status"] == "FILLED":
                record.wait(lambda seen: ("TRADE", "FILLED") in reports(seen, number), "the last fill")
        told = reports(record, number)
        assert told[0] == ("NEW", "NEW")
        assert told[-1] == ("TRADE", "FILLED")
        assert set(told[1:-1]) == {("TRADE", "PARTIALLY_FILLED")}
        events = list(record.messages)
        assert ("TRADE_LITE" in {row["e"] for row in events}) == (product == "usdm")
        last = [row["a"] for row in events if row["e"] == "ACCOUNT_UPDATE"][-1]
        assert Decimal(last["P"][0]["pa"]) == 5001 * LOT[product]
        balances = {row["asset"]: row for row in maker.api.account_balance()}
        assert Decimal(balances[last["B"][0]["a"]]["balance"]) == Decimal(last["B"][0]["wb"])


def test_an_order_is_cancelled_and_refused(exchange: Simulator, product: str, traders: tuple[Trader, Trader]) -> None:
    """CANCELED is told; what the exchange refuses raises its code, and nothing is told of it."""
    maker, _ = traders
    with managed(exchange, api_key=maker.key, api_secret=SECRET) as (manager, record):
        following(manager, record, product)
        price = below(maker)
        number = maker.order("BUY", 10, price * 9 // 10, timeInForce="GTC")["orderId"]
        maker.api.order_modify(
            symbol=maker.symbol, orderId=number, side="BUY", quantity=20 * LOT[product], price=price * 9 // 10
        )
        maker.api.order_cancel(symbol=maker.symbol, orderId=number)
        record.wait(lambda seen: ("CANCELED", "CANCELED") in reports(seen, number), "the cancel")
        assert reports(record, number) == [("NEW", "NEW"), ("AMENDMENT", "NEW"), ("CANCELED", "CANCELED")]
        told = len(record.messages)
        for order, code in (
            ({"type": "STOP_MARKET", "stopPrice": price}, -4120),
            ({"type": "LIMIT", "price": price * 2, "timeInForce": "GTX"}, -4016),
            ({"type": "MARKET", "quantity": 40_000 * LOT[product]}, -2019),
        ):
            fields = {"symbol": maker.symbol, "side": "BUY", "quantity": LOT[product] * 10, **order}
            with pytest.raises(ExchangeError) as caught:
                maker.api.request("order.place", {name: str(value) for name, value in fields.items()})
            assert caught.value.error_code == code
        assert len(record.messages) == told


def test_typed_events_tell_who_closed_a_position(
    exchange: Simulator, product: str, traders: tuple[Trader, Trader]
) -> None:
    """A liquidation, ADL and a delivery are recognised by the order's origin; funding by its reason."""
    trader, _ = traders
    accounts, symbol = exchange.accounts, trader.symbol
    with managed(exchange, api_key=trader.key, api_secret=SECRET) as (manager, record):
        following(manager, record, product, view="typed")
        for close, origin in (
            (accounts.liquidate, m.OrderOrigin.LIQUIDATION),
            (accounts.deleverage, m.OrderOrigin.ADL),
            (accounts.settle, m.OrderOrigin.SETTLEMENT),
        ):
            trader.order("BUY", 10)
            assert accounts.fund(symbol, "0.0001", product) >= 1
            assert accounts.margin_call(trader.key, symbol, product) == 1
            assert close(trader.key, symbol, product) == 1
            record.wait(
                lambda seen, wanted=origin: any(  # type: ignore[misc]
                    getattr(row, "order", None) is not None and row.order.origin is wanted
                    for row in list(seen.messages)
                ),
                str(origin),
            )
        assert {type(row).__name__ for row in record.messages} >= {"FuturesAccountUpdate", "MarginCall"}
        with pytest.raises(ValueError, match="Invalid symbol"):
            accounts.liquidate(trader.key, "NOSUCH", product)
        with pytest.raises(ValueError, match="product"):
            accounts.fund(symbol, product="spot")


def test_a_stop_of_the_algo_service_is_followed(exchange: Simulator) -> None:
    """Over the WebSocket API of USD-M: placed, told, cancelled."""
    trader = Trader(exchange, "usdm")
    with managed(exchange, api_key=trader.key, api_secret=SECRET) as (manager, record):
        following(manager, record, "usdm")
        price = below(trader)
        stop = trader.api.algo_order_place(
            "CONDITIONAL", trader.symbol, "SELL", "STOP_MARKET", quantity=Decimal("0.001"), triggerPrice=price * 8 // 10
        )
        trader.api.algo_order_cancel(algoId=stop["algoId"])
        record.wait(lambda seen: sum(row["e"] == "ALGO_UPDATE" for row in seen.messages) == 2, "the cancel")
        rows = [row["o"] for row in record.messages if row["e"] == "ALGO_UPDATE"]
        assert [row["X"] for row in rows] == ["NEW", "CANCELED"]
        assert {row["aid"] for row in rows} == {stop["algoId"]}
    trader.api.close()
