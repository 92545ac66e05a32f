"""Where the Parquet files are, and how one gets there whole.

Belongs here: paths, atomic publication, content hashes. Does not: SQL, Dagster, what a file means. Everything that knows
that the lake is a local folder is in this module, so that object storage can stand behind it.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Lake:
    """The files of one study: `<root>/<asset>/simulation_year=<year>/<asset>.parquet`."""

    root: Path

    def folder(self, asset: str) -> Path:
        """Where the files of an asset are, one folder a year."""
        return self.root / asset

    def file(self, asset: str, year: int) -> Path:
        """The one file that is this asset in this year."""
        return self.folder(asset) / f"simulation_year={year}" / f"{asset}.parquet"

    def exists(self, asset: str, year: int) -> bool:
        """Whether the asset has been made for this year."""
        return self.file(asset, year).is_file()

    def make_folders(self, assets: list[str], year: int) -> None:
        """Makes the year's folders, and clears what a killed writer left in them."""
        for asset in assets:
            folder = self.file(asset, year).parent
            folder.mkdir(parents=True, exist_ok=True)
            for leftover in folder.glob("tmp_*"):
                leftover.unlink(missing_ok=True)

    def marker(self, year: int) -> Path:
        """The file that says that a year is complete, and of what."""
        return self.root / "year_complete" / f"simulation_year={year}" / "year_complete.json"

    def begun(self, year: int) -> Path:
        """The file that says that a year has been set up, and from what."""
        return self.marker(year).with_name("year_begun.json")


def sync(file: Path) -> None:
    """Makes a file and its name survive a power cut: fsync of the file, then of its folder."""
    for path in (file, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def content_hash(file: Path) -> str:
    """The sha256 of a file's bytes, as hex."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_json(file: Path, value: Any) -> None:
    """Writes JSON whole or not at all: a temporary file beside it, synced, then renamed into place."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"tmp_{file.name}")
    temporary.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    sync(temporary)
    temporary.replace(file)
    sync(file)


def read_json(file: Path) -> Any | None:
    """The JSON in a file, or None when the file is missing or broken."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
