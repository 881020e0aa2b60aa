"""What carries the sockets of one old manager: the streams of a URL under a key, callbacks one at a time."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ..config import Backoff, Options
from ..engine.errands import Errand
from ..engine.gate import Gate
from ..errors import BinanceSocketsError, UnknownConnection
from ..exchange import Stream, View
from ..exchanges.binance.manager import SocketManager
from ..exchanges.binance.market import MarketStreams
from ..exchanges.binance.names import resolve
from ..exchanges.binance.products import market_of, product_of
from ..exchanges.binance.rest import PublicRest
from ..exchanges.binance.urls import Environment
from ..exchanges.environment import is_loopback
from .arguments import Callback
from .places import Place
from .whole_market import CLOCK, WHOLE, Market, thinned

__all__ = ["Carrier", "has_sockets", "is_inside", "keeps_waiting"]

log = logging.getLogger("binance_sockets.compat")

_TEST_HOSTS = {
    "testnet.binance.vision": "testnet",
    "testnet.binancefuture.com": "testnet",
    "demo-api.binance.com": "demo",
    "demo-fapi.binance.com": "demo",
}
_US_HOST = "api.binance.us"  # all that 0.7's client keeps of its tld
_BACKOFF = Backoff(initial=0.25)  # five tries in about nine seconds, as 0.7's
_said: set[str] = set()  # streams of whose filled fields the log has told
_said_lock = threading.Lock()


class Carrier(SocketManager):
    """A socket manager all of whose callbacks pass one gate.

    Args:
        client: of the account, if any; an ``API_URL`` of its own says which network is meant.
        user_timeout: seconds between renewals of listen keys.
        dropped: event to fields that the exchange does not send any more, and what they are filled with.
        options: ``None`` (default) for those with 0.7's waits between reconnects.
        gate: that all callbacks pass; ``None`` (default) for one of its own.
    """

    def __init__(
        self,
        client: object,
        user_timeout: float,
        dropped: dict[str, dict[str, Any]],
        options: Options | None = None,
        gate: Gate | None = None,
    ) -> None:
        options = Options(backoff=_BACKOFF) if options is None else options
        environment, tld = _network(client)
        super().__init__(client, user_timeout, options=options, environment=environment, tld=tld)
        self._core.gate = Gate() if gate is None else gate
        self._dropped = dropped
        self._later: deque[Errand] = deque()  # that wait for the start

    def open(self, key: str, place: Place, callback: Callback) -> str | bool:
        """Open the streams of a place under a key of 0.7's."""
        names = place.names
        if not place.wrapped and len(names) > 1:
            place, callback = place._replace(wrapped=True), _bare(callback)
        if place.product == "spot" and not place.wrapped and names[0] in WHOLE and place.environment.tld != "us":
            return self._open_whole(key, place, callback)
        if not place.wrapped:
            name, callback = thinned(names[0], callback)
            names = (name,)
        streams = _streams(place, names)
        for event, fields in self._dropped.items() if place.product == "spot" else ():
            if any(stream.name.endswith(f"@{event}") for stream in streams):
                callback = _filling(event, fields, callback)
        return self._open(key, self._exchange_of(place, place.wrapped), streams, callback)

    def is_gone(self, key: str) -> bool:
        """No socket of this key is open, or it is being stopped."""
        found = self._core.open().get(key)
        return found is None or found.handler.stopping

    def stop(self, key: str) -> None:
        """Ask a socket to end, and do not wait: its callback may be the caller's, or slow."""
        found = self._core.open().get(key)
        if found is not None:
            found.request_stop()

    def go_on(self) -> None:
        """What is started from now on opens at once, also after a close."""
        self._core.was_started = True

    @property
    def environment(self) -> Environment:
        """Where it connects to."""
        return self._binance.environment

    @property
    def was_started(self) -> bool:
        """It was, at some time."""
        return self._core.was_started

    def _exchange_of(self, place: Place, wrapped: bool) -> MarketStreams:
        options = self._binance.options
        return MarketStreams(place.environment, place.product, wrapped=wrapped, view=View.DICT, options=options)

    def _open_whole(self, key: str, place: Place, callback: Callback) -> str | bool:
        """A stream of all symbols that the exchange has no more."""

        def add(names: list[str]) -> None:
            with contextlib.suppress(UnknownConnection):  # it was stopped meanwhile
                self.subscribe(key, names)

        market = Market(WHOLE[place.names[0]], callback, add)
        named = partial(_streams, place)
        opened = self._open(key, self._exchange_of(place, True), named(CLOCK), market, named=named)
        if opened:
            socket = self._core.open().get(key)

            row = product_of(place.product, place.environment.tld)
            endpoint, quota = place.environment.endpoint(place.product), place.environment.quota(place.product)
            rest = PublicRest(endpoint.rest, row, self._binance.options, quota)

            def ask() -> float | None:
                try:
                    listed = rest.get(row.info_path, {})["symbols"]
                    symbols = [each["symbol"] for each in listed if each["status"] == "TRADING"]
                except (BinanceSocketsError, OSError, LookupError, TypeError) as error:
                    log.warning("%s: the list of symbols cannot be had, asking again in 30 s: %s", key, error)
                    return 30.0
                market.list(symbols)
                return None

            claim = rest.claim("symbols", row.info_weight)
            errand = Errand(claim, ask, lambda: self._core.open().get(key) is not socket)
            self._later.append(errand)
            if self._core.running:
                self._run_errands()
        return opened

    def start(self) -> None:
        """Open what was started so far; see :meth:`SocketManager.start`."""
        super().start()
        self._run_errands()

    def _run_errands(self) -> None:
        with contextlib.suppress(IndexError):  # there are no more
            while True:
                self._core.run_errand(self._later.popleft())


