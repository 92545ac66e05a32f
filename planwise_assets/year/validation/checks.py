"""The asset checks: which dbt test belongs to which, and what a check tells a person.

Belongs here: putting tests together into few checks, their words. Does not: the tests (dbt_project), running them
(resources/engines/optimized.py).

The invariants are dbt tests, so that `dbt build` knows them too. To Dagster an evaluation costs 26 ms whatever it checks;
so those of a published table are one check on it, `rules`, and those of the other models of a group one check on the
group's last model, `dbt_tests`. A test that says `own_check` in its dbt config is one by itself: whether the plan passes its
tests is no rule of a table. An error blocks all that comes after; a warning does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from planwise_assets.steps import GROUP_ORDER
from resources.dbt.compiled import CompiledProject, DataTest
from resources.engines.session import TestResult
from resources.lake import Lake

RULES = "rules"
GROUP_TESTS = "dbt_tests"
_SHOWN_ROWS = 3


@dataclass(frozen=True)
class Check:
    """One asset check.

    Attributes:
        asset: The model it is on.
        name: `rules`, `dbt_tests`, or what a test calls its own.
        tests: What it evaluates.
    """

    asset: str
    name: str
    tests: list[DataTest] = field(default_factory=list)

    @property
    def key(self) -> dg.AssetCheckKey:
        """Its key in Dagster."""
        return dg.AssetCheckKey(dg.AssetKey(self.asset), self.name)

    @property
    def description(self) -> str:
        """What the UI says of it."""
        what = {RULES: f"the rules of {self.asset}", GROUP_TESTS: "what the models of this group must keep"}.get(self.name)
        if what is None:
            return f"Warns if {', '.join(test.name.replace('_', ' ') for test in self.tests)} does not hold."
        return f"{len(self.tests)} dbt tests: {what}. Each is listed in the metadata, with what was found."


def group_checks(dbt: CompiledProject, group: str) -> list[Check]:
    """The checks of one group of models. A test belongs to the last model of the group that it reads."""
    models = dbt.group_models(group)
    found: dict[tuple[str, str], Check] = {}
    for test in dbt.group_tests(group, GROUP_ORDER):
        last = max((model for model in test.models if model in models), key=models.index, default=models[-1])
        place = (last, RULES) if last in dbt.published else (models[-1], GROUP_TESTS)
        if test.own_check:
            place = (last, test.own_check)
        found.setdefault(place, Check(*place)).tests.append(test)
    return list(found.values())


def runnable(checks: Iterable[Check], being_made: Collection[str], lake: Lake, year: int) -> list[DataTest]:
    """The tests of some checks that can run: of a group, a person may have chosen a few models.

    Args:
        checks: The checks.
        being_made: Models that this step makes.
        lake: Where the others may be.
        year: The simulation year.
    """
    return [
        test
        for check in checks
        for test in check.tests
        if all(model in being_made or lake.file(model, year).is_file() for model in test.models)
    ]


def evaluation(check: Check, outcomes: Sequence[TestResult]) -> dg.AssetCheckResult:
    """What a check found, in Dagster's terms.

    Args:
        check: The check.
        outcomes: Of the tests that ran, its own among them.
    """
    found = {outcome.name: outcome for outcome in outcomes}
    # In the check's order: the outcomes come as the tests end.
    own = [found[test.name] for test in check.tests if test.name in found]
    failed = [outcome for outcome in own if outcome.status != "pass"]
    errors = [outcome for outcome in failed if outcome.status == "error"]
    return dg.AssetCheckResult(
        asset_key=check.asset,
        check_name=check.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{o.name}: {o.failures} failing rows" for o in failed) or None,
        metadata={
            "tests_run": len(own),
            "rules": dg.MetadataValue.md(table(check, own)),
            "first_failing_rows": dg.MetadataValue.json({o.name: o.sample for o in failed}),
            **(
                {"failing": dg.MetadataValue.md(rows(failed[0]))}
                if failed and check.name not in (RULES, GROUP_TESTS)
                else {}
            ),
        },
    )


def table(check: Check, outcomes: Sequence[TestResult]) -> str:
    """The rules of a check as Markdown: what is expected, what was found, the first offending rows."""
    found = {outcome.name: outcome for outcome in outcomes}
    lines = ["| rule | severity | expected | actual | first offending rows |", "| --- | --- | --- | --- | --- |"]
    for test in sorted(check.tests, key=lambda test: _rank(found.get(test.name))):
        outcome = found.get(test.name)
        actual = "not run: a model that it reads has not been made" if outcome is None else _actual(outcome)
        rows = "; ".join(map(_short, outcome.sample[:_SHOWN_ROWS])) if outcome else ""
        lines.append(f"| {test.name} | {test.severity.lower()} | 0 rows | {actual} | {_cell(rows)} |")
    return "\n".join(lines)


def rows(outcome: TestResult) -> str:
    """The first rows that a test found, as Markdown."""
    heads = list(outcome.sample[0])
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    return "\n".join([*lines, *(f"| {' | '.join(map(_cell, row.values()))} |" for row in outcome.sample)])


def _rank(outcome: TestResult | None) -> int:
    """What is wrong comes first."""
    return {"error": 0, "warn": 1, "pass": 3}[outcome.status] if outcome else 2


def _actual(outcome: TestResult) -> str:
    return f"{outcome.failures:,} rows" if outcome.status == "pass" else f"**{outcome.failures:,} rows: {outcome.status}**"


def _short(row: dict[str, Any]) -> str:
    """The first cells of a row: its keys, and in a table of rules the broken one."""
    return ", ".join(f"{name} {value}" for name, value in list(row.items())[:6])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
