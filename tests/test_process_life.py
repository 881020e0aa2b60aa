"""Scripts as processes: when they go on, when and how they end, and what they write to stderr.

They run in Python's development mode with warnings as errors, so a quiet stderr means more than usual.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pathlib
import queue
import random
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from loopback import PATIENCE, Peer, Server, chatty, silent

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROMPT = 25.0  # seconds within which a process must end; it needs about one, where the machine does not pause
SUMMARY = re.compile(r"ended by Ctrl-C: [1-9][0-9,]* messages?, 0 gaps, 0 reconnects\n?")
NEEDS_SIGNALS = pytest.mark.skipif(os.name != "posix", reason="a test cannot send Ctrl-C to one process on Windows")

PRELUDE = """
import sys, threading
from loopback import Sockets

def main_is_over():
    return not threading.main_thread().is_alive()

def say(text):
    print(text, flush=True)

URL = sys.argv[1]
manager = Sockets()
"""


class Process:
    """A script under way."""

    def __init__(
        self, code: str, url: str, folder: pathlib.Path, before: str = "", begin: str = "python script.py"
    ) -> None:
        path = folder / "script.py"
        text = f"{before}\n{PRELUDE}{textwrap.dedent(code)}"
        path.write_text(text)
        paths = [str(ROOT), str(ROOT / "tests"), str(folder)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": ""}
        how = {
            "python script.py": [str(path)],
            "python -m script": ["-m", "script"],
            "python -c": ["-c", text],
            "runpy": ["-c", "import runpy; runpy.run_module('script', run_name='__main__')"],
            "exec": ["-c", f"import pathlib; exec(pathlib.Path({str(path)!r}).read_text())"],
        }[begin]
        self._process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", *how, url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env=env,
        )
        self.lines: list[str] = []
        self.stderr = ""
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._readers = [threading.Thread(target=read) for read in (self._read_lines, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.strip())
            self._queue.put(line.strip())
        self._queue.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr
        self.stderr = self._process.stderr.read()

    def expect(self, text: str) -> float:
        """Wait until the script says ``text``; returns the time."""
        while True:
            line = self._queue.get(timeout=PATIENCE)
            if line is None:
                self._readers[1].join(PATIENCE)  # it tells why
            assert line is not None, f"ended without {text!r}: {self.lines} {self.stderr}"
            if line == text:
                return time.monotonic()

    def interrupt(self) -> float:
        self._process.send_signal(signal.SIGINT)
        return time.monotonic()

    def tell(self) -> None:
        """Let the script read a line."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout: float) -> None:
        """Wait for the end, at most ``timeout`` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def end(self, since: float) -> int:
        """Wait for the end, which comes within ``PROMPT`` of ``since``; returns the exit code."""
        code = self._process.wait(PATIENCE)
        took = time.monotonic() - since
        for reader in self._readers:
            reader.join(PATIENCE)
        assert took < PROMPT, f"took {took:.1f} s: {self.lines} {self.stderr}"
        return code

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(chatty) as server:
        yield server


@pytest.fixture
def script(server: Server, tmp_path: pathlib.Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(code: str, url: str | None = None, before: str = "", begin: str = "python script.py") -> Process:
        started.append(Process(code, url or server.url, tmp_path, before, begin))
        return started[-1]

    yield start
    for process in started:
        process.close()


def some(values: Sequence[Any], kept: int = 1) -> list[Any]:
    """Parameters of which the first ones run by default, and all in the long run: each costs a process."""
    return [
        pytest.param(*value, marks=marks) if isinstance(value, tuple) else pytest.param(value, marks=marks)
        for number, value in enumerate(values)
        for marks in [[pytest.mark.full] * (number >= kept)]
    ]


# -- the main thread ends normally --


@pytest.mark.parametrize("ending", some(["manager.stop_socket('a')", "manager.close()"]))
def test_goes_on(script: Callable[..., Process], ending: str) -> None:
    """Messages go on after the main thread's end; the last stop_socket or close, in a callback, ends the process."""
    process = script(
        f"""
        seen = 0
        def callback(payload):
            global seen
            if main_is_over():
                seen += 1
                if seen == 5:
                    say("five after the end")
                    {ending}
        manager.start()
        manager.open(URL, callback)
        """
    )
    assert process.end(process.expect("five after the end")) == 0
    assert process.stderr == ""


