"""Axes: round ticks, and figures short enough to stand at one.

Belongs here: arithmetic of an axis. Does not: drawing (charts.py).
"""

from __future__ import annotations

import math
from decimal import Decimal

from planwise_assets.results.measures import Unit

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, *, about: int = 5, whole: bool = False) -> list[float]:
    """Round values that enclose a range.

    The step is the smallest of 1, 2, 2.5 and 5 times a power of ten that gives at most `about` steps.

    Args:
        low: The smallest value.
        high: The largest.
        about: How many steps at most, before the ends are rounded outwards.
        whole: Whether steps are whole numbers (people).
    """
    if low == high:
        pad = abs(low) * 0.05 or 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough * (1 - 1e-9))
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(Decimal(repr(step)) * place) for place in range(first, last + 1)]


def tick_texts(values: list[float], unit: Unit) -> list[str]:
    """The ticks as people read them: with the decimals that tell them apart, dollars in thousands, millions or billions."""
    if unit == "share":
        return [f"{text}%" for text in _told_apart([value * 100 for value in values])]
    if unit in ("people", "tests"):
        return _told_apart(values)
    largest = max(abs(value) for value in values)
    size, word = next(
        pair for pair in ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1.0, "")) if largest >= pair[0] or pair[0] == 1
    )
    texts = _told_apart([value / size for value in values])
    return [f"-${text.removeprefix('-')}{word}" if text.startswith("-") else f"${text}{word}" for text in texts]


def _told_apart(values: list[float]) -> list[str]:
    for digits in range(4):
        texts = [f"{value:,.{digits}f}" for value in values]
        if len(set(texts)) == len(texts) and all(abs(float(f"{value:.{digits}f}") - value) < 1e-9 for value in values):
            return texts
    return texts


def short(value: float, unit: Unit) -> str:
    """One figure in few characters: $12.3m, 5,150, 2.58%."""
    if unit == "share":
        return f"{value * 100:.2f}%"
    if unit == "people":
        return f"{value:,.0f}"
    if unit == "tests":
        return f"{value:,.1f}"
    sign = "-" if value < 0 else ""
    for size, word in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return (
                f"{sign}${abs(value) / size:,.2f}{word}"
                if abs(value) < 100 * size
                else f"{sign}${abs(value) / size:,.0f}{word}"
            )
    return f"{sign}${abs(value):,.0f}"
