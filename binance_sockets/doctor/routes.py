"""WebSockets: the handshake of each route, and a first message over it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from ..config import Options
from ..engine.backoff import retry_after
from ..engine.budget import Budget, allowed, shared
from ..engine.clock import wait_ready
from ..engine.deflate import negotiate
from ..engine.frames import PONG, TEXT, Close, FrameReader, Ping, Violation, encode, encode_close
from ..engine.pipes import Blocking, ByteStream
from ..engine.transport import SocketTransport
from ..errors import (
    BinanceSocketsError,
    ConnectionLost,
    ExchangeError,
    HandshakeRejected,
    RateLimited,
    RequestTimeout,
)
from ..exchange import Ack, ConnectLimits, ConnectRequest, Rate
from ..exchanges.binance import codec, replies
from ..exchanges.binance.api_products import ApiProduct
from ..exchanges.binance.market import MarketStreams
from ..exchanges.binance.names import parse
from ..exchanges.binance.products import CONNECT_RATES, Product
from ..exchanges.binance.urls import Environment
from .advice import failed
from .bounds import Bounds, Uncancelled, uncancelled
from .findings import Finding, Outcome

__all__ = ["API_ROUTE", "PLAIN_ROUTE", "Dialogue", "dialogue", "examine_api", "examine_route", "routes_of"]

API_ROUTE = "api"
"""What the WebSocket API is called among the routes of a product."""

PLAIN_ROUTE = "streams"
"""What the streams of a product without routes are called among them."""

_PATIENCE = 8.0  # seconds for a first message; the slowest of these streams sends one every 5 s
_LIVELY: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("spot", PLAIN_ROUTE): ("!miniTicker@arr",),
    ("us", PLAIN_ROUTE): ("!miniTicker@arr",),
    ("usdm", "public"): ("btcusdt@bookTicker", "!bookTicker"),
    ("usdm", "market"): ("!markPrice@arr@1s",),
    ("coinm", PLAIN_ROUTE): ("!markPrice@arr@1s",),
    ("options", "market"): ("!index@arr",),
}
"""Streams of each route of which one sends something whatever is listed."""

_QUIET = {("options", "public"): ("btcusdt@optionTrade",)}
"""Those of routes without such ones: there an answer must do."""

_SILENT = (
    "The connection is open, and nothing comes over it: something between here and the exchange holds messages back, or"
    " the market stands still",
    "Try without proxy, VPN or virus scanner; if it stays silent everywhere, look at the exchange's status page",
)


class Answered(NamedTuple):
    """What came over a route."""

    message: bool
    answer: bool


class Dialogue:
    """An open WebSocket that one thread asks and reads. For a few messages; see :func:`dialogue`."""

    def __init__(
        self, stream: ByteStream, options: Options, bounds: Bounds, cancel: Uncancelled, budget: Budget | None
    ) -> None:
        self._budget = budget
        self.extensions = stream.extensions
        self._stream = stream
        self._bounds = bounds
        self._cancel = cancel
        self._reader = FrameReader(options.limits.message_size, negotiate(stream.extensions))
        self._early = stream.early

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Send one frame."""
        clock = self._bounds.clock
        deadline = clock.monotonic() + self._bounds.left()
        Blocking(self._stream, deadline, self._cancel, clock).sendall(encode(opcode, payload))

    def messages(self, seconds: float) -> Iterator[bytes]:
        """What comes, until ``seconds`` have passed.

        Raises:
            ConnectionLost: the exchange ended it.
            ProtocolError: it broke the protocol.
        """
        clock = self._bounds.clock
        deadline = clock.monotonic() + self._bounds.left(seconds)
        while (count := self._received(deadline)) is not None:
            yield from [bytes(message) for message in self._reader.feed(count)]
            self._heed_controls()
            if not count:
                raise ConnectionLost("the exchange ended the connection without a word")

    def _received(self, deadline: float) -> int | None:
        """How many bytes came; ``None`` when the time is over."""
        view = self._reader.writable()
        if self._early:
            size = min(len(view), len(self._early))
            view[:size], self._early = self._early[:size], self._early[size:]
            return size
        while self._bounds.clock.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                return self._stream.recv_into(view)
            try:
                wait_ready([self._stream.fileno()], False, deadline, self._cancel, self._bounds.clock)
            except TimeoutError:
                return None
        return None

    def _heed_controls(self) -> None:
        controls = self._reader.controls[:]
        self._reader.controls.clear()
        for control in controls:
            if isinstance(control, Violation):
                raise control.error
            if isinstance(control, Close):
                raise ConnectionLost("the exchange closed the connection", control.code, control.reason)
            if isinstance(control, Ping):
                self.send(control.payload, PONG)

    def ask(self, payload: bytes, number: int, read: Callable[[bytes], object]) -> Ack:
        """Send a request and wait for its answer.

        Raises:
            RequestTimeout, ConnectionLost, ProtocolError
            RateLimited: the exchange asks to be left alone, from now on by all of this process.
        """
        self.send(payload)
        for message in self.messages(_PATIENCE):
            answer = read(message)
            if isinstance(answer, Ack) and answer.request_id in (number, None):
                self._heed_ban(answer)
                return answer
        raise RequestTimeout("answer", _PATIENCE)

    def _heed_ban(self, answer: Ack) -> None:
        status, seconds = answer.ban
        if seconds > 0:
            if self._budget is not None:
                self._budget.ban(status, seconds, self._bounds.clock.monotonic())
            raise RateLimited(status, seconds, *(answer.error or ()))


