"""Depth caches of python-binance, 0.7's and 1.x's, on the embedded exchange."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from queue import Queue
from typing import Any

import pytest
from e2e.harness import eventually
from patience import PATIENCE

from binance_sockets.compat import BinanceSocketManager
from binance_sockets.compat.depthcache import DepthCache, DepthCacheManager, ThreadedDepthCacheManager
from binance_sockets.errors import BinanceSocketsError, ConfigError, ExchangeError
from binance_sockets.simulator import Fault, Simulator


@pytest.fixture
def bm(exchange: Simulator) -> Iterator[BinanceSocketManager]:
    """0.7's socket manager, closed at the end."""
    made = BinanceSocketManager(None)
    yield made
    made.close()


@pytest.fixture
def threaded(exchange: Simulator) -> Iterator[ThreadedDepthCacheManager]:
    """1.x's threaded manager, stopped at the end."""
    made = ThreadedDepthCacheManager()
    yield made
    made.stop()


def check(cache: DepthCache | None) -> DepthCache:
    """Both sides are sorted lists of two floats, and do not cross."""
    assert cache is not None
    bids, asks = cache.get_bids(), cache.get_asks()
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert {(type(level), len(level), type(level[0]), type(level[1])) for level in bids + asks} == {
        (list, 2, float, float)
    }
    assert bids[0][0] < asks[0][0]
    return cache


def test_a_cache_by_hand() -> None:
    """add_bid and add_ask take text, quantity zero removes, the best level comes first."""
    cache = DepthCache("BNBBTC")
    assert cache.symbol == "BNBBTC"
    assert cache.update_time is None
    for price, quantity in (("1.0", "3"), ("1.2", "1"), ("1.1", "2"), ("1.1", "0.00000000")):
        cache.add_bid([price, quantity])
    for level in (["2.2", "1"], ["2.1", "5"]):
        cache.add_ask(level)
    assert cache.get_bids() == [[1.2, 1.0], [1.0, 3.0]]
    assert cache.get_asks() == [[2.1, 5.0], [2.2, 1.0]]
    assert DepthCache.sort_depth({"2": 1.0, "3": 2.0}, reverse=True) == [[3.0, 2.0], [2.0, 1.0]]
    with pytest.raises(ValueError, match="Unknown order book"):
        DepthCache.sort_depth(7)  # type: ignore[arg-type]


def test_the_constructor_comes_back_with_data(exchange: Simulator) -> None:
    """Without a manager of the script's own: the cache is full, moves, and is None after close()."""
    seen: Queue[Any] = Queue()
    manager = DepthCacheManager(None, "BTCUSDT", seen.put, ws_interval=100)
    check(manager.get_depth_cache())
    assert manager.get_symbol() == "BTCUSDT"
    times = [check(seen.get(timeout=PATIENCE)).update_time for _ in range(5)]
    assert all(isinstance(time, int) for time in times)
    manager.close(close_socket=True)
    assert manager.get_depth_cache() is None
    manager.close()


def test_one_snapshot_is_enough(exchange: Simulator, bm: BinanceSocketManager) -> None:
    """Events that do not join lead to one call of REST, not to one each; more messages lead to none."""
    seen: Queue[Any] = Queue()
    manager = DepthCacheManager(None, "ETHUSDT", seen.put, bm=bm, ws_interval=100)
    for _ in range(20):
        check(seen.get(timeout=PATIENCE))
    (socket,) = manager._books.snapshot()["connections"].values()
    assert socket["book"]["snapshots"] == 1
    manager.close()


def test_a_manager_that_is_given_is_started_and_ends_it(bm: BinanceSocketManager) -> None:
    """bm gets the conn key, is started, and its close() and stop_socket() end the cache."""
    first = DepthCacheManager(None, "BTCUSDT", bm=bm)
    second = DepthCacheManager(None, "ETHUSDT", bm=bm)
    assert bm.is_alive()
    assert first._books is second._books
    assert first._conn_key in bm._conns
    bm.stop_socket(first._conn_key)
    assert first.get_depth_cache() is None
    check(second.get_depth_cache())
    again = DepthCacheManager(None, "BTCUSDT", bm=bm)
    first.close()
    check(again.get_depth_cache())
    with pytest.raises(ValueError, match="already"):
        DepthCacheManager(None, "btcusdt", bm=bm)
    check(again.get_depth_cache())
    bm.close()
    assert second.get_depth_cache() is again.get_depth_cache() is None


