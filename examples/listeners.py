"""Be told about states, gaps and errors; prints them beside the trades until Ctrl-C."""

from typing import Any

from binance_sockets import ErrorReport, Gap, SocketManager, StateChange


def on_state(change: StateChange) -> None:
    reason = f" ({change.reason.value})" if change.reason else ""
    print(f"{change.conn_key}: {change.previous.value} -> {change.state.value}{reason}")


def on_gap(gap: Gap) -> None:
    print(f"{gap.conn_key}: {gap.duration:.1f} s missing of {', '.join(gap.streams)} ({gap.reason.value})")


def on_error(report: ErrorReport) -> None:
    print(f"{report.conn_key}: {report.error}" + (" - gave up" if report.final else ""))


def on_trade(trade: dict[str, Any]) -> None:
    if trade["e"] == "trade":
        print(trade["s"], trade["p"])


manager = SocketManager()
manager.add_state_listener(on_state)
manager.add_gap_listener(on_gap)
manager.add_error_listener(on_error)
manager.start_trade_socket("BTCUSDT", on_trade)
manager.start()
