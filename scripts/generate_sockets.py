"""Writes the ``start_*`` methods and their reference from the table of streams: ``make sockets``.

The methods are written out, and not made at run time, so that ``help()``, completion and type checkers see them. A test
holds them in step with the table.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from binance_sockets.exchanges.binance.families import REDUNDANCY, REQUIRED, ROWS, SUBJECTS, Argument, Family  # noqa: E402
from binance_sockets.exchanges.binance.models.base import FILLER, IGNORED, structs_in  # noqa: E402
from binance_sockets.exchanges.binance.names import fill  # noqa: E402
from binance_sockets.exchanges.binance.products import MARKETS  # noqa: E402
from binance_sockets.exchanges.binance.unify import unified_types  # noqa: E402

FOLDER = ROOT / "binance_sockets" / "exchanges" / "binance"
REFERENCE = ROOT / "docs" / "reference" / "api.rst"
MARKS = (".. begin methods\n", ".. end methods\n")
HEADER = "# Written by scripts/generate_sockets.py from the table in families.py; edit the table instead."
WIDTH = 120
FUTURES_TYPE = "futures_type"
ANY_NUMBERS = "NumbersName | None = None"
OTHER_VIEWS = '``"typed"``, ``"unified"`` or ``"raw"``'
NUMBERS = (
    'what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None`` (default) for ``"str"`` '
    'in the typed view, ``"float"`` in the unified one'
)

SHARED = """\
Every method registers one connection and returns its conn key, or ``False`` while that key is in
use. Any thread may call it; it does not block, and raises at once for a bad argument.

Prices and quantities are decimal strings, times whole milliseconds{unit}. What the letters mean is said by the typed
events, in ``binance_sockets.exchanges.binance.models``; what fits none of them comes as with ``view="dict"``. So it is
with the exchange-neutral events of ``view="unified"``, in ``binance_sockets.unified``. The
callback takes one argument and runs on the connection's thread; in every view the last payload of a connection that
gives up is the dict ``{{"e": "error", "m": ...}}``.
"""


@dataclass(frozen=True)
class Module:
    """One generated file.

    Args:
        name: of the module.
        title: its docstring.
        heading: of its methods in the reference.
        markets: whose streams stand in it.
        owner: name of the class.
        says: the class docstring's first lines.
        unit: further units of times.
        without: what Binance.US lacks, for the texts; empty for spot.
        constants: lines at the top of the class.
    """

    name: str
    title: str
    heading: str
    markets: frozenset[str]
    owner: str
    says: str
    unit: str = ""
    without: str = ""
    constants: Sequence[str] = ()

    @property
    def rows(self) -> list[Family]:
        """The rows whose methods stand here."""
        return [row for row in ROWS if row.method and self.markets.issuperset(row.markets)]


MODULES = (
    Module(
        "sockets_spot",
        "``start_*`` methods of the spot streams.",
        "Spot",
        frozenset(("spot", "us")),
        "SpotSockets",
        """\
Spot streams. Payloads are bare, exactly as in the exchange's ``web-socket-streams.md`` (2026-07-21).

Names, order and meaning of the arguments are python-binance 0.7's; ``view`` and ``time_unit`` are taken by keyword
only.""",
        unit=', or microseconds with ``time_unit="us"``, which Binance.US does not have',
        constants=('WEBSOCKET_DEPTH_5 = "5"', 'WEBSOCKET_DEPTH_10 = "10"', 'WEBSOCKET_DEPTH_20 = "20"'),
    ),
    Module(
        "sockets_futures",
        "``start_*`` methods of the USD-M and COIN-M futures streams.",
        "USD-M and COIN-M futures",
        frozenset(("usdm", "coinm")),
        "FuturesSockets",
        """\
Futures streams, after the derivatives documentation and its change log (2026-10-23).

``futures_type`` is ``"usdm"`` or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too. Conn keys begin with
``usdm:`` or ``coinm:``. The six methods that python-binance 0.7 had keep its payload ``{"stream", "data"}``, which
their text says; all others get the bare payload. The route of a USD-M stream (``/public`` or ``/market``) stands in the
table of streams. ``view`` is taken by keyword only.""",
        without="futures",
    ),
    Module(
        "sockets_options",
        "``start_*`` methods of the European options streams.",
        "Options",
        frozenset(("options",)),
        "OptionsSockets",
        """\
Options streams, after the options documentation of 2026 (hosts and names changed on 2025-12-15).