def test_a_cache_made_inside_a_callback_does_not_block(bm: BinanceSocketManager) -> None:
    """0.7 was stuck for ever there: now the constructor returns at once, and the data follows."""
    made: list[DepthCacheManager] = []
    filled: Queue[Any] = Queue()

    def callback(message: Any) -> None:
        if not made:
            made.append(DepthCacheManager(None, "BTCUSDT", filled.put, bm=bm, ws_interval=100))

    bm.start_trade_socket("BTCUSDT", callback)
    bm.start()
    check(filled.get(timeout=PATIENCE))
    made[0].close()


def test_join_waits_for_caches(bm: BinanceSocketManager) -> None:
    """A script whose main program waits in join() goes on while a cache is open, with or without other sockets."""
    seen: list[object] = []
    cache = DepthCacheManager(None, "BTCUSDT", seen.append, bm=bm, ws_interval=100)
    bm.join(0.05)
    assert bm._compat_books and cache.get_depth_cache() is not None
    ended = threading.Event()
    waiting = threading.Thread(target=lambda: (bm.join(), ended.set()))
    waiting.start()
    assert not ended.is_set()
    cache.close()
    assert ended.wait(PATIENCE)
    waiting.join()
    assert not bm._compat_books


def test_callbacks_of_caches_and_sockets_take_turns(bm: BinanceSocketManager) -> None:
    """A script's callbacks share its globals: none runs while another one does."""
    inside, most, kinds, enough = [0], [0], set(), threading.Event()

    def callback(message: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.005)
        inside[0] -= 1
        kinds.add(type(message))
        if len(kinds) == 2:
            enough.set()

    manager = DepthCacheManager(None, "BTCUSDT", callback, bm=bm, ws_interval=100)
    bm.start_trade_socket("BTCUSDT", callback)
    assert enough.wait(PATIENCE)
    assert most == [1]
    manager.close()


def test_close_inside_the_callback(exchange: Simulator) -> None:
    """The cache's own callback may close it, and is not called again."""
    calls: list[Any] = []
    done = threading.Event()
    box: list[DepthCacheManager] = []

    def callback(cache: DepthCache | None) -> None:
        if box:
            calls.append(cache)
            box[0].close(close_socket=True)
            done.set()

    box.append(DepthCacheManager(None, "BTCUSDT", callback, ws_interval=100))
    assert done.wait(PATIENCE)
    assert len(calls) == 1
    assert box[0].get_depth_cache() is None


def test_a_lost_link_empties_the_cache_until_it_is_right_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it may be wrong nothing is shown; then it is whole again, from one more snapshot."""
    with Simulator(seed=5, speed=20) as own:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", own.url)
        seen: Queue[Any] = Queue()
        manager = DepthCacheManager(None, "BTCUSDT", seen.put, ws_interval=100)
        cache = manager.get_depth_cache()
        assert cache is not None
        hold = own.inject(Fault.REFUSE)
        own.inject(Fault.RESET)
        eventually(lambda: not cache.get_bids() and not cache.get_asks(), "an empty cache")
        hold.remove()
        eventually(cache.get_bids, "a whole cache")
        check(cache)
        manager.close()


def test_none_tells_of_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the socket has given up the callback gets None, once, and the cache is gone."""
    with Simulator(seed=5, speed=20) as own:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", own.url)
        ends: Queue[Any] = Queue()
        manager = DepthCacheManager(None, "BTCUSDT", lambda cache: cache is None and ends.put(cache), ws_interval=100)
        own.inject(Fault.HTTP_STATUS, status=404, on="ws")
        own.inject(Fault.RESET)
        assert ends.get(timeout=PATIENCE) is None
        assert manager.get_depth_cache() is None
        manager.close()
        assert ends.empty()


def test_a_socket_that_will_not_open_raises_in_the_constructor(monkeypatch: pytest.MonkeyPatch) -> None:
    """No data will come: the constructor says why."""
    with Simulator(seed=5) as own:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", own.url)
        own.inject(Fault.HTTP_STATUS, status=404, on="ws")
        with pytest.raises(BinanceSocketsError, match="404"):
            DepthCacheManager(None, "BTCUSDT")


