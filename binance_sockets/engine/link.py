"""What outlives a WebSocket: state and wanted streams of one group. Decides; its connection acts."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Collection, Iterable

from ..errors import (
    BinanceSocketsError,
    ConnectionLost,
    DecodeError,
)
from ..events import Reason, State, StateChange
from ..exchange import Ack, Continuity, Group, Lease, Notice, Stream
from .asking import Asking
from .attempts import Attempts
from .commands import Attach, Changed, Explain, Report, Settled
from .continuity import LAG, Trail
from .endings import NOTICES, Endings
from .frames import FrameReader
from .lifecycle import Lifecycle, Trigger
from .listing import Listing
from .losses import Losses
from .pipes import ByteStream
from .redundancy import Twins
from .renewals import Renewals
from .rhythm import EVERY, Rhythm
from .router import Router
from .succession import Step, Succession
from .surroundings import Surroundings
from .timers import Timer, Timers
from .websocket import Liveness, WebSocket

__all__ = ["Link"]

log = logging.getLogger("binance_sockets.connection")

_ROUNDS = 16  # reads in a row before other links and timers get their turn
_TURN = 0.1  # seconds after which other links, timers and the stop flag get their turn
_SLOW = 0.5  # seconds of callbacks for one read after which less is read at once,
_QUICK = 0.05  # and those for a small one after which all is read again
_REPORTS = 100  # undecodable messages, of those read in a row, that listeners are told of
_LONG = 1.0  # seconds without a read after which an empty socket proves nothing for a while
_COPIES = 5.0  # seconds in which what was brought before a loss comes once more, if it does
_EARLY = (0.02, 0.12)  # parts of its life by which a WebSocket is changed before the exchange would cut it


class Link:
    """One group of streams over all its WebSockets. Everything runs on the connection's thread.

    No method waits, or calls anybody but the user's data callback. ``now`` is when the last wait ended (monotonic
    seconds).

    Args:
        index: its number among the links of the connection.
        group: its streams.
        around: what it shares with the other links.

    Attributes:
        current: the WebSocket that is open, if any; while the next one is opened beside it, the old one.
        sockets: all that are open: the current one, and its successor.
        succession: the planned change that is under way, if any.
        wanted: the streams it shall carry, by name, in order.
        twins: all links that carry the same streams; ``None`` where it is the only one.
        since: from when on each stream surely comes without a hole (monotonic seconds), of those that do.
        attempts: to have a WebSocket.
        endings: of its WebSockets.
        asking: what is asked over its WebSockets.
        listing: what the exchange says it carries.
        losses: what may be missing, until it is told or filled.
        renewals: of its credential; ``None`` where the data is public.
    """

    def __init__(self, index: int, group: Group, around: Surroundings) -> None:
        self.index = index
        self.around = around
        self.group = group
        self.wanted = {stream.name: stream for stream in group.streams}
        self.current: WebSocket | None = None
        self.sockets: tuple[WebSocket, ...] = ()
        self.succession: Succession | None = None
        self.sockets_opened = 0
        self.received = 0
        self.twins: Twins | None = None
        self.since: dict[str, float] = {}
        self._trail: Trail | None = None
        self.timers = Timers()
        credential = around.exchange.credential(group)
        self.renewals = None if credential is None else Renewals(self, credential)
        self.router = Router(
            around.exchange,
            group,
            around.handler,
            around.clock,
            self._control,
            self._undecodable,
            around.misfits,
            private=credential is not None,
        )
        self.do = around.commands
        self.asking = Asking(self)
        self.listing = Listing(self)
        self.losses = Losses(self)
        self.attempts = Attempts(self)
        self.endings = Endings(self)
        self._clock = around.clock
        self._lifecycle = Lifecycle()
        self._liveness = Liveness.of(around.exchange.keepalive(group), around.options.timeouts)
        self._rules: dict[str, Continuity | None] = {}
        self._rates = tuple(around.exchange.limits(group))
        self._reported_silent: set[str] = set()
        self._rhythm = Rhythm()
        self._unreadable = 0  # undecodable messages of those read in a row

    # -- looking (any thread may read) -------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self._lifecycle.state

    @property
    def ready(self) -> bool:
        """Open, and every wanted stream is confirmed or rejected."""
        socket = self.current
        return socket is not None and self.state is State.OPEN and socket.subscriptions.settled

    @property
    def due(self) -> float | None:
        """When :meth:`tick` wants to be called next (monotonic seconds)."""
        found = self.timers.next
        for socket in self.sockets:
            other = socket.timers.next
            if found is None or (other is not None and other < found):
                found = other
        return found

    def lacks(self, name: str) -> bool:
        """The stream does not come yet, and may: it is not answered, or only refused for now."""
        final = self.current is not None and self.current.subscriptions.final(name)
        return name not in self.since and not final

    def rule(self, name: str) -> Continuity | None:
        """How the messages of a stream follow each other."""
        if name not in self._rules:
            stream = self.wanted.get(name)
            if stream is None:  # for now: it may be wanted later
                return None
            self._rules[name] = self.around.exchange.continuity(stream)
        return self._rules[name]

    # -- what the connection asks for --------------------------------------------------------------------------------

    def start(self) -> None:
        self.losses.began(self.wanted.values())
        self.attempts.start(self._clock.monotonic())

    def stop(self, now: float) -> None:
        """Begin the end: the close handshake if a WebSocket is open."""
        if self.state in (State.CLOSED, State.CLOSING):
            return
        self._end_succession()
        self.attempts.leave()
        socket = self.current
        self.timers.clear()
        if socket is None:
            self.fire(Trigger.STOP, Reason.STOPPED)
            return
        socket.close_handshake()
        socket.timers.clear()  # the close handshake has a deadline of its own
        self.timers.set(Timer.CLOSE, now + self.around.options.timeouts.close)
        self.fire(Trigger.STOP, Reason.STOPPED)

    def abort(self, error: BaseException) -> None:
        """The engine has failed: end at once."""
        self.router.delivery.backfill = None
        self._end_succession()
        self.attempts.leave()
        self.timers.clear()
        self.endings.drop()
        if self.state is not State.CLOSED:
            fatal = self.state in (State.CONNECTING, State.OPEN)
            self.fire(Trigger.FATAL if fatal else Trigger.STOP, Reason.STOPPED, error)

    def opened(
        self,
        stream: ByteStream,
        reader: FrameReader,
        confirmed: frozenset[str],
        now: float,
        lease: Lease | None = None,
        asked_at: float | None = None,
        leased_at: float | None = None,
    ) -> None:
        """A WebSocket is open, begun at ``asked_at``; ``confirmed`` are the streams that its URL subscribed, ``lease``
        its credential's, asked for at ``leased_at``."""
        succession = self.succession
        succeeds = self.state is State.OPEN and succession is not None and succession.step is Step.DIALLING
        if self.state is not State.CONNECTING and not succeeds:  # stopped while it was dialled
            stream.close()
            return
        socket = WebSocket(
            stream,
            reader,
            now,
            liveness=dataclasses.replace(self._liveness, max_age=self._life()),
            rates=self._rates,
            wanted=self.wanted,
            confirmed=confirmed,
            received=0 if succeeds else self.received,
            asked_at=asked_at,
        )
        self.router.decoder(socket)  # looks at what comes first
        self.sockets_opened += 1
        self.sockets += (socket,)
        socket.timers.set(Timer.STABLE, now + self.around.options.backoff.stable_after)
        if succeeds and succession is not None:
            succession.opened(socket)
        else:
            self.current = socket
            if self.succession is None:  # else that sees to it
                self.drop_copies(now)
            self.do(Attach(self, socket))
            self.fire(Trigger.OPENED)
        if self.renewals is not None and lease is not None:
            self.renewals.opened(socket, lease, now if leased_at is None else leased_at, now)
        self.asking.opened(socket, now)
        self._advance(now)

    def drop_copies(self, now: float) -> None:
        """The current WebSocket may bring what the one before has brought."""
        if self.twins is not None:  # they see to it
            return
        trail = Trail(self.router.stats, self.rule, self.around.exchange.moment, self.losses.waiting)
        self._trail = self.router.delivery.trail = trail if trail else None
        self.timers.set(Timer.COPIES, now + _COPIES if trail else None)

    def _end_trail(self, now: float) -> None:
        """Copies come no more, once what was sent at first is read: the network may have held it up."""
        socket = self.current
        if socket is not None and self._trail and socket.safe_at < socket.opened_at + LAG:
            self.timers.set(Timer.COPIES, now + _COPIES)
        else:
            self._trail = self.router.delivery.trail = None

    def _life(self) -> float | None:
        """Seconds after which a WebSocket is changed: well before the exchange cuts it, and not all at once."""
        most = self._liveness.max_age
        if most is None:
            return None
        if not self.sockets_opened:  # links that carry the same are not changed at the same time
            most /= 1 + self.group.copy
        least, spread = _EARLY
        return most * (1 - least - (spread - least) * self.around.rng().random())

    def change(
        self,
        added: Iterable[Stream],
        removed: Iterable[str],
        now: float,
        *,
        moved: bool = False,
        anew: Collection[str] = (),
    ) -> None:
        """Want other streams. The wanted set wins over any order of answers, errors and reconnects.

        ``moved``: another link has brought ``added`` until now, so that they have their past, or goes on to bring
        ``removed``, so that they miss nothing. Those of ``anew`` that it shall carry are asked for once more, although
        they are carried.
        """
        removed = list(removed)
        for name in removed:
            self.wanted.pop(name, None)
            self.since.pop(name, None)
            self._rules.pop(name, None)
        added = list(added)
        fresh = [*removed, *(stream.name for stream in added)]  # what came unasked says nothing of what comes now
        self.endings.forgotten(removed)
        self._reported_silent.difference_update(removed)
        self.losses.forgotten(removed, elsewhere=moved)
        if self.succession is not None:
            self.succession.forgotten(fresh)
        if self.twins is not None:
            self.twins.forgotten(fresh)
        if self._trail is not None:
            self._trail.forgotten(fresh)
        self.losses.began(added, moved=moved)
        self.asking.began((stream.name for stream in added), moved=moved)
        self.wanted.update((stream.name, stream) for stream in added)
        self.group = dataclasses.replace(self.group, streams=tuple(self.wanted.values()))
        self.router.change(self.group)
        for socket in self.sockets:
            socket.decode = None
            socket.subscriptions.forget(removed)
            socket.subscriptions.forgotten(name for name in anew if name in self.wanted)
            if self.state is State.OPEN and socket.usable:  # the answer to a login leads here, too
                self.asking.subscribe(socket, now)

    # -- reading -----------------------------------------------------------------------------------------------------

    def service(self, socket: WebSocket, now: float) -> None:
        """The descriptor is ready (or there is more): read, deliver, write what waits."""
        if socket not in self.sockets:
            return
        if socket.writing:
            socket.flush(now)
        deliver = self.router.deliver if self.state is State.OPEN else None
        handler, monotonic, renewals = self.around.handler, self._clock.monotonic, self.renewals
        rounds, entered = (_ROUNDS if deliver else 1), now  # the deadline of the close handshake comes soon
        self._unreadable = 0
        while True:
            messages = socket.receive(now)
            if messages and deliver:
                deliver(socket, messages, now)
                if renewals is not None:
                    renewals.heard(socket, now)
            socket.conclude()
            rounds -= 1
            if socket.ended or socket.leave or not rounds or (handler.stopping and deliver):
                break
            if not socket.more and now < socket.prove_at:
                break
            before, now = now, monotonic()  # the callbacks since the last one may have taken long
            if now - before > _SLOW:
                socket.small_reads = True
                if now - before > _LONG:
                    socket.doubt(now, now - before)
            elif now - before < _QUICK:
                socket.small_reads = False
            if now - entered > _TURN:
                break
        self._look(socket)

    def _look(self, socket: WebSocket) -> None:
        """Follow what the WebSocket has come to."""
        if socket not in self.sockets:  # it was let go for something that it has brought
            return
        if self.renewals is not None and socket.proven is None:
            self.renewals.looked(socket, self._clock.monotonic())
        if socket.ended is not None:
            self.endings.ended(socket, socket.ended, self._clock.monotonic())
        elif socket.leave is not None:
            self.follow(self._clock.monotonic())
        if self.succession is not None or self.twins is not None or self.losses.open:
            self._advance(self._clock.monotonic())

    def follow(self, now: float) -> None:
        """Change the current WebSocket, if that is asked for; let go of the next one, if its credential has ended."""
        socket, succession = self.current, self.succession
        following = None if succession is None else succession.socket
        if succession is not None and following is not None and following is not socket and following.leave is not None:
            reason, error = following.leave
            if reason is Reason.CREDENTIAL:
                succession.new_ended(error, now)
        if socket is not None and socket.leave is not None:
            self.restart(*socket.leave, now)

    def _advance(self, now: float) -> None:
        """Something was read, or was due: the planned change may go on, and the gap may be known."""
        if self.succession is not None:
            self.succession.served(now)
        if self.twins is not None:
            self.twins.advance(self, now)
        self.losses.advance(now)

    def _control(self, socket: WebSocket, message: Ack | Notice) -> None:
        """The server answered a control frame, or announces something about the WebSocket."""
        if isinstance(message, Notice):  # to be followed when the messages that came with it are delivered
            reason, error = NOTICES[message.kind], ConnectionLost(message.detail or message.kind.value)
            if socket.leave is None or socket.leave[0] is not Reason.CREDENTIAL:  # nothing is more urgent
                socket.leave = (reason, error)
            if reason is Reason.CREDENTIAL and self.renewals is not None:
                self.renewals.terminated(error, socket.safe_at, self._clock.monotonic())
            return
        status, seconds = message.ban
        if seconds > 0:
            log.warning("%s: the exchange answered %d: no calls for %.0f s", self.around.label, status, seconds)
            self.attempts.banned(status, seconds, self._clock.monotonic())
        if not socket.answer(message) and message.error is not None:
            self.asking.refused(socket, message)

    def _undecodable(self, error: DecodeError) -> None:
        if self.router.decode_errors == 1:  # a server that sends nothing else must not flood the log
            log.warning("%s: %s; the stream goes on, repeats are only counted", self.around.label, error)
        self._unreadable += 1
        if self._unreadable <= _REPORTS:  # nor keep this thread busy with listeners
            self.do(Report(error))

    def settled(self, socket: WebSocket, now: float) -> None:
        """Everything wanted is confirmed: the gap before it is over, and first messages are waited for."""
        if self.renewals is not None:
            self.renewals.answered(socket)
        if socket is not self.current:
            if self.succession is not None:
                self.succession.settled(now)
            return
        self._has_all(socket, now, now)

    def _has_all(self, socket: WebSocket, since: float, now: float) -> None:
        """All that is wanted is answered on ``socket``, the current one: what it has confirmed comes since then."""
        confirmed = socket.subscriptions.confirmed
        self.since = {name: self.since.get(name, since) for name in self.wanted if name in confirmed}
        self.losses.resumed(since, now)
        if self.twins is not None:
            self.twins.settled(self, now)
        socket.expect(self.wanted.values(), self.around.options.timeouts.first_message, now)
        self.listing.settled(socket, now)
        self.do(Settled(self))  # also behind a change: the one before may have been left before it was

    # -- the credential ----------------------------------------------------------------------------------------------

    def confirmed(self, socket: WebSocket, now: float) -> None:
        """What the URL of ``socket`` asked for surely comes."""
        socket.subscriptions.confirmed.update(self.wanted)
        self.asking.subscribe(socket, now)
        self._advance(now)

    def dead_since(self, safe_at: float, but: WebSocket | None = None) -> None:
        """The WebSockets before, all ``but`` the new one, may have brought nothing since then, though they are open."""
        for socket in self.sockets:
            if socket is not but:
                socket.distrust(safe_at)
        self.losses.widen(safe_at)
        if self.succession is not None:
            self.succession.old_is_dead(safe_at)

    # -- timers ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """A timer is due. ``now`` was read when the last wait ended, so silence is not mistaken for a slow callback."""
        for timer in self.timers.expired(now):
            if timer is Timer.RETRY and self.state is State.BACKOFF:
                self.attempts.due(now)
            elif timer is Timer.CLOSE and self.state is State.CLOSING:
                self.endings.drop()
                self.fire(Trigger.TIMEOUT, Reason.STOPPED)
            elif timer is Timer.RENEW and self.renewals is not None:
                self.renewals.tick(now)
            elif timer is Timer.UNSENT:
                self.asking.expire(now)
            elif timer is Timer.GAP:
                self.losses.tell()
            elif timer is Timer.COPIES:
                self._end_trail(now)
            elif timer is Timer.FILL:
                self.losses.advance(now)
            elif timer is Timer.SUCCEED and self.succession is not None:
                self.succession.due(now)
        for socket in self.sockets:
            if socket.timers.next is not None and socket.timers.next <= now:
                self._tick(socket, now)

    def _tick(self, socket: WebSocket, now: float) -> None:
        for timer in socket.timers.expired(now):
            if timer is Timer.PROOF:
                self.service(socket, now)
            elif timer is Timer.STABLE:
                self.attempts.stable(socket, now)
            elif timer is Timer.SILENCE:
                self._check_silences(socket, now)
            elif timer is Timer.RHYTHM:
                self._check_rhythm(socket, now)
            elif timer is Timer.LIST:
                self.listing.ask(socket, now)
            elif timer is Timer.ASK:
                self.asking.ask_again(socket, now)
            else:
                socket.tick(timer, now, self._clock.monotonic)
            if socket not in self.sockets or socket.ended:
                break
        if socket in self.sockets:
            self._look(socket)

    def _check_silences(self, socket: WebSocket, now: float) -> None:
        """Report, once per stream, those without a first message by their deadline."""
        if socket.more:  # it may wait there
            socket.timers.set(Timer.SILENCE, now)
            return
        for stream in socket.late(now):
            name = stream.name
            silent = name in self.wanted and self.router.stats[name].last < socket.expected_since
            if silent and name not in self._reported_silent and name not in socket.subscriptions.rejected:
                self._reported_silent.add(name)
                self._is_silent(socket, Explain(self, stream, now - socket.expected_since), now)

    def _check_rhythm(self, socket: WebSocket, now: float) -> None:
        """Report, once per rest, streams that have brought messages and rest for much longer than they used to."""
        if socket is not self.current:
            return
        socket.timers.set(Timer.RHYTHM, now + EVERY)
        if socket.more:  # it may wait there
            return
        streams = {name: stream for name, stream in self.wanted.items() if name in socket.subscriptions.confirmed}
        limit, since = self.around.options.timeouts.silence, socket.expected_since
        for stream, waited, longest in self._rhythm.look(streams, self.router.stats, since, limit, now):
            self._is_silent(socket, Explain(self, stream, waited, later=True, longest=longest), now)

    def _is_silent(self, socket: WebSocket, explain: Explain, now: float) -> None:
        """Report a silence, and ask whether the exchange carries the stream."""
        self.listing.doubt(socket, now)
        self.do(explain)

    # -- ends --------------------------------------------------------------------------------------------------------

    def restart(self, reason: Reason, error: BaseException, now: float) -> None:
        """Change the WebSocket as planned: the next one is opened beside it, and takes over when it receives.

        At once, unless the old one was open only for a moment and nobody has asked for it. Without effect while there
        is none; while a change is under way that is joined, or followed by another one.
        """
        socket, under_way = self.current, self.succession
        if self.state is not State.OPEN or socket is None:
            return
        socket.leave = None
        if under_way is not None:
            if reason is Reason.CREDENTIAL and self.renewals is not None:
                self.dead_since(self.renewals.surely_private, but=under_way.socket)
            under_way.asked_again(reason, error, now)
            return
        self.succession = Succession(self, reason, error)
        if reason is Reason.CREDENTIAL and self.renewals is not None:
            self.dead_since(self.renewals.surely_private)
        at_once = self.attempts.stable(socket, now) or reason is Reason.REQUESTED
        self.succession.wait(now, self.attempts.before_change(error, at_once, now))

    def replaced(
        self,
        socket: WebSocket,
        reason: Reason,
        names: Iterable[str],
        safe_at: float,
        error: BinanceSocketsError | None,
        settled_at: float | None,
        now: float,
    ) -> None:
        """``socket`` takes the place of the current one, which has ended or may be cut.

        Args:
            socket: the successor.
            reason: why the old one was left.
            names: streams of which something may be missing between the two,
            safe_at: from this moment on.
            error: what ended the old one; ``None`` where it is cut.
            settled_at: since when the successor has all that is wanted; ``None`` where it has not.
            now: monotonic seconds.
        """
        old = self.current
        assert old is not None
        self.attempts.stable(old, now)
        socket.received += old.received  # before it is the current one, so that the sum never runs backwards
        socket.expected_since = now
        self.current = socket
        if names := self.endings.missed(old, names):
            self.losses.lose(reason, safe_at, names)
        self.asking.took_over(socket, safe_at)
        self.asking.missed(socket, socket.subscriptions.refused_at)
        self.asking.wait_to_ask(socket, now)
        self.asking.send(now)
        asked = self.succession.error if self.succession is not None else ConnectionLost("the connection was changed")
        planned = self.succession is not None and reason is self.succession.reason
        self.endings.note(reason, asked if planned else error)
        self.endings.let_go(old, asked if reason is Reason.CREDENTIAL else old.ended or asked)
        if settled_at is None:
            self.fire(Trigger.LOST, reason, error, 0.0)
            self.fire(Trigger.DUE)
            self.fire(Trigger.OPENED)
        else:
            self._has_all(socket, settled_at, now)
            log.info("%s: the next WebSocket has taken over (%s)", self.around.label, reason.value)

    def _end_succession(self) -> None:
        if self.succession is not None:
            self.succession.end()

    @property
    def alone(self) -> bool:
        """Nobody else carries its streams, so that its end is the connection's."""
        return self.twins is None or self.twins.alone(self)

    def fire(
        self,
        trigger: Trigger,
        reason: Reason | None = None,
        error: BaseException | None = None,
        delay: float | None = None,
    ) -> None:
        previous = self.state
        self._lifecycle.fire(trigger)
        if self.state in (State.CLOSING, State.CLOSED):
            over = error if isinstance(error, BinanceSocketsError) else ConnectionLost("the connection was closed")
            self.losses.end(self.asking.over(over))
        self.do(
            Changed(
                StateChange(
                    self.around.conn_key,
                    previous,
                    self.state,
                    reason,
                    error,
                    self.attempts.failures,
                    delay,
                    self.index,
                    self._clock.time(),
                )
            )
        )
