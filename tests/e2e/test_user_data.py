"""User data of every product on the embedded exchange: orders, ends of credentials, cuts, a restart, a revoked key."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from e2e.harness import FINAL, Record, eventually, managed, options

from binance_sockets import ApiKey, CredentialChange, RequestTimeout, SocketManager, State, WebSocketAPI
from binance_sockets.exchanges.binance import models as m
from binance_sockets.simulator import Fault, LimitOverrides, Simulator
from binance_sockets.simulator.binance.registrar import DEMO_API_KEY, DEMO_API_SECRET

SECRET = "eSecret0" * 8


@dataclass(frozen=True)
class Case:
    """One method: which wallet's events it brings, and how the exchange ends its credential."""

    method: str
    wallet: str
    ends: str
    arguments: tuple[Any, ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()

    def start(self, manager: SocketManager, record: Record, **more: Any) -> str:
        key = getattr(manager, self.method)(*self.arguments, record.on_message, **dict(self.fields), **more)
        assert isinstance(key, str)
        return key


CASES = [
    Case("start_user_socket", "spot", "streams"),
    Case("start_margin_socket", "margin", "tokens"),
    Case("start_isolated_margin_socket", "isolated/BTCUSDT", "tokens", ("BTCUSDT",)),
    *(
        Case("start_futures_user_socket", "usdm", "keys", (), (("form", form),))
        for form in ("events", "plain", "path", "subscribe")
    ),
    Case("start_coin_futures_user_socket", "coinm", "keys"),
    Case("start_options_user_socket", "options", "keys"),
    Case("start_portfolio_margin_socket", "portfolio", "keys"),
    Case("start_portfolio_margin_pro_socket", "portfolio-pro", "keys"),
    Case("start_margin_risk_socket", "margin-risk", "keys"),
]
names = itertools.count(1)


def named(case: Case) -> str:
    return "-".join([case.method, *(str(value) for _, value in case.fields)])


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols={"spot": ["BTCUSDT"]}, seed=5, limits=LimitOverrides(weight=1_000_000)) as simulator:
        yield simulator


@pytest.fixture
def key(exchange: Simulator) -> Iterator[str]:
    """The API key of an account of its own."""
    name = f"eKey{next(names):04}" * 8
    exchange.accounts.create(name, secret=SECRET, balances={"spot": {"USDT": "100000", "BTC": "2"}})
    yield name
    exchange.clear_faults()


def tell(exchange: Simulator, key: str, case: Case, number: int) -> dict[str, Any]:
    """Have the exchange send an event to the account."""
    event = {"e": "TRADE_LITE" if case.wallet == "usdm" else "balanceUpdate", "E": number, "a": "BTC", "d": "0", "T": 1}
    exchange.accounts.publish(key, case.wallet, event)
    return event


def end(exchange: Simulator, key: str, case: Case) -> None:
    """End the credential before its time."""
    how = {
        "keys": exchange.accounts.expire_listen_keys,
        "tokens": exchange.accounts.expire_tokens,
        "streams": exchange.accounts.end_streams,
    }[case.ends]
    assert how(key) >= 1


def credential_of(manager: SocketManager, conn_key: str) -> dict[str, Any]:
    found = manager.snapshot()["connections"][conn_key]["links"][0]["credential"]
    assert found is not None
    return dict(found)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_an_account_is_followed(exchange: Simulator, key: str, case: Case) -> None:
    """Events arrive bare; a reset, an ended credential and another reset are survived, each with its gap."""
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        conn_key = case.start(manager, record)
        manager.wait_open(conn_key)
        proof = "renewal" if case.ends == "keys" and dict(case.fields).get("form") != "subscribe" else "answer"
        # whichever comes first proves it: a renewal is begun at once where a handshake proves nothing
        proofs = {proof, "renewal"} if dict(case.fields).get("form") == "subscribe" else {proof}
        assert credential_of(manager, conn_key)["proven"] in proofs
        sent = [tell(exchange, key, case, 1)]
        record.wait_messages(1)
        for number, disturb in enumerate(("reset", "end", "reset"), 2):
            if disturb == "end":
                end(exchange, key, case)
            else:
                exchange.inject(Fault.RESET, count=1)
            record.wait(lambda seen, gaps=number - 1: len(seen.gaps) >= gaps, "a gap")  # type: ignore[misc]
            manager.wait_open(conn_key)
            sent.append(tell(exchange, key, case, number))
            record.wait_messages(number)
        assert record.messages == sent
        assert [gap.reason.value for gap in record.gaps] == ["network", "credential", "network"]
        found = credential_of(manager, conn_key)
        assert (found["obtained"], found["failed"], found["ended"]) == (4, 0, 1)


