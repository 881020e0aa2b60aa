"""Patterns that follow what the exchange lists, over real sockets and REST."""

from __future__ import annotations

from typing import Any

import pytest
from e2e.harness import eventually, managed, nothing_left, options

from binance_sockets import ConfigError, SymbolChange, SymbolEvent
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

SOON = options(listing=0.2)


class Heard:
    """A callback that knows which streams have brought something."""

    def __init__(self) -> None:
        self.streams: set[str] = set()

    def __call__(self, message: Any) -> None:
        self.streams.add(message["stream"])


@pytest.mark.parametrize(
    ("product", "start", "suffix"),
    [
        ("spot", "start_multiplex_socket", "trade"),
        ("usdm", "start_futures_multiplex_socket", "aggTrade"),
        ("coinm", "start_coin_futures_multiplex_socket", "aggTrade"),
        ("options", "start_options_multiplex_socket", "optionTrade"),
    ],
)
def test_a_pattern_follows_what_is_listed(product: str, start: str, suffix: str) -> None:
    """What is listed joins, what is delisted leaves, a halt is told and the streams stay."""
    symbols = {
        "spot": ["AAAUSDT", "BBBUSDT", "CCCBTC"],
        "usdm": ["AAAUSDT", "BBBUSDT"],
        "coinm": ["AAAUSD_PERP"],
        "options": ["AAA-261225-100-C", "AAA-261225-100-P"],
    }
    ending = {"spot": "usdt", "usdm": "usdt", "coinm": "_perp", "options": "-c"}[product]
    fresh = {"spot": "DDDUSDT", "usdm": "DDDUSDT", "coinm": "DDDUSD_PERP", "options": "AAA-261225-200-C"}[product]
    first = symbols[product][0]
    with Simulator(symbols=symbols, speed=20.0, seed=5) as sim, nothing_left(sim), managed(sim, SOON) as (manager, _):
        heard, changes = Heard(), list[SymbolChange]()
        manager.add_symbol_listener(changes.append)
        method = getattr(manager, start) if hasattr(manager, start) else manager.start_socket
        key = (
            method([f"*{ending}@{suffix}"], heard)
            if hasattr(manager, start)
            else manager.start_socket([f"*{ending}@{suffix}"], heard, product)
        )
        manager.start()
        manager.wait_open(key)

        def carried() -> set[str]:
            return set(manager.snapshot()["connections"][key]["streams"])

        wanted = {f"{name.lower()}@{suffix}" for name in symbols[product] if name.lower().endswith(ending)}
        assert carried() == wanted
        eventually(lambda: heard.streams >= wanted, "a message of each")
        sim.list_symbol(product, fresh)
        eventually(lambda: f"{fresh.lower()}@{suffix}" in heard.streams, "the new symbol")
        sim.set_symbol_status(product, first, "HALT")
        eventually(lambda: SymbolEvent.HALTED in [change.event for change in changes], "the halt")
        assert f"{first.lower()}@{suffix}" in carried()
        sim.set_symbol_status(product, first, "TRADING")
        eventually(lambda: SymbolEvent.RESUMED in [change.event for change in changes], "its end")
        sim.delist_symbol(product, fresh)
        eventually(lambda: carried() == wanted, "the symbol leaves")
        eventually(lambda: changes[-1].event is SymbolEvent.DELISTED, "that is told")
        told = [(change.symbol, change.event.value) for change in changes]
        assert told == [(fresh, "listed"), (first, "halted"), (first, "resumed"), (fresh, "delisted")]


