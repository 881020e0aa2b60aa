"""Faults of the network, of which the exchange knows nothing: every message is accounted for."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.harness import eventually, managed, nothing_left, options
from fault_proxy import FaultProxy
from soak_accounts import Account, FollowedBook

from binance_sockets import Recorder
from binance_sockets.cli import main
from binance_sockets.events import Reason, State
from binance_sockets.simulator import LimitOverrides, Simulator

STREAMS = ["btcusdt@trade", "ethusdt@trade", "btcusdt@depth@100ms"]
FUTURES = ["btcusdt@bookTicker", "ethusdt@bookTicker", "btcusdt@depth@100ms"]
FAULTS = {
    "half-open": (FaultProxy.silence, {Reason.STALE}),
    "cut in the first byte": (lambda proxy: proxy.cut_after(1), {Reason.NETWORK}),
    "cut in mid-frame": (lambda proxy: proxy.cut_after(777), {Reason.NETWORK}),
    "slow": (lambda proxy: proxy.slow(40), set()),
}


@pytest.fixture(scope="module")
def busy() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    limits = LimitOverrides(weight=1_000_000, connects=1_000_000)
    with Simulator(speed=20.0, seed=3, limits=limits) as sim:
        yield sim


@pytest.mark.parametrize(("product", "names"), [("spot", STREAMS), ("usdm", FUTURES)], ids=["spot", "usdm"])
@pytest.mark.parametrize(("fault", "reasons"), FAULTS.values(), ids=FAULTS)
def test_every_message_is_accounted_for(
    fault: Callable[[FaultProxy], None],
    reasons: set[Reason],
    product: str,
    names: list[str],
    busy: Simulator,
    tmp_path: Path,
) -> None:
    """A link that is half-open or cut is left for the right reason, and what is missing lies in a reported gap; a slow
    one is kept, and loses nothing."""
    opts = options(attempts=None, stale=0.5)
    record = busy.record(tmp_path / "sent", product, names)
    with nothing_left(busy), FaultProxy(busy.port) as proxy, Recorder(tmp_path / "came") as recorder:
        address = busy.environment.replace(str(busy.port), str(proxy.port))
        with managed(address, opts) as (manager, heard):
            recorder.attach(manager)
            key = recorder.start(manager.start_multiplex_socket, names, product=product, then=heard.on_message)
            manager.start()
            manager.wait_open(key)
            heard.wait_messages(20)
            fault(proxy)
            if reasons:
                heard.wait(lambda all: all.into(State.BACKOFF), "the link is lost")
                proxy.heal()
                heard.wait(lambda all: all.gaps, "the gap is told")
            else:
                heard.wait_messages(len(heard.messages) + 20)
                proxy.heal()
            heard.wait_messages(len(heard.messages) + 50)
            assert {change.reason for change in heard.into(State.BACKOFF)[:1]} == reasons  # then the next attempts
            assert not heard.finals
    record.close()
    assert main(["audit", str(tmp_path / "sent"), str(tmp_path / "came")]) == 0


def _followed() -> list[Any]:
    """Each fault for one account or book by default, so that each product has both; all in the long run."""
    kinds = list(itertools.product(("spot", "usdm"), (Account, FollowedBook)))
    return [
        pytest.param(
            *FAULTS[name], product, kind, id=f"{name}-{product}-{kind.__name__}",
            marks=[pytest.mark.full] * (number != place),
        )
        for number, name in enumerate(FAULTS)
        for place, (product, kind) in enumerate(kinds)
    ]  # fmt: skip


@pytest.mark.parametrize(("fault", "reasons", "product", "kind"), _followed())
def test_accounts_and_books_are_right_afterwards(
    fault: Callable[[FaultProxy], None],
    reasons: set[Reason],
    product: str,
    kind: type[Account] | type[FollowedBook],
    busy: Simulator,
) -> None:
    """What an account's stream told is the exchange's ledger, and a book is what a new snapshot says."""
    rng = random.Random(1)
    with nothing_left(busy), FaultProxy(busy.port) as proxy:
        address = busy.environment.replace(str(busy.port), str(proxy.port))
        with managed(address, options(attempts=None, stale=0.5, ping=0.1)) as (manager, heard):
            manager.start()
            followed = Account(busy, manager, product) if kind is Account else FollowedBook(manager, product)
            manager.wait_open(followed.key)
            for step in range(12):
                if step == 4:
                    fault(proxy)
                if isinstance(followed, Account):
                    followed.act(rng)
            if reasons:
                heard.wait(lambda all: all.into(State.BACKOFF), "the link is lost")
            proxy.heal()
            manager.wait_open(followed.key)
            followed.settle()
            assert reasons <= {change.reason for change in heard.into(State.BACKOFF)}
            assert not heard.finals


def test_an_end_that_comes_after_the_next_connection(busy: Simulator) -> None:
    """The end of the old WebSocket arrives when the new one is long open: it ends nothing that lives."""
    with nothing_left(busy), FaultProxy(busy.port) as proxy:
        address = busy.environment.replace(str(busy.port), str(proxy.port))
        with managed(address, options()) as (manager, heard):
            key = manager.start_multiplex_socket(STREAMS, heard.on_message)
            manager.start()
            manager.wait_open(key)
            heard.wait_messages(5)
            proxy.late_ends()
            manager.reconnect(key)
            eventually(lambda: manager.snapshot()["connections"][key]["reconnects"] == 1, "the planned change")
            heard.wait_messages(len(heard.messages) + 20)
            proxy.heal()
            heard.wait_messages(len(heard.messages) + 20)
            assert not heard.gaps
            assert not heard.into(State.BACKOFF)
            assert manager.snapshot()["connections"][key]["reconnects"] == 1
