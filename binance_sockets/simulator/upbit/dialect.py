"""How Upbit speaks on one connection."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from binance_sockets.faults import Fault
from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.answers import dumps, without
from binance_sockets.simulator.feed import Source
from binance_sockets.simulator.session import Session
from binance_sockets.simulator.upbit.backend import WALLET, Backend
from binance_sockets.simulator.upbit.errors import Refused, error_body
from binance_sockets.simulator.upbit.numbers import encode
from binance_sockets.simulator.upbit.requests import Entry, Request, parsed
from binance_sockets.simulator.upbit.short import shortened
from binance_sockets.simulator.upbit.streams import Maker, Stream
from binance_sockets.simulator.upbit.tokens import VIEW_ASSETS, VIEW_ORDERS

__all__ = ["UpbitDialect"]

_SCOPES = {"myOrder": VIEW_ORDERS, "myAsset": VIEW_ASSETS}
_UP = b'{"status":"UP"}'


class UpbitDialect:
    """Speaks on one connection. A :class:`~binance_sockets.simulator.session.Dialect`.

    A request replaces all that was asked for before, and nothing is acknowledged.

    Args:
        session: the connection.
        backend: the region.
        place: ``public``, ``private`` or ``info``.
        key: of the token; ``None`` without a good one.
    """

    def __init__(self, session: Session, backend: Backend, place: str, key: Key | None) -> None:
        self._session, self._backend, self._place, self._key = session, backend, place, key
        self._allowance = backend.limits.messages()
        self._request: Request | None = None
        self._streams: dict[str, Stream] = {}
        self._silent: set[str] = set()  # of which nothing is told beside the snapshot
        self._format = "DEFAULT"
        self._pinged = False
        self._leave: list[Callable[[], None]] = []

    # what every venue has

    def opened(self) -> None:
        if self._place != "private":
            return
        self._leave.append(self._backend.notices.listen(self._announced))
        if self._key is not None:
            self._leave.append(self._key.account.listen(WALLET, self._told))

    def closed(self) -> None:
        for leave in self._leave:
            leave()
        self._leave.clear()

    def serves(self, name: str) -> bool:
        """Whether more than a snapshot flows."""
        return name not in self._silent

    def forgettable(self, name: str) -> bool:
        stream = self._streams.get(name)
        return stream is not None and stream.of_market

    def source(self, name: str) -> tuple[Hashable, Callable[[int], Source | None]]:
        stream, simple = self._streams.get(name), self._simple
        backend = self._backend

        def make(now: int) -> Source | None:
            if stream is None or not (stream.of_market or stream.wanted is not None):
                return None
            return Maker(backend.listing, backend.options, simple=simple).source(stream, now)

        return (backend.region.product, name, simple), make

    def wrapped(self, name: str, payload: bytes, whole: bytes | None = None) -> bytes:
        return b"[" + payload + b"]" if self._format in ("JSON_LIST", "SIMPLE_LIST") else payload

    def unknown_event(self) -> bytes:
        keys = ("ty", "cd", "tms") if self._simple else ("type", "code", "timestamp")
        return dumps(
            {**dict(zip(keys, ("neverHeardOf", "KRW-BTC", self._backend.now() // 1000), strict=True)), "zz": 1}
        )

    def without(self, payload: bytes, field: str | None) -> bytes:
        return without(payload, field or ("cd" if self._simple else "code"))

    def shutdown_notice(self) -> bytes | None:
        return None

    # requests

    def heard(self, message: bytes) -> None:
        ping = message.strip() == b"PING"
        try:
            if not ping or self._backend.options.pings_count:
                self._count()
            if ping:
                self._stay_up()
                return
            self._perform(message)
        except Refused as refused:
            self._refuse(refused)

    def _count(self) -> None:
        try:
            self._allowance.take()
        except Refused as refused:
            name = "Too Many Requests" if refused.status == 429 else "I'm a teapot"
            raise Refused(name, refused.fact) from None

    def _stay_up(self) -> None:
        """Say from now on every ten seconds that all is well."""
        if not self._pinged:
            self._pinged = True
            self._say_up()

    def _say_up(self) -> None:
        if not self._session.closing and not self._session.spoiler.silent():
            self._session.say(_UP)
        self._session.later(self._backend.options.status_interval, self._say_up)

    def _perform(self, message: bytes) -> None:
        options, session = self._backend.options, self._session
        if self._key is None and self._place != "public":
            raise Refused("INVALID_AUTH")
        request = parsed(message, self._place, camel_case=options.camel_case)
        if session.spoiler.strike(Fault.ACK_NEVER):
            return
        refusal = session.spoiler.strike(Fault.ACK_ERROR)
        if refusal:
            raise Refused("INVALID_PARAM", refusal.params["msg"])
        if request.lists:
            self._change_format(request.format)
            self._list(request.ticket)
            return
        self._check_scopes(request)
        self._replace(request)

    def _refuse(self, refused: Refused) -> None:
        options, session = self._backend.options, self._session
        if options.errors_drop:
            session.unsubscribe(tuple(session.streams))
        session.say(dumps(error_body(refused, korean=self._backend.region.korean)))
        if options.errors_close:
            session.close(1008, "Invalid request")

    def _check_scopes(self, request: Request) -> None:
        for entry in request.entries:
            scope = _SCOPES.get(entry.type)
            if scope and (self._key is None or self._key.revoked or scope not in self._key.permissions):
                raise Refused(self._backend.options.scope_error)

    def _replace(self, request: Request) -> None:
        """From now on, what this request asks for and nothing else."""
        session = self._session
        wanted = {part.stream.name: part.stream for entry in request.entries for part in entry.parts}
        flowing = {part.stream.name for entry in request.entries if entry.realtime for part in entry.parts}
        silent = wanted.keys() - flowing
        changed = request.format != self._format
        session.unsubscribe(
            [
                name
                for name in session.streams
                if changed or name not in wanted or (name in silent) != (name in self._silent)
            ]
        )
        self._request, self._streams, self._silent, self._format = request, wanted, set(silent), request.format
        told = list(self._snapshots(request))
        session.subscribe(wanted)
        for name, payload, event in told:
            session.deliver(name, payload, event)

    def _snapshots(self, request: Request) -> Iterator[tuple[str, bytes, str]]:
        """The snapshots of a request, each once."""
        maker = Maker(self._backend.listing, self._backend.options, simple=self._simple)
        streams = [part.stream for entry in request.entries if entry.snapshot for part in entry.parts]
        for stream in dict.fromkeys(streams):
            payload = maker.snapshot(stream, self._backend.now())
            if payload is not None:
                yield stream.name, payload, stream.type

    def _change_format(self, format_: str) -> None:
        """Streams go on in another format."""
        if format_ == self._format:
            return
        session, names = self._session, tuple(self._session.streams)
        session.unsubscribe(names)
        self._format = format_
        session.subscribe(names)

    def _list(self, ticket: str) -> None:
        entries = self._request.entries if self._request is not None else ()
        rows = [row for entry in entries if (row := self._listed(entry)) is not None]
        answer = {"method": "LIST_SUBSCRIPTIONS", "result": rows, "ticket": ticket}
        text = dumps(shortened(answer) if self._simple else answer)
        self._session.say(self.wrapped("", text))

    def _listed(self, entry: Entry) -> dict[str, Any] | None:
        """An object of the request as the exchange still knows it; ``None`` where nothing of it is left."""
        there = [part for part in entry.parts if part.stream.name in self._session.streams]
        if not there:
            return None
        codes = list(dict.fromkeys(part.code for part in there if part.code))
        return {"type": entry.type, **({"codes": codes} if codes else {}), **entry.facts}

    # what accounts and the exchange tell

    def _told(self, event: dict[str, Any]) -> None:
        name = event["type"]
        if f"{name}/{event.get('code')}" in self._session.streams:
            name = f"{name}/{event['code']}"
        if name in self._session.streams:
            self._session.deliver(name, encode(shortened(event) if self._simple else event), event["type"])

    def _announced(self, notice: dict[str, Any]) -> None:
        entries = self._request.entries if self._request is not None else ()
        for entry in entries:
            if entry.type != "announcement" or "announcement" not in self._session.streams:
                continue
            if entry.categories and notice["category"] not in entry.categories:
                continue
            event = {name: value for name, value in notice.items() if name != "body" or entry.include_body}
            self._session.deliver("announcement", encode(shortened(event) if self._simple else event), "announcement")
            return

    @property
    def _simple(self) -> bool:
        return self._format in ("SIMPLE", "SIMPLE_LIST")
