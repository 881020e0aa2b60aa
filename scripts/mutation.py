"""Whether the tests notice: each module of the table with one small mistake at a time, against its own test files.

A mutant is *killed* when its tests fail or do not end, and *survives* when they pass: then a test is missing, or code
is useless, or the two behave alike; such a one is listed, with the reason, in ``mutation_table.py``. The score is
killed of all that are not listed.

Nothing is written: a mutated module exists in the memory of a forked process alone. Arguments choose modules by parts
of their names.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import math
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from multiprocessing.connection import wait
from pathlib import Path
from types import CodeType, ModuleType

from mutants import Mutant, mutants
from mutation_table import EQUIVALENT, MODULES

ROOT = Path(__file__).resolve().parent.parent
PRELOADED = (
    "aiohttp",
    "click",
    "cryptography.x509",
    "hypothesis",
    "msgspec",
    "pytest",
    "requests",
    "rich",
    "tenacity",
    "websocket",
)
MEMORY = 4 << 30  # bytes of address space of one process: a mutant may grow without end
BLOCKED = 300.0  # seconds after which a process that takes no processor time is given up

processes = multiprocessing.get_context("fork")


class _Mutated(MetaPathFinder, Loader):
    """Imports one module from code that no file has."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


@dataclass(frozen=True)
class Subject:
    """A module and its tests: paths below ``root``."""

    root: Path
    module: str
    tests: tuple[str, ...]

    def read(self) -> str:
        return (self.root / self.module).read_text("utf-8")

    def run(self, code: CodeType, seconds: float) -> None:
        """In a process of its own: end with the exit code of the tests against ``code``.

        ``seconds`` are of processor time, so that a busy machine does not kill what would have survived.
        """
        import pytest

        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds),) * 2)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.chdir(self.root)
        sys.path[:0] = [str(self.root), str(self.root / "tests")]
        name = self.module.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, _Mutated(name, self.root / self.module, code))
        options = [
            "--import-mode=importlib",
            "--assert=plain",
            "--noconftest",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
        ]
        ended = int(pytest.main([*options, "-m", "not live and not full", "-x", "-q", *self.tests]))
        os._exit(ended if name in sys.modules else 1)


@dataclass(frozen=True)
class Result:
    """What became of the mutants of one module."""

    killed: list[Mutant]
    survived: list[Mutant]
    equivalent: list[Mutant]
    stale: list[str]  # listed as equivalent, but killed or not there

    @property
    def score(self) -> float:
        """Percent of those that could be killed."""
        return 100 * len(self.killed) / max(1, len(self.killed) + len(self.survived))


def examine(subject: Subject, equivalent: Mapping[str, str], jobs: int, patience: float = 4.0) -> Result:
    """Run the tests of ``subject`` against each of its mutants.

    Args:
        subject: the module and its tests.
        equivalent: names of mutants that are expected to survive.
        jobs: processes at a time.
        patience: seconds of processor time that tests may take beyond five times what they take without a mistake.

    Raises:
        RuntimeError: the tests fail without any mistake, or do not import the module.
    """
    source = subject.read()
    original = compile(source, subject.module, "exec", dont_inherit=True)
    began = _processor_time()
    (passed,) = _survivals([lambda: subject.run(original, 300.0)], 1)
    if not passed:
        raise RuntimeError(f"without any mistake {', '.join(subject.tests)} fail, or do not import {subject.module}")
    patience += 5 * (_processor_time() - began)
    all_of_them = mutants(source, subject.module)
    runs = [lambda code=each.code: subject.run(code, patience) for each in all_of_them]  # type: ignore[misc]
    survived = [each for each, lives in zip(all_of_them, _survivals(runs, jobs), strict=True) if lives]
    names = {each.name for each in survived}
    return Result(
        [each for each in all_of_them if each.name not in names],
        [each for each in survived if each.name not in equivalent],
        [each for each in survived if each.name in equivalent],
        [name for name in equivalent if name not in names],
    )


def _processor_time() -> float:
    """Of the processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _survivals(runs: Sequence[Callable[[], None]], jobs: int) -> list[bool]:
    """Whether each of ``runs`` ends well, ``jobs`` of them at a time."""
    lives = [False] * len(runs)
    waiting = list(enumerate(runs))[::-1]
    under_way: dict[int, tuple[int, multiprocessing.process.BaseProcess, float]] = {}
    while waiting or under_way:
        while waiting and len(under_way) < jobs:
            index, run = waiting.pop()
            process = processes.Process(target=run)
            process.start()
            under_way[process.sentinel] = index, process, time.monotonic() + BLOCKED
        wait(list(under_way), max(0.0, min(until for _, _, until in under_way.values()) - time.monotonic()))
        for sentinel, (index, process, until) in list(under_way.items()):
            if process.is_alive() and time.monotonic() < until:
                continue
            ended = not process.is_alive()
            process.kill()
            process.join()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid or 0, 9)  # what a test has started
            lives[index] = ended and process.exitcode == 0
            del under_way[sentinel]
    return lives


def few_examples() -> None:
    """Properties are tried on few examples, always the same ones; what fails is not made smaller."""
    from hypothesis import Phase, settings

    phases = [Phase.explicit, Phase.generate]
    settings.register_profile(
        "mutation", max_examples=25, deadline=None, derandomize=True, database=None, phases=phases
    )
    settings.load_profile("mutation")


def report(module: str, result: Result) -> str:
    """The score, and each survivor with the statement as it stands and as it could stand."""
    count = f"{len(result.killed)} of {len(result.killed) + len(result.survived)} killed"
    lines = [f"{result.score:5.1f} %  {module}: {count}, {len(result.equivalent)} equivalent"]
    for each in result.survived:
        lines += [f"    survived  {module}:{each.line}  {each.before}", f"              {each.name}"]
    lines += [f"    no longer an equivalent survivor: {name}" for name in result.stale]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="parts of the names of modules; all of the table by default")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time; default 2")
    parser.add_argument("--least", type=float, default=90.0, help="fail below this score, in percent; default 90")
    options = parser.parse_args()
    chosen = [name for name in MODULES if not options.modules or any(part in name for part in options.modules)]
    if not chosen:
        parser.error(f"no such module; there are {', '.join(MODULES)}")
    os.nice(10)
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = scratch
        sys.pycache_prefix, sys.dont_write_bytecode = scratch, False  # or each process would compile everything
        for name in PRELOADED:
            importlib.import_module(name)
        few_examples()
        for name in chosen:
            subject = Subject(ROOT, f"binance_sockets/{name}", tuple(f"tests/{test}" for test in MODULES[name]))
            result = examine(subject, EQUIVALENT.get(name, {}), options.jobs)
            print(report(name, result), flush=True)
            good &= result.score >= options.least and not result.stale
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
