"""Suggestions, each from a figure that was measured.

Belongs here: one function a kind of suggestion. Does not: measuring. A suggestion that no figure supports is not made, and
what took less than MATTERS_SECONDS is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from planwise_assets.year.analysis.profiles import Profile, Scan
from resources.process.metrics import StepRecord

MATTERS_SECONDS = 1.0
SLOWER_THAN_USUAL = 1.5
_PRUNES = 0.2
_SHARE_OF_MODEL = 0.1
_ONE_CORE = 1.2
_WAITS_SHARE = 0.1

Kind = Literal["sort_key", "spill", "wait", "threads", "slower"]


@dataclass(frozen=True)
class Suggestion:
    """One thing to look at.

    Attributes:
        kind: What sort of thing.
        subject: The step or model.
        figure: The measurement behind it.
        text: What to do.
    """

    kind: Kind
    subject: str
    figure: str
    text: str


def sort_key(model: str, profile: Profile, rows_of: Callable[[Scan], int]) -> list[Suggestion]:
    """A file read whole for a small part of it, at a cost: sorted by that condition, most row groups would be skipped.

    Args:
        model: Name of the model.
        profile: DuckDB's profile of it; seconds are CPU.
        rows_of: Rows of the file of a scan, 0 where it is gone.
    """
    made = []
    for scan in profile.scans:
        is_read_whole = scan.row_groups > 1 and scan.row_groups_read == scan.row_groups
        is_costly = scan.seconds >= max(_SHARE_OF_MODEL * profile.cpu, 0.01)
        # The footer is read last: of a hundred scans of a year hardly one comes so far.
        if is_read_whole and is_costly and (rows := rows_of(scan)) and scan.rows <= _PRUNES * rows:
            made.append(
                Suggestion(
                    "sort_key",
                    model,
                    f"{scan.row_groups_read} of {scan.row_groups} row groups of {scan.file.stem} read for {scan.rows:,} of "
                    f"{rows:,} rows; {scan.seconds:.3f} of {profile.cpu:.3f} CPU s",
                    f"Sort {scan.file.stem} by the columns of `{scan.filters}`: row groups without a match are skipped.",
                )
            )
    return made


def spill(record: StepRecord) -> list[Suggestion]:
    """A step whose queries did not fit in its memory."""
    if not record.spilled_bytes:
        return []
    batched = any(event.kind == "batch" for event in record.events)
    advice = "a smaller `resources: batch_size`" if batched else "more memory (`resources: memory_gb`)"
    return [
        Suggestion(
            "spill",
            record.step,
            f"{record.spilled_bytes / 1e6:,.1f} MB on disk with {record.memory_gb:g} GB of memory",
            f"Its queries did not fit in memory: try {advice}.",
        )
    ]


def wait(
    record: StepRecord, upstream: Iterable[StepRecord], others: Iterable[StepRecord], year_seconds: float
) -> list[Suggestion]:
    """A step that started long after all it reads was ready: for a slot, or for its own process.

    Args:
        record: Of the step.
        upstream: Of the steps whose results it reads.
        others: Of all steps of the year.
        year_seconds: Wall time of the whole year.
    """
    ready = [before.ended for before in upstream]
    if not ready or record.executor == "in_process":  # there a step has nothing to wait for but its turn
        return []
    gap = record.started - max(ready)
    if gap < max(MATTERS_SECONDS, _WAITS_SHARE * year_seconds):
        return []
    beside = sorted({other.step for other in others if other.started < record.started - gap / 2 < other.ended})
    if beside:
        meanwhile = f"{', '.join(beside)} at work meanwhile"
        advice = "It waits for a slot: more `resources: threads`, or less beside it."
    else:
        meanwhile = "nothing at work meanwhile"
        advice = "That is Dagster starting its process: a small study is faster with PLANWISE_EXECUTOR=in_process."
    figure = f"ready {gap:.1f} s before it started, in a year of {year_seconds:.1f} s; {meanwhile}"
    return [Suggestion("wait", record.step, figure, advice)]


def threads(record: StepRecord) -> list[Suggestion]:
    """A step with several threads that kept one core busy at most."""
    if record.threads < 2 or record.wall_seconds < MATTERS_SECONDS or record.status != "success":
        return []
    busy = record.cpu_seconds / record.wall_seconds
    if busy > _ONE_CORE:
        return []
    return [
        Suggestion(
            "threads",
            record.step,
            f"{record.cpu_seconds:.1f} CPU s in {record.wall_seconds:.1f} s: {busy:.2f} of {record.threads} threads busy",
            "Its threads do not pay at this size: give it one, and let another step run beside it.",
        )
    ]


def slower(record: StepRecord, usual: Mapping[str, float]) -> list[Suggestion]:
    """A step that took over one and a half times what it usually takes."""
    median = usual.get(record.step)
    if median is None or record.wall_seconds <= SLOWER_THAN_USUAL * median:
        return []
    if record.wall_seconds - median < MATTERS_SECONDS:
        return []
    return [
        Suggestion(
            "slower",
            record.step,
            f"{record.wall_seconds:.1f} s, {record.wall_seconds / median:.1f} times the earlier median of {median:.1f} s",
            "Look at its slowest model, at its events, and at what else the machine was doing.",
        )
    ]


def of_steps(
    records: Sequence[StepRecord], upstream: Mapping[str, Iterable[str]], usual: Mapping[str, float], year_seconds: float
) -> list[Suggestion]:
    """Every suggestion that follows from the records of the steps alone.

    Args:
        records: Of a year's steps, every attempt.
        upstream: The steps whose results each step reads.
        usual: Median wall time of each step over comparable years, seconds.
        year_seconds: Wall time of the whole year.
    """
    by_step = {record.step: record for record in records}
    made: list[Suggestion] = []
    for record in records:
        before = [by_step[step] for step in upstream.get(record.step, ()) if step in by_step]
        made += spill(record)
        made += wait(record, before, records, year_seconds) if record.attempt == 0 else []
        made += threads(record)
        made += slower(record, usual)
    return made
