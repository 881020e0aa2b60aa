"""Typed events of USD-M and COIN-M accounts; portfolio margin sends them too."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, ClassVar

from msgspec import field

from .base import IGNORED, DecimalOf, Num, OptionalDecimalOf, Part, Symbol, Time, TimedEvent

__all__ = [
    "AccountConfig",
    "AccountConfigUpdate",
    "AlgoOrder",
    "AlgoUpdate",
    "ConditionalOrderReject",
    "FuturesAccountData",
    "FuturesAccountUpdate",
    "FuturesBalance",
    "FuturesOrder",
    "FuturesOrderUpdate",
    "FuturesPosition",
    "Grid",
    "GridUpdate",
    "MarginCall",
    "MarginCallPosition",
    "OrderOrigin",
    "RejectedTrigger",
    "Strategy",
    "StrategyUpdate",
    "SymbolConfig",
    "TradeLite",
]


class OrderOrigin(str, Enum):
    """Who placed an order of a futures account."""

    #: a program of the account, or its owner
    USER = "user"
    #: the exchange, to liquidate a position
    LIQUIDATION = "liquidation"
    #: the exchange, to deleverage a position for somebody else's loss
    ADL = "adl"
    #: the exchange, to settle a contract that was delivered or delisted
    SETTLEMENT = "settlement"


_ORIGINS = (
    ("autoclose-", OrderOrigin.LIQUIDATION),
    ("adl_autoclose", OrderOrigin.ADL),
    ("settlement_autoclose-", OrderOrigin.SETTLEMENT),
)


class FuturesOrder(Part, frozen=True, kw_only=True):
    """An order of a futures account as of this event."""

    left_out: ClassVar[Mapping[str, str]] = {"si": IGNORED, "ss": IGNORED}

    symbol: Annotated[Symbol, ""] = field(name="s")
    client_order_id: Annotated[
        str, "id that the user gave the order; of the exchange's own orders, what they are for"
    ] = field(name="c")
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    order_type: Annotated[str, "LIMIT, MARKET and others"] = field(name="o")
    time_in_force: Annotated[str, "GTC, IOC, FOK, GTX, GTD or RPI"] = field(name="f")
    quantity: Annotated[Num, "quantity of the order"] = field(name="q")
    price: Annotated[Num, "price of the order"] = field(name="p")
    average_price: Annotated[Num, "average price of its fills"] = field(name="ap")
    stop_price: Annotated[Num, "trigger price"] = field(name="sp")
    execution_type: Annotated[str, "NEW, CANCELED, CALCULATED (liquidation), EXPIRED, TRADE or AMENDMENT"] = field(
        name="x"
    )
    status: Annotated[str, "status of the order, such as PARTIALLY_FILLED"] = field(name="X")
    order_id: Annotated[int, "id of the order"] = field(name="i")
    last_fill_quantity: Annotated[Num, "quantity of this fill"] = field(name="l")
    filled_quantity: Annotated[Num, "quantity filled so far"] = field(name="z")
    last_fill_price: Annotated[Num, "price of this fill"] = field(name="L")
    commission_asset: Annotated[str | None, "asset of the commission; None without one"] = field(name="N", default=None)
    commission: Annotated[Num | None, "commission of this fill; None without one"] = field(name="n", default=None)
    trade_time: Annotated[Time, "when it happened"] = field(name="T")
    trade_id: Annotated[int, "id of the trade; 0 for none"] = field(name="t")
    bid_notional: Annotated[Num, "of the user's orders to buy (COIN-M: in the base asset)"] = field(name="b")
    ask_notional: Annotated[Num, "of the user's orders to sell (COIN-M: in the base asset)"] = field(name="a")
    is_maker: Annotated[bool, "this fill made liquidity"] = field(name="m")
    is_reduce_only: Annotated[bool, "it may only reduce a position"] = field(name="R")
    working_type: Annotated[str, "price that triggers it: CONTRACT_PRICE or MARK_PRICE"] = field(name="wt")
    original_type: Annotated[str, "type it was placed with"] = field(name="ot")
    position_side: Annotated[str, "BOTH, LONG or SHORT"] = field(name="ps")
    is_close_all: Annotated[bool | None, "it closes the whole position; None where not sent"] = field(
        name="cp", default=None
    )
    realized_profit: Annotated[Num, "realised profit of this fill"] = field(name="rp")
    is_price_protected: Annotated[bool | None, "price protection; None where not sent"] = field(name="pP", default=None)
    stp_mode: Annotated[str | None, "self-trade prevention mode; None where not sent"] = field(name="V", default=None)
    price_match: Annotated[str | None, "price match mode; None where not sent"] = field(name="pm", default=None)
    good_till_date: Annotated[int | None, "end of a GTD order, in ms; 0 for none; None on COIN-M"] = field(
        name="gtd", default=None
    )
    expiry_reason: Annotated[str | None, "code of the reason why it expired; 0 for none; None where not sent"] = field(
        name="er", default=None
    )
    modify_id: Annotated[str | None, "of an amendment that carried one; None where not sent"] = field(
        name="M", default=None
    )
    activation_price: Annotated[Num | None, "of trailing stops; None where not sent"] = field(name="AP", default=None)
    callback_rate: Annotated[Num | None, "of trailing stops, in percent; None where not sent"] = field(
        name="cr", default=None
    )
    margin_asset: Annotated[str | None, "COIN-M; None where not sent"] = field(name="ma", default=None)
    strategy_type: Annotated[
        str | None, "portfolio margin: of the conditional order behind it; None where not sent"
    ] = field(name="st", default=None)

    quantity_decimal = DecimalOf()
    price_decimal = DecimalOf()
    average_price_decimal = DecimalOf()
    stop_price_decimal = DecimalOf()
    last_fill_quantity_decimal = DecimalOf()
    filled_quantity_decimal = DecimalOf()
    last_fill_price_decimal = DecimalOf()
    commission_decimal = OptionalDecimalOf()
    bid_notional_decimal = DecimalOf()
    ask_notional_decimal = DecimalOf()
    realized_profit_decimal = DecimalOf()
    activation_price_decimal = OptionalDecimalOf()
    callback_rate_decimal = OptionalDecimalOf()

    @property
    def origin(self) -> OrderOrigin:
        """Who placed the order, which the exchange tells by the beginning of its client order id."""
        found = (origin for prefix, origin in _ORIGINS if self.client_order_id.startswith(prefix))
        return next(found, OrderOrigin.USER)


class FuturesOrderUpdate(TimedEvent, frozen=True, kw_only=True, tag="ORDER_TRADE_UPDATE"):
    """What became of a futures order."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    order: Annotated[FuturesOrder, "the order"] = field(name="o")
    account_alias: Annotated[str | None, "COIN-M; None where not sent"] = field(name="i", default=None)
    business_unit: Annotated[str | None, "portfolio margin: UM or CM; None where not sent"] = field(
        name="fs", default=None
    )