@pytest.mark.parametrize("ending", some(["manager.close()", "manager.stop_socket('a')"]))
def test_files_are_written_to_their_end(script: Callable[..., Process], tmp_path: pathlib.Path, ending: str) -> None:
    """A file that the script leaves open is written out at the exit, as it is without this package."""
    process = script(
        f"""
        kept = open({str(tmp_path / "kept")!r}, "w")
        def callback(payload):
            if main_is_over():
                kept.write("line")
                {ending}
                say("written")
        manager.start()
        manager.open(URL, callback)
        """
    )
    assert process.end(process.expect("written")) == 0
    assert (tmp_path / "kept").read_text().startswith("line")


def test_goes_on_for_the_last_socket(script: Callable[..., Process]) -> None:
    """The process stays as long as one socket is open, and ends with the last one, stopped by a thread of the user."""
    process = script(
        """
        stopped, later = threading.Event(), threading.Event()
        def first(payload):
            if main_is_over():
                manager.stop_socket("a")
                stopped.set()
        def second(payload):
            if stopped.is_set():
                later.set()
        def helper():
            later.wait()
            say("second goes on")
            manager.stop_socket("b")
        manager.open(URL, first, "a")
        manager.open(URL, second, "b")
        manager.start()
        threading.Thread(target=helper).start()
        """
    )
    assert process.end(process.expect("second goes on")) == 0
    assert process.stderr == ""


def test_ends_when_given_up(script: Callable[..., Process]) -> None:
    """A process whose only socket gives up after the main thread's end ends by itself; stderr says why in one line."""
    process = script(
        """
        from binance_sockets.config import Backoff, Options
        manager = Sockets(options=Options(backoff=Backoff(initial=0.01, factor=1, max_reconnects=2)))
        def callback(payload):
            say("error" if payload == {"e": "error", "m": "Max reconnect retries reached"} else "what?")
        def hold_until_main_is_over(change):
            while not main_is_over():
                threading.Event().wait(0.01)
        manager.add_state_listener(hold_until_main_is_over)
        manager.open("ws://127.0.0.1:1", callback)
        manager.start()
        """
    )
    assert process.end(process.expect("error")) == 0
    assert process.lines == ["error"]
    assert [line for line in process.stderr.splitlines() if "giving up" in line] == process.stderr.splitlines()[-1:]
    assert "Traceback" not in process.stderr


def test_run_in_the_foreground(script: Callable[..., Process]) -> None:
    """``run()`` blocks the main thread until the last socket is over, then the script goes on."""
    process = script(
        """
        manager.open(URL, lambda payload: manager.stop_socket("a"))
        manager.run()
        say("after run")
        sys.exit(7)
        """
    )
    assert process.end(process.expect("after run")) == 7
    assert process.stderr == ""


def test_daemon(script: Callable[..., Process]) -> None:
    """With ``daemon = True`` the process ends with its main thread, although a socket is open."""
    process = script(
        """
        first = threading.Event()
        manager.daemon = True
        manager.start()
        manager.open(URL, lambda payload: first.set())
        first.wait()
        say("end")
        """
    )
    assert process.end(process.expect("end")) == 0
    assert process.stderr == ""


@pytest.mark.parametrize(
    "restart",
    some(
        [
            "manager.close(); manager.open(URL, callback)",
            "manager.stop_socket('a'); manager.open(URL, callback)",
            "manager = Sockets(); manager.open(URL, callback); manager.start(); previous.close()",
        ]
    ),
)
def test_restart_after_the_end(script: Callable[..., Process], restart: str) -> None:
    """A callback restarts its own socket, or all of them, after the main thread's end, repeatedly, on every version."""
    process = script(
        f"""
        times = 0
        def callback(payload):
            global manager, times
            if not main_is_over():
                return
            previous = manager
            times += 1
            if times == 8:
                say("went on")
                manager.close()
            else:
                {restart}
        manager.open(URL, callback)
        manager.start()
        """
    )
    assert process.end(process.expect("went on")) == 0
    assert process.stderr == ""