def test_a_symbol_that_the_exchange_has_not_raises_in_the_constructor(
    exchange: Simulator, bm: BinanceSocketManager, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so at once, and not after a minute; the manager's other caches go on."""
    other = DepthCacheManager(None, "BTCUSDT", bm=bm)
    with pytest.raises(ExchangeError, match="Invalid symbol") as raised:
        DepthCacheManager(None, "NOSUCH", bm=bm)
    assert raised.value.error_code == -1121
    assert "Invalid symbol" in caplog.text
    check(other.get_depth_cache())
    assert list(bm._conns) == ["btcusdt@book"]


def test_wrong_arguments_are_refused(exchange: Simulator) -> None:
    """Each names what is allowed, and nothing is left open."""
    with pytest.raises(TypeError, match="order"):
        DepthCacheManager(None, "BTCUSDT", "BTCUSDT")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="compat"):
        DepthCacheManager(None, "BTCUSDT", bm=object())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="1000"):
        DepthCacheManager(None, "BTCUSDT", ws_interval=250)
    with pytest.raises(ConfigError, match="5000"):
        DepthCacheManager(None, "BTCUSDT", limit=6000)


def test_a_stream_url_of_the_script_counts(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that names its own host gets the book of that host."""
    monkeypatch.delenv("BINANCE_SOCKETS_BASE_URL")
    monkeypatch.setattr(BinanceSocketManager, "STREAM_URL", exchange.url.replace("http", "ws") + "/spot/")
    manager = DepthCacheManager(None, "BTCUSDT")
    check(manager.get_depth_cache())
    manager.close()


def test_the_threaded_manager_delivers_caches(threaded: ThreadedDepthCacheManager) -> None:
    """1.x's names; spot, futures and options; conv_type makes exact numbers."""
    spot: Queue[Any] = Queue()
    exact: Queue[Any] = Queue()
    futures: Queue[Any] = Queue()
    threaded.start()
    assert threaded.start_depth_cache(spot.put, "BTCUSDT", ws_interval=100) == "btcusdt@depth10"
    assert threaded.start_depth_cache(exact.put, "ETHUSDT", limit=50, conv_type=Decimal) == "ethusdt@depth50"
    assert threaded.start_futures_depth_socket(futures.put, "BTCUSDT") == "btcusdt@depth10"
    cache = check(spot.get(timeout=PATIENCE))
    assert cache.symbol == "BTCUSDT"
    assert len(cache.get_bids()) > 10
    assert type(exact.get(timeout=PATIENCE).get_bids()[0][0]) is Decimal
    best = check(futures.get(timeout=PATIENCE))
    assert (len(best.get_bids()), len(best.get_asks())) == (10, 10)
    assert isinstance(best.update_time, int)
    threaded.stop_socket("btcusdt@depth10")
    assert list(threaded._sockets.snapshot()["connections"]) != []
    threaded.stop()
    threaded.join(PATIENCE)
    assert not threaded.is_alive()


def test_the_threaded_manager_has_options(threaded: ThreadedDepthCacheManager, exchange: Simulator) -> None:
    """An option's ten best levels."""
    symbol = exchange.symbols["options"][0]
    seen: Queue[Any] = Queue()
    assert threaded.start_options_depth_socket(seen.put, symbol) == f"{symbol.lower()}@depth10"
    threaded.start()
    check(seen.get(timeout=PATIENCE))


def test_a_second_callback_of_a_cache_hears_the_same(threaded: ThreadedDepthCacheManager) -> None:
    """As sockets: a name that is open tells one more, over one book."""
    first: Queue[Any] = Queue()
    second: Queue[Any] = Queue()
    name = threaded.start_depth_cache(first.put, "BTCUSDT", ws_interval=100)
    assert threaded.start_depth_cache(second.put, "BTCUSDT", ws_interval=100) == name
    threaded.start()
    assert first.get(timeout=PATIENCE) is second.get(timeout=PATIENCE)
    assert len(threaded._sockets.snapshot()["connections"]) == 1
