"""What all clients share: the user's work per message, and the measuring around it. Standard library only.

A client script defines ``run(task, meter)`` and ends with ``main(run)``. ``run`` opens ``task.connections`` WebSockets
and has a function of its own from ``meter.callback(shape)`` called with every message of each. It may return or block.

The user's work is the same everywhere: count the message and read its symbol. The first message whose symbol is the
marker's starts the clocks, the next one on the same connection ends that connection's part.
"""

from __future__ import annotations

import json
import os
import pstats
import resource
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

MARK = "ENDUSDT"
UPBIT_MARK = "KRW-END"
_RAW_SYMBOL = b'"s":"'


class Meter:
    """Counts, and takes CPU time, wall time and memory between the first and the last marker."""

    def __init__(self, task: SimpleNamespace) -> None:
        self._task = task
        self._lock = threading.Lock()
        self._began: tuple[float, float, resource.struct_rusage] | None = None
        self._open = task.connections
        self._messages = 0
        self._latencies: list[list[int]] = []
        self.finished = threading.Event()
        self.result: dict[str, Any] = {}
        self.memory = memory_kb()
        self.marks: list[tuple[int, int]] = []
        self.extra: dict[str, Any] = {}

    def begin(self) -> None:
        with self._lock:
            if self._began is None:
                self._began = (time.perf_counter(), time.process_time(), resource.getrusage(resource.RUSAGE_SELF))

    def end(self, count: int) -> None:
        cpu, wall, usage = time.process_time(), time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        with self._lock:
            self._messages += count
            self._open -= 1
            if self._open or self._began is None:
                return
        began_wall, began_cpu, began_usage = self._began
        count = self._messages
        seconds, cpu = wall - began_wall, cpu - began_cpu
        self.result = {
            "messages": count,
            "seconds": seconds,
            "cpu_seconds": cpu,
            "user_seconds": usage.ru_utime - began_usage.ru_utime,
            "system_seconds": usage.ru_stime - began_usage.ru_stime,
            "switches": usage.ru_nvcsw + usage.ru_nivcsw - began_usage.ru_nvcsw - began_usage.ru_nivcsw,
            "threads": threads() - 1 - len(_spinners(self._task)),  # not the reporting thread, not the busy ones
            "memory_before_kb": self.memory,
        }
        if count:
            self.result.update(us=cpu / count * 1e6, per_second=count / seconds)
        self.finished.set()

    def fail(self, reason: object) -> None:
        self.result = {"error": str(reason)[:500]}
        self.finished.set()

    def callback(self, shape: str, marker: str = "") -> Callable[[Any], None]:
        """A new callback for one connection.

        Args:
            shape: how a message looks: ``"dict"``, ``"list"`` (of dicts), ``"wrapped"``, ``"wrapped list"``,
                ``"event"`` (with ``.symbol``), ``"event list"``, ``"wrapped event"``, ``"short event"`` (with ``.s``),
                ``"short event list"``, ``"code"`` and ``"code event"`` (of Upbit), ``"bytes"`` (undecoded) or
                ``"count"`` (never looked at).
            marker: the marker's symbol, where the client spells it in a way of its own.
        """
        marker = marker or (UPBIT_MARK if shape.startswith("code") else MARK)
        count, marked = 0, False
        delays: list[int] = []
        self._latencies.append(delays)
        checkpoints = iter([*self._task.checkpoints, 1 << 62])

        def mark() -> None:
            nonlocal marked, count
            if marked:
                self.end(count - 1)
            else:
                marked, count = True, 0
                delays.clear()
                self.begin()

        def other(message: Any) -> None:
            if isinstance(message, dict) and message.get("e") == "error":
                self.fail(f"the client reported {message}")

        if self._task.latency:
            symbol, stamp = _GETTERS[shape], _STAMPS[shape]

            def with_latency(message: Any) -> None:
                nonlocal count
                try:
                    name = symbol(message)
                except (KeyError, TypeError, AttributeError):
                    return other(message)
                count += 1
                if name == marker:
                    return mark()
                delays.append(time.time_ns() // 1000 - stamp(message))

            return with_latency

        if self._task.checkpoints:
            symbol, upcoming = _GETTERS[shape], next(checkpoints)

            def with_checkpoints(message: Any) -> None:
                nonlocal count, upcoming
                count += 1
                if symbol(message) == marker:
                    return mark()
                if count == upcoming:
                    self.marks.append((count, memory_kb()))
                    upcoming = next(checkpoints)

            return with_checkpoints

        if shape == "dict":

            def on_dict(message: Any) -> None:
                nonlocal count
                try:
                    name = message["s"]
                except (KeyError, TypeError):
                    return other(message)
                count += 1
                if name == marker:
                    mark()

            return on_dict

        if shape == "wrapped":

            def on_wrapped(message: Any) -> None:
                nonlocal count
                try:
                    name = message["data"]["s"]
                except (KeyError, TypeError):
                    return other(message)
                count += 1
                if name == marker:
                    mark()

            return on_wrapped

        if shape == "event":

            def on_event(message: Any) -> None:
                nonlocal count
                try:
                    name = message.symbol
                except AttributeError:
                    return other(message)
                count += 1
                if name == marker:
                    mark()

            return on_event

        if shape == "wrapped event":

            def on_wrapped_event(message: Any) -> None:
                nonlocal count
                try:
                    name = message.data.symbol
                except AttributeError:
                    return other(message)
                count += 1
                if name == marker:
                    mark()

            return on_wrapped_event

        if shape == "bytes":

            def on_bytes(message: Any) -> None:
                nonlocal count
                start = message.find(_RAW_SYMBOL) + 5
                count += 1
                if message[start : message.find(b'"', start)] == b"ENDUSDT":
                    mark()

            return on_bytes

        if shape == "count":
            first, last = self._task.warmup + 1, self._task.warmup + 2 + self._task.messages
            seen = 0

            def on_any(message: Any) -> None:
                nonlocal seen, count
                seen += 1
                if seen == first:
                    mark()
                elif seen == last:
                    count = seen - first
                    mark()

            return on_any

        symbol = _GETTERS[shape]

        def on_other(message: Any) -> None:
            nonlocal count
            try:
                name = symbol(message)
            except (KeyError, TypeError, AttributeError):
                return other(message)
            count += 1
            if name == marker:
                mark()

        return on_other

    def facts(self) -> dict[str, Any]:
        """The result, completed when all is over."""
        result = {**self.result, **self.extra}
        if self._task.settle:
            time.sleep(self._task.settle)
        if hasattr(sys, "_is_gil_enabled"):
            result["gil"] = sys._is_gil_enabled()
        result.update(memory_kb=memory_kb(), memory_peak_kb=memory_kb("VmHWM"), checkpoints=self.marks)
        delays = sorted(delay for part in self._latencies for delay in part)
        if delays:
            result.update(
                p50=delays[len(delays) // 2],
                p99=delays[min(len(delays) - 1, len(delays) * 99 // 100)],
                worst=delays[-1],
            )
        return result


_GETTERS: dict[str, Callable[[Any], Any]] = {
    "dict": lambda message: message["s"],
    "list": lambda message: message[0]["s"],
    "wrapped": lambda message: message["data"]["s"],
    "wrapped list": lambda message: message["data"][0]["s"],
    "event": lambda message: message.symbol,
    "event list": lambda message: message[0].symbol,
    "wrapped event": lambda message: message.data.symbol,
    "short event": lambda message: message.s,
    "short event list": lambda message: message[0].s,
    "code": lambda message: message["code"],
    "code event": lambda message: message.code,
    "bytes": lambda message: message[message.find(_RAW_SYMBOL) + 5 :].partition(b'"')[0].decode(),
}
_STAMPS: dict[str, Callable[[Any], int]] = {
    "dict": lambda message: message["E"],
    "list": lambda message: message[0]["E"],
    "wrapped": lambda message: message["data"]["E"],
    "wrapped list": lambda message: message["data"][0]["E"],
    "event": lambda message: message.event_time,
    "short event": lambda message: message.E,
}


def shape_of(payload: str, wrapped: bool = False) -> str:
    """The shape of ``payload`` decoded to dicts and lists."""
    if payload == "combined":
        return "wrapped"
    if payload == "upbit":
        return "code"
    shape = "list" if payload == "miniTickerArr" else "dict"
    return {"dict": "wrapped", "list": "wrapped list"}[shape] if wrapped else shape


def json_decoder(variant: str) -> Callable[[Any], Any]:
    """orjson's, or msgspec's where the variant says ``msgspec``: orjson does not run without the GIL."""
    if "msgspec" in variant:
        import msgspec

        return msgspec.json.Decoder().decode
    import orjson

    return orjson.loads


def websocket_base(task: SimpleNamespace) -> str:
    """Where the WebSockets are, without a path."""
    return f"{'wss' if task.tls else 'ws'}://127.0.0.1:{task.port}"


def rest_base(task: SimpleNamespace) -> str:
    """Where the REST answers are; never over TLS."""
    return f"http://127.0.0.1:{task.rest_port}"


def stream_url(task: SimpleNamespace) -> str:
    """The whole URL of the payload's streams."""
    path = "/stream?streams=" + "/".join(task.streams) if task.wrapped else "/ws/" + task.streams[0]
    return websocket_base(task) + path


def symbol(index: int) -> str:
    """The symbol of a connection, for clients that open one connection per stream only."""
    return "BTCUSDT" if index == 0 else f"COIN{index}USDT"


def profiled_functions(profile: Any) -> list[dict[str, Any]]:
    """What a ``cProfile.Profile`` saw: per function its calls, own seconds, and the calls that it made itself.

    A built-in function has an entry for each file that called it, which stands in ``caller``.
    """
    stats: dict[Any, Any] = vars(pstats.Stats(profile))["stats"]
    made: dict[Any, dict[str, int]] = {function: {"python": 0, "builtin": 0} for function in stats}
    for callee, (*_, callers) in stats.items():
        for caller, (calls, *_) in callers.items():
            made[caller]["builtin" if callee[0] == "~" else "python"] += calls
    found: dict[Any, dict[str, Any]] = {}
    for (file, line, name), (_, calls, own, _, callers) in stats.items():
        whole = [("", calls, own)]
        shares = [(by[0], some_calls, some_own) for by, (some_calls, _, some_own, _) in callers.items()]
        for caller, some_calls, some_own in (file == "~" and shares) or whole:
            entry = {"file": file, "line": line, "function": name, "caller": caller, "calls": 0, "own": 0.0}
            entry = found.setdefault((file, line, name, caller), {**entry, "made": made[file, line, name]})
            entry["calls"] += some_calls
            entry["own"] += some_own
    return list(found.values())


def memory_kb(field: str = "VmRSS") -> int:
    """A memory figure of this process, in KiB."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _spin(stop: threading.Event) -> None:
    """Keep the GIL busy, as a calculation beside the sockets would."""
    value = 0
    while not stop.is_set():
        for step in range(1000):
            value = (value * 31 + step) & 0xFFFF


def _spin_numpy(stop: threading.Event) -> None:
    """Small arrays, as indicators over a window are made of: mostly Python between short calls."""
    import numpy as np

    prices = np.linspace(1.0, 2.0, 500)
    while not stop.is_set():
        for _ in range(100):
            mean = np.convolve(prices, np.ones(20) / 20, "valid")
            prices[:-19] += (mean - mean.mean()) * 1e-9


def _spin_pandas(stop: threading.Event) -> None:
    """Rolling windows over a table of candles."""
    import numpy as np
    import pandas as pd

    table = pd.DataFrame({name: np.linspace(1.0, 2.0, 5000) for name in ("open", "high", "low", "close")})
    while not stop.is_set():
        table.rolling(50).mean().ewm(span=12).mean().dropna().describe()


def _spinners(task: SimpleNamespace) -> list[str]:
    return task.busy.split("+") if task.busy else []


SPINNERS = {"python": _spin, "numpy": _spin_numpy, "pandas": _spin_pandas}


def main(run: Callable[[SimpleNamespace, Meter], object]) -> None:
    """Run the task of the command line's JSON, print ``RESULT <json>`` and end the process."""
    task = SimpleNamespace(**json.loads(sys.argv[1]))
    if task.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {task.core})
    meter = Meter(task)
    if task.free_threaded and getattr(sys, "_is_gil_enabled", lambda: True)():
        meter.fail("the GIL is on after all imports")

    def report() -> None:
        if not meter.finished.wait(task.timeout):
            meter.fail(f"no end within {task.timeout} s")
        print("RESULT " + json.dumps(meter.facts()), flush=True)
        os._exit(0)

    threading.Thread(target=report, name="report", daemon=True).start()
    for kind in _spinners(task):
        threading.Thread(target=SPINNERS[kind], args=(meter.finished,), name="busy", daemon=True).start()
    try:
        run(task, meter)
    except BaseException as exc:
        traceback.print_exc()
        meter.fail(repr(exc))
    threading.Event().wait()
