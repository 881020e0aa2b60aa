"""Watch the connections themselves: a line for each socket every second, three times."""

import time
from collections import Counter
from typing import Any

from binance_sockets import ConnectionSnapshot, Gap, SocketManager

gaps: Counter[str] = Counter()


def on_message(message: dict[str, Any]) -> None:
    """A real script would use the message here."""


def on_gap(gap: Gap) -> None:
    gaps[gap.conn_key] += 1


def line(conn_key: str, row: ConnectionSnapshot) -> str:
    """For a log, or for an alarm: anything but open, and each number that grows, is worth a look."""
    age = row["last_frame_age"]
    left = [departure["reason"] for link in row["links"] for departure in link["departures"]]
    return (
        f"{conn_key}: {row['state']}, {row['messages']} messages, last frame "
        + ("never" if age is None else f"{age:.1f} s ago")
        + f", lag {row['lag']:.1f} s, busy {row['busy']:.0%}, slowest call {row['slowest_callback'] * 1000:.0f} ms, "
        f"{row['callback_errors']} errors, {row['reconnects']} reconnects {left}, {gaps[conn_key]} gaps"
    )


with SocketManager() as manager:
    manager.add_gap_listener(on_gap)
    prices = manager.start_multiplex_socket(["btcusdt@trade", "btcusdt@depth"], on_message, name="prices")
    manager.wait_open(prices, timeout=10)
    for _ in range(3):
        time.sleep(1)
        snapshot = manager.snapshot()
        for conn_key, row in snapshot["connections"].items():
            print(line(conn_key, row))
        for host, budget in snapshot["budgets"].items():
            print(f"{host}: {budget['left']} connects left, banned until {budget['banned_until']}")
