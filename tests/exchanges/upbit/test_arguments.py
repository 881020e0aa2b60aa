"""What users pass to Upbit's start methods: taken in any sensible spelling, refused at once where it could not work."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fake_upbit import Inline

from binance_sockets import ConfigError
from binance_sockets.exchanges.upbit.arguments import codes_of, level_of
from binance_sockets.exchanges.upbit.tokens import UpbitKey


@pytest.mark.parametrize(
    "codes", ["krw-btc", " KRW-BTC ", ["KRW-BTC", "krw-btc"], {"KRW-BTC"}, (code for code in ["KRW-BTC"])]
)
def test_codes(codes: Any) -> None:
    """One or several, in any case, each once."""
    assert codes_of(codes) == ["KRW-BTC"]


@pytest.mark.parametrize(
    "codes",
    [
        "BTCUSDT", "KRW_BTC", "KRW-BTC,KRW-ETH", "KRW-BTC.5", "KRW-BTC-ETH", "KRW-\ube44\ud2b8", "krw-\u00df",
        "KRW-\u0131", "\uff2b\uff32\uff37-BTC", "", None, 5, b"KRW-BTC", [], [None], [["KRW-BTC"]],
    ],
)  # fmt: skip
def test_what_is_no_code(codes: Any) -> None:
    """Nor is what would become another code in upper case."""
    with pytest.raises(ConfigError, match="codes"):
        codes_of(codes)


@pytest.mark.parametrize(
    ("level", "text"),
    [(0, ""), ("0.0", ""), (10000, "10000"), ("1e4", "10000"), (0.1, "0.1"), (Decimal("0.10"), "0.1"), (" 5 ", "5")],
)
def test_levels(level: Any, text: str) -> None:
    """In one spelling; 0 is the market's own."""
    assert level_of(level) == text


@pytest.mark.parametrize("level", ["", "x", "nan", "snan", "inf", "10,000", -1, None, True, [1], "1e99999999"])
def test_what_is_no_level(level: Any) -> None:
    """It raises at once, as the exchange would be silent."""
    with pytest.raises(ConfigError, match="level"):
        level_of(level)


def test_a_level_stays_short() -> None:
    """``1e999999`` does not become a million digits, in a key or on the wire."""
    assert level_of("1e999999") == "1E+999999"
    assert level_of("1e-999999") == "1E-999999"


@pytest.mark.parametrize("unit", ["7m", "1M", "1h", "1d", "", 1, None])
def test_what_is_no_unit(unit: Any) -> None:
    """Candles have nine lengths, whose names the error has."""
    with pytest.raises(ConfigError, match="'240m'"):
        Inline().start_candle_socket("KRW-BTC", print, unit)


@pytest.mark.parametrize("count", [0, 2, 31, -1, "5", True, None, [5]])
def test_what_is_no_count(count: Any) -> None:
    """The exchange would send 30."""
    with pytest.raises(ConfigError, match="count"):
        Inline().start_orderbook_socket("KRW-BTC", print, count=count)


@pytest.mark.parametrize("key", ["a b", "a\tb", "\ud0a4", "a\x00b", 5, b"a"])
def test_what_is_no_key(key: Any) -> None:
    """Refused before it is sent, and not shown."""
    with pytest.raises(ConfigError, match="access_key") as raised:
        UpbitKey.resolve(key, "secret")
    assert repr(key) not in str(raised.value)


def test_the_order_of_arguments() -> None:
    """What stands in another's place is told the order that the method has."""
    manager = Inline(access_key="a", secret_key="b")
    wrong: Any = "KRW-BTC"
    with pytest.raises(ConfigError, match=r"order is \(codes, callback\)"):
        manager.start_ticker_socket(print, wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"order is \(callback, codes\)"):
        manager.start_my_order_socket(wrong, print)  # type: ignore[arg-type]
    with pytest.raises(ConfigError) as raised:
        manager.start_my_asset_socket(wrong)
    assert "codes" not in str(raised.value)
    with pytest.raises(ConfigError, match=r"order is \(code, callback\)"):
        manager.start_order_book("KRW-BTC", wrong)
