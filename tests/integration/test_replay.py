"""Replay and conservation: the published tables tell one story, forward, backward, and from year to year.

Nothing here is told by the product's own tests. The expected state is worked out in Python from what was published for the
year before (the census, for the first) and the year's events; every world and year of `five_years` is looked at: growth and
reduction, exact and drawn exits, a pay cap, a leap year.
"""

from __future__ import annotations

import calendar
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from tests.harness import Simulation
from tests.integration.five_years import CAP_CENTS, YEARS, census_people, five_years
from tests.oracle.pay_oracle import SAME_DAY, rounded

__all__ = ["five_years"]

WORLDS = [(scenario, seed) for scenario in ("baseline", "restless", "loose") for seed in (7, 8)]
RAISES = ("cola", "merit_raise", "promotion")

World = tuple[str, int]


class State(NamedTuple):
    """What lasts of a person from one year to the next, as published."""

    birth_date: date
    hire_date: date
    termination_date: date | None
    level_id: int
    pay: Decimal


class Event(NamedTuple):
    """A row of fct_yearly_events, without its world and year."""

    event_id: uuid.UUID
    employee_id: str
    event_sequence: int
    event_type: str
    effective_date: date
    pay_before: Decimal | None
    pay_after: Decimal | None
    level_before: int | None
    level_after: int | None
    event_details: str


class Published(NamedTuple):
    """Everything published about states and events: by world, by year."""

    snapshots: dict[World, dict[int, dict[str, State]]]
    events: dict[World, dict[int, list[Event]]]

    def transitions(self) -> Iterator[tuple[dict[str, State], list[Event], dict[str, State]]]:
        """Who was active before, what happened in their order, and the snapshot: for every world and year."""
        for world in WORLDS:
            active = census_states()
            for year in YEARS:
                snapshot = self.snapshots[world][year]
                yield active, self.events[world][year], snapshot
                active = {who: state for who, state in snapshot.items() if state.termination_date is None}


def census_states() -> dict[str, State]:
    return {
        row["employee_id"]: State(
            date.fromisoformat(row["birth_date"]),
            date.fromisoformat(row["hire_date"]),
            None,
            int(row["level_id"]),
            Decimal(row["annual_compensation"]).quantize(Decimal("0.01")),
        )
        for row in census_people()
    }


