"""The figures of a fact table over the years so far, as a table and charts in its metadata.

Belongs here: remembering a year's figures, and showing them beside those of the years before. Does not: what the figures are
(results/facts.py), drawing (charts.py). What is remembered lies beside the lake: a small file a year and table, so that
showing ten years costs a millisecond and no query.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg

from planwise_assets.project import Project
from planwise_assets.results.measures import MEASURES
from planwise_assets.ui.charts import charts, figure_text, table
from resources.files import read_json

#: Three rows of three charts.
_CHARTED = 9


def with_history(project: Project, model: str, year: int, figures: Mapping[str, float]) -> dict[str, Any]:
    """The figures, and for a fact table how they got there.

    Args:
        project: The study.
        model: The table.
        year: The year that has just been made.
        figures: Such as `headcount (baseline)`; empty for a model that is no fact.
    """
    if not figures:
        return {}
    folder = project.settings.state(project.study.study) / "figures" / model
    folder.mkdir(parents=True, exist_ok=True)
    # Not synced, as results are: a file that a power cut broke is a point missing in a chart.
    (folder / f"{year}.json").write_text(json.dumps(dict(figures)), encoding="utf-8")
    years: dict[int, Mapping[str, float]] = {}
    for past in range(project.first_year, year + 1):
        # Years after this one were made from another history, and are left out.
        known = read_json(folder / f"{past}.json")
        if known:
            years[past] = known
    return {**figures, "over_the_years": dg.MetadataValue.md(history_markdown(years))}


def history_markdown(years: Mapping[int, Mapping[str, float]]) -> str:
    """A chart a figure, and a table with one row a scenario and year."""
    names: dict[str, dict[str, dict[int, float]]] = {}
    rows: dict[tuple[str, int], dict[str, float]] = {}
    for year, figures in years.items():
        for label, value in figures.items():
            name, _, scenario = label.removesuffix(")").partition(" (")
            names.setdefault(name, {}).setdefault(scenario, {})[year] = value
            rows.setdefault((scenario, year), {})[name] = value
    by_weight = sorted(names, key=lambda name: name not in MEASURES or not MEASURES[name].is_key)
    charted = {_label(name): names[name] for name in by_weight[:_CHARTED]}
    header = ["scenario", "year", *map(_label, names)]
    body = [
        [scenario, str(year), *(figure_text(found[name]) if name in found else "-" for name in names)]
        for (scenario, year), found in sorted(rows.items())
    ]
    return f"{charts(charted)}\n\n{table(header, body)}"


def _label(name: str) -> str:
    # A year may have been remembered by a version with other figures.
    return MEASURES[name].label if name in MEASURES else name.replace("_", " ")
