"""What a peer must be able to do at the embedded exchange. A scenario listens to the peer's script and judges it.

A script says what it has seen by lines of JSON, each a ``kind`` with facts:

=========  ============================================================================================
asked      ``names``: the streams that it has asked for; first in ``streams``
event      ``name``: something has arrived for one of them
trade      ``id``, ``price``, ``qty`` (may be null): a trade has arrived
book       ``bids``, ``asks``: the best five levels of the book that the client keeps
rest       any of ``symbols``, ``time``, ``bids`` with ``asks``, ``klines``, ``last``: what REST answered
reply      ``call`` (place, status or cancel), ``order``, ``status``: what a call of trading answered
order      ``order``, ``status``, ``filled``: what the account's events say of an order
fill       ``trade``, ``price``, ``qty``: what they say of a trade
balance    ``asset``, ``amount``: what they say of an asset
=========  ============================================================================================

A further scenario is a function and a row here, and a function of its name in each script whose client can do it; for
the others ``table.py`` says why not. Scripts have the key of an account: ``exchange.api_key`` and
``exchange.api_secret``, in camel case for node.js.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from peers.exchange import Exchange

from binance_sockets.simulator import Fault
from binance_sockets.simulator.binance import hosts as binance
from binance_sockets.simulator.upbit import regions as upbit

HOSTS = binance.HOSTS.keys() | upbit.HOSTS.keys()
"""Of the real exchanges."""
_STREAMS = {"upbit": {"trade", "ticker", "orderbook"}}
_USUAL_STREAMS = {"trade", "kline", "bookTicker"}
_STATES = {"upbit": ("wait", "cancel", "done")}
_USUAL_STATES = ("NEW", "CANCELED", "FILLED")
_TRADES = 3
_BOOKS = 5
_STALE = 5.0  # seconds
_CLOCK = 60.0  # seconds


class Failed(Exception):
    """The peer did not do what the scenario wants."""


class Peer(Protocol):
    """A running script."""

    @property
    def product(self) -> str:
        """On which product it works."""

    @property
    def passes_over(self) -> frozenset[str]:
        """Listed symbols that it does not know."""

    def next(self) -> Mapping[str, Any]:
        """What it says next.

        Raises:
            Failed: it has ended, or the scenario's time is over.
        """


@dataclass(frozen=True)
class Scenario:
    """One thing to try.

    Args:
        title: for the table.
        play: listens to the peer, raises :class:`Failed`.
        seconds: within which it must be done.
        led: whether every name of a host leads to the exchange, as by a hosts file, over TLS.
    """

    title: str
    play: Callable[[Exchange, Peer], None]
    seconds: float = 60.0
    led: bool = False


def streams(exchange: Exchange, peer: Peer) -> None:
    """Everything that was asked for arrives, and the trades are those that took place."""
    asked = set(_expect(peer, "asked")["names"])
    if not asked >= _STREAMS.get(peer.product, _USUAL_STREAMS):
        raise Failed(f"asks for {sorted(asked)} only")
    seen: set[str] = set()
    trades = 0
    while not (seen >= asked and trades >= _TRADES):
        said = peer.next()
        if said["kind"] == "event":
            seen.add(said["name"])
        elif said["kind"] == "trade":
            _check_trade(exchange, peer, said)
            trades += 1
            seen.add("trade")


def book(exchange: Exchange, peer: Peer) -> None:
    """The client's own book follows the exchange's: each state that it shows was the true one, a moment ago."""
    states: set[str] = set()
    while len(states) < _BOOKS:
        said = _expect(peer, "book")
        _check_book(exchange, peer, said)
        states.add(repr((said["bids"], said["asks"])))


def rest(exchange: Exchange, peer: Peer) -> None:
    """The client reads the exchange's facts over REST, by its own methods."""
    _check_rest(exchange, peer, _expect(peer, "rest"))


