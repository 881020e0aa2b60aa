"""The environments of other clients: one per peer, with fixed versions, under ``benchmarks/.envs``.

python benchmarks/environments.py            installs what is missing

The benchmarks and ``tests/peers`` share them. Names that begin with ``node-`` are for node.js.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "scripts"))

import test_all  # noqa: E402  -- where interpreters are

ENVIRONMENTS = HERE / ".envs"

_ORJSON = "orjson==3.13.0"

# What each environment holds. Without an entry a client runs with the interpreter of this program.
PACKAGES: dict[str, tuple[str, ...]] = {
    "loops": (
        _ORJSON,
        "msgspec==0.22.0",
        "websocket-client==1.9.2",
        "websockets==17.4",
        "picows==2.3.1",
        "aiohttp==3.14.5",
    ),
    "binance-connector": ("binance-connector==3.13.0", "websocket-client==1.9.2"),
    "python-binance-0.7.10": ("python-binance==0.7.10", "setuptools<70"),
    "python-binance-1.0.37": ("python-binance==1.0.37", _ORJSON),
    "websocket-rs": ("websocket-rs==0.7.10", _ORJSON),
    "unicorn": ("unicorn-binance-websocket-api==2.16.1", "picows==2.3.1"),
    "binance-sdk-spot": ("binance-sdk-spot==13.2.0",),
    "cryptofeed": ("cryptofeed==2.4.1",),
    "unicorn-depth-cache": ("unicorn-binance-local-depth-cache==2.14.0",),
    "books": ("sortedcontainers==2.4.0",),
    "binance-futures-connector": ("binance-futures-connector==4.2.0",),
    "binance-sdk-usds-futures": ("binance-sdk-derivatives-trading-usds-futures==18.1.0",),
    "ccxt": ("ccxt==4.5.90",),
    "nautilus-trader": ("nautilus_trader==1.221.0",),
    "upbit-sdk": ("upbit-sdk==1.1.0",),
    "pyupbit": ("pyupbit==0.2.34",),
    "upbit-client": ("upbit-client==1.3.4.1", "setuptools<70"),
    "node-ccxt": ("ccxt@4.5.84",),
    "node-binance": ("binance@3.6.5",),
    "node-binance-api-node": ("binance-api-node@0.13.10",),
    "node-binance-connector": ("@binance/connector@3.6.1",),
}
LEAST = {"websocket-rs": (3, 12)}
"""The oldest Python of those environments that this program's may be too old for."""

_NODE = "node-"


class EnvironmentMissing(Exception):
    """An environment could not be installed."""


@dataclass(frozen=True)
class Environment:
    """Where a client's packages are.

    Args:
        name: a key of ``PACKAGES``, or ``""`` for the interpreter that runs this program.
        base: the interpreter to make it with; empty (default) for that of this program, or one that is new enough.
    """

    name: str
    base: str = ""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python" if self.name else Path(sys.executable)

    @property
    def folder(self) -> Path:
        """Where its packages are."""
        return ENVIRONMENTS / self.name

    @property
    def node(self) -> bool:
        """Whether it is one of node.js."""
        return self.name.startswith(_NODE)

    @property
    def installed(self) -> bool:
        """Whether it is there, in exactly the wanted versions."""
        return not self.name or (self._stamp.exists() and self._stamp.read_text() == self._wanted)

    def install(self) -> None:
        """Make it, unless it is there. Takes up to some minutes.

        Raises:
            EnvironmentMissing: with the end of the installer's output.
        """
        if self.installed:
            return
        print(f"installing {self.name}: {', '.join(PACKAGES[self.name])}", file=sys.stderr, flush=True)
        for command in self._commands():  # which says what is missing here
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
            except subprocess.TimeoutExpired as exc:
                raise EnvironmentMissing(f"{self.name}: not installed after {exc.timeout:g} s") from exc
            if done.returncode:
                raise EnvironmentMissing(f"{self.name}: {done.stderr.strip()[-400:]}")
        self._stamp.write_text(self._wanted)

    def _commands(self) -> list[list[str]]:
        packages = PACKAGES[self.name]
        if self.node:
            npm = shutil.which("npm")
            if npm is None:
                raise EnvironmentMissing(f"{self.name}: there is no npm on this machine")
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            return [[npm, "install", "--prefix", str(self.folder), "--no-audit", "--no-fund", "--silent", *packages]]
        # quieter than quiet: warnings would push the reason of a failure out of what is shown
        pip = [str(self.python), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
        return [[self._base, "-m", "venv", "--clear", str(self.folder)], [*pip, *packages]]

    @property
    def _base(self) -> str:
        least = LEAST.get(self.name, (3, 0))
        if self.base or sys.version_info >= least:
            return self.base or sys.executable
        for version in (f"3.{minor}" for minor in range(least[1], least[1] + 5)):
            for python in test_all.candidates(version):
                if test_all.works(python, version):
                    return python
        raise EnvironmentMissing(f"{self.name}: it wants Python {least[0]}.{least[1]} or later, and there is none")

    @property
    def _stamp(self) -> Path:
        return self.folder / "benchmark-packages.txt"

    @property
    def _wanted(self) -> str:
        made_with = () if self.node else (self.base or sys.executable, sys.version)
        return "\n".join((*made_with, *PACKAGES[self.name]))


if __name__ == "__main__":
    missing = []
    for wanted in PACKAGES:
        try:
            Environment(wanted).install()
        except EnvironmentMissing as exc:
            missing.append(str(exc))
    sys.exit("\n".join(missing))
