"""Order books of a manager on the embedded exchange: right or out of sync, whatever goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from e2e import books_table as table
from e2e.conftest import Tls
from e2e.harness import FINAL, PATIENCE, eventually, managed, nothing_left, options
from e2e.tables import TABLES

from binance_sockets import SocketManager
from binance_sockets.books import BookState, BookStatus, OrderBook, Touch, feed
from binance_sockets.engine import budget, listing
from binance_sockets.errors import BookOutOfSync, ConfigError, UnknownConnection
from binance_sockets.exchanges.binance import books, urls
from binance_sockets.faults import Fault
from binance_sockets.simulator import LimitOverrides, Simulator


@pytest.fixture(scope="module")
def busy() -> Iterator[Simulator]:
    """An exchange whose time runs fast: the next change of a book is never far."""
    limits = LimitOverrides(connects=100_000, weight=10_000_000)
    with Simulator(speed=5.0, limits=limits) as running, managed(running) as (manager, record):
        manager.start_trade_socket("BTCUSDT", record.on_message)
        manager.start()
        record.wait_messages(1)  # all is imported and opened that stays for good
        manager.close()
        yield running


@pytest.fixture
def sim(busy: Simulator) -> Iterator[Simulator]:
    """The same, without faults."""
    yield busy
    busy.clear_faults()


@pytest.fixture(scope="module", autouse=True)
def exchanges(busy: Simulator, shared_plain: Simulator, shared_tls: Simulator) -> None:
    """All run before the first test counts its threads."""


@dataclass
class Reader:
    """A callback and a status listener that check what they see."""

    books: int = 0
    finals: int = 0
    ids: list[int] = field(default_factory=list, repr=False)
    statuses: list[BookStatus] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, book: Any) -> None:
        with self.changed:
            if book == FINAL:
                self.finals += 1
            else:
                top = book.top(5)
                self.ids.append(top.id)
                self.books += 1
                if top.bids[0].price >= top.asks[0].price:
                    self.wrong.append(f"crossed at {top.id}")
            self.changed.notify_all()

    def on_status(self, status: BookStatus) -> None:
        with self.changed:
            self.statuses.append(status)
            self.changed.notify_all()

    def wait(self, predicate: Callable[[Reader], object], what: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: predicate(self), PATIENCE), f"not within {PATIENCE} s: {what}\n{self}"

    @property
    def states(self) -> list[BookState]:
        return [status.state for status in self.statuses]

    def more(self, count: int = 1) -> None:
        """Further changes arrive."""
        wanted = self.books + count
        self.wait(lambda reader: reader.books >= wanted, f"{wanted} changes")


def _metrics(manager: SocketManager, key: str) -> dict[str, Any]:
    found = manager.snapshot()["connections"][key]["book"]
    assert found is not None
    return dict(found)


def _proven(manager: SocketManager, key: str) -> None:
    """A new snapshot says that every level is right."""
    before = _metrics(manager, key)["audits"]

    def audited() -> bool:
        manager.audit_order_book(key)
        return bool(_metrics(manager, key)["audits"] > before)

    eventually(audited, "an audit")
    assert _metrics(manager, key)["audit_percent"] == 100.0


def _cases() -> list[Any]:
    """Every row for one product by default, and for all in the long run."""
    return [
        pytest.param(
            row,
            product,
            id=f"{row.name.replace(' ', '-')}-{product[0]}",
            marks=[pytest.mark.full] * (number % len(table.PRODUCTS) != other or row.long),
        )
        for number, row in enumerate(table.ROWS)
        for other, product in enumerate(table.PRODUCTS)
    ]


@pytest.mark.parametrize(("row", "product"), _cases())
def test_every_fault_leaves_a_book_right_or_out_of_sync(
    row: table.Row, product: tuple[str, str], tls: Tls, request: pytest.FixtureRequest
) -> None:
    """What becomes of a book is what its row says, an audit proves it at the end, and nothing is left behind."""
    name, symbol = product
    reader = Reader()
    waits = options(attempts=row.attempts, **row.short)
    sim: Simulator = request.getfixturevalue("tls_sim" if row.tls else "sim")
    waits = replace(waits, ssl_context=tls.client) if row.tls else waits
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    patch.setattr(listing, "_SOON", 0.5 if row.fault is Fault.FORGET else 5.0)
    patch.setattr(listing, "_RARELY", 0.5 if row.fault is Fault.FORGET else 300.0)
    with nothing_left(sim), managed(sim, waits) as (manager, record):
        if row.promise != table.NEVER:
            manager.start()
        if row.promise in (table.OPENS, table.NEVER, table.ASKS, table.UNTOUCHED):
            count = None if row.promise == table.NEVER else 1
            injection = sim.inject(row.fault, count=count, **_aimed(row, name), **row.params)
        key = manager.start_order_book(symbol, reader, name, on_status=reader.on_status)
        assert key
        if row.promise == table.NEVER:
            book = manager.order_book(key)
            manager.start()  # now, as a key that has given up is known no more
            reader.wait(lambda reader: reader.finals, "the last payload")
            manager.join(PATIENCE)
            assert (reader.finals, reader.books, reader.states) == (1, 0, [BookState.ENDED])
            with pytest.raises(BookOutOfSync):
                book.top()
        else:
            reader.more()
            if row.promise in (table.RESYNCS, table.STAYS):
                injection = _strike(row, name, sim, manager, key, reader)
                reader.more()
            assert bool(injection.struck) is (row.promise != table.UNTOUCHED)
            again = row.promise == table.RESYNCS
            expected = [BookState.IN_SYNC] + [BookState.RESYNCING, BookState.IN_SYNC] * again
            assert reader.states == expected, reader.statuses
            _proven(manager, key)
            assert reader.states == expected
            if row.promise == table.ASKS and row.fault is Fault.STALE_SNAPSHOT:
                assert _metrics(manager, key)["outdated"] >= 1
        if row.reported is not None:
            assert row.reported in {type(report.error) for report in record.errors}
    assert not reader.wrong
    assert reader.ids == sorted(reader.ids)
    line = f"{row.name:34} {row.promise}"
    if line not in TABLES["faults x order books"]:
        TABLES["faults x order books"].append(line)


def _aimed(row: table.Row, product: str) -> dict[str, str]:
    """A fault that strikes before the path is known can be aimed at nobody."""
    return {} if row.fault in (Fault.REFUSE, Fault.TLS_FAILURE) else {"product": product}


def _strike(row: table.Row, product: str, sim: Simulator, manager: SocketManager, key: str, reader: Reader) -> Any:
    resyncs = row.promise == table.RESYNCS
    # The first diff behind a snapshot may tell nothing that is not in it: spoilt, it would not be missed.
    eventually(lambda: _metrics(manager, key)["applied"], "a diff behind the snapshot")
    if row.fault is not Fault.SILENCE:
        injection = sim.inject(row.fault, count=1, product=product, **row.params)
    else:
        injection = sim.inject(row.fault, product=product)
        reader.wait(lambda reader: BookState.RESYNCING in reader.states, "a reaction to silence")
        injection.remove()
    eventually(lambda: injection.struck, "the fault")
    if resyncs:
        reader.wait(lambda reader: len(reader.statuses) >= 3, "a resync")
    elif row.fault is Fault.SERVER_SHUTDOWN:
        eventually(
            lambda: (
                [link["left"] and not link["replacing"] for link in manager.snapshot()["connections"][key]["links"]]
                == [True]
            ),
            "the change of the link",
        )
    return injection


KINDS = [
    ("spot", "BTCUSDT", {}),
    ("spot", "BTCUSDT", {"depth": 5}),
    ("spot", "BTCUSDT", {"numbers": "decimal", "limit": 5000, "keep": None}),
    ("usdm", "BTCUSDT", {"rpi": True}),
    ("usdm", "BTCUSDT", {"depth": 20, "interval": 500}),
    ("coinm", "BTCUSD_PERP", {"limit": 20}),
    ("coinm", "BTCUSD_PERP", {"keep": "0.01%"}),
    ("options", "", {}),
]


@pytest.mark.parametrize(("product", "symbol", "arguments"), KINDS, ids=lambda value: str(value) or "first")
def test_every_kind_of_book(product: str, symbol: str, arguments: dict[str, Any], shared_plain: Simulator) -> None:
    """Every product, with retail orders, and the best levels alone: in sync, right, and over when it is stopped."""
    reader = Reader()
    with managed(shared_plain) as (manager, _):
        manager.start()
        symbol = symbol or shared_plain.symbols["options"][0]
        key = manager.start_order_book(symbol, reader, product, on_status=reader.on_status, **arguments)
        assert key
        assert manager.start_order_book(symbol, reader, product, **arguments) is False
        reader.more()
        book = manager.order_book(key)
        if "depth" in arguments:
            assert 0 < len(book.bids) <= arguments["depth"]
            assert _metrics(manager, key)["snapshots"] == 0
        else:
            _proven(manager, key)
        if "keep" in arguments and arguments["keep"] is not None:
            best, end = book.top(1).bids[0].price, book.known_to("bids")
            assert end is not None
            assert 0 < best - end <= best * 0.0002
        manager.stop_socket(key)
        assert [status.state for status in reader.statuses] == [BookState.IN_SYNC, BookState.ENDED]
        assert "stopped" in reader.statuses[-1].why
        with pytest.raises(BookOutOfSync, match="stopped"):
            book.top()
        with pytest.raises(UnknownConnection):
            manager.order_book(key)
        assert manager.start_order_book(symbol, reader, product, **arguments) == key
        assert manager.order_book(key) is not book
        reader.more()


def test_the_touch_changes_each_time_it_is_told(sim: Simulator) -> None:
    """``view="top"``: ids rise, what is told differs from what was told before, and the book agrees with its id."""
    told: list[Touch] = []
    tops: dict[int, tuple[Any, Any]] = {}
    enough = threading.Event()
    books: list[OrderBook] = []

    def on_touch(touch: Any) -> None:
        told.append(touch)
        if books and books[0].in_sync:
            top = books[0].top(1)
            tops[top.id] = (top.bids[0], top.asks[0])
        if len(told) >= 10:
            enough.set()

    with managed(sim) as (manager, _):
        key = manager.start_order_book("BTCUSDT", on_touch, view="top")
        books.append(manager.order_book(key))
        manager.start()
        assert enough.wait(PATIENCE)
    ids = [touch.id for touch in told]
    assert ids == sorted(set(ids))
    assert all(before[1:] != after[1:] for before, after in pairwise(told))
    assert all(tops[touch.id] == touch[1:] for touch in told if touch.id in tops)


def test_an_audit_that_fails_is_a_resync(shared_plain: Simulator) -> None:
    """A level that the exchange does not have is found by the automatic audit, told, and gone.

    In a market that moves slowly: no snapshot tells of levels beyond its own.
    """
    reader = Reader()
    with managed(shared_plain) as (manager, _):
        manager.start()
        key = manager.start_order_book("BTCUSDT", reader, on_status=reader.on_status, audit_every=1)
        reader.more()
        book = manager.order_book(key)
        deepest = book.bids[-1].price
        book.apply(book.id, [[f"{deepest - n / 100:.2f}", "7"] for n in range(1, 9)], [])
        reader.wait(lambda reader: len(reader.statuses) >= 3, "a resync")
        assert reader.states == [BookState.IN_SYNC, BookState.RESYNCING, BookState.IN_SYNC]
        assert "an audit found" in reader.statuses[1].why
        _proven(manager, key)


def test_a_market_in_which_nothing_happens_keeps_its_books(monkeypatch: pytest.MonkeyPatch) -> None:
    """No diff ever comes: each book is shown once, readable and right; neither twice the silence after which a
    dead link is given up nor an audit makes it resync, and one snapshot is all it needs besides audits.

    It takes more than the second that an audit is away at least.
    """
    monkeypatch.setattr(feed, "_QUIET", 0.1)
    readers = {product: Reader() for product, _ in table.PRODUCTS}
    with Simulator(speed=1e-9) as sim, managed(sim, options(stale=0.6)) as (manager, record):
        manager.start()
        keys = {}
        for product, symbol in table.PRODUCTS:
            reader = readers[product]
            keys[product] = manager.start_order_book(
                symbol, reader, product, on_status=reader.on_status, audit_every=1.0
            )

        def link(key: Any) -> Any:
            return manager.snapshot()["connections"][key]["links"][0]

        eventually(lambda: all(_metrics(manager, key)["audits"] for key in keys.values()), "an audit of each book")
        eventually(lambda: all((link(key)["age"] or 0.0) > 1.2 for key in keys.values()), "links that are old enough")
        for product, key in keys.items():
            assert link(key)["round_trip"] is not None
            found, book = _metrics(manager, key), manager.order_book(key)
            assert (found["state"], found["resyncs"], found["outdated"], found["applied"]) == ("in sync", 0, 0, 0)
            assert (found["audit_percent"], found["snapshots"]) == (100.0, 1 + found["audits"])
            reader = readers[product]
            assert (reader.states, reader.ids) == ([BookState.IN_SYNC], [book.id])
            assert book.top(3).bids[0].price < book.top(3).asks[0].price
        assert not record.errors
        assert not record.gaps


def test_many_books_stay_within_the_request_budget() -> None:
    """Sixty books at once are served one after another; the exchange refuses no call, and all are right."""
    names = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}AUSDT" for n in range(60)]
    with (
        Simulator(symbols={"spot": names}, limits=LimitOverrides(weight=3000)) as sim,
        managed(sim) as (manager, record),
    ):
        manager.start()
        keys = [manager.start_order_book(name, numbers="str") for name in names]
        books = [manager.order_book(key) for key in keys]
        eventually(lambda: all(book.in_sync for book in books), "all in sync", 40.0)
        assert not record.errors
        threads = [thread.name for thread in threading.enumerate() if thread.name.endswith(":errands")]
        assert len(threads) == 1
        assert all(_metrics(manager, key)["snapshots"] >= 1 for key in keys)


def test_two_managers_with_books_share_one_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the books of one have used the other one's wait for, visibly in both; a history comes all the same, from the
    part that books cannot use."""
    monkeypatch.setattr(budget, "_shared", budget.Budgets())
    monkeypatch.setattr(urls, "_EACH", 600 / 6000)
    monkeypatch.setattr(urls, "_MOST", 700 / 6000)
    asked: list[int] = []
    real = books._Fetch.__call__
    monkeypatch.setattr(books._Fetch, "__call__", lambda fetch: (asked.append(1), real(fetch))[1])
    names = [f"{letter}AAUSDT" for letter in "ABCDEF"]
    chosen = replace(options(), limit_loopback=True)
    with (
        Simulator(symbols={"spot": names}) as sim,
        managed(sim, chosen) as (one, record),
        managed(sim, chosen) as (other, _),
    ):
        for manager in (one, other):
            manager.start()
        keys = [(manager, manager.start_order_book(name, limit=5000)) for name in names for manager in (one, other)]

        def weight(manager: SocketManager) -> Any:
            (row,) = manager.snapshot()["budgets"].values()
            return row["weights"]["spot"]

        eventually(lambda: weight(one)["waiting"] == 2, "one call of each manager waits")
        assert weight(one) == weight(other) == {"used": 500, "left": 200, "period": 60.0, "waiting": 2}
        assert sum(manager.order_book(key).in_sync for manager, key in keys) <= len(asked) == 2
        other.start_aggtrade_socket("AAAUSDT", record.on_message, history=10)
        eventually(lambda: len(record.messages) >= 10, "a history")
        assert weight(one)["used"] == 504
        assert not record.errors


