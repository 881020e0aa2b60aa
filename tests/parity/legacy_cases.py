"""The same calls on a BinanceSocketManager of 0.7, whoever made it: ``legacy_cases.py real|ours URL [LIFE]``.

Prints one JSON object per case. Standard library only, Python 3.7's, and what is under test.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
import urllib.request
import warnings

from said import PATIENCE, pause, payloads, say, signatures

SYMBOL = "BTCUSDT"
CALLBACK = object()
"""Stands for the callback among arguments."""


def manager(side, url):
    """The class, pointed at the exchange, and the reactor beside it."""
    if side == "ours":
        from binance_sockets.compat import BinanceSocketManager
        from binance_sockets.compat.reactor import reactor

        return BinanceSocketManager, reactor
    warnings.simplefilter("ignore")  # of the old libraries
    from binance.websockets import BinanceSocketManager
    from twisted.internet import reactor

    sockets = url.replace("http", "ws", 1)
    BinanceSocketManager.STREAM_URL = sockets + "/spot/"
    BinanceSocketManager.FSTREAM_URL = sockets + "/usdm/market/"
    return BinanceSocketManager, reactor


def calls():
    """Method, arguments, keyword arguments."""
    yield "start_depth_socket", (SYMBOL, CALLBACK), {}
    yield "start_depth_socket", (SYMBOL, CALLBACK, "5"), {}
    yield "start_depth_socket", (SYMBOL, CALLBACK, 10, 100), {}
    yield "start_depth_socket", (), {"symbol": SYMBOL, "callback": CALLBACK, "depth": "20", "interval": 0}
    yield "start_depth_socket", (SYMBOL, CALLBACK, "1"), {}
    yield "start_depth_socket", (SYMBOL, CALLBACK), {"interval": 100}
    yield "start_depth_socket", (SYMBOL, CALLBACK), {"interval": 250}
    yield "start_kline_socket", (SYMBOL, CALLBACK), {}
    yield "start_kline_socket", (SYMBOL, CALLBACK, "5m"), {}
    yield "start_kline_socket", (SYMBOL, CALLBACK), {"interval": "1h"}
    yield "start_miniticker_socket", (CALLBACK,), {}
    yield "start_miniticker_socket", (CALLBACK, 1000), {}
    yield "start_miniticker_socket", (CALLBACK, 3000), {}
    for method in ("trade", "aggtrade", "symbol_ticker", "symbol_book_ticker"):
        yield f"start_{method}_socket", (SYMBOL, CALLBACK), {}
        yield f"start_{method}_socket", (), {"symbol": "ethusdt", "callback": CALLBACK}
    yield "start_ticker_socket", (CALLBACK,), {}
    yield "start_book_ticker_socket", (CALLBACK,), {}
    yield "start_multiplex_socket", (["btcusdt@trade", "ethusdt@kline_1m"], CALLBACK), {}
    yield "start_multiplex_socket", (("btcusdt@depth5", "bnbusdt@bookTicker"), CALLBACK), {}
    yield "start_aggtrade_futures_socket", (SYMBOL, CALLBACK), {}
    yield "start_symbol_mark_price_socket", (SYMBOL, CALLBACK), {}
    yield "start_symbol_mark_price_socket", (SYMBOL, CALLBACK, False), {}
    yield "start_all_mark_price_socket", (CALLBACK,), {}
    yield "start_all_mark_price_socket", (CALLBACK,), {"fast": False}
    yield "start_individual_symbol_ticker_futures_socket", (SYMBOL, CALLBACK), {}
    yield "start_symbol_ticker_futures_socket", (SYMBOL, CALLBACK), {}
    yield "start_all_ticker_futures_socket", (CALLBACK,), {}


_PUBLIC = ("start_symbol_ticker_futures_socket", "start_all_ticker_futures_socket")
"""Methods whose streams are on another route than 0.7's other ones for futures."""
_RETIRED = ("start_ticker_socket", "start_book_ticker_socket")


def main():
    side, url, *rest = sys.argv[1:]
    cls, reactor = manager(side, url)
    if rest:
        LIVES[rest[0]](cls, reactor, url)
        return
    for name, parameters in signatures(cls, ("__init__", "stop_socket", "close", "run", "_start_socket")):
        say(f"signature {name}", parameters=parameters)
    face(cls)
    bm = cls(None)
    heard = queue.Queue()
    key = bm.start_symbol_book_ticker_socket("BNBUSDT", heard.put)  # and goes on: an idle reactor hears nobody
    say("before start", key=key, delivered=delivered(heard, 1.0), alive=bm.is_alive())
    bm.start()
    say("after start", delivered=delivered(heard, PATIENCE), alive=bm.is_alive())
    for method, arguments, more in calls():
        if side == "real":
            route = "public" if method in _PUBLIC else "market"
            bm.FSTREAM_URL = f"{url.replace('http', 'ws', 1)}/usdm/{route}/"
        one(f"{method}{describe(arguments, more)}", bm, method, arguments, more)
    accounts(cls)
    wrong(bm)
    unknown_keys(bm)
    order(bm)
    turns(bm)
    restarts(bm)
    raises(bm)
    closes(bm, heard)
    sys.stdout.flush()
    os._exit(0)


