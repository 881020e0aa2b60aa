"""Options as frozen values. Every field has its unit and its default's reason; a wrong value is a ``ConfigError``."""

from __future__ import annotations

import math
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Literal

from .errors import ConfigError
from .proxy import Proxy

__all__ = ["Backoff", "Limits", "Options", "Timeouts", "Verdict", "check_number"]


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


def _check_numbers(
    value: object, optional: tuple[str, ...] = (), zero: tuple[str, ...] = (), finite: tuple[str, ...] = ()
) -> None:
    """Every field is a number above 0 (0 too for names in ``zero``, ``None`` for names in ``optional``)."""
    for item in fields(value):  # type: ignore[arg-type]
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
    """

    connect: float = 10.0
    close: float = 1.0
    stop: float = 2.0
    ack: float = 10.0
    stale: float | None = None
    ping: float | None = None
    first_message: float | None = None
    silence: float | None = None

    def __post_init__(self) -> None:
        _check_numbers(self, optional=("stale", "ping", "first_message", "silence"), zero=("ping", "first_message"))


@dataclass(frozen=True)
class Backoff:
    """Waits between reconnects: ``initial * factor ** n`` seconds, at most ``maximum``, then jittered downwards.

    Args:
        initial: first wait in seconds. Default 0.5: a dropped link is back before a human looks.
        factor: growth per failure. Default 2.5: five waits take 16 to 32 s together.
        maximum: longest wait in seconds. Default 30.
        jitter: share of each wait that is random, 0 to 1. Default 0.5, so that many sockets do not return together.
        max_reconnects: how many reconnects in a row may fail before it gives up; ``None`` never gives up. Default 5, as
            python-binance 0.7.
        stable_after: seconds a link must stay open before its failures are forgotten. Default 10.
    """

    initial: float = 0.5
    factor: float = 2.5
    maximum: float = 30.0
    jitter: float = 0.5
    max_reconnects: int | None = 5
    stable_after: float = 10.0

    def __post_init__(self) -> None:
        zero = ("initial", "jitter", "max_reconnects", "stable_after")
        _check_numbers(self, optional=("max_reconnects",), zero=zero, finite=("initial", "factor", "maximum", "jitter"))
        if self.jitter > 1:
            raise ConfigError("Backoff.jitter", self.jitter, "a number from 0 to 1")
        if self.factor < 1:
            raise ConfigError("Backoff.factor", self.factor, "a number from 1")
        if self.max_reconnects is not None and not isinstance(self.max_reconnects, int):
            raise ConfigError("Backoff.max_reconnects", self.max_reconnects, "a whole number from 0, or None")


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
        if not isinstance(self.pool, bool):
            raise ConfigError("Options.pool", self.pool, (True, False))
        if self.classify is not None and not callable(self.classify):
            raise ConfigError("Options.classify", self.classify, "a callable")
