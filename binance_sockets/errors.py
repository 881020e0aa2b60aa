"""Every error this package raises or reports.

::

    BinanceSocketsError
    +-- ConfigError (ValueError)            a wrong argument or option, raised in the caller's thread
    |   +-- StreamRetired                   the exchange no longer has this stream
    +-- ManagerClosed (RuntimeError)        the manager cannot be used here (after a fork)
    +-- UnknownConnection (KeyError)        no open connection has this conn_key
    +-- ShutdownTimeout (TimeoutError)      close() ran out of time; names the threads still alive
    +-- WouldDeadlock (RuntimeError)        a callback waits for something only its own thread can do
    +-- ConnectError                        a link could not be opened
    |   +-- ConnectTimeout (TimeoutError)   the total connect deadline passed
    |   +-- CertificateRejected             TLS verification failed
    |   +-- ProxyRejected                   the proxy refused to make the connection
    |   +-- HandshakeRejected               the server answered the upgrade with another HTTP status
    +-- ConnectionLost                      an open link ended
    |   +-- RequestLost                     before the reply to a request came
    |   +-- StaleConnection                 nothing arrived for longer than the exchange allows
    +-- ProtocolError                       the peer broke RFC 6455; carries the close code sent
    |   +-- DecodeError                     a message is valid text but not the expected JSON
    +-- ExchangeError                       the exchange answered with a code and a message
    |   +-- AuthenticationError             it refused the credential
    |   +-- RateLimited                     a limit is used up: by the exchange's word (429, 418), or before asking
    |   +-- SubscriptionRejected            a SUBSCRIBE was refused
    +-- CredentialError                     a credential could not be obtained, renewed or used
    +-- RequestTimeout (TimeoutError)       no answer to a request or control frame within its deadline
    +-- ReceiveTimeout (TimeoutError)       no message, or too few, came in time; has those that came
    +-- StreamEnded                         no message will come any more, and why; has those that came
    +-- CallbackError                       a user callback raised; the stream goes on
    +-- SnapshotMissing                     a snapshot was asked for, and there is none
    +-- StreamSilent                        a stream sent no first message in time; carries the likely cause
    +-- CallbackBehind                      a callback is so slow that the exchange will cut its link
    +-- SubscriptionMismatch                the exchange carries other streams than were wanted, by its own list
    +-- BackfillFailed                      what a stream has missed could not be had
    +-- BookOutOfSync                       an order book is asked while it does not show one moment of the exchange
    +-- BeyondKnownDepth (LookupError)      an order book is asked for more than it surely knows
    +-- LifecycleError (AssertionError)     an impossible transition: a bug in this package

Facts are attributes; the text is built from them; the original exception is ``__cause__``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = [
    "AuthenticationError",
    "BackfillFailed",
    "BeyondKnownDepth",
    "BinanceSocketsError",
    "BookOutOfSync",
    "CallbackBehind",
    "CallbackError",
    "CertificateRejected",
    "ConfigError",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionLost",
    "CredentialError",
    "DecodeError",
    "ExchangeError",
    "HandshakeRejected",
    "LifecycleError",
    "ManagerClosed",
    "ProtocolError",
    "ProxyRejected",
    "RateLimited",
    "ReceiveTimeout",
    "RequestLost",
    "RequestTimeout",
    "ShutdownTimeout",
    "StaleConnection",
    "StreamEnded",
    "StreamRetired",
    "SnapshotMissing",
    "StreamSilent",
    "SubscriptionMismatch",
    "SubscriptionRejected",
    "UnknownConnection",
    "WouldDeadlock",
]

_SECRET = re.compile(r"[0-9A-Za-z]{40,}")  # a listen key has 64; symbols, ids and words are shorter
_LONGEST = 500


def one_line(text: object, longest: int = _LONGEST) -> str:
    """Text of others as it may stand in a log or an error: one line of printable characters, without secrets.

    Line ends, terminal sequences and other characters that cannot be printed become escapes such as ``\\x1b``. A run
    of 40 or more letters and digits may be a listen key, given as the name of a stream for example: it is hidden.

    Args:
        text: anything; its ``str`` is taken.
        longest: what is beyond so many characters is cut, with ``...`` in its place. Default 500.
    """
    whole = str(text)
    # Cut twice: before, as megabytes are not to be escaped, with room for a secret at the end; and after.
    shown = _SECRET.sub(lambda found: f"[{len(found[0])} characters hidden]", whole[: 2 * longest])
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return shown[:longest] + "..." if len(shown) > longest or len(whole) > 2 * longest else shown


def _given(value: object) -> str:
    """What a caller gave, as a text shows it. Python refuses to write out thousands of digits."""
    try:
        return one_line(repr(value))
    except ValueError:
        return f"<{type(value).__name__}, too long to show>"


_NAME = 60  # characters of a key that a text shows whole


def display_name(conn_key: str) -> str:
    """A short name for logs, thread names and texts, without secrets; a key of 1,024 streams has 22 kB."""
    if len(conn_key) <= _NAME:
        return one_line(conn_key)
    first, *others = conn_key.split("/")
    shown = one_line(first)
    cut = "..." if len(shown) > _NAME else ""
    return shown[:_NAME] + (f"+{len(others)}" if others else cut)


class BinanceSocketsError(Exception):
    """Root of all errors of this package. They can be copied and pickled; ``__cause__`` stays behind.

    Attributes are what was given or received, unchanged; the text is one line of printable characters, in which what
    looks like a listen key is hidden.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(kind: type[BinanceSocketsError], args: tuple[object, ...]) -> BinanceSocketsError:
    """An error without its ``__init__``, which takes other arguments than ``args``."""
    found = kind.__new__(kind, *args)
    found.args = args
    return found


