"""The pictures of the design page, and what they prove: who calls whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """
import call_picture
for name, calls in call_picture.recorded().items():
    for call in calls:
        print(name, call.caller.replace(" ", "-"), call.callee, call.function)
    assert call_picture.svg(calls).startswith("<svg")
"""


def test_links_call_no_connection_and_a_frame_takes_the_short_way() -> None:
    """Over a whole start and one message a link never calls its connection, and nothing else is called per frame."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT / "docs" / "_ext", capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split(" ", 3) for line in done.stdout.splitlines()]
    assert [row for row in rows if row[1] in ("link", "websocket", "frames", "router") and row[2] == "connection"] == []
    assert [row[2] for row in rows if row[0] == "frame"] == [
        "link", "websocket", "frames", "transport", "frames", "router", "exchange", "callback",
    ]  # fmt: skip
