"""What differs between published results and the files of today, in words.

Belongs here: comparing. Does not: what the results say of themselves (results/provenance.py), looking at the lake's files
(`planwise verify`), Dagster.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from planwise_assets.results.provenance import Published
from planwise_assets.settings import Settings
from planwise_assets.study.parameters.fingerprint import CODE, differences, fingerprints
from planwise_assets.study.schema import Study
from planwise_assets.study.sections.census import census_hash
from planwise_assets.year.state.code import code_hashes
from resources.dbt.compiled import cached_project

_MOST_NAMED = 3


def what_differs(made: Published, settings: Settings, study: Study) -> list[str]:
    """What of the study, its census and the code is not what the published years were made from; empty when nothing is.

    Years are compared one by one, since a setting of a later year makes no earlier one stale.

    Args:
        made: What the published years were made from.
        settings: Where the dbt project of today is, and its cache.
        study: The study as its file says it today.

    Returns:
        A sentence each, with the years that it is true of unless these are all.
    """
    found: dict[str, list[int]] = {}
    try:
        census = census_hash(study.census)
    except OSError:
        census = ""
        found[f"the census {study.census} cannot be read"] = []
    code = _code_of_today(settings)
    today = fingerprints(study, made.years.keys() & set(study.simulation_years), census)
    for year, now in today.items():
        then = dict(made.years[year].fingerprint)
        if not census:
            now["census file"] = then["census file"]
        # Only a compilation says whether other text is other code; `planwise verify` compiles.
        now[CODE] = code or then[CODE]
        for sentence in differences(then, now):
            found.setdefault(sentence, []).append(year)
    sentences = [f"{sentence}{_in(years, len(made.years))}" for sentence, years in found.items()]
    return [*_of_years(made, study), *sentences, *_among_years(made), *([] if code else [_UNKNOWN_CODE])]


_UNKNOWN_CODE = "the SQL of PlanWise has been touched (planwise verify says whether results can change)"


def in_one_line(made: Published, differs: list[str]) -> str:
    """The same as one line, and what to run."""
    more = len(differs) - _MOST_NAMED
    named = "; ".join(differs[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
    return (
        f"These are not the results of today's {made.study}. Since then: {named}. Bring them up to date: planwise simulate"
    )


def _of_years(made: Published, study: Study) -> Iterator[str]:
    years = set(study.simulation_years)
    if gone := sorted(made.years.keys() - years):
        yield f"{_span(gone)} {'are' if len(gone) > 1 else 'is'} no longer in the study"
    if missing := sorted(years - made.years.keys()):
        yield f"{_span(missing)} {'are' if len(missing) > 1 else 'is'} not simulated"


def _among_years(made: Published) -> Iterator[str]:
    """Whether the published years themselves were made from one thing: somebody may have accepted that they were not."""
    if any(year.accepted for year in made.years.values()):
        accepted = sorted(at for at, year in made.years.items() if year.accepted)
        yield f"{_span(accepted)} followed a year that did not match (PLANWISE_ACCEPT_STALE)"


def _code_of_today(settings: Settings) -> str | None:
    dbt = cached_project(settings.dbt_project, settings.dbt_cache)
    return None if dbt is None else json.dumps(code_hashes(dbt), sort_keys=True)


def _in(years: list[int], published: int) -> str:
    return "" if len(years) in (0, published) else f" ({_span(years)})"


def _span(years: list[int]) -> str:
    is_run = years[-1] - years[0] == len(years) - 1
    return str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}" if is_run else ", ".join(map(str, years))
