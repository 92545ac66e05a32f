"""What a workbook's own XML says and cell values do not: errors, formulas without a value, hidden rows, zeros of a format.

Belongs here: .xlsx, .xlsm and .ods. Does not: .xls and .xlsb, whose binary form is not looked into.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from planwise_assets.intake.reading.table import CensusError

_MOST_BYTES = 2_000_000_000
_CELL = re.compile(rb"<c\b([^>]*?)(/>|>(.*?)</c>)", re.S)
_ATTRIBUTE = re.compile(rb'\b([a-z]+)="([^"]*)"')


@dataclass
class Markup:
    """What was seen.

    Attributes:
        broken: Cells that hold an error, or a formula that was never calculated, as `B7 (#N/A)`.
        zeros: By row and column (row from 1, column from 0), how many digits the cell's format shows at least.
        hidden_rows: How many rows do not show.
        is_known: Whether the form of the file could be looked into.
    """

    broken: list[str] = field(default_factory=list)
    zeros: dict[tuple[int, int], int] = field(default_factory=dict)
    hidden_rows: int = 0
    is_known: bool = True


def markup_of(file: Path, sheet: str) -> Markup:
    """Looks into a workbook.

    Raises:
        CensusError: It unpacks to more than two gigabytes.
    """
    if file.suffix.lower() not in (".xlsx", ".xlsm", ".ods"):
        return Markup(is_known=False)
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_BYTES:
                raise CensusError(f"Census {file} unpacks to more than 2 GB: export it as .csv or .parquet.")
            return _of_ods(archive, sheet) if file.suffix.lower() == ".ods" else _of_xlsx(archive, sheet)
    except (zipfile.BadZipFile, KeyError, ET.ParseError, ValueError) as error:
        if isinstance(error, CensusError):
            raise
        # What calamine reads and this does not: an .xls under the name of .xlsx.
        return Markup(is_known=False)


def _of_xlsx(archive: zipfile.ZipFile, sheet: str) -> Markup:
    content = archive.read(_part(archive, sheet))
    found = Markup(hidden_rows=len(re.findall(rb'<row\b[^>]*\bhidden="(?:1|true)"', content)))
    zeros = _zero_styles(archive)
    has_formulas, has_errors = b"<f" in content, b't="e"' in content
    if not (has_formulas or has_errors or zeros):
        return found
    for match in _CELL.finditer(content):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        inside = match[3] or b""
        kind, place = attributes.get(b"t", b""), attributes.get(b"r", b"").decode()
        value = re.search(rb"<v>([^<]*)</v>", inside)
        if kind == b"e":
            found.broken.append(f"{place} ({value[1].decode() if value else 'error'})")
        elif b"<f" in inside and value is None and b"<is>" not in inside:
            found.broken.append(f"{place} (a formula that was never calculated)")
        elif attributes.get(b"s") in zeros and kind in (b"", b"n") and value is not None:
            found.zeros[_row_and_column(place)] = zeros[attributes[b"s"]]
    return found


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - external entities are not resolved by ElementTree
    wanted = next(
        element.get(relation) for element in book.iter() if element.tag.endswith("}sheet") and element.get("name") == sheet
    )
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = next(element.get("Target", "") for element in relations if element.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _zero_styles(archive: zipfile.ZipFile) -> dict[bytes, int]:
    """Styles whose number format is zeros alone (00000), with how many there are."""
    try:
        styles = ET.fromstring(archive.read("xl/styles.xml"))  # noqa: S314
    except KeyError:
        return {}
    formats = {
        element.get("numFmtId"): element.get("formatCode", "")
        for element in styles.iter()
        if element.tag.endswith("}numFmt")
    }
    found: dict[bytes, int] = {}
    cells: Iterable[ET.Element] = next((element for element in styles if element.tag.endswith("}cellXfs")), ())
    for place, element in enumerate(cells):
        code = re.sub(r"\\(.)|\"([^\"]*)\"", r"\1\2", formats.get(element.get("numFmtId"), "").split(";")[0])
        if re.fullmatch(r"0{2,}", code):
            found[str(place).encode()] = len(code)
    return found


def _row_and_column(place: str) -> tuple[int, int]:
    letters = re.match(r"[A-Z]+", place)
    if letters is None:
        raise ValueError(place)
    column = 0
    for letter in letters[0]:
        column = column * 26 + ord(letter) - 64
    return int(place[letters.end() :]), column - 1


def _of_ods(archive: zipfile.ZipFile, sheet: str) -> Markup:
    found = Markup()
    table, office = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}", "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    content = ET.fromstring(archive.read("content.xml"))  # noqa: S314
    for element in content.iter(f"{table}table"):
        if element.get(f"{table}name") != sheet:
            continue
        row_number = 0
        for row in element.iter(f"{table}table-row"):
            repeated = int(row.get(f"{table}number-rows-repeated", "1"))
            found.hidden_rows += repeated if row.get(f"{table}visibility") in ("collapse", "filter") else 0
            column = 0
            for cell in row:
                if not cell.tag.startswith(f"{table}"):
                    continue
                text = "".join(cell.itertext())
                if cell.get(f"{table}formula") and (
                    text.startswith(("#", "Err:")) or not (text or cell.get(f"{office}value"))
                ):
                    found.broken.append(f"row {row_number + 1} column {column + 1} ({text or 'a formula without a value'})")
                elif cell.get(f"{office}value-type") == "float" and re.fullmatch(r"0[0-9]+", text):
                    found.zeros[(row_number + 1, column)] = len(text)
                column += int(cell.get(f"{table}number-columns-repeated", "1"))
            row_number += repeated
    return found
