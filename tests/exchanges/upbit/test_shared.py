"""Many conn keys on one connection: each gets what it asked for, its snapshot first, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from fake_upbit import Inline, number_of

from binance_sockets import ConfigError, MessageStream, SnapshotMissing
from binance_sockets.exchanges.upbit.requests import asked_by
from binance_sockets.testing import Drop


def kinds(messages: list[Any]) -> list[str]:
    return [f"{message['code']} {message['stream_type'][0]}" for message in messages]


def test_one_connection_for_all() -> None:
    """Sockets of several types share one WebSocket, asked for in one message; each hears its own."""
    manager = Inline()
    for key in (
        manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], manager.into("ticker")),
        manager.start_trade_socket("krw-btc", manager.into("trade")),
        manager.start_orderbook_socket("KRW-BTC", manager.into("book"), count=5),
        manager.start_candle_socket("KRW-BTC", manager.into("1m")),
        manager.start_candle_socket("KRW-BTC", manager.into("5m"), unit="5m"),
    ):
        manager.begin(key)

    def tell() -> None:
        for type_ in ("ticker", "trade", "orderbook", "candle.1m", "candle.5m"):
            assert manager.exchange.link.tell(type_, "KRW-BTC") == 1

    manager.at(1, tell)
    manager.run_until(3)
    assert len(manager.wire.links) == 1
    assert len(manager.exchange.link.lists) == 1
    assert kinds(manager.got["ticker"]) == ["KRW-BTC S", "KRW-ETH S", "KRW-BTC R"]
    assert kinds(manager.got["trade"]) == ["KRW-BTC S", "KRW-BTC R"]
    assert [len(book["orderbook_units"]) for book in manager.got["book"]] == [5, 5]
    assert [candle["type"] for candle in manager.got["1m"]] == ["candle.1m"] * 2
    assert [candle["type"] for candle in manager.got["5m"]] == ["candle.5m"] * 2
    assert manager.errors == []


def test_no_origin_and_binary_frames() -> None:
    """The handshake has no ``Origin``; what comes in binary frames is delivered (all of this file does)."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.run_until(1)
    (_, request), *_ = manager.wire.attempts
    assert request.origin is None
    assert request.url == "wss://api.upbit.com/websocket/v1"
    assert [name for name, _ in request.headers] == ["User-Agent"]


