"""Every column that a census may have: what it means, how it is written, an example, and what is taken where it is missing.

Belongs here: the one table that `planwise init --columns`, the template workbook and docs/reference/census.md are made
from. Does not: the names that others give these columns (intake/synonyms.py), rules for their values
(dbt_project/macros/workforce/census.sql).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CensusColumn:
    """A column that PlanWise knows.

    Attributes:
        name: PlanWise's name for it.
        kind: How its values are written: `id`, `date`, `money`, `number`, `whole`, `rate`, `percent`, `flag`, `status`,
            `period`, `word`.
        meaning: In a sentence.
        example: One value.
        without: What is taken for somebody who has no value, in a sentence; empty where that changes nothing.
        reaches: How it acts. `staged`: the simulation reads it. `made into`: others are made from it, and it ends there.
            `asked`: a test of published results asks for it, no simulation does. `known`: understood, and without effect.
        is_important: Whether its absence is told of, and a column that looks like it may not be passed over.
    """

    name: str
    kind: str
    meaning: str
    example: str
    without: str = ""
    reaches: str = "staged"
    is_important: bool = False


_MADE, _ASKED, _KNOWN = "made into", "asked", "known"

COLUMNS: tuple[CensusColumn, ...] = (
    CensusColumn("employee_id", "id", "Who it is. Kept as it is written, zeros in front too.", "E00017"),
    CensusColumn("birth_date", "date", "Day of birth.", "1980-05-01"),
    CensusColumn("hire_date", "date", "First day of the employment that the row is about.", "2010-03-15"),
    CensusColumn(
        "annual_compensation",
        "money",
        "Pay as a yearly rate on the census date. Where it is missing it is made from pay paid or from an hourly rate.",
        "60000.00",
    ),
    CensusColumn(
        "level_id", "whole", "Job level, by its number in the study.", "2", "The level whose pay band holds the pay."
    ),
    CensusColumn(
        "termination_date",
        "date",
        "Last day of the employment. One after the census date is an announced leaver's.",
        "2024-06-30",
        "Nobody has left: every row is somebody at work.",
        is_important=True,
    ),
    CensusColumn("active", "flag", "Whether the person is employed on the census date.", "yes"),
    CensusColumn(
        "service_date",
        "date",
        "Day from which service counts without a break (adjusted service date).",
        "2008-01-15",
        "Service counts from the hire date, and for rehired people from the dates of each employment.",
    ),
    CensusColumn(
        "deferral_rate",
        "rate",
        "Share of pay that is deferred, pre-tax and Roth together: 6%, 0.06, or 6 in a column of per cents.",
        "0.06",
        "Everybody opens at 0 %: nobody saves until the simulation enrols them.",
        is_important=True,
    ),
    CensusColumn("enrollment_date", "date", "Day of the latest enrolment in the plan.", "2011-01-01"),
    CensusColumn("enrollment_source", "word", "Way into the plan: auto, voluntary, later, active_choice or census.", "auto"),
    CensusColumn("eligibility_date", "date", "Day from which the person may take part.", "2010-07-01"),
    CensusColumn("opted_out", "flag", "Whether the person declined automatic enrolment.", "no"),
    CensusColumn("auto_escalation_opt_out", "flag", "Whether the person declined automatic increases.", "no"),
    CensusColumn(
        "plan_exclusion",
        "flag",
        "Whether the plan's terms leave the person out.",
        "no",
        "The plan covers everybody.",
        is_important=True,
    ),
    CensusColumn(
        "scheduled_hours_per_week",
        "number",
        "Hours a week that are agreed.",
        "40",
        "40 hours a week for everybody.",
        is_important=True,
    ),
    CensusColumn(
        "hours_prior_year_1",
        "number",
        "Hours of service in the year that ends on the census date.",
        "2080",
        "52 weeks of the scheduled hours, by the days employed in that year.",
        is_important=True,
    ),
    CensusColumn("hours_prior_year_2", "number", "Hours of service in the year before that.", "2080"),
    CensusColumn(
        "prior_year_compensation",
        "money",
        "Pay that was paid in the year that ends on the census date (gross pay, W-2, year to date), all in all.",
        "58750.00",
        "The yearly rate, and overtime, by the days employed in that year, and the bonus.",
    ),
    CensusColumn(
        "bonus",
        "money",
        "Bonus, commission or other pay on top, in a year. Paid every year as it is, without raises, by the days employed; "
        "a hire has the average of the census at the level.",
        "4500.00",
    ),
    CensusColumn(
        "overtime",
        "money",
        "Overtime pay of the year that ends on the census date; of somebody employed for a part of it, it is made a year's. "
        "Paid on likewise.",
        "1875.00",
    ),
    CensusColumn(
        "owner_5pct",
        "flag",
        "Whether the person owns more than 5 % of the company.",
        "no",
        "Nobody does.",
        is_important=True,
    ),
    CensusColumn("match_balance", "money", "Match contributed so far, less what was forfeited.", "12500.00"),
    CensusColumn("core_balance", "money", "Nonelective contributions so far, likewise.", "0.00"),
    # What the columns above are made from.
    CensusColumn(
        "rehire_date",
        "date",
        "First day of the later employment of somebody who had left.",
        "2021-05-03",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "termination_date_2", "date", "Last day of that later employment.", "2024-09-30", reaches=_MADE, is_important=True
    ),
    CensusColumn(
        "original_hire_date",
        "date",
        "First day of the first employment. Where it is before the hire date, the termination date between them is wanted.",
        "2005-02-01",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "prior_service_years", "number", "Years of service before the hire date, completed or not.", "2.5", reaches=_MADE
    ),
    CensusColumn(
        "employment_status",
        "status",
        "Active, on leave, terminated, retired, deceased; also union, leased, nonresident alien or excluded.",
        "Active",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "on_leave", "flag", "Whether the person is on leave: employed, and perhaps without pay.", "no", reaches=_MADE
    ),
    CensusColumn("hourly_rate", "money", "Pay an hour.", "25.50", reaches=_MADE, is_important=True),
    CensusColumn("annual_hours", "number", "Hours a year that are agreed.", "2080", reaches=_MADE, is_important=True),
    CensusColumn(
        "plan_compensation",
        "money",
        "Pay paid in that year which the plan counts: deferrals in dollars are shares of it.",
        "58750.00",
        reaches=_MADE,
    ),
    CensusColumn("pretax_deferral", "money", "Pre-tax deferrals in dollars.", "3525.00", reaches=_MADE, is_important=True),
    CensusColumn("roth_deferral", "money", "Roth deferrals in dollars.", "1175.00", reaches=_MADE, is_important=True),
    CensusColumn(
        "roth_rate", "rate", "Share of pay deferred as Roth, beside deferral_rate.", "0.02", reaches=_MADE, is_important=True
    ),
    CensusColumn(
        "pay_frequency",
        "period",
        "How often pay is paid, where deferrals are dollars a pay period.",
        "biweekly",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "ownership_percent",
        "percent",
        "Share of the company that the person owns.",
        "12.5%",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "family_relationship",
        "word",
        "Relationship to an owner: spouse, child, parent or grandparent of one owns what the owner does (IRC 318).",
        "Spouse of the owner",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "union_member",
        "flag",
        "Whether a collective agreement covers the person, which the plan leaves out.",
        "no",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "leased",
        "flag",
        "Whether the person is a leased employee, whom the plan leaves out.",
        "no",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "nonresident_alien",
        "flag",
        "Whether the person is a nonresident alien without US income, whom the plan leaves out.",
        "no",
        reaches=_MADE,
        is_important=True,
    ),
    CensusColumn(
        "officer",
        "flag",
        "Whether the person is an officer, or a key employee in the file's own words: the top-heavy test asks (IRC 416).",
        "no",
        "No officer is known, and the top-heavy test says so.",
        reaches=_ASKED,
    ),
    # Understood, and without effect.
    CensusColumn("last_name", "word", "Family name.", "Doe", reaches=_KNOWN),
    CensusColumn("first_name", "word", "Given name.", "Jo", reaches=_KNOWN),
    CensusColumn("termination_reason", "word", "Why somebody left: the date decides.", "Voluntary", reaches=_KNOWN),
    CensusColumn(
        "employer_match_paid", "money", "Match of the year: the simulation computes its own.", "2350.00", reaches=_KNOWN
    ),
    CensusColumn(
        "hce",
        "flag",
        "Whether the file has the person as highly compensated: pay and ownership decide.",
        "no",
        reaches=_KNOWN,
    ),
)

BY_NAME = {column.name: column for column in COLUMNS}
