"""From streams to a registered socket: with a connection of its own, or with one that many share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

from ..consume.stream import message_stream
from ..engine.connection import Connection
from ..engine.pool import Member, Pool
from ..engine.tally import tally
from ..engine.telling import Observer
from ..events import StateChange
from ..exchange import Exchange, Stream
from .core import Core

__all__ = ["Opening"]


def _final_payload() -> dict[str, str]:
    """What a callback receives last when its connection gives up; the form is python-binance 0.7's."""
    return {"e": "error", "m": "Max reconnect retries reached"}


class _Watched:
    """The observer of one connection whose changes of state somebody wants to know first."""

    def __init__(self, core: Core, watch: Callable[[StateChange], None]) -> None:
        self._watch = watch
        self._states = core.on_state
        self.on_gap, self.on_error, self.on_credential = core.on_gap, core.on_error, core.on_credential
        self.on_released, self.on_ended = core.on_released, core.on_ended

    def on_state(self, change: StateChange) -> None:
        self._watch(change)
        self._states(change)


class Opening:
    """What the start methods of every exchange come down to; to be mixed into a manager."""

    _core: Core

    def _open(
        self,
        conn_key: str,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        watch: Callable[[StateChange], None] | None = None,
        named: Callable[[object], list[Stream]] | None = None,
        prepare: Callable[[Connection], object] = lambda connection: None,
    ) -> str | Literal[False]:
        """Register a socket, and open it if the manager has been started. ``watch`` sees changes of state first.
        ``named`` makes streams of names that are given later; ``None`` where the streams are fixed. ``prepare`` sees
        the connection before it begins.

        Returns and raises what :meth:`_enter` does.
        """
        observer = self._core if watch is None else _Watched(self._core, watch)

        def made() -> Connection:
            connection = self._make(conn_key, exchange, streams, callback, observer, named)
            prepare(connection)
            return connection

        return self._enter(conn_key, made)

    def _open_pooled(
        self,
        conn_key: str,
        pool_key: Hashable,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        unwrap: Callable[[Any], tuple[str, Any]],
        *,
        alone: Exchange | None = None,
        watch: Callable[[StateChange], None] | None = None,
        named: Callable[[object], list[Stream]] | None = None,
        anew: bool = False,
        settled: Callable[[Connection], object] | None = None,
        fills: bool = True,
    ) -> str | Literal[False]:
        """Like :meth:`_open`, for streams that share the links of all that have the same ``pool_key``.

        Args:
            exchange: of the first one is used: for several streams, whose messages carry their names.
            unwrap: ``unwrap(payload) -> (stream name, bare payload)``.
            alone: reads bare payloads, as the exchange of this stream alone would; ``None`` (default) for ``exchange``.
            anew, settled, fills: see :class:`~.engine.pool.Member`.
        """
        core = self._core
        name = f"{core.name}:pool:{'.'.join(map(str, pool_key)) if isinstance(pool_key, tuple) else pool_key}"

        observer = core if watch is None else _Watched(core, watch)

        def shared(observer: Any, first: Sequence[Stream]) -> Connection:
            return self._make(name, exchange, first, observer, observer)

        with core.lock:
            pool = core.pools.setdefault(pool_key, Pool(shared, unwrap, lambda: core.closes))

        def member() -> Member:
            clock = core.transport.clock
            return Member(
                conn_key,
                streams,
                callback,
                exchange=alone or exchange,
                final_payload=_final_payload,
                pool=pool,
                observer=observer,
                clock=clock,
                anew=anew,
                settled=settled,
                fills=fills,
                named=named,
            )

        return self._enter(conn_key, member)

    def _make(
        self,
        conn_key: str,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        observer: Observer,
        named: Callable[[object], list[Stream]] | None = None,
    ) -> Connection:
        core = self._core
        return Connection(
            conn_key,
            exchange,
            streams,
            callback,
            final_payload=_final_payload,
            options=core.options,
            transport=core.transport,
            submit=core.submit,
            dial=core.dial,
            observer=observer,
            named=named,
            gate=core.gate,
            alarm=core.alarm,
        )

    def _enter(self, conn_key: str, make: Callable[[], Connection | Member]) -> str | Literal[False]:
        """Register what ``make`` makes, and start it if the manager has been started.

        Returns:
            ``conn_key``, or ``False`` when it is in use. One that is stopping is not: the new socket begins when the
            old one's callback has returned.

        Raises:
            ManagerClosed: in a forked child.
            RuntimeError: no thread can be started.
        """
        core = self._core
        core.check_caller()
        with core.lock:
            previous = core.connections.get(conn_key)
        if previous is not None and not previous.handler.stopping:
            return core.refuse(previous)
        connection = make()
        stream = message_stream(connection.handler.callback)
        if stream is not None:  # before anybody can end the socket
            stream._inbox.attach(connection, lambda: core.stop([connection]))
        with core.lock:
            taken = core.connections.get(conn_key)
            free = taken is None or taken is previous
            if free:
                if taken is not None:
                    core.ending[taken] = None
                connection.after = tuple(found for found in core.ending if found.conn_key == conn_key)
                core.connections[conn_key] = connection
                core.given_up.pop(conn_key, None)
                tally.began(connection)
            begin, closes = core.was_started, core.closes
        if taken is not None and not free:
            if stream is not None:
                stream._inbox.withdraw(connection)
            return core.refuse(taken)
        if begin:
            self._begin(connection, closes)
        return conn_key

    def _begin(self, connection: Connection | Member, closes: int) -> None:
        core = self._core
        try:
            if core.run_jobs(closes):  # else another thread has closed the manager, and with it this socket
                connection.start(core.daemon)
        except BaseException as exc:  # also Ctrl-C: a key that its caller never gets must not stay
            connection.request_stop()
            if type(exc) is not RuntimeError:  # a RecursionError is one, and says nothing about threads
                raise
            raise RuntimeError(f"cannot start a thread for {connection.label}: {exc}") from exc
