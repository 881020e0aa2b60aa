"""Threads that share a lock, an event or a queue, in the smallest scenarios: what each kind of them may do at once.

A scenario is made for a module, so that it runs on a copy with a mistake as well.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from simulation.interleavings import Scenario, Scheduled, together
from simulation.system import System

from binance_sockets.books import book
from binance_sockets.cli import feed
from binance_sockets.consume import listening, stream
from binance_sockets.engine import (
    allowance,
    budget,
    dialler,
    errands,
    gate,
    helper,
    isolation,
    jobs,
    lag,
    lookup,
    process,
    secure,
    tally,
    threads,
    watch,
)
from binance_sockets.engine.clock import Clock, Wakeup
from binance_sockets.errors import BookOutOfSync, CallbackBehind, RateLimited
from binance_sockets.events import ErrorReport
from binance_sockets.exchange import Rate
from binance_sockets.exchanges import rest
from binance_sockets.exchanges.binance import api_limits, credentials
from binance_sockets.manager import core
from binance_sockets.sinks import buffered, recorder, store
from binance_sockets.sinks import process as memory

__all__ = ["PAIRS", "Bound", "Pair"]


class Bound(NamedTuple):
    """How far a pair is explored.

    Args:
        preemptions: of running threads.
        lines: whether at every line of the module, besides where threads meet.
        delays: see :func:`simulation.interleavings.explore`.
    """

    preemptions: int
    lines: bool
    delays: int | None = None


class Pair(NamedTuple):
    """Threads that share something.

    Args:
        module: whose lines they may be interrupted at, a package for those of all its modules.
        scenario: makes the scenario, of that module or of a copy.
        quick: bound of the usual run,
        full: and of the long one.
        instant: nobody has to wait for time.
    """

    module: ModuleType
    scenario: Callable[[Any], Scenario]
    quick: Bound = Bound(1, True)
    full: Bound = Bound(2, True)
    instant: bool = True


def buffered_forks(module: Any) -> Scenario:
    """Two threads put their first messages at once, one of them closes: one worker, and it is over."""

    def scenario(world: Scheduled, system: System) -> None:
        got: list[int] = []
        sink = module.Buffered(got.append, 2, "drop_oldest")

        def first() -> None:
            sink(1)
            sink.close()

        together(system, first, lambda: sink(2))
        sink.close()
        assert sink.delivered == len(got)
        assert (sink.received, sink.delivered + sink.dropped) == (2, 2)

    return scenario


def jobs_run(module: Any) -> Scenario:
    """Two threads submit while the end is asked for: every job that came before it ran once, in its order."""

    def scenario(world: Scheduled, system: System) -> None:
        done: list[str] = []
        found = module.Jobs("jobs")
        found.start()
        together(
            system,
            lambda: found.submit(lambda: done.append("a")),
            lambda: found.submit(lambda: done.append("b"), True),
        )
        found.stop()
        assert found.join(10.0)
        assert sorted(done) == ["a", "b"]

    return scenario


def jobs_same_rank(module: Any) -> Scenario:
    """Two threads submit jobs of the same rank: the queue never has to compare them."""

    def scenario(world: Scheduled, system: System) -> None:
        done: list[str] = []
        found = module.Jobs("jobs")
        together(system, *[lambda: found.submit(lambda: done.append("a"))] * 2)
        found.start()
        found.stop()
        assert found.join(10.0)
        assert done == ["a", "a"]

    return scenario


def jobs_stop(module: Any) -> Scenario:
    """A job is submitted while the end is asked for: it runs once or never, and the thread ends."""

    def scenario(world: Scheduled, system: System) -> None:
        done: list[int] = []
        found = module.Jobs("jobs")
        found.start()
        together(system, lambda: found.submit(lambda: done.append(1)), found.stop)
        assert found.join(10.0)
        assert done in ([], [1])

    return scenario


def listeners(module: Any) -> Scenario:
    """Two add while one removes and one calls: nobody is lost, nobody is called twice, nor after its removal."""

    def scenario(world: Scheduled, system: System) -> None:
        heard: list[str] = []
        found = module.Listeners("state")
        found.add(lambda event: heard.append(f"kept {event}"))
        leaving = found.add(lambda event: heard.append(f"left {event}"))
        together(
            system,
            lambda: found.add(lambda event: heard.append(f"new {event}")),
            leaving.remove,
            lambda: found.call(1),
        )
        assert heard.count("kept 1") == 1
        assert max(heard.count("left 1"), heard.count("new 1")) <= 1
        heard.clear()
        found.call(2)
        assert heard == ["kept 2", "new 2"]

    return scenario


def dial_hand_over(module: Any) -> Scenario:
    """An attempt is cancelled, the dialler stopped, while a dial thread opens a socket: it is handed over or closed."""

    def scenario(world: Scheduled, system: System) -> None:
        open_sockets: set[int] = set()
        handed: list[Any] = []

        def connect(cancel: Any) -> Any:
            world.maybe_switch()
            if cancel.cancelled():
                raise dialler.Cancelled
            number = len(open_sockets)
            open_sockets.add(number)
            return module.Opened(SimpleNamespace(close=lambda: open_sockets.remove(number)), None, frozenset(), None, 0)

        transport = SimpleNamespace(clock=Clock(), wakeup=Wakeup)
        found = module.Dialler("manager", transport, 2)
        attempt = module.Attempt(connect, handed.append)
        together(system, lambda: found.submit(attempt), attempt.cancel, found.stop)
        assert found.join(10.0)
        assert len(handed) == len(open_sockets) <= 1
        assert system.network.open == 0

    return scenario


def dial_stopped(module: Any) -> Scenario:
    """The end is asked for while an attempt is taken that would take long: it is cancelled, or never begins."""

    def scenario(world: Scheduled, system: System) -> None:
        def connect(cancel: Any) -> Any:
            lookup.wait_ready([], False, world.now + 9.0, cancel, Clock())

        found = module.Dialler("manager", SimpleNamespace(clock=Clock(), wakeup=Wakeup), 1)
        handed: list[Any] = []
        together(system, lambda: found.submit(module.Attempt(connect, handed.append)), found.stop)
        assert found.join(10.0)
        assert not handed
        assert system.network.open == 0

    return scenario


def dial_threads(module: Any) -> Scenario:
    """Two attempts at once, and the end behind them: none is run twice, and a thread that is idle misses none."""

    def scenario(world: Scheduled, system: System) -> None:
        handed: list[Any] = []
        done = system.modules["threading"].Event()

        def took(result: Any) -> None:
            handed.append(result)
            if len(handed) == 2:
                done.set()

        def connect(cancel: Any) -> Any:
            raise OSError

        found = module.Dialler("manager", SimpleNamespace(clock=Clock(), wakeup=Wakeup), 2)
        together(system, *[lambda: found.submit(module.Attempt(connect, took))] * 2)
        assert done.wait(10.0)
        found.stop()
        assert found.join(10.0)
        assert len(handed) == 2
        assert system.network.open == 0

    return scenario


def errand_thread(module: Any) -> Scenario:
    """Errands are submitted while the end is asked for: each is run once at most, and the thread ends."""

    def scenario(world: Scheduled, system: System) -> None:
        done: list[str] = []
        found = module.Errands("errands", Clock())

        def submit(name: str) -> None:
            found.submit(module.Errand(None, lambda: done.append(name), lambda: False))

        together(system, lambda: submit("a"), lambda: submit("b"), found.stop)
        assert found.join(10.0)
        assert len(done) == len(set(done))

    return scenario


def errands_wake(module: Any) -> Scenario:
    """Two errands are submitted to a thread that may be about to wait: both run, and nobody waits for a time-out."""

    def scenario(world: Scheduled, system: System) -> None:
        make = system.modules["threading"]
        done = [make.Event(), make.Event()]
        found = module.Errands("errands", Clock())
        together(
            system,
            *(
                lambda each=each: found.submit(module.Errand(None, each.set, lambda: False))  # type: ignore[misc]
                for each in done
            ),
        )
        assert all(each.wait(5.0) for each in done)
        found.stop()
        assert found.join(10.0)

    return scenario


def look_ups(module: Any) -> Scenario:
    """Two wait for one look-up, one of them gives up: no wake-up is used when its owner has closed it."""

    def scenario(world: Scheduled, system: System) -> None:
        pending = module._Pending()
        begun: list[Any] = []
        answers: list[Any] = []

        def ask(patient: bool) -> None:
            wakeup = Wakeup()
            found, begin = pending.join("example", 1, wakeup, 0.0)
            if begin:
                begun.append(found)
                worker = system.modules["threading"].Thread(target=lambda: pending.run(found), name="look-up")
                worker.start()
            if patient:
                waiter = SimpleNamespace(fileno=Wakeup().fileno, cancelled=lambda: False)
                module.wait_ready([wakeup.fileno()], False, world.now + 9.0, waiter, Clock())
                answers.append(found.done)
                system.modules["os"].close(waiter.fileno())
            pending.leave(found, wakeup)
            wakeup.close()
            if begin:
                worker.join()

        together(system, lambda: ask(True), lambda: ask(False))
        assert answers == [True]
        assert pending._running == 0
        assert system.network.open == 0

    return scenario


def once(module: Any) -> Scenario:
    """Two need a value that is made once: one makes it, both have it."""

    def scenario(world: Scheduled, system: System) -> None:
        made: list[int] = []
        found = module.Once(lambda: made.append(1) or len(made))
        got: list[int] = []
        together(system, *[lambda: got.append(found.get())] * 2)
        assert (made, got) == ([1], [1, 1])

    return scenario


class _Process:
    """Stands for the helper process."""

    def __init__(self, living: set[_Process], world: Scheduled) -> None:
        world.maybe_switch()
        self._living, self._world, self.gone = living, world, False
        living.add(self)

    def has_ended(self) -> bool:
        return self.gone

    def end(self) -> None:
        self._world.maybe_switch()
        self._living.discard(self)
        self.gone = True


def helpers(module: Any) -> Scenario:
    """Two users come, one leaves: one process at a time that lives, which ends with the last user."""

    def scenario(world: Scheduled, system: System) -> None:
        living: set[_Process] = set()
        users = [type("User", (), {})() for _ in range(2)]
        found = module._Helper()
        found._users = set()  # in the order of the scenario
        made = module._Process
        module._Process = lambda: _Process(living, world)
        try:

            def use(user: object, leaves: bool) -> None:
                with contextlib.suppress(OSError):
                    found._running(user)
                if leaves:
                    found.release(user)

            together(system, lambda: use(users[0], True), lambda: use(users[1], False))
            assert len(living) == 1
            found.release(users[1])
            assert not living
        finally:
            module._Process = made

    return scenario


def counted(module: Any) -> Scenario:
    """Sockets begin and end, gaps come, and somebody asks: each is counted once."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.Tally()
        sockets = [type("Socket", (), {"counts": lambda self: (5, 1)})() for _ in range(2)]

        def live(socket: Any) -> None:
            found.began(socket)
            found.gap()
            found.ended(socket)
            found.ended(socket)

        together(system, lambda: live(sockets[0]), lambda: live(sockets[1]), found.summary)
        assert found.summary() == "10 messages, 2 gaps, 2 reconnects"

    return scenario


