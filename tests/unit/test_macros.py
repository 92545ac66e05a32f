"""The text of the dbt project: macros say what they are for and what they take, and nothing is too long to read.

What sqlfluff cannot see is here: it renders no macro.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]

from tests.unit.macro_text import PROJECT

FILES = sorted((PROJECT / "macros").rglob("*.sql"))
_SIGNATURE = re.compile(r"\{%-?\s*macro\s+(\w+)\((.*)\)\s*-?%\}")


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_macro_is_described_with_its_arguments(file: Path) -> None:
    signatures = {
        name: [argument.split("=")[0].strip() for argument in arguments.split(",") if argument]
        for name, arguments in _SIGNATURE.findall(file.read_text())
    }
    described = {macro["name"]: macro for macro in yaml.safe_load(file.with_suffix(".yml").read_text())["macros"]}
    assert signatures
    assert {name: [a["name"] for a in macro.get("arguments", [])] for name, macro in described.items()} == signatures
    for macro in described.values():
        assert len(macro["description"].split()) >= 3, macro["name"]
        assert all(argument["type"] and argument["description"] for argument in macro.get("arguments", [])), macro["name"]


def test_no_line_is_longer_than_the_projects() -> None:
    lines = [(file, n, line) for file in PROJECT.rglob("*.sql") for n, line in enumerate(file.read_text().splitlines(), 1)]
    made = {PROJECT / "target", PROJECT / "logs"}
    assert [f"{file}:{n}" for file, n, line in lines if len(line) > 125 and not made & set(file.parents)] == []
