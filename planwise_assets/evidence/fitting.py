"""A fit and its backtests from a history, as the commands ask for them.

Belongs here: the order of the steps, and the sentences about a fit. Does not: any of the steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from planwise_assets.evidence.backtest import Backtest, Materiality, run_backtest
from planwise_assets.evidence.cell_table import cell_table
from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import FEWEST_EXITS, Hazards, fit_hazards
from planwise_assets.evidence.history import Evidence
from planwise_assets.evidence.movement import Movement, movement_of
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.promotions import promotion_experience
from planwise_assets.evidence.published import named_table, read_table
from planwise_assets.evidence.saving import Saving, saving_of
from planwise_assets.evidence.section_text import section_text
from planwise_assets.evidence.selection import choose_groups
from planwise_assets.evidence.study_section import LEVEL, RETIREMENT, Section, promotion_of, section_of
from planwise_assets.evidence.time_breaks import TimeBreak, time_breaks

TERMINATION = "termination"
# A year held out has at least so many before it.
_FEWEST_YEARS = 3


@dataclass(frozen=True)
class Wish:
    """What is asked of a fit.

    Attributes:
        years: Calendar years to fit, such as 2018-2023; None: all.
        left_out: Causes that do not go into the settings.
        table: Name of a published table; None: no prior.
        is_central: Fit on person-years.
    """

    years: str | None = None
    left_out: tuple[str, ...] = ()
    table: str | None = None
    is_central: bool = False


@dataclass(frozen=True)
class Fitted:
    """A fit.

    Attributes:
        hazards: The surfaces.
        section: The settings.
        settings: The settings as YAML.
        cells: Every cell as CSV.
        breaks: Changes over the years.
        groups: Groups that were used.
        sentences: What to say about it.
        unseen: Settings that keep their default, each with the reason.
    """

    hazards: Hazards
    section: Section
    settings: str
    cells: str
    breaks: Sequence[TimeBreak]
    groups: Sequence[str]
    sentences: Sequence[str]
    unseen: Sequence[str]

    def summary(self) -> dict[str, Any]:
        """The fit for programs."""
        return {
            "causes": {
                cause: {
                    "degrees_of_freedom": round(surface.fitted.effective, 2),
                    "jumps": [str(jump) for jump in surface.shape.jumps],
                    "groups": list(surface.groups),
                    "prior": surface.prior.name if surface.prior else None,
                }
                for cause, surface in self.hazards.surfaces.items()
            },
            "flat_causes": dict(self.hazards.flat),
            "breaks": [str(found) for found in self.breaks],
            "lost_by_bands": self.section.termination.lost,
            "not_fitted": list(self.unseen),
        }


def fit_evidence(evidence: Evidence, wish: Wish) -> Fitted:
    """Fits what a history shows of leaving.

    Raises:
        EvidenceError: The years, the causes or the table do not fit the history.
    """
    seen = evidence.experience
    if wish.years is not None:
        seen = seen.in_years(_span(wish.years))
    if not seen.exits.sum():
        raise EvidenceError("Nobody who was employed on a 1 January left in the years to fit.")
    unknown = [cause for cause in wish.left_out if cause not in seen.events]
    if unknown:
        raise EvidenceError(f"--leave-out {', '.join(unknown)}: the history has the causes {', '.join(seen.causes)}.")
    seen, priors, said = _with_table(seen, wish)
    groups = choose_groups(seen, [name for name in seen.groups if name != LEVEL], priors=priors)
    kept = [*(name for name in seen.groups if name == LEVEL), *groups]
    hazards = fit_hazards(seen, groups=kept, priors=priors, is_central=wish.is_central)
    breaks = time_breaks(hazards, seen)
    section = section_of(hazards, seen, [year for year in evidence.hires if year.year in seen.years], left_out=wish.left_out)
    section, movement, saving, unseen = _beside_exits(evidence, wish, section)
    kind = "person-years (central exposure)" if wish.is_central else "the people of 1 January (initial exposure)"
    sentences = [
        *evidence.history.unread,
        *said,
        *_sentences(hazards, section, breaks, seen, wish.left_out),
        *(f"Keeps its default: {reason}." for reason in unseen),
    ]
    source = (
        f"{', '.join(evidence.inputs)}: {seen.people.sum():,.0f} years of people at risk in "
        f"{seen.years[0]}-{seen.years[-1]}, {seen.exits.sum():,.0f} exits; fitted on {kind}"
    )
    settings = section_text(section, source=source, notes=sentences, movement=movement, saving=saving)
    return Fitted(hazards, section, settings, cell_table(hazards, seen), breaks, groups, sentences, unseen)


def _beside_exits(evidence: Evidence, wish: Wish, section: Section) -> tuple[Section, Movement, Saving, list[str]]:
    """Promotions, growth, hires, pay and saving, where the files are year-ends; what they do not show, with the reason."""
    ends = evidence.ends if wish.years is None else evidence.ends.in_years(_span(wish.years))
    movement, saving = movement_of(ends), saving_of(ends)
    unseen = [*movement.unseen, *saving.unseen, "levels.hire_percentile: it takes the pay bands of the levels"]
    rising = promotion_experience(ends, LEVEL)
    if rising is None or rising.seen.exits.sum() < FEWEST_EXITS:
        unseen.append("hazards.promotion: the files show too few moves to a higher numbered level")
        return section, movement, saving, unseen
    risen = promotion_of(fit_hazards(rising.seen, groups=(LEVEL,)), rising.seen, rising.top)
    return replace(section, promotion=risen), movement, saving, unseen


def _span(text: str) -> list[int]:
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", text)
    if not found:
        raise EvidenceError(f"--years {text}: give a year or a span, e.g. 2018-2023.")
    return list(range(int(found[1]), int(found[2] or found[1]) + 1))


def _with_table(seen: Experience, wish: Wish) -> tuple[Experience, dict[str, Prior], list[str]]:
    """A table counts some exits together; so does the fit that is drawn to it."""
    if wish.table is None:
        return seen, {}, []
    table = read_table(wish.table, ("all", "all but retirement", "withdrawal"))
    is_all = named_table(wish.table).convention.exits == "all"
    counted = [cause for cause in seen.causes if is_all or cause != RETIREMENT]
    counted = [cause for cause in counted if cause not in wish.left_out]
    said = f"Drawn to {table.name} ({table.citation}); {', '.join(counted)} are fitted together, as the table counts them."
    return seen.with_one_cause(counted, TERMINATION), {TERMINATION: table}, [said]


def _sentences(
    hazards: Hazards,
    section: Section,
    breaks: Sequence[TimeBreak],
    seen: Experience,
    left_out: Sequence[str],
) -> list[str]:
    found = []
    for cause, surface in hazards.surfaces.items():
        jumps = f"; jumps: {', '.join(map(str, surface.shape.jumps))}" if surface.shape.jumps else ""
        exits = seen.events[cause].sum()
        found.append(f"{cause}: {exits:,.0f} exits, {surface.fitted.effective:.1f} degrees of freedom{jumps}.")
    for cause, rate in hazards.flat.items():
        found.append(f"{cause}: fewer than {FEWEST_EXITS} exits, so one rate for all, {rate:.5f} a year.")
    found += [f"Break in time: {change}" for change in breaks]
    groups = sorted({name for surface in hazards.surfaces.values() for name in surface.groups if name != LEVEL})
    if groups:
        found.append(f"Groups that told the last years better: {', '.join(groups)}; a study has no setting for them.")
    if left_out:
        found.append(f"Left out of the settings: {', '.join(left_out)}.")
    if section.new_hire_rate is None:
        found.append(
            "new_hire_termination_rate keeps its default: the files do not list who left in the year of their hire."
        )
    if RETIREMENT not in seen.events:
        found.append(
            "No exit has the cause retirement: hazards.retirement is 0 at the ages seen, so that none counts twice."
        )
    return found


def backtests(
    evidence: Evidence, *, hold_out: int | None, tables: Sequence[str], materiality: Materiality
) -> list[Backtest]:
    """The last years held out together, or each year that has enough before it.

    Args:
        evidence: The history.
        hold_out: So many of the last years are scored together; None: each year by itself that has three before it.
        tables: Published tables to compare with, `soa-` and the number.
        materiality: When a gap matters.

    Returns:
        A backtest for each set of years held out, each fitted on the years before its first.

    Raises:
        EvidenceError: There are too few years, or a table cannot be read or does not count all exits.
    """
    seen = evidence.experience
    years = seen.years
    if hold_out is None:
        chosen = [[year] for year in years[_FEWEST_YEARS:]]
    else:
        chosen = [years[-hold_out:]] if len(years) > hold_out else []
    if not chosen:
        raise EvidenceError(f"The history has the years {', '.join(map(str, years))}: too few to hold any out.")
    read = {name: read_table(name, ("all",)) for name in tables}
    found = []
    for held in chosen:
        before = seen.in_years([year for year in years if year < held[0]])
        groups = choose_groups(before, list(seen.groups))
        found.append(run_backtest(seen, held, groups=groups, tables=read, materiality=materiality, ends=evidence.ends))
    return found
