"""Named methods of the WebSocket API for accounts."""

# Written by scripts/generate_api.py from the table in methods.py; edit the table instead.

from __future__ import annotations

from typing import Any

from .api_client import ApiClient, Number

__all__ = ["AccountMethods"]


class AccountMethods(ApiClient):
    """The account."""

    def account_status(
        self, *, omitZeroBalances: bool | None = None, recvWindow: Number | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Balances and permissions.

        ``account.status`` of Spot, USD-M and COIN-M. Request weight: Spot 20; USD-M 5; COIN-M 5.

        Args:
            omitZeroBalances: leave out assets without balance (Spot).
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "omitZeroBalances": omitZeroBalances,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("account.status", given, timeout)
        return result

    def order_status(
        self,
        symbol: str,
        *,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """An order, which either id names.

        ``order.status`` of Spot, USD-M and COIN-M. Request weight: Spot 4; USD-M 1; COIN-M 1.

        Args:
            symbol: such as ``"BTCUSDT"``.
            orderId: the exchange's id of the order.
            origClientOrderId: client order id that it was placed with.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "orderId": orderId,
            "origClientOrderId": origClientOrderId,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("order.status", given, timeout)
        return result

    def open_orders_status(
        self, *, symbol: str | None = None, recvWindow: Number | None = None, timeout: float | None = None
    ) -> list[Any]:
        """Open orders.

        ``openOrders.status`` of Spot. Request weight 6, or 80 without a symbol.

        Args:
            symbol: such as ``"BTCUSDT"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("openOrders.status", given, timeout)
        return result

    def all_orders(
        self,
        symbol: str,
        *,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Orders of a symbol, open or not.

        ``allOrders`` of Spot. Request weight 20.

        Args:
            symbol: such as ``"BTCUSDT"``.
            orderId: the exchange's id of the order.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            limit: how many.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "orderId": orderId,
            "startTime": startTime,
            "endTime": endTime,
            "limit": limit,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("allOrders", given, timeout)
        return result

    def order_list_status(
        self,
        *,
        origClientOrderId: str | None = None,
        orderListId: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """An order list, which either id names.

        ``orderList.status`` of Spot. Request weight 4.

        Args:
            origClientOrderId: client order id that it was placed with.
            orderListId: the exchange's id of the list.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "origClientOrderId": origClientOrderId,
            "orderListId": orderListId,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.status", given, timeout)
        return result

    def open_order_lists_status(self, *, recvWindow: Number | None = None, timeout: float | None = None) -> list[Any]:
        """Open order lists.

        ``openOrderLists.status`` of Spot. Request weight 6.

        Args:
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: list[Any] = self._named("openOrderLists.status", {"recvWindow": recvWindow}, timeout)
        return result

    def all_order_lists(
        self,
        *,
        fromId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Order lists, open or not.

        ``allOrderLists`` of Spot. Request weight 20.

        Args:
            fromId: first id.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            limit: how many.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "fromId": fromId,
            "startTime": startTime,
            "endTime": endTime,
            "limit": limit,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("allOrderLists", given, timeout)
        return result

    def my_trades(
        self,
        symbol: str,
        *,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        fromId: int | None = None,
        limit: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Trades of the account.

        ``myTrades`` of Spot. Request weight 5 with orderId, else 20.

        Args:
            symbol: such as ``"BTCUSDT"``.
            orderId: the exchange's id of the order.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            fromId: first id.
            limit: how many.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "orderId": orderId,
            "startTime": startTime,
            "endTime": endTime,
            "fromId": fromId,
            "limit": limit,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("myTrades", given, timeout)
        return result

    def account_rate_limits_orders(
        self, *, recvWindow: Number | None = None, timeout: float | None = None
    ) -> list[Any]:
        """Counts of unfilled orders.

        ``account.rateLimits.orders`` of Spot. Request weight 40.

        Args:
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: list[Any] = self._named("account.rateLimits.orders", {"recvWindow": recvWindow}, timeout)
        return result

    def my_prevented_matches(
        self,
        symbol: str,
        *,
        preventedMatchId: int | None = None,
        orderId: int | None = None,
        fromPreventedMatchId: int | None = None,
        limit: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Matches that self-trade prevention has prevented.

        ``myPreventedMatches`` of Spot. Request weight 2, or 20 by order.

        Args:
            symbol: such as ``"BTCUSDT"``.
            preventedMatchId: id of one match.
            orderId: the exchange's id of the order.
            fromPreventedMatchId: first id.
            limit: how many.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "preventedMatchId": preventedMatchId,
            "orderId": orderId,
            "fromPreventedMatchId": fromPreventedMatchId,
            "limit": limit,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("myPreventedMatches", given, timeout)
        return result

    def my_allocations(
        self,
        symbol: str,
        *,
        startTime: int | None = None,
        endTime: int | None = None,
        fromAllocationId: int | None = None,
        limit: int | None = None,
        orderId: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Allocations of smart order routing.

        ``myAllocations`` of Spot. Request weight 20.

        Args:
            symbol: such as ``"BTCUSDT"``.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            fromAllocationId: first id.
            limit: how many.
            orderId: the exchange's id of the order.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "startTime": startTime,
            "endTime": endTime,
            "fromAllocationId": fromAllocationId,
            "limit": limit,
            "orderId": orderId,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("myAllocations", given, timeout)
        return result

    def account_commission(
        self, symbol: str, *, recvWindow: Number | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Rates of commission.

        ``account.commission`` of Spot. Request weight 20.

        Args:
            symbol: such as ``"BTCUSDT"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("account.commission", given, timeout)
        return result

    def order_amendments(
        self,
        symbol: str,
        orderId: int,
        *,
        fromExecutionId: int | None = None,
        limit: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Amendments of an order.

        ``order.amendments`` of Spot. Request weight 4.

        Args:
            symbol: such as ``"BTCUSDT"``.
            orderId: the exchange's id of the order.
            fromExecutionId: first id.
            limit: how many.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "orderId": orderId,
            "fromExecutionId": fromExecutionId,
            "limit": limit,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("order.amendments", given, timeout)
        return result

    def my_filters(
        self, symbol: str, *, recvWindow: Number | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Filters that apply to the account.

        ``myFilters`` of Spot. Request weight 40.

        Args:
            symbol: such as ``"BTCUSDT"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("myFilters", {"symbol": symbol, "recvWindow": recvWindow}, timeout)
        return result

    def account_position(
        self,
        *,
        symbol: str | None = None,
        recvWindow: Number | None = None,
        marginAsset: str | None = None,
        pair: str | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Positions.

        ``account.position`` of USD-M and COIN-M. Request weight 5.

        Args:
            symbol: such as ``"BTCUSDT"`` (USD-M).
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            marginAsset: asset of the margin (COIN-M).
            pair: pair of contracts (COIN-M).
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "recvWindow": recvWindow,
            "marginAsset": marginAsset,
            "pair": pair,
        }
        result: list[Any] = self._named("account.position", given, timeout)
        return result

    def account_balance(self, *, recvWindow: Number | None = None, timeout: float | None = None) -> list[Any]:
        """Balances.

        ``account.balance`` of USD-M and COIN-M. Request weight 5.

        Args:
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: list[Any] = self._named("account.balance", {"recvWindow": recvWindow}, timeout)
        return result

    def account_position_v2(
        self, *, symbol: str | None = None, recvWindow: Number | None = None, timeout: float | None = None
    ) -> list[Any]:
        """Positions.

        ``v2/account.position`` of USD-M. Request weight 5.

        Args:
            symbol: such as ``"BTCUSDT"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "recvWindow": recvWindow,
        }
        result: list[Any] = self._named("v2/account.position", given, timeout)
        return result

    def account_balance_v2(self, *, recvWindow: Number | None = None, timeout: float | None = None) -> list[Any]:
        """Balances.

        ``v2/account.balance`` of USD-M. Request weight 5.

        Args:
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: list[Any] = self._named("v2/account.balance", {"recvWindow": recvWindow}, timeout)
        return result

    def account_status_v2(self, *, recvWindow: Number | None = None, timeout: float | None = None) -> dict[str, Any]:
        """Balances, positions and settings.

        ``v2/account.status`` of USD-M. Request weight 5.

        Args:
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("v2/account.status", {"recvWindow": recvWindow}, timeout)
        return result

    def user_data_stream_start(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Make the account's listen key, or let it live longer.

        ``userDataStream.start`` of USD-M and COIN-M. Request weight 1.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("userDataStream.start", {}, timeout)
        return result

    def user_data_stream_ping(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Let the listen key live longer.

        ``userDataStream.ping`` of USD-M and COIN-M. Request weight 1.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("userDataStream.ping", {}, timeout)
        return result

    def user_data_stream_stop(self, *, timeout: float | None = None) -> dict[str, Any]:
        """End the listen key, for all programs of the account.

        ``userDataStream.stop`` of USD-M and COIN-M. Request weight 1.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("userDataStream.stop", {}, timeout)
        return result