def claims(module: Any) -> Scenario:
    """A worker is started while two give it up: it runs, or is theirs, never both; its end is seen."""

    def scenario(world: Scheduled, system: System) -> None:
        ran: list[int] = []
        worker = module.Worker(lambda: ran.append(1), name="worker", daemon=True)
        gave: list[bool] = []
        together(system, worker.start, *[lambda: gave.append(worker.abandon())] * 2)
        assert worker.join(9.0)
        assert gave == [not ran] * 2
        assert not worker.is_alive()

    return scenario


def parked(module: Any) -> Scenario:
    """A manager closes the park while work is given to it: it runs once or is refused, and all leave."""

    def scenario(world: Scheduled, system: System) -> None:
        park = module._Park()
        park.enabled = True
        ran: list[int] = []
        taken: list[bool] = []
        worker = module.Worker(lambda: ran.append(1), name="worker", daemon=True)
        with park._changed:  # a thread of the kind that is not asked for would say nothing
            park._waiting[False] = {object() for _ in range(module._PARKED)}
        park.open("one")
        park._waiting[False].clear()
        together(system, lambda: taken.append(park.take(worker)), lambda: park.close("one"))
        if taken[0]:
            assert worker.join(9.0)
        park.join(9.0)
        assert ran == [1] * taken[0]
        for thread in park._threads:
            thread.join()

    return scenario


