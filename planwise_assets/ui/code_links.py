"""Links from an asset to the code that makes it.

Belongs here: where the code of an asset is. Does not: the assets. Without `PLANWISE_SOURCE_URL` the links open the files of
this machine in an editor, which is what a person with a clone wants; a server names the repository's address.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import dagster as dg

from planwise_assets.settings import PROJECT_ROOT, Settings

# Dagster marks them as beta; without them an asset page only lacks its links.
warnings.filterwarnings("ignore", message=".*CodeReference", category=dg.BetaWarning)


def code_links(settings: Settings, *files: str) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Metadata that the UI shows as links.

    Args:
        settings: Says where people read the code.
        files: Paths in the project, e.g. `dbt_project/models/hazards/dim_hazards.sql`.
    """
    return {
        "dagster/code_references": dg.CodeReferencesMetadataValue(
            code_references=[
                dg.UrlCodeReference(url=f"{settings.source_url}/{file}", label=Path(file).name)
                if settings.source_url
                else dg.LocalFileCodeReference(file_path=str(PROJECT_ROOT / file), label=Path(file).name)
                for file in files
            ]
        )
    }


def source_of(module: str) -> str:
    """A module's file in the project: `source_of(__name__)`."""
    return f"{module.replace('.', '/')}.py"
