"""Typed events of options, portfolio margin and portfolio margin Pro accounts."""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from .base import DecimalOf, Num, OptionalDecimalOf, Part, Symbol, Time, TimedEvent

__all__ = [
    "AssetLoss",
    "BalancePositionUpdate",
    "GreekUpdate",
    "Greeks",
    "LiabilityChange",
    "OpenOrderLoss",
    "OptionAccountUpdate",
    "OptionBalance",
    "OptionOrder",
    "OptionOrderUpdate",
    "OptionPosition",
    "OptionRiskLevelChange",
    "PortfolioConditionalOrder",
    "PortfolioConditionalUpdate",
    "ProAccountUpdate",
    "RiskLevelChange",
]


class OptionAccountUpdate(TimedEvent, frozen=True, kw_only=True, tag="ACCOUNT_UPDATE"):
    """Equity and margin of an options account; every 10 seconds while there is a position."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    equity: Annotated[Num, "equity"] = field(name="eq")
    adjusted_equity: Annotated[Num, "adjusted equity"] = field(name="aeq")
    wallet_balance: Annotated[Num, "wallet balance"] = field(name="b")
    position_value: Annotated[Num, "value of the positions"] = field(name="m")
    unrealized_profit: Annotated[Num, "unrealised profit"] = field(name="u")
    initial_margin: Annotated[Num, "initial margin"] = field(name="i")
    maintenance_margin: Annotated[Num, "maintenance margin"] = field(name="M")

    equity_decimal = DecimalOf()
    adjusted_equity_decimal = DecimalOf()
    wallet_balance_decimal = DecimalOf()
    position_value_decimal = DecimalOf()
    unrealized_profit_decimal = DecimalOf()
    initial_margin_decimal = DecimalOf()
    maintenance_margin_decimal = DecimalOf()


class OptionBalance(Part, frozen=True, kw_only=True):
    """The balance of one asset of an options account."""

    asset: Annotated[str, "asset"] = field(name="a")
    balance: Annotated[Num, "wallet balance"] = field(name="b")
    balance_change: Annotated[Num, "change"] = field(name="bc")

    balance_decimal = DecimalOf()
    balance_change_decimal = DecimalOf()


class OptionPosition(Part, frozen=True, kw_only=True):
    """One position of an options account."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    quantity: Annotated[Num, "size; below zero for short"] = field(name="c")
    value: Annotated[Num, "value"] = field(name="p")
    average_price: Annotated[Num, "average entry price"] = field(name="a")

    quantity_decimal = DecimalOf()
    value_decimal = DecimalOf()
    average_price_decimal = DecimalOf()


class BalancePositionUpdate(TimedEvent, frozen=True, kw_only=True, tag="BALANCE_POSITION_UPDATE"):
    """Balances and positions of an options account that changed, and why."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    reason: Annotated[str, "reason"] = field(name="m")
    balances: Annotated[list[OptionBalance], "balances that changed"] = field(name="B")
    positions: Annotated[list[OptionPosition], "positions that changed"] = field(name="P")


class OptionOrder(Part, frozen=True, kw_only=True):
    """An order of an options account as of this event."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    client_order_id: Annotated[str, "id that the user gave the order"] = field(name="c")
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    order_type: Annotated[str, "LIMIT and others"] = field(name="o")
    time_in_force: Annotated[str, "GTC, IOC, FOK or GTX"] = field(name="f")
    quantity: Annotated[Num, "quantity of the order"] = field(name="q")
    price: Annotated[Num, "price of the order"] = field(name="p")
    average_price: Annotated[Num, "average price of its fills"] = field(name="ap")
    execution_type: Annotated[str, "NEW, CANCELED, TRADE, EXPIRED and others"] = field(name="x")
    status: Annotated[str, "status of the order, such as PARTIALLY_FILLED"] = field(name="X")
    order_id: Annotated[int, "id of the order"] = field(name="i")
    last_fill_quantity: Annotated[Num, "quantity of this fill"] = field(name="l")
    filled_quantity: Annotated[Num, "quantity filled so far"] = field(name="z")
    last_fill_price: Annotated[Num, "price of this fill"] = field(name="L")
    commission_asset: Annotated[str | None, "asset of the commission; None without one"] = field(name="N", default=None)
    commission: Annotated[Num | None, "commission of this fill; below zero is paid, above is received"] = field(
        name="n", default=None
    )
    trade_time: Annotated[Time, "when it happened"] = field(name="T")
    trade_id: Annotated[int, "id of the trade; 0 for none"] = field(name="t")
    bid_notional: Annotated[Num, "of the user's orders to buy"] = field(name="b")
    ask_notional: Annotated[Num, "of the user's orders to sell"] = field(name="a")
    is_maker: Annotated[bool, "this fill made liquidity"] = field(name="m")
    is_reduce_only: Annotated[bool, "it may only reduce a position"] = field(name="R")
    original_type: Annotated[str, "type it was placed with"] = field(name="ot")
    realized_profit: Annotated[Num, "realised profit of this fill"] = field(name="rp")
    stp_mode: Annotated[str | None, "self-trade prevention mode; None where not sent"] = field(name="V", default=None)

    quantity_decimal = DecimalOf()
    price_decimal = DecimalOf()
    average_price_decimal = DecimalOf()
    last_fill_quantity_decimal = DecimalOf()
    filled_quantity_decimal = DecimalOf()
    last_fill_price_decimal = DecimalOf()
    commission_decimal = OptionalDecimalOf()
    bid_notional_decimal = DecimalOf()
    ask_notional_decimal = DecimalOf()
    realized_profit_decimal = DecimalOf()


