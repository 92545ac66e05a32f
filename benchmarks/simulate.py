"""What simulations cost: whole commands, from outside, beside an empty year of Dagster's and the bare SQL of a year.

    python -m benchmarks.simulate                         # the whole table; half an hour on two cores
    python -m benchmarks.simulate --only quick            # small studies
    python -m benchmarks.simulate --people 10000 --years 5 --executors in_process

Every work is run three times or more from an empty home: the table has medians, and the range of the wall times. The
figures go into a JSON file too, which benchmarks/compare.py holds against another one. Never part of a test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import empty_year
from benchmarks.bare_sql import bare_seconds
from benchmarks.measure import PROJECT, Measured, Work, measure

EXECUTORS = ("in_process", "multiprocess")
QUICK = [Work(150, 3), *(Work(people, 3, executor=e) for people in (1_000, 10_000) for e in EXECUTORS)]
LARGE = [
    *(Work(people, 5, executor=e) for people in (1_000, 10_000) for e in EXECUTORS),
    *(Work(100_000, years, executor=e) for years in (3, 5) for e in EXECUTORS),
    *(Work(10_000, 5, seeds=seeds) for seeds in (5, 25)),
    Work(5_000, 5, seeds=20, scenarios=5),
    Work(1_000_000, 1),
]
STANDARD = [Work(1_000, 3, executor=e, engine="standard") for e in EXECUTORS]
SETS = {"quick": QUICK, "large": LARGE, "standard": STANDARD, "all": [*QUICK, *LARGE, *STANDARD]}

_HEAD = (
    "| work | wall s (range) | first year s | each further year s | above Dagster's floor s a year | CPU s | peak PSS MB | "
    "person-years/s | events/s | results |"
)
_SPLIT_HEAD = (
    "| work | start-up and end | Dagster's floor | bare SQL | a further year | times bare SQL | of it publication | "
    "making files, side by side | "
    "CPU planning SQL | CPU running it | CPU writing Parquet |"
)


def row(work: Work, runs: Sequence[Measured], floor: dict[str, float], bare: float) -> dict[str, Any]:
    """The medians of a work's runs, beside an empty year by executor and the bare SQL of a further year; seconds.

    Raises:
        SystemExit: Two runs gave different results.
    """
    if len({run.results for run in runs}) != 1:
        raise SystemExit(f"{work.name}: runs of the same study gave different bytes.")
    wall = statistics.median(run.wall for run in runs)
    further = [second for run in runs for second in run.by_year[1:]]
    a_year = statistics.median(further) if further else statistics.median(run.by_year[0] for run in runs)
    return {
        "work": work.name,
        **asdict(work),
        "wall": round(wall, 2),
        "walls": [round(run.wall, 2) for run in runs],
        "start_up": round(statistics.median(run.wall - sum(run.by_year) for run in runs), 2),
        "first_year": round(statistics.median(run.by_year[0] for run in runs), 2),
        "further_year": round(a_year, 2),
        "above_floor": round(a_year - floor[work.executor], 2),
        "models_a_year": round(statistics.median(run.models[-1] for run in runs), 2),
        "publication_a_year": round(statistics.median(run.published[-1] for run in runs), 2),
        **{f"sql_{kind}": round(statistics.median(run.sql[kind] for run in runs), 2) for kind in runs[0].sql},
        "floor": round(floor[work.executor], 2),
        "bare_sql": round(bare, 2),
        "to_bare": round(a_year / bare, 2),
        "cpu": round(statistics.median(run.cpu for run in runs), 1),
        "peak_pss_mb": round(max(run.peak_pss_mb for run in runs)),
        "person_years_a_second": round(work.person_years / wall),
        "events_a_second": round(runs[0].events / wall),
        "results": runs[0].results,
    }


def headed(names: str) -> str:
    """The head of a Markdown table."""
    return names + "\n" + "| --- " * names.count(" | ") + "| --- |"


def line(row: dict[str, Any]) -> str:
    """One row of the Markdown table."""
    low, high = min(row["walls"]), max(row["walls"])
    cells = [
        row["work"],
        f"{row['wall']:.1f} ({low:.1f}-{high:.1f})",
        *(f"{row[name]:.1f}" for name in ("first_year", "further_year", "above_floor", "cpu")),
        *(f"{row[name]:,}" for name in ("peak_pss_mb", "person_years_a_second", "events_a_second")),
        f"`{row['results'][:8]}`",
    ]
    return f"| {' | '.join(cells)} |"


def split(row: dict[str, Any]) -> str:
    """The same work's row of the second table: where a year's seconds go."""
    names = ["start_up", "floor", "bare_sql", "further_year", "to_bare"]
    names += ["publication_a_year", "models_a_year", "sql_plan", "sql_run", "sql_write"]
    return f"| {row['work']} | {' | '.join(f'{row[name]:.2f}' for name in names)} |"


def machine() -> str:
    """What the figures were measured on."""
    model = next(
        (text.split(":", 1)[1].strip() for text in _cpuinfo().splitlines() if text.startswith("model name")),
        platform.machine(),
    )
    packages = ", ".join(f"{package} {version(package)}" for package in ("dagster", "dbt-core", "duckdb"))
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}"


def _cpuinfo() -> str:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _revision() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=sorted(SETS), default="all")
    parser.add_argument("--people", type=int, nargs="+", help="measure these sizes in place of the table's works")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--executors", nargs="+", default=list(EXECUTORS), choices=EXECUTORS)
    parser.add_argument("--engine", default="optimized", choices=("optimized", "standard"))
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    works = SETS[arguments.only]
    if arguments.people:
        works = [
            Work(people, arguments.years, arguments.seeds, executor=executor, engine=arguments.engine)
            for people in arguments.people
            for executor in arguments.executors
        ]
    print(f"{machine()}, {_revision()}, {datetime.now(UTC):%Y-%m-%d}\n", flush=True)
    floor = {
        executor: empty_year.further_year(3, executor, arguments.repetitions)
        for executor in dict.fromkeys(work.executor for work in works)
    }
    print("Dagster's floor, an empty year: " + ", ".join(f"{name} {s:.2f} s" for name, s in floor.items()) + "\n")
    print(headed(_HEAD), flush=True)
    worlds = dict.fromkeys((work.people, work.seeds, work.scenarios) for work in works)
    bare = {of: bare_seconds(*of, arguments.repetitions) for of in worlds}
    rows = []
    for work in works:
        runs = [measure(work) for _ in range(arguments.repetitions)]
        rows.append(row(work, runs, floor, bare[work.people, work.seeds, work.scenarios]))
        print(line(rows[-1]), flush=True)
        if arguments.json:
            made = {"machine": machine(), "revision": _revision(), "floor": floor, "rows": rows}
            arguments.json.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    print("\n".join(["\nWhere the seconds go\n", headed(_SPLIT_HEAD), *map(split, rows)]))


if __name__ == "__main__":
    main()
