"""Which of all settings a figure depends on at all, before anybody asks how much each is worth.

Belongs here: the design and its effects (morris.py, which knows nothing of studies), the settings of a scenario and their
trials (screen.py). Does not: lows and highs with a source (sensitivity/), values that meet a figure (calibration/, whose
trials are used).
"""