Symbols are those of contracts (``BTC-261225-110000-C``) or of underlyings (``BTCUSDT``), in any case. Payloads are
bare; conn keys begin with ``options:``. ``view`` is taken by keyword only.""",
        without="options",
    ),
)


@dataclass(frozen=True)
class Method:
    """One ``start_*`` method: the rows that it serves, and where."""

    module: Module
    rows: tuple[Family, ...]

    @property
    def name(self) -> str:
        return self.rows[0].method

    @property
    def arguments(self) -> tuple[Argument, ...]:
        return (*self.rows[0].arguments, REDUNDANCY) if self.living else self.rows[0].arguments

    @property
    def given(self) -> list[str]:
        """The names of its arguments."""
        return [each.name for each in self.arguments]

    @property
    def living(self) -> list[Family]:
        """Its rows in every market that still has them."""
        expanded = [row.of(market) for row in self.rows for market in row.markets]
        return [row for row in expanded if row.retired is None]

    @property
    def takes_time_unit(self) -> bool:
        return any(MARKETS[market].microseconds for market in self.module.markets)

    def text(self) -> str:
        """The whole method, overloads first."""
        parts = []
        if self.living:
            for view, numbers, payloads in self.views():
                callback = " | ".join(f"Callable[[{payload}], object]" for payload in payloads)
                parts += ["    @overload", self.signature(callback, view, numbers, " ...")]
            # a view that is known only at run time; as a string it is one of the above
            parts += ["    @overload", self.signature("Callback", "View", ANY_NUMBERS, " ...")]
        parts.append(self.signature("Callback", 'ViewName = "dict"', ANY_NUMBERS, ""))
        parts += ['        """' + self.docstring().lstrip(), '        """', self.body()]
        return "\n".join(parts) + "\n"

    def views(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each view with the numbers that it may be asked for, and the payloads that it has then."""
        for view, default, payloads in (("AsEvent", "str", typed), ("AsUnified", "float", neutral)):
            if payloads(self.rows, "") == payloads(self.rows, "[float]"):  # none, or without numbers
                yield from [(view, ANY_NUMBERS, found)] if (found := payloads(self.rows, "")) else []
                continue
            for name, kind in (("str", "str"), ("decimal", "Decimal"), ("float", "float")):
                wanted = f'Literal["{name}"]'
                wanted = f"{wanted} | None = None" if name == default else wanted
                yield view, wanted, payloads(self.rows, "" if name == default else f"[{kind}]")
        yield "AsRaw", "", ["bytes"]
        yield 'AsDict = "dict"', "", plain(self.rows)

    def signature(self, callback: str, view: str, numbers: str, end: str) -> str:
        """The ``def`` line or lines, laid out as the formatter does."""
        ordered = [f"{each.name}: {each.kind}{default(each)}" for each in self.arguments if not each.keyword]
        ordered.insert(self.callback_place, f"callback: {callback}")
        named = [f"{each.name}: {each.kind}{default(each)}" for each in self.arguments if each.keyword]
        named.append(f"view: {view}")
        named += [f"numbers: {numbers}"] if numbers else []
        if self.takes_time_unit:
            named.append("time_unit: TimeUnit = None")
        return laid_out(self.name, ["self", *ordered, "*", *named], end)

    def body(self) -> str:
        """The one call."""
        product = f'"{MARKETS[self.rows[0].markets[0]].name}"'
        if FUTURES_TYPE in self.given:
            product = f"futures_product({FUTURES_TYPE})"
        keys = ", ".join(f'"{row.key}"' for row in self.rows) + ("," if len(self.rows) == 1 else "")
        names = [name for name in self.given if name != FUTURES_TYPE] + (["numbers"] if self.living else [])
        given = "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"
        tail = "callback, view, time_unit" if self.takes_time_unit else "callback, view"
        one = f"        return self._start_stream({product}, ({keys}), {given}, {tail})"
        if len(one) <= WIDTH:
            return one
        if len(given) + 16 > WIDTH:
            given = "{\n" + "".join(f'            "{name}": {name},\n' for name in names) + "        }"
        return f"        given = {given}\n        return self._start_stream({product}, ({keys}), given, {tail})"

    def docstring(self) -> str:
        """Its text, complete in itself."""
        lines = [wrapped(self.summary(), 8)]
        for paragraph in self.paragraphs():
            lines += ["", wrapped(paragraph, 8)]
        lines += ["", "        Args:"]
        lines += [wrapped(f"{name}: {text}.", 12, 16) for name, text in self.described()]
        lines += ["", "        Returns:", wrapped(self.returns(), 12), "", "        Raises:"]
        lines += [wrapped(text, 12, 16) for text in self.raises()]
        lines += ["", wrapped(f"Source: {self.source()}.", 8)]
        return "\n".join(lines)

    def described(self) -> Iterator[tuple[str, str]]:
        """Each argument with its line, in the signature's order."""
        alive = bool(self.living)
        lines = [(each.name, self.says(each)) for each in self.arguments]
        callback = f"gets each payload on the connection's thread: {self.payload()}" if alive else "never called"
        lines.insert(self.callback_place, ("callback", callback))
        yield from lines
        unused = "" if alive else "; without effect"
        yield "view", f'``"dict"`` (default), {self.other_views() if alive else OTHER_VIEWS}{unused}'
        yield "numbers", NUMBERS if alive else f"what numbers of events are decoded to{unused}"
        if self.takes_time_unit:
            unit = '``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds'
            yield "time_unit", unit + unused

    @property
    def callback_place(self) -> int:
        """Second to what the stream is about, else first."""
        return 1 if self.arguments and self.arguments[0].name in SUBJECTS else 0

    def summary(self) -> str:
        """The first line: what, by which name, how often."""
        first = self.rows[0]
        if not self.living:
            return f"{first.says}: ``{first.pattern}``, which the exchange no longer has. Always raises."
        return f"{first.says}: ``{first.pattern}``, {self.speed(first.key)}."

    def paragraphs(self) -> Iterator[str]:
        """Further rows, and what else to know."""
        for row in self.rows[1:]:
            yield f"Or {row.says[0].lower()}{row.says[1:]}: ``{row.pattern}``, {self.speed(row.key)}."
        gone = [MARKETS[market].title for row in self.rows for market in row.markets if row.of(market).retired]
        if gone and self.living:
            only = ", ".join(dict.fromkeys(MARKETS[row.market].title for row in self.living))
            yield f"{only} only."
        for row in self.rows:
            notes = [row.note] if row.note else []
            for market in row.markets[1:]:
                other = row.of(market).note
                if other and other != row.note:
                    notes.append(f"{MARKETS[market].title}: {other[0].lower()}{other[1:]}")
            if notes:
                yield " ".join(notes)

    def speed(self, key: str) -> str:
        """How often a row is pushed, by market where they differ."""
        speeds = {MARKETS[row.market].title: every(row.speed) for row in self.living if row.key == key}
        if len(set(speeds.values())) == 1:
            return next(iter(speeds.values()))
        return ", ".join(f"{title} {text}" for title, text in speeds.items())

    def says(self, argument: Argument) -> str:
        """An argument's line, with what the rows allow."""
        rows = [row for row in self.living if f"<{argument.placeholder}>" in row.pattern]
        if not rows:
            return argument.says
        allowed = {MARKETS[row.market].title: row.allowed.get(argument.placeholder, ()) for row in rows}
        first, *others = allowed.values()
        common = [value for value in first if all(value in other for other in others)]
        values = coded(common)
        for title, own in allowed.items():
            if more := [value for value in own if value not in common]:
                values += f" ({title} also {coded(more)})"
        said = argument.says.replace("{values}", values)
        return said.replace("{default}", rows[0].default.get(argument.placeholder, ""))

    def payload(self) -> str:
        """What the callback gets in the dict view."""
        texts = {row.pattern: payload_of(row, self.living) for row in self.rows}
        if len(set(texts.values())) == 1:
            text = next(iter(texts.values()))
        else:
            text = "; ".join(f"of ``{pattern}`` {text}" for pattern, text in texts.items())
        return f'``{{"stream", "data"}}``, ``data`` being {text}' if self.rows[0].wrapped else text

    def other_views(self) -> str:
        """The views beside the dict view, with what the callback gets there."""
        texts = [f'``"typed"`` ({self.events("models", lambda row: row.models)})']
        if any(map(unified_types, self.rows)):
            texts.append(f'``"unified"`` ({self.events("unified", unified_types)})')
        return ", ".join(texts) + ' or ``"raw"`` (bytes)'

    def events(self, module: str, kinds: Callable[[Family], Iterable[Any]]) -> str:
        """What the callback gets in a view of events."""
        texts = []
        for row in self.rows:
            text = choice([f"``{module}.{each.__name__}``" for each in kinds(row)])
            text = f"a list of {text}" if row.array else text
            texts.append(f"``models.Combined`` of {text}" if row.wrapped else text)
        return choice(list(dict.fromkeys(texts)))

    def returns(self) -> str:
        if not self.living:
            return "Nothing, as it raises at once in the caller's thread."
        market = self.living[0].market
        given = {each.name: each.example or each.default for each in self.arguments}
        product = given.get(FUTURES_TYPE, MARKETS[market].name)
        key = fill([row for row in self.living if row.market == market], given).key
        key = key if product == "spot" else f"{product}:{key}"
        such = ", such as" if self.arguments else ""
        return f'The conn key{such} ``"{key}"``; ``False`` while it is in use. Any thread may call; it does not block.'

    def raises(self) -> Iterator[str]:
        for row in self.rows:
            for market in row.markets:
                if end := row.of(market).retired:
                    where = f"on {MARKETS[market].title}, " if self.living else ""
                    yield f"StreamRetired: {where}since {end.since}; use {end.replacement}."
                    break
        markets = {row.market for row in self.living}
        beyond = ""
        if self.module.without:
            beyond = f'; on Binance.US and ``"data"``, without {self.module.without}'
        elif markets and "us" not in markets:
            beyond = "; on Binance.US, which has no such stream"
        if self.living:
            yield f"ConfigError: for a bad argument, naming the allowed values{beyond}."
            yield "ManagerClosed: in a process forked after ``start()``."
            yield "RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor."
        else:
            yield "ConfigError: for a bad ``view`` or ``time_unit``, naming the allowed values."

    def source(self) -> str:
        first = self.rows[0]
        headings = " and ".join(dict.fromkeys(row.source for row in self.rows))
        if not first.documented:
            return headings
        market = self.living[0].market
        return f"{MARKETS[market].document}, {headings}"


