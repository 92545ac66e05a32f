"""Files of the lake appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.files import content_hash, read_json, write_json
from resources.lake import Lake


def test_layout(tmp_path: Path) -> None:
    assert Lake(tmp_path).file("stg_census", 2025) == tmp_path / "stg_census/simulation_year=2025/stg_census.parquet"


def test_json_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "marker.json"
    write_json(file, {"b": 1, "a": [1, 2]})
    first = content_hash(file)
    write_json(file, {"a": [1, 2], "b": 1})
    assert content_hash(file) == first
    assert read_json(file) == {"a": [1, 2], "b": 1}
    assert [f.name for f in file.parent.iterdir()] == ["marker.json"]


@pytest.mark.parametrize("content", ["", "{", '{"a": 1'])
def test_a_broken_marker_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "marker.json").write_text(content)
    assert read_json(tmp_path / "marker.json") is None
    assert read_json(tmp_path / "absent.json") is None


def test_folders_are_made_and_cleared_of_leftovers(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.make_folders(["stg_census"], 2025)
    leftover = lake.file("stg_census", 2025).with_name("tmp_stg_census.parquet")
    kept = lake.file("stg_census", 2025)
    leftover.touch()
    kept.touch()
    lake.make_folders(["stg_census"], 2025)
    assert not leftover.exists()
    assert kept.exists()
