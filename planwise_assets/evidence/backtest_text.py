"""A backtest as Markdown and as JSON.

Belongs here: its text. Does not: its figures (backtest.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planwise_assets.evidence.backtest import Backtest, Cell

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
        *("", "## Made of", "", *(f"- `{name}` SHA-256 `{digest}`" for name, digest in inputs.items())),
    ]
    return "\n".join(lines) + "\n"


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
        "inputs": dict(inputs),
    }
