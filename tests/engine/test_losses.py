"""What a link may miss, told once, with a window that is never too narrow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from fake_exchange import START

from binance_sockets.engine.losses import Losses
from binance_sockets.engine.router import StreamStats
from binance_sockets.engine.timers import Timers
from binance_sockets.events import Reason
from binance_sockets.testing import FakeClock


class _Link(SimpleNamespace):
    """Facts of a link without a WebSocket; ``told`` is what it asks its connection to do."""

    def __init__(self, *names: str) -> None:
        self.told: list[Any] = []
        super().__init__(
            around=SimpleNamespace(conn_key="key", clock=FakeClock(START)),
            router=SimpleNamespace(
                stats={name: StreamStats() for name in names}, delivery=SimpleNamespace(backfill=None)
            ),
            rule=lambda name: None,
            twins=None,
            since={},
            lacks=lambda name: False,
            ready=True,
            timers=Timers(),
            wanted=names,
            do=lambda command: self.told.append(command.gap),
        )


def test_a_loss_that_is_added_may_have_begun_earlier() -> None:
    """A stream that is refused is lost since then; the WebSocket that breaks a moment later was last read before."""
    link: Any = _Link("refused", "read")
    clock, losses = link.around.clock, Losses(link)
    losses.lose(Reason.REJECTED, START + 10.0, ["refused"])
    losses.lose(Reason.NETWORK, START + 5.0, ["refused", "read"])
    clock.now = START + 20.0
    losses.resumed(clock.now, clock.now)
    (gap,) = link.told
    assert gap.streams == ("refused", "read")
    assert (gap.last_received, gap.resumed) == (clock.time() - 15.0, clock.time())


def test_a_loss_that_is_taken_over_is_told_apart_from_one_that_is_over() -> None:
    """A link has had its streams since before it lost something, and what the other link lost is over only now: one
    window would end too early for that."""
    link: Any = _Link("a")
    clock, losses, others = link.around.clock, Losses(link), Losses(link)
    clock.now = START + 20.0
    others.lose(Reason.STALE, START + 15.0, ["a"])
    losses.lose(Reason.NETWORK, START + 3.0, ["a"])
    losses.resumed(START + 8.0, clock.now)
    losses.take_over(others, ["a"])
    losses.resumed(clock.now, clock.now)
    wall = clock.time() - 20.0
    windows = [(gap.reason, gap.last_received - wall, gap.resumed - wall) for gap in link.told]
    assert windows == [(Reason.NETWORK, 3.0, 8.0), (Reason.STALE, 15.0, 20.0)]
