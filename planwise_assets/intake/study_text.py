"""The study file that `planwise init` writes, with comments that say what to change.

Belongs here: its text. Does not: which settings there are (study/).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planwise_assets.intake.plan_words import PlanTerms, plan_yaml, stretched


@dataclass(frozen=True)
class NewStudy:
    """What a new study file says.

    Attributes:
        name: Of the study.
        census: Path of the census, relative to the file.
        columns: The census file's own names to PlanWise's; only those that differ.
        years: First and last simulation year.
        seeds: How many futures.
        reject_limit: Share of bad rows that stops a run; None: the shipped one.
        reading: What `census_reading` says; empty where the file says all.
        terms: The plan's terms that were said.
    """

    name: str
    census: str
    columns: Mapping[str, str]
    years: Sequence[int]
    seeds: int
    reject_limit: str | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    terms: PlanTerms = field(default_factory=PlanTerms)


def study_text(new: NewStudy) -> str:
    """The file's text. Names of the census are quoted as JSON, which is YAML too."""
    columns = ""
    if new.columns:
        listed = "\n".join(f"  {json.dumps(own, ensure_ascii=False)}: {name}" for own, name in new.columns.items())
        columns = (
            f"census_columns:                         # the file's own names, and what they are to PlanWise\n{listed}\n"
        )
    if new.reading:
        listed = "\n".join(f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in new.reading.items())
        columns += f"census_reading:                         # how it is read where the file does not say\n{listed}\n"
    limit = ""
    if new.reject_limit is not None:
        limit = f"census_reject_limit: {new.reject_limit}               # share of bad rows that may be left out\n"
    first, last = new.years
    stretch, words = stretched(new.terms)
    # Another match than the law's is no safe harbor.
    no_harbor = "safe_harbor: none, " if new.terms.safe_harbor not in (None, "none") else ""
    return f"""\
# Made by `planwise init`. Every setting that is not written here has its shipped default: `planwise config explain` lists
# all of them with where each came from; docs/reference/study-file.md says what they mean.

study: {new.name}
# title: "What happens if ..."          # the report's headline; `description: "..."` says the question in your own words
census: {json.dumps(new.census, ensure_ascii=False)}
{columns}{limit}years: {{start: {first}, end: {last}}}         # the census is of the day before, 31 December {first - 1}
seeds: {{count: {new.seeds}, first: 1}}              # so many possible futures of each scenario, in one pass

# What a run may use. Nothing here changes a result.
resources: {{memory_gb: 4, threads: 4}}

# For every scenario below. A number holds for all years; by year it is carried forward: {{{first}: 0.03, {first + 2}: 0.02}}
defaults:
  workforce:
    growth: 0.03                        # headcount at the end of each year: 3 % more, to the person
    termination_rate: 0.12              # experienced employees who leave; who it is follows age and service
    new_hire_termination_rate: 0.20     # of a year's hires, those who leave in the same calendar year
  plan:                                 # what is not here is as shipped: eligibility, vesting, escalation, ...
{plan_yaml(new.terms)}
# A scenario says only in what it differs. The same people have the same luck in each.
scenarios:
  baseline: {{}}
  stretch_match:                        # {words}
    title: Stretch match                # what people read; `description: "..."` adds a sentence of yours
    plan: {{{no_harbor}match: {stretch}}}
"""
