"""What the server asks of a venue. A second one stands beside the first, over the same markets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from binance_sockets.simulator.session import Dialect, Session, Terms

__all__ = ["Destination", "RestRequest", "UpgradeRequest", "Venue"]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request to open a WebSocket leads.

    Args:
        terms: of the product; ``None`` for paths that do not exist.
        route: part of the path that decides which streams flow.
        names: streams in the URL.
        combined: whether payloads are wrapped at first.
        speak: makes the dialect of the connection.
        refusal: the answer where the path exists and the request is wrong.
    """

    terms: Terms | None
    route: str = ""
    names: tuple[str, ...] = ()
    combined: bool = False
    speak: Callable[[Session], Dialect] | None = None
    refusal: web.Response | None = None


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """One HTTP request to open a WebSocket.

    Args:
        path: unquoted.
        query: as sent, percent-encoded.
        headers: without regard to case.
        address: where it comes from.
    """

    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One HTTP request that is no upgrade.

    Args:
        method: GET, POST, ...
        path: unquoted.
        query: as sent, percent-encoded.
        headers: without regard to case.
        body: as sent.
        address: where it comes from.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    address: str

    @property
    def form(self) -> str:
        """The body, percent-encoded as sent, where it is a form; "" where it is none."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return self.body.decode("utf-8", "replace") if kind == "application/x-www-form-urlencoded" else ""


class Venue(Protocol):
    """One exchange on the simulator's port."""

    @property
    def prefixes(self) -> Collection[str]:
        """First parts of its paths."""

    def located(self, host: str, path: str) -> str:
        """The path as it is on this port, of a request that was meant for a host of the exchange; others as they are.

        Args:
            host: the ``Host`` header.
            path: unquoted.
        """

    def destination(self, request: UpgradeRequest) -> Destination:
        """Where an upgrade leads."""

    def crowded(self, request: UpgradeRequest) -> web.Response | None:
        """Count a request to open a WebSocket; the answer where its sender has asked too often."""

    def rest(self, request: RestRequest) -> web.Response:
        """Answer a REST request."""

    def not_found(self) -> web.Response:
        """Its answer to an upgrade on a path that does not exist."""