@contextlib.contextmanager
def dialogue(request: ConnectRequest, limits: ConnectLimits, bounds: Bounds) -> Iterator[Dialogue]:
    """Open a WebSocket as the sockets of these options do; it is closed at the end.

    Args:
        request: what to connect to.
        limits: how often that may be done: the attempt counts among those of this process.
        bounds: options and deadlines.

    Raises:
        ConnectError, ConfigError: it cannot be opened.
        RateLimited: not now, as the exchange has asked to be left alone or too many attempts were made.
    """
    transport = SocketTransport(bounds.options, bounds.clock)
    with uncancelled() as cancel, contextlib.closing(transport):
        budget = shared().of(limits.venue, bounds.options.limit_loopback)
        if budget is not None:
            _wait_for_turn(budget, allowed(limits, bounds.options.connect_share), bounds, cancel)
        try:
            stream = transport.connect(request, bounds.left(), cancel)
        except HandshakeRejected as exc:
            if budget is not None:
                budget.ban(exc.status, retry_after(exc) or 0.0, bounds.clock.monotonic())
            raise
        with contextlib.closing(stream):
            opened = Dialogue(stream, bounds.options, bounds, cancel, budget)
            try:
                yield opened
            finally:
                with contextlib.suppress(BinanceSocketsError, OSError):
                    stream.write(encode_close(1000))


def _wait_for_turn(budget: Budget, rates: Sequence[Rate], bounds: Bounds, cancel: Uncancelled) -> None:
    """Begin an attempt when this process may make one. Blocks within the bounds.

    Raises:
        RateLimited: that is too late.
    """
    owner = object()
    while (due := budget.ask(owner, rates, now := bounds.clock.monotonic())) is not None:
        if due - now > bounds.left():
            budget.leave(owner)
            status, left = budget.banned(now)
            why = f"the exchange answered {status}" if left > 0 else "this process has connected as often as it may"
            raise RateLimited(status if left > 0 else 429, due - now, message=f"not tried, as {why}")
        with contextlib.suppress(TimeoutError):
            wait_ready([], False, due, cancel, bounds.clock)


def routes_of(product: Product) -> tuple[str, ...]:
    """The routes of a product's market streams."""
    return product.routes or (PLAIN_ROUTE,)


def examine_route(environment: Environment, product: Product, route: str, bounds: Bounds) -> list[Finding]:
    """Open a lively stream of a route, and wait for its first message. Blocks within the bounds."""
    subject = f"{product.name} {route}"
    lively = _LIVELY.get((product.market, route))
    names = lively or _QUIET[product.market, route]
    streams = MarketStreams(environment, product.name, wrapped=True, options=bounds.options)
    listed = [parse(product.market, name).stream(None if route == PLAIN_ROUTE else route) for name in names]
    group = streams.split(listed)[0]
    began = bounds.clock.monotonic()
    try:
        with dialogue(streams.connect_request(group), streams.connect_limits(group), bounds) as opened:
            took = bounds.clock.monotonic() - began
            answered = _listened(opened, lively is not None)
            found = [_of_route(subject, names[0], took, answered, lively is not None)]
            return found + _compression(subject, opened, bounds.options)
    except OSError as exc:  # the system's own words for a connection that is cut
        return [failed("route", subject, ConnectionLost(f"the connection was cut: {exc}"))]
    except BinanceSocketsError as exc:
        return [failed("route", subject, exc)]


def _listened(opened: Dialogue, lively: bool) -> Answered:
    """Ask for an answer, and read until there is what counts."""
    answer = False
    opened.send(b'{"method":"LIST_SUBSCRIPTIONS","id":1}')
    for message in opened.messages(_PATIENCE):
        if not isinstance(codec.control(message), Ack):
            return Answered(True, answer)
        answer = True
        if not lively:
            break
    return Answered(False, answer)


def _of_route(subject: str, name: str, took: float, answered: Answered, lively: bool) -> Finding:
    opened = f"open in {took * 1000:.0f} ms"
    if answered.message:
        return Finding("route", subject, Outcome.OK, f"{opened}, {name} sends")
    if answered.answer and not lively:
        return Finding("route", subject, Outcome.OK, f"{opened}, answers")
    said = "answers, but sends nothing" if answered.answer else "neither an answer nor a message"
    outcome = Outcome.WARNING if answered.answer else Outcome.FAILED
    return Finding("route", subject, outcome, f"{opened}; {name}: {said} within {_PATIENCE:g} s", *_SILENT)


def _compression(subject: str, opened: Dialogue, options: Options) -> list[Finding]:
    if not options.compression:
        return []
    if opened.extensions is not None:
        return [Finding("compression", subject, Outcome.OK, opened.extensions)]
    meaning = "The server, or a proxy before it, does not take up permessage-deflate: messages come uncompressed"
    fact = "offered, not accepted"
    return [Finding("compression", subject, Outcome.WARNING, fact, meaning, "Nothing, or leave the option out")]


def examine_api(row: ApiProduct, environment: Environment, bounds: Bounds) -> list[Finding]:
    """Open the WebSocket API of a product, and have it answer. Blocks within the bounds."""
    subject, endpoint = f"{row.name} {API_ROUTE}", row.endpoint(environment)
    limits = ConnectLimits(urlsplit(endpoint.rest).netloc, CONNECT_RATES)
    began = bounds.clock.monotonic()
    try:
        with dialogue(ConnectRequest(endpoint.streams), limits, bounds) as opened:
            answer = opened.ask(replies.request(1, "ping"), 1, replies.control)
        if answer.error is not None:
            raise ExchangeError(*answer.error)
    except OSError as exc:
        return [failed("route", subject, ConnectionLost(f"the connection was cut: {exc}"))]
    except BinanceSocketsError as exc:
        return [failed("route", subject, exc)]
    took = bounds.clock.monotonic() - began
    return [Finding("route", subject, Outcome.OK, f"open and answers in {took * 1000:.0f} ms")]
