"""The market's clock and its channels: runs the markets somebody listens to and hands payloads on.

Everything here runs on the simulator's thread.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import time
from typing import Protocol

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.names import StreamName, parse
from binance_sockets.simulator.binance.producers import Payloads, Producer, make_producer
from binance_sockets.simulator.market.market import Market
from binance_sockets.simulator.market.world import World

__all__ = ["Feed", "SimClock", "Subscriber", "dumps"]

_SLICE = 0.02  # seconds of work before other connections get a turn
_PAUSE = 0.002
_LONGEST_TURN = 0.1  # when the machine cannot keep up, the market's time falls behind instead


def dumps(payload: object) -> bytes:
    """JSON as the exchange writes it: no spaces, symbols in UTF-8."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


class Subscriber(Protocol):
    """Who receives payloads."""

    def deliver(self, name: str, payload: bytes, event: str) -> None:
        """Send one payload of a stream."""


class SimClock:
    """The market's time in microseconds: wall-clock time at the start, then ``speed`` times as fast."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.now = time.time_ns() // 1000
        self._seen = time.monotonic()

    def advance(self) -> int:
        """Let the time since the last call pass."""
        seen = time.monotonic()
        self.now += int((seen - self._seen) * self.speed * 1_000_000)
        self._seen = seen
        return self.now

    def skip(self, seconds: float) -> None:
        """Leave out this much of the time that has passed since the last :meth:`advance`."""
        self._seen = min(time.monotonic(), self._seen + max(0.0, seconds))


class _Channel:
    """One stream that somebody is subscribed to."""

    def __init__(self, stream: StreamName, producer: Producer, *, micro: bool) -> None:
        self.stream = stream
        self.producer = producer
        self.ts = payloads.microseconds if micro else payloads.milliseconds
        self.subscribers: dict[Subscriber, None] = {}

    def send(self, payloads: Payloads) -> None:
        for payload in payloads:
            text, event = dumps(payload), payloads.label(self.stream.kind, payload)
            for subscriber in list(self.subscribers):
                subscriber.deliver(self.stream.name, text, event)


_Key = tuple[str, str, bool]


class Feed:
    """Subscriptions to the simulated markets.

    Args:
        world: the markets.
        clock: the market's time.
    """

    def __init__(self, world: World, clock: SimClock) -> None:
        self.clock = clock
        self._world = world
        self._channels: dict[_Key, _Channel] = {}
        self._listeners: dict[Market, list[_Channel]] = {}
        self._due: list[tuple[int, int, Market | _Channel]] = []
        self._scheduled: set[Market] = set()
        self._number = itertools.count()
        self._wake = asyncio.Event()

    def subscribe(self, subscriber: Subscriber, product: str, name: str, *, micro: bool = False) -> bool:
        """Begin to send a stream; ``False`` for names that nothing is ever sent for."""
        key = (product, name, micro)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._open(product, name, micro=micro)
            if channel is None:
                return False
            self._channels[key] = channel
        channel.subscribers[subscriber] = None
        return True

    def unsubscribe(self, subscriber: Subscriber, product: str, name: str, *, micro: bool = False) -> None:
        """Stop sending a stream."""
        channel = self._channels.get((product, name, micro))
        if channel is None:
            return
        channel.subscribers.pop(subscriber, None)
        if not channel.subscribers:
            del self._channels[product, name, micro]
            self._close(channel)

    def is_running(self, market: Market) -> bool:
        """Whether somebody listens to this market, so that its time goes on."""
        return market in self._listeners

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

    def _perform(self, due: int, item: Market | _Channel) -> None:
        if isinstance(item, Market):
            self._run_market(item)
        elif item.subscribers:
            item.send(item.producer.on_tick(due, item.ts))
            self._schedule(due + item.stream.period, item)

    def _run_market(self, market: Market) -> None:
        self._scheduled.discard(market)
        channels = self._listeners.get(market)
        if channels is None:
            return
        if market.next_time <= self.clock.now:
            due = market.next_time
            step = market.step()
            for channel in channels:
                channel.send(channel.producer.on_step(market, step, due, channel.ts))
        self._schedule_market(market)

    def _schedule_market(self, market: Market) -> None:
        if market not in self._scheduled:
            self._scheduled.add(market)
            self._schedule(market.next_time, market)

    def _open(self, product: str, name: str, *, micro: bool) -> _Channel | None:
        stream = parse(product, name)
        now = self.clock.advance()
        producer = make_producer(self._world, product, stream, now) if stream else None
        if stream is None or producer is None:
            return None
        channel = _Channel(stream, producer, micro=micro)
        for market in producer.markets:
            if market not in self._listeners:
                self._listeners[market] = []
                market.resume(now)
                self._schedule_market(market)
            self._listeners[market].append(channel)
        if stream.period:
            self._schedule((now // stream.period + 1) * stream.period, channel)
        return channel

    def _close(self, channel: _Channel) -> None:
        channel.producer.close()
        for market in channel.producer.markets:
            self._listeners[market].remove(channel)
            if not self._listeners[market]:
                del self._listeners[market]

    def _schedule(self, due: int, item: Market | _Channel) -> None:
        if not self._due or due < self._due[0][0]:
            self._wake.set()
        heapq.heappush(self._due, (due, next(self._number), item))
