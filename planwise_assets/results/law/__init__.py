"""Tests that the law asks of a plan as a whole, worked out from the published tables when somebody asks.

Belongs here: coverage, top-heavy, the general test, the otherwise excludable apart, and what corrections of a failed ADP or
ACP test cost. Nothing is stored of them. Does not: the rules themselves (study/law/), ADP, ACP and 415(c) as they are
published (results/compliance.py), how all of it is shown. Nothing is imported here.

What a test must know of people and the published tables do not say (who is an officer, in a union, left out by the plan's
terms) is read from the census of then, by intake/law_facts.py; where that is not there, each answer says so.
"""
