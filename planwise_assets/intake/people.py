"""People in place of rows: employments one after the other, statuses, owners and their families.

Belongs here: SQL over `census_read` (a row a line of the file, each value as PlanWise writes it) that says what a person is
on the census date. Does not: pay and deferrals (pay.py), values (values/), whether a row is valid (the staging models).

Service by elapsed time, 26 CFR 1.410(a)-7(b) and (d): employments before and after a break count, the break itself does not
unless it is shorter than twelve months. A plan may disregard service before a long break of somebody without a vested right
(the rule of parity, IRC 411(a)(6)(D)): the setting `parity_below_years`. Out of scope: the one-year holdout (IRC
411(a)(6)(B)), which would matter for exits within a year of a return only, and forfeitures that a rehire restores.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from itertools import pairwise

import duckdb

from planwise_assets.intake.reading.table import LeftOut, RawTable

#: The shortest break in years after which service may be disregarded, however little it is (IRC 411(a)(6)(D)(i)).
_PARITY_BREAK = 5
#: Whom a share of the company makes a five-percent owner: more than 5 % (IRC 416(i)(1)(B)).
_OWNS = 5
#: Whose shares count as one's own: those of spouse, children, grandchildren and parents (IRC 318(a)(1)). So of an owner's
#: family the spouse, a parent, a grandparent and a child own them; a grandchild, a brother and a sister do not.
_FAMILY = "spouse|husband|wife|child|son|daughter|parent|mother|father"
_NOT_FAMILY = "grandchild|grandson|granddaughter|in-law|step|none|no relation"


def value(name: str, known: Collection[str], kind: str = "varchar") -> str:
    """SQL of a column that the census may not have.

    Args:
        name: PlanWise's name of the column.
        known: The names that the census has.
        kind: The DuckDB type; a text that is none of it is NULL.
    """
    return f"try_cast({name} as {kind})" if name in known else f"cast(null as {kind})"


def employments(known: Collection[str], census_date: date) -> str:
    """A query over `census_read` that finds the employment of each row on the census date, and the one before it.

    Args:
        known: The columns of the census.
        census_date: The day that the census is of.

    Returns:
        SQL with, beside all of `census_read`: `began`, `ended` (of the present or last employment), `began_before`,
        `ended_before` (of the one before it, where both days are known), and `has_unknown_break` (that one's end is not
        known).
    """
    day = {
        name: value(name, known, "date")
        for name in (
            *("hire_date", "rehire_date", "original_hire_date", "termination_date", "termination_date_2", "service_date"),
        )
    }
    hired, again, first = day["hire_date"], day["rehire_date"], day["original_hire_date"]
    left, served = day["termination_date"], day["service_date"]
    return f"""
        with days as (
            select
                *,
                least({hired}, case when {first} < {hired} then {first} end) as first_day,
                case
                    when {again} > {hired} then {again}
                    when {first} < {hired} then {hired}
                end as second_day,
                {day["termination_date"]} as first_end,
                {day["termination_date_2"]} as second_end,
                {again} = {hired} and {left} < {hired} as repeats_rehire,
                -- Service began before an exit that is before the hire: the hire is the return.
                case
                    when {again} is null and coalesce({first} >= {hired}, true) and {served} <= {left} and {left} < {hired}
                        then {served}
                end as served_before
            from census_read
        )
        select
            *,
            coalesce(second_day, {hired}) as began,
            case
                when repeats_rehire or served_before is not null then second_end
                when second_day is null or first_end >= second_day then greatest(first_end, second_end)
                else second_end
            end as ended,
            case
                when first_end < second_day and first_end >= first_day then first_day
                else served_before
            end as began_before,
            case
                when (first_end < second_day and first_end >= first_day) or served_before is not null then first_end
            end as ended_before,
            (second_day is not null and not coalesce(first_end < second_day and first_end >= first_day, false))
                or coalesce(repeats_rehire, false) as has_unknown_break,
            date '{census_date}' as census_date
        from days"""


def service_from(known: Collection[str], parity_below_years: int | None) -> str:
    """SQL of the day from which service counts without a break, over what `employments` gives.

    Args:
        known: The columns of the census.
        parity_below_years: Who had fewer years of service than these may lose them by the rule of parity; None: nobody.
    """
    given, years = value("service_date", known, "date"), value("prior_service_years", known, "decimal(9, 4)")
    before_years = "date_sub('year', began_before, ended_before + 1)"
    before_days = f"(ended_before + 1) - cast(began_before + to_years(cast({before_years} as integer)) as date)"
    # Whole years go first, so that two years are two years whatever leap day lies in them.
    shifted = f"cast(began - cast({before_days} as integer) - to_years(cast({before_years} as integer)) as date)"
    prior = f"cast(began - cast(round(({years} % 1) * 365) as integer) - to_years(cast(floor({years}) as integer)) as date)"
    away = "date_sub('year', ended_before + 1, began)"
    is_lost = f"{before_years} < {parity_below_years or 0} and {away} >= greatest({_PARITY_BREAK}, {before_years})"
    return f"""case
            when {given} is not null then {given}
            when {is_lost} then began
            when ended_before is not null and began <= cast(ended_before + to_years(1) as date) then began_before
            when ended_before is not null then {shifted}
            when {years} > 0 then {prior}
        end"""


def is_employed(known: Collection[str]) -> str:
    """SQL of `active`: what the census says of it, then what its status means; NULL where only the dates decide."""
    active, status = value("active", known), value("employment_status", known)
    return f"""case
            when {status} in ('terminated', 'retired', 'deceased') then 'false'
            when {active} is not null then {active}
            when {status} is not null then 'true'
        end"""


def is_excluded(known: Collection[str], defers: str) -> str:
    """SQL of `plan_exclusion`: the census's own word, else a union member, leased, or a nonresident alien.

    Args:
        known: The columns of the census.
        defers: SQL that is true of somebody who defers: whom the plan lets defer, it covers, union or not.
    """
    flags = " or ".join(
        f"coalesce({value(name, known)} = 'true', false)" for name in ("union_member", "leased", "nonresident_alien")
    )
    status = f"coalesce({value('employment_status', known)} in ('union', 'leased', 'nonresident', 'excluded'), false)"
    return f"case when ({flags} or {status}) and not {defers} then 'true' else {value('plan_exclusion', known)} end"


def is_owner(known: Collection[str]) -> str:
    """SQL of `owner_5pct`: the census's own word, else more than 5 % owned, or the family of somebody who owns them."""
    family = f"lower({value('family_relationship', known)})"
    return f"""case
            when {value("owner_5pct", known)} is not null then {value("owner_5pct", known)}
            when {value("ownership_percent", known, "decimal(12, 6)")} > {_OWNS} then 'true'
            when regexp_matches({family}, '{_FAMILY}') and not regexp_matches({family}, '{_NOT_FAMILY}') then 'true'
        end"""