def test_who_joins_repeats_no_snapshot() -> None:
    """A code that is added brings its snapshot, those that run go on: ``is_only_realtime``."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.at(1, lambda: manager.begin(manager.start_ticker_socket("KRW-ETH", manager.into("b"))))
    manager.at(2, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(3)
    assert manager.exchange.link.snapshots == [("ticker", "KRW-BTC"), ("ticker", "KRW-ETH")]
    assert kinds(manager.got["a"]) == ["KRW-BTC S", "KRW-BTC R"]
    assert kinds(manager.got["b"]) == ["KRW-ETH S"]
    assert len(manager.exchange.link.lists) == 2


def test_who_joins_a_stream_that_runs_begins_with_a_snapshot_of_its_own() -> None:
    """The second socket of a market hears nothing before its snapshot, and the first one does not hear that."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.at(1, lambda: manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("b"), name="b")))
    manager.at(1.01, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.at(2, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(3)
    assert kinds(manager.got["a"]) == ["KRW-BTC S", "KRW-BTC R", "KRW-BTC R"]
    assert kinds(manager.got["b"]) == ["KRW-BTC S", "KRW-BTC R"]


def test_who_takes_a_stream_over_begins_with_a_snapshot() -> None:
    """One socket ends and another one begins in the same moment: the stream goes on, and is asked for anew."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    key = manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("b")))

    def change() -> None:
        manager.stop(key)
        manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("c"), name="c"))

    manager.at(1, change)
    manager.at(2, lambda: manager.exchange.link.tell("trade", "KRW-ETH"))
    manager.run_until(3)
    assert kinds(manager.got["b"]) == ["KRW-ETH S"]
    assert kinds(manager.got["c"]) == ["KRW-ETH S", "KRW-ETH R"]


def test_preferences() -> None:
    """``realtime_only`` hears no snapshot, ``snapshot_only`` nothing else, and it ends by itself."""
    manager = Inline()
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("r"), "realtime_only"))
    key = manager.begin(manager.start_trade_socket(["KRW-BTC", "KRW-ETH"], manager.into("s"), "snapshot_only"))
    manager.at(1, lambda: manager.exchange.link.tell("trade", "KRW-BTC"))
    manager.run_until(2)
    assert kinds(manager.got["r"]) == ["KRW-BTC R"]
    assert kinds(manager.got["s"]) == ["KRW-BTC S", "KRW-ETH S"]
    assert [change.state.value for change in manager.changes if change.conn_key == key][-1] == "closed"
    asked = [request for _, request in manager.exchange.link.lists]
    assert {"type": "trade", "is_only_snapshot": True, "codes": ["KRW-ETH"]} in asked[0]
    assert asked[-1][1:-1] == [{"type": "trade", "is_only_realtime": True, "codes": ["KRW-BTC"]}]


def test_snapshot_only_tells_the_codes_that_had_none() -> None:
    """It ends although one market does not exist, and says which."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-ETH", manager.into("other")))
    manager.begin(manager.start_ticker_socket(["KRW-BTC", "KRW-XXX"], manager.into("s"), "snapshot_only", name="s"))
    manager.run_until(10)
    assert kinds(manager.got["s"]) == ["KRW-BTC S"]
    (error,) = manager.errors
    assert isinstance(error, SnapshotMissing)
    assert error.streams == ("ticker:KRW-XXX",)
    over = [change for change in manager.changes if change.conn_key == "s" and change.state.value == "closed"]
    assert len(over) == 1


def test_without_a_snapshot_nothing_is_lost() -> None:
    """Where none comes, what has waited for it is delivered when the patience is over, and that is told."""
    manager = Inline()
    manager.exchange.markets.discard("KRW-ETH")
    manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("a")))
    manager.at(1, lambda: manager.exchange.link.tell("trade", "KRW-ETH"))
    manager.at(2, lambda: manager.exchange.link.tell("trade", "KRW-ETH"))
    manager.at(8, lambda: manager.exchange.link.tell("trade", "KRW-ETH"))
    manager.run_until(10)
    assert [number_of(message) for message in manager.got["a"]] == [1, 2, 3]
    assert [type(error) for error in manager.errors] == [SnapshotMissing]


def test_a_reconnect_begins_with_snapshots() -> None:
    """Behind a lost link everything is asked for again, and each socket that wants snapshots gets them once."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], manager.into("a")))
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("r"), "realtime_only"))
    manager.at(2, lambda: manager.exchange.link.play([Drop()]))
    manager.at(5, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(8)
    assert [round(at - 1000, 3) for at, _ in manager.wire.attempts] == [0, 3]
    assert kinds(manager.got["a"]) == ["KRW-BTC S", "KRW-ETH S", "KRW-BTC S", "KRW-ETH S", "KRW-BTC R"]
    assert kinds(manager.got["r"]) == ["KRW-BTC R"]
    assert {gap.conn_key for gap in manager.gaps} == {"ticker=KRW-BTC/KRW-ETH", "ticker=KRW-BTC&realtime_only"}


def test_levels_and_counts_are_told_apart() -> None:
    """Books of one market grouped differently, and of different size, each go to who asked for them."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("five"), count=5))
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("fifteen"), count=15))
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("grouped"), level="10000", count=1))
    manager.at(1, lambda: manager.exchange.link.tell("orderbook", "KRW-BTC"))
    manager.run_until(2)
    sizes = {key: [len(book["orderbook_units"]) for book in books] for key, books in manager.got.items()}
    assert sizes == {"five": [5, 5], "fifteen": [15, 15], "grouped": [1, 1]}
    assert {book["level"] for book in manager.got["grouped"]} == {10000}
    assert manager.errors == []


