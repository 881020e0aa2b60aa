"""pyupbit: a process that reads, and a queue; both processes count. Its address is built in, and led to the server."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from types import SimpleNamespace

import pyupbit
from harness import UPBIT_MARK, Meter, main

_TICKS = os.sysconf("SC_CLK_TCK")


def run(task: SimpleNamespace, meter: Meter) -> None:
    _lead(task.port)
    manager = pyupbit.WebSocketManager("ticker", [*task.streams, UPBIT_MARK])
    manager.daemon = True
    manager.alive = True  # what its first get() does
    manager.start()
    _count_both(meter, manager.pid)
    callback = meter.callback("code")

    def receive() -> None:
        while True:
            callback(manager.get())

    threading.Thread(target=receive, daemon=True).start()


def _lead(port: int) -> None:
    """Let every name of a host lead to a port of this machine."""
    resolve, connect = socket.getaddrinfo, socket.socket.connect
    socket.getaddrinfo = lambda host, *args, **options: resolve("127.0.0.1", *args, **options)
    socket.socket.connect = lambda sock, _: connect(sock, ("127.0.0.1", port))


def _count_both(meter: Meter, child: int) -> None:
    """Add the CPU time of the process that reads, and end it with the measuring: it would keep the output open."""
    begin, end, fail, began = meter.begin, meter.end, meter.fail, []

    def begin_both() -> None:
        began[:] = [_cpu(child) + time.process_time()]
        begin()

    def end_both(count: int) -> None:
        cpu = _cpu(child) + time.process_time() - began[0]
        meter.extra |= {"cpu_seconds": cpu, "us": cpu / max(1, count) * 1e6}
        os.kill(child, signal.SIGKILL)
        end(count)

    def fail_both(reason: object) -> None:
        os.kill(child, signal.SIGKILL)
        fail(reason)

    meter.begin, meter.end, meter.fail = begin_both, end_both, fail_both


def _cpu(process: int) -> float:
    """User and system time of a process, in seconds."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


main(run)
