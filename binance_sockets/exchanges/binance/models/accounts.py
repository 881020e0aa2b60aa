"""What the callback of an account's socket gets in the typed view: one name for all events of a product."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct

from . import user, user_futures, user_other

__all__ = [
    "AccountEvent",
    "CoinFuturesUserEvent",
    "FuturesUserEvent",
    "MarginRiskEvent",
    "OptionsUserEvent",
    "PortfolioMarginEvent",
    "PortfolioMarginProEvent",
    "SpotUserEvent",
]

T = TypeVar("T")

SpotUserEvent: TypeAlias = (
    user.ExecutionReport | user.AccountPosition | user.BalanceUpdate | user.ExternalLockUpdate | user.ListStatus
)
"""Spot and margin."""

CoinFuturesUserEvent: TypeAlias = (
    user_futures.FuturesOrderUpdate
    | user_futures.FuturesAccountUpdate
    | user_futures.MarginCall
    | user_futures.AccountConfigUpdate
    | user_futures.StrategyUpdate
    | user_futures.GridUpdate
)
"""COIN-M futures."""

FuturesUserEvent: TypeAlias = (
    CoinFuturesUserEvent | user_futures.TradeLite | user_futures.AlgoUpdate | user_futures.ConditionalOrderReject
)
"""USD-M futures."""

OptionsUserEvent: TypeAlias = (
    user_other.OptionOrderUpdate
    | user_other.OptionAccountUpdate
    | user_other.BalancePositionUpdate
    | user_other.GreekUpdate
    | user_other.OptionRiskLevelChange
)
"""Options."""

PortfolioMarginEvent: TypeAlias = (
    user_futures.FuturesOrderUpdate
    | user_futures.FuturesAccountUpdate
    | user_futures.AccountConfigUpdate
    | user_futures.AlgoUpdate
    | user_other.PortfolioConditionalUpdate
    | user.ExecutionReport
    | user.AccountPosition
    | user.BalanceUpdate
    | user_other.OpenOrderLoss
    | user_other.LiabilityChange
    | user_other.RiskLevelChange
)
"""Portfolio margin."""

PortfolioMarginProEvent: TypeAlias = user_other.ProAccountUpdate | user_other.RiskLevelChange
"""Portfolio margin Pro."""

MarginRiskEvent: TypeAlias = user.MarginLevelChange | user.UserLiabilityChange
"""The risk of cross margin."""


class AccountEvent(Struct, Generic[T], frozen=True, gc=False):
    """An event of one of several accounts that share a socket.

    Args:
        account: whose it is, by the name that the caller gave the account.
        event: the event.
    """

    account: str
    event: T