def describe(arguments, more):
    text = [repr(each) if each is not CALLBACK else "callback" for each in arguments]
    return f"({', '.join(text + [f'{name}=' for name in more])})"


def delivered(heard, seconds):
    """Whether something came."""
    try:
        heard.get(timeout=seconds)
    except queue.Empty:
        return False
    return True


def face(cls):
    """What of a thread and of 0.7's own attributes is there before anything was started."""
    bm = cls(None, user_timeout=60)
    say(
        "face",
        thread=isinstance(bm, threading.Thread),
        daemon=[bm.daemon, bm.isDaemon()],
        named=bm.name.startswith("Thread-"),
        ident=bm.ident,
        alive=bm.is_alive(),
        state=[bm._conns, bm._timers, bm._listen_keys, bm._account_callbacks, bm._user_timeout, bm._client],
        constants=[cls.WEBSOCKET_DEPTH_5, cls.WEBSOCKET_DEPTH_10, cls.WEBSOCKET_DEPTH_20, cls.DEFAULT_USER_TIMEOUT],
    )


def one(case, bm, method, arguments, more):
    """A socket from its start to its end."""
    heard = queue.Queue()
    put = [heard.put if each is CALLBACK else each for each in arguments]
    named = {name: heard.put if each is CALLBACK else each for name, each in more.items()}
    try:
        key = getattr(bm, method)(*put, **named)
    except Exception as error:
        say(case, raises=type(error).__name__, says=str(error))
        return
    again = getattr(bm, method)(*put, **named)
    listed = key in bm._conns
    if method in _RETIRED or 3000 in arguments:  # the real one gets nothing
        found = delivered(heard, 5)
    else:
        found = payloads(heard, 2 if "multiplex" in method else 1)
        filled = dropped(found)
        if filled is not None:
            say(f"dropped fields: {case}", fields=filled)
    stopped = bm.stop_socket(key)
    say(case, key=key, again=again, listed=listed, payloads=found, stopped=stopped, left=key in bm._conns)


def dropped(found):
    """Take the ids of buyer and seller out of a trade's shape, and return which were there."""
    names = None
    for each in found.values():
        if each["fixed"].get("e") == "trade":
            body = each["shape"].get("data", each["shape"])
            names = [name for name in ("a", "b") if body.pop(name, None)]
    return names


class Account:
    """A client that hands out listen keys, as 0.7's asked it to."""

    API_KEY, API_SECRET = os.environ.get("PARITY_KEY"), os.environ.get("PARITY_SECRET")

    def stream_get_listen_key(self, symbol=""):
        return f"{symbol}{'k' * 60}"[:60]

    margin_stream_get_listen_key = isolated_margin_stream_get_listen_key = stream_get_listen_key


def accounts(cls):
    """Where the key of an account stands, from its start to its end."""
    for name, method, arguments in (
        ("user", "start_user_socket", ()),
        ("margin", "start_margin_socket", ()),
        (SYMBOL, "start_isolated_margin_socket", (SYMBOL,)),
    ):
        bm, callback = cls(Account()), print
        key = getattr(bm, method)(*arguments, callback)
        say(f"keys of accounts: {method}", key=key)
        stands = [bm._listen_keys[name] == key, key in bm._conns, bm._account_callbacks[name] is callback]
        bm.stop_socket(key)
        after = [bm._listen_keys[name], key in bm._conns, bm._account_callbacks[name] is callback, bm._timers[name]]
        say(f"accounts: {method}", stands=stands, after=after)


def wrong(bm):
    """Arguments in another order."""
    ours = len(bm._conns)
    for case, method, arguments in (
        ("1.x order", "start_trade_socket", (print, SYMBOL)),
        ("interval and callback", "start_kline_socket", (SYMBOL, "1m", str)),
        ("no callback", "start_trade_socket", (SYMBOL, None)),
    ):
        try:
            bm.stop_socket(getattr(bm, method)(*arguments))
            raised = None
        except Exception as error:
            raised = type(error).__name__
        say(f"wrong arguments: {case}", raises=raised)
    say("wrong arguments leave nothing", left=len(bm._conns) - ours)


def unknown_keys(bm):
    say("unknown keys", returns=[bm.stop_socket(key) for key in ("nosuch@trade", "", False, None, 5)])