def laid_out(name: str, parts: Sequence[str], end: str) -> str:
    """The ``def`` of a start method, as the formatter lays it out."""
    joined = ", ".join(parts)
    one = f"    def {name}({joined}) -> Key:{end}"
    if len(one) <= WIDTH:
        return one
    if len(joined) + 8 <= WIDTH:
        return f"    def {name}(\n        {joined}\n    ) -> Key:{end}"
    broken = [part if len(part) + 9 <= WIDTH else part.replace(" | ", "\n        | ") for part in parts]
    return f"    def {name}(\n" + "".join(f"        {part},\n" for part in broken) + f"    ) -> Key:{end}"


def default(argument: Argument) -> str:
    """`` = value`` of an argument that has one."""
    if argument.default is REQUIRED:
        return ""
    text = f'"{argument.default}"' if isinstance(argument.default, str) else repr(argument.default)
    return f" = {text}"


def typed(rows: Sequence[Family], numbers: str) -> list[str]:
    """The annotations of the typed payloads: who asks for one of several may take that one alone."""
    return events_of(rows, "m", lambda row: row.models, numbers)


def neutral(rows: Sequence[Family], numbers: str) -> list[str]:
    """The annotations of the payloads in the unified view; none where the rows have none."""
    return events_of(rows, "u", unified_types, numbers)


