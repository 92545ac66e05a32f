"""A year's performance in one value: by step and model, what ran side by side, and what follows.

Belongs here: putting the records of the steps together. Does not: showing it (rendering.py), judging it (suggestions.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from pydantic import BaseModel, ValidationError

from planwise_assets.steps import PARALLEL
from planwise_assets.year.analysis import suggestions
from planwise_assets.year.analysis.history import PastYear
from planwise_assets.year.analysis.profiles import Profile, Scan, read_profile
from resources.process.metrics import ModelRecord, PerformanceFolder, StepRecord

Row = dict[str, Any]


class YearPerformance(BaseModel):
    """What a year took, as it is kept in `year_performance.json`. Every row of a list has the same keys.

    Attributes:
        totals: Wall time of the whole year (first start to last end), work (sum of the steps' wall times), CPU in seconds;
            rows, bytes; the most memory of all steps at one moment in MB; the share of attempts that succeeded.
        steps: In order of their start.
        models: Slowest first.
        phases: What ran side by side: work, wall time, slots, and efficiency = work / (wall x slots).
        optimizations: What each optimization changed and brought.
        suggestions: What to look at, with the figure behind it.
        events: Retries, fallbacks, memory reclaimed, spills, batches.
        samples: Seconds since the year began, PSS of all steps in MB.
    """

    year: int
    run_id: str
    engine: str
    executor: str
    people: int
    totals: dict[str, float]
    steps: list[Row]
    models: list[Row]
    phases: list[Row]
    optimizations: list[Row]
    suggestions: list[Row]
    events: list[Row]
    samples: list[tuple[float, float]]


def summarize(
    records: Sequence[StepRecord], upstream: Mapping[str, Iterable[str]], usual: Mapping[str, float]
) -> YearPerformance:
    """Puts a year together.

    Args:
        records: The attempts of the year's steps, all of one run, at least one.
        upstream: The steps whose results each step reads.
        usual: The median wall time by step of comparable earlier years; seconds.
    """
    began, ended = min(r.started for r in records), max(r.ended for r in records)
    wall = ended - began
    profiles = {m.name: read_profile(Path(m.profile)) if m.profile else None for r in records for m in r.models}
    for record in records:  # what came and went between two samples
        known = [p.spilled_bytes for m in record.models if (p := profiles[m.name])]
        record.spilled_bytes = max([record.spilled_bytes, *known])
    samples = combined_samples(records, began)
    last = {record.step: record for record in records}
    models = sorted(
        (_model_row(model, record.step, profiles[model.name]) for record in last.values() for model in record.models),
        key=lambda row: (-row["seconds"], row["model"]),
    )
    steps = [_step_row(record, began, upstream, last, usual) for record in records]
    made = suggestions.of_steps(records, upstream, usual, wall)
    for row in models:
        if profile := profiles[row["model"]]:
            made += suggestions.sort_key(row["model"], profile, _rows_of)
    rows = sum(row["rows"] for row in models)
    return YearPerformance(
        year=records[0].year,
        run_id=records[0].run_id,
        engine=records[0].engine,
        executor=records[0].executor,
        people=max((record.people or 0 for record in records), default=0),
        totals={
            "wall_seconds": round(wall, 3),
            "work_seconds": round(sum(r.wall_seconds for r in records), 3),
            "cpu_seconds": round(sum(r.cpu_seconds for r in records), 3),
            "rows": rows,
            "rows_per_second": round(rows / wall) if wall else 0,
            "bytes": sum(row["bytes"] for row in models),
            "spilled_bytes": max(r.spilled_bytes for r in records),
            "peak_memory_mb": max((memory for _, memory in samples), default=0.0),
            "success_rate": sum(r.status == "success" for r in records) / len(records),
        },
        steps=steps,
        models=models,
        phases=_phases(last),
        optimizations=[{"step": r.step, **o.model_dump()} for r in records for o in r.optimizations],
        suggestions=[vars(suggestion) for suggestion in made],
        events=[{"step": r.step, **event.model_dump()} for r in records for event in r.events],
        samples=samples,
    )


def past_year(records: Sequence[StepRecord]) -> PastYear:
    """What later runs compare themselves with: steps that succeeded."""
    return PastYear(
        run_id=records[0].run_id,
        year=records[0].year,
        people=max((record.people or 0 for record in records), default=0),
        engine=records[0].engine,
        executor=records[0].executor,
        seconds={record.step: round(record.wall_seconds, 4) for record in records if record.status == "success"},
    )


def performance_file(folder: PerformanceFolder, year: int) -> Path:
    """Where a year's performance is: in place of a record of the step that writes it."""
    return folder.step("year_performance", year)


def read_performance(folder: PerformanceFolder, year: int) -> YearPerformance | None:
    """The performance of a year, or None where there is none that can be read."""
    try:
        return YearPerformance.model_validate_json(performance_file(folder, year).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def combined_samples(records: Iterable[StepRecord], began: float) -> list[tuple[float, float]]:
    """The memory of all steps over time: each counts with its last sample while it is at work.

    With in_process it is one process's, whose steps run one after another and so never add up.
    """
    changes = sorted(
        (record.started - began + seconds, index, memory)
        for index, record in enumerate(records)
        for seconds, memory in [*((s[0], s[1]) for s in record.samples), (record.wall_seconds, 0.0)]
    )
    now: dict[int, float] = {}
    line = []
    for seconds, index, memory in changes:
        now[index] = memory
        line.append((round(seconds, 3), round(sum(now.values()), 1)))
    return line


def _step_row(
    record: StepRecord,
    began: float,
    upstream: Mapping[str, Iterable[str]],
    last: Mapping[str, StepRecord],
    usual: Mapping[str, float],
) -> Row:
    ready = [last[step].ended for step in upstream.get(record.step, ()) if step in last]
    rows = sum(model.rows for model in record.models)
    median = usual.get(record.step)
    return {
        "step": record.step,
        "attempt": record.attempt,
        "status": record.status,
        "start": round(record.started - began, 3),
        "seconds": round(record.wall_seconds, 3),
        "usual": round(median, 3) if median is not None else None,
        "waited": round(max(0.0, record.started - max(ready)), 3) if ready else None,
        "cpu": round(record.cpu_seconds, 3),
        "rows": rows,
        "rows_per_second": round(rows / record.wall_seconds) if record.wall_seconds else 0,
        "bytes": sum(model.bytes for model in record.models),
        "bytes_written": record.bytes_written,
        "spilled_bytes": record.spilled_bytes,
        "peak_pss_mb": record.peak_pss_mb,
        "peak_uss_mb": record.peak_uss_mb,
        "memory_gb": record.memory_gb,
        "peak_threads": record.peak_threads,
        "threads": record.threads,
        "peak_open_files": record.peak_open_files,
        "error": record.error,
    }


def _model_row(model: ModelRecord, step: str, profile: Profile | None) -> Row:
    kind, share = profile.dominant if profile else (None, None)
    return {
        "model": model.name,
        "step": step,
        "seconds": round(model.seconds, 4),
        "cpu": round(profile.cpu, 4) if profile else model.cpu,
        "rows": model.rows,
        "rows_per_second": round(model.rows / model.seconds) if model.seconds else 0,
        "bytes": model.bytes,
        "spilled_bytes": profile.spilled_bytes if profile else None,
        "memory_mb": round(profile.memory_mb, 1) if profile else None,
        "mostly": kind,
        "share": round(share, 3) if share is not None else None,
        "profile": model.profile,
    }


def _phases(last: Mapping[str, StepRecord]) -> list[Row]:
    phases = []
    for names in PARALLEL:
        records = [last[name] for name in names if name in last]
        if len(records) > 1:
            wall = max(r.ended for r in records) - min(r.started for r in records)
            slots = 1 if records[0].executor == "in_process" else len(records)
            phases.append(_phase(" + ".join(r.step for r in records), sum(r.wall_seconds for r in records), wall, slots))
    for record in last.values():
        if record.cursors > 1 and len(record.models) > 1:
            wall = max(m.started + m.seconds for m in record.models) - min(m.started for m in record.models)
            work = sum(m.seconds for m in record.models)
            phases.append(_phase(f"models of {record.step}", work, wall, record.cursors))
    return phases


def _phase(name: str, work: float, wall: float, slots: int) -> Row:
    return {
        "phase": name,
        "work": round(work, 3),
        "seconds": round(wall, 3),
        "slots": slots,
        "efficiency": round(min(work / (wall * slots), 1.0), 3) if wall > 0 else 1.0,
    }


def _rows_of(scan: Scan) -> int:
    """Rows of the file that was scanned, from its footer."""
    if not scan.file.is_file():
        return 0
    with duckdb.connect(config={"threads": 1}) as connection:
        row = connection.execute("select num_rows from parquet_file_metadata(?)", [str(scan.file)]).fetchone()
    return int(row[0]) if row else 0
