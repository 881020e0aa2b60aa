"""Checks of arguments as any exchange may use them."""

from __future__ import annotations

import enum
import functools
from typing import Any
from unittest.mock import Mock

import pytest

from binance_sockets import ConfigError
from binance_sockets.exchanges.arguments import check_callback, check_choice, check_symbol


class _AsyncCall:
    async def __call__(self, message: object) -> None: ...


async def _async(message: object) -> None: ...


async def _async_generator(message: object) -> Any:
    yield message


@pytest.mark.parametrize(
    "callback", [_async, _async_generator, _AsyncCall(), functools.partial(_async), _AsyncCall().__call__]
)
def test_async_callbacks_are_refused(callback: object) -> None:
    """A callback that would have to be awaited raises in every disguise."""
    with pytest.raises(ConfigError, match="not async def"):
        check_callback(callback)


@pytest.mark.parametrize("callback", [print, lambda m, n=1: n, functools.partial(print, 1), [].append, dict, Mock()])
def test_plain_callables_are_accepted(callback: object) -> None:
    """Functions, methods, partials and classes are callbacks."""
    check_callback(callback)


def test_what_cannot_be_called_gets_the_hint() -> None:
    """Something else in the callback's place tells the order of the arguments."""
    with pytest.raises(ConfigError, match="the code comes first"):
        check_callback("KRW-BTC", "the code comes first")


@pytest.mark.parametrize("symbol", ["", " ", "KRW BTC", "a@b", "\x00", None, 5, b"KRW-BTC"])
def test_bad_symbols_are_refused(symbol: object) -> None:
    """A symbol is a non-empty string without white space or forbidden characters; the error shows a good one."""
    with pytest.raises(ConfigError, match="code: expected a symbol such as 'KRW-BTC'"):
        check_symbol("code", symbol, example="KRW-BTC", forbidden="@/")


def test_good_symbols_pass_unchanged() -> None:
    """Case and other scripts are the exchange's affair; a callback in the symbol's place gets the hint."""
    for symbol in ("KRW-BTC", "krw-btc", "\u5e01\u5b89USDT", "a.b"):
        assert check_symbol("code", symbol, example="KRW-BTC", forbidden="@/") == symbol
    with pytest.raises(ConfigError, match="the code comes first"):
        check_symbol("code", print, example="KRW-BTC", forbidden="@/", hint="the code comes first")


class _Levels(enum.Enum):
    FIVE = 5


def test_choices_count_by_their_value() -> None:
    """Numbers and enums are understood; anything else names what is allowed."""
    assert [check_choice("depth", value, ("5", "10")) for value in ("5", 10, _Levels.FIVE)] == ["5", "10", "5"]
    with pytest.raises(ConfigError, match="'10'"):
        check_choice("depth", 7, ("5", "10"))


@pytest.mark.parametrize("callback", [lambda: None, lambda a, b: None, [].clear])
def test_callbacks_that_take_no_single_message_are_refused(callback: Any) -> None:
    """They would raise on each message."""
    with pytest.raises(ConfigError, match="takes one message"):
        check_callback(callback)
