"""Tables of the report, and names as people write them.

Belongs here: the one HTML table. Does not: what stands in it (page.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def words(name: str) -> str:
    """A name of the study as words: `richer_match` is "Richer match"."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def cut(text: str, length: int) -> str:
    """A text for a place that holds so many characters; what is left out is shown by three dots."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def html_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, text: int = 1) -> str:
    """A table that scrolls by itself where the page is narrow, keyboard included.

    Args:
        caption: HTML.
        heads: Texts of the columns.
        rows: HTML of the cells; a first cell that is not empty begins a group.
        text: How many columns, from the first on, hold text.
    """
    head = "".join(f'<th scope="col"{_kind(place, text)}>{escape(name)}</th>' for place, name in enumerate(heads))
    body = []
    for row in rows:
        first = f'<th scope="row" class="text">{row[0]}</th>' if row[0] else '<td class="text"></td>'
        cells = "".join(f"<td{_kind(place, text)}>{cell}</td>" for place, cell in enumerate(row[1:], start=1))
        body.append(f"<tr{' class=first' * bool(row[0])}>{first}{cells}</tr>")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _kind(place: int, text: int) -> str:
    if place >= text:
        return ""
    return ' class="text"' if place == 0 else ' class="text wide"'