def test_who_wants_more_levels_of_what_changes_waits_for_them() -> None:
    """A socket that wants no snapshot never sees the smaller books that others have asked for."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("five"), count=5))
    wide = manager.start_orderbook_socket("KRW-BTC", manager.into("wide"), "realtime_only")
    manager.at(1, lambda: manager.begin(wide))
    for seconds in (1.02, 2, 3):
        manager.at(seconds, lambda: manager.exchange.link.tell("orderbook", "KRW-BTC"))
    manager.run_until(4)
    assert [len(book["orderbook_units"]) for book in manager.got["five"]] == [5] * 4
    assert [len(book["orderbook_units"]) for book in manager.got["wide"]] == [30] * 2


def test_the_snapshot_of_another_list_has_too_few_levels() -> None:
    """Who joins while the snapshot of a list with fewer levels is on its way waits for one of its own."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("one"), count=1))

    def join() -> None:
        manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("five"), count=5))
        manager.exchange.link.play([manager.exchange.link.wire(
            manager.exchange.message("orderbook", "KRW-BTC", "SNAPSHOT", 1, 0))])  # fmt: skip

    manager.at(1, join)
    manager.run_until(4)
    assert [len(book["orderbook_units"]) for book in manager.got["five"]] == [5]
    assert manager.errors == []


def test_who_wants_changes_joins_who_wants_a_snapshot_alone() -> None:
    """What is carried for one socket need not be what another one wants."""
    manager = Inline("KRW-BTC")
    manager.begin(manager.start_ticker_socket(["KRW-BTC", "KRW-NOSUCH"], manager.into("once"), "snapshot_only"))
    later = manager.start_ticker_socket("KRW-BTC", manager.into("changes"), "realtime_only")
    manager.at(1, lambda: manager.begin(later))
    manager.at(2, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(3)
    assert kinds(manager.got["changes"]) == ["KRW-BTC R"]
    assert kinds(manager.got["once"]) == ["KRW-BTC S"]


def test_a_message_stream_is_a_callback() -> None:
    """It is filled, and ends with its socket."""
    manager = Inline()
    stream: MessageStream[Any] = MessageStream()
    key = manager.start_ticker_socket("KRW-BTC", stream, "realtime_only")
    manager.begin(key)
    manager.at(1, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.at(2, lambda: manager.stop(key))
    manager.run_until(3)
    assert kinds(list(stream)) == ["KRW-BTC R"]


def test_changes_are_gathered_and_none_is_lost() -> None:
    """Sixty sockets that begin and end within two seconds: 5 messages a second at most, and the last one is right."""
    manager = Inline(*(f"KRW-C{number}" for number in range(60)))
    for number in range(60):
        key = manager.start_ticker_socket(f"KRW-C{number}", manager.into(f"c{number}"))
        manager.at(number / 60, lambda key=key: manager.begin(key)) if number else manager.begin(key)
        if number % 2:
            manager.at(1 + number / 60, lambda key=key: manager.stop(key))
    manager.run_until(20)
    link = manager.exchange.link
    times = [at for at, _ in link.requests]
    assert all(later - first > 1.0 for first, later in zip(times, times[5:], strict=False))
    codes = {code for each in link.lists[-1][1] for code in each.get("codes", ())}
    assert codes == {f"KRW-C{number}" for number in range(0, 60, 2)}
    for number in range(60):
        if number % 2 == 0 or number > 30:
            assert kinds(manager.got[f"c{number}"]) == [f"KRW-C{number} S"]


@pytest.mark.parametrize("format_", ["SIMPLE", "DEFAULT", "SIMPLE_LIST", "JSON_LIST"])
def test_formats(format_: str) -> None:
    """In every format the callback sees the same message with full names, and lists of subscriptions keep it."""
    manager = Inline(format=format_)
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("a"), count=1))
    manager.at(7, lambda: manager.exchange.link.tell("orderbook", "KRW-BTC"))
    manager.run_until(8)
    first, second = manager.got["a"]
    assert first.keys() == second.keys()
    assert set(first) == {
        "type", "code", "timestamp", "stream_type", "total_ask_size", "total_bid_size", "orderbook_units", "level"
    }  # fmt: skip
    assert set(first["orderbook_units"][0]) == {"ask_price", "bid_price", "ask_size", "bid_size"}
    methods = [request[1].get("method") for _, request in manager.exchange.link.requests]
    assert methods == [None, "LIST_SUBSCRIPTIONS", "LIST_SUBSCRIPTIONS"]  # behind the list, and some seconds later
    assert {request[-1]["format"] for _, request in manager.exchange.link.requests} == {format_}
    assert manager.errors == []