def test_a_buffer_after_the_end(script: Callable[..., Process]) -> None:
    """A Buffered that gets its first message after the main thread's end delivers it, and its end is the process's."""
    process = script(
        """
        from binance_sockets.sinks import Buffered
        def deliver(payload):
            say("delivered")
            manager.close()
        buffer = Buffered(deliver)
        def callback(payload):
            if main_is_over():
                buffer(payload)
        manager.open(URL, callback)
        manager.start()
        """
    )
    assert process.end(process.expect("delivered")) == 0
    assert process.stderr == ""


@pytest.mark.parametrize("helper", some(["threading.Thread(target=sys.stdin.readline).start()", "pass"]))
def test_parked_threads_hold_nothing(script: Callable[..., Process], helper: str) -> None:
    """A manager without sockets holds no process, beside a thread of the user's or not."""
    process = script(
        f"""
        manager.open(URL, lambda payload: manager.stop_socket("a"))
        manager.start()
        {helper}
        say("end")
        """
    )
    since = process.expect("end")
    if helper != "pass":
        process.wait(0.5)
        assert process.running
        process.tell()
        since = time.monotonic()
    assert process.end(since) == 0
    assert process.stderr == ""


# -- the main thread fails, or exits --


ONE_SOCKET = """
        ready = threading.Event()
        manager.open(URL, lambda payload: ready.set())
        manager.start()
        ready.wait()
        """

TWO_MANAGERS = """
        ready, ready2 = threading.Event(), threading.Event()
        other = Sockets()
        manager.open(URL, lambda payload: ready.set())
        other.open(URL, lambda payload: ready2.set())
        manager.start()
        other.start()
        ready.wait()
        ready2.wait()
        """


def test_sys_exit(script: Callable[..., Process]) -> None:
    """``sys.exit(3)`` with open sockets ends the process promptly, with that code and a quiet stderr."""
    process = script(
        TWO_MANAGERS
        + """
        say("exit")
        sys.exit(3)
        """
    )
    assert process.end(process.expect("exit")) == 3
    assert process.stderr == ""


SEEN_ALWAYS = ["sys.exit()", "sys.exit(0)", "exit()", "sys.exit(False)", "nested()", "in_blocks()", "command([])"]
SEEN_BY_THE_INTERPRETER = ["raise SystemExit", "raise SystemExit(0)", "raise SystemExit(main())", "bound_early(0)"]
SEES_ALL = sys.version_info >= (3, 12)

LOGGED = """
        import logging
        logged = threading.Event()
        class Handler(logging.StreamHandler):
            def emit(self, record):
                super().emit(record)
                logged.set()
        logging.getLogger().addHandler(Handler())
        """

EXITS = (
    LOGGED
    + """
        import click
        def main():
            say("exit")
        def nested():
            sys.exit(main())
        def in_blocks():
            try:
                with open(__file__):
                    sys.exit(main())
            finally:
                pass
        @click.command()
        def command():
            main()
        def callback(payload):
            ready.set()
            if main_is_over() and logged.is_set():
                say("went on")
                manager.close()
        ready = threading.Event()
        manager.open(URL, callback)
        manager.start()
        ready.wait()
        """
)


@pytest.mark.parametrize("ending", some((SEEN_BY_THE_INTERPRETER if SEES_ALL else []) + SEEN_ALWAYS, 2))
def test_exit_with_nothing_goes_on(script: Callable[..., Process], ending: str) -> None:
    """An exit with 0 or None is the normal end of a main program: the sockets go on, and one line says so."""
    process = script(EXITS + ending, before="from sys import exit as bound_early")
    assert process.end(process.expect("went on")) == 0
    (line,) = process.stderr.splitlines()
    assert "exited normally while sockets are open: the process goes on" in line
    assert "Ctrl-C or close() ends it; daemon = True" in line


@pytest.mark.skipif(SEES_ALL, reason="this version sees every code")
@pytest.mark.parametrize("ending", some(SEEN_BY_THE_INTERPRETER, 2))
def test_exit_that_nobody_sees(script: Callable[..., Process], ending: str) -> None:
    """Where the code of an exit cannot be seen the sockets end, as they must if it was a failure; one line says so."""
    process = script(EXITS + "say('end'); " + ending, before="from sys import exit as bound_early")
    assert process.end(process.expect("end")) == 0
    (line,) = process.stderr.splitlines()
    assert "a code that cannot be seen: they are closed" in line


