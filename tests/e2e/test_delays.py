"""How long messages are under way, and how far the clocks are apart."""

from __future__ import annotations

import pytest
from e2e.harness import eventually, managed

from binance_sockets import ConfigError
from binance_sockets.simulator import Simulator


@pytest.mark.parametrize("view", ["dict", "typed", "raw"])
@pytest.mark.parametrize("skew", [0.0, 3.0, -3600.0])
def test_the_offset_of_the_clocks_is_measured_and_delays_are_shown(view: str, skew: float) -> None:
    """REST tells how far this machine is ahead; the delay of a message is what lies between two readings of clocks."""
    with Simulator(seed=3) as sim, managed(sim) as (manager, record):
        sim.accounts.clock_skew = skew
        key = manager.start_socket(["btcusdt@trade", "btcusdt@bookTicker"], record.on_message, view=view)  # type: ignore[call-overload]
        manager.start()
        assert manager.snapshot()["clock"] == {}
        found = manager.measure_clock()
        assert abs(found["offset"] + skew) <= found["error"] + 0.05
        assert manager.snapshot()["clock"] == {"spot": found}

        def streams() -> dict[str, float | None]:
            rows = manager.snapshot()["connections"][str(key)]["streams"]
            return {name: row["delay"] for name, row in rows.items() if row["messages"]}

        eventually(lambda: len(streams()) == 2, "both streams")
        delays = streams()
        delay = delays["btcusdt@trade"]
        assert delay is not None
        assert -0.5 < delay < 5.0  # the market's times are this machine's
        assert delays["btcusdt@bookTicker"] is None  # spot's says no time


def test_a_product_that_is_not_there() -> None:
    """The clock of nobody."""
    with Simulator(seed=3) as sim, managed(sim) as (manager, _), pytest.raises(ConfigError, match="product"):
        manager.measure_clock("stocks")
