"""Every shell command of README and docs is executed as it stands there, and what the pages say about settings is so.

The tutorial is what a stranger does, word for word, from `init` to the report.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.file.load import load_study
from planwise_assets.study.file.reference import reference_page
from tests.e2e.documented import README, TUTORIAL, Reader, blocks, pages
from tests.harness import TINY_CENSUS

pytestmark = pytest.mark.e2e

#: Pages whose commands are run by another test, with its name.
ELSEWHERE: dict[str, str] = {
    "docs/server.md": "tests/e2e/test_server.py, as far as a machine without containers can",
    "docs/ci.md": "tests/e2e/test_workflow.py, from the workflow file that has the same commands",
}


def documented(page: Path) -> bool:
    return str(page.relative_to(PROJECT_ROOT)) not in ELSEWHERE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader's folder once every page has been read; a command that fails ends it."""
    place = tmp_path_factory.mktemp("reader")
    reader = Reader(place)
    for page in filter(documented, pages()):
        for block in blocks(page):
            where = f"{page.name}, line {block.line}"
            if block.server:
                assert reader.serve(block), f"{where}: no answer at {block.server}"
                continue
            code, said = reader.run(block)
            assert code == block.exit_code, f"{where} ended with {code}:\n{block.text}\n{said}"
    return place / "work"


def test_every_command_runs(folder: Path) -> None:
    assert len(blocks(TUTORIAL)) >= 6
    assert blocks(README)
    for name in ("study.yaml", "match_options.html", "match_options.xlsx", "results.json", "people.json"):
        assert (folder / name).stat().st_size > 0


def test_the_tutorial_ends_with_the_figures_it_is_about(folder: Path) -> None:
    facts = json.loads((folder / "results.json").read_text(encoding="utf-8"))["facts"]
    cost = {(fact["scenario_id"], fact["simulation_year"]): fact["mean"] for fact in facts if fact["measure"] == "match"}
    assert {year for _, year in cost} == {2025, 2026, 2027}
    assert all(cost["stretch_match", year] < cost["baseline", year] for year in (2025, 2026, 2027))
    assert all(fact["deterministic"] for fact in facts if fact["measure"] == "headcount")
    page = (folder / "match_options.html").read_text(encoding="utf-8")
    assert "Stretch match" in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []


def test_no_shell_block_escapes() -> None:
    """A block with another mark would look like a command and never be run."""
    other = [
        f"{block.page.name}, line {block.line}"
        for page in pages()
        if documented(page)
        for block in blocks(page)
        if block.mark != "sh"
    ]
    assert other == []


def test_the_reference_of_the_study_file_is_current() -> None:
    written = (PROJECT_ROOT / "docs" / "reference" / "study-file.md").read_text(encoding="utf-8")
    assert written == reference_page(), "planwise config reference > docs/reference/study-file.md"


def test_the_picture_of_the_assets_is_current() -> None:
    from docs.draw_asset_graph import PICTURE, picture

    assert PICTURE.read_text(encoding="utf-8") == picture(), "python docs/draw_asset_graph.py"


def test_links_lead_somewhere() -> None:
    for page in pages():
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", ["plan-features.md", "hazards.md"])
def test_settings_that_pages_show_are_accepted(page: str, tmp_path: Path) -> None:
    """Each in a study of its own: the lines of the table of plan features, and the blocks of YAML."""
    text = (PROJECT_ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    shown = [{"defaults": {"plan": yaml.safe_load(line)}} for line in re.findall(r"\| `(\w+: [^`]+)`", text)]
    shown += [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert shown
    for settings in shown:
        file = tmp_path / "study.yaml"
        study = {"study": "shown", "census": str(TINY_CENSUS), "years": {"start": 2025, "end": 2026}, **settings}
        file.write_text(yaml.safe_dump(study), encoding="utf-8")
        load_study(file)
