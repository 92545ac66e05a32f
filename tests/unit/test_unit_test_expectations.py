"""What dbt's unit tests expect is what they compare with: dbt casts an expectation to the column's type.

1.504 passes for a DECIMAL(18,2) of 1.50, and 2.4 for a BIGINT of 2. So every expected value must survive that cast as it is;
then a result that was rounded the wrong way differs from it by a whole unit of the column.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]

from tests.unit.macro_text import PROJECT

FILES = sorted((PROJECT / "models").rglob("*.yml"))
_DECIMAL = re.compile(r"DECIMAL\(\d+,(\d+)\)")


class _Exact(yaml.SafeLoader):  # type: ignore[misc,unused-ignore]
    """YAML whose numbers with a point keep all their digits."""


_Exact.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node)))


def digits_allowed(data_type: str) -> int | None:
    """How many digits after the point a type keeps; None for what is no number or keeps all."""
    if found := _DECIMAL.fullmatch(data_type.replace(" ", "")):
        return int(found.group(1))
    return 0 if data_type in ("BIGINT", "INTEGER", "UBIGINT", "HUGEINT") else None


def lost_in_the_cast(model: dict[str, Any], test: dict[str, Any]) -> list[str]:
    """The expected values of a unit test that its model's types do not hold."""
    types = {column["name"]: column["data_type"] for column in model["columns"]}
    return [
        f"{test['name']}: {column}: {value} as {types[column]}"
        for row in test["expect"].get("rows", [])
        for column, value in row.items()
        if isinstance(value, Decimal)
        and (allowed := digits_allowed(types[column])) is not None
        and value.is_finite()
        and value != round(value, allowed)
    ]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_no_expectation_is_changed_by_its_columns_type(file: Path) -> None:
    text = yaml.load(file.read_text(), Loader=_Exact)  # noqa: S506 - a SafeLoader
    models = {model["name"]: model for model in text.get("models", [])}
    tests = [test for test in text.get("unit_tests", []) if isinstance(test["expect"].get("rows"), list)]
    assert [lost for test in tests for lost in lost_in_the_cast(models[test["model"]], test)] == []
