"""What REST fills in: missed trades and candles, histories, and what an account has."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from fake_exchange import START
from fake_upbit import Inline

from binance_sockets import BackfillFailed, ConfigError, ExchangeError, RateLimited, Reason, StreamGap
from binance_sockets.config import Options
from binance_sockets.engine.budget import Budgets, shared
from binance_sockets.exchanges.rest import Answer
from binance_sockets.exchanges.upbit.portions import Portion, Preference
from binance_sockets.exchanges.upbit.rest import UpbitRest, group_of
from binance_sockets.testing import Drop, binary

DAY = datetime(2026, 11, 27, tzinfo=timezone.utc)


class Rest:
    """The REST interface over lists of rows, the oldest first."""

    def __init__(self, trades: list[dict[str, Any]] | None = None, candles: list[dict[str, Any]] | None = None) -> None:
        self.trades = trades or []
        self.candles = candles or []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.fails: list[Exception] = []
        self.orders: list[dict[str, Any]] = []
        self.accounts: list[dict[str, Any]] = []

    def paced(self, path: str, params: dict[str, str]) -> Any:
        self.asked.append((path, params))
        if self.fails:
            raise self.fails.pop(0)
        count = int(params["count"])
        if path == "/v1/trades/ticks":
            cursor = int(params.get("cursor", 10**18))
            rows = [row for row in self.trades if row["sequential_id"] < cursor]
        else:
            to = params.get("to", "9999").removesuffix("Z")
            rows = [row for row in self.candles if row["candle_date_time_utc"] < to]
        return rows[::-1][:count]

    def ask_private(self, path: str, params: dict[str, Any]) -> Any:
        self.asked.append((path, dict(params)))
        if self.fails:
            raise self.fails.pop(0)
        if path == "/v1/accounts":
            return self.accounts
        first = (int(params["page"]) - 1) * int(params["limit"])
        return self.orders[first : first + int(params["limit"])]


def trade(number: int) -> dict[str, Any]:
    return {
        "market": "KRW-BTC", "trade_date_utc": "2026-11-27", "trade_time_utc": "00:00:00",
        "timestamp": 1_700_000_000_000 + number, "trade_price": Decimal("1.5"), "trade_volume": Decimal("0.1"),
        "prev_closing_price": Decimal(2), "change_price": Decimal("-0.5"), "ask_bid": "BID", "sequential_id": number,
    }  # fmt: skip


def candle(minute: int, volume: float) -> dict[str, Any]:
    begin = DAY + timedelta(minutes=minute)
    return {
        "market": "KRW-BTC", "candle_date_time_utc": f"{begin:%Y-%m-%dT%H:%M:%S}", "candle_date_time_kst": "x",
        "opening_price": 1, "high_price": 2, "low_price": 1, "trade_price": 2, "timestamp": 5,
        "candle_acc_trade_price": 3, "candle_acc_trade_volume": Decimal(str(volume)), "unit": 1,
    }  # fmt: skip


def sends(manager: Inline, **fields: Any) -> None:
    wire = json.dumps({"stream_type": "REALTIME", **fields})
    manager.exchange.link.play([binary(wire.encode())])


def sends_trade(manager: Inline, number: int, how: str = "REALTIME") -> None:
    sends(
        manager, type="trade", code="KRW-BTC", timestamp=1_700_000_000_000 + number, stream_type=how, trade_price=1.5,
        trade_volume=0.1, ask_bid="BID", sequential_id=number,
    )  # fmt: skip


def sends_candle(manager: Inline, minute: int, volume: float, how: str = "REALTIME") -> None:
    row = candle(minute, volume)
    sends(
        manager, type="candle.1m", code="KRW-BTC", timestamp=6, stream_type=how,
        candle_date_time_utc=row["candle_date_time_utc"], candle_acc_trade_volume=volume,
    )  # fmt: skip


@pytest.fixture
def manager() -> Inline:
    made = Inline(access_key="access", secret_key="secret")
    made.exchange.markets.clear()  # no snapshots of its own
    return made


def test_missed_trades_are_filled(manager: Inline) -> None:
    """Who asked for it gets what was missed with a link, in order and once, marked; others have a gap."""
    manager._rest = rest = Rest(trades=[trade(number) for number in range(1, 10)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", backfill=True, name="a"))
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b"))
    manager.at(1, lambda: [sends_trade(manager, 1), sends_trade(manager, 2)])
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(4, lambda: sends_trade(manager, 9))
    manager.run_until(10)
    assert [m["sequential_id"] for m in manager.got["a"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert ["backfilled" in m for m in manager.got["a"]] == [False] * 2 + [True] * 6 + [False]
    filled = manager.got["a"][3]
    assert (filled["change"], filled["change_price"], filled["trade_price"]) == ("FALL", Decimal("0.5"), Decimal("1.5"))
    assert [m["sequential_id"] for m in manager.got["b"]] == [1, 2, 9]
    (gap,) = manager.gaps
    assert (gap.conn_key, gap.streams, gap.reason, gap.error) == ("b", ("trade:KRW-BTC",), Reason.NETWORK, None)
    assert gap.ids == (StreamGap("trade:KRW-BTC", 2, 9),)
    assert gap.last_received <= START + 2 <= gap.resumed
    assert rest.asked[0][1]["market"] == "KRW-BTC"
    assert manager.errors == []


@pytest.mark.parametrize("live", [(6, 8, 7), (7, 6, 8), (8, 7, 6)])
def test_ids_of_trades_need_not_rise(manager: Inline, live: tuple[int, ...]) -> None:
    """Behind what was fetched each trade comes once, also one whose id is lower than that of one before."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 9)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", backfill=True, name="a"))
    manager.at(1, lambda: [sends_trade(manager, 1), sends_trade(manager, 2)])
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(4, lambda: [sends_trade(manager, number) for number in live])
    manager.run_until(10)
    came = [m["sequential_id"] for m in manager.got["a"]]
    assert (came[:5], sorted(came[5:])) == ([1, 2, 3, 4, 5], [6, 7, 8])
    assert manager.gaps == []