class FuturesBalance(Part, frozen=True, kw_only=True):
    """The balance of one asset of a futures account."""

    asset: Annotated[str, "asset"] = field(name="a")
    wallet_balance: Annotated[Num, "wallet balance"] = field(name="wb")
    cross_wallet_balance: Annotated[Num, "wallet balance without isolated margin"] = field(name="cw")
    balance_change: Annotated[Num, "change but for profit, loss and commission"] = field(name="bc")

    wallet_balance_decimal = DecimalOf()
    cross_wallet_balance_decimal = DecimalOf()
    balance_change_decimal = DecimalOf()


class FuturesPosition(Part, frozen=True, kw_only=True):
    """One position of a futures account."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    amount: Annotated[Num, "size; below zero for short"] = field(name="pa")
    entry_price: Annotated[Num, "entry price"] = field(name="ep")
    accumulated_realized: Annotated[Num, "realised profit, without commission"] = field(name="cr")
    unrealized_profit: Annotated[Num, "unrealised profit"] = field(name="up")
    position_side: Annotated[str, "BOTH, LONG or SHORT"] = field(name="ps")
    break_even_price: Annotated[Num | None, "break-even price; None where not sent"] = field(name="bep", default=None)
    margin_type: Annotated[str | None, "cross or isolated; None on portfolio margin"] = field(name="mt", default=None)
    isolated_wallet: Annotated[Num | None, "wallet of an isolated position; None on portfolio margin"] = field(
        name="iw", default=None
    )
    margin_asset: Annotated[str | None, "asset of the margin; None where not sent"] = field(name="ma", default=None)

    amount_decimal = DecimalOf()
    entry_price_decimal = DecimalOf()
    accumulated_realized_decimal = DecimalOf()
    unrealized_profit_decimal = DecimalOf()
    break_even_price_decimal = OptionalDecimalOf()
    isolated_wallet_decimal = OptionalDecimalOf()


class FuturesAccountData(Part, frozen=True, kw_only=True):
    """What changed in a futures account."""

    reason: Annotated[str, "ORDER, FUNDING_FEE, DEPOSIT, WITHDRAW and others"] = field(name="m")
    balances: Annotated[list[FuturesBalance] | None, "balances that changed; None where not sent"] = field(
        name="B", default=None
    )
    positions: Annotated[list[FuturesPosition] | None, "positions that changed; None where not sent"] = field(
        name="P", default=None
    )
    symbol: Annotated[str | None, "of a funding fee; None where not sent"] = field(name="S", default=None)


class FuturesAccountUpdate(TimedEvent, frozen=True, kw_only=True, tag="ACCOUNT_UPDATE"):
    """Balances and positions of a futures account that changed, and why."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    data: Annotated[FuturesAccountData, "what changed"] = field(name="a")
    account_alias: Annotated[str | None, "COIN-M; to be ignored on portfolio margin; None where not sent"] = field(
        name="i", default=None
    )
    business_unit: Annotated[str | None, "portfolio margin: UM or CM; None where not sent"] = field(
        name="fs", default=None
    )