def test_what_the_exchange_has_forgotten_is_asked_for_again() -> None:
    """``LIST_SUBSCRIPTIONS`` is compared with what is wanted, whatever counts and levels it was asked with."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], manager.into("a")))
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("b"), count=5, level=10000))
    manager.at(3, lambda: manager.exchange.link.subscriptions.pop(0))
    manager.run_until(20)
    assert [type(error).__name__ for error in manager.errors] == ["SubscriptionMismatch"]
    assert sorted(manager.errors[0].lacking) == ["ticker:KRW-BTC", "ticker:KRW-ETH"]
    assert sorted(each["type"] for each in manager.exchange.link.subscriptions) == ["orderbook", "ticker"]


def test_what_comes_though_every_list_was_refused_is_handed_on() -> None:
    """An error says not what it is about: it may have been about the question behind the list, which counts."""
    manager = Inline(backoff={"initial": 60.0})
    manager.exchange.mute = True
    manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("a")))
    refusal = {"error": {"name": "TOO_MANY_REQUEST", "message": "later"}}
    manager.at(1, lambda: manager.exchange.link.play([manager.exchange.link.wire(refusal)]))
    manager.at(2, lambda: setattr(manager.exchange, "mute", False))
    for at in (3, 15):
        manager.at(at, lambda: manager.exchange.link.tell("trade", "KRW-BTC"))
    manager.run_until(20)
    assert [type(error).__name__ for error in manager.errors] == ["SubscriptionRejected"]
    assert len(manager.exchange.links) == 1
    assert kinds(manager.got["a"]) == ["KRW-BTC S", "KRW-BTC R", "KRW-BTC R"]


def test_codes_join_and_leave_an_open_socket() -> None:
    """``subscribe`` and ``unsubscribe`` change one socket; the last code cannot leave."""
    manager = Inline()
    key = manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.at(1, lambda: manager.subscribe(key, ["KRW-ETH", "KRW-BTC"]))
    manager.at(2, lambda: manager.unsubscribe(key, "KRW-BTC"))
    manager.at(3, lambda: [manager.exchange.link.tell("ticker", code) for code in ("KRW-BTC", "KRW-ETH")])
    manager.run_until(4)
    assert kinds(manager.got["a"]) == ["KRW-BTC S", "KRW-ETH S", "KRW-ETH R"]
    assert [each["codes"] for each in manager.exchange.link.subscriptions] == [["KRW-ETH"]]


def test_a_loop_over_sockets_wants_message_streams() -> None:
    """Beside a callback it would get what belongs to others, too; the error tells what to do, and that works."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a"), name="called"))
    with pytest.raises(ConfigError, match=r"'called'\. .*start it with a MessageStream in place of the callback"):
        manager.listen("called")
    stream = MessageStream[Any]()
    manager.begin(manager.start_ticker_socket("KRW-BTC", stream, name="read"))
    with manager.listen(stream) as listener:
        manager.run_until(2)
        assert listener.receive(0)[0] == "read"


def test_a_snapshot_that_has_come_is_not_followed_by_changes_that_nobody_wants() -> None:
    """Also where its socket waits for that of another market: on every WebSocket it is asked for as a snapshot."""
    manager = Inline("KRW-BTC")
    manager.begin(manager.start_ticker_socket(["KRW-BTC", "KRW-NOSUCH"], manager.into("once"), "snapshot_only"))
    manager.at(1, lambda: manager.begin(manager.start_trade_socket("KRW-BTC", manager.into("t"))))
    manager.run_until(3)
    (ticker,) = [
        each for each in manager.exchange.link.subscriptions if each["type"] == "ticker" and "KRW-BTC" in each["codes"]
    ]
    assert ticker["is_only_snapshot"]
    assert kinds(manager.got["once"]) == ["KRW-BTC S"]


