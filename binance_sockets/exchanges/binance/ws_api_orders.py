"""Named methods of the WebSocket API for orders."""

# Written by scripts/generate_api.py from the table in methods.py; edit the table instead.

from __future__ import annotations

from typing import Any

from .api_client import ApiClient, Number

__all__ = ["OrderMethods"]


class OrderMethods(ApiClient):
    """Orders and lists."""

    def order_place(
        self,
        symbol: str,
        side: str,
        type: str,
        *,
        timeInForce: str | None = None,
        quantity: Number | None = None,
        price: Number | None = None,
        quoteOrderQty: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        stopPrice: Number | None = None,
        trailingDelta: int | None = None,
        icebergQty: Number | None = None,
        strategyId: int | None = None,
        strategyType: int | None = None,
        selfTradePreventionMode: str | None = None,
        pegPriceType: str | None = None,
        pegOffsetValue: int | None = None,
        pegOffsetType: str | None = None,
        recvWindow: Number | None = None,
        positionSide: str | None = None,
        reduceOnly: bool | None = None,
        priceMatch: str | None = None,
        goodTillDate: int | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place an order.

        ``order.place`` of Spot, USD-M and COIN-M. Request weight: Spot 1; USD-M 0; COIN-M 0. It counts as 1 order.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            type: as the exchange names it.
            timeInForce: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            quantity: in the base asset, or in contracts.
            price: limit price.
            quoteOrderQty: what a market order spends or brings, in the quote asset (Spot).
            newClientOrderId: client order id of what is created; made here where a new order has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            stopPrice: price that triggers it (Spot).
            trailingDelta: distance of a trailing stop in basis points (Spot).
            icebergQty: visible part of an iceberg order (Spot).
            strategyId: id of your strategy (Spot).
            strategyType: kind of your strategy, from 1,000,000 (Spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            pegPriceType: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"`` (Spot).
            pegOffsetValue: levels from the pegged price, at most 100 (Spot).
            pegOffsetType: ``"PRICE_LEVEL"`` (Spot).
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            positionSide: ``"BOTH"``, ``"LONG"`` or ``"SHORT"`` (USD-M, COIN-M).
            reduceOnly: only make the position smaller (USD-M, COIN-M).
            priceMatch: price taken from the book instead of ``price``, such as ``"QUEUE"`` (USD-M, COIN-M).
            goodTillDate: when a ``GTD`` order ends, in ms (USD-M).
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "type": type,
            "timeInForce": timeInForce,
            "quantity": quantity,
            "price": price,
            "quoteOrderQty": quoteOrderQty,
            "newClientOrderId": newClientOrderId,
            "newOrderRespType": newOrderRespType,
            "stopPrice": stopPrice,
            "trailingDelta": trailingDelta,
            "icebergQty": icebergQty,
            "strategyId": strategyId,
            "strategyType": strategyType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "pegPriceType": pegPriceType,
            "pegOffsetValue": pegOffsetValue,
            "pegOffsetType": pegOffsetType,
            "recvWindow": recvWindow,
            "positionSide": positionSide,
            "reduceOnly": reduceOnly,
            "priceMatch": priceMatch,
            "goodTillDate": goodTillDate,
        }
        result: dict[str, Any] = self._named("order.place", given, timeout)
        return result

    def order_test(
        self,
        symbol: str,
        side: str,
        type: str,
        *,
        timeInForce: str | None = None,
        quantity: Number | None = None,
        price: Number | None = None,
        quoteOrderQty: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        stopPrice: Number | None = None,
        trailingDelta: int | None = None,
        icebergQty: Number | None = None,
        strategyId: int | None = None,
        strategyType: int | None = None,
        selfTradePreventionMode: str | None = None,
        pegPriceType: str | None = None,
        pegOffsetValue: int | None = None,
        pegOffsetType: str | None = None,
        computeCommissionRates: bool | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Check an order without placing it.

        ``order.test`` of Spot. Request weight 20 with commission.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            type: as the exchange names it.
            timeInForce: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            quantity: in the base asset, or in contracts.
            price: limit price.
            quoteOrderQty: what a market order spends or brings, in the quote asset.
            newClientOrderId: client order id of what is created; made here where a new order has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            stopPrice: price that triggers it.
            trailingDelta: distance of a trailing stop in basis points.
            icebergQty: visible part of an iceberg order.
            strategyId: id of your strategy.
            strategyType: kind of your strategy, from 1,000,000.
            selfTradePreventionMode: what happens instead of a trade with oneself.
            pegPriceType: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pegOffsetValue: levels from the pegged price, at most 100.
            pegOffsetType: ``"PRICE_LEVEL"``.
            computeCommissionRates: answer the rates of commission, too.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "type": type,
            "timeInForce": timeInForce,
            "quantity": quantity,
            "price": price,
            "quoteOrderQty": quoteOrderQty,
            "newClientOrderId": newClientOrderId,
            "newOrderRespType": newOrderRespType,
            "stopPrice": stopPrice,
            "trailingDelta": trailingDelta,
            "icebergQty": icebergQty,
            "strategyId": strategyId,
            "strategyType": strategyType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "pegPriceType": pegPriceType,
            "pegOffsetValue": pegOffsetValue,
            "pegOffsetType": pegOffsetType,
            "computeCommissionRates": computeCommissionRates,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("order.test", given, timeout)
        return result

    def order_cancel(
        self,
        symbol: str,
        *,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        newClientOrderId: str | None = None,
        cancelRestrictions: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Cancel an order, which either id names.

        ``order.cancel`` of Spot, USD-M and COIN-M. Request weight 1.

        Args:
            symbol: such as ``"BTCUSDT"``.
            orderId: the exchange's id of the order.
            origClientOrderId: client order id that it was placed with.
            newClientOrderId: client order id of what is created; made here where a new order has none (Spot).
            cancelRestrictions: ``"ONLY_NEW"`` or ``"ONLY_PARTIALLY_FILLED"`` (Spot).
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "orderId": orderId,
            "origClientOrderId": origClientOrderId,
            "newClientOrderId": newClientOrderId,
            "cancelRestrictions": cancelRestrictions,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("order.cancel", given, timeout)
        return result

    def order_cancel_replace(
        self,
        symbol: str,
        cancelReplaceMode: str,
        side: str,
        type: str,
        *,
        cancelOrderId: int | None = None,
        cancelOrigClientOrderId: str | None = None,
        cancelNewClientOrderId: str | None = None,
        timeInForce: str | None = None,
        quantity: Number | None = None,
        price: Number | None = None,
        quoteOrderQty: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        stopPrice: Number | None = None,
        trailingDelta: int | None = None,
        icebergQty: Number | None = None,
        strategyId: int | None = None,
        strategyType: int | None = None,
        selfTradePreventionMode: str | None = None,
        pegPriceType: str | None = None,
        pegOffsetValue: int | None = None,
        pegOffsetType: str | None = None,
        cancelRestrictions: str | None = None,
        orderRateLimitExceededMode: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Cancel an order and place another one.

        ``order.cancelReplace`` of Spot. Request weight 1. It counts as 1 order.

        Args:
            symbol: such as ``"BTCUSDT"``.
            cancelReplaceMode: ``"STOP_ON_FAILURE"`` or ``"ALLOW_FAILURE"``.
            side: ``"BUY"`` or ``"SELL"``.
            type: as the exchange names it.
            cancelOrderId: the exchange's id of the order to cancel.
            cancelOrigClientOrderId: client order id of the order to cancel.
            cancelNewClientOrderId: id of the cancel itself.
            timeInForce: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            quantity: in the base asset, or in contracts.
            price: limit price.
            quoteOrderQty: what a market order spends or brings, in the quote asset.
            newClientOrderId: client order id of what is created; made here where a new order has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            stopPrice: price that triggers it.
            trailingDelta: distance of a trailing stop in basis points.
            icebergQty: visible part of an iceberg order.
            strategyId: id of your strategy.
            strategyType: kind of your strategy, from 1,000,000.
            selfTradePreventionMode: what happens instead of a trade with oneself.
            pegPriceType: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pegOffsetValue: levels from the pegged price, at most 100.
            pegOffsetType: ``"PRICE_LEVEL"``.
            cancelRestrictions: ``"ONLY_NEW"`` or ``"ONLY_PARTIALLY_FILLED"``.
            orderRateLimitExceededMode: ``"DO_NOTHING"`` or ``"CANCEL_ONLY"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "cancelReplaceMode": cancelReplaceMode,
            "side": side,
            "type": type,
            "cancelOrderId": cancelOrderId,
            "cancelOrigClientOrderId": cancelOrigClientOrderId,
            "cancelNewClientOrderId": cancelNewClientOrderId,
            "timeInForce": timeInForce,
            "quantity": quantity,
            "price": price,
            "quoteOrderQty": quoteOrderQty,
            "newClientOrderId": newClientOrderId,
            "newOrderRespType": newOrderRespType,
            "stopPrice": stopPrice,
            "trailingDelta": trailingDelta,
            "icebergQty": icebergQty,
            "strategyId": strategyId,
            "strategyType": strategyType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "pegPriceType": pegPriceType,
            "pegOffsetValue": pegOffsetValue,
            "pegOffsetType": pegOffsetType,
            "cancelRestrictions": cancelRestrictions,
            "orderRateLimitExceededMode": orderRateLimitExceededMode,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("order.cancelReplace", given, timeout)
        return result

    def order_amend_keep_priority(
        self,
        symbol: str,
        newQty: Number,
        *,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        newClientOrderId: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Make an order smaller without losing its place in the book.

        ``order.amend.keepPriority`` of Spot. Request weight 4.

        Args:
            symbol: such as ``"BTCUSDT"``.
            newQty: new quantity, less than before.
            orderId: the exchange's id of the order.
            origClientOrderId: client order id that it was placed with.
            newClientOrderId: client order id of what is created; made here where a new order has none.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "newQty": newQty,
            "orderId": orderId,
            "origClientOrderId": origClientOrderId,
            "newClientOrderId": newClientOrderId,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("order.amend.keepPriority", given, timeout)
        return result

    def open_orders_cancel_all(
        self, symbol: str, *, recvWindow: Number | None = None, timeout: float | None = None
    ) -> list[Any]:
        """Cancel all orders and order lists of a symbol.

        ``openOrders.cancelAll`` of Spot. Request weight 1.

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
        result: list[Any] = self._named("openOrders.cancelAll", given, timeout)
        return result

    def order_list_place(
        self,
        symbol: str,
        side: str,
        price: Number,
        quantity: Number,
        stopPrice: Number,
        *,
        listClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        limitClientOrderId: str | None = None,
        limitIcebergQty: Number | None = None,
        limitStrategyId: int | None = None,
        limitStrategyType: int | None = None,
        trailingDelta: int | None = None,
        stopClientOrderId: str | None = None,
        stopLimitPrice: Number | None = None,
        stopLimitTimeInForce: str | None = None,
        stopIcebergQty: Number | None = None,
        stopStrategyId: int | None = None,
        stopStrategyType: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place an OCO; the exchange calls it deprecated.

        ``orderList.place`` of Spot. Request weight 1. It counts as 2 orders.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            price: limit price.
            quantity: in the base asset, or in contracts.
            stopPrice: price that triggers it.
            listClientOrderId: id of the list; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            limitClientOrderId: of the limit order: its client order id; made here where a new one has none.
            limitIcebergQty: of the limit order: visible part of an iceberg order.
            limitStrategyId: of the limit order: id of your strategy.
            limitStrategyType: of the limit order: kind of your strategy, from 1,000,000.
            trailingDelta: distance of a trailing stop in basis points.
            stopClientOrderId: of the stop order: its client order id; made here where a new one has none.
            stopLimitPrice: of the stop order's limit: limit price.
            stopLimitTimeInForce: of the stop order's limit: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the
                exchange.
            stopIcebergQty: of the stop order: visible part of an iceberg order.
            stopStrategyId: of the stop order: id of your strategy.
            stopStrategyType: of the stop order: kind of your strategy, from 1,000,000.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "price": price,
            "quantity": quantity,
            "stopPrice": stopPrice,
            "listClientOrderId": listClientOrderId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "limitClientOrderId": limitClientOrderId,
            "limitIcebergQty": limitIcebergQty,
            "limitStrategyId": limitStrategyId,
            "limitStrategyType": limitStrategyType,
            "trailingDelta": trailingDelta,
            "stopClientOrderId": stopClientOrderId,
            "stopLimitPrice": stopLimitPrice,
            "stopLimitTimeInForce": stopLimitTimeInForce,
            "stopIcebergQty": stopIcebergQty,
            "stopStrategyId": stopStrategyId,
            "stopStrategyType": stopStrategyType,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.place", given, timeout)
        return result

    def order_list_place_oco(
        self,
        symbol: str,
        side: str,
        quantity: Number,
        aboveType: str,
        belowType: str,
        *,
        listClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        aboveClientOrderId: str | None = None,
        aboveIcebergQty: Number | None = None,
        abovePrice: Number | None = None,
        aboveStopPrice: Number | None = None,
        aboveTrailingDelta: int | None = None,
        aboveTimeInForce: str | None = None,
        aboveStrategyId: int | None = None,
        aboveStrategyType: int | None = None,
        abovePegPriceType: str | None = None,
        abovePegOffsetValue: int | None = None,
        abovePegOffsetType: str | None = None,
        belowClientOrderId: str | None = None,
        belowIcebergQty: Number | None = None,
        belowPrice: Number | None = None,
        belowStopPrice: Number | None = None,
        belowTrailingDelta: int | None = None,
        belowTimeInForce: str | None = None,
        belowStrategyId: int | None = None,
        belowStrategyType: int | None = None,
        belowPegPriceType: str | None = None,
        belowPegOffsetValue: int | None = None,
        belowPegOffsetType: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place two orders, of which one cancels the other.

        ``orderList.place.oco`` of Spot. Request weight 1. It counts as 2 orders.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            quantity: in the base asset, or in contracts.
            aboveType: of the upper order: as the exchange names it.
            belowType: of the lower order: as the exchange names it.
            listClientOrderId: id of the list; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            aboveClientOrderId: of the upper order: its client order id; made here where a new one has none.
            aboveIcebergQty: of the upper order: visible part of an iceberg order.
            abovePrice: of the upper order: limit price.
            aboveStopPrice: of the upper order: price that triggers it.
            aboveTrailingDelta: of the upper order: distance of a trailing stop in basis points.
            aboveTimeInForce: of the upper order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            aboveStrategyId: of the upper order: id of your strategy.
            aboveStrategyType: of the upper order: kind of your strategy, from 1,000,000.
            abovePegPriceType: of the upper order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            abovePegOffsetValue: of the upper order: levels from the pegged price, at most 100.
            abovePegOffsetType: of the upper order: ``"PRICE_LEVEL"``.
            belowClientOrderId: of the lower order: its client order id; made here where a new one has none.
            belowIcebergQty: of the lower order: visible part of an iceberg order.
            belowPrice: of the lower order: limit price.
            belowStopPrice: of the lower order: price that triggers it.
            belowTrailingDelta: of the lower order: distance of a trailing stop in basis points.
            belowTimeInForce: of the lower order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            belowStrategyId: of the lower order: id of your strategy.
            belowStrategyType: of the lower order: kind of your strategy, from 1,000,000.
            belowPegPriceType: of the lower order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            belowPegOffsetValue: of the lower order: levels from the pegged price, at most 100.
            belowPegOffsetType: of the lower order: ``"PRICE_LEVEL"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "quantity": quantity,
            "aboveType": aboveType,
            "belowType": belowType,
            "listClientOrderId": listClientOrderId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "aboveClientOrderId": aboveClientOrderId,
            "aboveIcebergQty": aboveIcebergQty,
            "abovePrice": abovePrice,
            "aboveStopPrice": aboveStopPrice,
            "aboveTrailingDelta": aboveTrailingDelta,
            "aboveTimeInForce": aboveTimeInForce,
            "aboveStrategyId": aboveStrategyId,
            "aboveStrategyType": aboveStrategyType,
            "abovePegPriceType": abovePegPriceType,
            "abovePegOffsetValue": abovePegOffsetValue,
            "abovePegOffsetType": abovePegOffsetType,
            "belowClientOrderId": belowClientOrderId,
            "belowIcebergQty": belowIcebergQty,
            "belowPrice": belowPrice,
            "belowStopPrice": belowStopPrice,
            "belowTrailingDelta": belowTrailingDelta,
            "belowTimeInForce": belowTimeInForce,
            "belowStrategyId": belowStrategyId,
            "belowStrategyType": belowStrategyType,
            "belowPegPriceType": belowPegPriceType,
            "belowPegOffsetValue": belowPegOffsetValue,
            "belowPegOffsetType": belowPegOffsetType,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.place.oco", given, timeout)
        return result

    def order_list_place_oto(
        self,
        symbol: str,
        workingType: str,
        workingSide: str,
        workingPrice: Number,
        workingQuantity: Number,
        pendingType: str,
        pendingSide: str,
        pendingQuantity: Number,
        *,
        listClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        workingClientOrderId: str | None = None,
        workingIcebergQty: Number | None = None,
        workingTimeInForce: str | None = None,
        workingStrategyId: int | None = None,
        workingStrategyType: int | None = None,
        workingPegPriceType: str | None = None,
        workingPegOffsetValue: int | None = None,
        workingPegOffsetType: str | None = None,
        pendingClientOrderId: str | None = None,
        pendingIcebergQty: Number | None = None,
        pendingPrice: Number | None = None,
        pendingStopPrice: Number | None = None,
        pendingTrailingDelta: int | None = None,
        pendingTimeInForce: str | None = None,
        pendingStrategyId: int | None = None,
        pendingStrategyType: int | None = None,
        pendingPegPriceType: str | None = None,
        pendingPegOffsetValue: int | None = None,
        pendingPegOffsetType: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place an order, and another one once it is filled.

        ``orderList.place.oto`` of Spot. Request weight 1. It counts as 2 orders.

        Args:
            symbol: such as ``"BTCUSDT"``.
            workingType: ``"MARK_PRICE"`` or ``"CONTRACT_PRICE"``.
            workingSide: of the working order: ``"BUY"`` or ``"SELL"``.
            workingPrice: of the working order: limit price.
            workingQuantity: of the working order: in the base asset, or in contracts.
            pendingType: of the pending order: as the exchange names it.
            pendingSide: of the pending order: ``"BUY"`` or ``"SELL"``.
            pendingQuantity: of the pending order: in the base asset, or in contracts.
            listClientOrderId: id of the list; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            workingClientOrderId: of the working order: its client order id; made here where a new one has none.
            workingIcebergQty: of the working order: visible part of an iceberg order.
            workingTimeInForce: of the working order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            workingStrategyId: of the working order: id of your strategy.
            workingStrategyType: of the working order: kind of your strategy, from 1,000,000.
            workingPegPriceType: of the working order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            workingPegOffsetValue: of the working order: levels from the pegged price, at most 100.
            workingPegOffsetType: of the working order: ``"PRICE_LEVEL"``.
            pendingClientOrderId: of the pending order: its client order id; made here where a new one has none.
            pendingIcebergQty: of the pending order: visible part of an iceberg order.
            pendingPrice: of the pending order: limit price.
            pendingStopPrice: of the pending order: price that triggers it.
            pendingTrailingDelta: of the pending order: distance of a trailing stop in basis points.
            pendingTimeInForce: of the pending order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            pendingStrategyId: of the pending order: id of your strategy.
            pendingStrategyType: of the pending order: kind of your strategy, from 1,000,000.
            pendingPegPriceType: of the pending order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pendingPegOffsetValue: of the pending order: levels from the pegged price, at most 100.
            pendingPegOffsetType: of the pending order: ``"PRICE_LEVEL"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "workingType": workingType,
            "workingSide": workingSide,
            "workingPrice": workingPrice,
            "workingQuantity": workingQuantity,
            "pendingType": pendingType,
            "pendingSide": pendingSide,
            "pendingQuantity": pendingQuantity,
            "listClientOrderId": listClientOrderId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "workingClientOrderId": workingClientOrderId,
            "workingIcebergQty": workingIcebergQty,
            "workingTimeInForce": workingTimeInForce,
            "workingStrategyId": workingStrategyId,
            "workingStrategyType": workingStrategyType,
            "workingPegPriceType": workingPegPriceType,
            "workingPegOffsetValue": workingPegOffsetValue,
            "workingPegOffsetType": workingPegOffsetType,
            "pendingClientOrderId": pendingClientOrderId,
            "pendingIcebergQty": pendingIcebergQty,
            "pendingPrice": pendingPrice,
            "pendingStopPrice": pendingStopPrice,
            "pendingTrailingDelta": pendingTrailingDelta,
            "pendingTimeInForce": pendingTimeInForce,
            "pendingStrategyId": pendingStrategyId,
            "pendingStrategyType": pendingStrategyType,
            "pendingPegPriceType": pendingPegPriceType,
            "pendingPegOffsetValue": pendingPegOffsetValue,
            "pendingPegOffsetType": pendingPegOffsetType,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.place.oto", given, timeout)
        return result

    def order_list_place_otoco(
        self,
        symbol: str,
        workingType: str,
        workingSide: str,
        workingPrice: Number,
        workingQuantity: Number,
        pendingSide: str,
        pendingQuantity: Number,
        pendingAboveType: str,
        *,
        listClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        workingClientOrderId: str | None = None,
        workingIcebergQty: Number | None = None,
        workingTimeInForce: str | None = None,
        workingStrategyId: int | None = None,
        workingStrategyType: int | None = None,
        workingPegPriceType: str | None = None,
        workingPegOffsetValue: int | None = None,
        workingPegOffsetType: str | None = None,
        pendingAboveClientOrderId: str | None = None,
        pendingAboveIcebergQty: Number | None = None,
        pendingAbovePrice: Number | None = None,
        pendingAboveStopPrice: Number | None = None,
        pendingAboveTrailingDelta: int | None = None,
        pendingAboveTimeInForce: str | None = None,
        pendingAboveStrategyId: int | None = None,
        pendingAboveStrategyType: int | None = None,
        pendingAbovePegPriceType: str | None = None,
        pendingAbovePegOffsetValue: int | None = None,
        pendingAbovePegOffsetType: str | None = None,
        pendingBelowType: str | None = None,
        pendingBelowClientOrderId: str | None = None,
        pendingBelowIcebergQty: Number | None = None,
        pendingBelowPrice: Number | None = None,
        pendingBelowStopPrice: Number | None = None,
        pendingBelowTrailingDelta: int | None = None,
        pendingBelowTimeInForce: str | None = None,
        pendingBelowStrategyId: int | None = None,
        pendingBelowStrategyType: int | None = None,
        pendingBelowPegPriceType: str | None = None,
        pendingBelowPegOffsetValue: int | None = None,
        pendingBelowPegOffsetType: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place an order, and an OCO once it is filled.

        ``orderList.place.otoco`` of Spot. Request weight 1. It counts as 3 orders.

        Args:
            symbol: such as ``"BTCUSDT"``.
            workingType: ``"MARK_PRICE"`` or ``"CONTRACT_PRICE"``.
            workingSide: of the working order: ``"BUY"`` or ``"SELL"``.
            workingPrice: of the working order: limit price.
            workingQuantity: of the working order: in the base asset, or in contracts.
            pendingSide: of the pending order: ``"BUY"`` or ``"SELL"``.
            pendingQuantity: of the pending order: in the base asset, or in contracts.
            pendingAboveType: of the upper pending order: as the exchange names it.
            listClientOrderId: id of the list; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            workingClientOrderId: of the working order: its client order id; made here where a new one has none.
            workingIcebergQty: of the working order: visible part of an iceberg order.
            workingTimeInForce: of the working order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            workingStrategyId: of the working order: id of your strategy.
            workingStrategyType: of the working order: kind of your strategy, from 1,000,000.
            workingPegPriceType: of the working order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            workingPegOffsetValue: of the working order: levels from the pegged price, at most 100.
            workingPegOffsetType: of the working order: ``"PRICE_LEVEL"``.
            pendingAboveClientOrderId: of the upper pending order: its client order id; made here where a new one has
                none.
            pendingAboveIcebergQty: of the upper pending order: visible part of an iceberg order.
            pendingAbovePrice: of the upper pending order: limit price.
            pendingAboveStopPrice: of the upper pending order: price that triggers it.
            pendingAboveTrailingDelta: of the upper pending order: distance of a trailing stop in basis points.
            pendingAboveTimeInForce: of the upper pending order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the
                exchange.
            pendingAboveStrategyId: of the upper pending order: id of your strategy.
            pendingAboveStrategyType: of the upper pending order: kind of your strategy, from 1,000,000.
            pendingAbovePegPriceType: of the upper pending order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pendingAbovePegOffsetValue: of the upper pending order: levels from the pegged price, at most 100.
            pendingAbovePegOffsetType: of the upper pending order: ``"PRICE_LEVEL"``.
            pendingBelowType: of the lower pending order: as the exchange names it.
            pendingBelowClientOrderId: of the lower pending order: its client order id; made here where a new one has
                none.
            pendingBelowIcebergQty: of the lower pending order: visible part of an iceberg order.
            pendingBelowPrice: of the lower pending order: limit price.
            pendingBelowStopPrice: of the lower pending order: price that triggers it.
            pendingBelowTrailingDelta: of the lower pending order: distance of a trailing stop in basis points.
            pendingBelowTimeInForce: of the lower pending order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the
                exchange.
            pendingBelowStrategyId: of the lower pending order: id of your strategy.
            pendingBelowStrategyType: of the lower pending order: kind of your strategy, from 1,000,000.
            pendingBelowPegPriceType: of the lower pending order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pendingBelowPegOffsetValue: of the lower pending order: levels from the pegged price, at most 100.
            pendingBelowPegOffsetType: of the lower pending order: ``"PRICE_LEVEL"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "workingType": workingType,
            "workingSide": workingSide,
            "workingPrice": workingPrice,
            "workingQuantity": workingQuantity,
            "pendingSide": pendingSide,
            "pendingQuantity": pendingQuantity,
            "pendingAboveType": pendingAboveType,
            "listClientOrderId": listClientOrderId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "workingClientOrderId": workingClientOrderId,
            "workingIcebergQty": workingIcebergQty,
            "workingTimeInForce": workingTimeInForce,
            "workingStrategyId": workingStrategyId,
            "workingStrategyType": workingStrategyType,
            "workingPegPriceType": workingPegPriceType,
            "workingPegOffsetValue": workingPegOffsetValue,
            "workingPegOffsetType": workingPegOffsetType,
            "pendingAboveClientOrderId": pendingAboveClientOrderId,
            "pendingAboveIcebergQty": pendingAboveIcebergQty,
            "pendingAbovePrice": pendingAbovePrice,
            "pendingAboveStopPrice": pendingAboveStopPrice,
            "pendingAboveTrailingDelta": pendingAboveTrailingDelta,
            "pendingAboveTimeInForce": pendingAboveTimeInForce,
            "pendingAboveStrategyId": pendingAboveStrategyId,
            "pendingAboveStrategyType": pendingAboveStrategyType,
            "pendingAbovePegPriceType": pendingAbovePegPriceType,
            "pendingAbovePegOffsetValue": pendingAbovePegOffsetValue,
            "pendingAbovePegOffsetType": pendingAbovePegOffsetType,
            "pendingBelowType": pendingBelowType,
            "pendingBelowClientOrderId": pendingBelowClientOrderId,
            "pendingBelowIcebergQty": pendingBelowIcebergQty,
            "pendingBelowPrice": pendingBelowPrice,
            "pendingBelowStopPrice": pendingBelowStopPrice,
            "pendingBelowTrailingDelta": pendingBelowTrailingDelta,
            "pendingBelowTimeInForce": pendingBelowTimeInForce,
            "pendingBelowStrategyId": pendingBelowStrategyId,
            "pendingBelowStrategyType": pendingBelowStrategyType,
            "pendingBelowPegPriceType": pendingBelowPegPriceType,
            "pendingBelowPegOffsetValue": pendingBelowPegOffsetValue,
            "pendingBelowPegOffsetType": pendingBelowPegOffsetType,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.place.otoco", given, timeout)
        return result

    def order_list_place_opo(
        self,
        symbol: str,
        workingType: str,
        workingSide: str,
        workingPrice: Number,
        workingQuantity: Number,
        pendingType: str,
        pendingSide: str,
        *,
        listClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        workingClientOrderId: str | None = None,
        workingIcebergQty: Number | None = None,
        workingTimeInForce: str | None = None,
        workingStrategyId: int | None = None,
        workingStrategyType: int | None = None,
        workingPegPriceType: str | None = None,
        workingPegOffsetValue: int | None = None,
        workingPegOffsetType: str | None = None,
        pendingClientOrderId: str | None = None,
        pendingIcebergQty: Number | None = None,
        pendingPrice: Number | None = None,
        pendingStopPrice: Number | None = None,
        pendingTrailingDelta: int | None = None,
        pendingTimeInForce: str | None = None,
        pendingStrategyId: int | None = None,
        pendingStrategyType: int | None = None,
        pendingPegPriceType: str | None = None,
        pendingPegOffsetValue: int | None = None,
        pendingPegOffsetType: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place an order, and another one over what it brought.

        ``orderList.place.opo`` of Spot. Request weight 1. It counts as 2 orders.

        Args:
            symbol: such as ``"BTCUSDT"``.
            workingType: ``"MARK_PRICE"`` or ``"CONTRACT_PRICE"``.
            workingSide: of the working order: ``"BUY"`` or ``"SELL"``.
            workingPrice: of the working order: limit price.
            workingQuantity: of the working order: in the base asset, or in contracts.
            pendingType: of the pending order: as the exchange names it.
            pendingSide: of the pending order: ``"BUY"`` or ``"SELL"``.
            listClientOrderId: id of the list; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            workingClientOrderId: of the working order: its client order id; made here where a new one has none.
            workingIcebergQty: of the working order: visible part of an iceberg order.
            workingTimeInForce: of the working order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            workingStrategyId: of the working order: id of your strategy.
            workingStrategyType: of the working order: kind of your strategy, from 1,000,000.
            workingPegPriceType: of the working order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            workingPegOffsetValue: of the working order: levels from the pegged price, at most 100.
            workingPegOffsetType: of the working order: ``"PRICE_LEVEL"``.
            pendingClientOrderId: of the pending order: its client order id; made here where a new one has none.
            pendingIcebergQty: of the pending order: visible part of an iceberg order.
            pendingPrice: of the pending order: limit price.
            pendingStopPrice: of the pending order: price that triggers it.
            pendingTrailingDelta: of the pending order: distance of a trailing stop in basis points.
            pendingTimeInForce: of the pending order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            pendingStrategyId: of the pending order: id of your strategy.
            pendingStrategyType: of the pending order: kind of your strategy, from 1,000,000.
            pendingPegPriceType: of the pending order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pendingPegOffsetValue: of the pending order: levels from the pegged price, at most 100.
            pendingPegOffsetType: of the pending order: ``"PRICE_LEVEL"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "workingType": workingType,
            "workingSide": workingSide,
            "workingPrice": workingPrice,
            "workingQuantity": workingQuantity,
            "pendingType": pendingType,
            "pendingSide": pendingSide,
            "listClientOrderId": listClientOrderId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "workingClientOrderId": workingClientOrderId,
            "workingIcebergQty": workingIcebergQty,
            "workingTimeInForce": workingTimeInForce,
            "workingStrategyId": workingStrategyId,
            "workingStrategyType": workingStrategyType,
            "workingPegPriceType": workingPegPriceType,
            "workingPegOffsetValue": workingPegOffsetValue,
            "workingPegOffsetType": workingPegOffsetType,
            "pendingClientOrderId": pendingClientOrderId,
            "pendingIcebergQty": pendingIcebergQty,
            "pendingPrice": pendingPrice,
            "pendingStopPrice": pendingStopPrice,
            "pendingTrailingDelta": pendingTrailingDelta,
            "pendingTimeInForce": pendingTimeInForce,
            "pendingStrategyId": pendingStrategyId,
            "pendingStrategyType": pendingStrategyType,
            "pendingPegPriceType": pendingPegPriceType,
            "pendingPegOffsetValue": pendingPegOffsetValue,
            "pendingPegOffsetType": pendingPegOffsetType,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.place.opo", given, timeout)
        return result

    def order_list_place_opoco(
        self,
        symbol: str,
        workingType: str,
        workingSide: str,
        workingPrice: Number,
        workingQuantity: Number,
        pendingSide: str,
        pendingAboveType: str,
        *,
        listClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        workingClientOrderId: str | None = None,
        workingIcebergQty: Number | None = None,
        workingTimeInForce: str | None = None,
        workingStrategyId: int | None = None,
        workingStrategyType: int | None = None,
        workingPegPriceType: str | None = None,
        workingPegOffsetValue: int | None = None,
        workingPegOffsetType: str | None = None,
        pendingAboveClientOrderId: str | None = None,
        pendingAboveIcebergQty: Number | None = None,
        pendingAbovePrice: Number | None = None,
        pendingAboveStopPrice: Number | None = None,
        pendingAboveTrailingDelta: int | None = None,
        pendingAboveTimeInForce: str | None = None,
        pendingAboveStrategyId: int | None = None,
        pendingAboveStrategyType: int | None = None,
        pendingAbovePegPriceType: str | None = None,
        pendingAbovePegOffsetValue: int | None = None,
        pendingAbovePegOffsetType: str | None = None,
        pendingBelowType: str | None = None,
        pendingBelowClientOrderId: str | None = None,
        pendingBelowIcebergQty: Number | None = None,
        pendingBelowPrice: Number | None = None,
        pendingBelowStopPrice: Number | None = None,
        pendingBelowTrailingDelta: int | None = None,
        pendingBelowTimeInForce: str | None = None,
        pendingBelowStrategyId: int | None = None,
        pendingBelowStrategyType: int | None = None,
        pendingBelowPegPriceType: str | None = None,
        pendingBelowPegOffsetValue: int | None = None,
        pendingBelowPegOffsetType: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place an order, and an OCO over what it brought.

        ``orderList.place.opoco`` of Spot. Request weight 1. It counts as 3 orders.

        Args:
            symbol: such as ``"BTCUSDT"``.
            workingType: ``"MARK_PRICE"`` or ``"CONTRACT_PRICE"``.
            workingSide: of the working order: ``"BUY"`` or ``"SELL"``.
            workingPrice: of the working order: limit price.
            workingQuantity: of the working order: in the base asset, or in contracts.
            pendingSide: of the pending order: ``"BUY"`` or ``"SELL"``.
            pendingAboveType: of the upper pending order: as the exchange names it.
            listClientOrderId: id of the list; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            workingClientOrderId: of the working order: its client order id; made here where a new one has none.
            workingIcebergQty: of the working order: visible part of an iceberg order.
            workingTimeInForce: of the working order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            workingStrategyId: of the working order: id of your strategy.
            workingStrategyType: of the working order: kind of your strategy, from 1,000,000.
            workingPegPriceType: of the working order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            workingPegOffsetValue: of the working order: levels from the pegged price, at most 100.
            workingPegOffsetType: of the working order: ``"PRICE_LEVEL"``.
            pendingAboveClientOrderId: of the upper pending order: its client order id; made here where a new one has
                none.
            pendingAboveIcebergQty: of the upper pending order: visible part of an iceberg order.
            pendingAbovePrice: of the upper pending order: limit price.
            pendingAboveStopPrice: of the upper pending order: price that triggers it.
            pendingAboveTrailingDelta: of the upper pending order: distance of a trailing stop in basis points.
            pendingAboveTimeInForce: of the upper pending order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the
                exchange.
            pendingAboveStrategyId: of the upper pending order: id of your strategy.
            pendingAboveStrategyType: of the upper pending order: kind of your strategy, from 1,000,000.
            pendingAbovePegPriceType: of the upper pending order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pendingAbovePegOffsetValue: of the upper pending order: levels from the pegged price, at most 100.
            pendingAbovePegOffsetType: of the upper pending order: ``"PRICE_LEVEL"``.
            pendingBelowType: of the lower pending order: as the exchange names it.
            pendingBelowClientOrderId: of the lower pending order: its client order id; made here where a new one has
                none.
            pendingBelowIcebergQty: of the lower pending order: visible part of an iceberg order.
            pendingBelowPrice: of the lower pending order: limit price.
            pendingBelowStopPrice: of the lower pending order: price that triggers it.
            pendingBelowTrailingDelta: of the lower pending order: distance of a trailing stop in basis points.
            pendingBelowTimeInForce: of the lower pending order: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the
                exchange.
            pendingBelowStrategyId: of the lower pending order: id of your strategy.
            pendingBelowStrategyType: of the lower pending order: kind of your strategy, from 1,000,000.
            pendingBelowPegPriceType: of the lower pending order: ``"PRIMARY_PEG"`` or ``"MARKET_PEG"``.
            pendingBelowPegOffsetValue: of the lower pending order: levels from the pegged price, at most 100.
            pendingBelowPegOffsetType: of the lower pending order: ``"PRICE_LEVEL"``.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "workingType": workingType,
            "workingSide": workingSide,
            "workingPrice": workingPrice,
            "workingQuantity": workingQuantity,
            "pendingSide": pendingSide,
            "pendingAboveType": pendingAboveType,
            "listClientOrderId": listClientOrderId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "workingClientOrderId": workingClientOrderId,
            "workingIcebergQty": workingIcebergQty,
            "workingTimeInForce": workingTimeInForce,
            "workingStrategyId": workingStrategyId,
            "workingStrategyType": workingStrategyType,
            "workingPegPriceType": workingPegPriceType,
            "workingPegOffsetValue": workingPegOffsetValue,
            "workingPegOffsetType": workingPegOffsetType,
            "pendingAboveClientOrderId": pendingAboveClientOrderId,
            "pendingAboveIcebergQty": pendingAboveIcebergQty,
            "pendingAbovePrice": pendingAbovePrice,
            "pendingAboveStopPrice": pendingAboveStopPrice,
            "pendingAboveTrailingDelta": pendingAboveTrailingDelta,
            "pendingAboveTimeInForce": pendingAboveTimeInForce,
            "pendingAboveStrategyId": pendingAboveStrategyId,
            "pendingAboveStrategyType": pendingAboveStrategyType,
            "pendingAbovePegPriceType": pendingAbovePegPriceType,
            "pendingAbovePegOffsetValue": pendingAbovePegOffsetValue,
            "pendingAbovePegOffsetType": pendingAbovePegOffsetType,
            "pendingBelowType": pendingBelowType,
            "pendingBelowClientOrderId": pendingBelowClientOrderId,
            "pendingBelowIcebergQty": pendingBelowIcebergQty,
            "pendingBelowPrice": pendingBelowPrice,
            "pendingBelowStopPrice": pendingBelowStopPrice,
            "pendingBelowTrailingDelta": pendingBelowTrailingDelta,
            "pendingBelowTimeInForce": pendingBelowTimeInForce,
            "pendingBelowStrategyId": pendingBelowStrategyId,
            "pendingBelowStrategyType": pendingBelowStrategyType,
            "pendingBelowPegPriceType": pendingBelowPegPriceType,
            "pendingBelowPegOffsetValue": pendingBelowPegOffsetValue,
            "pendingBelowPegOffsetType": pendingBelowPegOffsetType,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.place.opoco", given, timeout)
        return result

    def order_list_cancel(
        self,
        symbol: str,
        *,
        orderListId: int | None = None,
        listClientOrderId: str | None = None,
        newClientOrderId: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Cancel an order list, which either id names.

        ``orderList.cancel`` of Spot. Request weight 1.

        Args:
            symbol: such as ``"BTCUSDT"``.
            orderListId: the exchange's id of the list.
            listClientOrderId: id of the list; made here where a new one has none.
            newClientOrderId: client order id of what is created; made here where a new order has none.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "orderListId": orderListId,
            "listClientOrderId": listClientOrderId,
            "newClientOrderId": newClientOrderId,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("orderList.cancel", given, timeout)
        return result

    def sor_order_place(
        self,
        symbol: str,
        side: str,
        type: str,
        quantity: Number,
        *,
        timeInForce: str | None = None,
        price: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        icebergQty: Number | None = None,
        strategyId: int | None = None,
        strategyType: int | None = None,
        selfTradePreventionMode: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Place an order by smart order routing.

        ``sor.order.place`` of Spot. Request weight 1. It counts as 1 order.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            type: as the exchange names it.
            quantity: in the base asset, or in contracts.
            timeInForce: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            price: limit price.
            newClientOrderId: client order id of what is created; made here where a new order has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            icebergQty: visible part of an iceberg order.
            strategyId: id of your strategy.
            strategyType: kind of your strategy, from 1,000,000.
            selfTradePreventionMode: what happens instead of a trade with oneself.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "type": type,
            "quantity": quantity,
            "timeInForce": timeInForce,
            "price": price,
            "newClientOrderId": newClientOrderId,
            "newOrderRespType": newOrderRespType,
            "icebergQty": icebergQty,
            "strategyId": strategyId,
            "strategyType": strategyType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "recvWindow": recvWindow,
        }
        return self._named("sor.order.place", given, timeout)

    def sor_order_test(
        self,
        symbol: str,
        side: str,
        type: str,
        quantity: Number,
        *,
        timeInForce: str | None = None,
        price: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: str | None = None,
        icebergQty: Number | None = None,
        strategyId: int | None = None,
        strategyType: int | None = None,
        selfTradePreventionMode: str | None = None,
        computeCommissionRates: bool | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Check an order by smart order routing without placing it.

        ``sor.order.test`` of Spot. Request weight 20 with commission.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            type: as the exchange names it.
            quantity: in the base asset, or in contracts.
            timeInForce: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            price: limit price.
            newClientOrderId: client order id of what is created; made here where a new order has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            icebergQty: visible part of an iceberg order.
            strategyId: id of your strategy.
            strategyType: kind of your strategy, from 1,000,000.
            selfTradePreventionMode: what happens instead of a trade with oneself.
            computeCommissionRates: answer the rates of commission, too.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "type": type,
            "quantity": quantity,
            "timeInForce": timeInForce,
            "price": price,
            "newClientOrderId": newClientOrderId,
            "newOrderRespType": newOrderRespType,
            "icebergQty": icebergQty,
            "strategyId": strategyId,
            "strategyType": strategyType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "computeCommissionRates": computeCommissionRates,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("sor.order.test", given, timeout)
        return result

    def order_modify(
        self,
        symbol: str,
        side: str,
        quantity: Number,
        *,
        price: Number | None = None,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        priceMatch: str | None = None,
        modifyId: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Change price and quantity of a LIMIT order, which either id names.

        ``order.modify`` of USD-M and COIN-M. Request weight: USD-M 0; COIN-M 1. It counts as 1 order.

        Args:
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            quantity: in the base asset, or in contracts.
            price: limit price.
            orderId: the exchange's id of the order.
            origClientOrderId: client order id that it was placed with.
            priceMatch: price taken from the book instead of ``price``, such as ``"QUEUE"``.
            modifyId: id of the change.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "side": side,
            "quantity": quantity,
            "price": price,
            "orderId": orderId,
            "origClientOrderId": origClientOrderId,
            "priceMatch": priceMatch,
            "modifyId": modifyId,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("order.modify", given, timeout)
        return result

    def algo_order_place(
        self,
        algoType: str,
        symbol: str,
        side: str,
        type: str,
        *,
        positionSide: str | None = None,
        timeInForce: str | None = None,
        quantity: Number | None = None,
        price: Number | None = None,
        triggerPrice: Number | None = None,
        workingType: str | None = None,
        priceMatch: str | None = None,
        closePosition: bool | None = None,
        priceProtect: bool | None = None,
        reduceOnly: bool | None = None,
        activatePrice: Number | None = None,
        callbackRate: Number | None = None,
        clientAlgoId: str | None = None,
        newOrderRespType: str | None = None,
        selfTradePreventionMode: str | None = None,
        goodTillDate: int | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Place a conditional order.

        ``algoOrder.place`` of USD-M. Request weight 0. It counts as 1 order.

        Args:
            algoType: ``"CONDITIONAL"``.
            symbol: such as ``"BTCUSDT"``.
            side: ``"BUY"`` or ``"SELL"``.
            type: as the exchange names it.
            positionSide: ``"BOTH"``, ``"LONG"`` or ``"SHORT"``.
            timeInForce: ``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange.
            quantity: in the base asset, or in contracts.
            price: limit price.
            triggerPrice: price that triggers it.
            workingType: ``"MARK_PRICE"`` or ``"CONTRACT_PRICE"``.
            priceMatch: price taken from the book instead of ``price``, such as ``"QUEUE"``.
            closePosition: close the whole position.
            priceProtect: do not trigger on a price far from the mark price.
            reduceOnly: only make the position smaller.
            activatePrice: price at which a trailing stop begins.
            callbackRate: distance of a trailing stop in per cent.
            clientAlgoId: id of a conditional order; made here where a new one has none.
            newOrderRespType: ``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot).
            selfTradePreventionMode: what happens instead of a trade with oneself.
            goodTillDate: when a ``GTD`` order ends, in ms.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "algoType": algoType,
            "symbol": symbol,
            "side": side,
            "type": type,
            "positionSide": positionSide,
            "timeInForce": timeInForce,
            "quantity": quantity,
            "price": price,
            "triggerPrice": triggerPrice,
            "workingType": workingType,
            "priceMatch": priceMatch,
            "closePosition": closePosition,
            "priceProtect": priceProtect,
            "reduceOnly": reduceOnly,
            "activatePrice": activatePrice,
            "callbackRate": callbackRate,
            "clientAlgoId": clientAlgoId,
            "newOrderRespType": newOrderRespType,
            "selfTradePreventionMode": selfTradePreventionMode,
            "goodTillDate": goodTillDate,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("algoOrder.place", given, timeout)
        return result

    def algo_order_cancel(
        self,
        *,
        algoId: int | None = None,
        clientAlgoId: str | None = None,
        recvWindow: Number | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Cancel a conditional order, which either id names.

        ``algoOrder.cancel`` of USD-M. Request weight 1.

        Args:
            algoId: the exchange's id of a conditional order.
            clientAlgoId: id of a conditional order; made here where a new one has none.
            recvWindow: ms within which the request must arrive, at most 60,000; the exchange's default is 5,000.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "algoId": algoId,
            "clientAlgoId": clientAlgoId,
            "recvWindow": recvWindow,
        }
        result: dict[str, Any] = self._named("algoOrder.cancel", given, timeout)
        return result