def watches(module: Any) -> Scenario:
    """A watch of the main thread is ended while it begins: it does not go on."""

    def scenario(world: Scheduled, system: System) -> None:
        stoppable = type("Stoppable", (), {"request_stop": lambda self: None, "is_open": lambda self: False})()

        watch = module.MainWatch("watch", stoppable)
        together(system, watch.start, watch.stop, lambda: module.guard(stoppable))
        assert watch.join(9.0)
        assert stoppable in module._guarded

    return scenario


def late(module: Any) -> Scenario:
    """Two threads see at once that a callback is behind: one of them is to tell."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.Lag()
        found.resumes(world.now)
        told: list[bool] = []
        together(system, *[lambda: told.append(found.working(world.now + 5.1))] * 2)
        assert sorted(told) == [False, True]

    return scenario


def watched(module: Any) -> Scenario:
    """A callback begins while the watch goes to sleep, and does not return: it is told once, within a second of the
    five; the watch ends when it is asked to."""

    def scenario(world: Scheduled, system: System) -> None:
        alarm, told = module.Alarm(), system.modules["threading"].Event()
        mine = lag.Lag()

        def behind(now: float) -> Any:
            due = mine.due(now)
            if due is None or due >= 0.0 or not mine.working(now):
                return due
            return ErrorReport("key", CallbackBehind("mine", mine.seconds(now)), False, now)

        def tell(report: ErrorReport) -> None:
            assert not told.is_set()
            told.set()

        found = module.LagWatch("watch", Clock(), lambda: [SimpleNamespace(behind=behind, tell_behind=tell)], alarm)

        def work() -> None:
            mine.waits(True)
            mine.worked(world.now, world.now, world.now)
            if alarm.asleep:
                alarm.ring()

        together(system, found.start, work)
        assert told.wait(6.0)
        found.stop()
        assert found.join(1.0)

    return scenario


def weighed(module: Any) -> Scenario:
    """Two calls where there is enough for one, while the exchange tells what is used, and a snapshot is taken: one
    goes."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.Allowance(module.Quota("venue.invalid", "spot", 10, 10, 10, 60.0))
        waits: list[float] = []
        together(
            system,
            lambda: waits.append(found.take("a book", "books", 6, world.now)),
            lambda: waits.append(found.pay(6, world.now)),
            lambda: [found.told(3, world.now, world.now), found.snapshot(world.now)],
        )
        assert sorted(waits) == [0.0, 60.0]

    return scenario


