"""`planwise compare A B...`: what scenarios have more than another, by year; and who gains and loses.

Belongs here: arguments, tables of figures. Does not: what differs (results/comparison.py), people (compare_people.py).
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from planwise_assets.commands.compare_people import PERSON, People, print_gains, print_people, read_people
from planwise_assets.commands.shared.console import (
    Form,
    fail,
    is_terminal,
    print_in_form,
    print_json,
    print_table,
    say,
)
from planwise_assets.commands.shared.cuts import chosen_group, print_cut_differences
from planwise_assets.commands.shared.options import (
    FormOption,
    JsonOption,
    Results,
    StrictOption,
    YearsOption,
    chosen_seeds,
    chosen_years,
    one_of,
    open_study,
    published,
)
from planwise_assets.results.comparison import FactDifference, differing_settings, fact_differences
from planwise_assets.results.groups import cut_measures, group_names
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.provenance import Published
from planwise_assets.results.reading import read_measures
from planwise_assets.results.totals import ALL_YEARS, totals, year_text
from planwise_assets.results.winners import CUTS
from planwise_assets.results.wording import differing_words

_MOST_SCENARIOS = 6


def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(help="The scenario to compare with, e.g. baseline, and up to five others.", metavar="A B..."),
    ],
    *,
    years: YearsOption = None,
    people: Annotated[
        bool, typer.Option("--people", help="Who gains and who loses, and person by person the events that differ.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            help=f"By {', '.join(CUTS)} or {PERSON}: who gains and who loses. By a group of the study (`groups:`), "
            "e.g. division: the figures of each, and with --people who gains and who loses.",
            metavar="CUT",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="With --people: this seed only.")] = None,
    limit: Annotated[int, typer.Option(help="With --people: person-years and people listed, largest first.", min=0)] = 20,
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Shows what scenarios have more than scenario A, by year.

    Differences are taken seed by seed: all scenarios have the same luck, so the error of a difference is smaller than that
    of either scenario.

    Try:

        planwise compare baseline richer_match

        planwise compare baseline faster_growth high_turnover richer_match --format tsv

        planwise compare baseline auto_for_all --by age

        planwise compare baseline richer_match --by division

        planwise compare baseline richer_match --people --by division

        planwise compare baseline richer_match --json | jq '.facts[] | select(.measure == "net_cost")'
    """
    if not 2 <= len(scenarios) <= _MOST_SCENARIOS:
        fail(f"compare takes 2 to {_MOST_SCENARIOS} scenarios, the first of which the others are compared with.")
    twice = [name for name in scenarios[1:] if scenarios[1:].count(name) > 1]
    if twice:
        fail(f"{twice[0]} is there {scenarios[1:].count(twice[0])} times: name each scenario that is compared once.")
    of_people = people or by in (*CUTS, PERSON)
    if of_people and len(scenarios) > 2:
        fail("--people compares two scenarios, and so does a cut of people: name two.")
    if seed is not None and not of_people:
        fail(f"--seed {seed}: choose a seed with --people or a cut of people; other figures are over all seeds.")
    settings, study = open_study()
    with published(settings, study, strict=strict) as there:
        made = there.made
        for name in scenarios:
            one_of("published scenario", name, made.scenarios)
        a, *others = scenarios
        chosen = chosen_years(years, min(made.years), max(made.years))
        if by and by not in (*CUTS, PERSON):
            by = _group(there, by)
        if by and not of_people:
            _compare_group(there, by, a, others, chosen, form=form, as_json=as_json)
            return
        seeds = chosen_seeds(seed, made.seeds)
        if by and not as_json:
            print_gains(there, a, others[0], by, form, seeds=seeds, years=chosen, limit=limit)
            return
        values = read_measures(there.connection)
        facts = {b: fact_differences(values, a, b, chosen) for b in others}
        sums = {b: fact_differences(totals(values, chosen), a, b, [ALL_YEARS]) for b in others}
        found = read_people(there, a, others[0], by=by, seeds=seeds, years=chosen, limit=limit) if of_people else None
        if as_json:
            together = [{"scenario": b, **fact.as_json()} for b, listed in sums.items() for fact in listed]
            print_json({**_as_json(there, a, facts, found, limit), "totals": together})
            return
        if not people or (is_terminal() and form is Form.TABLE):
            _print_facts(made, {b: listed + sums[b] for b, listed in facts.items()}, a, form)
        if found:
            print_people(found, a, others[0], form, limit)


def _group(there: Results, by: str) -> str:
    """The group of the study that `--by` names.

    Raises:
        typer.Exit: It is neither that nor a cut of people; code 2.
    """
    if not group_names(there.connection):
        one_of("cut", by, [*CUTS, PERSON])
    return chosen_group(there.connection, by)


