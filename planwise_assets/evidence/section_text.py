"""The YAML of a fit, with where every value comes from.

Belongs here: its text. Does not: the values (study_section.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from planwise_assets.evidence.movement import Estimate, Movement
from planwise_assets.evidence.saving import Saving
from planwise_assets.evidence.study_section import LARGEST_RATE, BandValue, Product, Section

_PLACES = Decimal("0.000001")


def section_text(
    section: Section,
    *,
    source: str,
    notes: Sequence[str] = (),
    movement: Movement | None = None,
    saving: Saving | None = None,
) -> str:
    """The settings as YAML that goes under `defaults:` (or a scenario) of a study file.

    Args:
        section: The hazards.
        source: What they come from: files, years, people.
        notes: What else a reader should know, a line each.
        movement: Growth, hires and pay.
        saving: The plan.
    """
    moved = movement or Movement()
    lines = ["# Fitted by `planwise fit`; every value may be edited.", f"# From {source}.", *(f"# {note}" for note in notes)]
    lines += ["workforce:", "  termination_rate: hazard          # the fitted hazards decide how many leave"]
    if moved.growth is not None:
        lines.append(_estimate("  growth", moved.growth))
    if section.new_hire_rate is not None:
        hires = f"of {section.hires:,} hires, within the year of hire"
        lines.append(f"  new_hire_termination_rate: {_number(section.new_hire_rate)}   # {hires}")
    products = [("termination", section.termination, "every exit but retirement")]
    if section.promotion is not None:
        products.append(("promotion", section.promotion, "moves to the next level, once a year"))
    hazards = [line for product in products if product[1].base is not None for line in _product(*product)]
    if section.retirement:
        hazards.append("  retirement:")
        hazards += [_band(band, "rate", "    ") for band in section.retirement]
    hazards += [f"  # At {age} more retire than a rate of {LARGEST_RATE:g} can say." for age in section.capped]
    lines += ["hazards:", *hazards] if hazards else []
    return "\n".join([*lines, *_moved(moved), *_saved(saving or Saving())]) + "\n"


def _product(name: str, product: Product, what: str) -> Iterator[str]:
    yield f"  {name}:                      # {what}"
    yield f"    base: {_number(product.base or 0.0)}                  # yearly probability where all multipliers are 1"
    yield (
        f"    # A product of age and service, which the fitted surface need not be: it loses {product.lost:.1%} of what "
        "the surface tells apart."
    )
    yield "    age:"
    yield from (_band(band, "multiplier") for band in product.age)
    yield "    tenure:"
    yield from (_band(band, "multiplier") for band in product.service)
    if product.levels:
        yield "    level:"
        yield from (
            f"      - {{level_id: {level}, multiplier: {_number(band.value)}}}{_rests_on(band, 'nobody rises from here')}"
            for level, band in product.levels.items()
        )


def _moved(moved: Movement) -> Iterator[str]:
    if moved.merit is not None or moved.promotion_raise is not None:
        yield "levels:"
    if moved.merit is not None:
        yield _estimate("  merit_rate", moved.merit)
        for level, own in moved.merit_by_level.items():
            yield f"  # Level {level} by itself: {_number(own.value)} ({own.low:.3g} to {own.high:.3g}; {own.seen})."
    if moved.promotion_raise is not None:
        for name, end in zip(("min", "max"), moved.promotion_raise, strict=True):
            yield _estimate(f"  promotion_raise_{name}", end)
    if moved.cola is not None:
        yield "compensation:"
        yield _estimate("  cola", moved.cola)
    if moved.hire_ages:
        yield "hiring:"
        yield "  ages:"
        yield from (_weight(f"min: {start}, max: {end}", share) for (start, end), share in moved.hire_ages.items())
    yield from (_estimate(f"  {name}", value) for name, value in moved.hours.items())
    if isinstance(moved.level_mix, str):
        yield "  level_mix: hold   # the mix of the year-ends does not move"
    elif moved.level_mix:
        yield "  level_mix:"
        yield from (_weight(f"level_id: {level}", share) for level, share in moved.level_mix.items())


def _weight(whose: str, share: Estimate) -> str:
    return f"    - {{{whose}, weight: {_number(share.value)}}}   # {_seen(share)}"


def _saved(saving: Saving) -> Iterator[str]:
    if saving.changes or saving.increment is not None:
        yield "plan:"
    if saving.changes:
        yield "  changes:"
        yield from (_estimate(f"    {name}", value) for name, value in saving.changes.items())
    if saving.increment is not None:
        yield "  escalation:"
        yield _estimate("    increment", saving.increment)


def _estimate(name: str, value: Estimate) -> str:
    return f"{name}: {_number(value.value)}   # {_seen(value)}"


def _seen(value: Estimate) -> str:
    """The interval, and what it rests on."""
    return f"{value.low:.4g} to {value.high:.4g}; {value.seen}"


def _band(band: BandValue, name: str, indent: str = "      ") -> str:
    end = "" if band.end is None else f"max: {band.end}, "
    value = f"{indent}- {{min: {band.start}, {end}{name}: {_number(band.value)}}}"
    return value + _rests_on(band, "not seen: the shipped hazard")


def _rests_on(band: BandValue, unseen: str) -> str:
    if not band.is_fitted:
        return f"   # {unseen}"
    return f"   # {band.low:.3g} to {band.high:.3g}; {band.person_years:,.0f} person-years, {band.exits:,.0f} events"


def _number(value: float) -> str:
    return f"{Decimal(repr(float(value))).quantize(_PLACES).normalize():f}"
