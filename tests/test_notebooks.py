"""The notebook in ``examples`` runs from its first cell to its last, and its cells run again."""

from __future__ import annotations

import importlib.util
import json
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from e2e.harness import eventually

from binance_sockets.simulator import LimitOverrides, Simulator

NEEDED = ("nbformat", "nbclient", "ipykernel", "pandas")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

PAGE = Path(__file__).resolve().parent.parent / "examples" / "market_stream.ipynb"
LIVE = """
import threading
from binance_sockets import LiveDisplay, Table
table, seen = Table(), threading.Event()
live = LiveDisplay(table, every=0.01)
update = live._handle.update
live._handle.update = lambda source: (update(source), len(source) and seen.set())
table({"price": "1.5"})
assert seen.wait(30)
live.close()
"""

ISOLATED = """
import os, pathlib, signal
from binance_sockets import Options, SocketManager

def children():
    kernel = pathlib.Path("/proc/self/task")
    return [int(pid) for thread in kernel.iterdir() for pid in (thread / "children").read_text().split()]

before = children()
manager = SocketManager(options=Options(isolate=True, ca_file={ca!r}))
stream = manager.stream("btcusdt@trade")
stream.receive(timeout=30)
helpers = [pid for pid in children() if pid not in before]
print(*helpers)
"""
INTERRUPTED = """
try:
    os.killpg(os.getpgrp(), signal.SIGINT)  # "Interrupt kernel"
    stream.receive(timeout=30)
except KeyboardInterrupt:
    print("interrupted")
stream.receive_many(5, timeout=30)
(row,) = manager.snapshot()["connections"].values()
print(row["reconnects"], row["links"][0]["isolated"])
"""
CLOSED = """
manager.close()
print([pid for pid in children() if pid not in before])
"""

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the notebook's own packages, which are imported here
]


def text(cell: Any) -> str:
    """What a cell shows."""
    shown = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "".join(shown)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The notebook in a kernel of its own, at the embedded exchange."""
    import nbclient
    import nbformat

    with Simulator(seed=2, speed=400.0, limits=LimitOverrides(connects=100_000)) as exchange:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", exchange.url)
        found = nbclient.NotebookClient(nbformat.read(PAGE, as_version=4), timeout=50, kernel_name="python3")
        with found.setup_kernel():
            yield found


def test_the_notebook_runs_and_runs_again(client: Any) -> None:
    """All its cells, in order; then its first ones once more, as a reader does who changes something."""
    cells = client.nb.cells
    code = [number for number, cell in enumerate(cells) if cell.cell_type == "code"]
    for number in code:
        client.execute_cell(cells[number], number)
    for number, kind, count in zip(
        code[2:7], ("ticker", "trade", "miniTicker", "depth", "aggTrade"), (10, 2000, 10, 10, 10), strict=True
    ):
        assert f"{kind}: connected\n{kind}: closed\n{count} " in text(cells[number])
        assert f"'stream': 'btcusdt@{kind}'" in text(cells[number])
    assert "<td>trade</td><td>2,000</td>" in cells[code[7]].outputs[0].data["text/html"]
    assert "data.p" in cells[code[8]].outputs[0].data["text/html"]
    assert text(cells[code[10]]) == "100"
    for number in code[:3]:
        client.execute_cell(cells[number], number)
    assert "ticker: closed\n10 " in text(cells[code[2]])


def test_a_live_display_changes_in_its_place(client: Any) -> None:
    """One output, which says what came behind it; and so once more when the cell runs again."""
    import nbformat

    for _ in range(2):
        client.nb.cells.append(nbformat.v4.new_code_cell(LIVE))
        cell = client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1)
        (output,) = cell.outputs
        assert "<td>1.5</td>" in output.data["text/html"]


def run(client: Any, code: str) -> str:
    """What a new cell shows."""
    import nbformat

    client.nb.cells.append(nbformat.v4.new_code_cell(code))
    return text(client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1))


@pytest.mark.full
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows the children of a process in /proc")
def test_a_kernel_has_tls_undone_in_the_helper_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells open sockets with isolate=True, receive, and close: the helper is not interrupted with the kernel, and is
    gone behind close(), and with a kernel that ends without it."""
    import nbclient
    import nbformat

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with authority.cert_pem.tempfile() as ca, Simulator(seed=2, speed=20.0, ssl_context=context) as exchange:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", exchange.url)
        client = nbclient.NotebookClient(nbformat.v4.new_notebook(), timeout=50, kernel_name="python3")
        with client.setup_kernel():
            first = run(client, ISOLATED.format(ca=ca)).split()[-1]  # behind a line that tells of the variable
            assert run(client, INTERRUPTED) == "interrupted\n0 True\n"
            assert run(client, CLOSED) == "[]\n"
            second = run(client, ISOLATED.format(ca=ca)).split()[-1]
        assert first != second
        for pid in first, second:
            eventually(lambda pid=pid: not is_running(pid), "the helper outlives its kernel")


def is_running(pid: str) -> bool:
    """Whether there is such a process, and it has not ended: whoever adopts orphans here may not ask."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_notebook_has_no_outputs_and_no_paths() -> None:
    """Recorded market data, and where it was made, do not belong into it."""
    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)
    assert "/home" not in PAGE.read_text(encoding="utf-8")
