"""Draw docs/asset_graph.svg: the steps of a year with the models in each, from the step table and the dbt project.

    python docs/draw_asset_graph.py

A test keeps the picture current.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from planwise_assets.steps import GROUPS, OPERATIONS, WAREHOUSE, WORKFORCE_STATE, YEAR_SETUP

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "asset_graph.svg"
_MODELS = HERE.parent / "dbt_project" / "models"
_WIDTH, _GAP, _ROW = 200, 26, 15
_BESIDE = (("staging_inputs", "staging_tables"), ("foundation", "hazards"))
_STYLE = (
    ".t{font:600 12.5px system-ui,sans-serif;fill:#1a2230}.m{font:11px system-ui,sans-serif;fill:#5a6577}"
    ".b{fill:#fff;stroke:#c6cfdb}.o{fill:#eef5fc;stroke:#0b4f8a}.a{stroke:#8a97a8;fill:none;stroke-width:1.6}"
    "@media(prefers-color-scheme:dark){.t{fill:#e6eaf1}.m{fill:#9aa6b8}.b{fill:#161d28;stroke:#3a4659}.o{fill:#13283d;stroke:#6cb2f5}}"
)


def columns() -> list[list[str]]:
    """The steps in the order of a year; those in one column run side by side."""
    names = [step.name for step in GROUPS]
    pairs = [list(pair) for pair in _BESIDE]
    single = [[name] for name in names if not any(name in pair for pair in _BESIDE)]
    before, after = single[:2], single[2:]
    operations = [[step.name for step in OPERATIONS]]
    return [
        [YEAR_SETUP.name],
        *pairs,
        *before,
        *operations,
        *after,
        [WORKFORCE_STATE.name],
        [WAREHOUSE.name, "year_performance"],
    ]


def models(step: str) -> list[str]:
    """The dbt models of a step."""
    return sorted(file.stem for file in (_MODELS / step).glob("*.sql"))


def picture() -> str:
    """The SVG, two rows of columns."""
    rows = [columns()[:5], columns()[5:]]
    parts, top, widest = [], 20.0, 0.0
    for row in rows:
        heights = [sum(_height(step) + 14 for step in column) for column in row]
        for place, column in enumerate(row):
            x, y = 16 + place * (_WIDTH + _GAP), top + (max(heights) - heights[place]) / 2
            for step in column:
                parts += _box(step, x, y)
                y += _height(step) + 14
            if place + 1 < len(row):
                middle = top + max(heights) / 2
                parts.append(f'<path class="a" d="M{x + _WIDTH + 5} {middle} h{_GAP - 12}" marker-end="url(#h)"/>')
            widest = max(widest, x + _WIDTH)
        top += max(heights) + 24
    head = (
        '<defs><marker id="h" markerWidth="7" markerHeight="7" refX="5" refY="3.5" orient="auto">'
        '<path d="M0 0 L6 3.5 L0 7 z" fill="#8a97a8"/></marker></defs>'
    )
    size = f"0 0 {widest + 16:.0f} {top:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img" aria-labelledby="title">'
        f'<title id="title">The steps of one simulation year, and the models in each</title><style>{_STYLE}</style>{head}'
        + "".join(parts)
        + "</svg>\n"
    )


def _height(step: str) -> int:
    return 34 + _ROW * len(models(step))


def _box(step: str, x: float, y: float) -> list[str]:
    kind = "b" if models(step) else "o"
    lines = [f'<rect class="{kind}" x="{x}" y="{y:.0f}" width="{_WIDTH}" height="{_height(step)}" rx="7"/>']
    lines.append(f'<text class="t" x="{x + 11}" y="{y + 21:.0f}">{escape(step)}</text>')
    for place, model in enumerate(models(step)):
        lines.append(f'<text class="m" x="{x + 11}" y="{y + 39 + _ROW * place:.0f}">{escape(model)}</text>')
    return lines


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
