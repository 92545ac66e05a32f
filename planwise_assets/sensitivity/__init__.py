"""What the cost depends on: each assumption at a low and a high value, as worlds of one study, with the same luck.

Belongs here: the list of assumptions with their sources, the study that it makes of a scenario, and the swings. Does not:
running that study (commands/sensitivity.py), drawing (report/tornado.py). Nothing is imported here.
"""
