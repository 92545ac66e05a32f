"""What a report says, invented: as much as a study may hold, without a simulation."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from planwise_assets.report.data import ReportData
from planwise_assets.results.assumptions import Assumption
from planwise_assets.results.compliance import TESTS, PlanTest
from planwise_assets.results.ensembles import band
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.provenance import Published, PublishedYear, inputs_of
from planwise_assets.results.winners import GroupGain
from planwise_assets.study.file.load import load_study

#: The question of a study may be as long as this.
LONG_QUESTION = "What do workforce and plan cost if the company grows, or the match is richer, or all is automatic? " * 4
_RICHER = {"plan": {"match": {"tiers": [{"up_to": 0.04, "rate": 1}, {"up_to": 0.06, "rate": 0.5}]}}}
_GROUPS = (
    "Everybody",
    "Lowest-paid third",
    "Middle third by pay",
    "Highest-paid third",
    "Under 35",
    "35 to 49",
    "50 and older",
)


def published(folder: Path, scenarios: dict[str, dict[str, Any]], seeds: int, question: str = "") -> Published:
    """What results of some scenarios were made from."""
    file = folder / "study.yaml"
    study = {"study": "told", "title": "Growth and match", "census": "people.csv", "years": {"start": 2025, "end": 2029}}
    words = {"description": question} if question else {}
    file.write_text(yaml.safe_dump({**study, **words, "scenarios": scenarios}, sort_keys=False), encoding="utf-8")
    made = inputs_of(load_study(file), file, folder, "c" * 64)
    last = PublishedYear(
        fingerprint={},
        packages={"planwise": "0.1.0"},
        engine="optimized",
        accepted=(),
        study_file=(str(file), "a" * 64),
        census=("people.csv", "c" * 64),
        closing_hash="d" * 64,
        warnings=("64 people are below the pay band of their level.",),
    )
    return Published(
        study="told",
        title=made["title"],
        question=made["question"],
        years=dict.fromkeys(range(2025, 2030), last),
        titles={name: scenario["title"] for name, scenario in made["scenarios"].items()},
        descriptions={},
        seeds=tuple(range(1, seeds + 1)),
        settings={name: dict(scenario["settings"]) for name, scenario in made["scenarios"].items()},
    )


def report_of(folder: Path, *, scenarios: int = 5, seeds: int = 12, long: bool = False, differs: int = 0) -> ReportData:
    """A report of invented figures.

    Args:
        folder: Where the study file goes.
        scenarios: How many.
        seeds: How many futures.
        long: Whether titles and question are as long as they may be.
        differs: How much is different today.
    """
    names = [f"scenario_{place}" for place in range(scenarios)]
    titles = {
        name: (f"{name} " + "with a long title " * 5)[:80] if long else f"Plan {place}" for place, name in enumerate(names)
    }
    own: dict[str, dict[str, Any]] = {
        name: {"title": titles[name], **(_RICHER if place else {})} for place, name in enumerate(names)
    }
    made = published(folder, own, seeds, LONG_QUESTION if long else "What does a richer match cost?")
    futures = [float(seed) for seed in made.seeds]
    at = {
        "dollars": lambda place: band([10e6 + 1e6 * place + 1e4 * future for future in futures]),
        "dollars_a_person": lambda place: band([70e3 + 1e3 * place + 10 * future for future in futures]),
        "share": lambda place: band([0.7 + 0.02 * place + 1e-4 * future for future in futures]),
        "people": lambda place: band([5000.0 for _ in futures], solved=True),
        "tests": lambda place: band([1.0 for _ in futures]),
    }
    more = {name: band([1.5e6 * place + 1e4 * future for future in futures]) for place, name in enumerate(names) if place}
    return ReportData(
        made=made,
        differs=[f"scenarios.baseline.plan.match.tiers[row {place + 1}].up_to: 0.06 -> 0.05" for place in range(differs)],
        scenarios=names,
        years=list(made.years),
        seeds=list(made.seeds),
        bands={
            (name, year): {measure.name: at[measure.unit](place) for measure in MEASURES.values()}
            for place, name in enumerate(names)
            for year in made.years
        },
        opening=5000,
        totals={name: at["dollars"](place) for place, name in enumerate(names)},
        more=more,
        dearer=dict.fromkeys(more, seeds),
        settings={name: [("Match", "one formula", "another")] for name in more},
        tests=[
            PlanTest(
                name, year, test, "current", seeds, seeds // 2, 0.0713, 0.05, 0.0648, -0.0064, -0.0071, None, 294e3, 3e5
            )
            for name in names
            for year in made.years
            for test in TESTS
        ],
        gains={
            name: [GroupGain((group,), 1000 + 1 / 3, 0.6, 0.05, Decimal(391), None, Decimal(391000)) for group in _GROUPS]
            for name in more
        },
        assumptions=[Assumption("What is assumed is a sentence of this length, or longer. " * 2, "Worth $1m.", 1e6)] * 3,
    )
