"""Typed events of spot and margin accounts. Margin sends the same as spot; portfolio margin sends them too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import field

from .base import IGNORED, DecimalOf, Num, OptionalDecimalOf, Part, Symbol, Time, TimedEvent

__all__ = [
    "AccountPosition",
    "Balance",
    "BalanceUpdate",
    "ExecutionReport",
    "ExternalLockUpdate",
    "ListStatus",
    "ListedOrder",
    "MarginLevelChange",
    "UserLiabilityChange",
]


class ExecutionReport(TimedEvent, frozen=True, kw_only=True, tag="executionReport"):
    """What became of a spot or margin order: it is new, filled in part or whole, cancelled, expired or refused."""

    left_out: ClassVar[Mapping[str, str]] = {"M": IGNORED}

    symbol: Annotated[Symbol, ""] = field(name="s")
    client_order_id: Annotated[str, "id of the order, or of the request that cancelled it"] = field(name="c")
    original_client_order_id: Annotated[str, "id of the order that was cancelled; empty otherwise"] = field(name="C")
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    order_type: Annotated[str, "LIMIT, MARKET and others"] = field(name="o")
    time_in_force: Annotated[str, "GTC, IOC or FOK"] = field(name="f")
    quantity: Annotated[Num, "quantity of the order"] = field(name="q")
    price: Annotated[Num, "price of the order"] = field(name="p")
    stop_price: Annotated[Num, "trigger price"] = field(name="P")
    iceberg_quantity: Annotated[Num, "visible quantity of an iceberg order"] = field(name="F")
    order_list_id: Annotated[int, "order list; -1 for none"] = field(name="g")
    execution_type: Annotated[str, "NEW, CANCELED, REPLACED, REJECTED, TRADE, EXPIRED or TRADE_PREVENTION"] = field(
        name="x"
    )
    status: Annotated[str, "status of the order, such as PARTIALLY_FILLED"] = field(name="X")
    reject_reason: Annotated[str, "NONE, or why it was refused"] = field(name="r")
    order_id: Annotated[int, "id of the order"] = field(name="i")
    last_fill_quantity: Annotated[Num, "quantity of this fill"] = field(name="l")
    filled_quantity: Annotated[Num, "quantity filled so far"] = field(name="z")
    last_fill_price: Annotated[Num, "price of this fill"] = field(name="L")
    commission: Annotated[Num, "commission of this fill"] = field(name="n")
    commission_asset: Annotated[str | None, "asset of the commission; None without one"] = field(name="N", default=None)
    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    trade_id: Annotated[int, "id of the trade; -1 for none"] = field(name="t")
    execution_id: Annotated[int, "id of this report"] = field(name="I")
    is_on_book: Annotated[bool, "the order is in the book"] = field(name="w")
    is_maker: Annotated[bool, "this fill made liquidity"] = field(name="m")
    order_time: Annotated[Time, "when the order was created"] = field(name="O")
    filled_quote: Annotated[Num, "quote quantity filled so far"] = field(name="Z")
    last_quote: Annotated[Num, "quote quantity of this fill"] = field(name="Y")
    quote_quantity: Annotated[Num, "quote quantity that was ordered"] = field(name="Q")
    stp_mode: Annotated[str, "self-trade prevention mode"] = field(name="V")
    working_time: Annotated[Time | None, "since when it works in the book; None while it does not"] = field(
        name="W", default=None
    )
    trailing_delta: Annotated[int | None, "of trailing stops, in 0.01 percent; None where not sent"] = field(
        name="d", default=None
    )
    trailing_time: Annotated[Time | None, "when trailing began; None where not sent"] = field(name="D", default=None)
    strategy_id: Annotated[int | None, "given by the user; None where not sent"] = field(name="j", default=None)
    strategy_type: Annotated[int | None, "given by the user; None where not sent"] = field(name="J", default=None)
    prevented_match_id: Annotated[int | None, "self-trade prevention; None where not sent"] = field(
        name="v", default=None
    )
    trade_group_id: Annotated[int | None, "self-trade prevention; None where not sent"] = field(name="u", default=None)
    counter_order_id: Annotated[int | None, "order it would have traded with; None where not sent"] = field(
        name="U", default=None
    )
    prevented_quantity: Annotated[Num | None, "prevented so far; None where not sent"] = field(name="A", default=None)
    last_prevented_quantity: Annotated[Num | None, "prevented by this match; None where not sent"] = field(
        name="B", default=None
    )
    counter_symbol: Annotated[str | None, "symbol of the counter order; None where not sent"] = field(
        name="Cs", default=None
    )
    prevented_execution_quantity: Annotated[Num | None, "quantity of the prevented execution; None where not sent"] = (
        field(name="pl", default=None)
    )
    prevented_execution_price: Annotated[Num | None, "price of the prevented execution; None where not sent"] = field(
        name="pL", default=None
    )
    prevented_execution_quote: Annotated[
        Num | None, "quote quantity of the prevented execution; None where not sent"
    ] = field(name="pY", default=None)
    match_type: Annotated[str | None, "of an allocation; None where not sent"] = field(name="b", default=None)
    allocation_id: Annotated[int | None, "of an allocation; None where not sent"] = field(name="a", default=None)
    working_floor: Annotated[str | None, "EXCHANGE or SOR; None where not sent"] = field(name="k", default=None)
    used_sor: Annotated[bool | None, "smart order routing took part; None where not sent"] = field(
        name="uS", default=None
    )
    peg_price_type: Annotated[str | None, "of pegged orders; None where not sent"] = field(name="gP", default=None)
    peg_offset_type: Annotated[str | None, "of pegged orders; None where not sent"] = field(name="gOT", default=None)
    peg_offset_value: Annotated[int | str | None, "of pegged orders; None where not sent"] = field(
        name="gOV", default=None
    )
    pegged_price: Annotated[Num | None, "price of a pegged order now; None where not sent"] = field(
        name="gp", default=None
    )
    expiry_reason: Annotated[str | None, "why it expired; None where not sent"] = field(name="eR", default=None)

    quantity_decimal = DecimalOf()
    price_decimal = DecimalOf()
    stop_price_decimal = DecimalOf()
    iceberg_quantity_decimal = DecimalOf()
    last_fill_quantity_decimal = DecimalOf()
    filled_quantity_decimal = DecimalOf()
    last_fill_price_decimal = DecimalOf()
    commission_decimal = DecimalOf()
    filled_quote_decimal = DecimalOf()
    last_quote_decimal = DecimalOf()
    quote_quantity_decimal = DecimalOf()
    prevented_quantity_decimal = OptionalDecimalOf()
    last_prevented_quantity_decimal = OptionalDecimalOf()
    prevented_execution_quantity_decimal = OptionalDecimalOf()
    prevented_execution_price_decimal = OptionalDecimalOf()
    prevented_execution_quote_decimal = OptionalDecimalOf()
    pegged_price_decimal = OptionalDecimalOf()


class Balance(Part, frozen=True, kw_only=True):
    """The balance of one asset."""

    asset: Annotated[str, "asset"] = field(name="a")
    free: Annotated[Num, "may be used"] = field(name="f")
    locked: Annotated[Num, "locked by orders"] = field(name="l")

    free_decimal = DecimalOf()
    locked_decimal = DecimalOf()


class AccountPosition(TimedEvent, frozen=True, kw_only=True, tag="outboundAccountPosition"):
    """Balances that may have changed; others stand in no such event."""

    last_update: Annotated[Time, "when the account was last changed"] = field(name="u")
    balances: Annotated[list[Balance], "balances"] = field(name="B")
    update_id: Annotated[int | None, "portfolio margin; None where not sent"] = field(name="U", default=None)


class BalanceUpdate(TimedEvent, frozen=True, kw_only=True, tag="balanceUpdate"):
    """A deposit, withdrawal or transfer."""

    asset: Annotated[str, "asset"] = field(name="a")
    delta: Annotated[Num, "what came or went"] = field(name="d")
    clear_time: Annotated[Time, "when it became effective"] = field(name="T")
    update_id: Annotated[int | None, "portfolio margin; None where not sent"] = field(name="U", default=None)

    delta_decimal = DecimalOf()


class ExternalLockUpdate(TimedEvent, frozen=True, kw_only=True, tag="externalLockUpdate"):
    """A balance was locked or released from outside of trading."""

    asset: Annotated[str, "asset"] = field(name="a")
    delta: Annotated[Num, "what was locked, or released"] = field(name="d")
    transaction_time: Annotated[Time, "when it happened"] = field(name="T")

    delta_decimal = DecimalOf()


class ListedOrder(Part, frozen=True, kw_only=True):
    """One order of an order list."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    order_id: Annotated[int, "id of the order"] = field(name="i")
    client_order_id: Annotated[str, "id that the user gave it"] = field(name="c")


