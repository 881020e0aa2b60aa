"""The simulator itself: a thread, a port, and what tests say to it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import math
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web

from binance_sockets.faults import Fault, Rule, check, choice, whole
from binance_sockets.simulator.accounts import Accounts
from binance_sockets.simulator.binance.doors import Doors
from binance_sockets.simulator.binance.products import BY_PRODUCT, TRADE_ROUTES, symbol_table
from binance_sockets.simulator.binance.registrar import Registrar
from binance_sockets.simulator.binance.registrar_control import RegistrarControl
from binance_sockets.simulator.binance.upgrade import ROUTES
from binance_sockets.simulator.binance.venue import Binance
from binance_sockets.simulator.control import Control
from binance_sockets.simulator.door import Door, ServerLog
from binance_sockets.simulator.feed import Feed
from binance_sockets.simulator.gate import Gate, listen, reserve
from binance_sockets.simulator.injections import CREDENTIAL_FAULTS, LINK_FAULTS, FaultBoard, Injection
from binance_sockets.simulator.ledger import Attempt, ConnectionInfo, Ledger, Sent
from binance_sockets.simulator.market.clock import SimClock
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.playback import NoPlayback, Playback
from binance_sockets.simulator.recording import Recording, StreamRecord
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.session import LimitOverrides, Services
from binance_sockets.simulator.upbit.backend import House
from binance_sockets.simulator.upbit.control import UpbitControl
from binance_sockets.simulator.upbit.listing import tables
from binance_sockets.simulator.upbit.options import UpbitOptions
from binance_sockets.simulator.upbit.regions import PLACES, REGIONS
from binance_sockets.simulator.upbit.registrar import UpbitRegistrar
from binance_sockets.simulator.upbit.venue import Upbit
from binance_sockets.simulator.venue import Venue

__all__ = ["Simulator"]

_T = TypeVar("_T")
_LONGEST_LINE = 1024 * 1024  # 1,000 stream names in a URL
_STOP_TIMEOUT = 5.0
_log = logging.getLogger("binance_sockets.simulator")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_ARGUMENTS = {
    "port": whole(0, 65_535),
    "seed": Rule("a whole number", lambda value: isinstance(value, int)),
    "speed": Rule("a number above 0", lambda value: _is_number(value) and 0 < value < math.inf),
    "volatility": Rule("between 0 and 100", lambda value: _is_number(value) and 0 <= value <= 100),
    "playback": Rule("a Playback, or None", lambda value: value is None or isinstance(value, Playback)),
    "limits": Rule("LimitOverrides, or None", lambda value: value is None or isinstance(value, LimitOverrides)),
    "usdm_trade_route": choice(TRADE_ROUTES),
    "upbit": Rule("UpbitOptions, or None", lambda value: value is None or isinstance(value, UpbitOptions)),
}


class Simulator:
    """A server on this machine that speaks Binance's and Upbit's protocols, with made-up markets and faults on demand.

    Products live below ``/spot``, ``/usdm``, ``/coinm``, ``/options``, and the regions of Upbit below ``/upbit``,
    ``/upbit-sg``, ``/upbit-id`` and ``/upbit-th``, REST and WebSocket on one port. It runs on a thread of its own;
    every method may be called from any other thread.

    Args:
        host: a loopback address.
        port: 0 for any free one; kept over :meth:`stop` and :meth:`start`.
        seed: fixes what happens in every market.
        ssl_context: serve TLS with it.
        speed: how fast the market's time runs; limits, pings and ages stay in wall-clock seconds.
        volatility: how far prices move, as a multiple of the usual; 0 to 100.
        told_levels: of how many levels per side the diffs of an order book tell. Levels behind them change without a
            word, as on the real exchange, where a book that is never refreshed rots. ``None`` (default) for all.
        symbols: product to a list of symbols, or to how many of them; about ten per product by default.
        playback: recorded frames that replace the markets of their streams.
        limits: what overrides the products' limits.
        usdm_trade_route: which route of USD-M serves ``@trade``: "market", "public", or "silent" for none. The stream
            is undocumented, and observers disagree.
        upbit: limits of Upbit, and what it does where its documents are silent.

    Raises:
        ValueError: a host beyond loopback, unknown product, symbol or route, or an argument that is none of the kind.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        ssl_context: ssl.SSLContext | None = None,
        *,
        speed: float = 1.0,
        volatility: float = 1.0,
        told_levels: int | None = None,
        symbols: Mapping[str, Sequence[str] | int] | None = None,
        playback: Playback | None = None,
        limits: LimitOverrides | None = None,
        usdm_trade_route: str = "market",
        upbit: UpbitOptions | None = None,
    ) -> None:
        if not _is_loopback(host):
            raise ValueError(f"the simulator binds to loopback only, not to {host!r}")
        given = {"port": port, "seed": seed, "speed": speed, "volatility": volatility, "playback": playback}
        if told_levels is not None:
            check("told_levels", told_levels, whole(1))
        for name, value in {**given, "limits": limits, "usdm_trade_route": usdm_trade_route, "upbit": upbit}.items():
            check(name, value, _ARGUMENTS[name])
        self._host = "127.0.0.1" if host == "localhost" else host
        self._port = port
        self._seed, self._ssl, self._speed, self._volatility = seed, ssl_context, speed, volatility
        self._told_levels = told_levels
        check("symbols", symbols, BY_PRODUCT)
        apart = dict(symbols or {})
        self._codes = tables({product: apart.pop(product) for product in REGIONS if product in apart})
        self._symbols = symbol_table(apart)
        self._upbit_options = upbit or UpbitOptions()
        self._usdm_trade_route = usdm_trade_route
        self._playback = playback
        self._limits = limits or LimitOverrides()
        self._ledger = Ledger()
        self._faults = FaultBoard(self._faults_changed, self._routes())
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_asked: asyncio.Event | None = None
        self._services: Services | None = None
        self._gate: Gate | None = None
        self._binance: Binance | None = None
        self._upbit: Upbit | None = None
        self._kept: socket.socket | None = None  # holds the port while nothing listens
        self._in_block = False
        self._doors = Doors(Accounts(), ServerClock(), self._faults, self._limits)
        self._registrar = Registrar(self._doors, self._on_loop)
        self._houses = {product: House(region) for product, region in REGIONS.items()}
        self._upbit_registrar = UpbitRegistrar(self._houses, self._doors.clock, self._on_loop)

    # life

    def start(self) -> Simulator:
        """Listen, and return once connections are accepted. Does nothing while running.

        Raises:
            OSError: the port is taken.
            RuntimeError: its thread has failed; ``__cause__`` tells why.
        """
        if self.running:
            return self
        kept, self._kept = self._kept, None
        listener = listen(kept or reserve(self._host, self._port))
        self._port = listener.getsockname()[1]
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name="binance_sockets:simulator", daemon=True
        )
        self._thread.start()
        self._ready.wait(_STOP_TIMEOUT)
        failure = self._failed()
        if failure is not None:
            self._thread.join(_STOP_TIMEOUT)
            raise RuntimeError("the simulator could not start") from failure
        return self

    def stop(self, timeout: float = _STOP_TIMEOUT) -> None:
        """Cut every connection without a close frame, close the port, and join the thread. Idempotent.

        Within a ``with`` block of this simulator the port stays reserved for :meth:`start`: it refuses connects, and no
        other program is given it. Elsewhere, and at the end of the block, it is free.

        Raises:
            TimeoutError: the thread has not ended after ``timeout`` seconds.
        """
        thread = self._thread
        if thread is None:
            self._free_port()
            return
        if thread is threading.current_thread():
            raise RuntimeError("stop() cannot be called on the simulator's own thread")
        self._ready.wait(timeout)  # before that there is no loop to ask
        self._call_soon(self._ask_to_stop)
        thread.join(timeout)
        if thread.is_alive():
            raise TimeoutError(f"the simulator's thread has not ended after {timeout} s")
        self._thread = None
        self._free_port()

    def serve_forever(self) -> None:
        """Start, and block until :meth:`stop` is called from another thread; Ctrl-C stops it too."""
        self.start()
        thread = self._thread
        try:
            while thread is not None and thread.is_alive():
                thread.join(0.5)
        finally:
            self.stop()

    def __enter__(self) -> Simulator:
        self.start()
        self._in_block = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._in_block = False
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    # addresses

    @property
    def port(self) -> int:
        """The port, known after the first :meth:`start`."""
        return self._port

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, ``https`` with TLS."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._ssl else 'http'}://{host}:{self._port}"

    @property
    def environment(self) -> str:
        """What a client takes as its environment: :attr:`url`."""
        return self.url

    @property
    def symbols(self) -> dict[str, tuple[str, ...]]:
        """Product to its symbols."""
        return {**self._symbols, **self._codes}

    # what is listed

    def list_symbol(self, product: str, symbol: str) -> None:
        """List one symbol more: exchangeInfo has it, and its streams are alive.

        Args:
            product: ``spot``, ``usdm``, ``coinm``, ``options``, or a region of Upbit such as ``upbit``.
            symbol: in upper case.

        Raises:
            ValueError: the spelling does not fit the product.
        """
        self._on_venue(product, lambda venue: venue.list_symbol(product, symbol))

    def delist_symbol(self, product: str, symbol: str) -> None:
        """List a symbol no more: subscriptions of its streams stay, and fall silent.

        Raises:
            KeyError: it is not listed.
        """
        self._on_venue(product, lambda venue: venue.delist_symbol(product, symbol))

    def set_symbol_status(self, product: str, symbol: str, status: str) -> None:
        """Have a symbol trade (``"TRADING"``), or not (``"HALT"``, ``"BREAK"``, ...): then its market stands still.

        Raises:
            KeyError: it is not listed.
        """
        self._on_venue(product, lambda venue: venue.set_symbol_status(product, symbol, status))

    def _venue(self, product: str) -> Binance | Upbit:
        venue = self._upbit if product in REGIONS else self._binance
        assert venue is not None
        return venue

    def _on_venue(self, product: str, call: Callable[[Binance | Upbit], object]) -> None:
        def run() -> Exception | None:
            try:
                call(self._venue(product))
            except (KeyError, ValueError) as error:
                return error
            return None

        error = self._on_loop(run)
        if error is not None:
            raise error

    # faults

    def inject(
        self,
        /,
        fault: Fault | str,
        *,
        product: str | None = None,
        route: str | None = None,
        stream: str | None = None,
        count: int | None = None,
        duration: float | None = None,
        **params: Any,
    ) -> Injection:
        """Let a fault stand until it is used up, has run out, or is removed.

        Faults that end a connection (``CLOSE``, ``RESET``, ``EOF``, ``SERVER_SHUTDOWN``, ``MAX_AGE``) strike the open
        ones before this returns; with a ``count`` or a ``duration`` also those opened later. Those that end credentials
        (``LISTEN_KEY_EXPIRED``, ``TOKEN_EXPIRED``, ``STREAM_TERMINATED``) strike what lives now, and nothing later. All
        others strike whatever comes next.

        Args:
            fault: which, or its name.
            product: only connections of this product; ``margin-risk`` and ``portfolio`` for their listen keys.
            route: only connections of this route.
            stream: only messages of this stream, or connections subscribed to it.
            count: how often at most.
            duration: seconds for which it stands.
            params: the fault's own: ``status``, ``retry_after``, ``body``, ``location`` and ``on`` ("ws", "rest",
                "any") of HTTP_STATUS; ``body`` of GARBAGE_HANDSHAKE; ``code``, ``reason``, ``delay`` of CLOSE;
                ``delay`` of RESET, EOF, MAX_AGE and SERVER_SHUTDOWN; ``close_after`` of SERVER_SHUTDOWN; ``mode``
                ("reset", "closed") of REFUSE; ``mode`` ("alert", "cut") of TLS_FAILURE; ``delay`` of SLOW_ACCEPT, and
                between the bytes of DRIP; ``frames`` of FRAGMENT; ``size`` of OVERSIZE; ``field`` of MISSING_FIELD;
                ``code``, ``msg`` of ACK_ERROR; ``path`` (with its product) and ``delay`` of REST_LATE; ``method`` of
                REPLY_NEVER, REPLY_LATE and REPLY_ERROR, ``delay`` of the second, ``performed`` of the others, and
                ``status``, ``code``, ``msg``, ``retry_after`` of the last; ``notice`` of LISTEN_KEY_EXPIRED; ``on``
                ("any", "listen_key", "renewal", "token", "logon", "subscribe"), ``status``, ``code``, ``msg`` of
                CREDENTIAL_REFUSED.

        Returns:
            A handle with ``remove()``, ``struck`` and ``active``.

        Raises:
            ValueError: unknown fault or parameter, or a value that makes no sense; says what is allowed.
        """
        if fault == Fault.TLS_FAILURE and self._ssl is None:
            raise ValueError("tls_failure needs a simulator with an ssl_context")
        injection = self._faults.add(
            fault, product=product, route=route, stream=stream, count=count, duration=duration, **params
        )
        if injection.fault in CREDENTIAL_FAULTS:
            self._on_loop(lambda: self._doors.strike(injection))
            injection.remove()  # where nothing runs
        elif injection.fault in LINK_FAULTS:
            self._on_loop(lambda: self._strike_open(injection))
            injection.end_if_passing()  # where nothing runs
        return injection

    def clear_faults(self) -> None:
        """Remove every fault."""
        self._faults.clear()

    # accounts

    @property
    def accounts(self) -> Registrar:
        """Who trades on Binance, and with which credentials."""
        return self._registrar

    @property
    def upbit(self) -> UpbitRegistrar:
        """Who trades on Upbit, and what that announces."""
        return self._upbit_registrar

    # data

    def publish(self, product: str, stream: str, payload: bytes, event: str = "published") -> int:
        """Send a payload, as it is, to every connection that is subscribed to ``stream`` on its route.

        Args:
            product: ``spot``, ``usdm``, ``coinm``, ``options``, or a region of Upbit such as ``upbit``.
            stream: the stream's name; ``trade/KRW-BTC`` on Upbit.
            payload: what stands in the message; wrapped on combined connections.
            event: the type under which it is counted.

        Returns:
            The number of connections it was sent to; 0 while the simulator is stopped.
        """

        def send() -> int:
            sessions = self._services.sessions if self._services else set()
            rows = [row for row in sessions if row.product == product and stream in row.streams]
            rows = [row for row in rows if row.dialect.serves(stream)]
            for row in rows:
                row.deliver(stream, payload, event)
            return len(rows)

        return self._on_loop(send) or 0

    def record(self, path: str | PathLike[str], product: str, streams: Collection[str]) -> Recording:
        """Write down all that happens on some streams, whether a connection hears it or not, before any fault.

        Their markets stay awake meanwhile. A line is ``{"time", "product", "stream", "data"}``, times being those of
        the server's clock. What :meth:`publish` and a playback send is not among it.

        Args:
            path: the file, which is written anew.
            product: ``spot``, ``usdm``, ``coinm``, ``options``, or a region of Upbit such as ``upbit``.
            streams: names as they stand in a subscription.

        Returns:
            A handle; its ``close()`` ends the record.

        Raises:
            ValueError: nothing is ever sent for one of the names.
            RuntimeError: the simulator does not run.
            OSError: the file cannot be opened.
        """
        services = self._services
        if self._loop is None or services is None:
            raise RuntimeError("only a running simulator can record")
        feed = services.feed
        file = open(path, "wb")  # noqa: SIM115 - the handle closes it
        record = StreamRecord(product, file, self._doors.clock)
        sources = {name: self._venue(product).source(product, name) for name in streams}

        def enter() -> list[str]:
            return [name for name, source in sources.items() if not feed.subscribe(record, *source)]

        def leave() -> None:
            for key, _ in sources.values():
                feed.unsubscribe(record, key)

        recording = Recording(file, lambda: self._on_loop(leave))
        silent = self._on_loop(enter)
        if silent or silent is None:
            recording.close()
            raise ValueError(f"nothing is sent on {', '.join(silent or streams)} of {product}")
        return recording

    @property
    def playback(self) -> Playback | None:
        """What is played."""
        return self._playback

    # what happened

    @property
    def connections(self) -> list[ConnectionInfo]:
        """The open WebSocket connections, oldest first."""
        return self._ledger.open_connections()

    @property
    def closed_connections(self) -> list[ConnectionInfo]:
        """Those that have ended, oldest first."""
        return self._ledger.closed_connections()

    @property
    def history(self) -> list[Attempt]:
        """Every request to open a WebSocket, oldest first, also of those that a fault refused over HTTP."""
        return self._ledger.attempts()

    @property
    def sent(self) -> Sent:
        """Data messages sent so far, by stream and by event type."""
        return self._ledger.sent()

    def wait_for(self, predicate: Callable[[], _T], timeout: float = 10.0) -> _T:
        """Block until ``predicate()`` is true, looking again whenever something happens on the server.

        Returns:
            What the predicate returned.

        Raises:
            TimeoutError: it was still false after ``timeout`` seconds.
        """
        return self._ledger.wait_for(predicate, timeout)

    # the thread

    def _free_port(self) -> None:
        if self._kept is not None and not self._in_block:
            self._kept.close()
            self._kept = None

    def _failed(self) -> BaseException | None:
        return self._failure

    def _run(self, listener: socket.socket) -> None:
        try:
            loop = asyncio.SelectorEventLoop()  # it has add_reader on every system
            try:
                loop.run_until_complete(self._main(listener))
                loop.run_until_complete(loop.shutdown_default_executor())
            finally:
                loop.close()
        except BaseException as error:
            self._failure = error
            self._free_port()
            _log.exception("the simulator has failed")
        finally:
            listener.close()
            self._loop = None
            self._ready.set()
            self._ledger.wake()

    async def _main(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        world = World(self._seed, self._volatility, self._told_levels)
        feed = Feed(world, SimClock(self._speed))
        replay = self._playback or NoPlayback()
        self._services = services = Services(
            feed, self._faults, self._ledger, self._limits, set(), replay, self._doors.clock
        )
        control = Control(
            self._faults,
            self._ledger,
            self.inject,
            [RegistrarControl(self._registrar), UpbitControl(self._upbit_registrar)],
        )
        door = Door(services, self._open_venues(world, services), control)
        server = web.Server(
            door.handle, access_log=None, max_line_size=_LONGEST_LINE, max_field_size=_LONGEST_LINE, logger=ServerLog()
        )
        self._gate = Gate(listener, server, self._faults, self._ssl)
        self._stop_asked = asyncio.Event()
        self._loop = loop
        self._gate.apply()
        tasks = [asyncio.create_task(feed.run())]
        if self._playback is not None:
            self._playback.attach(services.sessions)
            tasks.append(asyncio.create_task(self._play(self._playback)))
        stop = asyncio.create_task(self._stop_asked.wait())
        loop.call_soon(self._ready.set)
        loop.call_soon(self._ledger.wake)
        done, _ = await asyncio.wait({stop, tasks[0]}, return_when=asyncio.FIRST_COMPLETED)
        self._kept = await self._gate.close()
        for task in (stop, *tasks):
            task.cancel()
        await asyncio.gather(stop, *tasks, return_exceptions=True)
        for handler in server.connections:
            if handler.transport is not None:
                handler.transport.abort()
        await server.shutdown(0.2)
        left = asyncio.all_tasks() - {asyncio.current_task()}  # such as a handshake that a fault holds up
        for task in left:
            task.cancel()
        await asyncio.wait([asyncio.gather(*left, return_exceptions=True)], timeout=_STOP_TIMEOUT)
        for task in done - {stop}:
            task.result()

    def _routes(self) -> Mapping[str, Collection[str]]:
        """The routes of each product, over all venues: where faults may strike."""
        return {**ROUTES, **dict.fromkeys(REGIONS, PLACES)}

    def _open_venues(self, world: World, services: Services) -> Sequence[Venue]:
        """The exchanges on this port; the first answers paths that belong to none."""
        self._binance = Binance(world, services, self._symbols, self._usdm_trade_route, self._doors)
        self._upbit = Upbit(world, services, self._houses, self._codes, self._upbit_options)
        return self._binance, self._upbit

    async def _play(self, playback: Playback) -> None:
        await playback.run()
        self._ledger.wake()

    def _ask_to_stop(self) -> None:
        if self._stop_asked is not None:
            self._stop_asked.set()

    def _call_soon(self, call: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(call)
            except RuntimeError:  # the loop has just ended
                return

    def _on_loop(self, call: Callable[[], _T]) -> _T | None:
        """Run a function on the simulator's thread and wait for it; ``None`` while it is stopped."""
        loop = self._loop
        if loop is None:
            return None
        if self._thread is threading.current_thread():
            return call()
        done = threading.Event()
        results: list[_T] = []

        def run() -> None:
            try:
                results.append(call())
            finally:
                done.set()

        self._call_soon(run)
        while not done.wait(0.1):
            if self._loop is not loop:
                return None
        return results[0] if results else None

    def _faults_changed(self) -> None:
        gate = self._gate
        if gate is not None:
            self._on_loop(gate.apply)

    def _strike_open(self, injection: Injection) -> None:
        for session in list(self._services.sessions if self._services else ()):
            session.spoiler.end_by(injection)
        injection.end_if_passing()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
