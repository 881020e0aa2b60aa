"""The credential of one link: when it is due for renewal, until when it is good, and what has become of it.

Decides nothing about the link. Lives on the connection's thread; has no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from ..config import Backoff
from ..errors import BinanceSocketsError, CredentialError
from ..events import CredentialStep
from ..exchange import Credential, Lease
from .backoff import delays

__all__ = ["Renewals"]

_JITTER = 0.2  # share of the time to a renewal that is random: many accounts of one process are not renewed at once
_RETRY = Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.5)


class Renewals:
    """When one link's credential is renewed.

    Args:
        credential: the link's.
        rng: draws the jitter.
        told: takes each step, its error if any, and the seconds until the next renewal, if one is planned.

    Attributes:
        counts: how often each step was taken. Any thread may read it.
        proven: how the open WebSocket has proved that private data reaches it; ``None`` while it has not.
        due: when it should be renewed (monotonic seconds); ``None`` while a renewal is under way or none is needed.
        ends_at: when its life is over; ``None`` for never, or while no WebSocket is open.
        good_at: when it was last known to be good.
        good_now: a WebSocket is open with it.
    """

    __slots__ = ("_delays", "_rng", "_told", "counts", "credential", "due", "ends_at", "good_at", "good_now", "proven")

    def __init__(
        self,
        credential: Credential,
        rng: Callable[[], Random],
        told: Callable[[CredentialStep, BinanceSocketsError | None, float | None], None],
    ) -> None:
        self.credential = credential
        self._told = told
        self.counts = dict.fromkeys(CredentialStep, 0)
        self.proven: str | None = None
        self.due: float | None = None
        self.ends_at: float | None = None
        self.good_at = float("-inf")
        self.good_now = False
        self._rng = rng
        self._delays: Iterator[float] | None = None

    @property
    def wake(self) -> float | None:
        """When the link should look again."""
        return min((moment for moment in (self.due, self.ends_at) if moment is not None), default=None)

    def begin(self, lease: Lease, now: float) -> None:
        """A WebSocket was opened with what was obtained for it."""
        self._holds(lease, now)
        if self.credential.proves_url:
            self.due = now
        self._step(CredentialStep.OBTAINED, now)

    def renewed(self, lease: Lease, now: float) -> None:
        """It lives longer, as ``lease`` says."""
        self._holds(lease, now)
        self._step(CredentialStep.RENEWED, now)

    def changed(self, now: float) -> None:
        """A renewal brought another one, for the next WebSocket."""
        self._step(CredentialStep.CHANGED, now)

    def failed(self, error: BinanceSocketsError, now: float) -> None:
        """It could not be obtained, was refused, or a renewal failed: the next one comes after a back-off."""
        if self.good_now:
            self._delays = self._delays or delays(_RETRY, self._rng())
            asked = error.retry_after if isinstance(error, CredentialError) else None
            self.due = now + max(next(self._delays), asked or 0.0)
        self._step(CredentialStep.FAILED, now, error)

    def ended(self, error: BinanceSocketsError, now: float, *, good_until_now: bool) -> None:
        """The exchange ended it just now, or its life is over."""
        if good_until_now:
            self.good_at = now
        self._step(CredentialStep.ENDED, now, error)

    def leave(self) -> None:
        """The WebSocket is gone: the next one obtains its own."""
        self.good_now = False
        self.proven = self.due = self.ends_at = None

    def over(self, now: float) -> bool:
        """Its life has ended without a renewal."""
        return self.ends_at is not None and now >= self.ends_at

    def take_due(self, now: float) -> bool:
        """Whether to renew it now; once."""
        taken = self.due is not None and self.due <= now
        if taken:
            self.due = None
        return taken

    def _holds(self, lease: Lease, now: float) -> None:
        self._delays = None
        self.good_now = True
        self.good_at = now
        self.due = None
        if lease.renew_after is not None:
            self.due = now + lease.renew_after * (1 - _JITTER * self._rng().random())
        self.ends_at = None if lease.life is None else now + lease.life

    def _step(self, step: CredentialStep, now: float, error: BinanceSocketsError | None = None) -> None:
        self.counts[step] += 1
        self._told(step, error, None if self.due is None else max(0.0, self.due - now))