@pytest.mark.parametrize("begin", some(["runpy", "python -c", "python -m script", "exec"]))
@pytest.mark.parametrize(("ending", "code"), some([("sys.exit(main())", 0), ("logged.set()", 0), ("1 / 0", 1)]))
def test_however_it_was_begun(script: Callable[..., Process], begin: str, ending: str, code: int) -> None:
    """A script, a module, a command, and code that another file runs exit alike."""
    process = script(f"{EXITS}say('end'); {ending}", begin=begin)
    since = process.expect("end")
    if not code:
        process.expect("went on")
    assert process.end(since) == code
    assert ("goes on" in process.stderr) is (ending == "sys.exit(main())")
    assert ("ZeroDivisionError" in process.stderr) is (ending == "1 / 0")
    assert "cannot be seen" not in process.stderr


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    some(
        [
            ("sys.exit('no such symbol')", 1, "no such symbol"),
            ("raise SystemExit(2)", 2, ""),
            ("command(['--wrong'])", 2, "No such option"),
            ("exit(4)", 4, ""),
            ("sys.exit(True)", 1, ""),
            ("raise SystemExit('no such symbol')", 1, "no such symbol"),
        ],
        2,
    ),
)
def test_exit_with_a_code(script: Callable[..., Process], ending: str, code: int, said: str) -> None:
    """An exit with another code, a text among them, closes the sockets and ends with it."""
    process = script(f"{EXITS}say('end'); {ending}")
    assert process.end(process.expect("end")) == code
    assert said in process.stderr
    assert "goes on" not in process.stderr


def test_an_exit_that_was_caught_counts_for_nothing(script: Callable[..., Process]) -> None:
    """The code that matters is that of the exit that ended the main program."""
    process = script(
        EXITS
        + """
        try:
            sys.exit(0)
        except SystemExit:
            say("caught")
        raise SystemExit(5)
        """
    )
    assert process.end(process.expect("caught")) == 5
    assert "goes on" not in process.stderr


def test_two_managers_go_on_with_one_line(script: Callable[..., Process]) -> None:
    """The line is not repeated for every manager."""
    process = script(
        EXITS
        + """
        other, ready2 = Sockets(), threading.Event()
        other.open(URL, lambda payload: ready2.set() or (main_is_over() and logged.is_set() and other.close()))
        other.start()
        ready2.wait()
        sys.exit()
        """
    )
    assert process.end(process.expect("went on")) == 0
    assert len(process.stderr.splitlines()) == 1


def test_exit_without_sockets(script: Callable[..., Process]) -> None:
    """Where no socket is open there is nothing to say."""
    process = script("manager.start(); say('end'); sys.exit()")
    assert process.end(process.expect("end")) == 0
    assert process.stderr == ""


@pytest.mark.parametrize("state", some(["connecting", "several connecting", "waiting"], 2))
def test_sys_exit_without_a_connection(script: Callable[..., Process], state: str) -> None:
    """``sys.exit`` is as prompt while a connect stalls, while several stall, and while a back-off runs."""
    with Server(silent) as stalling:
        url = "ws://127.0.0.1:1" if state == "waiting" else stalling.url
        process = script(
            f"""
            from binance_sockets.config import Backoff, Options, Timeouts
            manager = Sockets(options=Options(backoff=Backoff(initial=60), timeouts=Timeouts(connect=60)))
            backing_off = threading.Event()
            manager.add_state_listener(lambda change: change.delay and backing_off.set())
            manager.open(URL, print, "a", "b", "c", per_link={1 if state == "several connecting" else 3})
            manager.start()
            {"backing_off.wait()" if state == "waiting" else "sys.stdin.readline()"}
            say("exit")
            sys.exit(3)
            """,
            url=url,
        )
        if state != "waiting":
            stalling.arrived.get(timeout=PATIENCE)
            process.tell()
        assert process.end(process.expect("exit")) == 3
    assert "Traceback" not in process.stderr


