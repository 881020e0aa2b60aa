"""Options as frozen values. Every field has its unit and its default's reason; a wrong value is a ``ConfigError``."""

from __future__ import annotations

import inspect
import math
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Literal

from .errors import ConfigError
from .proxy import Proxy

__all__ = ["Backoff", "Limits", "Options", "Timeouts", "Verdict", "check_handler", "check_number"]


class Verdict(Enum):
    """What a failure means for a connection: try again, or give up at once."""

    RETRY = "retry"
    FATAL = "fatal"


def check_number(
    name: str, value: object, *, zero: bool = True, none: bool = False, infinite: bool = True, hint: str = ""
) -> None:
    """Refuse what is no number; the one rule for all timeouts.

    Args:
        name: the argument or option, for the error.
        value: what was given: an ``int`` or ``float`` that a float can hold, never NaN and never a bool.
        zero: whether it may be 0, or must be above.
        none: whether it may be ``None``.
        infinite: whether it may be infinity, which for a time means for ever.
        hint: one more sentence for the reader of the error, if any.

    Raises:
        ConfigError: for anything else.
    """
    if value is None and none:
        return
    usable = False
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an int with more than 300 digits; no clock counts so far
            number = math.nan
        usable = (number >= 0 if zero else number > 0) and (infinite or number != math.inf)
    if not usable:
        kind = ("a number " if infinite else "a finite number ") + ("from 0" if zero else "above 0")
        raise ConfigError(name, value, kind + (" or None" if none else ""), hint)


def check_handler(name: str, value: object) -> None:
    """Refuse what cannot be called with one message or report; the one rule for listeners and handlers behind a buffer.

    Args:
        name: the argument, for the error.
        value: what was given.

    Raises:
        ConfigError: it is no callable, takes another number of arguments, or is ``async def``.
    """
    if not callable(value):
        raise ConfigError(name, value, "a callable with one argument")
    call = getattr(value, "__call__", None)  # noqa: B004 - an instance may have an async __call__
    if any(inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each) for each in (value, call)):
        raise ConfigError(name, value, "a plain function, not async def", "It would never be awaited")
    try:
        inspect.signature(value).bind(None)
    except TypeError as error:
        raise ConfigError(name, value, "a callable with one argument", f"It says: {error}") from None
    except ValueError:  # some builtins do not tell what they take
        return


def _check_numbers(
    value: object,
    optional: tuple[str, ...] = (),
    zero: tuple[str, ...] = (),
    finite: tuple[str, ...] = (),
    other: tuple[str, ...] = (),
) -> None:
    """Every field but ``other`` is a number above 0 (0 too for names in ``zero``, ``None`` for ``optional``)."""
    for item in fields(value):  # type: ignore[arg-type]
        if item.name in other:
            continue
        check_number(
            f"{type(value).__name__}.{item.name}",
            getattr(value, item.name),
            zero=item.name in zero,
            none=item.name in optional,
            infinite=item.name not in finite,
        )


@dataclass(frozen=True)
class Timeouts:
    """Deadlines in seconds; infinity means for ever.

    Args:
        connect: total for one attempt: name look-up, TCP, proxy, TLS and handshake together. Default 10.
        close: how long the close handshake may take before the socket is cut. Default 1.
        stop: how long ``stop_socket`` waits for a running callback. Default 2.
        ack: how long the answer to a SUBSCRIBE may take. Default 10.
        stale: silence after which an open link counts as dead; ``None`` (default) takes the exchange's own: 45 on
            spot, 40 elsewhere. Where the client pings, the ping must have stayed unanswered for ``stale - ping`` too.
        ping: silence after which the client pings, less than ``stale``; 0 never pings. ``None`` (default) takes the
            exchange's own: 25, and never on spot, whose server pings every 20 s. Beside a ``stale`` of yours it is
            half of that, elsewhere than on spot at most 25.
        first_message: how long a stream may stay without its first message before that is reported; ``None`` (default)
            takes the deadline of its kind: 30, 60 or 150. 0 never reports. Streams that may rest for hours have none,
            whatever stands here.
        silence: how long a stream that has brought messages may rest before that is reported; ``None`` (default) learns
            it from each stream: ten times its longest rest so far, never less than the deadline of its kind. Infinity
            never reports. Streams that may rest for hours are never reported.
        listing: between two looks at what is listed, for patterns such as ``"*usdt@trade"``. Default 60: a look costs
            20 of spot's request weight of 6,000 a minute.
    """

    connect: float = 10.0
    close: float = 1.0
    stop: float = 2.0
    ack: float = 10.0
    stale: float | None = None
    ping: float | None = None
    first_message: float | None = None
    silence: float | None = None
    listing: float = 60.0

    def __post_init__(self) -> None:
        _check_numbers(self, optional=("stale", "ping", "first_message", "silence"), zero=("ping", "first_message"))


