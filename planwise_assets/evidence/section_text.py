"""The YAML of a fit, with where every value comes from.

Belongs here: its text. Does not: the values (study_section.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from planwise_assets.evidence.study_section import LARGEST_RATE, BandValue, Section

_PLACES = Decimal("0.000001")


def section_text(section: Section, *, source: str, notes: Sequence[str] = ()) -> str:
    """The settings as YAML that goes under `defaults:` (or a scenario) of a study file.

    Args:
        section: The values.
        source: What they come from: files, years, people.
        notes: What else a reader should know, a line each.
    """
    lines = ["# Fitted by `planwise fit`; every value may be edited.", f"# From {source}.", *(f"# {note}" for note in notes)]
    lines += ["workforce:", "  termination_rate: hazard          # the fitted hazards decide how many leave"]
    if section.new_hire_rate is not None:
        hires = f"of {section.hires:,} hires, within the year of hire"
        lines.append(f"  new_hire_termination_rate: {_number(section.new_hire_rate)}   # {hires}")
    if section.base is not None or section.retirement:
        lines.append("hazards:")
    if section.base is not None:
        lines += [
            "  termination:                      # every exit but retirement",
            f"    base: {_number(section.base)}                  # yearly probability where both multipliers are 1",
            f"    # A product of age and service, which the fitted surface need not be: it loses {section.lost:.1%} of what "
            "the surface tells apart.",
            "    age:",
            *(_band(band, "multiplier") for band in section.age),
            "    tenure:",
            *(_band(band, "multiplier") for band in section.service),
        ]
        if section.levels:
            lines.append("    level:")
            lines += [
                f"      - {{level_id: {level}, multiplier: {_number(value)}}}" for level, value in section.levels.items()
            ]
    if section.retirement:
        lines.append("  retirement:")
        lines += [_band(band, "rate", "    ") for band in section.retirement]
    lines += [f"  # At {age} more retire than a rate of {LARGEST_RATE:g} can say." for age in section.capped]
    return "\n".join(lines) + "\n"


def _band(band: BandValue, name: str, indent: str = "      ") -> str:
    end = "" if band.end is None else f"max: {band.end}, "
    value = f"{indent}- {{min: {band.start}, {end}{name}: {_number(band.value)}}}"
    if not band.is_fitted:
        return f"{value}   # not seen: the shipped hazard"
    return f"{value}   # {band.low:.3g} to {band.high:.3g}; {band.person_years:,.0f} person-years, {band.exits:,.0f} exits"


def _number(value: float) -> str:
    return f"{Decimal(repr(float(value))).quantize(_PLACES).normalize():f}"
