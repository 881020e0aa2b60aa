"""Binance's market streams behind the engine's contract: one object per connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import requests

from ..._version import __version__
from ...config import Options
from ...engine.clock import Clock
from ...errors import BinanceSocketsError, ConfigError
from ...exchange import (
    Ack,
    ConnectLimits,
    ConnectRequest,
    Continuity,
    ControlFrame,
    Decode,
    Group,
    Keepalive,
    Misfits,
    Notice,
    Past,
    Rate,
    Stream,
    View,
)
from ..since import since_of
from . import codec
from .continuity import continuity, moment
from .families import Family, MarketStream
from .instruments import Instruments
from .models.base import NUMBERS, NUMERAL
from .names import Name, close_names, parse
from .past import StreamPast
from .past_table import source_of
from .products import CONNECT_RATES, product_of
from .rest import PublicRest
from .typed import typed_decoder
from .unify import Unifier, check_unified, unified_decoder
from .urls import Environment

__all__ = ["MarketStreams", "checked_numbers", "checked_view"]

_NAMES_PER_FRAME = 200
_QUESTIONS = 10  # REST questions about silent streams, per connection: weights are shared with the user's own calls
_URL_BYTES = 4096  # path and query together; longer lists are subscribed by control frames
_REDUNDANCY = (1, 2, 3, 4)
_TIME_UNITS = (None, "ms", "us")
_HEADERS = (("User-Agent", f"binance_sockets/{__version__}"),)


class MarketStreams:
    """The market streams of one connection: an :class:`~binance_sockets.exchange.Exchange`.

    Args:
        environment: where to connect.
        product: ``"spot"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        wrapped: ``True`` for ``{"stream", "data"}`` messages, ``False`` for the bare payloads of one single stream.
        view: how callbacks see a message.
        time_unit: ``"us"`` for microseconds, which spot alone has; ``None`` and ``"ms"`` for milliseconds.
        options: proxy and TLS settings for REST: the question behind :meth:`explain_silence`, and the past.
        backfill: what streams miss with a link is fetched over REST, where that has it.
        history: how much of the past comes first, where REST has it: a count, an aware ``datetime``, milliseconds since
            1970, or a ``timedelta``; ``None`` (default) for nothing.
        redundancy: over how many links each stream comes at once, 1 (default) to 4; on different addresses where the
            exchange has several. Not together with the past, which belongs to one link.
        api_key: for what REST gives to those with a key alone.
        numbers: what numbers are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None`` (default) for ``"str"``
            in the typed view, ``"float"`` in the unified one. The others have none.
        instruments: what the unified view calls symbols; ``None`` (default) for what the symbols tell.
        now: wall clock, seconds since the epoch; ``None`` (default) for this machine's.

    Raises:
        ConfigError: for a product, view, time unit or type of numbers that does not exist (there).
    """

    def __init__(
        self,
        environment: Environment,
        product: str = "spot",
        *,
        wrapped: bool,
        view: View | str = View.DICT,
        time_unit: str | None = None,
        options: Options | None = None,
        backfill: bool = False,
        history: object = None,
        redundancy: int = 1,
        api_key: str | None = None,
        numbers: object = None,
        instruments: Instruments | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        endpoint = environment.endpoint(product)
        self.product = product_of(product, environment.tld)
        """The row of the product: its limits, for example."""
        if time_unit not in _TIME_UNITS:
            raise ConfigError("time_unit", time_unit, _TIME_UNITS)
        if time_unit == "us" and not self.product.microseconds:
            raise ConfigError("time_unit", time_unit, (None, "ms"), f"{self._market} has no microseconds")
        self._bases = (endpoint.streams, *endpoint.others)
        self.wrapped = wrapped
        self._view = checked_view(view)
        self._numbers = checked_numbers(self._view, numbers)
        unit = 1_000 if time_unit == "us" else 1_000_000
        places = Instruments(self._market) if instruments is None else instruments
        now = now or Clock().time
        self._unify = Unifier(self._market, places, now, unit)
        self.checks_text = self._view is View.DICT  # msgspec reads every string; the other views skip some
        self._query = ("timeUnit=MICROSECOND",) if time_unit == "us" else ()
        self._rest = PublicRest(endpoint.rest, self.product, options or Options(), environment.quota(product))
        self._questions = _QUESTIONS
        if not isinstance(backfill, bool):
            raise ConfigError("backfill", backfill, (True, False))
        if type(redundancy) is not int or redundancy not in _REDUNDANCY:
            raise ConfigError("redundancy", redundancy, _REDUNDANCY)
        if redundancy > 1 and (backfill or history is not None):
            hint = "A gap is filled, and the past fetched, for a stream over one link"
            raise ConfigError("redundancy", redundancy, "1 beside backfill= and history=", hint)
        self._redundancy = redundancy
        self._turns: dict[int, int] = {}
        self._backfill, self._since, self._api_key = backfill, since_of(history, now), api_key

    @property
    def _market(self) -> str:
        return self.product.market

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        """One group per route and per limit of streams, in the order given; as often as redundancy asks for."""
        by_route: dict[str, list[Stream]] = {}
        for stream in streams:
            by_route.setdefault(stream.route or self.product.default_route, []).append(stream)
        limit = self.product.streams_per_link if self.wrapped else 1
        return [
            Group(tuple(chosen[start : start + limit]), route, copy)
            for route, chosen in by_route.items()
            for start in range(0, len(chosen), limit)
            for copy in range(self._redundancy)
        ]

    def keepalive(self, group: Group) -> Keepalive:
        """The documented ping intervals of 2025-02 (spot) and 2023-08 (futures), read from the receiving end."""
        return self.product.keepalive

    def connect_request(self, group: Group) -> ConnectRequest:
        """The names go into the URL while it stays short, else the link opens empty and subscribes."""
        names = [stream.name for stream in group.streams]
        turn = None
        if self._redundancy > 1:  # every attempt another address, and none of those that the other links begin with
            turn = self._turns.get(group.copy, group.copy)
            self._turns[group.copy] = turn + self._redundancy
        quoted = "/".join(map(_quote, names))
        url = self._url(group, quoted)
        parts = urlsplit(url)
        if len(parts.path) + len(parts.query) + 1 < _URL_BYTES:
            return ConnectRequest(url, _HEADERS, confirmed=frozenset(names), turn=turn)
        return ConnectRequest(self._url(group, ""), _HEADERS, turn=turn)

    def limits(self, group: Group) -> tuple[Rate, ...]:
        """5 messages a second on spot, 10 elsewhere; a client above that is disconnected with code 1008."""
        return (Rate(self.product.messages_per_second, 1.0),)

    def connect_limits(self, group: Group) -> ConnectLimits:
        """300 attempts in 5 minutes, counted by address; the documents of futures do not say."""
        return ConnectLimits(self._rest.venue, CONNECT_RATES)

    def credential(self, group: Group) -> None:
        """None: market streams are public."""

    def credential_frames(self, group: Group, next_id: Callable[[], int]) -> tuple[ControlFrame, ...]:
        """None: market streams are public."""
        return ()

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        """Frames of at most 200 names; integer ids are the one kind that every product takes."""
        frames = []
        for method, names in (("UNSUBSCRIBE", iter(removed)), ("SUBSCRIBE", iter(added))):
            while chunk := tuple(islice(names, _NAMES_PER_FRAME)):
                request_id = next_id()
                payload = msgspec.json.encode({"method": method, "params": chunk, "id": request_id})
                asked = (chunk, ()) if method == "SUBSCRIBE" else ((), chunk)
                frames.append(ControlFrame(payload, asked[0], request_id, asked[1]))
        return frames

    def listing(self, group: Group, request_id: int) -> bytes:
        """``LIST_SUBSCRIPTIONS``, which every product has."""
        return msgspec.json.encode({"method": "LIST_SUBSCRIPTIONS", "id": request_id})

    def listed(self, group: Group, answer: Ack) -> frozenset[str] | None:
        """The result is the list of names."""
        result = answer.result
        if not isinstance(result, list) or not all(isinstance(name, str) for name in result):
            return None
        return frozenset(result)

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Decode:
        """The decoder for this group's framing and the connection's view."""
        if self._view in (View.TYPED, View.UNIFIED):
            rows = {stream.name: self._row(stream) for stream in group.streams}
            how = (self._market, rows, self.wrapped, misfits, self._numbers)
            return typed_decoder(*how) if self._view is View.TYPED else unified_decoder(*how, self._unify)
        names = [stream.name for stream in group.streams]
        if self._view is View.RAW:
            return codec.raw_wrapped(names) if self.wrapped else codec.raw_single(names[0])
        return codec.dict_wrapped(names) if self.wrapped else codec.dict_single(names[0])

    def control(self, message: bytes) -> Ack | Notice | None:
        """Acks, errors in both shapes, and ``serverShutdown``; never raises."""
        return codec.control(message)

    def continuity(self, stream: Stream) -> Continuity | None:
        """By the stream's row in the table of streams."""
        return continuity(self._row(stream), stream.name, self.wrapped, self._unify.unit)

    def moment(self, payload: Any) -> float | None:
        """By the event time."""
        return moment(payload, self.wrapped)

    def past(self, stream: Stream) -> Past | None:
        """What REST gives of the stream, where that was asked for and exists."""
        if not self._backfill and self._since is None:
            return None
        name = parse(self._market, stream.name)
        source = source_of(name, self._api_key)
        if source is None:
            return None
        return StreamPast(
            source,
            name,
            self._rest,
            view=self._view,
            wrapped=self.wrapped,
            numbers=self._numbers,
            unify=self._unify,
            microseconds=bool(self._query),
            api_key=self._api_key,
            fills=self._backfill,
            since=self._since,
        )

    def check_view(self, streams: Sequence[Stream]) -> None:
        """Refuse streams that the view cannot express.

        Raises:
            ConfigError: one has no unified form.
        """
        if self._view is View.UNIFIED:
            check_unified(self._market, streams)

    def check_past(self, streams: Sequence[Stream], given: Sequence[str] = ()) -> None:
        """Refuse a wish for the past that no stream can fulfil.

        Args:
            streams: what the socket carries.
            given: what the error names; empty (default) for the streams.

        Raises:
            ConfigError: REST has the past of none of them.
        """
        if (self._backfill or self._since is not None) and not any(map(self.past, streams)):
            wish = "backfill" if self._backfill else "history"
            names = [parse(self._market, stream.name) for stream in streams]
            keyed = any(source_of(name, "a key") for name in names)
            given = list(given) or [stream.name for stream in streams]
            allowed, hint = "trades, aggregate trades or candles", "REST has no past of this stream"
            if keyed:
                allowed = "aggregate trades, candles, or a manager with an API key"
                hint = "REST gives it to those with an API key alone: SocketManager(api_key=...)"
            raise ConfigError(wish, given[0] if len(given) == 1 else given, allowed, hint)

    def explain_silence(self, group: Group, stream: str) -> str:
        """The likely cause of a silence. An acknowledgement proves nothing: the exchange acknowledges any name."""
        name = parse(self._market, stream)
        row = name.family
        if row is not None and row.retired is not None:
            return f"The exchange retired this stream on {row.retired.since}; use {row.retired.replacement}"
        if row is not None and row.route != group.endpoint:
            return (
                f"It is served by the route /{row.route}, this connection is on /{group.endpoint}, where the name is "
                "acknowledged but never delivered"
            )
        if (spelled := _spelled(name)) != stream:
            return f"Names are case-sensitive and symbols lower case: {spelled!r} instead of {stream!r}"
        if row is None:
            cause = f"The exchange documents no such stream for {self._market}. {close_names(self._market, stream)}"
        elif not name.listed:
            cause = f"The exchange documents no such speed: the stream is {row.pattern}"
        else:
            cause = self._explain_symbol(name, row)
        return f"{cause}. It was asked for on the route /{group.endpoint}" if group.endpoint else cause

    def _explain_symbol(self, name: Name, row: Family) -> str:
        quiet = "nothing was traded or changed there meanwhile"
        if not row.documented:
            quiet = "the exchange, which never documented this stream, does not send it"
        if name.symbol is None:
            return f"The name is right; it seems that {quiet}"
        if not self._questions:
            return f"The name is well formed; {name.symbol.upper()} was not looked up, as many streams are silent"
        self._questions -= 1
        try:
            listed = self._rest.lists(name.symbol)
        except (BinanceSocketsError, requests.RequestException, OSError, ValueError) as error:
            return (
                f"The name is well formed; whether {name.symbol.upper()} is listed could not be checked over REST "
                f"({type(error).__name__})"
            )
        if not listed:
            other = self.product.serves
            beyond = f"; if it is one of {other}, subscribe to it there" if other else ""
            return f"The exchange lists no symbol {name.symbol.upper()} for {self._market}{beyond}"
        return f"The exchange lists {name.symbol.upper()}; it seems that {quiet}"

    def _row(self, stream: Stream) -> Family | None:
        """The row that a stream carries; one that was made without is looked up by its name."""
        return stream.family if isinstance(stream, MarketStream) else parse(self._market, stream.name).family

    def _url(self, group: Group, quoted: str) -> str:
        bases = self._bases
        base = bases[group.copy % len(bases)]
        base = f"{base}/{group.endpoint}" if group.endpoint else base
        query = list(self._query)
        path = "/stream" if self.wrapped else "/ws"
        if quoted and self.wrapped:
            query.insert(0, f"streams={quoted}")
        elif quoted:
            path += f"/{quoted}"
        return base + path + ("?" + "&".join(query) if query else "")


