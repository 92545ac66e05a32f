"""The report in a real browser: its first page is one sheet of paper, A4 and Letter, and it fits a phone."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from planwise_assets.report.data import ReportData
from planwise_assets.report.page import report_page
from tests.e2e.browser import Page, browser, chromium
from tests.e2e.dagster_ui import wait_for
from tests.report_data import report_of

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium")
#: Inches.
PAPER = {"A4": (8.27, 11.69), "Letter": (8.5, 11.0)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser") / "profile") as opened:
        yield opened


def show(page: Page, file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    page.open(file.as_uri())
    script = f"document.URL === {json.dumps(file.as_uri())} && document.readyState === 'complete'"
    wait_for(lambda: page.evaluate(script) or None, 60, "the report")


def sheets(page: Page, paper: str) -> int:
    """How many sheets the page is printed on, with the margins that it asks for."""
    width, height = PAPER[paper]
    printed = page.command("Page.printToPDF", paperWidth=width, paperHeight=height, preferCSSPageSize=False)["data"]
    return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed)))


REPORTS = {
    "as usual": {},
    "one future": {"seeds": 1},
    "two scenarios": {"scenarios": 2},
    "stale": {"differs": 5},
    "all that it may hold": {"scenarios": 9, "long": True, "differs": 5},
}


def report(folder: Path, what: str) -> ReportData:
    return report_of(folder, **REPORTS[what])  # type: ignore[arg-type]


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize("what", REPORTS)
def test_the_first_sheet_holds_the_first_page_and_the_rest_begins_on_the_second(
    what: str, paper: str, page: Page, tmp_path: Path
) -> None:
    data = report(tmp_path, what)
    show(page, tmp_path / "one.html", report_page(data, date(2026, 11, 30), only_decision=True))
    assert sheets(page, paper) == 1
    show(page, tmp_path / "all.html", report_page(data, date(2026, 11, 30)))
    together = sheets(page, paper)
    page.evaluate("document.querySelector('#decision').remove()")
    assert together == 1 + sheets(page, paper)


@pytest.mark.parametrize("what", REPORTS)
def test_nothing_is_cut_on_a_phone(what: str, page: Page, tmp_path: Path) -> None:
    page.command("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
    show(page, tmp_path / "report.html", report_page(report(tmp_path, what), date(2026, 11, 30)))
    wider = page.evaluate(
        "[...document.querySelectorAll('#decision *')].filter(e => e.getBoundingClientRect().right > 391).length"
    )
    assert (page.evaluate("document.documentElement.scrollWidth"), wider) == (390, 0)
    page.command("Emulation.clearDeviceMetricsOverride")