def test_a_restart_of_the_exchange() -> None:
    """All sockets of the account come back by themselves, on credentials made anew."""
    key, keys = DEMO_API_KEY, {"api_key": DEMO_API_KEY, "api_secret": DEMO_API_SECRET}
    with Simulator(seed=5) as exchange, managed(exchange, options(attempts=None), **keys) as (manager, record):
        manager.start()
        chosen = [CASES[0], CASES[1], CASES[3], CASES[7]]
        conn_keys = [case.start(manager, record) for case in chosen]
        for conn_key in conn_keys:
            manager.wait_open(conn_key)
        exchange.stop()
        record.wait(lambda seen: len(seen.into(State.BACKOFF)) >= len(chosen), "all are lost")
        exchange.start()
        record.wait(lambda seen: len(seen.gaps) >= len(chosen), "all are back")
        for number, case in enumerate(chosen):
            tell(exchange, key, case, number)
        record.wait_messages(len(chosen))


@pytest.mark.parametrize("case", CASES[3:7], ids=named)
def test_a_good_handshake_is_not_yet_open(exchange: Simulator, key: str, case: Case) -> None:
    """The private path of USD-M takes any key and may stay silent: open is what the exchange or an event has proven."""
    refusal = exchange.inject(Fault.CREDENTIAL_REFUSED, on="renewal", status=400, code=-1000, msg="not now")
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        conn_key = case.start(manager, record)
        if case.fields[0][1] == "subscribe":  # where the exchange answers SUBSCRIBE, which proves it
            manager.wait_open(conn_key)
            assert credential_of(manager, conn_key)["proven"] == "answer"
            return
        record.wait(lambda told: told.into(State.OPEN), "the handshake")
        with pytest.raises(RequestTimeout, match="open connection"):
            manager.wait_open(conn_key, 0.3)
        assert credential_of(manager, conn_key)["proven"] is None
        assert not manager.snapshot()["connections"][conn_key]["streams"]["user"]["confirmed"]
        refusal.remove()
        manager.wait_open(conn_key)
        assert credential_of(manager, conn_key)["proven"] == "renewal"


def test_an_event_is_a_proof(exchange: Simulator, key: str) -> None:
    """Though REST does not answer."""
    exchange.inject(Fault.CREDENTIAL_REFUSED, on="renewal", status=400, code=-1000, msg="not now")
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        conn_key = CASES[3].start(manager, record)
        record.wait(lambda told: told.into(State.OPEN), "the handshake")
        tell(exchange, key, CASES[3], 1)
        manager.wait_open(conn_key)
        assert credential_of(manager, conn_key)["proven"] == "message"


def test_a_revoked_key_gives_up(exchange: Simulator, key: str) -> None:
    """Another attempt cannot help: the callback hears it once, the listeners the reason."""
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        for case in (CASES[0], CASES[3]):
            manager.wait_open(case.start(manager, record))
        exchange.accounts.revoke(key)
        record.wait(lambda seen: seen.finals == 2, "both give up")
        assert record.messages == [FINAL, FINAL]
        assert all(
            "-2015" in str(report.error) or "-2014" in str(report.error) for report in record.errors if report.final
        )


def test_a_wrong_key_is_refused_at_once(exchange: Simulator) -> None:
    """Neither an unknown key nor a wrong secret is tried again and again."""
    with managed(exchange, api_key="noSuchKey" * 6, api_secret=SECRET) as (manager, record):
        manager.start()
        for case in CASES[:4]:
            case.start(manager, record)
        record.wait(lambda seen: seen.finals == 4, "all give up")
        assert len(record.into(State.BACKOFF)) == 0


def test_a_clock_that_is_wrong(exchange: Simulator, key: str) -> None:
    """The exchange's clock is a minute off: it is measured, and signatures are accepted."""
    exchange.accounts.clock_skew = 60.0
    try:
        with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
            manager.start()
            for case in CASES[:2]:
                manager.wait_open(case.start(manager, record))
    finally:
        exchange.accounts.clock_skew = 0.0


def test_two_accounts_in_one_manager(exchange: Simulator, key: str) -> None:
    """Each callback hears of its own account alone."""
    other = f"eKey{next(names):04}" * 8
    exchange.accounts.create(other, secret="other" + SECRET)
    second = Record()
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.start()
        for case in (CASES[0], CASES[3]):
            manager.wait_open(case.start(manager, record))
            manager.wait_open(case.start(manager, second, account=ApiKey(other, "other" + SECRET)))
            tell(exchange, key, case, 1)
            tell(exchange, other, case, 2)
        record.wait_messages(2)
        second.wait_messages(2)
        assert {event["E"] for event in record.messages} == {1} and {event["E"] for event in second.messages} == {2}


