"""`planwise person ID`: what happens to one employee over the years.

Belongs here: the query and the timeline of one person. Does not: comparing two scenarios (compare.py).
"""

from __future__ import annotations

from typing import Annotated, Any

import duckdb
import typer

from planwise_assets.commands.shared.console import fail, print_json, print_table, say
from planwise_assets.commands.shared.options import JsonOption, StrictOption, one_of, open_study, published
from planwise_assets.results.comparison import event_text
from planwise_assets.results.excess import read_future

_YEAR_END = (
    "simulation_year",
    "detailed_status",
    "age_at_year_end",
    "tenure_years_at_year_end",
    "level_id",
    "annual_compensation",
    "paid_compensation",
    "is_eligible",
    "deferral_rate",
    "employee_contribution",
    "employer_match",
    "employer_core",
    "cumulative_match",
    "match_vested_percent",
    "is_hce",
)
_HEADS = (
    *("year", "status", "age", "service", "level", "pay", "paid", "eligible", "deferral", "deferred", "match", "core"),
    *("match so far", "vested", "HCE"),
)
_SUGGESTIONS = 5


def person(
    employee_id: Annotated[str, typer.Argument(help="Employee id, as in the census; NH_ ids are simulated hires.")],
    scenario: Annotated[str | None, typer.Option(help="The scenario; the study's first by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed; the study's first by default.")] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Shows one employee over the years: events, pay and plan.

    Try:

        planwise person E00017

        planwise person NH_2026_1_000003 --scenario richer_match --seed 7

        planwise person E00017 --json
    """
    settings, study = open_study()
    with published(settings, study, strict=strict) as there:
        connection, made = there.connection, there.made
        name = one_of("published scenario", scenario, made.scenarios) if scenario else made.scenarios[0]
        seeds = sorted(made.seeds)
        at = int(one_of("seed", str(seed), map(str, seeds))) if seed is not None else seeds[0]
        years = _rows(
            connection,
            f"select {', '.join(_YEAR_END)} from fct_workforce_snapshot"
            " where scenario_id = ? and seed = ? and employee_id = ? order by simulation_year",
            [name, at, employee_id],
        )
        if not years:
            _refuse(connection, employee_id, name, at)
        events = _rows(
            connection,
            f"""
            select simulation_year, event_sequence, effective_date, event_type, event_category, compensation_before,
                compensation_after, level_before, level_after, deferral_rate_before, deferral_rate_after, event_probability,
                event_details, {event_text()} as event
            from fct_yearly_events
            where scenario_id = ? and seed = ? and employee_id = ?
            order by simulation_year, event_sequence
            """,
            [name, at, employee_id],
        )
        excess = [one for one in read_future(connection, name, at) if one.employee == employee_id]
        if as_json:
            whose = {"employee_id": employee_id, "scenario_id": name, "seed": at}
            told = {"years": years, "events": events, "excess": [one.as_json() for one in excess]}
            print_json({**whose, "of": there.as_json(), **told})
            return
        _print(f"{employee_id}, scenario {name}, seed {at}", years, events)
        for one in excess:
            say(
                f"\nThe {one.test} test of {one.year} fails: {one.excess:,.2f} of this person's {one.contribution:,.2f} are "
                "excess, and would have to go back. They are still in the figures above."
            )


def _print(title: str, years: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    say(f"{title}\n")
    listed = (
        [str(event["simulation_year"]), str(event["effective_date"]), event["event"], _chance(event["event_probability"])]
        for event in events
    )
    print_table("What happened", ["year", "day", "event", "its probability"], listed, left=3)
    say("")
    print_table("At the end of each year, or at the exit", _HEADS, ([_text(*item) for item in row.items()] for row in years))


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    cursor = connection.cursor().execute(sql, parameters)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _text(column: str, value: Any) -> str:
    if value is None:
        return "-"
    if column == "deferral_rate":
        return f"{value:.1%}"
    if column.endswith("_percent"):
        return f"{value:.0f}%"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | str) else f"{value:,.2f}"


def _chance(value: Any) -> str:
    return "-" if value is None else f"{value:.1%}"


def _refuse(connection: duckdb.DuckDBPyConnection, employee_id: str, scenario: str, seed: int) -> None:
    """Says where the person is, or who there is.

    Raises:
        typer.Exit: Always.
    """
    elsewhere = connection.execute(
        "select distinct scenario_id || ' with seed ' || seed from fct_workforce_snapshot where employee_id = ?"
        " order by all",
        [employee_id],
    ).fetchall()
    if elsewhere:
        shown = ", ".join(row[0] for row in elsewhere[:_SUGGESTIONS])
        fail(f"{employee_id} is not in scenario {scenario} with seed {seed}, but in: {shown}.")
    closest = connection.execute(
        """
        select employee_id
        from (select distinct employee_id from fct_workforce_snapshot where scenario_id = ? and seed = ?)
        order by levenshtein(employee_id, ?), employee_id
        limit ?
        """,
        [scenario, seed, employee_id, _SUGGESTIONS],
    ).fetchall()
    counted = connection.execute("select count(distinct employee_id) from fct_workforce_snapshot").fetchone() or (0,)
    fail(
        f"There is no employee {employee_id!r} among the {counted[0]:,} of the study. The closest ids: "
        f"{', '.join(row[0] for row in closest)}."
    )
