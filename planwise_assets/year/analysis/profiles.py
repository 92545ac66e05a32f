"""What DuckDB's profile of a model says: where its time went, what it read to keep how much.

Belongs here: reading the JSON of DuckDB 1.5 and 2.0. Does not: what to do about it (suggestions.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources.files import read_json

#: The kinds of work, by what the name of an operator holds; the first that fits.
_KINDS = (
    ("write", ("COPY_TO", "CREATE_TABLE", "INSERT", "BATCH_COPY")),
    ("join", ("JOIN", "CROSS_PRODUCT", "DELIM")),
    ("aggregate", ("GROUP_BY", "AGGREGATE", "DISTINCT")),
    ("window", ("WINDOW",)),
    ("sort", ("ORDER_BY", "TOP_N")),
    ("scan", ("SCAN", "READ_")),
    ("compute", ("PROJECTION", "FILTER", "UNNEST")),
)
_OTHER = "other"


@dataclass(frozen=True)
class Scan:
    """One reading of one file with a condition.

    Attributes:
        file: The file.
        filters: The condition.
        rows: Rows that met it.
        row_groups: Row groups of the file; 0 where this version of DuckDB does not say.
        row_groups_read: Row groups that had to be read.
        seconds: CPU time.
    """

    file: Path
    filters: str
    rows: int
    row_groups: int
    row_groups_read: int
    seconds: float


@dataclass(frozen=True)
class Profile:
    """A model's profile.

    Attributes:
        cpu: CPU time of all operators; seconds.
        by_kind: CPU time by kind of work; seconds.
        memory_mb: The most that its buffers held.
        spilled_bytes: The most that the session had on disk meanwhile.
        scans: Filtered readings of files.
    """

    cpu: float
    by_kind: Mapping[str, float]
    memory_mb: float
    spilled_bytes: int
    scans: tuple[Scan, ...]

    @property
    def dominant(self) -> tuple[str, float]:
        """The kind of work that took most of the time, and its share of it."""
        if not self.cpu:
            return _OTHER, 0.0
        kind = max(sorted(self.by_kind), key=self.by_kind.__getitem__)
        return kind, self.by_kind[kind] / self.cpu


def read_profile(file: Path | None) -> Profile | None:
    """The profile in a file; None when there is none that can be read."""
    found = read_json(file) if file is not None else None
    if not isinstance(found, dict):
        return None
    by_kind: dict[str, float] = defaultdict(float)
    scans = []
    for operator in _operators(found):
        seconds = float(operator.get("timing", operator.get("operator_timing", 0.0)))
        by_kind[_kind(str(operator.get("type", operator.get("operator_type", ""))))] += seconds
        if scan := _scan(operator, seconds):
            scans.append(scan)
    # DuckDB 2.0 says what it took to plan; for a small model that is most of it.
    by_kind["plan"] += sum(
        found.get(phase, {}).get("total_time", 0.0) for phase in ("planner", "optimizer", "physical_planner")
    )
    system = {**found, **found.get("system", {})}
    return Profile(
        cpu=sum(by_kind.values()),
        by_kind=dict(by_kind),
        memory_mb=int(system.get("peak_buffer_memory", system.get("system_peak_buffer_memory", 0))) / 1e6,
        spilled_bytes=int(system.get("peak_temp_dir_size", system.get("system_peak_temp_dir_size", 0))),
        scans=tuple(scans),
    )


def _operators(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for child in [*node.get("operator", []), *node.get("children", [])]:
        yield child
        yield from _operators(child)


def _kind(operator: str) -> str:
    name = operator.upper()
    return next((kind for kind, parts in _KINDS if any(part in name for part in parts)), _OTHER)


def _scan(operator: Mapping[str, Any], seconds: float) -> Scan | None:
    information = operator.get("extra_info") or {}
    filters, file = information.get("Filters"), information.get("Filename(s)")
    if not filters or not file:
        return None
    return Scan(
        file=Path(file),
        filters=" and ".join(filters) if isinstance(filters, list) else str(filters),
        rows=int(operator.get("intermediate_rows", operator.get("operator_cardinality", 0))),
        row_groups=int(operator.get("total_row_groups_to_scan", 0)),
        row_groups_read=int(operator.get("row_groups_scanned", 0)),
        seconds=seconds,
    )