class TradeLite(TimedEvent, frozen=True, kw_only=True, tag="TRADE_LITE"):
    """A fill on USD-M, sent before the order update that has all of it."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    symbol: Annotated[Symbol, ""] = field(name="s")
    quantity: Annotated[Num, "quantity of the order"] = field(name="q")
    price: Annotated[Num, "price of the order"] = field(name="p")
    is_maker: Annotated[bool, "this fill made liquidity"] = field(name="m")
    client_order_id: Annotated[str, "id that the user gave the order"] = field(name="c")
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    last_fill_price: Annotated[Num, "price of this fill"] = field(name="L")
    last_fill_quantity: Annotated[Num, "quantity of this fill"] = field(name="l")
    trade_id: Annotated[int, "id of the trade"] = field(name="t")
    order_id: Annotated[int, "id of the order"] = field(name="i")

    quantity_decimal = DecimalOf()
    price_decimal = DecimalOf()
    last_fill_price_decimal = DecimalOf()
    last_fill_quantity_decimal = DecimalOf()

    @property
    def origin(self) -> OrderOrigin:
        """Who placed the order, which the exchange tells by the beginning of its client order id."""
        found = (origin for prefix, origin in _ORIGINS if self.client_order_id.startswith(prefix))
        return next(found, OrderOrigin.USER)


class MarginCallPosition(Part, frozen=True, kw_only=True):
    """A position that a margin call is about."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    position_side: Annotated[str, "BOTH, LONG or SHORT"] = field(name="ps")
    amount: Annotated[Num, "size; below zero for short"] = field(name="pa")
    margin_type: Annotated[str, "CROSSED or ISOLATED"] = field(name="mt")
    isolated_wallet: Annotated[Num | None, "wallet of an isolated position"] = field(name="iw", default=None)
    mark_price: Annotated[Num, "mark price"] = field(name="mp")
    unrealized_profit: Annotated[Num, "unrealised profit"] = field(name="up")
    maintenance_margin: Annotated[Num, "maintenance margin that is needed"] = field(name="mm")

    amount_decimal = DecimalOf()
    isolated_wallet_decimal = OptionalDecimalOf()
    mark_price_decimal = DecimalOf()
    unrealized_profit_decimal = DecimalOf()
    maintenance_margin_decimal = DecimalOf()


