"""What can be asked of a book, how deep it is known, and that a reader sees one moment."""

from __future__ import annotations

import threading
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE

from binance_sockets.books import Level, OrderBook
from binance_sockets.books.book import Keep, Numbers, SideName
from binance_sockets.errors import BeyondKnownDepth, BookOutOfSync, ConfigError
from tests.books.exchange import TrueBook

SIDES: tuple[SideName, SideName] = ("bids", "asks")
BIDS = [["99.50", "2.0"], ["99.00", "1.0"], ["98.00", "4.0"]]
ASKS = [["100.50", "6.0"], ["101.00", "1.5"], ["103.00", "2.5"]]


def book(numbers: Numbers = "float", keep: Keep = 1000, limit: int | None = None) -> OrderBook:
    made = OrderBook(numbers=numbers, keep=keep, name="TEST")
    made.load(7, BIDS, ASKS, limit=limit)
    return made


def test_the_touch() -> None:
    """Best prices, spread, mid, microprice and imbalance."""
    found = book()
    assert (found.best_bid, found.best_ask) == (Level(99.5, 2.0), Level(100.5, 6.0))
    assert (found.spread, found.mid) == (1.0, 100.0)
    assert found.microprice == pytest.approx((99.5 * 6 + 100.5 * 2) / 8)
    assert found.imbalance() == pytest.approx(-0.5)
    assert found.imbalance(3) == pytest.approx((7 - 10) / 17)


@pytest.mark.parametrize(
    ("numbers", "level"),
    [
        ("float", Level(99.5, 2.0)),
        ("str", Level("99.50", "2.0")),
        ("decimal", Level(Decimal("99.50"), Decimal("2.0"))),
    ],
)
def test_numbers_are_read_as_asked(numbers: Numbers, level: Level) -> None:
    """As floats, texts or Decimals; calculations agree."""
    found = book(numbers)
    assert found.best_bid == level
    assert type(found.bids[0].price) is type(level.price)
    assert found.spread == 1
    assert found.to_dict(1)["bids"] == [list(level)]
    assert found.imbalance() == pytest.approx(-0.5)
    assert found.vwap("asks", 7) == pytest.approx((6 * 100.5 + 101) / 7)


def test_exact_numbers_keep_what_a_double_cannot() -> None:
    """Neither a quantity of 20 digits nor a difference of tenths is rounded."""
    found = OrderBook(numbers="decimal")
    found.load(1, [["0.10", "12345678901.123456789"]], [["0.30", "1"]])
    assert found.bids == [Level(Decimal("0.10"), Decimal("12345678901.123456789"))]
    assert found.spread == Decimal("0.20")


def test_levels_change_and_go() -> None:
    """A quantity is set, 0 removes, and removing what is not there is normal."""
    found = book()
    found.apply(9, [["99.50", "0.0"], ["99.25", "3"], ["1.00", "0"]], [["100.5", "1"]], time=1234)
    assert found.bids == [(99.25, 3.0), (99.0, 1.0), (98.0, 4.0)]
    assert found.asks == [(100.5, 1.0), (101.0, 1.5), (103.0, 2.5)]
    assert (found.id, found.time, found.top(1).id, found.top(1).time) == (9, 1234, 9, 1234)
    assert [level.price for level in found] == [98.0, 99.0, 99.25, 100.5, 101.0, 103.0]
    assert len(found) == 6


def test_vwap_and_depth_end_at_what_is_known() -> None:
    """Beyond it they raise rather than guess."""
    found = book()
    assert found.vwap("asks", 7) == pytest.approx((6 * 100.5 + 101) / 7)
    assert found.vwap("bids", "2") == 99.5
    assert found.depth_to("asks", 101) == 7.5
    assert found.depth_to("bids", 1) == 7.0  # the whole side is known
    with pytest.raises(BeyondKnownDepth, match="TEST knows 3 bids, which do not reach 8"):
        found.vwap("bids", 8)
    assert (found.price_to("asks", 7), found.price_to("asks", 6), found.price_to("bids", 2.5)) == (101.0, 100.5, 99.0)
    deeper = book(limit=3)
    assert (deeper.known_to("bids"), deeper.known_to("asks"), found.known_to("bids")) == (98.0, 103.0, None)
    with pytest.raises(BeyondKnownDepth):
        deeper.depth_to("bids", 97.99)
    with pytest.raises(BeyondKnownDepth, match=r"do not reach 7\.5"):
        deeper.price_to("bids", 7.5)
    with pytest.raises(BeyondKnownDepth, match="do not reach 4"):
        deeper.top(4, strict=True)
    assert len(deeper.top(4).bids) == 3
    assert len(found.top(4, strict=True).bids) == 3  # there are no more