def order(bm):
    """Each socket's messages come in order, whatever others do."""
    last, right, enough = {}, {"in order": True}, threading.Event()

    def callback(message):
        symbol, number = message["s"], message["t"]
        right["in order"] &= number > last.get(symbol, -1)
        last[symbol] = number
        counts[symbol] = counts.get(symbol, 0) + 1
        if len(counts) == 3 and min(counts.values()) >= 10:
            enough.set()

    counts = {}
    keys = [bm.start_trade_socket(symbol, callback) for symbol in (SYMBOL, "ETHUSDT", "BNBUSDT")]
    say("order", enough=enough.wait(PATIENCE), right=right["in order"])
    for key in keys:
        bm.stop_socket(key)


def turns(bm):
    """Whether callbacks of several sockets run one at a time, and in whose thread."""
    inside, most, threads, seen, enough = [0], [0], set(), set(), threading.Event()

    def callback(message):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threads.add(threading.get_ident())
        pause(0.002)
        inside[0] -= 1
        seen.add(message["s"])
        if len(seen) == 3:
            enough.set()

    keys = [bm.start_symbol_book_ticker_socket(symbol, callback) for symbol in (SYMBOL, "ETHUSDT", "BNBBTC")]
    say("turns", enough=enough.wait(PATIENCE), at_once=most[0])
    say("threads of callbacks", one=len(threads) == 1, managers=bm.ident in threads)
    for key in keys:
        bm.stop_socket(key)


def restarts(bm):
    """stop_socket inside the callback of its socket, and the same key opened again there."""
    calls, key, done = [], [], threading.Event()

    def callback(message):
        calls.append(message)
        bm.stop_socket(key.pop())
        if len(calls) < 3:
            key.append(bm.start_symbol_book_ticker_socket(SYMBOL, callback))
        else:
            done.set()

    key.append(bm.start_symbol_book_ticker_socket(SYMBOL, callback))
    finished = done.wait(PATIENCE)
    other = queue.Queue()
    stop = bm.start_symbol_book_ticker_socket("ETHUSDT", other.put)
    for _ in range(20):
        other.get(timeout=PATIENCE)
    bm.stop_socket(stop)
    say("restarts inside the callback", finished=finished, calls=len(calls), keys=key)


def raises(bm):
    """A callback that fails once hears more afterwards."""
    calls, more = [], threading.Event()

    def callback(message):
        calls.append(message)
        if len(calls) == 1:
            raise KeyError("a mistake of the script")
        more.set()

    key = bm.start_symbol_book_ticker_socket(SYMBOL, callback)
    say("a callback that raises", more=more.wait(PATIENCE), listed=key in bm._conns)
    bm.stop_socket(key)


def closes(bm, heard):
    """close(), and a socket after it without another start()."""
    said = bm.close()
    say("close", returns=said, conns=len(bm._conns))
    again = queue.Queue()
    key = bm.start_symbol_book_ticker_socket("BNBUSDT", again.put)
    say("after close", key=key, delivered=delivered(again, PATIENCE), alive=bm.is_alive())


# -- in processes of their own: how sockets give up, and how the process ends --


def fault(url, method="POST", **what):
    request = urllib.request.Request(f"{url}/control/faults", json.dumps(what).encode() or None, method=method)
    urllib.request.urlopen(request, timeout=PATIENCE).close()


def gives_up(cls, reactor, url):
    """A lost link comes back; one that does not is told once, to callbacks of every shape."""
    bm = cls(None)
    sides = {"bare": queue.Queue(), "wrapped": queue.Queue(), "list": queue.Queue()}
    errors = {name: [] for name in sides}

    def listener(name):
        def callback(message):
            if isinstance(message, dict) and message.get("e") == "error":
                errors[name].append([type(message).__name__, message, "e" in message, message.get("e")])
            sides[name].put(message)

        return callback

    starts = [
        lambda: bm.start_symbol_book_ticker_socket(SYMBOL, listener("bare")),
        lambda: bm.start_multiplex_socket(["btcusdt@trade", "ethusdt@bookTicker"], listener("wrapped")),
        lambda: bm.start_miniticker_socket(listener("list")),
    ]
    keys = [start() for start in starts]
    bm.start()
    for each in sides.values():
        each.get(timeout=PATIENCE)
    fault(url, fault="reset")
    for each in sides.values():
        while not each.empty():
            each.get()
    back = [delivered(each, PATIENCE) for each in sides.values()]
    say("a lost link", back=back, errors=errors)
    pause(10.5)  # one that was open for so long has all its tries again
    fault(url, fault="http_status", status=503, on="ws", product="spot")
    fault(url, fault="reset")
    began = time.monotonic()
    while time.monotonic() < began + 45 and not all(errors.values()):
        pause(0.1)
    took = time.monotonic() - began
    pause(2)
    fault(url, method="DELETE")
    say("gives up", errors=errors, alike=4 < took < 45)
    print(f"took {took:.1f} s", file=sys.stderr)
    say("keys after giving up", listed=[key in bm._conns for key in keys], again=[bool(start()) for start in starts])
    sys.stdout.flush()
    os._exit(0)