def rekeyed(module: Any) -> Scenario:
    """An attempt obtains a listen key while the one before is renewed, and the exchange gives another one each time:
    each lease has a name of its own, and the last name is that of the key that is there."""

    def scenario(world: Scheduled, system: System) -> None:
        given = iter("abc")
        rest = SimpleNamespace(call=lambda *_, **__: {"listenKey": next(given)}, close=lambda: None)
        key = module.ListenKey(rest, "/listenKey")
        key.obtain()
        names: list[object] = []
        together(system, lambda: names.append(key.obtain().name), lambda: names.append(key.renew().name))
        assert sorted(map(str, names)) == ["2", "3"]
        assert key._number == 3

    return scenario


def gated(module: Any) -> Scenario:
    """Two callbacks of one gate, while a third is stopped that may be waiting there: never two at once, and no call of
    the third begins once it is stopped."""

    def scenario(world: Scheduled, system: System) -> None:
        gate = module.Gate()
        inside: list[str] = []
        begun: list[str] = []
        stopped = SimpleNamespace(stopping=False)

        def callback(name: str) -> None:
            begun.append(name)
            assert not (name == "third" and told), "it began behind its stop"
            inside.append(name)
            assert len(inside) == 1
            world.maybe_switch()
            inside.remove(name)

        told: list[bool] = []
        one, two = (gate.through(callback, SimpleNamespace(stopping=False)) for _ in range(2))
        third = gate.through(callback, stopped)

        def stop() -> None:
            stopped.stopping = True
            gate.look()
            if "third" not in inside:
                told.append(True)

        together(system, lambda: one("one"), lambda: two("two"), lambda: third("third"), stop)
        assert {"one", "two"} <= set(begun)

    return scenario