class ConfigError(BinanceSocketsError, ValueError):
    """A wrong argument or option. Raised at once, in the thread of the caller.

    Args:
        name: the argument or option.
        value: what was given (never a secret).
        allowed: what would be accepted, as a sequence of values or as a phrase.
        hint: one more sentence for the reader, if any.
    """

    def __init__(self, name: str, value: object, allowed: Iterable[object] | str, hint: str = "") -> None:
        self.name = name
        self.value = value
        self.allowed = allowed if isinstance(allowed, str) else tuple(allowed)
        self.hint = hint
        super().__init__(name, value, self.allowed, hint)

    def __str__(self) -> str:
        allowed = self.allowed if isinstance(self.allowed, str) else "one of " + ", ".join(map(repr, self.allowed))
        text = f"{one_line(self.name)}: expected {one_line(allowed)}; got {_given(self.value)}"
        return f"{text}. {one_line(self.hint)}" if self.hint else text


class StreamRetired(ConfigError):
    """The exchange has switched this stream off.

    Args:
        stream: the name of the stream.
        since: the date of its end, ``YYYY-MM-DD``.
        replacement: what to use today.
    """

    def __init__(self, stream: str, since: str, replacement: str) -> None:
        super().__init__("stream", stream, "a stream that still exists")
        self.stream = stream
        self.since = since
        self.replacement = replacement

    def __str__(self) -> str:
        return f"{self.stream} was retired by the exchange on {self.since}; use {self.replacement}"


class ManagerClosed(BinanceSocketsError, RuntimeError):
    """The manager cannot be used here, for example in a forked child process."""


class UnknownConnection(BinanceSocketsError, KeyError):
    """No connection of this manager has that conn_key."""

    def __init__(self, conn_key: object, known: Sequence[str]) -> None:
        super().__init__(conn_key)
        self.conn_key = conn_key
        self.known = tuple(known)

    def __str__(self) -> str:
        shown = ", ".join(map(display_name, self.known[:10])) + (", ..." if len(self.known) > 10 else "")
        asked = repr(display_name(self.conn_key)) if isinstance(self.conn_key, str) else _given(self.conn_key)
        if self.conn_key is False:
            asked += " (start_*_socket returns it where the socket is open already)"
        return f"no connection {asked}; open are: {shown or 'none'}"