def _check_rest(exchange: Exchange, peer: Peer, said: Mapping[str, Any]) -> None:
    listed = set(exchange.symbols[peer.product]) - peer.passes_over
    if set(said["symbols"]) != listed:
        raise Failed(f"symbols {sorted(said['symbols'])} are not {sorted(listed)}")
    if abs(said.get("time", time.time() * 1000) / 1000 - time.time()) > _CLOCK:
        raise Failed(f"time {said['time']}")
    if "bids" in said:
        _check_book(exchange, peer, said)
    for name in ("klines", "last"):
        if not said.get(name, 1) > 0:
            raise Failed(f"{name} is {said[name]}")


def reconnect(exchange: Exchange, peer: Peer) -> None:
    """Trades go on after a close frame, and after the connection was cut without one."""
    _trades(exchange, peer, after=0)
    for fault, options in ((Fault.CLOSE, {"code": 1001}), (Fault.RESET, {})):
        old = {connection.id for connection in exchange.connections}
        exchange.inject(fault, **options)
        exchange.wait_for(lambda old=old: not old & {connection.id for connection in exchange.connections})
        _trades(exchange, peer, after=exchange.newest(peer.product))


def _trades(exchange: Exchange, peer: Peer, after: int) -> None:
    seen = 0
    while seen < _TRADES:
        said = _expect(peer, "trade")
        _check_trade(exchange, peer, said)
        seen += said["id"] > after


def _expect(peer: Peer, kind: str) -> Mapping[str, Any]:
    """The next thing of a kind."""
    while (said := peer.next())["kind"] != kind:
        pass
    return said


def _check_trade(exchange: Exchange, peer: Peer, said: Mapping[str, Any]) -> None:
    if not exchange.traded(peer.product, said["id"], said["price"], said["qty"]):
        raise Failed(f"no such trade: {said}")


def _check_book(exchange: Exchange, peer: Peer, said: Mapping[str, Any]) -> None:
    age = exchange.age(peer.product, said["bids"], said["asks"])
    if age is None:
        raise Failed(f"never was the book: {said['bids']} {said['asks']}")
    if age > _STALE:
        raise Failed(f"the book of {age:.1f} s ago")


def orders(exchange: Exchange, peer: Peer) -> None:
    """An order rests and is cancelled, another is filled; replies and events reach the client, and say what is so."""
    wanted = {"place", "status", "cancel", "fill", "balance", *_STATES.get(peer.product, _USUAL_STATES)}
    while wanted:
        said = peer.next()
        if said["kind"] not in _FACTS:
            continue
        fact = (said["kind"], *(said[name] for name in _FACTS[said["kind"]]))
        if not exchange.told(peer.product, fact):
            raise Failed(f"the exchange knows nothing of this: {said}")
        wanted -= {said.get("call", said["kind"])}
        if said["kind"] == "order":
            wanted -= {said["status"]}


_FACTS = {
    "reply": ("order", "status"),
    "order": ("order", "status", "filled"),
    "fill": ("trade", "price", "qty"),
    "balance": ("asset", "amount"),
}


def hosts(exchange: Exchange, peer: Peer) -> None:
    """As installed, with the addresses of the real exchange, which lead here: trades or a book, and REST if any."""
    seen = 0
    while seen < _TRADES:
        said = peer.next()
        if said["kind"] in _CHECKS:
            _CHECKS[said["kind"]](exchange, peer, said)
            seen += said["kind"] != "rest"
    asked = {attempt.headers.get("Host", "").partition(":")[0] for attempt in exchange.history}
    if not asked <= HOSTS:
        raise Failed(f"it asked for {sorted(asked)}")


_CHECKS = {"rest": _check_rest, "trade": _check_trade, "book": _check_book}

SCENARIOS: Mapping[str, Scenario] = {
    "streams": Scenario("streams", streams),
    "book": Scenario("local book", book),
    "rest": Scenario("REST start-up", rest),
    "reconnect": Scenario("reconnect", reconnect, 90.0),
    "orders": Scenario("orders", orders),
    "hosts": Scenario("built-in hosts", hosts, led=True),
}