def test_a_snapshot_of_the_list_before_begins_nothing() -> None:
    """That list may bring none of the changes that follow."""
    manager = Inline()
    codes = ["KRW-BTC", "KRW-NOSUCH"]
    manager.begin(manager.start_ticker_socket(codes, manager.into("once"), "snapshot_only", name="once"))

    def late() -> None:
        link = manager.exchange.link
        link.play([link.wire(manager.exchange.message("ticker", "KRW-BTC", "SNAPSHOT", 30, 0))])

    manager.at(0.1, lambda: manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a"), name="a")))
    manager.at(0.2, late)
    manager.at(2, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(3)
    assert [number_of(message) for message in manager.got["a"]] == [3, 4]


def test_a_late_snapshot_with_fewer_levels_is_for_others() -> None:
    """Also when the patience for one's own is over."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("one"), count=1, name="one"))
    manager.at(1, manager.exchange.markets.clear)
    manager.at(1, lambda: setattr(manager.exchange, "mute", True))  # its own list is under way for ten seconds
    manager.at(1, lambda: manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("all"), name="all")))

    def late() -> None:
        link = manager.exchange.link
        link.play([link.wire(manager.exchange.message("orderbook", "KRW-BTC", "SNAPSHOT", 1, 0))])

    manager.at(8, late)
    manager.at(9, lambda: manager.exchange.link.tell("orderbook", "KRW-BTC"))
    manager.run_until(20)
    assert [len(book["orderbook_units"]) for book in manager.got["all"]] == [30]


def test_the_answer_to_a_question_is_known_by_its_ticket() -> None:
    """Two WebSockets of a planned change may be asked at once."""
    assert [asked_by(ticket) for ticket in ("list-7", "list-", "7", 7, None, "list-x")] == [
        7,
        None,
        None,
        None,
        None,
        None,
    ]


def test_what_comes_before_one_s_own_list_is_for_others() -> None:
    """A list that is under way may be for fewer levels, or for no changes at all."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("one"), count=1, name="one"))
    whole = manager.start_orderbook_socket("KRW-BTC", manager.into("all"), "realtime_only", name="all")

    def late(count: int) -> None:
        link = manager.exchange.link
        link.play([link.wire(manager.exchange.message("orderbook", "KRW-BTC", "REALTIME", count, 0))])

    manager.at(1, lambda: manager.begin(whole))
    for at, count in ((1.01, 30), (1.02, 1), (3, 30)):
        manager.at(at, lambda count=count: late(count))
    manager.run_until(4)
    assert [len(book["orderbook_units"]) for book in manager.got["all"]] == [30]


def book(manager: Inline, count: int, how: str = "REALTIME") -> None:
    """The exchange sends a book of so many levels, whatever was asked for."""
    link = manager.exchange.link
    link.play([link.wire(manager.exchange.message("orderbook", "KRW-BTC", how, count, 0))])


def test_a_list_that_is_under_way_may_still_bring_the_levels_of_the_one_before() -> None:
    """Also to a socket that was made before either of them was asked for."""
    manager = Inline()
    whole = manager.start_orderbook_socket("KRW-BTC", manager.into("all"), "realtime_only", name="all")
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("one"), count=1, name="one"))
    manager.at(1, lambda: setattr(manager.exchange, "mute", True))
    manager.at(1, lambda: manager.begin(whole))
    for at, count in ((1.5, 1), (2, 30), (2.5, 1), (3, 30)):
        manager.at(at, lambda count=count: book(manager, count))
    manager.run_until(4)
    assert [len(each["orderbook_units"]) for each in manager.got["all"]] == [30, 30]