class ShutdownTimeout(BinanceSocketsError, TimeoutError):
    """``close()`` ran out of time.

    Args:
        timeout: the deadline, in seconds.
        threads: names of the threads that are still alive.
        doing: what each of them is busy with, as far as it is known.
    """

    def __init__(self, timeout: float, threads: Sequence[str], doing: Sequence[str] = ()) -> None:
        super().__init__(timeout, tuple(threads), tuple(doing))
        self.timeout = timeout
        self.threads = tuple(threads)
        self.doing = tuple(doing)

    def __str__(self) -> str:
        named = itertools.zip_longest(self.threads, self.doing[: len(self.threads)], fillvalue="")
        alive = ", ".join(f"{thread} ({what})" if what else thread for thread, what in named)
        return f"after {self.timeout:g} s still alive: {alive}"


class WouldDeadlock(BinanceSocketsError, RuntimeError):
    """A callback waits for its own connection, which only goes on once the callback has returned."""


class ConnectError(BinanceSocketsError):
    """A link could not be opened.

    Args:
        target: host and port that were tried.
        detail: what went wrong, in one sentence.
    """

    def __init__(self, target: str, detail: str) -> None:
        super().__init__(target, detail)
        self.target = target
        self.detail = detail

    def __str__(self) -> str:
        return f"cannot connect to {one_line(self.target)}: {one_line(self.detail)}"


class ConnectTimeout(ConnectError, TimeoutError):
    """The total connect deadline passed (name look-up, TCP, proxy, TLS and handshake together)."""


class CertificateRejected(ConnectError):
    """TLS verification failed: wrong host name, unknown CA, expired certificate. Never retried by default."""


class ProxyRejected(ConnectError):
    """The proxy refused to make the connection. Never retried by default where it asks for other credentials:
    each attempt may count against the account.

    Args:
        target: host and port of the server behind it.
        proxy: the proxy's URL without credentials.
        answer: what it said, in one sentence.
        status: HTTP status of its answer; ``None`` from a SOCKS proxy.
        headers: headers of its answer, names in lower case.
        credentials: whether it asks for credentials, or refuses those it got (HTTP 407).
    """

    def __init__(
        self,
        target: str,
        proxy: str,
        answer: str,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: bool = False,
    ) -> None:
        super().__init__(target, f"the proxy {proxy} {answer}")
        self.proxy = proxy
        self.status = status
        self.headers = dict(headers or {})
        self.credentials = credentials


