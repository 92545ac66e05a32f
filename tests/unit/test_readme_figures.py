"""What the README prints of the default study is what that study gives: its figures are those of the golden totals."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from planwise_assets.settings import PROJECT_ROOT
from tests.golden import GOLDEN

_ROW = re.compile(r"^│ (\w+) +│ (\d{4}) │(.*)│$", re.MULTILINE)
_TESTS = 3


def _printed() -> Iterator[tuple[str, str, list[str]]]:
    for scenario, year, cells in _ROW.findall((PROJECT_ROOT / "README.md").read_text(encoding="utf-8")):
        yield scenario, year, [cell.strip() for cell in cells.split("│")]


def _expected(total: dict[str, str]) -> tuple[list[str], list[str]]:
    """The cells of the row of the workforce, and of the row of the plan with its money in thousands."""
    number = {name: float(value or 0) for name, value in total.items() if name != "scenario_id"}
    exits = sum(number[name] for name in ("experienced_exits", "retirements", "reductions", "new_hire_exits"))
    people = [number["opening"], number["hires"], exits, number["promotions"], number["closing"]]
    money = [
        number[name]
        for name in ("employee_contributions", "employer_match", "employer_core", "forfeitures_arising", "net_employer_cost")
    ]
    workforce = [*people, number["payroll"], number["closing_pay"] / number["closing"]]
    plan = [
        f"{number['participants'] / number['eligible']:.1%}",
        f"{number['average_deferral_rate']:.2%}",
        *(f"{value / 1000:,.0f}" for value in money),
        f"{number['net_employer_cost'] / number['payroll']:.2%}",
        f"{_TESTS - number['tests_passed']:.0f}",
    ]
    return [f"{value:,.0f}" for value in workforce], plan


def test_the_readme_prints_the_golden_figures() -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        totals = {(row["scenario_id"], row["simulation_year"]): row for row in csv.DictReader(file)}
    printed = list(_printed())
    assert len(printed) == 2 * 2 * len({year for _, year in totals})
    for scenario, year, cells in printed:
        assert cells in _expected(totals[scenario, year])
