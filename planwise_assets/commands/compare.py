"""`planwise compare A B`: what one scenario has more than another, by year; and person by person.

Belongs here: arguments and tables. Does not: what differs (results/comparison.py).
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from planwise_assets.commands.shared.console import is_terminal, print_json, print_table, say
from planwise_assets.commands.shared.cuts import ByOption, chosen_group, print_cut_differences
from planwise_assets.commands.shared.options import (
    JsonOption,
    Results,
    StrictOption,
    YearsOption,
    chosen_years,
    one_of,
    open_study,
    published,
)
from planwise_assets.results.comparison import (
    FactDifference,
    PeopleDifferences,
    PersonDifference,
    differing_settings,
    fact_differences,
    people_differences,
)
from planwise_assets.results.groups import cut_measures
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.provenance import Published
from planwise_assets.results.reading import read_measures
from planwise_assets.results.wording import differing_words

_REASONS = {
    "earlier events": "an event of an earlier year differs",
    "terms": "same events, other terms of the plan",
}


def compare(
    a: Annotated[str, typer.Argument(help="The scenario to compare with, e.g. baseline.", metavar="A")],
    b: Annotated[str, typer.Argument(help="The other scenario.", metavar="B")],
    *,
    years: YearsOption = None,
    people: Annotated[bool, typer.Option("--people", help="Person by person, with the events that differ.")] = False,
    seed: Annotated[int | None, typer.Option(help="With --people: this seed only.")] = None,
    limit: Annotated[int, typer.Option(help="With --people: person-years listed, largest first.", min=0)] = 20,
    by: ByOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Shows what scenario B has more than scenario A, by year.

    Differences are taken seed by seed: both scenarios have the same luck, so the error of a difference is smaller than that
    of either scenario.

    Try:

        planwise compare baseline richer_match

        planwise compare baseline faster_growth --people --years 2025

        planwise compare baseline richer_match --json | jq '.facts[] | select(.measure == "net_cost")'
    """
    settings, study = open_study()
    with published(settings, study, strict=strict) as there:
        made = there.made
        for name in (a, b):
            one_of("published scenario", name, made.scenarios)
        chosen = chosen_years(years, min(made.years), max(made.years))
        if by is not None:
            _compare_cut(there, by, a, b, chosen, as_json=as_json)
            return
        facts = fact_differences(read_measures(there.connection), a, b, chosen)
        seeds = sorted(made.seeds)
        if seed is not None:
            seeds = [int(one_of("seed", str(seed), map(str, seeds)))]
        found = people_differences(there.connection, a, b, seeds=seeds, years=chosen, limit=limit) if people else None
        if as_json:
            print_json(_as_json(there, a, b, facts, found))
            return
        if not people or is_terminal():
            _print_settings(made, a, b)
            _print_facts(facts, a, b)
        if found:
            _print_people(found, a, b)


def _compare_cut(there: Results, by: str, a: str, b: str, years: list[int], *, as_json: bool) -> None:
    """Prints what differs for each value of a group."""
    group = chosen_group(there.connection, by)
    cut = cut_measures(there.connection, group)
    found = {value: fact_differences(values, a, b, years) for value, values in cut.items()}
    if as_json:
        facts = [{"group": group, "value": value, **fact.as_json()} for value, listed in found.items() for fact in listed]
        print_json({**there.as_json(), "a": a, "b": b, "facts": facts})
    else:
        print_cut_differences(group, found, a, b)


def _as_json(there: Results, a: str, b: str, facts: list[FactDifference], found: PeopleDifferences | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        **there.as_json(),
        "a": a,
        "b": b,
        "settings_in_words": [{"what": what, "a": one, "b": two} for what, one, two in differing_words(there.made, a, b)],
        "settings": [{"key": key, "a": first, "b": second} for key, first, second in differing_settings(there.made, a, b)],
        "facts": [fact.as_json() for fact in facts],
    }
    if found:
        value["people"] = {
            "compared": found.compared,
            "differing": found.total,
            "reasons": dict(found.reasons),
            "exits_of_one_scenario_only": found.exits,
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
    return value


def _print_settings(made: Published, a: str, b: str) -> None:
    if not is_terminal():
        return
    rows = differing_words(made, a, b)
    if rows:
        print_table("What differs", ["", a, b], rows, left=3, wrap=True)
    else:
        say(f"There is no setting in which {a} and {b} differ.")


def _print_facts(facts: list[FactDifference], a: str, b: str) -> None:
    """At a terminal a row a measure, a column a year; in a pipe a row a measure and year."""
    if not is_terminal():
        names = ["measure", "year", a, b, "difference", "standard_error"]
        print_table("", names, ([fact.measure, str(fact.year), *_figures(fact)] for fact in facts))
        return
    years = sorted({fact.year for fact in facts})
    by_measure: dict[str, dict[int, FactDifference]] = {}
    for fact in facts:
        by_measure.setdefault(fact.measure, {})[fact.year] = fact
    same = [
        measure
        for measure, row in by_measure.items()
        if all(not fact.difference.mean and not fact.difference.standard_error for fact in row.values())
    ]
    seeds = max(fact.difference.seeds for fact in facts)
    errors = f", with the standard error over {seeds} seeds" if seeds > 1 else ", one seed"
    rows = [
        [MEASURES[measure].label, *(_cell(row.get(year)) for year in years)]
        for measure, row in by_measure.items()
        if measure not in same
    ]
    if rows:
        print_table(f"{b} less {a}: mean{errors}", ["", *map(str, years)], rows)
    if same:
        say(f"The same in both, in every seed: {', '.join(MEASURES[measure].label for measure in same)}.")
    last = by_measure["net_cost"].get(years[-1])
    if last and last.difference.standard_error and last.difference.unpaired_error:
        error, apart = (
            MEASURES["net_cost"].text(value) for value in (last.difference.standard_error, last.difference.unpaired_error)
        )
        say(
            f"The same luck in both: the net employer cost of {years[-1]} differs ± {error}; with luck of its own each, "
            f"± {apart}."
        )


def _figures(fact: FactDifference) -> list[str]:
    error = fact.difference.standard_error
    figures = [f"{value:.6f}".rstrip("0").rstrip(".") for value in (fact.a, fact.b, fact.difference.mean)]
    return [*figures, "-" if error is None else f"{error:.6f}".rstrip("0").rstrip(".")]


def _cell(fact: FactDifference | None) -> str:
    if fact is None:
        return "-"
    measure, error = MEASURES[fact.measure], fact.difference.standard_error
    text = measure.text(fact.difference.mean, signed=True)
    return text if not error else f"{text} ± {measure.text(error).rstrip('%')}"


def _print_people(found: PeopleDifferences, a: str, b: str) -> None:
    if not is_terminal():
        rows = (
            [person.employee_id, str(person.seed), str(person.year), _reason(person), *_texts(person, "; ")]
            for person in found.people
        )
        print_table("", ["employee", "seed", "year", "reason", f"only_{a}", f"only_{b}", "changed"], rows, left=7)
        return
    say(f"\n{found.total:,} of {found.compared:,} person-years differ.")
    if not found.total:
        return
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