def life(end, started=None):
    """A script of one socket that ends by ``end(bm, reactor)`` in its main program, once the first message came."""

    def run(cls, reactor, url):
        first, over = threading.Event(), {}

        def callback(message):
            first.set()
            if threading.main_thread().is_alive():
                return
            over.setdefault("since", time.monotonic())
            if time.monotonic() > over["since"] + 1:
                say("later")
                bm.close()
                reactor.stop()

        bm = cls(None)
        if started is not None:
            started(bm)
        bm.start_symbol_book_ticker_socket(SYMBOL, callback)
        bm.start()
        first.wait(PATIENCE)
        end(bm, reactor)

    return run


def _daemon(bm):
    bm.daemon = True


def _close(bm, reactor):
    bm.close()


def _stop_socket(bm, reactor):
    bm.stop_socket(f"{SYMBOL.lower()}@bookTicker")


def _close_and_stop(bm, reactor):
    bm.close()
    reactor.stop()


def _stop_and_close(bm, reactor):
    reactor.stop()
    bm.close()


def _raise(bm, reactor):
    raise KeyError("a mistake of the script")


def _interrupt(bm, reactor):
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    pause(PATIENCE)


def _interrupt_caught(bm, reactor):
    try:
        _interrupt(bm, reactor)
    except KeyboardInterrupt:
        _close_and_stop(bm, reactor)
        say("interrupted")


def _second_start(bm, reactor):
    try:
        bm.start()
        say("second start", raises=None)
    except RuntimeError as error:
        say("second start", raises=type(error).__name__)
    _close_and_stop(bm, reactor)


def start_first(cls, reactor, url):
    """A socket that is started after the manager."""
    heard = queue.Queue()
    bm = cls(None)
    bm.start()
    key = bm.start_symbol_book_ticker_socket(SYMBOL, heard.put)
    say("started first", key=key, delivered=delivered(heard, 5))
    sys.stdout.flush()
    os._exit(0)


def foreground(cls, reactor, url):
    """run() blocks until the callback ends it all."""
    bm = cls(None)

    def callback(message):
        say("message", main=threading.current_thread() is threading.main_thread())
        bm.close()
        reactor.stop()

    bm.start_symbol_book_ticker_socket(SYMBOL, callback)
    bm.run()
    say("run returned")


def two_managers(cls, reactor, url):
    """Both deliver, in turn."""
    heard = queue.Queue(), queue.Queue()
    both = cls(None), cls(None)
    inside, most = [0], [0]

    def callback(put):
        def call(message):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            pause(0.005)
            inside[0] -= 1
            put(message)

        return call

    for bm, each in zip(both, heard):  # noqa: B905 - Python 3.7's
        bm.start_symbol_book_ticker_socket(SYMBOL, callback(each.put))
        bm.start()
    say("two managers", delivered=[delivered(each, PATIENCE) for _ in range(20) for each in heard], at_once=most[0])
    say("two managers alive", alive=[bm.is_alive() for bm in both])
    both[0].close()
    while not heard[1].empty():
        heard[1].get()
    say("one of two managers", delivered=delivered(heard[1], PATIENCE))
    both[1].close()
    reactor.stop()


LIVES = {
    "gives up": gives_up,
    "main ends": life(lambda bm, reactor: None),
    "sys.exit()": life(lambda bm, reactor: sys.exit()),
    "sys.exit(0)": life(lambda bm, reactor: sys.exit(0)),
    "sys.exit(3)": life(lambda bm, reactor: sys.exit(3)),
    "raises": life(_raise),
    "Ctrl-C": life(_interrupt),
    "Ctrl-C caught": life(_interrupt_caught),
    "close": life(_close),
    "stop_socket": life(_stop_socket),
    "close and reactor.stop": life(_close_and_stop),
    "reactor.stop and close": life(_stop_and_close),
    "daemon": life(lambda bm, reactor: None, _daemon),
    "setDaemon": life(lambda bm, reactor: None, lambda bm: bm.setDaemon(True)),
    "second start": life(_second_start),
    "start first": start_first,
    "foreground": foreground,
    "two managers": two_managers,
}


if __name__ == "__main__":
    try:
        main()
    except Exception:
        if len(sys.argv) > 3:  # a life: how it ends is what counts
            raise
        traceback.print_exc()
        os._exit(1)  # 0.7's thread goes on
