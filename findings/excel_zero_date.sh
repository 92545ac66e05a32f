#!/usr/bin/env bash
# A payroll system writes "no date" as a cell of 0 with a date format. Readers disagree on what that is: a time, or a day in 1899.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile xlsxwriter==3.3.1 openpyxl==3.1.5 python-calamine==0.9.1 polars==2.1.0 fastexcel==0.21.0
env/bin/python - <<'PY'
import datetime as dt
import sys
import openpyxl, polars, python_calamine, xlsxwriter

book = xlsxwriter.Workbook("people.xlsx")
sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
sheet.write_row(0, 0, ["id", "left"])
for row, serial in enumerate((0, 45000), 1):
    sheet.write_number(row, 0, row)
    sheet.write_number(row, 1, serial, day)
book.close()

by_openpyxl = [row[1].value for row in openpyxl.load_workbook("people.xlsx").active.iter_rows(min_row=2)]
by_calamine = [row[1] for row in python_calamine.CalamineWorkbook.from_path("people.xlsx").get_sheet_by_index(0).to_python()[1:]]
by_polars = polars.read_excel("people.xlsx")["left"].to_list()
print("openpyxl 3.1.5, python-calamine 0.9.1, polars 2.1.0 with fastexcel 0.21.0")
print("a date cell of 0, and one of 45000 (15 March 2023):")
print("  openpyxl", by_openpyxl)
print("  calamine", by_calamine)
print("  polars  ", by_polars)
print("One column holds a time and a date in two readers; in the third everybody without a date left on 31 December 1899.")
expected = (
    by_openpyxl == [dt.time(0, 0), dt.datetime(2023, 3, 15)]
    and by_calamine == [dt.time(0, 0), dt.date(2023, 3, 15)]
    and by_polars == [dt.date(1899, 12, 31), dt.date(2023, 3, 15)]
)
sys.exit(0 if expected else "This has changed.")
PY
