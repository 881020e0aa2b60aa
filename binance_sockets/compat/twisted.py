"""The few names of ``twisted.internet`` that scripts import beside the reactor."""

from __future__ import annotations

import sys

from .reactor import reactor

__all__ = [
    "ClientContextFactory",
    "ReactorAlreadyRunning",
    "ReactorNotRestartable",
    "ReactorNotRunning",
    "optionsForClientTLS",
    "reactor",
    "ssl",
]


class ReactorAlreadyRunning(Exception):
    """Never raised here."""


class ReactorNotRestartable(Exception):
    """Never raised here."""


class ReactorNotRunning(Exception):
    """Never raised here."""


class ClientContextFactory:
    """Has no effect: the exchange's certificate is always verified."""


def optionsForClientTLS(hostname: str, **options: object) -> ClientContextFactory:
    """Has no effect: the exchange's certificate is always verified."""
    return ClientContextFactory()


ssl = sys.modules[__name__]
"""``twisted.internet.ssl``."""
