"""Keeps markets awake and hands on what happens in them. Everything here runs on the simulator's thread."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Protocol

from binance_sockets.simulator.market.candles import SECOND
from binance_sockets.simulator.market.clock import SimClock
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.world import World

__all__ = ["Feed", "Messages", "Source", "Subscriber"]

_SLICE = 0.02  # seconds of work before other connections get a turn
_PAUSE = 0.002
_LONGEST_TURN = 0.1  # when the machine cannot keep up, the market's time falls behind instead
_MISSED = 30  # actions that a market makes up for after a sleep
_LOOKED_AT = 10.0  # seconds of real time for which a market stays awake after a look

Messages = Iterable[tuple[bytes, str]]
"""Payloads with the event types under which they are counted."""


class Source(Protocol):
    """Makes the payloads of one stream, in a venue's words."""

    @property
    def name(self) -> str:
        """The stream's name."""

    @property
    def markets(self) -> Sequence[Market[Any]]:
        """Which must be awake for it."""

    @property
    def period(self) -> int:
        """Microseconds between two calls of :meth:`on_tick`; 0 for none."""

    def on_step(self, market: Market[Any], step: Step) -> Messages:
        """After an action in one of its markets."""

    def on_tick(self, now: int) -> Messages:
        """At every period."""

    def close(self) -> None:
        """Nobody is subscribed any more."""


class Subscriber(Protocol):
    """Who receives payloads."""

    def deliver(self, name: str, payload: bytes, event: str) -> None:
        """Send one payload of a stream."""


class _Channel:
    """One stream that somebody is subscribed to."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.subscribers: dict[Subscriber, None] = {}

    def send(self, messages: Messages) -> None:
        for payload, event in messages:
            for subscriber in list(self.subscribers):
                subscriber.deliver(self.source.name, payload, event)


class Feed:
    """The crowds' turns, and the streams.

    A market is awake, so that its crowd acts, while a stream of it is subscribed, while somebody beside the crowd has
    an open order in it, and for some seconds after a :meth:`look`. Otherwise it sleeps and costs nothing.

    Args:
        world: the markets.
        clock: their time.
    """

    def __init__(self, world: World, clock: SimClock) -> None:
        self.clock = clock
        self._channels: dict[Hashable, _Channel] = {}
        self._listeners: dict[Market[Any], list[_Channel]] = {}
        self._looked_at: dict[Market[Any], int] = {}  # until when
        self._due: list[tuple[int, int, Market[Any] | _Channel]] = []
        self._scheduled: set[Market[Any]] = set()
        self._number = itertools.count()
        self._wake = asyncio.Event()
        world.observers.append(self._acted)

    def subscribe(self, subscriber: Subscriber, key: Hashable, make: Callable[[int], Source | None]) -> bool:
        """Begin to send a stream.

        Args:
            subscriber: to whom.
            key: equal for subscriptions that may share one source.
            make: makes the source, at a time; ``None`` for names that nothing is ever sent for.

        Returns:
            Whether anything will be sent.
        """
        channel = self._channels.get(key)
        if channel is None:
            now = self.clock.advance()
            source = make(now)
            if source is None:
                return False
            channel = self._channels[key] = self._open(source, now)
        channel.subscribers[subscriber] = None
        return True

    def unsubscribe(self, subscriber: Subscriber, key: Hashable) -> None:
        """Stop sending a stream."""
        channel = self._channels.get(key)
        if channel is None:
            return
        channel.subscribers.pop(subscriber, None)
        if not channel.subscribers:
            del self._channels[key]
            self._close(channel)

    def look(self, market: Market[Any]) -> None:
        """Somebody looks at a market without a subscription: it is brought up to now, and awake for a while.

        Where it slept, its crowd does a part of what it would have done, so that who only looks sees it move.
        """
        now = self.clock.advance()
        asleep = not self.is_awake(market)
        self._looked_at[market] = now + int(_LOOKED_AT * SECOND * self.clock.speed)
        if asleep:
            market.catch_up(now, _MISSED)
            self._rouse(market)
        market.advance(now)

    def is_awake(self, market: Market[Any]) -> bool:
        """Whether the crowd of this market acts."""
        if market in self._listeners or market.has_guests:
            return True
        until = self._looked_at.get(market)
        if until is None:
            return False
        if until > self.clock.now:
            return True
        del self._looked_at[market]
        return False

    async def run(self) -> None:
        """Perform what is due, for ever."""
        while True:
            if not self._due:
                self._wake.clear()
                await self._wake.wait()
            now = self.clock.advance()
            began = time.monotonic()
            until = began + _SLICE
            while self._due and self._due[0][0] <= now:
                due, _, item = heapq.heappop(self._due)
                self._perform(due, item)
                if time.monotonic() > until:
                    await asyncio.sleep(0)
                    until = time.monotonic() + _SLICE
            self.clock.skip(time.monotonic() - began - _LONGEST_TURN)
            wait = (self._due[0][0] - now) / 1_000_000 / self.clock.speed if self._due else 0.0
            await self._sleep(max(_PAUSE, wait))

    async def _sleep(self, seconds: float) -> None:
        """Sleep, or until something new is due."""
        self._wake.clear()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    def _perform(self, due: int, item: Market[Any] | _Channel) -> None:
        if isinstance(item, Market):
            self._run_market(item)
        elif item.subscribers:
            item.send(item.source.on_tick(due))
            self._schedule(due + item.source.period, item)

    def _run_market(self, market: Market[Any]) -> None:
        # It counts as scheduled during its turn: an open order of a guest must not rouse a market that is awake, for
        # that would move its time to the clock's and leave out what it has to catch up with.
        if self.is_awake(market) and market.next_time <= self.clock.now:
            market.step()
        self._scheduled.discard(market)
        if self.is_awake(market):
            self._schedule_market(market)

    def _acted(self, market: Market[Any], step: Step) -> None:
        """Something has happened in a market; an order of somebody else may have woken it."""
        for channel in list(self._listeners.get(market, ())):
            channel.send(channel.source.on_step(market, step))
        if market not in self._scheduled and market.has_guests:
            self._rouse(market)

    def _rouse(self, market: Market[Any]) -> None:
        # A market that fell asleep may still be scheduled: then its turn comes, and finds it awake.
        market.resume(self.clock.advance())
        self._schedule_market(market)

    def _schedule_market(self, market: Market[Any]) -> None:
        if market not in self._scheduled:
            self._scheduled.add(market)
            self._schedule(market.next_time, market)

    def _open(self, source: Source, now: int) -> _Channel:
        channel = _Channel(source)
        for market in source.markets:
            if market not in self._listeners:
                asleep = not self.is_awake(market)
                self._listeners[market] = []
                if asleep:
                    self._rouse(market)
            self._listeners[market].append(channel)
        if source.period:
            self._schedule((now // source.period + 1) * source.period, channel)
        return channel

    def _close(self, channel: _Channel) -> None:
        channel.source.close()
        for market in channel.source.markets:
            self._listeners[market].remove(channel)
            if not self._listeners[market]:
                del self._listeners[market]

    def _schedule(self, due: int, item: Market[Any] | _Channel) -> None:
        if not self._due or due < self._due[0][0]:
            self._wake.set()
        heapq.heappush(self._due, (due, next(self._number), item))