class MarginCall(TimedEvent, frozen=True, kw_only=True, tag="MARGIN_CALL"):
    """Positions that come near their liquidation. Meant as a hint; it may come too late."""

    cross_wallet_balance: Annotated[Num | None, "of crossed positions; None where not sent"] = field(
        name="cw", default=None
    )
    positions: Annotated[list[MarginCallPosition], "the positions"] = field(name="p")
    account_alias: Annotated[str | None, "COIN-M; None where not sent"] = field(name="i", default=None)

    cross_wallet_balance_decimal = OptionalDecimalOf()


class SymbolConfig(Part, frozen=True, kw_only=True):
    """The leverage of a symbol."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    leverage: Annotated[int, "leverage"] = field(name="l")


class AccountConfig(Part, frozen=True, kw_only=True):
    """The mode of an account."""

    is_multi_assets: Annotated[bool, "multi-assets mode"] = field(name="j")


class AccountConfigUpdate(TimedEvent, frozen=True, kw_only=True, tag="ACCOUNT_CONFIG_UPDATE"):
    """The leverage of a symbol, or the mode of the account, was changed."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    symbol_config: Annotated[SymbolConfig | None, "leverage of a symbol; None where not sent"] = field(
        name="ac", default=None
    )
    account_config: Annotated[AccountConfig | None, "USD-M: mode of the account; None where not sent"] = field(
        name="ai", default=None
    )
    business_unit: Annotated[str | None, "portfolio margin: UM or CM; None where not sent"] = field(
        name="fs", default=None
    )


class Strategy(Part, frozen=True, kw_only=True):
    """A strategy order of the exchange's own tools."""

    strategy_id: Annotated[int, "id of the strategy"] = field(name="si")
    strategy_type: Annotated[str, "type"] = field(name="st")
    status: Annotated[str, "status"] = field(name="ss")
    symbol: Annotated[Symbol, ""] = field(name="s")
    update_time: Annotated[Time, "when it was changed"] = field(name="ut")
    code: Annotated[int, "why"] = field(name="c")


class StrategyUpdate(TimedEvent, frozen=True, kw_only=True, tag="STRATEGY_UPDATE"):
    """A strategy was made, changed or ended."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    strategy: Annotated[Strategy, "the strategy"] = field(name="su")


class Grid(Part, frozen=True, kw_only=True):
    """A grid of the exchange's own tools."""

    strategy_id: Annotated[int, "id of the grid"] = field(name="si")
    strategy_type: Annotated[str, "type"] = field(name="st")
    status: Annotated[str, "status"] = field(name="ss")
    symbol: Annotated[Symbol, ""] = field(name="s")
    realized_profit: Annotated[Num, "realised profit"] = field(name="r")
    unmatched_price: Annotated[Num, "average price of what is not matched"] = field(name="up")
    unmatched_quantity: Annotated[Num, "quantity of what is not matched"] = field(name="uq")
    unmatched_fee: Annotated[Num, "commission of what is not matched"] = field(name="uf")
    matched_profit: Annotated[Num, "profit of what is matched"] = field(name="mp")
    update_time: Annotated[Time, "when it was changed"] = field(name="ut")

    realized_profit_decimal = DecimalOf()
    unmatched_price_decimal = DecimalOf()
    unmatched_quantity_decimal = DecimalOf()
    unmatched_fee_decimal = DecimalOf()
    matched_profit_decimal = DecimalOf()


