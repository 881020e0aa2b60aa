"""Whatever orders are sent through the doors, good ones and garbled ones, the exchange answers and its books agree."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulator.helpers import LISTED
from simulator.members import Api, Member, by_hmac, spot
from simulator.trading.helpers import BALANCES, EventLedger, Trader
from simulator.trading.test_sessions import _ACTIONS, _MARGIN, SYMBOLS, Session, check, compare

from binance_sockets.simulator import LimitOverrides, Simulator
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading import BY_METHOD

_T = TypeVar("_T")
_NUMBERS = itertools.count()

NAMES = st.sampled_from(
    [
        *("symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "trailingDelta"),
        *("icebergQty", "newClientOrderId", "newOrderRespType", "strategyType", "selfTradePreventionMode", "orderId"),
        *("cancelReplaceMode", "newQty", "pendingType", "aboveType", "sideEffectType", "isIsolated", "asset", "other"),
    ]
)
TEXTS = st.one_of(
    st.sampled_from(["BTCUSDT", "BNBBTC", "NONE", "BUY", "SELL", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "IOC", "FOK"]),
    st.sampled_from(["0", "-1", "0.00001", "1e3", "NaN", "9" * 30, "0.123456789", "\uff19", " ", "", "true", "测试"]),
    st.integers(0, 10**9).map(str),
)
GARBLED = st.one_of(
    st.just(("keep", "", "")),
    st.tuples(st.just("drop"), NAMES, st.just("")),
    st.tuples(st.just("set"), NAMES, TEXTS),
)
REQUESTS = st.lists(st.tuples(st.integers(0, 2**32), GARBLED), min_size=1, max_size=20)
Request = tuple[int, tuple[str, str, str]]


class Remote:
    """What the checks of sessions ask of an exchange, of one that runs."""

    def __init__(self, simulator: Simulator) -> None:
        self.desk: Any = simulator._doors.desks["spot"]
        self.accounts = simulator._doors.accounts

    def find(self, symbol: str) -> BinanceMarket:
        """A market as it is; it does not move by being looked at."""
        market: BinanceMarket = self.desk.listing.market(self.desk.instrument(symbol), self.desk.now())
        return market


class Round:
    """Some requests of two new accounts, one of them on spot and on cross margin, each checked.

    Args:
        simulator: where.
        api: a connection to its WebSocket API.
    """

    def __init__(self, simulator: Simulator, api: Api) -> None:
        self.simulator, self.api = simulator, api
        self.members = [by_hmac(f"fuzz{next(_NUMBERS)}") for _ in range(2)]
        for member, wallet in zip(self.members, ("spot", "margin"), strict=True):
            simulator.accounts.create(member.api_key, **member.arguments, balances={wallet: BALANCES})
        self.answers: Counter[tuple[str, int]] = Counter()
        self.remote = Remote(simulator)
        self.traders = self._on_loop(self._open)
        self.ledgers = [EventLedger(BALANCES), EventLedger(BALANCES), EventLedger({})]

    def _on_loop(self, call: Callable[[], _T]) -> _T:
        return self.simulator.accounts._do(call)

    def _open(self) -> list[Trader]:
        found = [self.remote.accounts.key(member.api_key) for member in self.members]
        first, second = [key.account for key in found if key is not None]
        exchange: Any = self.remote
        return [Trader(exchange, first), Trader(exchange, second, "margin"), Trader(exchange, second)]

    def play(self, requests: list[Request]) -> None:
        """Send them one after the other."""
        try:
            for seed, garbled in requests:
                self._send(random.Random(seed), garbled)
                self._on_loop(self._check)
        finally:
            self._on_loop(self._close)

    def _send(self, rng: random.Random, garbled: tuple[str, str, str]) -> None:
        number = rng.randrange(len(self.traders))
        trader, member = self.traders[number], self.members[min(number, 1)]
        actions = _ACTIONS if trader.wallet == "spot" else _MARGIN
        name, symbol = rng.choice(list(actions)), rng.choice(SYMBOLS)
        exchange: Any = self.remote
        session = Session(exchange, self.traders, rng)
        params = self._on_loop(lambda: {"symbol": symbol, **actions[name](session, trader, symbol)})
        params = _changed({key: str(value) for key, value in params.items() if value is not None}, garbled)
        if trader.wallet == "spot" and rng.random() < 0.5:
            self._over_websocket(member, name, params)
        else:
            self._over_rest(member, name, params)

    def _over_websocket(self, member: Member, method: str, params: Mapping[str, str]) -> None:
        reply = self.api.ask(method, member.signed(**params))
        self._judge("ws", reply["status"], reply.get("error"))

    def _over_rest(self, member: Member, name: str, params: Mapping[str, str]) -> None:
        call = BY_METHOD.get(("spot", name))
        verb, path = call.rest if call is not None and call.rest is not None else name.split()
        answer = member.call(self.simulator, verb, f"/spot{path}", **params)
        self._judge("rest", answer.status_code, None if answer.ok else answer.json())

    def _judge(self, door: str, status: int, error: Any) -> None:
        self.answers[door, status] += 1
        assert status in (200, 400, 409, 429), error
        assert (status == 200) is (error is None)
        assert error is None or (error["code"] < -1000 and error["msg"])

    def _check(self) -> None:
        exchange: Any = self.remote
        check(exchange, self.traders)
        for trader, ledger in zip(self.traders, self.ledgers, strict=True):
            for event in trader.take():
                ledger.read(event)
            compare(exchange, trader, ledger)

    def _close(self) -> None:
        """Leave no order behind, so that the next round is alone."""
        desk = self.remote.desk
        with desk.transaction():
            for trader in self.traders:
                for order in desk.orders(trader.account, trader.wallet).open():
                    if order.is_open:
                        desk.cancel(order, desk.new_client_id())


def _changed(params: dict[str, str], garbled: tuple[str, str, str]) -> dict[str, str]:
    what, name, text = garbled
    if what == "drop":
        params.pop(name, None)
    elif what == "set":
        params[name] = text
    return params


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    limits = LimitOverrides(weight=10**9, connects=10**6)
    with Simulator(symbols=LISTED, seed=5, limits=limits) as running:
        yield running


@pytest.fixture(scope="module")
def api(simulator: Simulator) -> Iterator[Api]:
    with spot(simulator) as connection:
        yield connection


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=REQUESTS)
def test_orders_of_any_kind_leave_every_account_right(simulator: Simulator, api: Api, requests: list[Request]) -> None:
    """Nothing is lost or made, locked is what open orders hold, events tell all of it, and no answer is a 5xx."""
    Round(simulator, api).play(requests)


def test_both_doors_take_and_refuse_orders(simulator: Simulator, api: Api) -> None:
    """Rounds that are refused everything would prove nothing."""
    found = Round(simulator, api)
    found.play([(seed, ("keep", "", "")) for seed in range(120)])
    assert {("ws", 200), ("ws", 400), ("rest", 200), ("rest", 400)} <= set(found.answers)
    assert sum(count for (_, status), count in found.answers.items() if status == 200) > 30
