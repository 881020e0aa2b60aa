"""A third exchange, for tests only, and a bench that runs a connection to it inline.

Its protocol is nobody else's::

    client   {"op": "join", "ref": 7, "list": ["a", "b"]}
    client   {"op": "list", "ref": 8}                        what do you carry? (``lists``)
    server   {"ref": 7, "ok": true}                          the answer; of a "list" with "list", the names
             {"ref": 7, "ok": false, "why": [13, "no"]}      the refusal; "ref" is missing where it was unreadable;
                                                             with "passing" it may be over in a while
             {"all": [{"from": "a", "body": ...}, ...]}      data of several streams in one message
             {"from": "a", "body": ...}                      data; with "odd" it fits its view badly, for that reason
             {"bye": "maintenance"}                          the server is about to go
             {"key": "expired"}                              the credential has ended

Names may stand in the URL instead (``names_in_url``), and it may send no answers at all (``answers=False``).
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from binance_sockets.config import Backoff, Limits, Options, Timeouts
from binance_sockets.engine import frames
from binance_sockets.engine.clock import Wakeup
from binance_sockets.engine.connection import Connection
from binance_sockets.engine.dialler import Attempt
from binance_sockets.errors import BinanceSocketsError, CredentialError
from binance_sockets.events import CredentialChange, ErrorReport, Gap, StateChange
from binance_sockets.exchange import (
    Ack,
    ConnectLimits,
    ConnectRequest,
    Continuity,
    ControlFrame,
    Credential,
    Effect,
    Group,
    Keepalive,
    Lease,
    Misfits,
    Notice,
    NoticeKind,
    Past,
    Position,
    Rate,
    Several,
    Stream,
)
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedTransport, Send, frame, text

START = 1000.0  # the first value of every fake clock
FINAL = {"e": "error", "m": "Max reconnect retries reached"}


class FakeExchange:
    """The contract, in a protocol of its own.

    Args:
        per_link: most streams of a link; names with a ``"board:"`` in front live on an endpoint of that name.
        per_frame: most names of a control frame.
        names_in_url: how many names of a link its URL subscribes.
        answers: the server answers control frames.
        stale_after, ping_after, max_age: the keepalive.
        cause: what ``explain_silence`` says; an exception is raised.
        rates: what a client may send on a link.
        password: what it logs in with, where it must.
        whole: joins carry the whole list of wanted names, and are not answered.
        badge: what private links prove themselves with, if they are private.
        connects: how often it may be connected to.
        ids: bodies that are numbers are the ids of their streams.
        lists: it can be asked what it carries.
    """

    def __init__(
        self,
        per_link: int = 100,
        per_frame: int = 10,
        names_in_url: int = 0,
        answers: bool = True,
        stale_after: float = 60.0,
        ping_after: float | None = None,
        max_age: float | None = None,
        cause: str | Exception = "Nobody trades it",
        rates: tuple[Rate, ...] = (Rate(5, 1.0),),
        password: str | None = None,
        whole: bool = False,
        badge: Badge | None = None,
        ids: bool = False,
        lists: bool = False,
        connects: tuple[Rate, ...] = (),
    ) -> None:
        self.lists = lists
        self.connects = connects
        self.badge = badge
        self.rates = rates
        self.password = password
        self.whole = whole
        self.ids = ids
        self.per_link = per_link
        self.per_frame = per_frame
        self.names_in_url = names_in_url
        self.answers = answers
        self.checks_text = False
        self.alive = Keepalive(stale_after, ping_after, max_age)
        self.cause = cause
        self.asked: list[str] = []

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        boards: dict[str, list[Stream]] = {}
        for stream in streams:
            board, colon, _ = stream.name.partition(":")
            boards.setdefault(board if colon else "main", []).append(stream)
        size = self.per_link
        return [
            Group(tuple(found[at : at + size]), board)
            for board, found in boards.items()
            for at in range(0, len(found), size)
        ]

    def keepalive(self, group: Group) -> Keepalive:
        return self.alive

    def connect_request(self, group: Group) -> ConnectRequest:
        names = [stream.name for stream in group.streams][: self.names_in_url]
        query = "?names=" + ",".join(names) if names else ""
        proven = frozenset(names)
        if self.badge is not None and self.badge.proves_url:
            query, proven = f"?badge={self.badge.number}", frozenset()
        return ConnectRequest(f"ws://fake.invalid/{group.endpoint}{query}", confirmed=proven)

    def credential(self, group: Group) -> Credential | None:
        return self.badge

    def connect_limits(self, group: Group) -> ConnectLimits:
        return ConnectLimits("fake.invalid", self.connects)

    def limits(self, group: Group) -> tuple[Rate, ...]:
        return self.rates

    def credential_frames(self, group: Group, next_id: Callable[[], int]) -> list[ControlFrame]:
        if self.password is None:
            return []
        ref = next_id()
        return [ControlFrame(json.dumps({"op": "login", "ref": ref, "word": self.password}).encode(), (), ref)]

    def control_frames(
        self,
        group: Group,
        wanted: Sequence[str],
        added: Sequence[str],
        removed: Sequence[str],
        next_id: Callable[[], int],
    ) -> list[ControlFrame]:
        if self.badge is not None and self.badge.proves_url:
            return []
        if self.whole:  # the whole list again, in one message
            payload = json.dumps({"op": "join", "ref": None, "list": list(wanted)}).encode()
            return [ControlFrame(payload, tuple(added), None, tuple(removed))]
        made = []
        for op, names in (("leave", removed), ("join", added)):
            for at in range(0, len(names), self.per_frame):
                chunk = tuple(names[at : at + self.per_frame])
                ref = next_id() if self.answers else None
                payload = json.dumps({"op": op, "ref": ref, "list": chunk}).encode()
                made.append(ControlFrame(payload, chunk if op == "join" else (), ref, chunk if op == "leave" else ()))
        return made

    def listing(self, group: Group, request_id: int) -> bytes | None:
        return json.dumps({"op": "list", "ref": request_id}).encode() if self.lists else None

    def listed(self, group: Group, answer: Ack) -> frozenset[str] | None:
        return frozenset(answer.result) if isinstance(answer.result, list) else None

    def decoder(self, group: Group, misfits: Misfits, notes: Sequence[Any] = ()) -> Callable[[Any], tuple[str, Any]]:
        def decode(message: Any) -> tuple[str, Any]:
            found = json.loads(bytes(message))
            if "all" in found:
                raise Several([(each["from"], each["body"]) for each in found["all"]])
            if "odd" in found:
                misfits.untyped(found["from"], found["odd"])
            return found["from"], found["body"]

        return decode

    def control(self, message: bytes) -> Ack | Notice | None:
        try:
            found = json.loads(message)
        except ValueError:
            return None
        if not isinstance(found, dict):
            return None
        if "ok" in found:
            why = None if found["ok"] else tuple(found["why"])
            return Ack(found.get("ref"), why, found.get("list"), passing="passing" in found)
        if "bye" in found:
            return Notice(NoticeKind.SERVER_SHUTDOWN, found["bye"])
        if "key" in found:
            return Notice(NoticeKind.CREDENTIAL, found["key"])
        return None

    def continuity(self, stream: Stream) -> Continuity | None:
        return Continuity(Position, ids=True) if self.ids else None

    def moment(self, payload: Any) -> float | None:
        """A number is its own time."""
        return float(payload) if self.ids else None

    def past(self, stream: Stream) -> Past | None:
        """None; tests give it another one."""
        return None

    def explain_silence(self, group: Group, name: str) -> str:
        self.asked.append(name)
        if isinstance(self.cause, Exception):
            raise self.cause
        return self.cause


class Badge:
    """Its credential: a number that stands in the URL or in joins.

    Args:
        clock: tells when it was used.
        renew_after, life: of each lease.
        proves_url: it stands in the URL, which the exchange accepts whatever it says.
        effect: of a renewal.

    Attributes:
        calls: ``(seconds, "obtain" or "renew")``.
        fails: taken and raised by the next calls; ``None`` lets one pass.
        number: which one it is.
    """

    def __init__(
        self,
        clock: FakeClock | None = None,
        renew_after: float | None = 100.0,
        life: float | None = 300.0,
        proves_url: bool = True,
        effect: Effect = Effect.KEPT,
    ) -> None:
        self.clock = clock
        self.lease = Lease(renew_after, life)
        self.proves_url = proves_url
        self.effect = effect
        self.fails: list[BaseException | None] = []
        self.calls: list[tuple[float, str]] = []
        self.number = 1

    def obtain(self) -> Lease:
        self._called("obtain")
        return self.lease

    def renew(self) -> Lease:
        self._called("renew")
        return dataclasses.replace(self.lease, effect=self.effect)

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        return CredentialError(f"{message} (code {code})", permanent=code == 401)

    def release(self) -> None:
        self._called("release")

    def at(self, name: str) -> list[float]:
        """When it was obtained or renewed, in seconds."""
        return [at for at, called in self.calls if called == name]

    def _called(self, name: str) -> None:
        self.calls.append((round((self.clock.now if self.clock else START) - START, 3), name))
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            raise error


# -- what its server says --


def data(name: str, body: object, after: float = 0.0) -> Send:
    """A message of a stream."""
    return Send(text(json.dumps({"from": name, "body": body})).data, after)


def says(after: float = 0.0, **fields: object) -> Send:
    """Any other message."""
    return Send(text(json.dumps(fields)).data, after)


def later(after: float, step: Send) -> Send:
    """The same step, ``after`` seconds behind the one before."""
    return Send(step.data, after)


def batch(*steps: Send, after: float = 0.0) -> Send:
    """Several messages in one segment."""
    return Send(b"".join(step.data for step in steps), after)


def server(*steps: Send | Drop, refuses: Sequence[str] = (), answer: bool = True, pong: bool = True) -> Script:
    """One link of a server that behaves: it answers joins, pings and close frames.

    Args:
        steps: what it sends besides, from the opening on.
        refuses: a join with one of these names is refused.
        answer: it answers joins.
        pong: it answers pings.
    """

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode == frames.PING and pong:
            return [Send(frame(frames.PONG, payload))]
        if opcode == frames.TEXT and answer:
            request = json.loads(payload)
            if request["ref"] is None:
                return []
            if set(request["list"]) & set(refuses):
                return [says(ref=request["ref"], ok=False, why=[13, "no such stream"])]
            return [says(ref=request["ref"], ok=True)]
        return []

    return Script(steps, react)


class Carrier:
    """A server that keeps what it carries, and tells it.

    Args:
        delay: seconds until an answer arrives.
        spelled: how it spells a name in its list.
        answers: it answers the question for its list; ``"error"`` refuses it.
        forgets: a name, and the number of the question at which it is forgotten.
    """

    def __init__(
        self,
        delay: float = 0.0,
        spelled: Callable[[str], str] = str,
        answers: bool | str = True,
        forgets: tuple[str, int] = ("", 0),
    ) -> None:
        self.delay, self.spelled, self.answers, self.forgets = delay, spelled, answers, forgets
        self.carried: set[str] = set()
        self.asked = 0
        self.left: list[str] = []

    def script(self, *steps: Send | Drop) -> Script:
        return Script(steps, self._react)

    def _react(self, opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode == frames.PING:
            return [Send(frame(frames.PONG, payload))]
        if opcode != frames.TEXT:
            return []
        request = json.loads(payload)
        answer: dict[str, Any] = {"ref": request["ref"], "ok": True}
        if request["op"] == "join":
            self.carried.update(request["list"])
        elif request["op"] == "leave":
            self.carried.difference_update(request["list"])
            self.left += request["list"]
        else:
            self.asked += 1
            if self.asked == self.forgets[1]:
                self.carried.discard(self.forgets[0])
            if not self.answers:
                return []
            answer["list"] = sorted(map(self.spelled, self.carried))
            if self.answers == "error":
                answer = {"ref": request["ref"], "ok": False, "why": [2, "unknown"], "list": []}
        return [Send(text(json.dumps(answer)).data, self.delay)]


def joined(link: Any) -> list[list[str]]:
    """The names of each join that a client sent on a link."""
    return [request["list"] for request in map(json.loads, link.texts()) if "list" in request]


def named(*names: str, first_message: float | None = None) -> list[Stream]:
    """Streams with one deadline."""
    return [Stream(name, first_message=first_message) for name in names]


class Bench:
    """A connection to the fake exchange on the thread of the test, with the history of everything.

    Args:
        *outcomes: what each connect attempt meets.
        streams: names, or streams.
        exchange: default: ``FakeExchange()``.
        callback: called after the payload was noted.
        options: default: no jitter.
        submit: runs jobs; default: at once, on the thread of the test.
        dial: runs attempts to connect beside open links; default: likewise.
        transport: default: one that follows ``outcomes``.
        conn_key: its key.
    """

    def __init__(
        self,
        *outcomes: Script | Refuse,
        streams: Sequence[str | Stream] = ("a",),
        exchange: FakeExchange | None = None,
        callback: Callable[[Any], object] | None = None,
        options: Options | None = None,
        submit: Callable[[Callable[[], None]], None] | None = None,
        dial: Callable[[Attempt], None] | None = None,
        transport: type[ScriptedTransport] = ScriptedTransport,
        conn_key: str = "key",
    ) -> None:
        self.clock = FakeClock(START)
        self.transport = transport(self.clock, outcomes)
        self.exchange = exchange or FakeExchange()
        if self.exchange.badge is not None:
            self.exchange.badge.clock = self.clock
        self.changes: list[tuple[float, StateChange]] = []
        self.gaps: list[Gap] = []
        self.reports: list[ErrorReport] = []
        self.credentials: list[tuple[float, CredentialChange]] = []
        self.payloads: list[Any] = []
        self.history: list[str] = []  # one line for everything, in order
        self.on_change: Callable[[StateChange], object] = lambda change: None
        self.mistakes: list[BaseException] = []
        self._callback = callback
        self.connection = Connection(
            conn_key,
            self.exchange,
            [Stream(each) if isinstance(each, str) else each for each in streams],
            self._receive,
            final_payload=lambda: dict(FINAL),
            options=options or calm(),
            transport=self.transport,
            submit=submit or (lambda job: job()),
            dial=dial or (lambda attempt: attempt.run(self.transport.wakeup())),
            observer=self,
        )

    # -- observer --

    def on_state(self, change: StateChange) -> None:
        self.changes.append((self.now, change))
        self.history.append(change.state.value)
        self.on_change(change)

    def on_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)
        self.history.append("gap")

    def on_error(self, report: ErrorReport) -> None:
        self.reports.append(report)
        self.history.append(type(report.error).__name__ + (" final" if report.final else ""))

    def on_credential(self, change: CredentialChange) -> None:
        self.credentials.append((self.now, change))
        self.history.append(f"credential {change.step.value}")

    def on_released(self, connection: Connection) -> None:
        self.history.append("released")

    def on_ended(self, connection: Connection) -> None:
        self.history.append("ended")

    def _receive(self, payload: Any) -> None:
        self.payloads.append(payload)
        self.history.append(f"payload {payload}")
        if self._callback is not None:
            try:
                self._callback(payload)
            except (AssertionError, NameError) as exc:  # a mistake of the test, which the guard would swallow
                self.mistakes.append(exc)
                raise

    # -- running --

    def run(self, stop_at: float | None = None) -> Bench:
        """Run to the end; ask for it ``stop_at`` seconds from the start."""
        if stop_at is not None:
            self.clock.at(stop_at, self.connection.request_stop)
        self.connection.run()
        assert not self.mistakes
        assert self.connection.ended.is_set()
        assert all(link.closed for link in self.transport.links)
        return self

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return round(self.clock.now - START, 6)

    @property
    def states(self) -> list[tuple[float, str]]:
        """``(seconds, new state)`` of each change."""
        return [(at, change.state.value) for at, change in self.changes]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """``(new state, reason)`` of each change that has one."""
        return [(change.state.value, change.reason.value) for _, change in self.changes if change.reason]

    @property
    def attempts(self) -> list[float]:
        """When each connect attempt was made, in seconds since the start."""
        return [round(at - START, 6) for at, _ in self.transport.attempts]

    @property
    def errors(self) -> list[str]:
        """Texts of the reported errors."""
        return [str(report.error) for report in self.reports]

    @property
    def steps(self) -> list[tuple[float, str]]:
        """``(seconds, step)`` of each change of a credential."""
        return [(at, change.step.value) for at, change in self.credentials]

    def waits(self) -> list[float | None]:
        """The announced delays of each BACKOFF."""
        return [change.delay for _, change in self.changes if change.state.value == "backoff"]

    def sent(self, link: int = 0) -> list[tuple[float, int]]:
        """``(seconds, opcode)`` of what the client sent on a link."""
        return [(round(at - START, 6), opcode) for at, opcode, _ in self.transport.links[link].sent]

    def closes(self, link: int = 0) -> list[bytes]:
        """Payloads of the close frames that the client sent on a link."""
        return [payload for _, opcode, payload in self.transport.links[link].sent if opcode == frames.CLOSE]


class Jobs:
    """A job thread in slow motion: takes jobs, runs them when told."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, job: Callable[[], None]) -> None:
        self.waiting.append(job)

    def run(self, count: int | None = None) -> None:
        """Run the oldest ``count`` jobs, by default all that are waiting, on a thread of their own."""
        chosen = self.waiting[:count]
        del self.waiting[:count]

        def work() -> None:
            for job in chosen:
                job()

        thread = threading.Thread(target=work, name="jobs")
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


class Dials(Jobs):
    """A dial thread in slow motion: takes attempts, runs them when told."""

    def dial(self, attempt: Attempt) -> None:
        """Keep an attempt until :meth:`run`."""
        self(lambda: attempt.run(Wakeup()))


def calm(jitter: float = 0.0, **fields: Any) -> Options:
    """Options without jitter, unless wanted. ``backoff`` fields go by their own names."""
    groups: dict[str, Any] = {}
    for name, kind in (("timeouts", Timeouts), ("backoff", Backoff), ("limits", Limits)):
        own = {field.name for field in dataclasses.fields(kind)}
        chosen = {key: fields.pop(key) for key in list(fields) if key in own}
        if kind is Backoff:
            chosen["jitter"] = jitter
        groups[name] = kind(**chosen)
    return Options(**groups, **fields)
