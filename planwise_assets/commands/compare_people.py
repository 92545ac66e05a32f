"""How `planwise compare --people` tells who differs: who gains and loses in groups and one by one, and which events differ.

Belongs here: tables and JSON about people. Does not: what differs (results/comparison.py, results/winners.py), arguments
(compare.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from planwise_assets.commands.shared.console import Form, is_terminal, print_in_form, print_table, say
from planwise_assets.commands.shared.options import Results
from planwise_assets.results.comparison import PeopleDifferences, PersonDifference, people_differences
from planwise_assets.results.winners import CUTS, GroupGain, PersonGain, group_gains, person_gains

PERSON = "person"
#: Persons shown at either end where people are told in full.
_FEW = 5

_REASONS = {
    "earlier events": "an event of an earlier year differs",
    "terms": "same events, other terms of the plan",
}
_GROUP_HEADS = ("people", "gain", "lose", "mean gain", "mean of losers", "total a future")
_PERSON_HEADS = ("employee", "futures", "gains", "loses", "mean gain", "least", "most")


@dataclass(frozen=True)
class People:
    """Everybody who differs, and who gains: in groups by cut, and one by one."""

    differences: PeopleDifferences
    groups: dict[str, list[GroupGain]]
    persons: list[PersonGain]

    def as_json(self, limit: int) -> dict[str, Any]:
        """As a program reads it; of the persons `limit` from either end."""
        found = self.differences
        return {
            "compared": found.compared,
            "differing": found.total,
            "reasons": dict(found.reasons),
            "exits_of_one_scenario_only": found.exits,
            "groups": {cut: [group.as_json() for group in groups] for cut, groups in self.groups.items()},
            "persons": [person.as_json() for person in _both_ends(self.persons, limit)],
            "listed": [
                {
                    "employee_id": person.employee_id,
                    "seed": person.seed,
                    "simulation_year": person.year,
                    "reason": person.reason,
                    "since": person.since,
                    "only_a": list(person.only_a),
                    "only_b": list(person.only_b),
                    "changed": {column: {"a": first, "b": second} for column, (first, second) in person.changed.items()},
                }
                for person in found.people
            ],
        }


def read_people(
    there: Results, a: str, b: str, *, by: str | None, seeds: Sequence[int], years: Sequence[int], limit: int
) -> People:
    """Who differs between two scenarios, and who gains.

    Args:
        there: The published results.
        a: Name of the scenario to compare with.
        b: Name of the other.
        by: A group of the study that people are cut by too, or one of CUTS, by which they are anyway.
        seeds: Futures to look at.
        years: Years to look at; gains (dollars) are added up over them.
        limit: Person-years that are listed, the largest differences first.
    """
    connection = there.connection
    cuts = [*CUTS, by] if by and by not in (*CUTS, PERSON) else list(CUTS)
    return People(
        people_differences(connection, a, b, seeds=seeds, years=years, limit=limit),
        {cut: group_gains(connection, a, b, [cut], seeds=seeds, years=years) for cut in cuts},
        person_gains(connection, a, b, seeds=seeds, years=years),
    )


def print_gains(
    there: Results, a: str, b: str, by: str, form: Form, *, seeds: Sequence[int], years: Sequence[int], limit: int
) -> None:
    """Prints the one table of gains that was asked for: a group a row, or a person.

    Args:
        there: The published results.
        a: Name of the scenario to compare with.
        b: Name of the other.
        by: One of CUTS, a group of the study, or PERSON.
        form: `table` at a terminal is rounded to be read; all others are exact.
        seeds: Futures to look at.
        years: Years over which gains (dollars) are added up.
        limit: By person, so many of those who gain most and so many of those who lose most.
    """
    exact = form is not Form.TABLE or not is_terminal()
    if by == PERSON:
        heads = list(_PERSON_HEADS)
        persons = person_gains(there.connection, a, b, seeds=seeds, years=years)
        rows = [_person_row(person, exact=exact) for person in _both_ends(persons, limit)]
    else:
        heads, rows = _group_table(group_gains(there.connection, a, b, [by], seeds=seeds, years=years), by, exact=exact)
    print_in_form(form, "Winners and losers: match and core less forfeited, all years", heads, rows)


def print_people(people: People, a: str, b: str, form: Form, limit: int) -> None:
    """Prints everything about people: at a terminal groups, persons and events; in a pipe a row a person-year.

    Args:
        people: Who differs, and who gains.
        a: Name of the scenario that is compared with.
        b: Name of the other.
        form: Any other than `table` has a row a person-year at a terminal too.
        limit: At a terminal, persons at either end; no more than a few.
    """
    found = people.differences
    if form is not Form.TABLE or not is_terminal():
        rows = (
            [person.employee_id, str(person.seed), str(person.year), _reason(person), *_texts(person, "; ")]
            for person in found.people
        )
        heads = ["employee", "seed", "year", "reason", f"only_{a}", f"only_{b}", "changed"]
        print_in_form(form, "", heads, rows, left=7)
        return
    say(f"\n{found.total:,} of {found.compared:,} person-years differ.")
    if not found.total:
        return
    futures = max((person.futures for person in people.persons), default=0)
    for cut, groups in people.groups.items():
        print_table("Winners and losers: match and core less forfeited, all years", *_group_table(groups, cut, exact=False))
    extremes = [_person_row(person, exact=False) for person in _both_ends(people.persons, min(limit, _FEW))]
    print_table(f"Who gains most, and who loses most, over {futures} futures", _PERSON_HEADS, extremes)
    reasons = ([_REASONS.get(reason, f"{reason} differs"), f"{count:,}"] for reason, count in found.reasons.items())
    print_table("Why", ["reason", "person-years"], reasons)
    if found.exits:
        say(
            f"{found.exits:,} leave in one scenario and stay in the other. Where exits are solved to a total, who "
            "leaves last depends on everybody else: no setting needs to have acted on these people themselves."
        )
    say(f"\nThe {len(found.people)} largest differences of employer money, then of pay:")
    for person in found.people:
        first, second, changed = _texts(person, "\n        ")
        say(f"\n{person.employee_id}, seed {person.seed}, {person.year}: {_reason(person)}")
        for title, text in ((f"only {a}", first), (f"only {b}", second), ("changed", changed)):
            if text != "-":
                say(f"    {title}\n        {text}")


def _reason(person: PersonDifference) -> str:
    reason = _REASONS.get(person.reason, f"{person.reason} differs")
    return reason if person.since in (None, person.year) else f"{reason} ({person.since})"


def _texts(person: PersonDifference, separator: str) -> list[str]:
    first, second = person.changed.get("employment_status", ("", ""))
    changed = (
        "employed in one only"
        if first is None or second is None
        else separator.join(f"{column}: {_plain(old)} -> {_plain(new)}" for column, (old, new) in person.changed.items())
    )
    return [separator.join(person.only_a) or "-", separator.join(person.only_b) or "-", changed or "-"]


def _plain(value: Any) -> str:
    return "-" if value is None else f"{value:,}" if not isinstance(value, str) else value


def _both_ends(persons: Sequence[PersonGain], limit: int) -> list[PersonGain]:
    """The first `limit` who gain and the last `limit` who lose; who has the same in every future is in neither."""
    gaining = [person for person in persons if person.mean > 0][:limit]
    losing = [person for person in persons if person.mean < 0]
    return [*gaining, *losing[max(len(losing) - limit, 0) :]]


def _group_table(groups: Sequence[GroupGain], cut: str, *, exact: bool) -> tuple[list[str], list[list[str]]]:
    rows = [
        [
            *group.bands,
            f"{group.people:.1f}" if exact else f"{group.people:,.0f}",
            _share(group.gains, exact=exact),
            _share(group.loses, exact=exact),
            _dollars(group.mean, exact=exact),
            "-" if group.mean_loss is None else _dollars(group.mean_loss, exact=exact),
            _dollars(group.total, exact=exact),
        ]
        for group in groups
    ]
    return [CUTS[cut][0] if cut in CUTS else cut, *_GROUP_HEADS], rows


def _person_row(person: PersonGain, *, exact: bool) -> list[str]:
    amounts = (person.mean, person.lowest, person.highest)
    shares = (person.gains, person.loses)
    return [
        person.employee_id,
        str(person.futures),
        *(_share(share, exact=exact) for share in shares),
        *(_dollars(amount, exact=exact) for amount in amounts),
    ]


def _share(share: float, *, exact: bool) -> str:
    return f"{share:.6g}" if exact else f"{share:.0%}"


def _dollars(amount: Decimal, *, exact: bool) -> str:
    return f"{amount:.2f}" if exact else f"{amount:+,.0f}"
