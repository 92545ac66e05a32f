"""Two files of benchmarks/simulate.py, one beside the other: what got slower, what got faster, what gives other results.

    python -m benchmarks.compare before.json after.json

Exit code 1 when something is slower by more than both a tenth and the spread of its runs, or gives other results.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

#: A smaller difference is not told from noise, however steady the runs were.
_TOLERANCE = 0.10
_ARGUMENTS = 3


def verdict(before: dict[str, Any], after: dict[str, Any]) -> str:
    """In one word or two: "slower", "faster", "the same", or "other results"."""
    if before["results"] != after["results"]:
        return "other results"
    spread = max(max(row["walls"]) - min(row["walls"]) for row in (before, after))
    difference = after["wall"] - before["wall"]
    if abs(difference) <= max(spread, _TOLERANCE * before["wall"]):
        return "the same"
    return "slower" if difference > 0 else "faster"


def main() -> None:
    """The command line."""
    if len(sys.argv) != _ARGUMENTS:
        raise SystemExit("usage: python -m benchmarks.compare before.json after.json")
    before, after = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:])
    if before["machine"] != after["machine"]:
        print(f"Not the same machine: {before['machine']} / {after['machine']}\n")
    then = {row["work"]: row for row in before["rows"]}
    common = [(then[row["work"]], row) for row in after["rows"] if row["work"] in then]
    print(f"| work | {before['revision']} s | {after['revision']} s | ratio | |\n| --- | --- | --- | --- | --- |")
    verdicts = []
    for old, new in common:
        verdicts.append(verdict(old, new))
        print(
            f"| {new['work']} | {old['wall']:.1f} | {new['wall']:.1f} | {new['wall'] / old['wall']:.2f} | {verdicts[-1]} |"
        )
    raise SystemExit(1 if {"slower", "other results"} & set(verdicts) else 0)


if __name__ == "__main__":
    main()