def fold(connection: duckdb.DuckDBPyConnection, table: RawTable, parity_below_years: int | None) -> int:
    """Makes one row of several that are one person's employments: the latest stays, with the service of all of them.

    Rows of one id are one person's where the birth date is the same and each employment ends before the next begins. All
    others stay, and are refused as an id that occurs twice.

    Args:
        connection: Holds `census_people`.
        table: The file; what is folded is left out there, by its place.
        parity_below_years: As `service_from` takes it.

    Returns:
        How many rows were folded into another.
    """
    rows = connection.execute("""
        select employee_id, place, birth_date, began, ended, service_date
        from census_people
        where employee_id in (select employee_id from census_people group by employee_id having count(*) > 1)
        order by employee_id, began, place""").fetchall()
    people: dict[str, list[tuple[str, int, str, date | None, date | None, str | None]]] = {}
    for row in rows:
        people.setdefault(row[0], []).append(row)
    gone: list[int] = []
    kept: list[tuple[int, str]] = []
    for employments_of in people.values():
        pairs = list(pairwise(employments_of))
        if len({row[2] for row in employments_of}) > 1 or not all(
            one[3] and one[4] and other[3] and one[4] < other[3] for one, other in pairs
        ):
            continue
        last = employments_of[-1]
        gone += [row[1] for row in employments_of[:-1]]
        if last[5] is None:
            kept.append((last[1], _service(employments_of, parity_below_years).isoformat()))
    if gone:
        connection.execute("delete from census_people where place in (select unnest(?))", [gone])
        table.left_out += [LeftOut(place, "earlier employment", "") for place in sorted(gone)]
    if kept:
        connection.execute(
            "update census_people set service_date = found.service from (select unnest(?) as place, unnest(?) as service) "
            "as found "
            "where census_people.place = found.place",
            [[place for place, _ in kept], [service for _, service in kept]],
        )
    return len(gone)


def _service(
    employments_of: list[tuple[str, int, str, date | None, date | None, str | None]], parity_below_years: int | None = None
) -> date:
    """The day from which service would count without a break, for employments one after the other."""
    service = employments_of[0][3] or date.min
    for one, other in pairwise(employments_of):
        ended, began = one[4] or date.min, other[3] or date.min
        if began <= _later(ended, 1):
            continue
        after = ended + timedelta(days=1)
        years = _completed_years(service, after)
        if years < (parity_below_years or 0) and _completed_years(after, began) >= max(_PARITY_BREAK, years):
            service = began
            continue
        days = (after - _later(service, years)).days
        service = _later(began - timedelta(days=days), -years)
    return service


def _completed_years(start: date, end: date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