@pytest.fixture(scope="module")
def published(five_years: Simulation) -> Published:
    snapshots: dict[World, dict[int, dict[str, State]]] = defaultdict(lambda: defaultdict(dict))
    for scenario, seed, year, who, *state in five_years.query(
        """
        select scenario_id, seed, simulation_year, employee_id, birth_date, hire_date, termination_date, level_id,
            annual_compensation
        from fct_workforce_snapshot
        """
    ):
        assert who not in snapshots[scenario, seed][year], f"{who} is twice in {year}"
        snapshots[scenario, seed][year][who] = State(*state)
    events: dict[World, dict[int, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for scenario, seed, year, *event in five_years.query(
        """
        select scenario_id, seed, simulation_year, event_id, employee_id, event_sequence, event_type, effective_date,
            compensation_before, compensation_after, level_before, level_after, event_details
        from fct_yearly_events order by scenario_id, seed, simulation_year, employee_id, event_sequence
        """
    ):
        events[scenario, seed][year].append(Event(*event))
    return Published(snapshots, events)


def applied(state: State | None, event: Event) -> State:
    """The state after an event: each type changes what it is about, and nothing else."""
    if event.event_type == "hire":
        assert state is None, f"{event.employee_id} is hired and already there"
        assert event.level_after is not None
        assert event.pay_after is not None
        born = date.fromisoformat(json.loads(event.event_details)["birth_date"])
        return State(born, event.effective_date, None, event.level_after, event.pay_after)
    assert state is not None, f"{event.employee_id} has a {event.event_type} and is not there"
    if event.event_type == "termination":
        return state._replace(termination_date=event.effective_date)
    assert event.pay_after is not None
    state = state._replace(pay=event.pay_after)
    if event.event_type != "promotion":
        return state
    assert event.level_after is not None
    return state._replace(level_id=event.level_after)


def undone(state: State, event: Event) -> State | None:
    """The state before an event."""
    if event.event_type == "hire":
        return None
    if event.event_type == "termination":
        return state._replace(termination_date=None)
    assert event.pay_before is not None
    state = state._replace(pay=event.pay_before)
    if event.event_type != "promotion":
        return state
    assert event.level_before is not None
    return state._replace(level_id=event.level_before)


def test_the_year_before_and_the_events_make_the_snapshot(published: Published) -> None:
    """Forward: whoever was active, with the year's events applied in event_sequence, is the snapshot, and nobody else."""
    for before, events, snapshot in published.transitions():
        states: dict[str, State | None] = dict(before)
        for event in events:
            states[event.employee_id] = applied(states.get(event.employee_id), event)
        assert states == snapshot


def test_the_snapshot_without_the_events_is_the_year_before(published: Published) -> None:
    """Backward: undoing the year's events from the last to the first leaves exactly who was active before, as they were."""
    for before, events, snapshot in published.transitions():
        states: dict[str, State | None] = dict(snapshot)
        for event in reversed(events):
            current = states[event.employee_id]
            assert current is not None
            states[event.employee_id] = undone(current, event)
        assert {who: state for who, state in states.items() if state is not None} == before


def test_every_change_has_one_event_and_every_event_its_change(published: Published) -> None:
    """Each difference between two years is explained by its kind of event, once; no event is about nothing.

    But for one: a COLA or merit raise that was due and of which the pay cap left nothing is recorded with the pay it left.
    """
    differences: Counter[str] = Counter()
    cut_to_nothing = 0
    for before, events, snapshot in published.transitions():
        happened: dict[str, Counter[str]] = defaultdict(Counter)
        for event in events:
            happened[event.employee_id][event.event_type] += 1
            if (event.level_before, event.pay_before) == (event.level_after, event.pay_after):
                assert event.event_type in ("cola", "merit_raise")
                assert event.pay_after is not None
                assert event.pay_after * 100 >= CAP_CENTS["loose"], event
                cut_to_nothing += 1
        assert set(before) <= set(snapshot), "somebody is gone without a row"
        for who, state in snapshot.items():
            was, own = before.get(who), happened[who]
            assert max(own.values(), default=0) <= 1, f"{who}: {own}"
            assert own["hire"] == (was is None)
            assert own["termination"] == (state.termination_date is not None)
            if was is not None:
                assert own["promotion"] == (state.level_id != was.level_id)
                assert state.pay == was.pay or any(own[kind] for kind in RAISES)
                assert (state.birth_date, state.hire_date) == (was.birth_date, was.hire_date)
            differences.update(own)
    assert set(differences) == set(SAME_DAY), differences
    assert 0 < cut_to_nothing < sum(differences.values()) / 20


def test_before_and_after_are_a_chain(published: Published) -> None:
    """Each event starts from what the one before left; a COLA or merit raise leaves the level alone."""
    for before, events, _ in published.transitions():
        states: dict[str, State | None] = dict(before)
        for event in events:
            state = states.get(event.employee_id)
            held = (None, None) if state is None else (state.level_id, state.pay)
            assert (event.level_before, event.pay_before) == held, event
            states[event.employee_id] = applied(state, event)
            if event.event_type == "termination":
                assert (event.level_after, event.pay_after) == (None, None)
            elif event.event_type in ("cola", "merit_raise"):
                assert event.level_after == event.level_before


def test_event_sequence_counts_each_persons_year_without_gaps_in_the_order_of_days(published: Published) -> None:
    same_day = 0
    for _, events, _ in published.transitions():
        by_person: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_person[event.employee_id].append(event)
        for own in by_person.values():
            assert [event.event_sequence for event in own] == list(range(1, len(own) + 1))
            places = [(event.effective_date, SAME_DAY.index(event.event_type)) for event in own]
            assert all(one < other for one, other in pairwise(places)), own
            same_day += len(own) - len({event.effective_date for event in own})
    assert same_day > 1000, "hardly anything happened on one day: the order was not tried"


def test_event_ids_are_unique_over_all_years_and_worlds_and_can_be_computed_anywhere(published: Published) -> None:
    """Version 5 of `scenario|seed|year|employee|type` in the namespace uuid5(NAMESPACE_URL, 'planwise:event')."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "planwise:event")
    ids = []
    for (scenario, seed), by_year in published.events.items():
        for year, events in by_year.items():
            for event in events:
                name = f"{scenario}|{seed}|{year}|{event.employee_id}|{event.event_type}"
                assert event.event_id == uuid.uuid5(namespace, name)
                ids.append(event.event_id)
    assert len(ids) > 25_000
    assert len(set(ids)) == len(ids)


def test_nobody_has_an_event_or_a_row_after_an_exit_in_any_year(published: Published) -> None:
    """Over all years: the exit is a person's last event ever, no later snapshot has them, and nobody comes back."""
    exits = 0
    for world in WORLDS:
        gone: dict[str, tuple[int, int]] = {}
        for year in YEARS:
            assert not gone.keys() & published.snapshots[world][year].keys()
            for event in published.events[world][year]:
                assert event.employee_id not in gone, f"{world} {year}: {event} after the exit {gone}"
                if event.event_type == "termination":
                    gone[event.employee_id] = (year, event.event_sequence)
        exits += len(gone)
    assert exits > 2_500


def test_closing_and_next_opening_are_the_same_people_with_the_same_values(five_years: Simulation) -> None:
    """Every column that the opening has, both ways; and the closing state is the active part of the snapshot."""
    columns = """scenario_id, seed, employee_id, identity_key, birth_date, hire_date, service_date, level_id,
        annual_compensation_cents, scheduled_hours_per_week"""
    opening = f"""
        select simulation_year - 1 as simulation_year, {columns}
        from int_opening_workforce inner join stg_worlds using (world_id, simulation_year)
        where simulation_year > {YEARS[0]}
    """
    closing = f"select simulation_year, {columns} from workforce_state where simulation_year < {YEARS[-1]}"
    own = {name for name, *_ in five_years.query("describe int_opening_workforce")} - {"world_id", "simulation_year"}
    assert own <= {name.strip() for name in columns.split(",")}, "the opening has a column that is not compared"
    for one, other in ((opening, closing), (closing, opening)):
        assert five_years.query(f"{one} except all {other}") == []
    ((people,),) = five_years.query(f"select count(*) from ({closing})")
    assert people > 10_000
    snapshot = """
        select simulation_year, scenario_id, seed, employee_id, birth_date, hire_date, level_id,
            cast(annual_compensation * 100 as bigint)
        from fct_workforce_snapshot where employment_status = 'active'
    """
    state = """
        select simulation_year, scenario_id, seed, employee_id, birth_date, hire_date, level_id, annual_compensation_cents
        from workforce_state
    """
    for one, other in ((snapshot, state), (state, snapshot)):
        assert five_years.query(f"{one} except all {other}") == []


def test_headcount_is_conserved_at_every_level(published: Published) -> None:
    """Before + hires + promotions in - promotions out - exits = closing, at each level, from the events alone."""
    for before, events, snapshot in published.transitions():
        heads = Counter(state.level_id for state in before.values())
        for event in events:
            if event.event_type in ("hire", "promotion"):
                heads[event.level_after] += 1  # type: ignore[index]
            if event.event_type in ("promotion", "termination"):
                heads[event.level_before] -= 1  # type: ignore[index]
        closing = Counter(state.level_id for state in snapshot.values() if state.termination_date is None)
        assert +heads == closing
        assert min(heads.values()) >= 0


def test_amounts_of_the_year_are_those_of_the_segments_and_segments_are_those_of_the_events(
    five_years: Simulation, published: Published
) -> None:
    """Each segment opens with an event (or the year), runs to the next one, and pays rate x days / days of the year."""
    rows = five_years.query(
        """
        select scenario_id, seed, simulation_year, employee_id, segment_start, segment_end, rate_cents, paid_cents, opened_by
        from compensation_changes inner join stg_worlds using (world_id, simulation_year)
        order by world_id, simulation_year, employee_id, segment_number
        """
    )
    segments: dict[tuple[World, int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for scenario, seed, year, who, *segment in rows:
        segments[(scenario, seed), year, who].append(tuple(segment))
    paid = {
        ((scenario, seed), year, who): cents
        for scenario, seed, year, who, cents in five_years.query(
            """
            select scenario_id, seed, simulation_year, employee_id, cast(paid_compensation * 100 as bigint)
            from fct_workforce_snapshot
            """
        )
    }
    assert segments.keys() == paid.keys()
    before_all = {who: state.pay for who, state in census_states().items()}
    for world in WORLDS:
        before = before_all
        for year in YEARS:
            days_in_year = 366 if calendar.isleap(year) else 365
            opened: dict[str, list[tuple[Any, ...]]] = {
                who: [("opening", date(year, 1, 1), pay)] for who, pay in before.items()
            }
            for event in published.events[world][year]:
                if event.event_type != "termination":
                    opened.setdefault(event.employee_id, []).append(
                        (event.event_type, event.effective_date, event.pay_after)
                    )
            snapshot = published.snapshots[world][year]
            for who, openings in opened.items():
                own = segments[world, year, who]
                assert [(kind, start, Decimal(rate) / 100) for start, _, rate, _, kind in own] == openings
                last_day = (snapshot[who].termination_date or date(year, 12, 31)).toordinal()
                ends = [start.toordinal() - 1 for start, *_ in own[1:]] + [last_day]
                assert [end.toordinal() for _, end, *_ in own] == ends
                amounts = [
                    rounded(Fraction(rate * (end.toordinal() - start.toordinal() + 1), days_in_year))
                    for start, end, rate, *_ in own
                ]
                assert [cents for *_, cents, _ in own] == amounts
                assert paid[world, year, who] == sum(amounts)
            assert opened.keys() == snapshot.keys()
            before = {who: state.pay for who, state in snapshot.items() if state.termination_date is None}