def connecting(module: Any) -> Scenario:
    """Two links ask for the one attempt that a limit leaves, while a ban is told and a snapshot taken: one begins at
    most, and none behind the ban."""

    def scenario(world: Scheduled, system: System) -> None:
        budgets = module.Budgets()
        began: list[bool] = []

        def ask() -> None:
            found = budgets.of("venue.invalid", False)
            if found.ask(object(), (Rate(1, 300.0),), world.now) is None:
                began.append(found.banned(world.now)[1] == 0.0)

        together(system, ask, ask, lambda: budgets.snapshot(world.now, 0.0))
        assert began == [True]
        together(system, ask, lambda: budgets.of("venue.invalid", False).ban(418, 60.0, world.now))
        assert began == [True]

    return scenario


def limited(module: Any) -> Scenario:
    """Two requests where a limit leaves one, while a reply tells the limits: one goes."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.Budget(SimpleNamespace(now=lambda: 0))
        row = {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 2, "count": 1}
        found.told([row])
        order = SimpleNamespace(weight=1, orders=1, name="order.place")
        taken: list[int] = []

        def take() -> None:
            with contextlib.suppress(RateLimited):
                found.take(order)
                taken.append(1)

        together(system, take, take, lambda: found.told([row]))
        assert taken == [1]
        found.give_back(order)
        assert found._under_way == {"REQUEST_WEIGHT": 0, "ORDERS": 0}

    return scenario


def sessions(module: Any) -> Scenario:
    """Two calls over a kept session while it is closed: each session that was made is closed in the end."""

    def scenario(world: Scheduled, system: System) -> None:
        living: set[object] = set()

        class Session:
            def __init__(self) -> None:
                living.add(self)

            def close(self) -> None:
                living.discard(self)

        client = module.RestClient("http://127.0.0.1:1", None, keep=True)
        client._made = Session

        def call() -> None:
            with client._session():
                world.maybe_switch()

        together(system, call, call, client.close)
        client.close()
        assert not living

    return scenario


def book_read(module: Any) -> Scenario:
    """A book is read while it is fed and invalidated: what is read is one moment."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.OrderBook()
        found.load(1, [("9", "1")], [("11", "1")])
        seen: list[tuple[int, float, float]] = []

        def feed() -> None:
            found.apply(2, [("9", "0"), ("8", "2")], [("11", "2")])
            found.invalidate("a gap")

        def read() -> None:
            with contextlib.suppress(BookOutOfSync):
                top = found.top(1)
                seen.append((top.id, top.bids[0].price, top.asks[0].quantity))
            with contextlib.suppress(BookOutOfSync):
                levels = [(level.price, level.quantity) for level in found]
                assert levels in ([(9.0, 1.0), (11.0, 1.0)], [(8.0, 2.0), (11.0, 2.0)])

        together(system, feed, read)
        assert set(seen) <= {(1, 9.0, 1.0), (2, 8.0, 2.0)}

    return scenario


def printed(module: Any) -> Scenario:
    """Two connections bring messages while the reader takes one and stops: nobody waits for room for ever."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.Feed(1)

        def read() -> None:
            assert found.get(9.0) is not None
            found.stop()

        together(system, lambda: found.put("a", 1), lambda: found.put("b", 2), read)
        assert found.taken == 1

    return scenario


def buffered_full(module: Any) -> Scenario:
    """A buffer of one place makes its stream wait, while another one closes it: who waits is let in, or told."""

    def scenario(world: Scheduled, system: System) -> None:
        got: list[int] = []
        sink = module.Buffered(got.append, 1, "block")
        together(system, lambda: [sink(number) for number in range(3)], sink.close)
        sink.close()
        assert got == list(range(len(got)))
        assert (sink.received, sink.delivered + sink.dropped) == (3, 3)

    return scenario


def buffered_wakes(module: Any) -> Scenario:
    """A stream puts more than there is room for: worker and stream wake each other, and nobody waits for time."""

    def scenario(world: Scheduled, system: System) -> None:
        done = system.modules["threading"].Event()
        sink = module.Buffered(lambda number: done.set() if number == 2 else None, 1, "block")
        together(system, lambda: [sink(number) for number in range(3)])
        assert done.wait(9.0)
        sink.close()
        assert sink.delivered == 3

    return scenario


def stores_wake(module: Any) -> Scenario:
    """A store of one place between a thread that puts and one that takes: each wakes the other."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.Store(1, "block", None)
        got: list[int] = []

        def take() -> None:
            while items := found.take():
                got.extend(items)
                if items == [3]:
                    found.close()

        together(system, lambda: [found.put(number, number) for number in range(4)], take)
        assert got == [0, 1, 2, 3]

    return scenario


