"""What one message of Upbit costs, from its bytes to the callback, in every view: microseconds of CPU.

    python benchmarks/upbit.py --messages 20000

Beside it stands what a client does that hands on ``json.loads`` of the message, with numbers that have lost digits.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from binance_sockets.exchange import Misfits, View
from binance_sockets.exchanges.upbit.arguments import viewer_of
from binance_sockets.exchanges.upbit.kinds import KINDS
from binance_sockets.exchanges.upbit.messages import Reading, messages_of
from binance_sockets.exchanges.upbit.portions import Portion, Portions, Preference

KINDS_SHOWN = ("trade", "ticker", "orderbook")


def samples() -> dict[str, bytes]:
    """One message of each kind in the format ``SIMPLE``, as large as the exchange's; the values are made up."""
    unit = {"ap": 116539000, "bp": 116538000, "as": 0.02054761, "bs": 0.08120946}
    common = {"cd": "KRW-BTC", "tms": 1790134742106, "st": "REALTIME"}
    ticker = {short: 161740000.5 for short, name in KINDS["ticker"].part.names.items()
              if name in KINDS["ticker"].part.numbers}  # fmt: skip
    found: dict[str, dict[str, Any]] = {
        "ticker": {"ty": "ticker", **common, **ticker, "c": "RISE", "tdt": "20261127", "ttm": "054646"},
        "trade": {"ty": "trade", **common, "tp": 116539000.0, "tv": 0.00185096, "ab": "BID", "pcp": 116500000.0,
                  "c": "RISE", "cp": 39000.0, "td": "2026-11-27", "ttm": "05:46:46", "ttms": 1790134742000,
                  "sid": 17901347420000001},
        "orderbook": {"ty": "orderbook", **common, "tas": 25.15, "tbs": 14.4, "obu": [unit] * 15, "lv": 0},
    }  # fmt: skip
    return {kind: json.dumps(message, separators=(",", ":")).encode() for kind, message in found.items()}


def cost(call: Callable[[bytes], object], wire: bytes, rounds: int) -> float:
    """Microseconds of CPU for one call, the best of seven."""
    best = float("inf")
    for _ in range(7):
        begun = time.thread_time()
        for _ in range(rounds):
            call(wire)
        best = min(best, time.thread_time() - begun)
    return best / rounds * 1e6


def through(view: View) -> Callable[[bytes], object]:
    """Decode, and hand on to a callback that does nothing."""
    names = [f"{kind}:KRW-BTC" for kind in KINDS_SHOWN]
    portion = Portion(
        names, lambda message: None, view=viewer_of("trade", view, None),
        preference=Preference.REALTIME_ONLY, missing=lambda names: None, over=lambda: None, clock=time.monotonic,
    )  # fmt: skip
    reading = Reading(Misfits(), time.time, (Portions(lambda name: [portion]).ask(names),))

    def call(wire: bytes) -> None:
        for message in messages_of(wire, reading):
            portion(message)

    return call


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=20_000, help="of each kind and view")
    rounds = parser.parse_args().messages
    wires = samples()
    print(f"{'':12}" + "".join(f"{kind:>12}" for kind in KINDS_SHOWN))
    calls: dict[str, Callable[[bytes], object]] = {view.value: through(view) for view in View}
    for name, call in {**calls, "json.loads": json.loads}.items():
        print(f"{name:12}" + "".join(f"{cost(call, wires[kind], rounds):12.1f}" for kind in KINDS_SHOWN))


if __name__ == "__main__":
    main()