def test_what_is_known_is_told_on_request() -> None:
    """Without ``strict`` the answer is that of the known levels, where there are any."""
    found = book(limit=3)
    assert found.depth_to("bids", 1, strict=False) == 7.0
    assert found.vwap("bids", 8, strict=False) == pytest.approx((2 * 99.5 + 99 + 4 * 98) / 7)
    assert found.price_to("bids", 8, strict=False) == 98.0
    found.apply(8, [[price, "0"] for price, _ in BIDS], [])
    with pytest.raises(BeyondKnownDepth, match="TEST knows 0 bids, which do not reach 1"):
        found.vwap("bids", 1, strict=False)


def test_levels_behind_what_is_known_are_left_out() -> None:
    """A diff tells one of them, and nobody knows what lies between."""
    found = book(limit=3)
    found.apply(8, [["97.00", "5"]], [["104.00", "5"]])
    assert (len(found.bids), len(found.asks)) == (3, 3)
    found.apply(9, [["98.50", "5"]], [])
    assert [level.price for level in found.bids] == [99.5, 99.0, 98.5, 98.0]


def test_only_the_best_are_kept() -> None:
    """And the side is known as far as the last one kept."""
    found = book(keep=2)
    assert [level.price for level in found.bids] == [99.5, 99.0]
    found.apply(8, [["99.75", "1"]], [])
    assert [level.price for level in found.bids] == [99.75, 99.5]
    assert found.known_to("bids") == 99.5
    found.apply(9, [["99.75", "0"], ["99.00", "7"]], [])
    assert [level.price for level in found.bids] == [99.5]
    assert found.shallower_than(2)


def test_a_window_around_the_touch_is_kept() -> None:
    """In percent of the best price of each side; what lies behind is known no more, also when the price comes back."""
    found = book(keep="1%")
    assert ([price for price, _ in found.bids], [price for price, _ in found.asks]) == ([99.5, 99.0], [100.5, 101.0])
    assert found.known_to("bids") == pytest.approx(98.505)
    assert found.known_to("asks") == pytest.approx(101.505)
    found.apply(8, [["98.51", "1"], ["98.50", "1"]], [])
    assert [price for price, _ in found.bids] == [99.5, 99.0, 98.51]
    found.apply(9, [["99.50", "0"], ["99.00", "0"]], [])
    assert [price for price, _ in found.bids] == [98.51]
    with pytest.raises(BeyondKnownDepth):
        found.depth_to("bids", 98.50)
    found.apply(10, [["98.50", "1"]], [])
    assert [price for price, _ in found.bids] == [98.51]


def test_a_window_that_holds_a_whole_side_knows_it() -> None:
    """No end is made up where nothing was left out, and an empty side has none."""
    found = book(keep="50%")
    assert (found.known_to("bids"), found.known_to("asks")) == (None, None)
    assert len(found) == 6
    found.apply(8, [[price, "0"] for price, _ in BIDS], [])
    assert (found.bids, found.known_to("bids"), found.worn()) == ([], None, False)
    reaching = book(keep="50%", limit=3)
    assert (reaching.known_to("bids"), reaching.known_to("asks")) == (98.0, 103.0)


def test_a_window_is_worn_when_half_of_it_is_left() -> None:
    """Half of the window, or of what the snapshot had of it: one that was never deep is not asked for for ever."""
    shallow = book(keep="50%", limit=3)  # 1.5 of 49.75 on the side of the bids
    assert not shallow.worn()
    shallow.apply(8, [["99.50", "0"]], [])
    assert not shallow.worn()
    shallow.apply(9, [["99.00", "0"], ["98.70", "1"]], [])
    assert shallow.worn()
    narrow = book(keep="1%")
    assert not narrow.worn()
    narrow.apply(8, [["99.50", "0"]], [])  # 0.495 of 0.995
    assert narrow.worn()
    assert narrow.copy().worn()


