"""Coverage, IRC 410(b), of the published years, source by source: deferrals, match, core; the otherwise excludable apart.

Belongs here: counting, and the answer's words. Does not: the rules (study/law/coverage.py), who counts (people.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

import duckdb

from planwise_assets.results.law.outcome import LawOutcome, failing
from planwise_assets.results.law.people import hundredths
from planwise_assets.study.law.coverage import Covered, Verdict

LAW = "IRC 410(b)"
#: Scenario, year, seed.
World = tuple[str, int, int]

_COUNTS = """
    with counted as (
        select scenario_id, simulation_year, seed, is_hce, is_otherwise_excludable, source, benefits
        from law_people
        cross join lateral (
            values
                ('deferrals', true, is_eligible),
                ('match', has_match and counts_for_match, gets_match),
                ('core', has_core and counts_for_core, gets_core)
        ) as sources (source, counts, benefits)
        where counts
    )

    select
        scenario_id,
        source,
        simulation_year,
        seed,
        part,
        count(*) filter (not is_hce) as others,
        count(*) filter (not is_hce and benefits) as others_in,
        count(*) filter (is_hce) as highly,
        count(*) filter (is_hce and benefits) as highly_in
    from counted
    cross join lateral (
        values ('all'), (if(is_otherwise_excludable, 'otherwise excludable', 'statutory'))
    ) as parts (part)
    group by all
    order by all
"""

#: The average benefit percentage: deferrals without catch-up, match and core of everybody who counts, as shares of pay.
_AVERAGE_BENEFITS = f"""
    with benefits as (
        select scenario_id, simulation_year, seed, is_hce, {hundredths("deferral_cents + match_cents + core_cents")} as rate
        from law_people
    )

    select
        scenario_id,
        simulation_year,
        seed,
        cast(sum(rate) filter (not is_hce) as bigint) as others,
        count(*) filter (not is_hce) as of_others,
        cast(sum(rate) filter (is_hce) as bigint) as highly,
        count(*) filter (is_hce) as of_highly
    from benefits
    group by all
"""


@dataclass(frozen=True)
class _Future:
    """Coverage of one source in one future: everybody together, and the two parts by themselves."""

    seed: int
    together: Covered
    parts: Sequence[Covered]
    average_benefits: Fraction | None

    @property
    def whole(self) -> Verdict:
        """Everybody tested together."""
        return self.together.verdict(self.average_benefits)

    @property
    def passes_apart(self) -> bool:
        """Whether both parts pass, each as a plan of its own: IRC 410(b)(4)(B)."""
        return len(self.parts) > 1 and all(part.verdict(self.average_benefits) == "passed" for part in self.parts)

    @property
    def verdict(self) -> Verdict:
        """The better of the two ways."""
        return "passed" if self.passes_apart else self.whole


def average_benefits(connection: duckdb.DuckDBPyConnection) -> Mapping[World, Fraction | None]:
    """The average benefit percentage of each world (Treas. Reg. 1.410(b)-5); None where the highly compensated have none."""
    found: dict[World, Fraction | None] = {}
    for scenario, year, seed, others, of_others, highly, of_highly in connection.execute(_AVERAGE_BENEFITS).fetchall():
        found[scenario, year, seed] = (
            Fraction(others or 0, of_others) / Fraction(highly, of_highly) if highly and of_others else None
        )
    return found


def plan_coverage(connection: duckdb.DuckDBPyConnection, source: str) -> Mapping[World, Covered]:
    """Who counts and who benefits from a source, in each world.

    Args:
        connection: Holds `law_people`.
        source: `deferrals`, `match` or `core`.
    """
    return {
        (scenario, year, seed): Covered(*counts)
        for scenario, of, year, seed, part, *counts in connection.execute(_COUNTS).fetchall()
        if of == source and part == "all"
    }


def coverage(connection: duckdb.DuckDBPyConnection, assumed: str) -> Iterator[LawOutcome]:
    """The answer for each scenario, source and year.

    Args:
        connection: Holds `law_people`.
        assumed: What is not known of the people, a sentence; empty where nothing is wanting.
    """
    benefits = average_benefits(connection)
    rows = connection.execute(_COUNTS).fetchall()
    for (scenario, source, year), counts in groupby(rows, key=lambda row: row[:3]):
        futures = []
        for seed, parts in groupby(counts, key=lambda row: row[3]):
            by_part = {
                part: Covered(*of)
                for *_, part, others, others_in, highly, highly_in in parts
                for of in [(others, others_in, highly, highly_in)]
            }
            together = by_part.pop("all")
            futures.append(_Future(seed, together, tuple(by_part.values()), benefits[scenario, year, seed]))
        yield _answer(scenario, source, year, futures, assumed)


def _answer(scenario: str, source: str, year: int, futures: Sequence[_Future], assumed: str) -> LawOutcome:
    worst = min(futures, key=lambda one: (one.verdict == "passed", one.together.ratio is None, one.together.ratio or 0))
    failed = sum(one.verdict == "failed" for one in futures)
    says = failing(failed, len(futures))
    if not failed and any(one.verdict == "facts and circumstances" for one in futures):
        says = "facts and circumstances"
    ratio, benefits = worst.together.ratio, worst.average_benefits
    return LawOutcome(
        scenario,
        year,
        f"coverage: {source}",
        LAW,
        says,
        " ".join(filter(None, (_why(worst, len(futures)), assumed))),
        failed,
        len(futures),
        {
            "worst_seed": worst.seed,
            **vars(worst.together),
            "ratio_percentage": None if ratio is None else float(ratio),
            "safe_harbor_percentage": float(worst.together.harbors[0]),
            "unsafe_harbor_percentage": float(worst.together.harbors[1]),
            "average_benefit_percentage": None if benefits is None else float(benefits),
            "passes_apart": worst.passes_apart,
        },
    )


def _why(one: _Future, futures: int) -> str:
    """The figures of a future, in a sentence."""
    counted, ratio = one.together, one.together.ratio
    if ratio is None:
        who = "highly compensated benefits" if counted.others else "else is employed"
        return f"Nobody {who}: such a plan passes (1.410(b)-2(b)({6 if counted.others else 5}))."
    if counted.others == counted.others_in:
        return "All who are not highly compensated and not excludable benefit: the ratio percentage is at least 100 %."
    worst = "In the worst of the futures " if futures > 1 else ""
    text = (
        f"{worst}{counted.others_in:,} of {counted.others:,} benefit, and of the highly compensated {counted.highly_in:,} "
        f"of {counted.highly:,}: a ratio percentage of {float(ratio):.2%}"
    )
    if not counted.needs_average_benefits():
        return f"{text}, at least 70 %."
    safe, unsafe = counted.harbors
    benefits = "no limit" if one.average_benefits is None else f"{float(one.average_benefits):.2%}"
    text += (
        f" (70 % pass; by average benefits {float(safe):.2%} do, below {float(unsafe):.2%} fails; the average benefit "
        f"percentage is {benefits}, of at least 70 %)"
    )
    return f"{text}. Tested with the otherwise excludable apart it passes." if one.passes_apart else f"{text}."
