"""`planwise why A [B]`: why payroll, match, net cost and participation moved, driver by driver.

Belongs here: arguments and the table. Does not: the drivers (results/drivers.py).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

import typer

from planwise_assets.commands.shared.console import Form, fail, is_terminal, print_in_form, print_json, say
from planwise_assets.commands.shared.options import (
    FormOption,
    JsonOption,
    StrictOption,
    chosen_seeds,
    one_of,
    open_study,
    published,
)
from planwise_assets.results.driver_queries import Side, driver_sql
from planwise_assets.results.drivers import DRIVERS, Explained, explain

#: The figures in the order of the columns: title, and the unit in which they add up.
_FIGURES = {
    "payroll": ("payroll", Fraction(1, 100)),
    "match": ("match", Fraction(1, 100)),
    "core": ("core", Fraction(1, 100)),
    "net_cost": ("net cost", Fraction(1, 100)),
    "participation": ("participation", Fraction(1, 10_000)),
}


def why(
    a: Annotated[str, typer.Argument(help="The scenario, or the one to compare with.", metavar="A")],
    b: Annotated[str | None, typer.Argument(help="The other; without it two years of A.", metavar="[B]")] = None,
    *,
    since: Annotated[
        int | None, typer.Option("--from", help="Year of A; the first, or with two scenarios that of --to.", metavar="YEAR")
    ] = None,
    until: Annotated[int | None, typer.Option("--to", help="Year of B; the last by default.", metavar="YEAR")] = None,
    seed: Annotated[int | None, typer.Option(help="This seed only; else means over all.")] = None,
    sql: Annotated[
        str | None, typer.Option("--sql", help="Print the query that gives this driver person by person.", metavar="DRIVER")
    ] = None,
    of: Annotated[str, typer.Option(help="With --sql: the figure.", metavar="FIGURE")] = "net_cost",
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Says why figures moved between two years or two scenarios, in drivers that add up to the cent.

    Try:

        planwise why baseline --from 2025 --to 2026

        planwise why baseline richer_match

        planwise why baseline richer_match --sql formula --of match
    """
    settings, study = open_study()
    with published(settings, study, strict=strict) as there:
        made = there.made
        for name in (a, b or a):
            one_of("published scenario", name, made.scenarios)
        first, last = min(made.years), max(made.years)
        for option, year in (("--from", since), ("--to", until)):
            if year is not None and not first <= year <= last:
                fail(f"{option} {year}: give a year within {first}-{last}.")
        to = last if until is None else until
        begin = (to if b else first) if since is None else since
        x, y = Side(a, begin), Side(b or a, to)
        if x == y:
            fail("There is nothing to explain: name two scenarios, or two years with --from and --to.")
        seeds = chosen_seeds(seed, made.seeds)
        if sql:
            say(driver_sql(one_of("figure", of, _FIGURES), one_of("driver", sql, DRIVERS), x, y, seeds))
            return
        found = explain(there.connection, x, y, seeds)
        if as_json:
            print_json({**there.as_json(), "from": vars(x), "to": vars(y), "figures": _as_json(found)})
            return
        _print(found, x, y, len(seeds), form)


def _as_json(found: dict[str, Explained]) -> list[dict[str, Any]]:
    figures = []
    for name, explained in found.items():
        unit = _FIGURES[name][1]
        before, after, drivers = explained.in_steps(unit)
        figures.append(
            {
                "figure": name,
                "unit": "share" if name == "participation" else "dollars",
                "before": float(before * unit),
                "after": float(after * unit),
                "drivers": {driver: float(value * unit) for driver, value in drivers.items()},
            }
        )
    return figures


def _print(found: dict[str, Explained], x: Side, y: Side, seeds: int, form: Form) -> None:
    steps = {name: found[name].in_steps(_FIGURES[name][1]) for name in _FIGURES if name in found}
    is_exact = form is not Form.TABLE or not is_terminal()
    used = [name for name in DRIVERS if any(name in drivers for *_, drivers in steps.values())]
    rows = [
        [f"{x.scenario} {x.year}", *(_text(name, before, is_exact, "") for name, (before, _, _) in steps.items())],
        *(
            [
                driver if is_exact else DRIVERS[driver].label,
                *(_text(name, drivers.get(driver, 0), is_exact, "+") for name, (_, _, drivers) in steps.items()),
            ]
            for driver in used
        ),
        [f"{y.scenario} {y.year}", *(_text(name, after, is_exact, "") for name, (_, after, _) in steps.items())],
    ]
    heads = ["", *(name if is_exact else _FIGURES[name][0] for name in steps)]
    title = f"Why it moved from {x.scenario} {x.year} to {y.scenario} {y.year}"
    print_in_form(
        form, title + (f", means over {seeds} seeds" if seeds > 1 else ""), ["driver" if is_exact else "", *heads[1:]], rows
    )
    if not is_exact:
        for name in used:
            say(f"{DRIVERS[name].label}: {DRIVERS[name].meaning}")
        say(
            "The query behind a driver: planwise why ... --sql DRIVER --of FIGURE, with DRIVER one of "
            + ", ".join(used)
            + "."
        )


def _text(figure: str, steps: int, is_exact: bool, sign: str) -> str:
    """Whole units as a person reads them: dollars with their cents, shares in per cent or points."""
    value = steps / 100
    if is_exact:
        return f"{value:.2f}"
    if figure == "participation":
        return f"{value:{sign}.2f}{' pt' if sign else '%'}"
    return f"{value:{sign},.2f}"
