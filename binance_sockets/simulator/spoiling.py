"""What faults do to one open connection: to its messages, and to the connection itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from binance_sockets.faults import Fault
from binance_sockets.simulator import wire
from binance_sockets.simulator.injections import LINK_FAULTS, FaultBoard, Injection

if TYPE_CHECKING:
    from binance_sockets.simulator.session import Session

__all__ = ["Spoiler"]


class Spoiler:
    """Applies the standing faults to one session. What a spoilt message looks like, its dialect says.

    Args:
        session: whom they concern.
        faults: which ones stand.

    Attributes:
        half_open: it has met SILENCE.
    """

    def __init__(self, session: Session, faults: FaultBoard) -> None:
        self._session, self._faults = session, faults
        self._held: dict[str, tuple[bytes, str]] = {}
        self._struck_by: set[int] = set()
        self.half_open = False

    def strike(self, fault: Fault, name: str | None = None) -> Injection | None:
        """Use a fault once, if one stands for this connection (or this stream of it)."""
        streams = (name,) if name is not None else self._streams()
        return self._faults.strike(fault, self._session.product, self._session.route, streams)

    def strike_request(self, fault: Fault, method: str) -> Injection | None:
        """Use a fault of requests once, if one stands for this connection and method."""
        session = self._session
        return self._faults.strike(
            fault, session.product, session.route, self._streams(),
            chosen=lambda params: params["method"] in (None, method),
        )  # fmt: skip

    def opened(self) -> None:
        """Faults that end connections may stand for new ones."""
        for injection in self._faults.all():
            if injection.fault in LINK_FAULTS:
                self.end_by(injection)

    def silent(self) -> bool:
        """Whether this connection is half-open: nothing goes out, nothing that comes in is answered.

        It stays so when the fault is over: what TCP has lost would not be missing from the midst of a stream.
        """
        if self.half_open or not self._faults.any():
            return self.half_open
        session = self._session
        found = self._faults.find(Fault.SILENCE, session.product, session.route, tuple(session.streams))
        if found is None:
            return False
        if found.id not in self._struck_by:
            self._struck_by.add(found.id)
            found.strike()
        self.half_open = True
        return True

    # messages

    def spoil(self, name: str, payload: bytes, event: str) -> bool:
        """Apply the standing faults to a message; ``True`` when it has been dealt with."""
        session = self._session
        if self.silent() or self.strike(Fault.HOLE, name):
            return True
        if session.dialect.forgettable(name) and self.strike(Fault.FORGET, name):
            session.unsubscribe((name,))
            return True
        self._insert_rubbish(name, payload)
        if self.strike(Fault.CUT, name):
            whole = session.frame(session.dialect.wrapped(name, payload))
            session.write(whole[: len(whole) // 2 + 1])
            session.cut()
            return True
        missing = self.strike(Fault.MISSING_FIELD, name)
        if missing:
            payload = session.dialect.without(payload, missing.params["field"])
        if name in self._held:
            session.send(name, payload, event)
            session.send(name, *self._held.pop(name))
            return True
        if self.strike(Fault.OUT_OF_ORDER, name):
            self._held[name] = (payload, event)
            return True
        if self.strike(Fault.DUPLICATE, name):
            session.send(name, payload, event)
        pieces = self.strike(Fault.FRAGMENT, name)
        if pieces:
            self._send_in_pieces(session.dialect.wrapped(name, payload), pieces.params["frames"])
            session.services.ledger.count(session.product, name, event)
            return True
        if missing:
            session.send(name, payload, event)
        return bool(missing)

    def _insert_rubbish(self, name: str, payload: bytes) -> None:
        """Faults that are messages of their own, before the good one."""
        session, wrapped = self._session, self._session.dialect.wrapped
        if self.strike(Fault.INVALID_JSON, name):
            message = wrapped(name, payload)
            session.say(message[: max(1, len(message) * 2 // 3)])
        if self.strike(Fault.INVALID_UTF8, name):
            session.say(wrapped(name, b'{"e":"\xc3\x28\xff"}'))
        if self.strike(Fault.UNKNOWN_EVENT, name):
            session.say(wrapped(name, session.dialect.unknown_event()))
        oversize = self.strike(Fault.OVERSIZE, name)
        if oversize:
            filler = b'{"e":"oversize","x":"' + b"x" * int(oversize.params["size"]) + b'"}'
            session.say(wrapped(name, filler))

    def _send_in_pieces(self, message: bytes, frames: int) -> None:
        size = max(1, -(-len(message) // max(2, frames)))
        pieces = [message[at : at + size] for at in range(0, len(message), size)]
        for number, piece in enumerate(pieces):
            opcode = wire.CONTINUATION if number else self._session.opcode
            self._session.write(wire.frame(opcode, piece, fin=number == len(pieces) - 1))
            if number < len(pieces) - 1:
                self._session.ping(free=True)

    # the connection

    def end_by(self, injection: Injection) -> None:
        """Apply a fault that ends connections, once, if it concerns this one."""
        session = self._session
        if injection.id in self._struck_by or not injection.matches(session.product, session.route, self._streams()):
            return
        if injection.strike():
            self._struck_by.add(injection.id)
            session.later(injection.params["delay"], partial(self._suffer, injection))

    def _suffer(self, injection: Injection) -> None:
        session, params = self._session, injection.params
        if injection.fault is Fault.CLOSE:
            session.close(params["code"], params["reason"])
        elif injection.fault is Fault.RESET:
            session.reset()
        elif injection.fault is Fault.SERVER_SHUTDOWN:
            notice = session.dialect.shutdown_notice()
            if notice is not None:
                session.say(notice)
            if params["close_after"] is not None:
                session.later(params["close_after"], session.cut)
        else:
            session.cut()

    def _streams(self) -> tuple[str, ...]:
        return tuple(self._session.streams) or self._session.names