class GridUpdate(TimedEvent, frozen=True, kw_only=True, tag="GRID_UPDATE"):
    """A part of a grid was filled."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    grid: Annotated[Grid, "the grid"] = field(name="gu")


class RejectedTrigger(Part, frozen=True, kw_only=True):
    """A conditional order that could not be placed."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    order_id: Annotated[int, "id of the order"] = field(name="i")
    reason: Annotated[str, "why"] = field(name="r")


class ConditionalOrderReject(TimedEvent, frozen=True, kw_only=True, tag="CONDITIONAL_ORDER_TRIGGER_REJECT"):
    """A triggered stop or take-profit order was refused; deprecated since 2025-12-15."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    order: Annotated[RejectedTrigger, "the order"] = field(name="or")


class AlgoOrder(Part, frozen=True, kw_only=True):
    """A conditional order as of this event."""

    client_algo_id: Annotated[str, "id that the user gave it"] = field(name="caid")
    algo_id: Annotated[int, "id of the algo order"] = field(name="aid")
    algo_type: Annotated[str, "CONDITIONAL"] = field(name="at")
    order_type: Annotated[str, "STOP, TAKE_PROFIT, TRAILING_STOP_MARKET and others"] = field(name="o")
    symbol: Annotated[Symbol, ""] = field(name="s")
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    position_side: Annotated[str, "BOTH, LONG or SHORT"] = field(name="ps")
    time_in_force: Annotated[str, "GTC and others"] = field(name="f")
    quantity: Annotated[Num, "quantity of the order"] = field(name="q")
    status: Annotated[str, "NEW, CANCELED, TRIGGERING, TRIGGERED, FINISHED, REJECTED or EXPIRED"] = field(name="X")
    order_id: Annotated[str, "id of the order in the book; empty before"] = field(name="ai")
    average_price: Annotated[Num | None, "average price of its fills; None where not sent"] = field(
        name="ap", default=None
    )
    filled_quantity: Annotated[Num | None, "quantity filled; None where not sent"] = field(name="aq", default=None)
    actual_type: Annotated[str | None, "type of the order in the book; None where not sent"] = field(
        name="act", default=None
    )
    trigger_price: Annotated[Num, "trigger price"] = field(name="tp")
    price: Annotated[Num, "price of the order"] = field(name="p")
    stp_mode: Annotated[str, "self-trade prevention mode"] = field(name="V")
    working_type: Annotated[str, "price that triggers it: CONTRACT_PRICE or MARK_PRICE"] = field(name="wt")
    price_match: Annotated[str, "price match mode"] = field(name="pm")
    is_close_all: Annotated[bool, "it closes the whole position"] = field(name="cp")
    is_price_protected: Annotated[bool, "price protection"] = field(name="pP")
    is_reduce_only: Annotated[bool, "it may only reduce a position"] = field(name="R")
    trigger_time: Annotated[int, "when it was triggered, in ms; 0 for not yet"] = field(name="tt")
    good_till_date: Annotated[int, "end of a GTD order, in ms; 0 for none"] = field(name="gtd")
    reject_reason: Annotated[str | None, "why it was refused; None where not sent"] = field(name="rm", default=None)
    is_activated: Annotated[bool | None, "a trailing order has begun to trail; None where not sent"] = field(
        name="ia", default=None
    )

    quantity_decimal = DecimalOf()
    average_price_decimal = OptionalDecimalOf()
    filled_quantity_decimal = OptionalDecimalOf()
    trigger_price_decimal = DecimalOf()
    price_decimal = DecimalOf()


class AlgoUpdate(TimedEvent, frozen=True, kw_only=True, tag="ALGO_UPDATE"):
    """What became of a conditional order. It has ``order`` on USD-M, ``portfolio_order`` on portfolio margin."""

    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    order: Annotated[AlgoOrder | None, "the order; None on portfolio margin"] = field(name="o", default=None)
    portfolio_order: Annotated[AlgoOrder | None, "the order of a portfolio margin account; None where not sent"] = (
        field(name="ao", default=None)
    )
    business_unit: Annotated[str | None, "portfolio margin: UM or CM; None where not sent"] = field(
        name="fs", default=None
    )
