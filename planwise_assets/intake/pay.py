"""Pay as a yearly rate, whatever the census says of it; deferrals as a share of it.

Belongs here: SQL over what people.py's `employments` gives. Does not: how numbers are written (values/).

A yearly rate is taken as it is. Else it is made from pay paid in the year that ends on the census date less the bonus and
overtime in it, by the days employed in it, or from an hourly rate and the hours a year. All in integer cents: a quotient of
decimals is a floating-point number to DuckDB.
"""

from __future__ import annotations

from collections.abc import Collection

from planwise_assets.intake.people import value
from planwise_assets.intake.values.words import times_a_year

#: More hours a week than this in the days employed: then hours and pay are of another span than these days.
_MOST_HOURS_A_WEEK = 60
_HOURS_A_YEAR = 2080
#: Pay beside the yearly rate.
SUPPLEMENTS = ("bonus", "overtime")


def paid_days(known: Collection[str]) -> str:
    """A query that adds the days of the census year, those employed (`paid_days`), and whether hours contradict them."""
    hours = value("hours_prior_year_1", known, "decimal(12, 2)")
    return f"""
        with spans as (
            select
                *,
                make_date(year(census_date), 1, 1) as year_start,
                census_date - make_date(year(census_date), 1, 1) + 1 as days_in_year
            from employments
        ),
        counted as (
            select
                *,
                greatest(0, least(coalesce(ended, census_date), census_date) - greatest(began, year_start) + 1)
                + coalesce(greatest(0, ended_before - greatest(began_before, year_start) + 1), 0) as days_employed
            from spans
        )
        select
            *,
            coalesce(days_employed < days_in_year and {hours} * 7 > {_MOST_HOURS_A_WEEK} * days_employed, false) as
            hours_contradict, case
                when days_employed < days_in_year and {hours} * 7 > {_MOST_HOURS_A_WEEK} * days_employed then days_in_year
                else days_employed
            end as paid_days
        from counted"""


def annual_pay(known: Collection[str], each: str | None) -> str:
    """SQL of the yearly rate as text (`yearly_pay`), and of where it comes from (`pay_source`): two columns.

    Args:
        known: The columns of the census.
        each: What the column of yearly pay is given for: a year (None too) or a pay period.
    """
    paid = f"({_cents('prior_year_compensation', known)}{_less_supplements(known)})"
    hourly = _cents("hourly_rate", known)
    by_days = _by_days(paid)
    by_hours = f"cast(round({hourly} * {hours_a_year(known)}) as hugeint)"
    given = value("annual_compensation", known)
    is_by_days = f"{paid} > 0 and paid_days between 1 and days_in_year - 1"
    times = times_a_year(each or "year")
    cents = _cents("annual_compensation", known)
    # Pay that cannot be read stays as it is, and is refused by its place.
    yearly = given if times == 1 else f"coalesce({_dollars(f'({cents} * {times})')}, {given})"
    return f"""case
            when {given} is not null then {yearly}
            when {hourly} is not null then {_dollars(by_hours)}
            when {is_by_days} then {_dollars(by_days)}
            else {_dollars(f"greatest({paid}, 0)") if _less_supplements(known) else value("prior_year_compensation", known)}
        end as yearly_pay,
        case
            when {given} is not null then 'rate'
            when {hourly} is not null then 'hourly'
            when {is_by_days} then 'annualised'
            when {paid} is not null then 'paid'
        end as pay_source"""


def overtime(known: Collection[str]) -> str:
    """SQL of `overtime` as text: that of a part of the year is made a year's, as pay paid is."""
    text, paid = value("overtime", known), _cents("overtime", known)
    is_by_days = f"{paid} > 0 and paid_days between 1 and days_in_year - 1"
    return f"case when {is_by_days} then {_dollars(_by_days(paid))} else {text} end"


def expected_pay(known: Collection[str]) -> str:
    """SQL of the cents that hourly rate and hours make, where a yearly rate is given beside them: the two should agree."""
    if not {"annual_compensation", "hourly_rate"} <= set(known):
        return "cast(null as hugeint)"
    return f"cast(round({_cents('hourly_rate', known)} * {hours_a_year(known)}) as hugeint)"


def hours_a_year(known: Collection[str]) -> str:
    """SQL of the hours a year that an hourly rate is for: those agreed, else 2,080."""
    yearly = value("annual_hours", known, "decimal(12, 2)")
    weekly = value("scheduled_hours_per_week", known, "decimal(12, 2)")
    return f"coalesce({yearly}, {weekly} * 52, {_HOURS_A_YEAR})"