def test_crash(script: Callable[..., Process]) -> None:
    """An uncaught exception in the main thread ends the process with code 1 and this one traceback."""
    process = script(
        ONE_SOCKET
        + """
        def fail():
            raise LookupError("my own mistake")
        say("crash")
        fail()
        """
    )
    assert process.end(process.expect("crash")) == 1
    assert process.stderr.count("Traceback") == 1
    assert process.stderr.splitlines()[-1] == "LookupError: my own mistake"


def test_crash_in_a_with_block(script: Callable[..., Process]) -> None:
    """The context manager closes on the way out of a crash; the traceback is the user's alone."""
    process = script(
        """
        with manager:
            ready = threading.Event()
            manager.open(URL, lambda payload: ready.set())
            ready.wait()
            say("crash")
            raise LookupError("my own mistake")
        """
    )
    assert process.end(process.expect("crash")) == 1
    assert process.stderr.count("Traceback") == 1
    assert process.stderr.splitlines()[-1] == "LookupError: my own mistake"


# -- Ctrl-C --


@NEEDS_SIGNALS
def test_interrupt_in_join(script: Callable[..., Process]) -> None:
    """Ctrl-C while the main thread is in join() raises KeyboardInterrupt there; uncaught, it ends the process."""
    process = script(
        ONE_SOCKET
        + """
        say("join")
        manager.join()
        """
    )
    process.expect("join")
    assert process.end(process.interrupt()) == -signal.SIGINT  # 130 in a shell
    assert process.stderr.count("Traceback") == 1
    *_, error, summary = process.stderr.splitlines()
    assert error == "KeyboardInterrupt"
    assert SUMMARY.fullmatch(summary)


@NEEDS_SIGNALS
def test_interrupt_caught(script: Callable[..., Process]) -> None:
    """A script that catches KeyboardInterrupt around join() closes and ends quietly, with its own code."""
    process = script(
        """
        ready = threading.Event()
        try:
            with manager:
                manager.open(URL, lambda payload: ready.set())
                ready.wait()
                say("join")
                manager.join()
        except KeyboardInterrupt:
            say("bye")
        """
    )
    process.expect("join")
    assert process.end(process.interrupt()) == 0
    assert process.lines[-1] == "bye"
    assert SUMMARY.fullmatch(process.stderr)


@NEEDS_SIGNALS
@pytest.mark.parametrize(
    "end", some(["r, w = os.pipe(); os.close(r); os.dup2(w, 2)", "os.close(2)", "sys.stderr.close()"])
)
def test_interrupt_where_nobody_reads_the_summary(script: Callable[..., Process], end: str) -> None:
    """A line that cannot be written leaves the script its own exit code."""
    process = script(
        f"""
        import os
        ready = threading.Event()
        try:
            with manager:
                manager.open(URL, lambda payload: ready.set())
                ready.wait()
                say("join")
                manager.join()
        except KeyboardInterrupt:
            {end}
        """
    )
    process.expect("join")
    assert process.end(process.interrupt()) == 0
    assert process.stderr == ""


