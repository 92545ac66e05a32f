"""A figure is one number, wherever people read it: tables, bands, JSON, comparison, report, workbook, Dagster.

A tiny study is simulated and published; then the figures of its second seed are made as unlike those of the first as rows
can be, so that a mean of the seeds' ratios and a ratio of their sums are far apart. Each expected figure is worked out here,
by other means than the product's.
"""

from __future__ import annotations

import json
import re
import statistics
import zipfile
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.results.facts import fact_metadata
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.ui.overview import overview
from tests.harness import TINY_CENSUS, Simulation, simulation

YEAR = 2025
SCENARIO = "baseline"

# Seed 1: 9 of 10 eligible contribute; seed 2: 500 of 1,000. The ratio of the sums is 50.4 %, the mean of the ratios 70 %.
UNLIKE_SEEDS = """
    update fct_plan_cost
    set
        eligible = if(seed = 1, 10, 1000),
        participants = if(seed = 1, 9, 500),
        participation_rate = if(seed = 1, 0.9, 0.5),
        average_deferral_rate = if(seed = 1, 0.04, 0.1),
        headcount_closing = if(seed = 1, 10, 1000),
        payroll = if(seed = 1, 700000, 50000000),
        net_employer_cost = if(seed = 1, 7000, 2000000),
        cost_percent_of_payroll = if(seed = 1, 1, 4);
    update fct_workforce_snapshot set annual_compensation = if(seed = 1, 60000, 90000);
    delete from fct_workforce_snapshot
    where seed = 1
        and employee_id <> (select min(employee_id) from fct_workforce_snapshot where employment_status = 'active');
"""

#: What it is, by hand: seed 1, seed 2.
BY_HAND = {
    "headcount": (10, 1000),
    "payroll": (700_000, 50_000_000),
    "average_pay": (60_000, 90_000),
    "participation": (0.9, 0.5),
    "deferral": (0.04, 0.1),
    "net_cost": (7_000, 2_000_000),
    "cost_rate": (0.01, 0.04),
}

