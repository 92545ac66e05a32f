r"""Write an invented employee census: the shipped sample, the test census, or any size for a benchmark.

Nobody in these files exists. Every person is drawn from published distributions by a seeded generator; no
record of a real person or company went in. The same arguments give the same people, and with the same
DuckDB version the same bytes (a Parquet footer names the version that wrote it).

    python data/generate_census.py --people 5000 --seed 20241231 --as-of 2024-12-31 \
        --out data/census_sample.parquet
    python data/generate_census.py --people 60 --edge-cases --out data/census_tiny.csv

What each distribution rests on. [F] found in the named source, [D] derived from it, [J] judgement:

* Tenure by age: BLS, Employee Tenure in 2016 (USDL-16-1867, table 3; The Economics Daily of 2016 prints
  it) [F]. BLS's column for ages 20-24 serves ages 18-24, and its 0.1 % with 10-14 years is folded into
  5-9 [J].
* Ages: the shape of BLS employment by age in 2016, set so that the mean age is about 42.9 and 4.4 % are
  65 or older [D]. Nobody was hired before 18 and nobody is 80: both are limits of this file, not of the
  labour market.
* Levels: 60/25/10/4/1 in the shipped pay bands; the odds of a high level rise with age and tenure [J].
* Pay: a position in the level's band, on average 0.40 at hire, rising with tenure [J]. Level 1 and
  part-timers are paid by the hour (whole cents an hour), the rest a salary in steps of 50 dollars.
* Part-time: 10 % at 20 hours, in levels 1 and 2, three times as likely below 25 and from 65 [J]. Their
  pay is what they are paid for those hours; it lies in the lower part of the same band.
* Participation: the shipped voluntary tables, by age at entry and pay (fitted to Vanguard 2015 and to How
  America Saves 2025) [F, D], each year 8 % of those not in join and 0.6 % of those in stop. The probabilities
  at entry are scaled by 1.25 so that 64 % of those who may be are in (How America Saves 2025, where the median
  participant earns 89,000 dollars; here 69,000) [D]. So this company was keener than the tables: on them alone
  it would have 59 %, and in a simulation without automatic enrolment it drifts to 60 % in five years. Entry is
  at hire or at 21, and not before 1990, when this plan began [J]. It enrolled nobody automatically, so every
  `enrollment_source` is `voluntary`.
* Deferral rate: mean by age (How America Saves 2025) x pay (2024) [F] x a spread [J], whole per cents, at
  least 1.
* Opted out: everyone who stopped, and 10 % of the other eligible people who are not in [J]. 12.6 % of
  participants have declined automatic escalation, one year's share of two thirds left after three
  (Vanguard 2021) [D].
* Match balance: 100 % to 3 % and 50 % to 5 % of today's pay (up to the 401(a)(17) limit of 2024) x years
  in the plan x 0.8 to 1.1: rough, because returns on the money about make up for the lower pay of earlier
  years [J]. Deferrals of earlier years are taken to be today's. Core balance: 0, the shipped plan has no
  core contribution.
* Pay and hours of the prior year: today's rate by the days employed in it. No earlier rate is invented.
* Rehires: 3 % of those who were old enough have a `service_date` one to six years before their hire date
  [J].
* People who left in the census year: one for every 100 active, `active` false, to show that they are left
  out.
* More-than-5 % owners: six in 10,000, at most 12, because no company has 20; the best paid [J].
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

COLUMNS = {
    "employee_id": "VARCHAR",
    "birth_date": "DATE",
    "hire_date": "DATE",
    "annual_compensation": "DECIMAL(18,2)",
    "level_id": "INTEGER",
    "active": "BOOLEAN",
    "termination_date": "DATE",
    "service_date": "DATE",
    "deferral_rate": "DECIMAL(9,6)",
    "enrollment_date": "DATE",
    "enrollment_source": "VARCHAR",
    "opted_out": "BOOLEAN",
    "auto_escalation_opt_out": "BOOLEAN",
    "scheduled_hours_per_week": "INTEGER",
    "hours_prior_year_1": "INTEGER",
    "hours_prior_year_2": "INTEGER",
    "prior_year_compensation": "DECIMAL(18,2)",
    "owner_5pct": "BOOLEAN",
    "match_balance": "DECIMAL(18,2)",
    "core_balance": "DECIMAL(18,2)",
}

MAX_PEOPLE = 1_000_000

# (youngest, below, share of the workforce in tenths of a per cent)
AGE_GROUPS = [(18, 25, 115), (25, 35, 230), (35, 45, 210), (45, 55, 216), (55, 65, 185), (65, 80, 44)]
# (completed years from, below)
TENURE_BANDS = [(0, 1), (1, 2), (2, 3), (3, 5), (5, 10), (10, 15), (15, 20), (20, 46)]
# A row for each age group, a column for each tenure band, in tenths of a per cent of the row.
TENURE_BY_AGE = [
    [508, 142, 108, 191, 51, 0, 0, 0],
    [289, 94, 78, 249, 217, 67, 7, 0],
    [171, 61, 48, 184, 244, 165, 94, 34],
    [124, 50, 34, 137, 206, 157, 119, 173],
    [102, 35, 29, 117, 181, 144, 113, 280],
    [99, 29, 23, 98, 199, 156, 116, 281],
]

# level: (share in per cent, lowest pay, pay below, youngest age), pay in dollars a year
LEVELS = {
    1: (60, 30_000, 65_000, 18),
    2: (25, 65_000, 100_000, 21),
    3: (10, 100_000, 150_000, 25),
    4: (4, 150_000, 250_000, 30),
    5: (1, 250_000, 600_000, 35),
}
# The upper bands are wide and thinly filled near the top.
BAND_REACH = {1: 1.0, 2: 1.0, 3: 1.0, 4: 0.8, 5: 0.7}

FULL_TIME_HOURS, PART_TIME_HOURS, PART_TIME_PERCENT = 40, 20, 10
REHIRE_SHARE = 0.03
EDGE_DATES = 6

# (below this age or yearly pay in dollars, value)
VOLUNTARY_BY_AGE = [(25, 0.17), (35, 0.40), (45, 0.48), (55, 0.53), (999, 0.54)]
DEFERRAL_MEAN_BY_AGE = [(25, 5.5), (35, 6.8), (45, 7.3), (55, 7.9), (65, 9.3), (999, 10.1)]
PAY_STEPS = [30_000, 50_000, 75_000, 100_000, 150_000, 10**9]
VOLUNTARY_BY_PAY = list(zip(PAY_STEPS, [0.55, 0.80, 1.00, 1.15, 1.30, 1.50], strict=True))
DEFERRAL_BY_PAY = list(zip(PAY_STEPS, [0.75, 0.82, 0.92, 1.00, 1.08, 1.10], strict=True))
VOLUNTARY_CAP = 0.97
DEFERRAL_SPREAD = [
    (0.20, 0.4),
    (0.40, 0.7),
    (0.65, 1.0),
    (0.85, 1.3),
    (1.01, 1.8),
]  # (cumulative weight, factor)
LATER_ENROLLMENT, STOP, NEVER_ASK_AGAIN, ESCALATION_OPT_OUT = 0.08, 0.006, 0.10, 0.126
# Unscaled, the tables give this company 59 %: 43 % of its people earn less than 50,000 dollars.
PARTICIPATION_SCALE = 1.25
PLAN_AGE = 21
PLAN_START = date(1990, 1, 1).toordinal()
PAY_LIMIT_CENTS = 345_000_00  # 401(a)(17) for 2024, IRS Notice 2023-75

DAYS_A_YEAR = 365.25
# 18 years never hold more days than this, so a longer wait from birth means an 18th birthday has passed.
DAYS_TO_18 = 6_575


@dataclass(slots=True)
class Person:
    """One invented employee. Dates are proleptic ordinals (`date.toordinal`), money is whole cents."""

    birth: int
    hire: int
    service: int | None = None
    termination: int | None = None
    level: int = 1
    hours: int = FULL_TIME_HOURS
    pay_cents: int = 0
    owner: bool = False


@dataclass(slots=True)
class PlanRecord:
    """What the plan knows of a person on the census date."""

    deferral_percent: int = 0
    enrolled: int | None = None
    opted_out: bool = False
    escalation_opt_out: bool = False
    match_balance_cents: int = 0


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 28 February in a common year."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` by largest remainder, so that the parts add up."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def look_up(table: Sequence[tuple[float, float]], at: float) -> float:
    """The value of the first row whose upper end lies above `at`."""
    for below, value in table:
        if at < below:
            return value
    raise ValueError(f"{at} lies above the last row of the table.")


def draw_person(rng: random.Random, births: tuple[int, int], hires: tuple[int, int], skew: tuple[bool, bool]) -> Person:
    """Draw until the person was at least 18 when hired, and seldom hired on a weekend.

    Both ranges are (first, last) ordinals. A skewed range thins out towards its first day.
    """
    while True:
        age_draw, tenure_draw = rng.random(), rng.random()
        if skew[0]:
            age_draw *= age_draw
        if skew[1]:
            tenure_draw *= tenure_draw
        birth = births[1] - int(age_draw * (births[1] - births[0] + 1))
        hire = hires[1] - int(tenure_draw * (hires[1] - hires[0] + 1))
        on_weekend = hire % 7 in (6, 0)  # ordinal 1 was a Monday
        if hire - birth >= DAYS_TO_18 and (not on_weekend or rng.random() < 0.1):
            return Person(birth=birth, hire=hire)


def draw_people(rng: random.Random, count: int, as_of: date, latest_hire: int) -> list[Person]:
    """Fill every cell of age group x tenure band with its share of `count` people."""

    def days(low: int, high: int) -> tuple[int, int]:
        return years_before(as_of, high).toordinal() + 1, years_before(as_of, low).toordinal()

    people = []
    sizes = apportion(count, [share for _, _, share in AGE_GROUPS])
    for (youngest, below, _), size, tenures in zip(AGE_GROUPS, sizes, TENURE_BY_AGE, strict=True):
        for (low, high), cell in zip(TENURE_BANDS, apportion(size, tenures), strict=True):
            first, last = days(low, high)
            hires = (first, min(last, latest_hire))
            skew = (youngest >= 65, low >= 20)
            people += [draw_person(rng, days(youngest, below), hires, skew) for _ in range(cell)]
    rng.shuffle(people)
    return people


def place_in_levels(rng: random.Random, people: list[Person], as_of: int) -> None:
    """Give the top levels to those who rank highest by age, tenure and luck, and old enough for them."""

    def standing(person: Person) -> float:
        age = min((as_of - person.birth) / DAYS_A_YEAR, 52)
        tenure = min((as_of - person.hire) / DAYS_A_YEAR, 20)
        return age + 0.7 * tenure + 45 * (rng.random() + rng.random())

    ranked = [person for _, _, person in sorted((-standing(p), i, p) for i, p in enumerate(people))]
    quotas = dict(zip(LEVELS, apportion(len(people), [row[0] for row in LEVELS.values()]), strict=True))
    for level in sorted(LEVELS, reverse=True)[:-1]:
        left_over = []
        for person in ranked:
            if quotas[level] and as_of - person.birth >= LEVELS[level][3] * DAYS_A_YEAR:
                person.level = level
                quotas[level] -= 1
            else:
                left_over.append(person)
        ranked = left_over


def choose_part_timers(rng: random.Random, people: list[Person], as_of: int) -> None:
    """Put a tenth of all people, the youngest and oldest first in line, on part-time hours."""
    keys = []
    for i, person in enumerate(people):
        age = (as_of - person.birth) / DAYS_A_YEAR
        weight = 3 if age < 25 or age >= 65 else 1
        if person.level <= 2:
            keys.append((rng.random() / weight, i))
    for _, i in sorted(keys)[: len(people) * PART_TIME_PERCENT // 100]:
        people[i].hours = PART_TIME_HOURS


def set_pay(rng: random.Random, person: Person, as_of: int) -> None:
    """Place pay in the level's band: higher with tenure, never at or above the band's upper end."""
    _, low, below, _ = LEVELS[person.level]
    tenure = min((as_of - person.hire) / DAYS_A_YEAR, 20)
    position = (0.15 + 0.5 * rng.random() + 0.015 * tenure) * BAND_REACH[person.level]
    by_the_hour = person.level == 1 or person.hours == PART_TIME_HOURS
    if person.hours == PART_TIME_HOURS:
        position *= 0.4
    cents = int((low + position * (below - low)) * 100)
    if by_the_hour:
        hours = person.hours * 52
        person.pay_cents = -(-cents // hours) * hours
    else:
        person.pay_cents = cents // 50_00 * 50_00


def set_service_date(rng: random.Random, person: Person) -> None:
    """Make a few people rehires, whose earlier service counts from before their hire date."""
    if rng.random() < REHIRE_SHARE:
        service = person.hire - 365 - int(rng.random() * 5 * 365)
        if service - person.birth >= DAYS_TO_18:
            person.service = service


def name_owners(people: list[Person]) -> None:
    """Mark the best paid as owners of more than 5 %."""
    count = min(len(people) * 6 // 10_000, 12)
    for _, i in sorted((-person.pay_cents, i) for i, person in enumerate(people))[:count]:
        people[i].owner = True


def plan_history(rng: random.Random, person: Person, last_day: int) -> tuple[int | None, int]:
    """Walk through the years since plan entry: who is not in may join, who is in may stop.

    Returns:
        The day the person last joined (None if not in on `last_day`), and the days spent in the plan.
    """
    plan_birthday = person.birth + int(PLAN_AGE * DAYS_A_YEAR) + 1
    entry = max(person.hire, plan_birthday, PLAN_START)
    age_at_entry = (entry - person.birth) / DAYS_A_YEAR
    probability = look_up(VOLUNTARY_BY_AGE, age_at_entry) * look_up(VOLUNTARY_BY_PAY, person.pay_cents / 100)
    joined, days_in = None, 0
    if rng.random() < min(probability * PARTICIPATION_SCALE, VOLUNTARY_CAP):
        joined = entry + 1 + int(rng.random() * 30)
    for year_start in range(entry + 31, last_day + 1, 365):
        if rng.random() >= (LATER_ENROLLMENT if joined is None else STOP):
            continue
        day = year_start + int(rng.random() * 365)
        if day > last_day:
            break
        if joined is None:
            joined = day
        else:
            days_in += day - joined
            joined = None
    if joined is not None and joined > last_day:
        joined = None
    return joined, days_in + (0 if joined is None else last_day - joined)


def match_half_percents(deferral_percent: int) -> int:
    """The match in half per cents of pay: 100 % of the first 3 %, 50 % of the next 2 %."""
    return 2 * min(deferral_percent, 3) + max(0, min(deferral_percent, 5) - 3)


def draw_plan_record(rng: random.Random, person: Person, as_of: int) -> PlanRecord:
    """Decide whether and how a person takes part in the plan, and what the employer has paid in."""
    last_day = as_of if person.termination is None else person.termination
    enrolled, days_in = plan_history(rng, person, last_day)
    age = (as_of - person.birth) / DAYS_A_YEAR
    mean = look_up(DEFERRAL_MEAN_BY_AGE, age) * look_up(DEFERRAL_BY_PAY, person.pay_cents / 100)
    percent = max(1, int(mean * look_up(DEFERRAL_SPREAD, rng.random()) + 0.5))
    yearly_match = min(person.pay_cents, PAY_LIMIT_CENTS) * match_half_percents(percent) / 200
    balance_cents = int(yearly_match * days_in / DAYS_A_YEAR * (0.8 + 0.3 * rng.random()))
    choice = rng.random()
    if enrolled is None:
        stopped = days_in > 0
        opted_out = stopped or (age > PLAN_AGE and choice < NEVER_ASK_AGAIN)
        return PlanRecord(opted_out=opted_out, match_balance_cents=balance_cents)
    return PlanRecord(percent, enrolled, False, choice < ESCALATION_OPT_OUT, balance_cents)


def add_edge_dates(people: list[Person], as_of: date) -> None:
    """Give six people the dates that break date arithmetic."""
    leap = as_of.year // 4 * 4
    edges = [
        # born and hired on a 29 February
        (date(leap - 36, 2, 29), date(leap - 8, 2, 29)),
        # 45 today, with five years of service today: on the lower edge of an age band and of a tenure band
        (years_before(as_of, 45), years_before(as_of, 5)),
        # 55 tomorrow: on the upper edge of an age band
        (date.fromordinal(years_before(as_of, 55).toordinal() + 1), date(as_of.year - 12, 7, 9)),
        # hired on the census date itself
        (date(as_of.year - 29, 5, 17), as_of),
        # hired on 1 January: a full prior year
        (date(as_of.year - 33, 11, 2), date(as_of.year, 1, 1)),
        # hired on the 18th birthday, and not yet of plan age
        (date(as_of.year - 20, 8, 14), date(as_of.year - 2, 8, 14)),
    ]
    for person, (birth, hire) in zip(people[:EDGE_DATES], edges, strict=True):
        person.birth, person.hire = birth.toordinal(), hire.toordinal()


def add_edge_pay(people: list[Person]) -> None:
    """Put one person on each end of the lowest pay band, and make one person a rehire."""
    plain = [p for p in people[EDGE_DATES:] if p.hours == FULL_TIME_HOURS]
    next(p for p in plain if p.level == 1).pay_cents = LEVELS[1][1] * 100
    next(p for p in plain if p.level == 2).pay_cents = LEVELS[1][2] * 100
    rehire = next(p for p in plain if p.service is None and p.hire - p.birth >= DAYS_TO_18 + 1_000)
    rehire.service = rehire.hire - 900


def build_company(people: int, seed: int, as_of: date, edge_cases: bool = False) -> list[Person]:
    """Draw the whole company: `people` active employees, and one leaver for every 100 of them.

    Args:
        people: Active employees on the census date.
        seed: Seed of the generator; the same seed gives the same people.
        as_of: The census date.
        edge_cases: Replace a few people by awkward ones, for tests.

    Returns:
        Active people and leavers together, by hire date.
    """
    rng = random.Random(seed)
    census_day = as_of.toordinal()
    company = draw_people(rng, people, as_of, census_day)
    if edge_cases:
        add_edge_dates(company, as_of)

    # A leaver needs some days between the hire and the exit, and the exit lies in the census year.
    leavers = draw_people(rng, people // 100, as_of, latest_hire=census_day - 60)
    for leaver in leavers:
        first = max(leaver.hire + 1, date(as_of.year, 1, 1).toordinal())
        leaver.termination = rng.randint(first, census_day - 1)

    for group in (company, leavers):
        place_in_levels(rng, group, census_day)
        choose_part_timers(rng, group, census_day)
        for person in group:
            set_pay(rng, person, census_day)
            set_service_date(rng, person)
    if edge_cases:
        add_edge_pay(company)
    name_owners(company)
    return sorted(company + leavers, key=lambda person: (person.hire, person.birth))


def share_of_year(person: Person, year: int) -> tuple[int, int]:
    """Days employed in a calendar year since the hire date, and the days of that year."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    until = last if person.termination is None else min(last, person.termination)
    return max(0, until - max(first, person.hire) + 1), last - first + 1


