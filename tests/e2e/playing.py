"""Frames played by the simulator, received by our client, and compared with what was played."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from e2e.conftest import Tls
from e2e.harness import eventually, managed, options
from e2e.tables import TABLES
from patience import PATIENCE

from binance_sockets.simulator import Playback, RecordedFrame, Simulator
from binance_sockets.simulator.binance.families import route_of

START = {"spot": "zzzgo@trade", "usdm": "zzzgo@aggTrade", "coinm": "zzzgo@trade", "options": "zzzgo@optionMarkPrice"}
"""The stream whose subscription starts the playback."""


@dataclass
class Inbox:
    """What one socket must receive, and what it has received."""

    what: str
    frames: list[RecordedFrame]
    wrapped: bool
    view: str
    received: list[Any] = field(default_factory=list)

    def expected(self, frame: RecordedFrame) -> Any:
        """The payload of a callback for a frame, by the standard library's opinion."""
        message = frame.payload
        if self.wrapped:
            message = frame.whole or b'{"stream":"%s","data":%s}' % (frame.stream.encode(), frame.payload)
        return message if self.view == "raw" else json.loads(message)

    def check(self) -> None:
        """Equal in number, order, and every byte or value."""
        for number, (got, frame) in enumerate(zip(self.received, self.frames, strict=False)):
            want = self.expected(frame)
            assert type(got) is type(want)
            assert got == want, f"{self.what}, message {number} of {frame.stream}"
        assert len(self.received) == len(self.frames), self.what


def play(
    frames: Sequence[RecordedFrame],
    product: str,
    title: str,
    *,
    views: Sequence[Literal["raw", "dict"]],
    tls: Tls | None = None,
    singles: bool = False,
    tld: str = "com",
) -> int:
    """Play frames to sockets of ours in these views, compare, print and return the number of messages compared.

    Args:
        frames: what to play.
        product: whose streams they are.
        title: of this playback in the printed table.
        views: "raw", "dict".
        tls: over TLS instead of plain.
        singles: also to one single socket per stream; else only to multiplex sockets, one per route.
        tld: of the client.
    """
    names = list(dict.fromkeys(frame.stream for frame in frames))
    playback = Playback(frames=frames, product=product, expect=[START[product]])
    opts = replace(options(connect=20.0), ssl_context=tls.client if tls else None)
    inboxes: list[Inbox] = []
    with ExitStack() as stack:
        sim = stack.enter_context(Simulator(playback=playback, ssl_context=tls.server if tls else None))
        for view in views:
            manager, record = stack.enter_context(managed(sim, opts, tld=tld))
            manager.start()
            keys = []
            for route in sorted({route_of(product, name) for name in names}):
                chosen = [name for name in names if route_of(product, name) == route]
                inbox = Inbox(f"{view}, multiplex", [f for f in frames if f.stream in chosen], True, view)
                keys.append(
                    manager.start_multiplex_socket(
                        chosen, inbox.received.append, product, view=view, route=route or None
                    )
                )
                inboxes.append(inbox)
            for name in names if singles else ():
                inbox = Inbox(f"{view}, single", [f for f in frames if f.stream == name], False, view)
                keys.append(manager.start_socket(name, inbox.received.append, product, view=view))
                inboxes.append(inbox)
            for key in keys:
                assert key
                manager.wait_open(key, PATIENCE)
            assert not record.errors
        manager.start_socket(START[product], print, product)
        eventually(
            lambda: playback.finished and all(len(box.received) >= len(box.frames) for box in inboxes),
            f"all of {title}",
            timeout=50.0,
        )
        assert not record.errors
        sent = sim.sent
    for inbox in inboxes:
        inbox.check()
    received = Counter(frame.event for box in inboxes for _, frame in zip(box.received, box.frames, strict=True))
    assert received == Counter({event: count for (_, event), count in sent.events.items()})
    for event, count in sorted(received.items()):
        over = "TLS" if tls else "plain"
        TABLES[TITLE].append(
            f"{title:<38} {over:<5} {'+'.join(views):<8} {event:<20} {sent.events[product, event]:>7} {count:>8}"
        )
    return received.total()


TITLE = "real and made-up input: sent and received"
TABLES[TITLE].append(f"{'input':<38} {'over':<5} {'views':<8} {'event':<20} {'sent':>7} {'received':>8}")
