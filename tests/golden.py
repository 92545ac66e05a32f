"""Golden totals of the default study: one line a scenario and year, to the cent, in a file that changes only on purpose.

    python -m tests.golden             simulates studies/default.yaml and prints what differs from the file
    python -m tests.golden --rewrite   the same, and rewrites the file; the commit says which rule changed

Belongs here: what the totals are, and the file. Does not: whether they are right (every other test).
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from planwise_assets.settings import PROJECT_ROOT
from tests.harness import simulation

STUDY = PROJECT_ROOT / "studies" / "default.yaml"
GOLDEN = Path(__file__).resolve().parent / "golden" / "default_study.csv"

_KEY = ("scenario_id", "seed", "simulation_year")

_TOTALS = """
    with people as (
        select
            scenario_id,
            seed,
            simulation_year,
            count(*) filter (detailed_status in ('continuous_active', 'experienced_termination')) as opening,
            count(*) filter (employment_status = 'active') as closing,
            sum(paid_compensation) as payroll,
            sum(annual_compensation) filter (employment_status = 'active') as closing_pay
        from fct_workforce_snapshot
        group by all
    ),

    changes as (
        select
            scenario_id,
            seed,
            simulation_year,
            count(*) filter (event_type = 'hire') as hires,
            count(*) filter (event_type = 'termination' and event_category = 'experienced') as experienced_exits,
            count(*) filter (event_type = 'termination' and event_category = 'retirement') as retirements,
            count(*) filter (event_type = 'termination' and event_category = 'reduction') as reductions,
            count(*) filter (event_type = 'termination' and event_category = 'new_hire') as new_hire_exits,
            count(*) filter (event_type = 'promotion') as promotions,
            count(*) filter (event_type = 'cola') as colas,
            count(*) filter (event_type = 'merit_raise') as merit_raises,
            count(*) filter (event_type = 'eligibility') as entries,
            count(*) filter (event_type = 'enrollment') as enrollments,
            count(*) filter (event_type = 'opt_out') as opt_outs,
            count(*) filter (event_type = 'deferral_escalation') as escalations,
            count(*) filter (event_type = 'deferral_change') as own_changes,
            count(*) as events
        from fct_yearly_events
        group by all
    ),

    tests as (
        select
            scenario_id,
            seed,
            simulation_year,
            count(*) filter (passed) as tests_passed,
            sum(excess_amount) as excess_amount
        from fct_nondiscrimination_tests
        group by all
    )

    select
        scenario_id, seed, simulation_year, opening, changes.hires, experienced_exits, retirements, reductions,
        new_hire_exits, changes.promotions, closing, people.payroll, closing_pay, colas, merit_raises, events, entries,
        enrollments, opt_outs, escalations, own_changes, eligible, participants, average_deferral_rate,
        employee_contributions, catch_up_contributions, employer_match, true_up, employer_core, match_potential,
        forfeitures_arising, forfeitures_used, net_employer_cost, tests_passed, excess_amount
    from people
    inner join changes using (scenario_id, seed, simulation_year)
    inner join fct_plan_cost using (scenario_id, seed, simulation_year)
    inner join tests using (scenario_id, seed, simulation_year)
    order by scenario_id, seed, simulation_year
"""


def totals(folder: Path) -> str:
    """Simulates the default study in a folder of its own.

    Returns:
        The totals as CSV.
    """
    study = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    study["census"] = str((STUDY.parent / study["census"]).resolve())
    simulated = simulation(folder, study).run()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    with simulated.connect() as connection:
        cursor = connection.execute(_TOTALS)
        writer.writerow(column[0] for column in cursor.description or [])
        writer.writerows(cursor.fetchall())
    return text.getvalue()


def differences(golden: str, now: str) -> list[str]:
    """What differs between two such files, one line a figure: `baseline 42 2026 hires: 812 -> 815`."""
    before, after = _figures(golden), _figures(now)
    return [
        f"{world} {figure}: {before.get((world, figure), 'none')} -> {after.get((world, figure), 'none')}"
        for world, figure in {**before, **after}
        if before.get((world, figure)) != after.get((world, figure))
    ]


def _figures(text: str) -> dict[tuple[str, str], str]:
    """Each figure by the names of its world and year, and its own."""
    rows = csv.DictReader(io.StringIO(text))
    return {
        (" ".join(row[name] for name in _KEY), figure): value
        for row in rows
        for figure, value in row.items()
        if figure not in _KEY
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what differs; with --rewrite makes the file what the study gives now."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description="Golden totals of the default study.")
    parser.add_argument("--rewrite", action="store_true", help="rewrite the file")
    rewrite = parser.parse_args(arguments).rewrite
    golden = GOLDEN.read_text(encoding="utf-8") if GOLDEN.exists() else ""
    with TemporaryDirectory() as folder:
        now = totals(Path(folder))
    changed = differences(golden, now)
    print("\n".join(changed) or "The golden totals are as they were.")
    if rewrite:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(now, encoding="utf-8")
    return int(bool(changed) and not rewrite)


if __name__ == "__main__":
    sys.exit(main())
