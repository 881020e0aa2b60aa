"""One seeded session: a program that uses sockets in every way at once, while everything beneath it goes wrong.

This one uses market streams of spot for half a minute; ``programs.py`` has others.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

from simulation.exchange import Exchange
from simulation.lives import Book, Life, Span
from simulation.network import Network
from simulation.reading import Reader
from simulation.rest import Rest
from simulation.system import System, installed
from simulation.witness import Witness
from simulation.world import World

from binance_sockets import Backoff, Limits, Options, SocketManager, Timeouts
from binance_sockets.errors import BinanceSocketsError, ShutdownTimeout
from binance_sockets.events import State
from binance_sockets.exchange import Rate
from binance_sockets.exchanges import rest
from binance_sockets.exchanges.binance import market, products

__all__ = ["BASE", "Session"]

BASE = "http://exchange.invalid"
_STOP = 3.0  # seconds of stop_socket: those of its timeout, and some in which the system had other things to do
_YOUNG = 60.0  # seconds after which a socket must have brought all of its streams
_DRAIN = 5.0  # seconds in which everything that was sent arrives
_TOLD = 4.0  # seconds in which a gap is told, once its link is open again
_SPARE = 15.0  # seconds between the client's limit of age and the exchange's
_HUNG = 60.0  # seconds in which the last name look-up has come back


class Session(Witness):
    """What one seed does, and what came of it.

    Args:
        seed: of everything.

    Attributes:
        product: whose streams it uses.
        names: of those.
        filled: that of which REST tells the past.
        nosuch: one that is acknowledged, and never brings anything.
        acts: seconds in which the program and the faults act.
        pause: seconds between two acts of one of its threads, on average.
        back: seconds in which everything must be back once nothing goes wrong any more: a slow callback may have the
            past of a ban to take.
        silent: seconds in which a stream that brings nothing is reported.
        ages: after which the exchange cuts connections, to draw from.
        reads: some sockets are read besides.
        life_class: what it keeps of a socket.
    """

    product = "spot"
    names: tuple[str, ...] = (
        "btcusdt@trade", "ethusdt@trade", "btcusdt@depth", "ethusdt@depth", "btcusdt@miniTicker", "btcusdt@aggTrade",
    )  # fmt: skip
    filled = "btcusdt@aggTrade"
    nosuch = "nosuch@trade"
    acts = 24.0
    pause = 1 / 0.3
    back = 300.0
    silent = 25.0
    first_message = 8.0
    renews = False  # nothing hinders the renewal of credentials for as long as they live
    ages: tuple[float, ...] = (86_400.0, 86_400.0, 20.0, 40.0)
    reads = True
    life_class: type[Life] = Life

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        world = World(seed, eager=draw.choice((0.02, 0.1, 0.4)), stall=draw.choice((0.0, 0.01, 0.1)))
        super().__init__(world)
        rng = world.rng
        self.exchange = Exchange(world, unruly=rng.random() < 0.2)
        self.exchange.seldom = (self.filled,) if draw.random() < 0.2 else ()
        self.network = Network(world, self.exchange)
        self.rest = Rest(world, self.exchange)
        self.system = System(world, self.network)
        self.lives: list[Life] = []
        self.readers: list[Reader] = []
        self.books: list[Book] = []
        self.offsets = {0.0}  # of the wall clock to the monotonic one, relative to the start
        self.closing = False
        self.patient = rng.choice((None, None, None, 5, 2))
        self.base = world.wall() - world.now
        self._states: dict[tuple[str, int], State] = {}
        self.connects = Rate(*rng.choice(((300, 300.0), (60, 30.0))))
        self._per_link = rng.choice((1024, 2, 1))
        self._max_age = rng.choice(self.ages)
        self._url_bytes = rng.choice((4096, 4096, 50))
        self.options = Options(
            proxy="",
            seed=seed,
            timeouts=Timeouts(first_message=self.first_message),
            limits=Limits(message_size=8_192),
            backoff=Backoff(max_reconnects=self.patient, maximum=rng.choice((30.0, 3.0))),
        )
        self.manager: SocketManager

    # -- the run -------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """All of it, on the world's main thread."""
        world = self.world
        with self._in_world():
            self.manager = manager = self._made()
            manager.name = "simulated"
            manager.daemon = world.rng.random() < 0.9
            manager.add_gap_listener(self._gap)
            manager.add_state_listener(self._state)
            manager.add_error_listener(self._report)
            self._begin()
            self._act()
            self._heal()
            self._come_back()
            self._end()

    def _made(self) -> SocketManager:
        return SocketManager(environment=BASE, options=self.options)

    @contextlib.contextmanager
    def _in_world(self) -> Iterator[None]:
        """The client of this world, with limits that a short session can reach."""

        def product_of(product: str, tld: str = "com") -> products.Product:
            row = products.product_of(product, tld)
            alive = dataclasses.replace(row.keepalive, max_age=self._max_age)
            return dataclasses.replace(row, streams_per_link=self._per_link, keepalive=alive)

        self.exchange.max_age = self._max_age + _SPARE
        with (
            installed(self.system),
            mock.patch.object(market, "product_of", product_of),
            mock.patch.object(market, "CONNECT_RATES", (self.connects,)),
            mock.patch.object(market, "_URL_BYTES", self._url_bytes),
            mock.patch.object(rest, "_Adapter", lambda context: self.rest),
        ):
            yield

    def _begin(self) -> None:
        rng = self.world.rng
        self._start_some()
        if rng.random() < 0.5:
            self._start_some()
        self.exchange.open_market()
        self.manager.start()
        self._later(0.5 + rng.random() * 5, self._trouble)

    def _trouble(self) -> None:
        self.exchange.troubled = self.network.troubled = not self.closing
        self.network.narrow = self.world.rng.choice((0.0, 0.05, 0.5))

    def _later(self, delay: float, call: Callable[[], None]) -> None:
        self.world.at(delay, call)

    def _act(self) -> None:
        """Some threads of the program act at once."""
        world, rng = self.world, self.world.rng
        until = world.now + self.acts
        threads = [
            self.system.modules["threading"].Thread(target=self._actor, name=f"user-{number}", args=(until,))
            for number in range(rng.choice((0, 1, 2)))
        ]
        for thread in threads:
            thread.start()
        self._actor(until)
        for thread in threads:
            thread.join()

    def _actor(self, until: float) -> None:
        world, rng = self.world, self.world.rng
        actions = self._actions()
        while True:
            world.park(rng.expovariate(1 / self.pause))
            if world.now > until:
                return
            rng.choice(actions)()

    # -- what the program does -----------------------------------------------------------------------------------------

    def _actions(self) -> Sequence[Callable[[], None]]:
        """What it does, each as often as it stands here."""
        return (
            self._reconnect, self._reconnect, self._stop, self._restart, self._start_some, self._wait_open,
            self._wait_open, self._subscribe, self._subscribe, self._unsubscribe, self._look, self._cut, self._suspend,
            self._announce, self._shut, self._step, self._reopen,
        )  # fmt: skip

    def _start_some(self) -> None:
        rng = self.world.rng
        if len(self._open()) > 2:
            return
        if rng.random() < 0.1:
            self._start_book()
        elif rng.random() < 0.5:
            name = rng.choice(self.names)
            self._start((name,), False, self._ways((name,)))
        else:
            names = rng.sample(self.names, rng.randint(2, len(self.names)))
            chosen = (*names, self.nosuch) if rng.random() < 0.2 else tuple(names)
            self._start(chosen, True, self._ways(chosen))

    def _ways(self, names: tuple[str, ...]) -> dict[str, Any]:
        """How a socket is started."""
        rng = self.world.rng
        if rng.random() < 0.15:
            return {"redundancy": 2}
        if self.filled in names and rng.random() < 0.5:
            return rng.choice(({"backfill": True}, {"backfill": True, "history": 20}, {"history": 20}))
        return {}

    def _start_book(self) -> None:
        book = Book(self)
        if self.books and not self.books[-1].over:
            return
        self.world.note("start book")
        self.books.append(book)
        book.key = self.manager.start_order_book("XRPUSDT", book, self.product, numbers="str")

    def _subscribe(self) -> None:
        """Have a socket carry one more stream, from a thread of its own mind."""
        life = self._some()
        if life is None or not life.started or not life.wrapped:
            return
        name = self.world.rng.choice(self.names)
        spans = life.spans.setdefault(name, [])
        if name in life.changing or (spans and spans[-1].until is None):
            return
        life.got.setdefault(name, [])
        if name not in life.names:
            life.names = (*life.names, name)
        self.world.note(f"subscribe {life.key} {name}")
        life.live.discard(name)  # that it came before says nothing of this time
        spans.append(Span(self.world.now, asked=False))
        try:
            with life.change(name):
                self.manager.subscribe(life.key, name)
        except BinanceSocketsError:
            spans[-1].until = self.world.now  # it was over already
        else:
            spans[-1].asked = True
            self.world.sometimes("a stream that joins")
            if self._state_of(life) is not State.OPEN:
                self.world.sometimes("a stream that joins while there is no link")

    def _unsubscribe(self) -> None:
        life = self._some()
        if life is None or not life.started or not life.wrapped:
            return
        wanted = [name for name, spans in life.spans.items() if spans and spans[-1].until is None]
        wanted = [name for name in wanted if name not in life.changing]
        if len(wanted) < 2:
            return
        name = self.world.rng.choice(wanted)
        self.world.note(f"unsubscribe {life.key} {name}")
        life.spans[name][-1].until = self.world.now
        with contextlib.suppress(BinanceSocketsError), life.change(name):
            self.manager.unsubscribe(life.key, name)
            for other in self._open():  # that another thread has begun under the same key meanwhile
                if other is not life and other.key == life.key and name in other.spans:
                    other.spans[name][-1].until = self.world.now
            self.world.sometimes("a stream that leaves")
            if self._state_of(life) is not State.OPEN:
                self.world.sometimes("a stream that leaves while there is no link")

    def _state_of(self, life: Life) -> State | None:
        found = self.manager._core.open().get(life.key)
        return None if found is None else found.state

    def _start(self, names: tuple[str, ...], wrapped: bool, ways: dict[str, Any] | None = None) -> Life | None:
        key = ("" if self.product == "spot" else f"{self.product}:") + (
            f"streams={'/'.join(names)}" if wrapped else names[0]
        )
        life = self.life_class(self, key, names, wrapped, ways, self.product)
        return self._started(
            life,
            lambda callback: self.manager.start_socket(
                list(names) if wrapped else names[0], callback, self.product, **life.ways
            ),
        )

    def _started(self, life: Life, start: Callable[[Callable[[Any], object]], object]) -> Life | None:
        """Start a socket; ``None`` where its key is in use."""
        self.world.note(f"start {life.key}")
        self.lives.append(life)  # before: its callback may begin at once
        reader = Reader(self, life) if self.reads and len(self.lives) % 3 == 1 else None
        found = start(life if reader is None else reader)
        if not found:
            self.lives.remove(life)
            return None
        if reader is not None:
            self.readers.append(reader)
            self.system.modules["threading"].Thread(target=reader.read, name=f"reader-{life.key}").start()
        assert found == life.key
        life.started = True
        return life

    def _start_again(self, life: Life) -> None:
        """Another life for its key."""
        self._start(life.names, life.wrapped, life.ways)

    def _open(self) -> list[Life]:
        return [life for life in self.lives if life.ended is None and not life.finals]

    def _some(self) -> Life | None:
        found = self._open()
        return self.world.rng.choice(found) if found else None

    def _stop(self) -> None:
        life = self._some()
        if life is None:
            return
        if self.manager._core.connections.get(life.key) is not None:
            state = self.manager._core.connections[life.key].state
            if state is State.CONNECTING:
                self.world.sometimes("stopped while it connects")
            elif state is State.BACKOFF:
                self.world.sometimes("stopped while it waits for its next attempt")
        self.world.note(f"stop {life.key}")
        began = self.world.now
        others = [each for each in self._open() if each.key == life.key and each.started]
        self.manager.stop_socket(life.key)
        took = self.world.now - began
        if took > _STOP and not self.world.froze_since(began):
            self.world.fail(f"stop_socket took {took:.3f} s")
        for each in others:
            # its callback may still be running, where it sleeps for longer than stop waits
            each.ended = self.world.now

    def _restart(self) -> None:
        life = self._some()
        if life is not None:
            self._stop()
            if life.ended is not None:
                self.world.sometimes("a key that is taken anew")
                self._start_again(life)

    def stop_from_within(self, life: Life) -> None:
        """Inside a callback of ``life``."""
        self.world.sometimes("a callback that stops itself")
        self.world.note(f"stop {life.key} from within")
        self.manager.stop_socket(life.key)
        life.ended = self.world.now
        if self.world.rng.random() < 0.5:
            self.world.sometimes("a callback that stops itself and starts another")
            self._start_again(life)

    def _wait_open(self) -> None:
        life = self._some()
        if life is None:
            return
        spans = [spans[-1] for spans in life.spans.values() if spans and spans[-1].until is None]
        spans = [span for span in spans if span.asked]
        try:
            self.manager.wait_open(life.key, self.world.rng.choice((0.1, 5.0)))
        except BinanceSocketsError as exc:
            self.world.note(f"not open: {type(exc).__name__}")
            return
        if self._open().count(life):
            for span in spans:
                span.opened = self.world.now if span.opened is None else span.opened

    def _reconnect(self) -> None:
        life = self._some()
        if life is not None:
            self.world.note(f"reconnect {life.key}")
            with contextlib.suppress(BinanceSocketsError):
                self.manager.reconnect(life.key)

    def _reopen(self) -> None:
        """Close all, and begin again."""
        if self.world.rng.random() < 0.2:
            self.world.sometimes("a manager that is closed and used again")
            lives = [life for life in self._open() if life.started]
            self._close()
            for life in lives:
                life.ended = self.world.now if life.ended is None else life.ended
            self._start_some()
            self.manager.start()

    def _close(self) -> None:
        self.world.note("close")
        try:
            self.manager.close(timeout=60.0)
        except ShutdownTimeout as exc:
            self.world.fail(f"close: {exc}")

    def _look(self) -> None:
        self.manager.snapshot()

    def _cut(self) -> None:
        seconds = self.world.rng.choice((0.5, 3.0, 20.0))
        self.world.note(f"partition {seconds}")
        self.network.partition(seconds)

    def _suspend(self) -> None:
        if self.world.rng.random() < 0.3:
            self.world.note("suspended")
            self.world.sometimes("a process that is suspended")
            self.world.freeze(12.0)

    def _announce(self) -> None:
        self.world.note("announced")
        self.exchange.announce()

    def _shut(self) -> None:
        self.exchange.closed = True
        self.world.at(self.world.rng.choice((1.0, 10.0)), self._open_again)

    def _open_again(self) -> None:
        self.exchange.closed = False

    def _step(self) -> None:
        if self.world.rng.random() < 0.3:
            self.world.note("stepped")
            self.world.step_wall(self.world.rng.choice((-3600.0, 3600.0)))
            self.offsets.add(round(self.world.wall() - self.world.now - self.base, 3))

    # -- the end -------------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Nothing goes wrong from now on."""
        self.closing = True
        self.world.note("healed")
        self.exchange.troubled = self.network.troubled = self.exchange.closed = False
        self.exchange.ban = None
        self.network.narrow = 0.0
        self.exchange.rate = 1.0
        self.exchange.seldom = ()

    def _come_back(self) -> None:
        """Every socket that was not stopped, and has not given up, brings all its streams again."""
        world = self.world
        deadline = world.now + self.back
        world.park(1.0)  # what was being accepted is
        until = world.now + 10.0
        while self.manager._core.ending and world.now < until:  # on its last words, which a slow callback holds up
            world.park(1.0)
        for life in self._open():  # what was started while another thread closed the manager may belong to either time
            connection = self.manager._core.open().get(life.key)
            if connection is None or not self._serves(connection, life):
                life.ended = world.now
        healed = {name: stream.last for name, stream in self.exchange.streams.items()}
        while (self._missing(healed) or any(wire.silent for wire in self.network.wires)) and world.now < deadline:
            world.park(1.0)
        for life, name in self._missing(healed):
            if life.began < world.now - _YOUNG:
                world.fail(f"{life.key} never came back: no {name}")
        self.exchange.close_market()
        world.park(_DRAIN)
        self._settle()
        if any(self.nosuch in life.names for life in self._open()):
            world.park(self.silent)
            self._settle()

    def _serves(self, connection: Any, life: Life) -> bool:
        """Whether a connection is that of a life, not of another one of its key."""
        callback = connection.handler.callback
        return getattr(callback, "life", callback) is life

    def may_give_up(self, life: Life) -> bool:
        """Whether its end need not be asked for."""
        return self.patient is not None

    def _settle(self) -> None:
        """Wait until nothing is under way any more."""
        deadline = self.world.now + self.back
        while (left := self._unsettled()) and self.world.now < deadline:
            self.world.park(1.0)
        for key in left:
            self.world.fail(f"{key} does not settle")

    def _unsettled(self) -> list[str]:
        """Sockets that are in a callback, not open, behind with what has arrived, or have been lost within the time in
        which a gap is told."""
        world = self.world
        keys = {life.key for life in self._open()}
        closed = [key for key, each in self.manager._core.open().items() if each.state is not State.OPEN]
        lost = [key for key, at in self.lost_at.items() if world.now - at < _TOLD]
        behind = [key for key, row in self.manager.snapshot()["connections"].items() if row["lag"] > 0.0]
        return sorted(keys & {*closed, *lost, *behind, *(key for key, busy in self.busy.items() if busy)})

    def _missing(self, healed: dict[str, int]) -> list[tuple[Life, str]]:
        """Streams that have brought nothing that is newer than these ids."""
        found = []
        for life in self._open():
            for name, got in life.got.items():
                if (
                    "nosuch" not in name
                    and life.spans[name][-1].until is None
                    and (name in life.live or (life.key, name) not in self.refused)
                    and not any(id > healed.get(life.sent(name), 0) for id, _ in got[-1:])
                ):
                    found.append((life, name))
        return found

    def _end(self) -> None:
        world = self.world
        self.alive = self._open()
        self._close()
        world.park(_HUNG)
        left = [task.name for task in world.tasks if task is not world.main]
        if left:
            world.fail(f"threads left: {left}")
        if self.network.open:
            world.fail(f"{self.network.open} descriptors left open")
