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


def test_what_is_back_before_it_was_lost_has_no_length() -> None:
    """A link may have had all since before another one, whose loss it takes over, was lost."""
    link: Any = _Link("a")
    clock, losses, others = link.around.clock, Losses(link), Losses(link)
    clock.now = START + 20.0
    others.lose(Reason.NETWORK, START + 15.0, ["a"])
    losses.take_over(others)
    losses.resumed(START + 8.0, clock.now)
    (gap,) = link.told
    assert (gap.last_received, gap.resumed) == (clock.time() - 5.0, clock.time() - 5.0)