def test_a_status_listener_that_raises_breaks_nothing(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the book goes on."""
    reader = Reader()

    def fail(status: BookStatus) -> None:
        raise RuntimeError("boom")

    with managed(sim) as (manager, _):
        manager.start()
        key = manager.start_order_book("BTCUSDT", reader, on_status=fail)
        reader.more()
        _proven(manager, key)
    assert "a status listener of btcusdt@book raised" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"product": "margin"}, "product"),
        ({"symbol": "BTC-USDT"}, "symbol"),
        ({"callback": 5}, "callback"),
        ({"on_status": 5}, "on_status"),
        ({"view": "best"}, "view"),
        ({"depth": 7}, "depth"),
        ({"depth": 5, "audit_every": 60}, "depth"),
        ({"depth": 5, "view": "top"}, "depth"),
        ({"rpi": True}, "rpi"),
        ({"rpi": True, "product": "usdm", "view": "top"}, "view"),
        ({"interval": 7}, "interval"),
        ({"keep": 0}, "keep"),
        ({"keep": "two percent"}, "keep"),
        ({"numbers": "int"}, "numbers"),
        ({"limit": 6000}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 30, "product": "usdm"}, "limit"),
        ({"audit_every": 0.5}, "audit_every"),
        ({"audit_every": "1"}, "audit_every"),
    ],
    ids=str,
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], name: str) -> None:
    """In the caller's thread, and nothing is started."""
    manager = SocketManager()
    with pytest.raises(ConfigError, match=name):
        manager.start_order_book(**{"symbol": "BTCUSDT", **arguments})
    assert not manager.snapshot()["connections"]


def test_books_of_quiet_markets_do_not_wait_for_the_snapshots_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two snapshots have spent the allowance, and a third one waits for it: the two are shown all the same."""
    monkeypatch.setattr(feed, "_QUIET", 0.1)
    monkeypatch.setattr(budget, "_shared", budget.Budgets())
    monkeypatch.setattr(urls, "_EACH", 110 / 6000)  # two snapshots of 1,000 levels a minute
    names, chosen = ["AAUSDT", "ABUSDT", "ACUSDT"], replace(options(), limit_loopback=True)
    with Simulator(speed=1e-9, symbols={"spot": names}) as sim, managed(sim, chosen) as (manager, record):
        manager.start()
        keys = [manager.start_order_book(name) for name in names]
        eventually(lambda: sum(manager.order_book(key).in_sync for key in keys) == 2, "two books")
        assert sum(_metrics(manager, key)["snapshots"] for key in keys) == 2
        assert not record.errors


def test_a_symbol_that_does_not_exist_is_named(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """The log and the error listeners have the exchange's words for why there is no book."""
    with managed(sim) as (manager, record):
        manager.start()
        manager.start_order_book("NOSUCH")
        eventually(lambda: any("Invalid symbol" in str(report.error) for report in record.errors), "the reason")
        eventually(lambda: "no snapshot" in caplog.text, "a line")
    assert "Invalid symbol" in caplog.text


def test_the_key_of_another_socket_is_no_book(sim: Simulator) -> None:
    """That is said, also where the socket shares a link; it is not called unknown."""
    for pool in (False, True):
        with managed(sim, replace(options(), pool=pool)) as (manager, record):
            key = manager.start_trade_socket("BTCUSDT", record.on_message)
            for call in (manager.order_book, manager.audit_order_book):
                with pytest.raises(ConfigError, match="the key of an order book, as start_order_book returns it"):
                    call(key)
                with pytest.raises(UnknownConnection):
                    call("ethusdt@book")