def test_a_copy_stays_as_it_is() -> None:
    """Later updates do not reach it."""
    found = book()
    copy = found.copy()
    found.apply(8, [["99.50", "0"]], [])
    assert copy.best_bid == (99.5, 2.0)
    assert found.best_bid == (99.0, 1.0)


def test_an_audit_counts_what_differs() -> None:
    """Within what book and snapshot both know."""
    found = book()
    found.apply(8, [["98.00", "3.0"], ["97.00", "1"]], [["101.00", "0"]])
    audit = found.audit(BIDS, ASKS, 8)
    # 97.00 lies behind the snapshot, which may have been cut there
    assert (audit.levels, audit.matching, audit.missing, audit.orphaned, audit.different) == (6, 4, 1, 0, 1)
    assert audit.percent == pytest.approx(100 * 4 / 6)
    with pytest.raises(ConfigError, match="the id that the book is at, 8"):
        found.audit(BIDS, ASKS, 7)


def test_out_of_sync_it_answers_nothing() -> None:
    """Each question raises, and says why."""
    found = OrderBook(name="TEST")
    for ask in (
        found.top,
        found.copy().top,
        found.to_dict,
        lambda: found.bids,
        lambda: found.spread,
        lambda: list(found),
        lambda: found.vwap("bids", 1),
        lambda: found.price_to("bids", 1),
        lambda: found.depth_to("bids", 1),
        lambda: found.imbalance(),
        lambda: found.audit([], [], 0),
    ):
        with pytest.raises(BookOutOfSync, match="TEST is out of sync: no snapshot yet"):
            ask()
    assert repr(found) == "<OrderBook TEST: 0 bids, 0 asks, out of sync: no snapshot yet>"
    assert found._repr_html_() == "<p>&lt;OrderBook TEST: 0 bids, 0 asks, out of sync: no snapshot yet&gt;</p>"
    found.load(1, [], [])
    assert (found.best_bid, found.best_ask, found.mid, found.imbalance()) == (None, None, None, None)


def test_it_shows_itself() -> None:
    """As text, and as a ladder in a notebook."""
    assert repr(book()) == "<OrderBook TEST: 3 bids, 3 asks, at 7>"
    html = book()._repr_html_()
    assert html.index("103.0") < html.index("100.5") < html.index("99.5")


@pytest.mark.parametrize("keep", [0, -1, True, 1.5, "1", "0%", "100%", "-1%", "2 %", "nan%", "%", "\u0662%"])
def test_keep_is_a_number_of_levels_or_percent(keep: object) -> None:
    """Anything else is refused at once."""
    with pytest.raises(ConfigError, match=r"keep: expected a number of levels from 1, percent of the price .* '2%'"):
        OrderBook(keep=keep)  # type: ignore[arg-type]