def test_what_rest_was_faster_with_lies_in_the_gap_of_others(manager: Inline) -> None:
    """Who has not asked for it gets it neither over REST nor live: the gap goes on until the stream is level."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 6)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", backfill=True, name="a"))
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b"))
    manager.at(1, lambda: sends_trade(manager, 2))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(9, lambda: sends_trade(manager, 5))
    manager.at(11, lambda: sends_trade(manager, 6))
    manager.run_until(15)
    assert [[m["sequential_id"] for m in manager.got[key]] for key in "ab"] == [[2, 3, 4, 5, 6], [2, 6]]
    (gap,) = manager.gaps
    assert (gap.conn_key, gap.ids) == ("b", (StreamGap("trade:KRW-BTC", 2, None),))
    assert gap.last_received <= START + 2 < START + 9 <= gap.resumed < START + 11


def test_who_leaves_is_told_what_others_were_given(manager: Inline) -> None:
    """Though the exchange has not said yet that the streams are carried again."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 6)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", backfill=True, name="a"))
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b"))
    manager.at(1, lambda: sends_trade(manager, 2))
    manager.at(2, lambda: [setattr(manager.exchange, "mute", True), manager.exchange.link.play([Drop()])])
    manager.at(4, lambda: sends_trade(manager, 5))
    manager.at(5, lambda: [manager.stop_socket("a"), manager.stop_socket("b")])
    manager.run_until(6)
    assert [[m["sequential_id"] for m in manager.got[key]] for key in "ab"] == [[2, 3, 4, 5], [2, 5]]
    assert [(gap.conn_key, gap.ids) for gap in manager.gaps] == [("b", (StreamGap("trade:KRW-BTC", 2, 5),))]


