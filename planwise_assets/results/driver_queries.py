"""The queries behind the drivers: each can be pasted into DuckDB, on the warehouse, and gives a driver person by person.

Belongs here: SQL of differences between two sides. Does not: what the drivers are, their sums (drivers.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """A scenario, whose name is letters, digits and `_`, in a year."""

    scenario: str
    year: int


#: The factors of each amount in their order: the driver, and the factor in the columns of `_SIDE`. One that has no value
#: (what the match of a dollar is, for somebody none of whose pay counts) is NULL, and is then taken as on the other side.
FACTORS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "payroll": (("raises", "paid / employed"), ("days", "employed")),
    "match": (
        ("raises", "paid / employed"),
        ("days", "employed"),
        ("eligible_pay", "counted / nullif(paid, 0)"),
        ("formula", "potential / nullif(counted, 0)"),
        ("enrollment", "case when counted > 0 then cast(contributes as integer) end"),
        ("deferral", "case when contributes then match / nullif(potential, 0) end"),
    ),
    "core": (
        ("raises", "paid / employed"),
        ("days", "employed"),
        ("eligible_pay", "counted / nullif(paid, 0)"),
        ("formula", "core / nullif(counted, 0)"),
    ),
}

#: What the net cost adds up from, before forfeitures.
NET_COST = ("match", "core")

_COLUMNS = {"payroll": "paid", "match": "match", "core": "core"}
_TOTALS = {
    "payroll": "payroll", "match": "employer_match", "core": "employer_core", "net_cost": "net_employer_cost",
}  # fmt: skip

_SIDE = """
    select
        seed, employee_id, limit_reached,
        cast(paid_compensation * 100 as bigint) as paid,
        cast(plan_compensation * 100 as bigint) as counted,
        cast(match_potential * 100 as bigint) as potential,
        cast(employer_match * 100 as bigint) as match,
        cast(employer_core * 100 as bigint) as core,
        round(employee_contribution / nullif(plan_compensation, 0), 4) as saved,
        employee_contribution > 0 or employer_match > 0 as contributes,
        (
            coalesce(termination_date, make_date(simulation_year, 12, 31))
            - greatest(hire_date, make_date(simulation_year, 1, 1)) + 1
        ) / (make_date(simulation_year + 1, 1, 1) - make_date(simulation_year, 1, 1)) as employed
    from fct_workforce_snapshot
    where {where}
"""


def people_sql(amount: str, x: Side, y: Side, seeds: Sequence[int]) -> str:
    """A query of one row a seed, person and driver with the half cents that the person adds to the driver.

    Args:
        amount: One of FACTORS.
        x: What is compared with.
        y: What is explained.
        seeds: Futures to look at.
    """
    names = [name for name, _ in FACTORS[amount]]
    sides = ", ".join(f"{side}_{name}" for name in names for side in "xy")
    known = ",\n        ".join(
        f"coalesce({side}.{name}, {other}.{name}, 1) as {side}_{name}"
        for name in names
        for side, other in (("x", "y"), ("y", "x"))
    )
    steps = ",\n            ".join(
        f"{{'driver': {_driver(name)}, 'half_cents': {_half_cents(names, place)}}}" for place, name in enumerate(names)
    )
    return f"""
with x as ({_side(amount, x, seeds)}),

y as ({_side(amount, y, seeds)}),

average as (
    select seed, count(*) as people, sum(amount) as total from x group by seed
),

-- the average, in cents that add up to that of all of them
alone as (
    select
        seed, employee_id, is_in_y, amount,
        row_number() over (partition by seed, is_in_y order by employee_id) as place,
        cast(
            (2 * place * total + people) // (2 * people) - (2 * (place - 1) * total + people) // (2 * people) as bigint
        ) as usual
    from (
        select *, false as is_in_y from x anti join y using (seed, employee_id)
        union all by name
        select *, true as is_in_y from y anti join x using (seed, employee_id)
    )
    inner join average using (seed)
),

paired as (
    select
        seed, employee_id,
        x.limit_reached or y.limit_reached as is_limited,
        coalesce(x.saved = y.saved, false) as saves_alike,
        x.amount as x_amount, y.amount as y_amount,
        {known}
    from x
    inner join y using (seed, employee_id)
),

moved as (
    select seed, employee_id, 'headcount' as driver, if(is_in_y, 2, -2) * usual as half_cents from alone
    union all
    select seed, employee_id, if(is_in_y, 'hires', 'leavers'), if(is_in_y, 2, -2) * (amount - usual) from alone
    union all
    select seed, employee_id, step.driver, step.half_cents
    from (
        select seed, employee_id, unnest([
            {steps}
        ]) as step
        from (select seed, employee_id, is_limited, saves_alike, x_amount, y_amount, {sides} from paired)
    )
)