def buffered_known(module: Any) -> Scenario:
    """Buffers are made while the end of the process drains all: each is delivered, or still takes."""

    def scenario(world: Scheduled, system: System) -> None:
        got: list[int] = []

        def make() -> None:
            sink = buffered.Buffered(got.append, 2)
            sink(1)
            sink.close()

        memory._known, known = type(memory._known)(), memory._known
        try:
            together(system, make, memory._drain)
        finally:
            memory._known = known
        assert got in ([], [1])

    return scenario


class Fed:
    """A socket that brings a stream its messages."""

    conn_key = "a"
    failure = None

    def __init__(self, found: Any) -> None:
        self.handler = SimpleNamespace(stopping=False)
        self._inbox = found._inbox
        self._inbox.attach(self, self.end)

    def end(self) -> None:
        self._inbox.detach(self, None)

    def is_own_thread(self) -> bool:
        return True

    def waits_for_caller(self) -> bool:
        return False


def streams_read(module: Any) -> Scenario:
    """Two threads read what a third brings, until it ends: each message goes to one of them, and both wake."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.MessageStream()
        source = Fed(found)
        got: list[int] = []

        def bring() -> None:
            for number in range(3):
                found(number)
            source.end()

        together(system, bring, *[lambda: got.extend(found)] * 2)
        assert sorted(got) == [0, 1, 2]
        assert (found.delivered, found.dropped) == (3, 0)

    return scenario


def streams_full(module: Any) -> Scenario:
    """A stream of one place makes its socket wait, while a reader takes: each wakes the other."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.MessageStream(1, "block")
        source = Fed(found)
        got: list[int] = []
        together(system, lambda: [found(number) for number in range(3)], lambda: got.extend(found.receive_many(3)))
        source.end()
        assert got == [0, 1, 2]

    return scenario


def streams_close(module: Any) -> Scenario:
    """A stream is closed while one thread reads and another one brings: both go on, and all is counted."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.MessageStream(1, "block")
        Fed(found)
        got: list[int] = []
        together(system, lambda: [found(number) for number in range(3)], lambda: got.extend(found), found.close)
        assert got == list(range(len(got)))
        assert (found.received, found.delivered + found.dropped + len(found)) == (3, 3)

    return scenario


def streams_fed(module: Any) -> Scenario:
    """One socket ends while another one begins: the stream is open, and has the new one's message."""

    def scenario(world: Scheduled, system: System) -> None:
        found = module.MessageStream()
        first = Fed(found)

        def begin() -> None:
            Fed(found)
            found(1)

        together(system, first.end, begin)
        assert found.is_open
        assert found.receive() == 1

    return scenario


def streams_heard(module: Any) -> Scenario:
    """Two threads bring messages to two streams while a third hears both: it misses none, and waits for no time."""

    def scenario(world: Scheduled, system: System) -> None:
        streams = [stream.MessageStream() for _ in range(2)]
        sources = [Fed(found) for found in streams]
        heard = [module.Heard(str(number), found, float, lambda: None) for number, found in enumerate(streams)]
        listener = module.Listener(heard, False, 1.0, stream.Signal())
        got: list[Any] = []

        def bring(number: int) -> None:
            streams[number](number)
            sources[number].end()

        together(system, lambda: bring(0), lambda: bring(1), lambda: got.extend(listener))
        assert sorted(got) == [("0", 0), ("1", 1)]

    return scenario