def test_who_leaves_before_the_stream_is_level_is_told_what_others_were_given(manager: Inline) -> None:
    """Nothing has come live behind it yet."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 6)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", backfill=True, name="a"))
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b"))
    manager.at(1, lambda: sends_trade(manager, 2))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(8, lambda: manager.stop_socket("b"))
    manager.at(9, lambda: sends_trade(manager, 6))
    manager.run_until(15)
    assert [[m["sequential_id"] for m in manager.got[key]] for key in "ab"] == [[2, 3, 4, 5, 6], [2]]
    (gap,) = [each for each in manager.gaps if each.conn_key == "b"]
    assert (gap.conn_key, gap.ids) == ("b", (StreamGap("trade:KRW-BTC", 2, None),))
    assert gap.last_received <= START + 2 < START + 8 <= gap.resumed


def test_candles_are_filled_to_their_end(manager: Inline) -> None:
    """The candle that was open is told once more with its last figures, then those behind it."""
    manager._rest = Rest(candles=[candle(m, 9) for m in range(4)])  # type: ignore[assignment]
    manager.begin(
        manager.start_candle_socket("KRW-BTC", manager.into("a"), stream_preference="realtime_only", backfill=True)
    )
    manager.at(1, lambda: sends_candle(manager, 0, 1.5))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(5, lambda: sends_candle(manager, 3, 9.5))
    manager.run_until(10)
    seen = [(m["candle_date_time_utc"][14:16], float(m["candle_acc_trade_volume"])) for m in manager.got["a"]]
    assert seen == [("00", 1.5), ("00", 9.0), ("01", 9.0), ("02", 9.0), ("03", 9.0), ("03", 9.5)]


@pytest.mark.parametrize("odd", ["x", None, [1], {}, 1.5])
@pytest.mark.parametrize("past", [{"backfill": True}, {"history": 3}])
def test_an_odd_id_ends_nothing(manager: Inline, odd: Any, past: dict[str, Any]) -> None:
    """A trade whose id is no number, or missing, is handed on, and so are those behind it; also behind a lost link."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 9)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", **past))
    fields = {"type": "trade", "code": "KRW-BTC", "timestamp": 1_700_000_000_001, "sequential_id": odd}
    for at in (0.0, 4.0):
        manager.at(at, lambda: sends(manager, **fields))
    manager.at(1, lambda: sends_trade(manager, 1))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(60, lambda: sends_trade(manager, 9))
    manager.run_until(120)
    ids = [message["sequential_id"] for message in manager.got["a"]]
    assert ids[-1] == 9
    assert odd in ids
    assert len(manager.wire.attempts) == 2


