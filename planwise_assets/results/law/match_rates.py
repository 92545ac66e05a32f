"""Whether each rate of a graded match is available to enough people: current availability, Treas. Reg. 1.401(a)(4)-4(b).

Belongs here: the rates that the published people are promised, and the answer's words. Does not: the match that they got,
which is tested by ACP.

Each rate of match is a benefit, right or feature of its own ((e)(3)(iii)(G)). The group to whom it or a higher one is
available must satisfy 410(b) without the average benefit percentage test ((b)(2)(i)); whoever has a higher rate has this
one's worth ((d)(4)).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import duckdb

from planwise_assets.results.law.outcome import LawOutcome, failing
from planwise_assets.results.law.plan_of_year import PlanOfYear
from planwise_assets.study.law.coverage import Covered
from planwise_assets.study.law.general_test import RateCount, hundredths, rate_groups

LAW = "IRC 401(a)(4)"

_COUNTS = """
    select seed, age, service, gets_match, count(*) filter (not is_hce), count(*) filter (is_hce)
    from law_people
    where scenario_id = ? and simulation_year = ? and counts_for_match
    group by all
    order by seed
"""


def match_rates(connection: duckdb.DuckDBPyConnection, plans: Sequence[PlanOfYear], assumed: str) -> Iterator[LawOutcome]:
    """The answer for each scenario and year whose match differs by service or points; others have none.

    Args:
        connection: Holds `law_people`.
        plans: Of every scenario and year.
        assumed: What is not known of the people, a sentence; empty where nothing is wanting.
    """
    for plan in plans:
        if len({band.tiers for band in plan.match}) > 1:
            rows = connection.execute(_COUNTS, [plan.scenario, plan.year]).fetchall()
            yield _answer(plan, [_lowest(plan, list(of)) for _, of in groupby(rows, key=lambda row: row[0])], assumed)


def _lowest(plan: PlanOfYear, rows: Sequence[tuple[int, int, int, bool, int, int]]) -> tuple[int, Covered] | None:
    """Of a future the rate that is available to the worst group, in hundredths of a per cent; None: nobody's is asked."""
    counts: dict[int, list[int]] = {}
    for _, age, service, gets, others, highly in rows:
        measure = service + (age if plan.match_by == "points" else 0)
        so_far = counts.setdefault(hundredths(plan.promise(measure)) if gets else 0, [0, 0])
        so_far[0], so_far[1] = so_far[0] + others, so_far[1] + highly
    groups = list(rate_groups(RateCount(rate, *of) for rate, of in counts.items()))
    asked = [(rate, group) for rate, group in groups if group.ratio is not None]
    return min(asked, key=lambda of: (of[1].verdict(None) != "failed", of[1].ratio), default=None)


def _answer(plan: PlanOfYear, futures: Sequence[tuple[int, Covered] | None], assumed: str) -> LawOutcome:
    worst = [one for one in futures if one is not None]
    verdicts = [group.verdict(None) for _, group in worst]
    failed = verdicts.count("failed")
    says = failing(failed, len(futures))
    if not failed and "facts and circumstances" in verdicts:
        says = "facts and circumstances"
    text = f"The match goes by {plan.match_by}. Every highly compensated person's rate is available to everybody."
    figures = {}
    if worst:
        rate, group = min(worst, key=lambda of: (of[1].verdict(None) != "failed", of[1].ratio or 0))
        ratio = float(group.ratio or 0)
        text = (
            f"The match goes by {plan.match_by}. {rate / 100:.2f} % of pay or more is promised to {group.others_in:,} of "
            f"{group.others:,}, and of the highly compensated to {group.highly_in:,} of {group.highly:,}: a ratio "
            f"percentage of {ratio:.2%}, of at least 70 % or the safe harbor of {float(group.harbors[0]):.2%}."
        )
        figures = {"rate": rate / 10_000, "ratio_percentage": ratio, "safe_harbor_percentage": float(group.harbors[0])}
    because = " ".join(filter(None, (text, assumed)))
    return LawOutcome(plan.scenario, plan.year, "match rates", LAW, says, because, failed, len(futures), figures)