def recorded(module: Any) -> Scenario:
    """Two sockets are started through a recorder at once: each has a number of its own."""

    def scenario(world: Scheduled, system: System) -> None:
        written: list[bytes] = []
        found = module.Recorder(os.devnull)
        found._file.close()
        found._file = SimpleNamespace(write=written.append, close=lambda: None, closed=False)

        def start(callback: Any) -> str:
            callback({"a": 1})
            return "key"

        together(system, *[lambda: found.start(start)] * 2)
        found.close()
        lives = sorted(json.loads(line)["life"] for line in written)
        assert lives == [1, 1, 2, 2]

    return scenario


def relayed(module: Any) -> Scenario:
    """Two streams are opened in the helper process at once: its one thread begins both, woken for them."""

    def scenario(world: Scheduled, system: System) -> None:
        begun: list[int] = []
        found = module.Helper(SimpleNamespace())

        def serve() -> None:
            poll = system.modules["select"].poll()
            poll.register(found._wakeup.fileno(), select.POLLIN)
            while len(begun) < 2:
                poll.poll(5_000)
                found._take_opened(select.POLLIN)

        relays = [SimpleNamespace(begin=lambda number=number: begun.append(number)) for number in range(2)]
        together(system, serve, lambda: found.opened(relays[0]), lambda: found.opened(relays[1]))
        assert sorted(begun) == [0, 1]

    return scenario


QUICK, LINES, FURTHER = Bound(0, True), Bound(1, True), Bound(3, True)

PAIRS: dict[str, Pair] = {
    "a buffer's threads": Pair(buffered, buffered_forks, QUICK, LINES),
    "a buffer that is full": Pair(buffered, buffered_full, QUICK, LINES),
    "a buffer that wakes": Pair(buffered, buffered_wakes, QUICK),
    "a store": Pair(store, stores_wake, QUICK, LINES),
    "buffers that are made": Pair(memory, buffered_known, QUICK, LINES),
    "readers of a stream": Pair(stream, streams_read, QUICK, LINES),
    "a stream that is full": Pair(stream, streams_full, QUICK, LINES),
    "the end of a stream": Pair(stream, streams_close, QUICK, LINES),
    "listening": Pair(listening, streams_heard, QUICK, LINES),
    "sockets of a stream": Pair(stream, streams_fed, LINES, FURTHER),
    "recorder": Pair(recorder, recorded, QUICK, LINES),
    "jobs": Pair(jobs, jobs_run, QUICK, LINES),
    "jobs of the same rank": Pair(jobs, jobs_same_rank),
    "jobs and their end": Pair(jobs, jobs_stop, QUICK),
    "listeners": Pair(core, listeners, Bound(1, True)),
    "an opened socket and the stop": Pair(dialler, dial_hand_over, QUICK, LINES),
    "a slow attempt and the stop": Pair(dialler, dial_stopped, QUICK),
    "dial threads": Pair(dialler, dial_threads, QUICK, LINES),
    "errands": Pair(errands, errands_wake, QUICK, LINES),
    "errands and their end": Pair(errands, errand_thread, QUICK, LINES),
    "look-ups": Pair(lookup, look_ups, QUICK, LINES, instant=False),
    "once": Pair(secure, once, LINES, FURTHER),
    "users of the helper process": Pair(isolation, helpers, LINES),
    "streams of the helper process": Pair(helper, relayed, QUICK),
    "tally": Pair(tally, counted, QUICK),
    "worker": Pair(threads, claims, QUICK, LINES),
    "park": Pair(threads, parked, Bound(0, False, 2), Bound(1, True, 3), instant=False),
    "watches": Pair(process, watches, QUICK, LINES),
    "a callback that does not return": Pair(lag, late),
    "the watch": Pair(watch, watched, QUICK, LINES, instant=False),
    "weights": Pair(allowance, weighed, QUICK, LINES),
    "listen keys": Pair(credentials, rekeyed, LINES, FURTHER),
    "a gate": Pair(gate, gated, Bound(1, False)),
    "attempts to connect": Pair(budget, connecting, QUICK, LINES),
    "limits of a connection": Pair(api_limits, limited, QUICK, LINES),
    "sessions": Pair(rest, sessions, QUICK),
    "book": Pair(book, book_read, LINES),
    "feed": Pair(feed, printed, QUICK, LINES),
}
