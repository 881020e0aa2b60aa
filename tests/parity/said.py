"""What a side says of a call: one JSON object per case. Standard library only, and Python 3.7's."""

from __future__ import annotations

import inspect
import json
import queue
import threading
import time

PATIENCE = 20.0  # seconds


def pause(seconds):
    """Let time pass of which a client makes something without a sign: a second start, a count that begins anew."""
    threading.Event().wait(seconds)


def say(case, **facts):
    """Print a case."""
    print(json.dumps({"case": case, **facts}), flush=True)


def shape(value):
    """Kinds and keys of a payload; of a list those of its first element."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return "levels" if not value or isinstance(value[0], list) else [shape(value[0])]
    return type(value).__name__


def fixed(message):
    """What does not change between two messages of one stream."""
    body = message.get("data", message) if isinstance(message, dict) else message[0]
    return {key: body[key] for key in ("e", "s", "ps") if key in body} if isinstance(body, dict) else {}


def payloads(heard, wanted):
    """Shape and what is fixed of the first message of each of ``wanted`` streams, from a queue."""
    found = {}
    ends = time.monotonic() + PATIENCE
    while len(found) < wanted and time.monotonic() < ends:
        try:
            message = heard.get(timeout=1)
        except queue.Empty:
            continue
        stream = message.get("stream", "") if isinstance(message, dict) else ""
        found[stream] = {"shape": shape(message), "fixed": fixed(message)}
    return dict(sorted(found.items()))


def signatures(cls, more):
    """Parameters of each start method, and of the methods ``more``: name, kind and default, without annotations."""

    def plain(value):
        return getattr(value, "name", value) if value is not inspect.Parameter.empty else "required"

    for name, method in sorted(inspect.getmembers(cls, inspect.isfunction)):
        if (name.startswith("start_") and name.endswith("_socket")) or name in more:
            found = list(inspect.signature(method).parameters.values())[1:]
            yield name, [[each.name, each.kind.name, plain(each.default)] for each in found]
