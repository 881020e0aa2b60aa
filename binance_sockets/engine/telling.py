"""What a connection tells: to its observer, and to the log. On the connection's thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from ..errors import BinanceSocketsError, CallbackBehind, ConnectError, DecodeError, one_line
from ..events import CredentialChange, CredentialStep, ErrorReport, Gap, State, StateChange
from .clock import Clock

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["Observer", "Teller"]

log = logging.getLogger("binance_sockets.connection")

_TEXT = 1000  # characters of an error's text in the log; those of this package are shorter


class Observer(Protocol):
    """Who is told what happens to a connection. Called on its thread."""

    def on_state(self, change: StateChange) -> None: ...

    def on_gap(self, gap: Gap) -> None: ...

    def on_error(self, report: ErrorReport) -> None: ...

    def on_credential(self, change: CredentialChange) -> None: ...

    def on_released(self, connection: Connection) -> None:
        """The conn_key may be used again."""

    def on_ended(self, connection: Connection) -> None:
        """Its thread makes no further calls."""


class Teller:
    """Writes the log lines of one connection, and calls its observer.

    Args:
        conn_key: of the connection.
        label: its name in logs.
        observer: is told.
        clock: tells the time.

    Attributes:
        gaps: how many were told.
    """

    def __init__(self, conn_key: str, label: str, observer: Observer, clock: Clock) -> None:
        self.observer = observer
        self._conn_key = conn_key
        self._label = label
        self._clock = clock
        self.gaps = 0

    def state(self, change: StateChange) -> None:
        """A link has changed its state."""
        level = logging.WARNING if change.state is State.BACKOFF else logging.INFO
        if log.isEnabledFor(level):
            log.log(level, "%s", _describe(self._label, change))
        self.observer.on_state(change)

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
        self.observer.on_gap(gap)

    def error(self, error: BinanceSocketsError, *, final: bool = False) -> None:
        """Something went wrong; the connection goes on unless this is ``final``."""
        self.observer.on_error(ErrorReport(self._conn_key, error, final, self._clock.time()))

    def credential(self, change: CredentialChange) -> None:
        """A step in the life of the credential."""
        if change.step is CredentialStep.FAILED:
            log.warning("%s: the credential failed: %s", self._label, one_line(change.error, _TEXT))
        else:
            log.info("%s: credential %s", self._label, change.step.value)
        self.observer.on_credential(change)

    def misfit(self, stream: str, detail: str) -> DecodeError:
        """A message could not be expressed in its view: logged here; the error is to be told when the batch is done."""
        error = DecodeError(detail, stream=stream)
        log.warning("%s: %s", self._label, error)
        return error

    def lag(self, callback: str, seconds: float) -> None:
        """The callback does not keep up."""
        log.warning(
            "%s: callback %s has been behind for %.0f s: messages wait, and the exchange cuts a reader that stays "
            "behind (see Buffered; snapshot() shows lag)",
            self._label,
            callback,
            seconds,
        )
        self.error(CallbackBehind(callback, seconds))

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
