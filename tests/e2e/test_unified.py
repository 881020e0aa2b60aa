"""The unified view through the manager: shared links, live changes, names of instruments, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from e2e.harness import FINAL, PATIENCE, eventually, managed, nothing_left, options

from binance_sockets import Bars, ConfigError, SocketManager, StreamRetired, unified
from binance_sockets.exchanges.binance.models import Combined
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    with Simulator(speed=50.0, seed=3) as found:
        yield found


@pytest.fixture
def sim(exchange: Simulator) -> Iterator[Simulator]:
    yield exchange
    exchange.clear_faults()


def test_sockets_on_shared_links_get_bare_events(sim: Simulator) -> None:
    """Each its own kind and type of numbers, over one link per type; the last payload is the dict."""
    with nothing_left(sim), managed(sim, replace(options(attempts=0), pool=True)) as (manager, record):
        manager.start_trade_socket("BTCUSDT", record.on_message, view="unified")
        manager.start_symbol_ticker_socket("ETHUSDT", record.on_message, view="unified")
        manager.start_trade_socket("ETHUSDT", record.on_message, view="unified", numbers="decimal")
        manager.start()
        wanted = {("trade", "BTCUSDT", float), ("ticker", "ETHUSDT", float), ("trade", "ETHUSDT", Decimal)}

        def found() -> set[Any]:
            return {(event.type, event.symbol, type(event.price)) for event in record.messages}

        eventually(lambda: found() == wanted, "all three")
        assert len(sim.connections) == 2
        assert all(event.received_ns > 10**18 for event in record.messages)
        sim.inject(Fault.REFUSE)
        sim.inject(Fault.RESET)
        record.wait(lambda record: record.messages.count(FINAL) == 3, "the last payload of each")


def test_a_socket_of_several_streams_wraps_events_and_refuses_what_has_no_form(sim: Simulator) -> None:
    """At start, when more is subscribed, and behind a pattern; then nothing changes."""
    with managed(sim) as (manager, record):
        with pytest.raises(ConfigError, match="btcusdt@avgPrice has no unified form"):
            manager.start_multiplex_socket(["btcusdt@trade", "btcusdt@avgPrice"], print, view="unified")
        with pytest.raises(ConfigError, match="no unified form"):
            manager.start_multiplex_socket(["*usdt@avgPrice"], print, view="unified")
        with pytest.raises(ConfigError, match="no unified form"):
            manager.start_average_price_socket("BTCUSDT", print, view="unified")  # type: ignore[call-overload]
        with pytest.raises(StreamRetired):
            manager.start_socket("!ticker@arr", print, view="unified")
        key = manager.start_multiplex_socket(["btcusdt@trade", "eth*@trade"], record.on_message, view="unified")
        manager.start()
        manager.wait_open(key, PATIENCE)
        with pytest.raises(ConfigError, match="no unified form"):
            manager.subscribe(key, ["btcusdt@referencePrice"])
        with pytest.raises(ConfigError, match="no unified form"):
            manager.subscribe(key, ["*usdt@avgPrice"])
        manager.subscribe(key, ["btcusdt@depth5"])
        eventually(lambda: {"trade", "depth"} <= {each.data.type for each in record.messages}, "both kinds")
        assert all(isinstance(each, Combined) for each in record.messages)
        assert {each.stream for each in record.messages if each.data.type == "depth"} == {"btcusdt@depth5"}


def test_microseconds_and_closed_candles(sim: Simulator) -> None:
    """Times keep their digits, and the filter of closed candles knows neutral ones."""
    with managed(sim) as (manager, record):
        manager.start_kline_socket("BTCUSDT", record.on_message, "1s", closed_only=True, view="unified", time_unit="us")
        manager.start()
        record.wait_messages(3)
        assert all(candle.is_closed and candle.interval == "1s" for candle in record.messages)
        opened = [candle.open_time_ns for candle in record.messages]
        assert opened == sorted(set(opened)) and all(time % 10**9 == 0 for time in opened)


def test_the_past_comes_first_with_its_mark(sim: Simulator) -> None:
    """Trades over REST, then those of the stream, without a hole between them; bars are made of both."""
    bars: list[Any] = []
    maker = Bars(bars.append, trades=10)
    seen: list[unified.Trade] = []

    def on_trade(trade: unified.Trade) -> None:
        seen.append(trade)
        maker(trade)

    with managed(sim) as (manager, _):
        manager.start_aggtrade_socket("BTCUSDT", on_trade, history=40, view="unified")
        manager.start()
        eventually(lambda: len(seen) > 45, "trades of both kinds")
    assert seen[0].backfilled and sum(trade.backfilled for trade in seen) > 20 and not seen[-1].backfilled
    numbers = [trade.id for trade in seen]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert bars and all(bar.missing == 0 for bar in bars)


def test_the_exchanges_list_names_instruments(sim: Simulator) -> None:
    """Also for a socket that is open, and for products whose symbols tell it anyway."""
    sim.list_symbol("spot", "ADAEUR")
    with managed(sim) as (manager, record):
        manager.start_symbol_ticker_socket("ADAEUR", record.on_message, view="unified")
        manager.start()
        record.wait_messages(1)
        assert record.messages[0].instrument is None
        manager.load_instruments()
        eventually(lambda: record.messages[-1].instrument == "ADA/EUR", "the name")
        for product in ("usdm", "coinm", "options"):
            manager.load_instruments(product)
        with pytest.raises(ConfigError):
            manager.load_instruments("margin")


def test_a_list_that_cannot_be_had_is_said() -> None:
    """As one of this package's errors."""
    with pytest.raises(Exception, match="exchangeInfo") as caught:
        SocketManager(environment="http://127.0.0.1:9").load_instruments()
    assert type(caught.value).__module__ == "binance_sockets.errors"
