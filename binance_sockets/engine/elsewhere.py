"""The slow questions of a connection: asked on the job thread, their answers taken on its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..errors import (
    BackfillFailed,
    BinanceSocketsError,
    CredentialError,
    DecodeError,
    StreamSilent,
)
from ..exchange import Exchange, Lease, Page
from .clock import Clock
from .commands import Explain, Fetch, Renew
from .dialler import known_failure
from .router import Handler
from .telling import Teller

__all__ = ["Elsewhere"]

_Q = TypeVar("_Q")
_A = TypeVar("_A")

log = logging.getLogger("binance_sockets.connection")


class Elsewhere:
    """Asks on the job thread. What was asked for by a connection that is being stopped is not asked, and not told.

    Args:
        label: the connection's name in errors.
        exchange: explains a silence.
        handler: the user's callback.
        teller: tells errors.
        submit: runs a slow job elsewhere.
        post: runs something on the connection's thread.
        clock: tells the time.
    """

    def __init__(
        self,
        label: str,
        exchange: Exchange,
        handler: Handler,
        teller: Teller,
        submit: Callable[[Callable[[], None]], None],
        post: Callable[[Callable[[], None]], bool],
        clock: Clock,
    ) -> None:
        self._label = label
        self._exchange = exchange
        self._handler = handler
        self._teller = teller
        self._submit = submit
        self._post = post
        self._clock = clock

    def _ask(self, job: Callable[[], None]) -> None:
        self._submit(lambda: None if self._handler.stopping else job())

    def renew(self, command: Renew) -> None:
        """Renew a credential."""
        renewals, socket, credential = command.renewals, command.socket, command.credential

        def ask() -> None:
            result: Lease | CredentialError
            asked_at = self._clock.monotonic()
            try:
                result = credential.renew()
            except Exception as exc:
                result = known_failure(exc)
            self._post(lambda: renewals.renewed(socket, result, asked_at, self._clock.monotonic()))

        self._ask(ask)

    def fetch(self, command: Fetch) -> None:
        """Ask for a part of a stream's past."""
        filling, question = command.filling, command.question

        def ask() -> None:
            answer: Page | BinanceSocketsError
            if not filling.awaits(question):
                return
            try:
                after = question.after
                ago = self._clock.monotonic() - after if isinstance(after, float) else after
                answer = question.past.page(ago)
            except Exception as exc:
                answer = BackfillFailed(question.stream, str(exc) or type(exc).__name__)
                answer.__cause__ = exc
            self._post(lambda: filling.answered(question, answer, self._clock.monotonic()))

        self._ask(ask)

    def explain(self, command: Explain) -> None:
        """Find the cause of a silence, and report it."""
        name, waited, group = command.stream.name, command.waited, command.link.group

        def ask() -> None:
            try:
                cause = self._exchange.explain_silence(group, name)
            except Exception as exc:
                log.exception("the cause of a silence could not be found")
                cause = f"Its cause could not be found ({exc!r})"
            self._post(lambda: tell(cause))

        def tell(cause: str) -> None:
            if self._handler.stopping:
                return
            error = StreamSilent(name, waited, cause, command.later, command.longest)
            log.warning("%s: %s", self._label, error)
            self._teller.error(error)

        self._ask(ask)

    def question(
        self, question: Callable[[float], _Q], ask: Callable[[_Q], _A], messages: Callable[[_A], Iterable[Any]]
    ) -> None:
        """Deliver what comes of a slow question. Any thread; never blocks.

        Args:
            question: makes it, given the wall clock; on the connection's thread.
            ask: asks it, on the job thread. What it raises is reported.
            messages: makes of the answer what the callback is called with, in order; on the connection's thread. What
                it raises is reported.
        """

        def begin() -> None:
            asked = question(self._clock.time())
            self._ask(lambda: answer(asked))

        def answer(asked: _Q) -> None:
            try:
                found = ask(asked)
            except Exception as exc:
                error = _known(exc)
                self._post(lambda: self._teller.error(error))
            else:
                self._post(lambda: deliver(found))

        def deliver(found: _A) -> None:
            try:
                news = list(messages(found))
            except Exception as exc:
                self._teller.error(_known(exc))
                return
            for message in news:
                if not self._handler.stopping:
                    self._handler.call(message)

        self._post(begin)

    def hand_over(self, message: Any) -> None:
        """Call the callback with ``message``, which did not come over a link, in its turn. Any thread; never blocks."""
        self._post(lambda: None if self._handler.stopping else self._handler.call(message))

    def report(self, error: BinanceSocketsError) -> None:
        """Tell error listeners, on the connection's thread. Any thread; never blocks."""
        self._post(lambda: self._teller.error(error))


def _known(error: Exception) -> BinanceSocketsError:
    """An error of a question, or of its answer. Its text may quote what nobody should read."""
    if isinstance(error, BinanceSocketsError):
        return error
    return DecodeError(f"the exchange has answered something else than it documents ({type(error).__name__})")