def _compare_group(
    there: Results, group: str, a: str, others: list[str], years: list[int], *, form: Form, as_json: bool
) -> None:
    """Prints what differs for each value of a group of the study."""
    cut = cut_measures(there.connection, group)
    found = {
        b: {
            value: fact_differences(values, a, b, years) + fact_differences(totals(values, years), a, b, [ALL_YEARS])
            for value, values in cut.items()
        }
        for b in others
    }
    if not as_json and form is not Form.TABLE:
        lines = [[value, *line] for value in cut for line in _lines({b: by_value[value] for b, by_value in found.items()})]
        print_in_form(form, "", [group, *_heads(a, others)], lines, left=2)
        return
    if not as_json:
        for b, by_value in found.items():
            print_cut_differences(group, by_value, a, b)
        return
    facts, together = (
        [
            {"scenario": b, "group": group, "value": value, **fact.as_json()}
            for b, by_value in found.items()
            for value, listed in by_value.items()
            for fact in listed
            if (fact.year == ALL_YEARS) is whole
        ]
        for whole in (False, True)
    )
    compared = others[0] if len(others) == 1 else others
    print_json({**there.as_json(), "a": a, "b": compared, "facts": facts, "totals": together})


def _as_json(
    there: Results, a: str, facts: dict[str, list[FactDifference]], found: People | None, limit: int
) -> dict[str, Any]:
    others = list(facts)
    value: dict[str, Any] = {
        **there.as_json(),
        "a": a,
        "b": others[0] if len(others) == 1 else others,
        "settings_in_words": [
            {"scenario": b, "what": what, "a": one, "b": two}
            for b in others
            for what, one, two in differing_words(there.made, a, b)
        ],
        "settings": [
            {"scenario": b, "key": key, "a": first, "b": second}
            for b in others
            for key, first, second in differing_settings(there.made, a, b)
        ],
        "facts": [{"scenario": b, **fact.as_json()} for b, listed in facts.items() for fact in listed],
    }
    if found:
        value["people"] = found.as_json(limit)
    return value


def _print_facts(made: Published, facts: dict[str, list[FactDifference]], a: str, form: Form) -> None:
    if form is Form.TABLE and is_terminal():
        for b, listed in facts.items():
            _print_settings(made, a, b)
            if len(facts) == 1:
                _print_years(listed, a, b)
        if len(facts) > 1:
            _print_side_by_side(facts, a)
        return
    print_in_form(form, "", _heads(a, list(facts)), _lines(facts))


def _heads(a: str, others: list[str]) -> list[str]:
    """The columns of a table for programs: three a scenario."""
    columns = ("difference", "standard_error")
    of = {b: columns if len(others) == 1 else [f"{b}_{column}" for column in columns] for b in others}
    return ["measure", "year", a, *(name for b in others for name in (b, *of[b]))]


def _lines(facts: dict[str, list[FactDifference]]) -> list[list[str]]:
    """The rows below those heads, unrounded."""
    return [
        [some.measure, year_text(some.year), _plain(some.a), *(cell for fact in row for cell in _figures(fact))]
        for some, row in _rows(facts)
    ]


def _rows(facts: dict[str, list[FactDifference]]) -> list[tuple[FactDifference, list[FactDifference | None]]]:
    """By measure and year a fact of some scenario, and that of each; None where one has no such figure."""
    found = [{(fact.measure, fact.year): fact for fact in listed} for listed in facts.values()]
    some = {at: fact for one in found for at, fact in one.items()}
    order = {name: place for place, name in enumerate(MEASURES)}
    at_place = sorted(some, key=lambda at: (order[at[0]], at[1] == ALL_YEARS, at[1]))
    return [(some[at], [one.get(at) for one in found]) for at in at_place]


def _print_side_by_side(facts: dict[str, list[FactDifference]], a: str) -> None:
    """The key figures, a row a figure and year, a column a scenario."""
    rows = [
        [MEASURES[some.measure].label, year_text(some.year), MEASURES[some.measure].text(some.a), *map(_cell, row)]
        for some, row in _rows(facts)
        if MEASURES[some.measure].is_key
    ]
    print_table(f"Less {a}: mean, with its standard error over the seeds", ["", "year", a, *facts], rows)


def _print_settings(made: Published, a: str, b: str) -> None:
    rows = differing_words(made, a, b)
    if rows:
        print_table("What differs", ["", a, b], rows, left=3, wrap=True)
    else:
        say(f"There is no setting in which {a} and {b} differ.")


def _print_years(facts: list[FactDifference], a: str, b: str) -> None:
    """A row a measure, a column a year."""
    years = sorted({fact.year for fact in facts}, key=lambda year: (year == ALL_YEARS, year))
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
        print_table(f"{b} less {a}: mean{errors}", ["", *map(year_text, years)], rows)
    if same:
        say(f"The same in both, in every seed: {', '.join(MEASURES[measure].label for measure in same)}.")
    last = by_measure["net_cost"].get(max(years))
    if last and last.difference.standard_error and last.difference.unpaired_error:
        error, apart = (
            MEASURES["net_cost"].text(value) for value in (last.difference.standard_error, last.difference.unpaired_error)
        )
        say(
            f"The same luck in both: the net employer cost of {max(years)} differs ± {error}; with luck of its own each, "
            f"± {apart}."
        )


def _figures(fact: FactDifference | None) -> list[str]:
    if fact is None:
        return ["", "", ""]
    error = fact.difference.standard_error
    return [_plain(fact.b), _plain(fact.difference.mean), "-" if error is None else _plain(error)]


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _cell(fact: FactDifference | None) -> str:
    if fact is None:
        return "-"
    measure, error = MEASURES[fact.measure], fact.difference.standard_error
    text = measure.text(fact.difference.mean, signed=True)
    return text if not error else f"{text} ± {measure.text(error).rstrip('%')}"