class ListStatus(TimedEvent, frozen=True, kw_only=True, tag="listStatus"):
    """What became of an order list."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    order_list_id: Annotated[int, "id of the list"] = field(name="g")
    contingency_type: Annotated[str, "OCO or OTO"] = field(name="c")
    list_status_type: Annotated[str, "RESPONSE, EXEC_STARTED, UPDATED or ALL_DONE"] = field(name="l")
    list_order_status: Annotated[str, "EXECUTING, ALL_DONE or REJECT"] = field(name="L")
    reject_reason: Annotated[str, "NONE, or why it was refused"] = field(name="r")
    list_client_order_id: Annotated[str, "id that the user gave the list"] = field(name="C")
    transaction_time: Annotated[Time, "when it happened"] = field(name="T")
    orders: Annotated[list[ListedOrder], "its orders"] = field(name="O")


class MarginLevelChange(TimedEvent, frozen=True, kw_only=True, tag="MARGIN_LEVEL_STATUS_CHANGE"):
    """The margin level of the cross margin account."""

    margin_level: Annotated[Num, "margin level"] = field(name="l")
    status: Annotated[str, "such as MARGIN_CALL"] = field(name="s")

    margin_level_decimal = DecimalOf()


class UserLiabilityChange(TimedEvent, frozen=True, kw_only=True, tag="USER_LIABILITY_CHANGE"):
    """A margin loan was taken or paid back."""

    asset: Annotated[str, "asset"] = field(name="a")
    liability_type: Annotated[str, "BORROW and others"] = field(name="t")
    principal: Annotated[Num, "principal"] = field(name="p")
    interest: Annotated[Num, "interest"] = field(name="i")

    principal_decimal = DecimalOf()
    interest_decimal = DecimalOf()
