"""Writes the ``start_*`` methods of Upbit's streams from the table below: ``make sockets``.

They are written out, and not made at run time, so that ``help()``, completion and type checkers see them. A test holds
them in step with the table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_origin, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
sys.path.insert(1, str(ROOT / "scripts"))

from generate_sockets import default, laid_out, wrapped  # noqa: E402

from binance_sockets.exchanges.binance.families import Argument  # noqa: E402
from binance_sockets.exchanges.upbit.kinds import KINDS  # noqa: E402
from binance_sockets.exchanges.upbit.models import EVENTS  # noqa: E402
from binance_sockets.exchanges.upbit.unify import UNIFIED  # noqa: E402

TARGET = ROOT / "binance_sockets" / "exchanges" / "upbit" / "sockets_streams.py"

HEAD = '''\
"""``start_*`` methods of Upbit's streams."""

# Written by scripts/generate_upbit.py from its table; edit the table instead.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, overload

from ... import unified as u
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, Callback, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .arguments import unit_of
from .sockets import PreferenceName, UpbitSockets

__all__ = ["StreamSockets"]


class StreamSockets(UpbitSockets):
    """Market data, the account, announcements and indicators. Every method registers one socket on the connection of
    its kind and returns its conn key, or ``False`` while that key is in use. Any thread may call it; it does not block,
    and raises at once for a bad argument.

    The callback takes one argument; in every view the last payload of a connection that gives up is the dict
    ``{"e": "error", "m": ...}``, and what fits no event comes as with ``view="dict"``.
    """