def test_a_refused_list_leaves_the_levels_of_the_one_before() -> None:
    """Who joins behind it gets no fewer levels than it wants, either."""
    manager = Inline(backoff={"initial": 2.0})
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("one"), count=1, name="one"))
    manager.at(1, lambda: manager.exchange.refusals.append("TOO_MANY_REQUEST"))

    def join(name: str) -> None:
        manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into(name), "realtime_only", name=name))

    manager.at(1, lambda: join("all"))
    manager.at(2, lambda: join("more"))
    manager.at(2, lambda: setattr(manager.exchange, "mute", True))
    for at, count in ((1.5, 1), (3.5, 1), (4, 30)):
        manager.at(at, lambda count=count: book(manager, count))
    manager.run_until(5)
    assert [len(each["orderbook_units"]) for each in manager.got["all"]] == [30]
    assert [len(each["orderbook_units"]) for each in manager.got["more"]] == [30]


def test_once_its_list_counts_fewer_levels_are_all_that_the_market_has() -> None:
    """Nothing is held to be a book of a list before."""
    manager = Inline()
    manager.begin(manager.start_orderbook_socket("KRW-BTC", manager.into("one"), count=1, name="one"))
    whole = manager.start_orderbook_socket("KRW-BTC", manager.into("all"), "realtime_only", name="all")
    manager.at(1, lambda: manager.begin(whole))
    manager.at(2, lambda: book(manager, 1))
    manager.run_until(3)
    assert [len(each["orderbook_units"]) for each in manager.got["all"]] == [1]


def test_a_list_of_the_next_websocket_says_nothing_about_the_old_one() -> None:
    """In a planned change a stream is asked for on each: what the old one brings by a list before is for others."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a"), "realtime_only", name="a"))
    joins = manager.start_ticker_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b")
    links = manager.exchange.links
    manager.at(0.9, lambda: links[0].tell("ticker", "KRW-BTC"))  # it is lively: the change waits for it
    manager.at(1, lambda: manager.made[-1].reconnect())
    manager.at(2, lambda: setattr(links[0], "mute", True))
    manager.at(2, lambda: manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("t"))))
    manager.at(3, lambda: manager.begin(joins))  # asked for over the next one alone, as the list before is under way
    manager.at(4, lambda: links[0].tell("ticker", "KRW-BTC"))
    manager.at(12, lambda: links[1].tell("ticker", "KRW-BTC"))
    manager.run_until(25)
    assert len(links) == 2
    numbers = [number_of(message) for message in manager.got["a"]]
    assert len(numbers) == 3
    assert [number_of(message) for message in manager.got["b"]] == numbers[2:]


@pytest.mark.parametrize("begun", [True, False])
def test_what_goes_on_over_the_next_websocket_by_a_list_before_is_not_lost(begun: bool) -> None:
    """Who has joined over the old one alone, whose list counts, hears what follows, also where nothing has come yet."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a"), "realtime_only", name="a"))
    joins = manager.start_ticker_socket("KRW-BTC", manager.into("b"), "realtime_only", name="b")
    links = manager.exchange.links

    def both() -> None:
        message = links[0].wire(manager.exchange.message("ticker", "KRW-BTC", "REALTIME", 0, 0))
        for link in links:
            link.play([message])

    manager.at(0.9, lambda: links[0].tell("ticker", "KRW-BTC"))
    manager.at(1, lambda: manager.made[-1].reconnect())
    manager.at(1.1, lambda: setattr(links[1], "mute", True))  # its list is under way for long
    manager.at(1.6 if begun else 1.2, both)
    manager.at(1.3, lambda: manager.begin(joins))
    manager.at(3, lambda: links[0].play([Drop()]))
    manager.at(4, lambda: links[1].tell("ticker", "KRW-BTC"))
    manager.run_until(5)
    assert [number_of(message) for message in manager.got["a"]] == [1, 2, 3]
    assert [number_of(message) for message in manager.got["b"]] == ([2, 3] if begun else [3])
    assert [gap.conn_key for gap in manager.gaps] == []