@NEEDS_SIGNALS
def test_interrupts_while_sockets_are_started(script: Callable[..., Process]) -> None:
    """Ctrl-C at any moment of starting closes nothing twice: files of the user stay open, and no thread is left.

    Files opened right after the interrupt get the numbers of descriptors that were just closed.
    """
    process = script(
        f"""
        import _thread, os, random, signal, time
        rng = random.Random({random.getrandbits(32)})
        def send(go, delay):
            go.wait()
            until = time.perf_counter() + delay
            while time.perf_counter() < until:
                pass
            os.kill(os.getpid(), signal.SIGINT)
        def started():
            return [thread for thread in threading.enumerate() if thread.name.startswith("binance_sockets")]
        mine, kept = os.fstat(os.open(__file__, os.O_RDONLY)), []
        for number in range(60):
            go, manager = threading.Event(), Sockets()
            sender = threading.Thread(target=send, args=(go, rng.uniform(0, 0.006)))
            sender.start()
            try:
                go.set()
                manager.start()
                for key in range(12):
                    manager.open(URL, lambda payload: None, str(key))
                sender.join()
                raise KeyboardInterrupt  # the interpreter drops one that comes in the midst of a weak reference's end
            except KeyboardInterrupt:
                kept = [os.open(__file__, os.O_RDONLY) for _ in range(40)]
            manager.close()
            assert not manager.snapshot()["connections"]
            for descriptor in kept:
                assert os.fstat(descriptor).st_ino == mine.st_ino
                os.close(descriptor)
            sender.join()
        # A start that Ctrl-C cut off may leave its Thread for ever in the list of those about to begin. Whatever has
        # begun after all, ends at once.
        until = time.perf_counter() + 10
        while _thread._count() and time.perf_counter() < until:
            for thread in started():
                if thread.ident is not None:
                    thread.join(1)
        running = [thread for thread in started() if thread.is_alive()]
        assert not running and not _thread._count(), running
        say("done")
        """
    )
    assert process.end(process.expect("done")) == 0
    # An interrupt that comes in a callback of a weak reference is the interpreter's to tell, and to drop.
    dropped = r"Exception ignored in: <function WeakSet[^\n]*\nTraceback[^\n]*\n(?:  [^\n]*\n)*KeyboardInterrupt: ?\n"
    assert re.fullmatch(rf"(?:{dropped})*(ended by Ctrl-C: .*\n)?", process.stderr), process.stderr


AFTER_THE_END = """
        def callback(payload):
            if main_is_over():
                say("after the end")
        manager.open(URL, callback)
        manager.start()
        """


@NEEDS_SIGNALS
def test_interrupt_after_the_end(script: Callable[..., Process]) -> None:
    """Ctrl-C after the main thread's end ends the process quietly with code 130, and exit handlers run."""
    process = script(
        """
        import atexit
        atexit.register(print, "exit handler")
        class Kept:
            def __del__(self, say=print):
                say("module cleared")
        kept = Kept()
        """
        + AFTER_THE_END
        + """
        atexit.register(print, "late exit handler")
        """,
        before="import atexit; atexit.register(print, 'early exit handler')",
    )
    process.expect("after the end")
    assert process.end(process.interrupt()) == 130
    assert SUMMARY.fullmatch(process.stderr)
    said = ["late exit handler", "exit handler", "early exit handler", "module cleared"]
    assert process.lines[-4:] == said


@NEEDS_SIGNALS
def test_interrupt_of_two_managers_after_the_end(script: Callable[..., Process]) -> None:
    """Ctrl-C after the main thread's end ends the sockets of every manager, also one started by a thread."""
    process = script(
        """
        other = Sockets()
        ready = threading.Event()
        def start_other():
            other.open(URL, lambda payload: ready.set())
            other.start()
        """
        + AFTER_THE_END
        + """
        threading.Thread(target=start_other).start()
        ready.wait()
        """
    )
    process.expect("after the end")
    assert process.end(process.interrupt()) == 130
    assert SUMMARY.fullmatch(process.stderr)  # one line for both


@NEEDS_SIGNALS
def test_second_interrupt_after_the_end(script: Callable[..., Process]) -> None:
    """Where a callback does not return, a second Ctrl-C after the main thread's end ends the process at once."""
    process = script(
        """
        def callback(payload):
            if main_is_over():
                say("blocked")
                sys.stdin.readline()
        manager.open(URL, callback)
        manager.start()
        """
    )
    process.expect("blocked")
    process.interrupt()
    deadline = time.monotonic() + PATIENCE
    while process.running and time.monotonic() < deadline:
        since = process.interrupt()
        process.wait(0.1)
    assert process.end(since) == 130
    assert process.stderr == ""


@NEEDS_SIGNALS
@pytest.mark.parametrize("level, shown", some([("INFO", True), ("WARNING", False)]))
def test_the_summary_of_an_interrupt_is_information(script: Callable[..., Process], level: str, shown: bool) -> None:
    """It counts gaps and reconnects; where logging was configured it is a line of level INFO like any other."""
    with Server([Peer.accept, chatty]) as server:  # the first connection ends at once
        process = script(
            f"""
            import logging
            logging.basicConfig(level="{level}", format="%(levelname)s %(name)s %(message)s")
            reconnected = threading.Event()
            manager.add_gap_listener(lambda gap: reconnected.set())
            manager.daemon = True
            manager.open(URL, lambda payload: None)
            manager.start()
            reconnected.wait()
            say("reconnected")
            manager.join()
            """,
            url=server.url,
        )
        process.expect("reconnected")
        assert process.end(process.interrupt()) == -signal.SIGINT
    said = re.findall(r"^(\S+) \S+ ended by Ctrl-C: \S+ messages?, (.*)$", process.stderr, re.M)
    assert said == ([("INFO", "1 gap, 1 reconnect")] if shown else [])


