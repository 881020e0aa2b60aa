"""``binance.exceptions``: what the REST client raises, with the attributes that scripts read."""

from __future__ import annotations

from typing import Any

from ..errors import one_line

__all__ = [
    "BinanceAPIException",
    "BinanceOrderException",
    "BinanceOrderInactiveSymbolException",
    "BinanceOrderMinAmountException",
    "BinanceOrderMinPriceException",
    "BinanceOrderMinTotalException",
    "BinanceOrderUnknownSymbolException",
    "BinanceRequestException",
    "BinanceWithdrawException",
]


class BinanceAPIException(Exception):
    """The exchange refused a call.

    Args:
        response: of requests; its body has ``code`` and ``msg``.

    Attributes:
        code: the exchange's, 0 where there is none.
        message: the exchange's text.
        status_code: HTTP status.
        response: as given.
        request: that it answers.
    """

    def __init__(self, response: Any) -> None:
        text = one_line(str(response.text), 200)
        self.code: int = 0
        try:
            body = response.json()
        except ValueError:
            self.message = f"Invalid JSON error message from Binance: {text}"
        else:  # gateways in front of some products answer in shapes of their own
            found = body if isinstance(body, dict) else {}
            self.code, self.message = found.get("code", 0), found.get("msg") or text
        self.status_code: int = response.status_code
        self.response = response
        self.request = getattr(response, "request", None)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"APIError(code={self.code}): {self.message}"


class BinanceRequestException(Exception):
    """An answer that cannot be understood."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return f"BinanceRequestException: {self.message}"


class BinanceOrderException(Exception):
    """An order that breaks a rule of its symbol."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return f"BinanceOrderException(code={self.code}): {self.message}"


class BinanceOrderMinAmountException(BinanceOrderException):
    """The amount is no multiple of the least one."""

    def __init__(self, value: object) -> None:
        super().__init__(-1013, f"Amount must be a multiple of {value}")


class BinanceOrderMinPriceException(BinanceOrderException):
    """The price is too low."""

    def __init__(self, value: object) -> None:
        super().__init__(-1013, f"Price must be at least {value}")


class BinanceOrderMinTotalException(BinanceOrderException):
    """Price times amount is too low."""

    def __init__(self, value: object) -> None:
        super().__init__(-1013, f"Total must be at least {value}")


class BinanceOrderUnknownSymbolException(BinanceOrderException):
    """No such symbol."""

    def __init__(self, value: object) -> None:
        super().__init__(-1013, f"Unknown symbol {value}")


class BinanceOrderInactiveSymbolException(BinanceOrderException):
    """The symbol does not trade."""

    def __init__(self, value: object) -> None:
        super().__init__(-1013, f"Attempting to trade an inactive symbol {value}")


class BinanceWithdrawException(Exception):
    """A withdrawal was refused."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return f"BinanceWithdrawException: {self.message}"