def is_inside(manager: SocketManager) -> bool:
    """The caller is a callback of it."""
    return any(found.waits_for_caller() for found in manager._core.all())


def has_sockets(manager: SocketManager) -> bool:
    """A socket of it has not ended, other than one whose callback the caller is."""
    return any(not found.waits_for_caller() for found in manager._core.all())


def keeps_waiting(manager: SocketManager) -> bool:
    """A socket of it goes on, other than one whose callback the caller is."""
    return any(not found.waits_for_caller() and not found.handler.stopping for found in manager._core.all())


def _streams(place: Place, names: object) -> list[Stream]:
    """The streams of one name or several."""
    market = market_of(place.product, place.environment.tld)
    given = [names] if isinstance(names, str) else list(names)  # type: ignore[call-overload]
    found = [resolve(market, name) for name in given]
    return list({each.wire: each.stream(None) for each in found}.values())


def _bare(callback: Callback) -> Callback:
    """``callback``, which gets what a combined stream brings without the name."""
    return lambda payload: callback(payload.get("data", payload))


def _filling(event: str, fields: dict[str, Any], callback: Callback) -> Callback:
    """``callback``, whose payloads of an event have the fields that the exchange has dropped."""

    def call(payload: Any) -> None:
        data = payload.get("data", payload)
        if isinstance(data, dict) and data.get("e") == event:  # others of a multiplex are lists
            for name, value in fields.items():
                data.setdefault(name, value)
        callback(payload)

    with _said_lock:
        first = event not in _said
        _said.add(event)
    if first and fields:
        log.info(
            "the exchange does not send %s of %s any more: filled with %s; see DROPPED_FIELDS",
            ", ".join(fields),
            event,
            ", ".join(map(repr, fields.values())),
        )
    return call


def _network(client: object) -> tuple[str | None, str]:
    """Environment and tld that a client's ``API_URL`` means; ``None`` and ``"com"`` where it means none."""
    parts = urlsplit(str(getattr(client, "API_URL", "")))
    host = parts.hostname or ""
    if is_loopback(host):
        return f"{parts.scheme}://{parts.netloc}", "com"
    return _TEST_HOSTS.get(host), "us" if host == _US_HOST else "com"