@NEEDS_SIGNALS
def test_an_interrupt_that_a_program_survives_is_not_its_end(script: Callable[..., Process]) -> None:
    """A program that catches Ctrl-C and starts sockets again ends later by something else: no summary."""
    process = script(
        """
        ready = threading.Event()
        try:
            with manager:
                manager.open(URL, lambda payload: ready.set())
                ready.wait()
                say("join")
                manager.join()
        except KeyboardInterrupt:
            ready.clear()
        with manager:
            manager.open(URL, lambda payload: ready.set())
            ready.wait()
        """
    )
    process.expect("join")
    assert process.end(process.interrupt()) == 0
    assert process.stderr == ""


@NEEDS_SIGNALS
def test_own_interrupt_handler_is_kept(script: Callable[..., Process]) -> None:
    """A script's own handler of SIGINT stays in charge, before and after the main thread's end."""
    process = script(
        """
        import signal
        def handler(number, frame):
            say("my handler")
            manager.close()
        signal.signal(signal.SIGINT, handler)
        """
        + AFTER_THE_END
    )
    process.expect("after the end")
    assert process.end(process.interrupt()) == 0
    assert "my handler" in process.lines
    assert process.stderr == ""


def test_importing_changes_nothing(tmp_path: pathlib.Path) -> None:
    """Importing the package starts no thread, installs no signal handler and opens no descriptor."""
    code = """
        import signal, os
        import msgspec, websocket, requests, tenacity, ssl
        before = set(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else set()
        import binance_sockets.manager
        after = set(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else set()
        assert threading.active_count() == 1, threading.enumerate()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert before == after, (before, after)
        say("done")
        """
    process = Process(code, "", tmp_path)
    try:
        assert process.end(process.expect("done")) == 0, process.stderr
        assert process.stderr == ""
    finally:
        process.close()


@pytest.mark.parametrize("method", some(multiprocessing.get_all_start_methods(), 2))
def test_goes_on_in_a_child_of_multiprocessing(script: Callable[..., Process], method: str) -> None:
    """In a process of ``multiprocessing`` too, messages go on after the function that started them has returned."""
    process = script(
        f"""
        import multiprocessing, os
        seen = 0
        def callback(payload):
            global seen
            if main_is_over():
                seen += 1
                if seen == 45:
                    say("went on")
                    manager.close()
        def work():
            manager.open(URL, callback)
            manager.start()
        if __name__ == "__main__":
            child = multiprocessing.get_context({method!r}).Process(target=work)
            child.start()
            child.join()
            sys.exit(child.exitcode)
        """
    )
    assert process.end(process.expect("went on")) == 0
    assert process.stderr == ""


