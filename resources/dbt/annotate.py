"""What is worked out once a compilation and kept beside its manifest: column lineage and the hashes of the code.

Belongs here: the program that compiled.py runs after dbt. In a process of its own, because it needs sqlglot, whose import
would slow every command. Does not: the working out (lineage.py, code.py).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from resources.dbt.code import code_hashes
from resources.dbt.compiled import CODE_HASHES, COLUMN_LINEAGE, CompiledProject
from resources.dbt.lineage import project_lineage


def annotate(folder: Path) -> None:
    """Writes both files into the folder of a compilation."""
    project = CompiledProject(folder)
    (folder / COLUMN_LINEAGE).write_text(json.dumps(project_lineage(project)), encoding="utf-8")
    (folder / CODE_HASHES).write_text(json.dumps(code_hashes(project.manifest)), encoding="utf-8")


if __name__ == "__main__":
    annotate(Path(sys.argv[1]))