def money(cents: int) -> str:
    """Cents as dollars with two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def census_lines(company: Iterable[Person], seed: int, as_of: date, id_width: int) -> Iterator[str]:
    """The census as lines of CSV, header first. Empty means unknown or not applicable."""

    def day(ordinal: int | None) -> str:
        return "" if ordinal is None else date.fromordinal(ordinal).isoformat()

    def flag(value: bool) -> str:
        return "true" if value else "false"

    # A stream of its own: a change to how the company is drawn leaves the plan's draws in step.
    rng = random.Random(seed + 1)
    census_day = as_of.toordinal()
    yield ",".join(COLUMNS)
    for number, person in enumerate(company, start=1):
        record = draw_plan_record(rng, person, census_day)
        days, days_in_year = share_of_year(person, as_of.year)
        days_before, days_in_year_before = share_of_year(person, as_of.year - 1)
        yearly_hours = person.hours * 52
        yield ",".join(
            (
                f"E{number:0{id_width}d}",
                day(person.birth),
                day(person.hire),
                money(person.pay_cents),
                str(person.level),
                flag(person.termination is None),
                day(person.termination),
                day(person.service),
                f"0.{record.deferral_percent:02d}",
                day(record.enrolled),
                "" if record.enrolled is None else "voluntary",
                flag(record.opted_out),
                flag(record.escalation_opt_out),
                str(person.hours),
                str((2 * yearly_hours * days + days_in_year) // (2 * days_in_year)),
                str((2 * yearly_hours * days_before + days_in_year_before) // (2 * days_in_year_before)),
                money((2 * person.pay_cents * days + days_in_year) // (2 * days_in_year)),
                flag(person.owner),
                money(record.match_balance_cents),
                "0.00",
            )
        )


def write_parquet(csv: Path, out: Path) -> None:
    """Turn the CSV into Parquet with the types of `COLUMNS`, in the same row order and on one thread."""
    types = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items()) + "}"
    source, target = (str(path).replace("'", "''") for path in (csv, out))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            f"copy (select * from read_csv('{source}', header = true, auto_detect = false, delim = ',', "
            f"nullstr = '', columns = {types})) to '{target}' (format parquet, compression zstd)"
        )


def write_census(people: int, seed: int, as_of: date, out: Path, edge_cases: bool = False) -> int:
    """Draw a census and write it to `out`, as Parquet or CSV by its extension.

    Returns:
        The number of rows written, leavers included.

    Raises:
        ValueError: The extension or the number of people is not supported.
    """
    if out.suffix not in (".parquet", ".csv"):
        raise ValueError(f"'{out}' must end in .parquet or .csv; the ending chooses the format.")
    if not 50 <= people <= MAX_PEOPLE:
        raise ValueError(f"--people is {people}; choose a number from 50 to {MAX_PEOPLE:,}.")
    company = build_company(people, seed, as_of, edge_cases)
    id_width = max(5, len(str(len(company))))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        csv = out if out.suffix == ".csv" else Path(folder) / "census.csv"
        with csv.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in census_lines(company, seed, as_of, id_width))
        if out.suffix == ".parquet":
            write_parquet(csv, out)
    return len(company)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write an invented employee census.")
    parser.add_argument("--people", type=int, default=5_000, help="active employees (default 5000)")
    parser.add_argument("--seed", type=int, default=20_241_231)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2024, 12, 31), help="census date")
    parser.add_argument("--edge-cases", action="store_true", help="include awkward dates and pay, for tests")
    parser.add_argument("--out", type=Path, required=True, help="a .parquet or .csv file")
    chosen = parser.parse_args(arguments)
    try:
        rows = write_census(chosen.people, chosen.seed, chosen.as_of, chosen.out, chosen.edge_cases)
    except ValueError as error:
        parser.error(str(error))
    print(f"Wrote {rows:,} rows to {chosen.out}.")


if __name__ == "__main__":
    main()