class OptionOrderUpdate(TimedEvent, frozen=True, kw_only=True, tag="ORDER_TRADE_UPDATE"):
    """What became of an option order."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    order: Annotated[OptionOrder, "the order"] = field(name="o")


class Greeks(Part, frozen=True, kw_only=True):
    """The greeks of all positions in one underlying."""

    underlying: Annotated[str, "underlying"] = field(name="u")
    delta: Annotated[Num, "delta"] = field(name="d")
    gamma: Annotated[Num, "gamma"] = field(name="g")
    theta: Annotated[Num, "theta"] = field(name="t")
    vega: Annotated[Num, "vega"] = field(name="v")

    delta_decimal = DecimalOf()
    gamma_decimal = DecimalOf()
    theta_decimal = DecimalOf()
    vega_decimal = DecimalOf()


class GreekUpdate(TimedEvent, frozen=True, kw_only=True, tag="GREEK_UPDATE"):
    """The greeks of an options account."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    greeks: Annotated[list[Greeks], "by underlying"] = field(name="G")


class OptionRiskLevelChange(TimedEvent, frozen=True, kw_only=True, tag="RISK_LEVEL_CHANGE"):
    """The risk level of an options account."""

    risk_level: Annotated[str, "NORMAL or REDUCE_ONLY"] = field(name="s")
    margin_balance: Annotated[Num, "margin balance"] = field(name="mb")
    maintenance_margin: Annotated[Num, "maintenance margin"] = field(name="mm")

    margin_balance_decimal = DecimalOf()
    maintenance_margin_decimal = DecimalOf()


class PortfolioConditionalOrder(Part, frozen=True, kw_only=True):
    """A conditional order of a portfolio margin account."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    client_strategy_id: Annotated[str, "id that the user gave it"] = field(name="c")
    strategy_id: Annotated[int, "id of the conditional order"] = field(name="si")
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    strategy_type: Annotated[str, "STOP and others"] = field(name="st")
    time_in_force: Annotated[str, "GTC and others"] = field(name="f")
    quantity: Annotated[Num, "quantity of the order"] = field(name="q")
    price: Annotated[Num, "price of the order"] = field(name="p")
    stop_price: Annotated[Num, "trigger price"] = field(name="sp")
    status: Annotated[str, "status"] = field(name="os")
    order_time: Annotated[Time, "when it was placed"] = field(name="T")
    update_time: Annotated[Time, "when it was changed"] = field(name="ut")
    is_reduce_only: Annotated[bool, "it may only reduce a position"] = field(name="R")
    working_type: Annotated[str, "price that triggers it"] = field(name="wt")
    position_side: Annotated[str, "BOTH, LONG or SHORT"] = field(name="ps")
    is_close_all: Annotated[bool, "it closes the whole position"] = field(name="cp")
    activation_price: Annotated[Num | None, "of trailing stops; None where not sent"] = field(name="AP", default=None)
    callback_rate: Annotated[Num | None, "of trailing stops, in percent; None where not sent"] = field(
        name="cr", default=None
    )
    order_id: Annotated[int, "id of the order in the book; 0 before"] = field(name="i")
    stp_mode: Annotated[str | None, "self-trade prevention mode; None where not sent"] = field(name="V", default=None)
    good_till_date: Annotated[int | None, "end of a GTD order, in ms; None where not sent"] = field(
        name="gtd", default=None
    )

    quantity_decimal = DecimalOf()
    price_decimal = DecimalOf()
    stop_price_decimal = DecimalOf()
    activation_price_decimal = OptionalDecimalOf()
    callback_rate_decimal = OptionalDecimalOf()


class PortfolioConditionalUpdate(TimedEvent, frozen=True, kw_only=True, tag="CONDITIONAL_ORDER_TRADE_UPDATE"):
    """A conditional order of a portfolio margin account; on UM ``ALGO_UPDATE`` since 2026-04-28."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    business_unit: Annotated[str, "UM or CM"] = field(name="fs")
    order: Annotated[PortfolioConditionalOrder, "the order"] = field(name="so")


