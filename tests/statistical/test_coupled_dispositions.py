"""Nobody declines what they would have done unasked, and every share is still the one that was set.

Expected is what docs/methodology.md says under "One disposition, whatever the plan asks". Contradictions are counted over
pairs of scenarios with the same people and luck: there is none. Shares are binomial around the settings; stopping, raising
and lowering are commoner than shipped, so that contradictions would be.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from tests.harness import SAMPLE_CENSUS, Simulation, simulation
from tests.statistical.inference import assert_binomial

pytestmark = pytest.mark.statistical

SEEDS, FIRST, LAST = 3, 2025, 2027
UP, DOWN, STOP, DECLINE, LATER = 0.3, 0.15, 0.1, 0.2, 0.08
#: Of two different days, uniform over a year of 365, the share of years in which the one is before the other.
BEFORE = (1 - 1 / 365) / 2

_EVERYONE = {"scope": "all_eligible"}
_CHANGES = {"up_share": UP, "down_share": DOWN, "stop_share": STOP}
_AUTOMATIC = {
    "nobody": {"enabled": False},
    "hires": {},
    "everyone": _EVERYONE,
    "everyone_later": _EVERYONE | {"enabled": {FIRST: False, LAST: True}},
}


@pytest.fixture(scope="module")
def futures(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    study = {
        "study": "dispositions",
        "census": str(SAMPLE_CENSUS),
        "years": {"start": FIRST, "end": LAST},
        "seeds": {"count": SEEDS, "first": 1},
        "scenarios": {
            name: {"plan": {"auto_enrollment": automatic, "changes": _CHANGES, "escalation": {"opt_out": DECLINE}}}
            for name, automatic in _AUTOMATIC.items()
        },
    }
    return simulation(tmp_path_factory.mktemp("dispositions"), study).run(tested=False)


@pytest.mark.parametrize("more", ["hires", "everyone", "everyone_later"])
@pytest.mark.parametrize("fewer", ["nobody", "hires"])
def test_nobody_declines_or_stops_in_the_year_in_which_they_would_join_unasked(
    futures: Simulation, fewer: str, more: str
) -> None:
    joined, contradictions = futures.query(
        """
        with answers as (
            select
                seed, employee_id, simulation_year, scenario_id,
                bool_or(event_category in ('voluntary', 'later')) as joins,
                bool_or(event_type = 'opt_out') as declines
            from fct_yearly_events
            where event_type in ('enrollment', 'opt_out') and event_category <> 'escalation'
            group by all
        )

        select count(*), count(*) filter (there.declines)
        from answers as here
        left join answers as there
            on
                here.seed = there.seed and here.employee_id = there.employee_id
                and here.simulation_year = there.simulation_year and there.scenario_id = $more
        where here.scenario_id = $fewer and here.joins and not here.declines
        """,
        {"fewer": fewer, "more": more},
    )[0]
    assert joined > 200
    assert contradictions == 0


def last_answers_of_those_with_less_match(futures: Simulation, before: str, after: str) -> list[tuple[str]]:
    """Of whoever has less match in a year of `after`: what they last answered there, a row a person, seed and year."""
    return futures.query(
        """
        select list(event_type || ' ' || event_category order by event.effective_date desc)[1]
        from fct_workforce_snapshot as a
        inner join fct_workforce_snapshot as b using (seed, employee_id, simulation_year)
        inner join fct_yearly_events as event
            on
                a.seed = event.seed and a.employee_id = event.employee_id and event.scenario_id = b.scenario_id
                and event.simulation_year <= a.simulation_year
        where
            a.scenario_id = $before and b.scenario_id = $after and b.employer_match < a.employer_match
            and event_type in ('enrollment', 'opt_out') and event_category <> 'escalation'
        group by a.seed, a.employee_id, a.simulation_year
        """,
        {"before": before, "after": after},
    )


@pytest.mark.parametrize(("before", "after"), [("hires", "everyone"), ("nobody", "hires")])
def test_nobody_with_less_match_is_out_by_declining_automatic_enrolment(
    futures: Simulation, before: str, after: str
) -> None:
    """Less match there is: who takes the default in place of a higher rate of their own. But nobody who declined."""
    answers = last_answers_of_those_with_less_match(futures, before, after)
    assert answers
    assert ("opt_out auto",) not in answers


def test_the_sample_study_has_no_false_loser_over_20_seeds(tmp_path: Path) -> None:
    """auto_for_all against baseline, as they are shipped, in 20 futures of five years."""
    study = yaml.safe_load((PROJECT_ROOT / "studies" / "default.yaml").read_text(encoding="utf-8"))
    scenarios = {name: study["scenarios"][name] for name in ("baseline", "auto_for_all")}
    changes = {"census": str(SAMPLE_CENSUS), "seeds": {"count": 20, "first": 1}, "scenarios": scenarios}
    run = simulation(tmp_path, study | changes).run(tested=False)
    answers = last_answers_of_those_with_less_match(run, "baseline", "auto_for_all")
    assert answers
    assert ("opt_out auto",) not in answers


#: Raising and lowering are seen only if no stop comes before; a stop and a raise exclude each other for who would join.
_SEEN = {
    "raise": UP - (1 - BEFORE) * (UP - LATER) * STOP / (1 - LATER),
    "lower": DOWN - (1 - BEFORE) * DOWN * STOP / (1 - LATER),
    "stop": STOP,
}


@pytest.mark.parametrize("change", sorted(_SEEN))
def test_shares_who_change_are_those_of_the_settings(futures: Simulation, change: str) -> None:
    """Of those who contribute more than one step on 1 January, are not escalated and are there all year."""
    people, changed = futures.query(
        """
        select count(*), count(change.employee_id)
        from int_opening_workforce as person
        inner join stg_worlds as world using (world_id, simulation_year)
        anti join int_termination_events as leaver using (world_id, simulation_year, identity_key)
        left join int_deferral_changes as change
            on
                person.world_id = change.world_id and person.simulation_year = change.simulation_year
                and person.identity_key = change.identity_key and change.event_category = $change
        where
            scenario_id = 'nobody' and person.simulation_year < $last
            and deferral_rate_millionths between 20001 and 900000 and not escalates and not plan_excluded
        """,
        {"change": change, "last": LAST},
    )[0]
    assert people > 10_000
    assert_binomial(changed, people, _SEEN[change], change)


def test_the_share_who_decline_escalation_is_that_of_the_settings(futures: Simulation) -> None:
    people, declined = futures.query(
        """
        select count(*), count(*) filter (event_type = 'opt_out')
        from fct_yearly_events where scenario_id = 'everyone' and event_category = 'escalation'
        """
    )[0]
    assert people > 5_000
    assert_binomial(declined, people, DECLINE)
