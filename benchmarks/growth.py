"""How cost grows with people, years and worlds, drawn from the figures of `make bench`.

    python -m benchmarks.growth var/bench.json docs/images/growth.svg

Belongs here: choosing rows that differ in one thing only. Does not: measuring (simulate.py), drawing (charts.py).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from planwise_assets.ui.charts import Series, picture

Row = dict[str, Any]
_ARGUMENTS = 3


def drawn(rows: Iterable[Row]) -> dict[str, Series]:
    """By title, seconds by executor and what is on the axis; of 10,000 people and 5 years otherwise."""
    optimized = [row for row in rows if row["engine"] == "optimized"]
    one_world = [row for row in optimized if row["seeds"] == row["scenarios"] == 1]
    five_years = [row for row in optimized if row["scenarios"] == 1 and (row["people"], row["years"]) == (10_000, 5)]
    return {
        "s a further year, by people": _line(one_world, lambda row: row["people"], "further_year", years=3),
        "s in all, by years": _line([r for r in one_world if r["people"] == 10_000], lambda row: row["years"], "wall"),
        "s in all, by seeds": _line(five_years, lambda row: row["seeds"], "wall"),
    }


def _line(rows: list[Row], axis: Callable[[Row], int], figure: str, *, years: int | None = None) -> Series:
    lines: dict[str, dict[int, float]] = {}
    for row in rows:
        if years in (None, row["years"]):
            lines.setdefault(row["executor"], {})[axis(row)] = row[figure]
    return lines


def main() -> None:
    """The command line."""
    if len(sys.argv) != _ARGUMENTS:
        raise SystemExit("usage: python -m benchmarks.growth bench.json picture.svg")
    source, out = map(Path, sys.argv[1:])
    out.write_text(picture(drawn(json.loads(source.read_text(encoding="utf-8"))["rows"])) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
