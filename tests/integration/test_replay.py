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
from tests.oracle.pay_oracle import rounded

__all__ = ["five_years"]

WORLDS = [(scenario, seed) for scenario in ("baseline", "restless", "loose") for seed in (7, 8)]
RAISES = ("cola", "merit_raise", "promotion")
RATE_CHANGES = ("enrollment", "deferral_change", "deferral_escalation", "opt_out")

#: What comes first when several things happen to one person on one day (docs/methodology.md, 6. Raises and pay).
SAME_DAY = (
    "hire", "cola", "merit_raise", "promotion", "eligibility", "opt_out", "enrollment", "deferral_change",
    "deferral_escalation", "termination", "forfeiture",
)  # fmt: skip

#: What may happen to one person twice in a year, told apart by its category.
TWICE = ("opt_out", "forfeiture")

World = tuple[str, int]


class State(NamedTuple):
    """What lasts of a person from one year to the next, as published."""

    birth_date: date
    hire_date: date
    termination_date: date | None
    level_id: int
    pay: Decimal
    eligibility_date: date | None
    enrollment: tuple[date | None, str | None]
    deferral_rate: Decimal


class Event(NamedTuple):
    """A row of fct_yearly_events, without its world and year."""

    event_id: uuid.UUID
    employee_id: str
    event_sequence: int
    event_type: str
    event_category: str
    effective_date: date
    pay_before: Decimal | None
    pay_after: Decimal | None
    level_before: int | None
    level_after: int | None
    rate_before: Decimal | None
    rate_after: Decimal | None
    event_details: str

    @property
    def kind(self) -> str:
        """The type, and what it is of where one person may have two in a year."""
        return f"{self.event_type}|{self.event_category}" if self.event_type in TWICE else self.event_type

    @property
    def name(self) -> str:
        """What the event is called in its id: declining escalation and the sources of money are told apart."""
        return self.kind if self.kind in ("opt_out|escalation", "forfeiture|match", "forfeiture|core") else self.event_type


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
    """The census as published states: who is enrolled became eligible that day, if nothing else is said."""
    states = {}
    for row in census_people():
        enrolled = date.fromisoformat(row["enrollment_date"]) if row["enrollment_date"] else None
        states[row["employee_id"]] = State(
            date.fromisoformat(row["birth_date"]),
            date.fromisoformat(row["hire_date"]),
            None,
            int(row["level_id"]),
            Decimal(row["annual_compensation"]).quantize(Decimal("0.01")),
            enrolled,
            (enrolled, row["enrollment_source"] if enrolled else None),
            Decimal(row["deferral_rate"] or 0).quantize(Decimal("0.000001")),
        )
    return states


