"""Tables and comparisons of measured figures: for the terminal and for the documentation."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from operator import truediv
from typing import Any

Entry = dict[str, Any]
Row = list[str]
_CELL = ("payload", "tls", "connections", "rate", "busy", "big_records")


def median(entry: Entry, name: str) -> float | None:
    """The median of a figure over the repetitions; ``None`` where it was not measured."""
    values = entry.get(name)
    return statistics.median(values) if values and entry["error"] is None else None


def ratio(entry: Entry | None, base: Entry | None, name: str = "us") -> float | None:
    """The median of the ratios of the repetitions, so that drift between them falls out.

    Returns:
        ``None`` where one was not run, NaN where a run has failed.
    """
    if entry is None or base is None:
        return None
    if entry["error"] or base["error"]:
        return math.nan
    pairs = [mine / theirs for mine, theirs in zip(entry.get(name, []), base.get(name, []), strict=False) if theirs]
    return statistics.median(pairs) if pairs else None


def find(entries: list[Entry], client: str, **fields: Any) -> Entry | None:
    """The first entry of ``client`` with these fields."""
    wanted = {"client": client, **fields}
    return next((entry for entry in entries if all(entry[name] == value for name, value in wanted.items())), None)


def cells(entries: list[Entry]) -> Iterator[tuple[Entry, list[Entry]]]:
    """Groups of entries that differ in the client only, each with its limit, or an empty dict if there is none."""
    groups: dict[tuple[Any, ...], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(tuple(entry[name] for name in _CELL), []).append(entry)
    for group in groups.values():
        yield find(group, "limit") or find(group, "limit-upbit") or {"error": "no limit"}, group


def title(entry: Entry) -> str:
    words = [entry["payload"], "TLS" if entry["tls"] else "plain"]
    if entry["rate"]:
        words.append(f"{entry['rate']:,.0f} messages/s")
    if entry["connections"] > 1:
        words.append(f"{entry['connections']} connections")
    return ", ".join(words)


# -- one table per scenario; each is (title, head, rows) --------------------------------------------------------------

Table = tuple[str, Row, list[Row]]


def _number(value: float | None, form: str = ",.2f") -> str:
    return "-" if value is None or math.isnan(value) else format(value, form)


def _spread(entry: Entry) -> str:
    values = entry.get("us") or []
    return f"{min(values):.2f}-{max(values):.2f}" if len(values) > 1 else "-"


def _cost_tables(
    entries: list[Entry], order: str, columns: list[tuple[str, Callable[[Entry, Entry], str]]]
) -> list[Table]:
    tables = []
    for limit, group in cells(entries):
        rows = []
        for entry in sorted(group, key=lambda entry: median(entry, order) or float("inf")):
            if entry["error"]:
                rows.append([entry["client"], f"failed: {entry['error'][:60]}", *[""] * (len(columns) - 1)])
            else:
                rows.append([entry["client"], *(make(entry, limit) for _, make in columns)])
        tables.append((title(group[0]), ["client", *(name for name, _ in columns)], rows))
    return tables


_CPU = ("CPU us/message", lambda entry, _: _number(median(entry, "us")))
_X = ("x limit", lambda entry, limit: _number(ratio(entry, limit)))


def burst(entries: list[Entry]) -> list[Table]:
    return _cost_tables(
        entries,
        "us",
        [
            _CPU,
            _X,
            ("lowest-highest", lambda entry, _: _spread(entry)),
            ("messages/s", lambda entry, _: _number(median(entry, "per_second"), ",.0f")),
            ("peak MB", lambda entry, _: _number((median(entry, "memory_peak_kb") or 0) / 1024, ".0f")),
            ("threads", lambda entry, _: _number(median(entry, "threads"), ".0f")),
        ],
    )


def paced(entries: list[Entry]) -> list[Table]:
    return _cost_tables(
        entries,
        "us",
        [
            _CPU,
            _X,
            ("p50 us", lambda entry, _: _number(median(entry, "p50"), ",.0f")),
            ("p50 x limit", lambda entry, limit: _number(ratio(entry, limit, "p50"))),
            ("p99 us", lambda entry, _: _number(median(entry, "p99"), ",.0f")),
            ("sent late us", lambda entry, _: _number(median(entry, "sent_late_us"), ",.0f")),
        ],
    )


def connections(entries: list[Entry]) -> list[Table]:
    """CPU per message over the number of connections; and the median delay, where a backlog shows."""
    tables = []
    for tls in (False, True):
        chosen = [entry for entry in entries if entry["tls"] == tls]
        counts = sorted({entry["connections"] for entry in chosen})
        if not chosen:
            continue
        for figure, label, form in (
            ("us", "CPU us/message", ".1f"),
            ("p50", "p50 us", ",.0f"),
            ("p99", "p99 us", ",.0f"),
        ):
            rows = []
            for client in dict.fromkeys(entry["client"] for entry in chosen):
                found = [find(chosen, client, connections=count) for count in counts]
                texts = ["failed" if e and e["error"] else _number(e and median(e, figure), form) for e in found]
                last, first = found[-1], found[0]
                rows.append([client, *texts, _number(ratio(last, first, figure))])
            head = ["client", *(f"{count} connections" for count in counts), f"{counts[-1]} / {counts[0]}"]
            rate = f"{chosen[0]['rate']:,.0f} messages/s in all"
            tables.append((f"{label}, {chosen[0]['payload']}, {'TLS' if tls else 'plain'}, {rate}", head, rows))
    return tables


def busy(entries: list[Entry]) -> list[Table]:
    tables = []
    for _, group in cells(entries):
        base = find(group, "websocket-client")
        rows = []
        for entry in sorted(group, key=lambda entry: -(median(entry, "per_second") or 0)):
            speed = f"failed: {entry['error'][:60]}" if entry["error"] else _number(median(entry, "per_second"), ",.0f")
            rows.append([entry["client"], speed, _number(ratio(entry, base, "per_second"), ",.1f")])
        head = ["client", "messages/s", "x websocket-client"]
        tables.append((f"{title(group[0])}, a CPU-bound thread beside", head, rows))
    return tables


def beside(entries: list[Entry]) -> list[Table]:
    """Bursts by their worst and median speed, paced ones by their delays; beside each kind of calculation."""
    tables = []
    for paced in (False, True):
        rows = []
        for entry in (entry for entry in entries if bool(entry["rate"]) == paced):
            row = [entry["busy"] or "nothing", f"{entry['client']} {'TLS' if entry['tls'] else 'plain'}"]
            base = find(entries, "ours", tls=False, busy=entry["busy"], rate=entry["rate"])
            if entry["error"]:
                rows.append([*row, f"failed: {entry['error'][:60]}", "", ""])
            elif paced:
                behind = max(entry["seconds"]) * entry["rate"] / entry["messages"]
                found = (_number(median(entry, "p50"), ",.0f"), _number(max(entry["p99"]), ",.0f"))
                rows.append([*row, *found, _number(behind)])
            else:
                speeds = entry["per_second"]
                share = _number(ratio(entry, base, "per_second"))
                rows.append([*row, _number(median(entry, "per_second"), ",.0f"), _number(min(speeds), ",.0f"), share])
        figures = (
            ["p50 us", "p99 us at worst", "duration / planned"] if paced else ["messages/s", "at worst", "x plain"]
        )
        if rows:
            name = "2,000 messages/s" if paced else "burst"
            tables.append((f"trade, {name}, beside a thread that computes", ["beside", "client", *figures], rows))
    return tables


def per_connection_kb(entries: list[Entry], client: str, tls: bool) -> float | None:
    """Memory of one more idle connection, from the fewest and the most connections measured."""
    found = [entry for entry in entries if entry["client"] == client and entry["tls"] == tls]
    found.sort(key=lambda entry: entry["connections"])
    if len(found) < 2:
        return None
    few, many = (median(entry, "memory_kb") for entry in (found[0], found[-1]))
    if few is None or many is None:
        return math.nan
    return (many - few) / (found[-1]["connections"] - found[0]["connections"])


def memory(entries: list[Entry]) -> list[Table]:
    rows = []
    for client in dict.fromkeys(entry["client"] for entry in entries):
        row = [client]
        for tls in (False, True):
            mine = [entry for entry in entries if entry["client"] == client and entry["tls"] == tls]
            failed = [entry["error"] for entry in mine if entry["error"]]
            row.append(
                f"failed: {failed[0][:40]}" if failed else _number(per_connection_kb(entries, client, tls), ".1f")
            )
        many = max(
            (entry for entry in entries if entry["client"] == client),
            key=lambda entry: (entry["connections"], entry["tls"]),
        )
        rows.append([*row, _number(median(many, "threads"), ".0f")])
    return [("idle connections", ["client", "plain KB/connection", "TLS KB/connection", "threads at most"], rows)]


def growth(entries: list[Entry]) -> list[Table]:
    tables = []
    for entry in entries:
        rows = [[f"{count:,}", f"{memory / 1024:.1f}"] for count, memory in entry.get("checkpoints", [])]
        tables.append((f"{entry['client']}, {title(entry)}", ["messages", "resident MB"], rows))
    return tables


TABLES: dict[str, Callable[[list[Entry]], list[Table]]] = {
    "burst": burst,
    "records": burst,
    "upbit": burst,
    "paced": paced,
    "connections": connections,
    "busy": busy,
    "beside": beside,
    "memory": memory,
    "growth": growth,
}


# -- aims -------------------------------------------------------------------------------------------------------------


def aims(results: dict[str, list[Entry]]) -> list[Row]:
    """What the project wants to reach, with what was measured; only what the results hold."""
    rows: list[Row] = []

    def aim(text: str, value: float | None, bound: float, at_least: bool = False, form: str = ".2f") -> None:
        if value is not None:
            reached = value >= bound if at_least else value <= bound
            sign = ">=" if at_least else "<="
            measured = "failed" if math.isnan(value) else format(value, form)
            rows.append([text, measured, f"{sign} {bound:g}", "yes" if reached else "NO"])

    bursts = results.get("burst", [])

    def against_limit(client: str, payload: str, tls: bool = False) -> float | None:
        fields = {"payload": payload, "tls": tls}
        return ratio(find(bursts, client, **fields), find(bursts, "limit", **fields))

    small = ("trade", "bookTicker", "aggTrade")
    for client, payloads, bound in (
        ("ours", small, 1.25),
        ("ours-typed", small, 1.0),
        ("ours", ("combined",), 1.4),
        ("ours", ("depth", "miniTickerArr"), 1.1),
    ):
        for payload in payloads:
            aim(f"{client}, {payload}, plain burst, CPU / limit", against_limit(client, payload), bound)
    aim("ours, trade, TLS burst, CPU / SSLSocket limit", against_limit("ours", "trade", True), 0.75)
    ours = find(bursts, "ours", payload="trade", tls=False)
    for peer in ("binance-connector", "python-binance-0.7.10", "python-binance-1.0.37"):
        aim(
            f"{peer} / ours, trade, plain burst, CPU",
            ratio(find(bursts, peer, payload="trade", tls=False), ours),
            7,
            True,
        )
    even = results.get("paced", [])
    pair = [find(even, client, payload="trade", tls=False) for client in ("ours", "limit")]
    aim("ours, paced, plain, CPU / limit", ratio(*pair), 1.3)
    aim("ours, paced, plain, p50 / limit", ratio(*pair, "p50"), 1.3)
    many = results.get("connections", [])
    spread = [find(many, "ours", connections=count, tls=False) for count in (200, 1)]
    aim("ours, 200 connections / 1, plain, CPU", ratio(*spread), 2)
    if spread[0] is not None:
        entry = spread[0]
        expected = entry["messages"] * entry["connections"] / entry["rate"]
        duration = (median(entry, "seconds") or math.nan) / expected
        aim("ours, 200 connections, plain, duration / planned", duration, 1.1)
    beside = results.get("busy", [])
    for peer in ("websocket-client", "websocket-client-lean"):
        pair = [find(beside, client, tls=False) for client in ("ours", peer)]
        aim(f"ours / {peer}, busy thread, plain, messages/s", ratio(*pair, "per_second"), 50, True, ".0f")
    for text, value, bound, at_least, form in _beside_aims(results.get("beside", [])):
        aim(text, value, bound, at_least, form)
    for tls, bound in ((False, 45), (True, 150)):
        text = f"ours, KB per idle connection, {'TLS' if tls else 'plain'}"
        aim(text, per_connection_kb(results.get("memory", []), "ours", tls), bound, form=".1f")
    return rows


def _beside_aims(entries: list[Entry]) -> Iterator[tuple[str, float | None, float, bool, str]]:
    """What TLS beside a thread of pure Python is to reach in every repetition."""

    def found(tls: bool, paced: bool) -> Entry | None:
        chosen = [e for e in entries if bool(e["rate"]) == paced]
        return find(chosen, "ours", tls=tls, busy="python")

    burst, plain, even = found(True, False), found(False, False), found(True, True)
    if burst is not None:
        speeds = None if burst["error"] else burst["per_second"]
        text = "ours, TLS burst beside a busy thread"
        yield f"{text}, messages/s at worst", min(speeds) if speeds else math.nan, 100_000, True, ".0f"
        if plain is not None:
            both = speeds and not plain["error"]
            share = min(map(truediv, speeds, plain["per_second"])) if both else math.nan
            yield f"{text}, x plain at worst", share, 0.5, True, ".2f"
    if even is not None:
        text = f"ours, TLS, {even['rate']:,.0f}/s beside a busy thread"
        failed = bool(even["error"])
        yield f"{text}, p99 us at worst", math.nan if failed else max(even["p99"]), 25_000, False, ".0f"
        late = math.nan if failed else max(even["seconds"]) * even["rate"] / even["messages"]
        yield f"{text}, duration / planned at worst", late, 1.05, False, ".2f"


AIMS_HEAD = ["what", "measured", "wanted", "reached"]


def plain(table: Table) -> str:
    """A table for the terminal."""
    name, head, rows = table
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [f"\n{name}" if name else ""]
    for row in [head, *rows]:
        first, rest = (
            row[0].ljust(widths[0]),
            [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)],
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)