def events_of(rows: Sequence[Family], module: str, kinds: Callable[[Family], Iterable[Any]], numbers: str) -> list[str]:
    texts = []
    for row in rows:
        for each in kinds(row):
            text = f"{module}.{each.__name__}" + (numbers if getattr(each, "__parameters__", ()) else "")
            text = f"list[{text}]" if row.array else text
            texts.append(f"m.Combined[{text}]" if row.wrapped else text)
    return list(dict.fromkeys(texts))


def plain(rows: Sequence[Family]) -> list[str]:
    """The annotation of the payload in the dict view."""
    return ["list[Payload]" if rows[0].array and not rows[0].wrapped else "Payload"]


def payload_of(row: Family, living: Sequence[Family]) -> str:
    """A row's payload in words: its letters, those of its parts, and its ``e``."""
    model = row.models[0]
    text = ("a list of dicts" if row.array else "a dict") + " with " + f"``{', '.join(letters(model, row.lacks))}``"
    parts = [
        f"``{field.encode_name}``: ``{', '.join(letters(part))}``"
        for field in msgspec.structs.fields(model)
        for part in structs_in(field.type)
    ]
    text += f" ({'; '.join(parts)})" if parts else ""
    for other in living:
        if other.key == row.key and (more := [each for each in other.lacks if each not in row.lacks]):
            text += f", {MARKETS[other.market].title} without {coded(more)}"
    structs = [model, *(part for field in msgspec.structs.fields(model) for part in structs_in(field.type))]
    empty = [name for each in structs for name, why in each.left_out.items() if why in (IGNORED, FILLER)]
    if empty:
        text += f"; ``{', '.join(empty)}`` " + ("means nothing" if len(empty) == 1 else "mean nothing")
    events = [f"``{event}``" for event in row.events]
    return f"{text}; ``e`` is {choice(events)}" if events else text