def _spelled(name: Name) -> str:
    """The name as it should be on the wire; of an undocumented one only the symbol can be judged."""
    symbol, at, suffix = name.wire.partition("@")
    return name.wire if name.family is not None or not at or symbol.startswith("!") else symbol.lower() + at + suffix


def _quote(name: str) -> str:
    """Percent-encoded UTF-8; ``@``, ``!`` and ``:`` stay readable, ``+`` must not become a space."""
    return quote(name, safe="@!:")


def checked_view(view: View | str, allowed: Iterable[View] = View) -> View:
    """``view`` as a :class:`View`.

    Raises:
        ConfigError: for anything but those that are allowed.
    """
    names = tuple(each.value for each in allowed)
    if view not in names:
        raise ConfigError("view", view, names)
    return View(view)


def checked_numbers(view: View, numbers: object) -> Any:
    """The type that numbers are decoded to; texts of the unified view are checked to be some.

    Args:
        numbers: ``None`` for what the view has by default.

    Raises:
        ConfigError: there is no such type, or the view has no numbers.
    """
    if numbers is None:
        return float if view is View.UNIFIED else str
    if view not in (View.TYPED, View.UNIFIED):
        raise ConfigError("numbers", numbers, (None,), 'view="typed" and view="unified" decode numbers')
    if not isinstance(numbers, str) or numbers not in NUMBERS:
        raise ConfigError("numbers", numbers, tuple(NUMBERS))
    if view is View.UNIFIED and numbers == "str":
        return NUMERAL
    return NUMBERS[numbers]
