"""The named methods of the WebSocket API and their table: written from it, and in step with it."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from binance_sockets import ConfigError, WebSocketAPI
from binance_sockets.exchanges.binance.methods import API_PRODUCTS, METHODS, Method, method_of, python_name

ROOT = Path(__file__).resolve().parents[3]
ROWS = [(product, row) for product, rows in METHODS.items() for row in rows.values()]
URL = "http://127.0.0.1:9000"
KEYS: dict[str, Any] = {"environment": URL, "api_key": "key", "api_secret": "secret"}


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    """``scripts/generate_api.py`` as a module."""
    spec = importlib.util.spec_from_file_location("generate_api", ROOT / "scripts" / "generate_api.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_the_methods_are_what_the_table_says(generator: ModuleType) -> None:
    """Each generated file is, to the letter, what the generator writes from the table today."""
    for path, text in generator.files().items():
        assert path.read_text(encoding="utf-8") == text, "run: make sockets"


def test_each_row_has_a_named_method() -> None:
    """All of every product, under names that a reader of the exchange's documents finds."""
    for product, row in ROWS:
        method = getattr(WebSocketAPI, python_name(row.name))
        assert set(row.parameters) <= set(inspect.signature(method).parameters), (product, row.name)
    assert python_name("order.cancelReplace") == "order_cancel_replace"
    assert python_name("v2/account.status") == "account_status_v2"
    assert python_name("ticker.24hr") == "ticker_24hr"
    assert python_name("uiKlines") == "ui_klines"


class Recorded(WebSocketAPI):
    """Notes requests instead of sending them."""

    asked: tuple[Any, ...] = ()

    def request(self, *args: Any, **fields: Any) -> Any:
        self.asked = args


@pytest.mark.parametrize("product", API_PRODUCTS)
def test_a_named_method_passes_all_of_its_parameters(product: str) -> None:
    """Each under its own name; those that are left out are not sent."""
    api = Recorded(product=product, **KEYS)
    for row in METHODS[product].values():
        given = {name: f"<{name}>" for name in row.parameters}
        getattr(api, python_name(row.name))(**given, timeout=3)
        assert api.asked == (row.name, given, 3)
        needed = {name: given[name] for name in row.required}
        getattr(api, python_name(row.name))(**needed)
        assert api.asked == (row.name, needed, None)
    api.close()


def test_what_the_product_does_not_have_is_told() -> None:
    """Methods and parameters of others, and what it wants besides."""
    api = Recorded(product="coinm", **KEYS)
    with pytest.raises(ConfigError, match="method"):
        api.order_list_place_oco("BTCUSDT", "BUY", 1, "LIMIT_MAKER", "STOP_LOSS")
    with pytest.raises(ConfigError, match="quoteOrderQty: expected nothing"):
        api.order_place("BTCUSD_PERP", "BUY", "MARKET", quoteOrderQty=5)
    with pytest.raises(ConfigError, match="symbol: expected a value, for depth of usdm"):
        Recorded(product="usdm", **KEYS).depth(None)  # type: ignore[arg-type]
    assert api.asked == ()


def test_numbers_of_every_kind_are_accepted() -> None:
    """The signature takes what the wire can say."""
    api = Recorded(**KEYS)
    for number in (Decimal("0.1"), "0.1", 1, 0.1):
        api.order_place("BTCUSDT", "BUY", "LIMIT", quantity=number, price=number)
        assert api.asked[1]["quantity"] is number


def test_a_version_finds_its_row_or_the_usual_one() -> None:
    """Futures have two versions of some methods; elsewhere a version changes nothing here."""
    assert method_of("usdm", "v2/account.status") is not method_of("usdm", "account.status")
    assert method_of("spot", "v3/order.place") is method_of("spot", "order.place")


@pytest.mark.parametrize("product, row", ROWS, ids=lambda value: getattr(value, "name", value))
def test_rows_are_sound(product: str, row: Method) -> None:
    """No parameter twice, ids among the parameters, and nothing that is added here."""
    assert len(set(row.parameters)) == len(row.parameters)
    assert set(row.ids) <= set(row.parameters)
    assert not {"apiKey", "signature", "timestamp"} & set(row.parameters)
    assert re.fullmatch(r"[A-Z][^.]*(\.[^.]+)*\.", row.does)
    assert bool(row.orders) <= (row.security == "signed")


@pytest.mark.parametrize("product", ["options", "portfolio", None])
def test_products_without_one(product: Any) -> None:
    """There is no WebSocket API to connect to."""
    with pytest.raises(ConfigError, match="'spot', 'usdm', 'coinm'"):
        WebSocketAPI(product=product)