def is_wait(value: object) -> bool:
    """Whether a wait strategy may return it."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


class _Outcome:
    """How the last attempt ended, as a ``Future`` tells it."""

    failed = True

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def exception(self) -> BaseException:
        return self._error

    def result(self) -> object:
        raise self._error


class RetryState:
    """What a strategy is asked with: the part of ``tenacity.RetryCallState`` that says something here.

    Args:
        error: with which the last attempt, or the WebSocket, ended.
        attempt_number: failures in a row, this one included.
        start_time: when the first of them came (monotonic seconds).
        now: monotonic seconds.
        idle_for: seconds waited in this row so far.
    """

    fn = None
    args = ()

    def __init__(
        self, error: BaseException, attempt_number: int, start_time: float, now: float, idle_for: float = 0.0
    ) -> None:
        self.kwargs: dict[str, object] = {}
        self.outcome = _Outcome(error)
        self.attempt_number = attempt_number
        self.start_time = start_time
        self.outcome_timestamp = now
        self.idle_for = idle_for
        self.upcoming_sleep = 0.0

    @property
    def seconds_since_start(self) -> float:
        return self.outcome_timestamp - self.start_time


@dataclass(frozen=True)
class Backoff:
    """Waits between reconnects: ``initial * factor ** n`` seconds, at most ``maximum``, then jittered downwards.

    Strategies of tenacity take the place of these, for example
    ``Backoff(wait=tenacity.wait_exponential(max=20), stop=tenacity.stop_after_delay(600))``. They are asked on the
    connection's thread, must not block, and see of the retry state ``attempt_number``, ``start_time``,
    ``seconds_since_start``, ``idle_for``, ``upcoming_sleep`` and ``outcome``.

    Args:
        initial: first wait in seconds. Default 0.5: a dropped link is back before a human looks.
        factor: growth per failure. Default 2.5: five waits take up to 32 s together.
        maximum: longest wait in seconds. Default 30.
        jitter: share of each wait that is random, 0 to 1. Default 1, full jitter: many sockets do not return together.
        max_reconnects: how many reconnects in a row may fail before it gives up; ``None`` never gives up. Default 5, as
            python-binance 0.7.
        stable_after: seconds a link must stay open before its failures are forgotten. Default 10.
        wait: a wait strategy of tenacity, or any ``wait(retry_state) -> seconds``, in place of the first four; ``None``
            (default) for those.
        stop: a stop strategy of tenacity, or any ``stop(retry_state) -> bool``, in place of ``max_reconnects``;
            ``None`` (default) for that. Its time begins with the first failure of a row.

    Raises:
        ConfigError: for a wrong value, for what is no such strategy, and for both a strategy and what it replaces.
    """

    initial: float = 0.5
    factor: float = 2.5
    maximum: float = 30.0
    jitter: float = 1.0
    max_reconnects: int | None = 5
    stable_after: float = 10.0
    wait: Callable[[Any], float] | None = None
    stop: Callable[[Any], bool] | None = None

    def __post_init__(self) -> None:
        zero = ("initial", "jitter", "max_reconnects", "stable_after")
        finite = ("initial", "factor", "maximum", "jitter")
        _check_numbers(self, optional=("max_reconnects",), zero=zero, finite=finite, other=("wait", "stop"))
        if self.jitter > 1:
            raise ConfigError("Backoff.jitter", self.jitter, "a number from 0 to 1")
        if self.factor < 1:
            raise ConfigError("Backoff.factor", self.factor, "a number from 1")
        if self.max_reconnects is not None and not isinstance(self.max_reconnects, int):
            raise ConfigError("Backoff.max_reconnects", self.max_reconnects, "a whole number from 0, or None")
        self._check_strategy("wait", "seconds from 0", ("initial", "factor", "maximum", "jitter"))
        self._check_strategy("stop", "True or False", ("max_reconnects",))

    def _check_strategy(self, name: str, returns: str, replaced: tuple[str, ...]) -> None:
        """It is asked once, as a class, or a stop for a wait, would show only when a link is lost."""
        strategy = getattr(self, name)
        if strategy is None:
            return
        allowed = f"a {name} strategy of tenacity, which returns {returns}, or None"
        if callable(getattr(strategy, "wait", None)) and callable(getattr(strategy, "stop", None)):
            # It would try for ever, here.
            raise ConfigError(f"Backoff.{name}", strategy, allowed, "Pass the strategies of a Retrying, not itself")
        try:
            answer = strategy(RetryState(ConnectionError("a sample"), 1, 0.0, 0.0))
        except Exception as exc:
            raise ConfigError(f"Backoff.{name}", strategy, allowed, f"It raised {type(exc).__name__}") from exc
        if not (isinstance(answer, bool) if name == "stop" else is_wait(answer)):
            raise ConfigError(f"Backoff.{name}", strategy, allowed, f"It returned {type(answer).__name__}")
        for other in replaced:
            if getattr(self, other) != getattr(Backoff, other):
                raise ConfigError(f"Backoff.{other}", getattr(self, other), f"its default beside {name}=")


@dataclass(frozen=True)
class Limits:
    """Sizes.

    Args:
        message_size: largest message accepted, in bytes (after joining fragments). Default 16 MiB.
    """

    message_size: int = 16 * 1024 * 1024

    def __post_init__(self) -> None:
        _check_numbers(self)
        if not isinstance(self.message_size, int):
            raise ConfigError("Limits.message_size", self.message_size, "a whole number above 0")


@dataclass(frozen=True)
class Options:
    """All options of a manager.

    Args:
        timeouts: deadlines.
        backoff: waits between reconnects.
        limits: sizes.
        proxy: proxy URL (``http://``, ``socks5://``, ``socks5h://``, ``socks4://``, ``socks4a://``, credentials
            allowed); ``None`` (default) takes ``https_proxy``/``http_proxy``/``all_proxy`` of the environment;
            ``""`` uses none. Loopback never goes through a proxy.
        ssl_context: the TLS settings of all connections; ``None`` (default) builds one verifying context, which trusts
            the system's CAs (certifi's where the system has none).
        ca_file: PEM file with further trusted CAs, for the default context.
        isolate: where TLS is undone. ``False``: on the connection's own thread, where a thread that computes holds it
            up. ``True``: in a helper process, one for this process. ``"auto"`` (default): on the thread until that is
            seen to wait for the GIL, then in the helper process; never with an ``ssl_context`` of yours, on Windows, or
            where Python runs without the GIL. See :doc:`/topics/isolation`.
        compression: offer permessage-deflate to the server. Default ``False``: it costs CPU and delay on both ends.
        classify: ``classify(exception) -> Verdict | None`` replaces the verdict on a failure;
            ``None`` keeps the default one. After HTTP 429 and 418 ``RETRY`` waits for ``Retry-After``, as the default
            does. It runs on the connection's thread and must not block.
        pool: ``True`` for sockets of one market stream to share links, of as many streams as the exchange allows, and
            one thread: hundreds of ``start_*`` calls then cost one connection attempt. Default ``False``: each has its
            own. A callback that is slow holds up those of all keys that share its thread.
        connect_share: share of the exchange's limit on connects that this process uses, above 0 to 1; less where others
            connect from the same address. Default 0.8: of 300 in 5 minutes 240. All managers of the process
            share it; attempts beyond it wait, which costs none of ``max_reconnects``.
        limit_loopback: whether that limit, the one on REST calls, and bans, are shared on this machine, too. Default
            ``False``.
        seed: seed of the jitter, for repeatable tests; ``None`` (default) takes a random one.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    backoff: Backoff = field(default_factory=Backoff)
    limits: Limits = field(default_factory=Limits)
    proxy: str | None = field(default=None, repr=False)
    ssl_context: ssl.SSLContext | None = None
    ca_file: str | None = None
    isolate: bool | Literal["auto"] = "auto"
    compression: bool = False
    classify: Callable[[BaseException], Verdict | None] | None = None
    pool: bool = False
    connect_share: float = 0.8
    limit_loopback: bool = False
    seed: int | None = None

    def __post_init__(self) -> None:
        for name, kind in (("timeouts", Timeouts), ("backoff", Backoff), ("limits", Limits)):
            if not isinstance(getattr(self, name), kind):
                raise ConfigError(f"Options.{name}", getattr(self, name), f"a {kind.__name__}")
        if self.proxy is not None and not isinstance(self.proxy, str):
            raise ConfigError("Options.proxy", type(self.proxy), "a URL, an empty text or None")
        if self.proxy:
            Proxy.parse(self.proxy, "Options.proxy")
        if self.ca_file is not None and not isinstance(self.ca_file, (str, os.PathLike)):
            raise ConfigError("Options.ca_file", self.ca_file, "a path")
        if self.seed is not None and not isinstance(self.seed, int):
            raise ConfigError("Options.seed", self.seed, "a whole number or None")
        if self.ssl_context is not None and not isinstance(self.ssl_context, ssl.SSLContext):
            raise ConfigError("Options.ssl_context", self.ssl_context, "an ssl.SSLContext")
        if self.ssl_context is not None and self.ca_file is not None:
            raise ConfigError("Options.ca_file", self.ca_file, "None when ssl_context is given")
        if self.isolate is not True and self.isolate is not False and self.isolate != "auto":
            raise ConfigError("Options.isolate", self.isolate, ("auto", True, False))
        if self.isolate is True and self.ssl_context is not None:
            hint = "A context cannot be handed to another process; ca_file can"
            raise ConfigError("Options.isolate", True, '"auto" or False when ssl_context is given', hint)
        if not isinstance(self.compression, bool):
            raise ConfigError("Options.compression", self.compression, (True, False))
        for flag in ("pool", "limit_loopback"):
            if not isinstance(getattr(self, flag), bool):
                raise ConfigError(f"Options.{flag}", getattr(self, flag), (True, False))
        check_number("Options.connect_share", self.connect_share, zero=False)
        if self.connect_share > 1:
            raise ConfigError("Options.connect_share", self.connect_share, "a number above 0, at most 1")
        if self.classify is not None and not callable(self.classify):
            raise ConfigError("Options.classify", self.classify, "a callable")