'''

CODES = Argument("codes", 'market codes such as ``"KRW-BTC"``, or one', kind="str | Iterable[str]")
PREFERENCE = Argument(
    "stream_preference",
    '``"both"`` (default): what there is first, then what changes; ``"snapshot_only"``: once, then the socket ends by '
    'itself; ``"realtime_only"``: what changes',
    kind="PreferenceName",
    default="both",
)


def backfill(also: str = "") -> Argument:
    says = f"``True`` to fetch over REST what is missed with a link, and to call back with it{also}, marked by the "
    return Argument("backfill", says + "field ``backfilled``. Default ``False``", "", "bool", False, keyword=True)


def history(most: str) -> Argument:
    says = (
        "how much of the past of each market comes first, over REST: a count, an aware ``datetime``, milliseconds "
        f"since 1970, or a ``timedelta``; ``None`` (default) for nothing. {most}"
    )
    return Argument("history", says, kind="History", default=None, keyword=True)


def prime(says: str) -> Argument:
    return Argument("prime", says, kind="bool", default=True, keyword=True)


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method.

    Args:
        name: its name.
        type: of the messages; of candles the part before the length.
        says: the first line.
        more: a further paragraph, if any.
        arguments: its own ones, in order; the callback stands behind ``codes`` of markets, or first.
        payload: what the callback gets in the dict view.
        thread: that calls back.
        call: what carries it out, and its arguments, but for ``view`` and ``numbers``.
        keys: an example of a conn key, or what to say of it.
        source: the document.
    """

    name: str
    type: str
    says: str
    more: str = ""
    arguments: Sequence[Argument]
    payload: str
    thread: str = "the thread that market data shares"
    call: tuple[str, ...]
    keys: str
    source: str

    @property
    def typed(self) -> str:
        """The class of its typed events."""
        return EVENTS[self.type].__name__

    @property
    def unified(self) -> str:
        """The class of its neutral events; empty for none."""
        if self.type not in UNIFIED:
            return ""
        made = get_type_hints(UNIFIED[self.type])["return"]
        return str((get_origin(made) or made).__name__)

    @property
    def private(self) -> bool:
        """It takes an API key."""
        return KINDS[self.type].endpoint != "public"

    def text(self) -> str:
        """The whole method, overloads first."""
        parts = []
        for payload, view, numbers in self.views():
            parts += ["    @overload", self.signature(f"Callable[[{payload}], object]", view, numbers, " ...")]
        anything = "NumbersName | None = None"  # a view that is known only at run time
        parts += ["    @overload", self.signature("Callback", "View", anything, " ...")]
        parts.append(self.signature("Callback", 'ViewName = "dict"', anything, ""))
        parts += ['        """' + self.docstring().lstrip(), '        """', self.body()]
        return "\n".join(parts) + "\n"

    def views(self) -> Iterator[tuple[str, str, str]]:
        """What the callback gets, in which view, with which numbers; none where they cannot be chosen."""
        yield f"m.{self.typed}", "AsEvent", ""
        if self.unified:
            yield f"u.{self.unified}[str]", "AsUnified", 'Literal["str"]'
            yield f"u.{self.unified}[Decimal]", "AsUnified", 'Literal["decimal"]'
            yield f"u.{self.unified}", "AsUnified", 'Literal["float"] | None = None'
        yield "bytes", "AsRaw", ""
        yield "Payload", 'AsDict = "dict"', "NumbersName | None = None"

    def signature(self, callback: str, view: str, numbers: str, end: str) -> str:
        given = [f"{each.name}: {each.kind}{default(each)}" for each in self.arguments if not each.keyword]
        given.insert(self.callback_place, f"callback: {callback}")
        named = [f"{each.name}: {each.kind}{default(each)}" for each in self.arguments if each.keyword]
        named += [f"view: {view}", *([f"numbers: {numbers}"] if numbers else []), "name: str | None = None"]
        return laid_out(self.name, ["self", *given, "*", *named], end)

    @property
    def callback_place(self) -> int:
        return 1 if self.arguments[:1] == (CODES,) else 0

    def docstring(self) -> str:
        """Its text, complete in itself."""
        lines = [wrapped(self.says, 8), *(["", wrapped(self.more, 8)] if self.more else []), "", "        Args:"]
        lines += [wrapped(f"{name}: {text}.", 12, 16) for name, text in self.described()]
        lines += ["", "        Returns:", wrapped(self.returns(), 12), "", "        Raises:"]
        lines += [wrapped(text, 12, 16) for text in self.raises()]
        return "\n".join([*lines, "", wrapped(f"Source: docs.upbit.com/{self.source}.", 8)])

    def described(self) -> Iterator[tuple[str, str]]:
        lines = [(each.name, each.says) for each in self.arguments]
        lines.insert(self.callback_place, ("callback", f"gets {self.payload}. On {self.thread}"))
        yield from lines
        neutral = f', ``"unified"`` (``unified.{self.unified}``)' if self.unified else ""
        yield "view", f'``"dict"`` (default), ``"typed"`` (``models.{self.typed}``){neutral} or ``"raw"`` (bytes)'
        numbers = 'prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or '
        other = '; of the unified view the same, ``"float"`` being the default there, as of other exchanges'
        yield "numbers", f'{numbers}``"float"``{other if self.unified else ""}'
        yield (
            "name",
            "the conn key; ``None`` (default) for one that says what it carries. Two of the same need two",
        )

    def returns(self) -> str:
        return f"The conn key, {self.keys}; ``False`` while it is in use. Any thread may call; it does not block."

    def raises(self) -> Iterator[str]:
        key = "; no API key; ``BINANCE_SOCKETS_BASE_URL`` names another machine" if self.private else ""
        yield f"ConfigError: for a bad argument, naming the allowed values{key}."
        yield "ManagerClosed: in a process forked after ``start()``."
        yield "RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor."

    def body(self) -> str:
        function, *given = self.call
        parts = [*given, "view=view", "numbers=numbers"]
        joined = ", ".join(parts)
        one = f"        return self.{function}({joined})"
        if len(one) <= 120:
            return one
        if len(joined) + 12 <= 120:
            return f"        return self.{function}(\n            {joined}\n        )"
        return f"        return self.{function}(\n" + "".join(f"            {part},\n" for part in parts) + "        )"


ACCOUNT = "the thread that account data shares"
COMMON = ("codes", "callback", "name", "preference=stream_preference")
PAST = ("backfill=backfill", "history=history")

METHODS = (
    Method(
        name="start_ticker_socket",
        type="ticker",
        says="The state of markets: a message whenever something was traded.",
        arguments=(CODES, PREFERENCE),
        payload='``{"type": "ticker", "code", "trade_price", "change", "acc_trade_volume_24h", ..., "stream_type"}``',
        call=("_start_codes", '"ticker"', *COMMON),
        keys='such as ``"ticker=KRW-BTC/KRW-ETH"``',
        source="kr/reference/websocket-ticker (2026-11)",
    ),
    Method(
        name="start_trade_socket",
        type="trade",
        says="Every trade of markets; the snapshot is the last one. Two of one second may come in either order.",
        arguments=(
            CODES,
            PREFERENCE,
            backfill(),
            history("Trades of seven days at most; no more than 10,000"),
        ),
        payload='``{"type": "trade", "code", "trade_price", "trade_volume", "ask_bid", "sequential_id", ...}``',
        call=("_start_codes", '"trade"', *COMMON, *PAST),
        keys='such as ``"trade=KRW-BTC"``',
        source="kr/reference/websocket-trade (2026-11)",
    ),
    Method(
        name="start_orderbook_socket",
        type="orderbook",
        says="Order books: every message is the whole of it, or its best levels.",
        more="Sockets that want different counts of a market share one subscription of the largest; each gets its own "
        "number of levels.",
        arguments=(
            CODES,
            PREFERENCE,
            Argument(
                "count", "levels per side: 1, 5, 15 or 30 (default)", kind="int", default=30, keyword=True
            ),
            Argument(
                "level",
                "price unit by which levels are grouped, a number or text; 0 (default) for the market's own. Korean "
                "won markets alone have others",
                kind="object",
                default=0,
                keyword=True,
            ),
        ),
        payload='``{"type": "orderbook", "code", "orderbook_units": [{"ask_price", "bid_price", "ask_size", '
        '"bid_size"}, ...], "level", ...}``, the best first',
        call=("_start_orderbooks", "codes", "callback", "name", "count", "level", "preference=stream_preference"),
        keys='such as ``"orderbook=KRW-BTC&count=5"``',
        source="kr/reference/websocket-orderbook (2026-09-09)",
    ),
    Method(
        name="start_candle_socket",
        type="candle",
        says="Candles: a message at most once a second, where a trade has changed one. The next one's begin ends it.",
        arguments=(
            CODES,
            Argument(
                "unit",
                '``"1s"``, ``"1m"`` (default), ``"3m"``, ``"5m"``, ``"10m"``, ``"15m"``, ``"30m"``, ``"60m"`` or '
                '``"240m"``',
                default="1m",
            ),
            PREFERENCE,
            backfill(" in order"),
            history("No more than 4,000"),
        ),
        payload='``{"type": "candle.1m", "code", "candle_date_time_utc", "opening_price", ...}``',
        call=("_start_codes", 'f"candle.{unit_of(unit)}"', *COMMON, *PAST),
        keys='such as ``"candle.1m=KRW-BTC"``',
        source="kr/reference/websocket-candle (2026-11)",
    ),
    Method(
        name="start_my_order_socket",
        type="myOrder",
        says="The account's own orders: placed, filled, cancelled. The API key needs the permission to view orders.",
        arguments=(
            Argument(
                "codes",
                "orders of these markets alone; ``None`` (default) for all",
                kind="str | Iterable[str] | None",
                default=None,
            ),
            prime(
                "begin with the orders that are open by then, over REST, and so again behind a lost link; their "
                '``stream_type`` is ``"SNAPSHOT"``. What comes meanwhile waits, and may repeat what they say. Default '
                "``True``: the stream itself tells what changes alone"
            ),
        ),
        payload='``{"type": "myOrder", "code", "uuid", "state", "price", "executed_volume", ...}``',
        thread=ACCOUNT,
        call=("_start_my_orders", "codes", "callback", "name", "prime=prime"),
        keys='``"myOrder"`` or one such as ``"myOrder=KRW-BTC"``',
        source="kr/reference/websocket-myorder (2026-11-06)",
    ),
    Method(
        name="start_my_asset_socket",
        type="myAsset",
        says="The account's balances as they change. The API key needs the permission to view assets.",
        arguments=(prime("begin with all balances, over REST, as with orders. Default ``True``"),),
        payload='``{"type": "myAsset", "assets": [{"currency", "balance", "locked"}, ...], ...}``',
        thread=ACCOUNT,
        call=("_start_alone", '"myAsset"', "callback", "name", "prime=prime"),
        keys='``"myAsset"``',
        source="kr/v1.6.4/reference/websocket-myasset (2026-11)",
    ),
    Method(
        name="start_announcement_socket",
        type="announcement",
        says="Notices of the exchange as they are published or changed. Any API key will do.",
        arguments=(
            Argument(
                "categories",
                "those of these categories alone; ``None`` (default) for all",
                kind="str | Iterable[str] | None",
                default=None,
            ),
            Argument(
                "include_body", "with their texts, as Markdown. Default ``False``", "", "bool", False, keyword=True
            ),
        ),
        payload='``{"type": "announcement", "event_type", "category", "title", "url", ...}``',
        thread=ACCOUNT,
        call=("_start_announcements", "categories", "include_body", "callback", "name"),
        keys='``"announcement"`` or one such as ``"announcement&include_body"``',
        source="kr/reference/websocket-announcement (2026-11)",
    ),
    Method(
        name="start_indicator_socket",
        type="indicator",
        says="A technical indicator of Korean won markets at each candle's end, or the signal that it was crossed.",
        more="A connection carries at most 100 indicators, those of all sockets together. Any API key will do.",
        arguments=(
            CODES,
            Argument(
                "indicator",
                '``"volume"``, ``"rsi"``, ``"moving_average"``, ``"ma_crossover"``, ``"bollinger_bands"`` or '
                '``"macd"``',
            ),
            Argument(
                "timeframe", '``"5m"`` (default), ``"15m"``, ``"60m"``, ``"240m"`` or ``"1d"``', default="5m"
            ),
            Argument(
                "params",
                'of the indicator, as the exchange documents them, such as ``{"period": 14}``; ``None`` (default) for '
                "none",
                kind="Mapping[str, Any] | None",
                default=None,
            ),
            Argument(
                "trigger",
                'such as ``"overbought"``: messages of the type ``indicator_signal`` come when that becomes true, and '
                "no others. ``None`` (default) for the values",
                kind="str | None",
                default=None,
                keyword=True,
            ),
            Argument(
                "event_params",
                'of the trigger, such as ``{"threshold": 70}``',
                kind="Mapping[str, Any] | None",
                default=None,
                keyword=True,
            ),
        ),
        payload='``{"type": "indicator", "code", "timeframe", "indicator", "params", "value", ...}``',
        thread="a thread that indicators share",
        call=(
            "_start_indicators", "codes", "callback", "name", "indicator", "timeframe", "params", "trigger",
            "event_params",
        ),
        keys='such as ``"indicator=KRW-BTC:5m:rsi:[null,null,null]"``',
        source="kr/reference/websocket-indicator (2026-09-23)",
    ),
)  # fmt: skip


def source() -> str:
    """The text of the generated file."""
    return HEAD + "\n".join(method.text() for method in METHODS)


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
