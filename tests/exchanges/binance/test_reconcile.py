"""What REST says is not of one moment: an order's row may be older than the fills that were asked for behind it."""

from __future__ import annotations

from typing import Any, cast

from binance_sockets.exchange import View
from binance_sockets.exchanges.binance.credentials import Caller
from binance_sockets.exchanges.binance.reconcile import Facts, Reconciler

ACCOUNT = {"updateTime": 5, "balances": []}


def row(status: str, executed: str) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "orderId": 7, "clientOrderId": "c", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
        "origQty": "2", "price": "5", "executedQty": executed, "cummulativeQuoteQty": str(int(executed) * 5),
        "status": status, "time": 1, "updateTime": 1 + int(executed),
    }  # fmt: skip


def fill(number: int) -> dict[str, Any]:
    return {"id": number, "orderId": 7, "qty": "1", "quoteQty": "5", "price": "5", "time": 1 + number,
            "commission": "0", "commissionAsset": "BNB", "isMaker": True}  # fmt: skip


def test_fills_that_the_row_does_not_know_yet_are_left_for_later() -> None:
    """Counted from the row, they would make the order less than empty, and would never be told again."""
    told = Reconciler(lambda event: None, View.DICT, cast(Caller, None), micro=False, automatic=False)
    first = told.differences(Facts({7: row("PARTIALLY_FILLED", "1")}, [fill(1), fill(2)], ACCOUNT, 0))
    assert [(event["X"], event["z"], event["t"]) for event in first] == [("NEW", "0", -1), ("PARTIALLY_FILLED", "1", 1)]
    then = told.differences(Facts({7: row("FILLED", "2")}, [fill(1), fill(2)], ACCOUNT, 0))
    assert [(event["X"], event["z"], event["t"]) for event in then] == [("FILLED", "2", 2)]