select seed, employee_id, driver, half_cents from moved where half_cents <> 0"""


def totals_sql(x: Side, y: Side, seeds: Sequence[int]) -> str:
    """A query of one row an amount with its cents on both sides, all seeds together.

    Args:
        x: What is compared with.
        y: What is explained.
        seeds: Futures to look at.

    Returns:
        SQL over `fct_plan_cost`: `amount`, `before` (of x) and `after` (of y).
    """
    selected = [
        f"""
    select
        '{amount}' as amount,
        coalesce(cast(sum({column}) filter ({_at(x)}) * 100 as bigint), 0) as before,
        coalesce(cast(sum({column}) filter ({_at(y)}) * 100 as bigint), 0) as after
    from fct_plan_cost where seed in ({_list(seeds)})"""
        for amount, column in _TOTALS.items()
    ]
    return "\n    union all".join(selected)


def participation_sql(x: Side, y: Side, seeds: Sequence[int]) -> str:
    """A query of one row a seed and driver: participants and eligible people on either side, whom the driver moves.

    Args:
        x: What is compared with.
        y: What is explained.
        seeds: Futures to look at.
    """
    sides = "\n".join(
        f"""
{name} as (
    select
        seed, employee_id, employment_status = 'active' as is_there, is_there and is_eligible as eligible,
        eligible and is_enrolled as takes_part
    from fct_workforce_snapshot where {_at(side)} and seed in ({_list(seeds)})
),"""
        for name, side in (("x", x), ("y", y))
    )
    counts = ", ".join(
        f"count(*) filter ({side}.{column}) as {column}_{side}" for side in "xy" for column in ("takes_part", "eligible")
    )
    return f"""
with {sides}

people as (
    select
        seed,
        case
            when not coalesce(x.is_there, false) then 'hires'
            when not coalesce(y.is_there, false) then 'leavers'
            when x.eligible <> y.eligible then 'eligible_pay'
            else 'enrollment'
        end as driver,
        {counts}
    from x full join y using (seed, employee_id)
    group by all
)

select seed, driver, takes_part_x, eligible_x, takes_part_y, eligible_y from people order by seed, driver"""


def driver_sql(amount: str, driver: str, x: Side, y: Side, seeds: Sequence[int]) -> str:
    """The query that gives a driver of a figure, to be pasted: dollars by person, largest first, or what it comes from.

    Args:
        amount: A figure that has drivers: one of FACTORS, `net_cost` or `participation`.
        driver: One of DRIVERS (drivers.py). Of participation and of forfeitures the query gives what the driver is worked
            out from.
        x: What is compared with.
        y: What is explained.
        seeds: Futures to look at.
    """
    if amount == "participation":
        return participation_sql(x, y, seeds)
    if driver == "forfeitures":
        return f"select * from ({totals_sql(x, y, seeds)}) -- the step of net_cost less those of match and core"
    amounts = NET_COST if amount == "net_cost" else (amount,)
    people = "\nunion all\n".join(f"select * from ({people_sql(name, x, y, seeds)})" for name in amounts)
    return f"""select seed, employee_id, sum(half_cents) / 200 as dollars from (
{people}
) where driver = '{driver}'
group by seed, employee_id order by abs(dollars) desc, seed, employee_id"""


def _side(amount: str, side: Side, seeds: Sequence[int]) -> str:
    factors = ", ".join(f"cast({factor} as double) as {name}" for name, factor in FACTORS[amount])
    people = _SIDE.format(where=f"{_at(side)} and seed in ({_list(seeds)})")
    return f"select seed, employee_id, limit_reached, saved, {_COLUMNS[amount]} as amount, {factors} from ({people})"


def _at(side: Side) -> str:
    return f"scenario_id = '{side.scenario}' and simulation_year = {side.year}"


def _list(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def _driver(name: str) -> str:
    # Another formula also changes what share of the full match the same deferral gets.
    saving = "case when saves_alike then 'formula' when is_limited then 'limits' else 'deferral' end"
    return saving if name == "deferral" else f"'{name}'"


def _half_cents(names: Sequence[str], place: int) -> str:
    """What a factor adds when it moves after those before it, and when it moves after those behind it."""
    moved_first = [_product(names, moved) for moved in (range(place), range(place + 1))]
    moved_last = [_product(names, moved) for moved in (range(place + 1, len(names)), range(place, len(names)))]
    return " + ".join(f"({after} - {before})" for before, after in (moved_first, moved_last))


def _product(names: Sequence[str], moved: range) -> str:
    """The amount in cents with some factors of the second side, the others of the first."""
    if not moved:
        return "x_amount"
    if len(moved) == len(names):
        return "y_amount"
    factors = " * ".join(f"{'y' if place in moved else 'x'}_{name}" for place, name in enumerate(names))
    return f"cast(round({factors}) as bigint)"
