"""A study file as it is read: text, places, inheritance, errors with a line; and what is told of it.

Belongs here: reading, explaining, the reference page. Does not: what a setting means (sections/, plan/), rules (rules.py).
Nothing is imported here.
"""
