"""One reader for every census file: CSV and text of any dialect, workbooks, Parquet. All of it as text, nothing judged.

Belongs here: opening a file, finding its rows, saying where each stands and what was recognised. Does not: what a column
means (intake/names.py), what a value means (intake/values/), whether a row is valid (the staging models). Start at
`file.py`.
"""
