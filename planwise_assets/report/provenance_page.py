"""The provenance sheet as HTML: one file that loads nothing, in the looks of the report.

Belongs here: the page. Does not: what it says (results/provenance_sheet.py).
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from planwise_assets.report.tables import html_table
from planwise_assets.results.provenance_sheet import MEANING, SIGNATURES, SIGNERS, ProvenanceSheet

_STYLE = Path(__file__).with_name("report.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def provenance_page(sheet: ProvenanceSheet) -> str:
    """The whole file."""
    title = f"Provenance: {escape(sheet.made.title)}"
    look = "yes" if sheet.state == "verified" else "no"
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in sheet.reasons)
    why = f'<div class="{"stale" if sheet.state == "unverifiable" else "know"}"><ul>{reasons}</ul></div>' if reasons else ""
    tables = "".join(
        html_table(escape(name), heads, [[escape(cell) for cell in row] for row in rows], text=len(heads))
        for name, heads, rows in sheet.tables()
    )
    signed = html_table("Signatures", ["", "name", "date", "signature"], [[who, "", "", ""] for who in SIGNATURES], text=4)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{title}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>\n"
        f'<body><div class="page"><header><p class="kicker">{sheet.made_on.isoformat()}</p><h1>{title}</h1>'
        f'<p class="question"><span class="{look}">{sheet.state.capitalize()}.</span> {escape(MEANING[sheet.state])} '
        f"It may be signed {escape(SIGNERS[sheet.state].replace('`', ''))}</p></header><main>{why}{tables}{signed}</main>"
        "</div></body></html>\n"
    )
