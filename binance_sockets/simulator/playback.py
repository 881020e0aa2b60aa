"""Recorded frames as the market: read from files in several line formats, sent byte for byte."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from json import JSONDecoder
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from binance_sockets.simulator.session import Session

__all__ = ["Playback", "RecordedFrame", "frame_of", "read_frames", "split_frame"]

_NANOSECONDS = re.compile(r"(\d{15,20}) (?=[\[{])")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?): (?=[\[{])")
_REST = re.compile(r"(https?://\S+) -> (\d+(?:\.\d+)?): (?=[\[{])")
_HEADER = re.compile(r"wss?://\S+ <-> |configuration: ")
_TAG = re.compile(r'\{"e":"(\w+)"')
_SPACE = re.compile(r"[ \t\r\n]*")
_BATCH = 200  # frames between two looks at slow readers
_decode = JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """One recorded message.

    Args:
        stream: its stream name.
        payload: the bytes of the payload, without the wrapper.
        whole: the bytes of the wrapped message; ``None`` where the recording has none.
        event: the payload's ``e``; of the first row for an array; the stream's suffix where there is none.
        time: seconds at which it was recorded, ``None`` where unknown.
    """

    stream: str
    payload: bytes
    whole: bytes | None
    event: str
    time: float | None = None


def split_frame(text: str) -> tuple[str, str] | None:
    """The stream name and the payload's exact text of a wrapped frame; ``None`` for anything else.

    Raises:
        ValueError: not JSON.
    """
    members = _members(text)
    stream, data = members.get("stream"), members.get("data")
    if stream is None or data is None or not stream.startswith('"'):
        return None
    return json.loads(stream), data


def _members(text: str) -> dict[str, str]:
    """The members of an object, values as they are written; empty for other documents."""
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        _, end = _decode(text, at)
        if _skip(text, end) != len(text):
            raise ValueError("more than one document")
        return {}
    members: dict[str, str] = {}
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = _decode(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError("not an object")
        start = _skip(text, at + 1)
        _, at = _decode(text, start)
        members[name] = text[start:at]
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "}":
            raise ValueError("not an object")
    if _skip(text, at + 1) != len(text):
        raise ValueError("more than one document")
    return members


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _event(stream: str, payload: str) -> str:
    tagged = _TAG.match(payload)
    if tagged:
        return tagged[1]
    document = json.loads(payload)
    row = document[0] if isinstance(document, list) and document else document
    tag = row.get("e") if isinstance(row, dict) else None
    return tag if isinstance(tag, str) else stream.partition("@")[2] or stream


def frame_of(text: str, stream: str | None = None, time: float | None = None) -> RecordedFrame | None:
    """One message as a frame; ``stream`` names it where it is not wrapped. ``None`` for what is no message."""
    split = split_frame(text)
    if split is not None:
        name, payload = split
        return RecordedFrame(name, payload.encode(), text.encode(), _event(name, payload), time)
    if stream is None:
        return None
    return RecordedFrame(stream, text.encode(), None, _event(stream, text), time)


def read_frames(path: str | Path, stream: str | None = None) -> Iterator[RecordedFrame | tuple[str, bytes]]:
    """Read one file: a line per frame, or one document over the whole file. ``.gz`` is unpacked.

    A line is a frame, ``<time in ns> <frame>`` or ``<time in s>: <frame>``; lines that name a WebSocket's address are
    passed over. Recorded REST depth answers are yielded as ``(symbol, body)``, the symbol "" where it is not known.

    Args:
        path: the file.
        stream: stream name of messages that are not wrapped.

    Raises:
        ValueError: a line is none of these; names file and line.
    """
    path = Path(path)
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8").strip()
    try:
        whole = frame_of(text, stream)
    except ValueError:
        whole = None
    if whole is not None:
        yield whole
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not _HEADER.match(line):
            try:
                yield _line(line.rstrip("\r"), stream)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from None


def _line(line: str, stream: str | None) -> RecordedFrame | tuple[str, bytes]:
    time = None
    rest = _REST.match(line)
    if rest:
        symbol = parse_qs(urlsplit(rest[1]).query).get("symbol", [""])[0]
        return symbol, line[rest.end() :].encode()
    for pattern, unit in ((_NANOSECONDS, 1e-9), (_SECONDS, 1.0)):
        match = pattern.match(line)
        if match:
            time, line = float(match[1]) * unit, line[match.end() :]
            break
    if line.startswith('{"lastUpdateId"'):
        return "", line.encode()
    frame = frame_of(line, stream, time)
    if frame is None:
        raise ValueError("not a wrapped frame, and no stream name was given")
    return frame


class Playback:
    """Recorded frames that a simulator sends instead of making them up.

    It starts once every expected stream is subscribed, and sends each frame once, in order, to every connection of
    its product that is subscribed to the stream then; other streams of the simulator go on as usual.

    Args:
        paths: files to play, one after the other; see :func:`read_frames` for the formats.
        product: ``spot``, ``usdm``, ``coinm`` or ``options``.
        stream: stream name of messages that are not wrapped.
        frames: frames made elsewhere, played after the files.
        expect: streams to wait for; all recorded ones by default.
        pace: ``"fast"`` for as fast as the readers take them, ``"recorded"`` for the recorded times.
        speed: divides the recorded pauses.

    Raises:
        ValueError: a file that is none of the formats, a ``pace`` that does not exist, or nothing to play.

    Attributes:
        frames: what is played.
        expected: number of frames per stream.
        snapshots: recorded REST depth bodies by symbol ("" where the recording names none); served as they are.
    """

    def __init__(
        self,
        *paths: str | Path,
        product: str = "spot",
        stream: str | None = None,
        frames: Iterable[RecordedFrame] = (),
        expect: Collection[str] | None = None,
        pace: str = "fast",
        speed: float = 1.0,
    ) -> None:
        if pace not in ("fast", "recorded") or speed <= 0:
            raise ValueError(f"pace must be 'fast' or 'recorded' and speed above 0: {pace!r}, {speed}")
        self.product = product
        self.frames: list[RecordedFrame] = []
        self.snapshots: dict[str, bytes] = {}
        for path in paths:
            for row in read_frames(path, stream):
                if isinstance(row, RecordedFrame):
                    self.frames.append(row)
                else:
                    self.snapshots.setdefault(row[0], row[1])
        self.frames += frames
        if not self.frames:
            raise ValueError("nothing to play")
        self.expected = Counter(frame.stream for frame in self.frames)
        self._awaited = set(expect if expect is not None else self.expected)
        self._pace, self._speed = pace, speed
        self._finished = threading.Event()
        self._started: asyncio.Event | None = None
        self._sessions: set[Session] = set()

    @property
    def finished(self) -> bool:
        """Whether every frame has been sent."""
        return self._finished.is_set()

    def covers(self, product: str, name: str) -> bool:
        """Whether this stream comes from the recording alone."""
        return product == self.product and name in self.expected

    # on the simulator's thread

    def attach(self, sessions: set[Session]) -> None:
        """Play to these sessions, from the beginning."""
        self._sessions = sessions
        self._started = asyncio.Event()
        self._finished.clear()

    def subscribed(self) -> None:
        """Some subscription changed: begin when nothing is missing."""
        if self._started is None or self._started.is_set():
            return
        listening = {
            name
            for session in self._sessions
            if session.product == self.product
            for name in session.streams
            if session.dialect.serves(name)
        }
        if listening >= self._awaited:
            self._started.set()

    async def run(self) -> None:
        """Wait for the subscriptions, then send everything."""
        if self._started is None:
            raise RuntimeError("attach() comes first")
        await self._started.wait()
        before: float | None = None
        for number, frame in enumerate(self.frames, 1):
            if self._pace == "recorded" and frame.time is not None:
                await asyncio.sleep(max(0.0, frame.time - (frame.time if before is None else before)) / self._speed)
                before = frame.time
            self._send(frame)
            if number % _BATCH == 0:
                for session in list(self._sessions):
                    await session.drained()
                await asyncio.sleep(0)
        for session in list(self._sessions):
            await session.drained()
        self._finished.set()

    def _send(self, frame: RecordedFrame) -> None:
        for session in list(self._sessions):
            if (
                session.product == self.product
                and frame.stream in session.streams
                and session.dialect.serves(frame.stream)
            ):
                session.deliver(frame.stream, frame.payload, frame.event, whole=frame.whole)


class NoPlayback:
    """Stands where nothing is played."""

    def __init__(self) -> None:
        self.snapshots: dict[str, bytes] = {}

    def covers(self, product: str, name: str) -> bool:
        return False

    def subscribed(self) -> None:
        return None
