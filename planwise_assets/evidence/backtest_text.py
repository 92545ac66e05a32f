"""A backtest as Markdown and as JSON.

Belongs here: its text. Does not: its figures (backtest.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planwise_assets.evidence.backtest import Backtest, Cell, Scored

_NEVER = 1e-3


def as_markdown(backtest: Backtest, inputs: Mapping[str, str]) -> str:
    """The backtest for people.

    Args:
        backtest: The figures.
        inputs: Hash of each file that it was made of.
    """
    fitted, held = backtest.fitted, backtest.held_out
    lines = [f"# Backtest: fitted on {fitted[0]} to {fitted[-1]}, scored on {', '.join(map(str, held))}", ""]
    if backtest.holds:
        lines += ["It holds: no gap is both significant and material.", ""]
    else:
        lines += ["**It does not hold:**", "", *(f"- {sentence}" for sentence in backtest.breaks), ""]
    lines += [
        *("## Methods beside each other", ""),
        "Deviance is Poisson's over cells of year, age and completed service, per 1,000 exits: less is better. "
        "A/E is actual over expected.",
        *("", "| cause | method | exits | expected | A/E | deviance |", "| --- | --- | ---: | ---: | ---: | ---: |"),
        *(
            f"| {score.cause} | {score.method} | {score.actual:,.0f} | {score.expected:,.1f} | "
            f"{_ratio(score.actual, score.expected)} | {score.deviance:,.0f} |"
            for score in backtest.scores
        ),
        *("", "## Actual over expected", ""),
        "The interval is what chance and the error of the rates give in 95 of 100 cases; p is corrected for all lines "
        "(Holm). CRPS is in exits. A line counts if its gap is significant and material.",
        *("", "| cause | | exits | expected | A/E | by chance | p | CRPS | counts |"),
        "| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | --- |",
        *(_line(cell) for cell in backtest.cells),
        *_beside_exits(backtest),
        *("", "## Made of", "", *(f"- `{name}` SHA-256 `{digest}`" for name, digest in inputs.items())),
    ]
    return "\n".join(lines) + "\n"


def _beside_exits(backtest: Backtest) -> list[str]:
    lines: list[str] = []
    if backtest.measures:
        lines += [
            *("", "## Beside exits", ""),
            "Expected of the fitted years, given the people at the year-end before. A line counts if its gap is significant "
            "(p by Holm) and material.",
            *(
                "",
                "| | actual | expected | give or take | p | CRPS | counts |",
                "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
            ),
            *(_measure(scored) for scored in backtest.measures),
        ]
    if backtest.compositions:
        lines += [
            *("", "## Who the people are", ""),
            "Distance between the people at the last year-end and those expected: 0 is alike, 1 is nobody in common (total "
            "variation). Beside it what chance alone would give.",
            *("", "| by | distance | by chance |", "| --- | ---: | ---: |"),
            *(f"| {found.cut} | {found.distance:.3f} | {found.by_chance:.3f} |" for found in backtest.compositions),
        ]
    return lines


def _measure(scored: Scored) -> str:
    gap = scored.measure.gap
    text = "{:,.0f}" if scored.measure.whole > 1 else "{:.4f}"
    figures = " | ".join(text.format(value) for value in (gap.actual, gap.expected, 1.96 * gap.deviation))
    crps = text.format(gap.crps)
    return f"| {scored.measure.name} | {figures} | {scored.corrected:.3f} | {crps} | {'**yes**' if scored.counts else ''} |"


def as_comparison(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[str]:
    """What changed since another backtest, as Markdown.

    Args:
        before: The JSON of the earlier one.
        now: The JSON of this one.

    Returns:
        A table of the scores that both have, and the breaks that are new or gone.
    """
    lines = [
        *("## Against the backtest before", ""),
        "| held out | cause | method | A/E before | now | deviance before | now |",
    ]
    lines.append("| --- | --- | --- | ---: | ---: | ---: | ---: |")
    earlier = {_key(one, score): score for one in before for score in one["scores"]}
    for one in now:
        for score in one["scores"]:
            old = earlier.get(_key(one, score))
            if old is not None:
                held = ", ".join(map(str, one["held_out_years"]))
                ratios = (_plain(found["actual_over_expected"]) for found in (old, score))
                deviances = (f"{found['deviance_per_1000_exits']:,.0f}" for found in (old, score))
                lines.append(f"| {held} | {score['cause']} | {score['method']} | {' | '.join((*ratios, *deviances))} |")
    old_breaks, new_breaks = ({sentence for one in found for sentence in one["breaks"]} for found in (before, now))
    lines += ["", *(f"- New: {sentence}" for sentence in sorted(new_breaks - old_breaks))]
    lines += [f"- Gone: {sentence}" for sentence in sorted(old_breaks - new_breaks)]
    return lines


def _key(one: Mapping[str, Any], score: Mapping[str, Any]) -> tuple[Any, ...]:
    return (tuple(one["held_out_years"]), score["cause"], score["method"])


def _plain(ratio: float | None) -> str:
    return "none expected" if ratio is None else f"{ratio:.2f}"


def _line(cell: Cell) -> str:
    gap = cell.gap
    return (
        f"| {cell.cause} | {cell.cut} {cell.value} | {gap.actual:,.0f} | {gap.expected:,.1f} | "
        f"{_ratio(gap.actual, gap.expected)} | "
        f"{'-' if gap.expected < _NEVER else f'{gap.interval[0]:.2f} to {gap.interval[1]:.2f}'} | {cell.corrected:.3f} | "
        f"{gap.crps:.1f} | {'**yes**' if cell.counts else ''} |"
    )


def _ratio(actual: float, expected: float) -> str:
    return f"{actual / expected:.2f}" if expected >= _NEVER else "none expected"


def as_json(backtest: Backtest, inputs: Mapping[str, str]) -> dict[str, Any]:
    """The backtest for programs; a ratio over an expectation of nothing is null."""
    return {
        "fitted_years": list(backtest.fitted),
        "held_out_years": list(backtest.held_out),
        "holds": backtest.holds,
        "breaks": list(backtest.breaks),
        "scores": [
            {
                "cause": score.cause,
                "method": score.method,
                "exits": score.actual,
                "expected": score.expected,
                "actual_over_expected": score.actual / score.expected if score.expected >= _NEVER else None,
                "deviance_per_1000_exits": score.deviance,
            }
            for score in backtest.scores
        ],
        "cells": [
            {
                "cause": cell.cause,
                "cut": cell.cut,
                "value": cell.value,
                "exits": cell.gap.actual,
                "expected": cell.gap.expected,
                "deviation": cell.gap.deviation,
                "actual_over_expected": cell.gap.ratio if cell.gap.expected >= _NEVER else None,
                "p_corrected": cell.corrected,
                "crps": cell.gap.crps,
                "counts": cell.counts,
            }
            for cell in backtest.cells
        ],
        "beside_exits": [
            {
                "measure": scored.measure.name,
                "actual": scored.measure.gap.actual,
                "expected": scored.measure.gap.expected,
                "deviation": scored.measure.gap.deviation,
                "p_corrected": scored.corrected,
                "crps": scored.measure.gap.crps,
                "counts": scored.counts,
            }
            for scored in backtest.measures
        ],
        "composition": [
            {"by": found.cut, "distance": found.distance, "by_chance": found.by_chance} for found in backtest.compositions
        ],
        "inputs": dict(inputs),
    }
