"""One sheet that says what results were made from, what was checked, and whether somebody may sign for them.

Belongs here: the sheet's facts, its state, its words as Markdown and JSON. Does not: looking for differences
(year/validation/verification.py), running checks (commands/provenance.py), HTML (report/provenance_page.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from planwise_assets.results.provenance import Published

State = Literal["verified", "incomplete", "unverifiable"]

MEANING: dict[State, str] = {
    "verified": "Every file is what was recorded when its year was complete, study, census and code are those of today, and "
    "every check has been run and found no error.",
    "incomplete": "Nothing contradicts the results, but something that belongs to them is missing.",
    "unverifiable": "Something is not what was recorded: nobody can say from what these results were made.",
}
SIGNERS: dict[State, str] = {
    "verified": "by whoever prepared the study, and by a reviewer who has run `planwise provenance` themselves.",
    "incomplete": "as a draft, by whoever prepared the study; nobody should approve it.",
    "unverifiable": "by nobody.",
}


@dataclass(frozen=True)
class YearChecks:
    """What the checks of one year found.

    Attributes:
        year: The year.
        checks: How many were run; 0 if none were.
        errors: Of these, those that failed.
        warnings: Those that warn, each in a few words.
    """

    year: int
    checks: int
    errors: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """Something that is not as recorded; `is_missing` if it is only not there."""

    about: str
    what: str
    is_missing: bool


@dataclass(frozen=True)
class ProvenanceSheet:
    """The sheet.

    Attributes:
        made: What the published results were made from.
        findings: What is not as recorded.
        checks: What the checks of each published year found.
        made_on: The day of the sheet.
    """

    made: Published
    findings: Sequence[Finding]
    checks: Sequence[YearChecks]
    made_on: date

    @property
    def reasons(self) -> list[str]:
        """Why it is not verified; empty where it is."""
        unchecked = [str(one.year) for one in self.checks if not one.checks]
        failed = [str(one.year) for one in self.checks if one.errors]
        accepted = [str(year) for year, source in self.made.years.items() if source.accepted]
        return [
            *(f"{finding.about}: {finding.what}" for finding in self.findings),
            *([f"checks fail in {', '.join(failed)}"] if failed else []),
            *([f"no check was run on {', '.join(unchecked)}"] if unchecked else []),
            *([f"followed a year that did not match, which somebody accepted: {', '.join(accepted)}"] if accepted else []),
        ]

    @property
    def state(self) -> State:
        """Whether somebody may sign."""
        if any(not finding.is_missing for finding in self.findings) or any(one.errors for one in self.checks):
            return "unverifiable"
        return "incomplete" if self.reasons else "verified"

    def tables(self) -> Iterator[tuple[str, list[str], list[list[str]]]]:
        """Its tables: title, names of the columns, rows."""
        made, first = self.made, self.made.last
        yield (
            "What it is",
            ["what", "value"],
            [
                ["study", f"{made.study} ({made.title})"],
                *([["question", made.question]] if made.question else []),
                ["years", ", ".join(map(str, made.years))],
                ["scenarios", ", ".join(f"{title} ({name})" for name, title in made.titles.items())],
                ["seeds", f"{len(made.seeds)}: {', '.join(map(str, made.seeds[:30]))}{', ...' * (len(made.seeds) > 30)}"],
                ["engine", first.engine],
                *([name, version] for name, version in first.packages.items()),
            ],
        )
        yield (
            "Inputs and results, SHA-256",
            ["year", "what", "file", "SHA-256"],
            [
                row
                for year, source in made.years.items()
                for row in (
                    [str(year), "study file", *source.study_file],
                    [str(year), "census", *source.census],
                    [str(year), "closing state", "what the next year opens with", source.closing_hash],
                )
            ],
        )
        yield (
            "Checks",
            ["year", "checks run", "errors", "warnings"],
            [[str(one.year), str(one.checks), str(one.errors), "; ".join(one.warnings) or "-"] for one in self.checks],
        )
        if made.warnings:
            rows = [[", ".join(map(str, years)), warning] for warning, years in made.warnings.items()]
            yield "To be known", ["years", "what"], rows

    def as_json(self) -> dict[str, Any]:
        """The sheet as a program reads it."""
        return {
            "state": self.state,
            "meaning": MEANING[self.state],
            "may_be_signed": SIGNERS[self.state],
            "reasons": self.reasons,
            "made_on": self.made_on.isoformat(),
            "study": self.made.study,
            "title": self.made.title,
            "question": self.made.question,
            "scenarios": dict(self.made.titles),
            "seeds": list(self.made.seeds),
            "years": {str(year): asdict(source) for year, source in self.made.years.items()},
            "checks": [asdict(one) for one in self.checks],
            "findings": [asdict(finding) for finding in self.findings],
        }


#: Who signs, each on a line.
SIGNATURES = ("Prepared by", "Reviewed by", "Approved by")


def markdown(sheet: ProvenanceSheet) -> str:
    """The sheet as Markdown."""
    lines = [
        f"# Provenance: {sheet.made.title}",
        "",
        f"**{sheet.state.capitalize()}**, {sheet.made_on.isoformat()}. {MEANING[sheet.state]}",
        f"It may be signed {SIGNERS[sheet.state]}",
        *(["", "Why:", "", *(f"- {reason}" for reason in sheet.reasons)] if sheet.reasons else []),
    ]
    for title, heads, rows in sheet.tables():
        lines += ["", f"## {title}", "", _line(heads), _line(["---"] * len(heads)), *map(_line, rows)]
    lines += ["", "## Signatures", "", _line(["", "name", "date", "signature"]), _line(["---"] * 4)]
    lines += [_line([who, " ", " ", " "]) for who in SIGNATURES]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"
