"""The control endpoint: faults and state over HTTP, on the simulator's own port."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from aiohttp import web

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.injections import FaultBoard, Injection
from binance_sockets.simulator.ledger import Ledger
from binance_sockets.simulator.redaction import without_secrets

__all__ = ["Control"]

_ONE = re.compile(r"/control/faults/([0-9]{1,18})")


class Paths(Protocol):
    """Paths below ``/control/`` that a venue adds."""

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> web.Response | None:
        """Answer one request; ``None`` for paths of others."""


class Control:
    """Answers below ``/control/``.

    ======  ======================  ==========================================================================
    GET     ``/control/state``      connections, counters, faults; without keys, tokens and signatures
    GET     ``/control/faults``     the standing faults
    POST    ``/control/faults``     ``{"fault": "close", "count": 1, ...}``: the arguments of ``Simulator.inject``
    DELETE  ``/control/faults``     remove all
    DELETE  ``/control/faults/ID``  remove one
    ======  ======================  ==========================================================================

    Venues may add paths of their own. Requests that a web page makes (they carry ``Origin``) are refused.

    Args:
        faults: the simulator's faults.
        ledger: the simulator's record.
        inject: lets a fault stand, and strikes open connections at once.
        more: what a venue adds.
    """

    def __init__(
        self, faults: FaultBoard, ledger: Ledger, inject: Callable[..., Injection], more: Sequence[Paths] = ()
    ) -> None:
        self._faults, self._ledger, self._inject, self._more = faults, ledger, inject, more

    async def answer(self, request: web.BaseRequest, path: str) -> web.Response:
        """Answer one request."""
        if "Origin" in request.headers:
            return json_answer({"msg": "not for web pages"}, 403)
        if (request.method, path) == ("GET", "/control/state"):
            return json_answer(self._state())
        body = await request.read()
        for paths in self._more:
            answer = paths.answer(request.method, path, request.query, body)
            if answer is not None:
                return answer
        one = _ONE.fullmatch(path)
        if path != "/control/faults" and not one:
            return json_answer({"msg": "no such path"}, 404)
        if one:
            return self._remove(int(one[1])) if request.method == "DELETE" else json_answer({"msg": "DELETE only"}, 405)
        if request.method == "GET":
            return json_answer([_fault(row) for row in self._faults.all()])
        if request.method == "DELETE":
            self._faults.clear()
            return json_answer([])
        if request.method == "POST":
            return self._add(body)
        return json_answer({"msg": "GET, POST or DELETE"}, 405)

    def _add(self, body: bytes) -> web.Response:
        try:
            arguments = json.loads(body)
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict) or "fault" not in arguments:
            return json_answer({"msg": "the body must be a JSON object with 'fault'"}, 400)
        try:
            injection = self._inject(arguments.pop("fault"), **arguments)
        except ValueError as error:
            return json_answer({"msg": str(error)}, 400)
        return json_answer(_fault(injection), 201)

    def _remove(self, number: int) -> web.Response:
        for injection in self._faults.all():
            if injection.id == number:
                injection.remove()
                return json_answer(_fault(injection))
        return json_answer({"msg": f"no fault {number}"}, 404)

    def _state(self) -> dict[str, Any]:
        sent = self._ledger.sent()
        state = {
            "connections": [asdict(row) for row in self._ledger.open_connections()],
            "attempts": len(self._ledger.attempts()),
            "sent": {
                "streams": {f"{product}/{name}": count for (product, name), count in sent.streams.items()},
                "events": {f"{product}/{name}": count for (product, name), count in sent.events.items()},
                "total": sent.total,
            },
            "faults": [_fault(row) for row in self._faults.all()],
        }
        readable: dict[str, Any] = _readable(state)
        return readable


def _fault(injection: Injection) -> dict[str, Any]:
    return {
        "id": injection.id,
        "fault": injection.fault.value,
        "product": injection.product,
        "route": injection.route,
        "stream": injection.stream,
        "count": injection.count,
        "duration": injection.duration,
        "params": dict(injection.params),
        "struck": injection.struck,
        "active": injection.active,
    }


def _readable(value: Any) -> Any:
    """What JSON can carry, without secrets."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {_readable(key): _readable(row) for key, row in value.items()}
    if isinstance(value, (list, tuple)):
        return [_readable(row) for row in value]
    return value
