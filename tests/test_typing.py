"""Both type checkers, in a folder outside the project, on the package as it is installed.

A user's script, every start method in every view, and all examples, each at the checkers' strict setting.
"""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from binance_sockets import SocketManager, UpbitSocketManager
from binance_sockets.exchanges.binance import models
from binance_sockets.exchanges.binance.families import ROWS, Family
from binance_sockets.exchanges.binance.unify import unified_types

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "tests" / "checked" / "user_script.py"
METHODS = sorted({row.method for row in ROWS if row.method and row.retired is None})
ACCOUNTS = {  # start methods of user data, and the name of all their events
    "start_user_socket": "SpotUserEvent",
    "start_margin_socket": "SpotUserEvent",
    "start_isolated_margin_socket": "SpotUserEvent",
    "start_futures_user_socket": "FuturesUserEvent",
    "start_coin_futures_user_socket": "CoinFuturesUserEvent",
    "start_options_user_socket": "OptionsUserEvent",
    "start_portfolio_margin_socket": "PortfolioMarginEvent",
    "start_portfolio_margin_pro_socket": "PortfolioMarginProEvent",
    "start_margin_risk_socket": "MarginRiskEvent",
}
UPBIT = {  # start methods of Upbit, what they need beside a callback, and their events: typed, unified
    "start_ticker_socket": ('codes="KRW-BTC", ', "Ticker", "Ticker"),
    "start_trade_socket": ('codes=["KRW-BTC"], ', "Trade", "Trade"),
    "start_orderbook_socket": ('codes="KRW-BTC", count=5, ', "OrderBookEvent", "Depth"),
    "start_candle_socket": ('codes="KRW-BTC", ', "Candle", "Kline"),
    "start_my_order_socket": ("", "MyOrder", ""),
    "start_my_asset_socket": ("", "MyAsset", ""),
    "start_announcement_socket": ("", "Announcement", ""),
    "start_indicator_socket": ('codes="KRW-BTC", indicator="rsi", ', "Indicator", ""),
}
NUMBERS = {"str": "str", "decimal": "Decimal", "float": "float"}
STRICT = {"typeCheckingMode": "strict", "enableTypeIgnoreComments": False, "reportUnnecessaryTypeIgnoreComment": True}
pytestmark = pytest.mark.timeout(300)  # seconds of a checker are minutes where others use the machine too

HEAD = """\
from decimal import Decimal
from typing import Any
from binance_sockets import SocketManager
from binance_sockets import unified as u
from binance_sockets.exchanges.binance import models as m

Payload = dict[str, Any]

def on_bytes(message: bytes) -> None: ...
def on_payload(message: Payload) -> None: ...
def on_list(messages: list[Payload]) -> None: ...

manager = SocketManager()
"""
UPBIT_HEAD = HEAD.replace("SocketManager", "MessageStream, UpbitSocketManager", 1)
UPBIT_HEAD = UPBIT_HEAD.replace("exchanges.binance", "exchanges.upbit").replace("= SocketM", "= UpbitSocketM")
REFUSED = "# type: ignore[call-overload]  # pyright: ignore"


def calls(method: str, number: int) -> list[str]:
    """One method in all views with the right callback, and once with that of another view."""
    rows = [row for row in ROWS if row.method == method and row.retired is None]
    required = [
        parameter.name
        for parameter in inspect.signature(getattr(SocketManager, method)).parameters.values()
        if parameter.default is parameter.empty and parameter.name not in ("self", "callback")
    ]
    arguments = "".join(f'{name}="btcusdt", ' for name in required)
    plain = "on_list" if rows[0].array and not rows[0].wrapped else "on_payload"
    lines = [f"manager.{method}({arguments}callback={plain})"]
    lines += [f'manager.{method}({arguments}callback=on_bytes, view="raw")']
    lines += [f'manager.{method}({arguments}callback=on_bytes, view="typed")  {REFUSED}']
    for place, (view, numbers, kind) in enumerate(sorted({each for row in rows for each in events(row)})):
        asked = f'view="{view}"' + (f', numbers="{numbers}"' if numbers else "")
        lines += [f"def on_{number}_{place}(event: {kind}) -> None: ..."]
        lines += [f"manager.{method}({arguments}callback=on_{number}_{place}, {asked})"]
    if any(map(unified_types, rows)):
        lines += [f'manager.{method}({arguments}callback=on_bytes, view="unified")  {REFUSED}']
    lines += [f'manager.{method}({arguments}callback={plain}, numbers="float")  {REFUSED}']
    return lines


def events(row: Family) -> Iterator[tuple[str, str, str]]:
    """A view, the numbers that are asked for, and what the callback may be annotated with then."""
    for view, module, kinds, default in (
        ("typed", "m", row.models, "str"),
        ("unified", "u", unified_types(row), "float"),
    ):
        for kind in kinds:
            numbered = hasattr(kind, "__parameters__")
            for numbers, number in (("", ""), *(NUMBERS.items() if numbered else ())):
                name = f"{module}.{kind.__name__}" + ("" if numbers in ("", default) else f"[{number}]")
                yield view, numbers, framed(row, name)