def letters(struct: Any, lacks: Sequence[str] = ()) -> list[str]:
    """The names of a Struct's fields on the wire, ``e`` first."""
    names = [field.encode_name for field in msgspec.structs.fields(struct)]
    tag = [struct.__struct_config__.tag_field] if struct.__struct_config__.tag else []
    names = [*tag, *sorted(names, key=lambda name: name != "e")]
    return [name for name in names if name not in lacks]


def every(speed: str) -> str:
    """A speed as part of a sentence."""
    return {"real time": "in real time", "1 s": "every second"}.get(speed, f"every {speed}")


def choice(texts: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if texts[1:] else texts)


def coded(values: Sequence[str]) -> str:
    return ", ".join(f"``{value}``" for value in values)


def wrapped(text: str, indent: int, following: int | None = None) -> str:
    """``text`` in lines of the project's width; what is quoted as code is never broken."""
    width = WIDTH - 3  # a docstring's first line has its quotes, too
    pieces = text.split("``")
    pieces[1::2] = [piece.replace(" ", "\0") for piece in pieces[1::2]]
    first, others = " " * indent, " " * (following or indent)
    whole = re.sub(r"(?<=[0-9]) (?=m?s\b)", "\0", "``".join(pieces))  # nor is a number parted from its unit
    lines = textwrap.wrap(whole, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def methods(module: Module) -> list[Method]:
    """The methods of a module, in the table's order."""
    by_name: dict[str, list[Family]] = {}
    for row in module.rows:
        by_name.setdefault(row.method, []).append(row)
    return [Method(module, tuple(rows)) for rows in by_name.values()]


def source_of(module: Module) -> str:
    """The text of a generated file."""
    written = methods(module)
    names = ["AsDict", "AsEvent", "AsRaw", "AsUnified", "Callback"]
    names += ["History"] if any("History" in each.kind for method in written for each in method.arguments) else []
    names += ["Key", "NumbersName", "Payload", "ViewName"]
    own = ["MarketSockets"] + (["TimeUnit"] if written[0].takes_time_unit else [])
    own += ["futures_product"] if any(FUTURES_TYPE in method.given for method in written) else []
    paragraphs = f"{module.says} {SHARED.format(unit=module.unit)}".split("\n\n")
    text = "\n\n".join(wrapped(" ".join(each.split()), 4) for each in paragraphs)
    head = [
        f'"""{module.title}"""',
        "",
        HEADER,
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Callable",
        "from decimal import Decimal",
        "from typing import Literal, overload",
        "",
        "from ... import unified as u",
        "from ...exchange import View",
        f"from ..arguments import {', '.join(names)}",
        "from . import models as m",
        f"from .sockets import {', '.join(own)}",
        "",
        f'__all__ = ["{module.owner}"]',
        "",
        "",
        f"class {module.owner}(MarketSockets):",
        '    """' + text.lstrip(),
        '    """',
        "",
    ]
    if module.constants:
        head += [*(f"    {line}" for line in module.constants), ""]
    return "\n".join(head) + "\n" + "\n".join(method.text() for method in written)


def reference() -> str:
    """The page on the API, with every method between its marks."""
    begin, end = MARKS
    page = REFERENCE.read_text(encoding="utf-8")
    before, _, rest = page.partition(begin)
    lines = [""]
    for module in MODULES:
        lines += [module.heading, "~" * len(module.heading), ""]
        for method in methods(module):
            lines += [f".. automethod:: binance_sockets.SocketManager.{method.name}", ""]
    return before + begin + "\n".join(lines) + "\n" + end + rest.partition(end)[2]


def files() -> dict[Path, str]:
    """Every generated file and its text."""
    return {REFERENCE: reference(), **{FOLDER / f"{module.name}.py": source_of(module) for module in MODULES}}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