@pytest.fixture(scope="module")
def published(five_years: Simulation) -> Published:
    snapshots: dict[World, dict[int, dict[str, State]]] = defaultdict(lambda: defaultdict(dict))
    for scenario, seed, year, who, enrolled, source, *state, rate in five_years.query(
        """
        select scenario_id, seed, simulation_year, employee_id, enrollment_date, enrollment_source, birth_date, hire_date,
            termination_date, level_id, annual_compensation, eligibility_date, deferral_rate
        from fct_workforce_snapshot
        """
    ):
        assert who not in snapshots[scenario, seed][year], f"{who} is twice in {year}"
        snapshots[scenario, seed][year][who] = State(*state, (enrolled, source), rate)  # type: ignore[call-arg]
    events: dict[World, dict[int, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for scenario, seed, year, *event in five_years.query(
        """
        select scenario_id, seed, simulation_year, event_id, employee_id, event_sequence, event_type, event_category,
            effective_date, compensation_before, compensation_after, level_before, level_after, deferral_rate_before,
            deferral_rate_after, event_details
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
        return State(born, event.effective_date, None, event.level_after, event.pay_after, None, (None, None), Decimal(0))
    assert state is not None, f"{event.employee_id} has a {event.event_type} and is not there"
    if event.event_type == "termination":
        state = state._replace(termination_date=event.effective_date)
    if event.event_type == "eligibility":
        assert state.eligibility_date is None, f"{event.employee_id} becomes eligible twice"
        state = state._replace(eligibility_date=event.effective_date)
    if event.event_type == "enrollment":
        state = state._replace(enrollment=(event.effective_date, event.event_category))
    if event.event_type in RATE_CHANGES:
        assert event.rate_after is not None
        state = state._replace(deferral_rate=event.rate_after)
    if event.event_type in RAISES:
        assert event.pay_after is not None
        state = state._replace(pay=event.pay_after)
    if event.event_type == "promotion":
        assert event.level_after is not None
        state = state._replace(level_id=event.level_after)
    return state


def undone(state: State, event: Event, joined_before: tuple[date | None, str | None]) -> State | None:
    """The state before an event; of an enrolment that was not the first, the one before it is what the log has."""
    if event.event_type == "hire":
        return None
    if event.event_type == "termination":
        state = state._replace(termination_date=None)
    if event.event_type == "eligibility":
        state = state._replace(eligibility_date=None)
    if event.event_type == "enrollment":
        state = state._replace(enrollment=joined_before)
    if event.event_type in RATE_CHANGES:
        assert event.rate_before is not None
        state = state._replace(deferral_rate=event.rate_before)
    if event.event_type in RAISES:
        assert event.pay_before is not None
        state = state._replace(pay=event.pay_before)
    if event.event_type == "promotion":
        assert event.level_before is not None
        state = state._replace(level_id=event.level_before)
    return state


def test_the_year_before_and_the_events_make_the_snapshot(published: Published) -> None:
    """Forward: whoever was active, with the year's events applied in event_sequence, is the snapshot, and nobody else."""
    for before, events, snapshot in published.transitions():
        states: dict[str, State | None] = dict(before)
        for event in events:
            states[event.employee_id] = applied(states.get(event.employee_id), event)
        assert states == snapshot


def test_the_snapshot_without_the_events_is_the_year_before(published: Published) -> None:
    """Backward: undoing the year's events from the last to the first leaves exactly who was active before, as they were."""
    joined_again = 0
    for world in WORLDS:
        before = census_states()
        joined = {who: state.enrollment for who, state in before.items()}
        for year in YEARS:
            events, snapshot = published.events[world][year], published.snapshots[world][year]
            states: dict[str, State | None] = dict(snapshot)
            for event in reversed(events):
                current = states[event.employee_id]
                assert current is not None
                states[event.employee_id] = undone(current, event, joined.get(event.employee_id, (None, None)))
            assert {who: state for who, state in states.items() if state is not None} == before
            for event in events:
                if event.event_type == "enrollment":
                    joined_again += joined.get(event.employee_id, (None, None)) != (None, None)
                    joined[event.employee_id] = (event.effective_date, event.event_category)
            before = {who: state for who, state in snapshot.items() if state.termination_date is None}
    assert joined_again > 50, "hardly anybody joined again: the rule was not tried"


def test_every_change_has_one_event_and_every_event_its_change(published: Published) -> None:
    """Each difference between two years is explained by its kind of event, once; no event is about nothing.

    But for one: a COLA or merit raise that was due and of which the pay cap left nothing is recorded with the pay it left.
    What the snapshot does not show is behind three: opting out before ever contributing, declining escalation, and leaving
    employer money behind.
    """
    differences: Counter[str] = Counter()
    cut_to_nothing = 0
    for before, events, snapshot in published.transitions():
        happened: dict[str, Counter[str]] = defaultdict(Counter)
        for event in events:
            happened[event.employee_id][event.kind] += 1
            if event.event_type in ("cola", "merit_raise") and event.pay_before == event.pay_after:
                assert event.pay_after is not None
                assert event.pay_after * 100 >= CAP_CENTS["loose"], event
                cut_to_nothing += 1
            if event.kind in ("opt_out|auto", "opt_out|escalation"):
                assert event.rate_before == event.rate_after, event
            elif event.event_type in RATE_CHANGES:
                assert event.rate_before != event.rate_after, event
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
            eligible, enrollment, rate = (
                (None, (None, None), 0) if was is None else (was.eligibility_date, was.enrollment, was.deferral_rate)
            )
            assert own["eligibility"] == (state.eligibility_date != eligible)
            assert own["enrollment"] == (state.enrollment != enrollment)
            assert state.deferral_rate == rate or any(own[kind] for kind in (*RATE_CHANGES, "opt_out|stop"))
            left_behind = own["forfeiture|match"] + own["forfeiture|core"]
            assert not left_behind or state.termination_date is not None
            differences.update(own)
    twice = {"opt_out|auto", "opt_out|escalation", "opt_out|stop", "forfeiture|match", "forfeiture|core"}
    assert set(differences) == {*SAME_DAY, *twice} - set(TWICE), differences
    assert 0 < cut_to_nothing < sum(differences.values()) / 20


def test_before_and_after_are_a_chain(published: Published) -> None:
    """Each event starts from what the one before left, and changes only what it is about: level, pay or deferral rate."""
    changing = {"level": ("promotion",), "pay": RAISES, "rate": RATE_CHANGES}
    for before, events, _ in published.transitions():
        states: dict[str, State | None] = dict(before)
        for event in events:
            state = states.get(event.employee_id)
            held = (None, None, None) if state is None else (state.level_id, state.pay, state.deferral_rate)
            found = (event.level_before, event.pay_before, event.rate_before)
            left = (event.level_after, event.pay_after, event.rate_after)
            states[event.employee_id] = applied(state, event)
            if event.event_type == "forfeiture":
                assert (found, left) == ((None, None, None), (None, None, None))
                continue
            assert found == held, event
            if event.event_type == "termination":
                assert left == (None, None, None)
            elif event.event_type == "hire":
                assert left[2] == 0
            else:
                for (subject, types), was, becomes in zip(changing.items(), found, left, strict=True):
                    assert was == becomes or event.event_type in types, (subject, event)


def test_event_sequence_counts_each_persons_year_without_gaps_in_the_order_of_days(published: Published) -> None:
    same_day = 0
    for _, events, _ in published.transitions():
        by_person: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_person[event.employee_id].append(event)
        for own in by_person.values():
            assert [event.event_sequence for event in own] == list(range(1, len(own) + 1))
            places = [(event.effective_date, SAME_DAY.index(event.event_type), event.event_category) for event in own]
            assert all(one < other for one, other in pairwise(places)), own
            same_day += len(own) - len({event.effective_date for event in own})
    assert same_day > 1000, "hardly anything happened on one day: the order was not tried"


def test_event_ids_are_unique_over_all_years_and_worlds_and_can_be_computed_anywhere(published: Published) -> None:
    """Version 5 of `scenario|seed|year|employee|name` in the namespace uuid5(NAMESPACE_URL, 'planwise:event')."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "planwise:event")
    ids = []
    for (scenario, seed), by_year in published.events.items():
        for year, events in by_year.items():
            for event in events:
                name = f"{scenario}|{seed}|{year}|{event.employee_id}|{event.name}"
                assert event.event_id == uuid.uuid5(namespace, name)
                ids.append(event.event_id)
    assert len(ids) > 25_000
    assert len(set(ids)) == len(ids)


def test_nobody_has_an_event_or_a_row_after_an_exit_in_any_year(published: Published) -> None:
    """Over all years: nothing follows an exit but its forfeitures, no later snapshot has them, and nobody comes back."""
    exits = forfeitures = 0
    for world in WORLDS:
        gone: dict[str, date] = {}
        for year in YEARS:
            assert not gone.keys() & published.snapshots[world][year].keys()
            for event in published.events[world][year]:
                if event.event_type == "forfeiture":
                    assert gone.get(event.employee_id) == event.effective_date, event
                    forfeitures += 1
                    continue
                assert event.employee_id not in gone, f"{world} {year}: {event} after the exit"
                if event.event_type == "termination":
                    gone[event.employee_id] = event.effective_date
        exits += len(gone)
    assert exits > 2_500
    assert forfeitures > 500


def test_closing_and_next_opening_are_the_same_people_with_the_same_values(five_years: Simulation) -> None:
    """Every column that the opening has, both ways; and the closing state is the active part of the snapshot.

    Pay of the year is next year's pay of the year before, and never imputed; an owner was one.
    """
    columns = [name for name, *_ in five_years.query("describe int_opening_workforce")]
    columns = [name for name in columns if name not in ("world_id", "simulation_year")]
    now = {"prior_paid_cents": "paid_compensation_cents", "prior_pay_imputed": "false", "was_owner_5pct": "owner_5pct"}
    assert set(now) < set(columns)
    opening = f"""
        select simulation_year - 1 as simulation_year, scenario_id, seed, {", ".join(columns)}
        from int_opening_workforce inner join stg_worlds using (world_id, simulation_year)
        where simulation_year > {YEARS[0]}
    """
    closing = f"""
        select simulation_year, scenario_id, seed, {", ".join(now.get(name, name) for name in columns)}
        from workforce_state where simulation_year < {YEARS[-1]}
    """
    for one, other in ((opening, closing), (closing, opening)):
        assert five_years.query(f"{one} except all {other}") == []
    ((people,),) = five_years.query(f"select count(*) from ({closing})")
    assert people > 10_000
    snapshot = """
        select simulation_year, scenario_id, seed, employee_id, birth_date, hire_date, level_id,
            cast(annual_compensation * 100 as bigint), eligibility_date, enrollment_date, enrollment_source,
            cast(deferral_rate * 1000000 as bigint), cast(cumulative_match * 100 as bigint),
            cast(cumulative_core * 100 as bigint)
        from fct_workforce_snapshot where employment_status = 'active'
    """
    state = """
        select simulation_year, scenario_id, seed, employee_id, birth_date, hire_date, level_id, annual_compensation_cents,
            eligibility_date, enrollment_date, enrollment_source, deferral_rate_millionths, cumulative_match_cents,
            cumulative_core_cents
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
                if event.event_type in ("hire", *RAISES):
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


def test_deferral_segments_are_those_of_the_events(five_years: Simulation, published: Published) -> None:
    """Whoever is eligible has segments from entry or 1 January to the exit or 31 December, each opened by its event."""
    rows = five_years.query(
        """
        select scenario_id, seed, simulation_year, employee_id, opened_by, segment_start, segment_end, rate_millionths
        from plan_enrollments inner join stg_worlds using (world_id, simulation_year)
        order by world_id, simulation_year, employee_id, segment_number
        """
    )
    segments: dict[tuple[World, int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for scenario, seed, year, who, opened_by, start, end, rate in rows:
        segments[(scenario, seed), year, who].append((opened_by, start, end, Decimal(rate) / 1_000_000))
    compared = 0
    for world in WORLDS:
        before = census_states()
        for year in YEARS:
            opened = {
                who: [("opening", date(year, 1, 1), state.deferral_rate)]
                for who, state in before.items()
                if state.eligibility_date is not None
            }
            for event in published.events[world][year]:
                if event.event_type in ("eligibility", *RATE_CHANGES):
                    assert event.rate_after is not None
                    opened.setdefault(event.employee_id, []).append(
                        (event.event_type, event.effective_date, event.rate_after)
                    )
            snapshot = published.snapshots[world][year]
            for who, openings in opened.items():
                own = segments.pop((world, year, who))
                assert [(kind, start, rate) for kind, start, _, rate in own] == openings
                last_day = (snapshot[who].termination_date or date(year, 12, 31)).toordinal()
                assert [end.toordinal() for _, _, end, _ in own] == [
                    *(start.toordinal() - 1 for _, start, _, _ in own[1:]), last_day,
                ]  # fmt: skip
                compared += len(own)
            before = {who: state for who, state in snapshot.items() if state.termination_date is None}
    assert not segments, "somebody who is not eligible has a deferral segment"
    assert compared > 15_000
