"""What a link asks its connection to do.

A link decides and never acts: its methods append commands, and the connection carries them out when the transition is
complete. So no listener sees a half-done state, and a link can be tested without a connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BinanceSocketsError
from ..events import CredentialChange, Gap, StateChange
from ..exchange import Credential, Stream
from .websocket import WebSocket

if TYPE_CHECKING:
    from .backfill import Question
    from .filling import Filling
    from .link import Link
    from .renewals import Renewals

__all__ = [
    "Attach",
    "Changed",
    "Command",
    "CredentialSeen",
    "Detach",
    "Dial",
    "Explain",
    "Fetch",
    "Filled",
    "GapSeen",
    "GiveUp",
    "Renew",
    "Report",
    "Settled",
]


@dataclass(frozen=True, slots=True)
class Dial:
    """Open a WebSocket, beside the link's current one if it has one; ends in ``link.opened`` or ``link.failed``."""

    link: Link


@dataclass(frozen=True, slots=True)
class Attach:
    """Watch a WebSocket and hand what comes to ``link.service``."""

    link: Link
    socket: WebSocket


@dataclass(frozen=True, slots=True)
class Detach:
    """Watch it no longer, and close it."""

    socket: WebSocket


@dataclass(frozen=True, slots=True)
class Changed:
    """Tell the state listeners."""

    change: StateChange


@dataclass(frozen=True, slots=True)
class Settled:
    """The link is open, and everything it wants is confirmed or rejected."""

    link: Link


@dataclass(frozen=True, slots=True)
class GapSeen:
    """Tell the gap listeners."""

    gap: Gap


@dataclass(frozen=True, slots=True)
class Filled:
    """A gap was filled: tell it to those who share the stream, and do not get what was fetched."""

    gap: Gap


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the error listeners."""

    error: BinanceSocketsError


@dataclass(frozen=True, slots=True)
class CredentialSeen:
    """Tell the credential listeners."""

    change: CredentialChange


@dataclass(frozen=True, slots=True)
class Renew:
    """Renew the credential that ``socket`` was opened with; ends in ``renewals.renewed``."""

    renewals: Renewals
    socket: WebSocket
    credential: Credential


@dataclass(frozen=True, slots=True)
class Explain:
    """Find out why ``stream`` is silent, and report it."""

    link: Link
    stream: Stream
    waited: float
    later: bool = False
    longest: float | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask for a part of a stream's past; ends in ``filling.answered``."""

    filling: Filling
    question: Question


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End the whole connection: another attempt is not allowed (``exhausted``) or cannot help."""

    error: BaseException
    exhausted: bool


Command = (
    Dial
    | Attach
    | Detach
    | Changed
    | Settled
    | GapSeen
    | Filled
    | Report
    | CredentialSeen
    | Renew
    | Explain
    | Fetch
    | GiveUp
)
