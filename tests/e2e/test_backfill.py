"""Losses that are filled, and histories that join, over real sockets and REST."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from e2e.harness import eventually, managed, nothing_left, options
from e2e.tables import TABLES

from binance_sockets import BackfillFailed, ConfigError, unified
from binance_sockets.events import Reason, State
from binance_sockets.exchanges.binance import urls
from binance_sockets.faults import Fault
from binance_sockets.simulator import LimitOverrides, Simulator
from binance_sockets.simulator.market import candles

MANY = LimitOverrides(connects=100_000, weight=10_000_000)
MINUTE = 60_000
RESETS = "unplanned resets under load"
LOSSY = options(attempts=None, initial=0.1)  # long enough without a link that something is missed


@pytest.fixture(scope="module")
def busy() -> Iterator[Simulator]:
    """An exchange whose time runs fast, and that one may ask as often as one likes."""
    with pytest.MonkeyPatch.context() as patch, Simulator(speed=200.0, seed=7, limits=MANY) as sim:
        for share in ("_EACH", "_MOST", "_LIMIT"):
            patch.setattr(urls, share, 10_000.0)
        patch.setattr(candles, "KEPT", 10_000)  # where the machine pauses for ten seconds, two thousand candles pass
        yield sim


@contextlib.contextmanager
def awake(sim: Simulator, *streams: str) -> Iterator[None]:
    """Somebody else listens: a market that nobody looks at sleeps, and nothing can be missed."""
    with managed(sim) as (manager, record):
        manager.start_socket(list(streams), record.on_message)
        manager.start()
        record.wait_messages(1)
        yield


class Sequence:
    """A callback that notes the number of each message, in any view, and how many came over REST."""

    def __init__(self) -> None:
        self.numbers: dict[str, list[int]] = {}
        self.rest = 0
        self.live = threading.Event()

    def __call__(self, message: Any) -> None:
        if isinstance(message, bytes):
            message = msgspec.json.decode(message)
        elif isinstance(message, msgspec.Struct):
            data = getattr(message, "data", message)
            if isinstance(data, unified.Event):
                if isinstance(data, unified.Trade):
                    kind, letter = ("aggTrade", "a") if data.kind == "aggregate" else ("trade", "t")
                    self._note({"e": kind, "s": data.symbol, letter: data.id}, data.backfilled)
                return
            self._note(msgspec.to_builtins(data), bool(data.extra.get("backfilled")))
            return
        data = message.get("data", message)
        self._note(data, data.get("backfilled") is True)

    def _note(self, data: dict[str, Any], rest: bool) -> None:
        if data["e"] in ("trade", "aggTrade"):
            self.numbers.setdefault(f"{data['s']} {data['e']}", []).append(data["t" if data["e"] == "trade" else "a"])
            self.rest += rest
            if not rest:
                self.live.set()

    @property
    def count(self) -> int:
        """How many came."""
        return sum(map(len, self.numbers.values()))

    def whole(self) -> bool:
        """Each stream has every number once, in order."""
        return all(ids == list(range(ids[0], ids[0] + len(ids))) for ids in self.numbers.values())


def resets(sim: Simulator, view: str, times: int) -> None:
    """So many unplanned ends of a link under load; every id of every trade stream must come."""
    seen = Sequence()
    names = ["btcusdt@trade", "btcusdt@aggTrade", "ethusdt@trade", "btcusdt@depth@100ms"]
    busy = awake(sim, "btcusdt@trade", "ethusdt@trade")
    with nothing_left(sim), busy, managed(sim, LOSSY) as (manager, record):
        key = manager.start_multiplex_socket(names, seen, backfill=True, view=view)
        assert key
        manager.start()
        manager.wait_open(key)
        filling = manager._core.connections[key].links[0].losses._filling
        eventually(lambda: len(seen.numbers) == 3, "trades of every stream")
        for number in range(times):
            if not number % 3:  # the next loss comes while this one is being filled
                sim.inject(Fault.REST_LATE, product="spot", path="/spot/api/v3/historicalTrades", delay=0.3, count=1)
            sim.inject(Fault.RESET, stream=names[-1], count=1)
            eventually(
                lambda done=number + 1: manager.snapshot()["connections"][key]["reconnects"] >= done, "another link"
            )
            manager.wait_open(key)
            if number % 3:
                eventually(lambda: not filling.open, "the end of the hole")
        behind = {name: ids[-1] for name, ids in seen.numbers.items()}
        eventually(lambda: all(seen.numbers[name][-1] > behind[name] + 20 for name in behind), "trades behind the end")
        eventually(lambda: not filling.open, "the end of the last hole")
        manager.stop_socket(key)
        assert {name for gap in record.gaps for name in gap.streams} == {"btcusdt@depth@100ms"}
    assert seen.whole(), seen.numbers
    assert seen.rest > times
    TABLES[RESETS].append(f"backfill    {times:>4} resets {seen.count:>8,} trades, each once; over REST {seen.rest:,}")


@pytest.mark.parametrize(
    ("view", "times"),
    [
        ("dict", 6),
        ("typed", 3),
        pytest.param("raw", 3, marks=pytest.mark.full),
        pytest.param("unified", 3, marks=pytest.mark.full),
    ],
)
def test_every_trade_comes_once_and_in_order(busy: Simulator, view: str, times: int) -> None:
    """Unplanned resets under load: all ids in order; gaps are reported of the book alone, which REST cannot fill."""
    resets(busy, view, times)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_every_trade_comes_through_two_hundred_resets(busy: Simulator) -> None:
    """The same at length."""
    resets(busy, "dict", 200)


def trades_of(busy: Simulator, method: str, count: int, **arguments: Any) -> Sequence:
    seen = Sequence()
    with managed(busy) as (manager, record):
        assert getattr(manager, method)(callback=seen, **arguments)
        manager.start()
        eventually(lambda: any(len(ids) > count for ids in seen.numbers.values()) and seen.live.is_set(), "live trades")
        assert not record.gaps, record
    assert seen.whole(), seen.numbers
    return seen


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("start_trade_socket", {"symbol": "BTCUSDT"}),
        ("start_trade_socket", {"symbol": "BTCUSDT", "time_unit": "us", "view": "typed"}),
        ("start_aggtrade_socket", {"symbol": "BTCUSDT", "view": "raw"}),
        pytest.param("start_aggtrade_futures_socket", {"symbol": "BTCUSDT", "view": "typed"}, marks=pytest.mark.full),
        ("start_aggtrade_futures_socket", {"symbol": "BTCUSD_PERP", "futures_type": "coinm"}),
    ],
)
def test_history_of_trades_joins(busy: Simulator, method: str, arguments: dict[str, Any]) -> None:
    """The number asked for comes over REST, or some more; then live; every id once."""
    seen = trades_of(busy, method, 50, history=50, **arguments)
    assert seen.rest >= 50 or min(ids[0] for ids in seen.numbers.values()) > 0


def test_history_longer_than_a_page(busy: Simulator) -> None:
    """More than REST tells at once comes in several answers."""
    trades_of(busy, "start_trade_socket", 1200, symbol="BTCUSDT")  # until there is so much of it
    seen = trades_of(busy, "start_trade_socket", 1200, symbol="BTCUSDT", history=1200)
    assert seen.rest > 1000


@pytest.mark.parametrize("method", ["start_trade_socket", "start_aggtrade_socket"])
def test_history_from_a_time(busy: Simulator, method: str) -> None:
    """Single trades have no time over REST: they are found through the aggregate ones."""
    first: list[dict[str, Any]] = []
    with managed(busy) as (manager, _):
        getattr(manager, method)("BTCUSDT", first.append, history=1)
        manager.start()
        eventually(lambda: len(first) > 20, "trades")
    seen: list[dict[str, Any]] = []
    since = first[3]["T"]
    with managed(busy) as (manager, _):
        getattr(manager, method)("BTCUSDT", seen.append, history=since)
        manager.start()
        eventually(lambda: seen and "backfilled" not in seen[-1], "a live trade")
    assert since <= seen[0]["T"] <= first[4]["T"]
    field = "t" if "start_trade" in method else "a"
    assert [each[field] for each in seen] == list(range(seen[0][field], seen[0][field] + len(seen)))


CANDLES = [
    ("start_kline_socket", {"symbol": "BTCUSDT", "interval": "1s"}),
    ("start_kline_socket", {"symbol": "BTCUSDT", "interval": "1m", "view": "typed"}),
    pytest.param(
        "start_kline_socket", {"symbol": "BTCUSDT", "interval": "1m", "timezone": "+08:00"}, marks=pytest.mark.full
    ),
    ("start_symbol_kline_futures_socket", {"symbol": "BTCUSDT", "interval": "1m", "view": "raw"}),
    ("start_symbol_kline_futures_socket", {"symbol": "BTCUSD_PERP", "interval": "1m", "futures_type": "coinm"}),
    pytest.param(
        "start_kline_futures_socket", {"symbol": "BTCUSDT", "interval": "1m", "view": "typed"}, marks=pytest.mark.full
    ),
    ("start_index_price_kline_socket", {"pair": "BTCUSD", "interval": "1m"}),
    ("start_mark_price_kline_socket", {"symbol": "BTCUSD_PERP", "interval": "1m", "view": "typed"}),
    ("start_options_kline_socket", {"interval": "1m"}),
]


def candle_of(message: Any) -> tuple[int, bool, int, bool]:
    """Begin, whether it is closed, trades in it, whether it came over REST."""
    if isinstance(message, bytes):
        message = msgspec.json.decode(message)
    rest = False
    if isinstance(message, msgspec.Struct):
        rest = "backfilled" in message.extra
        message = msgspec.to_builtins(message)
    candle = message["k"]
    return candle["t"], candle["x"], candle["n"], rest or "backfilled" in message


@pytest.mark.parametrize(("method", "arguments"), CANDLES)
def test_history_of_candles_joins(busy: Simulator, method: str, arguments: dict[str, Any]) -> None:
    """Each candle follows the one before, which is closed before the next begins, and none is set back."""
    if method == "start_options_kline_socket":
        arguments = {**arguments, "symbol": busy.symbols["options"][0]}
    seen: list[Any] = []
    with managed(busy) as (manager, record):
        wanted = 100  # of candles of a minute 3 are over in a second: some must be left when a late answer comes
        assert getattr(manager, method)(callback=seen.append, history=wanted, **arguments)
        manager.start()
        eventually(lambda: len(seen) >= 5, "candles")
        if method != "start_options_kline_socket":  # they are traded rarely
            eventually(
                lambda: len({candle_of(each)[0] for each in list(seen)}) > 6 and not candle_of(seen[-1])[3],
                "the next candles",
            )
        assert not record.gaps, record
    candles = [candle_of(each) for each in seen]
    length = 1000 if arguments["interval"] == "1s" else MINUTE
    assert candles[0][-1] is True  # the last ones may come live before the answer does: candles are short here
    begins = list(dict.fromkeys(begin for begin, *_ in candles))
    assert begins == list(range(begins[0], begins[0] + len(begins) * length, length))
    assert [begin for begin, *_ in candles] == sorted(begin for begin, *_ in candles)
    for begin in begins[:-1]:
        own = [(closed, count) for each, closed, count, _ in candles if each == begin]
        assert own[-1][0], (begin, own)
        assert own == sorted(own)


def test_a_callback_may_rewrite_what_it_is_given(busy: Simulator) -> None:
    """A script that shifts the times of candles to its own zone misses none of them, and gets none twice."""
    begins: list[int] = []
    shift = 9 * 3_600_000

    def on_kline(message: dict[str, Any]) -> None:
        begins.append(message["k"]["t"])
        message["k"]["t"] += shift

    def more_than(count: int) -> None:
        eventually(lambda: len(begins) > count, "candles")

    with awake(busy, "btcusdt@trade"), managed(busy, LOSSY) as (manager, record):
        key = manager.start_kline_socket("BTCUSDT", on_kline, interval="1s", history=3, backfill=True)
        assert key
        manager.start()
        for reconnects in range(2):
            more_than(len(begins) + 20)
            busy.inject(Fault.RESET, stream=key, count=1)
            eventually(
                lambda done=reconnects: manager.snapshot()["connections"][key]["reconnects"] > done, "another link"
            )
        more_than(len(begins) + 20)
        assert not record.gaps and not record.errors, record
    whole = sorted(set(begins))
    assert [begin for begin, _ in itertools.groupby(begins)] == whole == list(range(whole[0], whole[-1] + 1000, 1000))


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": Fault.HTTP_STATUS, "on": "rest", "status": 429, "retry_after": 30},
        {"fault": Fault.HTTP_STATUS, "on": "rest", "status": 404},
        pytest.param({"fault": Fault.HTTP_STATUS, "on": "rest", "status": 418}, marks=pytest.mark.full),
        pytest.param({"fault": Fault.HTTP_STATUS, "on": "rest", "status": 500}, marks=pytest.mark.full),
        pytest.param(
            {"fault": Fault.REST_LATE, "path": "/spot/api/v3/historicalTrades", "delay": 30.0}, marks=pytest.mark.full
        ),
    ],
    ids=["429", "404", "418", "500", "late"],
)
def test_rest_that_refuses_is_a_gap_and_the_stream_goes_on(fault: dict[str, Any]) -> None:
    """The report says which ids are missing and why; what waited is delivered behind it."""
    with Simulator(seed=3, speed=200.0, limits=MANY) as sim, awake(sim, "btcusdt@trade"):
        refused(sim, fault)


def refused(sim: Simulator, fault: dict[str, Any]) -> None:
    """Lose a link while REST has a fault."""
    with managed(sim, LOSSY) as (manager, record):
        seen = Sequence()
        names = ["btcusdt@trade", "btcusdt@avgPrice"]
        key = manager.start_multiplex_socket(names, seen, backfill=True)
        assert key
        manager.start()
        eventually(lambda: sum(map(len, seen.numbers.values())) > 5, "trades")
        sim.inject(product="spot", **fault)
        filling = manager._core.connections[key].links[0].losses._filling
        while not (gaps := [gap for gap in record.gaps if gap.streams == (names[0],)]):  # until a trade is missed
            done = manager.snapshot()["connections"][key]["reconnects"]
            sim.inject(Fault.RESET, stream=names[-1], count=1)
            eventually(lambda done=done: manager.snapshot()["connections"][key]["reconnects"] > done, "another link")
            manager.wait_open(key)
            eventually(lambda: not filling.open, "the end of the hole")
        gap = gaps[0]
        assert gap.reason is Reason.NETWORK
        assert isinstance(gap.error, BackfillFailed)
        (part,) = gap.ids
        ids = seen.numbers["BTCUSDT trade"]
        eventually(lambda: ids[-1] >= (part.first_id or part.last_id + 1), "the stream goes on")
    place = ids.index(part.last_id)
    assert ids[place + 1] > part.last_id + 1
    assert part.first_id in (None, ids[place + 1])


def lose_while_quiet(sim: Simulator, manager: Any, key: str, record: Any) -> None:
    """Lose the link of a socket whose symbol was halted so far, and is traded before the next one opens."""
    manager.start()
    manager.wait_open(key)
    sim.inject(Fault.REFUSE, duration=1.5)
    sim.inject(Fault.RESET)
    record.wait(lambda each: any(change.state is State.BACKOFF for change in each.states), "a loss")
    sim.set_symbol_status("spot", "BTCUSDT", "TRADING")
    manager.wait_open(key)


@pytest.mark.parametrize("view", ["dict", "unified"])
def test_a_quiet_stream_is_filled_from_the_moment_of_its_loss(tmp_path: Path, view: str) -> None:
    """It had brought nothing, so that no id says what is missing: each trade comes once, in order, without a gap."""
    sent, seen = tmp_path / "sent.jsonl", Sequence()
    names = ["btcusdt@trade", "btcusdt@aggTrade"]
    with Simulator(seed=3, limits=MANY) as sim:
        sim.set_symbol_status("spot", "BTCUSDT", "HALT")
        with contextlib.closing(sim.record(str(sent), "spot", names)), managed(sim, LOSSY) as (manager, record):
            key = manager.start_multiplex_socket(names, seen, backfill=True, view=view)
            lose_while_quiet(sim, manager, key, record)
            eventually(lambda: len(seen.numbers) == 2 and seen.live.is_set(), "live trades")
            filling = manager._core.connections[key].links[0].losses._filling
            eventually(lambda: not filling.open, "the end of the holes")
            manager.stop_socket(key)
            assert not record.gaps, record
    lines = [msgspec.json.decode(line) for line in sent.read_bytes().splitlines()]
    for name, letter, numbers in zip(
        names, "ta", map(seen.numbers.get, ("BTCUSDT trade", "BTCUSDT aggTrade")), strict=True
    ):
        assert numbers
        assert numbers == [line["data"][letter] for line in lines if line["stream"] == name][: len(numbers)]
    assert seen.rest > 2


def test_a_quiet_stream_that_rest_does_not_tell_of_is_a_gap_that_says_so() -> None:
    """Without ids, with the cause; the stream goes on."""
    with Simulator(seed=3, limits=MANY) as sim, awake(sim, "btcusdt@miniTicker"):
        sim.set_symbol_status("spot", "BTCUSDT", "HALT")
        with managed(sim, LOSSY) as (manager, record):
            key = manager.start_trade_socket("BTCUSDT", record.on_message, backfill=True)
            sim.inject(Fault.HTTP_STATUS, product="spot", on="rest", status=404)
            lose_while_quiet(sim, manager, str(key), record)
            record.wait_messages(1)
            record.wait(lambda each: each.gaps, "a gap")
            (gap,) = record.gaps
            assert (gap.streams, gap.ids, gap.reason) == (("btcusdt@trade",), (), Reason.NETWORK)
            assert isinstance(gap.error, BackfillFailed)
            assert "backfilled" not in record.messages[0]


def test_a_stop_while_rest_is_slow(busy: Simulator) -> None:
    """Nobody waits for an answer of the exchange."""
    with Simulator(seed=3, limits=MANY) as sim, managed(sim) as (manager, _):
        sim.inject(Fault.REST_LATE, product="spot", path="/spot/api/v3/historicalTrades", delay=1.5)
        seen: list[Any] = []
        key = manager.start_trade_socket("BTCUSDT", seen.append, history=10)
        assert key
        manager.start()
        manager.wait_open(key)
        begun = time.monotonic()
        manager.stop_socket(key)
        assert time.monotonic() - begun < 1.5
        assert not seen


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"history": 0}, "a count"),
        ({"history": True}, "a count"),
        ({"history": "1d"}, "a count"),
        ({"history": datetime(2026, 1, 1)}, "aware datetime"),
        ({"history": timedelta(seconds=-1)}, "a timedelta"),
        ({"backfill": 1}, "True"),
    ],
)
def test_wrong_wishes_are_refused_at_once(arguments: dict[str, Any], says: str) -> None:
    """In the caller's thread, with what is allowed."""
    with managed("http://127.0.0.1:1") as (manager, _), pytest.raises(ConfigError, match=says):
        manager.start_trade_socket("BTCUSDT", print, **arguments)


def test_what_rest_does_not_have_is_refused_at_once() -> None:
    """A stream without a past over REST, one that wants a key, and candles that REST does not know."""
    with managed("http://127.0.0.1:1") as (manager, _):
        with pytest.raises(ConfigError, match="got 'btcusdt@depth'"):
            manager.start_socket("btcusdt@depth", print, backfill=True)
        with pytest.raises(ConfigError, match="API key"):
            manager.start_trade_futures_socket("BTCUSDT", print, history=5)
        with pytest.raises(ConfigError, match="no past"):
            manager.start_kline_futures_socket("BTCUSDT", print, interval="1s", history=5)
        assert manager.start_socket(["btcusdt@depth", "btcusdt@trade"], print, backfill=True)
        assert manager.start_kline_socket("BTCUSDT", print, history=datetime.now(timezone.utc) - timedelta(days=1))
