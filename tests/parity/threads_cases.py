"""The same calls on a ThreadedWebsocketManager, whoever made it: ``threads_cases.py real|ours URL [METHOD]``.

Prints one JSON object per case. Standard library only, and what is under test.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import queue
import sys
import threading
import time
import urllib.parse
import urllib.request

from said import PATIENCE, payloads, say, signatures

SPOT, USDM, COINM, OPTION = "BTCUSDT", "BTCUSDT", "BTCUSD_PERP", "BTC-261225-80000-C"


def manager(side, url):
    """The class, pointed at the exchange, and its enums."""
    if side == "ours":
        from binance_sockets.compat import ThreadedWebsocketManager, enums

        return ThreadedWebsocketManager, enums
    from binance import ThreadedWebsocketManager, enums
    from binance.base_client import BaseClient
    from binance.ws.streams import BinanceSocketManager

    sockets = url.replace("http", "ws", 1)
    BaseClient.API_URL = url + "/spot/api"
    BaseClient.WS_API_URL = sockets + "/spot/ws-api/v3"
    BaseClient.FUTURES_URL = url + "/usdm/fapi"
    BaseClient.FUTURES_COIN_URL = url + "/coinm/dapi"
    BinanceSocketManager.STREAM_URL = sockets + "/spot/"
    BinanceSocketManager.FSTREAM_URL = sockets + "/usdm/"
    BinanceSocketManager.DSTREAM_URL = sockets + "/coinm/"
    return ThreadedWebsocketManager, enums


def calls(enums):
    """Method, arguments behind the callback, keyword arguments. Options are on another host here: no 1.x reaches it."""
    coin = enums.FuturesType.COIN_M
    yield "start_depth_socket", (SPOT,), {}
    yield "start_depth_socket", (SPOT, "5"), {"interval": 100}
    yield "start_depth_socket", (), {"symbol": SPOT, "depth": "20", "interval": 0}
    yield "start_depth_socket", (SPOT,), {"interval": 250}
    yield "start_kline_socket", (SPOT,), {}
    yield "start_kline_socket", (SPOT, "5m"), {}
    yield "start_kline_socket", (), {"symbol": SPOT, "interval": "1h"}
    yield "start_kline_futures_socket", (USDM,), {}
    yield "start_kline_futures_socket", (USDM, "5m", enums.FuturesType.USD_M, enums.ContractType.PERPETUAL), {}
    yield "start_miniticker_socket", (), {}
    for method in ("trade", "aggtrade", "symbol_miniticker", "symbol_ticker", "symbol_book_ticker"):
        yield f"start_{method}_socket", (SPOT,), {}
        yield f"start_{method}_socket", (), {"symbol": SPOT.lower()}
    yield "start_multiplex_socket", (["btcusdt@trade", "ethusdt@kline_1m"],), {}
    yield "start_aggtrade_futures_socket", (USDM,), {}
    yield "start_symbol_mark_price_socket", (USDM,), {}
    yield "start_symbol_mark_price_socket", (USDM, False), {}
    yield "start_all_mark_price_socket", (), {}
    yield "start_all_mark_price_socket", (), {"fast": False}
    yield "start_symbol_ticker_futures_socket", (USDM,), {}
    yield "start_individual_symbol_ticker_futures_socket", (USDM,), {}
    yield "start_all_ticker_futures_socket", (), {}
    yield "start_futures_depth_socket", (USDM,), {}
    yield "start_futures_depth_socket", (USDM,), {"depth": "5"}
    yield "start_futures_multiplex_socket", (["btcusdt@aggTrade", "btcusdt@markPrice"],), {}
    yield "start_index_price_socket", ("BTCUSD",), {"fast": False}
    yield "start_aggtrade_futures_socket", (COINM, coin), {}
    yield "start_symbol_ticker_futures_socket", (COINM,), {"futures_type": coin}
    yield "start_individual_symbol_ticker_futures_socket", (COINM, coin), {}
    yield "start_futures_depth_socket", (COINM, "10", coin), {}


def main():
    side, url, *methods = sys.argv[1:]
    cls, enums = manager(side, url)
    if methods:
        account(cls, url, methods[0])
        return
    for name, parameters in signatures(cls, ("__init__", "stop_socket", "stop")):
        say(f"signature {name}", parameters=parameters)
    say("face", thread=issubclass(cls, threading.Thread))

    for number, (method, arguments, more) in enumerate(calls(enums)):
        case = f"{number:02} {method}{arguments}{more}"
        twm = cls()
        say_before = {"daemon": twm.daemon, "alive": twm.is_alive()}
        twm.start()
        heard = queue.Queue()
        try:
            key = getattr(twm, method)(heard.put, *arguments, **more)
        except Exception as error:
            say(case, raises=type(error).__name__, says=str(error))
            twm.stop()
            twm.join(PATIENCE)
            continue
        say(case, **say_before, key=key, payloads=payloads(heard, 2 if "multiplex" in method else 1))
        twm.stop_socket(key)
        twm.stop()
        twm.join(PATIENCE)
        say(f"{case} end", alive=twm.is_alive())

    turns(cls)
    stop_inside(cls)
    loss(cls, url)


def turns(cls):
    """Whether callbacks of several sockets run one at a time, and in whose thread."""
    twm = cls()
    twm.start()
    inside, most, seen, enough = [0], [0], set(), threading.Event()

    def callback(message):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.002)
        inside[0] -= 1
        seen.add(message["s"])
        if len(seen) == 3:
            enough.set()

    for symbol in ("BTCUSDT", "ETHUSDT", "BNBUSDT"):
        twm.start_symbol_book_ticker_socket(callback, symbol)
    say("turns", enough=enough.wait(PATIENCE), at_once=most[0])
    twm.stop()
    twm.join(PATIENCE)
    say("turns end", alive=twm.is_alive())


def stop_inside(cls):
    """stop_socket inside the callback of its socket."""
    twm = cls()
    twm.start()
    calls, key, again = [], [], threading.Event()

    def callback(message):
        calls.append(message)
        twm.stop_socket(key[0])
        again.set()

    key.append(twm.start_symbol_book_ticker_socket(callback, "BTCUSDT"))
    again.wait(PATIENCE)
    other = queue.Queue()
    twm.start_symbol_book_ticker_socket(other.put, "ETHUSDT")
    for _ in range(5):
        other.get(timeout=PATIENCE)
    say("stop inside", calls=len(calls))
    twm.stop()
    twm.join(PATIENCE)
    say("stop inside end", alive=twm.is_alive())


ACCOUNTS = {
    "start_user_socket": ("/spot/api/v3/order", "executionReport"),
    "start_futures_user_socket": ("/usdm/fapi/v1/order", "ORDER_TRADE_UPDATE"),
    "start_futures_socket": ("/usdm/fapi/v1/order", "ORDER_TRADE_UPDATE"),
}


def account(cls, url, method):
    """The event of an order, and what the method returns. In a process of its own: 1.x's manager may not end."""
    path, last = ACCOUNTS[method]
    key, secret = os.environ["PARITY_KEY"], os.environ["PARITY_SECRET"]
    twm = cls(api_key=key, api_secret=secret)
    twm.start()
    heard = queue.Queue()
    name = getattr(twm, method)(heard.put)
    events, ends = {}, time.monotonic() + PATIENCE
    while last not in events and time.monotonic() < ends:  # nobody tells when the socket is open
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
        query = urllib.parse.urlencode({**order, "timestamp": int(time.time() * 1000)})
        sign = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(f"{url}{path}?{query}&signature={sign}", b"", {"X-MBX-APIKEY": key})
        urllib.request.urlopen(request, timeout=PATIENCE).close()
        try:
            while last not in events:
                message = heard.get(timeout=1)
                events.setdefault(message["e"], sorted(message))
        except queue.Empty:
            continue
    say(f"account {method}", last=events.get(last))
    say(f"account key {method}", key=name)
    twm.stop()
    twm.join(3)
    say(f"account end {method}", alive=twm.is_alive())


def loss(cls, url):
    """A link that is lost is told, and messages follow."""
    twm = cls()
    twm.start()
    heard = queue.Queue()
    twm.start_symbol_book_ticker_socket(heard.put, "BTCUSDT")
    heard.get(timeout=PATIENCE)
    body = json.dumps({"fault": "reset"}).encode()
    urllib.request.urlopen(f"{url}/control/faults", body, timeout=PATIENCE).close()
    error = {}
    while error.get("e") != "error":
        error = heard.get(timeout=PATIENCE)
    say("loss", keys=sorted(error), e=error["e"], type=type(error["type"]).__name__)  # whichever their library raised
    while "b" not in heard.get(timeout=PATIENCE):
        pass
    say("loss messages follow")
    twm.stop()
    twm.join(PATIENCE)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # 1.x's thread may hang at the end
