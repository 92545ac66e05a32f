"""Where the Parquet files of a study are.

Belongs here: paths, and the folders of a year. Does not: writing a file whole (files.py), SQL, Dagster, what a file means.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
