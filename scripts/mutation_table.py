"""What ``make mutation`` mutates, by which tests, and the mutants that no test can tell from the original."""

from __future__ import annotations

__all__ = ["EQUIVALENT", "MODULES"]

#: the module, below ``binance_sockets``: the files, below ``tests``, that are run against each of its mutants.
MODULES: dict[str, tuple[str, ...]] = {
    "engine/frames.py": ("engine/test_frames.py",),
    "engine/lifecycle.py": ("engine/test_lifecycle.py",),
    "engine/timers.py": ("engine/test_timers.py",),
    "engine/subscriptions.py": ("engine/test_subscriptions.py",),
    "engine/continuity.py": ("engine/test_continuity.py",),
    "engine/roster.py": ("engine/test_roster.py",),
    "engine/backoff.py": ("engine/test_backoff.py",),
    "engine/pacing.py": ("engine/test_pacing.py",),
    "engine/requests.py": ("engine/test_requests.py", "engine/test_caller_requests.py"),
    "engine/redundancy.py": ("engine/test_redundancy.py",),
    "engine/losses.py": ("engine/test_losses.py", "engine/test_filling.py"),
    "engine/listing.py": ("engine/test_listing.py",),
    "engine/succession.py": ("engine/test_succession.py", "engine/test_caller_requests.py"),
    "engine/backfill.py": ("engine/test_backfill.py", "engine/test_filling.py"),
    "engine/filling.py": ("engine/test_filling.py",),
    "engine/budget.py": ("engine/test_budget.py",),
    "engine/allowance.py": ("engine/test_allowance.py",),
    "engine/rhythm.py": ("engine/test_rhythm.py",),
    "books/sync.py": ("books/test_sync.py",),
    "books/book.py": ("books/test_book.py",),
}

#: the module: the mutant, as the report names it: why nothing can tell it from the original.
EQUIVALENT: dict[str, dict[str, str]] = {
    "engine/frames.py": {
        "FrameReader.__init__: self._needed = 1": "counts above the busy size only",
        "FrameReader.__init__: without self._opcode = TEXT": "set by the first frame of a message before it is read",
        "FrameReader.__init__: without self._compressed = False": "set by the first frame of a message",
        "FrameReader.__init__: self._compressed = True": "set by the first frame of a message before it is read",
        "FrameReader.__init__: self._inline = max_message > MAX_16": "the other path reads the same messages",
        "FrameReader.shrink: if len(self._view) >= self._initial > self.pending:": "a copy of the same size",
        "FrameReader.feed: last = end - 5": "the other path reads the same message",
        "FrameReader.feed: while position < last:": "the other path reads the same message",
        "FrameReader.feed: while position <= end and (not self._finished):": "no frame of no bytes: the loop ends",
        "FrameReader.feed: if SHORT_TEXT < head < LONG_TEXT:": "the other path reads the same empty message",
        "FrameReader.feed: if stop >= end:": "the other path reads the same message",
        "FrameReader._check_head: allowed = RSV1 if self._inflate is not None and opcode in (TEXT, BINARY) else 1": (
            "the bit is none of the reserved ones"
        ),
        "FrameReader._read_data: _check_texts(messages, len(messages) - 2)": "one that is valid is checked once more",
        "_check_texts: texts = messages[first:]": "a copy of all of them",
        "_check_texts: if b'XX'.join(texts).isascii():": "what stands between is ASCII, too",
        "encode: key = (mask * (size // 4 + 2))[:size]": "cut to the size",
        "encode: key = (mask * (size * 4 + 1))[:size]": "cut to the size",
    },
    "engine/continuity.py": {
        "module: Rules = Callable[[str], 'XXContinuity | None']": "a type; nothing reads it while it runs",
        "_Track.has: return self._last is not None and position.order <= self._last": "equal is decided before",
        "Overlap.__init__: self._number = 1": "numbers are compared with each other only",
        "Overlap.__call__: self._number += 2": "numbers are compared with each other only",
        "Overlap.release: without track.held.clear()": "only memory: it is released once, and nothing waits afterwards",
        "Loss.__init__: without self._window = (0.0, 0.0)": "resume() sets it before gap() reads it",
        "Loss.__init__: self._window = (1.0, 0.0)": "resume() sets it before gap() reads it",
        "Loss.__init__: self._window = (0.0, 1.0)": "resume() sets it before gap() reads it",
    },
    "engine/redundancy.py": {
        "Copies._has: return self._last is not None and position.order <= self._last": "equal is decided before",
        "Twins._copies: found = self._streams[stream] = "
        "Copies(self._rules(stream), self._links[1].around.clock.monotonic)": "all links have the connection's clock",
        "Twins.advance: without self._holding.pop(name, None)": "it is looked at again, and nothing waits there",
        "twins_of: twins = Twins(same[1].rule)": "the rules of a stream are the same for all who carry it",
    },
    "engine/backfill.py": {
        "Backfill.__init__: self._numbers = 1": "numbers are compared with each other only",
        "Backfill.__call__: return None (2)": "as false as the other",
        "Backfill.lost: return None": "as false as the other",
        "Backfill._told: return None (2)": "as false as the other",
        "Backfill._misses: if place >= hole.last and (not hole.past.joins(hole.last, place)):": "one joins itself",
        "Backfill.ended: self._join(stream, hole, 1.0)": "nothing is asked behind the end",
        "Backfill._question: self._numbers -= 1": "numbers are compared with each other only",
        "Backfill._question: self._numbers += 2": "numbers are compared with each other only",
        "Backfill._is_anew: return None": "as false as the other",
        "Backfill._give_up: without hole.tries = 0": "what is delivered behind it does so, too",
        "Backfill._give_up: hole.tries = 1": "what is delivered behind it sets it back",
        "Backfill._gap: span = window or (1.0, 0.0)": "what is told has a window",
        "Backfill._gap: span = window or (0.0, 1.0)": "what is told has a window",
        "Backfill.turn: without self._touched.clear()": "they are looked at once more, and nothing has come",
    },
    "engine/allowance.py": {
        "module: _AT_ONCE = 'XXat once'": "no purpose has that name either",
        "Allowance.__init__: self._told = (1.0, _NEVER, _NEVER)": "what counts until never does not count",
        "Allowance.__init__: self._turn = 1.0": "all starts are later by the same",
        "Allowance._forget: if _NEVER <= self._line[owner].due <= now - _PATIENCE:": "it is set before anybody looks",
        "Allowance._place: start = max(self._turn, self._ends.get(purpose, 1.0))": "all starts are later by the same",
        "Allowance.pay: without self._forget(now)": "what is too long ago is free by now",
    },
    "engine/budget.py": {
        "_free: return max([now, *taken[-2:], *full]) if rates else now": "they are in order",
        "Budgets.of: if not loopback and is_loopback(urlsplit(f'//{venue}').hostname or 'XX'):": "both are no loopback",
    },
    "engine/succession.py": {
        "Succession._refused: return None": "as false as an empty list",
        "Succession.settled: self._settled = frozenset(self.socket.subscriptions.confirmed)": "a step with a socket",
        "Succession.old_ended: return None": "as false as the other",
        "Succession.served: if overlap is None and socket is None:": "no step looks where one is missing",
        "Succession._take_over: assert old is not None or socket is not None or overlap is not None": "all are there",
        "Succession._drain: assert old is not None or overlap is not None, 'both are open'": "both are there",
    },
}
