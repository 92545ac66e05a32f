"""Rates from a client's own history, and a score of how right they were.

Where to look:

* files to sightings: `reading.py`, `names.py`; sightings to spells, and what is odd in them: `spells.py`; spells to people
  at risk and exits by cell: `exposure.py`, `experience.py`;
* year-ends beside exits: `year_ends.py`, `movement.py` (growth, hires, pay), `promotions.py`, `saving.py`;
* the fit: `design.py`, `terms.py`, `penalized.py` (the engine), `surface.py` (one cause), `jumps.py`, `hazards.py` (all
  causes), `prior.py`, `published.py` (tables of the Society of Actuaries as priors);
* what comes out: `bands.py`, `study_section.py` (YAML), `cell_table.py` (every cell with its interval), `time_breaks.py`;
* how right it was: `scores.py`, `rivals.py`, `backtest.py`, `measures.py` (beside exits), `backtest_text.py`.

This room needs numpy and scipy (the extra `evidence`); nothing below it imports it. This file imports nothing.
"""
