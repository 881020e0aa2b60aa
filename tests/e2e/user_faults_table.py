"""The matrix of user data as data: what happens to an account's stream, for each product, and what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e.faults_table import AT_ONCE, CHANGES, RECONNECTS, UNTOUCHED

from binance_sockets.events import Reason
from binance_sockets.faults import Fault

__all__ = ["KEEPS", "KEY", "KINDS", "PRODUCTS", "ROWS", "SIGNATURE", "TOKEN", "Product", "Row"]

KEEPS = "tries again, nothing lost"

# How an account proves itself.
SIGNATURE, TOKEN, KEY = KINDS = ("signature", "listen token", "listen key")


@dataclass(frozen=True)
class Product:
    """A kind of user stream.

    Args:
        name: in the printed table.
        method: of the manager.
        wallet: whose events it brings.
        kind: how the account proves itself.
        arguments: of the method, before the callback.
        orders: path of orders, where the embedded exchange trades; elsewhere events are made up.
        params: of orders, beside the usual ones.
    """

    name: str
    method: str
    wallet: str
    kind: str = KEY
    arguments: tuple[Any, ...] = ()
    orders: str | None = None
    params: tuple[tuple[str, str], ...] = ()


_MARGIN = "/spot/sapi/v1/margin/order"
PRODUCTS = (
    Product("spot", "start_user_socket", "spot", SIGNATURE, orders="/spot/api/v3/order"),
    Product("margin", "start_margin_socket", "margin", TOKEN, orders=_MARGIN),
    Product(
        "isolated margin", "start_isolated_margin_socket", "isolated/BTCUSDT", TOKEN, ("BTCUSDT",), _MARGIN,
        (("isIsolated", "TRUE"),),
    ),
    Product("USD-M", "start_futures_user_socket", "usdm"),
    Product("COIN-M", "start_coin_futures_user_socket", "coinm"),
    Product("options", "start_options_user_socket", "options"),
    Product("portfolio margin", "start_portfolio_margin_socket", "portfolio"),
    Product("margin risk", "start_margin_risk_socket", "margin-risk"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One thing that happens while an order is open.

    Args:
        name: in the tables.
        promises: by how the account proves itself.
        reason: why the link is left.
        fault: what the simulator is asked for; ``None``: see ``act``.
        params: the fault's own.
        act: "revoke" or "restart".
        renewals: the credential is renewed all the time meanwhile.
        quick: products for which it is part of every run.
    """

    name: str
    promises: Mapping[str, str] = field(hash=False)
    reason: Reason | None = None
    fault: Fault | None = None
    params: tuple[tuple[str, Any], ...] = ()
    act: str = ""
    renewals: bool = False
    quick: tuple[str, ...] = ()


def _all(promise: str, **others: str) -> dict[str, str]:
    return {SIGNATURE: others.get("signature", promise), TOKEN: others.get("token", promise),
            KEY: others.get("key", promise)}  # fmt: skip


ROWS = (
    Row("connection reset", _all(RECONNECTS), Reason.NETWORK, Fault.RESET, quick=("spot",)),
    Row("the 24 hour cut", _all(RECONNECTS), Reason.NETWORK, Fault.MAX_AGE, quick=("USD-M",)),
    Row(
        "serverShutdown", _all(CHANGES), Reason.SERVER_SHUTDOWN, Fault.SERVER_SHUTDOWN, (("close_after", 3.0),),
        quick=("spot", "options"),
    ),
    Row(
        "listenKeyExpired", _all(UNTOUCHED, key=RECONNECTS), Reason.CREDENTIAL, Fault.LISTEN_KEY_EXPIRED,
        quick=("COIN-M",),
    ),
    Row(
        "listen key dead without a word", _all(UNTOUCHED, key=RECONNECTS), Reason.CREDENTIAL, Fault.LISTEN_KEY_EXPIRED,
        (("notice", False),), renewals=True, quick=("margin risk",),
    ),
    Row(
        "listen token expired", _all(UNTOUCHED, token=RECONNECTS), Reason.CREDENTIAL, Fault.TOKEN_EXPIRED,
        quick=("margin",),
    ),
    Row(
        "eventStreamTerminated", _all(RECONNECTS, key=UNTOUCHED), Reason.CREDENTIAL, Fault.STREAM_TERMINATED,
        quick=("isolated margin",),
    ),
    Row(
        "renewal refused once", _all(KEEPS, signature=UNTOUCHED), None, Fault.CREDENTIAL_REFUSED,
        (("status", 400), ("code", -1000), ("msg", "not now")), renewals=True, quick=("portfolio margin",),
    ),
    Row("API key revoked", _all(AT_ONCE), Reason.REJECTED, act="revoke", quick=("margin",)),
    Row("restart of the exchange", _all(RECONNECTS), Reason.NETWORK, act="restart", quick=("USD-M",)),
)  # fmt: skip
