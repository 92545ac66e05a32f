"""Partial plan termination, IRC 411(d)(3): whether a year's reductions are presumed to be one, and who is vested.

Belongs here: the turnover of the published participants, and the answer's words. Does not: vesting, which the year does
where the plan says so (setting vesting.partial_termination, model int_vesting_forfeitures).

Rev. Rul. 2007-43: the turnover rate is the participants whom the employer let go, of all participants at the beginning of
the year and those who came in during it; from 20 % on a partial termination is presumed, and whoever was let go is fully
vested. Let go is who leaves as a reduction of the workforce: other exits are taken to be the people's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

import duckdb

from planwise_assets.results.law.outcome import LawOutcome

LAW = "IRC 411(d)(3)"
#: Rev. Rul. 2007-43.
PRESUMED = Fraction(20, 100)

_TURNOVER = """
    with reductions as (
        select scenario_id, seed, simulation_year, employee_id
        from fct_yearly_events
        where event_type = 'termination' and event_category = 'reduction'
    )

    select
        scenario_id,
        simulation_year,
        seed,
        count(*) as participants,
        count(reductions.employee_id) as let_go,
        cast(coalesce(sum(forfeited_match + forfeited_core) filter (reductions.employee_id is not null), 0) * 100 as bigint)
    from fct_workforce_snapshot
    left join reductions using (scenario_id, seed, simulation_year, employee_id)
    where is_eligible
    group by all
    order by all
"""


def partial_termination(connection: duckdb.DuckDBPyConnection) -> Iterator[LawOutcome]:
    """The answer for each scenario and year.

    Args:
        connection: One whose current schema holds the published tables.
    """
    for (scenario, year), rows in groupby(connection.execute(_TURNOVER).fetchall(), key=lambda row: row[:2]):
        yield _answer(scenario, year, [row[2:] for row in rows])


def _answer(scenario: str, year: int, futures: list[tuple[int, int, int, int]]) -> LawOutcome:
    test = "partial termination"
    worst = max(futures, key=lambda one: (Fraction(one[2], one[1]), -one[0]))
    seed, participants, let_go, cents = worst
    if not let_go:
        return LawOutcome(scenario, year, test, LAW, "not needed", "Nobody of the plan is let go.", 0, len(futures))
    presumed = sum(Fraction(one[2], one[1]) >= PRESUMED for one in futures)
    says = "not presumed" if not presumed else "presumed"
    if 0 < presumed < len(futures):
        says = f"presumed in {presumed} of {len(futures)}"
    where = ", in the worst of the futures" if len(futures) > 1 else ""
    text = f"{let_go:,} of {participants:,} participants are let go: {let_go / participants:.1%}, of at least 20 %{where}."
    if presumed and cents:
        text += (
            f" The plan does not vest them (vesting.partial_termination): it would take ${cents / 100:,.0f} of forfeitures."
        )
    elif presumed:
        text += " None of them forfeits anything."
    figures = {"worst_seed": seed, "turnover": let_go / participants, "forfeited": cents / 100}
    return LawOutcome(scenario, year, test, LAW, says, text, presumed, len(futures), figures)
