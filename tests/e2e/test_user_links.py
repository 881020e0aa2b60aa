"""Every fault of links, messages and requests, for user streams: what is promised for market streams holds too."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from e2e.conftest import Tls
from e2e.faults_table import AT_ONCE, CHANGES, DELIVERS, GIVES_UP, RECONNECTS, REPORTS, RETRIES, UNTOUCHED, WAITS, Row
from e2e.harness import FINAL, Record, eventually, managed, nothing_left, options
from e2e.tables import TABLES
from e2e.user_faults_table import KEY, SIGNATURE, Product
from e2e.user_links_table import ROWS, products
from patience import PATIENCE

from binance_sockets import ApiKey
from binance_sockets.errors import CredentialError
from binance_sockets.events import Reason, State
from binance_sockets.faults import Fault
from binance_sockets.simulator import Injection, LimitOverrides, Simulator

pytestmark = pytest.mark.usefixtures("soon")
TITLE = "fault x user streams"
SECRET = "lSecret0" * 8
_LIMITS = LimitOverrides(weight=10_000_000, connects=1_000_000)
_BEFORE = (RETRIES, WAITS, GIVES_UP, AT_ONCE)
_AT_START = (Fault.REPLY_NEVER, Fault.REPLY_ERROR, Fault.REPLY_LATE, Fault.REST_LATE, Fault.LISTEN_KEY_ROTATED)
_SHORT: dict[Fault, dict[str, float]] = {
    Fault.SLOW_ACCEPT: {"connect": 0.3},
    Fault.DRIP: {"connect": 0.3},
    Fault.SILENCE: {"stale": 1.0, "ping": 0.25},
    Fault.REPLY_NEVER: {"ack": 0.5},
}
names = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def exchanges(tls: Tls) -> Iterator[dict[bool, Simulator]]:
    """One without and one with TLS."""
    with (
        Simulator(symbols={"spot": ["BTCUSDT"]}, seed=5, limits=_LIMITS) as plain,
        Simulator(symbols={"spot": ["BTCUSDT"]}, seed=5, limits=_LIMITS, ssl_context=tls.server) as covered,
    ):
        yield {False: plain, True: covered}


class Stream:
    """One account's stream, whose events are made up and numbered."""

    def __init__(self, product: Product, exchange: Simulator, record: Record) -> None:
        self.product, self.exchange, self.record = product, exchange, record
        self.api_key = f"lKey{next(names):04}" * 8
        exchange.accounts.create(self.api_key, secret=SECRET)

    def tell(self, number: int) -> None:
        kind = "TRADE_LITE" if self.product.kind == KEY else "balanceUpdate"
        event = {"e": kind, "E": number, "a": "BTC", "d": "0.1", "T": 1, "n": number}
        self.exchange.accounts.publish(self.api_key, self.product.wallet, event)

    def numbers(self) -> list[int]:
        return [event["n"] for event in list(self.record.messages) if "n" in event]

    def told(self, number: int) -> None:
        """An event is sent and arrives."""
        self.tell(number)
        self.record.wait(lambda _: number in self.numbers(), f"event {number}")


def _cases() -> list[Any]:
    """Every row for one product by default, and for all in the long run."""
    cases = []
    for number, row in enumerate(ROWS):
        concerned = products(row)
        for place, product in enumerate(concerned):
            marks = [pytest.mark.full] * (number % len(concerned) != place)
            cases.append(pytest.param(row, product, marks=marks, id=f"{row.name}-{product.name}".replace(" ", "-")))
    return cases


@pytest.mark.parametrize(("row", "product"), _cases())
def test_every_fault_ends_as_promised_on_user_streams(
    row: Row, product: Product, tls: Tls, exchanges: dict[bool, Simulator]
) -> None:
    """What the client does about this fault is what its row says, and nothing is left behind."""
    exchange = exchanges[row.tls]
    chosen = options(attempts={GIVES_UP: 1, WAITS: 0}.get(row.promise, 5), **_SHORT.get(row.fault, {}))
    chosen = replace(chosen, ssl_context=tls.client) if row.tls else chosen
    try:
        with nothing_left(exchange), managed(exchange, chosen) as (manager, record):
            stream = Stream(product, exchange, record)
            injection = None
            if row.promise in _BEFORE or row.fault in _AT_START:
                injection = exchange.inject(row.fault, count=None if row.promise in (GIVES_UP, AT_ONCE) else 1,
                                            **row.params)  # fmt: skip
            start = getattr(manager, product.method)
            key = start(*product.arguments, record.on_message, account=ApiKey(stream.api_key, SECRET))
            manager.start()
            if row.promise in (GIVES_UP, AT_ONCE):
                manager.join(PATIENCE)
                assert record.messages == [FINAL]
                assert [report.final for report in record.errors] == [True]
                assert isinstance(record.errors[0].error, _how(row, product)[1])
                assert bool(record.into(State.BACKOFF)) is (row.promise == GIVES_UP)
                return
            manager.wait_open(key)
            stream.told(1)
            if injection is None:
                injection = _strike(row, stream)
            if row.promise == CHANGES:
                link = lambda: manager.snapshot()["connections"][key]["links"][0]  # noqa: E731
                eventually(lambda: link()["left"] and not link()["replacing"], "the change")
            if row.promise == RECONNECTS:
                record.wait(lambda seen: seen.gaps, "a gap")
                manager.wait_open(key)
            stream.told(5)
            _as_promised(row, stream, injection)
    finally:
        exchange.clear_faults()
    line = f"{row.name:34} {row.promise}"
    if line not in TABLES[TITLE]:
        TABLES[TITLE].append(line)


def _how(row: Row, product: Product) -> tuple[Reason | None, type[Exception] | tuple[()]]:
    """Why a link is left, and by which error: early faults meet the call for a credential first."""
    if row.fault in (Fault.REFUSE, Fault.TLS_FAILURE) and product.kind != SIGNATURE:
        return Reason.CREDENTIAL, CredentialError
    return row.reason, row.error or ()


def _strike(row: Row, stream: Stream) -> Injection:
    """An open stream meets the fault."""
    if row.fault is Fault.SILENCE:
        standing = stream.exchange.inject(row.fault)
        stream.record.wait(lambda seen: seen.into(State.BACKOFF), "a reaction to silence")
        standing.remove()
        return standing
    injection = stream.exchange.inject(row.fault, count=1, **row.params)
    if row.promise == RECONNECTS:
        if injection.active:
            stream.tell(2)
        return injection
    for number in (2, 3, 4):
        stream.tell(number)
    stream.record.wait(lambda _: 4 in stream.numbers(), "event 4")
    return injection


def _as_promised(row: Row, stream: Stream, injection: Injection) -> None:
    """The link was left as often as is promised, gaps and reports tell of it, and the events are those that came."""
    record, left = stream.record, stream.record.into(State.BACKOFF)
    assert (injection.struck > 0) is (row.promise != UNTOUCHED)
    assert not record.finals
    assert len(left) == (row.promise in (RETRIES, WAITS, RECONNECTS))
    reason, error = _how(row, stream.product)
    for change in left:
        assert change.reason is reason
        assert isinstance(change.error, error)
    assert [gap.reason for gap in record.gaps] == [row.reason] * (row.promise == RECONNECTS)
    reported = row.promise == REPORTS or row.reported
    assert [type(report.error) for report in record.errors] == ([row.error] if reported else [])
    if row.promise in (DELIVERS, REPORTS, UNTOUCHED, CHANGES) and row.fault not in _AT_START:
        assert [number for number in stream.numbers() if number in (2, 3, 4)] == [*row.arrives]