def test_the_life_of_an_order_by_its_events(exchange: Simulator, key: str) -> None:
    """Placed, filled, cancelled: typed events in order; the balances that they tell are the exchange's."""
    with (
        managed(exchange, api_key=key, api_secret=SECRET) as (manager, record),
        WebSocketAPI(environment=exchange.url, api_key=key, api_secret=SECRET) as api,
    ):
        manager.start()
        manager.wait_open(CASES[0].start(manager, record, view="typed"))
        far = api.order_place("BTCUSDT", "BUY", "LIMIT", timeInForce="GTC", quantity="0.01", price="50000")
        api.order_cancel("BTCUSDT", orderId=far["orderId"])
        api.order_place("BTCUSDT", "SELL", "MARKET", quantity="0.02")

        def reports(seen: Record) -> list[m.ExecutionReport]:
            return [event for event in seen.messages if isinstance(event, m.ExecutionReport)]

        record.wait(lambda seen: reports(seen) and reports(seen)[-1].status == "FILLED", "the order is filled")
        steps = [(event.execution_type, event.status) for event in reports(record)]
        assert steps[:3] == [("NEW", "NEW"), ("CANCELED", "CANCELED"), ("NEW", "NEW")]
        assert {step for step, _ in steps[3:]} == {"TRADE"}
        traded = sum(event.last_fill_quantity_decimal for event in reports(record))
        assert traded == reports(record)[-1].filled_quantity_decimal == reports(record)[-1].quantity_decimal

        def told(seen: Record) -> dict[str, tuple[str, str]]:
            positions = [event for event in seen.messages if isinstance(event, m.AccountPosition)]
            return {each.asset: (each.free, each.locked) for event in positions for each in event.balances}

        def same(seen: Record) -> bool:
            held, known = exchange.accounts.balances(key), told(seen)
            return all(tuple(map(float, held[asset])) == tuple(map(float, known[asset])) for asset in ("USDT", "BTC"))

        record.wait(same, "the balances are the exchange's")
        assert not [event for event in record.messages if isinstance(event, dict)]


def test_nothing_secret_is_said(exchange: Simulator, key: str, caplog: pytest.LogCaptureFixture) -> None:
    """Over real sockets, with all loggers open, those of the HTTP library too, and every kind of end."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    secrets = {SECRET, key}
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        manager.add_credential_listener(lambda change: said.append(repr(change)))
        manager.start()
        for case in (CASES[0], CASES[1], CASES[3], CASES[11]):
            conn_key = case.start(manager, record)
            manager.wait_open(conn_key)
            secrets |= set(exchange.accounts.listen_keys(key).values())
            end(exchange, key, case)
            eventually(lambda name=conn_key: credential_of(manager, name)["obtained"] == 2, "a new one")  # type: ignore[misc]
            manager.wait_open(conn_key)
            said.append(json.dumps(manager.snapshot()) + repr(manager) + str(manager.report()))
    secrets |= set(exchange.accounts.listen_keys(key).values())
    text = "\n".join(
        [*said, *map(repr, record.states), *map(repr, record.gaps), *map(repr, record.errors), caplog.text]
    )
    assert len(secrets) >= 5
    assert [secret for secret in secrets if secret in text] == []


def test_steps_are_told(exchange: Simulator, key: str) -> None:
    """Listeners hear of each step, on the connection's thread."""
    steps: list[CredentialChange] = []
    with managed(exchange, api_key=key) as (manager, record):
        manager.add_credential_listener(steps.append)
        manager.start()
        conn_key = CASES[3].start(manager, record)
        manager.wait_open(conn_key)
        assert [change.step.value for change in steps] == ["obtained", "renewed"]
        assert all(change.conn_key == conn_key and change.renew_in is not None for change in steps)


def test_a_key_that_ends_before_it_is_proven(exchange: Simulator, key: str) -> None:
    """The link that was not open yet is changed for one that is: whoever waits for it hears of that."""
    with managed(exchange, api_key=key, api_secret=SECRET) as (manager, record):
        steps: list[CredentialChange] = []
        manager.add_credential_listener(lambda change: record._add(steps, change))
        exchange.inject(Fault.CREDENTIAL_REFUSED, on="renewal", status=503, code=-1001, msg="busy")
        manager.start()
        conn_key = manager.start_futures_user_socket(record.on_message)
        record.wait(lambda _: [step for step in steps if step.error is not None], "the key could not be proven")
        exchange.clear_faults()
        exchange.accounts.expire_listen_keys(key)
        manager.wait_open(conn_key)
        assert credential_of(manager, str(conn_key))["proven"] == "renewal"