class AssetLoss(Part, frozen=True, kw_only=True):
    """What one asset has lost."""

    asset: Annotated[str, "asset"] = field(name="a")
    amount: Annotated[Num, "amount"] = field(name="o")

    amount_decimal = DecimalOf()


class OpenOrderLoss(TimedEvent, frozen=True, kw_only=True, tag="openOrderLoss"):
    """What open margin orders could lose."""

    losses: Annotated[list[AssetLoss], "by asset"] = field(name="O")


class LiabilityChange(TimedEvent, frozen=True, kw_only=True, tag="liabilityChange"):
    """A margin loan of a portfolio margin account was taken or paid back."""

    asset: Annotated[str, "asset"] = field(name="a")
    liability_type: Annotated[str, "BORROW and others"] = field(name="t")
    transaction_id: Annotated[int, "id of the transaction"] = field(name="T")
    principal: Annotated[Num, "principal"] = field(name="p")
    interest: Annotated[Num, "interest"] = field(name="i")
    total_liability: Annotated[Num, "all that is owed"] = field(name="l")

    principal_decimal = DecimalOf()
    interest_decimal = DecimalOf()
    total_liability_decimal = DecimalOf()


class RiskLevelChange(TimedEvent, frozen=True, kw_only=True, tag="riskLevelChange"):
    """The risk level of a portfolio margin account."""

    margin_ratio: Annotated[Num, "uniMMR"] = field(name="u")
    risk_level: Annotated[str, "MARGIN_CALL, REDUCE_ONLY or FORCE_LIQUIDATION"] = field(name="s")
    equity: Annotated[Num, "equity"] = field(name="eq")
    actual_equity: Annotated[Num, "equity without the collateral rate"] = field(name="ae")
    maintenance_margin: Annotated[Num, "maintenance margin"] = field(name="m")

    margin_ratio_decimal = DecimalOf()
    equity_decimal = DecimalOf()
    actual_equity_decimal = DecimalOf()
    maintenance_margin_decimal = DecimalOf()


class ProAccountUpdate(TimedEvent, frozen=True, kw_only=True, tag="PM_PRO_ACCOUNT_UPDATE"):
    """Equity and margin of a portfolio margin Pro account, every 5 seconds."""

    margin_ratio: Annotated[Num, "uniMMR"] = field(name="u")
    equity: Annotated[Num, "equity"] = field(name="eq")
    actual_equity: Annotated[Num, "equity without the collateral rate"] = field(name="ae")
    initial_margin: Annotated[Num, "initial margin"] = field(name="im")
    maintenance_margin: Annotated[Num, "maintenance margin"] = field(name="mm")
    available_balance: Annotated[Num, "balance that may be used"] = field(name="avb")
    withdrawable: Annotated[Num, "may be taken out"] = field(name="vmw")

    margin_ratio_decimal = DecimalOf()
    equity_decimal = DecimalOf()
    actual_equity_decimal = DecimalOf()
    initial_margin_decimal = DecimalOf()
    maintenance_margin_decimal = DecimalOf()
    available_balance_decimal = DecimalOf()
    withdrawable_decimal = DecimalOf()
