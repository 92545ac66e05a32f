"""A stranger's census made ready for a study.

Belongs here: reading a file as it is, what its columns mean, what its values are. Does not: questions to a person
(commands/init.py), what a valid row is (dbt_project, model stg_census_rejects). Nothing is imported here.

Where to look:

* a file as it is: `reading/`;
* which column is what: `synonyms.py` (the names of each), `names.py` (comparing them), `mapping.py` (what decides);
* what a value means: `values/`;
* lines to people: `people.py` (employments, the service of rehired people, by which they vest; who is left out), `pay.py`,
  `assembly.py`;
* all of it in order: `census.py`; what is told of it: `judge.py`, `totals.py`, `template.py`; the study that follows:
  `study_text.py`, `plan_words.py`, `years.py`, `groups.py`.
"""
