"""The directive ``lifecycle-diagram``: drawn and tabulated from the table that the engine itself runs on.

With the option ``drawing`` without the table.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from binance_sockets import State
from binance_sockets.engine.lifecycle import TRANSITIONS

# Where each state stands. A state that is added to the engine and not here fails the build.
PLACES = {
    State.IDLE: (70, 30),
    State.CONNECTING: (290, 30),
    State.OPEN: (810, 30),
    State.BACKOFF: (500, 140),
    State.CLOSED: (500, 310),
    State.CLOSING: (810, 310),
}
# Only what goes both ways must bend; what comes from the side bends away from the rest.
BENDS = {
    (State.CONNECTING, State.BACKOFF): 0.14,
    (State.BACKOFF, State.CONNECTING): 0.14,
    (State.IDLE, State.CLOSED): 0.12,
    (State.CONNECTING, State.CLOSED): 0.08,
    (State.OPEN, State.CLOSED): -0.08,
}
HALF_WIDTH, HALF_HEIGHT = 62, 17

Arrow = tuple[State, State, str]


def arrows() -> list[Arrow]:
    """Every ``(from, to, events)`` of the table, events with the same ends joined."""
    found: dict[tuple[State, State], list[str]] = {}
    for source, row in TRANSITIONS.items():
        for event, target in row.items():
            found.setdefault((source, target), []).append(event.name)
    return [(source, target, ", ".join(events)) for (source, target), events in found.items()]


def svg() -> str:
    """The whole drawing."""
    parts = [
        # On a narrow screen it scrolls: shrunk to that width nobody could read it.
        '<div style="overflow-x:auto"><svg class="lifecycle" viewBox="0 0 880 345" role="img" '
        'aria-label="States of a link" style="width:100%;min-width:640px;font:13px sans-serif" fill="currentColor">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    drawn = [_arrow(*arrow) for arrow in arrows()]
    parts += [path for path, _ in drawn]
    parts += [label for _, label in drawn]  # over all lines
    for state, (x, y) in PLACES.items():
        parts.append(
            f'<rect x="{x - HALF_WIDTH}" y="{y - HALF_HEIGHT}" width="{2 * HALF_WIDTH}" height="{2 * HALF_HEIGHT}" '
            f'rx="8" fill="none" stroke="currentColor"/>'
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-weight="bold">{state.name}</text>'
        )
    return "".join([*parts, "</svg></div>"])


def _arrow(source: State, target: State, label: str) -> tuple[str, str]:
    """The line, and its label on a ground that hides the line behind it."""
    (x1, y1), (x2, y2) = PLACES[source], PLACES[target]
    bend = BENDS.get((source, target), 0.0)
    bx, by = (x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    sx, sy = _edge(x1, y1, bx, by)
    tx, ty = _edge(x2, y2, bx, by)
    lx, ly = (sx + 2 * bx + tx) / 4, (sy + 2 * by + ty) / 4
    return (
        f'<path d="M{sx:.0f} {sy:.0f}Q{bx:.0f} {by:.0f} {tx:.0f} {ty:.0f}" fill="none" stroke="currentColor" '
        f'opacity="0.7" marker-end="url(#tip)"/>',
        f'<text x="{lx:.0f}" y="{ly + 4:.0f}" text-anchor="middle" style="paint-order:stroke;'
        f'stroke:var(--color-background-primary,#fff);stroke-width:6px">{label}</text>',
    )


def _edge(x: float, y: float, towards_x: float, towards_y: float) -> tuple[float, float]:
    """Where the way from the middle of a box at ``(x, y)`` leaves the box."""
    dx, dy = towards_x - x, towards_y - y
    scale = min(
        HALF_WIDTH / abs(dx) if dx else float("inf"),
        HALF_HEIGHT / abs(dy) if dy else float("inf"),
    )
    return x + dx * scale, y + dy * scale


class LifecycleDiagram(SphinxDirective):
    """The drawing (in HTML) and the table."""

    option_spec: ClassVar = {"drawing": directives.flag}

    def run(self) -> list[nodes.Node]:
        drawing = nodes.raw("", svg(), format="html")
        if "drawing" in self.options:
            return [drawing]
        rows = "\n".join(f"   {s.name}, {label.replace(',', ' /')}, {t.name}" for s, t, label in arrows())
        table = f".. csv-table::\n   :header: From, Trigger, To\n\n{rows}\n"
        return [drawing, *self.parse_text_to_nodes(table)]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("lifecycle-diagram", LifecycleDiagram)
    return {"parallel_read_safe": True}