def weekly_hours(known: Collection[str], *, from_worked: bool) -> str:
    """SQL of `scheduled_hours_per_week` as text: as given, from the year's hours that are agreed, else from those worked."""
    yearly = value("annual_hours", known, "decimal(12, 2)")
    worked = value("hours_prior_year_1", known, "decimal(12, 2)")
    by_days = f"cast(least(168, round({worked} * days_in_year / (52.0 * paid_days), 2)) as decimal(5, 2))"
    by_days = f"case when {worked} > 0 and paid_days > 0 then cast({by_days} as varchar) end" if from_worked else "null"
    agreed = f"cast(cast(round({yearly} / 52, 2) as decimal(12, 2)) as varchar)"
    return f"coalesce({value('scheduled_hours_per_week', known)}, {agreed}, {by_days})"


def deferral(known: Collection[str], dollars_each: str | None) -> str:
    """SQL of `deferral_rate` as text: rates as they are, pre-tax and Roth together; else dollars as a share of pay.

    Args:
        known: The columns of the census.
        dollars_each: What dollars are for: a year, or a pay period; None: as the column `pay_frequency` says.
    """
    rates = [value(name, known, "decimal(18, 6)") for name in ("deferral_rate", "roth_rate") if name in known]
    if rates:
        text = value("deferral_rate", known)
        if len(rates) == 1 and "deferral_rate" in known:
            return text
        total = " + ".join(f"coalesce({rate}, 0)" for rate in rates)
        # One that cannot be read stays as it is, and is refused by its place.
        return f"case when {text} is not null and {rates[0]} is null then {text} else cast({total} as varchar) end"
    amounts = [_cents(name, known) for name in ("pretax_deferral", "roth_deferral") if name in known]
    if not amounts:
        return "cast(null as varchar)"
    dollars = " + ".join(f"coalesce({amount}, 0)" for amount in amounts)
    times = value("pay_frequency", known, "integer") if dollars_each is None else str(times_a_year(dollars_each))
    paid = f"coalesce({_cents('plan_compensation', known)}, {_cents('prior_year_compensation', known)})"
    yearly = "cast(try_cast(yearly_pay as decimal(18, 2)) * 100 as hugeint)"
    on_top = "".join(f" + coalesce({_cents(name, known)}, 0)" for name in SUPPLEMENTS if name in known)
    base = f"coalesce({paid}, {yearly}{on_top})" if dollars_each == "year" else yearly
    share = f"(({dollars}) * {times} * 2000000 + {base}) // (2 * {base})"
    return f"case when ({dollars}) = 0 then '0' when {base} > 0 then {_fraction(share, 6)} end"


def deferred_cents(known: Collection[str]) -> str:
    """SQL of the dollars deferred, in cents; 0 where the census has none."""
    amounts = [_cents(name, known) for name in ("pretax_deferral", "roth_deferral") if name in known]
    return " + ".join(f"coalesce({amount}, 0)" for amount in amounts) or "0"


def paid_words(known: Collection[str]) -> str:
    """SQL of the pay paid that a yearly rate is made of, as a text to be shown: what is taken off is in it."""
    paid = value("prior_year_compensation", known)
    taken_off = " + ".join(f"coalesce({_cents(name, known)}, 0)" for name in SUPPLEMENTS if name in known)
    if not taken_off:
        return paid
    return f"case when ({taken_off}) > 0 then '(' || {paid} || ' - ' || {_dollars(taken_off)} || ')' else {paid} end"


def _less_supplements(known: Collection[str]) -> str:
    """SQL that takes bonus and overtime off pay that was paid; empty where the census has neither."""
    return "".join(f" - coalesce({_cents(name, known)}, 0)" for name in SUPPLEMENTS if name in known)


def _by_days(paid: str) -> str:
    """SQL of a year's cents from those paid in the days employed, halves up."""
    return f"({paid} * days_in_year * 2 + paid_days) // (2 * paid_days)"


def _cents(name: str, known: Collection[str]) -> str:
    return f"cast(round({value(name, known, 'decimal(18, 4)')} * 100) as hugeint)"


def _dollars(cents: str) -> str:
    return _fraction(cents, 2)


def _fraction(whole: str, places: int) -> str:
    """SQL of a whole number of hundredths, millionths, ... as text.

    Not a quotient, which would be a floating-point number.
    """
    unit = 10**places
    return f"(({whole}) // {unit})::varchar || '.' || lpad((({whole}) % {unit})::varchar, {places}, '0')"
