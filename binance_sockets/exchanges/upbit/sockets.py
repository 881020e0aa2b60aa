"""What all start methods share: from their arguments to a conn key on a shared connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias

import requests

from ...config import Options
from ...engine.connection import Connection
from ...engine.pool import Member
from ...errors import BinanceSocketsError, ConfigError, UnknownConnection
from ...events import StateChange
from ...exchange import Misfits, Past, Stream, View
from ...manager import Manager
from ..arguments import Callback, Key, NumbersName, ViewName, check_callback
from ..since import since_of
from .account import account_of
from .arguments import ORDER, ORDERS_ORDER, codes_of, flag_of, levels_of, preference_of, texts_of, viewer_of
from .kinds import kind_of
from .messages import Message, Reading, indicator_name
from .past import History, UpbitPast, source_of
from .portions import Portion, Portions, Preference
from .regions import Place
from .rest import UpbitRest
from .steward import Steward
from .streams import UpbitStreams
from .tokens import UpbitKey

__all__ = ["PreferenceName", "Settings", "UpbitSockets", "conn_key", "stream_of"]

PreferenceName: TypeAlias = Preference | Literal["both", "snapshot_only", "realtime_only"]

_INDICATORS = ("volume", "rsi", "moving_average", "ma_crossover", "bollinger_bands", "macd")
_MOST_INDICATORS = 100  # of one connection (websocket-indicator, 2026-09-23)
_FRAMES = ("5m", "15m", "60m", "240m", "1d")
_FIRST_MESSAGE = 30.0  # seconds in which what begins with a snapshot has sent something


@dataclass(frozen=True)
class Settings:
    """What a manager was made with. Secrets stay out of its ``repr``; ``environment_named``: not by a variable."""

    place: Place
    options: Options
    format: str
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    environment_named: bool = True
    portions: dict[str, Portions] = field(default_factory=dict, repr=False)


class UpbitSockets(Manager):
    """The one way from a start method to a conn key."""

    _upbit: Settings
    _rest: UpbitRest

    def _start(
        self,
        type_: str,
        names: Sequence[str],
        conn_key: str,
        callback: Callback,
        *,
        view: ViewName | Callable[[Message], Any] = "dict",
        numbers: NumbersName | None = None,
        preference: PreferenceName = "both",
        take: Callable[[Message], Message | None] = lambda message: message,
        count: int | None = None,
        bodies: bool = False,
        backfill: bool = False,
        history: object = None,
        prime: bool = False,
        watch: Callable[[StateChange], None] | None = None,
        named: Callable[[object], list[Stream]] | None = None,
    ) -> Key:
        """Open a socket of ``names``, streams of one type, on the connection that its endpoint has."""
        kind = kind_of(type_)
        wanted = preference_of(preference) if kind.snapshots else Preference.REALTIME_ONLY
        seen = view if callable(view) and not isinstance(view, View) else viewer_of(type_, view, numbers)
        check_callback(callback, ORDER if kind.takes_codes else "")
        flag_of("backfill", backfill)
        flag_of("prime", prime)
        key = self._key() if kind.endpoint != "public" else None
        since = since_of(history, self._core.transport.clock.time)
        if since is not None and wanted is Preference.SNAPSHOT_ONLY:
            raise ConfigError("history", history, (None,), "stream_preference='snapshot_only' wants one message alone")

        clock = self._core.transport.clock

        def prime_of(name: str, reading: Reading) -> tuple[History | None, Callable[[], list[Message]]]:
            source = source_of(name, self._rest, reading)
            if source is not None and since is not None:
                begun = History(source, since)
                return begun, begun.ask
            return None, lambda: account_of(name, self._account_rest(), reading)

        steward = Steward(conn_key, partial(self._member, conn_key), prime_of, watch, clock.time)
        portion = steward.portion = Portion(
            names, callback, view=seen, preference=wanted, prime=prime or since is not None, once=since is not None,
            take=take, count=count, bodies=bodies, backfill=backfill,
            missing=steward.missing, over=steward.over, clock=clock.monotonic,
        )  # fmt: skip
        return self._open_pooled(
            conn_key,
            kind.endpoint,
            self._exchange(kind.endpoint, key),
            [stream_of(name, wanted) for name in names],
            portion,
            _unwrap,
            watch=steward.changed,
            named=named,
            anew=True,  # what others have may be snapshots alone, or fewer levels
            settled=steward.settled,
            fills=backfill,
        )

    def _member(self, conn_key: str, portion: Portion) -> Member | None:
        """The open socket whose callback ``portion`` is."""
        found = self._core.open().get(conn_key)
        return found if isinstance(found, Member) and found.handler.callback is portion else None

    def _start_codes(
        self,
        type_: str,
        codes: object,
        callback: Callback,
        name: str | None,
        said: Sequence[str] = (),
        level: str = "",
        preference: PreferenceName = "both",
        **ways: Any,
    ) -> Key:
        """Open a socket of one stream for each of ``codes``. ``said``: what its key says besides them."""
        chosen = codes_of(codes)
        wanted = preference_of(preference)

        def names_of(given: Sequence[str]) -> list[str]:
            return [f"{type_}:{code}:{level}" if level else f"{type_}:{code}" for code in given]

        def named(given: object) -> list[Stream]:
            return [stream_of(each, wanted) for each in names_of(codes_of(given))]

        said = [*said, *([] if wanted is Preference.BOTH else [wanted.value])]
        key = conn_key(type_, "/".join(chosen), said, name)
        return self._start(type_, names_of(chosen), key, callback, preference=wanted, named=named, **ways)

    def _start_orderbooks(
        self, codes: object, callback: Callback, name: str | None, count: object, level: object, **ways: Any
    ) -> Key:
        """Open a socket of order books, each cut to ``count`` levels per side."""
        most, unit, said = levels_of(count, level)
        return self._start_codes(
            "orderbook", codes, callback, name, said, unit, count=most, take=lambda message: message.cut(most), **ways
        )

    def _start_alone(
        self, type_: str, callback: Callback, name: str | None, what: str = "", said: Sequence[str] = (), **ways: Any
    ) -> Key:
        """Open a socket of a type that has one stream. ``what``, ``said``: what its key says of it."""
        return self._start(type_, [type_], conn_key(type_, what, said, name), callback, **ways)

    def _start_my_orders(self, codes: object, callback: Callback, name: str | None, **ways: Any) -> Key:
        """Open a socket of the account's orders: those of ``codes``, or all."""
        check_callback(callback, ORDERS_ORDER)
        chosen = [] if codes is None else codes_of(codes)
        wanted = frozenset(chosen)

        def take(message: Message) -> Message | None:
            return message if not wanted or message.code in wanted else None

        return self._start_alone("myOrder", callback, name, "/".join(chosen), take=take, **ways)

    def _start_announcements(
        self, categories: object, include_body: object, callback: Callback, name: str | None, **ways: Any
    ) -> Key:
        """Open a socket of notices: those of ``categories``, or all."""
        chosen = [] if categories is None else texts_of("categories", categories)
        bodies = flag_of("include_body", include_body)

        def take(message: Message) -> Message | None:
            if chosen and message.exact.get("category") not in chosen:
                return None
            return message if bodies else message.without("body")

        said = ["include_body"] if bodies else []
        what = "/".join(chosen)
        return self._start_alone("announcement", callback, name, what, said, take=take, bodies=bodies, **ways)

    def _start_indicators(
        self,
        codes: object,
        callback: Callback,
        name: str | None,
        indicator: object,
        timeframe: object,
        params: object,
        trigger: object,
        event_params: object,
        **ways: Any,
    ) -> Key:
        """Open a socket of an indicator of ``codes``, or of its signal."""
        if indicator not in _INDICATORS:
            raise ConfigError("indicator", indicator, _INDICATORS)
        if timeframe not in _FRAMES:
            raise ConfigError("timeframe", timeframe, _FRAMES)
        if trigger is not None and not (isinstance(trigger, str) and trigger):
            raise ConfigError("trigger", trigger, "the exchange's name of a trigger, or None")
        for said, value in (("params", params), ("event_params", event_params)):
            if value is not None and not isinstance(value, Mapping):
                raise ConfigError(said, value, "a dict, or None")
        type_ = "indicator" if trigger is None else "indicator_signal"
        asked = {"type": type_, "timeframe": timeframe, "indicator": indicator, "params": params, "trigger": trigger,
                 "event_params": event_params}  # fmt: skip
        names = [indicator_name({**asked, "code": code}) for code in codes_of(codes)]
        known = {each for member in self._members().values() for each in member.streams}
        carried = {each for each in known if kind_of(each).endpoint == "info"}
        if len(carried.union(names)) > _MOST_INDICATORS:
            hint = f"{len(carried)} are open; each manager has a connection of its own"
            raise ConfigError("codes", f"{len(names)} indicators", f"{_MOST_INDICATORS} on a connection at most", hint)
        key = conn_key(type_, "/".join(each.partition(":")[2] for each in names), (), name)
        return self._start(type_, names, key, callback, **ways)

    def _exchange(self, endpoint: str, key: UpbitKey | None) -> UpbitStreams:
        settings = self._upbit
        portions = self._portions(endpoint)
        return UpbitStreams(
            self._private_place() if key is not None else settings.place,
            endpoint,
            portions,
            key=key,
            format_=settings.format,
            clock=self._core.transport.clock.time,
            past=lambda stream: self._past(stream, portions),
            explain=self._explain,
        )

    def _portions(self, endpoint: str) -> Portions:
        """Who wants what on the shared connection of an endpoint."""

        def wanting(name: str) -> list[Callable[[Any], object]]:
            pool = self._core.pools.get(endpoint)
            return [] if pool is None else pool.callbacks(name)

        return self._upbit.portions.setdefault(endpoint, Portions(wanting))

    def _past(self, stream: Stream, portions: Portions) -> Past | None:
        reading = Reading(Misfits(), self._core.transport.clock.time)
        source = source_of(stream.name, self._rest, reading)
        return None if source is None else UpbitPast(source, lambda: portions.fills(stream.name))

    def _account_rest(self) -> UpbitRest:
        """Calls about the account."""
        place = self._private_place()
        return UpbitRest(place.endpoint.rest, self._upbit.options, self._key())

    def _private_place(self) -> Place:
        """Where keys are sent; a variable may only name this machine."""
        settings = self._upbit
        if settings.environment_named:
            return settings.place
        return Place.resolve(None, settings.place.region, credentials=True)

    def _key(self) -> UpbitKey:
        """The account's key.

        Raises:
            ConfigError: there is none, or the variable ``BINANCE_SOCKETS_BASE_URL`` names another machine.
        """
        key = UpbitKey.resolve(self._upbit.access_key, self._upbit.secret_key)
        if key is None:
            hint = "Pass access_key= and secret_key=, or set UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY"
            raise ConfigError("access_key", None, "the API key of the account", hint)
        self._private_place()
        return key

    def _explain(self, name: str) -> str:
        """The likely cause of a silence. Blocks for some seconds at most."""
        kind = kind_of(name)
        if not kind.takes_codes:
            return "An account sends nothing until something happens to it"
        code = name.split(":")[1]
        try:
            listed = code in self._rest.markets()
        except (BinanceSocketsError, requests.RequestException, OSError, ValueError, LookupError) as error:
            return f"Whether {code} is listed could not be checked over REST ({type(error).__name__})"
        if not listed:
            return f"The exchange lists no market {code}; the quote currency comes first, as in KRW-BTC"
        if name.count(":") == 2 and kind.type == "orderbook":
            return f"The exchange lists {code}, and sends nothing for a price unit that this market does not have"
        return f"The exchange lists {code}; it seems that nothing was traded or changed there meanwhile"

    def subscribe(self, conn_key: str | bool | None, codes: object) -> None:
        """Have an open socket carry more markets. Any thread, also in a callback; does not block.

        Calls made close together become one message of the connection; the streams that run go on without another
        snapshot.

        Args:
            conn_key: what a start method with ``codes``, or :meth:`start_socket`, returned.
            codes: one market code, or an iterable of them; names of streams for a socket that was started by names.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: for what is no code, and for a socket without codes.
            ManagerClosed: in a forked child process.
        """
        member, portion = self._portion(conn_key)
        streams = member.named(codes)
        portion.added([stream.name for stream in streams])
        if not member.change(streams, ()):
            raise UnknownConnection(conn_key, list(self._core.open()))

    def unsubscribe(self, conn_key: str | bool | None, codes: object) -> None:
        """Have an open socket carry fewer markets; one at least stays. Any thread, also in a callback; does not block.

        Args:
            conn_key: what a start method with ``codes``, or :meth:`start_socket`, returned.
            codes: one market code, or an iterable of them; names of streams for a socket that was started by names.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: for a market that it does not carry, and where none would be left; then nothing changes.
            ManagerClosed: in a forked child process.
        """
        member, portion = self._portion(conn_key)
        names = [stream.name for stream in member.named(codes)]
        if not member.change((), names):
            raise UnknownConnection(conn_key, list(self._core.open()))
        portion.removed(names)

    def _connections(self) -> dict[str, Connection]:
        """The shared connections that live, by endpoint."""
        found = {str(endpoint): pool.connection for endpoint, pool in dict(self._core.pools).items()}
        return {endpoint: each for endpoint, each in found.items() if each is not None}

    def _members(self) -> dict[str, Member]:
        """What is open, by conn key."""
        return {key: each for key, each in self._core.open().items() if isinstance(each, Member)}

    def _failures(self) -> dict[str, BinanceSocketsError]:
        """Why keys have given up that were not used again since."""
        with self._core.lock:
            return dict(self._core.given_up)

    def _let_go(self, conn_key: str) -> None:
        """Stop a socket, and forget why it has given up, if it has."""
        self.stop_socket(conn_key)
        with self._core.lock:
            self._core.given_up.pop(conn_key, None)

    def _portion(self, conn_key: str | bool | None) -> tuple[Member, Portion]:
        found = self._changeable(conn_key)
        assert isinstance(found, Member) and isinstance(found.handler.callback, Portion)
        return found, found.handler.callback


def conn_key(type_: str, what: str, said: Sequence[str], name: str | None) -> str:
    """The key of a socket: what it carries, or the name that the user gave it.

    Raises:
        ConfigError: the name is no printable text.
    """
    if name is None:
        return "&".join(["=".join(filter(None, (type_, what))), *said])
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise ConfigError("name", name, "printable text, or None")
    return name


def stream_of(name: str, preference: Preference) -> Stream:
    """A stream that somebody wants in that way."""
    begins = kind_of(name).snapshots and preference is not Preference.REALTIME_ONLY
    return Stream(name, first_message=_FIRST_MESSAGE if begins else None)


def _unwrap(payload: Any) -> tuple[str, Any]:
    return payload.name, payload
