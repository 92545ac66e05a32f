"""ADP and ACP with the otherwise excludable left out or tested apart: IRC 401(k)(3)(F), 401(m)(5)(C), 410(b)(4)(B).

Belongs here: the averages of the parts, and the answer's words. Does not: the published tests (fct_nondiscrimination_tests).

Two ways, of which a plan that covers its parts by themselves may take either: (F) leaves the others who are otherwise
excludable out and keeps the highly compensated; the other is two tests, each with its own. By the prior-year method the
averages of last year's parts would be needed, which is not worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import duckdb

from planwise_assets.results.law.outcome import LawOutcome, failing
from planwise_assets.results.law.people import hundredths

LAW = "IRC 401(k)(3)(F)"

#: Sums of ratios (hundredths of a per cent) of whoever is tested, by part; only where somebody is otherwise excludable.
_AVERAGES = f"""
    with tested as (
        select test.test, test.passed, test.method, person.*,
            if(test.test = 'ADP', {hundredths("deferral_cents")}, {hundredths("match_cents")}) as ratio
        from law_people as person
        inner join fct_nondiscrimination_tests as test using (scenario_id, simulation_year, seed)
        where is_eligible and test.test in ('ADP', 'ACP') and test.method <> 'safe_harbor'
    )

    select
        scenario_id,
        test,
        simulation_year,
        seed,
        any_value(passed) as passed,
        any_value(method) as method,
        {
    ", ".join(
        f"cast(sum(ratio) filter ({who}) as bigint), count(*) filter ({who})"
        for who in (
            "is_hce",
            "not is_hce and not is_otherwise_excludable",
            "is_hce and not is_otherwise_excludable",
            "not is_hce and is_otherwise_excludable",
            "is_hce and is_otherwise_excludable",
        )
    )
}
    from tested
    group by all
    having count(*) filter (not is_hce and is_otherwise_excludable) > 0
    order by scenario_id, test desc, simulation_year, seed
"""


@dataclass(frozen=True)
class Part:
    """The averages of a test of some of the people, hundredths of a per cent; None where there is nobody."""

    highly: int | None
    others: int | None

    @property
    def limit(self) -> int | None:
        """The highest average of the highly compensated that passes: IRC 401(k)(3)(A)(ii)."""
        if self.others is None:
            return None
        return max(self.others * 5 // 4, min(self.others * 2, self.others + 200))

    @property
    def passes(self) -> bool:
        """Whether it does; with nobody on either side it does."""
        return self.highly is None or self.limit is None or self.highly <= self.limit


def average(total: int | None, people: int) -> int | None:
    """The mean of ratios to 0.01 %, halves up (Treas. Reg. 1.401(k)-2(a)(2)(i)); None of nobody."""
    return (2 * (total or 0) + people) // (2 * people) if people else None


@dataclass(frozen=True)
class _Future:
    """One test in one future: as published, without the otherwise excludable, and its two parts."""

    seed: int
    passed: bool
    without: Part
    statutory: Part
    excludable: Part

    @property
    def passes_apart(self) -> bool:
        """Whether it passes by either way."""
        return self.without.passes or (self.statutory.passes and self.excludable.passes)

    @property
    def passes(self) -> bool:
        """Whether it passes with everybody or by either way."""
        return self.passed or self.passes_apart


def tested_apart(connection: duckdb.DuckDBPyConnection, assumed: str) -> Iterator[LawOutcome]:
    """The answer for each scenario, test and year in which somebody is otherwise excludable; others have none.

    A test that passes with everybody asks for nothing more.

    Args:
        connection: Holds `law_people`, and the published tests.
        assumed: What is not known of the people, a sentence; empty where nothing is wanting.
    """
    rows = connection.execute(_AVERAGES).fetchall()
    for (scenario, test, year), seeds in groupby(rows, key=lambda row: row[:3]):
        listed = list(seeds)
        name = f"{test} apart"
        if all(row[4] for row in listed):
            yield LawOutcome(scenario, year, name, LAW, "not needed", "The test passes with everybody together.")
            continue
        if listed[0][5] == "prior":
            text = "By the prior-year method last year's parts would be needed, which are not worked out."
            yield LawOutcome(scenario, year, name, LAW, "not worked out", text)
            continue
        yield _answer(scenario, name, year, [_future(*row[3:]) for row in listed], assumed)


def _future(seed: int, passed: bool, _: str, *sums: int) -> _Future:
    highly, others, statutory_highly, new_others, new_highly = (
        average(sums[place], sums[place + 1]) for place in range(0, len(sums), 2)
    )
    return _Future(seed, passed, Part(highly, others), Part(statutory_highly, others), Part(new_highly, new_others))


def _answer(scenario: str, test: str, year: int, futures: Sequence[_Future], assumed: str) -> LawOutcome:
    failed = sum(not one.passes for one in futures)
    one = min(futures, key=lambda each: (each.passes, (each.without.limit or 0) - (each.without.highly or 0)))
    worst = "In the worst of the futures: without" if len(futures) > 1 else "Without"
    text = (
        f"{worst} the others who are otherwise excludable the averages are {_rate(one.without.highly)} and "
        f"{_rate(one.without.others)}, of at most {_rate(one.without.limit)}; as two tests the statutory part "
        f"{_goes(one.statutory)} and the otherwise excludable {_goes(one.excludable)}."
    )
    if any(not each.passed and each.passes_apart for each in futures):
        text += " So the test that fails with everybody passes."
    text = " ".join(filter(None, (text, assumed)))
    figures = {
        "worst_seed": one.seed,
        "hce_rate": None if one.without.highly is None else one.without.highly / 10_000,
        "nhce_rate": None if one.without.others is None else one.without.others / 10_000,
        "limit": None if one.without.limit is None else one.without.limit / 10_000,
    }
    return LawOutcome(scenario, year, test, LAW, failing(failed, len(futures)), text, failed, len(futures), figures)


def _rate(hundredths_of: int | None) -> str:
    return "-" if hundredths_of is None else f"{hundredths_of / 100:.2f} %"


def _goes(part: Part) -> str:
    return "passes" if part.passes else "fails"