@pytest.mark.parametrize("method", some(multiprocessing.get_all_start_methods()))
@pytest.mark.parametrize(("ending", "code"), some([("sys.exit(3)", 3), ("1 / 0", 1)]))
def test_failure_in_a_child_of_multiprocessing(
    script: Callable[..., Process], method: str, ending: str, code: int
) -> None:
    """A target that fails, or exits with a code, closes its sockets, and its process ends with that code."""
    process = script(
        f"""
        import multiprocessing
        def work():
            ready = threading.Event()
            manager.open(URL, lambda payload: ready.set())
            manager.start()
            ready.wait()
            {ending}
        if __name__ == "__main__":
            child = multiprocessing.get_context({method!r}).Process(target=work)
            child.start()
            say("started")
            child.join()
            sys.exit(child.exitcode + 10)
        """
    )
    assert process.end(process.expect("started")) == code + 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_says_that_nothing_runs(script: Callable[..., Process]) -> None:
    """In a fork the manager is not alive and shows no socket, whoever held its lock; Ctrl-C there reaches no parent."""
    process = script(
        ONE_SOCKET
        + """
        import os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        with manager._core.lock:
            child = os.fork()
        if child == 0:
            assert not manager.is_alive()
            assert repr(manager).endswith(f"started in process {os.getppid()}, not alive in this one>"), repr(manager)
            assert manager.snapshot() == {
                "name": manager.name, "alive": False, "environment": "", "hosts": {},
                "clock": {}, "budgets": {}, "connections": {},
            }
            manager._core.request_stop()
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert manager.is_alive() and manager.snapshot()["connections"]["a"]["state"] == "open"
        say("done")
        sys.exit(3)
        """
    )
    assert process.end(process.expect("done")) == 3
    assert process.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_buffer_made_before_the_fork(script: Callable[..., Process]) -> None:
    """As a server does that loads the program before it forks its workers: the worker delivers, and ends."""
    process = script(
        """
        import os, warnings
        from binance_sockets.sinks import Buffered
        warnings.simplefilter("ignore", DeprecationWarning)
        enough, seen = threading.Event(), []
        def deliver(payload):
            seen.append(payload)
            if len(seen) == 20:
                enough.set()
        buffer = Buffered(deliver, 5)
        buffer(None)
        child = os.fork()
        if child == 0:
            manager.open(URL, buffer)
            manager.start()
            enough.wait()
            manager.close()
            buffer.close()
            say("worker done")
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )
    assert process.end(process.expect("worker done")) == 0
    assert process.stderr == ""


# -- streams that are read --


def test_a_reader_ends_with_a_main_thread_that_fails(script: Callable[..., Process]) -> None:
    """A thread that waits in a loop over a stream holds nothing: the sockets end, and so does its loop."""
    process = script(
        """
        from binance_sockets import MessageStream
        stream = MessageStream()
        manager.open(URL, stream)
        manager.start()
        def read():
            for payload in stream:
                pass
            say("reader done")
        threading.Thread(target=read).start()
        manager.wait_open("a")
        sys.exit(3)
        """
    )
    assert process.end(process.expect("reader done")) == 3


def test_a_reader_goes_on_behind_the_main_thread(script: Callable[..., Process]) -> None:
    """As callbacks do, until Ctrl-C: its loop ends, quietly."""
    process = script(
        """
        from binance_sockets import MessageStream
        stream = MessageStream()
        manager.open(URL, stream)
        manager.start()
        def read():
            for payload in stream:
                if main_is_over():
                    say("went on")
                    break
            for payload in stream:
                pass
            say("reader done")
        threading.Thread(target=read).start()
        """
    )
    process.expect("went on")
    process.interrupt()
    assert process.end(process.expect("reader done")) == 130


def test_a_daemons_reader_ends_with_the_process(script: Callable[..., Process]) -> None:
    """A daemon thread that waits without a limit, on a daemon's socket, holds no process and says nothing."""
    process = script(
        """
        from binance_sockets import MessageStream
        stream = MessageStream()
        manager.daemon = True
        manager.open(URL, stream)
        manager.start()
        def read():
            for payload in stream:
                pass
        threading.Thread(target=read, daemon=True).start()
        manager.wait_open("a")
        say("end")
        """
    )
    assert process.end(process.expect("end")) == 0
    assert process.stderr == ""


def test_ctrl_c_in_a_wait_for_a_message(script: Callable[..., Process], quiet: str) -> None:
    """On the main thread, without a timeout; the script goes on with what it has."""
    process = script(
        """
        from binance_sockets import MessageStream
        stream = MessageStream()
        manager.open(URL, stream)
        manager.start()
        manager.wait_open("a")
        try:
            say("reading")
            stream.receive()
        except KeyboardInterrupt:
            say("interrupted")
        manager.close()
        """,
        url=quiet,
    )
    process.expect("reading")
    process.interrupt()
    assert process.end(process.expect("interrupted")) == 0
    assert "Traceback" not in process.stderr


@pytest.fixture
def quiet() -> Iterator[str]:
    """A server that accepts and says nothing."""
    with Server() as found:
        yield found.url
