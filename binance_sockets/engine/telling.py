"""What a connection tells: to its observer, and to the log. On the connection's thread, as a rule."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BinanceSocketsError, CallbackBehind, ConnectError, DecodeError, one_line
from ..events import CredentialChange, CredentialStep, ErrorReport, Gap, State, StateChange
from .clock import Clock
from .gate import Gate

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["Observer", "Teller"]

log = logging.getLogger("binance_sockets.connection")

_TEXT = 1000  # characters of an error's text in the log; those of this package are shorter


class Observer(Protocol):
    """Who is told what happens to a connection. Called on its thread, one call at a time; of a callback that does not
    return on another one."""

    def on_state(self, change: StateChange) -> None: ...

    def on_gap(self, gap: Gap) -> None: ...

    def on_error(self, report: ErrorReport) -> None: ...

    def on_credential(self, change: CredentialChange) -> None: ...

    def on_released(self, connection: Connection) -> None:
        """The conn_key may be used again."""

    def on_ended(self, connection: Connection) -> None:
        """Its thread makes no further calls."""


class Teller:
    """Writes the log lines of one connection, and calls its observer: one call at a time, whatever thread tells.

    Args:
        conn_key: of the connection.
        label: its name in logs.
        observer: is told.
        clock: tells the time.

    Attributes:
        gaps: how many were told.
        speaker: the thread that tells in place of the connection's own, while it does.
        stopping, waited: of the gate, which loses nothing of what is told.
    """

    stopping = False
    waited = 0.0

    def __init__(self, conn_key: str, label: str, observer: Observer, clock: Clock) -> None:
        self.observer = observer
        self._conn_key = conn_key
        self._label = label
        self._clock = clock
        self._gate = Gate()
        self.gaps = 0
        self.speaker: threading.Thread | None = None

    def tell(self, call: Callable[[Any], object], event: object) -> None:
        """``call(event)``, once no other call runs."""
        self._gate.through(call, self)(event)

    def state(self, change: StateChange) -> None:
        """A link has changed its state."""
        level = logging.WARNING if change.state is State.BACKOFF else logging.INFO
        if log.isEnabledFor(level):
            log.log(level, "%s", _describe(self._label, change))
        self.tell(self.observer.on_state, change)

    def gap(self, gap: Gap) -> None:
        """Something may be missing."""
        self.gaps += 1
        log.warning(
            "%s: gap of %.3f s in %d stream(s) after %s%s",
            self._label,
            gap.duration,
            len(gap.streams),
            gap.reason.value,
            f": {one_line(gap.error, _TEXT)}" if gap.error is not None else "",
        )
        self.tell(self.observer.on_gap, gap)

    def error(self, error: BinanceSocketsError, *, final: bool = False) -> None:
        """Something went wrong; the connection goes on unless this is ``final``."""
        self.report(ErrorReport(self._conn_key, error, final, self._clock.time()))

    def report(self, report: ErrorReport) -> None:
        """Tell an error that was seen before."""
        self.tell(self.observer.on_error, report)

    def credential(self, change: CredentialChange) -> None:
        """A step in the life of the credential."""
        if change.step is CredentialStep.FAILED:
            log.warning("%s: the credential failed: %s", self._label, one_line(change.error, _TEXT))
        else:
            log.info("%s: credential %s", self._label, change.step.value)
        self.tell(self.observer.on_credential, change)

    def misfit(self, stream: str, detail: str) -> DecodeError:
        """A message could not be expressed in its view: logged here; the error is to be told when the batch is done."""
        error = DecodeError(detail, stream=stream)
        log.warning("%s: %s", self._label, error)
        return error

    def lag(self, callback: str, seconds: float) -> ErrorReport:
        """The callback does not keep up: logged here; the report is to be told. Any thread."""
        log.warning(
            "%s: callback %s has been behind for %.0f s: messages wait, and the exchange cuts a reader that stays "
            "behind (see Buffered; snapshot() shows lag)",
            self._label,
            callback,
            seconds,
        )
        return ErrorReport(self._conn_key, CallbackBehind(callback, seconds), False, self._clock.time())

    def speak(self, report: ErrorReport) -> bool:
        """Tell it on the calling thread, in place of the connection's own; returns whether that could be, as no call
        runs. Any thread; never waits but for listeners."""

        def call(report: ErrorReport) -> None:
            self.speaker = threading.current_thread()
            try:
                self.observer.on_error(report)
            finally:
                self.speaker = None

        return self._gate.attempt(call, report)

    def giving_up(self, error: BaseException, exhausted: bool) -> None:
        """The connection ends for good."""
        why = "after the last attempt" if exhausted else "at once, another attempt cannot help"
        log.error("%s: giving up %s: %s", self._label, why, one_line(error, _TEXT))

    def known(self, error: BaseException) -> BinanceSocketsError:
        """``error`` as one of this package."""
        if isinstance(error, BinanceSocketsError):
            return error
        known = ConnectError(self._label, repr(error))
        known.__cause__ = error
        return known


def _describe(label: str, change: StateChange) -> str:
    """One line for the log."""
    where = f"{label} link {change.link}" if change.link else label
    text = f"{where}: {change.previous.value} -> {change.state.value}"
    if change.reason is not None:
        text += f" ({change.reason.value}{f': {one_line(change.error, _TEXT)}' if change.error is not None else ''})"
    if change.delay is not None:
        text += f", attempt {change.attempt} in {change.delay:.2f} s"
    return text