class HandshakeRejected(ConnectError):
    """The server refused the WebSocket upgrade.

    Args:
        target: host and port.
        status: HTTP status.
        headers: response headers, names in lower case.
        body: response body, cut to a few KB.
        retry_after: seconds that the server asked to wait, or ``None``.
    """

    def __init__(
        self,
        target: str,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        text = body[:200].decode("utf-8", "replace").strip()
        super().__init__(target, f"handshake rejected with HTTP {status}" + (f" ({text})" if text else ""))
        self.status = status
        self.headers = dict(headers or {})
        self.body = body
        self.retry_after = retry_after


class ConnectionLost(BinanceSocketsError):
    """An open link ended.

    Args:
        detail: what happened.
        code: close code received, or ``None`` where there was no close frame.
        close_reason: text of the close frame.
    """

    def __init__(self, detail: str, code: int | None = None, close_reason: str = "") -> None:
        super().__init__(detail, code, close_reason)
        self.detail = detail
        self.code = code
        self.close_reason = close_reason

    def __str__(self) -> str:
        detail = one_line(self.detail)
        if self.code is None:
            return detail
        return f"{detail}: code {self.code}" + (f" ({one_line(self.close_reason)})" if self.close_reason else "")


_UNKNOWN = "whether it was carried out is unknown"


class RequestLost(ConnectionLost):
    """The connection ended before the reply to a request came.

    Args:
        method: what was asked for.
        cause: how the connection ended.
        request: its parameters, without key and signature.
    """

    outcome_unknown = True
    """The exchange may have carried the request out."""

    def __init__(self, method: str, cause: BinanceSocketsError, request: Mapping[str, object] | None = None) -> None:
        super().__init__(str(cause))
        self.method = method
        self.request = dict(request or {})

    def __str__(self) -> str:
        return f"no reply to {one_line(self.method)}, {_UNKNOWN}: {one_line(self.detail)}"


class StaleConnection(ConnectionLost):
    """Nothing arrived for longer than the exchange allows.

    Args:
        silence: seconds without a frame.
        allowed: the limit that was passed, in seconds.
    """

    def __init__(self, silence: float, allowed: float) -> None:
        super().__init__(f"no frame for {silence:.1f} s (allowed: {allowed:g} s)")
        self.silence = silence
        self.allowed = allowed


class ProtocolError(BinanceSocketsError):
    """The peer broke RFC 6455; the link is closed with ``code`` and opened again.

    Args:
        code: close code that is sent (1002, 1007 or 1009).
        detail: the rule that was broken.
    """

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{one_line(self.detail)} (closed with {self.code})"


class DecodeError(ProtocolError):
    """A message is valid text but not what the exchange documents. The stream goes on.

    Args:
        detail: what is wrong.
        excerpt: the first bytes of the message, where they are at hand.
        stream: name of its stream, or ``""`` where it is not known.
    """

    def __init__(self, detail: str, excerpt: bytes = b"", stream: str = "") -> None:
        super().__init__(0, detail)
        self.excerpt = excerpt
        self.stream = stream

    def __str__(self) -> str:
        text = f"{one_line(self.stream)}: {one_line(self.detail)}" if self.stream else one_line(self.detail)
        return f"{text}: {one_line(repr(self.excerpt))}" if self.excerpt else text


class ExchangeError(BinanceSocketsError):
    """The exchange answered with an error.

    Args:
        error_code: the exchange's code, or ``None``.
        message: the exchange's text.
        status: the HTTP status, or that of a reply, where there is one.
        data: what came besides, where there is something.
        outcome_unknown: whether the exchange may have carried the request out nevertheless.
    """

    def __init__(
        self,
        error_code: int | None,
        message: str,
        status: int | None = None,
        data: object = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(error_code, message)
        self.error_code = error_code
        self.message = message
        self.status = status
        self.data = data
        self.outcome_unknown = outcome_unknown

    def __str__(self) -> str:
        text = one_line(self.message) + ("" if self.error_code is None else f" (code {self.error_code})")
        return f"{text}; {_UNKNOWN}" if self.outcome_unknown else text


class AuthenticationError(ExchangeError):
    """The exchange refused the credential of a connection or of a request."""


class RateLimited(ExchangeError):
    """A limit of the exchange is used up. The request was not carried out.

    Args:
        status: 429, or 418 for a ban.
        retry_after: seconds to wait, or ``None``.
        error_code: the exchange's code; ``None`` (default) for the status.
        message: which limit it is; ``None`` (default) for the status.
    """

    def __init__(
        self, status: int, retry_after: float | None, error_code: int | None = None, message: str | None = None
    ) -> None:
        wait = "" if retry_after is None else f", retry after {retry_after:g} s"
        code = status if error_code is None else error_code
        super().__init__(code, f"{message or f'HTTP {status}'}{wait}", status)
        self.retry_after = retry_after


def _some(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(one_line(name, 100) for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")


class SubscriptionRejected(ExchangeError):
    """The exchange refused a SUBSCRIBE.

    Args:
        error_code: the exchange's code, or ``None``.
        message: the exchange's text.
        streams: names of the refused request.
    """

    def __init__(self, error_code: int | None, message: str, streams: Sequence[str]) -> None:
        super().__init__(error_code, message)
        self.streams = tuple(streams)

    def __str__(self) -> str:
        return f"{super().__str__()} for {_some(self.streams)}" if self.streams else super().__str__()


class CredentialError(BinanceSocketsError):
    """A listen key, listen token or session could not be obtained, renewed or used.

    Args:
        detail: what was tried and what came of it, in one sentence without secrets.
        replacement: what to use today, if that is known.
        status: HTTP status of the answer, if there was one.
        permanent: another attempt cannot help: the API key is wrong or lacks a permission, or the exchange has retired
            this kind of credential. Default ``False``.
        retry_after: seconds that the exchange asked to wait, or ``None``.
    """

    def __init__(
        self,
        detail: str,
        replacement: str = "",
        status: int | None = None,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail, replacement, status)
        self.detail = detail
        self.replacement = replacement
        self.status = status
        self.permanent = permanent
        self.retry_after = retry_after

    def __str__(self) -> str:
        return one_line(self.detail) + (f"; use {one_line(self.replacement)}" if self.replacement else "")


class RequestTimeout(BinanceSocketsError, TimeoutError):
    """No answer to a request or control frame, or no open connection, within the deadline.

    Args:
        waited_for: what did not come.
        timeout: the deadline in seconds.
        outcome_unknown: whether the exchange may have carried the request out.
        request: its parameters, without key and signature.
        unsent: why the request was not sent, in words; empty where it was, or where nothing was to be sent. What keeps
            its connection from opening is the ``__cause__``, too.
    """

    def __init__(
        self,
        waited_for: str,
        timeout: float,
        outcome_unknown: bool = False,
        request: Mapping[str, object] | None = None,
        unsent: str = "",
    ) -> None:
        super().__init__(waited_for, timeout)
        self.waited_for = waited_for
        self.timeout = timeout
        self.outcome_unknown = outcome_unknown
        self.request = dict(request or {})
        self.unsent = unsent

    def __str__(self) -> str:
        if self.unsent:
            what = one_line(self.waited_for)
            return f"no {what}: the request was not sent within {self.timeout:g} s: {one_line(self.unsent)}"
        text = f"no {one_line(self.waited_for)} within {self.timeout:g} s"
        return f"{text}; {_UNKNOWN}" if self.outcome_unknown else text


class ReceiveTimeout(BinanceSocketsError, TimeoutError):
    """No message, or too few, came in time.

    Args:
        timeout: the deadline in seconds.
        messages: those that came, as what was called would have returned them.
    """

    def __init__(self, timeout: float, messages: Any = ()) -> None:
        super().__init__(timeout)
        self.timeout = timeout
        self.messages = messages

    def __str__(self) -> str:
        return f"{'too few messages' if self.messages else 'no message'} within {self.timeout:g} s"


class StreamEnded(BinanceSocketsError):
    """No message will come any more.

    Args:
        why: in words.
        failure: why its socket has given up; ``None`` where it has not. It is the ``__cause__``, too.
        asked_for: somebody has ended it.
        messages: those that came before, where they have not been received otherwise.
    """

    def __init__(
        self, why: str, failure: BinanceSocketsError | None = None, asked_for: bool = False, messages: Any = ()
    ) -> None:
        super().__init__(why)
        self.why = why
        self.failure = self.__cause__ = failure
        self.asked_for = asked_for
        self.messages = messages

    def __str__(self) -> str:
        return f"no more messages: {self.why}" + (f": {self.failure}" if self.failure is not None else "")


class CallbackError(BinanceSocketsError):
    """A user callback raised; ``__cause__`` is its exception. The stream goes on.

    Args:
        callback: name of the callback.
        stream: stream of the message, or ``""``.
    """

    def __init__(self, callback: str, stream: str = "") -> None:
        super().__init__(callback, stream)
        self.callback = callback
        self.stream = stream

    def __str__(self) -> str:
        where = f" on a message of {one_line(self.stream)}" if self.stream else ""
        return f"callback {one_line(self.callback)} raised {one_line(repr(self.__cause__))}{where}"


class CallbackBehind(BinanceSocketsError):
    """A callback has not caught up for some seconds: messages wait, and the exchange cuts a reader that stays behind.

    Told once each time that it falls behind, and not again within a minute; of one call that does not return while
    that lasts, on a thread of the manager's.

    Args:
        callback: name of the callback.
        seconds: for how long.
    """

    def __init__(self, callback: str, seconds: float) -> None:
        super().__init__(callback, seconds)
        self.callback = callback
        self.seconds = seconds

    def __str__(self) -> str:
        return f"callback {one_line(self.callback)} has been behind for {self.seconds:.0f} s"


class StreamSilent(BinanceSocketsError):
    """A stream sent no first message within its family's deadline, or fell silent later while its link lives.

    Args:
        stream: name of the stream.
        waited: seconds since it was confirmed, or since its last message.
        cause: the likely cause, in one sentence.
        later: it had brought messages. Default ``False``.
        longest: seconds of its longest silence before, where that is the measure; ``None`` elsewhere.
    """

    def __init__(
        self, stream: str, waited: float, cause: str, later: bool = False, longest: float | None = None
    ) -> None:
        super().__init__(stream, waited, cause, later, longest)
        self.stream = stream
        self.waited = waited
        self.cause = cause
        self.later = later
        self.longest = longest

    def __str__(self) -> str:
        waited = f"no message {self.waited:.0f} s after it was subscribed"
        if self.later:
            waited = f"no message for {self.waited:.0f} s"
        if self.longest is not None:
            waited += f", where it rested for at most {self.longest:.0f} s before"
        return f"{one_line(self.stream)}: {waited}. {one_line(self.cause, 1000)}"


class SnapshotMissing(BinanceSocketsError):
    """The exchange has sent no snapshot of some streams in time: their market may not exist, or never have traded.

    A socket that wants what changes goes on without; one that wants nothing else is over.

    Args:
        streams: whose.
        waited: seconds since they were asked for.
    """

    def __init__(self, streams: Sequence[str], waited: float) -> None:
        super().__init__(streams, waited)
        self.streams = tuple(streams)
        self.waited = waited

    def __str__(self) -> str:
        return f"no snapshot of {_some(self.streams)} within {self.waited:g} s"


class SubscriptionMismatch(BinanceSocketsError):
    """The exchange carries other streams on a link than were confirmed, by its own list; that is being put right.

    What it lacks is asked for again, and a gap is reported for it; what it has too much is unsubscribed.

    Args:
        lacking: names that are wanted and were confirmed, and that it does not list.
        surplus: names that it lists and nobody wants.
    """

    def __init__(self, lacking: Sequence[str], surplus: Sequence[str]) -> None:
        super().__init__(lacking, surplus)
        self.lacking = tuple(lacking)
        self.surplus = tuple(surplus)

    @property
    def streams(self) -> tuple[str, ...]:
        """Those that somebody wants."""
        return self.lacking

    def __str__(self) -> str:
        parts = []
        if self.lacking:
            parts.append(f"has lost the subscription of {_some(self.lacking)}, which is asked for again")
        if self.surplus:
            parts.append(f"carries {_some(self.surplus)}, which nobody wants and is unsubscribed")
        return "the exchange " + ", and ".join(parts)


class BackfillFailed(BinanceSocketsError):
    """What a stream has missed, or its history, could not be had; the stream goes on behind it.

    Args:
        stream: name of the stream.
        why: in some words.
    """

    def __init__(self, stream: str, why: str) -> None:
        super().__init__(stream, why)
        self.stream = stream
        self.why = why

    def __str__(self) -> str:
        return f"{one_line(self.stream)}: its missing messages could not be had: {one_line(self.why)}"


class BookOutOfSync(BinanceSocketsError):
    """An order book was read while it did not show one moment of the exchange.

    Args:
        name: of the book.
        why: in some words.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name = name
        self.why = why

    def __str__(self) -> str:
        return f"{one_line(self.name) or 'the order book'} is out of sync: {one_line(self.why)}"


class BeyondKnownDepth(BinanceSocketsError, LookupError):
    """An order book was asked for more than it surely knows.

    Args:
        name: of the book.
        side: ``"bids"`` or ``"asks"``.
        wanted: the number of levels, the price or the quantity that was asked for.
        known: how many levels of that side are known.
    """

    def __init__(self, name: str, side: str, wanted: object, known: int) -> None:
        super().__init__(name, side, wanted, known)
        self.name = name
        self.side = side
        self.wanted = wanted
        self.known = known

    def __str__(self) -> str:
        name = one_line(self.name) or "the order book"
        return f"{name} knows {self.known} {self.side}, which do not reach {one_line(repr(self.wanted))}"


class LifecycleError(BinanceSocketsError, AssertionError):
    """An impossible transition was asked for: a bug in this package.

    Args:
        state: where the connection was.
        event: what was fired.
    """

    def __init__(self, state: str, event: str) -> None:
        super().__init__(state, event)
        self.state = state
        self.event = event

    def __str__(self) -> str:
        return f"event {self.event} is not possible in state {self.state}"
