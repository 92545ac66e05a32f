"""A year's performance as people see it: Markdown and a plot for the Dagster UI, tables for the terminal.

Belongs here: columns, units, the drawing. Does not: figures (summary.py).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from planwise_assets.year.analysis.summary import Row, YearPerformance

Column = tuple[str, str, Callable[[Any], str]]
_SHOWN_MODELS = 15


def _seconds(value: float) -> str:
    return f"{value:.2f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _megabytes(value: float) -> str:
    return f"{value / 1e6:,.1f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


_STEPS: tuple[Column, ...] = (
    ("step", "step", str),
    ("status", "status", str),
    ("start", "start s", _seconds),
    ("seconds", "wall s", _seconds),
    ("usual", "usual s", _seconds),
    ("waited", "waited s", _seconds),
    ("cpu", "CPU s", _seconds),
    ("rows", "rows", _whole),
    ("rows_per_second", "rows/s", _whole),
    ("bytes", "MB", _megabytes),
    ("spilled_bytes", "spilled MB", _megabytes),
    ("peak_pss_mb", "peak MB", _whole),
)
_MODELS: tuple[Column, ...] = (
    ("model", "model", str),
    ("step", "step", str),
    ("seconds", "wall s", _seconds),
    ("cpu", "CPU s", _seconds),
    ("rows", "rows", _whole),
    ("rows_per_second", "rows/s", _whole),
    ("bytes", "MB", _megabytes),
    ("spilled_bytes", "spilled MB", _megabytes),
    ("memory_mb", "buffers MB", _whole),
    ("mostly", "mostly", str),
    ("share", "share", _percent),
)
_PHASES: tuple[Column, ...] = (
    ("phase", "side by side", str),
    ("work", "work s", _seconds),
    ("seconds", "wall s", _seconds),
    ("slots", "slots", str),
    ("efficiency", "efficiency", _percent),
)
_SUGGESTIONS: tuple[Column, ...] = (
    ("kind", "kind", str),
    ("subject", "where", str),
    ("figure", "measured", str),
    ("text", "suggestion", str),
)
_OPTIMIZATIONS: tuple[Column, ...] = (
    ("step", "step", str),
    ("name", "optimization", str),
    ("applied", "applied", str),
    ("changed", "changed", str),
    ("seconds", "took s", _seconds),
    ("effect", "effect", str),
    ("reason", "why not", str),
)

#: Title, rows of the performance, columns.
_TABLES: tuple[tuple[str, str, tuple[Column, ...]], ...] = (
    ("steps", "steps", _STEPS),
    ("slowest models", "models", _MODELS),
    ("side by side", "phases", _PHASES),
    ("suggestions", "suggestions", _SUGGESTIONS),
    ("optimizations", "optimizations", _OPTIMIZATIONS),
)


def markdown_tables(performance: YearPerformance) -> dict[str, str]:
    """Every table as Markdown, by its title; one without rows says so."""
    return {title: _markdown(rows, columns) for title, rows, columns in _tables(performance)}


def text_tables(performance: YearPerformance) -> Iterator[tuple[str, list[str], list[list[str]], int]]:
    """The tables that have rows, for the terminal: title, names of the columns, rows, and how many columns hold text.

    Those that hold text come first.
    """
    for title, rows, columns in _tables(performance):
        if rows:
            ordered = tuple(sorted(columns, key=lambda column: column[2] is not str))
            heads = [heading for _, heading, _ in ordered]
            yield title, heads, [_cells(row, ordered) for row in rows], sum(show is str for _, _, show in ordered)


def totals_line(performance: YearPerformance) -> str:
    """The year in one line."""
    totals = performance.totals
    return (
        f"{performance.year}: {totals['wall_seconds']:.2f} s wall, {totals['cpu_seconds']:.2f} s CPU, at most "
        f"{totals['peak_memory_mb']:,.0f} MB, {totals['rows']:,.0f} rows, {totals['success_rate']:.0%} of attempts succeeded"
        f" ({performance.engine}, {performance.executor})"
    )


def timeline(performance: YearPerformance) -> str:
    """A picture of the steps over time with the memory of all of them, as Markdown that Dagster's UI shows."""
    picture = base64.b64encode(timeline_svg(performance).encode()).decode()
    return f"![Steps over time, and memory](data:image/svg+xml;base64,{picture})"


def timeline_svg(performance: YearPerformance) -> str:
    """One bar a step attempt (red: failed), and below them the memory over the same seconds."""
    left, width, bar, memory_height = 160, 640, 16, 90
    wall = max(performance.totals["wall_seconds"], 1e-3)
    peak = max(performance.totals["peak_memory_mb"], 1.0)
    chart = len(performance.steps) * bar + 10
    height = chart + memory_height + 30

    def across(seconds: float) -> float:
        return left + width * seconds / wall

    parts = []
    for position, row in enumerate(performance.steps):
        y = 5 + position * bar
        colour = "#4f7fd1" if row["status"] == "success" else "#c8453a"
        parts.append(
            f'<text x="{left - 6}" y="{y + 11}" text-anchor="end">{escape(row["step"])}</text>'
            f'<rect x="{across(row["start"]):.1f}" y="{y + 2}" width="{max(width * row["seconds"] / wall, 1):.1f}" '
            f'height="{bar - 4}" fill="{colour}"/>'
        )
    bottom = chart + memory_height
    points, before = [f"{left},{bottom}"], 0.0
    for seconds, memory in performance.samples:
        x = across(seconds)
        for value in (before, memory):
            points.append(f"{x:.1f},{bottom - (memory_height - 10) * value / peak:.1f}")
        before = memory
    points.append(f"{across(wall):.1f},{bottom}")
    parts.append(
        f'<polygon points="{" ".join(points)}" fill="#d9a441" fill-opacity="0.6"/>'
        f'<text x="{left - 6}" y="{chart + 20}" text-anchor="end">{peak:,.0f} MB</text>'
        f'<text x="{left}" y="{bottom + 18}">0 s</text>'
        f'<text x="{left + width}" y="{bottom + 18}" text-anchor="end">{wall:.1f} s</text>'
    )
    total = left + width + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" viewBox="0 0 {total} {height}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )


def _tables(performance: YearPerformance) -> list[tuple[str, Sequence[Row], tuple[Column, ...]]]:
    return [
        (title, getattr(performance, name)[: _SHOWN_MODELS if name == "models" else None], columns)
        for title, name, columns in _TABLES
    ]


def _markdown(rows: Sequence[Row], columns: tuple[Column, ...]) -> str:
    if not rows:
        return "none"
    lines = [[heading for _, heading, _ in columns], ["---" if show is str else "---:" for _, _, show in columns]]
    lines += [[cell.replace("|", "\\|").replace("\n", " ") for cell in _cells(row, columns)] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Mapping[str, Any], columns: tuple[Column, ...]) -> list[str]:
    return ["-" if row[name] is None else show(row[name]) for name, _, show in columns]
