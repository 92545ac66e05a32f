"""Published tables of termination, read offline through pymort, as priors and as yardsticks.

Belongs here: which table means what, and turning it into hazards by age and completed service. Does not: fitting.

The tables of the Society of Actuaries share one file format whose fields mislead. What a table is about is therefore known
here by its number, or asked of the person who names it; an axis or a cause that is not known is refused, never guessed:

* 1549 (2003 Pension Plan Turnover) is five tables by service in the form "select and ultimate". The one in the place of
  the ultimate is all services together and is not used. It counts every way out: termination, retirement, disability,
  death and transfers.
* 1926 to 1936 (Sarason's T-1 to T-11) count withdrawal, transfer, death and disability, not retirement, and never reach 0.
* Tables by duration name their axis "Age" at times. Completed service is duration - 1, attained age is age at entry +
  duration - 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.prior import Prior

Axis = Literal["age", "duration", "age at entry and duration"]
Basis = Literal["nearest birthday", "last birthday"]
Causes = Literal["all", "all but retirement", "withdrawal", "retirement"]
_NAME = re.compile(r"soa-([0-9]{1,4})")
# The grid of a prior: ages and completed years of service.
_FIRST_AGE, _LAST_AGE, _LAST_SERVICE = 15, 80, 50


@dataclass(frozen=True)
class Convention:
    """What a table is about.

    Attributes:
        axis: What its rows are, and its columns if it has any.
        causes: The exits that it counts.
        basis: How ages are counted.
        service_starts: First completed year of service of each sub-table, in their order; empty: one table for every
        service.
    """

    axis: Axis
    causes: Causes
    basis: Basis = "nearest birthday"
    service_starts: tuple[int, ...] = ()


KNOWN: dict[int, Convention] = {
    1549: Convention("age", "all", "nearest birthday", (0, 2, 5, 10)),
    **{number: Convention("age", "all but retirement") for number in range(1926, 1937)},
}


def read_table(name: str, causes: Sequence[Causes], convention: Convention | None = None) -> Prior:
    """A published table as hazards by age on 1 January (last birthday) and completed service.

    Args:
        name: `soa-` and the number that the Society of Actuaries gives it.
        causes: Which exits the caller can use.
        convention: What the table is about; needed where it is not one of `KNOWN`.

    Returns:
        The hazards. Ages and services beyond the table take its nearest edge (`Prior` says so).

    Raises:
        EvidenceError: No such table, pymort is not installed, or the axis or causes of the table are not known or do not
        fit.
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise EvidenceError(f"{name!r} is not the name of a table: write soa- and its number, such as soa-1549.")
    number = int(found[1])
    stated = convention or KNOWN.get(number)
    if stated is None:
        raise EvidenceError(
            f"{name}: nothing says what this table is about. State its axis (age, duration, or both), the exits it counts "
            "(all, all but retirement, withdrawal, retirement) and how ages are counted (nearest or last birthday)."
        )
    if stated.causes not in causes:
        raise EvidenceError(
            f"{name} counts {stated.causes} exits, and here a table of {' or '.join(causes)} is wanted: a table of other "
            "exits would count some twice or not at all."
        )
    table = _opened(number)
    parts = table.Tables[: len(stated.service_starts)] if stated.service_starts else table.Tables[:1]
    _check_axes(name, parts, stated)
    probability = _grid(parts, stated)
    citation = (
        f"{table.ContentClassification.TableName}; {table.ContentClassification.TableReference}; {stated.causes} exits"
    )
    return Prior(name, _FIRST_AGE, 0, -np.log1p(-np.minimum(probability, 0.999)), citation)


def _opened(number: int) -> Any:
    try:
        import pymort  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise EvidenceError("Published tables need the extra `evidence`: pip install 'planwise[evidence]'.") from None
    try:
        return pymort.MortXML.from_id(number)
    except (FileNotFoundError, ValueError) as error:
        raise EvidenceError(f"soa-{number}: there is no such table in pymort.") from error


def _check_axes(name: str, parts: Sequence[Any], stated: Convention) -> None:
    axes = [axis.AxisName for axis in parts[0].MetaData.AxisDefs]
    wanted = 2 if stated.axis == "age at entry and duration" else 1
    if len(axes) != wanted:
        raise EvidenceError(f"{name} has the axes {', '.join(axes)}, which is not a table by {stated.axis}.")
    if stated.axis == "age" and axes[0].lower() != "age":
        raise EvidenceError(f"{name} has the axis {axes[0]}, which is not a table by age.")


def _grid(parts: Sequence[Any], stated: Convention) -> NDArray[np.float64]:
    """Yearly probabilities by age last birthday and completed service."""
    ages = np.arange(_FIRST_AGE, _LAST_AGE + 1)
    services = np.arange(_LAST_SERVICE + 1)
    if stated.axis == "age":
        starts = stated.service_starts or (0,)
        columns = [_by_age(part, ages, stated.basis) for part in parts]
        which = np.searchsorted(np.asarray(starts), services, side="right") - 1
        return np.stack([columns[place] for place in which], 1)
    values = parts[0].Values["vals"]
    if stated.axis == "duration":
        first = int(values.index.min())
        row = np.clip(services + 1 - first, 0, len(values) - 1)
        return np.broadcast_to(values.to_numpy()[row], (len(ages), len(services))).copy()
    square = values.unstack().to_numpy()
    first_age, first_duration = (int(values.index.get_level_values(level).min()) for level in (0, 1))
    entry = np.clip(ages[:, None] - services[None, :] - first_age, 0, square.shape[0] - 1)
    column = np.clip(services + 1 - first_duration, 0, square.shape[1] - 1)
    return np.asarray(square[entry, np.broadcast_to(column, entry.shape)], float)


def _by_age(part: Any, ages: NDArray[np.int64], basis: Basis) -> NDArray[np.float64]:
    values = part.Values["vals"]
    first = int(values.index.min())
    found: NDArray[np.float64] = np.asarray(values.to_numpy(float))
    at = np.clip(ages - first, 0, len(found) - 1)
    if basis == "last birthday":
        return found[at]
    # Who is x at the last birthday is x + 1/2 on average: half of them are nearest to x, half to x + 1.
    after = np.clip(ages + 1 - first, 0, len(found) - 1)
    return (found[at] + found[after]) / 2