def test_too_much_is_told_as_a_gap(manager: Inline) -> None:
    """More than can be asked for is no silent hole."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 12_000)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), "realtime_only", backfill=True))
    manager.at(1, lambda: sends_trade(manager, 1))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(4, lambda: sends_trade(manager, 12_000))
    manager.run_until(10)
    assert [m["sequential_id"] for m in manager.got["a"]] == [1, 12_000]
    assert isinstance(manager.gaps[-1].error, BackfillFailed)


def test_history_comes_first(manager: Inline) -> None:
    """A count, or all since a moment; what comes meanwhile follows, and nothing twice."""
    manager._rest = Rest(trades=[trade(number) for number in range(1, 700)])  # type: ignore[assignment]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), history=600))
    manager.at(0.0, lambda: sends_trade(manager, 699, "SNAPSHOT"))
    manager.at(1, lambda: sends_trade(manager, 700))
    manager.run_until(8)
    assert [m["sequential_id"] for m in manager.got["a"]] == [*range(100, 701)]
    manager = Inline()
    manager._rest = Rest(trades=[trade(number) for number in range(1, 700)])  # type: ignore[assignment]
    since = datetime.fromtimestamp(1_700_000_000.69, timezone.utc)
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), history=since))
    manager.run_until(8)
    assert [m["sequential_id"] for m in manager.got["a"]] == [*range(690, 700)]
    with pytest.raises(ConfigError, match="history"):
        manager.start_trade_socket("KRW-BTC", print, history=-1)
    with pytest.raises(ConfigError, match="history"):
        manager.start_trade_socket("KRW-BTC", print, "snapshot_only", history=1)


def ids(manager: Inline) -> list[int]:
    return [message["sequential_id"] for message in manager.got["a"]]


def asked_slowly(manager: Inline, count: int, *trades: int) -> tuple[Rest, list[Any]]:
    """A socket with a history of ``count``, whose questions to REST wait; and what has been traded so far."""
    rest, slow = Rest(trades=[trade(number) for number in trades]), list[Any]()
    manager._rest = rest  # type: ignore[assignment]
    manager._core.submit = slow.append  # type: ignore[method-assign]
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), history=count))
    return rest, slow


def test_a_history_that_a_loss_interrupts_is_asked_for_again(manager: Inline) -> None:
    """The answer that comes behind the loss is not waited for; the stream does not stay silent."""
    rest, slow = asked_slowly(manager, 3, 1, 2, 3)
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(2.5, lambda: slow.pop(0)())
    manager.at(4, lambda: sends_trade(manager, 4))
    manager.at(5, lambda: slow.pop(0)())
    manager.at(5.1, lambda: rest.trades.append(trade(4)))
    manager.at(6, lambda: slow.pop(0)())
    manager.run_until(8)
    assert ids(manager) == [1, 2, 3, 4]
    assert slow == []


def test_what_a_history_has_told_is_not_told_live(manager: Inline) -> None:
    """REST was faster than the stream; what comes behind that is new."""
    _, slow = asked_slowly(manager, 2, 4, 5, 6)
    manager.at(1, lambda: slow.pop(0)())
    manager.at(2, lambda: sends_trade(manager, 4, "SNAPSHOT"))
    manager.at(3, lambda: [sends_trade(manager, number) for number in (4, 5, 6, 7, 8)])
    manager.run_until(8)
    assert ids(manager) == [5, 6, 7, 8]


def test_a_history_ends_where_the_stream_has_begun(manager: Inline) -> None:
    """What came live meanwhile is followed by what comes live, not by what REST has told of the same time."""
    for count, expected in ((1, [3, 4, 5, 6, 7]), (9, [1, 2, 3, 4, 5, 6, 7])):
        manager = Inline()
        manager.exchange.markets.clear()
        rest, slow = asked_slowly(manager, count, 1, 2, 3)
        manager.at(1, lambda manager=manager: sends_trade(manager, 3, "SNAPSHOT"))
        manager.at(2, lambda manager=manager: [sends_trade(manager, number) for number in (4, 5)])
        manager.at(3, lambda rest=rest: rest.trades.extend(trade(number) for number in (4, 5, 6, 7)))
        manager.at(4, lambda slow=slow: slow.pop(0)())
        manager.at(5, lambda manager=manager: [sends_trade(manager, number) for number in (6, 7)])
        manager.run_until(8)
        assert ids(manager) == expected


def test_a_snapshot_that_is_newer_than_a_history_is_handed_on(manager: Inline) -> None:
    """It comes behind the answer of REST, and what is in it comes in no other way."""
    _, slow = asked_slowly(manager, 2, 1, 2, 3)
    manager.at(2, lambda: slow.pop(0)())
    manager.at(4, lambda: sends_trade(manager, 4, "SNAPSHOT"))
    manager.at(5, lambda: [sends_trade(manager, 5), sends_trade(manager, 5, "SNAPSHOT")])
    manager.run_until(8)
    assert ids(manager) == [2, 3, 4, 5]


@pytest.mark.parametrize("preference", ["both", "realtime_only"])
def test_a_history_that_rest_is_behind_with_is_asked_for_again(manager: Inline, preference: Any) -> None:
    """Until it reaches what the stream begins with, which is asked for also by who does not want to hear of it."""
    rest = Rest(trades=[trade(number) for number in (1, 2, 3)])
    manager._rest = rest  # type: ignore[assignment]
    manager.exchange.markets.add("KRW-BTC")
    manager.exchange.numbers = itertools.count(5)
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), preference, history=2))
    manager.at(1.0, lambda: rest.trades.append(trade(4)))
    manager.at(1.5, lambda: rest.trades.append(trade(5)))
    manager.at(5, lambda: sends_trade(manager, 6))
    manager.run_until(8)
    assert ids(manager) == [2, 3, 4, 5, 6]
    assert manager.errors == []


def test_a_history_that_rest_stays_behind_with_is_told(manager: Inline) -> None:
    """What there is comes, and nothing waits for ever; nor is one asked for that begins behind the snapshot."""
    manager._rest = Rest(trades=[trade(number) for number in (1, 2, 3)])  # type: ignore[assignment]
    manager.exchange.markets.add("KRW-BTC")
    manager.exchange.numbers = itertools.count(5)
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), history=2))
    manager.at(6, lambda: sends_trade(manager, 6))
    manager.run_until(8)
    assert ids(manager) == [2, 3, 5, 6]
    behind = "the exchange does not tell what was before the stream"
    assert [str(error) for error in manager.errors] == [str(BackfillFailed("trade:KRW-BTC", behind))]
    manager = Inline()
    manager._rest = rest = Rest()  # type: ignore[assignment]
    manager.exchange.numbers = itertools.count(5)
    later = datetime.fromtimestamp(1_700_000_000.9, timezone.utc)
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a"), history=later))
    manager.at(6, lambda: sends_trade(manager, 6))
    manager.run_until(8)
    assert (ids(manager), len(rest.asked), manager.errors) == ([5, 6], 1, [])


def test_a_stream_that_comes_back_begins_with_a_history_of_its_own(manager: Inline) -> None:
    """The answer to the question that was asked before it left is not for it."""
    rest, slow = asked_slowly(manager, 2, 1, 2, 3)
    (key,) = manager._core.connections
    manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("b"), name="b"))
    manager.at(0.5, lambda: manager.subscribe(key, "KRW-ETH"))
    manager.at(1, lambda: manager.unsubscribe(key, "KRW-BTC"))
    manager.at(3, lambda: manager.subscribe(key, "KRW-BTC"))
    manager.at(4, lambda: rest.trades.extend(trade(number) for number in (4, 5)))
    manager.at(3.5, lambda: slow[0]())
    manager.at(5, lambda: slow[-1]())
    manager.run_until(8)
    assert ids(manager) == [4, 5]


def test_what_a_snapshot_tells_does_not_come_again_behind_it(manager: Inline) -> None:
    """The next WebSocket may bring it while the one before is behind; who has begun before that misses nothing."""
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b"))
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a")))
    manager.begin(manager.start_candle_socket("KRW-BTC", manager.into("candle"), "1m"))
    manager.at(1, lambda: [sends_trade(manager, 3, "SNAPSHOT"), sends_candle(manager, 2, 5, "SNAPSHOT")])
    manager.at(2, lambda: [sends_trade(manager, number) for number in (2, 3, 4, 1)])
    manager.at(2, lambda: [sends_candle(manager, *each) for each in ((1, 9), (2, 4), (2, 6), (2, 3))])
    manager.run_until(8)
    assert ids(manager) == [3, 4]
    assert [message["sequential_id"] for message in manager.got["b"]] == [2, 3, 4, 1]
    assert [message["candle_acc_trade_volume"] for message in manager.got["candle"]] == [5, 6]


def test_a_history_is_asked_for_behind_the_list() -> None:
    """What happens between its answer and the begin of the stream would be missing."""
    portion = Portion(
        ["trade:KRW-BTC"], print, view=lambda message: message, preference=Preference.BOTH, prime=True, once=True,
        missing=print, over=list, clock=lambda: 0.0,
    )  # fmt: skip
    assert portion.unprimed() == []
    portion.asked("trade:KRW-BTC", 3)
    assert [portion.unprimed() for _ in range(2)] == [["trade:KRW-BTC"], []]


def order(number: int) -> dict[str, Any]:
    return {
        "uuid": f"u{number}", "side": "bid", "ord_type": "limit", "price": "100.10", "state": "wait",
        "market": "KRW-BTC" if number % 2 else "KRW-ETH", "created_at": "2026-11-27T09:00:00+09:00", "volume": "1",
        "remaining_volume": "0.5", "executed_volume": "0.5", "reserved_fee": "0", "paid_fee": "0", "locked": "1",
        "trades_count": 1,
    }  # fmt: skip


def test_an_account_begins_with_what_it_has(manager: Inline) -> None:
    """Orders and balances come first, over REST, and again behind a lost link; the streams follow."""
    rest = Rest()
    rest.orders = [order(number) for number in range(150)]
    rest.accounts = [{"currency": "KRW", "balance": "20517.4157543899035", "locked": "0"}]
    manager._account_rest = lambda: rest  # type: ignore[method-assign,assignment,return-value]
    manager.begin(manager.start_my_order_socket(manager.into("all")))
    manager.begin(manager.start_my_order_socket(manager.into("btc"), "KRW-BTC"))
    manager.begin(manager.start_my_asset_socket(manager.into("asset"), numbers="str"))
    manager.at(1, lambda: manager.exchange.link.tell("myOrder", "KRW-BTC"))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.run_until(6)
    how = [message["stream_type"][0] for message in manager.got["all"]]
    assert "".join(how) == "S" * 150 + "R" + "S" * 150
    first = manager.got["all"][0]
    assert (first["ask_bid"], first["price"], first["order_timestamp"]) == ("BID", Decimal("100.10"), 1795737600000)
    assert {message["code"] for message in manager.got["btc"]} == {"KRW-BTC"}
    assert len(manager.got["btc"]) == 75 + 1 + 75
    assert [message["assets"][0]["balance"] for message in manager.got["asset"]] == ["20517.4157543899035"] * 2
    assert manager.errors == []
    assert len(manager.wire.links) == 2


def test_who_joins_an_account_later_is_primed_too(manager: Inline) -> None:
    """Although nothing has to be asked for over the connection."""
    rest = Rest()
    rest.accounts = [{"currency": "KRW", "balance": "1", "locked": "0"}]
    manager._account_rest = lambda: rest  # type: ignore[method-assign,assignment,return-value]
    manager.begin(manager.start_my_asset_socket(manager.into("a")))
    manager.at(2, lambda: manager.begin(manager.start_my_asset_socket(manager.into("b"), name="b")))
    manager.at(4, lambda: manager.exchange.link.tell("myAsset", ""))
    manager.run_until(6)
    assert [[message["stream_type"] for message in manager.got[key]] for key in "ab"] == [["SNAPSHOT", "REALTIME"]] * 2


def test_an_answer_of_rest_belongs_to_its_link(manager: Inline) -> None:
    """One that comes behind a loss says nothing about the next link, which asks for itself; nothing waits for ever."""
    rest = Rest()
    rest.accounts = [{"currency": "KRW", "balance": "1", "locked": "0"}]
    manager._account_rest = lambda: rest  # type: ignore[method-assign,assignment,return-value]
    slow: list[Any] = []
    manager._core.submit = slow.append  # type: ignore[method-assign]
    manager.begin(manager.start_my_asset_socket(manager.into("a")))
    manager.at(1, lambda: manager.exchange.link.tell("myAsset", ""))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(2.5, lambda: slow.pop(0)())
    manager.at(4, lambda: manager.exchange.link.tell("myAsset", ""))
    manager.at(5, lambda: rest.accounts[0].update(balance="2"))
    manager.at(6, lambda: slow.pop(0)())
    manager.run_until(8)
    heard = [(message["stream_type"][0], message["assets"][0]["balance"] if "assets" in message else None)
             for message in manager.got["a"]]  # fmt: skip
    assert heard == [("R", None), ("S", 2), ("R", None)]
    assert slow == []


def test_priming_that_fails_is_told_and_holds_nothing_back(manager: Inline) -> None:
    """The stream goes on without; and with ``prime=False`` nothing is asked."""
    rest = Rest()
    rest.fails.append(ExchangeError(None, "out_of_scope: no", 403))
    manager._account_rest = lambda: rest  # type: ignore[method-assign,assignment,return-value]
    manager.begin(manager.start_my_order_socket(manager.into("a")))
    manager.begin(manager.start_my_asset_socket(manager.into("b"), prime=False))
    manager.at(1, lambda: [manager.exchange.link.tell(type_, "KRW-BTC") for type_ in ("myOrder", "myAsset")])
    manager.run_until(3)
    assert [type(error) for error in manager.errors] == [BackfillFailed]
    assert "out_of_scope" in str(manager.errors[0])
    assert [len(manager.got[key]) for key in "ab"] == [1, 1]


def test_calls_keep_to_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls keep to what ``Remaining-Req`` tells, and leave some to others; all clients of a process share it."""
    now, slept = [START], list[float]()
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())

    def made() -> UpbitRest:
        rest = UpbitRest("https://api.invalid", Options())
        rest._clock.monotonic = lambda: now[0]
        monkeypatch.setattr(rest, "ask", lambda path, params: path)
        monkeypatch.setattr(rest, "sleep", sleep)
        return rest

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    one, other = made(), made()
    for rest in (one, other) * 4:
        rest.paced("/v1/trades/ticks", {})
    assert slept == [pytest.approx(1.0)]
    one.paced("/v1/candles/seconds", {})
    assert len(slept) == 1
    for header in ("group=candle; min=599; sec=2", "rubbish", None):
        one.noted("/v1/candles", Answer(200, {"Remaining-Req": header} if header else {}, [], now[0]))
    other.paced("/v1/candles/seconds", {})
    assert slept[1:] == [pytest.approx(1.0)]
    assert shared().snapshot(now[0], 0.0)["api.invalid"]["weights"]["candle"]["used"] == 1
    assert group_of("/v1/candles/minutes/5") == "candle"
    assert group_of("/v1/accounts") == "default"


def test_a_ban_is_not_slept_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may last for days, and other jobs wait on the same thread: who asks is told at once, and holds no place."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    rest = UpbitRest("https://api.invalid", Options())
    rest._clock.monotonic = lambda: START
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        assert not slept, f"{seconds:g} s of the ban, too"
        slept.append(seconds)
        rest._budget.ban(418, 600.0, START)

    monkeypatch.setattr(rest, "sleep", sleep)
    monkeypatch.setattr(rest, "ask", lambda path, params: path)
    for _ in range(7):
        rest.paced("/v1/candles/seconds", {})
    with pytest.raises(RateLimited) as told:
        rest.paced("/v1/candles/seconds", {})
    assert (told.value.status, told.value.retry_after, slept) == (418, 600.0, [pytest.approx(1.0)])
    assert shared().snapshot(START, 0.0)["api.invalid"]["weights"]["candle"]["waiting"] == 0
