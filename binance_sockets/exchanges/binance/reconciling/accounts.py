"""The table of accounts that can be reconciled: where REST tells about each.

Portfolio margin is not among them: its orders and positions are spread over three sets of paths under ``/papi``, whose
fills cannot be asked for by order. Its own risk streams, and the one of cross margin, tell no orders at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .asking import Holdings, Source
from .futures import FuturesShape, futures_balances, futures_positions
from .options import OptionsShape, option_balances, option_positions
from .spot import SpotShape, account_balances, isolated_balances, margin_balances

__all__ = ["source_of"]

_DAY = 86_400_000
_SPOT_WEIGHTS = {"openOrders": 80, "allOrders": 20, "myTrades": 20, "order": 4, "account": 20}
_FUTURES_WEIGHTS = {"openOrders": 40, "order": 1}

_SOURCES: Mapping[str, Source] = {
    "spot": Source(
        base="/api/v3",
        shape=SpotShape(),
        fills="myTrades",
        span=_DAY,
        weights=_SPOT_WEIGHTS,
        holdings=(Holdings("/api/v3/account", account_balances),),
    ),
    "us": Source(
        base="/api/v3",
        shape=SpotShape(),
        fills="myTrades",
        span=_DAY,
        weights=_SPOT_WEIGHTS,
        holdings=(Holdings("/api/v3/account", account_balances),),
    ),
    "margin": Source(
        base="/sapi/v1/margin",
        shape=SpotShape(dated=False),
        fills="myTrades",
        span=_DAY,
        orders_page=500,
        holdings=(Holdings("/sapi/v1/margin/account", margin_balances),),
    ),
    "isolated": Source(
        base="/sapi/v1/margin",
        shape=SpotShape(dated=False),
        fills="myTrades",
        span=_DAY,
        orders_page=500,
        params={"isIsolated": "TRUE"},
        holdings=(Holdings("/sapi/v1/margin/isolated/account", isolated_balances),),
    ),
    "usdm": Source(
        base="/fapi/v1",
        shape=FuturesShape(),
        fills="userTrades",
        span=7 * _DAY,
        weights={**_FUTURES_WEIGHTS, "allOrders": 5, "userTrades": 5, "balance": 5, "positionRisk": 5},
        holdings=(Holdings("/fapi/v3/balance", futures_balances), Holdings("/fapi/v3/positionRisk", futures_positions)),
    ),
    "coinm": Source(
        base="/dapi/v1",
        shape=FuturesShape(),
        fills="userTrades",
        span=7 * _DAY,
        orders_page=100,
        weights={**_FUTURES_WEIGHTS, "allOrders": 20, "userTrades": 20, "balance": 1, "positionRisk": 1},
        holdings=(Holdings("/dapi/v1/balance", futures_balances), Holdings("/dapi/v1/positionRisk", futures_positions)),
    ),
    "options": Source(
        base="/eapi/v1",
        shape=OptionsShape(),
        fills="userTrades",
        by_order=False,
        orders="historyOrders",
        opened="createTime",
        span=5 * _DAY,
        weights={**_FUTURES_WEIGHTS, "historyOrders": 3, "userTrades": 5, "marginAccount": 3, "position": 5},
        holdings=(
            Holdings("/eapi/v1/marginAccount", option_balances),
            Holdings("/eapi/v1/position", option_positions),
        ),
    ),
}
"""By the account's row in :data:`~..user_products.USER_PRODUCTS`.

Source: ``rest-api.md`` (2026-07-21), "Account endpoints"; margin and derivatives documentation (2026-10), trade and
account endpoints.
"""


def source_of(name: str, symbol: str | None = None, *, micro: bool = False) -> Source | None:
    """Where REST tells about an account; ``None`` where it does not.

    Args:
        name: of the account's row.
        symbol: of an isolated margin account.
        micro: the account's events are in microseconds, which those of spot and margin can be.
    """
    source = _SOURCES.get(name)
    if source is not None and symbol is not None:
        source = source.of_symbol(symbol)
    if source is not None and isinstance(source.shape, SpotShape):
        source = replace(source, shape=replace(source.shape, micro=micro))
    return source