def test_an_explicit_wish_counts_whatever_the_pattern_says() -> None:
    """Unsubscribed, a symbol stays away; subscribed by name, it stays when the pattern goes."""
    symbols = {"spot": ["AAAUSDT", "BBBUSDT", "CCCBTC"]}
    with Simulator(symbols=symbols, speed=20.0) as sim, managed(sim, SOON) as (manager, record):
        key = str(manager.start_multiplex_socket(["cccbtc@trade", "*USDT@trade"], record.on_message))
        manager.start()
        manager.wait_open(key)

        def carried() -> list[str]:
            return sorted(manager.snapshot()["connections"][key]["streams"])

        assert carried() == ["aaausdt@trade", "bbbusdt@trade", "cccbtc@trade"]
        manager.unsubscribe(key, "aaausdt@trade")
        eventually(lambda: carried() == ["bbbusdt@trade", "cccbtc@trade"], "it leaves")
        manager.subscribe(key, "bbbusdt@trade")
        manager.unsubscribe(key, "*USDT@trade")
        eventually(lambda: carried() == ["bbbusdt@trade", "cccbtc@trade"], "the explicit one stays")
        manager.subscribe(key, "?ccbtc@ticker")
        eventually(lambda: carried() == ["bbbusdt@trade", "cccbtc@ticker", "cccbtc@trade"], "another pattern")
        with pytest.raises(ConfigError, match="no such pattern"):
            manager.unsubscribe(key, "*@depth")
        with pytest.raises(ConfigError, match="does not carry it"):
            manager.unsubscribe(key, "zzzusdt@trade")


def test_a_pattern_that_stands_for_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Beside others that do, too."""
    with Simulator(symbols={"spot": ["AAAUSDT"]}, speed=20.0) as sim, managed(sim, SOON) as (manager, record):
        key = manager.start_multiplex_socket(["*usdt@trade", "*ustd@trade"], record.on_message)
        with pytest.raises(ConfigError, match=r"a list of them; got 5$"):  # nothing about callbacks
            manager.subscribe(key, 5)
        manager.start()
        manager.wait_open(key)
    (told,) = [text for text in caplog.messages if "no listed symbol fits" in text]
    assert told.endswith("no listed symbol fits *ustd@trade")


def test_the_past_of_patterns() -> None:
    """Each pattern counts; the error names what was given."""
    with Simulator(symbols={"spot": ["AAAUSDT"]}) as sim, managed(sim, SOON) as (manager, record):
        with pytest.raises(ConfigError, match=r"got '\*usdt@depth'\. REST has no past"):
            manager.start_multiplex_socket(["*usdt@depth"], record.on_message, history=5)
        assert manager.start_multiplex_socket(["aaausdt@depth", "*usdt@trade"], record.on_message, history=5)


def test_rest_that_fails_is_told_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket is open meanwhile, and waits for what it is to carry."""
    from binance_sockets.exchanges.binance import symbol_sets

    monkeypatch.setattr(symbol_sets, "_SHORTEST", 0.1)
    with Simulator(symbols={"spot": ["AAAUSDT"]}, speed=20.0) as sim, managed(sim, SOON) as (manager, record):
        standing = sim.inject(Fault.HTTP_STATUS, on="rest", status=404)
        key = str(manager.start_multiplex_socket(["*@trade"], record.on_message))
        manager.start()
        record.wait(lambda seen: seen.errors, "a report")
        standing.remove()
        manager.wait_open(key)
        record.wait_messages(1)


@pytest.mark.parametrize(
    "name", ["*@nosuch", "*", "!miniTicker@*", "*usdt", "*@continuousKline_1m", "[be]*@trade", "*[!x]@trade"]
)
def test_what_is_no_pattern_is_refused_at_once(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """In the caller's thread, before anything is opened; nothing is said of a name that nobody gave."""
    with Simulator() as sim, managed(sim) as (manager, record), pytest.raises(ConfigError):
        manager.start_multiplex_socket([name], record.on_message)
    assert [entry for entry in caplog.records if entry.levelname == "WARNING"] == []


def test_a_pattern_with_an_undocumented_value_is_told_as_it_was_given(caplog: pytest.LogCaptureFixture) -> None:
    """The exchange may have new ones."""
    with managed("http://127.0.0.1:1") as (manager, _):
        manager.start_multiplex_socket(["*usdt@depth7"], print)
    assert "stream '*usdt@depth7' is not among the documented ones of spot" in caplog.text


def test_a_pattern_alone_is_refused_at_once() -> None:
    """What a socket of one stream brings has no names: a pattern stands in a list."""
    with managed("http://127.0.0.1:1") as (manager, _), pytest.raises(ConfigError, match="stands in a list"):
        manager.start_socket("*usdt@trade", print)