SCRATCH = Measure(
    *("catch_up", "catch-up", "dollars", "The catch-up part of the deferrals.", "fct_plan_cost"),
    *("any_value(catch_up_contributions)", "the plan", "of it catch-up", True),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """Two seeds that could not be less alike, of people with bonuses and overtime: every figure has a value."""
    folder = tmp_path_factory.mktemp("unlike")
    duckdb.execute(f"copy (select *, 3000 as bonus, 1200 as overtime from '{TINY_CENSUS}') to '{folder}/people.csv'")
    study = {
        "study": "unlike",
        "census": "people.csv",
        "years": {"start": YEAR, "end": YEAR},
        "seeds": [1, 2],
        "scenarios": {SCENARIO: {}, "slower": {"workforce": {"growth": 0.01}}},
    }
    simulated = simulation(folder, study).run(tested=False).publish()
    with duckdb.connect(str(warehouse(simulated))) as connection:
        connection.execute(UNLIKE_SEEDS)
    return simulated


def warehouse(made: Simulation) -> Path:
    return made.project.settings.warehouse("unlike")


@pytest.fixture
def planwise(made: Simulation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("PLANWISE_STUDY", str(made.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(made.project.settings.home))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


Views = dict[str, dict[str, float | None]]


def all_views(made: Simulation, planwise: Any, folder: Path) -> Views:
    """By view, each figure of the first scenario as it is printed there: a share as a share, money in dollars."""
    return {
        "results table": _of_tables(planwise("results").splitlines()),
        "bands": {name: _of_bands(planwise("results", "--bands", "--measure", name)) for name in MEASURES},
        "json": {
            fact["measure"]: fact["mean"]
            for fact in json.loads(planwise("results", "--json"))["facts"]
            if fact["scenario_id"] == SCENARIO
        },
        "compare": {
            fact["measure"]: fact["a"] for fact in json.loads(planwise("compare", SCENARIO, "slower", "--json"))["facts"]
        },
        "report": _of_report(planwise, folder / "report.html"),
        "dagster facts": _of_dagster(made),
        "dagster overview": _of_overview(made),
        "workbook": _of_workbook(planwise, folder / "book.xlsx"),
    }


def number(text: str, name: str, *, in_thousands: bool = False) -> float | None:
    """The number that a person reads."""
    if text == "-":
        return None
    value = float(re.sub(r"[,%$]", "", text))
    if MEASURES[name].unit == "share":
        return value / 100
    return value * 1000 if in_thousands and MEASURES[name].unit == "dollars" else value


def _table(heads: list[str], cells: list[str]) -> dict[str, float | None]:
    by_heading = {measure.heading: name for name, measure in MEASURES.items() if measure.heading}
    found = dict(zip(heads, cells, strict=True))
    return {
        by_heading[head]: number(text, by_heading[head], in_thousands=MEASURES[by_heading[head]].section == "the plan")
        for head, text in found.items()
        if head in by_heading
    }


def _of_tables(lines: list[str]) -> dict[str, float | None]:
    read: dict[str, float | None] = {}
    heads: list[str] = []
    for line in lines:
        cells = re.split(r"\s{2,}", line.strip())
        if cells[0] == "scenario":
            heads = cells
        elif cells[0] == SCENARIO:
            read |= _table(heads, cells)
    return read


def _of_overview(made: Simulation) -> dict[str, float | None]:
    with duckdb.connect() as connection:
        # As the step has it: an attached database, in use on a cursor.
        connection.execute(f"attach '{warehouse(made)}' as warehouse (read_only)")
        cursor = connection.cursor()
        cursor.execute("use warehouse")
        page = overview(cursor)
    lines = [line.strip("| ").replace(" | ", "  ") for line in page.splitlines() if line.startswith("|")]
    return _of_tables(lines)


def _of_bands(printed: str) -> float | None:
    (row,) = [line.split() for line in printed.splitlines() if line.startswith(SCENARIO)]
    return number(row[3], row[2])


def _of_report(planwise: Any, file: Path) -> dict[str, float | None]:
    planwise("report", "--out", str(file))
    page = file.read_text(encoding="utf-8")
    read: dict[str, float | None] = {}
    for name, measure in MEASURES.items():
        label = measure.label[0].upper() + measure.label[1:]
        table = page.split(f"<summary>{label}</summary>")[1].split("</table>")[0]
        first_row = table.split("<tbody>")[1].split("</tr>")[0]
        cells = [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", first_row)]
        read[name] = number(cells[2], name)
    return read


def _of_dagster(made: Simulation) -> dict[str, float | None]:
    """As a step sees it: views of one year."""
    read: dict[str, float | None] = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse(made)}' as published (read_only)")
        for table in dict.fromkeys(measure.table for measure in MEASURES.values()):
            connection.execute(f"create view {table} as select * from published.{table} where simulation_year = {YEAR}")
            told: Mapping[str, Any] = fact_metadata(connection, table)
            read |= {name.partition(" (")[0]: value for name, value in told.items() if name.endswith(f"({SCENARIO})")}
    return read


def _of_workbook(planwise: Any, file: Path) -> dict[str, float | None]:
    planwise("export", "--out", str(file))
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    rows = [re.findall(r'<c r="([A-Z]+)\d+"[^>]*>(.*?)</c>', row) for row in re.findall("<row .*?</row>", sheet)]
    heads = {column: unescape(re.sub("<[^>]*>", "", cell)) for column, cell in rows[0]}
    names = {measure.label: name for name, measure in MEASURES.items()}
    assert "Baseline" in rows[1][0][1]
    return {names[heads[column]]: float(re.sub("<[^>]*>", "", cell)) for column, cell in rows[1][2:]}


def expected(made: Simulation) -> dict[str, float]:
    """The mean over the seeds of each seed's own figure: of those worked out by hand, and of the columns read one by one."""
    means = {name: statistics.fmean(values) for name, values in BY_HAND.items()}
    with duckdb.connect(str(warehouse(made)), read_only=True) as connection:
        costs = connection.execute("select * from fct_plan_cost where scenario_id = 'baseline' order by seed")
        columns = [column[0] for column in costs.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in costs.fetchall()]
    for name, column in (
        *(("opening", "headcount_opening"), ("hires", "hires"), ("exits", "terminations"), ("promotions", "promotions")),
        *(("contributions", "employee_contributions"), ("match", "employer_match"), ("core", "employer_core")),
        *(("forfeitures", "forfeitures_used"), ("catch_up", "catch_up_contributions")),
    ):
        means[name] = statistics.fmean(float(row[column]) for row in rows)
    return means


def assert_one_number(views: Views, wanted: Mapping[str, float]) -> None:
    exact = ("json", "compare", "dagster facts", "workbook")
    for name, measure in MEASURES.items():
        seen = {view: figures[name] for view, figures in views.items() if name in figures}
        assert seen.keys() >= {*exact, "bands", "report"}, name
        assert ({"results table", "dagster overview"} <= seen.keys()) == bool(measure.heading), name
        truth = views["json"][name]
        assert truth is not None
        if name in wanted:
            assert truth == pytest.approx(wanted[name], rel=1e-12), name
        for view, value in seen.items():
            # A person's view is rounded: half of the last digit that it shows.
            step = {"share": 10.0 ** -(measure.digits + 2), "dollars": 1000.0 if measure.section == "the plan" else 1.0}
            rounding = 0.0 if view in exact else step.get(measure.unit, 0.1) / 2
            assert value == pytest.approx(truth, rel=1e-12, abs=rounding * 1.000001), (name, view, seen)


def test_all_views_of_unlike_seeds_show_one_number(made: Simulation, planwise: Any, tmp_path: Path) -> None:
    views = all_views(made, planwise, tmp_path)
    assert_one_number(views, expected(made))
    for name in ("participation", "deferral", "cost_rate"):
        print(name, {view: figures.get(name) for view, figures in views.items()})


def test_a_further_figure_is_one_entry(
    made: Simulation, planwise: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEASURES, SCRATCH.name, SCRATCH)
    views = all_views(made, planwise, tmp_path)
    assert all(SCRATCH.name in figures for figures in views.values())
    assert_one_number(views, expected(made))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="chart-catch-up-title"' in page
    assert "catch_up" in planwise("results", "--bands")


def test_the_recipe_names_the_one_file() -> None:
    recipe = (PROJECT_ROOT / "docs" / "how-to" / "extending.md").read_text(encoding="utf-8")
    assert "`results/measures.py`" in recipe
