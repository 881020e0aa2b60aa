"""A transport whose links open at once and bring what a script says: where threads matter, not bytes."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any

from simulation.interleavings import Scheduled
from simulation.network import Descriptor, Network

from binance_sockets.engine.budget import Budgets
from binance_sockets.engine.clock import Cancel, Cancelled, Clock, Waiter, Wakeup
from binance_sockets.exchange import ConnectRequest
from binance_sockets.testing import Script, ScriptedStream

__all__ = ["Quiet"]


class _Readable(Descriptor):
    """Readable while a step of the link is due."""

    link: _Link

    def ready(self) -> int:
        return select.POLLIN if self.link.next_step() <= self.world.now else 0


class _Link(ScriptedStream):
    def __init__(self, network: Network, request: ConnectRequest, script: Script) -> None:
        self._network = network
        self._readable = _Readable(network.world)
        self._readable.link = self
        super().__init__(network.add(self._readable), request, script, network.world)  # type: ignore[arg-type]

    def recv_into(self, view: memoryview) -> int:
        self._network.descriptor(self.fileno())
        return super().recv_into(view)

    def write(self, data: bytes) -> None:
        self._network.descriptor(self.fileno())
        super().write(data)
        self._readable.changed()

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._network.close(self.fileno())


class Quiet:
    """A :class:`~binance_sockets.engine.transport.Transport`.

    Args:
        world: where it lives.
        network: counts the descriptors.
        script: what each link does.

    Attributes:
        links: that were opened.
    """

    def __init__(self, world: Scheduled, network: Network, script: Callable[[], Script]) -> None:
        self.clock = Clock()
        self.budgets = Budgets()
        self.links: list[_Link] = []
        self._world = world
        self._network = network
        self._script = script

    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> Any:
        self._world.maybe_switch()
        if cancel.cancelled():
            raise Cancelled
        link = _Link(self._network, request, self._script())
        self.links.append(link)
        self._world.maybe_switch()
        return link

    def waiter(self) -> Waiter:
        return Waiter()

    def wakeup(self) -> Wakeup:
        return Wakeup()

    def close(self) -> None:
        """Nothing is kept."""
