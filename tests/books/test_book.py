"""What can be asked of a book, how deep it is known, and that a reader sees one moment."""

from __future__ import annotations

import threading
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.books import Level, OrderBook
from binance_sockets.books.book import Numbers
from binance_sockets.errors import BeyondKnownDepth, BookOutOfSync, ConfigError
from tests.books.exchange import TrueBook

BIDS = [["99.50", "2.0"], ["99.00", "1.0"], ["98.00", "4.0"]]
ASKS = [["100.50", "6.0"], ["101.00", "1.5"], ["103.00", "2.5"]]


def book(numbers: Numbers = "float", keep: int | None = 1000, limit: int | None = None) -> OrderBook:
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
    deeper = book(limit=3)
    assert (deeper.known_to("bids"), deeper.known_to("asks"), found.known_to("bids")) == (98.0, 103.0, None)
    with pytest.raises(BeyondKnownDepth):
        deeper.depth_to("bids", 97.99)
    with pytest.raises(BeyondKnownDepth, match="do not reach 4"):
        deeper.top(4, strict=True)
    assert len(deeper.top(4).bids) == 3
    assert len(found.top(4, strict=True).bids) == 3  # there are no more


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
        lambda: found.depth_to("bids", 1),
        lambda: found.imbalance(),
        lambda: found.audit([], [], 0),
    ):
        with pytest.raises(BookOutOfSync, match="TEST is out of sync: no snapshot yet"):
            ask()
    assert repr(found) == "<OrderBook TEST: 0 bids, 0 asks, out of sync: no snapshot yet>"
    assert found._repr_html_().startswith("<p>&lt;OrderBook")
    found.load(1, [], [])
    assert (found.best_bid, found.best_ask, found.mid, found.imbalance()) == (None, None, None, None)


def test_it_shows_itself() -> None:
    """As text, and as a ladder in a notebook."""
    assert repr(book()) == "<OrderBook TEST: 3 bids, 3 asks, at 7>"
    html = book()._repr_html_()
    assert html.index("103.0") < html.index("100.5") < html.index("99.5")


@pytest.mark.parametrize("keep", [0, -1, True, 1.5, "1"])
def test_keep_is_a_number_of_levels(keep: object) -> None:
    """Anything else is refused at once."""
    with pytest.raises(ConfigError, match="keep: expected a number of levels from 1, or None for all"):
        OrderBook(keep=keep)  # type: ignore[arg-type]


def test_other_wrong_arguments() -> None:
    """They say what is allowed."""
    with pytest.raises(ConfigError, match="numbers: expected 'float', 'str' or 'decimal'"):
        OrderBook(numbers="int")  # type: ignore[arg-type]
    for call in (
        lambda: book().top(0),
        lambda: book().vwap("bids", 0),
        lambda: book().vwap("buy", 1),  # type: ignore[arg-type]
        lambda: book().depth_to("buy", 1),  # type: ignore[arg-type]
        lambda: book().known_to("buy"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigError):
            call()


@given(seed=st.integers(0, 2**32), keep=st.integers(1, 70), limit=st.integers(1, 70), exact=st.booleans())
def test_what_is_kept_equals_the_exchange(seed: int, keep: int, limit: int, exact: bool) -> None:
    """Every level that a book shows is the exchange's, and none between them is missing."""
    true = TrueBook(Random(seed))
    found = OrderBook(keep=keep, numbers="str" if exact else "float")
    update_id, bids, asks = true.snapshot(limit)
    found.load(update_id, bids, asks, limit=limit)
    for _ in range(30):
        diff = true.diff()
        found.apply(diff.last, diff.bids, diff.asks)
        for ours, theirs in zip((found.bids, found.asks), true.levels(), strict=True):
            assert [(float(price), float(quantity)) for price, quantity in ours] == theirs[: len(ours)]
            assert len(ours) <= keep


def test_readers_see_one_moment() -> None:
    """Each diff moves the best bid and the best ask together; nobody sees one without the other."""
    found = OrderBook()
    found.load(0, [["0", "1"]], [["1000000", "1"]])
    torn: list[object] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            top = found.top(1)
            if top.bids[0].quantity != top.asks[0].quantity or top.bids[0].quantity != top.id + 1:
                torn.append(top)
            copy = found.copy()
            if [level.quantity for level in copy] != [copy.id + 1] * 2:
                torn.append(copy)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 3001):
        found.apply(number, [["0", str(number + 1)]], [["1000000", str(number + 1)]])
    over.set()
    for reader in readers:
        reader.join(10)
    assert torn == []
