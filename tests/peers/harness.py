"""Runs one scenario of a client's script: ``harness.py SCRIPT SCENARIO``, in the client's environment.

A script has one function for each scenario that its client can do, ``async`` or not. It is called with an
:class:`Exchange`, which says where to connect and takes what was seen. Standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import inspect
import json
import os
import socket
import sys
import threading
from typing import Any

_LIFE = 120.0  # seconds after which a script ends that nobody has ended


class Exchange:
    """Where the embedded exchange is, the product to work on, a key, and who wants to know what arrived.

    Args:
        url: ``http://127.0.0.1:PORT``.
        out: takes the report.
    """

    def __init__(self, url: str, out: Any) -> None:
        self.url = url
        self.product = os.environ["PEER_PRODUCT"]
        self.api_key, self.api_secret = os.environ["PEER_KEY"], os.environ["PEER_SECRET"]
        self.ws = url.replace("http", "ws", 1)
        self._out, self._lock = out, threading.Lock()

    async def forever(self) -> None:
        """Keep the event loop running."""
        await asyncio.Event().wait()

    def asked(self, *names: str) -> None:
        """These streams were asked for."""
        self._say("asked", names=names)

    def event(self, name: str) -> None:
        """Something has arrived for a stream."""
        self._say("event", name=name)

    def trade(self, number: Any, price: Any, qty: Any = None) -> None:
        """A trade has arrived."""
        self._say("trade", id=int(number), price=_number(price), qty=None if qty is None else _number(qty))

    def book(self, bids: Any, asks: Any) -> None:
        """The best levels of the book that the client keeps."""
        self._say("book", bids=levels(bids), asks=levels(asks))

    def rest(self, symbols: Any, **facts: Any) -> None:
        """What REST answered: ``time``, ``bids`` and ``asks``, ``klines`` (how many), ``last`` (price)."""
        for side in ("bids", "asks"):
            if side in facts:
                facts[side] = levels(facts[side])
        self._say("rest", symbols=list(symbols), **facts)

    def reply(self, call: str, order: Any, status: str) -> None:
        """What a call of trading answered: ``place``, ``status`` or ``cancel``."""
        self._say("reply", call=call, order=_name(order), status=status)

    def order(self, order: Any, status: str, filled: Any) -> None:
        """What an event of the account says of an order."""
        self._say("order", order=_name(order), status=status, filled=_number(filled))

    def fill(self, trade: Any, price: Any, qty: Any) -> None:
        """What an event of the account says of a trade."""
        self._say("fill", trade=_name(trade), price=_number(price), qty=_number(qty))

    def balance(self, asset: str, amount: Any) -> None:
        """What an event of the account says of an asset."""
        self._say("balance", asset=asset, amount=_number(amount))

    def user_event(self, event: Any) -> None:
        """An event of the account, as the exchange writes it."""
        if event["e"] in ("executionReport", "ORDER_TRADE_UPDATE"):
            order = event["o"] if event["e"] == "ORDER_TRADE_UPDATE" else event
            self.order(order["i"], order["X"], order["z"])
            if order["x"] == "TRADE":
                self.fill(order["t"], order["L"], order["l"])
        elif event["e"] == "outboundAccountPosition":
            for row in event["B"]:
                self.balance(row["a"], row["f"])
        elif event["e"] == "ACCOUNT_UPDATE":
            for row in event["a"]["B"]:
                self.balance(row["a"], row["wb"])

    def _say(self, kind: str, **facts: Any) -> None:
        with self._lock:
            self._out.write(json.dumps({"kind": kind, **facts}) + "\n")
            self._out.flush()


def levels(rows: Any) -> list[list[float]]:
    """The best five levels as numbers."""
    return [[_number(row[0]), _number(row[1])] for row in list(rows)[:5]]


def _number(value: Any) -> float:
    return float(str(value))  # some clients' own types lose digits when they become a float


def _name(value: Any) -> Any:
    """The number of an order or a trade, or its text where it is none."""
    return int(value) if str(value).isdigit() else str(value)


def lead(port: int) -> None:
    """Let every name of a host lead to a port of this machine, and trust its authority.

    What a hosts file, and a forwarder from the ports of the real exchange, do for all programs.
    """
    resolve = socket.getaddrinfo
    socket.getaddrinfo = lambda host, *args, **options: resolve("127.0.0.1", *args, **options)
    for name in ("connect", "connect_ex"):
        connect = getattr(socket.socket, name)
        setattr(socket.socket, name, lambda sock, _, connect=connect: connect(sock, ("127.0.0.1", port)))
    with contextlib.suppress(ImportError):
        import certifi

        certifi.where = lambda: os.environ["SSL_CERT_FILE"]
    with contextlib.suppress(ImportError):
        from aiohttp import connector, resolver

        connector.DefaultResolver = resolver.ThreadedResolver  # the other one asks name servers itself


def main() -> None:
    script, scenario = sys.argv[1:]
    if "PEER_LED" in os.environ:
        lead(int(os.environ["PEER_LED"]))
    out = os.fdopen(int(os.environ["PEER_FD"]), "w")
    spec = importlib.util.spec_from_file_location("script", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result = getattr(module, scenario)(Exchange(os.environ["PEER_URL"], out))
    if inspect.iscoroutine(result):
        asyncio.run(result)
    threading.Event().wait(_LIFE)  # callbacks go on; the program that has started this one ends it


if __name__ == "__main__":
    main()
