"""The figures that people see, each defined once: its words, its unit, its query, and where it is shown.

Belongs here: which figures there are. Does not: reading them (reading.py), statistics over seeds (ensembles.py), how they
are shown (tables.py, facts.py, report/, ui/). Tables, bands, JSON, comparisons, the report, the workbook and Dagster's plots
read this list, so a further figure is one entry in it. What can be cut by a group of people is counted person by person in
groups.py (CUTS); a test holds that the cuts of a figure add up to it.

A figure is of one world (scenario x seed) and year. Over several seeds it is the mean of the seeds' own figures, everywhere
(docs/methodology.md, "Seeds together").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["people", "dollars", "dollars_a_person", "share", "tests"]
#: Of these, sums of a plan may be shown in thousands; what a person has never is.
MONEY: frozenset[Unit] = frozenset({"dollars", "dollars_a_person"})
World = tuple[str, int, int]
Values = Mapping[World, Mapping[str, float | None]]

COST = "fct_plan_cost"
SNAPSHOT = "fct_workforce_snapshot"
EVENTS = "fct_yearly_events"
GROWTH = "fct_compensation_growth"
TESTS = "fct_nondiscrimination_tests"
#: Published only where a census has pay of this kind; without it nobody sees its figures.
SUPPLEMENTS = "fct_supplemental_pay"

#: The two tables of results, by their titles.
WORKFORCE, PLAN = "the workforce", "the plan"


@dataclass(frozen=True)
class Measure:
    """One figure of a world and a year.

    Attributes:
        name: Its name in JSON, CSV, Dagster and `--measure`.
        label: Its name for people.
        unit: `people`, `dollars` (a sum), `dollars_a_person`, `tests`, or `share` (0.05 is 5 %).
        meaning: One sentence.
        table: The published table that it is read from.
        sql: An aggregate over that table's rows of one world and year; NULL where the figure has no value.
        section: Which of the two tables of results it stands in, WORKFORCE or PLAN; empty where in neither.
        heading: Its column there.
        is_key: Whether it is one of the few that are drawn, and shown side by side.
        digits: Decimals of a share in per cent.
    """

    name: str
    label: str
    unit: Unit
    meaning: str
    table: str
    sql: str
    section: str = ""
    heading: str = ""
    is_key: bool = False
    digits: int = 2

    @property
    def title(self) -> str:
        """The label at the head of something; what is in capitals in it stays so."""
        return f"{self.label[0].upper()}{self.label[1:]}"

    def text(self, value: float | None, *, signed: bool = False) -> str:
        """The value as people read it; a difference with its sign. Shares differ in points."""
        if value is None:
            return "-"
        sign = "+" if signed else ""
        if self.unit == "share":
            return f"{value * 100:{sign}.{self.digits}f}{' pt' if signed else '%'}"
        digits = 0 if self.unit in MONEY or float(value).is_integer() else 1
        return f"{value:{sign},.{digits}f}"


#: In the order in which people read them.
MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "opening",
            "opening headcount",
            "people",
            "People employed on 1 January before the year begins.",
            COST,
            "any_value(headcount_opening)",
            WORKFORCE,
            "opening",
        ),
        Measure("hires", "hires", "people", "Hires of the year.", COST, "any_value(hires)", WORKFORCE, "hires"),
        Measure(
            "exits",
            "exits",
            "people",
            "Exits of the year, for any reason.",
            COST,
            "any_value(terminations)",
            WORKFORCE,
            "exits",
        ),
        Measure(
            "promotions",
            "promotions",
            "people",
            "Promotions of the year.",
            COST,
            "any_value(promotions)",
            WORKFORCE,
            "promotions",
        ),
        Measure(
            "promotion_rate",
            "promotion rate",
            "share",
            "Promotions / people employed on 1 January before the year begins.",
            COST,
            "any_value(promotions / nullif(headcount_opening, 0))",
        ),
        Measure(
            "headcount",
            "headcount",
            "people",
            "People employed after 31 December.",
            COST,
            "any_value(headcount_closing)",
            WORKFORCE,
            "closing",
            is_key=True,
        ),
        Measure(
            "payroll",
            "payroll",
            "dollars",
            "Pay of the year for the days employed, bonus and overtime in it.",
            COST,
            "any_value(payroll)",
            WORKFORCE,
            "payroll",
            is_key=True,
        ),
        Measure(
            "bonus",
            "bonuses in payroll",
            "dollars",
            "The part of payroll that is bonuses.",
            SUPPLEMENTS,
            "nullif(sum(bonus), 0)",
            WORKFORCE,
            "bonus",
        ),
        Measure(
            "overtime",
            "overtime in payroll",
            "dollars",
            "The part of payroll that is overtime pay.",
            SUPPLEMENTS,
            "nullif(sum(overtime), 0)",
            WORKFORCE,
            "overtime",
        ),
        Measure(
            "average_pay",
            "average pay",
            "dollars_a_person",
            "Mean yearly pay of the active on 31 December.",
            SNAPSHOT,
            "avg(annual_compensation) filter (where employment_status = 'active')",
            WORKFORCE,
            "average pay",
            is_key=True,
        ),
        Measure(
            "pay_growth",
            "pay growth",
            "share",
            "Average pay on 31 December of who was there a year before, against theirs of then.",
            GROWTH,
            "any_value(growth) filter (where method = 'continuous' and level_id is null)",
        ),
        Measure(
            "participation",
            "participation",
            "share",
            "Contributing / eligible, on 31 December.",
            COST,
            "any_value(participation_rate)",
            PLAN,
            "in plan",
            is_key=True,
            digits=1,
        ),
        Measure(
            "deferral",
            "average deferral",
            "share",
            "Mean deferral rate of participants.",
            COST,
            "any_value(average_deferral_rate)",
            PLAN,
            "deferral",
            is_key=True,
        ),
        Measure(
            "enrollments",
            "enrolments",
            "people",
            "Enrolments of the year, automatic or chosen.",
            EVENTS,
            "count(*) filter (where event_type = 'enrollment')",
        ),
        Measure(
            "opt_outs",
            "opt-outs",
            "people",
            "Refusals of automatic enrolment or escalation, and stops.",
            EVENTS,
            "count(*) filter (where event_type = 'opt_out')",
        ),
        Measure(
            "contributions",
            "deferrals",
            "dollars",
            "Employees' deferrals of the year.",
            COST,
            "any_value(employee_contributions)",
            PLAN,
            "contributed",
        ),
        Measure(
            "match",
            "employer match",
            "dollars",
            "Match of the year.",
            COST,
            "any_value(employer_match)",
            PLAN,
            "match",
            is_key=True,
        ),
        Measure(
            "core",
            "employer core",
            "dollars",
            "Core contributions of the year.",
            COST,
            "any_value(employer_core)",
            PLAN,
            "core",
        ),
        Measure(
            "forfeitures",
            "forfeitures used",
            "dollars",
            "Forfeitures used this year.",
            COST,
            "any_value(forfeitures_used)",
            PLAN,
            "forfeited",
        ),
        Measure(
            "net_cost",
            "net employer cost",
            "dollars",
            "Match and core less forfeitures used.",
            COST,
            "any_value(net_employer_cost)",
            PLAN,
            "net cost",
            is_key=True,
        ),
        Measure(
            "cost_rate",
            "cost, share of pay",
            "share",
            "Net employer cost / payroll.",
            COST,
            "any_value(cost_percent_of_payroll / 100)",
            PLAN,
            "of pay",
            is_key=True,
        ),
        Measure(
            "tests_failed",
            "tests failed",
            "tests",
            "Tests of ADP, ACP and 415 that fail; an exempt one does not.",
            TESTS,
            "count(*) filter (where not passed)",
            PLAN,
            "tests failed",
        ),
    )
}


def shown(bands: Mapping[tuple[str, int], Mapping[str, object]]) -> list[Measure]:
    """The measures that people see of these bands: all but those of pay that the census does not have.

    Args:
        bands: By scenario and year, what is known of each measure by its name.
    """
    known = {name for row in bands.values() for name in row}
    return [measure for measure in MEASURES.values() if measure.table != SUPPLEMENTS or measure.name in known]