def test_other_wrong_arguments() -> None:
    """They say what is allowed."""
    with pytest.raises(ConfigError, match="numbers: expected 'float', 'str' or 'decimal'"):
        OrderBook(numbers="int")  # type: ignore[arg-type]
    for call in (
        lambda: book().top(0),
        lambda: book().top(True),
        lambda: book().top("5"),  # type: ignore[arg-type]
        lambda: book().top(2.5),  # type: ignore[arg-type]
        lambda: book().imbalance(0),
        lambda: book().imbalance("5"),  # type: ignore[arg-type]
        lambda: book().to_dict(-1),
        lambda: book().to_dict(True),
        lambda: book().vwap("bids", "x"),  # type: ignore[arg-type]
        lambda: book().price_to("bids", None),  # type: ignore[arg-type]
        lambda: book().depth_to("bids", "x"),  # type: ignore[arg-type]
        lambda: book().load(1, [], [], limit=0),
        lambda: book().vwap("bids", 0),
        lambda: book().vwap("bids", float("inf")),
        lambda: book().depth_to("bids", float("nan")),
        lambda: book().vwap("buy", 1),  # type: ignore[arg-type]
        lambda: book().depth_to("buy", 1),  # type: ignore[arg-type]
        lambda: book().known_to("buy"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigError):
            call()


@given(
    seed=st.integers(0, 2**32),
    keep=st.integers(1, 70) | st.integers(1, 99).map(lambda hundredths: f"0.{hundredths:02}%"),
    limit=st.integers(1, 70),
    exact=st.booleans(),
)
def test_what_is_kept_equals_the_exchange(seed: int, keep: Keep, limit: int, exact: bool) -> None:
    """Every level that a book shows is the exchange's, and none between them or up to what is known is missing."""
    true = TrueBook(Random(seed))
    found = OrderBook(keep=keep, numbers="str" if exact else "float")
    update_id, bids, asks = true.snapshot(limit)
    found.load(update_id, bids, asks, limit=limit)
    for _ in range(30):
        diff = true.diff()
        found.apply(diff.last, diff.bids, diff.asks)
        for side, ours, theirs in zip(SIDES, (found.bids, found.asks), true.levels(), strict=True):
            assert [(float(price), float(quantity)) for price, quantity in ours] == theirs[: len(ours)]
            end = found.known_to(side)
            if end is None:
                assert len(ours) == len(theirs)
            elif len(ours) < len(theirs):
                assert theirs[len(ours)][0] < end if side == "bids" else theirs[len(ours)][0] > end
            if isinstance(keep, int):
                assert len(ours) <= keep
            elif ours:
                best, share = theirs[0][0], float(keep[:-1]) / 100
                assert all(abs(float(price) - best) <= share * best + 1e-9 for price, _ in ours)


def _flat(quantity: int) -> tuple[list[list[str]], list[list[str]]]:
    """Five levels a side, all of one quantity."""
    return [[str(10 - n), str(quantity)] for n in range(5)], [[str(11 + n), str(quantity)] for n in range(5)]


def _torn(found: OrderBook) -> list[object]:
    """Answers that no single moment gives, where each moment has the quantity ``id + 1`` on all ten levels."""
    top, copy, told = found.top(5), found.copy(), found.to_dict()
    wrong: list[object] = []
    for update_id, levels in (
        (top.id, top.bids + top.asks),
        (copy.id, list(copy)),
        (told["id"], told["bids"] + told["asks"]),
    ):
        if [quantity for _, quantity in levels] != [update_id + 1] * 10:
            wrong.append((update_id, levels))
    for levels in (found.bids, found.asks, list(found)):
        if len({quantity for _, quantity in levels}) != 1:
            wrong.append(levels)
    if found.depth_to("bids", 6) % 5 or found.imbalance(5) != 0 or found.vwap("asks", 1) != 11:
        wrong.append("a sum over levels of several moments")
    return wrong


@pytest.mark.parametrize("numbers", ["float", "decimal"])
def test_readers_see_one_moment(numbers: Numbers) -> None:
    """Diffs, snapshots and whole books change ten levels at once, and go out of sync; nobody sees a part of it."""
    found = OrderBook(numbers=numbers)
    found.load(0, *_flat(1))
    torn: list[object] = []
    answered = [0, 0, 0]
    over = threading.Event()

    def read(reader: int) -> None:
        while not over.is_set():
            try:
                torn.extend(_torn(found))
                answered[reader] += 1
            except BookOutOfSync:
                pass

    readers = [threading.Thread(target=read, args=(reader,)) for reader in range(3)]
    for thread in readers:
        thread.start()
    number = 0
    while number < 2000 or min(answered) < 20:
        number += 1
        levels = _flat(number + 1)
        if number % 10 == 0:
            found.load(number, *levels)
        elif number % 10 == 5:
            whole = OrderBook(numbers=numbers)
            whole.load(number, *levels)
            found.invalidate("a test")
            found.become(whole)
        else:
            found.apply(number, *levels)
    over.set()
    for thread in readers:
        thread.join(PATIENCE)
    assert torn == []


@pytest.mark.parametrize("numbers", ["float", "str", "decimal"])
@pytest.mark.parametrize("level", [["98", "inf"], ["98", "1e999"], ["inf", "1"], ["-inf", "1"], ["98", "nan"]])
def test_infinity_is_no_number(numbers: Numbers, level: list[str]) -> None:
    """A book that took it would answer with infinity, or with NaN; it is out of sync instead."""
    for side in ("bids", "asks"):
        found = OrderBook(numbers=numbers)
        found.load(1, [["99", "1"]], [["101", "1"]])
        with pytest.raises(ValueError, match=r"price|quantity"):
            found.apply(2, **{"bids": [], "asks": [], side: [level]})
        assert not found.in_sync
        with pytest.raises(ValueError, match="level"):
            found.level(*level)