def account_calls(method: str, event: str) -> list[str]:
    """A method of user data in all views; of its events none may be forgotten, and a lambda's are inferred."""
    symbol = 'symbol="BTCUSDT", ' if "isolated" in method else ""
    return [
        f"def on_{method}(event: m.{event}) -> None: ...",
        f"def on_one_{method}(event: m.{getattr(models, event).__args__[0].__name__}) -> None: ...",
        f"manager.{method}({symbol}callback=on_payload)",
        f'manager.{method}({symbol}callback=on_bytes, view="raw")',
        f'manager.{method}({symbol}callback=on_{method}, view="typed")',
        f'manager.{method}({symbol}callback=lambda event: event.event_time, view="typed")',
        f'manager.{method}({symbol}callback=lambda event: event.nothing, view="typed")  {REFUSED}',
        f'manager.{method}({symbol}callback=on_bytes, view="typed")  {REFUSED}',
        f'manager.{method}({symbol}callback=on_one_{method}, view="typed")  {REFUSED}',
    ]


def upbit_calls(method: str) -> list[str]:
    """A method of Upbit in all views, with callbacks, streams that are read, and lambdas whose argument is inferred."""
    arguments, typed, unified = UPBIT[method]
    call = f"manager.{method}({arguments}callback"
    views = [("typed", "", f"m.{typed}"), ("raw", "", "bytes"), ("dict", "", "Payload")]
    views += [("dict", numbers, "Payload") for numbers in NUMBERS]
    if unified:
        views += [("unified", "", f"u.{unified}")]
        views += [("unified", numbers, f"u.{unified}[{kind}]") for numbers, kind in NUMBERS.items()]
    lines = [f"{call}=on_payload)"]
    for view, numbers, event in views:
        asked = f'view="{view}"' + (f', numbers="{numbers}"' if numbers else "")
        name = f"on_{method}_{view}_{numbers}"
        lines += [f"def {name}(event: {event}) -> None: ..."]
        lines += [f"{call}={name}, {asked})", f"{call}=MessageStream[{event}](), {asked})"]
        lines += [f"{call}=lambda event: {name}(event), {asked})"]
        lines += [f"{call}=MessageStream[int](), {asked})  {REFUSED}"]
    lines += [f'{call}=lambda event: event.timestamp, view="typed")']
    lines += [f'{call}=lambda event: event.nothing, view="typed")  {REFUSED}']
    lines += [f'{call}=on_payload, view="{view}")  {REFUSED}' for view in ("typed", "unified", "raw")]
    lines += [f'{call}=on_bytes, view="{view}", numbers="str")  {REFUSED}' for view in ("typed", "raw")]
    return lines


def framed(row: Family, name: str) -> str:
    """An event as the callback of this row gets it."""
    name = f"list[{name}]" if row.array else name
    return f"m.Combined[{name}]" if row.wrapped else name


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder: the script, the methods, the examples; nothing of the project lies above it."""
    folder = tmp_path_factory.mktemp("outside")
    shutil.copy(SCRIPT, folder)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__", "*.ipynb"))
    lines = [line for number, method in enumerate(METHODS) for line in calls(method, number)]
    lines += [line for method, event in ACCOUNTS.items() for line in account_calls(method, event)]
    (folder / "methods.py").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    lines = [line for method in UPBIT for line in upbit_calls(method)]
    (folder / "upbit_methods.py").write_text(UPBIT_HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def check(command: list[str], folder: Path) -> None:
    """Run a checker as a user does: in that folder, with nothing but the environment's packages."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr


def mypy(folder: Path, python: str = sys.executable) -> None:
    files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.py"))]
    options = ["--strict", "--config-file=", f"--cache-dir={folder / '.mypy_cache'}", f"--python-executable={python}"]
    check([sys.executable, "-m", "mypy", *options, *files], folder)


def pyright(folder: Path, python: str = sys.executable) -> None:
    (folder / "pyrightconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
    check([sys.executable, "-m", "basedpyright", "--pythonpath", python], folder)


def test_every_start_method_is_checked() -> None:
    """By a table of streams, by the table above, or by the user's script, which has the ones that take names."""
    general = {"start_socket", "start_multiplex_socket", "start_futures_multiplex_socket"}
    general |= {"start_options_multiplex_socket", "start_user_multiplex_socket", "start_order_book"}
    assert all(f".{name}(" in SCRIPT.read_text(encoding="utf-8") for name in general)
    retired = {row.method for row in ROWS if row.method and row.retired is not None}
    starters = {name for name in dir(SocketManager) if name.startswith("start_")}
    assert starters == {*METHODS, *ACCOUNTS, *general, *retired}
    starters = {name for name in dir(UpbitSocketManager) if name.startswith("start_")}
    assert starters == {*UPBIT, "start_order_book", "start_socket"}


def test_mypy_follows_the_installed_package(outside: Path) -> None:
    """``mypy --strict`` finds nothing wrong, and everything that is marked as wrong."""
    mypy(outside)


@pytest.mark.full
def test_pyright_follows_the_installed_package(outside: Path) -> None:
    """So does pyright's strict mode, without mypy's marks."""
    pyright(outside)


@pytest.mark.full
@pytest.mark.parametrize("arguments", [["."], ["-e", "."]], ids=["copied", "editable"])
def test_a_fresh_install_is_followed(arguments: list[str], outside: Path, tmp_path: Path) -> None:
    """As the README says it, into an environment of its own."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
    install = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *arguments]
    subprocess.run(install, cwd=ROOT, check=True, timeout=200)
    mypy(outside, python)
    pyright(outside, python)
